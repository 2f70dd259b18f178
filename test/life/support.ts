// What tests of the life after the first bootstrap have in common: a device that remembers, in front of a virtual modem and card, and a
// store in memory that can be full, broken, or lose power in the middle of a write.

import { createHash } from "node:crypto";
import {
	Accounts,
	type BringUp,
	type Lender,
	type Life,
	OBJECT_INSTANCE,
	RESOURCE,
	type RecordStore,
	type RememberModemOptions,
	rememberFromPowerOn,
	rememberOverCsim,
	rememberOverModem,
	SERVER_URI,
} from "../../src/index.js";
import {
	type BootstrapCardOptions,
	type BootstrapCardProfile,
	bootstrapCard,
	type DriveLimits,
	type DriveResult,
	drive,
	joinBytes,
	Line,
	type ModemOptions,
	toHex,
	VirtualCard,
	VirtualModem,
	VirtualPort,
} from "../../virtual/index.js";
import { ascii, fileOf, nameOf, tlv } from "../unit/tools.js";

/** The power went away. */
export class PowerCut extends Error {}

/** A store in memory, which counts what is written and can go wrong in every way. */
export class MemoryStore implements RecordStore {
	readonly records = new Map<string, Uint8Array>();
	/** Changes of what is kept, and the bytes of all that was written. */
	writes = 0;
	bytesWritten = 0;
	/** Bytes that it can hold. */
	capacity = Number.POSITIVE_INFINITY;
	readable = true;
	writable = true;
	/** So many bytes more are written, and then the power is gone; a removal counts one. */
	powerBytes = Number.POSITIVE_INFINITY;
	/** What is cut in the middle of a write leaves what had come through, in place of what was there. */
	torn = false;

	read(key: string, into: Uint8Array): number {
		const record = this.records.get(key);
		if (!this.readable || record === undefined || record.length > into.length) return -1;
		into.set(record);
		return record.length;
	}

	write(key: string, bytes: Uint8Array, length: number): boolean {
		if (!this.writable) return false;
		let used = 0;
		for (const [other, record] of this.records) if (other !== key) used += record.length;
		if (used + length > this.capacity) return false;
		if (length > this.powerBytes) {
			if (this.torn) this.records.set(key, bytes.slice(0, this.powerBytes));
			throw new PowerCut();
		}
		this.powerBytes -= length;
		this.records.set(key, bytes.slice(0, length));
		this.writes += 1;
		this.bytesWritten += length;
		return true;
	}

	remove(key: string): boolean {
		if (!this.records.has(key)) return true;
		if (!this.writable) return false;
		if (this.powerBytes < 1) throw new PowerCut();
		this.powerBytes -= 1;
		this.records.delete(key);
		this.writes += 1;
		return true;
	}

	copy(): MemoryStore {
		const copy = new MemoryStore();
		for (const [key, record] of this.records) copy.records.set(key, record.slice());
		return copy;
	}

	/** Whether these bytes stand anywhere in it. */
	holds(bytes: Uint8Array): boolean {
		return [...this.records.values()].some((record) => Buffer.from(record).includes(Buffer.from(bytes)));
	}
}

/** Collects what is handed on to the application. */
export class Listener implements Lender {
	busy = false;
	text = "";
	onUnsolicited(bytes: Uint8Array, from: number, to: number): void {
		this.text += Buffer.from(bytes.subarray(from, to)).toString("latin1");
	}
}

const NO_PINS = { set() {}, supply: () => false };

export interface HomeOptions {
	store?: MemoryStore;
	core?: Partial<RememberModemOptions>;
	modem?: ModemOptions;
	bufferBytes?: number;
	lender?: Lender;
	/** Every way to the card, and its PIN. */
	everyWay?: boolean;
	/** What brings the modem up, which is on. */
	bringUp?: BringUp;
}

/** A device that starts anew with each `boot`; modem, card and store stay what they are. */
export class Home {
	readonly store: MemoryStore;
	readonly modem: VirtualModem;
	readonly line: Line;
	readonly port: VirtualPort;
	readonly options: HomeOptions;
	life: Life;
	/** SHA-256 was asked for so often. */
	digests = 0;

	/** @param card its content; null for no card */
	constructor(card: BootstrapCardOptions | null, options: HomeOptions = {}) {
		this.options = options;
		this.store = options.store ?? new MemoryStore();
		this.modem = new VirtualModem(card === null ? null : this.card(card), { record: true, ...options.modem });
		this.line = new Line(this.modem, {});
		this.port = new VirtualPort(this.line, {});
		this.life = this.device();
	}

