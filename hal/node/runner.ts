// Real time and a line for a device that knows neither: bytes go in as they come, and poll is called when a chunk has brought a
// result or its time is due.

import { WAIT } from "../../src/codes.js";
import { now } from "./clock.js";
import type { Device } from "./device.js";
import type { Line, LineError } from "./line.js";

/** The longest a timer may sleep: longer ones overflow in Node. */
const TIMER_MAX_MS = 0x7fffffff;

export type RunResult =
	/** What poll answered. */
	| { kind: "done"; code: number }
	/** The line was lost before that. */
	| { kind: "lost"; error: LineError };

export class Runner {
	private readonly device: Device;
	private readonly line: Line;
	private timer: NodeJS.Timeout | null;
	private finish: ((result: RunResult) => void) | null;

	/** @param device one that was started and writes to `line` */
	constructor(device: Device, line: Line) {
		this.device = device;
		this.line = line;
		this.timer = null;
		this.finish = null;
	}

	/** Runs the device until it has a result. Called once. */
	run(): Promise<RunResult> {
		return new Promise((resolve) => {
			this.finish = resolve;
			this.line.listen(
				(bytes) => {
					if (this.finish !== null && this.device.receive(bytes, bytes.length)) this.wake();
				},
				(error) => this.end({ kind: "lost", error }),
			);
			this.wake();
		});
	}

	/** Polls the device now; after something was asked of it from outside. */
	wake(): void {
		if (this.finish === null) return;
		if (this.timer !== null) clearTimeout(this.timer);
		this.timer = null;
		const code = this.device.poll(now());
		if (code !== WAIT) {
			this.end({ kind: "done", code });
			return;
		}
		const sleep = (this.device.wakeAt - now()) | 0;
		this.timer = setTimeout(() => this.wake(), Math.min(Math.max(sleep, 0), TIMER_MAX_MS));
	}

	private end(result: RunResult): void {
		if (this.timer !== null) clearTimeout(this.timer);
		this.timer = null;
		if (this.finish !== null) this.finish(result);
		this.finish = null;
	}
}
