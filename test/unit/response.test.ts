// src/response.ts: where the data of an answer goes. The reference below keeps everything in a list.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Hex } from "../../src/index.js";
import { Response } from "../../src/response.js";
import { ascii, POISON, SEED } from "./tools.js";

const hex = new Hex();

/** Gives bytes as digits, as the AT layer does. */
function takeDigits(response: Response, bytes: number[]): number {
	const digits = ascii(`##${Buffer.from(bytes).toString("hex")}##`);
	return response.takeDigits(hex, digits, 2, 2 + 2 * bytes.length);
}

const parts = fc.array(fc.array(fc.nat(255), { maxLength: 12 }), { maxLength: 5 });

test("stored data stands in its place and nowhere else; what is more is counted", () => {
	fc.assert(
		fc.property(parts, fc.nat(10), fc.nat(20), fc.boolean(), (list, from, room, whole) => {
			const buffer = new Uint8Array(50).fill(POISON);
			const response = new Response(new Uint8Array(1));
			response.store(buffer, from, from + room);
			for (const part of list) {
				response.begin();
				if (whole) assert.equal(response.takeAll(Uint8Array.from([...part, 0x90, 0x00]), part.length + 2), true);
				else assert.equal(takeDigits(response, part), part.length);
				assert.equal(response.grew, part.length > 0);
			}
			const all = list.flat();
			const wanted = new Uint8Array(50).fill(POISON);
			wanted.set(all.slice(0, room), from);
			assert.deepEqual(buffer, wanted);
			assert.equal(response.count, all.length);
			assert.equal(response.sw, whole && list.length > 0 ? 0x9000 : 0);
		}),
		{ seed: SEED, numRuns: 400 },
	);
});

test("compared data leaves the reference alone and tells how many bytes were equal", () => {
	fc.assert(
		fc.property(
			parts,
			fc.nat(10),
			fc.integer({ min: -3, max: 3 }),
			fc.nat(60),
			fc.boolean(),
			(list, from, more, spoil, whole) => {
				const all = list.flat();
				const room = Math.max(0, all.length + more);
				const buffer = new Uint8Array(90).fill(POISON);
				buffer.set(all, from);
				if (spoil < all.length) buffer[from + spoil] ^= 0x10;
				const before = buffer.slice();
				const response = new Response(new Uint8Array(1));
				response.compare(buffer, from, from + room);
				for (const part of list) {
					response.begin();
					if (whole) response.takeAll(Uint8Array.from([...part, 0x90, 0x00]), part.length + 2);
					else assert.equal(takeDigits(response, part), part.length);
				}
				assert.deepEqual(buffer, before);
				assert.equal(response.count, all.length);
				let equal = spoil < all.length ? spoil : -1;
				if (room < all.length && (equal < 0 || room < equal)) equal = room;
				assert.equal(response.difference, equal);
			},
		),
		{ seed: SEED, numRuns: 400 },
	);
});

test("dropped data is counted and touches nothing", () => {
	const buffer = new Uint8Array(8).fill(POISON);
	const response = new Response(buffer);
	response.store(buffer, 2, 4);
	response.drop();
	assert.equal(response.wanted, false);
	assert.equal(takeDigits(response, [1, 2, 3]), 3);
	assert.equal(response.takeAll(Uint8Array.from([4, 5, 0x90, 0]), 4), true);
	assert.equal(response.count, 5);
	assert.deepEqual(buffer, new Uint8Array(8).fill(POISON));
});

test("an exchange that is made again writes over what it brought before", () => {
	const buffer = new Uint8Array(8);
	const response = new Response(buffer);
	response.store(buffer, 0, 8);
	response.begin();
	takeDigits(response, [1, 2]);
	response.begin();
	takeDigits(response, [9, 9, 9]);
	response.rewind();
	assert.equal(response.count, 2);
	response.begin();
	takeDigits(response, [3, 4]);
	assert.deepEqual([...buffer.subarray(0, 4)], [1, 2, 3, 4]);
	response.compare(buffer, 0, 4);
	response.begin();
	takeDigits(response, [1, 7]);
	assert.equal(response.difference, 1);
	response.rewind();
	assert.equal(response.difference, -1, "the difference goes with it");
});

test("digits that are none stop the run, and what came before them counts", () => {
	const buffer = new Uint8Array(8).fill(POISON);
	for (const manner of ["store", "compare", "drop"] as const) {
		const response = new Response(buffer);
		if (manner === "drop") response.drop();
		else response[manner](buffer, 0, 8);
		assert.equal(response.takeDigits(hex, ascii("A5A5Ax"), 0, 6), 2, manner);
		assert.equal(response.count, 2);
		if (manner === "compare") assert.equal(response.difference, -1, "what is no byte is no difference");
	}
});

test("an answer without a status word is none", () => {
	const response = new Response(new Uint8Array(1));
	assert.equal(response.takeAll(Uint8Array.from([0x90]), 1), false);
	assert.equal(response.takeAll(new Uint8Array(0), 0), false);
	assert.equal(response.sw, 0);
});
