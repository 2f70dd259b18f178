// As much of Espruino as the bundle needs, in a bare context: a language without what Espruino does not have, its oddities where
// they can be had (slice of a Uint8Array is a plain Array; set takes a text and cuts what does not fit), E, Storage, Modules, pins, timers
// and a UART with a modem in software behind it, all in virtual time.

import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import type { Wire } from "../../virtual/index.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** A `data` event brings so many characters at most. */
const EVENT_CHARS = 63;

const MISSING = [
	...["Symbol", "Map", "Set", "WeakMap", "WeakSet", "WeakRef", "FinalizationRegistry", "Proxy", "Reflect", "BigInt"],
	...[
		"BigInt64Array",
		"BigUint64Array",
		"RangeError",
		"EvalError",
		"URIError",
		"AggregateError",
		"Intl",
		"WebAssembly",
	],
	...["Atomics", "SharedArrayBuffer", "globalThis", "console"],
];
const MISSING_MEMBERS = [
	...[
		"Object.freeze",
		"Object.isFrozen",
		"Object.seal",
		"Object.is",
		"Math.imul",
		"Math.trunc",
		"Math.clz32",
		"Math.sign",
	],
	...["Number.isInteger", "Array.from", "Array.of", "Uint8Array.from", "Uint8Array.of", "Array.prototype.copyWithin"],
	...["Object.getPrototypeOf(Uint8Array.prototype).copyWithin"],
];

const LANGUAGE = `
${MISSING_MEMBERS.map((member) => `delete ${member};`).join("\n")}
(function () {
	const bytes = Uint8Array.prototype;
	const set = bytes.set;
	bytes.slice = function (from, to) { return Array.prototype.slice.call(this, from, to); };
	bytes.set = function (data, at) {
		const room = this.length - (at || 0);
		for (let i = 0; i < data.length && i < room; i++)
			this[(at || 0) + i] = typeof data === "string" ? data.charCodeAt(i) : data[i];
	};
})();
// Whoever wants to look at all memory that was taken finds it.
(function (Native) {
	Uint8Array = function (length) {
		const made = new Native(length);
		host.arrays.push(made);
		return made;
	};
	Uint8Array.prototype = Native.prototype;
})(Uint8Array);
function Uint24Array(buffer) { this.bytes = new Uint8Array(buffer); this.length = (this.bytes.length / 3) | 0; }
const E = {
	// As the interpreter does it, element by element and without a look ahead: source and target may be the same.
	mapInPlace: function (from, to, map, bits) {
		const least = bits < 0;
		const width = bits === undefined ? 8 : Math.abs(bits);
		let element = 0;
		let held = 0;
		let i = 0;
		for (let n = 0; (i < from.length || held >= width) && n < to.length; n++) {
			while (held < width) {
				const value = i < from.length ? from[i] : 0;
				if (least) element |= value << held;
				else element = (element << 8) | value;
				i += 1;
				held += 8;
			}
			let value = 0;
			if (least) {
				value = element & ((1 << width) - 1);
				element >>= width;
			} else value = (element >> (held - width)) & ((1 << width) - 1);
			held -= width;
			if (map) value = map[value];
			if (to instanceof Uint24Array) for (let k = 0; k < 3; k++) to.bytes[3 * n + k] = value >> (8 * k);
			else to[n] = value;
		}
	},
	toString: function (bytes) { return String.fromCharCode.apply(null, bytes); },
	toUint8Array: function (text) {
		const bytes = new Uint8Array(text.length);
		bytes.set(text);
		return bytes;
	},
	getErrorFlags: function () { return host.takeFlags(); },
};
const process = { version: host.version, env: { BOARD: "LINUX" } };
const Modules = { addCached: function (name, code) { host.addModule(name, String(code)); } };
function require(name) { return host.require(name); }
function print() { host.prints.push(Array.prototype.join.call(arguments, " ")); }
function getTime() { return (host.epoch + host.now) / 1000; }
function digitalWrite(pin, value) { host.pins.push(pin + "=" + (value ? 1 : 0)); }
function setTimeout(f, ms, argument) { return host.setTimer(f, ms, argument); }
function clearTimeout(timer) { host.clearTimer(timer); }
const I2C1 = {
	setup: function (options) { host.i2cLog(JSON.stringify(options)); },
	writeTo: function (address, register, value) {
		host.i2cLog(address + ":" + register + (value === undefined ? "" : "=" + value));
	},
	readFrom: function (address, count) { return new Uint8Array(count); },
};
const global = { Serial2: host.serial, Serial3: host.other };
`;

