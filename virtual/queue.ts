// Bytes on their way, each run with the time at which it sets out, and the speed of the wire: 10 bits per byte, as 8N1
// has. The time a byte is due is kept in whole milliseconds and a remainder in units of 1/baud ms, so nothing is lost
// over long runs.

const BITS_PER_BYTE_TIMES_MS = 10000;

export class ByteQueue {
	private baud: number;
	private runs: number[][];
	private starts: number[];
	private run: number;
	private at: number;
	/** When the wire is free again. */
	private freeMs: number;
	private freeRest: number;
	private lastStart: number;
	private used: boolean;

	/** `baud` 0 = no time at all. */
	constructor(baud: number) {
		this.baud = baud;
		this.runs = [];
		this.starts = [];
		this.run = 0;
		this.at = 0;
		this.freeMs = 0;
		this.freeRest = 0;
		this.lastStart = 0;
		this.used = false;
	}

	isEmpty(): boolean {
		return this.run === this.runs.length;
	}

	clear(): void {
		this.runs = [];
		this.starts = [];
		this.run = 0;
		this.at = 0;
	}

	/** One byte that sets out at `start`, or behind the byte before it. */
	push(byte: number, start: number): void {
		let from = start;
		if (!this.used) {
			this.used = true;
			this.freeMs = start;
			this.lastStart = start;
		}
		if (!this.isEmpty()) {
			if (((this.lastStart - start) | 0) > 0) from = this.lastStart;
			if (from === this.lastStart) {
				this.runs[this.runs.length - 1].push(byte);
				return;
			}
		}
		this.runs.push([byte]);
		this.starts.push(from);
		this.lastStart = from;
	}

	/** When the first `count` bytes (or the rest of the run) have arrived. Not for an empty queue. */
	dueAt(count: number): number {
		const start = this.starts[this.run];
		if (this.baud === 0) return start;
		const left = this.runs[this.run].length - this.at;
		const n = Math.min(count, left);
		const idle = ((start - this.freeMs) | 0) > 0;
		const units = (idle ? 0 : this.freeRest) + n * BITS_PER_BYTE_TIMES_MS;
		return ((idle ? start : this.freeMs) + Math.floor(units / this.baud)) | 0;
	}

	/** The first byte; it is then gone. Not for an empty queue. */
	shift(): number {
		if (this.baud !== 0) {
			const start = this.starts[this.run];
			if (((start - this.freeMs) | 0) > 0) {
				this.freeMs = start;
				this.freeRest = 0;
			}
			const units = this.freeRest + BITS_PER_BYTE_TIMES_MS;
			this.freeMs = (this.freeMs + Math.floor(units / this.baud)) | 0;
			this.freeRest = units % this.baud;
		}
		const run = this.runs[this.run];
		const byte = run[this.at++];
		if (this.at === run.length) {
			this.run++;
			this.at = 0;
			if (this.run === this.runs.length) this.clear();
		}
		return byte;
	}

	/** Bytes that have arrived by `now` into out[from, to); returns how many. */
	take(out: Uint8Array, from: number, to: number, now: number): number {
		let at = from;
		while (at < to && !this.isEmpty() && ((this.dueAt(1) - now) | 0) <= 0) {
			if (this.baud === 0) {
				// A whole run arrives at once.
				const run = this.runs[this.run];
				while (at < to && this.at < run.length - 1) out[at++] = run[this.at++];
				if (at === to) break;
			}
			out[at++] = this.shift();
		}
		return at - from;
	}
}