	card(card: BootstrapCardOptions): VirtualCard {
		const made = new VirtualCard(bootstrapCard({ manners: { acceptsLe00: true }, ...card }));
		made.record = true;
		return made;
	}

	/** Takes the card out, and puts another one in. */
	insert(card: BootstrapCardOptions | null): void {
		this.modem.setCard(card === null ? null : this.card(card), this.port.now);
	}

	/** The card's issuer writes another file over the air; the rest of it is padding. */
	update(file: Uint8Array, padding = 0xff): void {
		const ef = (this.modem.card?.profile as BootstrapCardProfile | undefined)?.bootstrapFile;
		if (ef === null || ef === undefined) throw new Error("no such file");
		const size = Math.max(ef.data?.length ?? 0, file.length);
		ef.data = new Uint8Array(size).fill(padding);
		ef.data.set(file);
	}

	/** A new instance, as after a restart of the controller. */
	device(): Life {
		const { options } = this;
		const settings: RememberModemOptions = {
			buffer: new Uint8Array(options.bufferBytes ?? 4096),
			records: this.store,
			sha256: (bytes, length, into) => {
				this.digests += 1;
				into.set(createHash("sha256").update(bytes.subarray(0, length)).digest());
				return true;
			},
			...options.core,
		};
		if (options.lender !== undefined) settings.lender = options.lender;
		if (options.bringUp !== undefined) return rememberFromPowerOn(this.port, NO_PINS, options.bringUp, settings);
		return options.everyWay === true ? rememberOverModem(this.port, settings) : rememberOverCsim(this.port, settings);
	}

	drive(limits: DriveLimits = {}): DriveResult {
		return drive(this.life, this.port, limits);
	}

	/** Starts anew and runs; what it came to. */
	boot(limits: DriveLimits = {}): string {
		this.life = this.device();
		return this.run(limits);
	}

	run(limits: DriveLimits = {}): string {
		this.life.run();
		return this.outcome(this.drive(limits));
	}

	verify(limits: DriveLimits = {}): string {
		this.life.verify();
		return this.outcome(this.drive(limits));
	}

	private outcome(result: DriveResult): string {
		if (result.hung) return "hung";
		const { life } = this;
		const left = this.modem.card === null ? 0 : this.modem.card.channelsOpen;
		const state = STATES[life.state];
		const reason = life.state === 3 ? ` ${REASONS[life.reason]}` : "";
		return `${state}${reason} ${nameOf(result.code)}${life.valid ? "" : " invalid"}${left > 0 ? ` ${left} open` : ""}`;
	}

	/** The URIs of the accounts that may be used. */
	uris(): string[] {
		return urisOf(this.life);
	}

	image(): string {
		const { file } = this.life.bootstrap;
		return toHex(file.buffer.subarray(0, file.length));
	}
}

const STATES = ["unknown", "first", "unchanged", "changed", "removed", "absent", "failed"];
const REASONS = ["none", "content", "card", "place"];

export function urisOf(life: Life): string[] {
	const uris: string[] = [];
	if (!life.valid) return uris;
	const { file } = life.bootstrap;
	const accounts = new Accounts(file);
	accounts.begin();
	while (accounts.next()) {
		const { security } = accounts;
		if (!security.resource(SERVER_URI)) continue;
		uris.push(Buffer.from(file.buffer.subarray(security.from, security.to)).toString());
	}
	return uris;
}

/** A file with one server. */
export function serverFile(uri: string, lifetime = 86400, key = "secret"): Uint8Array {
	const four = new Uint8Array([lifetime >> 24, (lifetime >> 16) & 255, (lifetime >> 8) & 255, lifetime & 255]);
	const one = new Uint8Array([1]);
	const none = new Uint8Array([0]);
	const security = joinBytes([
		tlv(RESOURCE, 0, ascii(uri)),
		tlv(RESOURCE, 1, none),
		tlv(RESOURCE, 2, none),
		tlv(RESOURCE, 3, ascii("identity")),
		tlv(RESOURCE, 5, ascii(key)),
		tlv(RESOURCE, 10, one),
	]);
	const server = joinBytes([tlv(RESOURCE, 0, one), tlv(RESOURCE, 1, four), tlv(RESOURCE, 7, ascii("U"))]);
	return fileOf([0, [tlv(OBJECT_INSTANCE, 0, security)]], [1, [tlv(OBJECT_INSTANCE, 0, server)]]);
}
