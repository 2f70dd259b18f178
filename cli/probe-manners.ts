// How a modem takes commands for the card and writes its answers: seen in passing while the procedure runs, and asked with commands that
// do nothing. These go to a logical channel that is as good as never open, the highest, and would change nothing if it were.

import { INS_GET_RESPONSE } from "./apdu-words.js";
import { answerApdu, commandApdu } from "./at-lines.js";
import { toHex } from "./escape.js";

/** SEARCH RECORD on channel 19: with data behind the header it may be of any length. */
const SEARCH = "4FA20004";
/** STATUS without data in its answer, and GET RESPONSE, there. */
const STATUS = "CFF2000C";
const FETCH = "4FC00000";
/** The longest command of the procedure: SELECT by a path behind another one. */
const LONGEST_BYTES = 38;
const SHORTEST_BYTES = 10;

/** AT+CSIM with a command. */
function csim(digits: string): string {
	return `AT+CSIM=${digits.length},"${digits}"`;
}

/** A command of so many bytes, with Lc, data and Le. */
function searchOf(bytes: number): string {
	const data = new Uint8Array(bytes - 6);
	return csim(`${SEARCH}${toHex(Uint8Array.of(data.length))}${toHex(data)}00`);
}

/** Which lines a modem took, that is, answered with an answer of the card. */
export type Ask = (lines: readonly string[]) => Promise<boolean[]>;

export interface CommandManners {
	/** A command of four bytes, and data with Le behind it, go to the card; so does GET RESPONSE. Null where nothing does. */
	short: boolean | null;
	dataAndLe: boolean | null;
	getResponse: boolean | null;
	/** The longest command line that it takes, without AT; null where there is no limit for us. */
	lineChars: number | null;
}

/** Asks how commands may look. */
export async function askCommands(ask: Ask): Promise<CommandManners> {
	const searches = [searchOf(SHORTEST_BYTES), csim(`${SEARCH}04${"00".repeat(4)}`)];
	const [usual, short, getResponse, dataAndLe, data, long] = await ask([
		csim(`${STATUS}00`),
		csim(STATUS),
		csim(`${FETCH}00`),
		...searches,
		searchOf(LONGEST_BYTES),
	]);
	if (!usual) return { short: null, dataAndLe: null, getResponse: null, lineChars: null };
	const known = { short, dataAndLe: data ? dataAndLe : null, getResponse };
	if (long || !data) return { ...known, lineChars: null };
	// Between a length that goes and one that does not; without Le where that is refused.
	const lineOf = (bytes: number): string =>
		dataAndLe ? searchOf(bytes) : csim(`${SEARCH}${toHex(Uint8Array.of(bytes - 5))}${"00".repeat(bytes - 5)}`);
	let [low, high] = [SHORTEST_BYTES, LONGEST_BYTES + 1];
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		const [taken] = await ask([lineOf(middle)]);
		if (taken) low = middle;
		else high = middle;
	}
	return { ...known, lineChars: low === LONGEST_BYTES ? null : lineOf(low).length - "AT".length };
}

/** How the modem writes its answers, and what it and the card leave to us: filled while the procedure runs. */
export class AnswerManners {
	quotes: boolean | null = null;
	space: boolean | null = null;
	lowerCase: boolean | null = null;
	nextLine = false;
	/** 61xx came up to us; it was fetched; 6Cxx came. */
	waiting = false;
	fetched = false;
	wrongLe = false;
	/** +CME ERROR: 14 and 9300 came. */
	simBusy = false;
	toolkitBusy = false;
	private pending = false;

	line(line: string): void {
		if (/^\+CME ERROR:\s*(14|SIM busy)$/i.test(line)) this.simBusy = true;
		const answer = /^\+(?:CSIM|CGLA|CRSM):( *)(.*)$/i.exec(line);
		if (answer !== null && answer[2] === "") {
			this.nextLine = true;
			this.pending = true;
			return;
		}
		if (answer !== null) this.space ??= answer[1] !== "";
		if (answer === null && !this.pending) return;
		this.pending = false;
		const digits = line.replace(/^\+\w+:/, "");
		if (/[a-f]/.test(digits)) this.lowerCase = true;
		else if (/[A-F]/.test(digits)) this.lowerCase ??= false;
		this.quotes ??= line.includes('"');
		const apdu = answerApdu(line);
		if (apdu === null) return;
		const [sw1, sw2] = apdu.subarray(apdu.length - 2);
		if (sw1 === 0x61) this.waiting = true;
		if (sw1 === 0x6c) this.wrongLe = true;
		if (sw1 === 0x93 && sw2 === 0) this.toolkitBusy = true;
	}

	command(line: string): void {
		if (commandApdu(line)?.[1] === INS_GET_RESPONSE) this.fetched = true;
	}

	get json() {
		const { quotes, space, lowerCase, nextLine, waiting, fetched, wrongLe, simBusy, toolkitBusy } = this;
		return { quotes, space, lowerCase, nextLine, waiting, fetched, wrongLe, simBusy, toolkitBusy };
	}
}
