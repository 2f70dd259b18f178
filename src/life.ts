// The life after the first bootstrap (LwM2M TS 1.1, 6.1.3.2): what came from the card is remembered; at power-on, and before every Register
// and Update, it is made sure that it is still what the card says; when it has changed it is disabled and replaced, and when the card is
// gone it is deleted.
//
//   run     at power-on: the short way, comparing; the whole procedure where there is nothing to compare, or something has changed
//   verify  while the accounts are in use, on a line that the application lends: the short way and nothing else
//
// What is compared is every byte of the file that counts, on the card, with every byte that is kept. The accounts are views into the
// buffer: before its first byte changes, `file.length` is 0, `valid` false, and `generation` another number.

import type { Bootstrap } from "./bootstrap.js";
import {
	ABORTED,
	CARD_BUSY,
	CME_ERROR,
	COMMAND_ERROR,
	FILE_CHANGED,
	FILE_MALFORMED,
	FILE_MISSING,
	FILE_TOO_LARGE,
	FILE_TRUNCATED,
	FILE_UNSTABLE,
	MODEM_IN_USE,
	NO_APPLICATION,
	NO_CHANNEL,
	NO_DATA,
	NO_OBJECT,
	NOT_FOUND,
	NOT_STARTED,
	OBJECT_MALFORMED,
	OK,
	OUT_OF_TIME,
	PATH_INVALID,
	RECORD_MISSING,
	RECORD_NOT_KEPT,
	SECURITY_STATUS,
	SIM_ABSENT,
	SWITCHED_OFF,
	TLV_MISPLACED,
	WAIT,
} from "./codes.js";
import type { Entrance } from "./entrance.js";
import type { LentLine } from "./lent-line.js";
import { saveManners } from "./manners.js";
import type { Sha256 } from "./platform.js";
import { type CardRecord, FINGERPRINT_BYTES, MANNERS_AT } from "./store.js";

/** Nothing is known yet. */
export const STATE_UNKNOWN = 0;
/** There was no record; the file was read. */
export const STATE_FIRST = 1;
/** The card has what is remembered. */
export const STATE_UNCHANGED = 2;
/** It has something else, or it is another card: see `reason`. */
export const STATE_CHANGED = 3;
/** There is no card any more, or nothing on it: what came from it is deleted. */
export const STATE_REMOVED = 4;
/** The same, and nothing was remembered. */
export const STATE_ABSENT = 5;
/** Nobody knows: what is remembered stays. */
export const STATE_FAILED = 6;

/** Why it is STATE_CHANGED. */
export const REASON_NONE = 0;
/** The file has other bytes. */
export const REASON_CONTENT = 1;
/** The card has another number (ICCID), whatever its file says. */
export const REASON_CARD = 2;
/** The file, or its application, is not where it was. */
export const REASON_PLACE = 3;

/** A SIM is gone when the modem says so twice, this far apart. */
const ABSENCE_PAUSE_MS = 2000;
/** A changed file that fails its check is read again after this long: it may be in the middle of an update over the air. */
const UPDATE_PAUSE_MS = 5000;
/** How long `verify` may take, before closing the channel. */
export const VERIFY_LIMIT_MS = 15000;

/** What names a PIN that a card has refused, or the keys of a secure channel; 0 for none. */
export interface RefusedPin {
	refused: number;
}
export interface RefusedKeys {
	refusedKeys: number;
}

export interface LifeParts {
	bootstrap: Bootstrap;
	/** The prelude of `bootstrap`. */
	entrance: Entrance;
	/** What tells the application's lines from ours. */
	line: LentLine;
	record: CardRecord;
	/** VIA_CSIM and the like for each of the links of `bootstrap`; null for AT+CSIM alone. */
	ways: Uint8Array | null;
	pin: RefusedPin | null;
	secure: RefusedKeys | null;
	/** The platform's SHA-256, for `fingerprint`; null for none. */
	sha256: Sha256 | null;
}

export interface LifeOptions {
	/** Use what is remembered when the card could not be asked (STATE_FAILED). */
	useUnverified: boolean;
	/** The limit for `verify`, in milliseconds. */
	verifyLimitMs: number;
}

const enum Stage {
	IDLE,
	OVER,
	/** The comparison. */
	SHORT,
	/** The whole procedure. */
	LONG,
	/** Between two looks for a SIM, */
	ABSENCE,
	/** and between two reads of a file that fails its check. */
	UPDATE,
}

/** Whether the card ends in "no data": it was asked, and has nothing. */
function isNoData(code: number): boolean {
	return code === NO_APPLICATION || code === NO_OBJECT || code === FILE_MISSING || code === NO_DATA;
}

