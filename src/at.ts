// AT command lines out, responses in (ITU-T V.250; TS 27.007): one command at a time, its answer recognised byte by byte while
// it arrives. The digits of an APDU go straight to where the response APDU wants them. Lines that nobody asked for may stand
// anywhere between. After a command that timed out the dialogue is stale: a late answer could be taken for the next one, so
// the next command waits for silence and for the answer to a query that is like no other.

import {
	ANSWER_DAMAGED,
	ANSWER_MISSING,
	CME_ERROR,
	COMMAND_ERROR,
	COMMAND_TIMEOUT,
	MODEM_RESTARTED,
	NOT_STARTED,
	OK,
	WAIT,
} from "./codes.js";
import { CommandLine } from "./command-line.js";
import type { HexCodec, Port } from "./platform.js";
import type { Response } from "./response.js";
import {
	APP_RDY_WORD,
	AT_CMEE_QUERY,
	CFUN_WORD,
	CME_ERROR_WORD,
	CMEE_WORD,
	CMGR_WORD,
	CMS_ERROR_WORD,
	CMT_WORD,
	CPIN_WORD,
	CRSM_WORD,
	CUSD_WORD,
	ERROR_WORD,
	KSUP_WORD,
	NUMERIC_ERROR_WORD,
	NUMERIC_OK_WORD,
	OK_WORD,
	RDY_WORD,
	SIM_BUSY_WORD,
	SIM_FAILURE_WORD,
	SIM_NOT_INSERTED_WORD,
	SIM_PIN_REQUIRED_WORD,
	SIM_PUK_REQUIRED_WORD,
	SIM_WRONG_WORD,
	SYSSTART_WORD,
	Words,
} from "./words.js";

/** The command expects no answer but its final result. */
export const NO_ANSWER = -1;

/** How long nothing may arrive before a stale dialogue counts as quiet. */
const SILENCE_MS = 200;
/** A modem that never falls silent is not waited for longer than this. */
const SILENCE_LIMIT_MS = 2000;
/** How long the query that synchronises a stale dialogue may take, and how often it is asked. */
const SYNC_LIMIT_MS = 2500;
const SYNC_TRIES = 4;
/** How soon the rest of a command is offered again when the platform took only a part. */
const WRITE_AGAIN_MS = 5;
/** The longest answer of +CSIM in digits: 256 bytes of data and the status word. */
const DIGITS_MAX = 516;
/** The longest text in quotes; a quote that never ends may not swallow the rest of the dialogue. */
const QUOTED_MAX = 400;

/** Behind a word, in place of a number: the line has ended, and the number may stand on the next one. */
const NEXT_LINE = -2;

const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;

/** Where in a line the next byte belongs. */
const enum Line {
	START,
	WORD,
	/** The rest does not matter. */
	SKIP,
	/** Behind a word that ends with a colon: a number or another word. */
	ARGUMENT,
	ARGUMENT_REST,
	/** +CSIM: <length>,"<data><status word>" */
	LENGTH,
	QUOTE,
	DATA,
	STATUS_WORD,
	/** +CRSM: <sw1>,<sw2>[,"<data>"] */
	SW1,
	SW2,
	TAIL,
	/** A line behind which text stands, and the text: whatever it looks like, it is not the modem that says it. */
	TEXT_HEADER,
	TEXT,
	/** A line whose text is in quotes and may go over several lines. */
	QUOTED,
}

/** What the command in hand waits for. */
const enum Phase {
	IDLE,
	QUEUED,
	SILENCE,
	SYNC,
	SETTLE,
	RUNNING,
}

/** The number of a +CME ERROR that came as text (TS 27.007, 9.2.1); -1 for a text that is not in the list. */
function cmeOf(word: number): number {
	switch (word) {
		case SIM_NOT_INSERTED_WORD:
			return 10;
		case SIM_PIN_REQUIRED_WORD:
			return 11;
		case SIM_PUK_REQUIRED_WORD:
			return 12;
		case SIM_FAILURE_WORD:
			return 13;
		case SIM_BUSY_WORD:
			return 14;
		case SIM_WRONG_WORD:
			return 15;
	}
	return -1;
}

