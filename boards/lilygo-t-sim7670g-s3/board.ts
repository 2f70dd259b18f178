// LilyGO T-SIM7670G-S3: SIM7670G on an ESP32-S3. RESET is only ever held inactive, since no source says how long to press it.
// Where the figures come from: test/boards/figures.json.

import {
	ACTIVE,
	AT_CEREG_0,
	AT_CSIMSLEEP_0,
	AT_CSIMSLEEP_1,
	INACTIVE,
	PAUSE,
	PIN_PWRKEY,
	PIN_RESET,
	PIN_SLEEP,
	PROBE,
} from "../../src/index.js";
import type { Board } from "../board.js";

export const board: Board = {
	name: "LilyGO T-SIM7670G-S3",
	chip: "ESP32-S3",
	modem: "SIM7670G",
	serial: { port: 1, transmit: 11, receive: 10, baud: 115200 },
	pins: [
		{ role: PIN_RESET, pin: 17, active: 0, held: false }, // must not be low while the modem starts
		{ role: PIN_PWRKEY, pin: 18, active: 1, held: false }, // through a transistor
		{ role: PIN_SLEEP, pin: 9, active: 1, held: false }, // DTR, low = awake
	],
	registers: null,
	bringUp: {
		// biome-ignore format: one thing a line
		steps: [
			INACTIVE, PIN_RESET, INACTIVE, PIN_PWRKEY, INACTIVE, PIN_SLEEP,
			PROBE, 5, 300,
			ACTIVE, PIN_PWRKEY, PAUSE, 100, INACTIVE, PIN_PWRKEY,
			PROBE, 40, 500,
		],
		hello: [AT_CEREG_0, AT_CSIMSLEEP_0],
		goodbye: [AT_CSIMSLEEP_1],
		fullFunction: false,
	},
};
