// The secure channel of Appendix H, as a link around another one: the UICC layer above sends plain commands and gets plain answers, the
// link below carries protected ones, and neither knows. After each SELECT of an application the two sides authenticate each other on that
// logical channel; from then on all is protected, until another application is selected or the channel is closed.
//
//   uicc ─► SecureChannel ─► +CSIM, +CGLA …
//
// A protected answer is collected in a buffer of its own, through GET RESPONSE where it comes in segments, checked, decrypted, and
// only then given on. Not over +CRSM, which carries no APDUs.

import {
	Command,
	INS_GET_RESPONSE,
	INS_MANAGE_CHANNEL,
	INS_READ_BINARY,
	INS_READ_RECORD,
	INS_SELECT,
	meaningOf,
	SW_DONE,
	SW_END_OF_FILE,
	SW_MORE,
	SW_TOOLKIT_BUSY,
} from "./apdu.js";
import {
	CME_ERROR,
	COMMAND_ERROR,
	NOT_STARTED,
	OK,
	SECURE_ANSWER,
	SECURE_BROKEN,
	SECURE_DENIED,
	SECURE_HOST_REFUSED,
	SECURE_KEYS_BLOCKED,
	SECURE_KEYS_WRONG,
	SECURE_NO_KEYS,
	SECURE_REQUIRED,
	SECURE_UNKNOWN,
	SECURE_UNSUPPORTED,
	SIM_BUSY,
	WAIT,
} from "./codes.js";
import { LINK_PATHS, type Link, type LinkCover } from "./link.js";
import type { Store } from "./platform.js";
import { Response } from "./response.js";
import { PROTECTED_COMMAND_BYTES, Scp03, type Scp03Options } from "./scp03.js";
import { isProtected } from "./scp03-session.js";

/** The largest plaintext of an answer of 256 bytes. */
const PLAIN_MAX_BYTES = 239;
const INS_STATUS = 0xf2;
/** What the store keeps: 4 bytes that name the keys which were wrong. */
const STORE_KEY = "simrefused";
const RECORD_BYTES = 4;
/** The answer to INITIALIZE UPDATE beside the challenge and the cryptogram. */
const INITIALIZE_BYTES = 16;
/** GET RESPONSE. */
const FETCH_BYTES = 5;

const enum State {
	IDLE,
	/** A command goes through as it is. */
	PLAIN,
	/** SELECT of an application. */
	SELECT,
	INITIALIZE,
	AUTHENTICATE,
	PROTECTED,
	/** What cannot be sent fails at the next poll. */
	REFUSED,
}

export interface SecureOptions extends Scp03Options {
	/**
	 * "require", when not given: no session, no data. "prefer": without protection where the card does not know the commands (6D00, 6E00, 6881,
	 * 6882), and only there. "never": without protection.
	 */
	policy?: "require" | "prefer" | "never";
	/** Remembers between starts which keys were wrong, so that they are not tried again. */
	store?: Store;
	/** Without a store: `refusedKeys` as it was after an earlier start; 0 for none. */
	refusedKeys?: number;
}

/** One way to the card under the channel. */
class SecureLink implements Link {
	readonly manner: number;
	private readonly channel: SecureChannel;
	private readonly link: Link;

	constructor(channel: SecureChannel, link: Link) {
		this.manner = link.manner;
		this.channel = channel;
		this.link = link;
	}

	get wakeAt(): number {
		return this.link.wakeAt;
	}

	get authentic(): boolean {
		return this.channel.authentic;
	}

	transmit(command: Uint8Array, length: number, response: Response): void {
		this.channel.transmit(this.link, command, length, response);
	}

	poll(now: number): number {
		return this.channel.poll(now);
	}

	cancel(): void {
		this.channel.cancel();
		this.link.cancel();
	}

	distrust(): void {
		this.link.distrust();
	}

	close(): void {
		this.channel.close();
	}
}

/**
 * The secure channel, to be given to a composition:
 *
 *     const secure = new SecureChannel({ enc, mac, kvn: 0x30, aes, random });
 *     const device = overCsim(port, { buffer, secure });
 */
