// The whole procedure of LwM2M "Bootstrap from Smartcard" (LwM2M TS 1.1, 6.1.3.2; Appendix G): from a modem that is on to the
// checked bytes of EF(LwM2M_Bootstrap). Bytes go in through `receive`, time through `poll`; everything else is in here.
//
//   modem ─ channel ─ discovery ─ file ─ channel closed
//
// Whatever goes wrong, the channel is closed, and an error of closing never hides the first one. What may have been an accident
// on the line is tried again from the channel on; a verdict such as "no data" counts when it came twice.

import type { At } from "./at.js";
import { BootstrapFile, HEADER_BYTES } from "./bootstrap-file.js";
import {
	ABORTED,
	ANSWER_DAMAGED,
	ANSWER_MISSING,
	CHANNEL_INVALID,
	CHANNEL_LOST,
	CME_ERROR,
	COMMAND_ERROR,
	COMMAND_TIMEOUT,
	MODEM_RESTARTED,
	NO_CHANNEL,
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
import { FileReader } from "./file-reader.js";
import type { Link } from "./link.js";
import type { Pollable } from "./machine.js";
import { loadManners } from "./manners.js";
import type { Prelude } from "./modem.js";
import {
	AGAIN_FROM_CHANNEL,
	AGAIN_FROM_MODEM,
	AGAIN_ON_NEXT_LINK,
	Attempts,
	NO_REMEDY,
	RUNS_MAX,
	TRIED_FIELDS,
} from "./remedy.js";
import { STEP_APPLICATION, STEP_CHANNEL, STEP_CLOSE, STEP_MODEM, STEP_NONE, STEP_PIN } from "./steps.js";
import { Uicc } from "./uicc.js";

export { TRIED_FIELDS };

/** After the limit is over, or abort, closing the channel may take this long; otherwise so long. */
const CLOSE_LIMIT_MS = 5000;
const CLOSE_PATIENT_LIMIT_MS = 25000;
/** Channels whose numbers got lost are looked for so many times. */
const SEARCHES_MAX = 2;

/** What opens a file that needs a PIN. */
export interface Unlock extends Pollable {
	/** Starts with path[from … to), the file that answered 6982, or with the application itself when the path is empty. */
	start(uicc: Uicc, path: Uint8Array, from: number, to: number): void;
	/** Gives up what is under way. */
	cancel(): void;
	/** Wipes the secrets of one that has any. */
	close?(): void;
}

/** What finds a channel again whose number got lost, or frees one. OK when the UICC layer has its channel, or one has become free. */
export interface ChannelSearch extends Pollable {
	/**
	 * Starts: `lost` looks for the channel that was opened for us, otherwise for one that may be closed for us. False when there
	 * is nothing it may do.
	 */
	start(uicc: Uicc, lost: boolean): boolean;
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
	RECLAIM,
	OPEN,
	CHANNELS,
	DISCOVER,
	/** The remembered application, on the short way. */
	APPLICATION,
	UNLOCK,
	FILE,
	CLOSE,
}

function expectWhole(name: string, value: number, least: number, most: number): void {
	if (!(value >= least && value <= most) || value !== Math.floor(value)) {
		throw new TypeError(name + ": expected a whole number from " + least + " to " + most + ", got " + value);
	}
}

/** Whether a channel may be open though opening it ended with this error: its number got lost. */
function openIsDoubtful(code: number): boolean {
	return code === ANSWER_DAMAGED || code === ANSWER_MISSING || code === COMMAND_TIMEOUT || code === CHANNEL_INVALID;
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
	/** The channel that was opened, -1 before; 0 where there is none of our own. It stays here after it was closed. */
	channel: number;
	/** A channel that was left open by an earlier run, which the next one closes first; -1 for none. */
	reclaim: number;
	/** The link to begin with: the one that worked the last time. The others follow in their order. */
	first: number;
	/** When poll is to be called next, after it has answered WAIT. */
	wakeAt: number;
	/** @internal */
	readonly uicc: Uicc;
	/** @internal Where the file was found: `path[0 … pathLength)`. */
	readonly discovery: Discovery;

	private readonly reader: FileReader;
	private readonly attempts: Attempts;
	private readonly at: At | null;
	private readonly modem: Prelude | null;
	private readonly unlock: Unlock | null;
	private readonly channels: ChannelSearch | null;
	/** @internal The limit for the whole procedure, in milliseconds. */
	readonly limitMs: number;
	private state: State;
	/** What is under way. */
	private below: Pollable;
	/** The short way: so many bytes of the buffer are compared; 0 for the whole procedure. */
	private comparing: number;
	private begun: boolean;
	private lastPoll: number;
	private limit: number;
	private deadline: number;
	/** On the way out for good: what is still to come is only good manners, and has a limit of its own. */
	private parting: boolean;
	private result: number;
	/** What to do once the channel is closed. */
	private remedy: number;
	private unlocked: boolean;
	private unlockingFile: boolean;
	/** How often channels were looked for. */
	private searches: number;
	/** A channel may be open whose number is not known. */
	private lost: boolean;

	/** @throws TypeError when an option is out of its range */
	constructor(parts: BootstrapParts, options: BootstrapOptions) {
		const buffer = options.buffer;
		expectWhole("step", options.step, 1, 256);
		expectWhole("fileId", options.fileId, -1, 0xffff);
		expectWhole("limitMs", options.limitMs, 1, 0x3fffffff);
		expectWhole("buffer's length", buffer.length, HEADER_BYTES, 0x7fffffff);
		expectWhole("number of links", parts.links.length, 1, 16);
		if (options.fileId === 0) throw new TypeError("fileId: expected 1 to 65535, or -1 for none, got 0");
		if (options.oid !== null) {
			expectWhole("oid's length", options.oid.length, 1, 127);
			if (options.fileId >= 0)
				throw new TypeError("expected an oid or a fileId, got both: a fixed file is not searched for");
		}
		const uicc = new Uicc(parts.links[0], options.step);
		this.file = new BootstrapFile(buffer);
		this.step = STEP_NONE;
		this.sw = 0;
		this.cme = -1;
		this.closeCode = OK;
		this.channel = -1;
		this.reclaim = -1;
		this.first = 0;
		this.wakeAt = 0;
		this.uicc = uicc;
		this.discovery = new Discovery(uicc, buffer, options.oid, options.fileId);
		this.reader = new FileReader(uicc, this.file, this.discovery, options.confirm);
		this.attempts = new Attempts(parts.links, options.confirm);
		this.at = parts.at;
		this.modem = parts.modem;
		this.unlock = parts.unlock;
		this.channels = parts.channels;
		this.limitMs = options.limitMs;
		this.state = State.IDLE;
		this.below = uicc;
		this.comparing = 0;
		this.begun = false;
		this.lastPoll = 0;
		this.limit = 0;
		this.deadline = 0;
		this.parting = false;
		this.result = OK;
		this.remedy = NO_REMEDY;
		this.unlocked = false;
		this.unlockingFile = false;
		this.searches = 0;
		this.lost = false;
	}

	/** Starts the procedure, and gives up one that is under way; poll it until it answers something else than WAIT. */
	readFile(): void {
		this.file.length = 0;
		this.prepare(0, this.limitMs);
	}

	/**
	 * @internal
	 * Starts the short way, likewise: the application that `manners` tell from `at` on (src/manners.ts), the place that `discovery` holds, and
	 * there a comparison with buffer[0 … length). OK when the card has the same bytes; FILE_CHANGED when two comparisons in a row
	 * found a difference; or an error, NOT_FOUND among them. Neither the buffer nor `file` is touched, if what `unlock` and `channels`
	 * use is not the file buffer.
	 */
	compareFile(length: number, manners: Uint8Array, at: number, limitMs: number): void {
		this.prepare(length, limitMs);
		loadManners(this.uicc, manners, at);
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
			if (((now - this.deadline) | 0) >= 0 && this.state > State.OVER) this.stop(OUT_OF_TIME);
			if (this.state === State.OVER) {
				this.state = State.IDLE;
				this.ended();
				return this.result;
			}
			if (this.state === State.AGAIN) this.begin();
			const below = this.below;
			let code = below.poll(now);
			if (below.step !== undefined && !this.parting) this.step = below.step;
			if (code === WAIT) {
				this.wakeAt = ((below.wakeAt - this.deadline) | 0) > 0 ? this.deadline : below.wakeAt;
				return WAIT;
			}
			code = this.proceed(code);
			if (code < 0) this.failed(code);
		}
	}

	/** Command APDUs of what was started last. */
	get exchanges(): number {
		return this.uicc.exchanges;
	}

	/** After FILE_TOO_LARGE: the size of buffer that the file needs. */
	get needed(): number {
		return this.reader.needed;
	}

	/** Which of the links is in use. */
	get link(): number {
		return this.attempts.link;
	}

	/** Why each link failed, TRIED_FIELDS numbers for each: code, step, status word, +CME ERROR. Null when there is only one link. */
	get tried(): Int32Array | null {
		return this.attempts.tried;
	}

	/** The result is about to be given: for what is done with each, whatever it is. */
	protected ended(): void {}

	/** Ends the procedure: the channel is closed, if it can be within 5 s, and poll, which is due at once, answers ABORTED. */
	abort(): void {
		if (this.state <= State.OVER || (this.parting && this.result !== OK)) return;
		this.parting = false;
		this.stop(ABORTED);
		this.wakeAt = this.lastPoll;
	}

	/**
	 * Ends everything at once and wipes the file, and the keys of a secure channel. A channel that is open stays open, and is in `reclaim`. May be called at any
	 * time, again and again.
	 */
	close(): void {
		const links = this.attempts.links;
		this.forsake();
		this.state = State.IDLE;
		this.file.wipe();
		if (this.unlock !== null && this.unlock.close !== undefined) this.unlock.close();
		for (let i = 0; i < links.length; i++) {
			const link = links[i];
			if (link.close !== undefined) link.close();
		}
	}

	private prepare(comparing: number, limitMs: number): void {
		const attempts = this.attempts;
		this.forsake();
		attempts.start(this.first, comparing > 0);
		this.uicc.use(attempts.links[this.first]);
		this.uicc.exchanges = 0;
		this.reader.needed = 0;
		this.comparing = comparing;
		this.limit = limitMs;
		this.closeCode = OK;
		this.channel = -1;
		this.begun = false;
		this.parting = false;
		this.searches = 0;
		this.remedy = AGAIN_FROM_MODEM;
		this.state = State.AGAIN;
	}

	/** Begins a run. */
	private begin(): void {
		const modem = this.modem;
		const remedy = this.remedy;
		this.remedy = NO_REMEDY;
		this.attempts.runs += 1;
		this.result = OK;
		this.sw = 0;
		this.cme = -1;
		this.reader.count = 0;
		// A card that was reset wants its PIN again; it says so itself if it does not.
		this.unlocked = false;
		if (remedy === AGAIN_FROM_MODEM && modem !== null) {
			// A card that was there before may come back.
			modem.patient = this.attempts.runs > 1;
			modem.start();
			this.enter(State.MODEM, STEP_MODEM, modem);
		} else this.enterCard();
	}

	/** The card may be asked. A modem that was off has lost the channels of before. */
	private enterCard(): number {
		const uicc = this.uicc;
		const channel = this.reclaim;
		this.reclaim = -1;
		if (channel < 1 || uicc.withoutChannels || (this.modem !== null && this.modem.wasOff === true)) return this.open();
		uicc.adopt(channel);
		uicc.close();
		return this.enter(State.RECLAIM, STEP_CHANNEL, uicc);
	}

	private open(): number {
		const channels = this.channels;
		// A way without channels of ours does not lead to it.
		if (this.lost && channels !== null && !this.uicc.withoutChannels && channels.start(this.uicc, true)) {
			return this.enter(State.CHANNELS, STEP_CHANNEL, channels);
		}
		this.uicc.openChannel();
		return this.enter(State.OPEN, STEP_CHANNEL, this.uicc);
	}

	private enter(state: State, step: number, below: Pollable): number {
		this.state = state;
		this.below = below;
		if (this.result === OK) this.step = step;
		return WAIT;
	}

	/** Gives up what is under way. The channel, if there is one, stays open behind us. */
	private forsake(): void {
		const uicc = this.uicc;
		if (this.state === State.OPEN && !uicc.withoutChannels) this.lost = true;
		if (uicc.open && uicc.channel > 0) this.reclaim = uicc.channel;
		uicc.open = false;
		this.cancel();
	}

	private cancel(): void {
		if (this.modem !== null) this.modem.cancel();
		if (this.unlock !== null) this.unlock.cancel();
		this.uicc.cancel();
		this.wipe();
	}

	/** What was sent to the card may have held a PIN. */
	private wipe(): void {
		this.uicc.command.bytes.fill(0);
		if (this.at !== null) this.at.commandLine.wipe();
	}

	/** The time is over, or nobody wants the result. Closing has a limit of its own. */
	private stop(code: number): void {
		if (this.parting) {
			this.closeCode = OUT_OF_TIME;
			this.forsake();
			this.state = State.OVER;
			return;
		}
		this.result = code;
		this.remedy = NO_REMEDY;
		this.sw = 0;
		// A channel or a session that is just being opened is waited for: it has to be closed.
		if (this.state > State.CHANNELS && this.state < State.UNLOCK && this.uicc.opening)
			this.enter(State.OPEN, STEP_CHANNEL, this.uicc);
		if (this.state === State.OPEN || this.state === State.CLOSE) this.part();
		else {
			this.cancel();
			this.leave();
		}
	}

	/** From here on only the channel and the modem are taken leave of. */
	private part(): void {
		if (this.parting) return;
		const patient = this.result !== OUT_OF_TIME && this.result !== ABORTED;
		this.parting = true;
		this.deadline = (this.lastPoll + (patient ? CLOSE_PATIENT_LIMIT_MS : CLOSE_LIMIT_MS)) | 0;
	}

	/** What was under way is over. An error, or WAIT when the next thing is under way. */
	private proceed(code: number): number {
		const uicc = this.uicc;
		const discovery = this.discovery;
		const reader = this.reader;
		switch (this.state) {
			case State.FAREWELL:
				this.state = State.OVER;
				return WAIT;
			case State.CLOSE:
				return this.closed(code);
			case State.RECLAIM:
				// Whatever the card answered: a channel that is open no more is as good.
				if (code > NO_CHANNEL && code !== OK && code !== MODEM_RESTARTED) this.reclaim = uicc.channel;
				return this.open();
			case State.OPEN:
				this.channel = uicc.channel;
				if (openIsDoubtful(code)) this.lost = true;
				if (this.parting) return this.leave();
				break;
			case State.UNLOCK:
				this.wipe();
				break;
			case State.FILE:
				// A place that the directory names is not there; while the directory is still in the buffer, it may name another one.
				if ((code === NOT_FOUND || code === PATH_INVALID) && reader.untouched && this.comparing === 0) {
					discovery.next();
					return this.enter(State.DISCOVER, discovery.step, discovery);
				}
				if (code === OK) {
					this.first = this.attempts.link;
					return this.leave();
				}
		}
		if (code !== OK) return code;
		switch (this.state) {
			case State.MODEM:
				return this.enterCard();
			case State.CHANNELS:
				this.lost = false;
				if (!uicc.open) return this.enterCard();
				this.channel = uicc.channel;
				return this.start();
			case State.OPEN:
				return this.start();
			case State.UNLOCK:
				if (this.unlockingFile) return this.readOn();
				discovery.resume();
				return this.enter(State.DISCOVER, discovery.step, discovery);
		}
		return this.readOn();
	}

	/** A channel is open. */
	private start(): number {
		const discovery = this.discovery;
		if (this.comparing > 0) {
			this.uicc.selectAgain();
			return this.enter(State.APPLICATION, STEP_APPLICATION, this.uicc);
		}
		discovery.failure.stopAtSecurity = this.unlock !== null && !this.unlocked;
		discovery.start();
		return this.enter(State.DISCOVER, discovery.step, discovery);
	}

	/** The place of the file is known. */
	private readOn(): number {
		const reader = this.reader;
		if (this.comparing > 0) reader.compare(this.comparing);
		else reader.read();
		return this.enter(State.FILE, reader.step, reader);
	}

	/** Something went wrong: it is the result, unless there is something that may mend it. */
	private failed(code: number): void {
		const uicc = this.uicc;
		const state = this.state;
		if (this.unlockFor(code) || this.searchFor(code)) return;
		this.result = code;
		// Only what the card itself refused has a status word to tell of, and only the modem and its SIM a +CME ERROR.
		if (code > NO_CHANNEL) {
			if (this.at !== null) this.cme = this.at.cme;
		} else if (state === State.DISCOVER) this.sw = this.discovery.failure.sw;
		else if (code >= RECEIVER_TOO_SMALL) this.sw = uicc.response.sw;
		if (state > State.MODEM) {
			this.remedy = this.attempts.remedy(code, !uicc.fresh);
			// A channel that was perhaps opened and cannot be found is not followed by another one.
			if (state === State.OPEN && this.channels === null && this.remedy === AGAIN_FROM_CHANNEL) this.remedy = NO_REMEDY;
		}
		// Where STATUS is refused it would be refused the next time as well.
		if (state === State.CHANNELS && (code === CME_ERROR || code === COMMAND_ERROR)) this.lost = false;
		if (code === MODEM_RESTARTED) {
			// It has reset the card, and its channels with it.
			uicc.open = false;
			this.lost = false;
			if (this.attempts.runs < RUNS_MAX) this.remedy = AGAIN_FROM_MODEM;
		}
		if (state > State.MODEM && (this.remedy === NO_REMEDY || this.remedy === AGAIN_ON_NEXT_LINK)) this.noteLink();
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
		this.enter(State.UNLOCK, STEP_PIN, unlock);
		return true;
	}

	/** A channel that may be open without our knowing is looked for, and one is freed when none is left. */
	private searchFor(code: number): boolean {
		const channels = this.channels;
		const uicc = this.uicc;
		const opening = this.state === State.OPEN;
		const lost = code !== NO_CHANNEL;
		if (channels === null || this.searches >= SEARCHES_MAX || uicc.withoutChannels || this.state === State.CHANNELS)
			return false;
		if (opening ? lost && !openIsDoubtful(code) : code !== CHANNEL_LOST || !uicc.fresh) return false;
		if (!opening) this.reclaim = uicc.channel;
		this.searches += 1;
		if (!channels.start(uicc, lost)) return false;
		uicc.open = false;
		this.enter(State.CHANNELS, STEP_CHANNEL, channels);
		return true;
	}

	/** The link has failed for good. When it was the last one, the first one's failure is the result. */
	private noteLink(): void {
		const at = this.attempts.note(this.result, this.step, this.sw, this.cme, this.remedy === NO_REMEDY);
		const tried = this.attempts.tried;
		if (at < 0 || tried === null) return;
		this.result = tried[at];
		this.step = tried[at + 1];
		this.sw = tried[at + 2];
		this.cme = tried[at + 3];
	}

	/** On the way out the channel is closed. */
	private leave(): number {
		const uicc = this.uicc;
		if (this.remedy === NO_REMEDY) this.part();
		if (!uicc.open) return this.goOn();
		uicc.close();
		return this.enter(State.CLOSE, STEP_CLOSE, uicc);
	}

	private closed(code: number): number {
		this.closeCode = code;
		if (code === OK) {
			if (this.reclaim === this.channel) this.reclaim = -1;
		} else if (code === MODEM_RESTARTED) {
			if (this.remedy !== NO_REMEDY) this.remedy = AGAIN_FROM_MODEM;
		} else {
			// The card may never have heard of it. One that does not close channels is not asked for another one; but a modem that refuses
			// everything all of a sudden does not know its session any more.
			if (code > NO_CHANNEL) this.reclaim = this.channel;
			if (!this.uicc.withoutChannels || this.result !== code) this.remedy = NO_REMEDY;
			if (this.remedy === NO_REMEDY) this.part();
		}
		return this.goOn();
	}

	/** The channel is closed: another run, or the modem gets its last word. */
	private goOn(): number {
		const modem = this.modem;
		const attempts = this.attempts;
		this.state = State.OVER;
		if (this.remedy !== NO_REMEDY) {
			if (this.remedy === AGAIN_ON_NEXT_LINK) {
				attempts.advance();
				this.uicc.use(attempts.links[attempts.link]);
			}
			this.state = State.AGAIN;
		} else if (modem !== null && modem.farewell()) this.enter(State.FAREWELL, this.step, modem);
		return WAIT;
	}
}
