// `simstrap encode`: a configuration in JSON or in the dictionary format to EF(LwM2M_Bootstrap).

import { type Arguments, UsageError } from "./args.js";
import type { Command } from "./command.js";
import type { Console } from "./console.js";
import { schema } from "./encode-schema.js";
import { compile } from "./encode-source.js";
import { counted, escapeText, toHex } from "./escape.js";
import { EXIT_OK, EXIT_USAGE } from "./exit.js";
import { fileBytes, inputName, otherText, readInput } from "./input/read-input.js";
import { OutputFile, systemWords } from "./output-file.js";

const FORMATS = ["bin", "hex"];

/** Compiles a configuration; null when it was refused, and why has been said. */
export function compileBytes(source: Uint8Array, name: string, lenient: boolean, console: Console): Uint8Array | null {
	const other = otherText(source);
	if (other?.digits) {
		console.complain(`${name} is no configuration, and no bootstrap file either: ${other.problem}`, other.hint);
		return null;
	}
	const { bytes, errors, warnings } = compile(source, name, lenient);
	source.fill(0);
	for (const warning of warnings) console.note(`warning: ${warning}`);
	for (const error of errors) console.note(`error: ${error}`);
	return bytes;
}

/** Reads a configuration and compiles it; null when it was refused, and why has been said. */
async function compileInput(path: string | undefined, lenient: boolean, console: Console): Promise<Uint8Array | null> {
	const name = escapeText(inputName(path));
	let source: Uint8Array;
	try {
		source = await readInput(path);
	} catch (error) {
		console.complain(`reading ${name} failed: ${escapeText(systemWords(error))}`);
		return null;
	}
	if (source[0] === 0 || fileBytes(source) !== source) {
		console.complain(`${name} is a bootstrap file, expected a configuration`, '"simstrap decode" shows what is in it');
		return null;
	}
	return compileBytes(source, name, lenient, console);
}

async function encode(args: Arguments, console: Console): Promise<number> {
	if (args.has("schema")) {
		console.print(JSON.stringify(schema(), null, "\t"));
		return EXIT_OK;
	}
	const format = args.text("format") ?? "bin";
	if (!FORMATS.includes(format)) throw new UsageError(`--format: expected bin or hex, got "${format}"`);
	const config = args.text("config");
	if (config === "") throw new UsageError("--config: expected the name of a file, got nothing");
	const target = args.text("output");
	if (target === "") throw new UsageError("--output: expected the name of a file, got nothing");
	const bytes = await compileInput(config, args.has("lenient"), console);
	if (bytes === null) return EXIT_USAGE;
	const output = format === "hex" ? Buffer.from(`${toHex(bytes)}\n`) : bytes;
	if (target === undefined || target === "-") {
		console.printBytes(output);
		return EXIT_OK;
	}
	try {
		const file = new OutputFile(target);
		file.commit(output);
	} catch (error) {
		console.complain(`writing ${escapeText(target)} failed: ${escapeText(systemWords(error))}`);
		return EXIT_USAGE;
	}
	console.note(`wrote ${counted(bytes.length, "byte")} to ${escapeText(target)}`);
	return EXIT_OK;
}

export const ENCODE: Command = {
	name: "encode",
	summary: "makes a bootstrap file from JSON or from the dictionary format of Anjay's generator",
	usage: "[-c FILE] [-o FILE] [OPTIONS]",
	options: [
		{ name: "config", letter: "c", value: "FILE", help: "the configuration; without it, or with -, standard input" },
		{ name: "output", letter: "o", value: "FILE", help: "where to write to; without it, or with -, standard output" },
		{ name: "format", value: "bin|hex", help: "bytes (the default), or hex digits" },
		{ name: "lenient", help: "write what was asked even where it is wrong, for test cards" },
		{ name: "schema", help: "print the JSON Schema of the configuration, for editors, and do nothing else" },
		{ name: "help", letter: "h", help: "print this" },
	],
	notes: [
		'In JSON, objects, instances and resources are keyed by number or by name: {"0": {"1": {"serverUri": "coaps://..."}}}; or they ' +
			"stand in lists, as `simstrap read --json` and `simstrap decode --json` print them. Bytes are " +
			'{"hex": "00FF"} or {"base64": "AP8="}.',
		"What is wrong with the configuration is told with line, column and the path of the resource. " +
			"Exit codes: 0 the file was made; 2 it was not.",
	],
	examples: [
		[
			`echo '{"security": {"0": {"serverUri": "coap://lwm2m.example", "bootstrapServer": true, "securityMode": 3}}}' | simstrap encode --format hex`,
			"a Bootstrap-Server Account without security, as hex digits",
		],
	],
	run: encode,
};
