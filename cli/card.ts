// `simstrap card`: all files of a card that carries bootstrap data.

import { BootstrapFile, FILE_MAX_BYTES, OK } from "../src/index.js";
import { type Arguments, UsageError } from "./args.js";
import { type DirPlace, writingApdus } from "./card-apdus.js";
import { type CardIds, cardFiles, ODF_ID, TOKEN_INFO_ID, USUAL_IDS } from "./card-files.js";
import { writeFolder } from "./card-folder.js";
import { structureOf } from "./check-structure.js";
import type { Command } from "./command.js";
import type { Console } from "./console.js";
import { compileBytes } from "./encode.js";
import { counted, escapeText } from "./escape.js";
import { EXIT_OK, EXIT_USAGE } from "./exit.js";
import { fileBytes, inputName, readInput } from "./input/read-input.js";
import { systemWords } from "./output-file.js";

/** The MF, the alias of the current application, and what is reserved (ETSI TS 102 221, 8.6; ISO/IEC 7816-4). */
const RESERVED_IDS = [0x0000, 0x3f00, 0x3fff, 0x7fff, 0xffff];
const RECORDS_MAX = 254;
const RECORD_MAX_BYTES = 255;

function idOf(args: Arguments, name: string, usual: number): number {
	const text = args.text(name);
	if (text === undefined) return usual;
	const id = /^(0x)?[0-9A-F]{4}$/i.test(text) ? Number.parseInt(text.slice(-4), 16) : 0;
	if (RESERVED_IDS.includes(id)) {
		throw new UsageError(`--${name}: expected 4 hex digits that are not reserved, like 6432, got "${text}"`);
	}
	return id;
}

function idsOf(args: Arguments): CardIds {
	const ids: CardIds = {
		df: idOf(args, "df-id", USUAL_IDS.df),
		dodf: idOf(args, "dodf-id", USUAL_IDS.dodf),
		file: idOf(args, "file-id", USUAL_IDS.file),
	};
	if (new Set([ODF_ID, TOKEN_INFO_ID, ids.dodf, ids.file]).size < 4) {
		throw new UsageError(
			"--dodf-id and --file-id: expected two IDs that differ, and are not 5031, EF(ODF), or 5032, EF(TokenInfo)",
		);
	}
	return ids;
}

function dirPlaceOf(args: Arguments, least: number): DirPlace {
	return {
		record: args.integer("dir-record", 1, RECORDS_MAX) ?? 1,
		length: args.integer("dir-record-length", least, RECORD_MAX_BYTES) ?? least,
	};
}

/** A finished bootstrap file, or a configuration that is compiled; null when it was refused, and why has been said. */
async function contentOf(args: Arguments, console: Console): Promise<Uint8Array | null> {
	const path = args.text("config");
	if (path === "") throw new UsageError("--config: expected the name of a file, got nothing");
	const name = escapeText(inputName(path));
	let input: Uint8Array;
	try {
		input = await readInput(path);
	} catch (error) {
		console.complain(`reading ${name} failed: ${escapeText(systemWords(error))}`);
		return null;
	}
	const lenient = args.has("lenient");
	const bytes = fileBytes(input);
	// Hex digits, or bytes that no text begins with.
	const finished = bytes !== input || input[0] === 0;
	if (!finished) return compileBytes(input, name, lenient, console);
	const { code, problems } = structureOf(bytes);
	if (code === OK) {
		const file = new BootstrapFile(bytes);
		file.check(bytes.length);
		return bytes.slice(0, file.length);
	}
	console.note(`${lenient ? "warning" : "error"}: ${name}: at byte ${problems[0].offset}: ${problems[0].message}`);
	return lenient && bytes.length <= FILE_MAX_BYTES ? bytes : null;
}

async function card(args: Arguments, console: Console): Promise<number> {
	const folder = args.text("output");
	if (folder === undefined || folder === "") throw new UsageError("--output DIR is needed: the folder to write to");
	const ids = idsOf(args);
	const form = { misencodedOid: args.has("misencoded-oid"), opaque: args.has("opaque") };
	// The record's length does not depend on the content.
	const place = dirPlaceOf(args, cardFiles(new Uint8Array(0), ids, form).dirRecord.length);
	const content = await contentOf(args, console);
	if (content === null) return EXIT_USAGE;
	if (content.length > FILE_MAX_BYTES) {
		console.complain(`a card's file holds at most ${FILE_MAX_BYTES} bytes, got ${content.length}`);
		return EXIT_USAGE;
	}
	const files = cardFiles(content, ids, form);
	try {
		const names = writeFolder(folder, files, ids, args.has("apdu") ? writingApdus(files, ids, place) : null);
		console.note(`wrote ${counted(names.length, "file")} to ${escapeText(folder)}: ${names.join(", ")}`);
	} catch (error) {
		console.complain(`writing to ${escapeText(folder)} failed: ${escapeText(systemWords(error))}`);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

export const CARD: Command = {
	name: "card",
	summary: "makes all files of a card that carries bootstrap data",
	usage: "[-c FILE] -o DIR [OPTIONS]",
	options: [
		{
			name: "config",
			letter: "c",
			value: "FILE",
			help: "the configuration as for `simstrap encode`, or a bootstrap file; without it, or with -, standard input",
		},
		{ name: "output", letter: "o", value: "DIR", help: "the folder to write to; it is made if it is not there" },
		{ name: "file-id", value: "HEX", help: "the ID of EF(LwM2M_Bootstrap) (6432)" },
		{ name: "dodf-id", value: "HEX", help: "the ID of EF(DODF-bootstrap) (6430)" },
		{ name: "df-id", value: "HEX", help: "the ID of the PKCS #15 application's DF under the MF (7F50)" },
		{ name: "misencoded-oid", help: "the object identifier with its tag and length twice, as TS 1.0 to 1.2 print it" },
		{
			name: "opaque",
			help: "a data object with applicationOID (opaqueDO) in place of one with the identifier (oidDO)",
		},
		{ name: "apdu", help: "also write the APDUs that write the files: write.apdu" },
		{ name: "dir-record", value: "N", help: "with --apdu: the record of EF(DIR) to write, 1 to 254 (1)" },
		{ name: "dir-record-length", value: "N", help: "with --apdu: how long its records are; the rest is FF" },
		{ name: "lenient", help: "write what was asked even where it is wrong, for test cards" },
		{ name: "help", letter: "h", help: "print this" },
	],
	notes: [
		"Each file is written as bytes (.bin) and as hex digits (.hex), readable by its owner only; card.json names the IDs. " +
			"`simstrap serve --card DIR` and `simstrap read --card DIR` put them on the virtual card.",
		"Exit codes: 0 the files were made; 2 they were not.",
	],
	examples: [
		[
			`echo '{"security": {"0": {"serverUri": "coap://lwm2m.example", "bootstrapServer": true, "securityMode": 3}}}' | simstrap card -o ./card --apdu && simstrap read --card ./card`,
			"a card with a Bootstrap-Server Account without security, and what a modem reads from it",
		],
	],
	run: card,
};
