// A hand between the modem and the line: it may change, delay or swallow all that the modem says to one command line, keep a command
// from it, or do something to it before it carries one out. It has the face of the modem. For modems without latency: what they
// say to a command is then there at once.
import type { Wire } from "./line.js";
import type { VirtualModem } from "./modem.js";

const CR = 13;
const BACKSPACE = 8;
const DRAIN_BYTES = 4096;

/** What becomes of an answer. */
export interface Meddled {
	text: string;
	/** The modem itself never saw the command. */
	unseen?: boolean;
	/** It arrives so much later, and does not hold up what comes after it. */
	delayMs?: number;
	/** What comes besides, `restMs` after the command. */
	rest?: string;
	restMs?: number;
}

/**
 * `index` counts the command lines from 0; `answer` is all that the modem said to it, echo included. It is asked twice: with an empty
 * answer before the modem has the command, where only `unseen` counts, and behind it. Null = nothing is changed.
 */
export type Meddle = (index: number, answer: string, line: string) => Meddled | null;

/**
 * What is done to the modem before it carries out a command line, for example a card that is taken out; true when something was.
 * `later` has something done after some time.
 */
export type Happening = (
	index: number,
	now: number,
	line: string,
	later: (ms: number, then: (now: number) => void) => void,
) => boolean;

/** Bytes on their way, and how many of them have arrived. */
class Piece {
	due: number;
	text: string;
	at: number;

	constructor(text: string, due: number) {
		this.text = text;
		this.due = due;
		this.at = 0;
	}
}

class Timer {
	due: number;
	act: (now: number) => void;

	constructor(due: number, act: (now: number) => void) {
		this.due = due;
		this.act = act;
	}
}

export class Meddler implements Wire {
	/** Nothing more is done. */
	quiet: boolean;
	/** Answers that became something else than they were, and what happened besides. */
	hits: number;

	private modem: VirtualModem;
	private meddle: Meddle;
	private happening: Happening | null;
	private pieces: Piece[];
	private timers: Timer[];
	private one: Uint8Array;
	private chunk: Uint8Array;
	private commands: number;
	private line: string;

	constructor(modem: VirtualModem, meddle: Meddle, happening: Happening | null) {
		this.quiet = false;
		this.hits = 0;
		this.modem = modem;
		this.meddle = meddle;
		this.happening = happening;
		this.pieces = [];
		this.timers = [];
		this.one = new Uint8Array(1);
		this.chunk = new Uint8Array(DRAIN_BYTES);
		this.commands = 0;
		this.line = "";
	}

	receive(bytes: Uint8Array, from: number, to: number, now: number): void {
		this.wake(now);
		for (let i = from; i < to; i++) {
			if (bytes[i] === CR) this.command(now);
			else {
				this.line += String.fromCharCode(bytes[i]);
				this.pass(bytes[i], now);
			}
		}
	}

	read(out: Uint8Array, from: number, to: number, now: number): number {
		this.wake(now);
		this.push(this.drain(now), now);
		let at = from;
		while (at < to && this.pieces.length > 0 && ((this.pieces[0].due - now) | 0) <= 0) {
			const piece = this.pieces[0];
			while (at < to && piece.at < piece.text.length) out[at++] = piece.text.charCodeAt(piece.at++);
			if (piece.at === piece.text.length) this.pieces.shift();
		}
		return at - from;
	}

	nextAt(now: number): number {
		let next = this.modem.nextAt(now);
		const timers = this.timers;
		for (let i = 0; i < timers.length; i++) next = earlier(next, timers[i].due);
		return this.pieces.length === 0 ? next : earlier(next, this.pieces[0].due);
	}

	/** A whole command line has come. */
	private command(now: number): void {
		const line = this.line;
		const index = this.commands++;
		const timers = this.timers;
		this.line = "";
		if (!this.quiet) {
			if (this.happening !== null) {
				const happened = this.happening(index, now, line, (ms, then) => {
					timers.push(new Timer((now + ms) | 0, then));
				});
				if (happened) this.hits++;
			}
			// Whether it is to be seen at all is asked before; what it is answered by, after.
			const before = this.meddle(index, "", line);
			if (before !== null && before.unseen === true) for (let n = 0; n < line.length; n++) this.pass(BACKSPACE, now);
		}
		this.pass(CR, now);
		const answer = this.drain(now);
		const changed = this.quiet ? null : this.meddle(index, answer, line);
		if (changed === null) {
			this.push(answer, now);
			return;
		}
		const delay = changed.delayMs || 0;
		const rest = changed.rest || "";
		if (changed.text !== answer || rest !== "" || delay > 0 || changed.unseen === true) this.hits++;
		this.push(changed.text, (now + delay) | 0);
		this.push(rest, (now + (changed.restMs || 0)) | 0);
	}

	private pass(byte: number, now: number): void {
		this.one[0] = byte;
		this.modem.receive(this.one, 0, 1, now);
	}

	private wake(now: number): void {
		for (let i = this.timers.length - 1; i >= 0; i--) {
			const timer = this.timers[i];
			if (((timer.due - now) | 0) > 0) continue;
			this.timers.splice(i, 1);
			timer.act(now);
		}
	}

	/** All that the modem has said by now. */
	private drain(now: number): string {
		let text = "";
		const count = this.modem.read(this.chunk, 0, DRAIN_BYTES, now);
		for (let i = 0; i < count; i++) text += String.fromCharCode(this.chunk[i]);
		return text;
	}

	/** What is due earlier goes first; the order is kept otherwise. */
	private push(text: string, due: number): void {
		if (text === "") return;
		let place = this.pieces.length;
		while (place > 0 && ((this.pieces[place - 1].due - due) | 0) > 0) place--;
		this.pieces.splice(place, 0, new Piece(text, due));
	}
}

/** The earlier of two times, where -1 is none. */
function earlier(a: number, b: number): number {
	return a === -1 || ((b - a) | 0) < 0 ? b : a;
}