/** Whether a file was read that fails its check. */
function isUnfit(code: number): boolean {
	if (code === FILE_TOO_LARGE || code === FILE_TRUNCATED || code === FILE_UNSTABLE || code === FILE_MALFORMED)
		return true;
	return code <= OBJECT_MALFORMED && code >= TLV_MISPLACED;
}

/** Whether the short way's failure may be the remembered way's, and not the card's: the whole procedure may find another one. */
function mayBeTheWay(code: number): boolean {
	switch (code) {
		case CME_ERROR:
		case COMMAND_ERROR:
		case PATH_INVALID:
			return true;
		case SECURITY_STATUS:
		case CARD_BUSY:
			return false;
	}
	return code <= NO_CHANNEL && code > NO_APPLICATION;
}

export class Life {
	/** STATE_FIRST … STATE_FAILED, once poll has answered something else than WAIT. */
	state: number;
	/** REASON_CONTENT and the like, with STATE_CHANGED. */
	reason: number;
	/** The accounts in `bootstrap.file` may be used. */
	valid: boolean;
	/** The card has just confirmed them; not so with STATE_FAILED. */
	verified: boolean;
	/** What came from the card before this number changed must not be used any more. */
	generation: number;
	/** The store has what is in use: OK, or RECORD_NOT_KEPT. */
	storeCode: number;
	/** Command APDUs of the last `run` or `verify`. */
	exchanges: number;
	/** SHA-256 of the file, when `hasFingerprint`. */
	readonly fingerprint: Uint8Array;
	hasFingerprint: boolean;
	/** When poll is to be called next, after it has answered WAIT. */
	wakeAt: number;
	/** The file, the step, the status word: see there. */
	readonly bootstrap: Bootstrap;
	readonly record: CardRecord;
	private readonly entrance: Entrance;
	private readonly line: LentLine;
	private readonly ways: Uint8Array | null;
	private readonly pin: RefusedPin | null;
	private readonly secure: RefusedKeys | null;
	private readonly sha256: Sha256 | null;
	private readonly useUnverified: boolean;
	private readonly verifyLimitMs: number;
	private stage: Stage;
	private verifying: boolean;
	private result: number;
	/** There was something from a card when it began. */
	private held: boolean;
	/** The change is confirmed, and the record disabled. */
	private changed: boolean;
	/** The buffer does not hold the image of the record any more. */
	private dirty: boolean;
	private absences: number;
	private misfits: number;
	private deadline: number;
	private begun: boolean;
	private aborted: boolean;
	private lastPoll: number;

	constructor(parts: LifeParts, options: LifeOptions) {
		if (!(options.verifyLimitMs >= 1 && options.verifyLimitMs <= 0x3fffffff)) {
			throw new TypeError("verifyLimitMs: expected 1 or more, got " + options.verifyLimitMs);
		}
		this.state = STATE_UNKNOWN;
		this.reason = REASON_NONE;
		this.valid = false;
		this.verified = false;
		this.generation = 0;
		this.storeCode = OK;
		this.exchanges = 0;
		this.fingerprint = new Uint8Array(FINGERPRINT_BYTES);
		this.hasFingerprint = false;
		this.wakeAt = 0;
		this.bootstrap = parts.bootstrap;
		this.record = parts.record;
		this.entrance = parts.entrance;
		this.line = parts.line;
		this.ways = parts.ways;
		this.pin = parts.pin;
		this.secure = parts.secure;
		this.sha256 = parts.sha256;
		this.useUnverified = options.useUnverified;
		this.verifyLimitMs = options.verifyLimitMs;
		this.stage = Stage.IDLE;
		this.verifying = false;
		this.result = OK;
		this.held = false;
		this.changed = false;
		this.dirty = false;
		this.absences = 0;
		this.misfits = 0;
		this.deadline = 0;
		this.begun = false;
		this.aborted = false;
		this.lastPoll = 0;
	}

	/**
	 * Starts at power-on, and gives up what is under way; poll it until it answers something else than WAIT: OK when there are accounts
	 * that the card has just confirmed; else why not, and `state` and `valid` say what that means.
	 */
	run(): void {
		this.begin(false);
		this.invalidate();
		const code = this.record.load();
		this.recall();
		if (code === OK && this.record.off) {
			this.finish(STATE_ABSENT, SWITCHED_OFF);
			return;
		}
		// After a change that was not replaced there is nothing to compare, and whatever is found is a change.
		this.held = this.record.usable || this.record.disabled;
		this.dirty = false;
		if (this.record.usable) this.goShort();
		else this.goLong();
	}

