// The narrow place between the UICC and whatever carries its APDUs: +CSIM, +CGLA, a smart-card reader, a vendor's call. An
// application that has its own way to the card implements this instead of a modem.

import type { Response } from "./response.js";

export interface Link {
	/**
	 * Starts the exchange of one command APDU, command[0 … length), for a logical channel that the UICC layer manages.
	 * The answer goes to `response`: a link with the whole response APDU in hand gives it to `response.takeAll`.
	 */
	transmit(command: Uint8Array, length: number, response: Response): void;
	/** WAIT; OK once `response` has the data and the status word; or an error (COMMAND_TIMEOUT, COMMAND_ERROR and the like). */
	poll(now: number): number;
	/** When poll is to be called next, after it has answered WAIT. */
	readonly wakeAt: number;
	/** Gives up the exchange in hand; its answer, if it still comes, must not be taken for the next one. */
	cancel(): void;
}
