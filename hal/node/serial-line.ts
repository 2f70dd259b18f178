// A serial port, a USB modem or a pseudo-terminal, through the optional package `serialport`, which sets it to raw 8N1.

import { isatty } from "node:tty";
import { type Line, LineError, type LineReason } from "./line.js";

/** The part of `serialport` that is used here: type checking must do without an optional package. */
interface Serial {
	/** The binding's port; it has a file descriptor where the system has such a thing. */
	readonly port?: { readonly fd?: number | null };
	write(bytes: Uint8Array): boolean;
	close(done: (error: Error | null) => void): void;
	on(event: "data", listener: (bytes: Uint8Array) => void): void;
	on(event: "close" | "error", listener: (error: Error | null) => void): void;
}

type SerialConstructor = new (
	options: { path: string; baudRate: number },
	opened: (error: Error | null) => void,
) => Serial;

/** How often the descriptor is looked at: on some systems a device that is unplugged reads as endless nothing. */
const WATCH_MS = 250;
/** Closing must not take longer, whatever the driver does. */
const CLOSE_LIMIT_MS = 1000;

async function loadSerialPort(): Promise<SerialConstructor> {
	// A name that no type checker follows.
	const name: string = "serialport";
	try {
		return (await import(name)).SerialPort;
	} catch {
		throw new LineError("SERIALPORT_MISSING", "");
	}
}

/** The texts of `serialport`, which has no error codes. */
function reasonOf(message: string): LineReason {
	if (/no such file|file not found|ENOENT|no such device/i.test(message)) return "DEVICE_MISSING";
	if (/permission denied|access denied|EACCES/i.test(message)) return "DEVICE_FORBIDDEN";
	if (/cannot lock|busy|temporarily unavailable/i.test(message)) return "DEVICE_BUSY";
	if (/inappropriate ioctl|is a directory/i.test(message)) return "DEVICE_NOT_SERIAL";
	return "DEVICE_FAILED";
}

class SerialLine implements Line {
	private readonly serial: Serial;
	private open: boolean;
	private lost: (error: LineError) => void;
	private readonly watch: NodeJS.Timeout;

	constructor(serial: Serial) {
		this.serial = serial;
		this.open = true;
		this.lost = () => {};
		serial.on("close", (error) => this.lose(error === null ? "the device was closed" : error.message));
		serial.on("error", (error) => this.lose(error === null ? "" : error.message));
		this.watch = setInterval(() => {
			const fd = serial.port?.fd;
			if (typeof fd === "number" && !isatty(fd)) this.lose("the device hung up");
		}, WATCH_MS);
	}

	listen(receive: (bytes: Uint8Array) => void, lost: (error: LineError) => void): void {
		this.lost = lost;
		this.serial.on("data", (bytes) => {
			if (this.open) receive(bytes);
		});
	}

	write(bytes: Uint8Array, from: number, to: number): number {
		// The stream keeps the array until it is written.
		if (this.open) this.serial.write(bytes.slice(from, to));
		return to - from;
	}

	close(): Promise<void> {
		if (!this.open) return Promise.resolve();
		this.open = false;
		clearInterval(this.watch);
		return new Promise((resolve) => {
			const limit = setTimeout(resolve, CLOSE_LIMIT_MS);
			this.serial.close(() => {
				clearTimeout(limit);
				resolve();
			});
		});
	}

	private lose(message: string): void {
		if (!this.open) return;
		void this.close();
		this.lost(new LineError("DEVICE_LOST", message));
	}
}

/**
 * Opens a serial port.
 *
 * @throws LineError when it cannot be opened
 */
export async function openSerial(path: string, baud: number): Promise<Line> {
	const SerialPort = await loadSerialPort();
	return await new Promise((resolve, reject) => {
		const serial: Serial = new SerialPort({ path, baudRate: baud }, (error) => {
			if (error === null || error === undefined) resolve(new SerialLine(serial));
			else {
				const message = error.message.replace(/^Error: /, "");
				reject(new LineError(reasonOf(message), message));
			}
		});
	});
}
