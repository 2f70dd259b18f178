// A UART that the application lends for a while: what comes is told apart by its lines (V.250, 5.7.1: CR LF text CR LF). Lines that answer
// a command of ours are ours; every other byte is handed on, unchanged and in order. No line is ever stored: what has come of one before
// it is known whose it is are the first characters of a word in the list, and from there they are handed on.

import type { At } from "./at.js";
import type { Lender } from "./platform.js";
import { WordCursor } from "./word-cursor.js";
import {
	CCHO_WORD,
	CGLA_WORD,
	CME_ERROR_WORD,
	CMEE_WORD,
	CMGR_WORD,
	CMS_ERROR_WORD,
	CMT_WORD,
	CRSM_WORD,
	CSIM_WORD,
	CUSD_WORD,
	ERROR_WORD,
	NUMERIC_ERROR_WORD,
	NUMERIC_OK_WORD,
	OK_WORD,
} from "./words.js";

const LF = 10;
const CR = 13;
const QUOTE = 34;
const DIGIT_0 = 48;
const DIGIT_9 = 57;
const COLON = 58;
const LETTER_A = 65;
const LETTER_T = 84;
/** So many line ends before a line are kept until it is known whose they are. */
const BLANKS_MAX = 4;

const enum Line {
	/** Nothing but line ends has come. */
	START,
	/** What has come is what a word begins with. */
	WORD,
	OURS,
	THEIRS,
	/** The text of a message: LF may be a part of it, and only CR ends it. */
	TEXT,
	/** A line has ended with CR; LF still belongs to it. */
	OURS_ENDED,
	THEIRS_ENDED,
}

export class LentLine {
	/** @internal The modem has echoed what was sent. */
	echoed: boolean;
	/** @internal The modem has answered with a digit. */
	numeric: boolean;
	private readonly at: At;
	private readonly lender: Lender | null;
	private readonly words: WordCursor;
	private line: Line;
	private readonly blanks: Uint8Array;
	private blankCount: number;
	/** The next line belongs to the one before: the text of a message. */
	private textFollows: boolean;
	/** In a text in quotes that goes over several lines. */
	private quotes: boolean;
	private inQuotes: boolean;
	/** What has come at one time holds the result of a command: the next one has not been sent. */
	private answered: boolean;

	/** @param lender null when the line is ours alone: what is nobody's is dropped then */
	constructor(at: At, lender: Lender | null) {
		this.answered = false;
		this.at = at;
		this.lender = lender;
		this.words = new WordCursor(at.words);
		this.blanks = new Uint8Array(BLANKS_MAX);
		this.echoed = false;
		this.numeric = false;
		this.line = Line.START;
		this.blankCount = 0;
		this.textFollows = false;
		this.quotes = false;
		this.inQuotes = false;
	}

	/** @internal */
	get busy(): boolean {
		return this.lender !== null && this.lender.busy;
	}

	/** @internal The line is lent. */
	begin(): void {
		this.echoed = false;
		this.numeric = false;
		this.line = Line.START;
		this.blankCount = 0;
		this.textFollows = false;
		this.quotes = false;
		this.inQuotes = false;
	}

	/** @internal The line is given back: what nobody has had yet goes to the application. */
	end(): void {
		if (this.line === Line.WORD) this.giveWord();
		else this.giveBlanks();
		if (this.line !== Line.OURS_ENDED) this.line = Line.START;
	}

	/** @internal bytes[0 … count) have come, and none of them is ours. */
	handOver(bytes: Uint8Array, count: number): void {
		// But the LF of the last line that was.
		const from = this.line === Line.OURS_ENDED && bytes[0] === LF ? 1 : 0;
		this.line = Line.START;
		if (from < count) this.give(bytes, from, count);
	}

	/** @internal bytes[0 … count) have come; called before the AT layer gets them. */
	receive(bytes: Uint8Array, count: number): void {
		let from = -1;
		this.answered = false;
		for (let i = 0; i < count; i++) {
			if (this.isTheirs(bytes[i])) {
				if (from < 0) from = i;
			} else if (from >= 0) {
				this.give(bytes, from, i);
				from = -1;
			}
		}
		if (from >= 0) this.give(bytes, from, count);
	}

