// From the card to the place of the bootstrap file (LwM2M TS, G.2 and G.3): the PKCS #15 application, its EF(ODF), every
// EF(DODF) in order, the object with the bootstrap OID. The well-known AID is tried first and EF(DIR) only when that leads
// nowhere: it saves exchanges on every card that works, and finds no less.
//
// The directory files are read into the file buffer, one behind the other: the file itself comes after them. The place is a
// path and a range of bytes, even when the object holds its content directly: that is a range of bytes in EF(DODF).

import { LE_MAX } from "./apdu.js";
import {
	CHANNEL_LOST,
	DIRECTORY_MALFORMED,
	DIRECTORY_TOO_LARGE,
	FILE_MISSING,
	FILE_UNUSABLE,
	NO_APPLICATION,
	NO_CHANNEL,
	NO_OBJECT,
	NOT_FOUND,
	NOT_STARTED,
	OK,
	PATH_INVALID,
	RECEIVER_TOO_SMALL,
	RECORD_NOT_FOUND,
	SECURITY_STATUS,
	WAIT,
} from "./codes.js";
import { CONTENT, DIR_PATH_BYTES, ODF_PATH_BYTES, PATH, PKCS15_AID_BYTES, Pkcs15, USUAL_DF_BYTES } from "./pkcs15.js";
import { STEP_APPLICATION, STEP_DIR, STEP_DODF, STEP_ODF, STEP_SELECT } from "./steps.js";
import type { Uicc } from "./uicc.js";
import { FCP_BYTES, PATH_MAX_BYTES } from "./uicc.js";

/** So many records of EF(DIR), and EF(DODF)s of one application, are looked at; no card has more. */
const RECORDS_MAX = 30;
const DODFS_MAX = 16;
/** So many files that the directory names, and the card does not have, are tried. */
const OFFERS_MAX = 16;

/** File descriptor, in the control parameters of a file. */
const DESCRIPTOR_TAG = 0x82;

const enum State {
	IDLE,
	/** A place is known. */
	FOUND,
	/** There is nothing left to look at. */
	OVER,
	APPLICATION,
	ODF_SELECT,
	ODF_READ,
	DODF_SELECT,
	DODF_READ,
	DIR_SELECT,
	DIR_RECORD,
	DIR_BINARY,
}

/** Whether the card's answer only says that it is not to be had here, so that looking elsewhere makes sense. */
function isRefusal(code: number): boolean {
	return (code <= NO_CHANNEL && code >= RECEIVER_TOO_SMALL && code !== CHANNEL_LOST) || code === PATH_INVALID;
}

export class Discovery {
	/** Where the file is: path[0 … pathLength), from byte `offset` of it on, `length` bytes or -1 for what the file's header says. */
	readonly path: Uint8Array;
	pathLength: number;
	offset: number;
	length: number;
	/** The step of the whole procedure that is under way; where it failed, after an error. */
	step: number;
	/** The status word of the failure that `poll` answered, 0 when there was none. */
	sw: number;
	/** Whether a file that needs a PIN ends the search, since there is one to verify. */
	stopAtSecurity: boolean;
	/** When poll is to be called next, after it has answered WAIT. */
	wakeAt: number;

	private readonly uicc: Uicc;
	private readonly buffer: Uint8Array;
	private readonly pkcs15: Pkcs15;
	private readonly fileId: number;
	private state: State;
	/** The first failure that did not end the search, with its step and status word. */
	private failure: number;
	private failureStep: number;
	private failureSw: number;
	private foundApplication: boolean;
	/** It is only where most cards have it, and nothing in it was seen yet. */
	private guessed: boolean;
	/** The application with the well-known AID exists, and was the first to be searched. */
	private knownTried: boolean;
	/** The next record of EF(DIR), from 1; it is a linear fixed file, or else transparent. */
	private record: number;
	private transparent: boolean;
	/** How long its records are, 0 when that is not known. */
	private recordBytes: number;
	/** The PKCS #15 DF of the EF(DIR) entry in hand: buffer[dfAt … dfAt + dfLength). */
	private dfAt: number;
	private dfLength: number;
	/**
	 * EF(ODF) is buffer[0 … odfEnd), without the padding behind its last data object. So many bytes of it have been read, and there
	 * may be more. What stands at `odfAt`, where the search goes on, is `odfShift` further on in the file. So many EF(DODF)s were found.
	 */
	private odfBytes: number;
	private odfMore: boolean;
	private odfShift: number;
	private odfEnd: number;
	private odfAt: number;
	private dodfs: number;
	/** EF(DODF) is buffer[dodfFrom … dodfTo), in the same way; the search goes on at `objectAt`, -1 when no EF(DODF) is in hand. */
	private dodfFrom: number;
	private dodfTo: number;
	private dodfLimit: number;
	private dodfMore: boolean;
	private objectAt: number;
	/** Places that were found and then not, and the status word that said so. */
	private offers: number;
	private missingSw: number;
	/** The path of the EF(DODF) in hand, in the ODF; and the offset in the file of what stands at `dodfFrom`. */
	private dodfPathFrom: number;
	private dodfPathTo: number;
	private dodfOffset: number;

