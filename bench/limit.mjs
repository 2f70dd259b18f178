// The physical limit: what reading a file of n bytes through AT commands needs at the least, whoever does it. It knows beforehand
// what a reader cannot know (how long each directory file is, that the card takes each command at once), has no bring-up of the modem
// and no echo, and counts nothing but the exchanges:
//
// - cold: a channel is opened (MANAGE CHANNEL, 5 bytes, 1 byte of data), the application selected by its AID (17 bytes), EF(ODF),
//   EF(DODF) and the file each selected by FID without asking for data (7 bytes) and read (5 bytes each time), the channel closed
//   (4 bytes). One READ BINARY brings `step` bytes at the most (256 by its Le of one byte), so a file of n bytes takes
//   ceil(n / step) of them; no byte of a file is read twice and none behind its content.
// - confirmed: the file is selected and read once more; that is what a second reading means.
// - remembered: the channel, the application, the file selected and read, the channel closed. A digest of the card does not exist: to
//   know that the file is unchanged is to read it.
// - +CGLA: the modem opens the channel and selects the application by one AT+CCHO, and closes it by AT+CCHC.
//
// An exchange of a command of c bytes and an answer of d data bytes is, in digits of two to a byte,
//
//   AT+CSIM=<2c>,"<2c digits>" CR        CR LF +CSIM: <2d + 4>,"<2d + 4 digits>" CR LF   CR LF OK CR LF
//
// and +CGLA has <session>, before the length.

import { bootstrapCard } from "../build/bundle/virtual.js";

const AID_BYTES = 12;
const COMMAND_FRAME = 'AT+CSIM=,""\r'.length;
const ANSWER_FRAME = '\r\n+CSIM: ,""\r\n\r\nOK\r\n'.length;
const CCHO_BYTES = `AT+CCHO="${"A0".repeat(AID_BYTES)}"\r`.length + "\r\n+CCHO: 1\r\n\r\nOK\r\n".length;
const CCHC_BYTES = "AT+CCHC=1\r\r\nOK\r\n".length;
/** A byte on the line: start bit, 8 bits, stop bit. */
const BITS_PER_BYTE = 10;

/** @param {number} c bytes of a command @param {number} d data bytes of its answer @param {number} extra characters of a session */
function exchangeBytes(c, d, extra) {
	const lengths = String(2 * c).length + String(2 * d + 4).length;
	return COMMAND_FRAME + extra + 2 * c + ANSWER_FRAME + 2 * d + 4 + lengths;
}

/**
 * @param {{ size: number, step: number, kind: "cold" | "confirmed" | "remembered", cgla?: boolean }} what
 * @returns {{ exchanges: number, bytes: number, ms: (baud: number, latencyMs: number) => number }}
 */
export function limitOf({ size, step, kind, cgla = false }) {
	const { odf, dodfs } = bootstrapCard({});
	const extra = cgla ? 2 : 0;
	let exchanges = 0;
	let bytes = 0;
	const exchange = (/** @type {number} */ c, /** @type {number} */ d) => {
		exchanges++;
		bytes += exchangeBytes(c, d, extra);
	};
	const readFile = (/** @type {number} */ length) => {
		exchange(7, 0);
		for (let at = 0; at < length; at += step) exchange(5, Math.min(step, length - at));
	};
	if (cgla) {
		exchanges += 2;
		bytes += CCHO_BYTES + CCHC_BYTES;
	} else {
		exchange(5, 1);
		exchange(5 + AID_BYTES, 0);
	}
	if (kind !== "remembered") {
		readFile(contentOf(odf.data));
		readFile(contentOf(dodfs[0].data));
	}
	readFile(size);
	if (kind === "confirmed") readFile(size);
	if (!cgla) exchange(4, 0);
	return {
		exchanges,
		bytes,
		ms: (baud, latencyMs) => (bytes * BITS_PER_BYTE * 1000) / baud + exchanges * latencyMs,
	};
}

/** @param {Uint8Array | undefined} data of a directory file; behind its content stands padding */
function contentOf(data = new Uint8Array(0)) {
	let length = data.length;
	while (length > 0 && data[length - 1] === 0xff) length--;
	return length;
}
