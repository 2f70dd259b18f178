// CMAC over AES (NIST SP 800-38B; RFC 4493), fed piece by piece. The message is XORed into the chaining block as it comes; the last
// block is masked with K1 when it is whole, and with K2 and a 1 bit behind it when it is not.

import type { BlockCipher } from "./platform.js";

const BLOCK_BYTES = 16;
/** The constant of the field for blocks of 128 bits (SP 800-38B, 5.3). */
const R = 0x87;

export class Cmac {
	/** After `finish` the MAC, 16 bytes; before that the chaining block. */
	readonly mac: Uint8Array;
	/** K1 and K2. */
	private readonly subkeys: Uint8Array;
	private cipher: BlockCipher | null;
	/** Bytes of the last block that are in. */
	private filled: number;

	constructor() {
		this.mac = new Uint8Array(BLOCK_BYTES);
		this.subkeys = new Uint8Array(2 * BLOCK_BYTES);
		this.cipher = null;
		this.filled = 0;
	}

	/** Takes the key of all MACs to come; the cipher of the last one is closed. */
	use(cipher: BlockCipher): void {
		this.close();
		this.cipher = cipher;
		const block = this.mac;
		cipher.encrypt(block);
		for (let at = 0; at < 2 * BLOCK_BYTES; at += BLOCK_BYTES) {
			const mask = R & -(block[0] >> 7);
			for (let i = 0; i < BLOCK_BYTES - 1; i++) block[i] = (block[i] << 1) | (block[i + 1] >> 7);
			block[BLOCK_BYTES - 1] = (block[BLOCK_BYTES - 1] << 1) ^ mask;
			this.subkeys.set(block, at);
		}
	}

	/** Starts a message. */
	begin(): void {
		this.mac.fill(0);
		this.filled = 0;
	}

	/** bytes[from … to) of the message. */
	update(bytes: Uint8Array, from: number, to: number): void {
		const mac = this.mac;
		const cipher = this.keyed();
		let at = this.filled;
		let i = from;
		while (i < to) {
			if (at === BLOCK_BYTES) {
				cipher.encrypt(mac);
				at = 0;
			}
			// Up to the end of the block or of the bytes: the loop of every byte that comes.
			const end = Math.min(to, i + BLOCK_BYTES - at);
			for (; i < end; i++) mac[at++] ^= bytes[i];
		}
		this.filled = at;
	}

	/** One byte of the message. */
	byte(value: number): void {
		if (this.filled === BLOCK_BYTES) {
			this.keyed().encrypt(this.mac);
			this.filled = 0;
		}
		this.mac[this.filled] ^= value;
		this.filled += 1;
	}

	/** The message is over: `mac` is its MAC. */
	finish(): void {
		const mac = this.mac;
		const subkeys = this.subkeys;
		let at = 0;
		if (this.filled < BLOCK_BYTES) {
			mac[this.filled] ^= 0x80;
			at = BLOCK_BYTES;
		}
		for (let i = 0; i < BLOCK_BYTES; i++) mac[i] ^= subkeys[at + i];
		this.keyed().encrypt(mac);
	}

	/** Forgets the key. */
	close(): void {
		if (this.cipher !== null) this.cipher.close();
		this.cipher = null;
		this.subkeys.fill(0);
		this.mac.fill(0);
		this.filled = 0;
	}

	/** Without a key nothing that could pass for a MAC comes out. */
	private keyed(): BlockCipher {
		if (this.cipher === null) throw new TypeError("CMAC: expected a key");
		return this.cipher;
	}
}
