// From a board whose modem may be off to a SIM that may be asked. What has to be done with the pins, and in which order, is data
// of the board and its modem's family: a list of steps, each a number followed by its operands. The modem is always asked first
// whether it is on already, since a controller's reset does not switch it off but a blind press of its key would.

import type { At } from "./at.js";
import { NO_ANSWER } from "./at.js";
import {
	CME_ERROR,
	COMMAND_ERROR,
	COMMAND_TIMEOUT,
	MODEM_OFFLINE,
	MODEM_RESTARTED,
	MODEM_SILENT,
	NOT_STARTED,
	OK,
	SIM_LOCKED,
	SIM_PIN_REQUIRED,
	SIM_PUK_REQUIRED,
	SUPPLY_FAILED,
	WAIT,
} from "./codes.js";
import type { Modem, Prelude } from "./modem.js";
import type { Pins } from "./platform.js";
import { PIN_PWRKEY, PIN_RESET } from "./platform.js";
import { STEP_MODEM, STEP_POWER } from "./steps.js";
import { AT_ALONE, AT_CFUN_1, AT_CFUN_QUERY, CFUN_WORD } from "./words.js";

/** ACTIVE, role: the line does its work. */
export const ACTIVE = 1;
/** INACTIVE, role: it does not. */
export const INACTIVE = 2;
/** PAUSE, milliseconds. */
export const PAUSE = 3;
/** SUPPLY, register, keep, value: the power chip's register becomes what it holds & keep | value. */
export const SUPPLY = 4;
/** PROBE, times, milliseconds: AT is sent so many times, so far apart. Once it is answered, no other step is taken. */
export const PROBE = 5;

/** How a board wakes its modem, and what the modem has to be told. */
export interface BringUp {
	/** Until the modem answers AT. */
	readonly steps: readonly number[];
	/** Commands before the SIM is asked for, by their places in the word list; one that is refused does no harm. */
	readonly hello: readonly number[];
	/** Commands when the card is done with, likewise. */
	readonly goodbye: readonly number[];
	/** A modem at minimum or flight function is switched to full function with AT+CFUN=1. */
	readonly fullFunction: boolean;
}

/** How long a command that may be refused is waited for, and how long +CFUN=1, which starts the radio. */
const TELL_LIMIT_MS = 2000;
const CFUN_LIMIT_MS = 10000;
/** How often a modem is greeted again that restarts while it is greeted: a late RDY of one that has just been switched on. */
const RESTARTS = 2;

const enum State {
	IDLE,
	/** The next step of the list is to be taken. */
	STEPS,
	PAUSE,
	PROBE,
	/** The modem's own dialogue, first part. */
	GREET,
	HELLO,
	CFUN_QUERY,
	CFUN_SET,
	/** And the second. */
	SIM,
	GOODBYE,
}

/** How long the steps of a list take at the most, when nothing ever answers. */
export function longestMs(steps: readonly number[]): number {
	let sum = 0;
	let at = 0;
	while (at < steps.length) {
		if (steps[at] === PAUSE) sum += steps[at + 1];
		else if (steps[at] === PROBE) sum += steps[at + 1] * steps[at + 2];
		at += sizeOf(steps[at]);
	}
	return sum;
}

/** How many numbers a step consists of. */
function sizeOf(step: number): number {
	if (step === SUPPLY) return 4;
	return step === PROBE ? 3 : 2;
}

export class Power implements Prelude {
	/** When poll is to be called next, after it has answered WAIT. */
	wakeAt: number;
	/** STEP_POWER, then those of the modem. */
	step: number;
	/** How many AT it took. */
	probes: number;
	/** The modem answered only after its key or RESET had been pressed. */
	wasOff: boolean;
	private readonly at: At;
	private readonly modem: Modem;
	private readonly pins: Pins;
	private readonly bringUp: BringUp;
	private state: State;
	/** The place in the list of steps, or of commands. */
	private place: number;
	/** How many more times AT is sent in this step. */
	private times: number;
	/** The key was pressed or the like: the modem was off. */
	private touched: boolean;
	/** The modem has been greeted, so it gets a goodbye. */
	private greeted: boolean;
	private restarts: number;
	private offline: boolean;

	/** @param modem the dialogue with it, over the same `at` */
	constructor(at: At, modem: Modem, pins: Pins, bringUp: BringUp) {
		this.wakeAt = 0;
		this.step = STEP_POWER;
		this.probes = 0;
		this.wasOff = false;
		this.at = at;
		this.modem = modem;
		this.pins = pins;
		this.bringUp = bringUp;
		this.state = State.IDLE;
		this.place = 0;
		this.times = 0;
		this.touched = false;
		this.greeted = false;
		this.restarts = 0;
		this.offline = false;
	}

	get patient(): boolean {
		return this.modem.patient;
	}

	set patient(patient: boolean) {
		this.modem.patient = patient;
	}

	/** Starts with the first step. */
	start(): void {
		this.cancel();
		this.step = STEP_POWER;
		this.probes = 0;
		this.wasOff = false;
		this.place = 0;
		this.touched = false;
		this.greeted = false;
		this.restarts = 0;
		this.offline = false;
		this.state = State.STEPS;
	}

	/** Starts the goodbye, if there is one and the modem was greeted. */
	farewell(): boolean {
		if (!this.greeted || this.bringUp.goodbye.length === 0) return false;
		this.greeted = false;
		this.place = 0;
		this.state = State.GOODBYE;
		this.tell(this.bringUp.goodbye);
		return true;
	}

