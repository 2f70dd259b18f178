// What a platform lends the core. Interfaces only: nothing here runs. A HAL implements them; the core never knows which.

/** The way to the modem's UART. */
export interface Port {
	/**
	 * Takes as many of bytes[from … to) as can be sent without waiting, copies or sends them, and returns how many.
	 * 0 is fine: the core offers the rest at its next poll, which a platform that learns when it can write again calls at once.
	 * The array is the core's own and changes after the call.
	 */
	write(bytes: Uint8Array, from: number, to: number): number;
}

/**
 * Runs of hex digits to bytes and back. src/hex.ts has the portable one; a platform with a native routine puts its own in
 * its place.
 */
export interface HexCodec {
	/**
	 * Decodes the digit pairs in source[from … to), an even number, to target from `at` on, and returns how many bytes it made.
	 * It stops before the first pair that is not two digits. What does not fit the target is decoded and dropped.
	 */
	decode(source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): number;
	/**
	 * The same, but compares with reference from `at` on instead of writing. It also stops before the first pair that differs.
	 */
	compare(source: Uint8Array, from: number, to: number, reference: Uint8Array, at: number): number;
	/** Writes bytes[from … to) as upper-case digits to target from `at` on, and returns the place behind the last. */
	encode(bytes: Uint8Array, from: number, to: number, target: Uint8Array, at: number): number;
}

/** The key that switches the modem on and off. */
export const PIN_PWRKEY = 0;
/** The modem's RESET. */
export const PIN_RESET = 1;
/** The switch of the modem's supply. */
export const PIN_POWER = 2;
/** Lets the modem sleep (DTR). */
export const PIN_SLEEP = 3;
/** Switches the radio off (flight mode). */
export const PIN_FLIGHT = 4;
/** Tells the modem that it may send (RTS), where nothing else does. */
export const PIN_RTS = 5;
/** Whatever else a board has to be held at a level. */
export const PIN_OTHER = 6;
/** How many roles there are. */
export const PIN_ROLES = 7;

/** The lines of a board around its modem, by what they do and not by their levels. */
export interface Pins {
	/** Makes a line do its work (the key is pressed, the supply is on) or not. A role that the board has no pin for is nothing. */
	set(role: number, active: boolean): void;
	/**
	 * Sets a register of the chip that feeds the modem: what it holds & keep | value. False when the chip does not answer, or
	 * the board has none.
	 */
	supply(register: number, keep: number, value: number): boolean;
}

/**
 * Encrypts and decrypts single blocks of 16 bytes with one AES key. A block is always an array with a buffer of its own of that size. What a
 * call allocates is allocated in every protected exchange.
 */
export interface BlockCipher {
	/** Encrypts `block`, 16 bytes, in place. */
	encrypt(block: Uint8Array): void;
	/** Decrypts `block`, 16 bytes, in place. */
	decrypt(block: Uint8Array): void;
	/** Forgets the key as well as the platform can. It is not used afterwards. */
	close(): void;
}

/** AES (FIPS 197) for a key of 16, 24 or 32 bytes. The key is wiped after the call: what is needed of it has to be copied. */
export type Aes = (key: Uint8Array) => BlockCipher;

/** Fills `bytes` from a source that nobody can predict. A platform that has none leaves it out: there is no substitute. */
export type RandomSource = (bytes: Uint8Array) => void;

/** Small records that outlive a restart. */
export interface Store {
	/** Reads the record `key` into the beginning of `into`, and returns its length; -1 when there is none, or it does not fit. */
	read(key: string, into: Uint8Array): number;
	/** Writes all of `bytes` as the record `key`. False when it cannot be kept. */
	write(key: string, bytes: Uint8Array): boolean;
}

/** The same for what was read from a card. A key has at most 15 letters and digits, a record at most 2 KB. */
export interface RecordStore {
	/** Reads the record `key` into the beginning of `into`, and returns its length; -1 when there is none, or it does not fit. */
	read(key: string, into: Uint8Array): number;
	/** Writes bytes[0 … length) as the record `key`, for good once it has returned. False when it cannot be kept. */
	write(key: string, bytes: Uint8Array, length: number): boolean;
	/** Removes the record `key`; there may be none. False when it may still be there. */
	remove(key: string): boolean;
}

/** SHA-256 (FIPS 180-4) of bytes[0 … length) to the 32 bytes of `into`. False when the platform could not make it. */
export type Sha256 = (bytes: Uint8Array, length: number, into: Uint8Array) => boolean;

/** What an application lends its modem's line for a while: `Life.verify`. */
export interface Lender {
	/** The line cannot be lent: a command of the application's is pending, or the modem is in data mode and nothing is multiplexed. */
	readonly busy: boolean;
	/** bytes[from … to) have come that are not an answer to what was asked here. Every such byte comes once and in order, line ends included. */
	onUnsolicited(bytes: Uint8Array, from: number, to: number): void;
}
