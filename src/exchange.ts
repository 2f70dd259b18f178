// One command APDU and all that its answer asks for (ISO 7816-4, 5.3 and 7.6; ETSI TS 102 221, 7.3): a busy card is waited for, 61xx is
// followed by GET RESPONSE, 6Cxx by the same command with the right Le, and a command that does no harm twice is sent again when it or its
// answer was lost, damaged or unbelievable.

import {
	Command,
	failureOf,
	INS_GET_RESPONSE,
	INS_MANAGE_CHANNEL,
	INS_READ_BINARY,
	INS_SELECT,
	INS_VERIFY,
	LE_MAX,
	meaningOf,
	SW_AGAIN,
	SW_DONE,
	SW_MORE,
	SW_TOOLKIT_BUSY,
	SW_WRONG_LE,
} from "./apdu.js";
import {
	ANSWER_DAMAGED,
	ANSWER_MISSING,
	ANSWER_TOO_LONG,
	CHANNEL_INVALID,
	CME_ERROR,
	COMMAND_ERROR,
	COMMAND_TIMEOUT,
	NO_PROGRESS,
	NOT_STARTED,
	OK,
	RECEIVER_TOO_SMALL,
	SIM_BUSY,
	SIM_FAILURE,
	WAIT,
} from "./codes.js";
import type { Link } from "./link.js";
import type { Pollable } from "./machine.js";
import { Response } from "./response.js";

/** A card whose toolkit is busy (9300) is asked again after this long, and so many times. */
const BUSY_MS = 500;
const BUSY_TRIES = 10;
/** How often a command whose answer was lost or damaged is sent again, where sending it twice does no harm. */
const REPEATS = 2;
/** Steps of READ BINARY are not halved below this, when a card finds them too long (6700) or answers arrive damaged. */
export const STEP_MIN = 16;
/** GET RESPONSE, CLA C0 00 00 Le. */
const GET_RESPONSE_BYTES = 5;

const enum State {
	IDLE,
	/** Nothing has to be asked; the answer is known. */
	ANSWERED,
	/** The command is composed, */
	COMPOSED,
	/** it, or GET RESPONSE, is to be sent, */
	SEND,
	/** after a pause, */
	PAUSE,
	/** and is sent. */
	SENT,
}

/** What has to be known of a command, whatever stands in its first bytes. */
const enum Kind {
	OTHER,
	/** READ BINARY: a file may be read in smaller steps. */
	READ,
	/** MANAGE CHANNEL, open: sent twice it could open two. */
	OPEN,
	// From here on nothing comes but a status word.
	CLOSE,
	/** VERIFY without a PIN; */
	TRIES,
	/** and with one, which takes a try. */
	VERIFY,
}

export abstract class Exchange implements Pollable {
	wakeAt: number;
	/** What is sent, once whoever has composed it calls `send`. */
	readonly command: Command;
	/** Where the data of the answer goes: its `store`, `compare` or `drop` is called before. */
	readonly response: Response;
	/** What carries the APDUs. */
	link: Link;
	/** Command APDUs sent since construction, or since whoever counts has set it. */
	exchanges: number;
	/** Data bytes of one answer at most; */
	readonly fullStep: number;
	/** and of one to READ BINARY: it shrinks when they arrive damaged. */
	stepBytes: number;
	/** Data bytes that were there before the command. */
	protected before: number;
	/** The Le of a command that the card may correct, 1 to 256; 0 for any other. */
	protected asked: number;
	/** The card has named another Le (6Cxx). */
	protected corrected: boolean;
	/** How often the command was sent again. */
	protected repeats: number;
	private kind: Kind;
	private state: State;
	private result: number;
	/** GET RESPONSE stands in the first bytes of the command, and these stand behind it. */
	private fetching: boolean;
	private busyTries: number;
	/** It was sent again after a passing fault of the card. */
	private tookAgain: boolean;

