// QuickSpot Walter: GM02SP on an ESP32-S3. The modem has no key, and starts at minimum function, without its SIM. Where the figures
// come from: test/boards/figures.json.

import { ACTIVE, AT_CEREG_0, INACTIVE, PAUSE, PIN_RESET, PIN_RTS, PROBE } from "../../src/index.js";
import type { Board } from "../board.js";

export const board: Board = {
	name: "QuickSpot Walter",
	chip: "ESP32-S3",
	modem: "GM02SP",
	serial: { port: 1, transmit: 48, receive: 14, baud: 115200 },
	pins: [
		{ role: PIN_RTS, pin: 21, active: 0, held: true }, // low = the modem may send; nothing else drives it
		{ role: PIN_RESET, pin: 45, active: 0, held: false },
	],
	registers: null,
	bringUp: {
		// biome-ignore format: one thing a line
		steps: [
			ACTIVE, PIN_RTS, INACTIVE, PIN_RESET,
			PROBE, 5, 300,
			// It starts with the board: some time more before the last resort.
			PROBE, 6, 500,
			ACTIVE, PIN_RESET, PAUSE, 10, INACTIVE, PIN_RESET,
			PROBE, 20, 500,
		],
		hello: [AT_CEREG_0],
		goodbye: [],
		fullFunction: true,
	},
};
