// An APDU's answer in the rest of a line (TS 27.007, 8.17 and 8.45), while it arrives:
//
//   +CSIM: <length>,"<data><status word>"        <length> = number of digits, and so it is known which of them are data
//
// The data goes to the response as it comes, the status word never does.

import { COMMA, QUOTE } from "./command-line.js";
import type { HexCodec } from "./platform.js";
import type { Response } from "./response.js";

export const SPACE = 32;
/** Digits of the longest answer: 256 bytes of data and the status word. */
const DIGITS_MAX = 516;
const STATUS_DIGITS = 4;

const SLASH = 47;
const COLON = 58;

/** The value of a hexadecimal digit, negative for another character. */
function digitOf(c: number): number {
	if (c < COLON) return c > SLASH ? c - 48 : -1;
	const value = (c | 32) - 87;
	return value < 10 || value > 15 ? -1 : value;
}

/** What takes the rest of a line behind its word, for a response. */
export abstract class Answer {
	/** Where the data goes; whoever starts the command sets it. */
	response: Response | null;
	/** Which part of the rest is next; 0 while nothing has come, and it may stand on the next line. */
	part: number;
	/** The number in hand, or how many digits are still to come. */
	protected number: number;
	/** The status word as far as it has come. */
	protected sw: number;
	protected readonly hex: HexCodec;
	/** The first digit of a pair that came in two pieces, or -1. */
	protected half: number;

	constructor(hex: HexCodec) {
		this.response = null;
		this.part = 0;
		this.number = 0;
		this.sw = 0;
		this.hex = hex;
		this.half = -1;
	}

	/** Begins behind the word. */
	begin(): void {
		this.part = 0;
		this.number = 0;
		this.half = -1;
	}

	/** Whether all of it has come, now that the line has ended. */
	abstract end(): boolean;

	/**
	 * Takes of bytes[from … count) what belongs to the answer, and returns the place behind: `count`, that of the line's end, or that of
	 * something that cannot stand there.
	 */
	abstract take(bytes: Uint8Array, from: number, count: number): number;

	/** Takes a digit of data whose pair is cut in two: one is kept until its other half comes. 1; or 0 where no digit stands. */
	protected cut(c: number): number {
		const value = digitOf(c);
		if (value < 0) return 0;
		if (this.half < 0) this.half = value;
		else {
			(this.response as Response).takeByte((this.half << 4) | value);
			this.half = -1;
		}
		return 1;
	}
}

const enum Part {
	START,
	LENGTH,
	QUOTE,
	DATA,
	TAIL,
}

export class ApduAnswer extends Answer {
	private readonly scratch: Uint8Array;

	/** @param scratch whose first two bytes are written over */
	constructor(hex: HexCodec, scratch: Uint8Array) {
		super(hex);
		this.scratch = scratch;
	}

	end(): boolean {
		return this.part === Part.TAIL;
	}

	take(bytes: Uint8Array, from: number, count: number): number {
		const response = this.response as Response;
		let number = this.number;
		let part = this.part;
		let at = from;
		while (at < count) {
			const c = bytes[at];
			let taken = 1;
			if (part === Part.DATA) {
				const data = number - STATUS_DIGITS;
				const here = count - at;
				if (data > 0) {
					if (this.half >= 0 || here === 1) taken = this.cut(c);
					else taken = response.takeDigits(this.hex, bytes, at, at + ((data < here ? data : here) & ~1)) << 1;
				} else taken = this.status(bytes, at, data === 0 && here >= STATUS_DIGITS);
				if (taken === 0) break;
				number -= taken;
				if (number === 0) {
					response.sw = this.sw;
					part = Part.TAIL;
				}
			} else if (c > SLASH && c < COLON && part <= Part.LENGTH && number <= DIGITS_MAX) {
				number = number * 10 + c - 48;
				part = Part.LENGTH;
			} else if (c !== SPACE && (c !== QUOTE || part <= Part.LENGTH)) {
				// Spaces and quotes are there or not, as the modem likes it.
				if (part === Part.QUOTE) taken = 0;
				else if (c !== COMMA || part !== Part.LENGTH) break;
				else if (number < STATUS_DIGITS || number > DIGITS_MAX || (number & 1) === 1) break;
				part += 1;
			}
			at += taken;
		}
		this.number = number;
		this.part = part;
		return at;
	}

	/** Takes a digit of the status word, or all of it when it is here as a whole, and returns how many; 0 where none stand. */
	private status(bytes: Uint8Array, at: number, whole: boolean): number {
		const scratch = this.scratch;
		if (whole && this.hex.decode(bytes, at, at + STATUS_DIGITS, scratch, 0) === 2) {
			this.sw = (scratch[0] << 8) | scratch[1];
			return STATUS_DIGITS;
		}
		const value = digitOf(bytes[at]);
		if (value < 0) return 0;
		this.sw = ((this.sw << 4) | value) & 0xffff;
		return 1;
	}
}
