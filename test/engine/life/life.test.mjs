// The life after the first bootstrap on a real XS engine: nothing is allocated by run, verify and enable, whatever they come to.

import assert from "node:assert/strict";
import path from "node:path";
import { before, describe, it } from "node:test";
import { buildHarness, skipReason } from "../xs/build.mjs";
import { jsonFromXs } from "../xs-run.mjs";

/** What remembering may cost an instance, all in all: the chunks have the keys and views of a buffer of 4 KB in them. */
const INSTANCE_SLOTS = 620;
const INSTANCE_CHUNK_BYTES = 2500;
/** Two layers more than the procedure alone, and the store of this test. */
const STACK_SLOTS = 144;

describe("remembering on XS", { skip: skipReason(), timeout: 300000 }, () => {
	/** @type {any[]} */
	let steps = [];

	before(async () => {
		await buildHarness({ log: console.log });
		steps = await jsonFromXs(path.join("life", "run-life.js"));
	});

	it("every step comes to what its name says", () => {
		/** @type {Record<string, number>} */
		const states = {
			first: 1,
			unchanged: 2,
			verified: 2,
			"verified, changed": 3,
			changed: 3,
			"changed at once": 3,
			malformed: 3,
			removed: 4,
			absent: 5,
		};
		assert.ok(steps.length > 30);
		for (const { name, state, code } of steps) {
			const wanted = states[name.split(": ")[1]];
			if (wanted !== undefined) assert.equal(state, wanted, `${name}, ${code}`);
		}
	});

	it("allocates no slot and no chunk byte after construction", () => {
		for (const { name, slots, chunkBytes, collections } of steps) {
			assert.equal(collections, 0, `${name}: a collection would hide what was allocated`);
			assert.deepEqual({ name, slots, chunkBytes }, { name, slots: 0, chunkBytes: 0 });
		}
	});

	it("takes 5 exchanges when nothing has changed, 7 in steps of 48", (t) => {
		for (const { name, exchanges, bytecodes } of steps) {
			if (!/: (unchanged|verified)$/.test(name)) continue;
			t.diagnostic(`${name}: ${exchanges} exchanges, ${bytecodes} bytecodes`);
			if (name.startsWith("steps of 48")) assert.equal(exchanges, 7);
			else if (!name.startsWith("32 KB")) assert.equal(exchanges, 5, name);
		}
	});

	it("writes nothing when nothing has changed", () => {
		let before = 0;
		for (const { name, writes } of steps) {
			if (/: (unchanged|verified|absent)$/.test(name)) assert.equal(writes, before, name);
			before = writes;
		}
	});

	it("hands on what is not ours", () => {
		const chatter = steps.filter(({ name }) => name === "chatter: verified");
		assert.ok(chatter[0].handedOn > 100);
	});

	it("an instance stays small, and the stack flat", (t) => {
		const [usual] = steps;
		t.diagnostic(`an instance that remembers: ${usual.instanceSlots} slots, ${usual.instanceChunkBytes} chunk bytes`);
		assert.ok(usual.instanceSlots <= INSTANCE_SLOTS, `${usual.instanceSlots} slots`);
		assert.ok(usual.instanceChunkBytes <= INSTANCE_CHUNK_BYTES, `${usual.instanceChunkBytes} chunk bytes`);
		const deepest = Math.max(...steps.map(({ stack }) => stack));
		t.diagnostic(`${deepest} stack slots`);
		assert.ok(deepest <= STACK_SLOTS, `${deepest} stack slots`);
	});
});