/** Whether a line is nothing but letters and digits, as the identifier of a session is. */
function isName(line: Uint8Array, length: number): boolean {
	for (let i = 0; i < length; i++) {
		const c = line[i] | 32;
		if (!((c >= 48 && c <= 57) || (c >= 97 && c <= 122))) return false;
	}
	return true;
}

export class At {
	/** When poll is to be called next; it means nothing before poll has answered WAIT. */
	wakeAt: number;
	/** The number of the last +CME ERROR; -1 when its text is not known. */
	cme: number;
	/** The word behind +CPIN: of the last answer; -1 when it is not in the list. */
	argument: number;
	/** The number behind the expected word of the last answer; -1 when there is none. */
	value: number;
	/** Until ATE0V1 has been answered: numeric results count, and lines of a modem that starts do not. */
	probing: boolean;
	/** The words that lines are recognised by; a link takes the bytes of its command from here. */
	readonly words: Words;
	/** The command line that a link composes and `start` sends. */
	readonly commandLine: CommandLine;
	private readonly port: Port;
	private readonly hex: HexCodec;

	private phase: Phase;
	private result: number;
	private expected: number;
	private limitMs: number;
	private out: Uint8Array;
	private outAt: number;
	private outEnd: number;
	private deadline: number;
	private silenceEnd: number;
	private heard: boolean;
	private stale: boolean;
	private tries: number;
	/** The word that the lines are searched for: the expected one, or that of the query that synchronises. */
	private wanted: number;

	private line: Line;
	private word: number;
	private number: number;
	private response: Response | null;
	private answered: boolean;
	private damaged: boolean;
	/** Digits of data, and of the status word, that are still to come. */
	private dataDigits: number;
	private statusDigits: number;
	private statusWord: number;
	/** The data has no declared length: it ends with the line or its quote. */
	private open: boolean;
	/** Where the text goes that the command in hand is answered by, or null; and how long it is. */
	private captive: Uint8Array | null;
	captured: number;
	private gathered: number;
	/** Characters of quoted text so far, and whether the last quote opened it. */
	private quoted: number;
	private inQuotes: boolean;
	/** The first digit of a pair that came in two pieces, or -1; and the pair once it is whole. */
	private half: number;
	private readonly pair: Uint8Array;

	/** @param lineBytes the longest command line, CR included */
	constructor(port: Port, hex: HexCodec, lineBytes: number) {
		this.wakeAt = 0;
		this.cme = -1;
		this.argument = -1;
		this.value = -1;
		this.probing = false;
		this.words = new Words();
		this.commandLine = new CommandLine(this.words.bytes, hex, lineBytes);
		this.port = port;
		this.hex = hex;
		this.phase = Phase.IDLE;
		this.result = WAIT;
		this.expected = NO_ANSWER;
		this.limitMs = 0;
		this.out = this.words.bytes;
		this.outAt = 0;
		this.outEnd = 0;
		this.deadline = 0;
		this.silenceEnd = 0;
		this.heard = false;
		this.stale = false;
		this.tries = 0;
		this.wanted = NO_ANSWER;
		this.line = Line.START;
		this.word = -1;
		this.number = -1;
		this.response = null;
		this.answered = false;
		this.damaged = false;
		this.dataDigits = 0;
		this.statusDigits = 0;
		this.statusWord = 0;
		this.open = false;
		this.captive = null;
		this.captured = 0;
		this.gathered = 0;
		this.quoted = 0;
		this.inQuotes = false;
		this.half = -1;
		this.pair = new Uint8Array(2);
	}

	/** Starts the composed command. Its answer begins with the word `expected` and, if `response` is given, carries an APDU for it. */
	start(expected: number, response: Response | null, limitMs: number): void {
		this.begin(this.commandLine.bytes, 0, this.commandLine.length, expected, response, limitMs);
	}

	/** Starts one of the fixed commands of the word list. */
	command(word: number, expected: number, limitMs: number): void {
		const words = this.words;
		words.find(word);
		this.begin(words.bytes, words.from, words.to, expected, null, limitMs);
	}

