// APDUs through AT+CSIM (TS 27.007, 8.17): one command line for each, with the logical channel in the CLA byte.
//
//   AT+CSIM=<length>,"<command>"<CR>        length = number of digits
//   +CSIM: <length>,"<response>"            response = data, SW1, SW2

import { type At, COMPOSED } from "./at.js";
import { AtLink } from "./at-link.js";
import { LINK_CHANNELS, LINK_PATHS } from "./link.js";
import type { Response } from "./response.js";
import { AT_CSIM, CSIM_WORD } from "./words.js";

export class LinkCsim extends AtLink {
	readonly manner: number;

	/**
	 * @param limitMs how long one exchange may take
	 * @param basic on the basic channel, which the modem itself uses: files are selected by path, and never an application
	 */
	constructor(at: At, limitMs: number, basic: boolean) {
		super(at, limitMs);
		this.manner = basic ? LINK_PATHS : LINK_CHANNELS;
	}

	transmit(command: Uint8Array, length: number, response: Response): void {
		const at = this.at;
		at.commandLine.begin(AT_CSIM);
		at.commandLine.apdu(command, length);
		at.apdu.response = response;
		at.start(COMPOSED, CSIM_WORD, at.apdu, this.limitMs);
	}
}