interface Timer {
	at: number;
	run: (argument?: unknown) => void;
	argument: unknown;
}

export interface ConnectFailure {
	code: string;
	message: string;
	step: number;
	sw: number;
	cme: number;
}

export interface AccountsView {
	next(): boolean;
	shortServerId: number;
	fault: number;
	security: { resource(id: number): boolean; text(): string };
}

export interface ConnectionView {
	state: string;
	reason: string;
	kept: boolean;
	fingerprint: Uint8Array | null;
	close(): void;
}

export type Callback = (error: ConnectFailure | null, accounts?: AccountsView, connection?: ConnectionView) => void;

export interface Exports {
	connect(serial: unknown, options: object, callback: Callback): ConnectionView | undefined;
	verify(serial: unknown, options: object, callback: Callback): ConnectionView | undefined;
	start(): ConnectionView | undefined;
	/** Of the module simscp03. */
	keys(options: object): object;
}

/** The library's: whole messages, and a new buffer for each answer. */
const AES = {
	encrypt: (message: Uint8Array, key: Uint8Array) => block(message, key, createCipheriv),
	decrypt: (message: Uint8Array, key: Uint8Array) => block(message, key, createDecipheriv),
};

/** Likewise. */
function digest(message: Uint8Array): ArrayBuffer {
	return new Uint8Array(createHash("sha256").update(Uint8Array.from(message)).digest()).buffer;
}

function block(
	message: Uint8Array,
	key: Uint8Array,
	make: typeof createCipheriv | typeof createDecipheriv,
): ArrayBuffer {
	const bytes = make(`aes-${8 * key.length}-ecb`, Uint8Array.from(key), null)
		.setAutoPadding(false)
		.update(Uint8Array.from(message));
	return new Uint8Array(bytes).buffer;
}

export class SerialFake {
	listeners: ((data: string) => void)[] = [];
	setups: unknown[] = [];
	sent = 0;
	private readonly host: Espruino;

	constructor(host: Espruino) {
		this.host = host;
	}

	on(_event: string, listener: (data: string) => void): void {
		this.listeners.push(listener);
	}

	removeListener(_event: string, listener: (data: string) => void): void {
		this.listeners = this.listeners.filter((other) => other !== listener);
	}

	write(bytes: ArrayLike<number>): void {
		const copy = Uint8Array.from(bytes);
		this.sent += copy.length;
		this.host.wire.receive(copy, 0, copy.length, this.host.now);
	}

	setup(...settings: unknown[]): void {
		this.setups.push(settings);
	}
}

export class Espruino {
	now = 0;
	/** What getTime says at the beginning, in milliseconds. */
	epoch = 0;
	flags: string[] = [];
	prints: string[] = [];
	pins: string[] = [];
	/** What was thrown out of an event. */
	uncaught: unknown[] = [];
	/** The most bytes that came in one go, and the most that the receiver holds: what is more is lost. */
	longest = 0;
	holds = Number.POSITIVE_INFINITY;
	/** What the chip that feeds the modem was told; null for none, which does not acknowledge. */
	i2c: string[] | null = null;
	/** The modem is at Serial3. */
	atOther = false;
	/** What is thrown by Storage, and how much it can still take. */
	storageError: Error | null = null;
	free = 500000;
	/** It was compacted, and the code that is being run has moved. */
	compacted = false;
	writes: string[] = [];
	/** Every Uint8Array that was made. */
	arrays: Uint8Array[] = [];
	/** Whether the library "crypto" has AES, and SHA256. */
	aes = true;
	sha256 = true;
	readonly serial: SerialFake;
	readonly other: SerialFake;
	private readonly timers = new Map<number, Timer>();
	private lastTimer = 0;
	private readonly modules = new Map<string, Exports>();
	private readonly context: object;

	constructor(
		readonly version: string,
		public wire: Wire,
		/** What is in flash, and stays there when the power goes. */
		readonly storage = new Map<string, string>(),
	) {
		this.serial = new SerialFake(this);
		this.other = new SerialFake(this);
		this.context = createContext({ host: this });
		for (const name of MISSING) runInContext(`delete ${name};`, this.context);
		runInContext(LANGUAGE, this.context);
	}

	get pendingTimers(): number {
		return this.timers.size;
	}

