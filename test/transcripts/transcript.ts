// A transcript of `simstrap read --trace`, played back: the modem of a test that says what a real one said.
//
//      26 ms > AT+CSIM=10,"01B0000000"          what was sent
//     230 ms < +CSIM: 260,"<128 bytes>9000"     what came; masked data is filled in from a file
//
// All other lines are words for people.

import { toHex } from "../../virtual/index.js";

const LINE = /^\s*\d+ ms ([<>]) (.*)$/;
const MASKED = /<(\d+) bytes?>/;
const READ_BINARY = /^AT\+\w+=(?:\d+,)?\d+,"[0-9A-F]{2}B0([0-9A-F]{4})/;
const READ_BINARY_OVER_CRSM = /^AT\+CRSM=176,\d+,(\d+),(\d+)/;

interface Turn {
	sent: string;
	answers: string[];
}

export class Transcript {
	/** Lines that were sent otherwise than the transcript says: none, if all is well. */
	readonly surprises: string[] = [];
	private readonly turns: Turn[] = [];
	private readonly file: Uint8Array;
	private turn = 0;
	private line = "";
	private out: number[] = [];

	/** @param file what masked data of a READ BINARY is; behind it is FF */
	constructor(text: string, file: Uint8Array) {
		this.file = file;
		for (const each of text.split("\n")) {
			const match = LINE.exec(each);
			if (match === null) continue;
			if (match[1] === ">") this.turns.push({ sent: match[2], answers: [] });
			else this.turns.at(-1)?.answers.push(match[2]);
		}
	}

	/** Every line of it was sent. */
	get finished(): boolean {
		return this.turn === this.turns.length;
	}

	receive(bytes: Uint8Array, from: number, to: number): void {
		for (let i = from; i < to; i++) {
			if (bytes[i] !== 13) this.line += String.fromCharCode(bytes[i]);
			else {
				this.answer(this.line);
				this.line = "";
			}
		}
	}

	read(out: Uint8Array, from: number, to: number): number {
		const part = this.out.splice(0, to - from);
		out.set(part, from);
		return part.length;
	}

	nextAt(now: number): number {
		return this.out.length > 0 ? now : -1;
	}

	private answer(sent: string): void {
		const turn = this.turns[this.turn];
		if (turn === undefined || turn.sent !== sent) {
			this.surprises.push(`expected ${turn?.sent ?? "nothing"}, got ${sent}`);
			return;
		}
		this.turn += 1;
		for (const answer of turn.answers) {
			const text = `\r\n${answer.replace(MASKED, (_, count) => this.fill(sent, Number(count)))}\r\n`;
			for (let i = 0; i < text.length; i++) this.out.push(text.charCodeAt(i));
		}
	}

	/** The bytes that a READ BINARY asked for. */
	private fill(sent: string, count: number): string {
		const bytes = new Uint8Array(count).fill(0xff);
		const [, high, low] = READ_BINARY_OVER_CRSM.exec(sent) ?? [];
		const offset =
			high === undefined ? Number.parseInt(READ_BINARY.exec(sent)?.[1] ?? "0", 16) : Number(high) * 256 + Number(low);
		bytes.set(this.file.subarray(offset, offset + count));
		return toHex(bytes);
	}
}
