// A configuration in JSON or in the dictionary format to the bytes of EF(LwM2M_Bootstrap), with all that is to be said about it.

import { FILE_MAX_BYTES } from "../src/index.js";
import { checkFile } from "./check-file.js";
import { build } from "./encode-build.js";
import { encodeFile } from "./encode-file.js";
import { readDictionary } from "./input/dictionary-reader.js";
import { readJson } from "./input/json-reader.js";
import type { Literal } from "./input/literal.js";
import { decodeSource, InputError, placeOf } from "./input/source.js";

export interface Compiled {
	/** Null when there are errors. */
	bytes: Uint8Array | null;
	errors: string[];
	warnings: string[];
}

/** More is not read by anyone. */
const MESSAGES_MAX = 20;

/**
 * Which of the two it is: the keys of JSON stand in double quotes, those of the dictionary format never do; comments are the
 * latter's.
 */
export function isDictionary(text: string): boolean {
	const found = /^\ufeff?(?:\s|#[^\n\r]*)*(\{?)(?:\s|#[^\n\r]*)*/.exec(text) as RegExpExecArray;
	if (found[0].includes("#")) return true;
	const next = text.charAt(found[0].length);
	return found[1] === "{" && next !== '"' && next !== "}" && next !== "";
}

/** "0/1/10", and what holds it. */
function placeIn(places: Map<string, number>, path: string): number {
	for (let inner = path; inner !== ""; inner = inner.slice(0, Math.max(0, inner.lastIndexOf("/")))) {
		const at = places.get(inner);
		if (at !== undefined) return at;
	}
	return places.get("") ?? 0;
}

class Messages {
	readonly errors: string[] = [];
	readonly warnings: string[] = [];
	private readonly name: string;
	private readonly text: string;

	constructor(name: string, text: string) {
		this.name = name;
		this.text = text;
	}

	add(list: string[], at: number, path: string, message: string): void {
		if (list.length === MESSAGES_MAX) list.push("... and more");
		if (list.length > MESSAGES_MAX) return;
		list.push(`${this.name}:${placeOf(this.text, at)}: ${path === "" ? "" : `/${path}: `}${message}`);
	}
}

function read(text: string): { literal: Literal; dictionary: boolean } {
	const dictionary = isDictionary(text);
	return { literal: dictionary ? readDictionary(text) : readJson(text), dictionary };
}

/** @param name what to call the source in messages */
export function compile(source: Uint8Array, name: string, lenient: boolean): Compiled {
	let text = "";
	try {
		text = decodeSource(source);
		if (text.trim() === "") throw new InputError("expected a configuration, got nothing", 0);
		const { literal, dictionary } = read(text);
		return compileLiteral(literal, { dictionary, lenient }, new Messages(name, text));
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		const before = text === "" ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(source) : text;
		const messages = new Messages(name, before);
		messages.add(messages.errors, error.at, "", error.message);
		return { bytes: null, errors: messages.errors, warnings: [] };
	}
}

function compileLiteral(
	literal: Literal,
	options: { dictionary: boolean; lenient: boolean },
	messages: Messages,
): Compiled {
	const { errors, warnings } = messages;
	const { objects, problems, places } = build(literal, options);
	for (const { at, path, message } of problems) messages.add(errors, at, path, message);
	if (problems.length > 0) return { bytes: null, errors, warnings };
	if (objects.length === 0 && !options.lenient) {
		messages.add(errors, literal.at, "", "expected at least one object, got none");
		return { bytes: null, errors, warnings };
	}
	const { bytes, ends } = encodeFile(objects);
	const largest = bytes === null ? "more" : `${bytes.length}`;
	if (bytes === null || (bytes.length > FILE_MAX_BYTES && !options.lenient)) {
		const over = ends.findIndex((end) => end > FILE_MAX_BYTES);
		const object = objects[over < 0 ? ends.length : over];
		const path = object === undefined ? "" : `${object.id}`;
		messages.add(
			errors,
			placeIn(places, path),
			path,
			`expected a file of at most ${FILE_MAX_BYTES} bytes, got ${largest}`,
		);
		return { bytes: null, errors, warnings };
	}
	for (const problem of checkFile(bytes).problems) {
		const refused = problem.ofValue === true && problem.severity === "error" && !options.lenient;
		const words = `${problem.message} (${problem.clause})`;
		messages.add(refused ? errors : warnings, placeIn(places, problem.path), problem.path, words);
	}
	return { bytes: errors.length > 0 ? null : bytes, errors, warnings };
}
