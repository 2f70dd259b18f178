// A failure as one sentence for a person and as JSON: where, what, the status word or the +CME ERROR number, what to try.

import type { LineError, LineReason } from "../hal/node/index.js";
import {
	type Bootstrap,
	CME_ERROR,
	FILE_MALFORMED,
	FILE_TOO_LARGE,
	FILE_TRUNCATED,
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
	message: string;
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
export function triedLinks(device: Bootstrap): TriedLink[] {
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

/** What the device answered, and what it knows of it. */
export function deviceFailure(code: number, device: Bootstrap): Failure {
	const { name, sentence, hint, exit } = messageOf(code);
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
	const others = tried.length < 2 ? "" : ` (tried: ${tried.map(triedWords).join("; ")})`;
	const message = `${step.words} failed: ${sentence}${detail}; ${hint}${others}.`;
	return { code, name, step: step.name, sw, cme, message, exit, tried };
}

const LINE_WORDS: Readonly<Record<LineReason, readonly [sentence: string, hint: string]>> = {
	SERIALPORT_MISSING: ['the package "serialport" is not installed', 'install it with "npm install serialport"'],
	DEVICE_MISSING: ["there is no such device", "check its name; /dev/ttyUSB* and /dev/ttyACM* are usual on Linux"],
	DEVICE_FORBIDDEN: [
		"you may not open it",
		'join its group (on Debian: "sudo adduser $USER dialout"), then log in again',
	],
	DEVICE_BUSY: ["another program has it open", "stop that program; ModemManager is one that takes modems"],
	DEVICE_NOT_SERIAL: ["it is not a serial port", "give the name of a serial port or a pseudo-terminal"],
	DEVICE_FAILED: ["the operating system refused", "check the device and the baud rate"],
	DEVICE_LOST: ["the device is gone", "check the cable and the modem's power, and try again"],
};

/** The line could not be opened, or was lost. */
export function lineFailure(error: LineError, path: string): Failure {
	const [sentence, hint] = LINE_WORDS[error.reason];
	const lost = error.reason === "DEVICE_LOST";
	const doing = lost ? `reading through ${escapeText(path)}` : `opening ${escapeText(path)}`;
	const system = error.message === "" ? "" : ` (${escapeText(error.message)})`;
	return {
		code: null,
		name: error.reason,
		step: lost ? "line" : "open",
		sw: null,
		cme: null,
		message: `${doing} failed: ${sentence}${system}; ${hint}.`,
		exit: lost ? EXIT_FAILED : EXIT_USAGE,
	};
}

/** A file or folder of the user's that cannot be read or written. */
export function fileFailure(name: string, message: string): Failure {
	return { code: null, name, step: "output", sw: null, cme: null, message, exit: EXIT_USAGE };
}

/** As `--json` prints it. */
export function failureJson(failure: Failure): object {
	const { code, name, step, sw, cme, message, tried } = failure;
	return {
		error: { code, name, step, sw, cme, message, ...(tried !== undefined && tried.length > 0 ? { tried } : {}) },
	};
}
