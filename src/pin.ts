// A file that needs a PIN (ETSI TS 102 221, 9.5 and 11.1.9): which one, whether it is enabled, how many tries are left, and then
// VERIFY PIN, once. Only a user's PIN is ever verified, never an administrative key, and never when a wrong one could block it.
//
//   FCP  62 { ..., 8B file ID, record | AB rules, ..., C6 { 90 which are enabled, 83 reference, 83 reference, ... } }
//   EF(ARR) record, and AB:  80 AM byte (b1 = read), then what it takes: A4 { 83 reference, 95 usage } | 90 always | ...

import { Ber } from "./ber.js";
import type { Unlock } from "./bootstrap.js";
import {
	CARD_BUSY,
	CHANNEL_LOST,
	CME_ERROR,
	COMMAND_ERROR,
	MODEM_RESTARTED,
	NO_CHANNEL,
	OK,
	PIN_BLOCKED,
	PIN_REFUSED_BEFORE,
	PIN_TRIES_TOO_FEW,
	PIN_UNCERTAIN,
	PIN_UNKNOWN,
	PIN_WRONG,
	SECURITY_STATUS,
	SIM_BUSY,
	WAIT,
} from "./codes.js";
import { readRecord, status, verify } from "./commands.js";
import { Machine } from "./machine.js";
import { pinMark } from "./pin-mark.js";
import type { Uicc } from "./uicc.js";

/** A PIN in VERIFY is 8 bytes, its digits and then FF. */
export const PIN_BYTES = 8;
/** With fewer tries left than this a PIN is not verified: a wrong one could be the last. */
const TRIES_LEAST = 2;
/** How often the card is asked for the tries until it answers the same twice: a digit that falls over on the line could cost the last one. */
const ASKS_MAX = 4;
/** EF(ICCID) under the MF: 10 bytes that no other card has. */
const ICCID_BYTES = 10;
const PATH_BYTES = 4;
/** What the paths begin with, and EF(ICCID) and EF(ODF); EF(ARR) under the MF begins with 2F, TS 102 221, 13.4. */
const MF = 0x3f;
const UNDER_MF = 0x2f;
const ICCID = 0xe2;
const ODF_HIGH = 0x50;
const ODF_LOW = 0x31;
const CARD_MASK = 0xffff;

const enum State {
	IDLE,
	FILE,
	ARR_SELECT,
	ARR_READ,
	APPLICATION,
	TRIES,
	VERIFY,
	/** The tries again, since the answer to VERIFY got lost. */
	AFTER,
	/** EF(ICCID), twice, to tell this card from another one: before, and when the PIN was refused; */
	CARD_SELECT,
	CARD_READ,
	/** and back to the application. */
	RETURN,
}

/** The user's own: 01 to 08 for the whole card, 11 the universal PIN, 81 to 88 of the application (TS 102 221, 9.5.1). */
function isUserPin(reference: number): boolean {
	return (reference >= 1 && reference <= 8) || reference === 0x11 || (reference >= 0x81 && reference <= 0x88);
}

export class Pin extends Machine implements Unlock {
	/** The PIN that was asked for or verified, 0 while it is not known. */
	reference: number;
	/** Tries that were left when they were last asked for, -1 when the card did not say. */
	tries: number;
	/**
	 * Names the PIN that was refused, in its lower half, and the card that has refused it, 0 for any; 0 for none. As long as they are the same, the PIN
	 * is not tried again: to be kept between starts.
	 */
	refused: number;
	private readonly mark: number;
	private card: number;
	private readonly pin: Uint8Array;
	private readonly force: boolean;
	private readonly buffer: Uint8Array;
	private readonly ber: Ber;
	/** A path that is selected here: EF(ARR), EF(ICCID) or EF(ODF). */
	private readonly path: Uint8Array;
	private record: number;
	private file: Uint8Array;
	private fileFrom: number;
	private fileTo: number;
	private asks: number;
	private lastSw: number;
	/** Tries that were left when this procedure gave the PIN before; -1 when it did not. */
	private given: number;
	/** The modem refused VERIFY, or the card was busy: it may never have come to it. And whether it was sent again. */
	private turnedAway: boolean;
	private resent: boolean;
	/** The PIN was overwritten. */
	private wiped: boolean;
	private result: number;

