// The dialogue with a modem that is on, up to a SIM that may be asked (V.250; TS 27.007, 8.3 and 9.2): ATE0V1 until it is
// answered, AT+CMEE=1, AT+CPIN?. What wakes a modem that is off comes before this.

import type { At } from "./at.js";
import { NO_ANSWER } from "./at.js";
import { simErrorOf } from "./at-link.js";
import {
	CME_ERROR,
	COMMAND_ERROR,
	COMMAND_TIMEOUT,
	MODEM_RESTARTED,
	MODEM_SILENT,
	OK,
	SIM_ABSENT,
	SIM_BUSY,
	SIM_FAILURE,
	SIM_LOCKED,
	SIM_PIN_REQUIRED,
	SIM_PUK_REQUIRED,
	WAIT,
} from "./codes.js";
import { Machine, Pause, type Pollable } from "./machine.js";
import { STEP_MODEM, STEP_SIM } from "./steps.js";
import {
	AT_CMEE_1,
	AT_CPIN_QUERY,
	ATE0V1,
	CPIN_WORD,
	NOT_INSERTED_WORD,
	NOT_READY_WORD,
	READY_WORD,
	SIM_NOT_INSERTED_WORD,
	SIM_PIN_WORD,
	SIM_PIN2_WORD,
	SIM_PUK_WORD,
	SIM_PUK2_WORD,
	SIM_WRONG_WORD,
} from "./words.js";

/** How long one ATE0V1 is waited for, and how many are sent: 12 s in all. */
const PROBE_MS = 500;
const PROBES_MAX = 24;
/** What was refused for now, by a modem that starts or a SIM that is busy, is asked again after this long. */
const PAUSE_MS = 500;
/** How often a SIM may be busy or not ready yet: 10 s. */
const BUSY_MAX = 20;
const REPEATS = 2;

const enum State {
	IDLE,
	PROBE,
	CMEE,
	CPIN,
	/** Between two ATE0V1. */
	PAUSE,
	/** Between two AT+CPIN?. */
	BUSY,
}

/** What comes before the card, and after it: the dialogue with the modem, and whatever wakes the modem first. */
export interface Prelude extends Pollable {
	/** The step of the whole procedure that it is at. */
	readonly step: number;
	/** The modem was off before: what an earlier run left behind in it or its card is gone. */
	readonly wasOff?: boolean;
	/** A SIM that is missing, or fails, may come back: it is waited for as a busy one is. Set before `start`. */
	patient?: boolean;
	/** Starts the way to a SIM that may be asked. */
	start(): void;
	/** Starts what has to be told to the modem when the card is done with. False when that is nothing. */
	farewell(): boolean;
	/** Gives up what is under way. */
	cancel(): void;
}

export class Modem extends Machine implements Prelude {
	/** @internal How many ATE0V1 it took. */
	probes: number;
	/** STEP_MODEM, then STEP_SIM. */
	step: number;
	patient: boolean;
	private readonly at: At;
	private readonly limitMs: number;
	private readonly rest: Pause;
	/** Goes on to the SIM after the modem. */
	private whole: boolean;
	private repeats: number;
	private busy: number;

	/** @param limitMs how long one command may take */
	constructor(at: At, limitMs: number) {
		super(at);
		this.probes = 0;
		this.step = STEP_MODEM;
		this.patient = false;
		this.at = at;
		this.limitMs = limitMs;
		this.rest = new Pause();
		this.whole = false;
		this.repeats = 0;
		this.busy = 0;
	}

	/** Starts the dialogue. */
	start(): void {
		this.greet();
		this.whole = true;
	}

	/** @internal Starts its first part: until AT+CMEE=1 is answered. */
	greet(): void {
		this.at.cancel();
		this.probes = 0;
		this.step = STEP_MODEM;
		this.whole = false;
		this.probe();
	}

