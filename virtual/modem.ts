// A cellular modem in software: the command line of ITU-T V.250 (clauses 5 and 6), the general commands of 3GPP TS
// 27.007 and, in sim-commands, those that reach the card. It has no clock: every call carries the virtual time in ms,
// compared as (a - b) | 0.
//
//   host     AT <body> CR                     body = basic commands one after the other, extended ones parted by ";"
//   modem    [echo]  CR LF text CR LF  CR LF result CR LF        V1
//            [echo]  text CR LF        digit CR                  V0
import type { VirtualCard } from "./card.js";
import { CME_INCORRECT_PARAMETERS, CME_NOT_SUPPORTED, cmeText } from "./cme.js";
import type { ModemOptions, UnrelatedLine } from "./modem-options.js";
import { ByteQueue } from "./queue.js";
import {
	FORM_ACTION,
	FORM_READ,
	FORM_SET,
	FORM_TEST,
	parseDecimal,
	RESULT_ERROR,
	RESULT_OK,
	RESULT_UNKNOWN,
	SimCommands,
} from "./sim-commands.js";

const BACKSPACE = 8;
const LF = 10;
const CR = 13;
const DEFAULT_LINE_CHARS = 559;
const DEFAULT_RESTART_MS = 1000;

/** How much of "AT" has been seen. */
const SEEN_NOTHING = 0;
const SEEN_A = 1;
const SEEN_AT = 2;

/** What advance() does next. */
const EVENT_NONE = 0;
const EVENT_UP = 1;
const EVENT_LINE = 2;
const EVENT_INPUT = 3;

/** Spaces count only between quotes (V.250 clause 5.2.2). */
function withoutSpaces(body: string): string {
	let text = "";
	let quoted = false;
	for (let i = 0; i < body.length; i++) {
		const c = body.charAt(i);
		if (c === '"') quoted = !quoted;
		if (c !== " " || quoted) text += c;
	}
	return text;
}

/** Splits at `mark` where it does not stand between quotes. */
function splitAt(text: string, mark: string): string[] {
	const parts: string[] = [];
	let quoted = false;
	let start = 0;
	for (let i = 0; i < text.length; i++) {
		const c = text.charAt(i);
		if (c === '"') quoted = !quoted;
		if (c === mark && !quoted) {
			parts.push(text.substring(start, i));
			start = i + 1;
		}
	}
	parts.push(text.substring(start));
	return parts;
}

function isDigit(text: string, at: number): boolean {
	const c = text.charCodeAt(at);
	return c >= 0x30 && c <= 0x39;
}

function isLetter(text: string, at: number): boolean {
	const c = text.charCodeAt(at) | 0x20;
	return c >= 0x61 && c <= 0x7a;
}

export class VirtualModem {
	options: ModemOptions;
	/** The card that is in; null = none. Changed by setCard. */
	card: VirtualCard | null;
	/** Command lines carried out. */
	commands: number;
	restarts: number;
	/** It says nothing any more. */
	dead: boolean;
	/** The command lines without AT, when options.record. */
	history: string[];
	echo: boolean;
	verbose: boolean;
	cmee: number;

	private sim: SimCommands;
	private input: ByteQueue;
	private output: ByteQueue;
	private quiet: boolean;
	private seen: number;
	private body: string;
	private tooLong: boolean;
	private busyUntil: number;
	private down: boolean;
	private upAt: number;
	private upLines: string[];
	/** Lines of options.unrelated with a time of their own that have been said. */
	private saidLines: boolean[];
	private restartWanted: boolean;

	constructor(card: VirtualCard | null, options: ModemOptions) {
		const start = options.startMs || 0;
		this.options = options;
		this.card = card;
		this.commands = 0;
		this.restarts = 0;
		this.dead = options.diesAt === 0;
		this.history = [];
		this.echo = true;
		this.verbose = true;
		this.cmee = 0;
		this.sim = new SimCommands(card, options);
		this.input = new ByteQueue(options.baud || 0);
		this.output = new ByteQueue(options.baud || 0);
		this.quiet = false;
		this.seen = SEEN_NOTHING;
		this.body = "";
		this.tooLong = false;
		this.busyUntil = start;
		this.down = false;
		this.upAt = start;
		this.upLines = [];
		this.saidLines = [];
		this.restartWanted = false;
		const lines = options.unrelated || [];
		for (let i = 0; i < lines.length; i++) this.saidLines.push(lines[i].atMs === undefined);
		this.powerOn(start, options.bootMs || 0, options.bootLines || []);
	}

	private defaults(): void {
		this.echo = this.options.echo !== false;
		this.verbose = this.options.verbose !== false;
		this.cmee = this.options.cmee || 0;
		this.quiet = false;
	}

