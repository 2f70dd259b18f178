// Runs of hexadecimal digits through E.mapInPlace, several times faster than a loop in the interpreter. A byte is put together
// from two digits without any arithmetic in JavaScript:
//
//   digits           '4'  'B'           each looked up: its value in both halves of a byte
//   pairs            44   BB            one pair to each element of three bytes
//   trios            44   BB   00       taken in pieces of 12 bits, of which the low 8 are kept
//   halves           4[4B] [B00]        every other one is the byte
//
// What is no digit becomes a byte that no digit becomes, and is looked for before any of this.

import type { HexCodec } from "../../src/platform.js";

/** What the table has for a character that is no digit: its two halves differ. */
const NO_DIGIT = 1;
/** So many digits are decoded in one go. */
const RUN = 64;

export class Hex implements HexCodec {
	private readonly values: Uint8Array;
	private readonly digits: Uint8Array;
	private readonly pairs: Uint8Array;
	private readonly trios: Uint8Array;
	private readonly trioElements: Uint24Array;

	constructor() {
		const values = new Uint8Array(256);
		values.fill(NO_DIGIT);
		const digits = new Uint8Array(16);
		digits.set("0123456789ABCDEF");
		for (let value = 0; value < 16; value++) {
			values[digits[value]] = value * 17;
			if (value > 9) values[digits[value] + 32] = value * 17;
		}
		this.values = values;
		this.digits = digits;
		this.pairs = new Uint8Array(RUN);
		this.trios = new Uint8Array((RUN / 2) * 3);
		this.trioElements = new Uint24Array(this.trios.buffer);
	}

	decode(source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): number {
		let taken = 0;
		while (from < to) {
			const run = Math.min(to - from, RUN);
			const count = this.convert(source, from, run, target, at + taken);
			taken += count;
			if (count < run >> 1) break;
			from += run;
		}
		return taken;
	}

	compare(source: Uint8Array, from: number, to: number, reference: Uint8Array, at: number): number {
		const pairs = this.pairs;
		let taken = 0;
		while (from < to) {
			const run = Math.min(to - from, RUN);
			const count = this.convert(source, from, run, pairs, 0);
			const begin = at + taken;
			// Espruino's subarray does not end where the array does.
			const known = Math.max(Math.min(count, reference.length - begin), 0);
			const text = E.toString(pairs.subarray(0, known));
			// Texts that there is no memory for are both undefined.
			if (text === undefined || text !== E.toString(reference.subarray(begin, begin + known))) {
				let i = 0;
				while (i < known && pairs[i] === reference[begin + i]) i += 1;
				if (i < known) return taken + i;
			}
			if (known < count) return taken + known;
			taken += count;
			if (count < run >> 1) break;
			from += run;
		}
		return taken;
	}

	encode(bytes: Uint8Array, from: number, to: number, target: Uint8Array, at: number): number {
		E.mapInPlace(bytes.subarray(from, to), target.subarray(at, at + (to - from) * 2), this.digits, 4);
		return at + (to - from) * 2;
	}

	/** Decodes `run` digits, at most RUN. `target` may be `pairs` itself: it is written last. */
	private convert(source: Uint8Array, from: number, run: number, target: Uint8Array, at: number): number {
		const pairs = this.pairs;
		E.mapInPlace(source.subarray(from, from + run), pairs, this.values);
		// What an earlier run has left behind the digits is behind the end of this one, too.
		const other = pairs.indexOf(NO_DIGIT);
		if (other >= 0 && other < run) run = other & ~1;
		const count = run >> 1;
		if (at >= target.length || count === 0) return count;
		E.mapInPlace(pairs.subarray(0, run), this.trioElements, undefined, -16);
		E.mapInPlace(this.trios.subarray(0, count * 3), pairs, undefined, 12);
		E.mapInPlace(pairs.subarray(0, run), target.subarray(at, Math.min(at + count, target.length)), undefined, -16);
		return count;
	}
}