	/**
	 * @param oid the DER content of another OID in place of the bootstrap file's, or null
	 * @param fileId a fixed file ID under the PKCS #15 application in place of the search, or -1
	 */
	constructor(uicc: Uicc, buffer: Uint8Array, oid: Uint8Array | null, fileId: number) {
		this.path = new Uint8Array(PATH_MAX_BYTES);
		this.pathLength = 0;
		this.offset = 0;
		this.length = -1;
		this.step = STEP_APPLICATION;
		this.sw = 0;
		this.stopAtSecurity = false;
		this.wakeAt = 0;
		this.uicc = uicc;
		this.buffer = buffer;
		this.pkcs15 = new Pkcs15(buffer, oid);
		this.fileId = fileId;
		this.state = State.IDLE;
		this.failure = OK;
		this.failureStep = 0;
		this.failureSw = 0;
		this.foundApplication = false;
		this.guessed = false;
		this.knownTried = false;
		this.record = 0;
		this.transparent = false;
		this.recordBytes = 0;
		this.dfAt = 0;
		this.dfLength = -1;
		this.odfBytes = 0;
		this.odfMore = false;
		this.odfShift = 0;
		this.odfEnd = 0;
		this.dodfFrom = 0;
		this.dodfTo = 0;
		this.dodfLimit = 0;
		this.dodfMore = false;
		this.offers = 0;
		this.missingSw = 0;
		this.odfAt = 0;
		this.dodfs = 0;
		this.objectAt = -1;
		this.dodfPathFrom = 0;
		this.dodfPathTo = 0;
		this.dodfOffset = 0;
	}

	/** Starts the search, on an open channel. */
	start(): void {
		this.forget();
		this.uicc.selectApplication(this.pkcs15.constants, 0, PKCS15_AID_BYTES);
		this.enter(State.APPLICATION, STEP_APPLICATION);
	}

	/** The application's PIN has been verified: goes on with its files, without selecting it anew. */
	resume(): void {
		this.forget();
		this.knownTried = true;
		if (this.useApplication()) this.state = State.FOUND;
	}

	private forget(): void {
		this.guessed = false;
		this.failure = OK;
		this.foundApplication = false;
		this.knownTried = false;
		this.offers = 0;
		this.missingSw = 0;
		this.record = 0;
		this.transparent = false;
		this.sw = 0;
		this.dfLength = -1;
		this.pathLength = 0;
	}

	/** The place that `poll` found does not exist on the card: goes on behind it. Only before anything was read over the directory. */
	next(): void {
		this.state = State.OVER;
		this.missingSw = this.uicc.response.sw;
		if (this.fileId >= 0 || this.offers >= OFFERS_MAX) this.openDir();
		else if (this.search()) this.state = State.FOUND;
	}

	/** Takes `offset` and `length` of a place that is known already; its path has been put into `path`. */
	know(pathLength: number, offset: number, length: number): void {
		this.pathLength = pathLength;
		this.offset = offset;
		this.length = length;
	}

	/** Gives up. */
	cancel(): void {
		this.uicc.cancel();
		this.state = State.IDLE;
	}

	/** WAIT; OK when a place was found; or the error that ends the search. */
	poll(now: number): number {
		if (this.state === State.IDLE) return NOT_STARTED;
		for (;;) {
			const state = this.state as State;
			if (state === State.FOUND || state === State.OVER) {
				this.state = State.IDLE;
				return state === State.FOUND ? OK : this.verdict();
			}
			const code = this.uicc.poll(now);
			if (code === WAIT) {
				this.wakeAt = this.uicc.wakeAt;
				return WAIT;
			}
			if (code !== OK && (!isRefusal(code) || (code === SECURITY_STATUS && this.stopAtSecurity))) {
				this.state = State.IDLE;
				this.sw = this.uicc.response.sw;
				return code;
			}
			if (this.proceed(code)) this.state = State.FOUND;
		}
	}

