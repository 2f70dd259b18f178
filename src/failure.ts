// What went wrong in a search that goes on: the first failure that says more than "not there" is the reason when nothing is found.

import { CHANNEL_LOST, NO_CHANNEL, NOT_FOUND, OK, PATH_INVALID, RECEIVER_TOO_SMALL, SECURITY_STATUS } from "./codes.js";
import type { Response } from "./response.js";

export class Failure {
	/** The first failure, OK when there was none, with its step and status word. */
	code: number;
	step: number;
	sw: number;
	/** The status word that said "not there" first. */
	missingSw: number;
	/** Whether a file that needs a PIN ends the search, since there is one to verify. */
	stopAtSecurity: boolean;
	private readonly response: Response;

	constructor(response: Response) {
		this.code = OK;
		this.step = 0;
		this.sw = 0;
		this.missingSw = 0;
		this.stopAtSecurity = false;
		this.response = response;
	}

	begin(): void {
		this.code = OK;
		this.sw = 0;
		this.missingSw = 0;
	}

	/** Whether an error ends the search; `sw` is then its status word. The card's answer may only say that it is not to be had here. */
	ends(code: number, step: number): boolean {
		const refusal =
			(code <= NO_CHANNEL && code >= RECEIVER_TOO_SMALL && code !== CHANNEL_LOST) || code === PATH_INVALID;
		if (code === OK || (refusal && (code !== SECURITY_STATUS || !this.stopAtSecurity))) return false;
		this.code = code;
		this.step = step;
		this.sw = this.response.sw;
		return true;
	}

	/** Keeps what did not end the search. */
	note(code: number, step: number): void {
		if (code === NOT_FOUND && this.missingSw === 0) this.missingSw = this.response.sw;
		if (this.code !== OK || code === NOT_FOUND) return;
		this.code = code;
		this.step = step;
		this.sw = this.response.sw;
	}
}
