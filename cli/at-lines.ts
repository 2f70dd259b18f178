// AT lines as they are shown: command lines with their secrets masked, answers taken apart (3GPP TS 27.007, 8.17 and 8.45).

import {
	applicationWords,
	INS_GET_RESPONSE,
	INS_MANAGE_CHANNEL,
	INS_READ_BINARY,
	INS_READ_RECORD,
	INS_SELECT,
	INS_STATUS,
	isWrapped,
} from "./apdu-words.js";
import { escapeText, masked } from "./escape.js";

/** Instructions whose commands hold nothing secret. */
const OPEN_INSTRUCTIONS: readonly number[] = [
	INS_MANAGE_CHANNEL,
	INS_SELECT,
	INS_READ_BINARY,
	INS_READ_RECORD,
	INS_GET_RESPONSE,
	INS_STATUS,
];

const WORDS: readonly (readonly [RegExp, string])[] = [
	[/^ATE0V1$/i, "no echo, results as words"],
	[/^AT$/i, "are you there?"],
	[/^AT\+CMEE=1$/i, "errors as numbers"],
	[/^AT\+CMEE\?$/i, "which form of errors? asked to find the way back into the dialogue"],
	[/^AT\+CPIN\?$/i, "is the SIM ready?"],
	[/^AT\+CPIN=/i, "the SIM's PIN"],
	[/^AT\+CCHC=/i, "close the session"],
];

/** The meaning of a command line without an APDU; "" when it says enough itself. */
export function lineWords(line: string): string {
	const opened = /^AT\+CCHO="?([0-9A-F]+)"?$/i.exec(line);
	if (opened !== null) return `open a session with ${applicationWords(opened[1].toUpperCase())}`;
	return WORDS.find(([pattern]) => pattern.test(line))?.[1] ?? "";
}

const COMMAND = /^AT\s*\+(CSIM|CGLA)\s*=\s*(?:[^,]*,)?\s*(\d+)\s*,\s*"?([0-9A-F]*)"?\s*$/i;
const ANSWER = /^(?:\+(?:CSIM|CGLA)\s*:)?\s*(\d+)\s*,\s*"?([0-9A-F]*)"?\s*$/i;

/** The modem composes the command itself: <command>,<file>,<P1>,<P2>,<P3>[,<data>[,<path>]]. */
const RESTRICTED = /^AT\s*\+CRSM\s*=\s*(\d+),\d+,(\d+),(\d+),(\d+)/i;
const RESTRICTED_FILE = /^AT\s*\+CRSM\s*=\s*\d+,(\d+),\d+,\d+,\d+(?:,[^,]*,"?((?:[0-9A-F]{4})+)"?)?\s*$/i;
/** <SW1>,<SW2>[,<data>] */
const RESTRICTED_ANSWER = /^\+CRSM\s*:\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*"?((?:[0-9A-F]{2})*)"?)?\s*$/i;
const SESSION = /^AT\s*\+CGLA\s*=\s*"?([^,"]+)"?,/i;

/** The command APDU in a line; null when there is none. */
export function commandApdu(line: string): Uint8Array | null {
	const restricted = RESTRICTED.exec(line);
	if (restricted !== null) return Uint8Array.from([0, ...restricted.slice(1).map(Number)]);
	const match = COMMAND.exec(line);
	if (match === null || Number(match[2]) !== match[3].length || match[3].length % 2 !== 0) return null;
	return Buffer.from(match[3], "hex");
}

/** The response APDU in a line, status word included; null when there is none or it is damaged. */
export function answerApdu(line: string): Uint8Array | null {
	const match = ANSWER.exec(line);
	if (match === null || Number(match[1]) !== match[2].length) return null;
	if (match[2].length % 2 !== 0 || match[2].length < 4) return null;
	return Buffer.from(match[2], "hex");
}

/** The response APDU that a line of +CRSM tells; null when there is none. */
export function restrictedAnswer(line: string): Uint8Array | null {
	const match = RESTRICTED_ANSWER.exec(line);
	if (match === null) return null;
	return Uint8Array.of(...Buffer.from(match[3] ?? "", "hex"), Number(match[1]) & 255, Number(match[2]) & 255);
}

/** The file that a line of +CRSM names, the path to it before its ID; null for another line. */
export function restrictedFile(line: string): string | null {
	const match = RESTRICTED_FILE.exec(line);
	if (match === null) return null;
	return ((match[2] ?? "") + Number(match[1]).toString(16).padStart(4, "0")).toUpperCase();
}

/** Where a command goes to that has no channel of its own: a session; undefined for another line. */
export function placeOf(line: string): string | undefined {
	const session = SESSION.exec(line)?.[1];
	return session === undefined ? undefined : `session ${escapeText(session)}`;
}

/** The line of an answer of +CRSM with its data masked. */
export function maskRestricted(line: string): string {
	return line.replace(
		/(,\s*"?)([0-9A-F]{3,})("?\s*)$/i,
		(_, before: string, data: string, rest: string) => before + masked(data.length / 2) + rest,
	);
}

/** The line of an answer with its data, all digits but the last four, masked. */
export function maskAnswer(line: string): string {
	return line.replace(
		/([0-9A-F]+)([0-9A-F]{4}"?\s*)$/i,
		(_, data: string, rest: string) => masked(data.length / 2) + rest,
	);
}

/** Runs of at least `least` hex digits are masked: for lines that are not understood. */
export function maskDigits(line: string, least: number): string {
	return line.replace(new RegExp(`[0-9A-F]{${least},}`, "gi"), (digits) => `<${digits.length} digits>`);
}

/** A command line, or its echo, with what is secret in it masked. */
export function maskCommand(line: string): string {
	const apdu = commandApdu(line);
	if (apdu !== null && apdu.length >= 4) {
		if (apdu.length <= 5 || (OPEN_INSTRUCTIONS.includes(apdu[1]) && !isWrapped(apdu[0]))) return line;
		return line.replace(/([0-9A-F]{10})([0-9A-F]+)("?\s*)$/i, (_, header: string, data: string, rest: string) => {
			return header + masked(data.length / 2) + rest;
		});
	}
	// An AID is no secret.
	if (/^AT\+CCHO=/i.test(line)) return line;
	// Passwords: +CPIN, +CPWD, +CLCK and their like.
	const password = /((?:CPIN2?|CPWD|CLCK)\s*=)(.+)$/i.exec(line);
	if (password !== null) return `${line.slice(0, password.index)}${password[1]}<${password[2].length} characters>`;
	return maskDigits(line, 8);
}
