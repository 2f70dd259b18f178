// The whole procedure of LwM2M "Bootstrap from Smartcard" (LwM2M TS 1.1, 6.1.3.2; Appendix G): from a modem that is on to the
// checked bytes of EF(LwM2M_Bootstrap). Bytes go in through `receive`, time through `poll`; everything else is in here.
//
//   modem ─ channel ─ discovery ─ select, read ─ select, compare ─ check ─ channel closed
//
// Whatever goes wrong, the channel is closed, and an error of closing never hides the first one.

import type { At } from "./at.js";
import { BootstrapFile, FILE_MAX_BYTES, HEADER_BYTES } from "./bootstrap-file.js";
import {
	ABORTED,
	CME_ERROR,
	FILE_MALFORMED,
	FILE_TOO_LARGE,
	FILE_TRUNCATED,
	FILE_UNSTABLE,
	MODEM_RESTARTED,
	NO_CHANNEL,
	NOT_FOUND,
	NOT_STARTED,
	OK,
	OUT_OF_TIME,
	RECEIVER_TOO_SMALL,
	WAIT,
} from "./codes.js";
import { Discovery } from "./discovery.js";
import type { Link } from "./link.js";
import type { Prelude } from "./modem.js";
import { simErrorOf } from "./modem.js";
import {
	STEP_CHANNEL,
	STEP_CHECK,
	STEP_CLOSE,
	STEP_CONFIRM,
	STEP_MODEM,
	STEP_NONE,
	STEP_READ,
	STEP_SELECT,
} from "./steps.js";
import { Uicc } from "./uicc.js";

/** After the limit is over, or abort, closing the channel may take this long. */
const CLOSE_LIMIT_MS = 5000;
/** Where `size` stands in the header. */
const SIZE_OFFSET = 2;
/** A file whose two reads differ is read so many times anew. */
const REREADS = 2;

export interface BootstrapParts {
	/** What carries the APDUs to the card. */
	link: Link;
	/** The AT layer that `receive` feeds; null when the application brings a link of its own. */
	at: At | null;
	/** What comes before the card, and after it; null likewise. */
	modem: Prelude | null;
}

export interface BootstrapOptions {
	/** Where the file is read to: its largest size, 4 + size, at most 32768 bytes. The directory files are read here before it. */
	buffer: Uint8Array;
	/** Data bytes of one answer at most, 1 to 256. */
	step: number;
	/** Read the file a second time, since neither AT nor the file has a checksum. */
	confirm: boolean;
	/** The DER content of another OID in place of 2.23.43.9.1 and its mis-encoded form; null for these. */
	oid: Uint8Array | null;
	/** A fixed file ID, 1 to 65535, under the PKCS #15 application, which skips the search; -1 for none. Not with `oid`. */
	fileId: number;
	/** The limit for the whole procedure, in milliseconds. */
	limitMs: number;
}

const enum State {
	IDLE,
	/** There is a result that poll has not answered yet. */
	OVER,
	MODEM,
	FAREWELL,
	DISCOVER,
	// From here on the UICC layer is asked directly.
	RECLAIM,
	OPEN,
	SELECT,
	READ,
	COMPARE_SELECT,
	COMPARE,
	CLOSE,
}

export class Bootstrap {
	/** The file; checked when `poll` has answered OK. */
	readonly file: BootstrapFile;
	/** The step that is under way; after an error, the one that failed. */
	step: number;
	/** The status word of the exchange that failed, else 0. */
	sw: number;
	/** The +CME ERROR number of the command that failed, else -1. */
	cme: number;
	/** What closing the channel answered: OK, or an error that the result does not show. */
	closeCode: number;
	/** After FILE_TOO_LARGE: the size of buffer that the file needs. */
	needed: number;
	/** The channel that was opened, -1 before. It stays here after it was closed. */
	channel: number;
	/** A channel that was left open by an earlier run, which the next one closes first; -1 for none. */
	reclaim: number;
	/** When poll is to be called next, after it has answered WAIT. */
	wakeAt: number;
	/** Counters and learnt manners of the card. */
	readonly uicc: Uicc;
	/** Where the file was found: `path[0 … pathLength)`. */
	readonly discovery: Discovery;

