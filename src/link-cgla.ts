// APDUs through a session that the modem keeps (TS 27.007, 8.43 to 8.46): the modem opens the logical channel, selects the
// application and puts the channel into CLA.
//
//   AT+CCHO="<AID>"                                   +CCHO: <session>, or <session> alone
//   AT+CGLA=<session>,<length>,"<command>"            +CGLA: <length>,"<response>"
//   AT+CCHC=<session>                                 OK
//
// <session> is whatever text the modem gives. Above, this looks like a card on which SELECT by AID opens the channel. When the session's
// name got lost or damaged on its way, and the modem's names are numbers, STATUS finds the one that the application is selected on.

import { INS_MANAGE_CHANNEL, INS_SELECT, INS_STATUS } from "./apdu.js";
import type { At } from "./at.js";
import { COMPOSED, NO_ANSWER, TEXT_MAX_BYTES } from "./at.js";
import { AtLink, simErrorOf } from "./at-link.js";
import {
	ANSWER_DAMAGED,
	ANSWER_MISSING,
	CME_ERROR,
	COMMAND_ERROR,
	COMMAND_TIMEOUT,
	MODEM_RESTARTED,
	NOT_STARTED,
	OK,
	WAIT,
} from "./codes.js";
import { appendDigits, appendText, COMMA, CR } from "./command-line.js";
import { LINK_SESSIONS } from "./link.js";
import { Response } from "./response.js";
import { AT_CCHC, AT_CCHO, AT_CGLA, CCHO_WORD, CGLA_WORD } from "./words.js";

/** What a USIM's AID begins with (TS 101 220, annex E): a session with it gives a way to EF(DIR). */
const USIM_AID_BYTES = 7;
const AID_MAX_BYTES = 16;
/** Damaged answers that a search for a session bears. */
const REPEATS = 4;
/** Modems that number their sessions take the number of the logical channel, 1 to 19. */
const CHANNEL_MAX = 19;

const enum Stage {
	IDLE,
	/** The session before is being closed, */
	RELEASE,
	/** and another opened: for an application, or only for a way to the card. */
	OPEN,
	OPEN_ANY,
	EXCHANGE,
	CLOSE,
	/** There is nothing to close. */
	NOTHING,
	/** Sessions are asked which application is theirs, */
	SEARCH,
	/** since the answer of +CCHO got lost, or the first command to a session was refused. */
	SEARCH_REFUSED,
}

export class LinkCgla extends AtLink {
	readonly manner: number;
	private readonly session: Uint8Array;
	private sessionLength: number;
	private readonly usim: Uint8Array;
	private stage: Stage;
	/** The command of the stage is to be sent. */
	private due: boolean;
	private command: Uint8Array;
	private length: number;
	private response: Response | null;
	/** What the session was opened for: aid[0 … aidLength). */
	private readonly aid: Uint8Array;
	private aidLength: number;
	/** The modem has refused one for the application that was meant; this one tells whether it has any to give. */
	private missing: boolean;
	/** No command has gone through the session yet, and whether the name of a session was looked for. */
	private fresh: boolean;
	private searched: boolean;
	/** The answer to the command that closes the session got lost. */
	private closeLost: boolean;
	/** Why it is looked for, and the number that is asked. */
	private failure: number;
	private number: number;
	/** How often opening was refused, or a question damaged. */
	private repeats: number;
	private readonly status: Uint8Array;
	private readonly found: Uint8Array;
	private readonly answered: Response;

	/** @param limitMs how long one command may take */
	constructor(at: At, limitMs: number) {
		super(at, limitMs);
		this.manner = LINK_SESSIONS;
		this.session = new Uint8Array(TEXT_MAX_BYTES);
		this.sessionLength = 0;
		const usim = new Uint8Array(USIM_AID_BYTES);
		usim[0] = 0xa0;
		usim[4] = 0x87;
		usim[5] = 0x10;
		usim[6] = 0x02;
		this.usim = usim;
		this.stage = Stage.IDLE;
		this.due = false;
		this.command = usim;
		this.length = 0;
		this.response = null;
		this.aid = new Uint8Array(AID_MAX_BYTES);
		this.aidLength = 0;
		this.missing = false;
		this.fresh = false;
		this.searched = false;
		this.closeLost = false;
		this.failure = OK;
		this.number = 0;
		this.repeats = 0;
		const status = new Uint8Array(5);
		status[0] = 0x80;
		status[1] = INS_STATUS;
		status[3] = 1;
		this.status = status;
		this.found = new Uint8Array(AID_MAX_BYTES + 2);
		this.answered = new Response(this.found);
	}

