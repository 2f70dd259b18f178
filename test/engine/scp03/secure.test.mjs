// The secure channel on a real XS engine: with a block function that allocates nothing, nothing is allocated, neither for a protected exchange
// nor for opening a session, whatever happens.

import assert from "node:assert/strict";
import path from "node:path";
import { before, describe, it } from "node:test";
import { buildHarness, skipReason } from "../xs/build.mjs";
import { jsonFromXs } from "../xs-run.mjs";

describe("the secure channel on XS", { skip: skipReason(), timeout: 300000 }, () => {
	/** @type {any} */
	let all;

	before(async () => {
		await buildHarness({ log: console.log });
		[all] = await jsonFromXs(path.join("scp03", "run-secure.js"));
	});

	it("every scenario ends as its name says", () => {
		for (const { name, code, size, sessions } of all.results) {
			if (name.startsWith("fail")) {
				assert.ok(code <= -80 && code >= -90, `${name}: expected an error of the secure channel, got ${code}`);
				assert.equal(size, 0, name);
			} else {
				assert.equal(code, 0, name);
				assert.ok(size > 0, name);
				assert.equal(sessions, name.startsWith("prefer") ? 0 : 1, name);
			}
		}
	});

	it("no slot and no chunk byte per bootstrap, with cipher objects that exist before", () => {
		for (const { name, slots, chunkBytes, collections } of all.results) {
			assert.equal(collections, 0, `${name}: a collection would hide what was allocated`);
			assert.deepEqual({ name, slots, chunkBytes }, { name, slots: 0, chunkBytes: 0 });
		}
	});

	it("opening a session makes five cipher objects, and nothing else is ever allocated", (t) => {
		const { opened, cipher } = all;
		t.diagnostic(`a cipher object of the tests: ${cipher.slots} slots and ${cipher.chunkBytes} chunk bytes`);
		for (const { code, slots, chunkBytes } of opened) {
			assert.equal(code, 0);
			assert.ok(slots <= 5 * cipher.slots, `${slots} slots`);
			assert.equal(chunkBytes, 5 * cipher.chunkBytes);
			assert.equal(slots, opened[0].slots);
		}
	});

	it("costs little beside AES, and the stack stays flat", (t) => {
		const { perExchange, results } = all;
		const deepest = Math.max(...results.map((/** @type {any} */ { stack }) => stack));
		t.diagnostic(
			`${Math.round(perExchange.bytecodes)} bytecodes for an exchange of 239 bytes, ${perExchange.blocks} AES blocks`,
		);
		t.diagnostic(`${deepest} stack slots at the most, AES left out`);
		t.diagnostic(`a channel keeps ${results[0].kept.slots} slots and ${results[0].kept.chunkBytes} chunk bytes`);
		assert.ok(deepest <= 224, `${deepest} stack slots`);
		assert.ok(perExchange.blocks <= 36);
	});
});
