// src/tlv-writer.ts: what it writes is the smallest form, stays in its range, and is read again as it was.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { integerBytes } from "../../cli/encode-value.js";
import {
	BootstrapFile,
	MULTIPLE_RESOURCE,
	OBJECT_INSTANCE,
	OK,
	RESOURCE,
	RESOURCE_INSTANCE,
	Resources,
	Tlv,
	TlvWriter,
} from "../../src/index.js";
import { lwm2mTlv, sampleFile } from "../../virtual/index.js";
import { bytes, fuzz, hex, randomBytes, rootPath } from "./tools.js";

type Node = [kind: string, id: number, content: string | Node[]];

interface VectorSet {
	name: string;
	hex: string;
	tree: Node[];
	wrongValue: Node;
	wrongBytes: [why: string, hex: string][];
}

const VECTORS: { sets: VectorSet[] } = JSON.parse(readFileSync(rootPath("test/vectors/tlv.json"), "utf8"));
const KINDS: Readonly<Record<string, number>> = {
	instance: OBJECT_INSTANCE,
	value: RESOURCE_INSTANCE,
	multiple: MULTIPLE_RESOURCE,
	resource: RESOURCE,
};
const NAMES = ["instance", "value", "multiple", "resource"];
const POISON = 0xa5;

function write(writer: TlvWriter, nodes: readonly Node[]): void {
	for (const [kind, id, content] of nodes) {
		if (typeof content === "string") {
			const value = bytes(content);
			writer.bytes(KINDS[kind], id, value, 0, value.length);
		} else {
			const start = writer.at;
			write(writer, content);
			writer.wrap(start, KINDS[kind], id);
		}
	}
}

/** As bytes in the middle of poison, which must stay. */
function encode(nodes: readonly Node[]): Uint8Array {
	const buffer = new Uint8Array(400).fill(POISON);
	const writer = new TlvWriter(buffer);
	writer.enter(7, 390);
	write(writer, nodes);
	assert.equal(writer.overflow, false);
	assert.ok(
		buffer.subarray(0, 7).every((byte) => byte === POISON),
		"before the range",
	);
	assert.ok(
		buffer.subarray(writer.at).every((byte) => byte === POISON),
		"behind what was written",
	);
	return buffer.slice(7, writer.at);
}

/** Null when it is malformed. */
function decode(buffer: Uint8Array, from = 0, to = buffer.length): Node[] | null {
	const nodes: Node[] = [];
	const tlv = new Tlv(buffer);
	tlv.enter(from, to);
	while (tlv.next()) {
		const nested = tlv.kind === OBJECT_INSTANCE || tlv.kind === MULTIPLE_RESOURCE;
		const content = nested ? decode(buffer, tlv.from, tlv.to) : hex(buffer.subarray(tlv.from, tlv.to));
		if (content === null) return null;
		nodes.push([NAMES[tlv.kind], tlv.id, content]);
	}
	return tlv.finished ? nodes : null;
}

for (const set of VECTORS.sets) {
	test(`${set.name}: encoded, decoded, and both after each other`, () => {
		assert.equal(hex(encode(set.tree)), set.hex);
		assert.deepEqual(decode(bytes(set.hex)), set.tree);
		assert.deepEqual(decode(encode(set.tree)), set.tree);
		assert.equal(hex(encode(decode(bytes(set.hex)) as Node[])), set.hex);
	});

	test(`${set.name}: a wrong value gives other bytes, wrong bytes give nothing`, () => {
		assert.notEqual(hex(encode([...set.tree.slice(0, -1), set.wrongValue])), set.hex);
		for (const [why, digits] of set.wrongBytes) assert.equal(decode(bytes(digits)), null, why);
		for (let length = 1; length < set.hex.length / 2; length++) {
			assert.notDeepEqual(decode(bytes(set.hex).subarray(0, length)), set.tree, `${length}`);
		}
	});
}

