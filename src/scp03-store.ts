// The keys of the secure channel in a platform's store: for devices that get them once, when they are made.
//
//   key version number | 08 or 10 (S8, S16) | Key-ENC | Key-MAC

import type { Store } from "./platform.js";

const STORE_KEY = "simscp03";
const ENC_AT = 2;
const RECORD_MAX_BYTES = ENC_AT + 2 * 32;

/** What SecureOptions needs of them. */
export interface StoredKeys {
	enc: Uint8Array;
	mac: Uint8Array;
	kvn: number;
	sMode: number;
}

/** Reads the keys; null when there are none. Wipe `enc` and `mac` when a SecureChannel has its copy. */
export function readKeys(store: Store): StoredKeys | null {
	const record = new Uint8Array(RECORD_MAX_BYTES);
	const length = (store.read(STORE_KEY, record) - ENC_AT) >> 1;
	let keys: StoredKeys | null = null;
	if (length === 16 || length === 24 || length === 32) {
		keys = { enc: new Uint8Array(length), mac: new Uint8Array(length), kvn: record[0], sMode: record[1] };
		for (let i = 0; i < length; i++) {
			keys.enc[i] = record[ENC_AT + i];
			keys.mac[i] = record[ENC_AT + length + i];
		}
	}
	record.fill(0);
	return keys;
}

/**
 * Keeps the keys; a platform whose store is not encrypted keeps them in the clear. False when they cannot be kept.
 *
 * @throws TypeError when the keys have another length than 16, 24 or 32 bytes, or not the same
 */
export function writeKeys(store: Store, keys: StoredKeys): boolean {
	const length = keys.enc.length;
	if ((length !== 16 && length !== 24 && length !== 32) || keys.mac.length !== length) {
		throw new TypeError("expected two keys of 16, 24 or 32 bytes, got " + length + " and " + keys.mac.length);
	}
	const record = new Uint8Array(ENC_AT + 2 * length);
	record[0] = keys.kvn;
	record[1] = keys.sMode;
	record.set(keys.enc, ENC_AT);
	record.set(keys.mac, ENC_AT + length);
	const kept = store.write(STORE_KEY, record);
	record.fill(0);
	return kept;
}
