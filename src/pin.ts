// A file that needs a PIN (ETSI TS 102 221, 9.5 and 11.1.9): which one, whether it is enabled, how many tries are left, and then
// VERIFY PIN, once. Only a user's PIN is ever verified, never an administrative key, and never when a wrong one could block it.
//
//   FCP  62 { ..., 8B file ID, record | AB rules, ..., C6 { 90 which are enabled, 83 reference, 83 reference, ... } }
//   EF(ARR) record, and AB:  80 AM byte (b1 = read), then what it takes: A4 { 83 reference, 95 usage } | 90 always | ...

import { Ber } from "./ber.js";
import type { Unlock } from "./bootstrap.js";
import {
	NOT_STARTED,
	OK,
	PIN_BLOCKED,
	PIN_REFUSED_BEFORE,
	PIN_TRIES_TOO_FEW,
	PIN_UNKNOWN,
	PIN_WRONG,
	WAIT,
} from "./codes.js";
import type { Uicc } from "./uicc.js";

/** A PIN in VERIFY is 8 bytes, its digits and then FF. */
export const PIN_BYTES = 8;
/** With fewer tries left than this a PIN is not verified: a wrong one could be the last. */
const TRIES_LEAST = 2;

const enum State {
	IDLE,
	FILE,
	ARR_SELECT,
	ARR_READ,
	APPLICATION,
	TRIES,
	VERIFY,
}

/** The user's own: 01 to 08 for the whole card, 11 the universal PIN, 81 to 88 of the application (TS 102 221, 9.5.1). */
function isUserPin(reference: number): boolean {
	return (reference >= 1 && reference <= 8) || reference === 0x11 || (reference >= 0x81 && reference <= 0x88);
}

export class Pin implements Unlock {
	wakeAt: number;
	/** The PIN that was asked for or verified, 0 while it is not known. */
	reference: number;
	/** Tries that were left when they were last asked for, -1 when the card did not say. */
	tries: number;
	/** The card refused the PIN. It is not tried again, at the next power-on either, as long as this is set. */
	refused: boolean;
	private readonly pin: Uint8Array;
	private readonly force: boolean;
	private readonly buffer: Uint8Array;
	private readonly ber: Ber;
	private uicc: Uicc | null;
	private state: State;
	private readonly arr: Uint8Array;
	private record: number;

	/**
	 * @param pin the PIN's 4 to 8 digits, as they are typed, as ASCII bytes
	 * @param force verify it even if few tries, or an unknown number, are left
	 * @param buffer where the card's answers are looked at: the file buffer
	 * @throws TypeError for a PIN that is none
	 */
	constructor(pin: Uint8Array, force: boolean, buffer: Uint8Array) {
		if (pin.length < 4 || pin.length > PIN_BYTES) throw new TypeError("pin: expected 4 to 8 digits, got " + pin.length);
		this.pin = new Uint8Array(PIN_BYTES);
		this.pin.fill(0xff);
		for (let i = 0; i < pin.length; i++) {
			if (pin[i] < 48 || pin[i] > 57) throw new TypeError("pin: expected digits only");
			this.pin[i] = pin[i];
		}
		this.wakeAt = 0;
		this.reference = 0;
		this.tries = -1;
		this.refused = false;
		this.force = force;
		this.buffer = buffer;
		this.ber = new Ber(buffer);
		this.uicc = null;
		this.state = State.IDLE;
		this.arr = new Uint8Array(2);
		this.record = 0;
	}

	start(uicc: Uicc, path: Uint8Array, from: number, to: number): void {
		this.uicc = uicc;
		this.reference = 0;
		this.tries = -1;
		uicc.response.store(this.buffer, 0, this.buffer.length);
		if (from < to) {
			uicc.selectForControl(path, from, to);
			this.state = State.FILE;
		} else this.askApplication(uicc);
	}

	/** Overwrites the PIN. */
	wipe(): void {
		this.pin.fill(0);
		this.refused = true;
	}

	poll(now: number): number {
		const uicc = this.uicc;
		if (uicc === null || this.state === State.IDLE) return NOT_STARTED;
		if (this.refused) return this.finish(PIN_REFUSED_BEFORE);
		for (;;) {
			const code = uicc.poll(now);
			if (code === WAIT) {
				this.wakeAt = uicc.wakeAt;
				return WAIT;
			}
			const result = this.proceed(uicc, code);
			if (result !== WAIT) return this.finish(result);
		}
	}

	private finish(code: number): number {
		this.state = State.IDLE;
		return code;
	}

