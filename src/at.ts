// AT command lines out, responses in (ITU-T V.250; TS 27.007): one command at a time, its answer recognised while it arrives. The
// digits of an APDU go straight to where the response APDU wants them. Lines that nobody asked for may stand anywhere between. After
// a command that timed out the dialogue is stale: a late answer could be taken for the next one, so the next command waits for silence
// and for the answer to a query that is like no other.

import { type Answer, ApduAnswer, SPACE } from "./answer.js";
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
import { CommandLine, CR, QUOTE } from "./command-line.js";
import type { Pollable } from "./machine.js";
import type { HexCodec, Port } from "./platform.js";
import {
	AT_CMEE_QUERY,
	CCHO_WORD,
	CME_ERROR_WORD,
	CMEE_WORD,
	CMGR_WORD,
	CMS_ERROR_WORD,
	CMT_WORD,
	CUSD_WORD,
	ERROR_WORD,
	KSUP_WORD,
	NUMERIC_ERROR_WORD,
	NUMERIC_OK_WORD,
	OK_WORD,
	RDY_WORD,
	SIM_NOT_INSERTED_WORD,
	SIM_WRONG_WORD,
	Words,
} from "./words.js";

/** In place of a command of the word list: the line that was composed. */
export const COMPOSED = -1;
/** The command expects no answer but its final result. */
export const NO_ANSWER = -1;
/** The longest text that is taken as an answer, in bytes: the name of a session, the number of a card. */
export const TEXT_MAX_BYTES = 32;

/** How long nothing may arrive before a stale dialogue counts as quiet. */
const SILENCE_MS = 200;
/** A modem that never falls silent is not waited for longer than this. */
const SILENCE_LIMIT_MS = 2000;
/** How long the query that synchronises a stale dialogue may take, and how often it is asked. */
const SYNC_LIMIT_MS = 2500;
const SYNC_TRIES = 4;
/** How soon the rest of a command is offered again when the platform took only a part. */
const WRITE_AGAIN_MS = 5;
/** Of a line so much is looked at: no word of the list is longer, and a text of that length has room behind its word. */
const LINE_BYTES = TEXT_MAX_BYTES + 8;
const TEXT_END = TEXT_MAX_BYTES + LINE_BYTES;
/** Numbers beyond this are all the same. */
const NUMBER_MAX = 9999;
/** The +CME ERROR that "SIM not inserted" is; the texts behind it have the numbers that follow. */
const CME_NOT_INSERTED = 10;

const LF = 10;
const COLON = 58;

/** What the line that is coming is. */
const enum Line {
	/** Not known yet. */
	NEW,
	/** The same, but it began before the command in hand. */
	FOREIGN,
	/** It carries the answer to the command in hand. */
	ANSWER,
	/** It does not matter. */
	SKIP,
	/** A message: whatever it looks like, it is not the modem that says it. */
	TEXT,
	/** The same, in quotes that have not ended. */
	QUOTED,
}

/** What the command in hand waits for. */
const enum Phase {
	IDLE,
	QUEUED,
	SILENCE,
	SETTLE,
	SYNC,
	RUNNING,
}

/** Whether a line is a digit and then nothing but letters and digits, as the name of a session and the number of a card are. */
function isName(line: Uint8Array, from: number, to: number): boolean {
	if (line[from] >= 65) return false;
	for (let i = from; i < to; i++) {
		const c = line[i] | 32;
		if (!((c >= 48 && c <= 57) || (c >= 97 && c <= 122))) return false;
	}
	return true;
}

export class At implements Pollable {
	/** @internal */
	wakeAt: number;
	/** @internal The number of the last +CME ERROR; -1 when its text is not known. */
	cme: number;
	/** @internal The word behind the expected one in the last answer, as behind +CPIN:, -1 for none that is known; and the number, -1 for none. */
	argument: number;
	/** @internal */
	value: number;
	/** @internal The text that was the last answer: text[0 … captured). Behind it, from TEXT_MAX_BYTES on, is the line that is coming; and the command line. */
	readonly text: Uint8Array;
	/** @internal */
	captured: number;
	/** @internal Numeric results count, and lines of a modem that starts do not. */
	probing: boolean;
	/** @internal The word that answers begin with: the one that the command in hand expects, or that of the query that synchronises. */
	wanted: number;
	/** @internal */
	readonly words: Words;
	/** @internal The command line that a link composes. */
	readonly commandLine: CommandLine;
	/** @internal What takes the answer of +CSIM and +CGLA. */
	readonly apdu: ApduAnswer;
	private readonly port: Port;

