// JSON (RFC 8259), strictly, with what JSON.parse does not tell: the order of keys that look like numbers, keys that stand twice,
// integers of any size, and the place of everything.

import type { Literal } from "./literal.js";
import { LONE_SURROGATE, quoted, Reader } from "./source.js";

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows no control character in a string
const PLAIN = /[^"\\\u0000-\u001f]+/y;
const HEX4 = /[0-9a-fA-F]{4}/y;
const WORD = /[A-Za-z_]+/y;
/** Longer than any integer that fits a resource. */
const DIGITS_MAX = 40;

const ESCAPES: Readonly<Record<string, string>> = {
	'"': '"',
	"\\": "\\",
	"/": "/",
	b: "\b",
	f: "\f",
	n: "\n",
	r: "\r",
	t: "\t",
};

class JsonReader {
	private readonly reader: Reader;

	constructor(text: string) {
		this.reader = new Reader(text);
	}

	document(): Literal {
		const reader: Reader = this.reader;
		const value = this.value();
		reader.match(SPACE);
		if (reader.at < reader.text.length) reader.expected("nothing after the end of the value");
		return value;
	}

	private value(): Literal {
		const reader: Reader = this.reader;
		reader.match(SPACE);
		reader.count();
		const { at } = reader;
		if (reader.take("{")) return reader.within(() => this.map(at));
		if (reader.take("[")) return reader.within(() => this.list(at));
		if (reader.character === '"') return { kind: "text", at, value: this.text() };
		const number = reader.match(NUMBER);
		if (number !== null) {
			const [words, , fraction, exponent] = number;
			if (words.length > DIGITS_MAX) reader.fail("a number with too many digits", at);
			const whole = fraction === undefined && exponent === undefined;
			return { kind: "number", at, value: whole ? BigInt(words) : null, nearest: Number(words) };
		}
		const word = reader.match(WORD);
		if (word === null) reader.expected("a value");
		if (word[0] === "true" || word[0] === "false") return { kind: "boolean", at, value: word[0] === "true" };
		if (word[0] === "null") return { kind: "nothing", at };
		reader.fail(`expected a value, got ${quoted(word[0])}`, at);
	}

	private map(at: number): Literal {
		const reader: Reader = this.reader;
		const entries: { key: Literal; value: Literal }[] = [];
		const known = new Set<string>();
		reader.match(SPACE);
		if (reader.take("}")) return { kind: "map", at, entries };
		for (;;) {
			reader.match(SPACE);
			const keyAt = reader.at;
			if (reader.character !== '"')
				reader.expected(entries.length === 0 ? 'a key in quotes or "}"' : "a key in quotes");
			const key = this.text();
			if (known.has(key)) reader.fail(`the key ${quoted(key)} stands here a second time`, keyAt);
			known.add(key);
			reader.match(SPACE);
			if (!reader.take(":")) reader.expected('":"');
			entries.push({ key: { kind: "text", at: keyAt, value: key }, value: this.value() });
			reader.match(SPACE);
			if (reader.take("}")) return { kind: "map", at, entries };
			if (!reader.take(",")) reader.expected('"," or "}"');
		}
	}

	private list(at: number): Literal {
		const reader: Reader = this.reader;
		const items: Literal[] = [];
		reader.match(SPACE);
		if (reader.take("]")) return { kind: "list", at, items };
		for (;;) {
			items.push(this.value());
			reader.match(SPACE);
			if (reader.take("]")) return { kind: "list", at, items };
			if (!reader.take(",")) reader.expected('"," or "]"');
		}
	}

	private text(): string {
		const reader: Reader = this.reader;
		const start = reader.at;
		const parts: string[] = [];
		reader.at += 1;
		for (;;) {
			const plain = reader.match(PLAIN);
			if (plain !== null) parts.push(plain[0]);
			if (reader.take('"')) break;
			if (reader.at >= reader.text.length) reader.fail("a string that does not end", start);
			if (reader.character === "\n" || reader.character === "\r") {
				reader.fail("a string that does not end on its line: a quotation mark is missing", start);
			}
			if (!reader.take("\\")) reader.fail("a control character in a string: write it as \\uXXXX", reader.at);
			parts.push(this.escape());
		}
		const text = parts.join("");
		if (LONE_SURROGATE.test(text)) reader.fail("a string with half a surrogate pair, which is no character", start);
		return text;
	}

	private escape(): string {
		const reader: Reader = this.reader;
		if (reader.take("u")) {
			const digits = reader.match(HEX4);
			if (digits === null) reader.expected("four hex digits after \\u");
			return String.fromCharCode(Number.parseInt(digits[0], 16));
		}
		const character = ESCAPES[reader.character];
		if (character === undefined || reader.character === "") reader.expected('one of " \\ / b f n r t u after \\');
		reader.at += 1;
		return character;
	}
}

/** @throws InputError */
export function readJson(text: string): Literal {
	return new JsonReader(text).document();
}