	/**
	 * @param pin the PIN's 4 to 8 digits, as they are typed, as ASCII bytes
	 * @param force verify it even if few tries, or an unknown number, are left
	 * @param buffer where the card's answers are looked at: the file buffer
	 * @throws TypeError for a PIN that is none
	 */
	constructor(pin: Uint8Array, force: boolean, buffer: Uint8Array) {
		super(null);
		if (pin.length < 4 || pin.length > PIN_BYTES) throw new TypeError("pin: expected 4 to 8 digits, got " + pin.length);
		this.pin = new Uint8Array(PIN_BYTES);
		this.pin.fill(0xff);
		for (let i = 0; i < pin.length; i++) {
			if (pin[i] < 48 || pin[i] > 57) throw new TypeError("pin: expected digits only");
			this.pin[i] = pin[i];
		}
		this.mark = pinMark(pin, 0, pin.length);
		this.card = -1;
		this.reference = 0;
		this.tries = -1;
		this.refused = 0;
		this.force = force;
		this.buffer = buffer;
		this.ber = new Ber(buffer);
		this.path = new Uint8Array(PATH_BYTES);
		this.path[0] = MF;
		this.record = 0;
		this.file = this.path;
		this.fileFrom = 0;
		this.fileTo = 0;
		this.asks = 0;
		this.lastSw = 0;
		this.given = -1;
		this.turnedAway = false;
		this.resent = false;
		this.wiped = false;
		this.result = OK;
	}

	start(uicc: Uicc, path: Uint8Array, from: number, to: number): void {
		this.giveUp();
		this.below = uicc;
		this.reference = 0;
		this.tries = -1;
		this.asks = 0;
		this.resent = false;
		this.result = OK;
		this.file = path;
		this.fileFrom = from;
		this.fileTo = to;
		if ((this.refused & CARD_MASK) === this.mark) this.askCard(uicc);
		else this.askFile(uicc);
	}

	override cancel(): void {
		this.giveUp();
		this.given = -1;
	}

	/** One that is given up in the middle may have taken a try. */
	private giveUp(): void {
		if (this.state !== State.IDLE && this.result !== OK) this.refuse(0);
		this.state = State.IDLE;
	}

	/** Overwrites the PIN. */
	close(): void {
		this.pin.fill(0);
		this.wiped = true;
	}

	protected proceed(code: number): number {
		const uicc = this.below as Uicc;
		if (this.wiped) return SECURITY_STATUS;
		const buffer = this.buffer;
		// What concerns the line, the modem or the channel is nothing that another way to ask would mend; a command that the modem refuses is.
		const elsewhere = code === CHANNEL_LOST || (code > NO_CHANNEL && code !== CME_ERROR && code !== COMMAND_ERROR);
		if (code !== OK && elsewhere && this.state < State.VERIFY) return code;
		const count = uicc.response.count < buffer.length ? uicc.response.count : buffer.length;
		switch (this.state) {
			case State.CARD_SELECT:
				return code === OK ? this.readCard(uicc) : this.cardKnown(uicc, 0);
			case State.CARD_READ: {
				const card = code === OK && count >= ICCID_BYTES ? this.cardMark() : 0;
				// Believed when it comes twice: AT has no checksum.
				if (this.card >= 0 || card === 0) return this.cardKnown(uicc, card === this.card ? card : 0);
				this.card = card;
				return this.readCard(uicc);
			}
			case State.RETURN:
				return this.askApplication(uicc);
			case State.FILE:
				if (code === OK && this.fromFile(count)) return this.askTries(uicc, State.TRIES);
				if (code === OK && this.record > 0) {
					uicc.selectFile(this.path, this.path[2] === UNDER_MF ? 0 : 2, PATH_BYTES, false);
					this.state = State.ARR_SELECT;
					return WAIT;
				}
				return this.askApplication(uicc);
			case State.ARR_SELECT:
				if (code !== OK) return this.askApplication(uicc);
				uicc.response.store(buffer, 0, buffer.length);
				readRecord(uicc, this.record, 0);
				this.state = State.ARR_READ;
				return WAIT;
			case State.ARR_READ:
				if (code === OK) this.fromRules(0, count);
				return this.reference > 0 ? this.askTries(uicc, State.TRIES) : this.askApplication(uicc);
			case State.APPLICATION:
				if (code === OK) this.fromApplication(count);
				return this.reference > 0 ? this.askTries(uicc, State.TRIES) : PIN_UNKNOWN;
			case State.TRIES:
				return this.triesAnswered(uicc, code);
			case State.VERIFY:
				return this.verified(uicc, code);
			case State.AFTER:
				return this.verifiedPerhaps(uicc, code);
		}
		return PIN_UNKNOWN;
	}