	private readonly at: At | null;
	private readonly modem: Prelude | null;
	private readonly confirm: boolean;
	private readonly limitMs: number;
	private state: State;
	private begun: boolean;
	private closing: boolean;
	private deadline: number;
	private result: number;
	private rereads: number;
	/** Bytes of the file that are in the buffer, and what they came to before they were confirmed. */
	private count: number;
	private verdict: number;

	constructor(parts: BootstrapParts, options: BootstrapOptions) {
		if (options.step < 1 || options.step > 256) throw new TypeError("step: expected 1 to 256, got " + options.step);
		if (options.fileId >= 0 && options.oid !== null) {
			throw new TypeError("expected an oid or a fileId, got both: a fixed file is not searched for");
		}
		const uicc = new Uicc(parts.link, options.step);
		this.file = new BootstrapFile(options.buffer);
		this.step = STEP_NONE;
		this.sw = 0;
		this.cme = -1;
		this.closeCode = OK;
		this.needed = 0;
		this.channel = -1;
		this.reclaim = -1;
		this.wakeAt = 0;
		this.uicc = uicc;
		this.discovery = new Discovery(uicc, options.buffer, options.oid, options.fileId);
		this.at = parts.at;
		this.modem = parts.modem;
		this.confirm = options.confirm;
		this.limitMs = options.limitMs;
		this.state = State.IDLE;
		this.begun = false;
		this.closing = false;
		this.deadline = 0;
		this.result = OK;
		this.rereads = 0;
		this.count = 0;
		this.verdict = OK;
	}

	/** Starts the procedure; poll it until it answers something else than WAIT. */
	readFile(): void {
		this.uicc.reset();
		this.file.length = 0;
		this.sw = 0;
		this.cme = -1;
		this.closeCode = OK;
		this.needed = 0;
		this.channel = -1;
		this.begun = false;
		this.closing = false;
		this.result = OK;
		this.rereads = 0;
		this.count = 0;
		const modem = this.modem;
		if (modem !== null) {
			modem.start();
			this.enter(State.MODEM, STEP_MODEM);
		} else this.enterCard();
	}

	/** Takes bytes[0 … count) that the modem sent. True when poll should be called now. */
	receive(bytes: Uint8Array, count: number): boolean {
		const at = this.at;
		return at !== null && at.receive(bytes, count);
	}

	/**
	 * WAIT; OK when `file` holds the checked file; or an error. To be called after `receive` has answered true, when `wakeAt` is due,
	 * and when the platform can write again. `now` is a monotonic int32 of milliseconds.
	 */
	poll(now: number): number {
		if (this.state === State.IDLE) return NOT_STARTED;
		if (!this.begun) {
			this.begun = true;
			this.deadline = (now + this.limitMs) | 0;
		}
		for (;;) {
			if (this.state !== State.OVER && (((now - this.deadline) | 0) >= 0 || this.leaving())) this.watch(now);
			const state = this.state as State;
			if (state <= State.OVER) {
				this.state = State.IDLE;
				return this.result;
			}
			let code = WAIT;
			if (state > State.DISCOVER) {
				code = this.uicc.poll(now);
				this.wakeAt = this.uicc.wakeAt;
			} else if (state === State.DISCOVER) {
				code = this.discovery.poll(now);
				this.wakeAt = this.discovery.wakeAt;
				this.step = this.discovery.step;
			} else code = this.pollModem(now);
			if (code === WAIT) {
				if (((this.wakeAt - this.deadline) | 0) > 0) this.wakeAt = this.deadline;
				return WAIT;
			}
			this.proceed(code);
		}
	}

	/** Ends the procedure: the channel is closed, if it can be within 5 s, and poll answers ABORTED. */
	abort(): void {
		if (this.state !== State.IDLE && !this.leaving()) this.stop(ABORTED);
	}

