// Tables for a person, and that of the accounts.

import { faultWords } from "./account-faults.js";
import type { AccountRow } from "./account-list.js";
import { escapeBytes } from "./escape.js";
import type { Paint } from "./paint.js";
import { SECURITY_MODES } from "./registry.js";
import { secretWords } from "./values.js";

/** The colour of a cell, by its text and place; rows count from 0, the heading included. */
export type PaintCell = (text: string, row: number, column: number) => string;

const BETWEEN = "  ";
const HEADINGS = ["URI", "KIND", "SECURITY", "KEY", "SERVER ID", "LIFETIME", "BINDING", "STATE"];
const STATE_COLUMN = HEADINGS.length - 1;
const USABLE = "ok";

/** Columns as wide as their widest cell, two spaces apart. */
export function aligned(rows: readonly (readonly string[])[], paint: PaintCell = (text) => text): string {
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
	const line = (cells: readonly string[], row: number): string => {
		// What is not seen has no width: cells are painted before they are filled up.
		const painted = cells.map((cell, column) => paint(cell, row, column) + " ".repeat(widths[column] - cell.length));
		return painted.join(BETWEEN).trimEnd();
	};
	return rows.map(line).join("\n");
}

/** An empty cell is a dash: columns stay columns. */
export function cell(text: string): string {
	return text === "" ? "-" : text;
}

function rowOf(account: AccountRow, showSecrets: boolean): string[] {
	return [
		cell(escapeBytes(account.uri)),
		account.bootstrapServer ? "bootstrap" : "server",
		cell(SECURITY_MODES[account.securityMode] ?? ""),
		account.secretKey === null ? "-" : secretWords(account.secretKey, showSecrets),
		cell(account.shortServerId < 0 ? "" : String(account.shortServerId)),
		Number.isNaN(account.lifetime) ? "-" : `${account.lifetime} s`,
		cell(escapeBytes(account.binding)),
		account.usable ? USABLE : faultWords(account.fault),
	];
}

/** The accounts, one a line; where that is wider than the terminal, one below the other. */
export function accountTable(
	accounts: readonly AccountRow[],
	showSecrets: boolean,
	paint: Paint,
	width: number,
): string {
	const rows = accounts.map((account) => rowOf(account, showSecrets));
	const stateOf = (text: string): string => (text === USABLE ? paint.good(text) : paint.bad(text));
	const widest = Math.max(
		...aligned([HEADINGS, ...rows])
			.split("\n")
			.map((line) => line.length),
	);
	if (widest <= width) {
		return aligned([HEADINGS, ...rows], (text, row, column) => {
			if (row === 0) return paint.strong(text);
			return column === STATE_COLUMN ? stateOf(text) : text;
		});
	}
	const block = ([uri, ...rest]: readonly string[]): string => {
		const lines = rest.map((text, i) => [`  ${HEADINGS[i + 1]}`, text]);
		const painted = aligned(lines, (text, row, column) => {
			if (column === 0) return paint.faint(text);
			return row === STATE_COLUMN - 1 ? stateOf(text) : text;
		});
		return `${paint.strong(uri)}\n${painted}`;
	};
	return rows.map(block).join("\n");
}
