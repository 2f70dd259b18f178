// cli/encode*.ts: configurations in all forms to bytes, and what is refused with the path, the line and the column.

import assert from "node:assert/strict";
import test from "node:test";
import { checkFile } from "../../cli/check-file.js";
import { schema } from "../../cli/encode-schema.js";
import { compile } from "../../cli/encode-source.js";
import { fuzz, hex, rootFile } from "./tools.js";

const BASIC = Buffer.from(rootFile("examples/basic.hex")).toString().trim();

function source(text: string): Uint8Array {
	return new Uint8Array(Buffer.from(text));
}

/** Hex digits, or the first error. */
function encode(text: string, lenient = false): string {
	const { bytes, errors } = compile(source(text), "in", lenient);
	return bytes === null ? errors[0] : hex(bytes);
}

test("the example has its 126 bytes in every form", () => {
	assert.equal(BASIC.length, 252);
	for (const name of ["anjay-basic.cfg", "basic-keyed.json", "basic-array.json"]) {
		const { bytes, errors, warnings } = compile(rootFile(`examples/${name}`), name, false);
		assert.deepEqual([errors, warnings], [[], []], name);
		assert.equal(hex(bytes as Uint8Array), BASIC, name);
	}
});

test("the other example is good, and says 200 as a signed Integer and 49320 as an unsigned one", () => {
	const { bytes, errors, warnings } = compile(rootFile("examples/two-servers.json"), "x", false);
	assert.deepEqual([errors, warnings], [[], []]);
	assert.deepEqual(checkFile(bytes as Uint8Array).problems, []);
	const digits = hex(bytes as Uint8Array);
	for (const part of ["C20A00C8", "C20000C8", "4200C0A8", "C41100150000", "C101C8"])
		assert.ok(digits.includes(part), part);
});

test("values take the smallest form of their type", () => {
	for (const [id, json, digits] of [
		[10, "1", "C10A01"],
		[10, "200", "C20A00C8"],
		[10, "65534", "C40A0000FFFE"],
		[11, "2147483648", "C80B080000000080000000"],
		[11, '"9007199254740993"', "C80B080020000000000001"],
		[11, "9007199254740993", "C80B080020000000000001"],
		[13, "3", "C10D03"],
		[22, "255", "C116FF"],
		[22, "4294967296", "C816080000000100000000"],
		[1, "true", "C10101"],
		[3, '{"hex": "00 ff"}', "C20300FF"],
		[3, '{"base64": "AP8="}', "C20300FF"],
		[3, '{"base64": "AP8"}', "C20300FF"],
		[3, '{"text": "0011223344556677"}', "C8031030303131323233333434353536363737"],
		[3, '"id"', "C2036964"],
		[14, '"\\u00e9"', "C20EC3A9"],
		[17, '"21:1"', "C41100150001"],
		[16, "[1, 200]", "86104100014101C8"],
		[16, "{}", "02008010"],
	] as [number, string, string][]) {
		const got = encode(`{"0":{"0":{"${id}":${json}}}}`);
		assert.ok(got.endsWith(digits), `${id} ${json}: ${got}`);
	}
});

