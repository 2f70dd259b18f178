// A logical channel that got lost (ETSI TS 102 221, 11.1.2 and 11.1.17): the answer that named it was damaged, or came too late.
// A channel that is open and has no application is the one that was just opened for us: whoever else opens one selects an
// application on it. Where no channel is free, one that PKCS #15 is selected on can be closed, if that was asked for.

import type { ChannelSearch } from "./bootstrap.js";
import { CARD_REFUSED, NO_CHANNEL, OK, WAIT } from "./codes.js";
import { status } from "./commands.js";
import { Machine } from "./machine.js";
import { CHANNEL_MAX, type Uicc } from "./uicc.js";

/** What STATUS answers on a channel without an application. */
const SW_NO_APPLICATION = 0x6985;
/** The answer to STATUS begins with this tag and a length; the AID of PKCS #15 with its RID, A000000063, and the letter P. */
const AID_TAG = 0x84;
const AID_FROM = 2;
const RID_HEAD = 0xa0;
const RID_TAIL = 0x63;
const LETTER_P = 0x50;

const enum State {
	IDLE,
	/** The channel in hand is asked for its application, */
	ASK,
	/** or closed. */
	CLOSE,
}

export class Channels extends Machine implements ChannelSearch {
	private readonly buffer: Uint8Array;
	private readonly reclaim: boolean;
	private lost: boolean;
	private channel: number;

	/**
	 * @param buffer where the answers are looked at, 18 bytes or more: the file buffer
	 * @param reclaim whether a channel that PKCS #15 is selected on may be closed though it is not known to be ours
	 */
	constructor(buffer: Uint8Array, reclaim: boolean) {
		super(null);
		this.buffer = buffer;
		this.reclaim = reclaim;
		this.lost = false;
		this.channel = 0;
	}

	start(uicc: Uicc, lost: boolean): boolean {
		if (!lost && !this.reclaim) return false;
		this.below = uicc;
		this.lost = lost;
		this.channel = 0;
		this.ask(uicc);
		return true;
	}

	protected proceed(code: number): number {
		const uicc = this.below as Uicc;
		if (this.state === State.CLOSE) return code === OK ? OK : NO_CHANNEL;
		// An error of the modem: it may not let STATUS through.
		if (code !== OK && code > NO_CHANNEL) return code;
		if (this.lost) {
			const none = code === CARD_REFUSED && uicc.response.sw === SW_NO_APPLICATION;
			if (none || (code === OK && uicc.response.count === 0)) {
				uicc.adopt(this.channel);
				return OK;
			}
		} else if (code === OK && this.isPkcs15(uicc.response.count)) {
			this.state = State.CLOSE;
			uicc.adopt(this.channel);
			uicc.close();
			return WAIT;
		}
		if (this.channel === CHANNEL_MAX) return this.lost ? OK : NO_CHANNEL;
		return this.ask(uicc);
	}

	private ask(uicc: Uicc): number {
		this.state = State.ASK;
		this.channel += 1;
		uicc.response.store(this.buffer, 0, this.buffer.length);
		status(uicc, this.channel, true);
		return WAIT;
	}

	/** STATUS with P2 = 01 answers 84 L AID. */
	private isPkcs15(count: number): boolean {
		const buffer = this.buffer;
		const at = AID_FROM;
		if (count < at + 6 || buffer[0] !== AID_TAG || buffer[at] !== RID_HEAD) return false;
		if ((buffer[at + 1] | buffer[at + 2] | buffer[at + 3]) !== 0) return false;
		return buffer[at + 4] === RID_TAIL && buffer[at + 5] === LETTER_P;
	}
}
