// AES by the SDK's own block cipher. A separate folder and manifest: an app that gives no keys links neither this nor the SDK's `crypt`.
//
// There is no random source beside it, and the application brings one. The SDK's `rng` is RC4 from a seed of 16 bytes, which is the C
// library's rand() on most platforms; an ESP32 has esp_fill_random, which no module of the SDK gives (docs/moddable.md shows how to).

/// <reference path="./crypt.d.ts" />
import * as crypt from "crypt";
import type { BlockCipher } from "../../src/platform.js";

/** What the SDK's own typings leave out. All arguments are whole buffers, and the result may go to the one that it is made of. */
interface NativeCipher {
	encrypt(block: ArrayBuffer, into: ArrayBuffer): ArrayBuffer;
	decrypt(block: ArrayBuffer, into: ArrayBuffer): ArrayBuffer;
}

interface Native {
	/** It throws when the key has not 16, 24 or 32 bytes. */
	readonly BlockCipher: new (
		cipher: "AES",
		key: ArrayBuffer,
	) => NativeCipher;
}

/**
 * Two native objects, one for each direction: one of its own would make its key schedule anew whenever the direction changes. They take
 * whole buffers, which the blocks of the core are; with a buffer for the result they allocate nothing.
 */
class AesCipher implements BlockCipher {
	private encryption: NativeCipher | undefined;
	private decryption: NativeCipher | undefined;

	constructor(key: Uint8Array) {
		// The native object copies all of the buffer, whatever part of it the array has.
		const copy = new Uint8Array(key);
		const { BlockCipher: NativeAes } = crypt as unknown as Native;
		this.encryption = new NativeAes("AES", copy.buffer);
		this.decryption = new NativeAes("AES", copy.buffer);
		copy.fill(0);
	}

	encrypt(block: Uint8Array): void {
		const cipher = this.encryption;
		const buffer = block.buffer as ArrayBuffer;
		if (cipher === undefined) throw new TypeError("AES: the key is forgotten");
		cipher.encrypt(buffer, buffer);
	}

	decrypt(block: Uint8Array): void {
		const cipher = this.decryption;
		const buffer = block.buffer as ArrayBuffer;
		if (cipher === undefined) throw new TypeError("AES: the key is forgotten");
		cipher.decrypt(buffer, buffer);
	}

	/** Lets go of the native objects. They have no way to be wiped: their keys stay in the heap until it is used again. */
	close(): void {
		this.encryption = undefined;
		this.decryption = undefined;
	}
}

/** AES for a key of 16, 24 or 32 bytes: two objects of the SDK, which it needs only when a session is opened. */
export function aes(key: Uint8Array): BlockCipher {
	return new AesCipher(key);
}