	private enter(state: State, step: number): void {
		this.state = state;
		this.step = step;
	}

	/** Remembers the first thing that went wrong, in case nothing is found. */
	private note(code: number): void {
		if (code === NOT_FOUND && this.missingSw === 0) this.missingSw = this.uicc.response.sw;
		if (this.failure !== OK || code === NOT_FOUND || code === OK) return;
		this.failure = code;
		this.failureStep = this.step;
		this.failureSw = this.uicc.response.sw;
	}

	/** Nothing was found: why? */
	private verdict(): number {
		this.sw = this.missingSw;
		if (this.offers > 0) {
			this.step = STEP_SELECT;
			return FILE_MISSING;
		}
		if (this.failure !== OK) {
			this.step = this.failureStep;
			this.sw = this.failureSw;
			return this.failure;
		}
		// Wherever the search ended, this is what it was for.
		this.step = this.foundApplication ? STEP_DODF : STEP_APPLICATION;
		return this.foundApplication && !this.guessed ? NO_OBJECT : NO_APPLICATION;
	}

	/** What was asked of the card is answered. True when the place of the file is known; otherwise the next thing is under way, or the search is over. */
	private proceed(code: number): boolean {
		switch (this.state) {
			case State.APPLICATION:
				return this.applicationSelected(code);
			case State.ODF_SELECT:
				if (code !== OK) {
					this.note(code);
					this.openDir();
				} else this.readInto(this.odfBytes, this.odfEnd, this.buffer.length, State.ODF_READ);
				return false;
			case State.ODF_READ:
				return this.odfRead(code);
			case State.DODF_SELECT:
				if (code !== OK) {
					this.note(code);
					return this.search();
				}
				this.readDodf();
				return false;
			case State.DODF_READ:
				return this.dodfRead(code);
			case State.DIR_SELECT:
				if (code !== OK) this.giveUp(code);
				else if (this.uicc.room < LE_MAX && !this.recordFits()) this.leaveDir();
				else this.readRecord();
				return false;
			case State.DIR_RECORD:
			case State.DIR_BINARY:
				this.recordRead(code);
				return false;
		}
		return false;
	}

	private giveUp(code: number): void {
		this.note(code);
		this.state = State.OVER;
		// Where no application can be selected, EF(DIR) may say nothing of a DF that is there all the same.
		const pkcs15 = this.pkcs15;
		const at = pkcs15.usualDfAt;
		if (
			!this.foundApplication &&
			this.uicc.pathsOnly &&
			this.uicc.useDirectory(pkcs15.constants, at, at + USUAL_DF_BYTES)
		) {
			this.guessed = true;
			if (this.useApplication()) this.state = State.FOUND;
		}
	}

	private applicationSelected(code: number): boolean {
		if (code !== OK) {
			// A PKCS #15 DF without an AID: its path stands in EF(DIR).
			const directory = this.dfLength >= 0 && this.uicc.useDirectory(this.buffer, this.dfAt, this.dfAt + this.dfLength);
			if (!directory) {
				this.note(code);
				this.openDir();
				return false;
			}
		}
		if (this.record === 0) this.knownTried = true;
		return this.useApplication();
	}

	/** The application is there: its file with the fixed ID, or its EF(ODF). */
	private useApplication(): boolean {
		this.foundApplication = true;
		if (this.fileId >= 0) {
			this.path[0] = this.fileId >> 8;
			this.path[1] = this.fileId & 255;
			this.pathLength = 2;
			this.offset = 0;
			this.length = -1;
			this.offers += 1;
			return true;
		}
		this.odfBytes = 0;
		this.odfShift = 0;
		this.odfEnd = 0;
		this.odfAt = 0;
		this.dodfs = 0;
		this.objectAt = -1;
		this.selectOdf();
		return false;
	}

	private selectOdf(): void {
		const pkcs15 = this.pkcs15;
		this.uicc.selectFile(pkcs15.constants, pkcs15.odfAt, pkcs15.odfAt + ODF_PATH_BYTES);
		this.enter(State.ODF_SELECT, STEP_ODF);
	}

	/** Reads the selected file from `offset` on to buffer[from … to). */
	private readInto(offset: number, from: number, to: number, state: State): void {
		this.uicc.response.store(this.buffer, from, to);
		this.uicc.read(offset, to - from, false);
		this.state = state;
	}

