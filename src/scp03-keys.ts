// The key derivation of SCP03 (GlobalPlatform Amendment D, 4.1.5): SP 800-108 in counter mode with CMAC, the counter behind the length.
//
//   block i = CMAC(key, 00*11 | constant | 00 | L | i | context)        L = length of what is derived, in bits

import type { Cmac } from "./cmac.js";

export const DERIVE_CARD_CRYPTOGRAM = 0x00;
export const DERIVE_HOST_CRYPTOGRAM = 0x01;
export const DERIVE_S_ENC = 0x04;
export const DERIVE_S_MAC = 0x06;
export const DERIVE_S_RMAC = 0x07;

const BLOCK_BYTES = 16;

/** Derives out[0 … length) from the key that `cmac` holds and context[0 … contextLength). */
export function derive(
	cmac: Cmac,
	constant: number,
	context: Uint8Array,
	contextLength: number,
	out: Uint8Array,
	length: number,
): void {
	const bits = length << 3;
	for (let at = 0; at < length; at += BLOCK_BYTES) {
		cmac.begin();
		for (let i = 0; i < 11; i++) cmac.byte(0);
		cmac.byte(constant);
		cmac.byte(0);
		cmac.byte(bits >> 8);
		cmac.byte(bits & 255);
		cmac.byte((at >> 4) + 1);
		cmac.update(context, 0, contextLength);
		cmac.finish();
		const count = Math.min(length - at, BLOCK_BYTES);
		for (let i = 0; i < count; i++) out[at + i] = cmac.mac[i];
	}
}