	/**
	 * Starts the check of accounts that are in use, before a Register or Update: nothing is touched unless something has changed. After
	 * STATE_CHANGED without `valid`, `run` reads what is there now. MODEM_IN_USE when the line cannot be lent.
	 */
	verify(): void {
		this.begin(true);
		if (this.line.busy) {
			this.finish(STATE_FAILED, MODEM_IN_USE);
			return;
		}
		const file = this.bootstrap.file;
		if (!this.valid || file.length === 0) {
			const code = this.record.load();
			this.recall();
			const usable = code === OK && this.record.usable && !this.record.off;
			if (!usable || file.check(this.record.imageLength) !== OK) {
				this.finish(STATE_FAILED, code === OK ? RECORD_MISSING : code);
				return;
			}
			this.valid = this.useUnverified;
		}
		this.held = true;
		this.line.begin();
		this.goShort();
	}

	/**
	 * Switches SIM bootstrap off or on again, and keeps that. Off, what came from the card is deleted, and `run` does not ask for it. OK,
	 * RECORD_NOT_KEPT, or MODEM_IN_USE as long as `run` or `verify` is under way.
	 */
	enable(on: boolean): number {
		const record = this.record;
		if (this.stage !== Stage.IDLE) return MODEM_IN_USE;
		// With accounts in use the record is here already, and its image in the buffer.
		if (!this.valid) record.load();
		if (record.off !== on) return OK;
		this.invalidate();
		this.bootstrap.file.wipe();
		this.state = STATE_ABSENT;
		record.off = !on;
		this.storeCode = record.forget();
		return this.storeCode;
	}

	/** Takes bytes[0 … count) that the modem sent. True when poll should be called now. */
	receive(bytes: Uint8Array, count: number): boolean {
		if (this.verifying) {
			if (this.stage === Stage.IDLE) {
				// It was over a moment ago, and the application does not know it yet.
				this.line.handOver(bytes, count);
				return false;
			}
			this.line.receive(bytes, count);
		}
		return this.bootstrap.receive(bytes, count);
	}

	/** WAIT; OK when the card has confirmed the accounts; or why there are none, or none that are confirmed. */
	poll(now: number): number {
		if (this.stage === Stage.IDLE) return NOT_STARTED;
		this.lastPoll = now;
		if (!this.begun) {
			this.begun = true;
			this.deadline = (now + this.verifyLimitMs) | 0;
		}
		for (;;) {
			const stage = this.stage as Stage;
			if (stage === Stage.OVER) {
				if (this.verifying) this.line.end();
				this.stage = Stage.IDLE;
				return this.result;
			}
			if (stage === Stage.ABSENCE || stage === Stage.UPDATE) {
				if (((now - this.wakeAt) | 0) < 0) return WAIT;
				if (this.verifying && ((now - this.deadline) | 0) >= 0) this.fail(OUT_OF_TIME);
				else if (this.record.usable) this.goShort();
				else this.goLong();
				continue;
			}
			const code = this.bootstrap.poll(now);
			if (code === WAIT) {
				this.wakeAt = this.bootstrap.wakeAt;
				return WAIT;
			}
			this.exchanges += this.bootstrap.exchanges;
			if (stage === Stage.SHORT) this.shortOver(code, now);
			else this.longOver(code, now);
			// The channel was being closed, and there would be more to do.
			if (this.aborted && this.stage > Stage.OVER) this.fail(ABORTED);
		}
	}

	/** Ends what is under way: the channel is closed, settings are restored, and poll, which is due at once, answers ABORTED. */
	abort(): void {
		if (this.stage <= Stage.OVER) return;
		this.aborted = true;
		if (this.stage < Stage.ABSENCE) this.bootstrap.abort();
		else this.fail(ABORTED);
		this.wakeAt = this.lastPoll;
	}

	/** Ends everything at once and wipes the file and the keys of a secure channel. The store keeps what it has. May be called at any time. */
	close(): void {
		this.cancel();
		this.valid = false;
		this.generation += 1;
		this.record.clear();
		this.bootstrap.close();
	}

	private cancel(): void {
		if (this.verifying && this.stage > Stage.OVER) this.line.end();
		this.stage = Stage.IDLE;
	}

	private begin(verifying: boolean): void {
		this.cancel();
		this.verifying = verifying;
		this.wakeAt = this.lastPoll;
		this.entrance.visit(verifying);
		this.state = STATE_UNKNOWN;
		this.reason = REASON_NONE;
		this.verified = false;
		this.storeCode = OK;
		this.exchanges = 0;
		this.changed = false;
		this.absences = 0;
		this.misfits = 0;
		this.begun = false;
		this.aborted = false;
	}

