// The words that AT lines begin with or consist of (TS 27.007, V.250), in one list, and the fixed commands behind it. A line is
// recognised while it arrives: one place in the list is all that has to be remembered, no line is ever stored.

// The responses, those first that come most often. The numbers below are their places; a test holds the two together.
const RESPONSES =
	"+CSIM:\nOK\n+CME ERROR:\nERROR\n+CPIN:\n+CMEE:\n+CMS ERROR:\n+KSUP:\n+SYSSTART\nAPP RDY\nRDY\n0\n4\n" +
	"READY\nSIM PIN\nSIM PIN required\nSIM PUK\nSIM PUK required\nSIM busy\nSIM failure\nSIM not inserted\nSIM wrong\nNOT INSERTED\nNOT READY\n+CFUN:\n" +
	"+CGLA:\n+CRSM:\n+CCHO:\n+CMT:\n+CDS:\n+CBM:\n+CMGL:\n+CMGR:\n+CUSD:\n" +
	"SIM PIN2\nSIM PUK2\n+CCID:\n+ICCID:\n";

export const CSIM_WORD = 0;
export const OK_WORD = 1;
export const CME_ERROR_WORD = 2;
export const ERROR_WORD = 3;
export const CPIN_WORD = 4;
export const CMEE_WORD = 5;
export const CMS_ERROR_WORD = 6;
export const KSUP_WORD = 7;
export const SYSSTART_WORD = 8;
export const APP_RDY_WORD = 9;
export const RDY_WORD = 10;
export const NUMERIC_OK_WORD = 11;
export const NUMERIC_ERROR_WORD = 12;
export const READY_WORD = 13;
export const SIM_PIN_WORD = 14;
export const SIM_PIN_REQUIRED_WORD = 15;
export const SIM_PUK_WORD = 16;
export const SIM_PUK_REQUIRED_WORD = 17;
export const SIM_BUSY_WORD = 18;
export const SIM_FAILURE_WORD = 19;
export const SIM_NOT_INSERTED_WORD = 20;
export const SIM_WRONG_WORD = 21;
export const NOT_INSERTED_WORD = 22;
export const NOT_READY_WORD = 23;
export const CFUN_WORD = 24;
export const CGLA_WORD = 25;
export const CRSM_WORD = 26;
export const CCHO_WORD = 27;
/** Behind these the next line is the text of a message, */
export const CMT_WORD = 28;
export const CMGR_WORD = 32;
/** and this one may hold text over several lines, in quotes. */
export const CUSD_WORD = 33;
export const SIM_PIN2_WORD = 34;
export const SIM_PUK2_WORD = 35;
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

const RESPONSE_COUNT = ATE0V1;

const COLON = 58;
const FIRST_PRINTABLE = 32;

export class Words {
	/** Both lists; before each word stands its length. */
	readonly bytes: Uint8Array;
	/** Where the word that `find` looked for begins and ends. */
	from: number;
	to: number;
	/** The word that matches so far, where it begins, and how many of its characters have come. */
	private word: number;
	private at: number;
	private depth: number;

	/** @param other a list whose bytes this one shares; each recognises a line of its own */
	constructor(other?: Words) {
		this.from = 0;
		this.to = 0;
		this.word = 0;
		this.at = 1;
		this.depth = 0;
		if (other !== undefined) {
			this.bytes = other.bytes;
			return;
		}
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
	}

	/** Begins with a new line or a new word in it. */
	reset(): void {
		this.word = 0;
		this.at = 1;
		this.depth = 0;
	}

	/** Whether nothing has been taken since `reset`. */
	get empty(): boolean {
		return this.depth === 0;
	}

	/** Takes the next character. False when no response of the list begins like this; it is not called again then before `reset`. */
	take(character: number): boolean {
		const bytes = this.bytes;
		const depth = this.depth;
		const at = this.at;
		let next = at;
		for (let word = this.word; word < RESPONSE_COUNT; word++) {
			// A word that was passed over can never match again, since what has come only grows.
			if (bytes[next + depth] === character && depth < bytes[next - 1] && this.alike(at, next)) {
				this.at = next;
				this.word = word;
				this.depth = depth + 1;
				return true;
			}
			next += bytes[next - 1] + 1;
		}
		return false;
	}

	/** Whether two words begin with the same characters, as far as they have come. */
	private alike(at: number, next: number): boolean {
		if (at === next) return true;
		for (let i = 0; i < this.depth; i++) if (this.bytes[next + i] !== this.bytes[at + i]) return false;
		return true;
	}

	/**
	 * Takes the characters of source[from … to) up to a colon that ends a word, before the end of the line, or before the first
	 * character that no word has there. Returns the place behind the last one taken.
	 */
	run(source: Uint8Array, from: number, to: number): number {
		const bytes = this.bytes;
		let at = this.at + this.depth;
		let end = this.at + bytes[this.at - 1];
		while (from < to) {
			const character = source[from];
			if (at < end && bytes[at] === character) {
				++at;
				++from;
				if (character === COLON) break;
			} else {
				this.depth = at - this.at;
				if (character < FIRST_PRINTABLE || !this.take(character)) return from;
				++from;
				at = this.at + this.depth;
				end = this.at + bytes[this.at - 1];
			}
		}
		this.depth = at - this.at;
		return from;
	}

	/** The word that ends just here, or -1. */
	whole(): number {
		return this.depth === this.bytes[this.at - 1] ? this.word : -1;
	}

	/** Sets `from` and `to` to the bytes of what has come since `reset` and matches so far. */
	findPrefix(): void {
		this.from = this.at;
		this.to = this.at + this.depth;
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
