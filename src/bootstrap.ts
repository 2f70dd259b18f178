// The whole procedure of LwM2M "Bootstrap from Smartcard" (LwM2M TS 1.1, 6.1.3.2; Appendix G): from a modem that is on to the
// checked bytes of EF(LwM2M_Bootstrap). Bytes go in through `receive`, time through `poll`; everything else is in here.
//
//   modem ─ channel ─ discovery ─ select, read ─ select, compare ─ check ─ channel closed
//
// Whatever goes wrong, the channel is closed, and an error of closing never hides the first one. What may have been an accident
// on the line is tried again from the channel on; a verdict such as "no data" counts when it came twice.

import type { At } from "./at.js";
import { BootstrapFile, FILE_MAX_BYTES, HEADER_BYTES } from "./bootstrap-file.js";
import {
	ABORTED,
	FILE_CHANGED,
	FILE_MALFORMED,
	FILE_TOO_LARGE,
	FILE_TRUNCATED,
	FILE_UNSTABLE,
	MODEM_RESTARTED,
	NO_APPLICATION,
	NO_CHANNEL,
	NO_DATA,
	NOT_FOUND,
	NOT_STARTED,
	OK,
	OUT_OF_TIME,
	PATH_INVALID,
	RECEIVER_TOO_SMALL,
	SECURITY_STATUS,
	WAIT,
} from "./codes.js";
import { Discovery } from "./discovery.js";
import type { Link } from "./link.js";
import type { Prelude } from "./modem.js";
import { AGAIN_FROM_CHANNEL, AGAIN_FROM_MODEM, AGAIN_ON_NEXT_LINK, linkMayBeAtFault, remedyFor } from "./remedy.js";
import {
	STEP_APPLICATION,
	STEP_CHANNEL,
	STEP_CHECK,
	STEP_CLOSE,
	STEP_CONFIRM,
	STEP_MODEM,
	STEP_NONE,
	STEP_PIN,
	STEP_READ,
	STEP_SELECT,
} from "./steps.js";
import { Uicc } from "./uicc.js";

/** After the limit is over, or abort, closing the channel may take this long; otherwise so long. */
const CLOSE_LIMIT_MS = 5000;
const CLOSE_PATIENT_LIMIT_MS = 25000;
/** Where `size` stands in the header. */
const SIZE_OFFSET = 2;
/** A file whose two reads differ is read so many times anew. */
const REREADS = 2;
/** The procedure begins again so many times, from the channel or from the modem on. */
const RUNS_MAX = 4;

/** What `tried` keeps of each link: the code, OK when it did not fail or was not tried; the step; the status word, or 0; and the +CME ERROR, or -1. */
export const TRIED_FIELDS = 4;

/** What opens a file that needs a PIN. */
export interface Unlock {
	/** When poll is to be called next, after it has answered WAIT. */
	readonly wakeAt: number;
	/** Starts with path[from … to), the file that answered 6982, or with the application itself when the path is empty. */
	start(uicc: Uicc, path: Uint8Array, from: number, to: number): void;
	/** WAIT, OK when the PIN was verified, or an error. */
	poll(now: number): number;
	/** Wipes the secrets of one that has any. */
	close?(): void;
}

/** What finds a channel again whose number got lost, or frees one. */
export interface ChannelSearch {
	/** When poll is to be called next, after it has answered WAIT. */
	readonly wakeAt: number;
	/**
	 * Starts: `lost` looks for the channel that was opened for us, otherwise for one that may be closed for us. False when there
	 * is nothing it may do.
	 */
	start(uicc: Uicc, lost: boolean): boolean;
	/** WAIT; OK when the UICC layer has its channel, or one has become free; NO_CHANNEL; or an error. */
	poll(now: number): number;
}

