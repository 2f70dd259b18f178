// Command APDUs and status words (ISO 7816-4, 5; ETSI TS 102 221, 10 and 11).
//
//   CLA INS P1 P2                     case 1
//   CLA INS P1 P2 Le                  case 2
//   CLA INS P1 P2 Lc data             case 3
//   CLA INS P1 P2 Lc data Le          case 4

import {
	CARD_BUSY,
	CARD_REFUSED,
	CHANNEL_LOST,
	FILE_UNUSABLE,
	NOT_FOUND,
	OFFSET_BEYOND_END,
	OK,
	RECORD_NOT_FOUND,
	SECURITY_STATUS,
} from "./codes.js";

export const INS_VERIFY = 0x20;
export const INS_MANAGE_CHANNEL = 0x70;
export const INS_SELECT = 0xa4;
export const INS_READ_BINARY = 0xb0;
export const INS_READ_RECORD = 0xb2;
export const INS_GET_RESPONSE = 0xc0;
export const INS_STATUS = 0xf2;

/** The largest Le of a short APDU; it is written as 00. */
export const LE_MAX = 256;

/**
 * The interindustry CLA byte of a logical channel (TS 102 221, 10.1.1): 0X for channels 0 to 3, 4X for 4 to 19.
 */
export function claOf(channel: number): number {
	return channel < 4 ? channel : 0x40 | (channel - 4);
}

/** The same for ETSI's own commands: 8X and CX. */
export function etsiClaOf(channel: number): number {
	return 0x80 | claOf(channel);
}

/** One command APDU in a buffer of its own. */
export class Command {
	/** The command is bytes[0 … size). */
	readonly bytes: Uint8Array;
	size: number;

	/** @param most the longest command, in bytes */
	constructor(most: number) {
		this.bytes = new Uint8Array(most);
		this.size = 0;
	}

	/** A command of five bytes; the last one is Le, 1 to 256, or Lc. */
	header(cla: number, ins: number, p1: number, p2: number, p3: number): void {
		const bytes = this.bytes;
		bytes[0] = cla;
		bytes[1] = ins;
		bytes[2] = p1;
		bytes[3] = p2;
		bytes[4] = p3;
		this.size = 5;
	}

	/** Puts Lc and source[from … to), 255 bytes at the most, behind the header. */
	data(source: Uint8Array, from: number, to: number): void {
		this.bytes[4] = to - from;
		for (let i = from; i < to; i++) this.bytes[5 + i - from] = source[i];
		this.size = 5 + to - from;
	}

	/** Appends Le, 1 to 256, behind data. */
	le(value: number): void {
		this.bytes[this.size] = value;
		this.size += 1;
	}
}

/** What a status word asks of whoever sent the command. */
export const SW_DONE = 0;
/** 61xx: xx bytes (00 = 256) wait for GET RESPONSE. */
export const SW_MORE = 1;
/** 6Cxx: the same again with Le = xx. */
export const SW_WRONG_LE = 2;
/** 6400, 6500, 6581, 6985, 6281: a passing fault perhaps; the same again once. */
export const SW_AGAIN = 3;
/** Anything else: it failed, and failureOf says how. */
const SW_FAILED = 4;

/** 9300: the card's toolkit is busy; the same again later. */
export const SW_TOOLKIT_BUSY = 0x9300;
/** 6282: success, but the file ended before Le bytes. */
export const SW_END_OF_FILE = 0x6282;

/** TS 102 221, 10.2, and for cards of old TS 51.011, 9.4. */
export function meaningOf(sw: number): number {
	const sw1 = sw >> 8;
	// 91xx: a proactive command waits, which the modem fetches. 92xx: the same with information on a data transfer.
	if (sw === 0x9000 || sw1 === 0x91 || sw1 === 0x92 || sw === SW_END_OF_FILE) return SW_DONE;
	if (sw1 === 0x61 || sw1 === 0x9f) return SW_MORE;
	if (sw1 === 0x6c) return SW_WRONG_LE;
	return sw1 === 0x64 || sw1 === 0x65 || sw === 0x6985 || sw === 0x6281 ? SW_AGAIN : SW_FAILED;
}

/** The error for a status word that is not success. */
export function failureOf(sw: number): number {
	switch (sw) {
		case 0x9000:
			return OK;
		case 0x9300:
			return CARD_BUSY;
		case 0x6881:
			return CHANNEL_LOST;
		case 0x6982:
		case 0x6989:
			return SECURITY_STATUS;
		case 0x6a82:
		case 0x9404:
			return NOT_FOUND;
		case 0x6a83:
			return RECORD_NOT_FOUND;
		case 0x6283:
		case 0x6284:
		case 0x6981:
		case 0x6986:
			return FILE_UNUSABLE;
		case 0x6b00:
			return OFFSET_BEYOND_END;
	}
	return CARD_REFUSED;
}