	private odfRead(code: number): boolean {
		const uicc = this.uicc;
		const count = uicc.response.count;
		const room = this.buffer.length - this.odfEnd;
		if (code === OK && (count > room || (count === room && !uicc.ended))) code = DIRECTORY_TOO_LARGE;
		if (code !== OK) {
			this.note(code);
			this.openDir();
			return false;
		}
		this.guessed = false;
		this.odfBytes += count;
		this.odfMore = uicc.more && count > 0;
		this.odfEnd = this.pkcs15.extent(this.odfAt, this.odfEnd + count);
		return this.search();
	}

	/** Reads on in the EF(DODF) that is selected, behind what of it is here. */
	private readDodf(): void {
		this.step = STEP_DODF;
		this.readInto(this.dodfOffset + this.dodfTo - this.dodfFrom, this.dodfTo, this.dodfLimit, State.DODF_READ);
	}

	private dodfRead(code: number): boolean {
		const uicc = this.uicc;
		const count = uicc.response.count;
		const room = this.dodfLimit - this.dodfTo;
		const whole = this.dodfLimit === this.buffer.length;
		if (code === OK && whole && (count > room || (count === room && !uicc.ended))) code = DIRECTORY_TOO_LARGE;
		if (code !== OK) {
			this.note(code);
			return this.search();
		}
		this.dodfTo = count < room ? this.dodfTo + count : this.dodfLimit;
		this.dodfMore = uicc.more && count > 0 && count < room;
		this.objectAt = this.dodfFrom;
		return this.search();
	}

	/**
	 * Goes on in the EF(DODF) in hand, then in the EF(ODF). True when the place of the file is known; else the next EF(DODF) is
	 * being selected, or this application is done with.
	 */
	private search(): boolean {
		const pkcs15 = this.pkcs15;
		for (;;) {
			while (this.objectAt >= 0) {
				const kind = pkcs15.object(this.objectAt, this.dodfTo);
				if (kind === 0 && this.dodfMore) {
					this.objectAt = -1;
					this.readDodf();
					return false;
				}
				if (kind === 0 && pkcs15.malformed) this.note(DIRECTORY_MALFORMED);
				this.objectAt = kind === 0 ? -1 : pkcs15.next;
				// From here on another file may become the selected one.
				this.dodfMore = false;
				if (kind === PATH) {
					this.offset = pkcs15.index;
					this.length = pkcs15.length;
					if (this.place(this.buffer, pkcs15.from, pkcs15.to)) return true;
					this.note(PATH_INVALID);
				} else if (kind === CONTENT) {
					this.offset = this.dodfOffset + pkcs15.from - this.dodfFrom;
					this.length = pkcs15.to - pkcs15.from;
					if (this.dodfPathFrom < 0) this.place(pkcs15.constants, pkcs15.odfAt, pkcs15.odfAt + ODF_PATH_BYTES);
					else this.place(this.buffer, this.dodfPathFrom, this.dodfPathTo);
					return true;
				}
			}
			if (this.dodfs >= DODFS_MAX) {
				this.openDir();
				return false;
			}
			const kind = pkcs15.directory(this.odfAt, this.odfEnd);
			if (kind === 0) {
				if (this.odfMore) {
					this.odfShift = this.odfBytes - this.odfEnd;
					if (!pkcs15.malformed) this.odfAt = this.odfEnd;
					this.selectOdf();
				} else {
					if (pkcs15.malformed) this.note(DIRECTORY_MALFORMED);
					this.openDir();
				}
				return false;
			}
			this.dodfs += 1;
			this.odfAt = pkcs15.next;
			if (kind === PATH && this.selectDodf()) return false;
			if (kind === CONTENT) {
				// What stands in the ODF is a part of the file 5031.
				this.dodfPathFrom = -1;
				this.dodfOffset = pkcs15.from + this.odfShift;
				this.dodfFrom = pkcs15.from;
				this.dodfTo = pkcs15.to;
				this.objectAt = pkcs15.from;
			}
		}
	}

	/** Selects the EF(DODF) whose path was found. It is read behind the EF(ODF); false when there is no room for it. */
	private selectDodf(): boolean {
		const pkcs15 = this.pkcs15;
		this.step = STEP_DODF;
		this.dodfPathFrom = pkcs15.from;
		this.dodfPathTo = pkcs15.to;
		this.dodfOffset = pkcs15.index;
		this.dodfFrom = this.odfEnd;
		this.dodfTo = this.odfEnd;
		this.dodfLimit = this.buffer.length;
		if (this.dodfFrom >= this.dodfLimit) {
			this.note(DIRECTORY_TOO_LARGE);
			return false;
		}
		if (pkcs15.length >= 0 && this.dodfFrom + pkcs15.length < this.dodfLimit) {
			this.dodfLimit = this.dodfFrom + pkcs15.length;
		}
		this.uicc.selectFile(this.buffer, pkcs15.from, pkcs15.to);
		this.state = State.DODF_SELECT;
		return true;
	}

