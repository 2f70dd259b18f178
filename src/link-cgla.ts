// APDUs through a session that the modem keeps (TS 27.007, 8.43 to 8.46): the modem opens the logical channel, selects the
// application and puts the channel into CLA.
//
//   AT+CCHO="<AID>"                                   +CCHO: <session>, or <session> alone
//   AT+CGLA=<session>,<length>,"<command>"            +CGLA: <length>,"<response>"
//   AT+CCHC=<session>                                 OK
//
// <session> is whatever text the modem gives. Above, this looks like a card on which SELECT by AID opens the channel.

import { INS_MANAGE_CHANNEL, INS_SELECT } from "./apdu.js";
import type { At } from "./at.js";
import { NO_ANSWER } from "./at.js";
import { AtLink } from "./at-link.js";
import { CME_ERROR, COMMAND_ERROR, NOT_STARTED, OK, WAIT } from "./codes.js";
import { COMMA } from "./command-line.js";
import { LINK_SESSIONS } from "./link.js";
import type { Response } from "./response.js";
import { AT_CCHC, AT_CCHO, AT_CGLA, CCHO_WORD, CGLA_WORD } from "./words.js";

/** The longest identifier of a session that is taken. */
export const SESSION_MAX_BYTES = 32;
/** What a USIM's AID begins with (TS 101 220, annex E): a session with it gives a way to EF(DIR). */
const USIM_AID_BYTES = 7;

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
}

export class LinkCgla extends AtLink {
	readonly manner: number;
	private readonly session: Uint8Array;
	private sessionLength: number;
	private readonly usim: Uint8Array;
	private stage: Stage;
	private command: Uint8Array;
	private length: number;
	private response: Response | null;

	/** @param limitMs how long one command may take */
	constructor(at: At, limitMs: number) {
		super(at, limitMs);
		this.manner = LINK_SESSIONS;
		this.session = new Uint8Array(SESSION_MAX_BYTES);
		this.sessionLength = 0;
		const usim = new Uint8Array(USIM_AID_BYTES);
		usim[0] = 0xa0;
		usim[4] = 0x87;
		usim[5] = 0x10;
		usim[6] = 0x02;
		this.usim = usim;
		this.stage = Stage.IDLE;
		this.command = usim;
		this.length = 0;
		this.response = null;
	}

	transmit(command: Uint8Array, length: number, response: Response): void {
		this.command = command;
		this.length = length;
		this.response = response;
		if (command[1] === INS_MANAGE_CHANNEL) {
			if (this.sessionLength > 0) this.release(Stage.CLOSE);
			else this.stage = Stage.NOTHING;
		} else if (command[1] === INS_SELECT && command[2] === 4) {
			if (this.sessionLength > 0) this.release(Stage.RELEASE);
			else this.openFor(Stage.OPEN);
		} else if (this.sessionLength === 0) this.openFor(Stage.OPEN_ANY);
		else this.exchange();
	}

	override poll(now: number): number {
		for (;;) {
			if (this.stage === Stage.IDLE) return NOT_STARTED;
			if (this.stage === Stage.NOTHING) {
				this.stage = Stage.IDLE;
				return this.answer(0x9000);
			}
			const code = this.ask(now);
			if (code === WAIT) return WAIT;
			const result = this.proceed(code);
			if (result !== WAIT) {
				this.stage = Stage.IDLE;
				return result;
			}
		}
	}

	override cancel(): void {
		this.stage = Stage.IDLE;
		this.at.cancel();
	}

	/** A command is over. WAIT when another one is under way. */
	private proceed(code: number): number {
		switch (this.stage) {
			case Stage.RELEASE:
				// A modem without +CCHC keeps its session; it is not ours to wonder.
				this.sessionLength = 0;
				this.openFor(Stage.OPEN);
				return WAIT;
			case Stage.CLOSE:
				this.sessionLength = 0;
				return code === OK ? this.answer(0x9000) : code;
			case Stage.OPEN:
			case Stage.OPEN_ANY:
				if (code !== OK) {
					// The modem does not say why; most likely the card has no such application.
					if (this.stage === Stage.OPEN && (code === CME_ERROR || code === COMMAND_ERROR)) return this.answer(0x6a82);
					return code;
				}
				this.sessionLength = this.at.captured;
				if (this.stage === Stage.OPEN) return this.answer(0x9000);
				this.exchange();
				return WAIT;
		}
		return code;
	}

	private answer(sw: number): number {
		if (this.response !== null) this.response.sw = sw;
		return OK;
	}

	private openFor(stage: Stage): void {
		const at = this.at;
		this.stage = stage;
		at.words.find(AT_CCHO);
		const line = at.commandLine;
		line.begin(at.words.from, at.words.to);
		if (stage === Stage.OPEN) line.digits(this.command, 5, this.length);
		else line.digits(this.usim, 0, USIM_AID_BYTES);
		line.end();
		at.capture(this.session);
		at.start(CCHO_WORD, null, this.limitMs);
	}

	private release(stage: Stage): void {
		const at = this.at;
		this.stage = stage;
		at.words.find(AT_CCHC);
		const line = at.commandLine;
		line.begin(at.words.from, at.words.to);
		line.text(this.session, 0, this.sessionLength);
		line.end();
		at.start(NO_ANSWER, null, this.limitMs);
	}

	private exchange(): void {
		const at = this.at;
		this.stage = Stage.EXCHANGE;
		at.words.find(AT_CGLA);
		const line = at.commandLine;
		line.begin(at.words.from, at.words.to);
		line.text(this.session, 0, this.sessionLength);
		line.byte(COMMA);
		line.apdu(this.command, this.length);
		at.start(CGLA_WORD, this.response, this.limitMs);
	}
}
