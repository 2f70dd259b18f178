// The dialogue with the modem for a person to read: each AT line with its time, and below it what it says in words. Secrets are
// masked in both. Where there are colours, what goes to the modem has one of its own, and what came of it shows at a glance.

import type { Tap } from "../hal/node/index.js";
import { answerWords, commandWords, fileWords, pathWords } from "./apdu-words.js";
import {
	answerApdu,
	commandApdu,
	lineWords,
	maskAnswer,
	maskCommand,
	maskDigits,
	maskRestricted,
	placeOf,
	restrictedAnswer,
	restrictedFile,
} from "./at-lines.js";
import { cmeName } from "./cme-words.js";
import { escapeText, masked, toHex } from "./escape.js";
import { Exchange } from "./exchange.js";
import { type Paint, PLAIN } from "./paint.js";
import { statusKind } from "./status-words.js";

/** A line without an end is shown in pieces of this length. */
const PIECE_CHARS = 1200;
const TIME_WIDTH = 7;
const CR = 13;
const LF = 10;

/** In lines that are not understood, so many digits in a row are a number; more may be data. */
const NUMBER_DIGITS = 16;
/** The same where a secret answer is awaited. */
const SECRET_DIGITS = 4;

/** What the core is doing, where there is one to ask. */
export interface Context {
	/** Whether the file that is selected now is a directory of the card; null when it is not known. */
	readsDirectory(): boolean | null;
	/** What the file that is selected now is called; null when it is not known. */
	fileName(): string | null;
}

/** Where nobody knows more of a file than its ID. */
export const NO_CONTEXT: Context = { readsDirectory: () => null, fileName: () => null };

export class Trace implements Tap {
	private readonly print: (line: string) => void;
	private readonly clock: () => number;
	/** When the first line was shown. */
	private start: number | null = null;
	private readonly showSecrets: boolean;
	private readonly context: Context;
	private readonly paint: Paint;
	private readonly exchange: Exchange;
	private out = "";
	private in = "";
	/** "+CSIM:" has come, and its answer comes on the next line. */
	private headed = false;

	constructor(
		print: (line: string) => void,
		clock: () => number,
		showSecrets: boolean,
		context: Context,
		paint: Paint = PLAIN,
	) {
		this.print = print;
		this.clock = clock;
		this.showSecrets = showSecrets;
		this.context = context;
		this.paint = paint;
		this.exchange = new Exchange(() => context.readsDirectory());
	}

	sent(bytes: Uint8Array, from: number, to: number): void {
		for (let at = from; at < to; at++) {
			if (bytes[at] !== CR && bytes[at] !== LF) this.out += String.fromCharCode(bytes[at]);
			else this.endSent();
			if (this.out.length >= PIECE_CHARS) this.endSent();
		}
	}

	received(bytes: Uint8Array, count: number): void {
		for (let at = 0; at < count; at++) {
			if (bytes[at] !== CR && bytes[at] !== LF) this.in += String.fromCharCode(bytes[at]);
			else this.endReceived();
			if (this.in.length >= PIECE_CHARS) this.endReceived();
		}
	}

	/** Shows what has come without an end of line. */
	end(): void {
		this.endSent();
		this.endReceived();
	}

	private line(mark: ">" | "<", text: string): void {
		const { paint } = this;
		const now = this.clock();
		this.start ??= now;
		const time = String((now - this.start) | 0).padStart(TIME_WIDTH);
		const line = `${mark} ${escapeText(text)}`;
		let painted = line;
		if (mark === ">") painted = paint.sent(line);
		else if (/^(ERROR$|\+CM[ES] ERROR:)/.test(text)) painted = paint.bad(line);
		else if (text === "OK") painted = paint.faint(line);
		this.print(`${paint.faint(`${time} ms`)} ${painted}`);
	}

	private words(text: string): void {
		if (text !== "") this.print(" ".repeat(TIME_WIDTH + 6) + text);
	}

	private endSent(): void {
		const line = this.out;
		this.out = "";
		if (line === "") return;
		const apdu = commandApdu(line);
		this.line(">", this.showSecrets ? line : maskCommand(line));
		if (apdu === null) {
			this.words(this.paint.strong(lineWords(line)));
			return;
		}
		const file = restrictedFile(line);
		const { context, exchange, paint } = this;
		const fileName = context.fileName();
		if (file === null) {
			exchange.command(apdu);
			this.words(paint.strong(commandWords(apdu, fileName, placeOf(line))));
		} else {
			exchange.restricted(apdu, file);
			const name = `${fileWords(file.slice(-4), fileName)} ${pathWords(Buffer.from(file, "hex"))}`;
			this.words(paint.strong(`${commandWords(apdu, fileName, "")}, ${name}`));
		}
	}

	private endReceived(): void {
		const line = this.in;
		this.in = "";
		if (line === "") return;
		const headed = this.headed;
		this.headed = /^\+(CSIM|CGLA)\s*:\s*$/i.test(line);
		const answer = headed || /^\+(CSIM|CGLA)\s*:/i.test(line) ? answerApdu(line) : null;
		const restricted = restrictedAnswer(line);
		if (answer !== null) {
			this.answered(line, answer, maskAnswer);
			return;
		}
		if (restricted !== null) {
			this.answered(line, restricted, maskRestricted);
			return;
		}
		if (this.showSecrets) this.line("<", line);
		else if (/^\s*AT/i.test(line) || /(CPIN2?|CPWD|CLCK)\s*=/i.test(line)) this.line("<", maskCommand(line));
		else this.line("<", maskDigits(line, this.exchange.secret ? SECRET_DIGITS : NUMBER_DIGITS));
		const cme = /^\+CME ERROR:\s*(\d+)\s*$/i.exec(line);
		if (cme !== null) this.words(this.paint.bad(cmeName(Number(cme[1]))));
	}

	private answered(line: string, answer: Uint8Array, mask: (line: string) => string): void {
		const data = answer.subarray(0, answer.length - 2);
		const sw = (answer[answer.length - 2] << 8) | answer[answer.length - 1];
		const open = this.exchange.answer(data) || this.showSecrets;
		this.line("<", open || data.length === 0 ? line : mask(line));
		const shown = data.length === 0 ? "" : open ? toHex(data) : masked(data.length);
		this.words(this.paint[statusKind(sw)](answerWords(sw, shown)));
	}
}
