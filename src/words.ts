// The words that AT lines begin with or consist of (TS 27.007, V.250), in one list, and the fixed commands behind it. As bytes, since a
// string costs memory each time it is looked at.

// The responses. The numbers below are their places; a test holds the two together. Behind a word that ends with a colon something follows.
const RESPONSES =
	"OK\n+CSIM:\nERROR\n+CME ERROR:\n+CMS ERROR:\n+CPIN:\n+CMEE:\n+CFUN:\n" +
	// A modem that starts.
	"RDY\nAPP RDY\n+SYSSTART\n+KSUP:\n" +
	// Results as numbers (ATV0).
	"0\n4\n" +
	// Behind +CPIN:.
	"READY\nSIM PIN\nSIM PUK\nSIM PIN2\nSIM PUK2\nNOT INSERTED\nNOT READY\n" +
	// Behind +CME ERROR:, numbers 10 to 15 (TS 27.007, 9.2.1).
	"SIM not inserted\nSIM PIN required\nSIM PUK required\nSIM failure\nSIM busy\nSIM wrong\n" +
	// Behind these the next line is the text of a message, and behind the last one a text may go over several lines, in quotes.
	"+CMT:\n+CDS:\n+CBM:\n+CMGL:\n+CMGR:\n+CUSD:\n" +
	"+CGLA:\n+CRSM:\n" +
	// Behind these a text is the answer, and a modem may leave the word away.
	"+CCHO:\n+CCID:\n+ICCID:\n";

export const OK_WORD = 0;
export const CSIM_WORD = 1;
export const ERROR_WORD = 2;
export const CME_ERROR_WORD = 3;
export const CMS_ERROR_WORD = 4;
export const CPIN_WORD = 5;
export const CMEE_WORD = 6;
export const CFUN_WORD = 7;
export const RDY_WORD = 8;
export const APP_RDY_WORD = 9;
export const SYSSTART_WORD = 10;
export const KSUP_WORD = 11;
export const NUMERIC_OK_WORD = 12;
export const NUMERIC_ERROR_WORD = 13;
export const READY_WORD = 14;
export const SIM_PIN_WORD = 15;
export const SIM_PUK_WORD = 16;
export const SIM_PIN2_WORD = 17;
export const SIM_PUK2_WORD = 18;
export const NOT_INSERTED_WORD = 19;
export const NOT_READY_WORD = 20;
export const SIM_NOT_INSERTED_WORD = 21;
export const SIM_WRONG_WORD = 26;
export const CMT_WORD = 27;
export const CMGR_WORD = 31;
export const CUSD_WORD = 32;
export const CGLA_WORD = 33;
export const CRSM_WORD = 34;
export const CCHO_WORD = 35;
export const CCID_WORD = 36;
export const ICCID_WORD = 37;

// The commands, in any order, each with the CR that ends it unless something follows.
const COMMANDS =
	"ATE0V1\r\nAT+CMEE=1\r\nAT+CMEE?\r\nAT+CPIN?\r\nAT+CSIM=\n" +
	"AT\r\nAT+CEREG=0\r\nAT+CFUN?\r\nAT+CFUN=1\r\nAT+CSIMSLEEP=0\r\nAT+CSIMSLEEP=1\r\n" +
	"AT+CGLA=\nAT+CCHO=\nAT+CCHC=\nAT+CRSM=\nAT+CCID\r\nAT+CICCID\r\n";

export const ATE0V1 = 38;
export const AT_CMEE_1 = 39;
export const AT_CMEE_QUERY = 40;
export const AT_CPIN_QUERY = 41;
export const AT_CSIM = 42;
export const AT_ALONE = 43;
export const AT_CEREG_0 = 44;
export const AT_CFUN_QUERY = 45;
export const AT_CFUN_1 = 46;
export const AT_CSIMSLEEP_0 = 47;
export const AT_CSIMSLEEP_1 = 48;
export const AT_CGLA = 49;
export const AT_CCHO = 50;
export const AT_CCHC = 51;
export const AT_CRSM = 52;
export const AT_CCID = 53;
export const AT_CICCID = 54;

export const RESPONSE_COUNT = ATE0V1;

const COLON = 58;

export class Words {
	/** Both lists; before each word stands its length. */
	readonly bytes: Uint8Array;
	/** Where the word that `find` looked for begins and ends. */
	from: number;
	to: number;
	/** Where the word that `match` found ends in its text. */
	end: number;

	constructor() {
		const text = RESPONSES + COMMANDS;
		const bytes = new Uint8Array(text.length + 1);
		let start = 0;
		for (let i = 0; i < text.length; i++) {
			if (text[i] === "\n") {
				bytes[start] = i - start;
				start = i + 1;
			} else bytes[i + 1] = text.charCodeAt(i);
		}
		this.bytes = bytes;
		this.from = 0;
		this.to = 0;
		this.end = 0;
	}

	/** The response that the line text[from … to) is, or begins with up to a colon; -1 for none. */
	match(text: Uint8Array, from: number, to: number): number {
		const bytes = this.bytes;
		let at = 1;
		for (let word = 0; word < RESPONSE_COUNT; word++) {
			const end = at + bytes[at - 1];
			let i = from;
			while (at < end && i < to && bytes[at] === text[i]) {
				++at;
				++i;
			}
			if (at === end && (i === to || bytes[at - 1] === COLON)) {
				this.end = i;
				return word;
			}
			at = end + 1;
		}
		return -1;
	}

	/** Sets `from` and `to` to the bytes of a word or command. */
	find(word: number): void {
		const bytes = this.bytes;
		let at = 1;
		for (; word > 0; word--) at += bytes[at - 1] + 1;
		this.from = at;
		this.to = at + bytes[at - 1];
	}
}
