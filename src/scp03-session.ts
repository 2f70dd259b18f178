// One SCP03 session (GlobalPlatform Amendment D, 6.2): the session keys and the protection of commands and answers with them.
//
//   command   CLA' INS P1 P2 Lc' | data, padded and encrypted | C-MAC | Le
//   answer    data, padded and encrypted | R-MAC | SW1 SW2
//
// Every MAC goes on from the C-MAC of the command before, so that nothing can be left out, repeated or put elsewhere. What MACs do
// not cover is Le, and the logical channel in CLA; nor are answers protected whose status word tells of an error.

import type { Command } from "./apdu.js";
import { Cmac } from "./cmac.js";
import type { Aes, BlockCipher } from "./platform.js";
import {
	DERIVE_CARD_CRYPTOGRAM,
	DERIVE_HOST_CRYPTOGRAM,
	DERIVE_S_ENC,
	DERIVE_S_MAC,
	DERIVE_S_RMAC,
	derive,
} from "./scp03-keys.js";

const BLOCK_BYTES = 16;
const PADDING = 0x80;
/** Host and card challenge of 16 bytes each. */
const CONTEXT_MAX_BYTES = 32;

/** Whether an answer with this status word carries data and an R-MAC (6.2.4): success and warnings. 91xx and 92xx are success, too. */
export function isProtected(sw: number): boolean {
	if (sw === 0x9000) return true;
	const sw1 = sw >> 8;
	return sw1 === 0x62 || sw1 === 0x63 || sw1 === 0x91 || sw1 === 0x92;
}

/** The CLA byte of a protected command on the same logical channel (GlobalPlatform Card Specification, 11.1.4). */
function protectedCla(cla: number): number {
	return (cla & 0x40) === 0 ? cla | 0x04 : cla | 0x20;
}

/** Whether a[0 … count) are the same as b[at … at + count), in a time that does not depend on them. */
export function sameSecret(a: Uint8Array, b: Uint8Array, at: number, count: number): boolean {
	let difference = 0;
	for (let i = 0; i < count; i++) difference |= a[i] ^ b[at + i];
	return difference === 0;
}

export class Scp03Session {
	/** Host challenge and card challenge, 2 * `size` bytes. */
	readonly context: Uint8Array;
	/** Bytes of a challenge, a cryptogram or a MAC: 8 (S8) or 16 (S16). */
	readonly size: number;
	/** There are session keys. */
	ready: boolean;
	/** The MAC chaining value. */
	readonly chaining: Uint8Array;
	/** The number of the last command, 16 bytes. */
	readonly counter: Uint8Array;

	/** The chaining value before the last command. */
	private readonly before: Uint8Array;
	private readonly aes: Aes;
	/** For S-MAC, and for S-RMAC. While keys are derived, the second one holds the static key. */
	private readonly cmac: Cmac;
	private readonly rmac: Cmac;
	/** For S-ENC. */
	private cipher: BlockCipher | null;
	private readonly block: Uint8Array;
	private readonly icv: Uint8Array;

	constructor(aes: Aes, size: number) {
		this.context = new Uint8Array(CONTEXT_MAX_BYTES);
		this.size = size;
		this.ready = false;
		this.chaining = new Uint8Array(BLOCK_BYTES);
		this.counter = new Uint8Array(BLOCK_BYTES);
		this.before = new Uint8Array(BLOCK_BYTES);
		this.aes = aes;
		this.cmac = new Cmac();
		this.rmac = new Cmac();
		this.cipher = null;
		this.block = new Uint8Array(BLOCK_BYTES);
		this.icv = new Uint8Array(BLOCK_BYTES);
	}

	/**
	 * Makes the session keys (6.2.1) from the static ones and `context`. `key` is a scratch array of their length; it is wiped. This is
	 * the only place where cipher objects of the platform come into being.
	 */
	open(enc: Uint8Array, mac: Uint8Array, key: Uint8Array): void {
		const length = key.length;
		const contextLength = 2 * this.size;
		this.close();
		this.rmac.use(this.aes(enc));
		derive(this.rmac, DERIVE_S_ENC, this.context, contextLength, key, length);
		this.cipher = this.aes(key);
		this.rmac.use(this.aes(mac));
		derive(this.rmac, DERIVE_S_MAC, this.context, contextLength, key, length);
		this.cmac.use(this.aes(key));
		derive(this.rmac, DERIVE_S_RMAC, this.context, contextLength, key, length);
		this.rmac.use(this.aes(key));
		key.fill(0);
		this.chaining.fill(0);
		this.counter.fill(0);
		this.ready = true;
	}

	/** Derives the card's cryptogram to out[0 … size). */
	cardCryptogram(out: Uint8Array): void {
		derive(this.cmac, DERIVE_CARD_CRYPTOGRAM, this.context, 2 * this.size, out, this.size);
	}

	/** Derives the host's cryptogram to out[0 … size). */
	hostCryptogram(out: Uint8Array): void {
		derive(this.cmac, DERIVE_HOST_CRYPTOGRAM, this.context, 2 * this.size, out, this.size);
	}

	/**
	 * Protects plain[0 … length), a short command APDU of any case, and writes it to `command`. False, and nothing sent, when it does not
	 * fit.
	 */
	wrap(plain: Uint8Array, length: number, command: Command): boolean {
		const bytes = command.bytes;
		const count = length > 5 ? plain[4] : 0;
		const padded = count === 0 ? 0 : (count | 15) + 1;
		const lc = padded + this.size;
		if (!this.ready || lc > 255 || 6 + lc > bytes.length) return false;
		for (let i = 0; i < 4; i++) bytes[i] = plain[i];
		for (let i = 0; i < count; i++) bytes[5 + i] = plain[5 + i];
		this.count();
		if (count > 0) this.encrypt(bytes, 5, count);
		command.size = 5 + padded;
		this.seal(command);
		// Le stays as it is, and MACs do not cover it (6.2.4).
		if (length === 5) command.le(plain[4]);
		else if (length === 6 + count) command.le(plain[5 + count]);
		return true;
	}

