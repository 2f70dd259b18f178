// What all fuzzing has in common: how much of it there is, bytes that are random or nearly right, poison around what may be touched.

import assert from "node:assert/strict";
import { Random } from "../../virtual/index.js";

/** As many cases for each parser as SIMSTRAP_FUZZ says; 10,000 when it does not. */
export const CASES = Math.max(10000, Number(process.env.SIMSTRAP_FUZZ ?? 0) || 0);
/** Where nobody asked for more, a parser may take so long, but does its 10,000. */
const BOX_MS = 15000;
/** SIMSTRAP_SEED=N runs that case alone. */
const only = process.env.SIMSTRAP_SEED;
const POISON = 0xa5;
const MARGIN = 64;

/** Runs the cases; a case that throws is told by its seed. Answers how many there were. */
export function fuzz(body: (dice: Random, seed: number) => void): number {
	const from = only === undefined ? 1 : Number(only);
	const to = only === undefined ? CASES : from;
	const end = performance.now() + BOX_MS;
	let seed = from;
	for (; seed <= to; seed++) {
		try {
			body(new Random((seed * 2654435761) | 0), seed);
		} catch (error) {
			throw new Error(`seed ${seed}`, { cause: error });
		}
		if (CASES === 10000 && seed > 10000 && performance.now() > end) break;
	}
	return seed - from;
}

export function randomBytes(dice: Random, length: number): Uint8Array {
	const bytes = new Uint8Array(length);
	for (let i = 0; i < length; i++) bytes[i] = dice.below(256);
	return bytes;
}

/** Something that was right before a few bytes of it were changed, taken out, put in, or its end was cut off. */
export function mutated(dice: Random, bytes: Uint8Array): Uint8Array {
	let list = [...bytes];
	for (let n = 1 + dice.below(6); n > 0 && list.length > 0; n--) {
		const at = dice.below(list.length);
		switch (dice.below(7)) {
			case 0:
				list[at] = dice.below(256);
				break;
			case 1:
				list[at] ^= 1 << dice.below(8);
				break;
			case 2:
				list.splice(at, 1 + dice.below(4));
				break;
			case 3:
				list.splice(at, 0, ...randomBytes(dice, 1 + dice.below(4)));
				break;
			case 4:
				list = list.slice(0, at);
				break;
			case 5:
				list.splice(at, 0, ...list.slice(at, at + dice.below(20)));
				break;
			case 6:
				list[at] = [0x00, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xfe, 0xff][dice.below(8)];
				break;
		}
	}
	return Uint8Array.from(list);
}

/**
 * A buffer of its own in the middle of poison, which reads and writes outside of it cannot leave unnoticed: a typed array's own bounds
 * would hide them. Everything is a view of one array.
 */
export class Fenced {
	readonly inner: Uint8Array;
	private readonly whole: Uint8Array;

	constructor(length: number) {
		this.whole = new Uint8Array(length + 2 * MARGIN).fill(POISON);
		this.inner = this.whole.subarray(MARGIN, MARGIN + length);
	}

	/** Fails when what lies around the buffer was changed. */
	check(): void {
		const { whole } = this;
		for (let i = 0; i < MARGIN; i++) {
			assert.equal(whole[i], POISON, "before the buffer");
			assert.equal(whole[whole.length - 1 - i], POISON, "behind the buffer");
		}
	}
}

/** An array that throws when a place outside of it is read or written, or inside it outside of [from … to). */
export function guarded(bytes: Uint8Array, from: number, to: number): Uint8Array {
	return new Proxy(bytes, {
		get(target, key) {
			if (typeof key === "string" && /^-?\d+(\.\d+)?$|^NaN$/.test(key)) {
				const at = Number(key);
				if (!(at >= from && at < to)) throw new RangeError(`read at ${key} of ${from} to ${to}`);
				return target[at];
			}
			const value = Reflect.get(target, key, target);
			return typeof value === "function" ? value.bind(target) : value;
		},
		set(target, key, value) {
			const at = Number(key);
			if (!(at >= from && at < to)) throw new RangeError(`write at ${String(key)} of ${from} to ${to}`);
			target[at] = value;
			return true;
		},
	});
}