	private askFile(uicc: Uicc): void {
		uicc.response.store(this.buffer, 0, this.buffer.length);
		if (this.fileFrom < this.fileTo) {
			uicc.selectFile(this.file, this.fileFrom, this.fileTo, true);
			this.state = State.FILE;
		} else this.askApplication(uicc);
	}

	/** STATUS gives the control parameters of the application, without selecting anything. */
	private askApplication(uicc: Uicc): number {
		uicc.response.store(this.buffer, 0, this.buffer.length);
		status(uicc, uicc.channel, false);
		this.state = State.APPLICATION;
		return WAIT;
	}

	private askCard(uicc: Uicc): number {
		this.path[2] = UNDER_MF;
		this.path[3] = ICCID;
		uicc.selectFile(this.path, 0, PATH_BYTES, false);
		this.card = -1;
		this.state = State.CARD_SELECT;
		return WAIT;
	}

	private readCard(uicc: Uicc): number {
		uicc.response.store(this.buffer, 0, this.buffer.length);
		uicc.read(0, ICCID_BYTES, true);
		this.state = State.CARD_READ;
		return WAIT;
	}

	/** A number for the ICCID in the buffer, never 0. */
	private cardMark(): number {
		let mark = 1;
		for (let i = 0; i < ICCID_BYTES; i++) mark = (mark * 31 + this.buffer[i]) & CARD_MASK;
		return mark === 0 ? 1 : mark;
	}

	/** The card that is there is known, or 0: is it the one that refused this PIN before, or has just refused it? */
	private cardKnown(uicc: Uicc, card: number): number {
		if (this.result !== OK) return this.refuse(card);
		const before = this.refused >>> 16;
		if (card === 0 || before === 0 || card === before) return PIN_REFUSED_BEFORE;
		if (this.fileFrom < this.fileTo) this.askFile(uicc);
		else {
			// A PIN of the application needs the application to be the current one again.
			this.path[2] = ODF_HIGH;
			this.path[3] = ODF_LOW;
			uicc.selectFile(this.path, 2, PATH_BYTES, false);
			this.state = State.RETURN;
		}
		return WAIT;
	}

	private askTries(uicc: Uicc, state: State): number {
		verify(uicc, this.reference, this.pin, 0);
		this.state = state;
		return WAIT;
	}

	/** The tries were asked for: are they known for sure? False when they are asked for again. */
	private isSure(sw: number): boolean {
		this.asks += 1;
		if (this.asks >= ASKS_MAX || (this.asks > 1 && sw === this.lastSw)) return true;
		this.lastSw = sw;
		return false;
	}

	private triesAnswered(uicc: Uicc, code: number): number {
		const sw = uicc.response.sw;
		if (code !== OK && !this.isCards(code)) return code;
		if (!this.isSure(sw)) return this.askTries(uicc, State.TRIES);
		const sure = sw === this.lastSw;
		// 9000: it is verified already; 6984: it is switched off. Whatever the file needs, it is not this one.
		if (sure && (code === OK || sw === 0x6984)) return OK;
		if (sure && sw === 0x6983) return PIN_BLOCKED;
		if (sure && sw >> 4 === 0x63c) this.tries = sw & 15;
		if (this.tries >= 0 && this.tries < this.given) {
			// A PIN that was right has all its tries again: it was refused, and the answer damaged on its way.
			this.result = PIN_WRONG;
			return this.askCard(uicc);
		}
		if (this.tries < TRIES_LEAST && !this.force) return this.tries === 0 ? PIN_BLOCKED : PIN_TRIES_TOO_FEW;
		return this.give(uicc);
	}

