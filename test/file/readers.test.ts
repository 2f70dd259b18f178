// cli/input/: the readers of JSON and of the dictionary format. Every value with its place, every refusal with line and column.

import assert from "node:assert/strict";
import test from "node:test";
import { isDictionary } from "../../cli/encode-source.js";
import { readDictionary } from "../../cli/input/dictionary-reader.js";
import { readJson } from "../../cli/input/json-reader.js";
import type { Literal } from "../../cli/input/literal.js";
import { DEPTH_MAX, decodeSource, InputError, placeOf } from "../../cli/input/source.js";
import type { Random } from "../../virtual/index.js";
import { fuzz } from "./tools.js";

/** A literal as a plain value; maps as lists of pairs, which keep their order. */
function plain(literal: Literal): unknown {
	switch (literal.kind) {
		case "map":
			return { map: literal.entries.map(({ key, value }) => [plain(key), plain(value)]) };
		case "list":
			return literal.items.map(plain);
		case "bytes":
			return { bytes: Buffer.from(literal.value).toString("latin1") };
		case "number":
			return literal.value ?? { near: literal.nearest };
		case "nothing":
			return null;
		case "name":
			return { name: literal.value };
		default:
			return literal.value;
	}
}

/** "line:column message", or the value. */
function attempt(read: (text: string) => Literal, text: string): string | { value: unknown } {
	try {
		return { value: plain(read(text)) };
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		return `${placeOf(text, error.at)} ${error.message}`;
	}
}

test("JSON keeps the order of keys that look like numbers, and integers of any size", () => {
	const text = '{"10": 9007199254740993, "2": -0, "1": 1.5e1, "x": ["\\u00e9\\n\\ud83d\\ude00", true, null, {}]}';
	assert.deepEqual(attempt(readJson, text), {
		value: {
			map: [
				["10", 9007199254740993n],
				["2", 0n],
				["1", { near: 15 }],
				["x", ["\u00e9\n\u{1f600}", true, null, { map: [] }]],
			],
		},
	});
});

test("JSON that is none is refused where it goes wrong", () => {
	for (const [text, words] of [
		["", "1:1 expected a value, got the end"],
		["\n\t {", '2:4 expected a key in quotes or "}", got the end'],
		['{"a": 1,}', '1:9 expected a key in quotes, got "}"'],
		['{"a" 1}', '1:6 expected ":", got "1"'],
		['{"a": 1 "b": 2}', '1:9 expected "," or "}", got """'],
		['{"a": 1,\r\n "a": 2}', '2:2 the key "a" stands here a second time'],
		['{"a": 1, "\\u0061": 2}', '1:10 the key "a" stands here a second time'],
		["[1, 2,]", '1:7 expected a value, got "]"'],
		["[1 2]", '1:4 expected "," or "]", got "2"'],
		["[01]", '1:3 expected "," or "]", got "1"'],
		["[1.]", '1:3 expected "," or "]", got "."'],
		["[+1]", '1:2 expected a value, got "+"'],
		["[NaN]", '1:2 expected a value, got "NaN"'],
		["'a'", '1:1 expected a value, got "\'"'],
		["// x", '1:1 expected a value, got "/"'],
		['"abc', "1:1 a string that does not end"],
		['"a\nb"', "1:1 a string that does not end on its line: a quotation mark is missing"],
		['"a\tb"', "1:3 a control character in a string: write it as \\uXXXX"],
		['"\\x41"', '1:3 expected one of " \\ / b f n r t u after \\, got "x"'],
		['"\\u12"', '1:4 expected four hex digits after \\u, got "1"'],
		['["\\ud800"]', "1:2 a string with half a surrogate pair, which is no character"],
		["1 2", '1:3 expected nothing after the end of the value, got "2"'],
		[`[${"9".repeat(41)}]`, "1:2 a number with too many digits"],
		[`["\u{1f600}", x]`, '1:8 expected a value, got "x"'],
	] as [string, string][]) {
		assert.equal(attempt(readJson, text), words, text);
	}
});

test("the dictionary format has Python's literals", () => {
	for (const [text, value] of [
		["{}", { map: [] }],
		["{1: 2,}", { map: [[1n, 2n]] }],
		[
			"# a\n{ # b\n0x10: 0b11, 0o17: 1_000 } # c",
			{
				map: [
					[16n, 3n],
					[15n, 1000n],
				],
			},
		],
		[
			"[True, False, None, -5, - 5, +7, 0, 00, 1.5, 1e3, .5]",
			[true, false, null, -5n, -5n, 7n, 0n, 0n, { near: 1.5 }, { near: 1000 }, { near: 0.5 }],
		],
		["('a')", "a"],
		["('a',)", ["a"]],
		["()", []],
		["(1, 2)", [1n, 2n]],
		["'a' \"b\" # c\n '''d\n'e'''", "abd\n'e"],
		["b'a\\x00\\377\\n' rb'\\x' Br\"'\"", { bytes: "a\x00\xff\n\\x'" }],
		["'\\u00e9\\U0001F600\\x41\\101\\q\\\\'", "\u00e9\u{1f600}AA\\q\\"],
		["r'\\'x'", "\\'x"],
		["'a\\\nb'", "ab"],
		["'''a\r\nb'''", "a\nb"],
		["u'\u00e9'", "\u00e9"],
		["{OID.Security: RID . Security . Mode}", { map: [[{ name: "OID.Security" }, { name: "RID.Security.Mode" }]] }],
		["[\\\n1]", [1n]],
		["\ufeff1", 1n],
	] as [string, unknown][]) {
		assert.deepEqual(attempt(readDictionary, text), { value }, text);
	}
});

