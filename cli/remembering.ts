// A device that remembers what it read, as the command drives it: a verification that finds a change goes on with reading what is there
// now; and one limit stands above all that it does.

import type { Device } from "../hal/node/index.js";
import {
	ABORTED,
	type Life,
	OK,
	OUT_OF_TIME,
	REASON_CARD,
	REASON_CONTENT,
	REASON_PLACE,
	STATE_CHANGED,
	WAIT,
} from "../src/index.js";

const STATES = ["unknown", "first", "unchanged", "changed", "removed", "absent", "failed"];
const REASONS: Readonly<Record<number, string>> = {
	[REASON_CONTENT]: "content",
	[REASON_CARD]: "card",
	[REASON_PLACE]: "place",
};

export class Remembering implements Device {
	readonly life: Life;
	private readonly verifying: boolean;
	private again = false;
	private reason = "";
	private before = 0;
	private readonly limitMs: number;
	/** When the time is over; null before the first poll. */
	private deadline: number | null = null;
	private late = false;

	/** @param limitMs for all of it, beside what closing the channel takes */
	constructor(life: Life, verifying: boolean, limitMs: number) {
		this.life = life;
		this.verifying = verifying;
		this.limitMs = limitMs;
	}

	get wakeAt(): number {
		const { deadline, late } = this;
		const { wakeAt } = this.life;
		return deadline !== null && !late && ((wakeAt - deadline) | 0) > 0 ? deadline : wakeAt;
	}

	/** Command APDUs in all. */
	get exchanges(): number {
		return this.before + this.life.exchanges;
	}

	/** `state` and what belongs to it, as JSON has it. */
	get words(): { state: string; reason?: string; exchanges: number } {
		const state = STATES[this.life.state];
		const reason = this.reason || REASONS[this.life.reason];
		return state === "changed" && reason !== undefined
			? { state, reason, exchanges: this.exchanges }
			: { state, exchanges: this.exchanges };
	}

	/** Whether what is in use could not be kept. */
	get unkept(): boolean {
		return this.life.storeCode !== OK;
	}

	start(): void {
		if (this.verifying) this.life.verify();
		else this.life.run();
	}

	receive(bytes: Uint8Array, count: number): boolean {
		return this.life.receive(bytes, count);
	}

	poll(now: number): number {
		const { life } = this;
		this.deadline ??= (now + this.limitMs) | 0;
		if (!this.late && ((now - this.deadline) | 0) >= 0) {
			this.late = true;
			life.abort();
		}
		const code = life.poll(now);
		if (this.late) return code === ABORTED ? OUT_OF_TIME : code;
		if (code === WAIT || code === OK || !this.verifying || this.again || life.state !== STATE_CHANGED) return code;
		this.again = true;
		this.before = life.exchanges;
		this.reason = REASONS[life.reason] ?? "";
		life.run();
		return life.poll(now);
	}
}
