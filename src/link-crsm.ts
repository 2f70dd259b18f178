// Files through AT+CRSM (TS 27.007, 8.18): the modem itself selects the file, by its path from the MF, and reads it. There is no
// channel, and no application: it reaches a PKCS #15 directory only where that is a DF under the MF.
//
//   AT+CRSM=<command>,<file>,<P1>,<P2>,<P3>,,"<path>"        decimal numbers; the path without the MF and the file
//   +CRSM: <sw1>,<sw2>[,"<data>"]
//
// Above, this looks like a card: SELECT is remembered, READ BINARY and READ RECORD name the file that was selected.

import { Answer, SPACE } from "./answer.js";
import { INS_READ_BINARY, INS_READ_RECORD, INS_SELECT } from "./apdu.js";
import { type At, COMPOSED } from "./at.js";
import { AtLink, simErrorOf } from "./at-link.js";
import { OK } from "./codes.js";
import { appendDigits, appendNumber, COMMA, CR, QUOTE } from "./command-line.js";
import { LINK_PATHS } from "./link.js";
import type { Response } from "./response.js";
import { AT_CRSM, CRSM_WORD } from "./words.js";

/** The longest path that is remembered. */
const PATH_MAX_BYTES = 32;
const BYTES_MAX = 256;

const enum Part {
	START,
	SW1,
	/** Behind the comma, */
	SW2_START,
	/** and behind a digit of it. */
	SW2,
	/** Behind the second one. */
	NEXT,
	QUOTED,
	DATA,
	TAIL,
}

/** The rest of a +CRSM line. Nothing says how long the data is: it ends with its quote or the line. */
class CrsmAnswer extends Answer {
	end(): boolean {
		if (this.part === Part.SW2) this.setStatus();
		return this.half < 0 && (this.part === Part.SW2 || this.part >= Part.DATA);
	}

	take(bytes: Uint8Array, from: number, count: number): number {
		let at = from;
		while (at < count) {
			const c = bytes[at];
			const part = this.part;
			let taken = 1;
			if (c === QUOTE && this.half < 0 && (part === Part.NEXT || part === Part.QUOTED)) {
				this.part = part === Part.NEXT ? Part.QUOTED : Part.TAIL;
			} else if (part === Part.QUOTED || part === Part.DATA) {
				const run = Math.min(count - at, 2 * BYTES_MAX - this.number) & ~1;
				if (this.half >= 0 || run === 0) taken = this.cut(c);
				else taken = (this.response as Response).takeDigits(this.hex, bytes, at, at + run) << 1;
				this.number += taken;
				if (taken === 0) break;
			} else if (part === Part.NEXT && c !== SPACE) {
				this.part = Part.DATA;
				taken = 0;
			} else if (part <= Part.SW2 && c >= 48 && c < 58) {
				this.number = this.number * 10 + c - 48;
				if (this.number > 255) break;
				this.part = part | 1;
			} else if (part === Part.SW1 && c === COMMA) {
				this.sw = this.number;
				this.number = 0;
				this.part = Part.SW2_START;
			} else if (part === Part.SW2 && c === COMMA) {
				this.setStatus();
				this.number = 0;
				this.part = Part.NEXT;
			} else if (c !== SPACE) break;
			at += taken;
		}
		return at;
	}

	private setStatus(): void {
		(this.response as Response).sw = (this.sw << 8) | this.number;
	}
}

export class LinkCrsm extends AtLink {
	readonly manner: number;
	private readonly answer: CrsmAnswer;
	private readonly path: Uint8Array;
	private pathLength: number;
	/** The command is answered here, without the modem. */
	private local: boolean;

	/** @param limitMs how long one command may take */
	constructor(at: At, limitMs: number) {
		super(at, limitMs);
		this.manner = LINK_PATHS;
		this.answer = new CrsmAnswer(at.commandLine.hex);
		this.path = new Uint8Array(PATH_MAX_BYTES);
		this.pathLength = 0;
		this.local = false;
	}

	transmit(command: Uint8Array, length: number, response: Response): void {
		const ins = command[1];
		this.local = true;
		if (ins === INS_SELECT) this.select(command, response);
		else if ((ins === INS_READ_BINARY || ins === INS_READ_RECORD) && length === 5 && this.pathLength >= 2) {
			const at = this.at;
			const end = this.pathLength - 2;
			const line = at.commandLine;
			this.local = false;
			line.begin(AT_CRSM);
			appendNumber(line, ins);
			line.byte(COMMA);
			appendNumber(line, (this.path[end] << 8) | this.path[end + 1]);
			for (let i = 2; i < 5; i++) {
				line.byte(COMMA);
				appendNumber(line, command[i]);
			}
			if (end > 0) {
				line.byte(COMMA);
				line.byte(COMMA);
				appendDigits(line, this.path, 0, end);
			}
			line.byte(CR);
			this.answer.response = response;
			at.start(COMPOSED, CRSM_WORD, this.answer, this.limitMs);
		} else response.sw = 0x6d00;
	}

	override poll(now: number): number {
		return this.local ? OK : simErrorOf(this.at.poll(now), this.at.cme);
	}

	/** SELECT by path from the MF (P1 = 08); any other form is not known. */
	private select(command: Uint8Array, response: Response): void {
		const length = command[4];
		response.sw = 0x6a86;
		if (command[2] !== 8 || length > PATH_MAX_BYTES || length < 2) return;
		for (let i = 0; i < length; i++) this.path[i] = command[5 + i];
		this.pathLength = length;
		response.sw = 0x9000;
	}
}
