// What the core needs of Node's cryptography: AES, one block at a time, random bytes, and SHA-256.

import { createCipheriv, createDecipheriv, createHash, randomFillSync } from "node:crypto";
import type { BlockCipher } from "../../src/platform.js";

/** AES by OpenSSL. In ECB one cipher object serves for any number of blocks. */
export function aes(key: Uint8Array): BlockCipher {
	const name = `aes-${8 * key.length}-ecb`;
	const encryption = createCipheriv(name, key, null).setAutoPadding(false);
	const decryption = createDecipheriv(name, key, null).setAutoPadding(false);
	return {
		encrypt: (block) => block.set(encryption.update(block)),
		decrypt: (block) => block.set(decryption.update(block)),
		close() {
			encryption.final();
			decryption.final();
		},
	};
}

export function random(bytes: Uint8Array): void {
	randomFillSync(bytes);
}

export function sha256(bytes: Uint8Array, length: number, into: Uint8Array): boolean {
	into.set(createHash("sha256").update(bytes.subarray(0, length)).digest());
	return true;
}