	/**
	 * Ends everything at once and wipes the file. A channel that is open stays open, and is in `reclaim`. May be called at any
	 * time, again and again.
	 */
	close(): void {
		this.forsake();
		this.cancel();
		this.state = State.IDLE;
		this.file.wipe();
	}

	private enter(state: State, step: number): void {
		this.state = state;
		if (this.result === OK) this.step = step;
	}

	private cancel(): void {
		if (this.modem !== null) this.modem.cancel();
		this.discovery.cancel();
		this.uicc.cancel();
	}

	/** Closing has a limit of its own, so that a file that is read is not lost to it, and a failure not to its end. */
	private watch(now: number): void {
		if (this.leaving() && !this.closing) {
			this.closing = true;
			this.deadline = (now + CLOSE_LIMIT_MS) | 0;
		}
		if (((now - this.deadline) | 0) < 0) return;
		if (!this.closing) this.stop(OUT_OF_TIME);
		else {
			this.closeCode = OUT_OF_TIME;
			this.forsake();
			this.cancel();
			this.state = State.IDLE;
		}
		if (this.leaving()) this.watch(now);
	}

	/** The channel, if there is one, stays open behind us. */
	private forsake(): void {
		if (this.uicc.channel > 0) this.reclaim = this.uicc.channel;
		this.uicc.channel = -1;
	}

	private leaving(): boolean {
		return this.state === State.CLOSE || this.state === State.FAREWELL;
	}

	private stop(code: number): void {
		this.result = code;
		this.cancel();
		this.leave();
	}

	/** The card may be asked. A modem that was off has lost the channels of before. */
	private enterCard(): void {
		const channel = this.reclaim;
		this.reclaim = -1;
		if (channel > 0 && (this.modem === null || this.modem.wasOff !== true)) {
			this.uicc.channel = channel;
			this.uicc.close();
			this.enter(State.RECLAIM, STEP_CHANNEL);
		} else this.open();
	}

	private open(): void {
		this.uicc.open();
		this.enter(State.OPEN, STEP_CHANNEL);
	}

	private pollModem(now: number): number {
		const modem = this.modem;
		if (modem === null) return NOT_STARTED;
		const code = modem.poll(now);
		this.wakeAt = modem.wakeAt;
		if (this.state === State.MODEM) this.step = modem.step;
		return code;
	}

	/** What was under way is over: the next thing, or the way out. */
	private proceed(code: number): void {
		switch (this.state) {
			case State.MODEM:
				if (code !== OK) this.fail(code);
				else this.enterCard();
				return;
			case State.RECLAIM:
				// Whatever was answered: a channel that is open no more is as good.
				this.open();
				return;
			case State.OPEN:
				this.channel = this.uicc.channel;
				if (code !== OK) this.fail(code);
				else {
					this.discovery.start();
					this.enter(State.DISCOVER, this.discovery.step);
				}
				return;
			case State.DISCOVER:
				if (code !== OK) {
					this.fail(code);
					if (this.sw !== 0) this.sw = this.discovery.sw;
				} else this.select();
				return;
			case State.SELECT:
				if (code === NOT_FOUND) {
					// The directory may name another one.
					this.discovery.next();
					this.enter(State.DISCOVER, this.discovery.step);
				} else if (code !== OK) this.fail(code);
				else {
					this.uicc.response.store(this.file.buffer, 0, this.file.buffer.length);
					this.count = 0;
					this.readOn(this.uicc.step, false);
				}
				return;
			case State.READ:
				if (code !== OK) this.fail(code);
				else this.readMore();
				return;
			case State.COMPARE_SELECT:
				if (code !== OK) this.fail(code);
				else {
					this.uicc.response.compare(this.file.buffer, 0, this.count);
					this.uicc.read(this.discovery.offset, this.count, true);
					this.enter(State.COMPARE, STEP_CONFIRM);
				}
				return;
			case State.COMPARE:
				if (code !== OK) this.fail(code);
				else this.compared();
				return;
			case State.CLOSE:
				this.closeCode = code;
				// The card may never have heard of it.
				if (code !== OK && code !== MODEM_RESTARTED && code > NO_CHANNEL) this.reclaim = this.channel;
				this.part();
				return;
			case State.FAREWELL:
				this.state = State.IDLE;
				return;
		}
	}

