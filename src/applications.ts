// The PKCS #15 applications of a card, one after the other (LwM2M TS, G.2; ETSI TS 102 221, 13.1): the well-known AID first, and what
// EF(DIR) lists only when that leads nowhere. It saves exchanges on every card that works, and finds no less.

import { LE_MAX } from "./apdu.js";
import { FILE_UNUSABLE, NO_APPLICATION, OK, RECEIVER_TOO_SMALL, RECORD_NOT_FOUND, WAIT } from "./codes.js";
import { readRecord } from "./commands.js";
import type { Failure } from "./failure.js";
import { Machine } from "./machine.js";
import { DIR_AT, DIR_END, PKCS15_AID_BYTES, type Pkcs15, USUAL_DF_AT, USUAL_DF_END } from "./pkcs15.js";
import { STEP_APPLICATION, STEP_DIR } from "./steps.js";
import { FCP_BYTES, type Uicc } from "./uicc.js";

/** So many records of EF(DIR) are looked at; no card has more. */
const RECORDS_MAX = 30;
/** File descriptor, in the control parameters of a file. */
const DESCRIPTOR_TAG = 0x82;

const enum State {
	IDLE,
	APPLICATION,
	DIR_SELECT,
	DIR_RECORD,
	DIR_BINARY,
	/** There is nothing left to look at. */
	OVER,
}

export class Applications extends Machine {
	step: number;
	/** One was there. */
	found: boolean;
	/** It is only where most cards have it. */
	guessed: boolean;
	private readonly uicc: Uicc;
	private readonly buffer: Uint8Array;
	private readonly pkcs15: Pkcs15;
	private readonly failure: Failure;
	/** The application with the well-known AID exists, and has been searched. */
	private known: boolean;
	/** -1 before the first application, 0 for it; then the next record of EF(DIR), from 1. It is a linear fixed file, or else transparent. */
	private record: number;
	private transparent: boolean;
	/** How long its records are, 0 when that is not known. */
	private recordBytes: number;
	/** The PKCS #15 DF of the entry in hand: buffer[dfAt … dfAt + dfLength). */
	private dfAt: number;
	private dfLength: number;

	/** @param buffer where EF(DIR) is read to */
	constructor(uicc: Uicc, buffer: Uint8Array, pkcs15: Pkcs15, failure: Failure) {
		super(uicc);
		this.step = STEP_APPLICATION;
		this.found = false;
		this.guessed = false;
		this.uicc = uicc;
		this.buffer = buffer;
		this.pkcs15 = pkcs15;
		this.failure = failure;
		this.known = false;
		this.record = 0;
		this.transparent = false;
		this.recordBytes = 0;
		this.dfAt = 0;
		this.dfLength = -1;
	}

	/** Begins before the first one; `selected` when that is the current application already. */
	begin(selected: boolean): void {
		this.found = selected;
		this.guessed = false;
		this.known = selected;
		this.record = selected ? 0 : -1;
		this.transparent = false;
		this.dfLength = -1;
	}

	/** Starts the search for the next one: OK when it is selected, NO_APPLICATION when there is none. */
	next(): void {
		const uicc = this.uicc;
		this.record += 1;
		if (this.record === 0) {
			this.enter(State.APPLICATION, STEP_APPLICATION);
			uicc.selectApplication(this.pkcs15.constants, 0, PKCS15_AID_BYTES);
			return;
		}
		this.enter(State.DIR_SELECT, STEP_DIR);
		this.recordBytes = 0;
		if (this.record > RECORDS_MAX || uicc.room < FCP_BYTES) {
			// A receiver that is too small for EF(DIR) says nothing where the usual application has been searched.
			this.state = State.OVER;
			uicc.tell(this.record > RECORDS_MAX || this.known ? OK : RECEIVER_TOO_SMALL);
			return;
		}
		// A modem that corrects lengths itself would bring a whole record, so its length has to be known before.
		uicc.response.store(this.buffer, 0, this.buffer.length);
		uicc.selectFile(this.pkcs15.constants, DIR_AT, DIR_END, uicc.room < LE_MAX);
	}

	protected proceed(code: number): number {
		if (this.failure.ends(code, this.step)) return code;
		switch (this.state) {
			case State.APPLICATION:
				return this.selected(code);
			case State.DIR_SELECT:
				if (code !== OK) break;
				if (this.uicc.room === LE_MAX || this.recordFits()) return this.readDir();
				if (!this.known) code = RECEIVER_TOO_SMALL;
				break;
			case State.DIR_RECORD:
			case State.DIR_BINARY:
				if (code === OK) return this.received();
				if (code === FILE_UNUSABLE && !this.transparent) {
					this.transparent = true;
					return this.readDir();
				}
				if (code === RECORD_NOT_FOUND) code = OK;
		}
		return this.giveUp(code);
	}

	private enter(state: State, step: number): void {
		this.state = state;
		this.step = step;
	}

	/** SELECT by AID was answered. */
	private selected(code: number): number {
		if (code !== OK) {
			// A PKCS #15 DF without an AID: its path stands in EF(DIR).
			if (this.dfLength < 0 || !this.uicc.useDirectory(this.buffer, this.dfAt, this.dfAt + this.dfLength)) {
				this.failure.note(code, this.step);
				this.next();
				return WAIT;
			}
		}
		if (this.record === 0) this.known = true;
		this.found = true;
		return OK;
	}

	/** EF(DIR) tells no more. */
	private giveUp(code: number): number {
		const constants = this.pkcs15.constants;
		this.failure.note(code, this.step);
		this.record = RECORDS_MAX;
		// Where no application can be selected, EF(DIR) may say nothing of a DF that is there all the same.
		if (this.found || !this.uicc.pathsOnly || !this.uicc.useDirectory(constants, USUAL_DF_AT, USUAL_DF_END))
			return NO_APPLICATION;
		this.found = true;
		this.guessed = true;
		return OK;
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

	private readDir(): number {
		const uicc = this.uicc;
		const length = this.buffer.length;
		uicc.response.store(this.buffer, 0, length);
		if (this.transparent) uicc.read(0, length, false);
		else readRecord(uicc, this.record, this.recordBytes);
		this.state = this.transparent ? State.DIR_BINARY : State.DIR_RECORD;
		return WAIT;
	}

	/** A record, or all of EF(DIR), is in the buffer. */
	private received(): number {
		const pkcs15 = this.pkcs15;
		const count = Math.min(this.uicc.response.count, this.buffer.length);
		let at = 0;
		if (this.transparent) {
			// The templates stand one behind the other; those before number `record` have been looked at.
			for (let n = 1; n < this.record && pkcs15.application(at, count); n++) at = pkcs15.next;
		}
		while (pkcs15.application(at, count)) {
			// The one that was selected first of all is done with.
			if (!this.known || !pkcs15.wellKnown()) {
				this.dfAt = pkcs15.index;
				this.dfLength = pkcs15.length;
				this.uicc.selectApplication(this.buffer, pkcs15.from, pkcs15.to);
				this.enter(State.APPLICATION, STEP_APPLICATION);
				return WAIT;
			}
			if (!this.transparent) break;
			this.record += 1;
			at = pkcs15.next;
		}
		if (this.transparent || this.record >= RECORDS_MAX) return this.giveUp(OK);
		this.record += 1;
		return this.readDir();
	}
}
