// Records that outlive a restart, in Storage. Its names have at most 28 characters; a record that is the same is not written again,
// since flash wears out.

import type { Store } from "../../src/platform.js";

export class FlashStore implements Store {
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

	write(key: string, bytes: Uint8Array): boolean {
		const storage = this.storage;
		if (storage.read(key) === E.toString(bytes)) return true;
		return storage.write(key, E.toString(bytes));
	}
}
