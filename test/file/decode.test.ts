// cli/decode*.ts and cli/check*.ts: files to trees and to JSON, round trips, and everything that can be wrong.

import assert from "node:assert/strict";
import test from "node:test";
import { checkFile } from "../../cli/check-file.js";
import { structureOf } from "../../cli/check-structure.js";
import { treeOf } from "../../cli/decode-tree.js";
import { objectsJson } from "../../cli/decode-values.js";
import { encodeFile } from "../../cli/encode-file.js";
import { compile } from "../../cli/encode-source.js";
import { fileBytes } from "../../cli/input/read-input.js";
import { Accounts, BootstrapFile, OK, type Resources } from "../../src/index.js";
import { makeFile, sampleFile } from "../../virtual/index.js";
import { bytes, damaged, fuzz, hex, randomBytes, randomFile, randomObjects, rootFile } from "./tools.js";

const KEY = "3x@mpl3P5K53cr3tK3y";
const KEY_HEX = Buffer.from(KEY).toString("hex").toUpperCase();

function json(file: Uint8Array, showSecrets = true): string {
	return JSON.stringify({ objects: objectsJson(structureOf(file), showSecrets) });
}

function encode(text: string): Uint8Array {
	const { bytes, errors } = compile(new Uint8Array(Buffer.from(text)), "in", true);
	assert.deepEqual(errors, []);
	return bytes as Uint8Array;
}

/** Object Instances around resources in hex digits, around them objects. */
function file(...objects: [id: number, ...instances: [id: number, resources: string][]][]): Uint8Array {
	const content = objects.flatMap(([id, ...instances]) => {
		const inner = instances.flatMap(([instance, resources]) => {
			const value = [...bytes(resources)];
			return [0x10, instance, value.length >> 8, value.length & 255, ...value];
		});
		return [id >> 8, id & 255, 0, inner.length >> 8, inner.length & 255, ...inner];
	});
	return Uint8Array.from([0, objects.length, content.length >> 8, content.length & 255, ...content]);
}

test("the example as a tree has names, types and offsets, and its key only when asked", () => {
	const tree = treeOf(structureOf(sampleFile()), false);
	for (const line of [
		/^ {5}4 {2}\/0 {2,}LwM2M Security {2,}object$/m,
		/^ {5}9 {4}\/0\/1 {2,}instance$/m,
		/^ {4}12 {6}\/0\/1\/0 {3}LwM2M Server URI {2,}string {4}"coaps:\/\/eu\.iot\.avsystem\.cloud:5684"$/m,
		/^ {4}78 {6}\/0\/1\/5 {3}Secret Key {2,}opaque {4}<19 bytes>$/m,
		/^ {3}114 {6}\/1\/1\/1 {3}Lifetime {2,}integer {3}86400$/m,
	]) {
		assert.match(tree, line);
	}
	assert.ok(!tree.includes(KEY) && !tree.includes(KEY_HEX));
	assert.ok(treeOf(structureOf(sampleFile()), true).includes(`${KEY_HEX} "${KEY}"`));
	assert.ok(!json(sampleFile(), false).includes(KEY_HEX));
	assert.ok(json(sampleFile(), false).includes('{"masked":19}'));
});

test("text from a card cannot reach a terminal as it is", () => {
	const evil = file([0, [0, "C8000B1B5B324A070D0AC2850041E2"]]);
	const tree = treeOf(structureOf(evil), true);
	assert.match(tree, /^[\x20-\x7e\n]*$/);
});

test("round trips in four directions", () => {
	const text = Buffer.from(rootFile("examples/two-servers.json")).toString();
	const sample = sampleFile();
	const other = encode(text);
	for (const original of [sample, other, makeFile(300), makeFile(32768)]) {
		const decoded = json(original);
		assert.equal(hex(encode(decoded)), hex(original), "decode, then encode");
		assert.equal(json(encode(decoded)), decoded, "encode, then decode");
	}
});

test("JSON of any canonically encoded file gives the same bytes again", (context) => {
	fuzz(context, "decode and encode", (dice) => {
		const { bytes: original } = encodeFile(randomObjects(dice));
		if (original === null || original.length > 32768) return;
		assert.equal(structureOf(original).code, OK);
		assert.equal(hex(encode(json(original))), hex(original));
	});
});

test("values that their type would change are kept as bytes", () => {
	// A Short Server ID of 200 in one byte, a number in too many bytes, a wrong Boolean, text that is no UTF-8.
	const odd = file([
		0,
		[0, "C10AC8 C40B00000001 C10102 C300FF4142 C0 0E 8410 43000000 05".replace("8410 43000000 05", "8510 4300000005")],
	]);
	assert.match(json(odd), /"id":10,"value":\{"hex":"C8"\}/);
	assert.match(json(odd), /"id":11,"value":\{"hex":"00000001"\}/);
	// The instance's header is longer than it must be; the rest is the same.
	assert.equal(hex(encode(json(odd))).slice(-50), hex(odd).slice(-50));
});

