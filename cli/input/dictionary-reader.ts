// The dictionary format of AVSystem's generator for Anjay: one dictionary of Python literals. Its literals are read, and nothing is
// ever evaluated: dictionaries, lists, tuples, strings and bytes (with prefixes, escapes, and joined when they stand side by side),
// integers, True, False, None, names with dots, comments and trailing commas (The Python Language Reference, 2.4 and 6.2).

import type { Literal } from "./literal.js";
import { LONE_SURROGATE, quoted, Reader } from "./source.js";

/** Spaces, ends of lines (also after a backslash), comments. */
const SPACE = /(?:[ \t\f\n\r]|\\\r?\n|#[^\n\r]*)*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*(?:[ \t]*\.[ \t]*[A-Za-z_][A-Za-z0-9_]*)*/y;
const STRING = /([bBrRuUfFtT]{0,2})('''|"""|'|")/y;
/** A run of characters that begins like a number; whether it is one is seen when its length is known to be harmless. */
const NUMBER = /([+-]?)[ \t]*(\.?[0-9](?:[eE][+-]|[0-9A-Za-z_.])*)/y;
const INTEGER = /^(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?0)*|[1-9](?:_?[0-9])*)$/;
const FLOAT = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
/** Longer than any integer that fits a resource. */
const DIGITS_MAX = 80;
const OCTAL = /[0-7]{1,3}/y;
const HEX_DIGITS: Readonly<Record<string, RegExp>> = {
	x: /[0-9a-fA-F]{2}/y,
	u: /[0-9a-fA-F]{4}/y,
	U: /[0-9a-fA-F]{8}/y,
};

const ESCAPES: Readonly<Record<string, string>> = {
	"\\": "\\",
	"'": "'",
	'"': '"',
	a: "\x07",
	b: "\b",
	f: "\f",
	n: "\n",
	r: "\r",
	t: "\t",
	v: "\v",
};

class DictionaryReader {
	private readonly reader: Reader;

	constructor(text: string) {
		this.reader = new Reader(text);
	}

	document(): Literal {
		const reader: Reader = this.reader;
		const value = this.value();
		this.space();
		if (reader.at < reader.text.length) reader.expected("nothing after the end of the dictionary");
		return value;
	}

	private space(): void {
		this.reader.match(SPACE);
	}

	private value(): Literal {
		const reader: Reader = this.reader;
		this.space();
		reader.count();
		const { at } = reader;
		if (reader.take("{")) return reader.within(() => this.map(at));
		if (reader.take("[")) return reader.within(() => ({ kind: "list", at, items: this.items("]").items }));
		if (reader.take("(")) return reader.within(() => this.parenthesised(at));
		if (this.stringFollows()) return this.strings(at);
		const number = reader.match(NUMBER);
		if (number !== null) return this.number(at, number);
		const name = reader.match(NAME);
		if (name === null) reader.expected("a value");
		return this.name(at, name[0].replace(/[ \t]/g, ""));
	}

	private name(at: number, name: string): Literal {
		const reader: Reader = this.reader;
		if (name === "True" || name === "False") return { kind: "boolean", at, value: name === "True" };
		if (name === "None") return { kind: "nothing", at };
		this.space();
		if (reader.character === "(" || reader.character === "[") {
			reader.fail(
				`${quoted(name)} is called here, but nothing is evaluated: write the value itself, bytes as b'\\x00\\x01'`,
				at,
			);
		}
		if (!/^(OID|RID)\./.test(name)) {
			reader.fail(`expected a value, got ${quoted(name)}: the names that are known begin with OID. and RID.`, at);
		}
		return { kind: "name", at, value: name };
	}

	private number(at: number, [, sign, words]: RegExpExecArray): Literal {
		const reader: Reader = this.reader;
		if (words.length > DIGITS_MAX) reader.fail("a number with too many digits", at);
		if (INTEGER.test(words)) {
			const size = BigInt(words.replaceAll("_", ""));
			const value = sign === "-" ? -size : size;
			return { kind: "number", at, value, nearest: Number(value) };
		}
		if (!FLOAT.test(words) || /^0[0-9]+$/.test(words)) reader.fail(`${quoted(words)} is no number`, at);
		return { kind: "number", at, value: null, nearest: Number(sign + words) };
	}

	private map(at: number): Literal {
		const reader: Reader = this.reader;
		const entries: { key: Literal; value: Literal }[] = [];
		const known = new Set<string>();
		for (;;) {
			this.space();
			if (reader.take("}")) return { kind: "map", at, entries };
			const key = this.value();
			if (key.kind !== "number" && key.kind !== "name") {
				reader.fail("expected a number or a name like OID.Security as a key", key.at);
			}
			const words = String(key.value);
			if (known.has(words)) reader.fail(`the key ${quoted(words)} stands here a second time`, key.at);
			known.add(words);
			this.space();
			if (!reader.take(":")) reader.expected('":"');
			entries.push({ key, value: this.value() });
			this.space();
			if (!reader.take(",") && reader.character !== "}") reader.expected('"," or "}"');
		}
	}

	private items(end: string): { items: Literal[]; comma: boolean } {
		const reader: Reader = this.reader;
		const items: Literal[] = [];
		let comma = false;
		for (;;) {
			this.space();
			if (reader.take(end)) return { items, comma };
			items.push(this.value());
			this.space();
			comma = reader.take(",");
			if (!comma && reader.character !== end) reader.expected(`"," or "${end}"`);
		}
	}

	/** A tuple, or one value in parentheses. */
	private parenthesised(at: number): Literal {
		const { items, comma } = this.items(")");
		return items.length === 1 && !comma ? items[0] : { kind: "list", at, items };
	}

	private stringFollows(): boolean {
		STRING.lastIndex = this.reader.at;
		return STRING.test(this.reader.text);
	}

	/** Strings or bytes side by side are one. */
	private strings(at: number): Literal {
		const reader: Reader = this.reader;
		const parts: string[] = [];
		let bytes: boolean | null = null;
		for (;;) {
			const partAt = reader.at;
			const found = reader.match(STRING) as RegExpExecArray;
			const prefix = found[1].toLowerCase();
			if (!["", "b", "r", "u", "br", "rb"].includes(prefix)) {
				reader.fail(`strings with the prefix ${quoted(found[1])} are not read: nothing is evaluated`, partAt);
			}
			const isBytes = prefix.includes("b");
			if (bytes !== null && bytes !== isBytes)
				reader.fail("bytes and a string side by side cannot be one value", partAt);
			bytes = isBytes;
			parts.push(this.rest(partAt, found[2], isBytes, prefix.includes("r")));
			this.space();
			if (!this.stringFollows()) break;
		}
		const value = parts.join("");
		if (bytes) return { kind: "bytes", at, value: Uint8Array.from(value, (character) => character.charCodeAt(0)) };
		if (LONE_SURROGATE.test(value)) reader.fail("a string with half a surrogate pair, which is no character", at);
		return { kind: "text", at, value };
	}

	/** What follows the opening quotes. */
	private rest(start: number, quotes: string, bytes: boolean, raw: boolean): string {
		const reader: Reader = this.reader;
		const { text } = reader;
		const parts: string[] = [];
		const plain = quotes.length === 1 ? /[^'"\\\n\r]+/y : /[^'"\\\r]+/y;
		for (;;) {
			const from = reader.at;
			const run = reader.match(plain);
			if (run !== null) {
				if (bytes) {
					for (let i = 0; i < run[0].length; i++) {
						if (run[0].charCodeAt(i) > 0x7f) reader.fail("bytes hold ASCII and escapes like \\xC3 only", from + i);
					}
				}
				parts.push(run[0]);
			}
			if (reader.take(quotes)) return parts.join("");
			const { at, character } = reader;
			if (at >= text.length) reader.fail("a string that does not end", start);
			if (character === "\\") {
				reader.at += 1;
				parts.push(raw ? this.rawEscape(start) : this.escape(bytes));
			} else if (character === "\r") {
				if (quotes.length === 1) reader.fail("a string that does not end on its line", start);
				// As Python reads it.
				reader.at += text.startsWith("\r\n", at) ? 2 : 1;
				parts.push("\n");
			} else if (character === "\n") {
				reader.fail("a string that does not end on its line", start);
			} else {
				parts.push(character);
				reader.at += 1;
			}
		}
	}

	/** Nothing is an escape, but a quote behind a backslash does not end the string. */
	private rawEscape(start: number): string {
		const reader: Reader = this.reader;
		if (reader.at >= reader.text.length) reader.fail("a string that does not end", start);
		const { character } = reader;
		reader.at += 1;
		return "\\" + character;
	}

	private escape(bytes: boolean): string {
		const reader: Reader = this.reader;
		const at = reader.at - 1;
		// A line that goes on.
		if (reader.take("\r\n") || reader.take("\n") || reader.take("\r")) return "";
		const octal = reader.match(OCTAL);
		if (octal !== null) {
			const value = Number.parseInt(octal[0], 8);
			if (value > 0xff) reader.fail("an octal escape above \\377", at);
			return String.fromCharCode(value);
		}
		const { character } = reader;
		if (ESCAPES[character] !== undefined) {
			reader.at += 1;
			return ESCAPES[character];
		}
		if (character === "x" || (!bytes && (character === "u" || character === "U"))) {
			reader.at += 1;
			const digits = reader.match(HEX_DIGITS[character]);
			if (digits === null) reader.fail(`too few hex digits after \\${character}`, at);
			const value = Number.parseInt(digits[0], 16);
			if (value > 0x10ffff) reader.fail("an escape above \\U0010FFFF", at);
			return String.fromCodePoint(value);
		}
		if (character === "N" && !bytes) reader.fail("\\N{...} is not read: write the character, or \\uXXXX", at);
		// Python leaves it as it is.
		return "\\";
	}
}

/** @throws InputError */
export function readDictionary(text: string): Literal {
	return new DictionaryReader(text).document();
}