	/** Whether the next character is to be handed on. What has been held back before it is handed on in here. */
	private isTheirs(c: number): boolean {
		const line = this.line;
		switch (line) {
			case Line.OURS:
				if (c === CR) this.line = Line.OURS_ENDED;
				else if (c === LF) this.line = Line.START;
				return false;
			case Line.THEIRS:
				return this.pass(c);
			case Line.TEXT:
				if (c === CR) this.line = Line.THEIRS_ENDED;
				return true;
			case Line.WORD:
				return this.goOn(c);
			case Line.OURS_ENDED:
			case Line.THEIRS_ENDED:
				this.line = Line.START;
				if (c === LF) return line === Line.THEIRS_ENDED;
				break;
		}
		return this.start(c);
	}

	private start(c: number): boolean {
		const words = this.words;
		if (c === CR || c === LF) {
			if (this.blankCount === BLANKS_MAX) this.giveBlanks();
			this.blanks[this.blankCount] = c;
			this.blankCount += 1;
			return false;
		}
		words.reset();
		const message = this.textFollows;
		const text = message || this.inQuotes;
		this.textFollows = false;
		if (!text && this.at.wanted >= CCHO_WORD && c >= DIGIT_0 && c <= DIGIT_9) return this.take();
		if (!text && words.take(c)) {
			this.line = Line.WORD;
			return false;
		}
		this.giveBlanks();
		if (!message) return this.pass(c);
		this.line = Line.TEXT;
		return true;
	}

	/** The next character of a line that has begun like a word. */
	private goOn(c: number): boolean {
		const words = this.words;
		if (c === CR || c === LF) {
			if (this.isOurs(words.whole())) {
				this.take();
				this.line = c === CR ? Line.OURS_ENDED : Line.START;
				return false;
			}
		} else if (words.take(c)) {
			if (c !== COLON) return false;
			const word = words.whole();
			if (this.isOurs(word)) return this.take();
			this.textFollows = word >= CMT_WORD && word <= CMGR_WORD;
			this.quotes = word === CUSD_WORD;
			// The colon is a part of the word.
			this.giveWord();
			this.line = Line.THEIRS;
			return false;
		} else {
			// No other line begins with AT but the echo of a command.
			if (c === LETTER_T && words.depth === 1 && words.bytes[words.at] === LETTER_A) {
				this.echoed = true;
				return this.take();
			}
		}
		this.giveWord();
		return this.pass(c);
	}

	/** The line is ours. */
	private take(): boolean {
		this.blankCount = 0;
		this.line = Line.OURS;
		return false;
	}

	/** A character of a line that is theirs. */
	private pass(c: number): boolean {
		this.line = Line.THEIRS;
		if (c === QUOTE && this.quotes) this.inQuotes = !this.inQuotes;
		else if (c === CR || c === LF) {
			this.line = c === CR ? Line.THEIRS_ENDED : Line.START;
			this.quotes = this.inQuotes;
		}
		return true;
	}

	private isOurs(word: number): boolean {
		switch (word) {
			case NUMERIC_OK_WORD:
			case NUMERIC_ERROR_WORD:
				if (!this.at.probing) return false;
				this.numeric = true;
				return true;
			case OK_WORD:
			case ERROR_WORD:
			case CME_ERROR_WORD:
			case CMS_ERROR_WORD:
				this.answered = true;
				return true;
			case CSIM_WORD:
			case CGLA_WORD:
			case CRSM_WORD:
			case CCHO_WORD:
			case CMEE_WORD:
				return true;
		}
		// A line that may come by itself as well is the answer only while there is none.
		return word >= 0 && !this.answered && word === this.at.wanted;
	}

	private giveBlanks(): void {
		if (this.blankCount > 0) this.give(this.blanks, 0, this.blankCount);
		this.blankCount = 0;
	}

	/** Hands on what was held back: line ends, and what has come of a word. */
	private giveWord(): void {
		this.giveBlanks();
		this.give(this.words.bytes, this.words.at, this.words.at + this.words.depth);
	}

	private give(bytes: Uint8Array, from: number, to: number): void {
		if (this.lender !== null) this.lender.onUnsolicited(bytes, from, to);
	}
}