	/** Keeps a path as the place of the file. False when no file can have it. */
	private place(bytes: Uint8Array, from: number, to: number): boolean {
		const length = to - from;
		if (length < 2 || length > PATH_MAX_BYTES || (length & 1) === 1) return false;
		// The MF is no file.
		if (length === 2 && bytes[from] === 0x3f && bytes[from + 1] === 0) return false;
		for (let i = 0; i < length; i++) this.path[i] = bytes[from + i];
		this.pathLength = length;
		this.offers += 1;
		return true;
	}

	/** This application is done with: EF(DIR) may list another one. */
	private openDir(): void {
		const pkcs15 = this.pkcs15;
		if (this.record >= RECORDS_MAX) {
			this.giveUp(OK);
			return;
		}
		this.record += 1;
		const uicc = this.uicc;
		this.recordBytes = 0;
		this.enter(State.DIR_SELECT, STEP_DIR);
		if (uicc.room >= LE_MAX) uicc.selectFile(pkcs15.constants, pkcs15.dirAt, pkcs15.dirAt + DIR_PATH_BYTES);
		else if (uicc.room >= FCP_BYTES) {
			// A modem that corrects lengths itself would bring a whole record, so its length has to be known before.
			uicc.response.store(this.buffer, 0, this.buffer.length);
			uicc.selectForControl(pkcs15.constants, pkcs15.dirAt, pkcs15.dirAt + DIR_PATH_BYTES);
		} else this.leaveDir();
	}

	/** The receiver is too small for EF(DIR). That says nothing where the usual application has been searched. */
	private leaveDir(): void {
		this.giveUp(this.knownTried ? OK : RECEIVER_TOO_SMALL);
	}

	/**
	 * Whether the control parameters of EF(DIR), which are in the buffer, say that its records fit the receiver, or that it has none
	 * (TS 102 221, 11.1.1.4.3): 62 L … 82 L descriptor coding [length of a record, 2 bytes, number of records].
	 */
	private recordFits(): boolean {
		const buffer = this.buffer;
		const count = Math.min(this.uicc.response.count, buffer.length);
		for (let at = 2; at + 3 < count; at += 2 + buffer[at + 1]) {
			if (buffer[at] !== DESCRIPTOR_TAG) continue;
			if (buffer[at + 1] < 4) {
				this.transparent = true;
				return true;
			}
			this.recordBytes = (buffer[at + 4] << 8) | buffer[at + 5];
			return at + 5 < count && this.recordBytes <= this.uicc.room;
		}
		return false;
	}

	private readRecord(): void {
		this.uicc.response.store(this.buffer, 0, this.buffer.length);
		if (this.transparent) {
			this.uicc.read(0, this.buffer.length, false);
			this.state = State.DIR_BINARY;
		} else {
			this.uicc.readRecord(this.record, this.recordBytes);
			this.state = State.DIR_RECORD;
		}
	}

	private recordRead(code: number): void {
		if (code === FILE_UNUSABLE && !this.transparent) {
			this.transparent = true;
			this.readRecord();
			return;
		}
		if (code !== OK) {
			this.giveUp(code === RECORD_NOT_FOUND ? OK : code);
			return;
		}
		const pkcs15 = this.pkcs15;
		const length = this.buffer.length;
		const count = this.uicc.response.count < length ? this.uicc.response.count : length;
		let at = 0;
		if (this.transparent) {
			// The templates stand one behind the other; those before number `record` have been looked at.
			for (let n = 1; n < this.record && pkcs15.application(at, count); n++) at = pkcs15.next;
		}
		while (pkcs15.application(at, count)) {
			// The one that was selected first of all is done with.
			if (!this.knownTried || !pkcs15.wellKnown()) {
				this.dfAt = pkcs15.index;
				this.dfLength = pkcs15.length;
				this.uicc.selectApplication(this.buffer, pkcs15.from, pkcs15.to);
				this.enter(State.APPLICATION, STEP_APPLICATION);
				return;
			}
			if (!this.transparent) break;
			this.record += 1;
			at = pkcs15.next;
		}
		if (this.transparent || this.record >= RECORDS_MAX) this.giveUp(OK);
		else {
			this.record += 1;
			this.readRecord();
		}
	}
}