	private powerOn(now: number, bootMs: number, lines: string[]): void {
		this.defaults();
		this.input.clear();
		this.output.clear();
		this.seen = SEEN_NOTHING;
		this.body = "";
		this.tooLong = false;
		this.busyUntil = now;
		this.down = true;
		this.upAt = (now + bootMs) | 0;
		this.upLines = lines;
		this.sim.powerOn(this.upAt);
	}

	/** The modem restarts, as after a brown-out: all state and what was still to be said are lost, the card is reset. */
	restart(now: number): void {
		this.restarts++;
		if (this.card !== null) this.card.reset();
		const ms = this.options.restartMs !== undefined ? this.options.restartMs : DEFAULT_RESTART_MS;
		this.powerOn(now, ms, this.options.restartLines || ["RDY"]);
	}

	/** Takes the card out (null) or puts one in. */
	setCard(card: VirtualCard | null, now: number): void {
		this.advance(now);
		if (card !== null) card.reset();
		this.card = card;
		this.sim.setCard(card, now);
		if (this.options.simLines === true) this.sayLine(card === null ? "+CPIN: NOT READY" : "+CPIN: READY", now);
	}

	/** Bytes [from, to) arrive from the host. */
	receive(bytes: Uint8Array, from: number, to: number, now: number): void {
		this.advance(now);
		for (let i = from; i < to; i++) this.input.push(bytes[i], now);
		this.advance(now);
	}

	/** Puts output that is due into out[from, to) and returns the number of bytes. */
	read(out: Uint8Array, from: number, to: number, now: number): number {
		this.advance(now);
		const most = this.options.chunkBytes;
		const end = most !== undefined && to - from > most ? from + most : to;
		return this.output.take(out, from, end, now);
	}

	/** When output or inner work is next due (may be past); -1 = nothing. */
	nextAt(now: number): number {
		let found = false;
		let at = now;
		const event = this.nextEvent();
		if (event !== EVENT_NONE) {
			found = true;
			at = this.eventAt(event);
		}
		if (!this.output.isEmpty()) {
			const due = this.output.dueAt(this.options.chunkBytes || 1);
			if (!found || ((due - at) | 0) < 0) at = due;
			found = true;
		}
		if (!found) return -1;
		// -1 means nothing; a time of -1 (the clock has wrapped) is said as 0.
		return at === -1 ? 0 : at;
	}

	// Events in the order of their times.

	private timedLine(): number {
		const lines = this.options.unrelated || [];
		let first = -1;
		for (let i = 0; i < lines.length; i++) {
			if (this.saidLines[i]) continue;
			if (first < 0 || (((lines[i].atMs || 0) - (lines[first].atMs || 0)) | 0) < 0) first = i;
		}
		return first;
	}

	private eventAt(event: number): number {
		if (event === EVENT_UP) return this.upAt;
		if (event === EVENT_LINE) return (this.options.unrelated as UnrelatedLine[])[this.timedLine()].atMs || 0;
		const due = this.input.dueAt(1);
		if (this.options.losesInputWhileBusy === true) return due;
		return ((this.busyUntil - due) | 0) > 0 ? this.busyUntil : due;
	}

	private nextEvent(): number {
		let best = EVENT_NONE;
		if (this.down) best = EVENT_UP;
		if (this.timedLine() >= 0 && (best === EVENT_NONE || this.isBefore(EVENT_LINE, best))) best = EVENT_LINE;
		if (!this.input.isEmpty() && (best === EVENT_NONE || this.isBefore(EVENT_INPUT, best))) best = EVENT_INPUT;
		return best;
	}

	private isBefore(a: number, b: number): boolean {
		return ((this.eventAt(a) - this.eventAt(b)) | 0) < 0;
	}

	private advance(now: number): void {
		for (;;) {
			const event = this.nextEvent();
			if (event === EVENT_NONE) return;
			const at = this.eventAt(event);
			if (((at - now) | 0) > 0) return;
			if (event === EVENT_UP) {
				this.down = false;
				for (let i = 0; i < this.upLines.length; i++) this.sayLine(this.upLines[i], at);
			} else if (event === EVENT_LINE) {
				const index = this.timedLine();
				this.saidLines[index] = true;
				if (!this.down) this.sayLine((this.options.unrelated as UnrelatedLine[])[index].text, at);
			} else {
				const busy = ((this.busyUntil - at) | 0) > 0;
				const byte = this.input.shift();
				if (!this.down && !busy && !this.dead) this.take(byte, at);
			}
		}
	}

	// Output.