test("hex digits are files as much as bytes are", () => {
	const sample = sampleFile();
	for (const text of [
		hex(sample),
		hex(sample).toLowerCase(),
		hex(sample).replace(/../g, "$& "),
		`\n${hex(sample).replace(/../g, "$&:").slice(0, -1)}\r\n`,
	]) {
		assert.equal(hex(fileBytes(new Uint8Array(Buffer.from(text)))), hex(sample));
	}
	assert.equal(fileBytes(sample), sample);
	const text = new Uint8Array(Buffer.from("0g"));
	assert.equal(fileBytes(text), text);
});

const NO_SECURITY = "C40061626364".replace("C40061626364", "C8000B636F61703A2F2F612E6578") + "C10100 C10203";
const SERVER = "C10001 C1013C C10600 C10755";
const GOOD: Parameters<typeof file> = [
	[0, [0, `${NO_SECURITY} C10A01`]],
	[1, [0, SERVER]],
];

/** "severity offset path: message" without the warnings of the two-byte lengths that `file` writes. */
function problems(input: Uint8Array): string[] {
	return checkFile(input)
		.problems.filter(({ message }) => !message.startsWith("a header of"))
		.map(({ severity, path, message, clause }) => {
			assert.match(clause, /^LwM2M TS|^OMA registry/);
			return `${severity} ${path}: ${message}`;
		});
}

test("good files have no problems", () => {
	assert.deepEqual(checkFile(sampleFile()).problems, []);
	assert.deepEqual(problems(file(...GOOD)), []);
	const padded = Uint8Array.from([...sampleFile(), 255, 255, 255]);
	assert.deepEqual(checkFile(padded).problems, []);
	for (const size of [52, 200, 32768]) assert.deepEqual(checkFile(makeFile(size)).problems, [], `${size}`);
});

