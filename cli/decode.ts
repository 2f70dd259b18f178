// `simstrap decode`: shows what is in a bootstrap file.

import { OK } from "../src/index.js";
import type { Arguments } from "./args.js";
import { type Structure, structureOf } from "./check-structure.js";
import type { Command } from "./command.js";
import type { Console } from "./console.js";
import { treeOf } from "./decode-tree.js";
import { objectsJson } from "./decode-values.js";
import { counted, escapeText, safeJson } from "./escape.js";
import { EXIT_OK, EXIT_USAGE } from "./exit.js";
import { fileBytes, inputName, otherText, readInput } from "./input/read-input.js";
import { messageOf } from "./messages.js";
import { systemWords } from "./output-file.js";

/** The bytes of the file that the operand names; null when it cannot be read, and why has been said. */
export async function readFileOperand(args: Arguments, console: Console): Promise<Uint8Array | null> {
	const [path] = args.operands;
	const name = escapeText(inputName(path));
	try {
		const input = await readInput(path);
		const bytes = fileBytes(input);
		const other = bytes === input ? otherText(input) : null;
		if (other === null) return bytes;
		console.complain(`${name} is no bootstrap file: ${other.problem}`, other.hint);
	} catch (error) {
		console.complain(`reading ${name} failed: ${escapeText(systemWords(error))}`);
	}
	return null;
}

/** The first error in one sentence. */
function failureWords(structure: Structure, name: string): string {
	const first = structure.problems.find(({ severity }) => severity === "error");
	const words = first?.message ?? messageOf(structure.code).sentence;
	return `${name} is malformed at byte ${structure.errorOffset}: ${words}; "simstrap check" tells more`;
}

async function decode(args: Arguments, console: Console): Promise<number> {
	const bytes = await readFileOperand(args, console);
	if (bytes === null) return EXIT_USAGE;
	const structure = structureOf(bytes);
	const showSecrets = args.has("show-secrets");
	const failure = structure.code === OK ? null : failureWords(structure, escapeText(inputName(args.operands[0])));
	if (args.has("json")) {
		const { code, errorOffset: offset } = structure;
		if (failure === null) {
			console.print(safeJson({ size: structure.length, objects: objectsJson(structure, showSecrets) }));
		} else console.print(safeJson({ error: { code, name: messageOf(code).name, offset, message: failure } }));
	} else {
		if (structure.objects.length > 0) console.print(treeOf(structure, showSecrets));
		const padding = bytes.length - structure.length;
		const behind = padding > 0 && structure.length > 0 ? `, and ${padding} behind it` : "";
		if (failure === null) console.print(`${counted(structure.length, "byte")}${behind}`);
	}
	if (failure !== null) console.complain(failure);
	return failure === null ? EXIT_OK : EXIT_USAGE;
}

export const DECODE: Command = {
	name: "decode",
	summary: "shows what is in a bootstrap file",
	usage: "[FILE] [OPTIONS]",
	operands: 1,
	options: [
		{ name: "json", help: "print one JSON object, which `simstrap encode` takes" },
		{ name: "show-secrets", help: "show keys" },
		{ name: "help", letter: "h", help: "print this" },
	],
	notes: [
		"FILE holds the file's bytes or its hex digits; without it, or with -, standard input is read. Offsets are those of the TLVs. " +
			"With --json and --show-secrets, `simstrap encode --lenient` makes the same bytes again of whatever is encoded canonically.",
		"Exit codes: 0 it was read; 2 it is malformed, or cannot be read.",
	],
	examples: [
		[
			"echo 00010025000000002008001DC80014636F61703A2F2F6C776D326D2E6578616D706C65C10101C10203 | simstrap decode",
			"a Bootstrap-Server Account",
		],
	],
	run: decode,
};
