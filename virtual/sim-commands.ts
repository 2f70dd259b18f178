// The SIM commands of 3GPP TS 27.007 in front of a virtual card: +CPIN (8.3), +CSIM (8.17), +CRSM (8.18), +CGLA, +CCHO
// and +CCHC (8.43, 8.45, 8.46), the ICCID, and SIMCom's +CSIMSLEEP. The command line around them is the modem's.
//
//   +CSIM=<digits>,<command>                   +CSIM: <digits>,<answer>
//   +CCHO=<AID>                                +CCHO: <session> | <session>
//   +CGLA=<session>,<digits>,<command>         +CGLA: <digits>,<answer>      the modem puts the channel into CLA
//   +CRSM=<n>,<file>,<P1>,<P2>,<P3>,<data>,<path>   +CRSM: <SW1>,<SW2>[,<answer>]      decimals
import { copyBytes, fromHex, joinBytes, toHex } from "./bytes.js";
import type { VirtualCard } from "./card.js";
import {
	CME_INCORRECT_PARAMETERS,
	CME_INCORRECT_PASSWORD,
	CME_MEMORY_FULL,
	CME_NOT_ALLOWED,
	CME_NOT_FOUND,
	CME_SIM_BUSY,
	CME_SIM_FAILURE,
	CME_SIM_NOT_INSERTED,
	CME_SIM_PIN_REQUIRED,
	CME_SIM_PUK_REQUIRED,
} from "./cme.js";
import type { ModemOptions } from "./modem-options.js";

/** What a command came to; 0 and above is the code of a +CME ERROR. */
export const RESULT_OK = -1;
export const RESULT_ERROR = -2;
export const RESULT_UNKNOWN = -3;

/** The four forms of an extended command (V.250 clause 5.4). */
export const FORM_ACTION = 0;
export const FORM_READ = 1;
export const FORM_SET = 2;
export const FORM_TEST = 3;

const PIN1 = 0x01;
/** CLA INS P1 P2, and with Lc, 255 bytes and Le. */
const SHORTEST_APDU_BYTES = 4;
const LONGEST_APDU_BYTES = 261;
/** GET RESPONSE that the modem sends for one command before it gives up. */
const MOST_FETCHES = 16;
const HANDLE_PREFIX = "00000000038aa3";

class Session {
	id: string;
	channel: number;

	constructor(id: string, channel: number) {
		this.id = id;
		this.channel = channel;
	}
}

/** Decimal digits -> number; anything else -> -1. */
export function parseDecimal(text: string): number {
	if (text.length === 0 || text.length > 6) return -1;
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (c < 0x30 || c > 0x39) return -1;
	}
	return parseInt(text, 10);
}

/** Text without the quotes around it. */
function unquoted(text: string): string {
	const n = text.length;
	if (n >= 2 && text.charAt(0) === '"' && text.charAt(n - 1) === '"') return text.substring(1, n - 1);
	return text;
}

function isQuoted(text: string): boolean {
	return text.length >= 2 && text.charAt(0) === '"' && text.charAt(text.length - 1) === '"';
}

function isHex(text: string, upperCaseOnly: boolean): boolean {
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		const digit = c >= 0x30 && c <= 0x39;
		const upper = c >= 0x41 && c <= 0x46;
		const lower = c >= 0x61 && c <= 0x66;
		if (!digit && !upper && !(lower && !upperCaseOnly)) return false;
	}
	return true;
}

/** SW1 SW2 of an answer. */
function swOf(answer: Uint8Array): number {
	const n = answer.length;
	return (answer[n - 2] << 8) | answer[n - 1];
}

/** CLA of an ISO command on that channel. */
function classOn(channel: number): number {
	return channel < 4 ? channel : 0x40 | (channel - 4);
}

export class SimCommands {
	card: VirtualCard | null;
	/** Information lines of the command at hand. */
	info: string[];
	/** Card commands that it took. */
	exchanges: number;
	/** AT+CSIMSLEEP is on. */
	asleep: boolean;
	/** +CFUN. */
	functionality: number;

	private options: ModemOptions;
	private sessions: Session[];
	private busyCommandsLeft: number;
	private readyAt: number;
	/** The command APDU of the last readApdu. */
	private apdu: Uint8Array;

	constructor(card: VirtualCard | null, options: ModemOptions) {
		this.card = card;
		this.options = options;
		this.info = [];
		this.exchanges = 0;
		this.asleep = false;
		this.functionality = 1;
		this.sessions = [];
		this.busyCommandsLeft = 0;
		this.readyAt = 0;
		this.apdu = new Uint8Array(0);
	}

