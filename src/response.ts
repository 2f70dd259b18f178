// A response APDU on its way in (ISO 7816-4, 5.1): where its data goes, how much came, and the status word. The data goes
// straight to its final place, or is compared with what is already there, or is dropped; the status word never lands there.
// The parts of an answer that came through GET RESPONSE follow each other in the same place.

import type { HexCodec } from "./platform.js";

const enum Manner {
	STORE,
	COMPARE,
	DROP,
}

export class Response {
	/** SW1 SW2 of the last exchange, 0 before there is one. */
	sw: number;
	/** Data bytes so far, those that did not fit included. */
	count: number;
	/** In the comparing manner: how many bytes were equal before the first that was not, or -1 while none differs. */
	difference: number;
	private buffer: Uint8Array;
	private start: number;
	private limit: number;
	private manner: Manner;
	private mark: number;

	/** @param buffer any buffer, until `store` or `compare` gives one */
	constructor(buffer: Uint8Array) {
		this.buffer = buffer;
		this.sw = 0;
		this.count = 0;
		this.difference = -1;
		this.start = 0;
		this.limit = 0;
		this.manner = Manner.DROP;
		this.mark = 0;
	}

	/** The data of the next command goes to buffer[from … to); what is more is counted and dropped. */
	store(buffer: Uint8Array, from: number, to: number): void {
		this.aim(Manner.STORE, buffer, from, to);
	}

	/** The data of the next command is compared with buffer[from … to), which stays as it is; what is more differs. */
	compare(buffer: Uint8Array, from: number, to: number): void {
		this.aim(Manner.COMPARE, buffer, from, to);
	}

	/** The data of the next command is not wanted. */
	drop(): void {
		this.aim(Manner.DROP, this.buffer, 0, 0);
	}

	/** Whether anybody wants the data. */
	get wanted(): boolean {
		return this.manner !== Manner.DROP;
	}

	/** What has come so far stays; the next exchange's data follows it. Called before each exchange. */
	begin(): void {
		this.mark = this.count;
		this.sw = 0;
	}

	/** Forgets what came since `begin`: the same exchange is made again. */
	rewind(): void {
		this.rewindTo(this.mark);
	}

	/** Forgets all but the first `count` bytes. */
	rewindTo(count: number): void {
		this.count = count;
		this.mark = count;
		if (this.difference >= count) this.difference = -1;
	}

	/** Whether anything came since `begin`. */
	get grew(): boolean {
		return this.count > this.mark;
	}

	/** Whether the data since `begin` is nothing but FF or nothing but 00: the padding of a file that is longer than its content. */
	get blank(): boolean {
		if (this.manner !== Manner.STORE || this.count === this.mark) return false;
		const buffer = this.buffer;
		let end = this.start + this.count;
		if (end > this.limit) end = this.limit;
		const filler = buffer[this.start + this.mark];
		if (filler !== 0xff && filler !== 0) return false;
		for (let at = this.start + this.mark; at < end; at++) if (buffer[at] !== filler) return false;
		return true;
	}

	/**
	 * Takes the digit pairs in source[from … to) as data, and returns how many bytes that were. It stops before the first pair
	 * that is not two digits.
	 */
	takeDigits(hex: HexCodec, source: Uint8Array, from: number, to: number): number {
		const at = this.start + this.count;
		let taken = 0;
		if (this.manner !== Manner.DROP && at < this.limit) {
			const room = (this.limit - at) << 1;
			const end = to - from > room ? from + room : to;
			if (this.manner === Manner.STORE) taken = hex.decode(source, from, end, this.buffer, at);
			else if (this.difference < 0) taken = hex.compare(source, from, end, this.buffer, at);
			if (this.manner === Manner.STORE && from + (taken << 1) < end) {
				this.count += taken;
				return taken;
			}
		}
		const rest = from + (taken << 1);
		if (rest < to) {
			// Beyond the end of the buffer nothing is written.
			const more = hex.decode(source, rest, to, this.buffer, this.buffer.length);
			if (more > 0 && this.difference < 0) this.difference = this.count + taken;
			taken += more;
		}
		this.count += taken;
		return taken;
	}

	/** Takes a whole response APDU, bytes[0 … length), from a link that has it in one piece. False when it is too short for a status word. */
	takeAll(bytes: Uint8Array, length: number): boolean {
		if (length < 2) return false;
		for (let i = 0; i < length - 2; i++) {
			const at = this.start + this.count;
			if (this.manner === Manner.STORE && at < this.limit) this.buffer[at] = bytes[i];
			else if (this.difference < 0 && (at >= this.limit || this.buffer[at] !== bytes[i])) this.difference = this.count;
			this.count += 1;
		}
		this.sw = (bytes[length - 2] << 8) | bytes[length - 1];
		return true;
	}

	private aim(manner: Manner, buffer: Uint8Array, from: number, to: number): void {
		this.manner = manner;
		this.buffer = buffer;
		this.start = from;
		this.limit = to;
		this.count = 0;
		this.mark = 0;
		this.sw = 0;
		this.difference = -1;
	}
}