test("everything that is wrong is told, with its severity and path", () => {
	const security = (resources: string): Uint8Array => file([0, [0, resources]], [1, [0, SERVER]]);
	const psk = "C8000C636F6170733A2F2F612E6578 C10100 C10200 C10A01";
	for (const [input, words] of [
		[security(`${NO_SECURITY} C10A02`), "error 0/0/10: no Server instance has the Short Server ID 2"],
		[security(`${NO_SECURITY} C10A02`), "error 1/0/0: no Security instance has the Short Server ID 1"],
		[security(NO_SECURITY), "error 0/0/10: Short Server ID is missing, which a server's account needs"],
		[security(`${NO_SECURITY} C10A00`), "error 0/0/10: expected a Short Server ID from 1 to 65534, got 0"],
		[
			security(`${NO_SECURITY} C10AC8`),
			"error 0/0/10: Short Server ID is negative as an Integer (-56), and taken as 200",
		],
		[security(`${NO_SECURITY} C10A01 C10A01`), "error 0/0/10: the Resource stands in its instance a second time"],
		[
			security(`C10A01 ${NO_SECURITY}`),
			"warning 0/0/0: the Resources do not stand in ascending order; no clause demands it, but not every reader expects them so",
		],
		[security("C10100 C10203 C10A01"), "error 0/0/0: LwM2M Server URI is missing, which is mandatory"],
		[security(`${NO_SECURITY} C20A0001`), "warning 0/0/10: a number of 2 bytes where 1 is enough"],
		[
			security(`${NO_SECURITY} C10A01 C11000`),
			"error 0/0/16: expected a Multiple Resource, got a single value of DTLS/TLS Ciphersuite",
		],
		[
			security(`${NO_SECURITY} 830A410001`),
			"error 0/0/10: expected one value of Short Server ID, got a Multiple Resource",
		],
		[
			security(`${NO_SECURITY} C10A01 8610410001410002`),
			"error 0/0/16/0: the Resource Instance stands in its resource a second time",
		],
		[security(`${NO_SECURITY} C10A01 C11F00`), "warning 0/0/31: the object has no such resource up to version 1.2"],
		[security(`${NO_SECURITY} C10A01 C411001500 07`), "error 0/0/17: /21/7 is not in the file"],
		[security(`${NO_SECURITY} C10A01 C41100010000`), "error 0/0/17: expected a link to object 21, got /1/0"],
		[
			security(`${NO_SECURITY} C105AA C10A01`),
			"warning 0/0/5: Security Mode is 3 (no security), which has no use for it",
		],
		[
			security(`${psk} C103AA`),
			"error 0/0/5: expected a Secret Key, which the security mode (pre-shared key) needs, got none",
		],
		[security(`${psk} C103AA C105AA`), "warning 0/0/5: a pre-shared key of 1 byte is weak; 16 or more are usual"],
		[
			security(psk.replace("C10200", "C10203")),
			"error 0/0/2: coaps needs credentials, and Security Mode is 3 (no security)",
		],
		[
			security(`${NO_SECURITY.replace("C10203", "C10202")} C10A01`),
			"error 0/0/2: coap has no security, and Security Mode is 2 (certificate)",
		],
		[
			security(`${NO_SECURITY.replace("C10100", "C10102")} C10A01`),
			"error 0/0/1: Bootstrap-Server is not a Boolean (one byte, 00 or 01)",
		],
		[
			file(...GOOD, [0, [0, `${NO_SECURITY} C10A01`]]),
			"error 0/0: the Object Instance stands in the file a second time",
		],
		[file(...GOOD, [0, [0, `${NO_SECURITY} C10A01`]]), "warning 0: the object stands in the file a second time"],
		[file(...GOOD, [0, [1, `${NO_SECURITY} C10A01`]]), "error 0/1/10: 0/0 has the same Short Server ID 1"],
		[file(GOOD[0], [1, [0, SERVER], [1, SERVER]]), "error 1/1/0: 1/0 has the same Short Server ID 1"],
		[
			file(GOOD[1], GOOD[0]),
			"warning 0: the objects do not stand in ascending order; no clause demands it, but not every reader expects them so",
		],
		[
			file([0, [0, NO_SECURITY.replace("C10100", "C10101")], [1, NO_SECURITY.replace("C10100", "C10101")]]),
			"error 0/1/1: expected at most one Bootstrap-Server Account, got another one beside 0/0",
		],
		[file([1, [0, SERVER]]), "warning 0: the file has no Security instance, hence no account"],
		[
			file(GOOD[0], [1, [0, "C10001 C1013C C1020A C10305 C10600 C10755"]]),
			"warning 1/0/3: Default Maximum Period (5) is below Default Minimum Period (10)",
		],
		[
			file(GOOD[0], [1, [0, `${SERVER} C10800`]]),
			"error 1/0/8: Registration Update Trigger is executable and cannot be in a file",
		],
		[file(GOOD[0], [1, [0, `${SERVER} C40A000B0000`]]), "warning 1/0/10: /11/0 is not in the file"],
		[
			file(...GOOD, [2, [0, "C10003 C10100 8302410201".replace("8302410201", "8302410701") + "C10305"]]),
			"warning 2/0/2/7: no Server instance has the Short Server ID 7",
		],
		[file(...GOOD, [2, [0, "C10003 C10100 C10305"]]), "warning 2/0/3: no Server instance has the Short Server ID 5"],
		[file(...GOOD, [21, [0, "C100AA C80108AAAAAAAAAAAAAAAA C102AA"]]), "error 21/0/1: expected at most 7 bytes, got 8"],
		[file(...GOOD, [5]), "warning 5: the object has no Object Instance"],
		[
			Uint8Array.from([...sampleFile(), 1]),
			"warning : expected padding with FF or 00 behind the file, got other bytes",
		],
		[
			bytes("0001 000D 0000000008 080005 C10001 C101"),
			"error 0/0: expected a TLV that ends within the 2 bytes that are left of what holds it",
		],
		[bytes(""), "error : the file is empty: never written (FF or 00), or without an object"],
		[bytes("FFFFFFFF"), "error : the file is empty: never written (FF or 00), or without an object"],
		[bytes("0001"), "error : expected a header of 4 bytes, got 2"],
	] as [Uint8Array, string][]) {
		assert.ok(problems(input).includes(words), `${words}\n${problems(input).join("\n")}`);
	}
	const old = encodeFile([
		{ id: 0, version: { major: 1, minor: 0 }, instances: [{ id: 0, resources: [{ id: 14, value: bytes("61") }] }] },
	]);
	assert.ok(
		problems(old.bytes as Uint8Array).includes("warning 0/0/14: SNI came with version 1.1, and the object says 1.0"),
	);
	assert.ok(checkFile(bytes("0001 000D 0000000008 08000005 C10001 0000")).problems.length > 0);
});

test("errors behind the first one are told as well, each with its offset", () => {
	// A Resource Instance in the first instance, a TLV that is cut in the second, another object behind them, one too many.
	const input = bytes(
		"0001 001F 0000 00 0010 080003 410001 080104 C10001C1 080200 0001 00 0005 080002 8000".replaceAll(" ", ""),
	);
	const errors = checkFile(input).structure.found.map(({ offset }) => offset);
	assert.deepEqual(errors, [12, 21, 25]);
});