	/**
	 * Checks bytes[0 … count), the data of an answer that isProtected, and decrypts it in place. Answers how many bytes of plaintext there
	 * are, or -1 when anything about it is not right: then nothing of it may be used.
	 */
	unwrap(bytes: Uint8Array, count: number, sw: number): number {
		const size = this.size;
		if (!this.ready || count < size || count > bytes.length || !this.verify(bytes, count - size, sw)) return -1;
		return count === size ? 0 : this.decrypt(bytes, count - size);
	}

	/** The last command never came to the card: the next one takes its place. */
	unwind(): void {
		const counter = this.counter;
		let at = BLOCK_BYTES;
		this.chaining.set(this.before);
		do {
			at -= 1;
			counter[at] -= 1;
		} while (counter[at] === 255 && at > 0);
	}

	/** Counts a command: each one, with or without data (6.2.6). */
	count(): void {
		const counter = this.counter;
		let at = BLOCK_BYTES;
		do {
			at -= 1;
			counter[at] += 1;
		} while (counter[at] === 0 && at > 0);
	}

	/** Pads the `count` bytes of command data at `from` and encrypts them (6.2.6). Answers how many bytes they have become. */
	encrypt(bytes: Uint8Array, from: number, count: number): number {
		const block = this.block;
		const padded = (count | 15) + 1;
		bytes[from + count] = PADDING;
		for (let i = count + 1; i < padded; i++) bytes[from + i] = 0;
		this.startingBlock(0);
		block.set(this.icv);
		for (let at = from; at < from + padded; at += BLOCK_BYTES) {
			for (let i = 0; i < BLOCK_BYTES; i++) block[i] ^= bytes[at + i];
			this.aesOf().encrypt(block);
			bytes.set(block, at);
		}
		return padded;
	}

	/**
	 * Puts Lc in and the C-MAC behind the command (6.2.4), which is a header, a place for Lc and the data. The MAC is made with the logical
	 * channel 0 in CLA; the channel is put back afterwards.
	 */
	seal(command: Command): void {
		const bytes = command.bytes;
		const cmac = this.cmac;
		const cla = bytes[0];
		let at = command.size;
		bytes[0] = (cla & 0x80) | 0x04;
		bytes[4] = at - 5 + this.size;
		cmac.begin();
		cmac.update(this.chaining, 0, BLOCK_BYTES);
		cmac.update(bytes, 0, at);
		cmac.finish();
		this.before.set(this.chaining);
		this.chaining.set(cmac.mac);
		bytes[0] = protectedCla(cla);
		for (let i = 0; i < this.size; i++) {
			bytes[at] = cmac.mac[i];
			at += 1;
		}
		command.size = at;
	}

	/** Whether the R-MAC behind the `count` bytes of data of an answer is right (6.2.5). */
	verify(bytes: Uint8Array, count: number, sw: number): boolean {
		const rmac = this.rmac;
		rmac.begin();
		rmac.update(this.chaining, 0, BLOCK_BYTES);
		rmac.update(bytes, 0, count);
		rmac.byte(sw >> 8);
		rmac.byte(sw & 255);
		rmac.finish();
		return sameSecret(rmac.mac, bytes, count, this.size);
	}

	/** Decrypts `count` bytes of an answer in place (6.2.7). Answers how many are left without the padding, or -1 when there is none. */
	decrypt(bytes: Uint8Array, count: number): number {
		const block = this.block;
		const icv = this.icv;
		const cipher = this.aesOf();
		if (count === 0 || (count & 15) !== 0) return -1;
		this.startingBlock(PADDING);
		// From the last block to the first: each needs the one before it as it came.
		for (let at = count - BLOCK_BYTES; at >= 0; at -= BLOCK_BYTES) {
			let from = at;
			for (let i = 0; i < BLOCK_BYTES; i++) block[i] = bytes[from++];
			cipher.decrypt(block);
			const before = at === 0 ? icv : bytes;
			from = at === 0 ? 0 : at - BLOCK_BYTES;
			for (let i = 0; i < BLOCK_BYTES; i++) bytes[at + i] = block[i] ^ before[from++];
		}
		block.fill(0);
		let end = count - 1;
		const least = count - BLOCK_BYTES;
		while (end > least && bytes[end] === 0) end -= 1;
		return bytes[end] === PADDING ? end : -1;
	}

	/** Forgets the session. */
	close(): void {
		if (this.cipher !== null) this.cipher.close();
		this.cipher = null;
		this.cmac.close();
		this.rmac.close();
		this.chaining.fill(0);
		this.before.fill(0);
		this.counter.fill(0);
		this.block.fill(0);
		this.icv.fill(0);
		this.ready = false;
	}

	/** The block that CBC starts from: the counter, encrypted; for answers its first byte is 80 (6.2.6 and 6.2.7). */
	private startingBlock(first: number): void {
		const icv = this.icv;
		icv.set(this.counter);
		icv[0] = first;
		this.aesOf().encrypt(icv);
	}

	private aesOf(): BlockCipher {
		if (this.cipher === null) throw new TypeError("SCP03: expected a session");
		return this.cipher;
	}
}