	/** The same, though answers to earlier commands may still come: for a probe that is sent until something answers. */
	commandAnyway(word: number, expected: number, limitMs: number): void {
		this.stale = false;
		this.command(word, expected, limitMs);
	}

	/** The composed command's answer is a text, behind its word or on a line of its own: it goes to buffer[0 … captured). */
	capture(buffer: Uint8Array): void {
		this.captive = buffer;
		this.captured = 0;
		this.gathered = 0;
	}

	/** Whether a line that begins with this word is the answer to the command in hand. */
	awaits(word: number): boolean {
		return word === this.wanted;
	}

	/** Whether a line that begins with no word may be. */
	get capturing(): boolean {
		return this.captive !== null;
	}

	/** Gives up the command in hand. Its answer may still come, so the dialogue is stale. */
	cancel(): void {
		if (this.phase === Phase.RUNNING || this.phase === Phase.SYNC) this.stale = true;
		this.phase = Phase.IDLE;
		this.wanted = NO_ANSWER;
		this.response = null;
		this.captive = null;
	}

	/** Says that answers to earlier commands may still be on their way. */
	distrust(): void {
		this.stale = true;
	}

	/** Takes what the modem sent. True when the command in hand now has its result, and poll should be called. */
	receive(bytes: Uint8Array, count: number): boolean {
		this.heard = true;
		if (this.captive !== null && this.phase === Phase.RUNNING) {
			let n = 0;
			while (n < count && this.captive !== null) {
				// The rest of a line that began before, or the text of a message, is not the one that is looked for.
				if (this.line !== Line.START && this.gathered === 0) this.recognise(bytes, n, n + 1);
				else this.gather(bytes[n]);
				n += 1;
			}
			// What comes behind the text that was kept does not touch it.
			this.recognise(bytes, n, count);
		} else this.recognise(bytes, 0, count);
		return this.result !== WAIT && this.phase !== Phase.IDLE;
	}

	private recognise(bytes: Uint8Array, from: number, count: number): void {
		let i = from;
		while (i < count) {
			switch (this.line) {
				case Line.DATA:
					i = this.data(bytes, i, count);
					break;
				case Line.START: {
					const c = bytes[i];
					if (c === CR || c === LF) i += 1;
					else {
						this.words.reset();
						this.line = Line.WORD;
					}
					break;
				}
				case Line.WORD:
					i = this.beginning(bytes, i, count);
					break;
				case Line.LENGTH:
					i = this.measure(bytes, i, count);
					break;
				case Line.STATUS_WORD:
					i = this.status(bytes, i, count);
					break;
				default:
					this.character(bytes[i]);
					i += 1;
			}
		}
	}

	/** A line that may be the text which the command in hand asks for is kept until it ends. */
	private gather(c: number): void {
		const buffer = this.captive;
		if (buffer === null) return;
		if (c !== CR && c !== LF) {
			if (this.gathered < buffer.length) buffer[this.gathered] = c;
			this.gathered += 1;
			return;
		}
		const length = this.gathered;
		this.gathered = 0;
		if (length === 0 || length > buffer.length) return;
		const words = this.words;
		words.reset();
		let at = words.run(buffer, 0, length);
		// A word that is only the beginning of the line is none; and V1 is on, so that a number is no result.
		let word = at === length || buffer[at - 1] === COLON ? words.whole() : -1;
		if (word === NUMERIC_OK_WORD || word === NUMERIC_ERROR_WORD) word = -1;
		if (word === this.wanted) while (at < length && buffer[at] === SPACE) at += 1;
		else if (word < 0 && isName(buffer, length)) at = 0;
		else {
			// It is one of the lines that mean something by themselves, or nobody's.
			this.captive = null;
			this.line = Line.START;
			this.recognise(buffer, 0, length);
			this.ended();
			if (this.result === WAIT) this.captive = buffer;
			return;
		}
		// The text may stand on the next line.
		if (at === length) return;
		this.answered = true;
		this.captured = length - at;
		for (let i = at; i < length; i++) buffer[i - at] = buffer[i];
		this.captive = null;
		this.line = Line.START;
	}

