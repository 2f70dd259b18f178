// The usual composition: the procedure over a modem's AT+CSIM, with the portable hex routines. An application that needs other
// parts puts them together in the same way; what it does not name is not in its bundle.

import { LE_MAX } from "./apdu.js";
import { At } from "./at.js";
import { AT_FRAME_BYTES } from "./at-link.js";
import { Bootstrap, type BootstrapOptions } from "./bootstrap.js";
import { Channels } from "./channel-search.js";
import { Hex } from "./hex.js";
import type { Link, LinkCover } from "./link.js";
import { LinkCsim } from "./link-csim.js";
import { Modem, type Prelude } from "./modem.js";
import type { HexCodec, Port } from "./platform.js";
import { COMMAND_BYTES } from "./uicc.js";

/** One command may take this long: the slowest modem that gives a figure says 9 s. */
export const COMMAND_LIMIT_MS = 10000;
/** The whole procedure, on a device whose modem is on. */
export const PROCEDURE_LIMIT_MS = 60000;
/** CR LF +CSIM: 516," before the digits of an answer, and " CR LF CR LF OK CR LF behind; the status word's digits as well. */
const ANSWER_FRAME_BYTES = 27;
/** Below this no receiver is of use. */
const STEP_LEAST = 16;

export interface CsimOptions {
	/** Where the file is read to: its largest size, at most 32768 bytes. */
	buffer: Uint8Array;
	/** Data bytes of one answer at most, 1 to 256; 256 when not given. An answer has 2 digits for each, and 27 characters around. */
	step?: number;
	/**
	 * Where answers are looked at that are not of a file, 128 bytes or more: of its own when what is in `buffer` must stay. In `buffer` when not
	 * given.
	 */
	scratch?: Uint8Array;
	/** What the platform's receiver can hold while nobody reads it, in bytes: `step` is made no larger than fits it. */
	receiverBytes?: number;
	/** How much of that is kept for lines that nobody asked for, where the modem cannot be told to leave them: 20, say. 0 when not given. */
	strayBytes?: number;
	/** Read the file a second time, since neither AT nor the file has a checksum; true when not given. */
	confirm?: boolean;
	/** The DER content of another OID in place of 2.23.43.9.1 and its mis-encoded form. */
	oid?: Uint8Array;
	/** A fixed file ID, 1 to 65535, under the PKCS #15 application, which skips the search. Not with `oid`. */
	fileId?: number;
	/** The limit for one command, in milliseconds; 10000 when not given. */
	commandLimitMs?: number;
	/** The limit for the whole procedure, in milliseconds; 60000 when not given. */
	limitMs?: number;
	/** The platform's own hex routines. */
	hex?: HexCodec;
	/** What is put around the link to the card: a SecureChannel of its own. */
	secure?: LinkCover;
}

/**
 * Data bytes of one answer that a receiver can hold, when all of it comes before anybody looks: two digits for each, and
 * 27 characters around, in steps of 8. 128 bytes hold 48; 64 hold 16.
 */
export function stepFor(receiverBytes: number, strayBytes: number): number {
	const step = ((receiverBytes - strayBytes - ANSWER_FRAME_BYTES) >> 1) & ~7;
	return Math.min(step, 256);
}

/** The AT layer that `options` ask for. */
export function atOver(port: Port, options: CsimOptions): At {
	const commandBytes = options.secure === undefined ? COMMAND_BYTES : options.secure.commandBytes;
	return new At(port, options.hex === undefined ? new Hex() : options.hex, AT_FRAME_BYTES + 2 * commandBytes);
}

/** The limit for one command. */
export function commandLimitOf(options: CsimOptions): number {
	const limitMs = options.commandLimitMs === undefined ? COMMAND_LIMIT_MS : options.commandLimitMs;
	if (!(limitMs >= 1 && limitMs <= 0x3fffffff))
		throw new TypeError("commandLimitMs: expected 1 or more, got " + limitMs);
	return limitMs;
}

/** The step that `options` ask for, and that fits the receiver. */
export function stepWithin(options: CsimOptions): number {
	const step = options.step === undefined ? LE_MAX : options.step;
	// Out of its range it stays, to be told.
	return step > LE_MAX ? step : Math.min(step, roomWithin(options));
}

/** The most data bytes of one answer that the receiver can hold. */
export function roomWithin(options: CsimOptions): number {
	if (options.receiverBytes === undefined) return LE_MAX;
	const most = stepFor(options.receiverBytes, options.strayBytes === undefined ? 0 : options.strayBytes);
	if (most < STEP_LEAST) {
		throw new TypeError("receiverBytes: expected 59 or more beside strayBytes, got " + options.receiverBytes);
	}
	return most;
}

/** What the procedure takes of `options`, with the step that fits its links. */
export function procedureOptions(options: CsimOptions, step: number, preludeMs: number): BootstrapOptions {
	return {
		buffer: options.buffer,
		step: step,
		confirm: options.confirm === undefined ? true : options.confirm,
		oid: options.oid === undefined ? null : options.oid,
		fileId: options.fileId === undefined ? -1 : options.fileId,
		limitMs: preludeMs + (options.limitMs === undefined ? PROCEDURE_LIMIT_MS : options.limitMs),
	};
}

/** Puts the procedure together; `preludeMs` is what the prelude may take beside the limit for the rest. */
export function assemble(at: At, prelude: Prelude, preludeMs: number, options: CsimOptions): Bootstrap {
	let step = stepWithin(options);
	let link: Link = new LinkCsim(at, commandLimitOf(options), false);
	if (options.secure !== undefined) {
		step = options.secure.fit(step);
		link = options.secure.around(link);
	}
	const device = new Bootstrap(
		{
			links: [link],
			at: at,
			modem: prelude,
			unlock: null,
			channels: new Channels(options.scratch === undefined ? options.buffer : options.scratch, false),
		},
		procedureOptions(options, step, preludeMs),
	);
	device.uicc.room = roomWithin(options);
	return device;
}

/**
 * Takes all the memory that the procedure needs.
 *
 * @throws TypeError when an option is out of its range
 */
export function overCsim(port: Port, options: CsimOptions): Bootstrap {
	const at = atOver(port, options);
	return assemble(at, new Modem(at, commandLimitOf(options)), 0, options);
}
