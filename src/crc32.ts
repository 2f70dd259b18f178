// CRC-32 (ISO 3309, ITU-T V.42; the one of Ethernet and zip): x^32 + x^26 + ... + 1, reflected, half a byte at a time.

const REFLECTED_POLYNOMIAL = 0xedb88320 | 0;
const NIBBLES = 16;

export class Crc32 {
	/** What has been taken so far comes to this; a signed 32-bit number. */
	private rest: number;
	/** In the instance, since a preloaded module's arrays are read-only. */
	private readonly table: Int32Array;

	constructor() {
		const table = new Int32Array(NIBBLES);
		for (let i = 0; i < NIBBLES; i++) {
			let value = i;
			for (let bit = 0; bit < 4; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ REFLECTED_POLYNOMIAL : value >>> 1;
			table[i] = value;
		}
		this.table = table;
		this.rest = -1;
	}

	begin(): void {
		this.rest = -1;
	}

	/** Takes bytes[from … to). */
	take(bytes: Uint8Array, from: number, to: number): void {
		const table = this.table;
		let rest = this.rest;
		for (let i = from; i < to; i++) {
			rest ^= bytes[i];
			rest = (rest >>> 4) ^ table[rest & 15];
			rest = (rest >>> 4) ^ table[rest & 15];
		}
		this.rest = rest;
	}

	/** The checksum of what was taken since `begin`, as a signed 32-bit number. */
	get value(): number {
		return ~this.rest;
	}
}
