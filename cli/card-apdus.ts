// The command APDUs that write a card's files (ETSI TS 102 221, 11.1.1 SELECT, 11.1.4 UPDATE BINARY, 11.1.6 UPDATE RECORD), as text:
// a comment above each, hex digits below. The files must exist, and whatever key protects them must have been given.

import { type CardFiles, type CardIds, ODF_ID, TOKEN_INFO_ID } from "./card-files.js";
import { toHex } from "./escape.js";

const SELECT_PATH_FROM_MF = [0x00, 0xa4, 0x08, 0x0c];
const UPDATE_BINARY = [0x00, 0xd6];
const UPDATE_RECORD = [0x00, 0xdc];
const ABSOLUTE = 0x04;
const EF_DIR = 0x2f00;
const DATA_MAX_BYTES = 255;

export interface DirPlace {
	/** From 1. */
	record: number;
	/** How long the records of the card's EF(DIR) are; the rest is FF. */
	length: number;
}

function command(header: readonly number[], data: Uint8Array | readonly number[]): string {
	return toHex(Uint8Array.from([...header, data.length, ...data]));
}

function path(...ids: readonly number[]): number[] {
	return ids.flatMap((id) => [id >> 8, id & 0xff]);
}

function updates(data: Uint8Array): string[] {
	const lines: string[] = [];
	for (let at = 0; at < data.length; at += DATA_MAX_BYTES) {
		lines.push(command([...UPDATE_BINARY, at >> 8, at & 0xff], data.subarray(at, at + DATA_MAX_BYTES)));
	}
	return lines;
}

export function writingApdus(files: CardFiles, ids: Readonly<CardIds>, dir: DirPlace): string {
	const record = new Uint8Array(dir.length).fill(0xff);
	record.set(files.dirRecord);
	const lines = [
		`# EF(DIR), record ${dir.record}`,
		command(SELECT_PATH_FROM_MF, path(EF_DIR)),
		command([...UPDATE_RECORD, dir.record, ABSOLUTE], record),
	];
	const efs: [string, number, Uint8Array][] = [
		["EF(TokenInfo)", TOKEN_INFO_ID, files.tokenInfo],
		["EF(ODF)", ODF_ID, files.odf],
		["EF(DODF-bootstrap)", ids.dodf, files.dodf],
		["EF(LwM2M_Bootstrap)", ids.file, files.file],
	];
	for (const [name, id, data] of efs) {
		lines.push(`# ${name}`, command(SELECT_PATH_FROM_MF, path(ids.df, id)), ...updates(data));
	}
	return `${lines.join("\n")}\n`;
}