	/** @internal Starts its second part, AT+CPIN?. */
	askSim(): void {
		this.whole = false;
		this.repeats = 0;
		this.busy = 0;
		this.ask();
	}

	/** There is nothing to say. */
	farewell(): boolean {
		return false;
	}

	/** Gives up what is under way. */
	override cancel(): void {
		this.at.cancel();
		this.state = State.IDLE;
	}

	protected proceed(code: number): number {
		// It was only just starting. Whoever asks for a part of the dialogue has told it more, and has to know.
		if (code === MODEM_RESTARTED && this.probes < PROBES_MAX && (this.whole || this.state !== State.CPIN))
			return this.probe();
		switch (this.state) {
			case State.PROBE:
				if (code === OK) {
					if (this.probes > 1) this.at.distrust();
					this.repeats = 0;
					return this.setNumbers();
				}
				if (this.probes >= PROBES_MAX) return code === COMMAND_TIMEOUT ? MODEM_SILENT : code;
				// A modem that is still busy starting answers ERROR at once: give it the time that silence would have taken.
				return code === COMMAND_TIMEOUT ? this.probe() : this.pause(State.PAUSE);
			case State.PAUSE:
				return this.probe();
			case State.CMEE:
				// A modem that has no numbers for its errors still has the rest.
				if (code !== OK && code !== COMMAND_ERROR && code !== CME_ERROR) {
					this.repeats += 1;
					return code === MODEM_RESTARTED || this.repeats > REPEATS ? code : this.setNumbers();
				}
				if (!this.whole) return OK;
				this.askSim();
				this.whole = true;
				return WAIT;
			case State.BUSY:
				return this.ask();
		}
		return this.answered(code);
	}

	private probe(): number {
		this.state = State.PROBE;
		this.below = this.at;
		this.probes += 1;
		this.at.probe(ATE0V1, PROBE_MS);
		return WAIT;
	}

	private setNumbers(): number {
		this.state = State.CMEE;
		this.at.start(AT_CMEE_1, NO_ANSWER, null, this.limitMs);
		return WAIT;
	}

	private ask(): number {
		this.state = State.CPIN;
		this.step = STEP_SIM;
		this.below = this.at;
		this.at.start(AT_CPIN_QUERY, CPIN_WORD, null, this.limitMs);
		return WAIT;
	}

	private pause(state: State): number {
		this.state = state;
		this.below = this.rest.begin(PAUSE_MS);
		return WAIT;
	}

	/** AT+CPIN? is over. */
	private answered(code: number): number {
		const at = this.at;
		const word = at.argument;
		let result = simErrorOf(code, at.cme);
		if (code === OK) {
			// PIN2 and PUK2 guard nothing that is read here.
			if (word === READY_WORD || word === SIM_PIN2_WORD || word === SIM_PUK2_WORD) return OK;
			result = SIM_LOCKED;
			if (word === SIM_PIN_WORD) result = SIM_PIN_REQUIRED;
			else if (word === SIM_PUK_WORD) result = SIM_PUK_REQUIRED;
			else if (word === NOT_INSERTED_WORD) result = SIM_ABSENT;
			else if (word === NOT_READY_WORD) result = SIM_BUSY;
			else if (word >= SIM_NOT_INSERTED_WORD && word <= SIM_WRONG_WORD)
				result = SIM_ABSENT + SIM_NOT_INSERTED_WORD - word;
		}
		const mayPass = result === SIM_BUSY || (this.patient && (result === SIM_ABSENT || result === SIM_FAILURE));
		if (mayPass && this.busy < BUSY_MAX) {
			this.busy += 1;
			return this.pause(State.BUSY);
		}
		// What says nothing of the SIM, or nothing that is known, may have been damaged on its way.
		if (this.repeats < REPEATS && (result > SIM_ABSENT || result === SIM_LOCKED) && result !== MODEM_RESTARTED) {
			this.repeats += 1;
			return this.ask();
		}
		return result;
	}
}