	/** WAIT, OK or an error. A result is given once. */
	poll(now: number): number {
		if (this.phase === Phase.RUNNING) return this.run(now);
		if (this.phase === Phase.IDLE) return NOT_STARTED;
		if (this.phase === Phase.QUEUED) {
			if (this.stale) {
				this.tries = 0;
				this.listen(Phase.SILENCE, now);
			} else this.send(now);
		}
		if (this.phase === Phase.SILENCE || this.phase === Phase.SETTLE) this.quiet(now);
		if (this.phase === Phase.SYNC) this.synchronise(now);
		return this.run(now);
	}

	private begin(
		out: Uint8Array,
		from: number,
		to: number,
		expected: number,
		response: Response | null,
		limitMs: number,
	): void {
		this.phase = Phase.QUEUED;
		this.result = WAIT;
		this.disown();
		this.cme = -1;
		this.wanted = NO_ANSWER;
		this.out = out;
		this.outAt = from;
		this.outEnd = to;
		this.expected = expected;
		this.response = response;
		this.limitMs = limitMs;
	}

	/** A line that has begun before the command has nothing to do with it. */
	private disown(): void {
		if (this.line !== Line.START && this.line < Line.TEXT_HEADER) this.line = Line.SKIP;
	}

	/** The first byte of the command in hand goes out now. */
	private send(now: number): void {
		this.phase = Phase.RUNNING;
		this.expect(this.expected, now, this.limitMs);
	}

	private expect(word: number, now: number, limitMs: number): void {
		this.wanted = word;
		this.disown();
		this.answered = false;
		this.damaged = false;
		this.result = WAIT;
		this.deadline = (now + limitMs) | 0;
		this.wakeAt = this.deadline;
	}

	private run(now: number): number {
		if (this.phase === Phase.IDLE) return this.result;
		if (this.phase !== Phase.RUNNING) return WAIT;
		this.wakeAt = this.deadline;
		if (this.outAt < this.outEnd) {
			const taken = this.port.write(this.out, this.outAt, this.outEnd);
			if (taken > 0) this.outAt += taken;
			if (this.outAt < this.outEnd) this.wakeAt = (now + WRITE_AGAIN_MS) | 0;
		}
		if (this.result !== WAIT) {
			// An OK without the answer may belong to an earlier command, and the answer still be on its way. So may a result
			// that comes before the command has gone out.
			if (this.result === ANSWER_MISSING || this.outAt < this.outEnd) this.stale = true;
			return this.finish(this.result);
		}
		if (((now - this.deadline) | 0) < 0) return WAIT;
		this.stale = true;
		return this.finish(COMMAND_TIMEOUT);
	}

	private finish(code: number): number {
		this.phase = Phase.IDLE;
		this.wanted = NO_ANSWER;
		this.response = null;
		this.captive = null;
		this.result = code;
		return code;
	}

	private listen(phase: Phase, now: number): void {
		this.phase = phase;
		this.wanted = NO_ANSWER;
		this.heard = false;
		this.silenceEnd = (now + SILENCE_LIMIT_MS) | 0;
		this.wakeAt = (now + SILENCE_MS) | 0;
	}

	/** Waits until the line has been silent for SILENCE_MS; then asks, or goes on with the command itself. */
	private quiet(now: number): void {
		if (((now - this.wakeAt) | 0) < 0) return;
		if (this.heard && ((now - this.silenceEnd) | 0) < 0) {
			this.heard = false;
			this.wakeAt = (now + SILENCE_MS) | 0;
		} else if (this.phase === Phase.SILENCE) this.ask(now);
		else {
			this.stale = false;
			this.send(now);
		}
	}

	private ask(now: number): void {
		this.phase = Phase.SYNC;
		this.tries += 1;
		this.words.find(AT_CMEE_QUERY);
		this.expect(CMEE_WORD, now, SYNC_LIMIT_MS);
	}