	transmit(command: Uint8Array, length: number, response: Response): void {
		this.command = command;
		this.length = length;
		this.response = response;
		if (command[1] === INS_MANAGE_CHANNEL) {
			if (this.sessionLength > 0) this.enter(Stage.CLOSE);
			else this.stage = Stage.NOTHING;
		} else if (command[1] === INS_SELECT && command[2] === 4) {
			if (this.sessionLength > 0) this.enter(Stage.RELEASE);
			else this.openFor(Stage.OPEN);
		} else if (this.sessionLength === 0) this.openFor(Stage.OPEN_ANY);
		else this.enter(Stage.EXCHANGE);
	}

	override poll(now: number): number {
		for (;;) {
			if (this.stage === Stage.IDLE) return NOT_STARTED;
			if (this.stage === Stage.NOTHING) {
				this.stage = Stage.IDLE;
				return this.answer(0x9000);
			}
			if (this.due && this.compose()) {
				if (this.stage === Stage.EXCHANGE) this.at.commandLine.apdu(this.command, this.length);
				else this.at.commandLine.apdu(this.status, this.status.length);
				this.at.apdu.response = this.stage === Stage.EXCHANGE ? this.response : this.answered;
				this.at.start(COMPOSED, CGLA_WORD, this.at.apdu, this.limitMs);
			}
			let code = simErrorOf(this.at.poll(now), this.at.cme);
			if (code === WAIT) return WAIT;
			code = this.proceed(code);
			if (code !== WAIT) {
				this.stage = Stage.IDLE;
				return code;
			}
		}
	}

	override cancel(): void {
		this.stage = Stage.IDLE;
		this.due = false;
		this.at.cancel();
	}

	/** A command is over. WAIT when another one is under way. */
	private proceed(code: number): number {
		const refused = code === CME_ERROR || code === COMMAND_ERROR;
		const lost = code === ANSWER_DAMAGED || code === ANSWER_MISSING || code === COMMAND_TIMEOUT;
		// A modem that has restarted knows nothing of its sessions.
		if (code === MODEM_RESTARTED) this.sessionLength = 0;
		switch (this.stage) {
			case Stage.RELEASE:
				if (code !== OK && !refused) return code;
				// A modem without +CCHC keeps its session; it is not ours to wonder.
				this.sessionLength = 0;
				this.openFor(Stage.OPEN);
				return WAIT;
			case Stage.CLOSE:
				if (lost) this.closeLost = true;
				else if (code === OK || (refused && this.closeLost)) {
					this.sessionLength = 0;
					return this.answer(0x9000);
				}
				return code;
			case Stage.OPEN:
			case Stage.OPEN_ANY:
				// The name may have come though the final result behind it got lost.
				if (code === OK || (lost && this.at.captured > 0)) {
					this.sessionLength = this.at.captured;
					for (let i = 0; i < this.sessionLength; i++) this.session[i] = this.at.text[i];
					return this.sessionLength > 0 ? this.opened(this.stage) : this.search(Stage.SEARCH, ANSWER_MISSING);
				}
				// The modem does not say why: the card has no such application, if another one can be had. But its name may have been damaged on
				// its way.
				if (refused && this.stage === Stage.OPEN) {
					this.repeats += 1;
					if (this.repeats === 1) this.enter(Stage.OPEN);
					else {
						this.openFor(Stage.OPEN_ANY);
						this.missing = true;
					}
					return WAIT;
				}
				return lost ? this.search(Stage.SEARCH, code) : code;
			case Stage.EXCHANGE:
				if (this.fresh && refused) return this.search(Stage.SEARCH_REFUSED, code);
				if (code === OK) this.fresh = false;
				return code;
			case Stage.SEARCH:
			case Stage.SEARCH_REFUSED:
				return this.searchOn(this.stage, code);
		}
		return code;
	}