	private say(text: string, at: number): void {
		if (this.dead) return;
		for (let i = 0; i < text.length; i++) this.output.push(text.charCodeAt(i), at);
	}

	/** Information text or an unrelated line. */
	private sayLine(text: string, at: number): void {
		this.say(this.verbose ? `\r\n${text}\r\n` : `${text}\r\n`, at);
	}

	private sayResult(result: number, at: number): void {
		if (this.quiet) return;
		if (result >= 0 && this.cmee > 0) {
			const text = `+CME ERROR: ${this.cmee === 2 ? cmeText(result) : `${result}`}`;
			this.say(this.verbose ? `\r\n${text}\r\n` : `${text}\r`, at);
		} else if (result === RESULT_OK) {
			this.say(this.verbose ? "\r\nOK\r\n" : "0\r", at);
		} else {
			this.say(this.verbose ? "\r\nERROR\r\n" : "4\r", at);
		}
	}

	private sayUnrelated(index: number, place: string, at: number): void {
		const lines = this.options.unrelated || [];
		for (let i = 0; i < lines.length; i++) {
			const line = lines[i];
			if (line.atMs !== undefined || (line.place || "before") !== place) continue;
			if (line.command === undefined || line.command === -1 || line.command === index) this.sayLine(line.text, at);
		}
	}

	// Input.

	private take(byte: number, at: number): void {
		if (this.options.garbles === true) {
			this.output.push(byte | 0x80, at);
			return;
		}
		if (this.echo) this.output.push(byte, at);
		const upper = byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
		if (this.seen === SEEN_NOTHING || (this.seen === SEEN_A && upper !== 0x54)) {
			this.seen = upper === 0x41 ? SEEN_A : SEEN_NOTHING;
		} else if (this.seen === SEEN_A) {
			this.seen = SEEN_AT;
			this.body = "";
			this.tooLong = false;
		} else if (byte === CR) {
			this.seen = SEEN_NOTHING;
			this.carryOut(at);
		} else if (byte === BACKSPACE) {
			this.body = this.body.substring(0, this.body.length - 1);
		} else if (byte >= 0x20 && byte !== LF) {
			const most = this.options.maxLineChars !== undefined ? this.options.maxLineChars : DEFAULT_LINE_CHARS;
			if (this.body.length >= most) this.tooLong = true;
			else this.body += String.fromCharCode(byte);
		}
	}

	/** A whole command line has come. */
	private carryOut(at: number): void {
		const index = this.commands++;
		if (this.options.record === true) this.history.push(this.body);
		const dies = this.options.diesAt;
		if (dies !== undefined && dies >= 0 && index >= dies) {
			this.dead = true;
			return;
		}
		if (this.options.restartAt === index) {
			this.restart(at);
			return;
		}
		this.sim.info = [];
		this.sim.exchanges = 0;
		this.restartWanted = false;
		const result = this.tooLong ? RESULT_ERROR : this.runLine(withoutSpaces(this.body), at);
		const ms = (this.options.commandMs || 0) + this.sim.exchanges * (this.options.latencyMs || 0);
		const done = (at + ms) | 0;
		this.busyUntil = done;
		this.sayUnrelated(index, "before", at);
		for (let i = 0; i < this.sim.info.length; i++) this.sayLine(this.sim.info[i], done);
		this.sayUnrelated(index, "between", done);
		this.sayResult(result, done);
		this.sayUnrelated(index, "after", done);
		if (this.restartWanted) {
			// +CFUN=1,1: the answer still goes out.
			const output = this.output;
			this.output = new ByteQueue(0);
			this.restart(done);
			this.output = output;
		}
	}

	/** Commands of one line, until one fails. */
	private runLine(body: string, now: number): number {
		let at = 0;
		while (at < body.length) {
			const c = body.charAt(at);
			if (c === ";") {
				at++;
				continue;
			}
			let result = RESULT_ERROR;
			if (isLetter(body, at) || c === "&") {
				const start = at;
				at = this.basicEnd(body, at);
				result = this.basic(body.substring(start, at).toUpperCase());
			} else {
				const text = splitAt(body.substring(at), ";")[0];
				at += text.length;
				result = this.extended(text, now);
			}
			if (result !== RESULT_OK) return result;
		}
		return RESULT_OK;
	}

	/** Where a basic command ends: letter (or & and letter) and digits; S with = or ?. */
	private basicEnd(body: string, start: number): number {
		let at = start + 1;
		if (body.charAt(start) === "&") at++;
		while (at < body.length && isDigit(body, at)) at++;
		const first = body.charAt(start);
		if (first === "S" || first === "s") {
			if (body.charAt(at) === "?") return at + 1;
			if (body.charAt(at) === "=") {
				at++;
				while (at < body.length && isDigit(body, at)) at++;
			}
		}
		return at;
	}

