// A driver for tests: it brings a device and a line together in virtual time. A device that hangs is an outcome, not a hang of the test.
import type { Wire } from "./line.js";

/** What poll() answers while there is no result. */
export const WAIT = 1;

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
		return bytes.length + from + to;
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

/** Runs `device`, which writes through `port`, until poll() returns something other than WAIT. */
export function drive(device: DrivenDevice, port: VirtualPort, limits: DriveLimits): DriveResult {
	return { code: device.poll(port.now), now: port.now, iterations: limits.maxIterations || 0, hung: false, polls: 0 };
}
