// A failure as one sentence for a person and as JSON: where, what, the status word or the +CME ERROR number, what to try.

import { readdirSync } from "node:fs";
import type { LineError, LineReason } from "../hal/node/index.js";
import {
	ABORTED,
	type Bootstrap,
	CME_ERROR,
	FILE_MALFORMED,
	FILE_TOO_LARGE,
	FILE_TRUNCATED,
	MODEM_SILENT,
	ModemBootstrap,
	OBJECT_MALFORMED,
	OK,
	SECURE_REQUIRED,
	SECURE_UNKNOWN,
	SIM_ABSENT,
	SIM_LOCKED,
	STEP_APPLICATION,
	TLV_MISPLACED,
	TLV_TRUNCATED,
	TRIED_FIELDS,
} from "../src/index.js";
import { cmeName } from "./cme-words.js";
import type { Console } from "./console.js";
import { escapeText } from "./escape.js";
import { EXIT_FAILED, EXIT_USAGE } from "./exit.js";
import { messageOf, type StepWords, stepOf } from "./messages.js";
import { LINK_NAMES } from "./modem-options.js";
import { statusHex, statusName } from "./status-words.js";

export interface Failure {
	code: number | null;
	name: string;
	step: string;
	sw: string | null;
	cme: number | null;
	/** One sentence: the problem and the hint. */
	message: string;
	/** Its beginning, without an end. */
	problem: string;
	/** What to try, as its end. */
	hint: string;
	exit: number;
	/** The ways to the card that were tried, and why they failed. */
	tried?: readonly TriedLink[];
}

export interface TriedLink {
	link: string;
	code: number;
	name: string;
	step: string;
	sw: string | null;
	cme: number | null;
}

/** The ways to the card that have failed. */
function triedLinks(device: Bootstrap): TriedLink[] {
	const { tried } = device;
	if (tried === null || !(device instanceof ModemBootstrap)) return [];
	const list: TriedLink[] = [];
	for (const [i, way] of device.ways.entries()) {
		const [code, step, sw, cme] = tried.subarray(i * TRIED_FIELDS, (i + 1) * TRIED_FIELDS);
		if (code === OK) continue;
		list.push({
			link: LINK_NAMES[way].name,
			code,
			name: messageOf(code).name,
			step: stepOf(step).name,
			sw: sw === 0 ? null : statusHex(sw),
			cme: cme < 0 ? null : cme,
		});
	}
	return list;
}

function triedWords({ link, name, sw, cme }: TriedLink): string {
	const detail = sw !== null ? ` ${sw}` : cme !== null ? ` ${cme}` : "";
	return `${link} ${name}${detail}`;
}

/** The result of a way to the card, with what the card or the modem said, and where. */
export function cameTo({ name, step, sw, cme }: Omit<TriedLink, "code" | "link">): string {
	const why = sw !== null ? ` ${sw}, ${statusName(Number.parseInt(sw, 16))}` : "";
	const refused = cme !== null ? ` ${cme}, ${cmeName(cme)}` : "";
	return `${name}${why}${refused} (${step})`;
}

/** Tells a person at a terminal, or standard error, of a failure. */
export function complainOf({ problem, hint, message, tried = [] }: Failure, console: Console): void {
	if (!console.watched) {
		console.note(`simstrap: ${message}`);
		return;
	}
	console.complain(problem, hint);
	if (tried.length > 1) for (const one of tried) console.note(`  tried ${one.link}: ${cameTo(one)}`);
}

/** The sentence and its parts. */
function sentenceOf(problem: string, hint: string): { problem: string; hint: string; message: string } {
	return { problem, hint, message: `${problem}${hint === "" ? "" : `; ${hint}`}.` };
}

const SECURE_STEP: StepWords = {
	name: "secure",
	words: "opening the secure channel (INITIALIZE UPDATE, EXTERNAL AUTHENTICATE)",
};

/** Where in the file a structure fault is. */
function place(code: number, device: Bootstrap): string {
	switch (code) {
		case FILE_TRUNCATED:
		case FILE_MALFORMED:
		case OBJECT_MALFORMED:
		case TLV_TRUNCATED:
		case TLV_MISPLACED:
			return ` (at byte ${device.file.errorOffset} of the file)`;
		case FILE_TOO_LARGE:
			return ` (it needs ${device.needed} bytes)`;
	}
	return "";
}

/** What was being done, and what came of it. Who interrupts it knows what to do. */
function partsOf(code: number, doing: string, sentence: string, hint: string): ReturnType<typeof sentenceOf> {
	if (code === ABORTED) return sentenceOf(`interrupted while ${doing}`, "");
	return sentenceOf(`${doing} failed: ${sentence}`, hint);
}

/** For a modem that is not understood. */
const GARBLED_HINT = "bytes came, but nothing that can be read: try another --baud, as 9600, 57600 or 921600";

