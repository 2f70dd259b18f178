// What may help against an error, seen from the whole procedure: what the layers below could mend, they have mended already. Another run,
// as long as it does not come to the same again; and another way to the card, in their order, until each has failed.

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
	FILE_UNUSABLE,
	MODEM_RESTARTED,
	NO_APPLICATION,
	NO_CHANNEL,
	NO_PROGRESS,
	OK,
	RECEIVER_TOO_SMALL,
	SECURITY_STATUS,
	SIM_ABSENT,
	SIM_FAILURE,
	TLV_MISPLACED,
} from "./codes.js";
import { LINK_PATHS, type Link } from "./link.js";

/** A run is made again so many times. */
export const RUNS_MAX = 4;
/** What `tried` keeps of each link: the code, OK when it did not fail or was not tried; the step; the status word, or 0; and the +CME ERROR, or -1. */
export const TRIED_FIELDS = 4;

/** Nothing helps. */
export const NO_REMEDY = 0;
/** The same once more, on a new channel. */
export const AGAIN_FROM_CHANNEL = 1;
/** The same once more, beginning with the modem. */
export const AGAIN_FROM_MODEM = 2;
/** The way to the card does not work; another one may. */
export const AGAIN_ON_NEXT_LINK = 3;

/** The remedy for an error that came once the modem's own dialogue was over. */
function remedyFor(code: number): number {
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
			return NO_REMEDY;
	}
	// What the card, its directory or the file came to: a bit that fell over on the line could have made it.
	return code < NO_CHANNEL && code >= TLV_MISPLACED ? AGAIN_FROM_CHANNEL : NO_REMEDY;
}

/** Whether an error that stays may be one of the way to the card, so that another way is worth a try. */
function linkMayBeAtFault(code: number): boolean {
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

export class Attempts {
	/** What carries the APDUs, in the order in which they are tried. */
	readonly links: Link[];
	/** Which of them is in use. */
	link: number;
	/** Why each failed, TRIED_FIELDS numbers for each. Null when there is only one. */
	readonly tried: Int32Array | null;
	/** Runs over the link in use. */
	runs: number;
	private readonly again: boolean;
	/** No other link is tried: what is looked for belongs to one. */
	private single: boolean;
	/** The error of the run before, which the next one has to repeat before it counts. */
	private before: number;

	/** @param again whether an error has to come twice */
	constructor(links: Link[], again: boolean) {
		this.links = links;
		this.link = 0;
		this.tried = links.length > 1 ? new Int32Array(links.length * TRIED_FIELDS) : null;
		this.runs = 0;
		this.again = again;
		this.single = false;
		this.before = OK;
	}

	/** Begins with a link. */
	start(link: number, single: boolean): void {
		if (this.tried !== null) this.tried.fill(OK);
		this.single = single;
		this.use(link);
	}

	/** What helps against an error; `worked` when the link in use has brought something before. */
	remedy(code: number, worked: boolean): number {
		let remedy = remedyFor(code);
		const again = this.runs < RUNS_MAX && this.again && code !== this.before;
		// What the modem refuses all of a sudden it has perhaps forgotten: it may have restarted without a word.
		if (remedy === AGAIN_ON_NEXT_LINK && worked && again) remedy = AGAIN_FROM_MODEM;
		if (remedy === AGAIN_ON_NEXT_LINK || (remedy === AGAIN_FROM_CHANNEL && !again && this.isLinks(code))) {
			return this.next() < 0 ? NO_REMEDY : AGAIN_ON_NEXT_LINK;
		}
		if (!again) return NO_REMEDY;
		this.before = code;
		return remedy;
	}

	/** The link in use has failed for good, and that is kept. The place in `tried` of what the whole has failed with, -1 when that is this. */
	note(code: number, step: number, sw: number, cme: number, last: boolean): number {
		const tried = this.tried;
		if (tried === null) return -1;
		let at = this.link * TRIED_FIELDS;
		tried[at] = code;
		tried[at + 1] = step;
		tried[at + 2] = sw;
		tried[at + 3] = cme;
		// When it was the last one, the first one's failure is the result.
		if (!last || (remedyFor(code) !== AGAIN_ON_NEXT_LINK && !this.isLinks(code))) return -1;
		for (at = 0; tried[at] === OK; ) at += TRIED_FIELDS;
		return at;
	}

	/** Goes over to the next link. */
	advance(): void {
		this.use(this.next());
	}

	private use(link: number): void {
		this.link = link;
		this.runs = 0;
		this.before = OK;
	}

	/** The first link in order that has not been tried, -1 for none. */
	private next(): number {
		const tried = this.tried;
		if (tried === null || this.single) return -1;
		for (let i = 0; i < this.links.length; i++) if (i !== this.link && tried[i * TRIED_FIELDS] === OK) return i;
		return -1;
	}

	/** Whether an error that came again and again may be one of the link, though the modem has not refused the command. */
	private isLinks(code: number): boolean {
		// Without an application of our own, one that is not there says nothing.
		return linkMayBeAtFault(code) || (code === NO_APPLICATION && this.links[this.link].manner === LINK_PATHS);
	}
}