	/** As after power-on. */
	powerOn(now: number): void {
		this.asleep = this.options.csimSleep === true;
		this.functionality = this.options.cfun !== undefined ? this.options.cfun : 1;
		this.sessions = [];
		this.busyCommandsLeft = this.options.simBusyCommands || 0;
		this.settle(now);
	}

	/** The card has been started, changed or unlocked: it is busy for a while. */
	settle(now: number): void {
		this.readyAt = (now + (this.options.simBusyMs || 0)) | 0;
	}

	setCard(card: VirtualCard | null, now: number): void {
		this.card = card;
		this.sessions = [];
		this.settle(now);
	}

	setFunctionality(level: number, now: number): void {
		if (this.options.simNeedsFullFunction === true && level !== this.functionality) {
			this.sessions = [];
			if (this.card !== null) this.card.reset();
			this.settle(now);
		}
		this.functionality = level;
	}

	/** RESULT_OK, an error, or RESULT_UNKNOWN when the command is none of these. */
	run(name: string, form: number, args: string[], now: number): number {
		switch (name) {
			case "+CPIN":
				return this.pin(form, args, now);
			case "+CSIM":
				if (this.options.csim === false) return RESULT_UNKNOWN;
				return this.csim(form, args, now);
			case "+CCHO":
				if (this.options.ccho !== true) return RESULT_UNKNOWN;
				return this.openSession(form, args, now);
			case "+CCHC":
				if (this.options.ccho !== true || this.options.cchcMissing === true) return RESULT_UNKNOWN;
				return this.closeSession(form, args, now);
			case "+CGLA":
				if (this.options.ccho !== true) return RESULT_UNKNOWN;
				return this.cgla(form, args, now);
			case "+CRSM":
				if (this.options.crsm !== true) return RESULT_UNKNOWN;
				return this.crsm(form, args, now);
			case "+CCID":
			case "+ICCID":
			case "+QCCID":
				return this.iccid(name, form, now);
			case "+CSIMSLEEP":
				if (this.options.csimSleep !== true) return RESULT_UNKNOWN;
				if (form !== FORM_SET || args.length !== 1) return CME_INCORRECT_PARAMETERS;
				this.asleep = args[0] === "1";
				return RESULT_OK;
			default:
				return RESULT_UNKNOWN;
		}
	}

	/** May a command reach the card now? RESULT_OK, or the +CME code that says why not. */
	private gate(pinNeeded: boolean, now: number): number {
		const card = this.card;
		if (card === null) return CME_SIM_NOT_INSERTED;
		if (this.options.simCme) return this.options.simCme;
		if (this.options.simNeedsFullFunction === true && this.functionality !== 1) {
			return this.options.simOffCme !== undefined ? this.options.simOffCme : CME_SIM_FAILURE;
		}
		if (this.busyCommandsLeft > 0) {
			this.busyCommandsLeft--;
			return CME_SIM_BUSY;
		}
		if (((this.readyAt - now) | 0) > 0) return CME_SIM_BUSY;
		if (pinNeeded && this.options.simBeforePin !== true && card.pinWanted(PIN1)) {
			return card.pinTries(PIN1) === 0 ? CME_SIM_PUK_REQUIRED : CME_SIM_PIN_REQUIRED;
		}
		return RESULT_OK;
	}

	private pin(form: number, args: string[], now: number): number {
		if (form === FORM_TEST) return RESULT_OK;
		if (form === FORM_ACTION) return RESULT_ERROR;
		const closed = this.gate(false, now);
		const card = this.card;
		if (closed !== RESULT_OK || card === null) return closed;
		const wanted = card.pinWanted(PIN1);
		const blocked = card.pinTries(PIN1) === 0;
		if (form === FORM_READ) {
			if (!wanted || this.options.pinReady === true) this.info.push("+CPIN: READY");
			else this.info.push(blocked ? "+CPIN: SIM PUK" : "+CPIN: SIM PIN");
			return RESULT_OK;
		}
		if (!wanted) return CME_NOT_ALLOWED;
		if (blocked) return args.length === 2 ? CME_INCORRECT_PASSWORD : CME_SIM_PUK_REQUIRED;
		if (args.length !== 1) return CME_INCORRECT_PARAMETERS;
		const value = unquoted(args[0]);
		if (value.length < 4 || value.length > 8 || !isHex(value, true)) return CME_INCORRECT_PARAMETERS;
		if (card.verifyByModem(PIN1, value)) {
			this.settle(now);
			return RESULT_OK;
		}
		return card.pinTries(PIN1) === 0 ? CME_SIM_PUK_REQUIRED : CME_INCORRECT_PASSWORD;
	}

