// The totals of campaigns and of fuzzing, kept for the summary of all that `npm run faults` prints: one file for each.

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { nameOf } from "../unit/tools.js";

/** The folder; nothing is kept when it is not given. */
const FOLDER = process.env.SIMSTRAP_TOTALS;

export interface Row {
	/** What was done, and to which setup. */
	group: string;
	setup: string;
	runs: number;
	/** Faults that happened, of which a run has one or more; none where bytes were made up. */
	faults?: number;
	files?: number;
	/** How often each error came. */
	errors?: Readonly<Record<string, number>>;
	/** Channels that were left open: closed by the next run; whose names never came; a leak. */
	known?: number;
	nameless?: number;
	forgotten?: number;
	/** Wrong PINs that the card was given. */
	pinTries?: number;
	/** Cases that came out otherwise than anything may. */
	problems?: number;
	longestMs?: number;
	/** What was allocated, where the engine counts it. */
	slots?: number;
	chunkBytes?: number;
}

export function keep(row: Row): void {
	if (FOLDER === undefined) return;
	mkdirSync(FOLDER, { recursive: true });
	const name = `${row.group} ${row.setup}`.replace(/[^\w]+/g, "-");
	writeFileSync(path.join(FOLDER, `${name}.json`), JSON.stringify(row));
}

/** Results by their codes -> by their names. A code that has none is no result. */
export function errorsByName(codes: Readonly<Record<string, number>>): Record<string, number> {
	return Object.fromEntries(Object.entries(codes).map(([code, count]) => [nameOf(Number(code)), count]));
}