	i2cLog(text: string): void {
		if (this.i2c === null) throw new Error("I2C: no acknowledge");
		this.i2c.push(text);
	}

	takeFlags(): string[] {
		const flags = this.flags;
		this.flags = [];
		return flags;
	}

	setTimer(run: (argument?: unknown) => void, ms: number, argument: unknown): number {
		this.lastTimer += 1;
		this.timers.set(this.lastTimer, { at: this.now + ms, run, argument });
		return this.lastTimer;
	}

	clearTimer(timer: number): void {
		this.timers.delete(timer);
	}

	/** Whether these characters stand anywhere in memory. */
	remembers(text: string): boolean {
		return this.arrays.some((bytes) => Buffer.from(Uint8Array.from(bytes)).includes(text));
	}

	/** A file of dist/. */
	textOf(file: string): string {
		return readFileSync(path.join(ROOT, "dist", file), "utf8");
	}

	/** A bundle as `require` would give it. */
	load(file: string): Exports {
		return this.evaluate(this.textOf(file));
	}

	/** A file that is run as it is, from Storage at power-on. */
	runFile(file: string): void {
		runInContext(this.textOf(file), this.context);
	}

	/** What `require` gives. */
	require(name: string): Exports {
		if (name === "Storage") return this.flash as unknown as Exports;
		if (name === "crypto") {
			return { AES: this.aes ? AES : undefined, SHA256: this.sha256 ? digest : undefined } as unknown as Exports;
		}
		let module = this.modules.get(name);
		if (module === undefined) {
			const source = this.storage.get(name);
			if (source === undefined) throw new Error(`Module "${name}" not found`);
			module = this.evaluate(source);
			this.modules.set(name, module);
		}
		return module;
	}

	/** Espruino takes the text between a function's braces as the module. */
	addModule(name: string, code: string): void {
		this.modules.set(name, this.evaluate(code.slice(code.indexOf("{") + 1, code.lastIndexOf("}"))));
	}

	/** Runs a CommonJS module. */
	evaluate(source: string): Exports {
		const exports = {};
		runInContext(`(function (exports) {${source}\n})`, this.context)(exports);
		return exports as Exports;
	}

	private readonly flash = {
		read: (key: string) => this.storage.get(key),
		write: (key: string, data: ArrayLike<number>) => {
			if (this.storageError !== null) throw this.storageError;
			const text = Buffer.from(Uint8Array.from(data)).toString("latin1");
			if (this.storage.get(key) === text) return true;
			if (text.length + 32 > this.free) this.compacted = true;
			this.free -= text.length + 32;
			this.writes.push(key);
			this.storage.set(key, text);
			return true;
		},
		erase: (key: string) => {
			this.storage.delete(key);
		},
		getFree: () => this.free,
	};

	/** Runs events until `until` says so or nothing is left to happen. */
	run(until: () => boolean, maxMs = 300000): void {
		const end = this.now + maxMs;
		const buffer = new Uint8Array(8192);
		while (!until() && this.now < end) {
			const count = this.wire.read(buffer, 0, buffer.length, this.now);
			if (count > 0) {
				this.deliver(Buffer.from(buffer.subarray(0, count)).toString("latin1"));
				continue;
			}
			let next = Number.POSITIVE_INFINITY;
			let due = 0;
			for (const [id, { at }] of this.timers)
				if (at < next) {
					next = at;
					due = id;
				}
			const heard = this.wire.nextAt(this.now);
			if (heard !== -1 && heard < next) {
				this.now = Math.max(heard, this.now + 1);
				continue;
			}
			const timer = this.timers.get(due);
			if (timer === undefined) return;
			this.now = Math.max(this.now, timer.at);
			this.timers.delete(due);
			this.guard(() => timer.run(timer.argument));
		}
	}

	private deliver(text: string): void {
		this.longest = Math.max(this.longest, text.length);
		if (text.length > this.holds) this.flags.push("FIFO_FULL");
		const held = text.slice(0, Math.min(text.length, this.holds));
		for (let at = 0; at < held.length; at += EVENT_CHARS)
			for (const listener of (this.atOther ? this.other : this.serial).listeners)
				this.guard(() => listener(held.slice(at, at + EVENT_CHARS)));
	}

	/** What an event throws is printed by Espruino, and life goes on. */
	private guard(run: () => void): void {
		try {
			run();
		} catch (error) {
			this.uncaught.push(error);
		}
	}
}
