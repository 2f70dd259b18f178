// The PIN that the modem itself asks for (TS 27.007, 8.3, +CPIN), around whatever else comes before the card. It is sent only when it
// is asked for, and never twice: what the modem answered is final until a new one is given. A PUK is never sent.

import type { At } from "./at.js";
import { COMPOSED, NO_ANSWER } from "./at.js";
import { simErrorOf } from "./at-link.js";
import {
	CME_ERROR,
	COMMAND_ERROR,
	OK,
	PIN_REFUSED_BEFORE,
	PIN_UNCERTAIN,
	PIN_WRONG,
	SIM_ABSENT,
	SIM_BUSY,
	SIM_FAILURE,
	SIM_PIN_REQUIRED,
	WAIT,
} from "./codes.js";
import { appendText, CR, QUOTE } from "./command-line.js";
import { Machine, type Pollable } from "./machine.js";
import type { Prelude } from "./modem.js";
import { pinMark } from "./pin-mark.js";
import { AT_CPIN_QUERY } from "./words.js";

const EQUALS = 61;
/** Behind the name: =, quotes and at most 8 digits. */
const FRAME_BYTES = 3;
const CME_WRONG_PASSWORD = 16;

const enum State {
	IDLE,
	/** What comes before the card otherwise, and after it. */
	PRELUDE,
	SENDING,
}

export class SimPin extends Machine implements Prelude {
	/** It was sent, and is not sent again. */
	sent: boolean;
	/** Names the PIN that was refused, 0 for none: to be kept between starts. The modem does not tell whose card it is before it has the PIN. */
	refused: number;
	private readonly mark: number;
	private readonly at: At;
	private readonly prelude: Prelude;
	private readonly limitMs: number;
	private readonly text: Uint8Array;

	/**
	 * @param prelude what goes on once the PIN is right, from its start
	 * @param pin the PIN's 4 to 8 digits, as ASCII bytes; they are copied
	 * @param limitMs how long the command may take
	 * @throws TypeError for a PIN that is none
	 */
	constructor(at: At, prelude: Prelude, pin: Uint8Array, limitMs: number) {
		super(prelude);
		const length = pin.length;
		if (length < 4 || length > 8) throw new TypeError("simPin: expected 4 to 8 digits, got " + length);
		const text = new Uint8Array(length + FRAME_BYTES);
		text[0] = EQUALS;
		text[1] = QUOTE;
		for (let i = 0; i < length; i++) {
			if (pin[i] < 48 || pin[i] > 57) throw new TypeError("simPin: expected digits only");
			text[2 + i] = pin[i];
		}
		text[2 + length] = QUOTE;
		this.sent = false;
		this.refused = 0;
		this.mark = pinMark(pin, 0, length);
		this.at = at;
		this.prelude = prelude;
		this.limitMs = limitMs;
		this.text = text;
	}

	get step(): number {
		return this.prelude.step;
	}

	get wasOff(): boolean {
		return this.prelude.wasOff === true;
	}

	get patient(): boolean {
		return this.prelude.patient === true;
	}

	set patient(patient: boolean) {
		this.prelude.patient = patient;
	}

	start(): void {
		this.enter(State.PRELUDE, this.prelude);
		this.prelude.start();
	}

	farewell(): boolean {
		this.enter(State.PRELUDE, this.prelude);
		return this.prelude.farewell();
	}

	override cancel(): void {
		if (this.state === State.SENDING) {
			// It may have taken a try.
			this.refused = this.mark;
			this.at.commandLine.wipe();
		}
		this.state = State.IDLE;
		this.prelude.cancel();
	}

	protected proceed(code: number): number {
		if (this.state === State.PRELUDE) {
			// Once it was right a modem that restarts may ask for it again.
			if (code === OK) {
				if (this.sent) this.refused = 0;
				this.sent = false;
			}
			if (code !== SIM_PIN_REQUIRED || this.sent) return code;
			if (this.refused === this.mark) return PIN_REFUSED_BEFORE;
			this.send();
		} else {
			this.at.commandLine.wipe();
			if (code !== OK) return this.refusedBy(code);
			this.start();
		}
		return WAIT;
	}

	private enter(state: State, below: Pollable): void {
		this.state = state;
		this.below = below;
	}

	private send(): void {
		const at = this.at;
		const line = at.commandLine;
		this.sent = true;
		this.enter(State.SENDING, at);
		line.begin(AT_CPIN_QUERY);
		line.size -= 1;
		appendText(line, this.text, 0, this.text.length);
		line.byte(CR);
		at.start(COMPOSED, NO_ANSWER, null, this.limitMs);
	}

	private refusedBy(code: number): number {
		const cme = this.at.cme;
		const sim = simErrorOf(code, cme);
		if (sim === SIM_BUSY || sim === SIM_ABSENT || sim === SIM_FAILURE) return sim;
		this.refused = this.mark;
		if (code === COMMAND_ERROR || (code === CME_ERROR && cme === CME_WRONG_PASSWORD)) return PIN_WRONG;
		return code === CME_ERROR ? sim : PIN_UNCERTAIN;
	}
}
