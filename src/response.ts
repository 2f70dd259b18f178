// A response APDU on its way in (ISO 7816-4, 5.1): where its data goes, how much came, and the status word. The data goes
// straight to its final place, or is compared with what is already there, or is dropped; the status word never lands there.
// The parts of an answer that came through GET RESPONSE follow each other in the same place.

import type { HexCodec } from "./platform.js";

export class Response {
	/** SW1 SW2 of the last exchange, 0 before there is one. */
	sw: number;
	/** @internal Whether anybody wants the data. */
	wanted: boolean;
	/** Data bytes so far, those that did not fit included. */
	count: number;
	/** @internal In the comparing manner: how many bytes were equal before the first that was not, or -1 while none differs. */
	difference: number;
	/** @internal */
	comparing: boolean;
	private buffer: Uint8Array;
	private start: number;
	private limit: number;
	private mark: number;

	/** @param buffer any buffer, until `store` or `compare` gives one */
	constructor(buffer: Uint8Array) {
		this.buffer = buffer;
		this.sw = 0;
		this.count = 0;
		this.difference = -1;
		this.start = 0;
		this.limit = 0;
		this.comparing = false;
		this.wanted = false;
		this.mark = 0;
	}

	/** @internal The data of the next command goes to buffer[from … to); what is more is counted and dropped. */
	store(buffer: Uint8Array, from: number, to: number): void {
		this.buffer = buffer;
		this.start = from;
		this.limit = to;
		this.comparing = false;
		this.wanted = true;
		this.sw = 0;
		this.rewindTo(0);
	}

	/** @internal The data of the next command is compared with buffer[from … to), which stays as it is; what is more differs. */
	compare(buffer: Uint8Array, from: number, to: number): void {
		this.store(buffer, from, to);
		this.comparing = true;
	}

	/** @internal The data of the next command is not wanted. */
	drop(): void {
		this.store(this.buffer, 0, 0);
		this.wanted = false;
	}

	/** @internal What has come so far stays; the next exchange's data follows it. Called before each exchange. */
	begin(): void {
		this.mark = this.count;
		this.sw = 0;
	}

	/** @internal Forgets what came since `begin`: the same exchange is made again. */
	rewind(): void {
		this.rewindTo(this.mark);
	}

	/** @internal Forgets all but the first `count` bytes. */
	rewindTo(count: number): void {
		this.count = count;
		this.mark = count;
		if (this.difference >= count) this.difference = -1;
	}

	/** @internal Whether anything came since `begin`. */
	get grew(): boolean {
		return this.count > this.mark;
	}

	/** @internal Whether the data since `begin` is nothing but FF or nothing but 00: the padding of a file that is longer than its content. */
	get blank(): boolean {
		if (this.comparing || this.count === this.mark) return false;
		const buffer = this.buffer;
		let end = this.start + this.count;
		if (end > this.limit) end = this.limit;
		const filler = buffer[this.start + this.mark];
		if (filler !== 0xff && filler !== 0) return false;
		for (let at = this.start + this.mark; at < end; at++) if (buffer[at] !== filler) return false;
		return true;
	}

	/**
	 * @internal
	 * Takes the digit pairs in source[from … to) as data, and returns how many bytes that were. It stops before the first pair
	 * that is not two digits.
	 */
	takeDigits(hex: HexCodec, source: Uint8Array, from: number, to: number): number {
		const buffer = this.buffer;
		const comparing = this.comparing;
		const at = this.start + this.count;
		let end = from;
		let taken = 0;
		if (at < this.limit) {
			end = from + ((this.limit - at) << 1);
			if (end > to) end = to;
			if (!comparing) taken = hex.decode(source, from, end, buffer, at);
			else if (this.difference < 0) taken = hex.compare(source, from, end, buffer, at);
		}
		from += taken << 1;
		if (from < to && (comparing || from === end)) {
			// What has no room, or differs, is only counted: beyond the end of the buffer nothing is written.
			const more = hex.decode(source, from, to, buffer, buffer.length);
			if (more > 0 && this.difference < 0) this.difference = this.count + taken;
			taken += more;
		}
		this.count += taken;
		return taken;
	}

	/** @internal Takes one byte of data. */
	takeByte(byte: number): void {
		const at = this.start + this.count;
		if (!this.comparing) {
			if (at < this.limit) this.buffer[at] = byte;
		} else if (this.difference < 0 && (at >= this.limit || this.buffer[at] !== byte)) this.difference = this.count;
		this.count += 1;
	}

	/** Takes a whole response APDU, bytes[0 … length), from a link that has it in one piece. False when it is too short for a status word. */
	takeAll(bytes: Uint8Array, length: number): boolean {
		if (length < 2) return false;
		for (let i = 0; i < length - 2; i++) this.takeByte(bytes[i]);
		this.sw = (bytes[length - 2] << 8) | bytes[length - 1];
		return true;
	}
}
