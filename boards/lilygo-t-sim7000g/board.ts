// LilyGO T-SIM7000G, and T-SIM7070G with the same lines: a modem that finds its rate itself on an ESP32. Where the figures come from:
// test/boards/figures.json.

import { ACTIVE, AT_CEREG_0, INACTIVE, PAUSE, PIN_PWRKEY, PIN_SLEEP, PROBE } from "../../src/index.js";
import type { Board } from "../board.js";

export const board: Board = {
	name: "LilyGO T-SIM7000G",
	chip: "ESP32",
	modem: "SIM7000G",
	serial: { port: 1, transmit: 27, receive: 26, baud: 115200 },
	pins: [
		{ role: PIN_PWRKEY, pin: 4, active: 1, held: false }, // through a transistor
		{ role: PIN_SLEEP, pin: 25, active: 1, held: false }, // DTR, low = awake
	],
	registers: null,
	bringUp: {
		// biome-ignore format: one thing a line
		steps: [
			INACTIVE, PIN_PWRKEY, INACTIVE, PIN_SLEEP,
			PROBE, 5, 300,
			// From 1200 ms on the same key switches it off.
			ACTIVE, PIN_PWRKEY, PAUSE, 1000, INACTIVE, PIN_PWRKEY,
			PROBE, 30, 500,
		],
		hello: [AT_CEREG_0],
		goodbye: [],
		fullFunction: false,
	},
};
