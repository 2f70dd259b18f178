// LilyGO T-A7670: A7670 on an ESP32. Where the figures come from: test/boards/figures.json.

import {
	ACTIVE,
	AT_CEREG_0,
	INACTIVE,
	PAUSE,
	PIN_POWER,
	PIN_PWRKEY,
	PIN_RESET,
	PIN_SLEEP,
	PROBE,
} from "../../src/index.js";
import type { Board } from "../board.js";

export const board: Board = {
	name: "LilyGO T-A7670",
	chip: "ESP32",
	modem: "A7670",
	serial: { port: 1, transmit: 26, receive: 27, baud: 115200 },
	pins: [
		{ role: PIN_POWER, pin: 12, active: 1, held: true }, // on battery a low level resets the board
		{ role: PIN_RESET, pin: 5, active: 1, held: false }, // pulled up at start
		{ role: PIN_PWRKEY, pin: 4, active: 1, held: false }, // through a transistor
		{ role: PIN_SLEEP, pin: 25, active: 1, held: false }, // DTR, low = awake
	],
	registers: null,
	bringUp: {
		// biome-ignore format: one thing a line
		steps: [
			ACTIVE, PIN_POWER, INACTIVE, PIN_RESET, INACTIVE, PIN_PWRKEY, INACTIVE, PIN_SLEEP,
			PROBE, 5, 300,
			ACTIVE, PIN_PWRKEY, PAUSE, 100, INACTIVE, PIN_PWRKEY,
			PROBE, 40, 500,
			// The last resort.
			ACTIVE, PIN_RESET, PAUSE, 2500, INACTIVE, PIN_RESET,
			PROBE, 40, 500,
		],
		hello: [AT_CEREG_0],
		goodbye: [],
		fullFunction: false,
	},
};
