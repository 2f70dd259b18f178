// Writing, checking and walking through a file on XS: nothing is allocated.

import assert from "node:assert/strict";
import { test } from "node:test";
import { skipReason } from "../engine/xs/build.mjs";
import { jsonFromXs } from "../engine/xs-run.mjs";

test("a file is written, checked and walked through without allocating", {
	skip: skipReason(),
	timeout: 120000,
}, async (context) => {
	const [{ write, check, walk, bytes }] = await jsonFromXs("../file/writer.js");
	for (const part of [write, check, walk]) assert.deepEqual([part.slots, part.chunkBytes], [0, 0]);
	assert.deepEqual([check.result, walk.result], [0, 20]);
	const perByte = (part) => (part.bytecodes / bytes).toFixed(1);
	context.diagnostic(
		`${bytes} bytes; bytecodes per byte: ${perByte(write)} written, ${perByte(check)} checked, ${perByte(walk)} walked`,
	);
});
