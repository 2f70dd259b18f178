// A board around a virtual modem: its key, RESET and supplies, in virtual time. It notes what happens to them.

import type { BringUp, CsimOptions, Pins } from "../../src/index.js";
import { type Bootstrap, PIN_PWRKEY, PIN_RESET } from "../../src/index.js";
import { fromPowerOn } from "../../src/over-power.js";
import {
	bootstrapCard,
	type DriveLimits,
	type DriveResult,
	drive,
	type ModemOptions,
	VirtualCard,
	VirtualModem,
	VirtualPort,
	type Wire,
} from "../../virtual/index.js";

export interface PlantOptions {
	/** The modem is on at the start. */
	on?: boolean;
	/** The key has to be pressed so long to switch it on, and so long to switch it off. */
	onMs?: number;
	offMs?: number;
	/** From the key's release until it answers. */
	bootMs?: number;
	/** RESET has to be held so long; 0 is a board whose RESET does nothing. */
	resetMs?: number;
	/** Nothing can bring it up. */
	dead?: boolean;
	/** The modem has to find its rate: so many lines are lost in that after each power-on. */
	training?: number;
	/** The power chip's registers, and what they must hold for the modem to have power: register, mask, value, … */
	registers?: Record<number, number>;
	needs?: number[];
	modem?: ModemOptions;
	card?: VirtualCard | null;
}

export class Plant implements Pins, Wire {
	readonly port: VirtualPort;
	/** What was done, with its time. */
	readonly log: string[] = [];
	readonly levels = new Map<number, boolean>();
	readonly registers: Record<number, number>;
	modem: VirtualModem;
	on: boolean;
	/** How often the modem was switched off by the key. */
	switchedOff = 0;
	private readonly options: PlantOptions;
	private readonly card: VirtualCard | null;
	private readonly since = new Map<number, number>();
	private training: number;
	readonly history: string[] = [];

	constructor(options: PlantOptions = {}) {
		this.options = options;
		this.card = options.card === undefined ? new VirtualCard(bootstrapCard({})) : options.card;
		this.port = new VirtualPort(this, {});
		this.registers = { ...options.registers };
		this.on = options.on === true;
		this.training = options.training ?? 0;
		this.modem = this.newModem(0);
	}

	private newModem(bootMs: number): VirtualModem {
		return new VirtualModem(this.card, { record: true, startMs: this.port.now, bootMs, ...this.options.modem });
	}

	private note(text: string): void {
		this.log.push(`${this.port.now} ${text}`);
	}

	private powered(): boolean {
		const needs = this.options.needs ?? [];
		for (let i = 0; i < needs.length; i += 3) {
			if (((this.registers[needs[i]] ?? 0) & needs[i + 1]) !== needs[i + 2]) return false;
		}
		return true;
	}

	set(role: number, active: boolean): void {
		if (this.levels.get(role) === active) return;
		const was = this.levels.get(role) === true;
		this.levels.set(role, active);
		if (active) {
			this.since.set(role, this.port.now);
			this.note(`${role} active`);
			return;
		}
		this.note(`${role} inactive`);
		if (!was) return;
		const held = this.port.now - (this.since.get(role) ?? 0);
		if (role === PIN_PWRKEY) {
			if (this.on && held >= (this.options.offMs ?? 2500)) {
				this.on = false;
				this.switchedOff += 1;
			} else if (!this.on && held >= (this.options.onMs ?? 50)) this.boot();
		} else if (role === PIN_RESET && (this.options.resetMs ?? 0) > 0 && held >= (this.options.resetMs ?? 0))
			this.boot();
	}

	private boot(): void {
		if (this.options.dead === true || !this.powered()) return;
		this.on = true;
		this.training = this.options.training ?? 0;
		this.modem = this.newModem(this.options.bootMs ?? 3000);
	}

	supply(register: number, keep: number, value: number): boolean {
		if (this.options.registers === undefined) return false;
		this.registers[register] = ((this.registers[register] ?? 0) & keep) | value;
		this.note(`register ${register} = ${this.registers[register]}`);
		if (!this.powered()) this.on = false;
		return true;
	}

	receive(bytes: Uint8Array, from: number, to: number, now: number): void {
		const text = String.fromCharCode(...bytes.subarray(from, to));
		this.history.push(`${now} ${text}`);
		if (!this.on) return;
		if (this.training > 0) {
			this.training -= 1;
			return;
		}
		this.modem.receive(bytes, from, to, now);
	}

	read(out: Uint8Array, from: number, to: number, now: number): number {
		return this.on ? this.modem.read(out, from, to, now) : 0;
	}

	nextAt(now: number): number {
		return this.on ? this.modem.nextAt(now) : -1;
	}

	/** A device in front of it. */
	device(bringUp: BringUp, core: Partial<CsimOptions> = {}): Bootstrap {
		return fromPowerOn(this.port, this, bringUp, { buffer: new Uint8Array(1024), ...core });
	}

	run(device: Bootstrap, limits: DriveLimits = {}): DriveResult {
		return drive(device, this.port, { maxMs: 300000, ...limits });
	}

	/** The times at which a line was sent. */
	timesOf(line: string): number[] {
		return this.history.filter((entry) => entry.endsWith(` ${line}\r`)).map((entry) => Number.parseInt(entry, 10));
	}
}
