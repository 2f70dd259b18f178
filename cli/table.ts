// The accounts as a table for a person.

import { faultWords } from "./account-faults.js";
import type { AccountRow } from "./account-list.js";
import { escapeBytes } from "./escape.js";
import { SECURITY_MODES } from "./registry.js";
import { secretWords } from "./values.js";

/** Columns as wide as their widest cell, two spaces apart. */
export function aligned(rows: readonly (readonly string[])[]): string {
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
	return rows
		.map((row) =>
			row
				.map((cell, column) => cell.padEnd(widths[column]))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}

/** An empty cell is a dash: columns stay columns. */
function cell(text: string): string {
	return text === "" ? "-" : text;
}

export function accountTable(accounts: readonly AccountRow[], showSecrets: boolean): string {
	const rows = accounts.map((account) => [
		cell(escapeBytes(account.uri)),
		account.bootstrapServer ? "bootstrap" : "server",
		cell(SECURITY_MODES[account.securityMode] ?? ""),
		account.secretKey === null ? "-" : secretWords(account.secretKey, showSecrets),
		cell(account.shortServerId < 0 ? "" : String(account.shortServerId)),
		Number.isNaN(account.lifetime) ? "-" : `${account.lifetime} s`,
		cell(escapeBytes(account.binding)),
		account.usable ? "ok" : faultWords(account.fault),
	]);
	return aligned([["URI", "KIND", "SECURITY", "KEY", "SERVER ID", "LIFETIME", "BINDING", "STATE"], ...rows]);
}
