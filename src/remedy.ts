// What may help against an error, seen from the whole procedure: what the layers below could mend, they have mended already.

import {
	ANSWER_DAMAGED,
	ANSWER_MISSING,
	ANSWER_TOO_LONG,
	CARD_BUSY,
	CARD_REFUSED,
	CHANNEL_INVALID,
	CHANNEL_LOST,
	CME_ERROR,
	COMMAND_ERROR,
	COMMAND_TIMEOUT,
	FILE_TOO_LARGE,
	FILE_UNUSABLE,
	MODEM_RESTARTED,
	NO_CHANNEL,
	NO_PROGRESS,
	RECEIVER_TOO_SMALL,
	SECURITY_STATUS,
	SIM_ABSENT,
	SIM_FAILURE,
	TLV_MISPLACED,
} from "./codes.js";

/** Nothing helps. */
export const NO_REMEDY = 0;
/** The same once more, on a new channel. */
export const AGAIN_FROM_CHANNEL = 1;
/** The same once more, beginning with the modem. */
export const AGAIN_FROM_MODEM = 2;
/** The way to the card does not work; another one may. */
export const AGAIN_ON_NEXT_LINK = 3;

/** The remedy for an error that came once the modem's own dialogue was over. */
export function remedyFor(code: number): number {
	switch (code) {
		case COMMAND_ERROR:
		case CME_ERROR:
		case NO_CHANNEL:
		case CHANNEL_INVALID:
			return AGAIN_ON_NEXT_LINK;
		// Perhaps the card was reset, or taken out and put back: the modem knows.
		case MODEM_RESTARTED:
		case SIM_ABSENT:
		case SIM_FAILURE:
			return AGAIN_FROM_MODEM;
		case ANSWER_DAMAGED:
		case ANSWER_MISSING:
		case COMMAND_TIMEOUT:
			return AGAIN_FROM_CHANNEL;
		case SECURITY_STATUS:
		case CARD_BUSY:
		case RECEIVER_TOO_SMALL:
		case FILE_TOO_LARGE:
			return NO_REMEDY;
	}
	// What the card, its directory or the file came to: a bit that fell over on the line could have made it.
	return code < NO_CHANNEL && code >= TLV_MISPLACED ? AGAIN_FROM_CHANNEL : NO_REMEDY;
}

/** Whether an error that stays may be one of the way to the card, so that another way is worth a try. */
export function linkMayBeAtFault(code: number): boolean {
	switch (code) {
		case ANSWER_DAMAGED:
		case ANSWER_MISSING:
		case COMMAND_TIMEOUT:
		case CHANNEL_LOST:
		case FILE_UNUSABLE:
		case CARD_REFUSED:
		case ANSWER_TOO_LONG:
		case NO_PROGRESS:
			return true;
	}
	return false;
}