test("the 126 bytes of the example are written by hand", () => {
	const buffer = new Uint8Array(126);
	const writer = new TlvWriter(buffer);
	const identity = Buffer.from("example-psk-identity");
	const key = Buffer.from("3x@mpl3P5K53cr3tK3y");
	const security = writer.at;
	const uri = Buffer.from("coaps://eu.iot.avsystem.cloud:5684");
	writer.bytes(RESOURCE, 0, uri, 0, uri.length);
	writer.boolean(RESOURCE, 1, false);
	writer.integer(RESOURCE, 2, 0);
	writer.bytes(RESOURCE, 3, identity, 0, identity.length);
	writer.bytes(RESOURCE, 5, key, 0, key.length);
	writer.integer(RESOURCE, 10, 1);
	writer.wrap(security, OBJECT_INSTANCE, 1);
	writer.wrapObject(security, 0, 0, 0);
	const server = writer.at;
	writer.integer(RESOURCE, 0, 1);
	writer.integer(RESOURCE, 1, 86400);
	writer.boolean(RESOURCE, 6, false);
	writer.bytes(RESOURCE, 7, Buffer.from("U"), 0, 1);
	writer.wrap(server, OBJECT_INSTANCE, 1);
	writer.wrapObject(server, 1, 0, 0);
	writer.wrapFile(0, 2);
	assert.equal(writer.overflow, false);
	assert.equal(hex(buffer), hex(sampleFile()));
});

test("every identifier and length takes the form that a writer of its own gives", () => {
	for (const id of [0, 1, 255, 256, 65535]) {
		for (const length of [0, 1, 7, 8, 255, 256, 65535, 65536]) {
			const value = new Uint8Array(length).fill(id);
			const buffer = new Uint8Array(length + 6).fill(POISON);
			const writer = new TlvWriter(buffer);
			assert.equal(writer.bytes(RESOURCE, id, value, 0, length), true);
			const expected = lwm2mTlv(0xc0, id, value);
			assert.deepEqual(buffer.slice(0, writer.at), expected, `${id} ${length}`);
			// The same around content that is there already.
			buffer.fill(POISON);
			buffer.set(value);
			writer.enter(0, buffer.length);
			writer.at = length;
			assert.equal(writer.wrap(0, RESOURCE, id), true);
			assert.deepEqual(buffer.slice(0, writer.at), expected, `${id} ${length}`);
			assert.ok(buffer.subarray(writer.at).every((byte) => byte === POISON));
		}
	}
});

test("numbers take 1, 2, 4 or 8 bytes, as few as hold them", () => {
	const edges = [
		0, 1, 127, 128, 200, 255, 256, 32767, 32768, 65535, 65536, 2147483647, 2147483648, 4294967295, 4294967296,
	];
	edges.push(Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER, 2 ** 40 + 12345);
	const buffer = new Uint8Array(16);
	for (const edge of [
		...edges,
		...edges.map((value) => -value - 1).filter(Number.isSafeInteger),
		...edges.map((value) => 0 - value),
	]) {
		for (const signed of [true, false]) {
			if (!signed && edge < 0) continue;
			const writer = new TlvWriter(buffer);
			if (signed) writer.integer(RESOURCE, 1, edge);
			else writer.unsigned(RESOURCE, 1, edge);
			const tlv = new Tlv(buffer);
			tlv.enter(0, writer.at);
			assert.equal(tlv.next(), true);
			// The desktop's encoder has big integers.
			assert.equal(
				hex(buffer.subarray(tlv.from, tlv.to)),
				hex(integerBytes(BigInt(edge), signed) as Uint8Array),
				`${edge}`,
			);
		}
	}
	const writer = new TlvWriter(buffer);
	writer.objectLink(RESOURCE, 17, 65535, 21);
	assert.equal(hex(buffer.subarray(0, writer.at)), "C411FFFF0015");
});

test("what was written is read by Resources", () => {
	const buffer = new Uint8Array(200);
	const writer = new TlvWriter(buffer);
	writer.integer(RESOURCE, 0, 200);
	const list = writer.at;
	writer.unsigned(RESOURCE_INSTANCE, 0, 49320);
	writer.unsigned(RESOURCE_INSTANCE, 300, 5);
	writer.wrap(list, MULTIPLE_RESOURCE, 16);
	writer.wrap(0, OBJECT_INSTANCE, 3);
	writer.wrapObject(0, 1, 1, 2);
	writer.wrapFile(0, 1);
	const file = new BootstrapFile(buffer);
	assert.equal(file.check(buffer.length), OK);
	assert.equal(file.length, writer.at);
	const resources = new Resources(file);
	assert.ok(resources.find(1, 3, 0));
	assert.equal(resources.integer(), 200);
	assert.ok(resources.resource(16));
	assert.ok(resources.nextResourceInstance());
	assert.deepEqual([resources.id, resources.unsigned()], [0, 49320]);
	assert.ok(resources.nextResourceInstance());
	assert.deepEqual([resources.id, resources.unsigned()], [300, 5]);
	assert.equal(resources.nextResourceInstance(), false);
});

