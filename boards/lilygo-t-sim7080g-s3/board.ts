// LilyGO T-SIM7080G-S3: a modem that finds its rate itself on an ESP32-S3, fed by an AXP2101. Where the figures come from:
// test/boards/figures.json; the registers are those of the AXP2101's data sheet.

import { ACTIVE, AT_CEREG_0, INACTIVE, PAUSE, PIN_PWRKEY, PIN_SLEEP, PROBE, SUPPLY } from "../../src/index.js";
import type { Board } from "../board.js";

export const board: Board = {
	name: "LilyGO T-SIM7080G-S3",
	chip: "ESP32-S3",
	modem: "SIM7080G",
	serial: { port: 1, transmit: 5, receive: 4, baud: 115200 },
	pins: [
		{ role: PIN_PWRKEY, pin: 41, active: 1, held: false }, // through a transistor
		{ role: PIN_SLEEP, pin: 42, active: 1, held: false }, // DTR, low = awake
	],
	registers: { data: 15, clock: 7, address: 0x34, hz: 100000 },
	bringUp: {
		// biome-ignore format: one thing a line
		steps: [
			INACTIVE, PIN_PWRKEY, INACTIVE, PIN_SLEEP,
			// BLDO1, which feeds the level shifter: 0.5 V + 28 * 0.1 V = 3.3 V, on.
			SUPPLY, 0x96, 0xe0, 28, SUPPLY, 0x90, 0xef, 0x10,
			// DC3, which feeds the modem: 1.6 V + (102 - 88) * 0.1 V = 3.0 V, on.
			SUPPLY, 0x84, 0x80, 102, SUPPLY, 0x80, 0xfb, 0x04,
			PROBE, 5, 300,
			// From 1200 ms on the same key switches it off.
			ACTIVE, PIN_PWRKEY, PAUSE, 1000, INACTIVE, PIN_PWRKEY,
			PROBE, 30, 500,
			// The last resort, since there is no RESET: the supply.
			SUPPLY, 0x80, 0xfb, 0, PAUSE, 200, SUPPLY, 0x80, 0xfb, 0x04, PAUSE, 100,
			ACTIVE, PIN_PWRKEY, PAUSE, 1000, INACTIVE, PIN_PWRKEY,
			PROBE, 30, 500,
		],
		hello: [AT_CEREG_0],
		goodbye: [],
		fullFunction: false,
	},
};
