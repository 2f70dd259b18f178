// The folder that `simstrap card` makes and `simstrap serve --card` and `simstrap read --card` take: each file of the card as bytes and
// as hex digits, and card.json, which says under which IDs they lie.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BootstrapCardOptions } from "../virtual/index.js";
import { UsageError } from "./args.js";
import { type CardFiles, type CardIds, PKCS15_AID } from "./card-files.js";
import { toHex } from "./escape.js";
import { OutputFile, systemWords } from "./output-file.js";

const IDS_FILE = "card.json";
const APDU_FILE = "write.apdu";
const NAMES: Readonly<Record<keyof CardFiles, string>> = {
	dirRecord: "ef-dir-record",
	tokenInfo: "ef-tokeninfo",
	odf: "ef-odf",
	dodf: "ef-dodf-bootstrap",
	file: "ef-lwm2m-bootstrap",
};
const OWNER_ONLY = 0o700;
const FILE_MAX_BYTES = 0x8000;

function idsText(ids: Readonly<CardIds>): string {
	const hex = (id: number) => id.toString(16).toUpperCase().padStart(4, "0");
	const { df, dodf, file } = ids;
	const content = {
		aid: toHex(Uint8Array.from(PKCS15_AID)),
		df: hex(df),
		dodf: hex(dodf),
		file: hex(file),
	};
	return `${JSON.stringify(content, null, "\t")}\n`;
}

/**
 * Writes all of it, or nothing.
 *
 * @throws Error of the operating system
 * @returns the names of the files
 */
export function writeFolder(folder: string, files: CardFiles, ids: Readonly<CardIds>, apdus: string | null): string[] {
	const contents: [string, Uint8Array][] = [[IDS_FILE, Buffer.from(idsText(ids))]];
	for (const part of Object.keys(NAMES) as (keyof CardFiles)[]) {
		contents.push([`${NAMES[part]}.bin`, files[part]], [`${NAMES[part]}.hex`, Buffer.from(`${toHex(files[part])}\n`)]);
	}
	if (apdus !== null) contents.push([APDU_FILE, Buffer.from(apdus)]);
	try {
		mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") throw new Error("it is a file, and no folder");
		throw error;
	}
	const opened: OutputFile[] = [];
	try {
		for (const [name] of contents) opened.push(new OutputFile(join(folder, name)));
		contents.forEach(([, bytes], i) => {
			opened[i].commit(bytes);
		});
	} catch (error) {
		for (const file of opened) file.discard();
		throw error;
	}
	return contents.map(([name]) => name);
}

/** @throws Error that names the file, unless it is the folder itself that is not there */
function readFileOf(folder: string, name: string): Buffer {
	try {
		return readFileSync(join(folder, name));
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOTDIR" || !existsSync(folder)) throw error;
		throw new Error(`${name}: ${systemWords(error)}`);
	}
}

function readPart(folder: string, part: keyof CardFiles): Uint8Array {
	const bytes = readFileOf(folder, `${NAMES[part]}.bin`);
	if (bytes.length < 1 || bytes.length > FILE_MAX_BYTES) {
		throw new Error(`${NAMES[part]}.bin has ${bytes.length} bytes, expected 1 to ${FILE_MAX_BYTES}`);
	}
	return new Uint8Array(bytes);
}

function readIds(folder: string): CardIds {
	let content: unknown;
	try {
		content = JSON.parse(readFileOf(folder, IDS_FILE).toString("utf8"));
	} catch (error) {
		if (error instanceof SyntaxError) throw new Error(`${IDS_FILE} is no JSON`);
		throw error;
	}
	const id = (name: keyof CardIds): number => {
		const text: unknown = typeof content === "object" && content !== null ? (content as CardIds)[name] : undefined;
		if (typeof text === "string" && /^[0-9A-Fa-f]{4}$/.test(text)) return Number.parseInt(text, 16);
		throw new Error(`${IDS_FILE} has no "${name}" of four hex digits`);
	};
	return { df: id("df"), dodf: id("dodf"), file: id("file") };
}

/**
 * A virtual card with the files of the folder that --card names.
 *
 * @throws UsageError
 */
export function folderOptions(folder: string): BootstrapCardOptions {
	try {
		const { df, dodf, file } = readIds(folder);
		return {
			dfFid: df,
			dodfFid: dodf,
			fileFid: file,
			dirRecords: [readPart(folder, "dirRecord")],
			tokenInfo: readPart(folder, "tokenInfo"),
			odfData: readPart(folder, "odf"),
			dodfData: readPart(folder, "dodf"),
			file: readPart(folder, "file"),
		};
	} catch (error) {
		throw new UsageError(`--card: ${folder} is no folder of \`simstrap card\` (${systemWords(error)})`);
	}
}
