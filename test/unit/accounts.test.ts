// src/accounts.ts: Security instances joined with Server instances by Short Server ID (LwM2M TS 1.1, 6.1.4). What is wrong with one
// account leaves the others usable.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import {
	ACCOUNT_ID_INVALID,
	ACCOUNT_KIND_INVALID,
	ACCOUNT_MODE_INVALID,
	ACCOUNT_USABLE,
	ACCOUNT_WITHOUT_SERVER,
	ACCOUNT_WITHOUT_URI,
	Accounts,
	BINDING,
	BootstrapFile,
	LIFETIME,
	OBJECT_INSTANCE,
	OK,
	RESOURCE,
	SERVER_URI,
} from "../../src/index.js";
import { joinBytes, makeFile, sampleFile, textBytes } from "../../virtual/index.js";
import { fileOf, SEED, tlv } from "./tools.js";

interface Security {
	uri?: string;
	/** Hex of resource 1; null leaves it out. */
	kind?: string | null;
	mode?: string | null;
	id?: string | null;
}

function security(instance: number, options: Security = {}): Uint8Array {
	const parts: Uint8Array[] = [];
	if (options.uri !== undefined) parts.push(tlv(RESOURCE, 0, textBytes(options.uri)));
	if (options.kind !== null) parts.push(tlv(RESOURCE, 1, options.kind ?? "00"));
	if (options.mode !== null) parts.push(tlv(RESOURCE, 2, options.mode ?? "03"));
	if (options.id !== null) parts.push(tlv(RESOURCE, 10, options.id ?? "01"));
	return tlv(OBJECT_INSTANCE, instance, joinBytes(parts));
}

function server(instance: number, id: string): Uint8Array {
	return tlv(OBJECT_INSTANCE, instance, joinBytes([tlv(RESOURCE, 0, id), tlv(RESOURCE, 1, "3C")]));
}

function accountsOf(bytes: Uint8Array): Accounts {
	const file = new BootstrapFile(bytes.slice());
	assert.equal(file.check(bytes.length), OK);
	const accounts = new Accounts(file);
	accounts.begin();
	return accounts;
}

/** Each account as "security instance, server instance, Short Server ID, fault". */
function walk(bytes: Uint8Array): number[][] {
	const accounts = accountsOf(bytes);
	const all: number[][] = [];
	while (accounts.next()) {
		all.push([accounts.securityInstance, accounts.serverInstance, accounts.shortServerId, accounts.fault]);
		assert.ok(all.length < 2000);
	}
	assert.equal(accounts.next(), false);
	return all;
}

/** The fault of one account with this Security instance, and a server with Short Server ID 1. */
function faultOf(options: Security): number {
	const all = walk(fileOf([0, [security(0, options)]], [1, [server(0, "01")]]));
	assert.equal(all.length, 1);
	return all[0][3];
}

test("the example is one account that is usable", () => {
	const accounts = accountsOf(sampleFile());
	assert.equal(accounts.next(), true);
	assert.deepEqual(
		[accounts.securityInstance, accounts.serverInstance, accounts.shortServerId, accounts.securityMode, accounts.fault],
		[1, 1, 1, 0, ACCOUNT_USABLE],
	);
	assert.equal(accounts.bootstrapServer, false);
	assert.equal(accounts.security.resource(SERVER_URI), true);
	assert.equal(accounts.security.text(), "coaps://eu.iot.avsystem.cloud:5684");
	assert.equal(accounts.server.resource(LIFETIME), true);
	assert.equal(accounts.server.integer(), 86400);
	assert.equal(accounts.server.resource(BINDING), true);
	assert.equal(accounts.server.text(), "U");
	assert.equal(accounts.next(), false);
	accounts.begin();
	assert.equal(accounts.next(), true, "from the beginning again");
});

test("a Bootstrap-Server account needs no Short Server ID and no Server instance", () => {
	const file = fileOf([0, [security(0, { uri: "coap://b", kind: "01", id: null })]]);
	assert.deepEqual(walk(file), [[0, -1, -1, ACCOUNT_USABLE]]);
	const accounts = accountsOf(file);
	accounts.next();
	assert.equal(accounts.bootstrapServer, true);
});

