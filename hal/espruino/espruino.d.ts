// What Espruino lends: only what this folder uses. The names here are Espruino's own and stay as they are in the bundle.

/** A UART, or LoopbackA and LoopbackB. */
interface Serial {
	/** Strings of bytes, at most 63 of them on most boards. */
	on(event: "data", listener: (data: string) => void): void;
	removeListener(event: "data", listener: (data: string) => void): void;
	write(bytes: Uint8Array): void;
	setup(baud: number, options: SerialPins): void;
}

interface SerialPins {
	rx: number;
	tx: number;
}

/** An I2C bus. */
interface I2C {
	setup(options: { sda: number; scl: number; bitrate: number }): void;
	writeTo(address: number, first: number, second?: number): void;
	readFrom(address: number, count: number): Uint8Array;
}

interface EspruinoE {
	/** Each element of `from`, or each `bits` bits of it, looked up in `map` and written to the next element of `to`; as many as both have. */
	mapInPlace(from: ArrayBufferView, to: ArrayBufferView, map: ArrayBufferView | undefined, bits?: number): void;
	/** A string of the same bytes; undefined when there is no memory for it. */
	toString(bytes: Uint8Array): string | undefined;
	/** The bytes of a string. */
	toUint8Array(text: string): Uint8Array;
	/** What has happened since it was last asked: FIFO_FULL and others. */
	getErrorFlags(): string[];
}

/** Bytes of a string land like an array's. */
interface Uint8Array {
	set(data: string, at?: number): void;
}

/** Elements of three bytes, the lowest first. */
interface Uint24Array extends ArrayBufferView {
	readonly length: number;
}

interface Uint24ArrayConstructor {
	new (buffer: ArrayBufferLike): Uint24Array;
}

/** Files in flash. */
interface EspruinoStorage {
	/** The module's name is `require`'s argument. */
	read(name: string): string | undefined;
	/** Throws when it cannot be kept. */
	write(name: string, data: Uint8Array): boolean;
	erase(name: string): void;
	/** Bytes that can be written before Storage has to be compacted. */
	getFree(): number;
}

interface EspruinoProcess {
	readonly version: string;
	readonly env: { readonly BOARD: string };
}

interface EspruinoAesOptions {
	mode: "ECB";
}

/** Keys of 16, 24 or 32 bytes; whole blocks. */
interface EspruinoAes {
	encrypt(message: Uint8Array, key: Uint8Array, options: EspruinoAesOptions): ArrayBuffer;
	decrypt(message: Uint8Array, key: Uint8Array, options: EspruinoAesOptions): ArrayBuffer;
}

/** The library "crypto". Not every firmware has all of it. */
interface EspruinoCrypto {
	readonly AES: EspruinoAes | undefined;
	/** 32 bytes. Throws when there is no memory for it. */
	readonly SHA256: ((message: Uint8Array) => ArrayBuffer) | undefined;
}

declare const E: EspruinoE;
declare const Uint24Array: Uint24ArrayConstructor;
declare const process: EspruinoProcess;
declare const I2C1: I2C;
/** The global object: Serial1, Serial2, ... by name. */
declare const global: { readonly [name: string]: unknown };

declare function require(name: string): unknown;
declare function peek32(address: number): number;
declare function print(what: unknown): void;
/** Seconds; it jumps when the clock is set. */
declare function getTime(): number;
declare function digitalWrite(pin: number, value: boolean): void;
declare function setTimeout<T>(listener: (argument: T) => void, ms: number, argument: T): number;
declare function clearTimeout(timer: number): void;
