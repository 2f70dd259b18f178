// The serial line between host and modem, with faults put in by byte number, by line number or by a seeded dice.
// It has the face of the modem behind it (receive, read, nextAt), so a driver sees no difference.
import { ByteQueue } from "./queue.js";
import { Random } from "./random.js";

const LF = 10;
const CR = 13;
const MILLION = 1000000;
const DEFAULT_DELAY_MS = 1000;
const PULL_BYTES = 64;

/** What a driver needs: a VirtualModem, or a Line in front of one. */
export interface Wire {
	receive(bytes: Uint8Array, from: number, to: number, now: number): void;
	read(out: Uint8Array, from: number, to: number, now: number): number;
	nextAt(now: number): number;
}

/**
 * Byte faults, `at` counting the bytes of that direction from 0 as they enter the line: "lose" it, "double" it, "flip"
 * the bits of `mask` (default 01), "insert" the byte `mask` before it, "delay" it and all behind it by `ms` (default
 * 1000). Line faults, modem to host only, `at` counting the lines (up to LF) that are not empty from 0: "lose-line",
 * "double-line". "lose-result": `at` counts the final results.
 */
export interface LineFault {
	kind: "lose" | "double" | "flip" | "insert" | "delay" | "lose-line" | "double-line" | "lose-result";
	toHost: boolean;
	at: number;
	mask?: number;
	ms?: number;
}

/** Faults by dice: for each kind, how many in a million bytes. */
export interface LineDice {
	seed: number;
	lose?: number;
	double?: number;
	flip?: number;
	insert?: number;
	delay?: number;
	/** Longest delay; default 1000. */
	delayMs?: number;
	/** Which direction is hit; default both. */
	direction?: "both" | "to-host" | "to-modem";
}

export interface LineOptions {
	faults?: LineFault[];
	dice?: LineDice;
	/** Keep what the modem was given in `sent` and the host in `received`. */
	record?: boolean;
}

/** Is this line, or could it become, a final result of V.250 or 27.007? */
function mayBeResult(content: string, whole: boolean): boolean {
	const names = ["OK", "ERROR", "0", "4"];
	for (let i = 0; i < names.length; i++) {
		const end = whole ? names[i].length : content.length;
		if (names[i].substring(0, end) === content) return true;
	}
	const cme = "+CME ERROR:";
	if (content.length >= cme.length) return content.substring(0, cme.length) === cme;
	return !whole && cme.substring(0, content.length) === content;
}

export class Line {
	wire: Wire;
	options: LineOptions;
	/** Bytes that the host wrote, and that it was given. */
	bytesToModem: number;
	bytesToHost: number;
	/** Faults that took place. */
	hits: number;
	sent: number[];
	received: number[];

	private dice: Random | null;
	private toModem: ByteQueue;
	private toHost: ByteQueue;
	/** Bytes that came from the modem. */
	private fromModem: number;
	private pushed: Uint8Array;
	private pulled: Uint8Array;
	/** Lines and results that have ended, and the line at hand. */
	private lines: number;
	private results: number;
	private line: number[];
	private lineIsEmpty: boolean;
	/** Bytes of what may be a final result, held back when results are to be lost. */
	private losesResults: boolean;
	private held: number[];
	private holding: boolean;

	constructor(wire: Wire, options: LineOptions) {
		this.wire = wire;
		this.options = options;
		this.bytesToModem = 0;
		this.bytesToHost = 0;
		this.hits = 0;
		this.sent = [];
		this.received = [];
		this.dice = options.dice !== undefined ? new Random(options.dice.seed) : null;
		this.toModem = new ByteQueue(0);
		this.toHost = new ByteQueue(0);
		this.fromModem = 0;
		this.pushed = new Uint8Array(PULL_BYTES);
		this.pulled = new Uint8Array(PULL_BYTES);
		this.lines = 0;
		this.results = 0;
		this.line = [];
		this.lineIsEmpty = true;
		this.losesResults = false;
		this.held = [];
		this.holding = false;
		const faults = options.faults || [];
		for (let i = 0; i < faults.length; i++) if (faults[i].kind === "lose-result") this.losesResults = true;
	}

	/** Bytes [from, to) leave the host. */
	receive(bytes: Uint8Array, from: number, to: number, now: number): void {
		for (let i = from; i < to; i++) this.strike(bytes[i], this.bytesToModem++, false, now);
		this.pushOn(now);
	}

	/** Bytes that reach the host by `now` into out[from, to); returns how many. */
	read(out: Uint8Array, from: number, to: number, now: number): number {
		this.pushOn(now);
		let start = from;
		let count = 0;
		for (;;) {
			count = this.toHost.take(out, start, to, now);
			this.bytesToHost += count;
			if (this.options.record === true) for (let i = 0; i < count; i++) this.received.push(out[start + i]);
			start += count;
			if (start === to) break;
			const room = to - start;
			const most = Math.min(room, PULL_BYTES);
			const n = this.wire.read(this.pulled, 0, most, now);
			if (n === 0) break;
			for (let i = 0; i < n; i++) this.fromWire(this.pulled[i], now);
		}
		return start - from;
	}

