// src/hex.ts against a slow reference that is obviously right.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Hex } from "../../src/index.js";
import { ascii, POISON, SEED } from "./tools.js";

const hex = new Hex();

/** The value of one character as a hexadecimal digit, -1 for any other character. */
function digitOf(character: number): number {
	return "0123456789abcdef".indexOf(String.fromCharCode(character).toLowerCase());
}

/** The bytes that the pairs in text come to, up to the first pair that is not two digits. */
function reference(source: Uint8Array, from: number, to: number): number[] {
	const bytes: number[] = [];
	for (let i = from; i + 1 < to; i += 2) {
		const high = digitOf(source[i]);
		const low = digitOf(source[i + 1]);
		if (high < 0 || low < 0) break;
		bytes.push(16 * high + low);
	}
	return bytes;
}

test("every pair of all 256 characters is two digits or stops the run", () => {
	const source = new Uint8Array(2);
	for (let high = 0; high < 256; high++) {
		for (let low = 0; low < 256; low++) {
			source[0] = high;
			source[1] = low;
			const target = new Uint8Array(3).fill(POISON);
			const expected = reference(source, 0, 2);
			const count = hex.decode(source, 0, 2, target, 1);
			assert.equal(count, expected.length, `${high} ${low}`);
			assert.deepEqual([...target], [POISON, count === 1 ? expected[0] : POISON, POISON]);
		}
	}
});

test("upper and lower case are the same digits", () => {
	const target = new Uint8Array(8);
	assert.equal(hex.decode(ascii("DEADbeefDeAdBeEf"), 0, 16, target, 0), 8);
	assert.deepEqual([...target], [0xde, 0xad, 0xbe, 0xef, 0xde, 0xad, 0xbe, 0xef]);
});

test("decoding writes the bytes of its range and no other", () => {
	fc.assert(
		fc.property(
			fc.uint8Array({ maxLength: 40 }),
			fc.nat(6),
			fc.nat(6),
			fc.boolean(),
			fc.option(fc.tuple(fc.nat(79), fc.nat(255))),
			(bytes, before, at, upper, spoiled) => {
				let text = Buffer.from(bytes).toString("hex");
				if (upper) text = text.toUpperCase();
				const source = ascii("?".repeat(before) + text + "77");
				if (spoiled && spoiled[0] < text.length) source[before + spoiled[0]] = spoiled[1];
				const expected = reference(source, before, before + text.length);
				const target = new Uint8Array(60).fill(POISON);
				const wanted = new Uint8Array(60).fill(POISON);
				wanted.set(expected, at);
				assert.equal(hex.decode(source, before, before + text.length, target, at), expected.length);
				assert.deepEqual(target, wanted);
			},
		),
		{ seed: SEED, numRuns: 300 },
	);
});

test("what does not fit the target is decoded and dropped", () => {
	const whole = new Uint8Array(4).fill(POISON);
	const target = whole.subarray(0, 2);
	assert.equal(hex.decode(ascii("01020304"), 0, 8, target, 1), 4);
	assert.deepEqual([...whole], [POISON, 1, POISON, POISON]);
});

test("an empty run is no bytes", () => {
	const target = new Uint8Array(1).fill(POISON);
	assert.equal(hex.decode(ascii("12"), 1, 1, target, 0), 0);
	assert.equal(hex.compare(ascii("12"), 1, 1, target, 0), 0);
	assert.equal(hex.encode(target, 1, 1, target, 0), 0);
	assert.equal(target[0], POISON);
});

test("comparing stops before the first pair that differs, that is no digits, or that has no counterpart", () => {
	const own = new Uint8Array([0xff, 0x12, 0x34, 0x56]);
	assert.equal(hex.compare(ascii("123456"), 0, 6, own, 1), 3);
	assert.equal(hex.compare(ascii("123556"), 0, 6, own, 1), 1);
	assert.equal(hex.compare(ascii("1234x6"), 0, 6, own, 1), 2);
	assert.equal(hex.compare(ascii("12345x"), 0, 6, own, 1), 2);
	assert.equal(hex.compare(ascii("12345678"), 0, 8, own, 1), 3);
	assert.deepEqual([...own], [0xff, 0x12, 0x34, 0x56]);
});

test("comparing agrees with decoding, whatever the characters are, and leaves the reference alone", () => {
	fc.assert(
		fc.property(
			fc.array(fc.constantFrom(...'0123456789ABCDEFabcdef\r" xFF00'), { maxLength: 30 }),
			fc.uint8Array({ minLength: 20, maxLength: 20 }),
			fc.nat(15),
			(characters, own, equal) => {
				if (characters.length % 2 === 1) characters.pop();
				const source = ascii(characters.join(""));
				const decoded = reference(source, 0, source.length);
				for (let i = 0; i < equal && i < decoded.length; i++) own[2 + i] = decoded[i];
				const before = own.slice();
				let expected = 0;
				while (expected < decoded.length && decoded[expected] === own[2 + expected]) expected++;
				assert.equal(hex.compare(source, 0, source.length, own, 2), expected);
				assert.deepEqual(own, before);
			},
		),
		{ seed: SEED, numRuns: 300 },
	);
});

test("encoding gives upper-case digits in their place, answers the place behind them, and decodes to the same bytes", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(5), fc.nat(5), (bytes, from, at) => {
			const source = new Uint8Array(from + bytes.length + 3).fill(POISON);
			source.set(bytes, from);
			const target = new Uint8Array(100).fill(POISON);
			const end = hex.encode(source, from, from + bytes.length, target, at);
			const text = Buffer.from(bytes).toString("hex").toUpperCase();
			const wanted = new Uint8Array(100).fill(POISON);
			wanted.set(ascii(text), at);
			assert.equal(end, at + 2 * bytes.length);
			assert.deepEqual(target, wanted);
			const back = new Uint8Array(bytes.length);
			assert.equal(hex.decode(target, at, end, back, 0), bytes.length);
			assert.deepEqual(back, bytes);
		}),
		{ seed: SEED, numRuns: 200 },
	);
});
