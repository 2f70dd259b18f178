// virtual/aes.ts and hal/node/crypto.ts: the vectors of FIPS 197, appendix C, and one against the other.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { aes as nodeAes, random } from "../../hal/node/crypto.js";
import { aes } from "../../virtual/index.js";
import { bytes, hex } from "./support.js";

const PLAIN = "00112233445566778899aabbccddeeff";
const KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const FIPS_197: [number, string][] = [
	[16, "69c4e0d86a7b0430d8cdb78070b4c55a"],
	[24, "dda97ca4864cdfe06eaf70a0ec0d7191"],
	[32, "8ea2b7ca516745bfeafc49904b496089"],
];

for (const make of [aes, nodeAes]) {
	test(`FIPS 197, appendix C: ${make === aes ? "virtual" : "Node"}`, () => {
		for (const [length, cipher] of FIPS_197) {
			const block = bytes(PLAIN);
			const key = bytes(KEY).subarray(0, length);
			const one = make(key);
			key.fill(0);
			one.encrypt(block);
			assert.equal(hex(block), cipher);
			one.decrypt(block);
			assert.equal(hex(block), PLAIN);
			one.close();
		}
	});
}

test("FIPS 197, appendix B", () => {
	const block = bytes("3243f6a8885a308d313198a2e0370734");
	aes(bytes("2b7e151628aed2a6abf7158809cf4f3c")).encrypt(block);
	assert.equal(hex(block), "3925841d02dc09fbdc118597196a0b32");
});

test("the virtual AES and Node's agree on any key and block", () => {
	const key = fc.oneof(...[16, 24, 32].map((length) => fc.uint8Array({ minLength: length, maxLength: length })));
	fc.assert(
		fc.property(key, fc.uint8Array({ minLength: 16, maxLength: 16 }), (k, block) => {
			const [a, b] = [aes(k), nodeAes(k)];
			const [x, y] = [block.slice(), block.slice()];
			a.encrypt(x);
			b.encrypt(y);
			assert.deepEqual(x, y);
			a.decrypt(x);
			b.decrypt(y);
			assert.deepEqual(x, block);
			assert.deepEqual(y, block);
			a.decrypt(x);
			b.decrypt(y);
			assert.deepEqual(x, y);
		}),
		{ seed: 20250117, numRuns: 300 },
	);
});

test("one object serves for any number of keys", () => {
	const one = aes(new Uint8Array(32));
	for (const [length, cipher] of [...FIPS_197].reverse()) {
		const block = bytes(PLAIN);
		one.use(bytes(KEY).subarray(0, length));
		one.encrypt(block);
		assert.equal(hex(block), cipher);
	}
});

test("another length of key is refused", () => {
	for (const length of [0, 8, 15, 17, 20, 33]) assert.throws(() => aes(new Uint8Array(length)), TypeError);
});

test("Node's random source fills all of what it is given", () => {
	const [a, b] = [new Uint8Array(32), new Uint8Array(32)];
	random(a);
	random(b);
	assert.notDeepEqual(a, b);
});
