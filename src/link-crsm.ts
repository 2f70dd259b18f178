// Files through AT+CRSM (TS 27.007, 8.18): the modem itself selects the file, by its path from the MF, and reads it. There is no
// channel, and no application: it reaches a PKCS #15 directory only where that is a DF under the MF.
//
//   AT+CRSM=<command>,<file>,<P1>,<P2>,<P3>,,"<path>"        decimal numbers; the path without the MF and the file
//   +CRSM: <sw1>,<sw2>[,"<data>"]
//
// Above, this looks like a card: SELECT is remembered, READ BINARY and READ RECORD name the file that was selected.

import { INS_READ_BINARY, INS_READ_RECORD, INS_SELECT } from "./apdu.js";
import type { At } from "./at.js";
import { AtLink } from "./at-link.js";
import { OK } from "./codes.js";
import { COMMA } from "./command-line.js";
import { LINK_PATHS } from "./link.js";
import type { Response } from "./response.js";
import { AT_CRSM, CRSM_WORD } from "./words.js";

/** The longest path that is remembered. */
const PATH_MAX_BYTES = 32;

export class LinkCrsm extends AtLink {
	readonly manner: number;
	private readonly path: Uint8Array;
	private pathLength: number;
	/** The command is answered here, without the modem. */
	private local: boolean;

	/** @param limitMs how long one command may take */
	constructor(at: At, limitMs: number) {
		super(at, limitMs);
		this.manner = LINK_PATHS;
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
			this.local = false;
			at.words.find(AT_CRSM);
			const file = (this.path[end] << 8) | this.path[end + 1];
			const line = at.commandLine;
			line.begin(at.words.from, at.words.to);
			line.number(ins);
			line.byte(COMMA);
			line.number(file);
			for (let i = 2; i < 5; i++) {
				line.byte(COMMA);
				line.number(command[i]);
			}
			if (end > 0) {
				line.byte(COMMA);
				line.byte(COMMA);
				line.digits(this.path, 0, end);
			}
			line.end();
			at.start(CRSM_WORD, response, this.limitMs);
		} else response.sw = 0x6d00;
	}

	override poll(now: number): number {
		return this.local ? OK : this.ask(now);
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
