// A device of any kind on a modem: through a serial port in real time, or on the virtual modem in virtual time.

import { type Device, LineError, openSerial, Runner, type Tap, TappedDevice, TappedPort } from "../hal/node/index.js";
import type { Port } from "../src/index.js";
import { drive, type VirtualModem, VirtualPort } from "../virtual/index.js";
import { virtualModem } from "./virtual-modem.js";

/** How long a device may take altogether. */
const VIRTUAL_MAX_MS = 3_600_000;

/** What is composed on the port; what goes through it is shown to `tap`. */
export interface Composed {
	device: Device;
	start(): void;
}

/** The virtual modem stays between two talks of one command, as a real one does. */
let virtual: VirtualModem | null = null;

/** What the device has answered, or why the line was lost. */
export async function talk(
	path: string | null,
	baud: number,
	tap: Tap,
	compose: (port: Port) => Composed,
): Promise<number | LineError> {
	if (path === null) {
		virtual ??= virtualModem({}, null, 0);
		const port = new VirtualPort(virtual, {});
		const { device, start } = compose(new TappedPort(port, tap));
		start();
		return drive(new TappedDevice(device, tap), port, { maxMs: VIRTUAL_MAX_MS }).code;
	}
	try {
		const line = await openSerial(path, baud);
		const { device, start } = compose(new TappedPort(line, tap));
		start();
		const result = await new Runner(new TappedDevice(device, tap), line).run();
		await line.close();
		return result.kind === "lost" ? result.error : result.code;
	} catch (error) {
		if (error instanceof LineError) return error;
		throw error;
	}
}
