// A driver for tests: it brings a device and a line together in virtual time. A device that hangs is an outcome, not a
// hang of the test.
import type { Wire } from "./line.js";
import { Random } from "./random.js";

/** What poll() answers while there is no result. */
export const WAIT = 1;

const DEFAULT_MS = 120000;
const DEFAULT_ITERATIONS = 1000000;
const DEFAULT_CHUNK_BYTES = 64;

export interface DrivenDevice {
	/** Bytes [0, count) have come; true = poll me. */
	receive(bytes: Uint8Array, count: number): boolean;
	/** WAIT or a result. */
	poll(now: number): number;
	/** Poll me at this time at the latest. */
	wakeAt: number;
}

export interface PortOptions {
	/** Most bytes that one write takes; default all. */
	bytesPerWrite?: number;
	/** The first n writes take nothing. */
	refusedWrites?: number;
}

/** The way to write that a device is given. `now` is kept by drive(). */
export class VirtualPort {
	wire: Wire;
	now: number;
	/** Bytes taken, and calls. */
	bytes: number;
	writes: number;
	options: PortOptions;

	constructor(wire: Wire, options: PortOptions) {
		this.wire = wire;
		this.options = options;
		this.now = 0;
		this.bytes = 0;
		this.writes = 0;
	}

	/** Takes bytes [from, to) or the first of them; returns how many. */
	write(bytes: Uint8Array, from: number, to: number): number {
		if (this.writes++ < (this.options.refusedWrites || 0)) return 0;
		let count = to - from;
		const most = this.options.bytesPerWrite;
		if (most !== undefined && count > most) count = most;
		this.bytes += count;
		this.wire.receive(bytes, from, from + count, this.now);
		return count;
	}
}

export interface DriveLimits {
	/** Virtual time at the start; default port.now. */
	startMs?: number;
	/** Virtual time after which it is a hang; default 120000. */
	maxMs?: number;
	/** Steps after which it is a hang; default 1000000. */
	maxIterations?: number;
	/** Most bytes per receive(); default 64. */
	chunkBytes?: number;
	/** With a seed, each delivery has 1 to chunkBytes bytes. */
	chunkSeed?: number;
}

export interface DriveResult {
	/** What poll() returned last. */
	code: number;
	now: number;
	iterations: number;
	hung: boolean;
	polls: number;
}

/**
 * Runs `device`, which writes through `port`, until poll() returns something other than WAIT. Bytes that are due go
 * first, in chunks; poll() is called when receive() returned true or wakeAt is due; when neither has anything to do,
 * time goes on to whichever comes first.
 */
export function drive(device: DrivenDevice, port: VirtualPort, limits: DriveLimits): DriveResult {
	const wire = port.wire;
	const chunkBytes = limits.chunkBytes || DEFAULT_CHUNK_BYTES;
	const dice = limits.chunkSeed !== undefined ? new Random(limits.chunkSeed) : null;
	const maxMs = limits.maxMs !== undefined ? limits.maxMs : DEFAULT_MS;
	const maxIterations = limits.maxIterations !== undefined ? limits.maxIterations : DEFAULT_ITERATIONS;
	const buffer = new Uint8Array(chunkBytes);
	const start = limits.startMs !== undefined ? limits.startMs : port.now;
	const result: DriveResult = { code: WAIT, now: start, iterations: 0, hung: false, polls: 0 };
	let now = start;
	while (result.iterations < maxIterations && ((now - start) | 0) <= maxMs) {
		result.iterations++;
		result.now = now;
		port.now = now;
		const count = wire.read(buffer, 0, dice === null ? chunkBytes : 1 + dice.below(chunkBytes), now);
		let wanted = count > 0 && device.receive(buffer, count);
		if (count === 0) wanted = ((now - device.wakeAt) | 0) >= 0;
		if (wanted) {
			result.polls++;
			result.code = device.poll(now);
			if (result.code !== WAIT) return result;
		} else if (count === 0) {
			let next = device.wakeAt;
			const due = wire.nextAt(now);
			if (due !== -1 && ((due - next) | 0) < 0) next = due;
			// Time only goes forward, whatever they say.
			now = ((next - now) | 0) > 0 ? next : (now + 1) | 0;
		}
	}
	result.hung = true;
	return result;
}
