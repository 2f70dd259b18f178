// LilyGO S3-Standard with an A7670X or a SIM7670G on an ESP32-S3; AT+CSIMSLEEP, which only the latter knows, is refused by the
// other and does no harm. Where the figures come from: test/boards/figures.json.

import {
	ACTIVE,
	AT_CEREG_0,
	AT_CSIMSLEEP_0,
	AT_CSIMSLEEP_1,
	INACTIVE,
	PAUSE,
	PIN_OTHER,
	PIN_PWRKEY,
	PIN_SLEEP,
	PROBE,
} from "../../src/index.js";
import type { Board } from "../board.js";

export const board: Board = {
	name: "LilyGO S3-Standard",
	chip: "ESP32-S3",
	modem: "A7670X or SIM7670G",
	serial: { port: 1, transmit: 4, receive: 5, baud: 115200 },
	pins: [
		{ role: PIN_OTHER, pin: 42, active: 1, held: true }, // high = no power saving
		{ role: PIN_PWRKEY, pin: 46, active: 1, held: false }, // through a transistor
		{ role: PIN_SLEEP, pin: 7, active: 1, held: false }, // DTR, low = awake
	],
	registers: null,
	bringUp: {
		// biome-ignore format: one thing a line
		steps: [
			ACTIVE, PIN_OTHER, INACTIVE, PIN_PWRKEY, INACTIVE, PIN_SLEEP,
			PROBE, 5, 300,
			ACTIVE, PIN_PWRKEY, PAUSE, 100, INACTIVE, PIN_PWRKEY,
			PROBE, 50, 500,
		],
		hello: [AT_CEREG_0, AT_CSIMSLEEP_0],
		goodbye: [AT_CSIMSLEEP_1],
		fullFunction: false,
	},
};
