// An AT command line on its way out (ITU-T V.250, 5.2): what it begins with comes from the word list, the rest is appended, CR ends
// it. Nothing here is a string; the line lies in one buffer, which the next line overwrites.

import type { HexCodec } from "./platform.js";
import type { Words } from "./words.js";

export const CR = 13;
export const QUOTE = 34;
export const COMMA = 44;

export class CommandLine {
	/** The line is bytes[from … size). */
	readonly bytes: Uint8Array;
	readonly from: number;
	size: number;
	readonly hex: HexCodec;
	private readonly words: Words;
	/** What the line begins with. Lines of the same kind find it already there. */
	private word: number;
	private wordEnd: number;

	/** @param bytes where the line lies, from `from` to the end */
	constructor(words: Words, hex: HexCodec, bytes: Uint8Array, from: number) {
		this.bytes = bytes;
		this.from = from;
		this.size = from;
		this.hex = hex;
		this.words = words;
		this.word = -1;
		this.wordEnd = from;
	}

	/** Begins a line with a command of the word list, without the CR that may end it there. */
	begin(word: number): void {
		if (this.word !== word) {
			const words = this.words;
			const bytes = words.bytes;
			words.find(word);
			let size = this.from;
			for (let i = words.from; i < words.to; i++) if (bytes[i] !== CR) this.bytes[size++] = bytes[i];
			this.word = word;
			this.wordEnd = size;
		}
		this.size = this.wordEnd;
	}

	/** Appends one character. */
	byte(character: number): void {
		this.bytes[this.size] = character;
		this.size += 1;
	}

	/** Appends an APDU, <length>,"<digits>", and ends the line. It stands in every exchange, so it is written out. */
	apdu(apdu: Uint8Array, length: number): void {
		const bytes = this.bytes;
		const digits = length << 1;
		let at = this.size;
		if (digits > 99) bytes[at++] = 48 + ((digits / 100) | 0);
		if (digits > 9) bytes[at++] = 48 + (((digits / 10) | 0) % 10);
		bytes[at] = 48 + (digits % 10);
		bytes[at + 1] = COMMA;
		bytes[at + 2] = QUOTE;
		at = this.hex.encode(apdu, 0, length, bytes, at + 3);
		bytes[at] = QUOTE;
		bytes[at + 1] = CR;
		this.size = at + 2;
	}

	/** Overwrites the line, which may have held a secret. */
	wipe(): void {
		this.bytes.fill(0, this.from);
		this.size = this.from;
		this.word = -1;
	}
}

// What stands in some lines only.

/** Appends text[from … to) as it is. */
export function appendText(line: CommandLine, text: Uint8Array, from: number, to: number): void {
	for (let i = from; i < to; i++) line.byte(text[i]);
}

/** Appends bytes[from … to) as digits in quotes. */
export function appendDigits(line: CommandLine, bytes: Uint8Array, from: number, to: number): void {
	line.byte(QUOTE);
	line.size = line.hex.encode(bytes, from, to, line.bytes, line.size);
	line.byte(QUOTE);
}

/** Appends a decimal number from 0 to 65535. */
export function appendNumber(line: CommandLine, value: number): void {
	let power = 10000;
	while (power > 1 && value < power) power = (power / 10) | 0;
	for (; power > 0; power = (power / 10) | 0) line.byte(48 + (((value / power) | 0) % 10));
}