	private phase: Phase;
	private result: number;
	/** The command in hand. */
	private command: number;
	private expected: number;
	private answer: Answer | null;
	private limitMs: number;
	/** What of it is still to go out. */
	private outAt: number;
	private outEnd: number;
	private deadline: number;
	/** Answers to earlier commands may still be on their way. */
	private stale: boolean;
	private heard: boolean;
	private tries: number;

	/** The line that is coming, and how long it is so far. */
	private line: Line;
	private length: number;
	private inQuotes: boolean;
	private answered: boolean;
	private damaged: boolean;

	/** @param lineBytes the longest command line, CR included */
	constructor(port: Port, hex: HexCodec, lineBytes: number) {
		this.wakeAt = 0;
		this.cme = -1;
		this.argument = -1;
		this.value = -1;
		this.text = new Uint8Array(TEXT_END + lineBytes);
		this.captured = 0;
		this.probing = false;
		this.wanted = NO_ANSWER;
		this.words = new Words();
		this.commandLine = new CommandLine(this.words, hex, this.text, TEXT_END);
		this.apdu = new ApduAnswer(hex, this.text);
		this.port = port;
		this.phase = Phase.IDLE;
		this.result = WAIT;
		this.command = COMPOSED;
		this.expected = NO_ANSWER;
		this.answer = null;
		this.limitMs = 0;
		this.outAt = 0;
		this.outEnd = 0;
		this.deadline = 0;
		this.stale = false;
		this.heard = false;
		this.tries = 0;
		this.line = Line.NEW;
		this.length = 0;
		this.inQuotes = false;
		this.answered = false;
		this.damaged = false;
	}

	/**
	 * @internal
	 * Starts a command: one of the word list, or COMPOSED. Its answer begins with the word `expected`, and `answer` takes the rest of that
	 * line; without one the rest is a word, a number or a text.
	 */
	start(command: number, expected: number, answer: Answer | null, limitMs: number): void {
		this.phase = Phase.QUEUED;
		this.result = WAIT;
		this.cme = -1;
		this.captured = 0;
		this.probing = false;
		this.command = command;
		this.expected = expected;
		this.answer = answer;
		this.limitMs = limitMs;
		this.wanted = NO_ANSWER;
	}

	/** @internal Starts a command of the word list, though answers to earlier ones may still come, for a modem whose state is not known. */
	probe(command: number, limitMs: number): void {
		this.start(command, NO_ANSWER, null, limitMs);
		this.stale = false;
		this.probing = true;
		this.endMessage();
	}

	/** @internal Gives up the command in hand. Its answer may still come, so the dialogue is stale. */
	cancel(): void {
		if (this.phase >= Phase.SYNC) this.stale = true;
		this.phase = Phase.IDLE;
		this.wanted = NO_ANSWER;
	}

	/** @internal Says that answers to earlier commands may still be on their way. */
	distrust(): void {
		this.stale = true;
	}

	/** @internal Takes bytes[0 … count) that the modem sent. True when the command in hand now has its result, and poll should be called. */
	receive(bytes: Uint8Array, count: number): boolean {
		let i = 0;
		this.heard = true;
		// What is still to come of an answer is for nobody when its command is not waited for any more.
		if (this.line === Line.ANSWER && this.phase !== Phase.RUNNING) this.line = Line.SKIP;
		while (i < count) {
			if (this.line <= Line.FOREIGN) i = this.collect(bytes, i, count);
			const line = this.line;
			if (line === Line.ANSWER) i = (this.answer as Answer).take(bytes, i, count);
			if (i === count) break;
			const c = bytes[i];
			++i;
			if (c === CR || c === LF) this.ended(c);
			else if (c !== COLON || line > Line.FOREIGN) {
				this.length += 1;
				if (c === QUOTE) this.inQuotes = !this.inQuotes;
				if (line === Line.ANSWER) {
					this.damaged = true;
					this.line = Line.SKIP;
					if (this.length === 1) {
						// Nothing came behind the word: this is another line.
						this.line = Line.NEW;
						this.length = 0;
						--i;
					}
				}
			} else this.colon();
		}
		return this.result !== WAIT && this.phase !== Phase.IDLE;
	}

