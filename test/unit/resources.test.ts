// src/resources.ts: any resource of any object, read in place (LwM2M TS 1.0, Appendix C).

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import {
	BootstrapFile,
	MULTIPLE_RESOURCE,
	OBJECT_INSTANCE,
	OK,
	RESOURCE,
	RESOURCE_INSTANCE,
	Resources,
} from "../../src/index.js";
import { fromHex, makeFile, sampleFile, textBytes } from "../../virtual/index.js";
import { fileOf, POISON, SEED, tlv } from "./tools.js";

/** The checked file, in a buffer that goes on behind it. */
function checked(bytes: Uint8Array): BootstrapFile {
	const buffer = new Uint8Array(bytes.length + 20).fill(POISON);
	buffer.set(bytes);
	const file = new BootstrapFile(buffer);
	assert.equal(file.check(bytes.length), OK);
	return file;
}

/** A view on /3/0/0 with this value. */
function valued(value: Uint8Array | string): Resources {
	const instance = tlv(OBJECT_INSTANCE, 0, tlv(RESOURCE, 0, value));
	const resources = new Resources(checked(fileOf([3, [instance]])));
	assert.equal(resources.find(3, 0, 0), true);
	return resources;
}

function bigEndian(value: bigint, bytes: number): Uint8Array {
	const unsigned = BigInt.asUintN(64, value);
	return Uint8Array.from({ length: bytes }, (_, i) => Number((unsigned >> BigInt(8 * (bytes - 1 - i))) & 255n));
}

/** The instances of an object, as the view walks them. */
function instancesOf(resources: Resources, objectId: number): number[] {
	const ids: number[] = [];
	resources.object(objectId);
	while (resources.nextInstance()) ids.push(resources.id);
	return ids;
}

test("the example's values are found and read as what they are", () => {
	const resources = new Resources(checked(sampleFile()));
	assert.equal(resources.find(0, 1, 0), true);
	assert.equal(resources.text(), "coaps://eu.iot.avsystem.cloud:5684");
	assert.equal(resources.find(0, 1, 1), true);
	assert.equal(resources.boolean(), 0);
	assert.equal(resources.find(0, 1, 3), true);
	assert.equal(resources.text(), "example-psk-identity");
	assert.equal(resources.find(0, 1, 10), true);
	assert.equal(resources.integer(), 1);
	assert.equal(resources.find(1, 1, 1), true);
	assert.equal(resources.integer(), 86400);
	assert.equal(resources.find(1, 1, 7), true);
	assert.equal(resources.text(), "U");
});

test("what is not there is not found: an object, an instance, a resource", () => {
	const resources = new Resources(checked(sampleFile()));
	assert.equal(resources.find(2, 0, 0), false);
	assert.equal(resources.find(0, 0, 0), false);
	assert.equal(resources.find(0, 1, 4), false);
	assert.equal(resources.find(0, 1, 0), true, "and the view is usable afterwards");
});

test("integers of 1, 2, 4 and 8 bytes are two's complement, unsigned ones are not", () => {
	for (const [digits, signed, unsigned] of [
		["00", 0, 0],
		["7F", 127, 127],
		["80", -128, 128],
		["C8", -56, 200],
		["FF", -1, 255],
		["00C8", 200, 200],
		["C0A8", -16216, 49320],
		["FFFF", -1, 65535],
		["00015180", 86400, 86400],
		["FFFFFFFF", -1, 4294967295],
		["80000000", -2147483648, 2147483648],
		["0000000000015180", 86400, 86400],
		["001FFFFFFFFFFFFF", 9007199254740991, 9007199254740991],
	] as [string, number, number][]) {
		const resources = valued(digits);
		assert.equal(resources.integer(), signed, digits);
		assert.equal(resources.unsigned(), unsigned, digits);
	}
});

test("a negative integer of 8 bytes is exact as far as numbers are", () => {
	assert.equal(valued("FFFFFFFFFFFFFFFF").integer(), -1);
	assert.equal(valued("FFFFFFFFFFFEAE80").integer(), -86400);
	assert.equal(valued("FFE0000000000001").integer(), -9007199254740991);
	assert.equal(valued("8000000000000000").integer(), -Math.pow(2, 63));
});

