// The keys of the secure channel, from a file that only its owner can read:
//
//   { "enc": "…", "mac": "…", "kvn": "30", "sMode": 8 }        enc, mac and kvn in hex; sMode 8 or 16; kvn and sMode may be left out
//
// Nothing of what is in it is ever printed.

import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { UsageError } from "./args.js";
import { escapeText } from "./escape.js";
import { systemWords } from "./output-file.js";

export interface Scp03Keys {
	enc: Uint8Array;
	mac: Uint8Array;
	/** 0 for the first that the card has. */
	kvn: number;
	sMode: number;
}

const OTHERS = 0o077;
const FILE_MAX_BYTES = 65536;
const NAMES = ["enc", "mac", "kvn", "sMode"];

function readPrivate(path: string): string {
	let fd: number;
	try {
		fd = openSync(path, "r");
	} catch (error) {
		throw new UsageError(`--scp03: ${path} cannot be read (${systemWords(error)})`);
	}
	try {
		const stat = fstatSync(fd);
		if (!stat.isFile() || stat.size > FILE_MAX_BYTES) throw new UsageError(`--scp03: ${path} is no file with keys`);
		if (process.platform !== "win32" && (stat.mode & OTHERS) !== 0) {
			throw new UsageError(`--scp03: others can read ${path}, which has keys in it: chmod 600 makes it yours alone`);
		}
		return readFileSync(fd, "utf8");
	} finally {
		closeSync(fd);
	}
}

function keyOf(path: string, name: string, value: unknown): Uint8Array {
	if (typeof value !== "string" || !/^([0-9A-F]{32}|[0-9A-F]{48}|[0-9A-F]{64})$/i.test(value)) {
		throw new UsageError(`--scp03: ${path}: "${name}": expected a key of 32, 48 or 64 hex digits`);
	}
	return Uint8Array.from(Buffer.from(value, "hex"));
}

/** @throws UsageError */
export function readScp03Keys(path: string): Scp03Keys {
	let parsed: unknown;
	const text = readPrivate(path);
	try {
		parsed = JSON.parse(text);
	} catch {
		// What JSON.parse says may quote a key.
		throw new UsageError(`--scp03: ${path} is not JSON`);
	}
	if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
		throw new UsageError(`--scp03: ${path}: expected an object with "enc" and "mac"`);
	}
	const all = parsed as Record<string, unknown>;
	for (const name of Object.keys(all)) {
		if (!NAMES.includes(name)) {
			throw new UsageError(`--scp03: ${path}: "${escapeText(name)}" is not one of ${NAMES.join(", ")}`);
		}
	}
	const enc = keyOf(path, "enc", all.enc);
	const mac = keyOf(path, "mac", all.mac);
	if (enc.length !== mac.length) throw new UsageError(`--scp03: ${path}: "enc" and "mac" have different lengths`);
	const kvn = all.kvn ?? "00";
	if (typeof kvn !== "string" || !/^[0-7][0-9A-F]$/i.test(kvn)) {
		throw new UsageError(`--scp03: ${path}: "kvn": expected two hex digits from "00" to "7F"`);
	}
	const sMode = all.sMode ?? 8;
	if (sMode !== 8 && sMode !== 16) throw new UsageError(`--scp03: ${path}: "sMode": expected 8 or 16`);
	return { enc, mac, kvn: Number.parseInt(kvn, 16), sMode };
}
