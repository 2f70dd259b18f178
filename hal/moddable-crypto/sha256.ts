// SHA-256 by the SDK's own digest, for the fingerprint of a file (`remember: { sha256 }`). It is made when a file was read, not at each start;
// the SDK allocates for it each time.

/// <reference path="./crypt.d.ts" />
import * as crypt from "crypt";

/** What the SDK's own typings leave out. */
interface NativeDigest {
	write(bytes: Uint8Array): void;
	/** The digest. The object goes on with `reset`. */
	close(): ArrayBuffer;
	reset(): void;
}

interface Native {
	readonly Digest: new (name: "SHA256") => NativeDigest;
}

/** SHA-256 of bytes[0 … length) to the 32 bytes of `into`. False when there was no memory for it. */
export function sha256(bytes: Uint8Array, length: number, into: Uint8Array): boolean {
	const { Digest } = crypt as unknown as Native;
	try {
		const digest = new Digest("SHA256");
		digest.write(length === bytes.length ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, length));
		into.set(new Uint8Array(digest.close()));
		// The native object still has the last 64 bytes or less, and there may be keys in them: two digests take their place.
		digest.reset();
		digest.write(into);
		digest.write(into);
		return true;
	} catch {
		return false;
	}
}