test("what does not fit its type is refused with path, line and column", () => {
	for (const [text, words] of [
		[
			'{"0":{"1":\n {"10": "1"}}}',
			"in:2:9: /0/1/10: expected an integer, got a string; strings are for integers beyond 2^53 only",
		],
		[
			'{"0":{"1":{"10": 0}}}',
			"in:1:18: /0/1/10: expected a Short Server ID from 1 to 65534, got 0 (LwM2M TS 1.0, Appendix E.1)",
		],
		[
			'{"0":{"1":{"10": 65535}}}',
			"in:1:18: /0/1/10: expected a Short Server ID from 1 to 65534, got 65535 (LwM2M TS 1.0, Appendix E.1)",
		],
		[
			'{"server":{"1":{"shortServerId": 0}}}',
			"in:1:34: /1/1/0: expected a Short Server ID from 1 to 65534, got 0 (LwM2M TS 1.0, Appendix E.2)",
		],
		['{"0":{"1":{"10": 1.5}}}', "in:1:18: /0/1/10: expected an integer, got a number with a fraction or an exponent"],
		['{"0":{"1":{"10": true}}}', "in:1:18: /0/1/10: expected an integer, got a Boolean"],
		['{"0":{"1":{"10": null}}}', "in:1:18: /0/1/10: expected an integer, got null"],
		['{"0":{"1":{"1": 0}}}', "in:1:17: /0/1/1: expected true or false, got a number"],
		[
			'{"0":{"1":{"11": 18446744073709551616}}}',
			"in:1:18: /0/1/11: expected an integer, got a number that does not fit 64 bits",
		],
		[
			'{"0":{"1":{"22": -1}}}',
			"in:1:18: /0/1/22: expected an unsigned integer, got a number that does not fit 64 bits",
		],
		['{"0":{"1":{"2": 5}}}', "in:1:17: /0/1/2: expected a number from 0 to 4, got 5 (LwM2M TS 1.0, Appendix E.1)"],
		[
			'{"0":{"1":{"3": 5}}}',
			'in:1:17: /0/1/3: expected bytes, like {"hex": "00FF"} or {"base64": "AP8="}, got a number',
		],
		['{"0":{"1":{"3": {"hex": "0"}}}}', "in:1:17: /0/1/3: expected pairs of hex digits"],
		['{"0":{"1":{"3": {"base64": "A"}}}}', "in:1:17: /0/1/3: expected base64"],
		[
			'{"0":{"1":{"5": {"masked": 16}}}}',
			"in:1:17: /0/1/5: the value is masked: print it with --show-secrets, or put the value itself in its place",
		],
		[
			'{"0":{"1":{"5": "00112233445566778899AABBCCDDEEFF"}}}',
			'in:1:17: /0/1/5: expected bytes, like {"hex": "00FF"} or {"base64": "AP8="}, got a string of hex digits, which may be meant as bytes or as text: write {"hex": "..."} or {"text": "..."}',
		],
		[
			'{"0":{"1":{"2":0,"3":{"hex":"00"},"5": {"hex": ""}}}}',
			"in:1:40: /0/1/5: expected a Secret Key, which the security mode (pre-shared key) needs, got an empty one (LwM2M TS 1.0, 7.1)",
		],
		[
			`{"0":{"1":{"2":0,"3":{"hex":"00"},"5": {"hex": "${"00".repeat(65)}"}}}}`,
			"in:1:40: /0/1/5: expected a pre-shared key of 1 to 64 bytes, got 65 (LwM2M TS 1.0, 7.1)",
		],
		[
			'{"0":{"1":{"7": {"hex": "0011"}}}}',
			"in:1:17: /0/1/7: expected a key of 6 bytes, got 2 (LwM2M TS 1.0, Appendix E.1)",
		],
		[
			'{"0":{"1":{"8": {"hex": "0011"}}}}',
			"in:1:17: /0/1/8: expected a key of 16, 32 or 48 bytes, got 2 (LwM2M TS 1.0, Appendix E.1)",
		],
		[
			'{"0":{"1":{"0": "foo://x"}}}',
			'in:1:17: /0/1/0: expected a URI with a known scheme (coaps, coap, coaps+tcp, coap+tcp, ...), got "foo" (LwM2M TS 1.0, Appendix E.1)',
		],
		[
			'{"0":{"1":{"0": "lwm2m.example"}}}',
			"in:1:17: /0/1/0: expected a URI with a known scheme (coaps, coap, coaps+tcp, coap+tcp, ...), got none (LwM2M TS 1.0, Appendix E.1)",
		],
		[
			'{"0":{"1":{"0": "coaps:x"}}}',
			'in:1:17: /0/1/0: expected "coaps://" at the start of the URI (LwM2M TS 1.0, Appendix E.1)',
		],
		['{"0":{"1":{"0": "coaps://:1"}}}', "in:1:17: /0/1/0: expected a host in the URI (LwM2M TS 1.0, Appendix E.1)"],
		[
			'{"0":{"1":{"0": "coaps://x:70000"}}}',
			"in:1:17: /0/1/0: expected a port from 1 to 65535, got 70000 (LwM2M TS 1.0, Appendix E.1)",
		],
		[
			'{"0":{"1":{"0": "coaps://\\u00e9"}}}',
			"in:1:17: /0/1/0: expected a URI of ASCII characters without spaces (LwM2M TS 1.0, Appendix E.1)",
		],
		[
			'{"1":{"1":{"7": "UU"}}}',
			'in:1:17: /1/1/7: expected a binding of the letters U, T, S, N, M, H, each once (or UQ, SQ, UQS), got "UU" (LwM2M TS 1.0, Appendix E.2)',
		],
		[
			'{"1":{"1":{"4": null}}}',
			"in:1:17: /1/1/4: expected no value: the resource is executable and cannot be in a file, got null",
		],
		[
			'{"0":{"1":{"16": 1}}}',
			"in:1:18: /0/1/16: expected Resource Instances, got a number: DTLS/TLS Ciphersuite may have several values",
		],
		['{"0":{"1":{"10": [1]}}}', "in:1:18: /0/1/10: expected one value, got a list: Short Server ID has one"],
		['{"0":{"1":{"17": "21"}}}', 'in:1:18: /0/1/17: expected an object link, like "21:1", got a string'],
		[
			'{"99":{"1":{"5": 5}}}',
			'in:1:18: /99/1/5: expected a value that says its type, like {"integer": 5}, got a number',
		],
		[
			'{"99":{"1":{"5": {"number": 5}}}}',
			'in:1:18: /99/1/5: expected a value: {"hex": ...}, {"base64": ...}, or a type and a value like {"integer": 5}',
		],
		['{"0":{"1":{}}, "security":{}}', "in:1:16: /0: stands here a second time"],
		['{"0":{"1":{"10":1, "shortServerId":2}}}', "in:1:20: /0/1/10: stands here a second time"],
		['{"foo":{}}', 'in:1:2: expected the ID of an Object, a number or a known name, got "foo"'],
		['{"0":{"x":{}}}', 'in:1:7: /0: expected the ID of an Object Instance, a number, got "x"'],
		['{"0":{"00":{}}}', 'in:1:7: /0: expected the ID of an Object Instance, a number, got "00"'],
		['{"0":{"1":{"nope":1}}}', 'in:1:12: /0/1: expected the ID of a Resource, a number or a known name, got "nope"'],
		['{"0":{"65535":{}}}', "in:1:7: /0: expected an Object Instance ID from 0 to 65534, got 65535"],
		['{"0":5}', "in:1:6: /0: expected an object with Object Instances, got a number"],
		['{"0":{"0":[]}}', "in:1:11: /0/0: expected an object with resources, got a list"],
		['{"0":{"version":"1"}}', 'in:1:17: /0: expected a version from "1.0" to "255.255", or null'],
		["{}", "in:1:1: expected at least one object, got none"],
		["5", "in:1:1: expected an object with the objects of the file, got a number"],
		['{"objects":[{"id":0}]}', 'in:1:13: /0: expected "instances"'],
		['{"objects":[{"instances":[]}]}', 'in:1:13: expected the Object\'s "id"'],
		[
			'{"objects":[{"id":0,"x":1,"instances":[]}]}',
			'in:1:21: expected one of "id", "name", "version", "instances", got "x"',
		],
		[
			'{"objects":[{"id":0,"instances":[{"id":0,"resources":[{"id":10}]}]}]}',
			'in:1:55: /0/0/10: expected "value" or "instances"',
		],
		["{0: {1: {10: 1, RID.Security.ShortServerID: 2}}}", "in:1:17: /0/1/10: stands here a second time"],
		["{OID.Server: {1: {RID.Security.Mode: 1}}}", "in:1:19: /1/1: RID.Security.Mode is no resource of object 1"],
		["{OID.Foo: {}}", 'in:1:2: expected the ID of an Object, a number or a known name, got "OID.Foo"'],
		["{0: {1: {10: '1'}}}", "in:1:14: /0/1/10: expected an integer, got a string"],
		["{0: {1: {10: b'1'}}}", "in:1:14: /0/1/10: expected an integer, got bytes"],
		["{0: {1: {1: 'x'}}}", "in:1:13: /0/1/1: expected True or False, got a string"],
		["{0: {1: {16: [5]}}}", "in:1:15: /0/1/16: expected a pair (Resource Instance ID, value), got a number"],
	] as [string, string][]) {
		assert.equal(encode(text), words, text);
	}
});

