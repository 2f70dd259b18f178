// src/ber.ts: a cursor that never leaves its range, whatever the bytes are.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Ber } from "../../src/ber.js";
import { fromHex } from "../../virtual/index.js";
import { POISON, poisoned, SEED } from "./tools.js";

/** EF(DODF-bootstrap) as live cards carry it (LwM2M TS 1.0.2 to 1.2, G.3.3). */
const DODF = fromHex("A127 3000 3011 0C0F4C774D324D20426F6F747374726170 A110 300E 06060604672B0901 300404026432");

interface Entry {
	tag: number;
	value: string;
}

/** All data objects of bytes, with other bytes around the range. */
function walk(bytes: Uint8Array, poison = POISON): { entries: Entry[]; malformed: boolean } {
	const at = 7;
	const buffer = poisoned(bytes, at, bytes.length + 20, poison);
	const ber = new Ber(buffer);
	ber.enter(at, at + bytes.length);
	const entries: Entry[] = [];
	while (ber.next()) {
		assert.ok(ber.from >= at && ber.from <= ber.to && ber.to <= at + bytes.length);
		entries.push({ tag: ber.tag, value: Buffer.from(buffer.subarray(ber.from, ber.to)).toString("hex") });
		assert.ok(entries.length <= bytes.length);
	}
	assert.equal(ber.next(), false, "the end stays the end");
	return { entries, malformed: ber.malformed };
}

function values(digits: string): string[] {
	const { entries, malformed } = walk(fromHex(digits));
	assert.equal(malformed, false, digits);
	return entries.map((entry) => entry.tag.toString(16) + "=" + entry.value);
}

test("an empty range has no data object and is a clean end", () => {
	assert.deepEqual(walk(new Uint8Array(0)), { entries: [], malformed: false });
});

test("lengths of 1 to 5 bytes are understood, minimal or not", () => {
	assert.deepEqual(values("0402AABB"), ["4=aabb"]);
	assert.deepEqual(values("048102AABB"), ["4=aabb"]);
	assert.deepEqual(values("04820002AABB"), ["4=aabb"]);
	assert.deepEqual(values("0483000002AABB"), ["4=aabb"]);
	assert.deepEqual(values("048400000002AABB 0400"), ["4=aabb", "4="]);
	assert.equal(walk(fromHex(`048180${"00".repeat(128)}`)).entries[0].value.length, 256);
	assert.equal(walk(fromHex(`04820100${"01".repeat(256)}`)).entries[0].value.length, 512);
});

test("padding of FF and 00 before, between and behind data objects is skipped", () => {
	assert.deepEqual(values("FF00FF 3000 0000 0401FF FFFF 040100 00"), ["30=", "4=ff", "4=00"]);
	assert.deepEqual(values("FFFFFFFF"), []);
	assert.deepEqual(values("00"), []);
});

test("the indefinite length and lengths of more than four bytes are malformed", () => {
	for (const digits of ["3080040100 0000", "04850000000001AA", "04FF01AA", "0480"]) {
		assert.deepEqual(walk(fromHex(digits)), { entries: [], malformed: true }, digits);
	}
});

test("a length beyond the range is malformed, the largest one too", () => {
	for (const digits of [
		"0401",
		"0403AABB",
		"0481",
		"048101",
		"04820001",
		"0484FFFFFFFF",
		"0484800000000A",
		"04",
		"BF",
	]) {
		const got = walk(fromHex(digits));
		assert.deepEqual(got, { entries: [], malformed: true }, digits);
	}
});

test("what came before a malformed data object stays, and nothing comes after it", () => {
	const got = walk(fromHex("0401AA 0409 3000 3000"));
	assert.deepEqual(got, { entries: [{ tag: 4, value: "aa" }], malformed: true });
});

test("a tag of several bytes is gone over as one that nobody looks for", () => {
	assert.deepEqual(values("9F8A7F01AA 0401BB"), ["-1=aa", "4=bb"]);
	assert.equal(walk(fromHex("1F")).malformed, true);
	assert.equal(walk(fromHex("1F8181")).malformed, true);
});

test("a look that fails leaves the cursor where it was", () => {
	const ber = new Ber(fromHex("300304012A 0401BB"));
	ber.enter(0, 8);
	assert.equal(ber.nextIs(0x04), false);
	assert.equal(ber.nextIs(0x30), true);
	ber.descend();
	assert.equal(ber.nextIs(0x30), false);
	assert.equal(ber.nextIs(0x04), true);
	assert.equal(ber.nextIs(0x04), false);
	assert.deepEqual([ber.tag, ber.from, ber.to], [4, 4, 5]);
});

test("every prefix of the sample EF(DODF) ends cleanly or is malformed, at every level", () => {
	for (let length = 0; length <= DODF.length; length++) {
		const { entries, malformed } = walk(DODF.slice(0, length));
		assert.equal(malformed, length > 0 && length < DODF.length, `${length}`);
		assert.equal(entries.length, length === DODF.length ? 1 : 0);
	}
	const inner = DODF.slice(2);
	const ends = [0, 2, 21, 39];
	for (let length = 0; length <= inner.length; length++) {
		const { entries, malformed } = walk(inner.slice(0, length));
		assert.equal(malformed, !ends.includes(length), `${length}`);
		assert.equal(entries.length, ends.filter((end) => end > 0 && end <= length).length);
	}
});

test("random bytes never lead out of the range, and the bytes around it change nothing", () => {
	const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 0x30, 0x80, 0x81, 0x82, 0x84, 0xa1, 0xff));
	fc.assert(
		fc.property(fc.array(byte, { maxLength: 60 }), (array) => {
			const bytes = Uint8Array.from(array);
			assert.deepEqual(walk(bytes, 0x00), walk(bytes, 0x04));
			assert.deepEqual(walk(bytes, 0x30), walk(bytes, 0xff));
		}),
		{ seed: SEED, numRuns: 1000 },
	);
});

test("what is encoded with any form of length is found again", () => {
	const entry = fc.record({
		tag: fc.constantFrom(0x04, 0x06, 0x0c, 0x30, 0xa1, 0xa7),
		value: fc.uint8Array({ maxLength: 40 }),
		form: fc.nat(4),
		gap: fc.array(fc.constantFrom(0, 0xff), { maxLength: 3 }),
	});
	fc.assert(
		fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
			const bytes: number[] = [];
			for (const { tag, value, form, gap } of entries) {
				bytes.push(tag);
				if (form > 0) bytes.push(0x80 | form, ...new Array(form - 1).fill(0));
				bytes.push(value.length, ...value, ...gap);
			}
			const got = walk(Uint8Array.from(bytes));
			assert.equal(got.malformed, false);
			assert.deepEqual(
				got.entries,
				entries.map(({ tag, value }) => ({ tag, value: Buffer.from(value).toString("hex") })),
			);
		}),
		{ seed: SEED, numRuns: 300 },
	);
});