	private iccid(name: string, form: number, now: number): number {
		if (form === FORM_TEST) return RESULT_OK;
		if (form === FORM_SET) return CME_INCORRECT_PARAMETERS;
		const closed = this.gate(false, now);
		if (closed !== RESULT_OK || this.card === null) return closed;
		this.info.push(`${name}: ${this.card.profile.iccid}`);
		return RESULT_OK;
	}

	// Exchange with the card.

	private send(apdu: Uint8Array): Uint8Array {
		this.exchanges++;
		return (this.card as VirtualCard).transmit(apdu);
	}

	/** One command, with the modem's own GET RESPONSE and right length when `follows`. */
	private exchange(apdu: Uint8Array, follows: boolean): Uint8Array {
		let answer = this.send(apdu);
		if (!follows) return answer;
		if (answer.length === 2 && answer[0] === 0x6c && apdu.length === 5) {
			const again = copyBytes(apdu, 0, 5);
			again[4] = answer[1];
			answer = this.send(again);
		}
		let data = copyBytes(answer, 0, answer.length - 2);
		const cla = (apdu[0] & 0x40) !== 0 ? 0x40 | (apdu[0] & 0x0f) : apdu[0] & 0x03;
		for (let i = 0; i < MOST_FETCHES && swOf(answer) >> 8 === 0x61; i++) {
			answer = this.send(new Uint8Array([cla, 0xc0, 0x00, 0x00, answer[answer.length - 1]]));
			data = joinBytes([data, copyBytes(answer, 0, answer.length - 2)]);
		}
		return joinBytes([data, copyBytes(answer, answer.length - 2, answer.length)]);
	}

	/** After each command the modem may turn to channel 0 for itself. */
	private afterExchange(): void {
		if (this.options.disturbsBasicChannel === true && this.card !== null) this.card.disturbBasicChannel();
	}

	/** <length>,<command> -> this.apdu; RESULT_OK or an error. */
	private readApdu(length: string, command: string): number {
		const wrong = this.options.parameterCme !== undefined ? this.options.parameterCme : CME_INCORRECT_PARAMETERS;
		const quotes = this.options.commandQuotes || "optional";
		if (quotes === "required" && !isQuoted(command)) return wrong;
		if (quotes === "refused" && isQuoted(command)) return wrong;
		const digits = unquoted(command);
		if (parseDecimal(length) !== digits.length || digits.length % 2 !== 0) return wrong;
		if (digits.length < 2 * SHORTEST_APDU_BYTES || digits.length > 2 * LONGEST_APDU_BYTES) return wrong;
		if (digits.length < (this.options.minDigits || 0)) return wrong;
		if (!isHex(digits, this.options.upperCaseOnly === true)) return wrong;
		const apdu = fromHex(digits);
		if (this.options.refusesLeAfterData === true && apdu.length > 5 && apdu[4] !== apdu.length - 5) return wrong;
		this.apdu = apdu;
		return RESULT_OK;
	}

	private refused(apdu: Uint8Array): boolean {
		const list = this.options.refusedInstructions || [];
		for (let i = 0; i < list.length; i++) if (list[i] === apdu[1]) return true;
		return false;
	}

	private refusal(): number {
		return this.options.refusedCme !== undefined ? this.options.refusedCme : CME_NOT_ALLOWED;
	}

	/** "+CSIM: 4,"9000"" in the manner of this modem. */
	private answerLine(name: string, answer: Uint8Array): void {
		const digits = this.digits(answer);
		const quote = this.options.answerQuotes === false ? "" : '"';
		this.info.push(`${this.header(name)}${2 * answer.length},${quote}${digits}${quote}`);
	}

	private header(name: string): string {
		if (this.options.answerOnNextLine === true) return `${name}:\r\n`;
		return this.options.answerSpace === false ? `${name}:` : `${name}: `;
	}

	private digits(bytes: Uint8Array): string {
		const text = toHex(bytes);
		return this.options.answerLowerCase === true ? text.toLowerCase() : text;
	}

	// +CSIM.

	private csim(form: number, args: string[], now: number): number {
		if (form === FORM_TEST) {
			if (this.options.csimTest !== undefined) this.info.push(`+CSIM: ${this.options.csimTest}`);
			return RESULT_OK;
		}
		if (form !== FORM_SET) return RESULT_ERROR;
		if (args.length !== 2) return CME_INCORRECT_PARAMETERS;
		const wrong = this.readApdu(args[0], args[1]);
		if (wrong !== RESULT_OK) return wrong;
		if (this.asleep) return CME_NOT_ALLOWED;
		const closed = this.gate(true, now);
		if (closed !== RESULT_OK) return closed;
		const apdu = this.apdu;
		const basic = (apdu[0] & 0x40) === 0 && (apdu[0] & 0x03) === 0;
		if (this.refused(apdu) || (this.options.basicChannelOnly === true && !basic)) return this.refusal();
		this.answerLine("+CSIM", this.exchange(apdu, this.options.fetchesItself === true));
		this.afterExchange();
		return RESULT_OK;
	}