test("what is no literal is refused where it stands, and never run", () => {
	for (const [text, words] of [
		["{", "1:2 expected a value, got the end"],
		["{1: 2 3: 4}", '1:7 expected "," or "}", got "3"'],
		["{1 2}", '1:4 expected ":", got "2"'],
		["{'a': 1}", "1:2 expected a number or a name like OID.Security as a key"],
		["{1: 2,\n 0x1: 3}", '2:2 the key "1" stands here a second time'],
		[
			"__import__('os').system('true')",
			"1:1 \"__import__\" is called here, but nothing is evaluated: write the value itself, bytes as b'\\x00\\x01'",
		],
		[
			"bytes.fromhex('00')",
			"1:1 \"bytes.fromhex\" is called here, but nothing is evaluated: write the value itself, bytes as b'\\x00\\x01'",
		],
		["x", '1:1 expected a value, got "x": the names that are known begin with OID. and RID.'],
		["1 + 1", '1:3 expected nothing after the end of the dictionary, got "+"'],
		["'a' * 3", '1:5 expected nothing after the end of the dictionary, got "*"'],
		["[i for i in 5]", '1:2 expected a value, got "i": the names that are known begin with OID. and RID.'],
		["f'{x}'", '1:1 strings with the prefix "f" are not read: nothing is evaluated'],
		["'a' b'b'", "1:5 bytes and a string side by side cannot be one value"],
		["b'\u00e9'", "1:3 bytes hold ASCII and escapes like \\xC3 only"],
		["'abc", "1:1 a string that does not end"],
		["'abc\n'", "1:1 a string that does not end on its line"],
		["'''abc'", "1:1 a string that does not end"],
		["'\\x4'", "1:2 too few hex digits after \\x"],
		["b'\\u0041' 1", '1:11 expected nothing after the end of the dictionary, got "1"'],
		["'\\N{DASH}'", "1:2 \\N{...} is not read: write the character, or \\uXXXX"],
		["'\\U00110000'", "1:2 an escape above \\U0010FFFF"],
		["'\\400'", "1:2 an octal escape above \\377"],
		["'\\ud800'", "1:1 a string with half a surrogate pair, which is no character"],
		["007", '1:1 "007" is no number'],
		["1__0", '1:1 "1__0" is no number'],
		["0x", '1:1 "0x" is no number'],
		["1.2.3", '1:1 "1.2.3" is no number'],
		["(,)", '1:2 expected a value, got ","'],
		["[,]", '1:2 expected a value, got ","'],
	] as [string, string][]) {
		assert.equal(attempt(readDictionary, text), words, text);
	}
});

test("which of the two it is is seen from the first characters", () => {
	for (const text of ['{"a"', "{}", "[", "", '\ufeff { \n "', "nonsense", "{"])
		assert.equal(isDictionary(text), false, text);
	for (const text of ["{1", "{OID", "# x\n{", "{ # x\n", "{'a'", "\ufeff{\n\t0"])
		assert.equal(isDictionary(text), true, text);
});

test("nesting and the number of values have limits, in any shape", () => {
	for (const open of ["[", '{"a":']) {
		const text = open.repeat(DEPTH_MAX + 1);
		assert.match(String(attempt(readJson, text)), /^1:\d+ nested deeper than/);
		assert.match(String(attempt(readJson, open.repeat(500000))), /^1:\d+ nested deeper than/);
	}
	for (const open of ["[", "{1:", "(", "(1, ("]) {
		assert.match(String(attempt(readDictionary, open.repeat(500000))), /^1:\d+ nested deeper than/);
	}
	const many = "1,".repeat(300000);
	assert.match(String(attempt(readJson, `[${many}`)), /more than 250000 values/);
	assert.match(String(attempt(readDictionary, `[${many}`)), /more than 250000 values/);
});

