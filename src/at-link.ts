// What the links that go through AT commands have in common: one command at a time, and +CME ERROR numbers that say something of
// the SIM (TS 27.007, 9.2.1).

import type { At } from "./at.js";
import { CME_ERROR, SIM_ABSENT, SIM_LOCKED } from "./codes.js";
import type { Link } from "./link.js";
import type { Response } from "./response.js";

/** Everything of a command line but the digits and the session: AT+CSIM=999,"" and CR, with some room. */
export const AT_FRAME_BYTES = 16;

/** SIM not inserted, PIN required, PUK required, failure, busy, wrong: numbers 10 to 15, as SIM_ABSENT … SIM_WRONG. */
const CME_NOT_INSERTED = 10;
const CME_WRONG = 15;
/** Locked to a phone: 5, 6 and 7. */
const CME_LOCKED_FIRST = 5;
const CME_LOCKED_LAST = 7;

/** The result of a command: what a +CME ERROR number says about the SIM in place of CME_ERROR, if it says anything. */
export function simErrorOf(code: number, cme: number): number {
	if (code !== CME_ERROR) return code;
	if (cme >= CME_NOT_INSERTED && cme <= CME_WRONG) return SIM_ABSENT + CME_NOT_INSERTED - cme;
	return cme >= CME_LOCKED_FIRST && cme <= CME_LOCKED_LAST ? SIM_LOCKED : code;
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

	// A link with a `poll` of its own says this again: Espruino has no reliable `super.poll`.
	poll(now: number): number {
		return simErrorOf(this.at.poll(now), this.at.cme);
	}

	cancel(): void {
		this.at.cancel();
	}

	distrust(): void {
		this.at.distrust();
	}
}