	private basic(text: string): number {
		const c = text.charAt(0);
		const rest = text.substring(c === "&" ? 2 : 1);
		const value = rest.length === 0 ? 0 : parseDecimal(rest);
		switch (c) {
			case "E":
				if (value !== 0 && value !== 1) return RESULT_ERROR;
				this.echo = value === 1;
				return RESULT_OK;
			case "V":
				if (value !== 0 && value !== 1) return RESULT_ERROR;
				this.verbose = value === 1;
				return RESULT_OK;
			case "Q":
				if (value !== 0 && value !== 1) return RESULT_ERROR;
				this.quiet = value === 1;
				return RESULT_OK;
			case "I":
				this.sim.info.push(this.options.identity || "Virtual modem");
				return RESULT_OK;
			case "Z":
				this.defaults();
				return RESULT_OK;
			case "&":
				if (text.charAt(1) === "F") this.defaults();
				return RESULT_OK;
			case "S":
				return this.sRegister(rest);
			case "H":
			case "L":
			case "M":
			case "X":
				return RESULT_OK;
			default:
				return RESULT_ERROR;
		}
	}

	/** S3, S4 and S5 have their usual values and keep them. */
	private sRegister(rest: string): number {
		let value = "";
		if (rest.charAt(0) === "3") value = "013";
		if (rest.charAt(0) === "4") value = "010";
		if (rest.charAt(0) === "5") value = "008";
		if (value === "") return RESULT_ERROR;
		if (rest.charAt(1) === "?") {
			this.sim.info.push(value);
			return RESULT_OK;
		}
		return rest.charAt(1) === "=" && parseDecimal(rest.substring(2)) === parseDecimal(value) ? RESULT_OK : RESULT_ERROR;
	}

	/** +NAME, +NAME?, +NAME=?, +NAME=a,b,c */
	private extended(text: string, now: number): number {
		let end = 0;
		while (end < text.length && text.charAt(end) !== "=" && text.charAt(end) !== "?") end++;
		const name = text.substring(0, end).toUpperCase();
		const rest = text.substring(end);
		let form = FORM_ACTION;
		let args: string[] = [];
		if (rest === "?") {
			form = FORM_READ;
		} else if (rest === "=?") {
			form = FORM_TEST;
		} else if (rest.length > 0) {
			if (rest.charAt(0) !== "=") return RESULT_ERROR;
			form = FORM_SET;
			args = splitAt(rest.substring(1), ",");
		}
		let result = this.sim.run(name, form, args, now);
		if (result === RESULT_UNKNOWN) result = this.general(name, form, args, now);
		if (result !== RESULT_UNKNOWN) return result;
		return this.options.unknownIsPlainError === true ? RESULT_ERROR : CME_NOT_SUPPORTED;
	}

	private general(name: string, form: number, args: string[], now: number): number {
		const value = args.length > 0 ? parseDecimal(args[0]) : -1;
		switch (name) {
			case "+CMEE":
				if (form === FORM_READ) this.sim.info.push(`+CMEE: ${this.cmee}`);
				if (form === FORM_TEST) this.sim.info.push("+CMEE: (0-2)");
				if (form === FORM_SET) {
					if (value < 0 || value > 2) return CME_INCORRECT_PARAMETERS;
					this.cmee = value;
				}
				return RESULT_OK;
			case "+CFUN":
				if (form === FORM_READ) this.sim.info.push(`+CFUN: ${this.sim.functionality}`);
				if (form === FORM_TEST) this.sim.info.push("+CFUN: (0,1,4),(0-1)");
				if (form === FORM_SET) {
					if (value !== 0 && value !== 1 && value !== 4) return CME_INCORRECT_PARAMETERS;
					this.sim.setFunctionality(value, now);
					this.restartWanted = args.length > 1 && args[1] === "1";
				}
				return RESULT_OK;
			case "+CREG":
			case "+CGREG":
			case "+CEREG":
				if (form === FORM_READ) this.sim.info.push(`${name}: 0,1`);
				return RESULT_OK;
			case "+CGMI":
			case "+CGMM":
			case "+CGMR":
			case "+GMM":
				if (form === FORM_ACTION) this.sim.info.push(this.options.identity || "Virtual modem");
				return RESULT_OK;
		}
		const accepted = this.options.accepts || [];
		for (let i = 0; i < accepted.length; i++) if (accepted[i].toUpperCase() === name) return RESULT_OK;
		return RESULT_UNKNOWN;
	}
}
