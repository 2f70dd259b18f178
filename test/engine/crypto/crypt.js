// The module `crypt` of the Moddable SDK as far as it is used, over the tests' AES: as native objects do, a cipher copies its key, makes a
// key schedule when the direction changes, takes nothing but whole buffers, and allocates only where it is given no buffer for the result.

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