test("the dictionary format takes strings and bytes, pairs, numbers for names", () => {
	for (const [text, digits] of [
		["{0: {0: {0: b'coap://x'}}}", "C80008636F61703A2F2F78"],
		["{0: {0: {3: 'id', }}}", "C2036964"],
		["{0: {0: {3: '00112233445566778899'}}}", "C8031430303131323233333434353536363737383839 39".replace(" ", "")],
		["{0: {0: {1: 0}}}", "C10100"],
		["{0: {0: {16: [(0, 0xC0A8), (5, 1)]}}}", "8710 4200C0A8 410501".replaceAll(" ", "")],
		["{0: {0: {16: []}}}", "8010"],
		["{0: {0: {17: (21, 1)}}}", "C41100150001"],
		["{0: {0: {17: b'\\0\\x15\\0\\1'}}}", "C41100150001"],
		["{2: {0: {RID.AccessControl.ObjectID: OID.Server}}}", "C10001"],
		["{99: {0: {0: 200, 1: 'x', 2: b'y', 3: True}}}", "C20000C8C10178C10279C10301"],
	] as [string, string][]) {
		const got = encode(text);
		assert.ok(got.endsWith(digits), `${text}: ${got}`);
	}
});

test("lenient writes what was asked", () => {
	for (const [text, digits] of [
		['{"0":{"1":{"10": 0}}}', "C10A00"],
		['{"0":{"1":{"10": "x"}}}', "C10A78"],
		['{"0":{"1":{"10": {"hex": "000001"}}}}', "C30A000001"],
		['{"0":{"1":{"0": "foo"}}}', "C300666F6F"],
		['{"0":{"1":{"16": 1}}}', "C11001"],
		['{"0":{"1":{"10": {"0": 1}}}}', "830A410001"],
		['{"1":{"1":{"4": null}}}', "C004"],
		['{"99":{"1":{"5": 5}}}', "C10505"],
		[
			'{"objects":[{"id":0,"instances":[{"id":1,"resources":[{"id":1,"value":true},{"id":1,"value":true}]}]}]}',
			"C10101C10101",
		],
		["{}", "00000000"],
	] as [string, string][]) {
		const got = encode(text, true);
		assert.ok(got.endsWith(digits), `${text}: ${got}`);
	}
	assert.match(encode('{"0":{"1":{"5": {"masked": 16}}}}', true), /masked/);
});

