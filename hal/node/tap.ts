// A place between the core and a line where the bytes of both directions can be watched: for a trace, a counter, a recorder.
// It works the same on a serial port and on the virtual line, since it wraps only what the core already has on either side.

import type { Port } from "../../src/platform.js";
import type { Device } from "./device.js";

export interface Tap {
	/** bytes[from … to) have been taken for the modem. The array is the core's: copy what is to be kept. */
	sent(bytes: Uint8Array, from: number, to: number): void;
	/** bytes[0 … count) have come from the modem, and the core has not seen them yet. */
	received(bytes: Uint8Array, count: number): void;
}

/** A port that shows what goes through it. */
export class TappedPort implements Port {
	private readonly port: Port;
	private readonly tap: Tap;

	constructor(port: Port, tap: Tap) {
		this.port = port;
		this.tap = tap;
	}

	write(bytes: Uint8Array, from: number, to: number): number {
		const count = this.port.write(bytes, from, to);
		if (count > 0) this.tap.sent(bytes, from, from + count);
		return count;
	}
}

/** A device that shows what it receives. */
export class TappedDevice implements Device {
	private readonly device: Device;
	private readonly tap: Tap;

	constructor(device: Device, tap: Tap) {
		this.device = device;
		this.tap = tap;
	}

	get wakeAt(): number {
		return this.device.wakeAt;
	}

	receive(bytes: Uint8Array, count: number): boolean {
		this.tap.received(bytes, count);
		return this.device.receive(bytes, count);
	}

	poll(now: number): number {
		return this.device.poll(now);
	}
}