/**
 * What the device answered, and what it knows of it.
 *
 * @param heard whether any byte came from the modem
 */
export function deviceFailure(code: number, device: Bootstrap, heard = false): Failure {
	const { name, sentence, hint: usual, exit } = messageOf(code);
	const hint = code === MODEM_SILENT && heard ? GARBLED_HINT : usual;
	// Authentication belongs to the selection of the application.
	const secure = code <= SECURE_UNKNOWN && code >= SECURE_REQUIRED && device.step === STEP_APPLICATION;
	const step = secure ? SECURE_STEP : stepOf(device.step);
	const sw = device.sw === 0 ? null : statusHex(device.sw);
	const fromModem = code === CME_ERROR || (code <= SIM_ABSENT && code >= SIM_LOCKED);
	const cme = fromModem && device.cme >= 0 ? device.cme : null;
	let detail = place(code, device);
	if (sw !== null) detail = ` (status word ${sw}: ${statusName(device.sw)})`;
	else if (cme !== null) detail = ` (+CME ERROR: ${cme}, ${cmeName(cme)})`;
	const tried = triedLinks(device);
	const parts = partsOf(code, step.words, sentence + detail, hint);
	const others = tried.length < 2 ? "." : ` (tried: ${tried.map(triedWords).join("; ")}).`;
	const message = parts.message.slice(0, -1) + others;
	return { code, name, step: step.name, sw, cme, ...parts, message, exit, tried };
}

const LINE_WORDS: Readonly<Record<LineReason, readonly [sentence: string, hint: string]>> = {
	SERIALPORT_MISSING: ['the package "serialport" is not installed', 'install it with "npm install serialport"'],
	DEVICE_MISSING: ["there is no such device", "check its name and its cable"],
	DEVICE_FORBIDDEN: [
		"you may not open it",
		'join its group (on Debian: "sudo adduser $USER dialout"), then log in again',
	],
	DEVICE_BUSY: ["another program has it open", "stop that program; ModemManager is one that takes modems"],
	DEVICE_NOT_SERIAL: ["it is not a serial port", "give the name of a serial port or a pseudo-terminal"],
	DEVICE_FAILED: ["the operating system refused", "check the device and the baud rate"],
	DEVICE_LOST: ["the device is gone", "check the cable and the modem's power, and try again"],
};

/** Serial ports as Linux and macOS call them. */
const PORT_NAME = /^(tty(USB|ACM|AMA|S[4-9])\d*|cu\..*)/;

/** The serial ports of this machine that may be a modem. */
function portsHere(): string {
	let names: string[] = [];
	try {
		names = readdirSync("/dev").filter((name) => PORT_NAME.test(name));
	} catch {
		// A system without such a folder.
	}
	if (names.length === 0) return "no /dev/ttyUSB* or /dev/ttyACM* is here, which are usual on Linux";
	return `here are ${names.map((name) => `/dev/${name}`).join(", ")}`;
}

/** The line could not be opened, or was lost. */
export function lineFailure(error: LineError, path: string): Failure {
	const [sentence, hint] = LINE_WORDS[error.reason];
	const lost = error.reason === "DEVICE_LOST";
	const doing = lost ? `reading through ${escapeText(path)}` : `opening ${escapeText(path)}`;
	const system = error.message === "" ? "" : ` (${escapeText(error.message)})`;
	const ports = error.reason === "DEVICE_MISSING" ? `; ${escapeText(portsHere())}` : "";
	return {
		code: null,
		name: error.reason,
		step: lost ? "line" : "open",
		sw: null,
		cme: null,
		...sentenceOf(`${doing} failed: ${sentence}${system}`, hint + ports),
		exit: lost ? EXIT_FAILED : EXIT_USAGE,
	};
}

/** A file or folder of the user's that cannot be read or written. */
export function fileFailure(name: string, problem: string, hint: string): Failure {
	return { code: null, name, step: "output", sw: null, cme: null, ...sentenceOf(problem, hint), exit: EXIT_USAGE };
}

/** A result of the core's where there is no procedure that could tell more of it: what was being done, and the result. */
export function plainFailure(
	code: number,
	step: string,
	doing: string,
	{ exit, heard = false }: { exit?: number; heard?: boolean } = {},
): Failure {
	const { name, sentence, hint, exit: usual } = messageOf(code);
	const parts = partsOf(code, doing, sentence, heard ? GARBLED_HINT : hint);
	return { code, name, step, sw: null, cme: null, ...parts, exit: exit ?? usual };
}

/** As `--json` prints it. */
export function failureJson(failure: Failure): object {
	const { code, name, step, sw, cme, message, tried } = failure;
	return {
		error: { code, name, step, sw, cme, message, ...(tried !== undefined && tried.length > 0 ? { tried } : {}) },
	};
}
