// Everything that is wrong with a bootstrap file, sorted by where it is.

import { FILE_MAX_BYTES, OK } from "../src/index.js";
import { checkAccounts } from "./check-accounts.js";
import { CLAUSE_FILE, type Problem } from "./check-problem.js";
import { type Structure, structureOf } from "./check-structure.js";
import { checkValues } from "./check-values.js";

export interface Checked {
	structure: Structure;
	/** By offset; errors before warnings. */
	problems: Problem[];
}

/** Whether what follows the file is what an unwritten rest of an EF looks like. */
function isPadding(bytes: Uint8Array): boolean {
	return bytes.every((byte) => byte === 0xff) || bytes.every((byte) => byte === 0);
}

/** @param bytes the file, and padding behind it */
export function checkFile(bytes: Uint8Array): Checked {
	const structure = structureOf(bytes);
	const problems = [...structure.problems, ...checkValues(structure.objects)];
	// Half a file says nothing of what belongs together.
	if (structure.code === OK) problems.push(...checkAccounts(structure.objects));
	const { length } = structure;
	if (bytes.length > FILE_MAX_BYTES || length > FILE_MAX_BYTES) {
		const message = `expected at most ${FILE_MAX_BYTES} bytes, got ${Math.max(bytes.length, length)}`;
		problems.push({ severity: "error", offset: FILE_MAX_BYTES, path: "", clause: CLAUSE_FILE, message });
	}
	if (length > 0 && !isPadding(bytes.subarray(length))) {
		const message = "expected padding with FF or 00 behind the file, got other bytes";
		problems.push({ severity: "warning", offset: length, path: "", clause: CLAUSE_FILE, message });
	}
	problems.sort((a, b) => (a.severity === b.severity ? a.offset - b.offset : a.severity === "error" ? -1 : 1));
	return { structure, problems };
}