test("every integer in every length that holds it is read back", () => {
	fc.assert(
		fc.property(fc.maxSafeInteger(), (value) => {
			for (const bytes of [1, 2, 4, 8]) {
				const limit = 2n ** BigInt(8 * bytes - 1);
				if (BigInt(value) >= limit || BigInt(value) < -limit) continue;
				const resources = valued(bigEndian(BigInt(value), bytes));
				assert.equal(resources.integer(), value);
				if (value >= 0) assert.equal(resources.unsigned(), value);
			}
		}),
		{ seed: SEED, numRuns: 500, examples: [[0], [-1], [127], [-128], [128], [65535], [-65536], [4294967296]] },
	);
});

test("an integer of another length is no number", () => {
	for (const digits of ["", "000000", "0000000000", "000000000000", "00000000000000", "000000000000000000"]) {
		const resources = valued(digits);
		assert.ok(Number.isNaN(resources.integer()), digits);
		assert.ok(Number.isNaN(resources.unsigned()), digits);
	}
});

test("a boolean is one byte, 00 or 01", () => {
	assert.equal(valued("00").boolean(), 0);
	assert.equal(valued("01").boolean(), 1);
	for (const digits of ["02", "FF", "", "0000", "0001"]) assert.ok(Number.isNaN(valued(digits).boolean()), digits);
});

test("an opaque value is copied whole or not at all", () => {
	const resources = valued("01020304");
	assert.equal(resources.length, 4);
	const target = new Uint8Array(8).fill(POISON);
	assert.equal(resources.copy(target, 3), 4);
	assert.deepEqual([...target], [POISON, POISON, POISON, 1, 2, 3, 4, POISON]);
	target.fill(POISON);
	assert.equal(resources.copy(target, 5), -1);
	assert.deepEqual(target, new Uint8Array(8).fill(POISON));
	assert.equal(resources.copy(target, 9), -1);
	assert.equal(valued("").copy(target, 8), 0);
});

test("a multiple resource gives its instances in order, with identifiers of 8 and 16 bits", () => {
	const suites = tlv(
		MULTIPLE_RESOURCE,
		16,
		Uint8Array.from([...tlv(RESOURCE_INSTANCE, 0, "C0A8"), ...tlv(RESOURCE_INSTANCE, 310, "00AE")]),
	);
	const instance = tlv(OBJECT_INSTANCE, 0, Uint8Array.from([...suites, ...tlv(RESOURCE, 17, "01")]));
	const resources = new Resources(checked(fileOf([0, [instance]])));
	assert.equal(resources.find(0, 0, 16), true);
	const seen: string[] = [];
	while (resources.nextResourceInstance()) seen.push(`${resources.id}=${resources.unsigned()}`);
	assert.deepEqual(seen, ["0=49320", "310=174"]);
	assert.equal(resources.nextResourceInstance(), false);
	assert.equal(resources.find(0, 0, 17), true, "the view is usable afterwards");
});

test("an empty multiple resource is there, and has no instances", () => {
	const instance = tlv(OBJECT_INSTANCE, 0, tlv(MULTIPLE_RESOURCE, 16, ""));
	const resources = new Resources(checked(fileOf([0, [instance]])));
	assert.equal(resources.find(0, 0, 16), true);
	assert.equal(resources.nextResourceInstance(), false);
});

test("a single resource has no resource instances", () => {
	const instance = tlv(OBJECT_INSTANCE, 0, Uint8Array.from([...tlv(RESOURCE, 3, "4100"), ...tlv(RESOURCE, 4, "01")]));
	const resources = new Resources(checked(fileOf([0, [instance]])));
	assert.equal(resources.find(0, 0, 3), true);
	assert.equal(resources.nextResourceInstance(), false);
});

