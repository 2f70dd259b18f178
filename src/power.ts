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
	OK,
	SIM_LOCKED,
	SIM_PIN_REQUIRED,
	SIM_PUK_REQUIRED,
	SUPPLY_FAILED,
	WAIT,
} from "./codes.js";
import { Machine, Pause } from "./machine.js";
import type { Modem, Prelude } from "./modem.js";
import type { Pins } from "./platform.js";
import { PIN_PWRKEY, PIN_RESET } from "./platform.js";
import { STEP_MODEM, STEP_POWER, STEP_SIM } from "./steps.js";
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
	/** Behind it the next step of the list is taken. */
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

export class Power extends Machine implements Prelude {
	/** STEP_POWER, then those of the modem. */
	step: number;
	/** @internal How many AT it took. */
	probes: number;
	/** The modem answered only after its key or RESET had been pressed. */
	wasOff: boolean;
	private readonly at: At;
	private readonly modem: Modem;
	private readonly pins: Pins;
	private readonly bringUp: BringUp;
	private readonly rest: Pause;
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
		super(at);
		this.step = STEP_POWER;
		this.probes = 0;
		this.wasOff = false;
		this.at = at;
		this.modem = modem;
		this.pins = pins;
		this.bringUp = bringUp;
		this.rest = new Pause();
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
		this.pause(0);
	}

	/** Starts the goodbye, if there is one and the modem was greeted. */
	farewell(): boolean {
		if (!this.greeted || this.bringUp.goodbye.length === 0) return false;
		this.greeted = false;
		this.place = 0;
		this.state = State.GOODBYE;
		this.below = this.at;
		this.tell(this.bringUp.goodbye);
		return true;
	}

	override cancel(): void {
		this.modem.cancel();
		this.release();
		this.state = State.IDLE;
	}

	/** Whatever came of it, neither the key nor RESET stays pressed. */
	protected proceed(code: number): number {
		const result = this.goOn(code);
		if (result !== WAIT) this.release();
		return result;
	}

	private release(): void {
		this.pins.set(PIN_PWRKEY, false);
		this.pins.set(PIN_RESET, false);
	}

	/** Takes steps up to one that has to be waited for. WAIT, or the error that ends it. */
	private take(): number {
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
					return this.pause(operand);
				case SUPPLY:
					if (!this.pins.supply(operand, steps[at + 2], steps[at + 3])) return SUPPLY_FAILED;
					break;
				case PROBE:
					this.times = operand;
					return this.probe(steps[at + 2]);
			}
		}
		return MODEM_SILENT;
	}

	private pause(ms: number): number {
		this.state = State.PAUSE;
		this.below = this.rest.begin(ms);
		return WAIT;
	}

	/** Sends AT. Whatever its rate and manners are, the answer is one that is known; and it trains a modem that finds its rate itself. */
	private probe(everyMs: number): number {
		this.state = State.PROBE;
		this.below = this.at;
		this.times -= 1;
		this.probes += 1;
		this.at.probe(AT_ALONE, everyMs);
		return WAIT;
	}

	private greet(): number {
		this.step = STEP_MODEM;
		this.state = State.GREET;
		this.below = this.modem;
		this.modem.greet();
		return WAIT;
	}

	/** Sends the command at `place` of a list. False behind its end. */
	private tell(list: readonly number[]): boolean {
		if (this.place >= list.length) return false;
		this.at.start(list[this.place], NO_ANSWER, null, TELL_LIMIT_MS);
		this.place += 1;
		return true;
	}

	/** A pause, a command or a part of the dialogue is over. WAIT when the next one is under way. */
	private goOn(code: number): number {
		const at = this.at;
		if (code === MODEM_RESTARTED && this.state !== State.GOODBYE && this.restarts < RESTARTS) {
			this.restarts += 1;
			return this.greet();
		}
		switch (this.state) {
			case State.PAUSE:
				return this.take();
			case State.PROBE:
				// ERROR is an answer too: of a modem in whose line a part of an earlier command stood.
				if (code === COMMAND_TIMEOUT)
					return this.times > 0 ? this.probe(this.bringUp.steps[this.place - 1]) : this.take();
				this.wasOff = this.touched;
				return this.greet();
			case State.GREET:
				if (code !== OK) return code;
				if (this.probes > 1) at.distrust();
				this.greeted = true;
				this.place = 0;
				return this.hello();
			case State.HELLO:
				if (code !== OK && code !== COMMAND_ERROR && code !== CME_ERROR) return code;
				return this.hello();
			case State.CFUN_QUERY:
				this.offline = code === OK && (at.value === 0 || at.value === 4);
				if (!this.offline || !this.bringUp.fullFunction) return this.askSim();
				this.state = State.CFUN_SET;
				at.start(AT_CFUN_1, NO_ANSWER, null, CFUN_LIMIT_MS);
				return WAIT;
			case State.CFUN_SET:
				if (code !== OK) return MODEM_OFFLINE;
				this.offline = false;
				return this.askSim();
			case State.GOODBYE:
				return this.tell(this.bringUp.goodbye) ? WAIT : OK;
		}
		// In flight mode some modems reach their SIM and others do not.
		if (code === SIM_PIN_REQUIRED || code === SIM_PUK_REQUIRED || code === SIM_LOCKED) return code;
		return code !== OK && this.offline ? MODEM_OFFLINE : code;
	}

	/** What the modem has to be told, then whether it may ask its SIM. */
	private hello(): number {
		this.below = this.at;
		this.state = State.HELLO;
		if (this.tell(this.bringUp.hello)) return WAIT;
		this.state = State.CFUN_QUERY;
		this.at.start(AT_CFUN_QUERY, CFUN_WORD, null, TELL_LIMIT_MS);
		return WAIT;
	}

	private askSim(): number {
		this.step = STEP_SIM;
		this.state = State.SIM;
		this.below = this.modem;
		this.modem.askSim();
		return WAIT;
	}
}
