// What `read`, `verify`, `probe` and `apdu` ask of the way to the card: which link, which PIN, what may be forced.

import { readFileSync } from "node:fs";
import { type Bootstrap, ModemBootstrap, VIA_BASIC, VIA_CGLA, VIA_CRSM, VIA_CSIM } from "../src/index.js";
import { type Arguments, type Option, UsageError } from "./args.js";
import { systemWords } from "./output-file.js";

/** The environment variable for the PIN: what stands on a command line is seen by everybody on the machine. */
const PIN_VARIABLE = "SIMSTRAP_PIN";
const DEFAULT_BAUD = 115200;
const BAUD_MAX = 20_000_000;
const DEFAULT_TIMEOUT_MS = 30000;
const TIMEOUT_MAX_S = 86400;

export interface LinkName {
	/** As --link has it. */
	name: string;
	/** As a person knows it. */
	words: string;
	/** In a board's file. */
	constant: string;
}

/** By VIA_CSIM to VIA_BASIC. */
export const LINK_NAMES: readonly LinkName[] = [];
(LINK_NAMES as LinkName[])[VIA_CSIM] = { name: "csim", words: "AT+CSIM, a channel of our own", constant: "VIA_CSIM" };
(LINK_NAMES as LinkName[])[VIA_CGLA] = { name: "cgla", words: "AT+CCHO, AT+CGLA", constant: "VIA_CGLA" };
(LINK_NAMES as LinkName[])[VIA_CRSM] = { name: "crsm", words: "AT+CRSM", constant: "VIA_CRSM" };
(LINK_NAMES as LinkName[])[VIA_BASIC] = {
	name: "basic",
	words: "AT+CSIM, the basic channel",
	constant: "VIA_BASIC",
};

/** The way to the card that a device has taken. */
export function wayOf(device: Bootstrap): number {
	return device instanceof ModemBootstrap ? device.ways[device.link] : VIA_CSIM;
}

export interface ModemSettings {
	/** Null for all but the basic channel, in their order. */
	link: number | null;
	pin: Uint8Array | null;
	simPin: Uint8Array | null;
	forcePin: boolean;
	reclaimChannel: boolean;
}

/** The digits of a PIN. */
export function pinDigits(option: string, text: string): string {
	// What was given is not repeated: it is a secret.
	if (!/^\d{4,8}$/.test(text)) throw new UsageError(`${option}: expected 4 to 8 digits`);
	return text;
}

function digits(option: string, text: string): Uint8Array {
	return Buffer.from(pinDigits(option, text), "latin1");
}

/** A PIN, or @ and the name of a file that holds it. */
function pinOf(option: string, text: string | undefined): Uint8Array | null {
	if (text === undefined) return null;
	if (!text.startsWith("@")) return digits(option, text);
	let content: string;
	try {
		content = readFileSync(text.slice(1), "latin1");
	} catch (error) {
		throw new UsageError(`${option}: ${text.slice(1)} cannot be read (${systemWords(error)})`);
	}
	return digits(`${option}: ${text.slice(1)}`, content.trim());
}

export function linkOf(args: Arguments): number | null {
	const text = args.text("link");
	if (text === undefined) return null;
	const link = LINK_NAMES.findIndex(({ name }) => name === text);
	if (link < 0) throw new UsageError(`--link: expected csim, cgla, crsm or basic, got "${text}"`);
	return link;
}

/** The modem's AT port; null for the virtual modem. */
export function deviceOf(args: Arguments): string | null {
	const path = args.text("device") ?? null;
	if (path === "") throw new UsageError("--device: expected the name of a device, got nothing");
	return path;
}

export function baudOf(args: Arguments): number {
	return args.integer("baud", 1, BAUD_MAX) ?? DEFAULT_BAUD;
}

export function timeoutOf(args: Arguments): number {
	return args.seconds("timeout", TIMEOUT_MAX_S) ?? DEFAULT_TIMEOUT_MS;
}

export function modemSettings(args: Arguments): ModemSettings {
	const variable = process.env[PIN_VARIABLE];
	const pin = pinOf("--pin", args.text("pin")) ?? (variable ? digits(PIN_VARIABLE, variable) : null);
	if (args.has("force-pin") && pin === null) throw new UsageError("--force-pin: there is no PIN; give one with --pin");
	return {
		link: linkOf(args),
		pin,
		simPin: pinOf("--sim-pin", args.text("sim-pin")),
		forcePin: args.has("force-pin"),
		reclaimChannel: args.has("reclaim-channel"),
	};
}

export const DEVICE_OPTIONS: readonly Option[] = [
	{ name: "device", value: "PATH", help: "the modem's AT port; without it, a virtual modem and card" },
	{ name: "baud", value: "N", help: `bits per second (${DEFAULT_BAUD})` },
];

/** @param what what has the limit */
export function timeoutOption(what: string): Option {
	return { name: "timeout", value: "S", help: `the limit for ${what} in seconds (${DEFAULT_TIMEOUT_MS / 1000})` };
}

export const LINK_OPTION: Option = {
	name: "link",
	value: "NAME",
	help: "the way to the card: csim, cgla, crsm, or basic, which may disturb the modem; else the first three in this order",
};

export const PIN_OPTIONS: readonly Option[] = [
	{ name: "pin", value: "PIN", help: `the PIN of a file that needs one; @FILE reads it, and so does ${PIN_VARIABLE}` },
	{ name: "force-pin", help: "verify it even if a wrong one could block the card" },
	{ name: "sim-pin", value: "PIN", help: "the PIN that the modem itself asks for (AT+CPIN), likewise; sent once" },
];

export const RECLAIM_OPTION: Option = {
	name: "reclaim-channel",
	help: "where no channel is free, close one that PKCS #15 is selected on",
};