	/** What came from the card must not be used any more. Its bytes are still there. */
	private invalidate(): void {
		if (this.valid) this.generation += 1;
		this.valid = false;
		this.hasFingerprint = false;
		this.bootstrap.file.length = 0;
	}

	/** What the record knows beside the image goes to where it is used. */
	private recall(): void {
		const record = this.record;
		// What was refused since stays refused, though the store may not have taken it.
		if (this.pin !== null && record.refusedPin !== 0) this.pin.refused = record.refusedPin;
		if (this.secure !== null && record.refusedKeys !== 0) this.secure.refusedKeys = record.refusedKeys;
		this.hasFingerprint = record.fingerprintTo(this.fingerprint);
	}

	private goShort(): void {
		const bootstrap = this.bootstrap;
		const record = this.record;
		this.restore();
		const discovery = bootstrap.discovery;
		// Whoever kept it may have had other ways, or the same in another order.
		const ways = this.ways;
		bootstrap.first = 0;
		if (ways !== null) for (let i = 0; i < ways.length; i++) if (ways[i] === record.way) bootstrap.first = i;
		discovery.take(record.pathTo(discovery.path), record.offset, record.length);
		this.stage = Stage.SHORT;
		// At power-on the modem has to be woken first, which may take longer than a visit.
		let left = this.verifying ? this.verifyLimitMs : bootstrap.limitMs;
		if (this.verifying && this.begun) left = (this.deadline - this.lastPoll) | 0;
		bootstrap.compareFile(record.imageLength, record.header, MANNERS_AT, left < 1 ? 1 : left);
	}

	private goLong(): void {
		this.stage = Stage.LONG;
		this.dirty = true;
		this.bootstrap.readFile();
	}

	private finish(state: number, code: number): void {
		this.state = state;
		this.result = code;
		this.verified = code === OK;
		this.stage = Stage.OVER;
	}

	/** Whether another card is there than the one that is remembered. */
	private isOtherCard(): boolean {
		const entrance = this.entrance;
		const record = this.record;
		return entrance.iccidLength > 0 && record.hasIccid && !record.isIccid(entrance.iccid, entrance.iccidLength);
	}

	private shortOver(code: number, now: number): void {
		if (this.isOtherCard()) this.reason = REASON_CARD;
		if (code === OK) this.same();
		else if (code === FILE_CHANGED || (this.verifying && code === NOT_FOUND)) {
			if (this.reason === REASON_NONE) this.reason = code === FILE_CHANGED ? REASON_CONTENT : REASON_PLACE;
			this.changed = true;
			if (this.verifying) this.disable(FILE_CHANGED);
			else {
				this.disable(code);
				this.goLong();
			}
		} else if (code === SIM_ABSENT) this.missing(now);
		else if (!this.verifying && mayBeTheWay(code)) this.goLong();
		else this.fail(code);
	}

	/** The card has the same bytes. */
	private same(): void {
		const entrance = this.entrance;
		const record = this.record;
		const file = this.bootstrap.file;
		if (file.length !== record.imageLength && file.check(record.imageLength) !== OK) {
			// A record whose checksum holds, and whose content does not: what wrote it found other things right.
			this.goLong();
			return;
		}
		const other = this.reason === REASON_CARD;
		if (other && this.valid) this.generation += 1;
		this.valid = true;
		let news = this.noteRefusals();
		if (other || (entrance.iccidLength > 0 && !record.hasIccid && !this.verifying)) {
			record.setIccid(entrance.iccid, entrance.iccidLength);
			news = true;
		}
		if (news) this.storeCode = record.keep(record.imageLength, true);
		else if (!record.kept) this.storeCode = RECORD_NOT_KEPT;
		this.finish(other ? STATE_CHANGED : STATE_UNCHANGED, OK);
	}

	private longOver(code: number, now: number): void {
		if (this.isOtherCard()) this.reason = REASON_CARD;
		if (code === OK) this.taken();
		else if (code === SIM_ABSENT) this.missing(now);
		else if (isNoData(code)) this.gone(code);
		else if (isUnfit(code) && this.held) {
			this.misfits += 1;
			// There is a card.
			this.absences = 0;
			if (this.misfits < 2) this.pause(Stage.UPDATE, now, UPDATE_PAUSE_MS);
			else this.disable(code);
		} else this.fail(code);
	}