test("what does not fit is not written, and is told", () => {
	const buffer = new Uint8Array(20).fill(POISON);
	const writer = new TlvWriter(buffer);
	for (let room = 0; room < 9; room++) {
		buffer.fill(POISON);
		writer.enter(4, 4 + room);
		// A header of 2 bytes and a value of 4.
		assert.equal(writer.integer(RESOURCE, 1, 86400), room >= 6);
		assert.equal(writer.overflow, room < 6);
		assert.equal(writer.at, room >= 6 ? 10 : 4);
		assert.ok(buffer.every((byte, at) => byte === POISON || (room >= 6 && at >= 4 && at < 10)));
	}
	writer.enter(0, 7);
	assert.equal(writer.integer(RESOURCE, 1, 86400), true);
	assert.equal(writer.wrap(0, OBJECT_INSTANCE, 0), false);
	assert.equal(writer.wrapObject(0, 0, 0, 0), false);
	assert.equal(writer.wrapFile(0, 1), false);
	assert.deepEqual([writer.at, writer.overflow], [6, true]);
	const large = new TlvWriter(new Uint8Array(70000));
	large.at = 65536;
	assert.equal(large.wrapObject(0, 0, 0, 0), false);
	assert.equal(large.wrapFile(0, 0), false);
	assert.equal(large.overflow, true);
});

test("what cannot be written throws a TypeError and writes nothing", () => {
	const buffer = new Uint8Array(20).fill(POISON);
	const writer = new TlvWriter(buffer);
	for (const wrong of [
		() => writer.integer(4, 0, 0),
		() => writer.integer(-1, 0, 0),
		() => writer.integer(RESOURCE, 65536, 0),
		() => writer.integer(RESOURCE, 0.5, 0),
		() => writer.integer(RESOURCE, 0, 0.5),
		() => writer.integer(RESOURCE, 0, Number.NaN),
		() => writer.integer(RESOURCE, 0, Number.MAX_SAFE_INTEGER + 1),
		() => writer.unsigned(RESOURCE, 0, -1),
		() => writer.objectLink(RESOURCE, 0, 65536, 0),
		() => writer.bytes(RESOURCE, 0, new Uint8Array(2), 0, 3),
		() => writer.bytes(RESOURCE, 0, new Uint8Array(2), 2, 1),
		() => writer.wrap(1, OBJECT_INSTANCE, 0),
		() => writer.wrapObject(0, 0, 0, 1),
		() => writer.wrapObject(0, 0, 256, 1),
		() => writer.wrapFile(0, -1),
		() => writer.enter(0, 21),
		() => writer.enter(5, 4),
	]) {
		assert.throws(wrong, TypeError);
	}
	assert.ok(buffer.every((byte) => byte === POISON));
	assert.equal(writer.at, 0);
});

test("random trees come back, and take no more room than a writer of its own gives them", (context) => {
	fuzz(context, "tlv-writer", (dice) => {
		const tree: Node[] = [];
		const leaf = (kind: string): Node => {
			const id = dice.below(4) === 0 ? dice.below(65536) : dice.below(256);
			return [kind, id, hex(randomBytes(dice, dice.below(20) === 0 ? 200 : dice.below(12)))];
		};
		for (let i = dice.below(4); i > 0; i--) {
			if (dice.below(2) === 0) tree.push(leaf("resource"));
			else tree.push(["multiple", dice.below(300), [leaf("value"), leaf("value")].slice(dice.below(3))]);
		}
		const nodes: Node[] = dice.below(2) === 0 ? tree : [["instance", dice.below(300), tree]];
		const buffer = new Uint8Array(2000).fill(POISON);
		const writer = new TlvWriter(buffer);
		write(writer, nodes);
		assert.deepEqual(decode(buffer, 0, writer.at), nodes);
		const reference = (list: readonly Node[]): number[] =>
			list.flatMap(([kind, id, content]) => {
				const value = typeof content === "string" ? bytes(content) : Uint8Array.from(reference(content));
				return [...lwm2mTlv(KINDS[kind] << 6, id, value)];
			});
		assert.equal(hex(buffer.subarray(0, writer.at)), hex(Uint8Array.from(reference(nodes))));
	});
});
