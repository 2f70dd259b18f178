// The input of a command: a file, or standard input, of a size that is looked at before it is taken.

import { closeSync, openSync, readSync } from "node:fs";
import { INPUT_MAX_BYTES, placeOf, quoted } from "./source.js";

/** What is shown in front of line and column. */
export function inputName(path: string | undefined): string {
	return path === undefined || path === "-" ? "standard input" : path;
}

function tooLarge(): Error {
	return new Error(`it is larger than ${INPUT_MAX_BYTES} bytes`);
}

/** @throws Error of the operating system, or for an input that is too large */
export async function readInput(path: string | undefined): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	let length = 0;
	if (path === undefined || path === "-") {
		for await (const part of process.stdin) {
			length += (part as Buffer).length;
			if (length > INPUT_MAX_BYTES) throw tooLarge();
			parts.push(part as Buffer);
		}
		return new Uint8Array(Buffer.concat(parts));
	}
	const file = openSync(path, "r");
	try {
		for (;;) {
			const part = new Uint8Array(65536);
			const count = readSync(file, part);
			if (count === 0) return new Uint8Array(Buffer.concat(parts));
			length += count;
			if (length > INPUT_MAX_BYTES) throw tooLarge();
			parts.push(part.subarray(0, count));
		}
	} finally {
		closeSync(file);
	}
}

/** White space and colons between pairs of hex digits are as good as none. */
const HEX_FILE = /^\s*([0-9A-Fa-f]{2}[\s:]*)+$/;

/** The bytes of a card's file that came as they are, or as hex digits: the first byte of one is 00, which no digit is. */
export function fileBytes(input: Uint8Array): Uint8Array {
	if (input.length === 0 || input[0] === 0) return input;
	const text = Buffer.from(input).toString("latin1");
	return HEX_FILE.test(text) ? new Uint8Array(Buffer.from(text.replace(/[\s:]/g, ""), "hex")) : input;
}

/** No control characters but white space. */
const TEXT = /^[\P{Cc}\s]+$/u;
/** A file that was meant to be hex digits. */
const DIGITS = /^[\s:]*[0-9A-Fa-f]{2}[\s:]*[0-9A-Fa-f]{2}/;

export interface OtherText {
	problem: string;
	/** What to do with it. */
	hint: string;
	/** Hex digits are what it was meant to be. */
	digits: boolean;
}

/** What an input is that is neither bytes nor hex digits, but a text; null for bytes. */
export function otherText(input: Uint8Array): OtherText | null {
	let text: string;
	try {
		text = new TextDecoder("utf-8", { fatal: true }).decode(input);
	} catch {
		return null;
	}
	if (!TEXT.test(text)) return null;
	if (/^\s*[{[#]/.test(text)) {
		return { problem: "it looks like a configuration", hint: '"simstrap encode" makes a file of it', digits: false };
	}
	const hint = "give the bytes of a file, or their hex digits";
	const digits = DIGITS.test(text);
	if (!digits) return { problem: "it is a text", hint, digits };
	const at = text.search(/[^0-9A-Fa-f\s:]/);
	if (at < 0)
		return { problem: "half a byte stands alone among its hex digits", hint: "two digits make a byte", digits };
	const wrong = quoted(String.fromCodePoint(text.codePointAt(at) as number));
	return { problem: `expected hex digits at ${placeOf(text, at)}, got ${wrong}`, hint, digits };
}