export class SecureChannel implements LinkCover {
	/** A session is open: what is read now cannot have been changed on the way. */
	authentic: boolean;
	/** With "prefer": the card has no SCP03, and the application that is selected is read without. */
	fellBack: boolean;
	/**
	 * The `keysId` of keys that the card or we have found wrong, 0 for none: kept between starts, by the store or whoever gave none, since each try
	 * may bring the card nearer to blocking them. Other keys are tried; 0 has the same ones tried again.
	 */
	refusedKeys: number;
	/** Names the configured keys without telling them. */
	readonly keysId: number;
	/** The longest command, protected. */
	readonly commandBytes: number;

	private readonly scp03: Scp03;
	private readonly store: Store | null;
	private readonly record: Uint8Array;
	private readonly required: boolean;
	private readonly never: boolean;
	private link: Link | null;
	/** Protected answers are collected here; as large as the receiver allows. */
	private buffer: Uint8Array;
	private answer: Response;
	private response: Response;
	private readonly getResponse: Command;
	private state: State;
	private code: number;
	/** The interindustry class of the logical channel in use. */
	private cla: number;
	/** GET RESPONSE is under way. */
	private fetching: boolean;
	/** Without a session: a file directly under the MF is selected. */
	private underMf: boolean;

	/** @throws TypeError when an option is out of its range, or the platform lacks what it has to lend */
	constructor(options: SecureOptions) {
		const policy = options.policy === undefined ? "require" : options.policy;
		if (policy !== "require" && policy !== "prefer" && policy !== "never") {
			throw new TypeError("policy: expected require, prefer or never, got " + policy);
		}
		this.scp03 = new Scp03(options);
		this.required = policy === "require";
		this.never = policy === "never";
		this.authentic = false;
		this.fellBack = false;
		this.refusedKeys = options.refusedKeys === undefined ? 0 : options.refusedKeys;
		this.store = options.store === undefined ? null : options.store;
		this.record = new Uint8Array(RECORD_BYTES);
		this.recall();
		this.keysId = this.scp03.keysId;
		this.commandBytes = PROTECTED_COMMAND_BYTES;
		this.link = null;
		this.getResponse = new Command(FETCH_BYTES);
		this.buffer = this.getResponse.bytes;
		this.answer = new Response(this.buffer);
		this.response = this.answer;
		this.state = State.IDLE;
		this.code = OK;
		this.cla = 0;
		this.fetching = false;
		this.underMf = false;
	}

	/**
	 * Takes the memory for answers of at most `step` bytes. Answers how many bytes of plaintext they may hold, and has to be called before
	 * `around`.
	 *
	 * @throws TypeError when that is too little for a session
	 */
	fit(step: number): number {
		const size = this.scp03.session.size;
		if (this.never) return step;
		const least = INITIALIZE_BYTES + 2 * size;
		if (!(step >= least && step <= 256))
			throw new TypeError("step: expected " + least + " to 256 for SCP03, got " + step);
		this.buffer = new Uint8Array(step);
		this.answer = new Response(this.buffer);
		return Math.min(((step - size) & ~15) - 1, PLAIN_MAX_BYTES);
	}

	/**
	 * A link through which the channel goes.
	 *
	 * @throws TypeError when `link` carries no APDUs
	 */
	around(link: Link): Link {
		if (this.never) return link;
		if (link.manner === LINK_PATHS) throw new TypeError("SCP03: expected a link with a channel of its own");
		return new SecureLink(this, link);
	}

	/** As Link has it, over `link`. */
	transmit(link: Link, command: Uint8Array, length: number, response: Response): void {
		const ins = command[1];
		this.link = link;
		this.response = response;
		if (ins === INS_MANAGE_CHANNEL) {
			if (command[2] !== 0) this.end();
			this.pass(State.PLAIN, command, length);
		} else if (ins === INS_SELECT && command[2] === 4) {
			// It ends the session on the card as well (Amendment D, 5.6).
			this.end();
			this.cla = command[0];
			this.pass(State.SELECT, command, length);
		} else if (this.authentic && (command[0] & 0x7f) === this.cla) this.protect(command, length);
		else if (this.allowed(command)) this.pass(State.PLAIN, command, length);
		else {
			this.state = State.REFUSED;
			this.code = SECURE_REQUIRED;
		}
	}