	/** The file was read, and is right. */
	private taken(): void {
		const record = this.record;
		const length = this.bootstrap.file.length;
		this.dirty = false;
		this.valid = true;
		// The remembered way to it did not work any more, and that was all.
		if (this.held && record.usable && this.reason !== REASON_CARD && record.isImage(length)) {
			this.remember(length, true);
			this.finish(STATE_UNCHANGED, OK);
			return;
		}
		if (this.held && this.reason === REASON_NONE) this.reason = record.usable ? REASON_PLACE : REASON_CONTENT;
		this.hasFingerprint =
			this.sha256 !== null && this.sha256(this.bootstrap.file.buffer, length, this.fingerprint) === true;
		this.remember(length, false);
		this.finish(this.held ? STATE_CHANGED : STATE_FIRST, OK);
	}

	/** Keeps the file and all that is known beside it; `same` when the store has its bytes already. */
	private remember(length: number, same: boolean): void {
		const bootstrap = this.bootstrap;
		const discovery = bootstrap.discovery;
		const entrance = this.entrance;
		const record = this.record;
		record.renew();
		const way = this.ways === null ? 0 : this.ways[bootstrap.link];
		record.setPlace(way, discovery.path, discovery.pathLength, discovery.offset, discovery.length);
		saveManners(bootstrap.uicc, record.header, MANNERS_AT);
		if (entrance.iccidLength > 0 || !same) record.setIccid(entrance.iccid, entrance.iccidLength);
		this.noteRefusals();
		if (this.hasFingerprint) record.setFingerprint(this.fingerprint);
		this.storeCode = record.keep(length, same);
		if (this.storeCode === OK) return;
		// What the store still has is not what is on the card, and it may be what takes the room.
		if (!same) {
			const found = record.condition !== RECORD_MISSING;
			if (record.erase() === OK && found) this.storeCode = record.keep(length, false);
		}
		// It can be compared with the card all the same, until the next start.
		record.imageLength = length;
	}

	/** Takes over what was refused. True when it is news. */
	private noteRefusals(): boolean {
		const record = this.record;
		const pin = this.pin === null ? record.refusedPin : this.pin.refused;
		const keys = this.secure === null ? record.refusedKeys : this.secure.refusedKeys;
		if (pin === record.refusedPin && keys === record.refusedKeys) return false;
		record.setRefused(keys, pin);
		return true;
	}

	/** What came from the card before does not count any more, and there is nothing in its place. */
	private disable(code: number): void {
		if (this.reason === REASON_NONE) this.reason = REASON_CONTENT;
		this.invalidate();
		this.noteRefusals();
		this.storeCode = this.record.disable();
		this.finish(STATE_CHANGED, code);
	}

	/** The SIM is said to be absent. */
	private missing(now: number): void {
		this.absences += 1;
		if (!this.entrance.absent) this.fail(SIM_ABSENT);
		else if (this.absences < 2) this.pause(Stage.ABSENCE, now, ABSENCE_PAUSE_MS);
		else this.gone(SIM_ABSENT);
	}

	/** There is no card, or nothing on it. */
	private gone(code: number): void {
		const held = this.held;
		this.invalidate();
		this.bootstrap.file.wipe();
		this.noteRefusals();
		this.storeCode = this.record.forget();
		this.reason = REASON_NONE;
		this.finish(held ? STATE_REMOVED : STATE_ABSENT, code);
	}

	/** Nobody knows. The record stays, and so do accounts that are in use, but for a change that is confirmed. */
	private fail(code: number): void {
		if (this.changed) {
			this.disable(code);
			return;
		}
		const record = this.record;
		const file = this.bootstrap.file;
		// One thing may be known: that the card is another one. Then what came from the one before waits for it.
		const other = this.reason === REASON_CARD;
		if (!this.verifying) {
			this.restore();
			this.valid = this.useUnverified && !other && record.usable && file.check(record.imageLength) === OK;
			if (!this.valid) file.length = 0;
		} else if (other || !this.valid) this.invalidate();
		if (!other) this.reason = REASON_NONE;
		if (this.noteRefusals()) this.storeCode = record.keep(record.imageLength, true);
		this.finish(STATE_FAILED, code);
	}

	/** Brings the record's image back to the buffer. */
	private restore(): void {
		if (!this.dirty) return;
		this.dirty = false;
		this.bootstrap.file.length = 0;
		if (this.record.load() === OK) this.hasFingerprint = this.record.fingerprintTo(this.fingerprint);
	}

	private pause(stage: Stage, now: number, ms: number): void {
		this.stage = stage;
		this.wakeAt = (now + ms) | 0;
		if (this.verifying && ((this.wakeAt - this.deadline) | 0) > 0) this.wakeAt = this.deadline;
	}
}
