// src/bootstrap-file.ts: the structure check of EF(LwM2M_Bootstrap) (LwM2M TS G.3.4). It never throws, never loops, and looks at no
// byte beyond what is there. The 126 bytes are the documented example of AVSystem's generator (Anjay, "Bootstrap from smartcard").

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import {
	BootstrapFile,
	FILE_MALFORMED,
	FILE_TRUNCATED,
	NO_DATA,
	OBJECT_MALFORMED,
	OK,
	TLV_MISPLACED,
	TLV_TRUNCATED,
} from "../../src/index.js";
import { fromHex, makeFile, padBytes, sampleFile, toHex } from "../../virtual/index.js";
import { SEED } from "./tools.js";

/** Both codes, the place of the error, and the objects of a good file as "id version from-to". */
interface Verdict {
	code: number;
	errorOffset: number;
	length: number;
	objects: string[];
}

function checkOnce(bytes: Uint8Array, available: number, bufferBytes: number, poison: number): Verdict {
	const buffer = new Uint8Array(bufferBytes).fill(poison);
	buffer.set(bytes.subarray(0, available));
	const before = buffer.slice();
	const file = new BootstrapFile(buffer);
	const code = file.check(available);
	const objects: string[] = [];
	if (code === OK) {
		while (file.nextObject()) {
			objects.push(`${file.objectId} ${file.major}.${file.minor} ${file.from}-${file.to}`);
			assert.ok(objects.length <= bytes.length);
		}
		assert.equal(file.nextObject(), false);
		file.firstObject();
		if (objects.length > 0) assert.equal(file.nextObject(), true);
	} else {
		assert.ok(code < 0, `code ${code}`);
		assert.ok(file.errorOffset >= 0 && file.errorOffset <= available, `offset ${file.errorOffset} of ${available}`);
		assert.equal(file.length, 0);
		assert.equal(file.nextObject(), false);
	}
	assert.deepEqual(buffer, before, "checking writes nothing");
	return { code, errorOffset: code === OK ? 0 : file.errorOffset, length: file.length, objects };
}

/** The check of the first `available` bytes, which must not depend on what stands behind them. */
function check(bytes: Uint8Array, available = bytes.length, bufferBytes = bytes.length + 20): Verdict {
	const verdict = checkOnce(bytes, available, bufferBytes, 0x00);
	for (const poison of [0xff, 0xa5, 0xc1]) assert.deepEqual(checkOnce(bytes, available, bufferBytes, poison), verdict);
	return verdict;
}

/** The file of these objects, each "id version" and its instances as hex. */
function fileOf(...objects: [string, string][]): Uint8Array {
	let content = "";
	for (const [head, instances] of objects) {
		const digits = instances.replaceAll(" ", "");
		content += head.replaceAll(" ", "") + (digits.length / 2).toString(16).padStart(4, "0") + digits;
	}
	const u16 = (value: number) => value.toString(16).padStart(4, "0");
	return fromHex(u16(objects.length) + u16(content.length / 2) + content);
}

/** An Object Instance, a Multiple Resource: `kind` with 8 bits of identifier and of length around these digits. */
function around(kind: string, id: string, content: string): string {
	const digits = content.replaceAll(" ", "");
	return kind + id + (digits.length / 2).toString(16).padStart(2, "0") + digits;
}

function failure(bytes: Uint8Array): [number, number] {
	const verdict = check(bytes);
	return [verdict.code, verdict.errorOffset];
}

test("the 126 bytes of the example are two objects", () => {
	const verdict = check(sampleFile());
	assert.deepEqual(verdict, { code: OK, errorOffset: 0, length: 126, objects: ["0 0.0 9-103", "1 0.0 108-126"] });
});

test("padding of any kind behind the file does not matter", () => {
	for (const padding of [0xff, 0x00, 0xc1]) {
		assert.equal(check(padBytes(sampleFile(), 200, padding)).length, 126);
	}
});

test("a buffer that is just as long as the file is enough", () => {
	assert.equal(check(sampleFile(), 126, 126).code, OK);
});