	/** @param commandBytes the longest command @param step data bytes of one answer at most, 1 to 256 */
	constructor(link: Link, commandBytes: number, step: number) {
		this.wakeAt = 0;
		this.command = new Command(commandBytes + GET_RESPONSE_BYTES);
		this.response = new Response(this.command.bytes);
		this.link = link;
		this.exchanges = 0;
		this.fullStep = step;
		this.stepBytes = step;
		this.before = 0;
		this.asked = 0;
		this.corrected = false;
		this.repeats = 0;
		this.kind = Kind.OTHER;
		this.state = State.IDLE;
		this.result = OK;
		this.fetching = false;
		this.busyTries = 0;
		this.tookAgain = false;
	}

	/** Starts the exchange of `command`. */
	send(): void {
		this.state = State.COMPOSED;
	}

	/** Nothing is sent: this is the result. */
	answer(code: number): void {
		this.state = State.ANSWERED;
		this.result = code;
	}

	/** Gives up what is under way. */
	cancel(): void {
		this.link.cancel();
		this.state = State.IDLE;
	}

	/** WAIT, OK or an error. A result is given once. */
	poll(now: number): number {
		const response = this.response;
		const link = this.link;
		for (;;) {
			const state = this.state;
			let code = this.result;
			if (state === State.IDLE) return NOT_STARTED;
			if (state >= State.COMPOSED) {
				if (state === State.PAUSE && ((now - this.wakeAt) | 0) < 0) return WAIT;
				if (state === State.COMPOSED) this.begin();
				if (state !== State.SENT) {
					this.state = State.SENT;
					this.exchanges += 1;
					response.begin();
					link.transmit(this.command.bytes, this.fetching ? GET_RESPONSE_BYTES : this.command.size, response);
				}
				code = link.poll(now);
				if (code === WAIT) {
					this.wakeAt = link.wakeAt;
					return WAIT;
				}
				const busy = code === OK ? response.sw === SW_TOOLKIT_BUSY : code === SIM_BUSY;
				if (busy && this.busyTries < BUSY_TRIES && this.kind !== Kind.VERIFY) {
					this.busyTries += 1;
					this.wakeAt = (now + BUSY_MS) | 0;
					response.rewind();
					this.state = State.PAUSE;
					continue;
				}
				code = code === OK ? this.answered(response.sw) : this.failed(code);
				if (code === WAIT) continue;
			}
			this.state = State.IDLE;
			code = this.proceed(code);
			if (code !== WAIT) return code;
		}
	}

	/**
	 * What was sent came to OK, when the card has carried it out; to the error that its status word, in `response.sw`, stands for; or to one of the
	 * link. WAIT when the next command is composed, or the same is sent again; else the result.
	 */
	protected abstract proceed(code: number): number;

	/** Sends the whole command again, what it has brought does not count. False when that was done too often. */
	protected again(): boolean {
		if (this.repeats >= REPEATS || this.kind === Kind.VERIFY) return false;
		this.repeats += 1;
		this.unfetch();
		if (this.asked > 0) this.command.bytes[4] = this.asked;
		this.response.rewindTo(this.before);
		this.corrected = false;
		this.tookAgain = false;
		this.state = State.SEND;
		return true;
	}

	/** The answer cannot be one to this command, it may be a late one to another. WAIT when the command is sent again, else `code`. */
	protected doubt(code: number): number {
		this.link.distrust();
		return this.again() ? WAIT : code;
	}

	/** A command that is sent for the first time. */
	private begin(): void {
		const bytes = this.command.bytes;
		const ins = bytes[1];
		this.kind = Kind.OTHER;
		this.asked = 0;
		if (ins === INS_MANAGE_CHANNEL) this.kind = bytes[2] === 0 ? Kind.OPEN : Kind.CLOSE;
		else if (ins === INS_VERIFY) this.kind = this.command.size > 5 ? Kind.VERIFY : Kind.TRIES;
		else if (ins !== INS_SELECT) {
			if (ins === INS_READ_BINARY) this.kind = Kind.READ;
			this.asked = bytes[4] > 0 ? bytes[4] : LE_MAX;
		}
		this.before = this.response.count;
		this.repeats = 0;
		this.busyTries = 0;
		this.corrected = false;
		this.tookAgain = false;
		this.fetching = false;
	}