	private opened(stage: Stage): number {
		this.fresh = true;
		this.closeLost = false;
		if (this.missing) return this.answer(0x6a82);
		if (stage === Stage.OPEN) return this.answer(0x9000);
		this.enter(Stage.EXCHANGE);
		return WAIT;
	}

	/** Looks for the session with the application that was meant, once for each that is opened. */
	private search(stage: Stage, code: number): number {
		if (this.searched) return code;
		this.searched = true;
		this.failure = code;
		this.stage = stage;
		this.number = 0;
		this.repeats = 0;
		this.askNext(0);
		return WAIT;
	}

	/** Asks the next session, or the same with the Le that the card names. */
	private askNext(le: number): void {
		if (le === 0) this.number += 1;
		this.status[4] = le;
		this.due = true;
	}

	private searchOn(stage: Stage, code: number): number {
		const sw = this.answered.sw;
		if (code === MODEM_RESTARTED || code === COMMAND_TIMEOUT) return code;
		const damaged = code === ANSWER_DAMAGED || code === ANSWER_MISSING;
		if (damaged && this.repeats < REPEATS) {
			this.repeats += 1;
			this.number -= 1;
			this.askNext(0);
		} else if (code === OK && sw >> 8 === 0x6c && this.status[4] === 0) this.askNext(sw & 255);
		else if (code === OK && this.isOurs()) {
			const tens = this.number > 9 ? 1 : 0;
			this.session[0] = 49;
			this.session[tens] = 48 + (this.number % 10);
			this.sessionLength = 1 + tens;
			if (stage === Stage.SEARCH)
				return this.opened(this.length > 5 && this.command[2] === 4 ? Stage.OPEN : Stage.OPEN_ANY);
			this.enter(Stage.EXCHANGE);
		} else if (this.number === CHANNEL_MAX) return this.failure;
		else this.askNext(0);
		return WAIT;
	}

	/** STATUS has answered 84 L AID: is it the one that the session was opened for? */
	private isOurs(): boolean {
		const found = this.found;
		const length = this.aidLength;
		if (this.answered.count < 2 + length || found[0] !== 0x84) return false;
		for (let i = 0; i < length; i++) if (found[2 + i] !== this.aid[i]) return false;
		return true;
	}

	private answer(sw: number): number {
		if (this.response !== null) this.response.sw = sw;
		return OK;
	}

	private openFor(stage: Stage): void {
		const own = stage === Stage.OPEN;
		this.stage = stage;
		this.due = true;
		this.missing = false;
		this.searched = false;
		this.repeats = 0;
		this.aidLength = own ? this.command[4] : USIM_AID_BYTES;
		for (let i = 0; i < this.aidLength; i++) this.aid[i] = own ? this.command[5 + i] : this.usim[i];
	}

	private enter(stage: Stage): void {
		this.stage = stage;
		this.due = true;
	}

	/** Begins the command of the stage: all of it but an APDU, whose digits are written where fewer calls stand in each other. True for one with an APDU. */
	private compose(): boolean {
		const line = this.at.commandLine;
		this.due = false;
		switch (this.stage) {
			case Stage.OPEN:
			case Stage.OPEN_ANY:
				line.begin(AT_CCHO);
				appendDigits(line, this.aid, 0, this.aidLength);
				line.byte(CR);
				this.at.start(COMPOSED, CCHO_WORD, null, this.limitMs);
				return false;
			case Stage.RELEASE:
			case Stage.CLOSE:
				line.begin(AT_CCHC);
				appendText(line, this.session, 0, this.sessionLength);
				line.byte(CR);
				this.at.start(COMPOSED, NO_ANSWER, null, this.limitMs);
				return false;
			case Stage.EXCHANGE:
				line.begin(AT_CGLA);
				appendText(line, this.session, 0, this.sessionLength);
				break;
			default:
				line.begin(AT_CGLA);
				this.answered.store(this.found, 0, this.found.length);
				if (this.number > 9) line.byte(49);
				line.byte(48 + (this.number % 10));
		}
		line.byte(COMMA);
		return true;
	}
}
