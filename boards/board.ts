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
	/** The ways to the card that the modem has, VIA_CSIM and the like, as `simstrap probe` prints them; AT+CSIM alone when not given. */
	links?: readonly number[];
	/** With VIA_BASIC among them: the modem may be disturbed by it. */
	allowBasicChannel?: boolean;
	/** The longest command line that the modem takes, without AT and CR, where that is short. */
	lineChars?: number;
}