	/** As Link has it. */
	poll(now: number): number {
		const link = this.link;
		if (link === null || this.state === State.IDLE) return NOT_STARTED;
		for (;;) {
			if (this.state === State.REFUSED) {
				this.state = State.IDLE;
				this.response.sw = 0;
				return this.code;
			}
			const code = link.poll(now);
			if (code === WAIT) return WAIT;
			if (code !== OK) {
				// What the modem refused never came to the card.
				const refused = code === COMMAND_ERROR || code === CME_ERROR || code === SIM_BUSY;
				if (this.state === State.PROTECTED && !this.fetching && refused) this.scp03.session.unwind();
				this.state = State.IDLE;
				return code;
			}
			if (this.proceed()) {
				this.state = State.IDLE;
				return this.code;
			}
		}
	}

	/** Gives up the exchange in hand. */
	cancel(): void {
		this.state = State.IDLE;
	}

	/** Wipes all keys: there will be no further session. */
	close(): void {
		this.end();
		this.scp03.close();
	}

	private end(): void {
		this.scp03.session.close();
		this.buffer.fill(0);
		this.authentic = false;
		this.fellBack = false;
		this.underMf = false;
	}

	private pass(state: State, command: Uint8Array, length: number): void {
		this.state = state;
		if (this.link !== null) this.link.transmit(command, length, this.response);
	}

	/** Sends what Scp03 has composed; the answer comes to the buffer. */
	private send(state: State): void {
		const command = this.scp03.command;
		this.state = state;
		this.fetching = false;
		this.answer.store(this.buffer, 0, this.buffer.length);
		if (this.link !== null) this.link.transmit(command.bytes, command.size, this.answer);
	}

	private protect(command: Uint8Array, length: number): void {
		const scp03 = this.scp03;
		if (!scp03.session.wrap(command, length, scp03.command)) {
			this.state = State.REFUSED;
			this.code = SECURE_BROKEN;
			return;
		}
		// There is always an R-MAC to answer with. MACs do not cover Le.
		const composed = scp03.command;
		if (composed.size === 5 + composed.bytes[4]) composed.le(0);
		this.send(State.PROTECTED);
	}

	/**
	 * Without a session: where one is required only files directly under the MF are read, EF(DIR) and EF(ICCID). They lead to nothing but an
	 * application that has to authenticate itself.
	 */
	private allowed(command: Uint8Array): boolean {
		const ins = command[1];
		if (!this.required || ins === INS_STATUS) return true;
		if (ins === INS_SELECT) {
			this.underMf = command[4] === 2 && command[5] === 0x2f;
			return true;
		}
		return this.underMf && (ins === INS_READ_BINARY || ins === INS_READ_RECORD || ins === INS_GET_RESPONSE);
	}

	/** Reads from the store which keys were wrong. */
	private recall(): void {
		const record = this.record;
		if (this.store === null) return;
		if (this.store.read(STORE_KEY, record) !== RECORD_BYTES) record.fill(0);
		else this.refusedKeys = this.recorded();
	}

	private recorded(): number {
		const record = this.record;
		return (record[0] << 24) | (record[1] << 16) | (record[2] << 8) | record[3];
	}

	/** Writes it there, when it has changed. */
	private remember(refusedKeys: number): void {
		const record = this.record;
		this.refusedKeys = refusedKeys;
		if (this.store === null || this.recorded() === refusedKeys) return;
		for (let i = 0; i < RECORD_BYTES; i++) record[i] = refusedKeys >> (24 - 8 * i);
		this.store.write(STORE_KEY, record);
	}

