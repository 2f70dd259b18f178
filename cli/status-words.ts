// Status words in words (ETSI TS 102 221, 10.2; ISO 7816-4, 5.6; the last ones TS 51.011, 9.4).

import { counted } from "./escape.js";

const NAMES: Readonly<Record<number, string>> = {
	36864: "ok",
	37632: "the card's toolkit is busy",
	25088: "warning, no information given",
	25217: "part of the data may be corrupted",
	25218: "the file ended before all was read",
	25219: "the file is deactivated",
	25220: "the file is terminated",
	25329: "more data available",
	25330: "more data available, and a toolkit command waits",
	25331: "response data available",
	25585: "more data expected",
	25586: "more data expected, and a toolkit command waits",
	25600: "execution error, nothing changed",
	25856: "execution error, memory changed",
	25985: "memory problem",
	26368: "wrong length",
	26753: "logical channel not supported or not open",
	26754: "secure messaging not supported",
	27009: "command does not fit the kind of file",
	27010: "security status not satisfied, a PIN or key is needed",
	27011: "PIN blocked",
	27012: "referenced data cannot be used",
	27013: "conditions of use not satisfied",
	27014: "no file is selected",
	27015: "secure messaging data missing",
	27016: "secure messaging data wrong",
	27017: "secure channel required",
	27264: "wrong data",
	27265: "function not supported, or no channel free",
	27266: "file or application not found",
	27267: "record not found",
	27268: "not enough memory",
	27270: "wrong P1 or P2",
	27271: "length does not fit P1 and P2",
	27272: "referenced data not found",
	27392: "offset outside the file",
	27904: "instruction not supported",
	28160: "class not supported",
	28416: "technical problem",
	37888: "no file is selected",
	37890: "address out of range",
	37892: "file not found",
	37896: "command does not fit the kind of file",
	38916: "access condition not fulfilled",
	38976: "PIN blocked",
	38992: "value cannot be increased",
	39010: "authentication failed",
	39011: "security session expired",
	39012: "authentication failed, context not supported",
};

function byteCount(low: number): string {
	return counted(low === 0 ? 256 : low, "byte");
}

/** The name of any status word. */
export function statusName(sw: number): string {
	const name = NAMES[sw];
	if (name !== undefined) return name;
	const low = sw & 255;
	switch (sw >> 8) {
		case 0x91:
			return `ok, a toolkit command of ${byteCount(low)} waits for the modem`;
		case 0x92:
			return "ok, with information on a data transfer";
		case 0x61:
		case 0x9f:
			return `ok, ${byteCount(low)} to fetch`;
		case 0x6c:
			return `wrong length, ${byteCount(low)} would be right`;
		case 0x62:
			return "warning";
		case 0x63:
			return (low & 0xf0) === 0xc0 ? `wrong PIN, ${low & 15} tries left` : "warning, memory changed";
		case 0x64:
		case 0x65:
			return "execution error";
		case 0x66:
			return "security problem";
		case 0x67:
			return "wrong length";
		case 0x68:
			return "function in the class byte not supported";
		case 0x69:
			return "command not allowed";
		case 0x6a:
		case 0x6b:
			return "wrong parameters";
		case 0x6d:
			return "instruction not supported";
		case 0x6e:
			return "class not supported";
		case 0x6f:
			return "technical problem";
	}
	return "unknown status word";
}

/** How a status word is meant: done, done in part or with something to do, refused (TS 102 221, 10.2). */
export function statusKind(sw: number): "good" | "warn" | "bad" {
	switch (sw >> 8) {
		case 0x90:
		case 0x91:
		case 0x92:
			return "good";
		case 0x61:
		case 0x62:
		case 0x63:
		case 0x6c:
		case 0x9f:
			return "warn";
	}
	return "bad";
}

/** "6A82". */
export function statusHex(sw: number): string {
	return sw.toString(16).toUpperCase().padStart(4, "0");
}