	private give(uicc: Uicc): number {
		verify(uicc, this.reference, this.pin, PIN_BYTES);
		this.given = this.tries;
		this.result = PIN_UNCERTAIN;
		this.state = State.VERIFY;
		return WAIT;
	}

	/** VERIFY was answered, or its answer got lost. */
	private verified(uicc: Uicc, code: number): number {
		const sw = uicc.response.sw;
		const cards = this.isCards(code);
		if (code === OK) return this.opened();
		// A modem that has restarted has reset the card, which could have told.
		if (code === MODEM_RESTARTED) return this.refuse(0);
		if (cards && sw === 0x6984) return OK;
		// 6300 and 98xx are how older cards say it (TS 51.011, 9.4.5).
		if (cards && (sw === 0x6983 || sw === 0x63c0 || sw === 0x9840)) this.result = PIN_BLOCKED;
		else if (cards && (sw >> 4 === 0x63c || sw === 0x6300 || sw === 0x9804)) this.result = PIN_WRONG;
		else {
			// Anything else may have been one of these before it was damaged: the card is asked what became of its tries.
			this.turnedAway = code === CME_ERROR || code === COMMAND_ERROR || code === SIM_BUSY || code === CARD_BUSY;
			if (cards) this.result = code === CARD_BUSY ? code : PIN_UNKNOWN;
			this.asks = 0;
			return this.askTries(uicc, State.AFTER);
		}
		if (sw >> 4 === 0x63c) this.tries = sw & 15;
		return this.askCard(uicc);
	}

	private verifiedPerhaps(uicc: Uicc, code: number): number {
		const sw = uicc.response.sw;
		if (code !== OK && !this.isCards(code)) {
			this.result = PIN_UNCERTAIN;
			return this.askCard(uicc);
		}
		if (!this.isSure(sw)) return this.askTries(uicc, State.AFTER);
		if (code === OK) return this.opened();
		const left = sw === this.lastSw && sw >> 4 === 0x63c ? sw & 15 : -1;
		const unchanged = left === this.tries && left >= 0;
		if (unchanged && this.turnedAway && !this.resent) {
			// Nothing has happened yet.
			this.resent = true;
			return this.give(uicc);
		}
		if (sw === 0x6983) this.result = PIN_BLOCKED;
		else if (left >= 0 && left < this.tries) this.result = PIN_WRONG;
		else if (!unchanged) this.result = PIN_UNCERTAIN;
		// The card does not take such a PIN, or none now, but no try is gone.
		if (unchanged && this.result !== PIN_UNCERTAIN) return this.result;
		if (left >= 0) this.tries = left;
		return this.askCard(uicc);
	}

	/** What was refused before was another PIN, or the card's has changed since. */
	private opened(): number {
		this.refused = 0;
		return OK;
	}

	/** The PIN is not tried again on this card, 0 for any. */
	private refuse(card: number): number {
		this.refused = (card << 16) | this.mark;
		return this.result;
	}

	/** Whether the error is the card's own answer. */
	private isCards(code: number): boolean {
		return code <= NO_CHANNEL && (this.below as Uicc).response.sw !== 0;
	}

	/** The file's control parameters: its rules, or where they stand. True when the reference is known. */
	private fromFile(count: number): boolean {
		const ber = this.ber;
		this.record = 0;
		ber.enter(0, count);
		if (!ber.next() || !ber.is(0x62)) return false;
		ber.descend();
		while (ber.next()) {
			const length = ber.to - ber.from;
			if (ber.is(0x8b) && length >= 3) {
				this.path[2] = this.buffer[ber.from];
				this.path[3] = this.buffer[ber.from + 1];
				// One record; or one for each security environment, of which the first counts as long as no PIN is replaced.
				this.record = this.buffer[ber.from + (length > 3 ? 3 : 2)];
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
