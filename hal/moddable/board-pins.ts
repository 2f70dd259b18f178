// The lines of a board around its modem, over ECMA-419's Digital, and the registers of the chip that feeds it, over SMBus.
//
// A line is never given back: the SDK's Digital resets its pin when it is closed, and on an ESP32 that switches a pull-up on,
// which presses a key behind a transistor and lets go of a supply. Lines that are no longer needed stay at their safe level.

import type { Pins } from "../../src/platform.js";
import type { DigitalInstance, DigitalIo, PinSettings, RegisterInstance, RegisterIo, RegisterSettings } from "./io.js";

class Line {
	readonly role: number;
	readonly io: DigitalInstance;
	readonly active: 0 | 1;
	readonly inactive: 0 | 1;

	constructor(io: DigitalIo, settings: PinSettings) {
		this.role = settings.role;
		this.active = settings.active;
		this.inactive = settings.active === 1 ? 0 : 1;
		this.io = new io({
			pin: settings.pin,
			mode: io.Output as never,
			initialValue: settings.held ? this.active : this.inactive,
		});
	}
}

export class BoardPins implements Pins {
	private readonly lines: Line[];
	private readonly registers: RegisterInstance | null;

	/** Drives every line to its safe level, those that are held first. */
	constructor(
		io: DigitalIo,
		pins: readonly PinSettings[],
		registers: (RegisterSettings & { io: RegisterIo }) | undefined,
	) {
		this.lines = [];
		for (let i = 0; i < pins.length; i++) if (pins[i].held) this.lines.push(new Line(io, pins[i]));
		for (let i = 0; i < pins.length; i++) if (!pins[i].held) this.lines.push(new Line(io, pins[i]));
		this.registers = registers === undefined ? null : new registers.io(registers);
	}

	set(role: number, active: boolean): void {
		const lines = this.lines;
		for (let i = 0; i < lines.length; i++) {
			const line = lines[i];
			if (line.role === role) line.io.write(active ? line.active : line.inactive);
		}
	}

	supply(register: number, keep: number, value: number): boolean {
		const registers = this.registers;
		if (registers === null) return false;
		try {
			registers.writeUint8(register, (registers.readUint8(register) & keep) | value);
			return true;
		} catch {
			// A chip that does not acknowledge makes the SDK throw.
			return false;
		}
	}

	/** The Digital of a line, for an application that goes on with it: DTR, say. Undefined when the board has none. */
	line(role: number): DigitalInstance | undefined {
		for (let i = 0; i < this.lines.length; i++) if (this.lines[i].role === role) return this.lines[i].io;
		return undefined;
	}
}