	/** The query that synchronises: only an OK behind +CMEE: is its result, whatever else arrives belongs to the past. */
	private synchronise(now: number): void {
		const words = this.words;
		if (words.from < words.to) {
			const taken = this.port.write(words.bytes, words.from, words.to);
			if (taken > 0) words.from += taken;
			this.wakeAt = words.from < words.to ? (now + WRITE_AGAIN_MS) | 0 : this.deadline;
		}
		if (this.result === OK) this.listen(Phase.SETTLE, now);
		else if (this.result === MODEM_RESTARTED) this.finish(MODEM_RESTARTED);
		else if (this.result !== WAIT || ((now - this.deadline) | 0) >= 0) {
			if (this.tries < SYNC_TRIES) this.listen(Phase.SILENCE, now);
			// A modem that refuses the query each time, after silence each time, is one that does not know it.
			else if (this.result !== WAIT) this.listen(Phase.SETTLE, now);
			else this.finish(COMMAND_TIMEOUT);
		}
	}

	/** Takes the characters of bytes[from … count) with which a word of the list goes on, and one more that ends it or breaks it off. */
	private beginning(bytes: Uint8Array, from: number, count: number): number {
		const at = this.words.run(bytes, from, count);
		if (at > from && bytes[at - 1] === COLON) this.prefixed(this.words.whole());
		else if (at < count) {
			const c = bytes[at];
			if (c === CR || c === LF) this.ended();
			else this.line = Line.SKIP;
			return at + 1;
		}
		return at;
	}

	/**
	 * A line has ended. What it says is in here and not in methods of its own: Espruino counts the calls of one object that stand in
	 * each other in four bits, and an object that was in more than five is never freed.
	 */
	private ended(): void {
		const line = this.line;
		this.line = Line.START;
		if (line === Line.WORD) {
			// A line that is one word has come.
			const word = this.words.whole();
			if (word === OK_WORD) this.succeeded();
			else if (word === ERROR_WORD) this.failed(COMMAND_ERROR);
			else if (this.probing) {
				if (word === NUMERIC_OK_WORD) this.succeeded();
				else if (word === NUMERIC_ERROR_WORD) this.failed(COMMAND_ERROR);
			} else if (word === RDY_WORD || word === SYSSTART_WORD || word === APP_RDY_WORD) this.restarted();
		} else if (line === Line.ARGUMENT || line === Line.ARGUMENT_REST) {
			const word = this.word;
			const argument = line === Line.ARGUMENT ? this.words.whole() : -1;
			if (word === CME_ERROR_WORD || word === CMS_ERROR_WORD) {
				// CMS numbers are another table; only that the command failed is known.
				this.cme = word === CMS_ERROR_WORD ? -1 : this.number >= 0 ? this.number : cmeOf(argument);
				this.failed(CME_ERROR);
			} else if (word === this.wanted) {
				this.argument = argument;
				this.value = this.number;
				this.answered = true;
			}
		} else if (line === Line.TAIL) this.answered = true;
		else if (line === Line.SW1 && this.number < 0) {
			this.line = Line.SW1;
			this.number = NEXT_LINE;
		} else if (line === Line.SW2 && this.number >= 0) this.restricted();
		else if (line === Line.DATA && this.open && this.half < 0 && !this.inQuotes) this.answered = true;
		else if (line === Line.TEXT_HEADER) this.line = Line.TEXT;
		else if (line === Line.QUOTED) {
			if (this.inQuotes && this.quoted < QUOTED_MAX) this.line = Line.QUOTED;
		} else if (line >= Line.LENGTH && line < Line.TAIL) this.damage();
	}

