// Records that outlive a restart, in Storage. One that is the same is not written again, since flash wears out: Storage sees to that.

import type { RecordStore } from "../../src/platform.js";

/** A file's header in Storage, twice. */
const ROOM_BYTES = 64;

const storage = require("Storage") as EspruinoStorage;

export const flash: RecordStore = {
	read(key: string, into: Uint8Array): number {
		const text = storage.read(key);
		if (text === undefined || text.length > into.length) return -1;
		into.set(text);
		return text.length;
	},

	write(key: string, bytes: Uint8Array, length: number): boolean {
		// Without room Storage would be compacted, and that moves the code which is being run.
		if (storage.getFree() < length + ROOM_BYTES) return false;
		try {
			return storage.write(key, bytes.subarray(0, length));
		} catch (_error) {
			return false;
		}
	},

	remove(key: string): boolean {
		storage.erase(key);
		return true;
	},
};
