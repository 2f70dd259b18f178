// src/tlv.ts: LwM2M TLV. The vectors are those of the LwM2M TS 1.0, 6.4.3.3 (Read of /3/0 and /3, Access Control), with the correct
// bytes where the TS has a misprint (C8 01, as leshan has it).

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { MULTIPLE_RESOURCE, OBJECT_INSTANCE, RESOURCE, RESOURCE_INSTANCE, Tlv } from "../../src/index.js";
import { fromHex, lwm2mTlv } from "../../virtual/index.js";
import { POISON, poisoned, SEED } from "./tools.js";

const DEVICE =
	"C800144F70656E204D6F62696C6520416C6C69616E6365 C801164C69676874776569676874204D324D20436C69656E74" +
	"C80209333435303030313233 C303312E30 8606410001410105 88070842000ED842011388 870841007D42010384 C10964 C10A0F" +
	"830B410000 C40D5182428F C60E2B30323A3030 C11055";
const DEVICE_LINES = [
	"3 0 4f70656e204d6f62696c6520416c6c69616e6365",
	"3 1 4c69676874776569676874204d324d20436c69656e74",
	"3 2 333435303030313233",
	"3 3 312e30",
	"2 6 410001410105",
	"2 7 42000ed842011388",
	"2 8 41007d42010384",
	"3 9 64",
	"3 10 0f",
	"2 11 410000",
	"3 13 5182428f",
	"3 14 2b30323a3030",
	"3 16 55",
];
const KINDS = [OBJECT_INSTANCE, RESOURCE_INSTANCE, MULTIPLE_RESOURCE, RESOURCE];

/** "kind id value" for each TLV, and whether the end was a clean one; with other bytes around the range. */
function walk(bytes: Uint8Array, poison = POISON): { lines: string[]; clean: boolean } {
	const at = 5;
	const buffer = poisoned(bytes, at, bytes.length + 20, poison);
	const tlv = new Tlv(buffer);
	const lines: string[] = [];
	tlv.enter(at, at + bytes.length);
	let expectedStart = at;
	while (tlv.next()) {
		assert.equal(tlv.start, expectedStart);
		assert.ok(tlv.start < tlv.from && tlv.from <= tlv.to && tlv.to <= at + bytes.length);
		expectedStart = tlv.to;
		lines.push(`${tlv.kind} ${tlv.id} ${Buffer.from(buffer.subarray(tlv.from, tlv.to)).toString("hex")}`);
	}
	const clean = tlv.finished;
	assert.equal(tlv.next(), false, "the end stays the end");
	return { lines, clean };
}

test("the device of the TS is read, as a list of resources", () => {
	const bytes = fromHex(DEVICE);
	assert.equal(bytes.length, 121);
	assert.deepEqual(walk(bytes), { lines: DEVICE_LINES, clean: true });
});

test("the device of the TS is read, as a list of instances", () => {
	const bytes = fromHex(`080079${DEVICE}`);
	assert.equal(bytes.length, 124);
	const tlv = new Tlv(bytes);
	tlv.enter(0, bytes.length);
	assert.equal(tlv.next(), true);
	assert.deepEqual([tlv.kind, tlv.id, tlv.from, tlv.to], [OBJECT_INSTANCE, 0, 3, 124]);
	tlv.descend();
	let count = 0;
	while (tlv.next()) count++;
	assert.equal(count, 13);
	assert.equal(tlv.finished, true);
});

test("the access control of the TS has resource instances with 8 and 16 bits of identifier", () => {
	const got = walk(fromHex("C10001 C10100 8302417F07 C1037F"));
	assert.deepEqual(got, { lines: ["3 0 01", "3 1 00", "2 2 417f07", "3 3 7f"], clean: true });
	const second = walk(fromHex("417F07 61013601"));
	assert.deepEqual(second, { lines: ["1 127 07", "1 310 01"], clean: true });
});

test("bits 2 to 0 do not matter when there is a length field", () => {
	for (let low = 0; low < 8; low++) {
		assert.deepEqual(walk(new Uint8Array([0xc8 | low, 5, 2, 0xaa, 0xbb])).lines, ["3 5 aabb"]);
		assert.deepEqual(walk(new Uint8Array([0xd0 | low, 5, 0, 2, 0xaa, 0xbb])).lines, ["3 5 aabb"]);
		assert.deepEqual(walk(new Uint8Array([0xd8 | low, 5, 0, 0, 2, 0xaa, 0xbb])).lines, ["3 5 aabb"]);
	}
});

test("the longest lengths are refused when the range is shorter", () => {
	for (const digits of ["D805FFFFFF", "F80005FFFFFF00", "D005FFFF", "C805FF", "C705"]) {
		assert.deepEqual(walk(fromHex(digits)), { lines: [], clean: false }, digits);
	}
});

test("every prefix of the device gives its whole TLVs, and is clean only between two", () => {
	const bytes = fromHex(DEVICE);
	const ends = [0];
	const tlv = new Tlv(bytes);
	tlv.enter(0, bytes.length);
	while (tlv.next()) ends.push(tlv.to);
	for (let length = 0; length <= bytes.length; length++) {
		const got = walk(bytes.slice(0, length));
		const whole = ends.filter((end) => end > 0 && end <= length).length;
		assert.deepEqual(got, { lines: DEVICE_LINES.slice(0, whole), clean: ends.includes(length) }, `${length}`);
	}
});

test("every kind, identifier and length survives", () => {
	fc.assert(
		fc.property(
			fc.array(fc.record({ kind: fc.nat(3), id: fc.oneof(fc.nat(255), fc.nat(65535)), length: fc.nat(300) })),
			(entries) => {
				const parts = entries.map(({ kind, id, length }) => lwm2mTlv(kind << 6, id, new Uint8Array(length).fill(id)));
				const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
				const got = walk(bytes);
				assert.equal(got.clean, true);
				assert.deepEqual(
					got.lines,
					entries.map(({ kind, id, length }) => {
						const value = (id & 255).toString(16).padStart(2, "0").repeat(length);
						return `${KINDS[kind]} ${id} ${value}`;
					}),
				);
			},
		),
		{ seed: SEED, numRuns: 100 },
	);
	const long = lwm2mTlv(0xc0, 7, new Uint8Array(70000).fill(1));
	assert.deepEqual(walk(long), { lines: [`3 7 ${"01".repeat(70000)}`], clean: true });
});

test("random bytes never lead out of the range, and the bytes around it change nothing", () => {
	fc.assert(
		fc.property(
			fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0, 0x08, 0xc1, 0xc8, 0xd8)), { maxLength: 60 }),
			(array) => {
				const bytes = Uint8Array.from(array);
				assert.deepEqual(walk(bytes, 0x00), walk(bytes, 0xff));
				assert.deepEqual(walk(bytes, 0xc1), walk(bytes, 0x38));
			},
		),
		{ seed: SEED, numRuns: 1000 },
	);
});