test("long inputs take time in proportion", () => {
	const started = performance.now();
	for (const read of [readJson, readDictionary]) {
		attempt(read, `"${"\\n".repeat(500000)}`);
		attempt(read, `"${"a".repeat(1000000)}`);
		attempt(read, " ".repeat(1000000));
		attempt(read, `[${"[],".repeat(100000)}`);
	}
	attempt(readDictionary, "#\n".repeat(500000));
	attempt(readDictionary, "'a' ".repeat(200000));
	attempt(readDictionary, `0x${"_0".repeat(500000)}`);
	attempt(readDictionary, `${"1_".repeat(500000)}x`);
	attempt(readDictionary, `${"9".repeat(500000)}x`);
	isDictionary(" \n#".repeat(300000));
	isDictionary(`{${" \n".repeat(500000)}`);
	assert.ok(performance.now() - started < 8000, `${performance.now() - started} ms`);
});

test("bytes that are no UTF-8 have a place", () => {
	for (const [bytes, place] of [
		[[0xff], "1:1"],
		[[0x61, 0x0a, 0x62, 0xc3, 0x28], "2:2"],
		[[0xc3, 0xa9, 0xe2, 0x82], "1:2"],
	] as [number[], string][]) {
		const source = Uint8Array.from(bytes);
		const text = Buffer.from(source).toString();
		assert.throws(
			() => decodeSource(source),
			(error) => error instanceof InputError && placeOf(text, error.at) === place,
		);
	}
	assert.equal(decodeSource(Uint8Array.from([0xc3, 0xa9])), "\u00e9");
});

const JSON_PIECES = [
	"{",
	"}",
	"[",
	"]",
	",",
	":",
	'"',
	'"a"',
	'"1"',
	"1",
	"-",
	"0",
	".5",
	"e3",
	"true",
	"null",
	" ",
	"\n",
	"\\",
	"\\u00",
	"x",
];
const DICTIONARY_PIECES = [
	"{",
	"}",
	"[",
	"]",
	"(",
	")",
	",",
	":",
	"'",
	'"',
	"'''",
	"b'a'",
	"1",
	"0x",
	"-",
	"_",
	".",
	"True",
	"OID.Security",
	"RID",
	"#",
	" ",
	"\n",
	"\\",
	"\\x4",
];

function soup(dice: Random, pieces: readonly string[]): string {
	let text = "";
	for (let i = dice.below(14); i > 0; i--) text += pieces[dice.below(pieces.length)];
	return text;
}

function randomJson(dice: Random, depth: number): unknown {
	const kind = dice.below(depth > 4 ? 4 : 6);
	if (kind === 0) return dice.next() - dice.next();
	if (kind === 1) return dice.below(2) === 0;
	if (kind === 2) return null;
	if (kind === 3) return String.fromCharCode(...Array.from({ length: dice.below(5) }, () => dice.below(300)));
	const members = Array.from({ length: dice.below(4) }, () => randomJson(dice, depth + 1));
	if (kind === 4) return members;
	return Object.fromEntries(members.map((member, i) => [`k${i}"\n`, member]));
}

/** As JSON.parse gives it. */
function usual(literal: Literal): unknown {
	if (literal.kind === "map") {
		return Object.fromEntries(
			literal.entries.map(({ key, value }) => [key.kind === "text" ? key.value : "", usual(value)]),
		);
	}
	if (literal.kind === "list") return literal.items.map(usual);
	if (literal.kind === "number") return literal.nearest;
	return literal.kind === "nothing" ? null : (literal as { value: unknown }).value;
}

test("what JSON.parse takes is taken, and what it refuses is refused", (context) => {
	fuzz(context, "json-reader", (dice) => {
		let text = dice.below(2) === 0 ? soup(dice, JSON_PIECES) : JSON.stringify(randomJson(dice, 0), null, dice.below(3));
		if (dice.below(3) === 0) {
			const at = dice.below(text.length + 1);
			text = text.slice(0, at) + soup(dice, JSON_PIECES).slice(0, dice.below(3)) + text.slice(at + dice.below(3));
		}
		let expected: unknown;
		let good = true;
		try {
			expected = JSON.parse(text);
		} catch {
			good = false;
		}
		try {
			const literal = readJson(text);
			assert.ok(good, text);
			// -0 is 0 as an integer.
			assert.equal(JSON.stringify(usual(literal)), JSON.stringify(expected), text);
		} catch (error) {
			if (!(error instanceof InputError)) throw error;
			assert.ok(error.at >= 0 && error.at <= text.length, text);
			// Stricter only here.
			if (good) assert.match(error.message, /second time|surrogate|too many digits/, text);
		}
	});
});

test("nothing makes the dictionary reader throw anything but a refusal with a place", (context) => {
	fuzz(context, "dictionary-reader", (dice) => {
		const text = soup(dice, DICTIONARY_PIECES);
		try {
			readDictionary(text);
		} catch (error) {
			if (!(error instanceof InputError)) throw error;
			assert.ok(error.at >= 0 && error.at <= text.length, text);
		}
	});
});
