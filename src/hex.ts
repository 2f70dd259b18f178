// Runs of hexadecimal digits to bytes and back (the character strings of TS 27.007, 8.17): either case in, upper case out.
// One table look-up a digit; no string is ever made.

import type { HexCodec } from "./platform.js";

/** The table's entry for what is not a digit: negative, and so is whatever it is shifted or joined into. */
const NO_DIGIT = -1;

export class Hex implements HexCodec {
	/** The value of each character code, or NO_DIGIT. It lives in the instance, since a preloaded module's arrays are read-only. */
	private readonly values: Int8Array;

	constructor() {
		const values = new Int8Array(256);
		values.fill(NO_DIGIT);
		for (let value = 0; value < 16; value++) {
			if (value < 10) values[48 + value] = value;
			else {
				values[55 + value] = value;
				values[87 + value] = value;
			}
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
		for (let i = from; i < to; i++) {
			const high = bytes[i] >> 4;
			const low = bytes[i] & 15;
			target[at] = high < 10 ? 48 + high : 55 + high;
			target[at + 1] = low < 10 ? 48 + low : 55 + low;
			at += 2;
		}
		return at;
	}
}