	private character(c: number): void {
		if (c === CR || c === LF) {
			// Text has begun when anything but the end of its header has come, and LF may be a part of it.
			if (this.line === Line.TEXT && (this.number < 0 || c === LF)) return;
			this.ended();
			return;
		}
		switch (this.line) {
			case Line.TEXT:
				this.number = 0;
				break;
			case Line.QUOTED:
				this.quoted += 1;
				if (c === QUOTE) this.inQuotes = !this.inQuotes;
				break;
			case Line.SW1:
			case Line.SW2:
				if (this.number === NEXT_LINE) {
					this.number = -1;
					if (c !== SPACE && (c < 48 || c > 57)) {
						// Nothing came behind the word: this is another line.
						this.damaged = true;
						this.words.reset();
						this.line = this.words.take(c) ? Line.WORD : Line.SKIP;
						break;
					}
				}
				if (c >= 48 && c <= 57 && this.number < 1000) this.number = (this.number < 0 ? 0 : this.number * 10) + c - 48;
				else if (c === COMMA && this.number >= 0) this.restrictedField();
				else if (c !== SPACE) this.damage();
				break;
			case Line.ARGUMENT:
				if (c >= 48 && c <= 57 && this.words.empty) {
					if (this.number < 0) this.number = 0;
					if (this.number < 10000) this.number = this.number * 10 + c - 48;
				} else if (c === SPACE && this.words.empty) {
					if (this.number >= 0) this.line = Line.ARGUMENT_REST;
				} else if (this.number >= 0 || !this.words.take(c)) this.line = Line.ARGUMENT_REST;
				break;
			case Line.QUOTE:
				if (c === QUOTE) {
					this.line = this.dataDigits > 0 ? Line.DATA : Line.STATUS_WORD;
					this.inQuotes = true;
				} else if (c !== SPACE) {
					this.line = this.dataDigits > 0 ? Line.DATA : Line.STATUS_WORD;
					if (this.dataDigits > 0) this.dataDigit(c);
					else this.statusDigit(c);
				}
				break;
			case Line.TAIL:
				if (c !== QUOTE && c !== SPACE) this.damage();
				break;
		}
	}

	/** A word that ends with a colon has come: what follows it? */
	private prefixed(word: number): void {
		if (word < 0) return;
		this.number = -1;
		this.word = word;
		this.line = Line.SKIP;
		if (word === this.wanted && this.response !== null && this.phase === Phase.RUNNING) {
			// A second answer to one command: neither can be trusted.
			if (this.answered) this.damage();
			else this.line = word === CRSM_WORD ? Line.SW1 : Line.LENGTH;
		} else if (word === KSUP_WORD) this.restarted();
		else if (
			word === CME_ERROR_WORD ||
			word === CMS_ERROR_WORD ||
			word === CPIN_WORD ||
			word === CMEE_WORD ||
			word === CFUN_WORD
		) {
			this.words.reset();
			this.line = Line.ARGUMENT;
		} else if (word >= CMT_WORD && word <= CMGR_WORD) this.line = Line.TEXT_HEADER;
		else if (word === CUSD_WORD) {
			this.line = Line.QUOTED;
			this.quoted = 0;
			this.inQuotes = false;
		}
	}

	private succeeded(): void {
		if (this.phase === Phase.SYNC) {
			if (this.result === WAIT) this.result = this.answered ? OK : ANSWER_MISSING;
		} else if (this.phase === Phase.RUNNING && this.result === WAIT) {
			if (this.damaged) this.result = ANSWER_DAMAGED;
			else this.result = this.answered || this.expected === NO_ANSWER ? OK : ANSWER_MISSING;
			if (this.result === OK && this.response !== null) this.response.sw = this.statusWord;
		}
	}

	private failed(code: number): void {
		if ((this.phase === Phase.RUNNING || this.phase === Phase.SYNC) && this.result === WAIT) this.result = code;
	}

	private restarted(): void {
		if (this.probing) return;
		if ((this.phase === Phase.RUNNING || this.phase === Phase.SYNC) && this.result === WAIT)
			this.result = MODEM_RESTARTED;
	}

	private damage(): void {
		this.damaged = true;
		if (this.line !== Line.START) this.line = Line.SKIP;
	}

