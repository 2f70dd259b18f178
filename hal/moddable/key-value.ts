// Records in the key-value storage of ECMA-419: NVS on an ESP32. Writing one wears the flash, so it is done when something changed.

import type { Store } from "../../src/platform.js";

/** What is used of `embedded:storage/key-value`. */
export interface KeyValueInstance {
	read(key: string, into: Uint8Array): number | undefined;
	write(key: string, value: Uint8Array): void;
	close(): void;
}

export interface KeyValueIo {
	open(options: { path: string; format: "buffer" }): KeyValueInstance;
}

export class KeyValueStore implements Store {
	private readonly storage: KeyValueInstance;

	/** @param path the name of the records' domain */
	constructor(io: KeyValueIo, path: string) {
		this.storage = io.open({ path: path, format: "buffer" });
	}

	read(key: string, into: Uint8Array): number {
		try {
			const length = this.storage.read(key, into);
			return length === undefined ? -1 : length;
		} catch {
			return -1;
		}
	}

	write(key: string, bytes: Uint8Array): boolean {
		try {
			this.storage.write(key, bytes);
			return true;
		} catch {
			return false;
		}
	}
}
