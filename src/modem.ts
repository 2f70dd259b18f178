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
	NOT_STARTED,
	OK,
	SIM_ABSENT,
	SIM_BUSY,
	SIM_FAILURE,
	SIM_LOCKED,
	SIM_PIN_REQUIRED,
	SIM_PUK_REQUIRED,
	WAIT,
} from "./codes.js";
import { STEP_MODEM, STEP_SIM } from "./steps.js";
import {
	AT_CMEE_1,
	AT_CPIN_QUERY,
	ATE0V1,
	CPIN_WORD,
	NOT_INSERTED_WORD,
	NOT_READY_WORD,
	READY_WORD,
	SIM_PIN_WORD,
	SIM_PIN2_WORD,
	SIM_PUK_WORD,
	SIM_PUK2_WORD,
} from "./words.js";

/** How long one ATE0V1 is waited for, and for how long it is sent again and again. */
const PROBE_MS = 500;
const PROBE_LIMIT_MS = 12000;
/** What was refused for now, by a modem that starts or a SIM that is busy, is asked again after this long. */
const PAUSE_MS = 500;
/** How long a SIM may be busy or not ready yet. */
const BUSY_LIMIT_MS = 10000;
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
export interface Prelude {
	/** When poll is to be called next, after it has answered WAIT. */
	readonly wakeAt: number;
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
	/** WAIT, OK when done, or an error. */
	poll(now: number): number;
	/** Gives up what is under way. */
	cancel(): void;
}

export class Modem implements Prelude {
	/** When poll is to be called next, after it has answered WAIT. */
	wakeAt: number;
	/** How many ATE0V1 it took. */
	probes: number;
	/** STEP_MODEM, then STEP_SIM. */
	step: number;
	patient: boolean;
	private readonly at: At;
	private readonly limitMs: number;
	private state: State;
	private begun: boolean;
	/** Goes on to the SIM after the modem. */
	private whole: boolean;
	private limitAt: number;
	private probeLimitAt: number;
	private repeats: number;

	/** @param limitMs how long one command may take */
	constructor(at: At, limitMs: number) {
		this.wakeAt = 0;
		this.probes = 0;
		this.step = STEP_MODEM;
		this.patient = false;
		this.at = at;
		this.limitMs = limitMs;
		this.state = State.IDLE;
		this.begun = false;
		this.whole = true;
		this.limitAt = 0;
		this.probeLimitAt = 0;
		this.repeats = 0;
	}

	/** Starts the dialogue. */
	start(): void {
		this.greet();
		this.whole = true;
	}

	/** Starts its first part: until AT+CMEE=1 is answered. */
	greet(): void {
		this.at.cancel();
		this.probes = 0;
		this.step = STEP_MODEM;
		this.begun = false;
		this.whole = false;
		this.probe();
	}

	/** Starts its second part, AT+CPIN?. */
	askSim(): void {
		this.begun = false;
		this.repeats = 0;
		this.ask();
	}

	/** There is nothing to say. */
	farewell(): boolean {
		return false;
	}

	/** Gives up what is under way. */
	cancel(): void {
		this.at.cancel();
		this.at.probing = false;
		this.state = State.IDLE;
	}

	/** WAIT, OK when the SIM is ready, or an error. */
	poll(now: number): number {
		const at = this.at;
		if (this.state === State.IDLE) return NOT_STARTED;
		if (!this.begun) {
			this.begun = true;
			this.probeLimitAt = (now + PROBE_LIMIT_MS) | 0;
		}
		for (;;) {
			if (this.state >= State.PAUSE) {
				if (((now - this.wakeAt) | 0) < 0) return WAIT;
				if (this.state === State.BUSY) this.ask();
				else this.probe();
			}
			const code = at.poll(now);
			if (code === WAIT) {
				this.wakeAt = at.wakeAt;
				return WAIT;
			}
			const result = this.proceed(code, now);
			if (result === WAIT && this.state >= State.PAUSE) return WAIT;
			if (result !== WAIT) {
				this.state = State.IDLE;
				return result;
			}
		}
	}

	private probe(): void {
		this.state = State.PROBE;
		this.at.probing = true;
		this.probes += 1;
		this.at.commandAnyway(ATE0V1, NO_ANSWER, PROBE_MS);
	}

	private ask(): void {
		this.state = State.CPIN;
		this.step = STEP_SIM;
		this.at.command(AT_CPIN_QUERY, CPIN_WORD, this.limitMs);
	}

	/** A command is over. WAIT when the next one is under way. */
	private proceed(code: number, now: number): number {
		const at = this.at;
		if (code === MODEM_RESTARTED && ((now - this.probeLimitAt) | 0) < 0) {
			// It was only just starting.
			this.probe();
			return WAIT;
		}
		switch (this.state) {
			case State.PROBE:
				if (code !== OK) {
					if (((now - this.probeLimitAt) | 0) >= 0) {
						at.probing = false;
						return code === COMMAND_TIMEOUT ? MODEM_SILENT : code;
					}
					// A modem that is still busy starting answers ERROR at once: give it the time that silence would have taken.
					if (code === COMMAND_TIMEOUT) this.probe();
					else this.pause(State.PAUSE, now);
					return WAIT;
				}
				at.probing = false;
				if (this.probes > 1) at.distrust();
				this.state = State.CMEE;
				this.repeats = 0;
				at.command(AT_CMEE_1, NO_ANSWER, this.limitMs);
				return WAIT;
			case State.CMEE:
				// A modem that has no numbers for its errors still has the rest.
				if (code !== OK && code !== COMMAND_ERROR && code !== CME_ERROR) {
					this.repeats += 1;
					if (code === MODEM_RESTARTED || this.repeats > REPEATS) return code;
					at.command(AT_CMEE_1, NO_ANSWER, this.limitMs);
					return WAIT;
				}
				if (!this.whole) return OK;
				this.limitAt = (now + BUSY_LIMIT_MS) | 0;
				this.repeats = 0;
				this.ask();
				return WAIT;
			case State.CPIN:
				return this.answered(code, now);
		}
		return NOT_STARTED;
	}

	private answered(code: number, now: number): number {
		let result = code;
		if (code === CME_ERROR) result = simErrorOf(this.at.cme);
		else if (code === OK) {
			switch (this.at.argument) {
				// PIN2 and PUK2 guard nothing that is read here.
				case READY_WORD:
				case SIM_PIN2_WORD:
				case SIM_PUK2_WORD:
					return OK;
				case SIM_PIN_WORD:
					return SIM_PIN_REQUIRED;
				case SIM_PUK_WORD:
					return SIM_PUK_REQUIRED;
				case NOT_INSERTED_WORD:
					return SIM_ABSENT;
				case NOT_READY_WORD:
					result = SIM_BUSY;
					break;
				case -1:
					result = SIM_LOCKED;
					break;
			}
		}
		const mayPass = result === SIM_BUSY || (this.patient && (result === SIM_ABSENT || result === SIM_FAILURE));
		if (mayPass && ((now - this.limitAt) | 0) < 0) {
			this.pause(State.BUSY, now);
			return WAIT;
		}
		// What says nothing of the SIM, or nothing that is known, may have been damaged on its way.
		if (this.repeats < REPEATS && (result > SIM_ABSENT || result === SIM_LOCKED) && result !== MODEM_RESTARTED) {
			this.repeats += 1;
			this.ask();
			return WAIT;
		}
		return result;
	}

	private pause(state: State, now: number): void {
		this.state = state;
		this.wakeAt = (now + PAUSE_MS) | 0;
	}
}