/** All that the core says of a file that lies at the beginning of a buffer. */
function coreView(input: Uint8Array, poison: number): string {
	const buffer = new Uint8Array(input.length + 16).fill(poison);
	buffer.set(input);
	const core = new BootstrapFile(buffer);
	const code = core.check(input.length);
	const lines = [`${code} ${core.errorOffset} ${core.length}`];
	const accounts = new Accounts(core);
	accounts.begin();
	let count = 0;
	const value = (view: Resources): string =>
		`${view.from}-${view.to} ${view.integer()} ${view.unsigned()} ${view.boolean()} ${view.text()}`;
	while (accounts.next()) {
		count += 1;
		assert.ok(count <= input.length, "it goes round");
		const { securityInstance, serverInstance, shortServerId, bootstrapServer, securityMode, fault } = accounts;
		lines.push([securityInstance, serverInstance, shortServerId, bootstrapServer, securityMode, fault].join());
		for (let id = 0; id < 20; id++) {
			if (accounts.security.resource(id)) lines.push(`s${id} ${value(accounts.security)}`);
			if (serverInstance >= 0 && accounts.server.resource(id)) lines.push(`r${id} ${value(accounts.server)}`);
			for (let i = 0; i <= input.length && accounts.security.nextResourceInstance(); i++)
				lines.push(value(accounts.security));
		}
	}
	if (code !== OK) {
		assert.ok(code < 0 && core.errorOffset >= 0 && core.errorOffset <= input.length);
		assert.equal(count, 0);
	}
	return lines.join("\n");
}

/** The core and the desktop on one input: nothing throws, nothing looks beyond it, and both find the same first error. */
function agree(input: Uint8Array): void {
	const view = coreView(input, 0x00);
	assert.equal(coreView(input, 0xff), view);
	assert.equal(coreView(input, 0xc1), view);
	const whole = new Uint8Array(input.length + 32).fill(0x08);
	whole.set(input, 16);
	const checked = checkFile(whole.subarray(16, 16 + input.length));
	const { structure, problems } = checked;
	assert.deepEqual(checked, checkFile(input));
	const [first] = structure.found;
	assert.equal(`${structure.code} ${structure.errorOffset}`, view.split(" ").slice(0, 2).join(" "));
	if (structure.code === OK) assert.equal(first, undefined);
	else assert.deepEqual(first, { code: structure.code, offset: structure.errorOffset });
	for (const { offset } of problems) assert.ok(offset >= 0 && offset <= input.length);
	treeOf(structure, true);
	treeOf(structure, false);
	json(input, false);
}

test("every prefix and every flip of one bit of the example", () => {
	for (const original of [sampleFile(), encode(Buffer.from(rootFile("examples/two-servers.json")).toString())]) {
		for (let length = 0; length <= original.length; length++) agree(original.slice(0, length));
		for (let bit = 0; bit < 8 * original.length; bit++) {
			const flipped = original.slice();
			flipped[bit >> 3] ^= 1 << (bit & 7);
			agree(flipped);
			const { code, objects } = structureOf(flipped);
			// What can still be read and is canonical comes back.
			const canonical = code === OK && !objects.some(({ instances }) => instances.some(({ bare }) => bare));
			if (canonical && !checkFile(flipped).problems.some(({ message }) => /^a header of|^bits 2 to 0/.test(message))) {
				const structure = structureOf(flipped);
				assert.equal(hex(encode(json(flipped))), hex(flipped.subarray(0, structure.length)));
			}
		}
	}
});

test("random bytes", (context) => {
	fuzz(context, "check, random bytes", (dice, index) => {
		const input = randomBytes(dice, dice.below(64));
		// Most of them with a header that lets them further in.
		if (index % 4 > 0 && input.length > 9)
			input.set([0, 1 + dice.below(2), 0, input.length - 4, 0, dice.below(3), 0, 0, input.length - 9]);
		agree(input);
	});
});

test("random files, whole and damaged", (context) => {
	fuzz(context, "check, random files", (dice, index) => {
		const whole = randomFile(dice);
		agree(index % 5 === 0 ? whole : damaged(dice, whole));
	});
});

test("a file of nothing but the smallest TLVs takes no more time than its size asks for", () => {
	const started = performance.now();
	for (const pattern of ["C000", "0000", "8000", "C0", "4000", "08"]) {
		const input = new Uint8Array(32768);
		input.set([0, 1, 0x7f, 0xfc, 0, 0, 0, 0x7f, 0xf7]);
		const unit = bytes(pattern);
		for (let at = 9; at < input.length; at++) input[at] = unit[(at - 9) % unit.length];
		agree(input);
	}
	assert.ok(performance.now() - started < 10000, `${performance.now() - started} ms`);
});