	/** Gives up what is under way. Neither the key nor RESET stays pressed. */
	cancel(): void {
		this.modem.cancel();
		this.release();
		this.state = State.IDLE;
	}

	/** WAIT, OK when the SIM is ready or the goodbye is over, or an error. */
	poll(now: number): number {
		if (this.state === State.IDLE) return NOT_STARTED;
		for (;;) {
			if (this.state === State.STEPS) {
				const code = this.take(now);
				if (code !== OK) return this.finish(code);
			}
			if (this.state === State.PAUSE) {
				if (((now - this.wakeAt) | 0) < 0) return WAIT;
				this.state = State.STEPS;
				continue;
			}
			const dialogue = this.state === State.GREET || this.state === State.SIM;
			const code = dialogue ? this.modem.poll(now) : this.at.poll(now);
			if (dialogue) this.step = this.modem.step;
			if (code === WAIT) {
				this.wakeAt = dialogue ? this.modem.wakeAt : this.at.wakeAt;
				return WAIT;
			}
			const result = this.proceed(code);
			if (result !== WAIT) return this.finish(result);
		}
	}

	private finish(code: number): number {
		this.at.probing = false;
		this.state = State.IDLE;
		this.release();
		return code;
	}

	private release(): void {
		this.pins.set(PIN_PWRKEY, false);
		this.pins.set(PIN_RESET, false);
	}

	/** Takes steps up to one that has to be waited for. OK, or the error that ends it. */
	private take(now: number): number {
		const steps = this.bringUp.steps;
		while (this.place < steps.length) {
			const at = this.place;
			const operand = steps[at + 1];
			this.place = at + sizeOf(steps[at]);
			switch (steps[at]) {
				case ACTIVE:
					if (operand === PIN_PWRKEY || operand === PIN_RESET) this.touched = true;
					this.pins.set(operand, true);
					break;
				case INACTIVE:
					this.pins.set(operand, false);
					break;
				case PAUSE:
					this.wakeAt = (now + operand) | 0;
					this.state = State.PAUSE;
					return OK;
				case SUPPLY:
					if (!this.pins.supply(operand, steps[at + 2], steps[at + 3])) return SUPPLY_FAILED;
					break;
				case PROBE:
					this.times = operand;
					this.probe(steps[at + 2]);
					return OK;
			}
		}
		return MODEM_SILENT;
	}

	/** Sends AT. Whatever its rate and manners are, the answer is one that is known; and it trains a modem that finds its rate itself. */
	private probe(everyMs: number): void {
		this.state = State.PROBE;
		this.times -= 1;
		this.probes += 1;
		this.at.probing = true;
		this.at.commandAnyway(AT_ALONE, NO_ANSWER, everyMs);
	}

	private greet(): void {
		this.state = State.GREET;
		this.modem.greet();
	}

	/** Sends the command at `place` of a list. False behind its end. */
	private tell(list: readonly number[]): boolean {
		if (this.place >= list.length) return false;
		this.at.command(list[this.place], NO_ANSWER, TELL_LIMIT_MS);
		this.place += 1;
		return true;
	}

	/** A command or a part of the dialogue is over. WAIT when the next one is under way. */
	private proceed(code: number): number {
		const at = this.at;
		if (code === MODEM_RESTARTED && this.state !== State.GOODBYE && this.restarts < RESTARTS) {
			this.restarts += 1;
			this.greet();
			return WAIT;
		}
		switch (this.state) {
			case State.PROBE:
				// ERROR is an answer too: of a modem in whose line a part of an earlier command stood.
				if (code === COMMAND_TIMEOUT) {
					if (this.times > 0) this.probe(this.bringUp.steps[this.place - 1]);
					else this.state = State.STEPS;
					return WAIT;
				}
				this.wasOff = this.touched;
				this.greet();
				return WAIT;
			case State.GREET:
				if (code !== OK) return code;
				if (this.probes > 1) at.distrust();
				this.greeted = true;
				this.place = 0;
				this.state = State.HELLO;
				if (!this.tell(this.bringUp.hello)) this.askFunction();
				return WAIT;
			case State.HELLO:
				if (code !== OK && code !== COMMAND_ERROR && code !== CME_ERROR) return code;
				if (!this.tell(this.bringUp.hello)) this.askFunction();
				return WAIT;
			case State.CFUN_QUERY:
				this.offline = code === OK && (at.value === 0 || at.value === 4);
				if (this.offline && this.bringUp.fullFunction) {
					this.state = State.CFUN_SET;
					at.command(AT_CFUN_1, NO_ANSWER, CFUN_LIMIT_MS);
				} else this.askSim();
				return WAIT;
			case State.CFUN_SET:
				if (code !== OK) return MODEM_OFFLINE;
				this.offline = false;
				this.askSim();
				return WAIT;
			case State.SIM:
				// In flight mode some modems reach their SIM and others do not.
				if (code === SIM_PIN_REQUIRED || code === SIM_PUK_REQUIRED || code === SIM_LOCKED) return code;
				return code !== OK && this.offline ? MODEM_OFFLINE : code;
			case State.GOODBYE:
				return this.tell(this.bringUp.goodbye) ? WAIT : OK;
		}
		return NOT_STARTED;
	}

	private askFunction(): void {
		this.step = STEP_MODEM;
		this.state = State.CFUN_QUERY;
		this.at.command(AT_CFUN_QUERY, CFUN_WORD, TELL_LIMIT_MS);
	}

	private askSim(): void {
		this.state = State.SIM;
		this.modem.askSim();
	}
}