export interface BootstrapParts {
	/** What carries the APDUs to the card; the first that works is used. At least one. */
	links: Link[];
	/** The AT layer that `receive` feeds; null when the application brings a link of its own. */
	at: At | null;
	/** What comes before the card, and after it; null likewise. */
	modem: Prelude | null;
	/** For files that need a PIN; null for none. */
	unlock: Unlock | null;
	/** For channels that got lost; null for none. */
	channels: ChannelSearch | null;
}

export interface BootstrapOptions {
	/** Where the file is read to: its largest size, 4 + size, at most 32768 bytes. The directory files are read here before it. */
	buffer: Uint8Array;
	/** Data bytes of one answer at most, 1 to 256. */
	step: number;
	/** Read the file a second time, since neither AT nor the file has a checksum, and hear a verdict twice. */
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
	/** The result is known and has not been given yet. */
	OVER,
	/** Another run begins. */
	AGAIN,
	MODEM,
	FAREWELL,
	DISCOVER,
	UNLOCK,
	CHANNELS,
	// From here on the UICC layer is asked directly.
	RECLAIM,
	OPEN,
	SELECT,
	READ,
	/** The remembered application, on the short way. */
	APPLICATION,
	COMPARE_SELECT,
	COMPARE,
	CLOSE,
}

