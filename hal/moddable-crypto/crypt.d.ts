// What @moddable/typings lacks of the SDK's module `crypt`.

declare module "crypt" {
	/** All arguments are whole buffers. The key schedule is made when the direction changes. */
	export class BlockCipher {
		/** @throws when the key has not 16, 24 or 32 bytes */
		constructor(cipher: "AES", key: ArrayBuffer);
		/** The result goes to `into`, which may be `block`. Without it a buffer is made. */
		encrypt(block: ArrayBuffer, into: ArrayBuffer): ArrayBuffer;
		decrypt(block: ArrayBuffer, into: ArrayBuffer): ArrayBuffer;
	}
}
