// A hand between the modem and the line: it may change, delay or swallow all that the modem says to one command line. For modems
// without latency: what they say to a command is then there at once.

import type { VirtualModem, Wire } from "../../virtual/index.js";

/** What becomes of an answer. */
export interface Meddled {
	text: string;
	/** It arrives so much later, and does not hold up what comes after it. */
	delayMs?: number;
}

/** `index` counts the command lines from 0; `answer` is all that the modem said to it, echo included. */
export type Meddle = (index: number, answer: string) => Meddled | null;

const CR = 13;

export class Meddler implements Wire {
	private readonly pieces: { due: number; bytes: Uint8Array; at: number }[] = [];
	private readonly one = new Uint8Array(1);
	private readonly chunk = new Uint8Array(4096);
	private commands = 0;
	/** Answers that were changed. */
	hits = 0;

	constructor(
		private readonly modem: VirtualModem,
		private readonly meddle: Meddle,
	) {}

	receive(bytes: Uint8Array, from: number, to: number, now: number): void {
		for (let i = from; i < to; i++) {
			this.one[0] = bytes[i];
			this.modem.receive(this.one, 0, 1, now);
			if (bytes[i] !== CR) continue;
			const answer = this.drain(now);
			const changed = this.meddle(this.commands++, answer);
			if (changed !== null) this.hits += 1;
			const text = changed === null ? answer : changed.text;
			this.push(text, (now + (changed?.delayMs ?? 0)) | 0);
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
		const next = this.modem.nextAt(now);
		if (this.pieces.length === 0) return next;
		const due = this.pieces[0].due;
		return next === -1 || ((due - next) | 0) < 0 ? due : next;
	}
}