	// +CCHO, +CCHC, +CGLA.

	private openSession(form: number, args: string[], now: number): number {
		if (form === FORM_TEST) return RESULT_OK;
		if (form !== FORM_SET || args.length !== 1) return CME_INCORRECT_PARAMETERS;
		const digits = unquoted(args[0]);
		if (!isQuoted(args[0]) || digits.length < 10 || digits.length > 32 || digits.length % 2 !== 0) {
			return CME_INCORRECT_PARAMETERS;
		}
		if (!isHex(digits, false)) return CME_INCORRECT_PARAMETERS;
		const closed = this.gate(true, now);
		if (closed !== RESULT_OK) return closed;
		const opened = this.send(new Uint8Array([0x00, 0x70, 0x00, 0x00, 0x01]));
		if (opened.length !== 3) return CME_MEMORY_FULL;
		const channel = opened[0];
		const aid = fromHex(digits);
		const head = new Uint8Array([classOn(channel), 0xa4, 0x04, 0x0c, aid.length]);
		let sw = swOf(this.send(joinBytes([head, aid])));
		if (sw === 0x6a86) {
			head[3] = 0x04;
			sw = swOf(this.send(joinBytes([head, aid])));
		}
		const sw1 = sw >> 8;
		if (sw1 !== 0x90 && sw1 !== 0x91 && sw1 !== 0x61 && sw1 !== 0x62) {
			this.send(new Uint8Array([0x00, 0x70, 0x80, channel]));
			this.afterExchange();
			return CME_NOT_FOUND;
		}
		let id = `${channel}`;
		if (this.options.sessionForm === "handle")
			id = HANDLE_PREFIX + toHex(new Uint8Array([0x20 + channel])).toLowerCase();
		this.sessions.push(new Session(id, channel));
		this.info.push(this.options.sessionBare === true ? id : this.header("+CCHO") + id);
		this.afterExchange();
		return RESULT_OK;
	}

	/** The place of a session in the list; -1 = there is none of that name. */
	private findSession(text: string): number {
		const id = unquoted(text);
		for (let i = 0; i < this.sessions.length; i++) if (this.sessions[i].id === id) return i;
		return -1;
	}

	private closeSession(form: number, args: string[], now: number): number {
		if (form === FORM_TEST) return RESULT_OK;
		if (form !== FORM_SET || args.length !== 1) return CME_INCORRECT_PARAMETERS;
		const closed = this.gate(true, now);
		if (closed !== RESULT_OK) return closed;
		const at = this.findSession(args[0]);
		if (at < 0) return CME_INCORRECT_PARAMETERS;
		this.send(new Uint8Array([0x00, 0x70, 0x80, this.sessions[at].channel]));
		this.sessions.splice(at, 1);
		this.afterExchange();
		return RESULT_OK;
	}

	private cgla(form: number, args: string[], now: number): number {
		if (form === FORM_TEST) return RESULT_OK;
		if (form !== FORM_SET || args.length !== 3) return CME_INCORRECT_PARAMETERS;
		const wrong = this.readApdu(args[1], args[2]);
		if (wrong !== RESULT_OK) return wrong;
		const closed = this.gate(true, now);
		if (closed !== RESULT_OK) return closed;
		const at = this.findSession(args[0]);
		if (at < 0) return CME_INCORRECT_PARAMETERS;
		const apdu = this.apdu;
		const ins = apdu[1];
		// The session is the modem's: no channels, no other application.
		if (this.refused(apdu) || ins === 0x70 || (ins === 0xa4 && apdu[2] === 0x04)) return this.refusal();
		const channel = this.sessions[at].channel;
		const cla = apdu[0];
		if (channel < 4) {
			apdu[0] = (cla & 0x8c) | channel;
		} else {
			apdu[0] = (cla & 0x80) | 0x40 | ((cla & 0x0c) !== 0 ? 0x20 : 0) | (channel - 4);
		}
		this.answerLine("+CGLA", this.exchange(apdu, this.options.fetchesItself === true));
		this.afterExchange();
		return RESULT_OK;
	}

	// +CRSM.