	nextAt(now: number): number {
		let next = this.wire.nextAt(now);
		let found = next !== -1;
		if (!this.toModem.isEmpty()) {
			const due = this.toModem.dueAt(1);
			if (!found || ((due - next) | 0) < 0) next = due;
			found = true;
		}
		if (!this.toHost.isEmpty()) {
			const due = this.toHost.dueAt(1);
			if (!found || ((due - next) | 0) < 0) next = due;
			found = true;
		}
		if (!found) return -1;
		return next === -1 ? 0 : next;
	}

	/** What has been delayed on its way to the modem and is due. */
	private pushOn(now: number): void {
		let count = 0;
		do {
			count = this.toModem.take(this.pushed, 0, PULL_BYTES, now);
			if (this.options.record === true) for (let i = 0; i < count; i++) this.sent.push(this.pushed[i]);
			if (count > 0) this.wire.receive(this.pushed, 0, count, now);
		} while (count === PULL_BYTES);
	}

	/** Byte number `index` of one direction, with what befalls it. */
	private strike(byte: number, index: number, toHost: boolean, now: number): void {
		const faults = this.options.faults || [];
		let value = byte;
		let copies = 1;
		let before = -1;
		let delay = 0;
		for (let i = 0; i < faults.length; i++) {
			const fault = faults[i];
			if (fault.toHost !== toHost || fault.at !== index) continue;
			const mask = fault.mask !== undefined ? fault.mask : 1;
			let hit = true;
			switch (fault.kind) {
				case "lose":
					copies = 0;
					break;
				case "double":
					copies = 2;
					break;
				case "flip":
					value ^= mask;
					break;
				case "insert":
					before = mask;
					break;
				case "delay":
					delay += fault.ms !== undefined ? fault.ms : DEFAULT_DELAY_MS;
					break;
				default:
					hit = false;
			}
			if (hit) this.hits++;
		}
		const rates = this.options.dice;
		const dice = this.dice;
		if (dice !== null && rates !== undefined && rates.direction !== (toHost ? "to-modem" : "to-host")) {
			let roll = dice.below(MILLION);
			const lose = rates.lose || 0;
			const double = rates.double || 0;
			const flip = rates.flip || 0;
			const insert = rates.insert || 0;
			if (roll < lose + double + flip + insert + (rates.delay || 0)) {
				this.hits++;
				if (roll < lose) {
					copies = 0;
				} else {
					roll -= lose;
					if (roll < double) copies = 2;
					else if (roll - double < flip) value ^= 1 << dice.below(8);
					else if (roll - double - flip < insert) before = dice.below(256);
					else delay = 1 + dice.below(rates.delayMs !== undefined ? rates.delayMs : DEFAULT_DELAY_MS);
				}
			}
		}
		const queue = toHost ? this.toHost : this.toModem;
		const start = (now + delay) | 0;
		if (before >= 0) queue.push(before, start);
		for (let i = 0; i < copies; i++) queue.push(value & 0xff, start);
	}

	// Lines.

	private isHit(kind: string, number: number): boolean {
		const faults = this.options.faults || [];
		for (let i = 0; i < faults.length; i++) if (faults[i].kind === kind && faults[i].at === number) return true;
		return false;
	}

	private fromWire(byte: number, now: number): void {
		if (!this.losesResults) {
			this.passLine(byte, now);
			return;
		}
		const lineEnd = byte === CR || byte === LF;
		if (!lineEnd) {
			// A result stands at the beginning of its line.
			if (this.held.length === 0 && !this.holding) this.holding = this.lineIsEmpty;
			if (this.holding) {
				this.held.push(byte);
				if (!mayBeResult(this.heldText(), false)) this.release(now);
				else return;
			} else {
				this.passLine(byte, now);
			}
			this.lineIsEmpty = false;
			return;
		}
		if (this.held.length > 0) {
			if (mayBeResult(this.heldText(), true) && this.isHit("lose-result", this.results++)) {
				this.hits++;
				this.held = [];
			} else {
				this.release(now);
			}
		}
		this.holding = false;
		this.lineIsEmpty = true;
		this.passLine(byte, now);
	}

	private heldText(): string {
		let text = "";
		for (let i = 0; i < this.held.length; i++) text += String.fromCharCode(this.held[i]);
		return text;
	}

	private release(now: number): void {
		const bytes = this.held;
		this.held = [];
		this.holding = false;
		for (let i = 0; i < bytes.length; i++) this.passLine(bytes[i], now);
	}

	/** Counts lines, loses and doubles them; then the byte meets the byte faults. */
	private passLine(byte: number, now: number): void {
		if (byte !== CR && byte !== LF) this.line.push(byte);
		const full = this.line.length > 0;
		const lost = full && this.isHit("lose-line", this.lines);
		if (!lost) this.strike(byte, this.fromModem++, true, now);
		if (byte !== LF || !full) return;
		if (lost) this.hits++;
		if (this.isHit("double-line", this.lines)) {
			this.hits++;
			for (let i = 0; i < this.line.length; i++) this.strike(this.line[i], this.fromModem++, true, now);
			this.strike(CR, this.fromModem++, true, now);
			this.strike(LF, this.fromModem++, true, now);
		}
		this.lines++;
		this.line = [];
	}
}
