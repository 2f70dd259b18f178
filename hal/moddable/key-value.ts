// Records in the key-value storage of ECMA-419: NVS on an ESP32. Writing one wears the flash, so it is done when something changed.

import type { RecordStore, Store } from "../../src/platform.js";

/** What is used of `embedded:storage/key-value`. */
export interface KeyValueInstance {
	read(key: string, into: Uint8Array): number | undefined;
	write(key: string, value: Uint8Array): void;
	delete(key: string): void;
	close(): void;
}

export interface KeyValueIo {
	open(options: { path: string; format: "buffer" }): KeyValueInstance;
}

export class KeyValueStore implements Store, RecordStore {
	private readonly storage: KeyValueInstance;
	private readonly byte: Uint8Array;

	/** @param path the name of the records' domain */
	constructor(io: KeyValueIo, path: string) {
		this.storage = io.open({ path: path, format: "buffer" });
		this.byte = new Uint8Array(1);
	}

	read(key: string, into: Uint8Array): number {
		try {
			const length = this.storage.read(key, into);
			return length === undefined ? -1 : length;
		} catch {
			return -1;
		}
	}

	write(key: string, bytes: Uint8Array, length?: number): boolean {
		try {
			// A view of just these bytes is made only when something is written at all, which is seldom.
			this.storage.write(
				key,
				length === undefined || length === bytes.length
					? bytes
					: new Uint8Array(bytes.buffer, bytes.byteOffset, length),
			);
			return true;
		} catch {
			return false;
		}
	}

	remove(key: string): boolean {
		try {
			this.storage.delete(key);
			return true;
		} catch {
			return !this.has(key);
		}
	}

	/** Whether there is such a record; one that does not fit what it is read to makes some storages throw. */
	private has(key: string): boolean {
		try {
			return this.storage.read(key, this.byte) !== undefined;
		} catch {
			return true;
		}
	}
}
