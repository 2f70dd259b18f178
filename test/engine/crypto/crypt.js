// The module `crypt` of the Moddable SDK as far as it is used, over the tests' AES: as native objects do, a cipher copies its key, makes a
// key schedule when the direction changes, takes nothing but whole buffers, and allocates only where it is given no buffer for the result.
//
// A digest takes whole buffers and views, and gives a new buffer. What it computes with was made beforehand, so that a call allocates no more
// than the SDK's: the object, and the result.

import { Aes } from "virtual";

export const counts = { made: 0, schedules: 0, blocks: 0 };

export class BlockCipher {
	constructor(cipher, key) {
		if (cipher !== "AES") throw new Error("unsupported cipher");
		if (!(key instanceof ArrayBuffer)) throw new TypeError("no array buffer");
		if (![16, 24, 32].includes(key.byteLength)) throw new Error("bad key size");
		this.aes = new Aes(new Uint8Array(key));
		// The buffers of the core, each with the array that the tests' AES takes.
		this.views = new Map();
		this.direction = -1;
		counts.made += 1;
	}
	encrypt(data, result) {
		const block = this.blockOf(data, result, 0);
		this.aes.encrypt(block);
		return result;
	}
	decrypt(data, result) {
		const block = this.blockOf(data, result, 1);
		this.aes.decrypt(block);
		return result;
	}
	blockOf(data, result, direction) {
		if (!(data instanceof ArrayBuffer)) throw new TypeError("no array buffer");
		if (data.byteLength !== 16) throw new Error("bad size");
		if (result !== data) throw new Error("a result in place is what allocates nothing");
		if (this.direction !== direction) {
			this.direction = direction;
			counts.schedules += 1;
		}
		counts.blocks += 1;
		let view = this.views.get(data);
		if (view === undefined) {
			view = new Uint8Array(data);
			this.views.set(data, view);
		}
		return view;
	}
}

const SHA256_BLOCK_BYTES = 64;
const SHA256_BYTES = 32;

/** The first 32 bits of the fractional parts of roots of primes (FIPS 180-4, 4.2.2 and 5.3.3). */
function rootsOfPrimes(count, exponent) {
	const roots = new Int32Array(count);
	for (let candidate = 2, found = 0; found < count; candidate++) {
		let prime = true;
		for (let i = 2; i * i <= candidate; i++) if (candidate % i === 0) prime = false;
		if (prime) roots[found++] = (candidate ** exponent * 0x100000000) | 0;
	}
	return roots;
}

const K = rootsOfPrimes(64, 1 / 3);
const H = rootsOfPrimes(8, 1 / 2);
const state = new Int32Array(8);
const words = new Int32Array(64);
const block = new Uint8Array(SHA256_BLOCK_BYTES);

function turned(x, n) {
	return (x >>> n) | (x << (32 - n));
}

/** FIPS 180-4, 6.2.2. */
function process() {
	for (let t = 0; t < 16; t++) {
		words[t] = (block[4 * t] << 24) | (block[4 * t + 1] << 16) | (block[4 * t + 2] << 8) | block[4 * t + 3];
	}
	for (let t = 16; t < 64; t++) {
		const x = words[t - 15];
		const y = words[t - 2];
		const s0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
		const s1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10);
		words[t] = (s1 + words[t - 7] + s0 + words[t - 16]) | 0;
	}
	let a = state[0];
	let b = state[1];
	let c = state[2];
	let d = state[3];
	let e = state[4];
	let f = state[5];
	let g = state[6];
	let h = state[7];
	for (let t = 0; t < 64; t++) {
		const t1 =
			(h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + ((K[t] + words[t]) | 0)) | 0;
		const t2 = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
		h = g;
		g = f;
		f = e;
		e = (d + t1) | 0;
		d = c;
		c = b;
		b = a;
		a = (t1 + t2) | 0;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

export class Digest {
	constructor(name) {
		if (name !== "SHA256") throw new Error("crypt: unsupported digest");
		this.length = 0;
		this.reset();
	}
	write(data) {
		if (!(data instanceof Uint8Array)) throw new TypeError("the stand-in takes views only");
		for (let i = 0; i < data.length; i++) this.put(data[i]);
	}
	put(byte) {
		block[this.length % SHA256_BLOCK_BYTES] = byte;
		this.length += 1;
		if (this.length % SHA256_BLOCK_BYTES === 0) process();
	}
	close() {
		const bits = 8 * this.length;
		this.put(0x80);
		while (this.length % SHA256_BLOCK_BYTES !== SHA256_BLOCK_BYTES - 8) this.put(0);
		for (let i = 0; i < 4; i++) this.put(0);
		for (let i = 24; i >= 0; i -= 8) this.put((bits >>> i) & 255);
		const bytes = new Uint8Array(SHA256_BYTES);
		for (let i = 0; i < SHA256_BYTES; i++) bytes[i] = state[i >> 2] >> (24 - 8 * (i & 3));
		return bytes.buffer;
	}
	reset() {
		this.length = 0;
		for (let i = 0; i < state.length; i++) state[i] = H[i];
	}
}
