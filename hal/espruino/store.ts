// Records that outlive a restart, in Storage. Its names have at most 28 characters; a record that is the same is not written again,
// since flash wears out.

import type { RecordStore, Store } from "../../src/platform.js";

export class FlashStore implements Store, RecordStore {
	private readonly storage: EspruinoStorage;

	constructor() {
		this.storage = require("Storage") as EspruinoStorage;
	}

	read(key: string, into: Uint8Array): number {
		const text = this.storage.read(key);
		if (text === undefined || text.length > into.length) return -1;
		into.set(text);
		return text.length;
	}

	write(key: string, bytes: Uint8Array, length?: number): boolean {
		const storage = this.storage;
		const text = E.toString(length === undefined || length === bytes.length ? bytes : bytes.subarray(0, length));
		// There is no room for it in memory; and where there is none in flash, `write` throws.
		if (text === undefined) return false;
		try {
			return storage.read(key) === text || storage.write(key, text);
		} catch (_error) {
			return false;
		}
	}

	remove(key: string): boolean {
		this.storage.erase(key);
		return true;
	}
}