	private proceed(uicc: Uicc, code: number): number {
		const buffer = this.buffer;
		const count = uicc.response.count < buffer.length ? uicc.response.count : buffer.length;
		switch (this.state) {
			case State.FILE:
				if (code === OK && this.fromFile(count)) return this.askTries(uicc);
				if (code === OK && this.record > 0) {
					uicc.selectFile(this.arr, 0, 2);
					this.state = State.ARR_SELECT;
				} else this.askApplication(uicc);
				return WAIT;
			case State.ARR_SELECT:
				if (code === OK) {
					uicc.response.store(buffer, 0, buffer.length);
					uicc.readRecord(this.record);
					this.state = State.ARR_READ;
				} else this.askApplication(uicc);
				return WAIT;
			case State.ARR_READ:
				if (code === OK) this.fromRules(0, count);
				if (this.reference > 0) return this.askTries(uicc);
				this.askApplication(uicc);
				return WAIT;
			case State.APPLICATION:
				if (code === OK) this.fromApplication(count);
				return this.reference > 0 ? this.askTries(uicc) : PIN_UNKNOWN;
			case State.TRIES:
				return this.triesAnswered(uicc, code);
			case State.VERIFY:
				return this.verified(uicc, code);
		}
		return NOT_STARTED;
	}

	/** STATUS gives the control parameters of the application, without selecting anything. */
	private askApplication(uicc: Uicc): void {
		uicc.response.store(this.buffer, 0, this.buffer.length);
		uicc.status(uicc.channel, false);
		this.state = State.APPLICATION;
	}

	private askTries(uicc: Uicc): number {
		uicc.verify(this.reference, this.pin, 0);
		this.state = State.TRIES;
		return WAIT;
	}

	private triesAnswered(uicc: Uicc, code: number): number {
		const sw = uicc.response.sw;
		// 9000: it is verified already; 6984: it is switched off. Whatever the file needs, it is not this one.
		if (code === OK || sw === 0x6984) return OK;
		if (sw === 0x6983) return PIN_BLOCKED;
		if (sw >> 4 === 0x63c) this.tries = sw & 15;
		else if (!this.isCards(code)) return code;
		if (this.tries < TRIES_LEAST && !this.force) return this.tries === 0 ? PIN_BLOCKED : PIN_TRIES_TOO_FEW;
		uicc.verify(this.reference, this.pin, PIN_BYTES);
		this.state = State.VERIFY;
		return WAIT;
	}

	private verified(uicc: Uicc, code: number): number {
		const sw = uicc.response.sw;
		if (code === OK) return OK;
		if (sw >> 4 === 0x63c) this.tries = sw & 15;
		if (sw === 0x6983) this.tries = 0;
		if (!this.isCards(code)) {
			// Nobody knows whether the card took it: trying again could be one try too many.
			this.refused = true;
			return code;
		}
		this.refused = true;
		return sw === 0x6983 || this.tries === 0 ? PIN_BLOCKED : PIN_WRONG;
	}

	/** Whether the error is the card's own answer. */
	private isCards(code: number): boolean {
		return this.uicc !== null && this.uicc.response.sw !== 0 && code <= -30;
	}

	/** The file's control parameters: its rules, or where they stand. True when the reference is known. */
	private fromFile(count: number): boolean {
		const ber = this.ber;
		this.record = 0;
		ber.enter(0, count);
		if (!ber.next() || !ber.is(0x62)) return false;
		ber.descend();
		while (ber.next()) {
			if (ber.is(0x8b) && ber.to - ber.from >= 3) {
				this.arr[0] = this.buffer[ber.from];
				this.arr[1] = this.buffer[ber.from + 1];
				this.record = this.buffer[ber.from + 2];
			} else if (ber.is(0xab)) {
				this.fromRules(ber.from, ber.to);
				return this.reference > 0;
			}
		}
		return false;
	}

	/** Access rules in buffer[from … to): the first user's PIN that opens the file for reading. */
	private fromRules(from: number, to: number): void {
		const ber = this.ber;
		let reads = false;
		let at = from;
		for (;;) {
			ber.enter(at, to);
			if (!ber.next() || this.reference > 0) return;
			at = ber.to;
			if (ber.is(0x80)) reads = ber.to > ber.from && (this.buffer[ber.from] & 1) === 1;
			else if (reads) this.fromCondition(ber.from, ber.to, ber.is(0xa4));
		}
	}

	/** A condition, A4, or several of them in A0 or AF. */
	private fromCondition(from: number, to: number, single: boolean): void {
		const ber = this.ber;
		let at = from;
		for (;;) {
			ber.enter(at, to);
			if (!ber.next()) return;
			at = ber.to;
			if (!single && ber.is(0xa4)) {
				ber.descend();
				while (ber.next()) this.offer(ber.is(0x83), this.buffer[ber.from]);
			} else if (single) this.offer(ber.is(0x83), this.buffer[ber.from]);
		}
	}

	private offer(isReference: boolean, reference: number): void {
		if (isReference && this.reference === 0 && isUserPin(reference)) this.reference = reference;
	}

	/** The application's control parameters: the first user's PIN that is enabled. */
	private fromApplication(count: number): void {
		const ber = this.ber;
		ber.enter(0, count);
		if (!ber.next() || !ber.is(0x62)) return;
		ber.descend();
		while (ber.next()) if (ber.is(0xc6)) break;
		if (!ber.is(0xc6)) return;
		ber.descend();
		let enabled = 0;
		let mask = 0x80;
		while (ber.next()) {
			if (ber.is(0x90) && ber.to > ber.from) enabled = this.buffer[ber.from];
			else if (ber.is(0x83)) {
				this.offer((enabled & mask) !== 0, this.buffer[ber.from]);
				mask >>= 1;
			}
		}
	}
}
