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
