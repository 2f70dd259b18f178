// A line to a modem that is open, and what can be wrong with one. Nothing that a device does is an exception without a name.

import type { Port } from "../../src/platform.js";

export type LineReason =
	/** The package `serialport` is not installed. */
	| "SERIALPORT_MISSING"
	/** There is no such device. */
	| "DEVICE_MISSING"
	/** The user may not open it. */
	| "DEVICE_FORBIDDEN"
	/** Another program has it open. */
	| "DEVICE_BUSY"
	/** It is a file or directory, not a serial port. */
	| "DEVICE_NOT_SERIAL"
	/** It could not be opened for another reason. */
	| "DEVICE_FAILED"
	/** It was open and is gone: unplugged, or the other end of a pseudo-terminal has been closed. */
	| "DEVICE_LOST";

export class LineError extends Error {
	readonly reason: LineReason;

	/** @param message what the operating system says; for people, and not stable */
	constructor(reason: LineReason, message: string) {
		super(message);
		this.name = "LineError";
		this.reason = reason;
	}
}

export interface Line extends Port {
	/** Gives every chunk of bytes that comes to `receive`, and calls `lost` once if the line is lost. Called once, before the first write. */
	listen(receive: (bytes: Uint8Array) => void, lost: (error: LineError) => void): void;
	/** Closes it. `lost` is not called any more. */
	close(): Promise<void>;
}
