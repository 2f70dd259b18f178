// What all fuzzing has in common: how much of it there is, bytes that are random or nearly right, poison around what may be touched.

import assert from "node:assert/strict";
import { Random } from "../../virtual/index.js";
import { keep } from "../faults/summary.js";

/** As many cases for each parser as SIMSTRAP_FUZZ says, 10,000 at the least. */
const LEAST = 10000;
export const CASES = Math.max(LEAST, Number(process.env.SIMSTRAP_FUZZ ?? 0) || 0);
/** 10,000 cases of a parser may take so long, which is ten times what they take, and one case so long. */
const BOX_MS = 40000;
const CASE_MS = 4000;
/** SIMSTRAP_SEED=N runs that case alone. */
const only = process.env.SIMSTRAP_SEED;
const POISON = 0xa5;
const MARGIN = 64;

/** Of so many cases in a hundred at the least something is taken for right, and of so many nothing: else it is not the parser that is tested. */
const SHARE = 1;

/**
 * Runs the cases, and tells how many there were. One that throws, or goes on for ever, is told by its seed.
 *
 * @param body answers whether anything was taken for right
 */
export function fuzz(t: { name: string; diagnostic(text: string): void }, body: (dice: Random) => boolean): void {
	const from = only === undefined ? 1 : Number(only);
	const to = only === undefined ? CASES : from;
	const start = performance.now();
	let last = start;
	let taken = 0;
	for (let seed = from; seed <= to; seed++) {
		try {
			if (body(new Random(Math.imul(seed, 2654435761)))) taken += 1;
		} catch (error) {
			throw new Error(`seed ${seed}`, { cause: error });
		}
		const now = performance.now();
		assert.ok(now - last < CASE_MS, `seed ${seed} took ${Math.round(now - last)} ms`);
		last = now;
	}
	const count = to - from + 1;
	const ms = Math.round(last - start);
	t.diagnostic(`${t.name}: ${count} cases in ${ms} ms, something right in ${taken}`);
	keep({ group: "fuzzing", setup: t.name, runs: count, problems: 0 });
	const least = only === undefined ? (count * SHARE) / 100 : 0;
	assert.ok(taken >= least && count - taken >= least, `${taken} of ${count}`);
	assert.ok(ms < (BOX_MS * count) / LEAST + CASE_MS, `${count} cases took ${ms} ms`);
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
