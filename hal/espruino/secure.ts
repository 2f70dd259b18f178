// The module simscp03: keys for the secure channel to the card, for whoever has some. It is a file of its own, and works with the module
// simstrap of the same build and with the boards' ready files.

import { SecureChannel } from "../../src/secure-channel.js";
import { BUILD } from "./build.js";
import type { Keys } from "./compose.js";
import { aes, hardwareRandom } from "./crypto.js";

export type { Keys } from "./compose.js";

export interface KeyOptions {
	/** The static keys, Key-ENC and Key-MAC, 16, 24 or 32 bytes each. They are used at each connection: wipe them when there will be none. */
	enc: Uint8Array;
	mac: Uint8Array;
	/** The key version number, 0 to 127; 0, which is the first that the card has, when not given. */
	kvn?: number;
	/** 8 or 16: the bytes of challenges, cryptograms and MACs; 8 when not given. */
	sMode?: number;
	/** "require", when not given: without a session nothing is read; "prefer": without protection where the card does not know the commands. */
	policy?: "require" | "prefer";
	/** Fills a Uint8Array with numbers that nobody can predict. Needed on boards whose register is not known here (crypto.ts). */
	random?: (bytes: Uint8Array) => void;
	/** For keys that are not the same in each card: makes those of the card of `data`, in place. */
	diversify?: (data: Uint8Array, enc: Uint8Array, mac: Uint8Array) => void;
}

function nameOf(code: number): string {
	const names = "UNKNOWN,UNSUPPORTED,NO_KEYS,DENIED,ANSWER,LEVEL,KEYS_WRONG,HOST_REFUSED,KEYS_BLOCKED,REQUIRED,BROKEN";
	const name = names.split(",")[-80 - code];
	return name === undefined ? "" + code : "SECURE_" + name;
}

/**
 * What `options.secure` of `connect` and `verify` takes.
 *
 * @throws TypeError when an option is out of its range, the platform has no AES or no random numbers, or the module simstrap is of another build
 */
export function keys(options: KeyOptions): Keys {
	if ((require("simstrap") as { build: string }).build !== BUILD)
		throw new TypeError("simscp03: expected the module simstrap of the same build");
	const random = options.random === undefined ? hardwareRandom(process.env.BOARD) : options.random;
	if (random === undefined) throw new TypeError("random: expected a source, since there is none for this board");
	return {
		cover: () =>
			new SecureChannel({
				enc: options.enc,
				mac: options.mac,
				kvn: options.kvn,
				sMode: options.sMode,
				policy: options.policy,
				aes: aes,
				random: random,
				diversify: options.diversify,
			}),
		nameOf: nameOf,
	};
}