test("a version of two bytes is told, and leaves the rest in its place", () => {
	const verdict = check(fileOf(["0000 0102", "0001"], ["0001 00", ""], ["0015 02FF", "0001"], ["FFFE FF00", ""]));
	assert.deepEqual(verdict.objects, ["0 1.2 10-12", "1 0.0 17-17", "21 2.255 23-25", "65534 255.0 31-31"]);
});

test("a file that was never written is no data", () => {
	for (const [digits, code] of [
		["", NO_DATA],
		["FFFFFFFF", NO_DATA],
		["FFFFFFFFFFFFFFFFFFFF", NO_DATA],
		["00000000", NO_DATA],
		["0000000000000000", NO_DATA],
		["FF", FILE_TRUNCATED],
		["000200", FILE_TRUNCATED],
		["FFFF0000", OBJECT_MALFORMED],
		["0000FFFF", FILE_TRUNCATED],
	] as [string, number][]) {
		assert.equal(check(fromHex(digits)).code, code, digits);
	}
});

test("the header's number and size must be those of the objects", () => {
	const sample = sampleFile();
	const one = sample.slice();
	one[1] = 1;
	assert.deepEqual(failure(one), [FILE_MALFORMED, 103]);
	const three = sample.slice();
	three[1] = 3;
	assert.deepEqual(failure(three), [OBJECT_MALFORMED, 126]);
	const longer = padBytes(sample, 130, 0xff);
	longer[3] += 4;
	assert.deepEqual(failure(longer), [FILE_MALFORMED, 126]);
	const shorter = sample.slice();
	shorter[3] -= 1;
	assert.deepEqual(failure(shorter), [OBJECT_MALFORMED, 103]);
	assert.deepEqual(failure(fromHex("00010000")), [OBJECT_MALFORMED, 4]);
	assert.deepEqual(failure(fromHex("00000005 0000000000")), [FILE_MALFORMED, 4]);
});

test("an object that does not fit is malformed at its first byte", () => {
	assert.deepEqual(failure(fromHex("00010004 00000000")), [OBJECT_MALFORMED, 4]);
	assert.deepEqual(failure(fromHex("00010005 0000010000")), [OBJECT_MALFORMED, 4]);
	assert.deepEqual(failure(fromHex("00010005 0000000001")), [OBJECT_MALFORMED, 4]);
	assert.deepEqual(failure(fromHex("0001000A 0000000000 0000000006")), [FILE_MALFORMED, 9]);
	assert.deepEqual(failure(fromHex("0002000A 0000000000 0000000006")), [OBJECT_MALFORMED, 9]);
});

test("a TLV that is longer than what holds it is truncated at its first byte", () => {
	assert.deepEqual(failure(fileOf(["000000", around("08", "00", "C10001 C102")])), [TLV_TRUNCATED, 15]);
	assert.deepEqual(failure(fileOf(["000000", "080005 C10001"])), [TLV_TRUNCATED, 9]);
	assert.deepEqual(failure(fileOf(["000000", around("08", "00", "C20001") + "00FF"])), [TLV_TRUNCATED, 12]);
	assert.deepEqual(failure(fileOf(["000000", around("08", "00", "8310 420001")])), [TLV_TRUNCATED, 14]);
	assert.deepEqual(failure(fileOf(["000000", "C1"])), [TLV_TRUNCATED, 9]);
});

test("kinds stand where they may: Object Instance > Resource, or > Multiple Resource > Resource Instance", () => {
	for (const [instances, code] of [
		[around("08", "00", "C10001"), OK],
		[around("08", "00", "8310 410001"), OK],
		[around("08", "00", "8310 410001 C10001"), OK],
		[around("08", "00", "C10001 8010"), OK],
		["0000", OK],
		["", OK],
		["C10001 C10102", OK],
		["8310 410001 C10001", OK],
		["8310 410001", OK],
		["0000 0001" + around("08", "00", "C10001"), OK],
		[around("08", "00", "410001"), TLV_MISPLACED],
		["410001", TLV_MISPLACED],
		[around("08", "00", "0000"), TLV_MISPLACED],
		[around("08", "00", "8310 C10001"), TLV_MISPLACED],
		[around("08", "00", "8210 8000"), TLV_MISPLACED],
		[around("08", "00", "8210 0000"), TLV_MISPLACED],
	] as [string, number][]) {
		assert.equal(check(fileOf(["000000", instances])).code, code, instances);
	}
});

