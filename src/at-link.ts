// What the links that go through AT commands have in common: one command at a time, and +CME ERROR numbers that say something of
// the SIM (TS 27.007, 9.2.1).

import type { At } from "./at.js";
import {
	CME_ERROR,
	OK,
	SIM_ABSENT,
	SIM_BUSY,
	SIM_FAILURE,
	SIM_LOCKED,
	SIM_PIN_REQUIRED,
	SIM_PUK_REQUIRED,
	SIM_WRONG,
} from "./codes.js";
import type { Link } from "./link.js";
import type { Response } from "./response.js";

/** Everything of a command line but the digits and the session: AT+CSIM=999,"" and CR, with some room. */
export const AT_FRAME_BYTES = 16;

/** The error that a +CME ERROR number says about the SIM; CME_ERROR for any other. */
export function simErrorOf(cme: number): number {
	switch (cme) {
		case 10:
			return SIM_ABSENT;
		case 11:
			return SIM_PIN_REQUIRED;
		case 12:
			return SIM_PUK_REQUIRED;
		case 13:
			return SIM_FAILURE;
		case 14:
			return SIM_BUSY;
		case 15:
			return SIM_WRONG;
		case 5:
		case 6:
		case 7:
			return SIM_LOCKED;
	}
	return CME_ERROR;
}

export abstract class AtLink implements Link {
	abstract readonly manner: number;
	protected readonly at: At;
	protected readonly limitMs: number;

	/** @param limitMs how long one command may take */
	constructor(at: At, limitMs: number) {
		this.at = at;
		this.limitMs = limitMs;
	}

	abstract transmit(command: Uint8Array, length: number, response: Response): void;

	get wakeAt(): number {
		return this.at.wakeAt;
	}

	poll(now: number): number {
		return this.ask(now);
	}

	/** What `poll` does, for a link that has a `poll` of its own: Espruino has no reliable `super.poll`. */
	protected ask(now: number): number {
		const code = this.at.poll(now);
		return code < OK && code === CME_ERROR ? simErrorOf(this.at.cme) : code;
	}

	cancel(): void {
		this.at.cancel();
	}

	distrust(): void {
		this.at.distrust();
	}
}