	/** SELECT on channel 0, of a file given by the bytes of `data`; the answer of the card. */
	private selectBasic(p1: number, fcp: boolean, data: Uint8Array): Uint8Array {
		const head = new Uint8Array([0x00, 0xa4, p1, fcp ? 0x04 : 0x0c, data.length]);
		let answer = this.exchange(joinBytes([head, data]), true);
		if (!fcp && swOf(answer) === 0x6a86) {
			head[3] = 0x04;
			answer = this.exchange(joinBytes([head, data]), true);
		}
		return answer;
	}

	/** The modem finds the file: by its path, or under the MF, or in the USIM. */
	private selectFile(fid: Uint8Array, path: Uint8Array, fcp: boolean): Uint8Array {
		if (path.length > 0) return this.selectBasic(0x08, fcp, joinBytes([path, fid]));
		this.selectBasic(0x00, false, new Uint8Array([0x3f, 0x00]));
		const underMf = this.selectBasic(0x00, fcp, fid);
		if (swOf(underMf) !== 0x6a82) return underMf;
		this.selectBasic(0x04, false, new Uint8Array([0xa0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02]));
		const card = this.card as VirtualCard;
		if (card.basicSelects > 0) card.basicSelects--;
		return this.selectBasic(0x00, fcp, fid);
	}

	private crsm(form: number, args: string[], now: number): number {
		if (form === FORM_TEST) return RESULT_OK;
		if (form !== FORM_SET || args.length < 1) return CME_INCORRECT_PARAMETERS;
		const numbers: number[] = [];
		for (let i = 0; i < 5; i++) {
			const given = i < args.length && args[i].length > 0;
			const value = given ? parseDecimal(args[i]) : 0;
			if (value < 0 || value > (i === 1 ? 0xffff : 0xff)) return CME_INCORRECT_PARAMETERS;
			numbers.push(value);
		}
		const data = args.length > 5 ? unquoted(args[5]) : "";
		let pathDigits = args.length > 6 ? unquoted(args[6]) : "";
		if (data.length % 2 !== 0 || pathDigits.length % 4 !== 0) return CME_INCORRECT_PARAMETERS;
		if (!isHex(data, false) || !isHex(pathDigits, false)) return CME_INCORRECT_PARAMETERS;
		if (this.asleep) return CME_NOT_ALLOWED;
		const closed = this.gate(true, now);
		if (closed !== RESULT_OK) return closed;
		if (this.options.crsmPathFromMf === true && pathDigits.substring(0, 4).toUpperCase() === "3F00") {
			pathDigits = pathDigits.substring(4);
		}
		const command = numbers[0];
		const fid = new Uint8Array([numbers[1] >> 8, numbers[1] & 0xff]);
		const p3 = numbers[4];
		let ins = 0;
		switch (command) {
			case 176:
			case 178:
			case 192:
			case 214:
			case 220:
			case 242:
				ins = command;
				break;
			default:
				return CME_INCORRECT_PARAMETERS;
		}
		let answer: Uint8Array;
		if (ins === 242) {
			answer = this.exchange(new Uint8Array([0x80, 0xf2, numbers[2], numbers[3], p3]), true);
		} else {
			answer = this.selectFile(fid, fromHex(pathDigits), ins === 192);
			const sw1 = swOf(answer) >> 8;
			if (ins !== 192 && (sw1 === 0x90 || sw1 === 0x91 || sw1 === 0x62)) {
				const head = new Uint8Array([0x00, ins, numbers[2], numbers[3], p3]);
				const whole = ins === 176 || ins === 178 ? head : joinBytes([head, fromHex(data)]);
				answer = this.send(whole);
				if (swOf(answer) >> 8 === 0x6c) {
					if (this.options.crsmWrongLength6700 === true) {
						answer = new Uint8Array([0x67, 0x00]);
					} else if (this.options.fetchesItself === true) {
						head[4] = answer[1];
						answer = this.send(head);
					}
				}
				if (swOf(answer) >> 8 === 0x61) {
					answer = this.send(new Uint8Array([0x00, 0xc0, 0x00, 0x00, answer[answer.length - 1]]));
				}
			}
		}
		const n = answer.length - 2;
		let line = `${this.header("+CRSM")}${answer[n]},${answer[n + 1]}`;
		const quote = this.options.crsmQuotes === false ? "" : '"';
		if (n > 0) line += `,${quote}${this.digits(copyBytes(answer, 0, n))}${quote}`;
		else if (this.options.crsmEmptyQuotes === true) line += ',""';
		this.info.push(line);
		this.afterExchange();
		return RESULT_OK;
	}
}
