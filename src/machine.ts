// What every layer above the AT dialogue is: a small state machine that has one thing under way in the layer below, waits for its
// result, and says what comes next. Calls run downward only: the owner polls its child, a child never calls its owner.

import { NOT_STARTED, OK, WAIT } from "./codes.js";

/** Whatever is polled until it has a result. */
export interface Pollable {
	/** When poll is to be called next, after it has answered WAIT. */
	readonly wakeAt: number;
	/** The step of the whole procedure that it is at, if it knows. */
	readonly step?: number;
	/** WAIT, OK or an error. A result is given once. `now` is a monotonic int32 of milliseconds. */
	poll(now: number): number;
}

/** The state of a machine that has nothing under way. */
export const IDLE = 0;

export abstract class Machine implements Pollable {
	protected state: number;
	/** What is under way. */
	protected below: Pollable;

	/** @param below null for a machine that is told at its start what is below it */
	constructor(below: Pollable | null) {
		this.state = IDLE;
		this.below = below as Pollable;
	}

	get wakeAt(): number {
		return this.below.wakeAt;
	}

	/** WAIT, OK or an error. A result is given once. */
	poll(now: number): number {
		for (;;) {
			if (this.state === IDLE) return NOT_STARTED;
			let code = this.below.poll(now);
			if (code === WAIT) return WAIT;
			code = this.proceed(code);
			if (code !== WAIT) {
				this.state = IDLE;
				return code;
			}
		}
	}

	/** Gives up what is under way; what is below is given up by itself. */
	cancel(): void {
		this.state = IDLE;
	}

	/** What was under way came to `code`. WAIT when the next thing is under way, else the result. */
	protected abstract proceed(code: number): number;
}

/** Nothing but time has to pass. */
export class Pause implements Pollable {
	wakeAt: number;
	/** How long, in milliseconds from the first poll on; -1 when the pause has begun. */
	private ms: number;

	constructor() {
		this.wakeAt = 0;
		this.ms = -1;
	}

	begin(ms: number): this {
		this.ms = ms;
		return this;
	}

	poll(now: number): number {
		if (this.ms >= 0) this.wakeAt = (now + this.ms) | 0;
		this.ms = -1;
		return ((now - this.wakeAt) | 0) < 0 ? WAIT : OK;
	}
}