	/** Takes the declared length: all but the last four of so many digits are data. */
	private measure(bytes: Uint8Array, from: number, count: number): number {
		let digits = this.number;
		while (from < count) {
			const c = bytes[from];
			if (c >= 48 && c <= 57 && digits <= DIGITS_MAX) digits = (digits < 0 ? 0 : digits * 10) + c - 48;
			else if ((c === CR || c === LF) && digits < 0) digits = NEXT_LINE;
			else if (c !== SPACE) break;
			++from;
		}
		this.number = digits;
		if (from === count) return from;
		if (bytes[from] !== COMMA || digits < 4 || digits > DIGITS_MAX || (digits & 1) === 1) {
			this.damage();
			// Nothing came behind the word: this is another line.
			if (digits === NEXT_LINE) this.line = Line.START;
			return from;
		}
		this.open = false;
		this.dataDigits = digits - 4;
		this.statusDigits = 4;
		this.statusWord = 0;
		this.half = -1;
		this.line = Line.QUOTE;
		return from + 1;
	}

	/** +CRSM: a number has ended with a comma; the second is followed by data. */
	private restrictedField(): void {
		if (this.line === Line.SW1) {
			this.statusWord = this.number << 8;
			this.line = Line.SW2;
			this.number = -1;
		} else {
			this.restricted();
			this.answered = false;
			this.open = true;
			this.inQuotes = false;
			this.dataDigits = DIGITS_MAX - 4;
			this.half = -1;
			this.line = Line.QUOTE;
		}
	}

	/** +CRSM: both numbers are here. */
	private restricted(): void {
		if (this.number > 255 || this.statusWord > 0xff00) this.damage();
		this.statusWord |= this.number;
		this.answered = true;
	}

	/** Takes the digits of data in bytes[from … count) and returns the place of the first byte that is not one of them. */
	private data(bytes: Uint8Array, from: number, count: number): number {
		if (this.half >= 0) {
			this.dataDigit(bytes[from]);
			return from + 1;
		}
		let run = count - from;
		if (run > this.dataDigits) run = this.dataDigits;
		run &= ~1;
		const response = this.response;
		if (run > 0 && response !== null) {
			const taken = response.takeDigits(this.hex, bytes, from, from + run) << 1;
			this.dataDigits -= taken;
			from += taken;
			if (this.dataDigits === 0) this.line = this.open ? Line.TAIL : Line.STATUS_WORD;
			else if (taken < run) this.broken(bytes[from]);
			return from;
		}
		// One digit at the end of what has come: its other half follows.
		this.dataDigit(bytes[from]);
		return from + 1;
	}

	/** Takes one digit of data; the pair is decoded when its second one is here. */
	private dataDigit(c: number): void {
		if (c === CR || c === LF) this.ended();
		else if (this.half < 0) {
			if (c === QUOTE && this.open) this.line = Line.TAIL;
			else this.half = c;
		} else {
			this.pair[0] = this.half;
			this.pair[1] = c;
			this.half = -1;
			const response = this.response;
			if (response === null || response.takeDigits(this.hex, this.pair, 0, 2) === 0) this.damage();
			else {
				this.dataDigits -= 2;
				if (this.dataDigits === 0) this.line = this.open ? Line.TAIL : Line.STATUS_WORD;
			}
		}
	}

	/** The data goes on with something that is no pair of digits: right only where it has no declared length, at its end. */
	private broken(c: number): void {
		if (!this.open || (c !== QUOTE && c !== CR && c !== LF)) this.damage();
		else if (c === QUOTE) this.line = Line.TAIL;
		else this.ended();
	}

	/** Takes the status word's digits, all four in one go when they are all here. */
	private status(bytes: Uint8Array, from: number, count: number): number {
		if (this.statusDigits === 4 && count - from >= 4 && this.hex.decode(bytes, from, from + 4, this.pair, 0) === 2) {
			this.statusWord = (this.pair[0] << 8) | this.pair[1];
			this.line = Line.TAIL;
			return from + 4;
		}
		const c = bytes[from];
		if (c === CR || c === LF) this.ended();
		else this.statusDigit(c);
		return from + 1;
	}

	private statusDigit(c: number): void {
		let value = c - 48;
		if (value > 9) {
			value = (c | 32) - 87;
			if (value < 10) value = -1;
		}
		if (value < 0 || value > 15) this.damage();
		else {
			this.statusWord = (this.statusWord << 4) | value;
			if (--this.statusDigits === 0) this.line = Line.TAIL;
		}
	}
}
