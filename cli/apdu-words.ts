// Command APDUs in words (ETSI TS 102 221, 10.1 and 11.1).

import { counted, masked, toHex } from "./escape.js";
import { statusHex, statusName } from "./status-words.js";

export const INS_MANAGE_CHANNEL = 0x70;
export const INS_SELECT = 0xa4;
export const INS_READ_BINARY = 0xb0;
export const INS_READ_RECORD = 0xb2;
export const INS_GET_RESPONSE = 0xc0;
export const INS_STATUS = 0xf2;

export const PKCS15_AID = "A000000063504B43532D3135";

/** What AIDs begin with. */
const APPLICATIONS: readonly (readonly [aid: string, name: string])[] = [
	[PKCS15_AID, "PKCS #15"],
	["A0000000871002", "USIM"],
	["A0000000871004", "ISIM"],
];

const FILES: Readonly<Record<string, string>> = {
	"3F00": "MF",
	"2F00": "EF(DIR)",
	"2F05": "EF(PL)",
	"2FE2": "EF(ICCID)",
	"5031": "EF(ODF)",
	"5032": "EF(TokenInfo)",
};

const OTHERS: Readonly<Record<number, string>> = {
	16: "TERMINAL PROFILE",
	18: "FETCH",
	20: "TERMINAL RESPONSE",
	32: "VERIFY PIN",
	36: "CHANGE PIN",
	38: "DISABLE PIN",
	40: "ENABLE PIN",
	44: "UNBLOCK PIN",
	80: "INITIALIZE UPDATE",
	130: "EXTERNAL AUTHENTICATE",
	132: "GET CHALLENGE",
	136: "AUTHENTICATE",
	170: "TERMINAL CAPABILITY",
	194: "ENVELOPE",
	202: "GET DATA",
	214: "UPDATE BINARY",
	220: "UPDATE RECORD",
};

/** The logical channel in a CLA byte (TS 102 221, 10.1.1). */
function channelOf(cla: number): number {
	return (cla & 0x40) === 0 ? cla & 3 : 4 + (cla & 15);
}

/** CLA of an ISO command on a logical channel (likewise). */
export function claOf(channel: number): number {
	return channel < 4 ? channel : 0x40 | (channel - 4);
}

/** Whether secure messaging is on, so that the data mean nothing as they are. */
export function isWrapped(cla: number): boolean {
	return (cla & 0x40) === 0 ? (cla & 0x0c) !== 0 : (cla & 0x20) !== 0;
}

/** The data of a command of case 3 or 4. */
function dataOf(apdu: Uint8Array): Uint8Array {
	return apdu.length > 5 ? apdu.subarray(5, 5 + apdu[4]) : new Uint8Array(0);
}

/** "7FFF/5031" */
export function pathWords(path: Uint8Array): string {
	return toHex(path).replace(/(.{4})(?=.)/g, "$1/");
}

/** "application PKCS #15 A0…" */
export function applicationWords(aid: string): string {
	const known = APPLICATIONS.find(([begin]) => aid.startsWith(begin));
	return `application ${known === undefined ? "" : `${known[1]} `}${aid}`;
}

/** What a file is called: by its ID, or as whoever reads it says. */
export function fileWords(fid: string, fileName: string | null): string {
	return FILES[fid] ?? fileName ?? "file";
}

/** Whether the SELECT is one of a file, and its FID if so. */
export function selectedFile(apdu: Uint8Array): string | null {
	const data = dataOf(apdu);
	if (apdu[1] !== INS_SELECT || apdu[2] === 4 || data.length < 2) return null;
	return toHex(data.subarray(data.length - 2));
}

function selectWords(apdu: Uint8Array, fileName: string | null): string {
	const data = dataOf(apdu);
	const fcp = (apdu[3] & 0x0c) === 0x04 ? ", with FCP" : "";
	if (apdu[2] === 4) {
		return `SELECT ${applicationWords(toHex(data))} by AID${fcp}`;
	}
	const name = fileWords(toHex(data.subarray(-2)), fileName);
	const hows: Readonly<Record<number, string>> = {
		0: "by file ID",
		1: "by file ID of a child DF",
		2: "by file ID of an EF",
		3: "as the parent DF",
		8: "by path from MF",
		9: "by path from the current DF",
	};
	return `SELECT ${name} ${pathWords(data)} ${hows[apdu[2]] ?? `with P1 ${apdu[2]}`}${fcp}`;
}

function expected(apdu: Uint8Array): string {
	if (apdu.length < 5) return "all there is";
	return counted(apdu[4] === 0 ? 256 : apdu[4], "byte");
}

function words(apdu: Uint8Array, fileName: string | null): string {
	const [, ins, p1, p2] = apdu;
	switch (ins) {
		case INS_MANAGE_CHANNEL:
			return p1 === 0x80 ? `MANAGE CHANNEL, close channel ${p2}` : "MANAGE CHANNEL, open a channel";
		case INS_SELECT:
			return selectWords(apdu, fileName);
		case INS_READ_BINARY:
			if ((p1 & 0x80) !== 0) return `READ BINARY of SFI ${p1 & 31}, ${expected(apdu)} from ${p2}`;
			return `READ BINARY, ${expected(apdu)} from ${(p1 << 8) | p2}`;
		case INS_READ_RECORD:
			return `READ RECORD ${p1}, ${expected(apdu)}`;
		case INS_GET_RESPONSE:
			return `GET RESPONSE, ${expected(apdu)}`;
		case INS_STATUS:
			return "STATUS";
	}
	const name = OTHERS[ins] ?? `instruction ${toHex(apdu.subarray(1, 2))}`;
	const data = dataOf(apdu);
	return data.length === 0 ? name : `${name} with ${masked(data.length)}`;
}

const PROTECTED: Readonly<Record<number, string>> = {
	[INS_SELECT]: "SELECT",
	[INS_READ_BINARY]: "READ BINARY",
	[INS_READ_RECORD]: "READ RECORD",
	[INS_STATUS]: "STATUS",
};

/** What can be said of a command whose data are encrypted. */
function protectedWords(apdu: Uint8Array): string {
	const name = PROTECTED[apdu[1]] ?? OTHERS[apdu[1]] ?? `instruction ${toHex(apdu.subarray(1, 2))}`;
	const [, ins, p1, p2] = apdu;
	const where = ins === INS_READ_BINARY && (p1 & 0x80) === 0 ? ` from ${(p1 << 8) | p2}` : "";
	return `${name}${where} with ${masked(dataOf(apdu).length)}`;
}

/**
 * @param fileName what the file that is selected is called, when its ID does not tell
 * @param where where the command goes to, when that is no channel of its own; "" for nothing to say
 */
export function commandWords(apdu: Uint8Array, fileName: string | null, where?: string): string {
	if (apdu.length < 4) return "too short for a command";
	if (apdu[1] === INS_MANAGE_CHANNEL) return words(apdu, fileName);
	const place = where ?? `channel ${channelOf(apdu[0])}`;
	const behind = place === "" ? "" : `, ${place}`;
	if (!isWrapped(apdu[0])) return words(apdu, fileName) + behind;
	return `${protectedWords(apdu)}${behind}, secure messaging`;
}

/** @param data the response data as they may be shown */
export function answerWords(sw: number, data: string): string {
	return `${statusHex(sw)} ${statusName(sw)}${data === "" ? "" : `: ${data}`}`;
}