test("a file over 32 KB is refused where it goes over, and written when asked", () => {
	const resources = (count: number) =>
		Array.from({ length: count }, (_, i) => `"${i}":{"hex":"${"00".repeat(1000)}"}`).join(",");
	const text = `{"99":{"0":{${resources(30)}}},\n"100":{"0":{${resources(3)}}}}`;
	assert.equal(encode(text), "in:2:1: /100: expected a file of at most 32768 bytes, got 33154");
	assert.equal(encode(text, true).length, 2 * 33154);
	assert.equal(
		encode(`{"99":{"0":{${resources(70)}}}}`, true),
		"in:1:2: /99: expected a file of at most 32768 bytes, got more",
	);
	const limit = `{"99":{"0":{"0":{"hex":"${"00".repeat(32768 - 17)}"}}}}`;
	assert.equal(encode(limit).length, 2 * 32768);
	assert.match(encode(limit.replace('"00', '"0000')), /at most 32768 bytes, got 32769$/);
});

test("no message has a key in it", () => {
	const secret = "3x@mpl3P5K53cr3tK3y";
	for (const json of [
		`"${secret}"`,
		`["${secret}"]`,
		`{"text": "${secret}", "x": 1}`,
		`{"hex": "${secret}"}`,
		`{"base64": "${secret}"}`,
		`{"integer": "${secret}"}`,
	]) {
		for (const id of [5, 10, 17, 99]) {
			const { errors, warnings } = compile(source(`{"0":{"1":{"${id}":${json}}}}`), "in", false);
			assert.ok(![...errors, ...warnings].join().includes(secret), json);
		}
	}
	for (const text of [`{0: {1: {5: '${secret}' x}}}`, `{0: {1: {5: '${secret}}}}`, `{0: {1: {10: b'${secret}'}}}`]) {
		assert.ok(!encode(text).includes(secret), text);
	}
});

test("the schema that is shipped is the one that the registry gives, and knows every resource", () => {
	const shipped = JSON.parse(Buffer.from(rootFile("schema/bootstrap.schema.json")).toString());
	assert.deepEqual(shipped, JSON.parse(JSON.stringify(schema())));
	for (const name of ["serverUri", "lifetime", "accessControlOwner", "masterSecret", "$schema"]) {
		assert.ok(JSON.stringify(shipped).includes(`"${name}"`), name);
	}
});

const PIECES = [
	'"0":',
	'"1":',
	'"5":',
	'"10":',
	'"16":',
	'"objects":',
	'"id":',
	'"value":',
	'"instances":',
	'"resources":',
	'"version":',
	"{",
	"}",
	"[",
	"]",
	",",
	"1",
	'"x"',
	"true",
	"null",
	'{"hex":"00"}',
	"OID.Security:",
	"RID.Security.Mode:",
	"0:",
	"b'x'",
	"(0, 1)",
];

test("no configuration makes it throw, and every refusal has a place", (context) => {
	const basic = Buffer.from(rootFile("examples/anjay-basic.cfg")).toString();
	const array = Buffer.from(rootFile("examples/basic-array.json")).toString();
	fuzz(context, "encode", (dice, index) => {
		let text = "{";
		if (index % 2 === 0) for (let i = dice.below(12); i > 0; i--) text += PIECES[dice.below(PIECES.length)];
		else {
			text = index % 4 === 1 ? basic : array;
			for (let i = 1 + dice.below(3); i > 0; i--) {
				const at = dice.below(text.length);
				text =
					text.slice(0, at) +
					(dice.below(2) === 0 ? PIECES[dice.below(PIECES.length)] : "") +
					text.slice(at + dice.below(3));
			}
		}
		for (const lenient of [false, true]) {
			const { bytes, errors } = compile(source(text), "in", lenient);
			assert.equal(bytes === null, errors.length > 0);
			for (const error of errors) assert.match(error, /^in:\d+:\d+: .|^\.\.\. and more$/);
		}
	});
});
