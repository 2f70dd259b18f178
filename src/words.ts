// The words that AT lines begin with or consist of (TS 27.007, V.250), in one sorted list, and the fixed commands behind it.
// A line is recognised while it arrives: one place in the list is all that has to be remembered, no line is ever stored.

// The responses, sorted by their bytes. The numbers below are their places; a test holds the two together.
const RESPONSES =
	"+CME ERROR:\n+CMEE:\n+CMS ERROR:\n+CPIN:\n+CSIM:\n+KSUP:\n+SYSSTART\n0\n4\nAPP RDY\nERROR\nNOT INSERTED\nNOT READY\nOK\nRDY\n" +
	"READY\nSIM PIN\nSIM PIN required\nSIM PUK\nSIM PUK required\nSIM busy\nSIM failure\nSIM not inserted\nSIM wrong\n";

export const CME_ERROR_WORD = 0;
export const CMEE_WORD = 1;
export const CMS_ERROR_WORD = 2;
export const CPIN_WORD = 3;
export const CSIM_WORD = 4;
export const KSUP_WORD = 5;
export const SYSSTART_WORD = 6;
export const NUMERIC_OK_WORD = 7;
export const NUMERIC_ERROR_WORD = 8;
export const APP_RDY_WORD = 9;
export const ERROR_WORD = 10;
export const NOT_INSERTED_WORD = 11;
export const NOT_READY_WORD = 12;
export const OK_WORD = 13;
export const RDY_WORD = 14;
export const READY_WORD = 15;
export const SIM_PIN_WORD = 16;
export const SIM_PIN_REQUIRED_WORD = 17;
export const SIM_PUK_WORD = 18;
export const SIM_PUK_REQUIRED_WORD = 19;
export const SIM_BUSY_WORD = 20;
export const SIM_FAILURE_WORD = 21;
export const SIM_NOT_INSERTED_WORD = 22;
export const SIM_WRONG_WORD = 23;

// The commands, in any order, each with the CR that ends it unless something follows.
const COMMANDS = "ATE0V1\r\nAT+CMEE=1\r\nAT+CMEE?\r\nAT+CPIN?\r\nAT+CSIM=\n";

export const ATE0V1 = 24;
export const AT_CMEE_1 = 25;
export const AT_CMEE_QUERY = 26;
export const AT_CPIN_QUERY = 27;
export const AT_CSIM = 28;

/** The first place that is a command. */
const FIRST_COMMAND = ATE0V1;

const END = 10;

export class Words {
	/** The bytes of both lists, each word ended by END. */
	readonly bytes: Uint8Array;
	/** The word that matches so far, -1 when none does. */
	private word: number;
	private at: number;
	private depth: number;
	/** Where the word that `find` looked for begins and ends. */
	from: number;
	to: number;

	constructor() {
		const text = RESPONSES + COMMANDS;
		const bytes = new Uint8Array(text.length);
		for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
		this.bytes = bytes;
		this.word = 0;
		this.at = 0;
		this.depth = 0;
		this.from = 0;
		this.to = 0;
	}

	/** Begins with a new line or a new word in it. */
	reset(): void {
		this.word = 0;
		this.at = 0;
		this.depth = 0;
	}

	/** Whether nothing has been taken since `reset`. */
	get empty(): boolean {
		return this.depth === 0;
	}

	/** Takes the next character. False when no word of the list begins like this; it is not called again then before `reset`. */
	take(character: number): boolean {
		const bytes = this.bytes;
		for (;;) {
			const expected = bytes[this.at + this.depth];
			if (expected === character) {
				this.depth += 1;
				return true;
			}
			// The list is sorted: when the wanted character is smaller, no later word has it here. END is smaller than all.
			if (expected > character) return false;
			let next = this.at + this.depth;
			while (bytes[next] !== END) next += 1;
			next += 1;
			this.word += 1;
			if (this.word === FIRST_COMMAND) return false;
			for (let i = 0; i < this.depth; i++) if (bytes[next + i] !== bytes[this.at + i]) return false;
			this.at = next;
		}
	}

	/** The word that ends just here, or -1. */
	whole(): number {
		return this.depth > 0 && this.bytes[this.at + this.depth] === END ? this.word : -1;
	}

	/** Sets `from` and `to` to the bytes of a word or command. */
	find(word: number): void {
		let at = 0;
		for (let n = 0; n < word; n++) {
			while (this.bytes[at] !== END) at += 1;
			at += 1;
		}
		this.from = at;
		while (this.bytes[at] !== END) at += 1;
		this.to = at;
	}
}
