// Runs on XS: brings the program's callbacks and a virtual modem together in virtual time, with the engine's meters around every
// callback.

import { Line, VirtualModem } from "virtual";
import { world } from "./sdk/world.js";

const TX_BYTES = 128;

export class Meter {
	constructor() {
		this.slots = 0;
		this.chunkBytes = 0;
		this.stack = 0;
		this.calls = 0;
	}

	call(what, subject, argument) {
		const s = slots();
		const c = chunkBytes();
		stackMark();
		if (what === 0) subject.callback(subject);
		else if (what === 1) subject.onReadable(argument);
		else if (what === 2) subject.onWritable(argument);
		else subject();
		const stack = stackPeak();
		this.chunkBytes += chunkBytes() - c;
		this.slots += slots() - s;
		if (stack > this.stack) this.stack = stack;
		this.calls += 1;
	}
}

/** A modem with a key: off until the line of pin `key` was at `active`, and up `bootMs` after that. */
export class Board {
	constructor(options) {
		this.card = options.card === undefined ? null : options.card;
		this.modem = options.modem || {};
		this.key = options.key === undefined ? -1 : options.key;
		this.active = options.active === undefined ? 1 : options.active;
		this.bootMs = options.bootMs || 2000;
		this.dead = options.dead === true;
		this.pressed = false;
		this.presses = 0;
		this.line = options.on === false ? null : this.newLine(0);
	}

	newLine(bootMs) {
		const modem = new VirtualModem(this.card, Object.assign({ startMs: world.now, bootMs, record: true }, this.modem));
		this.virtual = modem;
		return new Line(modem, {});
	}

	/** Looks at the key. */
	look() {
		const pressed = this.key >= 0 && world.levels[this.key] === this.active;
		if (pressed && !this.pressed) this.presses += 1;
		if (!pressed && this.pressed && this.line === null && !this.dead) this.line = this.newLine(this.bootMs);
		this.pressed = pressed;
	}
}

/** Runs until nothing is left to do, `until` is due, or `done` says so. */
export function run(meter, board, until, done) {
	const part = new Uint8Array(4096);
	for (let n = 0; n < 400000; n++) {
		if (done()) return true;
		board.look();
		const serial = world.serial;
		const { now } = world;
		if (world.outCount > 0 || world.writable) {
			world.writable = false;
			if (board.line !== null && world.outCount > 0) board.line.receive(world.out, 0, world.outCount, now);
			world.outCount = 0;
			world.txCount = 0;
			if (serial !== null) {
				world.inCallback = true;
				meter.call(2, serial, TX_BYTES);
				world.inCallback = false;
			}
			continue;
		}
		// A whole answer comes while the program is busy.
		const count = board.line === null ? 0 : board.line.read(part, 0, part.length, now);
		for (let i = 0; i < count; i++) {
			if (world.fifoCount < world.receiverBytes) world.fifo[world.fifoCount++] = part[i];
			else world.lost += 1;
		}
		if (world.fifoCount > world.peak) world.peak = world.fifoCount;
		if (serial !== null && world.fifoCount > 0) {
			world.inCallback = true;
			meter.call(1, serial, world.fifoCount);
			world.inCallback = false;
			continue;
		}
		let next = until;
		let due = null;
		for (const timer of world.timer) {
			if (timer.alive && timer.on && ((timer.at - next) | 0) < 0) {
				next = timer.at;
				due = timer;
			}
		}
		if (due !== null && ((due.at - now) | 0) <= 0) {
			due.at = (due.at + due.interval) | 0;
			meter.call(0, due, 0);
			continue;
		}
		if (board.line !== null) {
			const at = board.line.nextAt(now);
			if (at !== -1 && ((at - next) | 0) < 0) next = at;
		}
		if (((next - until) | 0) >= 0) {
			world.now = until;
			return false;
		}
		world.now = ((next - now) | 0) > 0 ? next : (now + 1) | 0;
	}
	throw new Error("it hangs");
}