function expectWhole(name: string, value: number, least: number, most: number): void {
	if (!(value >= least && value <= most) || value !== Math.floor(value)) {
		throw new TypeError(name + ": expected a whole number from " + least + " to " + most + ", got " + value);
	}
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
	/** The channel that was opened, -1 before; 0 where there is none of our own. It stays here after it was closed. */
	channel: number;
	/** A channel that was left open by an earlier run, which the next one closes first; -1 for none. */
	reclaim: number;
	/** Which of the links is in use. */
	link: number;
	/** The link to begin with: the one that worked the last time. The others follow in their order. */
	first: number;
	/** Why each link failed, TRIED_FIELDS numbers for each: code, step, status word, +CME ERROR. Null when there is only one link. */
	readonly tried: Int32Array | null;
	/** When poll is to be called next, after it has answered WAIT. */
	wakeAt: number;
	/** Counters and learnt manners of the card. */
	readonly uicc: Uicc;
	/** Where the file was found: `path[0 … pathLength)`. */
	readonly discovery: Discovery;

	private readonly links: Link[];
	private readonly at: At | null;
	private readonly modem: Prelude | null;
	private readonly unlock: Unlock | null;
	private readonly channels: ChannelSearch | null;
	private readonly confirm: boolean;
	private readonly limitMs: number;
	/** The limit for what was started. */
	private limit: number;
	/** On the short way: so many bytes of the buffer are compared; 0 otherwise. And where the card's manners are kept. */
	private comparing: number;
	private manners: Uint8Array;
	private mannersAt: number;
	private state: State;
	private begun: boolean;
	private lastPoll: number;
	/** On the way out for good: what is still to come is only good manners. It has a limit of its own once it has begun. */
	private parting: boolean;
	private closing: boolean;
	private deadline: number;
	private result: number;
	/** What to do once the channel is closed: a remedy, or 0 to end. */
	private remedy: number;
	private runs: number;
	/** The error of the run before, which the next one has to repeat before it counts. */
	private verdictBefore: number;
	private unlocked: boolean;
	private unlockingFile: boolean;
	/** Channels were looked for, and what was looked for is not there. */
	private searched: boolean;
	/** A channel may be open whose number is not known. */
	private lost: boolean;
	private rereads: number;
	/** Bytes of the file that are in the buffer, and what they came to before they were confirmed. */
	private count: number;
	private verdict: number;

	/** @throws TypeError when an option is out of its range */
	constructor(parts: BootstrapParts, options: BootstrapOptions) {
		expectWhole("step", options.step, 1, 256);
		expectWhole("fileId", options.fileId, -1, 0xffff);
		expectWhole("limitMs", options.limitMs, 1, 0x3fffffff);
		expectWhole("buffer's length", options.buffer.length, HEADER_BYTES, 0x7fffffff);
		expectWhole("number of links", parts.links.length, 1, 16);
		if (options.fileId === 0) throw new TypeError("fileId: expected 1 to 65535, or -1 for none, got 0");
		if (options.oid !== null) {
			expectWhole("oid's length", options.oid.length, 1, 127);
			if (options.fileId >= 0)
				throw new TypeError("expected an oid or a fileId, got both: a fixed file is not searched for");
		}
		const uicc = new Uicc(parts.links[0], options.step);
		this.file = new BootstrapFile(options.buffer);
		this.step = STEP_NONE;
		this.sw = 0;
		this.cme = -1;
		this.closeCode = OK;
		this.needed = 0;
		this.channel = -1;
		this.reclaim = -1;
		this.link = 0;
		this.first = 0;
		this.tried = parts.links.length > 1 ? new Int32Array(parts.links.length * TRIED_FIELDS) : null;
		this.wakeAt = 0;
		this.uicc = uicc;
		this.discovery = new Discovery(uicc, options.buffer, options.oid, options.fileId);
		this.links = parts.links;
		this.at = parts.at;
		this.modem = parts.modem;
		this.unlock = parts.unlock;
		this.channels = parts.channels;
		this.confirm = options.confirm;
		this.limitMs = options.limitMs;
		this.limit = options.limitMs;
		this.comparing = 0;
		this.manners = options.buffer;
		this.mannersAt = 0;
		this.state = State.IDLE;
		this.begun = false;
		this.lastPoll = 0;
		this.parting = false;
		this.closing = false;
		this.deadline = 0;
		this.result = OK;
		this.remedy = 0;
		this.runs = 0;
		this.verdictBefore = OK;
		this.unlocked = false;
		this.unlockingFile = false;
		this.searched = false;
		this.lost = false;
		this.rereads = 0;
		this.count = 0;
		this.verdict = OK;
	}

	/** Starts the procedure, and gives up one that is under way; poll it until it answers something else than WAIT. */
	readFile(): void {
		this.comparing = 0;
		this.limit = this.limitMs;
		this.prepare();
		this.file.length = 0;
		this.begin(AGAIN_FROM_MODEM);
	}

	/**
	 * Starts the short way, likewise: the application that `manners` tell from `at` on (`Uicc.saveManners`), the place that `discovery` holds, and
	 * there a comparison with buffer[0 … length). OK when the card has the same bytes; FILE_CHANGED when two comparisons in a row
	 * found a difference; or an error, NOT_FOUND among them. Neither the buffer nor `file` is touched, if what `unlock` and `channels`
	 * use is not the file buffer.
	 */
	compareFile(length: number, manners: Uint8Array, at: number, limitMs: number): void {
		this.comparing = length;
		this.limit = limitMs;
		this.manners = manners;
		this.mannersAt = at;
		this.prepare();
		this.begin(AGAIN_FROM_MODEM);
	}

	private prepare(): void {
		this.forsake();
		this.cancel();
		this.uicc.reset();
		this.closeCode = OK;
		this.needed = 0;
		this.channel = -1;
		this.link = this.first;
		this.uicc.use(this.links[this.first]);
		if (this.tried !== null) this.tried.fill(OK);
		this.begun = false;
		this.parting = false;
		this.closing = false;
		this.runs = 0;
		this.verdictBefore = OK;
		this.unlocked = false;
		this.searched = false;
	}

	/** Takes bytes[0 … count) that the modem sent. True when poll should be called now. */
	receive(bytes: Uint8Array, count: number): boolean {
		const at = this.at;
		return at !== null && at.receive(bytes, count);
	}

	/**
	 * WAIT; OK when `file` holds the checked file, or the card the same; or an error. To be called after `receive` has answered true, when `wakeAt` is due,
	 * and when the platform can write again. `now` is a monotonic int32 of milliseconds.
	 */
	poll(now: number): number {
		if (this.state === State.IDLE) return NOT_STARTED;
		this.lastPoll = now;
		if (!this.begun) {
			this.begun = true;
			this.deadline = (now + this.limit) | 0;
		}
		for (;;) {
			if (this.parting || ((now - this.deadline) | 0) >= 0) this.watch(now);
			const state = this.state as State;
			if (state <= State.OVER) {
				this.state = State.IDLE;
				this.ended();
				return this.result;
			}
			if (state === State.AGAIN) {
				this.begin(this.remedy);
				continue;
			}
			let code = WAIT;
			if (state >= State.RECLAIM) {
				code = this.uicc.poll(now);
				this.wakeAt = this.uicc.wakeAt;
			} else code = this.pollOther(state, now);
			if (code === WAIT) {
				if (((this.wakeAt - this.deadline) | 0) > 0) this.wakeAt = this.deadline;
				return WAIT;
			}
			this.proceed(code);
			if (this.remedy < 0) this.failed(this.remedy);
		}
	}

	/** The result is about to be given: for what is done with each, whatever it is. */
	protected ended(): void {}

	/** Ends the procedure: the channel is closed, if it can be within 5 s, and poll, which is due at once, answers ABORTED. */
	abort(): void {
		if (this.state <= State.OVER || this.result !== OK) return;
		this.stop(ABORTED);
		this.wakeAt = this.lastPoll;
	}

	/**
	 * Ends everything at once and wipes the file, and the keys of a secure channel. A channel that is open stays open, and is in `reclaim`. May be called at any
	 * time, again and again.
	 */
	close(): void {
		this.forsake();
		this.cancel();
		this.state = State.IDLE;
		this.file.wipe();
		this.wipe();
		if (this.unlock !== null && this.unlock.close !== undefined) this.unlock.close();
		for (let i = 0; i < this.links.length; i++) {
			const link = this.links[i];
			if (link.close !== undefined) link.close();
		}
	}

	/** What was sent to the card may have held a PIN. */
	private wipe(): void {
		this.uicc.wipe();
		if (this.at !== null) this.at.commandLine.wipe();
	}

	private begin(remedy: number): void {
		this.runs += 1;
		this.result = OK;
		this.remedy = 0;
		this.sw = 0;
		this.cme = -1;
		this.rereads = 0;
		this.count = 0;
		// A card that was reset wants its PIN again; it says so itself if it does not.
		this.unlocked = false;
		const modem = this.modem;
		if (remedy === AGAIN_FROM_MODEM && modem !== null) {
			// A card that was there before may come back.
			modem.patient = this.runs > 1;
			modem.start();
			this.enter(State.MODEM, STEP_MODEM);
		} else this.enterCard();
	}

	/** The card may be asked. A modem that was off has lost the channels of before. */
	private enterCard(): void {
		const channel = this.reclaim;
		this.reclaim = -1;
		if (channel > 0 && !this.uicc.withoutChannels && (this.modem === null || this.modem.wasOff !== true)) {
			this.uicc.adopt(channel);
			this.uicc.close();
			this.enter(State.RECLAIM, STEP_CHANNEL);
		} else this.open();
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
		if (this.parting && !this.closing) {
			this.closing = true;
			const patient = this.result !== OUT_OF_TIME && this.result !== ABORTED;
			this.deadline = (now + (patient ? CLOSE_PATIENT_LIMIT_MS : CLOSE_LIMIT_MS)) | 0;
		}
		if (((now - this.deadline) | 0) < 0) return;
		if (!this.closing) {
			this.stop(OUT_OF_TIME);
			if (this.parting) this.watch(now);
		} else {
			this.closeCode = OUT_OF_TIME;
			this.forsake();
			this.cancel();
			this.state = State.OVER;
		}
	}

	/** The channel, if there is one, stays open behind us. */
	private forsake(): void {
		const uicc = this.uicc;
		if (this.state === State.OPEN && !uicc.withoutChannels) this.lost = true;
		if (uicc.open && uicc.channel > 0) this.reclaim = uicc.channel;
		uicc.lose();
	}

	private stop(code: number): void {
		this.result = code;
		this.parting = true;
		this.remedy = 0;
		this.sw = 0;
		// A channel that is just being opened is waited for: it has to be closed.
		if (this.state === State.OPEN) return;
		if (this.state === State.CLOSE) return;
		this.cancel();
		this.leave();
	}

	private open(): void {
		const channels = this.channels;
		if (this.lost && channels !== null && channels.start(this.uicc, true)) {
			this.enter(State.CHANNELS, STEP_CHANNEL);
			return;
		}
		this.uicc.openChannel();
		this.enter(State.OPEN, STEP_CHANNEL);
	}

	private pollOther(state: State, now: number): number {
		let code = NOT_STARTED;
		if (state === State.DISCOVER) {
			code = this.discovery.poll(now);
			this.wakeAt = this.discovery.wakeAt;
			this.step = this.discovery.step;
		} else if (state === State.UNLOCK && this.unlock !== null) {
			code = this.unlock.poll(now);
			this.wakeAt = this.unlock.wakeAt;
		} else if (state === State.CHANNELS && this.channels !== null) {
			code = this.channels.poll(now);
			this.wakeAt = this.channels.wakeAt;
		} else if (this.modem !== null) {
			code = this.modem.poll(now);
			this.wakeAt = this.modem.wakeAt;
			if (state === State.MODEM) this.step = this.modem.step;
		}
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
				// Whatever the card answered: a channel that is open no more is as good.
				if (code > NO_CHANNEL && code !== OK && code !== MODEM_RESTARTED) this.reclaim = this.uicc.channel;
				this.open();
				return;
			case State.OPEN:
				this.opened(code);
				return;
			case State.CHANNELS:
				if (code !== OK) this.fail(code);
				else {
					this.searched = !this.lost || !this.uicc.open;
					this.lost = false;
					if (this.uicc.open) this.opened(OK);
					else this.enterCard();
				}
				return;
			case State.DISCOVER:
				if (code !== OK) this.fail(code);
				else this.select();
				return;
			case State.UNLOCK:
				this.wipe();
				if (code !== OK) this.fail(code);
				else if (this.unlockingFile) this.select();
				else {
					this.discovery.resume();
					this.enter(State.DISCOVER, this.discovery.step);
				}
				return;
			case State.SELECT:
				if (this.mayLieElsewhere(code)) this.searchOn();
				else if (code !== OK) this.fail(code);
				else {
					this.uicc.response.store(this.file.buffer, 0, this.file.buffer.length);
					this.count = 0;
					this.readOn(this.uicc.step, false);
				}
				return;
			case State.READ:
				if (this.mayLieElsewhere(code) && this.uicc.response.count === 0) this.searchOn();
				else if (code !== OK) this.fail(code);
				else this.readMore();
				return;
			case State.APPLICATION:
				if (code !== OK) this.fail(code);
				else this.select();
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
				else if (code === OK && this.reclaim === this.channel) this.reclaim = -1;
				if (code === MODEM_RESTARTED && this.remedy !== 0) this.remedy = AGAIN_FROM_MODEM;
				// A card that does not close channels is not asked for another one.
				else if (code !== OK) {
					this.remedy = 0;
					this.parting = true;
				}
				this.part();
				return;
			case State.FAREWELL:
				this.state = State.OVER;
				return;
		}
	}

	private opened(code: number): void {
		this.channel = this.uicc.channel;
		if (this.result !== OK) this.leave();
		else if (code !== OK) this.fail(code);
		else if (this.comparing > 0) this.selectAgain();
		else this.discover();
	}

	private selectAgain(): void {
		this.count = this.comparing;
		this.uicc.loadManners(this.manners, this.mannersAt);
		this.uicc.selectAgain();
		this.enter(State.APPLICATION, STEP_APPLICATION);
	}

	private discover(): void {
		this.discovery.stopAtSecurity = this.unlock !== null && !this.unlocked;
		this.discovery.start();
		this.enter(State.DISCOVER, this.discovery.step);
	}

	/** A place that the directory names is not there; while the directory is still in the buffer, it may name another one. */
	private mayLieElsewhere(code: number): boolean {
		return (code === NOT_FOUND || code === PATH_INVALID) && this.rereads === 0;
	}

	private searchOn(): void {
		this.discovery.next();
		this.enter(State.DISCOVER, this.discovery.step);
	}

	private select(): void {
		this.uicc.selectFile(this.discovery.path, 0, this.discovery.pathLength);
		this.enter(this.comparing > 0 ? State.COMPARE_SELECT : State.SELECT, STEP_SELECT);
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
		if (this.confirm && this.count > 0 && this.links[this.link].authentic !== true) {
			this.uicc.selectFile(this.discovery.path, 0, this.discovery.pathLength);
			this.enter(State.COMPARE_SELECT, STEP_CONFIRM);
		} else this.check();
	}

	private compared(): void {
		const response = this.uicc.response;
		if (response.difference < 0 && response.count === this.count) this.check();
		else if (this.comparing > 0 && this.rereads > 0) this.fail(FILE_CHANGED);
		else if (this.rereads < REREADS) {
			this.rereads += 1;
			this.select();
		} else this.fail(FILE_UNSTABLE);
	}

	private check(): void {
		let code = this.comparing > 0 ? OK : this.verdict;
		this.step = code === OK ? STEP_CHECK : STEP_READ;
		if (code === OK && this.comparing === 0) code = this.file.check(this.count);
		if (code !== OK) this.fail(code);
		else {
			this.first = this.link;
			this.leave();
		}
	}

	/** Something went wrong. `poll` looks at it, so that fewer calls of this object stand in each other (at.ts, `ended`). */
	private fail(code: number): void {
		this.remedy = code;
	}

	/** Something went wrong: it is the result, unless there is something that may mend it. */
	private failed(code: number): void {
		this.remedy = 0;
		const card = code <= NO_CHANNEL && code >= RECEIVER_TOO_SMALL;
		if (this.unlockFor(code) || this.searchFor(code)) return;
		this.result = code;
		// Only what the card itself refused has a status word to tell of, and only the modem and its SIM a +CME ERROR.
		this.sw = this.state === State.DISCOVER ? this.discovery.sw : card ? this.uicc.response.sw : 0;
		if (this.at !== null && code > NO_CHANNEL) this.cme = this.at.cme;
		const link = this.state >= State.DISCOVER;
		if (link) this.remedy = this.remedyOf(code);
		// A modem that has restarted has reset the card, and its channels with it.
		if (code === MODEM_RESTARTED) {
			this.uicc.lose();
			this.lost = false;
			if (this.runs < RUNS_MAX) this.remedy = AGAIN_FROM_MODEM;
		}
		if (link && this.tried !== null) this.noteLink(this.tried);
		this.leave();
	}

	/** A file that needs a PIN is opened once, if there is something to open it with. */
	private unlockFor(code: number): boolean {
		const unlock = this.unlock;
		if (code !== SECURITY_STATUS || unlock === null || this.unlocked || this.state === State.OPEN) return false;
		this.unlocked = true;
		// While the directory is searched the file is not known yet: the application's own PIN is meant.
		this.unlockingFile = this.state !== State.DISCOVER;
		unlock.start(this.uicc, this.discovery.path, 0, this.unlockingFile ? this.discovery.pathLength : 0);
		this.enter(State.UNLOCK, STEP_PIN);
		return true;
	}

	/** A channel that may be open without our knowing is looked for, and one is freed when none is left. */
	private searchFor(code: number): boolean {
		const channels = this.channels;
		if (channels === null || this.searched || this.uicc.withoutChannels || this.state === State.CHANNELS) return false;
		const refused = code === NO_CHANNEL;
		if (this.state === State.OPEN) {
			if (!refused && !this.uicc.openIsDoubtful(code)) return false;
			this.lost = !refused;
		} else if (this.uicc.channelIsDoubtful(code)) this.reclaim = this.uicc.channel;
		else return false;
		this.searched = true;
		if (!channels.start(this.uicc, !refused)) return false;
		this.uicc.lose();
		this.enter(State.CHANNELS, STEP_CHANNEL);
		return true;
	}

	/** What may help against an error, 0 for nothing: the next link, or another run. A verdict that came twice is one. */
	private remedyOf(code: number): number {
		const remedy = remedyFor(code);
		// A channel that was perhaps opened and cannot be found is not followed by another one.
		if (this.state === State.OPEN && this.channels === null && remedy === AGAIN_FROM_CHANNEL) return 0;
		// What was read twice need not be read again.
		if (code <= NO_DATA && this.count > 0) return 0;
		if (remedy === AGAIN_ON_NEXT_LINK) return this.nextLink() >= 0 ? remedy : 0;
		const again = this.runs < RUNS_MAX && this.confirm && code !== this.verdictBefore;
		if (remedy === AGAIN_FROM_CHANNEL && !again && this.isLinks(code) && this.nextLink() >= 0)
			return AGAIN_ON_NEXT_LINK;
		if (remedy === 0 || !again) return 0;
		this.verdictBefore = code;
		return remedy;
	}

	/** Whether an error that came again and again may be one of the link, though the modem has not refused the command. */
	private isLinks(code: number): boolean {
		// Without an application of our own, one that is not there says nothing.
		return linkMayBeAtFault(code) || (code === NO_APPLICATION && this.uicc.pathsOnly);
	}

	/** The first link in order that has not been tried, -1 for none. What is remembered belongs to one link. */
	private nextLink(): number {
		const tried = this.tried;
		if (tried === null || this.comparing > 0) return -1;
		for (let i = 0; i < this.links.length; i++) if (i !== this.link && tried[i * TRIED_FIELDS] === OK) return i;
		return -1;
	}

	/** The link has failed for good: that is kept. When it was the last one, the first one's failure is the result. */
	private noteLink(tried: Int32Array): void {
		let at = this.link * TRIED_FIELDS;
		if (this.remedy !== 0 && this.remedy !== AGAIN_ON_NEXT_LINK) return;
		tried[at] = this.result;
		tried[at + 1] = this.step;
		tried[at + 2] = this.sw;
		tried[at + 3] = this.cme;
		const ofLink = remedyFor(this.result) === AGAIN_ON_NEXT_LINK || this.isLinks(this.result);
		if (this.remedy !== 0 || !ofLink) return;
		for (at = 0; at < tried.length; at += TRIED_FIELDS) {
			if (tried[at] === OK) continue;
			this.result = tried[at];
			this.step = tried[at + 1];
			this.sw = tried[at + 2];
			this.cme = tried[at + 3];
			return;
		}
	}

	/** On the way out the channel is closed. */
	private leave(): void {
		if (this.remedy === 0) this.parting = true;
		if (!this.uicc.open) this.part();
		else {
			this.uicc.close();
			this.enter(State.CLOSE, STEP_CLOSE);
		}
	}

	/** The channel is closed: another run, or the modem gets its last word. */
	private part(): void {
		const remedy = this.remedy;
		if (remedy !== 0) {
			if (remedy === AGAIN_ON_NEXT_LINK) {
				this.link = this.nextLink();
				this.uicc.use(this.links[this.link]);
				this.runs = 0;
				this.verdictBefore = OK;
			}
			this.state = State.AGAIN;
		} else this.state = this.modem !== null && this.modem.farewell() ? State.FAREWELL : State.OVER;
	}
}
