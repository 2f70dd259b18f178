// Puts the procedure together for `connect` and `verify`: what of the core the bundle has, and how its parts are joined, stands here
// and nowhere else.

import { At, TEXT_MAX_BYTES } from "../../src/at.js";
import { AT_FRAME_BYTES } from "../../src/at-link.js";
import { Bootstrap } from "../../src/bootstrap.js";
import { Channels } from "../../src/channel-search.js";
import { Entrance } from "../../src/entrance.js";
import { LentLine } from "../../src/lent-line.js";
import { Life, type RefusedKeys, VERIFY_LIMIT_MS } from "../../src/life.js";
import type { Link, LinkCover } from "../../src/link.js";
import { LinkCgla } from "../../src/link-cgla.js";
import { LinkCsim } from "../../src/link-csim.js";
import { Modem, type Prelude } from "../../src/modem.js";
import { COMMAND_LIMIT_MS, PROCEDURE_LIMIT_MS, stepFor } from "../../src/over-csim.js";
import { VIA_CGLA, VIA_CSIM } from "../../src/over-modem.js";
import { Pin } from "../../src/pin.js";
import type { Lender, Port } from "../../src/platform.js";
import { longestMs, Power } from "../../src/power.js";
import { CardRecord, ICCID_AT } from "../../src/store.js";
import { COMMAND_BYTES } from "../../src/uicc.js";
import { AT_CCID, AT_CSIMSLEEP_1 } from "../../src/words.js";
import { Hex } from "./hex.js";
import { type Board, pinsOf } from "./pins.js";
import { firmwareSha256 } from "./sha256.js";
import { flash } from "./store.js";

/** The secure channel of one connection. */
export interface Cover extends LinkCover, RefusedKeys {
	/** Wipes the keys. */
	close(): void;
}

/** What the module simscp03 makes of keys (secure.ts). */
export interface Keys {
	/** A secure channel with them. */
	cover(): Cover;
	/** The name of an error of its own. */
	nameOf(code: number): string;
}

export interface ConnectOptions {
	/** The largest file that is taken, in bytes; 1024 when not given. */
	fileBytes?: number;
	/** The board's pins and how its modem is woken. Without it the modem has to be on. */
	board?: Board;
	/**
	 * Keep what was read in Storage, with the keys in it, so that the next run only compares it with the card, and knows what has become of
	 * it; and a channel that could not be closed. True when not given.
	 */
	remember?: boolean;
	/** The keys of a secure channel to the card, from the module simscp03. */
	secure?: Keys;
	/** During `verify`: gets what comes from the modem and is no answer to what is asked, piece by piece and with the line ends. */
	onData?: (text: string) => void;
	/** What the UART's receiver can hold while JavaScript is busy; by the firmware's version when not given. */
	receiverBytes?: number;
	/** How much of that is kept for lines that nobody asked for; 0 when not given. */
	strayBytes?: number;
	/** Read the file a second time; true when not given. */
	confirm?: boolean;
	/** The DER content of another OID in place of the bootstrap file's. */
	oid?: Uint8Array;
	/** A fixed file ID under the PKCS #15 application in place of the search. */
	fileId?: number;
	/** The card's PIN, for a file that needs one. It is verified once, and never when a wrong one could block it. */
	pin?: string;
	/** The limits for one command and for the whole procedure, in milliseconds; 10000 and 60000 when not given. */
	commandLimitMs?: number;
	limitMs?: number;
}

/** The procedure, around it its life if there is a record, and its secure channel if there is one. */
export interface Composition {
	bootstrap: Bootstrap;
	life: Life | null;
	cover: Cover | null;
}

const FILE_BYTES = 1024;
/** Below this no receiver is of use. */
const STEP_LEAST = 16;
/** Where answers are looked at that are not of the file, so that its image in the buffer stays. */
const SCRATCH_BYTES = 128;
/** What the keys of the record begin with. */
const RECORD_NAME = "sim";
/** Up to 2v29 what comes behind the first 64 bytes of one burst is lost (espruino/Espruino#2718; fixed in build 96 after it). */
const LOSING_BYTES = 64;
const USUAL_BYTES = 128;
const VERSION_FIXED = 2e8 + 29e4 + 96;

/**
 * @param verifying on a line that the application lends, with a modem that is on
 * @throws TypeError when an option is out of its range
 */
export function compose(port: Port & Lender, options: ConnectOptions, verifying: boolean): Composition {
	// 2v29, or 2v29.96 for a build between two releases.
	const version = process.version.replace("v", ".").split(".");
	const fixed = +version[0] * 1e8 + +version[1] * 1e4 + (+version[2] | 0) >= VERSION_FIXED;
	const receiverBytes = options.receiverBytes || (fixed ? USUAL_BYTES : LOSING_BYTES);
	const room = stepFor(receiverBytes, options.strayBytes || 0);
	if (!(room >= STEP_LEAST))
		throw new TypeError("receiverBytes: expected 59 or more beside strayBytes, got " + receiverBytes);
	const remember = verifying || options.remember !== false;
	const buffer = new Uint8Array(options.fileBytes || FILE_BYTES);
	const scratch = remember ? new Uint8Array(SCRATCH_BYTES) : buffer;
	const pin = options.pin ? new Pin(E.toUint8Array(options.pin), false, scratch) : null;
	const cover = options.secure ? options.secure.cover() : null;
	const commandBytes = cover ? cover.commandBytes : COMMAND_BYTES;
	const at = new At(port, new Hex(), AT_FRAME_BYTES + TEXT_MAX_BYTES + 1 + 2 * commandBytes);
	const commandMs = options.commandLimitMs || COMMAND_LIMIT_MS;
	let limitMs = options.limitMs || PROCEDURE_LIMIT_MS;
	let step = room;
	let csim: Link = new LinkCsim(at, commandMs, false);
	let cgla: Link = new LinkCgla(at, commandMs);
	if (cover) {
		step = cover.fit(room);
		csim = cover.around(csim);
		cgla = cover.around(cgla);
	}
	const modem = new Modem(at, commandMs);
	const board = options.board;
	let prelude: Prelude = modem;
	if (board && !verifying) {
		prelude = new Power(at, modem, pinsOf(board), board.bringUp);
		limitMs += longestMs(board.bringUp.steps);
	}
	const line = new LentLine(at, port);
	const sleeps = board ? board.bringUp.goodbye.indexOf(AT_CSIMSLEEP_1) >= 0 : false;
	let record: CardRecord | null = null;
	let entrance: Entrance | null = null;
	if (remember) {
		record = new CardRecord(flash, buffer, RECORD_NAME);
		prelude = entrance = new Entrance(at, prelude, modem, line, AT_CCID, sleeps, record.header, ICCID_AT);
	}
	const bootstrap = new Bootstrap(
		{
			links: [csim, cgla],
			at: at,
			modem: prelude,
			unlock: pin,
			channels: new Channels(scratch, false),
		},
		{
			buffer: buffer,
			step: step,
			confirm: options.confirm !== false,
			oid: options.oid || null,
			fileId: options.fileId || -1,
			limitMs: limitMs,
		},
	);
	bootstrap.uicc.room = room;
	let life: Life | null = null;
	if (record && entrance)
		life = new Life(
			{
				bootstrap: bootstrap,
				entrance: entrance,
				line: line,
				record: record,
				ways: new Uint8Array([VIA_CSIM, VIA_CGLA]),
				pin: pin,
				secure: cover,
				sha256: firmwareSha256() || null,
			},
			{ useUnverified: true, verifyLimitMs: VERIFY_LIMIT_MS },
		);
	return { bootstrap: bootstrap, life: life, cover: cover };
}
