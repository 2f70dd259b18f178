// Runs of hexadecimal digits to bytes and back (the character strings of TS 27.007, 8.17): either case in, upper case out.
// One table look-up a digit; no string is ever made.

import type { HexCodec } from "./platform.js";

/** The table's entry for what is not a digit: negative, and so is whatever it is shifted or joined into. */
const NO_DIGIT = -1;

const DIGITS = 256;

export class Hex implements HexCodec {
	/**
	 * The value of each character code, or NO_DIGIT; and from DIGITS on the character code of each value. It lives in the instance,
	 * since a preloaded module's arrays are read-only.
	 */
	private readonly values: Int8Array;

	constructor() {
		const values = new Int8Array(DIGITS + 16);
		values.fill(NO_DIGIT);
		for (let value = 0; value < 16; value++) {
			const digit = value < 10 ? 48 + value : 55 + value;
			values[DIGITS + value] = digit;
			values[digit] = value;
			if (value > 9) values[digit + 32] = value;
		}
		this.values = values;
	}

	// The two loops below run once for each byte that a card sends: they are written for the fewest bytecodes, not for looks.

	decode(source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): number {
		const values = this.values;
		let value = 0;
		let i = from - 1;
		--at;
		while (++i < to) {
			value = (values[source[i]] << 4) | values[source[++i]];
			if (value < 0) {
				--i;
				break;
			}
			target[++at] = value;
		}
		return (i - from) >> 1;
	}

	compare(source: Uint8Array, from: number, to: number, reference: Uint8Array, at: number): number {
		const values = this.values;
		let i = from - 1;
		--at;
		while (++i < to) {
			if (((values[source[i]] << 4) | values[source[++i]]) !== reference[++at]) {
				--i;
				break;
			}
		}
		return (i - from) >> 1;
	}

	encode(bytes: Uint8Array, from: number, to: number, target: Uint8Array, at: number): number {
		const values = this.values;
		for (let i = from; i < to; i++) {
			target[at] = values[DIGITS + (bytes[i] >> 4)];
			target[at + 1] = values[DIGITS + (bytes[i] & 15)];
			at += 2;
		}
		return at;
	}
}