test("a declared size beyond what is there, or beyond the buffer, is a truncated file", () => {
	const sample = sampleFile();
	const verdict = check(sample, 125);
	assert.deepEqual([verdict.code, verdict.errorOffset], [FILE_TRUNCATED, 125]);
	const file = new BootstrapFile(sample.slice(0, 100));
	assert.equal(file.check(126), FILE_TRUNCATED);
});

test("files of every size up to 32 KB are good", () => {
	for (const size of [52, 117, 118, 255, 256, 257, 4096, 32767, 32768]) {
		const verdict = check(makeFile(size));
		assert.deepEqual([verdict.code, verdict.length, verdict.objects.length], [OK, size, 2], `${size}`);
	}
});

test("measure tells how much there is to read, from the header alone", () => {
	const file = new BootstrapFile(sampleFile());
	assert.deepEqual(
		[0, 1, 2, 3, 4, 126].map((available) => file.measure(available)),
		[NO_DATA, FILE_TRUNCATED, FILE_TRUNCATED, FILE_TRUNCATED, 126, 126],
	);
	assert.equal(new BootstrapFile(fromHex("0001FFFE")).measure(4), 65538);
});

test("wiping leaves no byte and no object", () => {
	const file = new BootstrapFile(sampleFile());
	assert.equal(file.check(126), OK);
	file.wipe();
	assert.equal(file.length, 0);
	assert.equal(file.nextObject(), false);
	assert.equal(toHex(file.buffer), "00".repeat(126));
});

test("no prefix of a good file is good", () => {
	for (const bytes of [
		sampleFile(),
		fileOf(["0000 0102", around("08", "00", "8310 410001")], ["000100", around("08", "00", "C10001")]),
	]) {
		for (let available = 0; available < bytes.length; available++) {
			assert.notEqual(check(bytes, available).code, OK, `${available}`);
		}
		assert.equal(check(bytes).code, OK);
	}
});

test("every flip of one bit is either still a file or an error with a place", () => {
	const sample = sampleFile();
	let good = 0;
	for (let bit = 0; bit < 8 * sample.length; bit++) {
		const bytes = sample.slice();
		bytes[bit >> 3] ^= 0x80 >> (bit & 7);
		if (check(bytes).code === OK) good++;
	}
	assert.ok(good > 0 && good < 8 * sample.length);
});

test("every byte of every value in the structure's own bytes is survived", () => {
	const sample = sampleFile();
	for (const at of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 103, 105, 106, 107, 108, 109, 110, 111]) {
		for (let value = 0; value < 256; value++) {
			const bytes = sample.slice();
			bytes[at] = value;
			checkOnce(bytes, bytes.length, bytes.length, 0);
		}
	}
});

test("random bytes, and random bytes behind a header that fits, are survived", () => {
	const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 8, 0x41, 0x82, 0x88, 0xc1, 0xc8, 0xff));
	const anything = fc.array(byte, { maxLength: 80 });
	const framed = fc.tuple(fc.nat(4), anything).map(([count, rest]) => [0, count, 0, rest.length, ...rest]);
	const objects = fc
		.array(fc.tuple(fc.nat(3), fc.nat(2), fc.array(byte, { maxLength: 30 })), { maxLength: 4 })
		.map((list) => {
			const rest = list.flatMap(([id, major, content]) =>
				major === 0 ? [0, id, 0, 0, content.length, ...content] : [0, id, major, 7, 0, content.length, ...content],
			);
			return [0, list.length, 0, rest.length, ...rest];
		});
	fc.assert(
		fc.property(fc.oneof(anything, framed, objects), fc.nat(90), (array, cut) => {
			const bytes = Uint8Array.from(array);
			check(bytes);
			check(bytes, Math.min(cut, bytes.length));
		}),
		{ seed: SEED, numRuns: 3000 },
	);
});