	/** Keeps what comes of a new line, and returns the place of its first colon or its end; `count` when neither is there. */
	private collect(bytes: Uint8Array, from: number, count: number): number {
		const text = this.text;
		const words = this.words;
		let length = this.length;
		let i = from;
		if (length === 0) {
			// An end without a line before it is none.
			while (i < count && (bytes[i] === CR || bytes[i] === LF)) ++i;
			if (this.answer !== null && this.phase === Phase.RUNNING && !this.answered) {
				// What comes most often is looked for first: the word of the answer, when it is here as a whole.
				words.find(this.wanted);
				let at = words.from;
				let n = i;
				while (at < words.to && n < count && bytes[n] === words.bytes[at]) {
					++at;
					++n;
				}
				if (at === words.to) {
					this.length = n - i;
					this.begin(this.answer);
					return n;
				}
			}
		}
		for (; i < count; ++i) {
			const c = bytes[i];
			if (c === COLON || c === CR || c === LF) break;
			if (length < LINE_BYTES) text[TEXT_MAX_BYTES + length] = c;
			++length;
		}
		this.length = length;
		return i;
	}

	/** @internal A result is given once. */
	poll(now: number): number {
		for (;;) {
			const phase = this.phase;
			if (phase === Phase.IDLE) return NOT_STARTED;
			if (phase === Phase.QUEUED && this.stale) {
				this.tries = 0;
				this.listen(Phase.SILENCE, now);
			} else if (phase === Phase.QUEUED) this.send(Phase.RUNNING, this.command, this.expected, now + this.limitMs);
			else if (phase < Phase.SYNC) {
				if (((now - this.wakeAt) | 0) < 0) return WAIT;
				if (this.heard && ((now - this.deadline) | 0) < 0) {
					this.heard = false;
					this.wakeAt = (now + SILENCE_MS) | 0;
				} else if (phase === Phase.SETTLE) {
					this.stale = false;
					this.phase = Phase.QUEUED;
				} else {
					this.tries += 1;
					this.endMessage();
					this.send(Phase.SYNC, AT_CMEE_QUERY, CMEE_WORD, now + SYNC_LIMIT_MS);
				}
			} else {
				this.wakeAt = this.deadline;
				if (this.outAt < this.outEnd) {
					const composed = phase === Phase.RUNNING && this.command === COMPOSED;
					const taken = this.port.write(composed ? this.text : this.words.bytes, this.outAt, this.outEnd);
					if (taken > 0) this.outAt += taken;
					if (this.outAt < this.outEnd) this.wakeAt = (now + WRITE_AGAIN_MS) | 0;
				}
				let code = this.result;
				if (code === WAIT) {
					if (((now - this.deadline) | 0) < 0) return WAIT;
					code = COMMAND_TIMEOUT;
				}
				if (phase === Phase.SYNC && code !== MODEM_RESTARTED && (code !== COMMAND_TIMEOUT || this.tries < SYNC_TRIES)) {
					// A modem that refuses the query each time, after silence each time, is one that does not know it.
					this.listen(code === OK || this.tries === SYNC_TRIES ? Phase.SETTLE : Phase.SILENCE, now);
					continue;
				}
				// An OK without the answer may belong to an earlier command, and the answer still be on its way. So may a result
				// that comes before the command has gone out.
				if (code === ANSWER_MISSING || code === COMMAND_TIMEOUT || this.outAt < this.outEnd) this.stale = true;
				this.phase = Phase.IDLE;
				this.wanted = NO_ANSWER;
				return code;
			}
		}
	}

	/** The first byte of a command goes out now. */
	private send(phase: Phase, command: number, expected: number, deadline: number): void {
		const words = this.words;
		this.phase = phase;
		this.result = WAIT;
		this.deadline = deadline | 0;
		if (command !== COMPOSED) {
			words.find(command);
			this.outAt = words.from;
			this.outEnd = words.to;
		} else {
			this.outAt = TEXT_END;
			this.outEnd = this.commandLine.size;
		}
		this.want(expected);
	}

	/** A message whose end got lost must not swallow the rest of the dialogue. */
	private endMessage(): void {
		if (this.line < Line.TEXT) return;
		this.line = Line.NEW;
		this.length = 0;
	}

	/** Waits until the line has been silent for a while. */
	private listen(phase: Phase, now: number): void {
		this.phase = phase;
		this.result = WAIT;
		this.wanted = NO_ANSWER;
		this.heard = false;
		this.deadline = (now + SILENCE_LIMIT_MS) | 0;
		this.wakeAt = (now + SILENCE_MS) | 0;
	}

	/** From the next line on, answers begin with `word`. A line that has begun has nothing to do with it. */
	private want(word: number): void {
		this.wanted = word;
		this.answered = false;
		this.damaged = false;
		if (this.line === Line.ANSWER) this.line = Line.SKIP;
		else if (this.line === Line.NEW && this.length > 0) this.line = Line.FOREIGN;
	}

