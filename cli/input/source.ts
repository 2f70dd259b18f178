// A text that is read: where in it the reader is, how deep and how much it may go, and what line and column a place has.

import { escapeText } from "../escape.js";

/** More than any bootstrap file takes, written out with every space that a printer may put in. */
export const INPUT_MAX_BYTES = 4 * 1024 * 1024;
/** The deepest form that is documented takes 11. */
export const DEPTH_MAX = 24;
const VALUES_MAX = 250_000;
/** Half a pair: there is no such character, and UTF-8 has no bytes for it. */
export const LONE_SURROGATE = /\p{Surrogate}/u;
/** A quotation in a message is no longer. */
const QUOTE_MAX = 40;

/** Something in the input is not as it has to be, at a place in the source. */
export class InputError extends Error {
	readonly at: number;

	constructor(message: string, at: number) {
		super(message);
		this.at = at;
	}
}

/** A name or a key in a message. */
export function quoted(text: string): string {
	const short = text.length > QUOTE_MAX ? text.slice(0, QUOTE_MAX) + "..." : text;
	return `"${escapeText(short)}"`;
}

/** "3:14", from 1; columns count UTF-16 units, as editors do. */
export function placeOf(text: string, at: number): string {
	let line = 1;
	let start = 0;
	const breaks = /\r\n|\n|\r/g;
	for (let found = breaks.exec(text); found !== null && breaks.lastIndex <= at; found = breaks.exec(text)) {
		line += 1;
		start = breaks.lastIndex;
	}
	return `${line}:${at - start + 1}`;
}

/**
 * Bytes as UTF-8.
 *
 * @throws InputError
 */
export function decodeSource(bytes: Uint8Array): string {
	const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
	try {
		return decoder.decode(bytes);
	} catch {
		// Up to where it is UTF-8.
		let good = 0;
		let bad = bytes.length;
		while (bad - good > 1) {
			const middle = (good + bad) >> 1;
			try {
				new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, middle), { stream: true });
				good = middle;
			} catch {
				bad = middle;
			}
		}
		// Not the beginning of a character that does not end.
		const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, good), { stream: true });
		throw new InputError("expected UTF-8, got other bytes", before.length);
	}
}

export class Reader {
	readonly text: string;
	at = 0;
	private depth = 0;
	private values = 0;

	constructor(text: string) {
		this.text = text;
		if (text.charCodeAt(0) === 0xfeff) this.at = 1;
	}

	get character(): string {
		return this.text.charAt(this.at);
	}

	/** Takes these characters if they come next. */
	take(characters: string): boolean {
		if (!this.text.startsWith(characters, this.at)) return false;
		this.at += characters.length;
		return true;
	}

	/** Takes what a sticky expression matches; null when it does not. */
	match(expression: RegExp): RegExpExecArray | null {
		expression.lastIndex = this.at;
		const found = expression.exec(this.text);
		if (found !== null) this.at = expression.lastIndex;
		return found;
	}

	/** One level deeper, for as long as `inside` takes. */
	within<T>(inside: () => T): T {
		if (this.depth === DEPTH_MAX) this.fail(`nested deeper than ${DEPTH_MAX} levels`, this.at);
		this.depth += 1;
		const result = inside();
		this.depth -= 1;
		return result;
	}

	/** One more value. */
	count(): void {
		this.values += 1;
		if (this.values > VALUES_MAX) this.fail(`more than ${VALUES_MAX} values`, this.at);
	}

	/** What stands here, in words. */
	get here(): string {
		if (this.at >= this.text.length) return "the end";
		return quoted(String.fromCodePoint(this.text.codePointAt(this.at) as number));
	}

	expected(what: string): never {
		this.fail(`expected ${what}, got ${this.here}`, this.at);
	}

	fail(message: string, at: number): never {
		throw new InputError(message, at);
	}
}