	private select(): void {
		this.uicc.selectFile(this.discovery.path, 0, this.discovery.pathLength);
		this.enter(State.SELECT, STEP_SELECT);
	}

	/** Reads until `wanted` bytes of the file are here. */
	private readOn(wanted: number, exact: boolean): void {
		const length = this.discovery.length;
		this.uicc.read(this.discovery.offset + this.count, length >= 0 && length < wanted ? length : wanted, exact);
		this.enter(State.READ, STEP_READ);
	}

	/** Some of the file is here: is it all that its header says? */
	private readMore(): void {
		const file = this.file;
		const uicc = this.uicc;
		const count = uicc.response.count;
		const limit = this.discovery.length;
		const grew = count > this.count;
		this.count = count;
		let needed = file.measure(count);
		if (needed === FILE_TRUNCATED && grew && (limit < 0 || count < limit)) needed = HEADER_BYTES;
		if (needed < 0) this.settle(needed);
		else if (needed > FILE_MAX_BYTES) {
			file.errorOffset = SIZE_OFFSET;
			this.settle(FILE_MALFORMED);
		} else if (needed > file.buffer.length) {
			this.needed = needed;
			this.settle(FILE_TOO_LARGE);
		} else if (limit >= 0 && needed > limit) this.settle(FILE_TRUNCATED);
		else if (count >= needed) this.settle(OK);
		else if (!grew) this.settle(FILE_TRUNCATED);
		else this.readOn(needed, true);
	}

	/** The bytes are read, and so much is known of them. A second read says whether they came over the line as they are on the card. */
	private settle(verdict: number): void {
		const file = this.file;
		this.verdict = verdict;
		if (this.count > file.buffer.length) this.count = file.buffer.length;
		if (verdict === OK) this.count = file.measure(this.count);
		else if (verdict === FILE_TRUNCATED) file.errorOffset = this.count;
		if (this.confirm && this.count > 0) {
			this.uicc.selectFile(this.discovery.path, 0, this.discovery.pathLength);
			this.enter(State.COMPARE_SELECT, STEP_CONFIRM);
		} else this.check();
	}

	private compared(): void {
		const response = this.uicc.response;
		if (response.difference < 0 && response.count === this.count) this.check();
		else if (this.rereads < REREADS) {
			this.rereads += 1;
			this.select();
		} else this.fail(FILE_UNSTABLE);
	}

	private check(): void {
		let code = this.verdict;
		this.enter(State.READ, code === OK ? STEP_CHECK : STEP_READ);
		if (code === OK) code = this.file.check(this.count);
		if (code !== OK) this.fail(code);
		else this.leave();
	}

	/** The first error is the result; what else goes wrong on the way out does not matter. */
	private fail(code: number): void {
		if (this.result === OK) {
			// Only what the card itself refused has a status word to tell of, and only the modem and its SIM a +CME ERROR.
			if (code <= NO_CHANNEL && code >= RECEIVER_TOO_SMALL) this.sw = this.uicc.response.sw;
			else if (this.at !== null && code > NO_CHANNEL) this.cme = this.at.cme;
			this.result = code === CME_ERROR ? simErrorOf(this.cme) : code;
		}
		// A modem that has restarted has reset the card, and its channels with it.
		if (code === MODEM_RESTARTED) this.uicc.channel = -1;
		this.leave();
	}

	/** On the way out the channel is closed. */
	private leave(): void {
		if (this.uicc.channel < 0) this.part();
		else {
			this.uicc.close();
			this.enter(State.CLOSE, STEP_CLOSE);
		}
	}

	/** The modem gets its last word. */
	private part(): void {
		this.state = this.modem !== null && this.modem.farewell() ? State.FAREWELL : State.OVER;
	}
}
