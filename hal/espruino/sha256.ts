// What makes the fingerprint of a file: the firmware's own SHA-256.

import type { Sha256 } from "../../src/platform.js";

/**
 * The firmware's SHA-256, by mbedTLS, for the fingerprint of a file. Where there is no memory for it there is no fingerprint.
 *
 * @returns undefined where the firmware was built without it
 */
export function firmwareSha256(): Sha256 | undefined {
	let native: ((message: Uint8Array) => ArrayBuffer) | undefined;
	try {
		// biome-ignore lint/style/useNodejsImportProtocol: Espruino's library
		native = (require("crypto") as EspruinoCrypto).SHA256;
	} catch (_error) {
		return undefined;
	}
	const digest = native;
	if (digest === undefined) return undefined;
	return (bytes, length, into) => {
		try {
			into.set(new Uint8Array(digest(length === bytes.length ? bytes : bytes.subarray(0, length))));
			return true;
		} catch (_error) {
			return false;
		}
	};
}