	/** Puts GET RESPONSE in the place of the command's first bytes, which are kept behind it. */
	private fetch(length: number): void {
		const command = this.command;
		const bytes = command.bytes;
		const size = command.size;
		if (!this.fetching) for (let i = 0; i < GET_RESPONSE_BYTES; i++) bytes[size + i] = bytes[i];
		// It is an interindustry command, even behind one of ETSI's own (TS 102 221, 10.1.1).
		command.header(bytes[0] & 0x7f, INS_GET_RESPONSE, 0, 0, length);
		command.size = size;
		this.fetching = true;
	}

	private unfetch(): void {
		const bytes = this.command.bytes;
		if (this.fetching) for (let i = 0; i < GET_RESPONSE_BYTES; i++) bytes[i] = bytes[this.command.size + i];
		this.fetching = false;
	}

	/** The card has answered: what does its status word ask for? WAIT when something is to be sent. */
	private answered(sw: number): number {
		const response = this.response;
		const bytes = this.command.bytes;
		const got = response.count - this.before;
		const meaning = meaningOf(sw);
		if (meaning === SW_DONE) {
			// SELECT may bring control parameters that nobody asked for, and a modem that corrects Le itself a whole record.
			const most = this.kind === Kind.READ ? this.asked : this.kind < Kind.CLOSE ? LE_MAX : 0;
			return got > most ? this.doubt(ANSWER_TOO_LONG) : OK;
		}
		const length = (sw & 255) > 0 ? sw & 255 : LE_MAX;
		switch (meaning) {
			case SW_MORE:
				// SELECT with an answer that nobody wants: it is simply left there.
				if (!response.wanted) return OK;
				// Each GET RESPONSE has to bring something.
				if (this.fetching && !response.grew) return NO_PROGRESS;
				if (got > LE_MAX) return ANSWER_TOO_LONG;
				this.fetch(Math.min(length, this.stepBytes));
				this.state = State.SEND;
				return WAIT;
			case SW_WRONG_LE:
				if (this.asked === 0) break;
				if (this.fetching || this.corrected || length === this.asked) return NO_PROGRESS;
				if (this.kind === Kind.READ) {
					if (length > this.stepBytes) return NO_PROGRESS;
				} else if (length > this.fullStep) return RECEIVER_TOO_SMALL;
				response.rewindTo(this.before);
				this.corrected = true;
				bytes[4] = length;
				this.state = State.SEND;
				return WAIT;
			case SW_AGAIN:
				if (this.tookAgain || this.kind === Kind.OPEN || this.kind === Kind.VERIFY) break;
				this.tookAgain = true;
				// Of what came through GET RESPONSE only the last part is asked for again.
				response.rewind();
				this.state = State.SEND;
				return WAIT;
		}
		const code = failureOf(sw);
		// A card that refuses has no data to give: it was not a refusal before a bit fell over.
		if (!response.grew) return code;
		return this.kind === Kind.OPEN ? CHANNEL_INVALID : this.doubt(code);
	}

	/**
	 * The link failed. A command that the modem refused has not been carried out and is sent again; so is one that does no harm
	 * when it is carried out twice, after its answer was lost or damaged, READ BINARY then in smaller steps.
	 */
	private failed(code: number): number {
		const kind = this.kind;
		let may = code === COMMAND_ERROR || code === CME_ERROR;
		if (code === SIM_FAILURE) may = kind === Kind.CLOSE;
		else if (code === ANSWER_DAMAGED || code === ANSWER_MISSING || code === COMMAND_TIMEOUT) may = kind !== Kind.OPEN;
		if (!may) return code;
		if (kind === Kind.READ && this.repeats > 0 && this.asked >= 2 * STEP_MIN) {
			this.stepBytes = this.asked >> 1;
			this.asked = this.stepBytes;
		}
		return this.again() ? WAIT : code;
	}
}
