// LilyGO T-SIM7600: SIM7600 on an ESP32. Where the figures come from: test/boards/figures.json.

import {
	ACTIVE,
	AT_CEREG_0,
	INACTIVE,
	PAUSE,
	PIN_FLIGHT,
	PIN_OTHER,
	PIN_PWRKEY,
	PIN_SLEEP,
	PROBE,
} from "../../src/index.js";
import type { Board } from "../board.js";

export const board: Board = {
	name: "LilyGO T-SIM7600",
	chip: "ESP32",
	modem: "SIM7600",
	serial: { port: 1, transmit: 27, receive: 26, baud: 115200 },
	pins: [
		{ role: PIN_OTHER, pin: 12, active: 1, held: true }, // LED, or the supply of what is around the modem
		{ role: PIN_PWRKEY, pin: 4, active: 1, held: false }, // through a transistor
		{ role: PIN_FLIGHT, pin: 25, active: 0, held: false }, // low = radio off
		{ role: PIN_SLEEP, pin: 32, active: 1, held: false }, // DTR, low = awake
	],
	registers: null,
	bringUp: {
		// biome-ignore format: one thing a line
		steps: [
			ACTIVE, PIN_OTHER, INACTIVE, PIN_PWRKEY, INACTIVE, PIN_FLIGHT, INACTIVE, PIN_SLEEP,
			PROBE, 5, 300,
			ACTIVE, PIN_PWRKEY, PAUSE, 500, INACTIVE, PIN_PWRKEY,
			PROBE, 60, 500,
		],
		hello: [AT_CEREG_0],
		goodbye: [],
		fullFunction: false,
	},
};
