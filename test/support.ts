// What tests of the whole stack have in common: a device, a line, a modem and a card, run in virtual time.

import { type Bootstrap, type CsimOptions, type OverModemOptions, overCsim, overModem } from "../src/index.js";
import {
	type BootstrapCardOptions,
	bootstrapCard,
	type CardProfile,
	type DriveLimits,
	type DriveResult,
	drive,
	Line,
	type LineOptions,
	type ModemOptions,
	type PortOptions,
	toHex,
	VirtualCard,
	VirtualModem,
	VirtualPort,
	type Wire,
} from "../virtual/index.js";

export interface BenchOptions {
	/** The card's content; `profile` takes a whole one, and null is no card. */
	card?: BootstrapCardOptions;
	profile?: CardProfile | null;
	modem?: ModemOptions;
	line?: LineOptions;
	port?: PortOptions;
	core?: Partial<CsimOptions>;
	/** With every way to the card, in place of +CSIM alone. */
	over?: Partial<OverModemOptions>;
	/** What stands between the modem and the line. */
	between?: (modem: VirtualModem) => Wire;
	bufferBytes?: number;
	limits?: DriveLimits;
}

export interface Bench {
	device: Bootstrap;
	card: VirtualCard | null;
	modem: VirtualModem;
	line: Line;
	port: VirtualPort;
	/** Runs what was started until it has a result. */
	run(limits?: DriveLimits): DriveResult;
	/** Runs the whole procedure. */
	read(limits?: DriveLimits): DriveResult;
	/** The checked file as hex. */
	fileHex(): string;
}

/** A device in front of a virtual modem and card. */
export function bench(options: BenchOptions = {}): Bench {
	const profile = options.profile === undefined ? bootstrapCard(options.card ?? {}) : options.profile;
	const card = profile === null ? null : new VirtualCard(profile);
	const modem = new VirtualModem(card, { record: true, ...options.modem });
	const line = new Line(options.between === undefined ? modem : options.between(modem), options.line ?? {});
	const port = new VirtualPort(line, options.port ?? {});
	const settings = { buffer: new Uint8Array(options.bufferBytes ?? 32768), ...options.core };
	const device =
		options.over === undefined ? overCsim(port, settings) : overModem(port, { ...settings, ...options.over });
	const run = (limits: DriveLimits = {}): DriveResult => drive(device, port, { ...options.limits, ...limits });
	return {
		device,
		card,
		modem,
		line,
		port,
		run,
		read(limits) {
			device.readFile();
			return run(limits);
		},
		fileHex: () => toHex(device.file.buffer.subarray(0, device.file.length)),
	};
}