test("after a resource that is not there, there are no resource instances either", () => {
	const several = tlv(MULTIPLE_RESOURCE, 16, tlv(RESOURCE_INSTANCE, 0, "01"));
	const opaque = tlv(RESOURCE, 3, "410077");
	const instance = tlv(OBJECT_INSTANCE, 0, Uint8Array.from([...several, ...opaque]));
	const resources = new Resources(checked(fileOf([0, [instance]])));
	assert.equal(resources.find(0, 0, 16), true);
	assert.equal(resources.resource(99), false);
	assert.equal(resources.nextResourceInstance(), false);
});

test("resources without an instance around them are those of instance 0", () => {
	const file = fileOf([0, [tlv(RESOURCE, 0, "41"), tlv(MULTIPLE_RESOURCE, 16, tlv(RESOURCE_INSTANCE, 7, "01"))]]);
	const resources = new Resources(checked(file));
	assert.deepEqual(instancesOf(resources, 0), [0]);
	assert.equal(resources.find(0, 0, 0), true);
	assert.equal(resources.text(), "A");
	assert.equal(resources.find(0, 0, 16), true);
	assert.equal(resources.nextResourceInstance(), true);
	assert.equal(resources.id, 7);
});

test("instances behind bare resources of the same object are not lost", () => {
	const resources = new Resources(
		checked(
			fileOf([
				0,
				[
					tlv(OBJECT_INSTANCE, 1, tlv(RESOURCE, 0, "41")),
					tlv(RESOURCE, 0, "42"),
					tlv(OBJECT_INSTANCE, 2, tlv(RESOURCE, 0, "43")),
				],
			]),
		),
	);
	assert.deepEqual(instancesOf(resources, 0), [1, 0, 2]);
	assert.equal(resources.find(0, 2, 0), true);
	assert.equal(resources.text(), "C");
});

test("an object that stands in the file several times is one object", () => {
	const instance = (id: number, text: string) => tlv(OBJECT_INSTANCE, id, tlv(RESOURCE, 0, textBytes(text)));
	const file = fileOf(
		[0, [instance(1, "a")]],
		[1, [instance(5, "b")]],
		[0, []],
		[0, [instance(2, "c"), instance(3, "d")]],
	);
	const resources = new Resources(checked(file));
	assert.deepEqual(instancesOf(resources, 0), [1, 2, 3]);
	assert.deepEqual(instancesOf(resources, 1), [5]);
	assert.equal(resources.find(0, 3, 0), true);
	assert.equal(resources.text(), "d");
});

test("an instance without resources is there", () => {
	const resources = new Resources(checked(fileOf([9, [tlv(OBJECT_INSTANCE, 4, "")]])));
	assert.equal(resources.instance(9, 4), true);
	assert.equal(resources.resource(0), false);
});

test("the objects of a file can be walked while their instances are", () => {
	const file = checked(sampleFile());
	const resources = new Resources(file);
	const seen: string[] = [];
	file.firstObject();
	while (file.nextObject()) {
		resources.object(file.objectId);
		while (resources.nextInstance()) seen.push(`${file.objectId}/${resources.id}`);
		assert.ok(seen.length < 10);
	}
	assert.deepEqual(seen, ["0/1", "1/1"]);
});

test("two views on one file do not disturb each other", () => {
	const file = checked(makeFile(1000));
	const first = new Resources(file);
	const second = new Resources(file);
	const expected = instancesOf(new Resources(file), 0);
	const seen: number[] = [];
	first.object(0);
	while (first.nextInstance()) {
		seen.push(first.id);
		assert.equal(second.find(1, first.id, 0), true);
		assert.equal(first.resource(10), true);
		assert.equal(second.integer(), first.integer());
	}
	assert.ok(expected.length > 3);
	assert.deepEqual(seen, expected);
});

test("a file that is not checked, or was wiped, has no instances", () => {
	const file = new BootstrapFile(fromHex("00"));
	const resources = new Resources(file);
	assert.equal(resources.instance(0, 0), false);
	const good = checked(sampleFile());
	const view = new Resources(good);
	assert.equal(view.instance(0, 1), true);
	good.wipe();
	assert.equal(view.instance(0, 1), false);
});
