// The narrow place between the UICC and whatever carries its APDUs: +CSIM, +CGLA, +CRSM, a smart-card reader, a vendor's call. An
// application that has its own way to the card implements this instead of a modem.

import type { Response } from "./response.js";

/** The link carries any APDU: a logical channel is opened by MANAGE CHANNEL and named in CLA. */
export const LINK_CHANNELS = 0;
/** SELECT by AID opens a session, MANAGE CHANNEL close ends it; whoever keeps the session puts the channel into CLA. */
export const LINK_SESSIONS = 1;
/** There is no channel of our own: files are selected by their path from the MF, and never an application. */
export const LINK_PATHS = 2;

export interface Link {
	/** LINK_CHANNELS, LINK_SESSIONS or LINK_PATHS. */
	readonly manner: number;
	/**
	 * Starts the exchange of one command APDU, command[0 … length). The answer goes to `response`: a link with the whole response
	 * APDU in hand gives it to `response.takeAll`.
	 */
	transmit(command: Uint8Array, length: number, response: Response): void;
	/** WAIT; OK once `response` has the data and the status word; or an error (COMMAND_TIMEOUT, COMMAND_ERROR and the like). */
	poll(now: number): number;
	/** When poll is to be called next, after it has answered WAIT. */
	readonly wakeAt: number;
	/** Gives up the exchange in hand; its answer, if it still comes, must not be taken for the next one. */
	cancel(): void;
	/** The last answer was not one to its command: what comes next must be told from what is late. */
	distrust(): void;
	/** What comes now cannot have been changed on the way, and need not be read twice; false when not given. */
	readonly authentic?: boolean;
	/** Wipes the secrets of a link that has any. */
	close?(): void;
}

/** What is put around a link: a secure channel. */
export interface LinkCover {
	/** The longest command that the link below has to carry. */
	readonly commandBytes: number;
	/** The bytes of an answer that are left for data, of `step` that the link below brings. */
	fit(step: number): number;
	/** The link with the cover around it. */
	around(link: Link): Link;
}
