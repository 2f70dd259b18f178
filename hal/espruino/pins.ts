// The lines around a modem on Espruino's pins. A board is the same literal as in boards/.

import type { Pins } from "../../src/platform.js";
import type { BringUp } from "../../src/power.js";

/** One pin of a board, by what it does (PIN_PWRKEY and the others of src/platform.ts). */
export interface BoardPin {
	role: number;
	pin: number;
	/** The level at which it does its work. */
	active: number;
	/** It does so from the beginning: a supply, say. */
	held: boolean;
}

/** The chip that feeds the modem: its pins and its address on I2C1. */
export interface BoardRegisters {
	data: number;
	clock: number;
	address: number;
	hz: number;
}

/** A board around its modem. */
export interface Board {
	pins: readonly BoardPin[];
	/** How its modem is woken. */
	bringUp: BringUp;
	registers?: BoardRegisters | null;
}

/** The lines of `board`, each at its safe level, those that are held first. */
export function pinsOf(board: Board): Pins {
	const pins = board.pins;
	const registers = board.registers;
	if (registers) I2C1.setup({ sda: registers.data, scl: registers.clock, bitrate: registers.hz });
	for (let held = 1; held >= 0; held--) {
		for (let i = 0; i < pins.length; i++) {
			const pin = pins[i];
			// At its level when it is held, at the other one when not. A Boolean may be a 1 or a 0 here.
			if (!pin.held === (held === 0)) digitalWrite(pin.pin, !pin.held === (pin.active === 0));
		}
	}
	return {
		set: (role, active) => {
			for (let i = 0; i < pins.length; i++) {
				const pin = pins[i];
				if (pin.role === role) digitalWrite(pin.pin, !active === (pin.active === 0));
			}
		},
		supply: (register, keep, value) => {
			if (!registers) return false;
			try {
				I2C1.writeTo(registers.address, register);
				I2C1.writeTo(registers.address, register, (I2C1.readFrom(registers.address, 1)[0] & keep) | value);
				return true;
			} catch (_error) {
				return false;
			}
		},
	};
}
