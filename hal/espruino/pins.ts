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

export class BoardPins implements Pins {
	private readonly pins: readonly BoardPin[];
	/** Its address on I2C1, -1 for none. */
	private readonly address: number;

	/** Drives every line to its safe level, those that are held first. */
	constructor(board: Board) {
		const pins = board.pins;
		const registers = board.registers;
		this.pins = pins;
		for (let i = 0; i < pins.length; i++) if (pins[i].held) this.set(pins[i].role, true);
		for (let i = 0; i < pins.length; i++) if (!pins[i].held) this.set(pins[i].role, false);
		this.address = -1;
		if (registers) {
			this.address = registers.address;
			I2C1.setup({ sda: registers.data, scl: registers.clock, bitrate: registers.hz });
		}
	}

	set(role: number, active: boolean): void {
		const pins = this.pins;
		for (let i = 0; i < pins.length; i++) {
			const pin = pins[i];
			if (pin.role === role) digitalWrite(pin.pin, active === (pin.active === 1));
		}
	}

	supply(register: number, keep: number, value: number): boolean {
		if (this.address < 0) return false;
		try {
			I2C1.writeTo(this.address, register);
			I2C1.writeTo(this.address, register, (I2C1.readFrom(this.address, 1)[0] & keep) | value);
			return true;
		} catch (_error) {
			return false;
		}
	}
}