	/** A colon has come. The word before it may say what follows. */
	private colon(): void {
		const at = TEXT_MAX_BYTES + this.length;
		this.length += 1;
		if (at >= TEXT_END) return;
		this.text[at] = COLON;
		const word = this.words.match(this.text, TEXT_MAX_BYTES, at + 1);
		const answer = this.answer;
		if (word === CUSD_WORD) {
			this.line = Line.QUOTED;
			this.inQuotes = false;
		} else if (word === this.wanted && answer !== null && this.line === Line.NEW && this.phase === Phase.RUNNING)
			this.begin(answer);
	}

	/** What follows in this line is for `answer`. */
	private begin(answer: Answer): void {
		answer.begin();
		this.line = this.answered ? Line.SKIP : Line.ANSWER;
		// After a second answer to one command neither can be trusted.
		if (this.answered) this.damaged = true;
	}

	/** A line has ended with `c`, or there was none. */
	private ended(c: number): void {
		const line = this.line;
		const length = this.length;
		if (line === Line.ANSWER) {
			const answer = this.answer as Answer;
			if (answer.part > 0) {
				this.answered = true;
				if (!answer.end()) this.damaged = true;
				this.line = Line.NEW;
			}
		} else if (line === Line.TEXT) {
			// It has begun when anything but the end of its header has come, and LF may be a part of it.
			if (c === LF || length === 0) return;
			this.line = Line.NEW;
		} else if (line === Line.QUOTED) {
			if (this.inQuotes) return;
			this.line = Line.NEW;
		} else {
			this.line = Line.NEW;
			if (length > 0 && line <= Line.FOREIGN) {
				this.understand(line, TEXT_MAX_BYTES + Math.min(length, LINE_BYTES));
			}
		}
		this.length = 0;
		this.inQuotes = false;
	}

	/** What the line text[TEXT_MAX_BYTES … to) says. */
	private understand(line: Line, to: number): void {
		const text = this.text;
		const words = this.words;
		const wanted = this.wanted;
		let word = words.match(text, TEXT_MAX_BYTES, to);
		if (word >= CMT_WORD && word <= CMGR_WORD) this.line = Line.TEXT;
		if (line === Line.FOREIGN) return;
		if (word === NUMERIC_OK_WORD || word === NUMERIC_ERROR_WORD) {
			if (!this.probing) word = -1;
			else word = word === NUMERIC_OK_WORD ? OK_WORD : ERROR_WORD;
		}
		let code = WAIT;
		if (word === OK_WORD) {
			code = this.answered || wanted === NO_ANSWER ? OK : ANSWER_MISSING;
			if (this.damaged) code = ANSWER_DAMAGED;
		} else if (word === ERROR_WORD) code = COMMAND_ERROR;
		else if (word >= RDY_WORD && word <= KSUP_WORD) {
			if (!this.probing) code = MODEM_RESTARTED;
		} else if (word === CME_ERROR_WORD || word === CMS_ERROR_WORD) {
			this.readArgument(words.end, to);
			if (this.argument >= SIM_NOT_INSERTED_WORD && this.argument <= SIM_WRONG_WORD) {
				this.value = this.argument - SIM_NOT_INSERTED_WORD + CME_NOT_INSERTED;
			}
			// CMS numbers are another table; only that the command failed is known.
			this.cme = word === CME_ERROR_WORD ? this.value : -1;
			code = CME_ERROR;
		} else if (wanted >= CCHO_WORD) this.capture(word < 0 ? TEXT_MAX_BYTES : word === wanted ? words.end : to, to);
		else if (word >= 0 && word === wanted) {
			this.readArgument(words.end, to);
			this.answered = true;
		}
		if (code !== WAIT && this.result === WAIT && this.phase >= Phase.SYNC) this.result = code;
	}

	/** A word or a number stands at text[at … to). */
	private readArgument(at: number, to: number): void {
		const text = this.text;
		let number = -1;
		while (at < to && text[at] === SPACE) ++at;
		this.argument = this.words.match(text, at, to);
		for (; at < to && text[at] >= 48 && text[at] < 58 && number <= NUMBER_MAX; at++) {
			number = (number < 0 ? 0 : number * 10) + text[at] - 48;
		}
		this.value = number;
	}

	/** The text that is the answer may stand at text[at … to), behind its word, or alone, and on the next line as well. */
	private capture(at: number, to: number): void {
		const text = this.text;
		const alone = at === TEXT_MAX_BYTES;
		while (!alone && at < to && text[at] === SPACE) ++at;
		if (at === to || this.captured > 0 || (alone && !isName(text, at, to))) return;
		this.answered = true;
		if (to - at > TEXT_MAX_BYTES) return;
		this.captured = to - at;
		for (let i = 0; i < this.captured; i++) text[i] = text[at + i];
	}
}