test("what is missing or out of range in the Security instance is said", () => {
	assert.equal(faultOf({ uri: "coap://a" }), ACCOUNT_USABLE);
	assert.equal(faultOf({}), ACCOUNT_WITHOUT_URI);
	assert.equal(faultOf({ uri: "" }), ACCOUNT_WITHOUT_URI);
	for (const mode of [null, "05", "FF", "", "000003"]) {
		assert.equal(faultOf({ uri: "coap://a", mode }), ACCOUNT_MODE_INVALID, `mode ${mode}`);
	}
	for (const mode of ["00", "01", "02", "03", "04", "0003"]) {
		assert.equal(faultOf({ uri: "coap://a", mode }), ACCOUNT_USABLE, `mode ${mode}`);
	}
	for (const kind of [null, "02", "", "0000"]) {
		assert.equal(faultOf({ uri: "coap://a", kind }), ACCOUNT_KIND_INVALID, `kind ${kind}`);
	}
	for (const id of [null, "00", "0000", "FFFF", "00010000", "", "000001"]) {
		assert.equal(faultOf({ uri: "coap://a", id }), ACCOUNT_ID_INVALID, `id ${id}`);
	}
	assert.equal(faultOf({ uri: "coap://a", id: "02" }), ACCOUNT_WITHOUT_SERVER);
});

test("a Short Server ID that was written unsigned is read as it was meant, on either side", () => {
	for (const [left, right, id] of [
		["C8", "00C8", 200],
		["00C8", "C8", 200],
		["C8", "C8", 200],
		["FFFE", "0000FFFE", 65534],
		["0000FFFE", "FFFE", 65534],
		["01", "0000000000000001", 1],
	] as [string, string, number][]) {
		const file = fileOf([0, [security(3, { uri: "coap://a", id: left })]], [1, [server(4, right)]]);
		assert.deepEqual(walk(file), [[3, 4, id, ACCOUNT_USABLE]], `${left} ${right}`);
	}
});

test("what is wrong with one account leaves the others usable", () => {
	const file = fileOf(
		[
			0,
			[
				security(0, { uri: "coap://a", id: "01" }),
				security(1, { id: "02" }),
				security(2, { uri: "coap://c", id: "09" }),
				security(3, { uri: "coap://d", mode: "07", id: "03" }),
				security(4, { uri: "coap://e", id: "04" }),
			],
		],
		[1, [server(0, "01"), server(1, "02"), server(2, "03"), server(3, "04")]],
	);
	assert.deepEqual(walk(file), [
		[0, 0, 1, ACCOUNT_USABLE],
		[1, 1, 2, ACCOUNT_WITHOUT_URI],
		[2, -1, 9, ACCOUNT_WITHOUT_SERVER],
		[3, 2, 3, ACCOUNT_MODE_INVALID],
		[4, 3, 4, ACCOUNT_USABLE],
	]);
});

test("the order of the instances, of the objects and of the entries does not matter", () => {
	const id = (n: number) => n.toString(16).padStart(4, "0");
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 8 }).chain((count) => {
				const numbers = Array.from({ length: count }, (_, i) => i + 1);
				const whole = { minLength: count, maxLength: count };
				return fc.tuple(
					fc.shuffledSubarray(numbers, whole),
					fc.shuffledSubarray(numbers, whole),
					fc.nat(count),
					fc.nat(2),
				);
			}),
			([left, right, cut, order]) => {
				const securities = left.map((n) => security(n, { uri: `coap://${n}`, id: id(n) }));
				const servers = right.map((n) => server(20 + n, id(n)));
				const objects: [number, Uint8Array[]][] = [
					[0, securities.slice(0, cut)],
					[1, servers],
					[0, securities.slice(cut)],
				];
				if (order === 1) objects.reverse();
				if (order === 2) objects.push([1, []]);
				const all = walk(fileOf(...objects));
				assert.equal(all.length, left.length);
				for (const [own, joined, number, fault] of all) {
					assert.deepEqual([joined, number, fault], [20 + own, own, ACCOUNT_USABLE]);
				}
			},
		),
		{ seed: SEED, numRuns: 200 },
	);
});

test("a file without accounts has none", () => {
	assert.deepEqual(walk(fileOf([1, [server(0, "01")]])), []);
	assert.deepEqual(walk(fileOf([3, [tlv(OBJECT_INSTANCE, 0, "")]])), []);
});

test("bare resources are account 0", () => {
	const bare = [
		tlv(RESOURCE, 0, textBytes("coap://a")),
		tlv(RESOURCE, 1, "00"),
		tlv(RESOURCE, 2, "03"),
		tlv(RESOURCE, 10, "07"),
	];
	const file = fileOf([0, bare], [1, [tlv(RESOURCE, 0, "07")]]);
	assert.deepEqual(walk(file), [[0, 0, 7, ACCOUNT_USABLE]]);
});

test("hundreds of accounts are joined", () => {
	const all = walk(makeFile(32768));
	assert.ok(all.length > 200);
	for (const [own, joined, number, fault] of all)
		assert.deepEqual([joined, number, fault], [own, own + 1, ACCOUNT_USABLE]);
});
