// A hand between the modem and the line: it may change, delay or swallow all that the modem says to one command line. For modems
// without latency: what they say to a command is then there at once.

import type { VirtualModem, Wire } from "../../virtual/index.js";

/** What becomes of an answer. */
export interface Meddled {
	text: string;
	/** The modem itself never saw the command. */
	unseen?: boolean;
	/** It arrives so much later, and does not hold up what comes after it. */
	delayMs?: number;
}

/** `index` counts the command lines from 0; `answer` is all that the modem said to it, echo included. */
export type Meddle = (index: number, answer: string, line: string) => Meddled | null;

/** What is done to the modem before it carries out a command line, for example a card that is taken out. */
export type Happening = (
	index: number,
	now: number,
	line: string,
	later: (ms: number, then: (now: number) => void) => void,
) => void;

const CR = 13;
const BACKSPACE = 8;

export class Meddler implements Wire {
	private readonly pieces: { due: number; bytes: Uint8Array; at: number }[] = [];
	private readonly one = new Uint8Array(1);
	private readonly chunk = new Uint8Array(4096);
	private readonly timers: { due: number; then: (now: number) => void }[] = [];
	private commands = 0;
	private line = "";
	/** Nothing more is done. */
	quiet = false;

	constructor(
		private readonly modem: VirtualModem,
		private readonly meddle: Meddle,
		private readonly happening: Happening | null = null,
	) {}

	receive(bytes: Uint8Array, from: number, to: number, now: number): void {
		this.wake(now);
		for (let i = from; i < to; i++) {
			if (bytes[i] !== CR) this.line += String.fromCharCode(bytes[i]);
			else {
				const line = this.line;
				const index = this.commands;
				if (!this.quiet)
					this.happening?.(index, now, line, (ms, then) => this.timers.push({ due: (now + ms) | 0, then }));
				// Whether it is to be seen at all is asked before; what it is answered by, after.
				if (!this.quiet && this.meddle(index, "", line)?.unseen === true) {
					for (let n = 0; n < line.length; n++) this.pass(BACKSPACE, now);
				}
			}
			this.pass(bytes[i], now);
			if (bytes[i] !== CR) continue;
			const answer = this.drain(now);
			const index = this.commands++;
			const changed = this.quiet ? null : this.meddle(index, answer, this.line);
			this.line = "";
			const text = changed === null ? answer : changed.text;
			this.push(text, (now + (changed?.delayMs ?? 0)) | 0);
		}
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
			timer.then(now);
		}
	}

	private drain(now: number): string {
		const count = this.modem.read(this.chunk, 0, this.chunk.length, now);
		return Buffer.from(this.chunk.subarray(0, count)).toString("latin1");
	}

	private push(text: string, due: number): void {
		if (text === "") return;
		const piece = { due, bytes: Uint8Array.from(Buffer.from(text, "latin1")), at: 0 };
		let place = this.pieces.length;
		while (place > 0 && ((this.pieces[place - 1].due - due) | 0) > 0) place -= 1;
		this.pieces.splice(place, 0, piece);
	}

	read(out: Uint8Array, from: number, to: number, now: number): number {
		this.wake(now);
		this.push(this.drain(now), now);
		let at = from;
		while (at < to && this.pieces.length > 0 && ((this.pieces[0].due - now) | 0) <= 0) {
			const piece = this.pieces[0];
			const count = Math.min(to - at, piece.bytes.length - piece.at);
			out.set(piece.bytes.subarray(piece.at, piece.at + count), at);
			piece.at += count;
			at += count;
			if (piece.at === piece.bytes.length) this.pieces.shift();
		}
		return at - from;
	}

	nextAt(now: number): number {
		let next = this.modem.nextAt(now);
		for (const { due } of this.timers) if (next === -1 || ((due - next) | 0) < 0) next = due;
		if (this.pieces.length === 0) return next;
		const due = this.pieces[0].due;
		return next === -1 || ((due - next) | 0) < 0 ? due : next;
	}
}