	/** An exchange is over. True when `code` is what poll answers; else the next one is under way. */
	private proceed(): boolean {
		this.code = OK;
		if (this.state === State.PLAIN) return true;
		if (this.state === State.SELECT) return this.selected();
		const answer = this.answer;
		const sw = answer.sw;
		const meaning = meaningOf(sw);
		if (meaning === SW_MORE && this.fetch(sw & 255)) return false;
		this.response.sw = sw;
		switch (this.state) {
			case State.INITIALIZE:
				// Nothing has happened yet: the layer above waits, and begins with the SELECT again.
				if (sw === SW_TOOLKIT_BUSY) return true;
				return this.initialized(sw);
			case State.AUTHENTICATE:
				if (sw === SW_TOOLKIT_BUSY) return true;
				if (meaning === SW_DONE && sw !== SW_END_OF_FILE && answer.count === 0) {
					this.authentic = true;
					this.response.sw = 0x9000;
					this.remember(0);
				} else {
					if (sw === 0x6300) this.remember(this.keysId);
					this.fail(SECURE_HOST_REFUSED);
				}
				return true;
			case State.PROTECTED:
				this.unwrap(sw);
				return true;
		}
		return true;
	}

	private fail(code: number): void {
		this.end();
		this.code = code;
		// Only a status word that refuses says anything about the failure.
		if (meaningOf(this.response.sw) === SW_DONE) this.response.sw = 0;
	}

	/** The application is selected, or is not there. */
	private selected(): boolean {
		const meaning = meaningOf(this.response.sw);
		if (meaning !== SW_DONE && meaning !== SW_MORE) return true;
		if (this.refusedKeys === this.keysId) this.code = SECURE_KEYS_BLOCKED;
		else this.code = this.scp03.initializeUpdate(this.cla);
		if (this.code === OK) {
			this.send(State.INITIALIZE);
			return false;
		}
		this.response.sw = 0;
		return true;
	}

	/** INITIALIZE UPDATE is answered. */
	private initialized(sw: number): boolean {
		const answer = this.answer;
		switch (meaningOf(sw) === SW_DONE ? 0x9000 : sw) {
			case 0x9000:
				break;
			case 0x6d00:
			case 0x6e00:
			case 0x6881:
			case 0x6882:
				if (this.required) this.fail(sw === 0x6d00 ? SECURE_UNKNOWN : SECURE_UNSUPPORTED);
				else {
					this.fellBack = true;
					this.response.sw = 0x9000;
				}
				return true;
			case 0x6a88:
				this.fail(SECURE_NO_KEYS);
				return true;
			case 0x6982:
				this.fail(SECURE_DENIED);
				return true;
			default:
				this.fail(SECURE_ANSWER);
				return true;
		}
		const code =
			answer.count > this.buffer.length ? SECURE_ANSWER : this.scp03.authenticate(this.cla, this.buffer, answer.count);
		if (code === OK) {
			this.send(State.AUTHENTICATE);
			return false;
		}
		if (code === SECURE_KEYS_WRONG) this.remember(this.keysId);
		this.fail(code);
		return true;
	}

	/** 61xx: GET RESPONSE, which is not protected itself (Card Specification, 11.1.5.2). False when it leads nowhere. */
	private fetch(waiting: number): boolean {
		const answer = this.answer;
		const command = this.getResponse;
		const room = this.buffer.length - answer.count;
		const length = waiting === 0 ? 256 : waiting;
		// Each one has to bring something.
		if (room <= 0 || (this.fetching && !answer.grew)) return false;
		this.fetching = true;
		command.header(this.cla, INS_GET_RESPONSE, 0, 0, Math.min(length, room));
		answer.begin();
		if (this.link !== null) this.link.transmit(command.bytes, command.size, answer);
		return true;
	}

	/** A protected answer is complete: it is checked, decrypted and given on, or the session is over. */
	private unwrap(sw: number): void {
		const answer = this.answer;
		const buffer = this.buffer;
		if (isProtected(sw)) {
			const count = this.scp03.session.unwrap(buffer, answer.count, sw);
			if (count >= 0) {
				// Where the R-MAC was there is room for the status word.
				buffer[count] = sw >> 8;
				buffer[count + 1] = sw & 255;
				this.response.takeAll(buffer, count + 2);
				return;
			}
		} else if (!this.fetching && answer.count === 0 && sw !== 0x6987 && sw !== 0x6988 && meaningOf(sw) !== SW_MORE)
			return;
		this.fail(SECURE_BROKEN);
	}
}
