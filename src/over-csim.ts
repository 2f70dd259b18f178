// The usual composition: the procedure over a modem's AT+CSIM, with the portable hex routines. An application that needs other
// parts puts them together in the same way; what it does not name is not in its bundle.

import { At } from "./at.js";
import { Bootstrap } from "./bootstrap.js";
import { Hex } from "./hex.js";
import { CSIM_FRAME_BYTES, LinkCsim } from "./link-csim.js";
import { Modem } from "./modem.js";
import type { HexCodec, Port } from "./platform.js";
import { COMMAND_BYTES } from "./uicc.js";

/** One command may take this long: the slowest modem that gives a figure says 9 s. */
export const COMMAND_LIMIT_MS = 10000;
/** The whole procedure, on a device whose modem is on. */
export const PROCEDURE_LIMIT_MS = 60000;

export interface CsimOptions {
	/** Where the file is read to: its largest size, at most 32768 bytes. */
	buffer: Uint8Array;
	/** Data bytes of one answer at most, 1 to 256; 256 when not given. An answer has 2 digits for each, and 27 characters around. */
	step?: number;
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
}

/**
 * Takes all the memory that the procedure needs.
 *
 * @throws TypeError when an option is out of its range
 */
export function overCsim(port: Port, options: CsimOptions): Bootstrap {
	const commandLimitMs = options.commandLimitMs === undefined ? COMMAND_LIMIT_MS : options.commandLimitMs;
	const at = new At(port, options.hex === undefined ? new Hex() : options.hex, CSIM_FRAME_BYTES + 2 * COMMAND_BYTES);
	return new Bootstrap(
		{ link: new LinkCsim(at, commandLimitMs), at: at, modem: new Modem(at, commandLimitMs) },
		{
			buffer: options.buffer,
			step: options.step === undefined ? 256 : options.step,
			confirm: options.confirm === undefined ? true : options.confirm,
			oid: options.oid === undefined ? null : options.oid,
			fileId: options.fileId === undefined ? -1 : options.fileId,
			limitMs: options.limitMs === undefined ? PROCEDURE_LIMIT_MS : options.limitMs,
		},
	);
}
