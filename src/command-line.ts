// An AT command line on its way out (ITU-T V.250, 5.2): what it begins with comes from the word list, the rest is appended, CR ends
// it. Nothing here is a string; the line lies in one buffer, which the next line overwrites.

import type { HexCodec } from "./platform.js";

const CR = 13;
const QUOTE = 34;
export const COMMA = 44;

export class CommandLine {
	/** The line is bytes[0 … length). */
	readonly bytes: Uint8Array;
	length: number;
	private readonly words: Uint8Array;
	private readonly hex: HexCodec;
	/** What the line begins with: the words' bytes[from … to). Lines of the same kind find it already there. */
	private from: number;
	private to: number;

	/** @param words the word list's bytes @param size the longest line, CR included */
	constructor(words: Uint8Array, hex: HexCodec, size: number) {
		this.bytes = new Uint8Array(size);
		this.length = 0;
		this.words = words;
		this.hex = hex;
		this.from = 0;
		this.to = 0;
	}

	/** Begins a line with the words' bytes[from … to). */
	begin(from: number, to: number): void {
		this.length = to - from;
		if (this.from === from && this.to === to) return;
		this.from = from;
		this.to = to;
		for (let i = from; i < to; i++) this.bytes[i - from] = this.words[i];
	}

	/** Appends one character. */
	byte(character: number): void {
		this.bytes[this.length] = character;
		this.length += 1;
	}

	/** Appends text[from … to) as it is. */
	text(text: Uint8Array, from: number, to: number): void {
		for (let i = from; i < to; i++) this.byte(text[i]);
	}

	/** Appends bytes[from … to) as digits in quotes. */
	digits(bytes: Uint8Array, from: number, to: number): void {
		this.byte(QUOTE);
		this.length = this.hex.encode(bytes, from, to, this.bytes, this.length);
		this.byte(QUOTE);
	}

	/** Appends a decimal number from 0 to 65535. */
	number(value: number): void {
		let power = 10000;
		while (power > 1 && value < power) power = (power / 10) | 0;
		for (; power > 0; power = (power / 10) | 0) this.byte(48 + (((value / power) | 0) % 10));
	}

	/** Appends an APDU, <length>,"<digits>", and ends the line. It stands in every exchange, so it is written out. */
	apdu(apdu: Uint8Array, length: number): void {
		const bytes = this.bytes;
		const digits = length << 1;
		let at = this.length;
		if (digits > 99) bytes[at++] = 48 + ((digits / 100) | 0);
		if (digits > 9) bytes[at++] = 48 + (((digits / 10) | 0) % 10);
		bytes[at] = 48 + (digits % 10);
		bytes[at + 1] = COMMA;
		bytes[at + 2] = QUOTE;
		at = this.hex.encode(apdu, 0, length, bytes, at + 3);
		bytes[at] = QUOTE;
		bytes[at + 1] = CR;
		this.length = at + 2;
	}

	/** Overwrites the line, which may have held a secret. */
	wipe(): void {
		this.bytes.fill(0);
		this.from = 0;
		this.to = 0;
	}

	/** Ends the line. */
	end(): void {
		this.byte(CR);
	}
}
