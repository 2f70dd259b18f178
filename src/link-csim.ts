// APDUs through AT+CSIM (TS 27.007, 8.17): one command line for each, with the logical channel in the CLA byte.
//
//   AT+CSIM=<length>,"<command>"<CR>        length = number of digits
//   +CSIM: <length>,"<response>"            response = data, SW1, SW2

import type { At } from "./at.js";
import type { Link } from "./link.js";
import type { Response } from "./response.js";
import { AT_CSIM, CSIM_WORD } from "./words.js";

/** Everything of the line but the digits: AT+CSIM=999,"" and CR, with some room. */
export const CSIM_FRAME_BYTES = 16;

export class LinkCsim implements Link {
	private readonly at: At;
	private readonly limitMs: number;
	private readonly from: number;
	private readonly to: number;

	/** @param limitMs how long one exchange may take */
	constructor(at: At, limitMs: number) {
		this.at = at;
		this.limitMs = limitMs;
		at.words.find(AT_CSIM);
		this.from = at.words.from;
		this.to = at.words.to;
	}

	get wakeAt(): number {
		return this.at.wakeAt;
	}

	transmit(command: Uint8Array, length: number, response: Response): void {
		const at = this.at;
		at.compose(this.from, this.to, command, length);
		at.start(CSIM_WORD, response, this.limitMs);
	}

	poll(now: number): number {
		return this.at.poll(now);
	}

	cancel(): void {
		this.at.cancel();
	}
}
