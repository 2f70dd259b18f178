// src/cmac.ts: NIST SP 800-38B and RFC 4493.

import assert from "node:assert/strict";
import { test } from "node:test";
import { aes as nodeAes } from "../../hal/node/crypto.js";
import { Cmac } from "../../src/cmac.js";
import { aes } from "../../virtual/index.js";
import { bytes, hex, vectors } from "./support.js";

interface Vectors {
	message: string;
	sets: { key: string; macs: Record<string, string> }[];
}
const { message, sets } = vectors<Vectors>("cmac.json");
const MESSAGE = bytes(message);

for (const { key, macs } of sets) {
	for (const [length, mac] of Object.entries(macs)) {
		test(`AES-${4 * key.length}, ${length} bytes, in pieces of any size`, () => {
			for (const make of [aes, nodeAes]) {
				const cmac = new Cmac();
				cmac.use(make(bytes(key)));
				for (let piece = 1; piece <= 65; piece++) {
					cmac.begin();
					for (let at = 0; at < Number(length); at += piece)
						cmac.update(MESSAGE, at, Math.min(at + piece, Number(length)));
					cmac.finish();
					assert.equal(hex(cmac.mac), mac);
				}
				cmac.begin();
				for (let at = 0; at < Number(length); at++) cmac.byte(MESSAGE[at]);
				cmac.finish();
				assert.equal(hex(cmac.mac), mac);
			}
		});
	}
}

test("the input stays as it is, and a new key forgets the old one", () => {
	const before = hex(MESSAGE);
	const cmac = new Cmac();
	let closed = 0;
	for (const { key, macs } of sets) {
		const cipher = aes(bytes(key));
		cmac.use({
			encrypt: (block) => cipher.encrypt(block),
			decrypt: (block) => cipher.decrypt(block),
			close: () => {
				closed += 1;
			},
		});
		cmac.begin();
		cmac.update(MESSAGE, 0, 64);
		cmac.finish();
		assert.equal(hex(cmac.mac), macs["64"]);
	}
	assert.equal(closed, sets.length - 1);
	cmac.close();
	cmac.close();
	assert.equal(closed, sets.length);
	assert.equal(hex(MESSAGE), before);
	assert.equal(hex(cmac.mac), "00".repeat(16));
});

test("without a key there is no MAC", () => {
	const cmac = new Cmac();
	cmac.begin();
	assert.throws(() => cmac.finish(), TypeError);
});
