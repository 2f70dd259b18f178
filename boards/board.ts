// What is known of a board, for main.ts and for whoever adds one: its UART, the lines around its modem, and how to wake it.

import type { PinSettings, RegisterSettings, SerialSettings } from "../hal/moddable/io.js";
import type { BringUp } from "../src/index.js";

export interface Board {
	name: string;
	/** "ESP32" or "ESP32-S3". */
	chip: string;
	/** The modem's family. */
	modem: string;
	serial: SerialSettings;
	pins: readonly PinSettings[];
	/** The chip that feeds the modem, or null. */
	registers: RegisterSettings | null;
	bringUp: BringUp;
}
