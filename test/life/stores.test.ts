// The stores of the platforms, hal/espruino/store.ts and hal/moddable/key-value.ts, over stand-ins with the manners that the platforms' own
// sources tell of: what they throw, what they keep when the power goes away in the middle. A whole life goes over each.

import assert from "node:assert/strict";
import test from "node:test";
import type { RecordStore, Store } from "../../src/index.js";
import { loadModule } from "../platform-module.js";
import { Home, type HomeOptions, MemoryStore, PowerCut, serverFile } from "./support.js";

const X = serverFile("coaps://x.example");
const Y = serverFile("coaps://y.example", 43200);
/** In two chunks. */
const LARGE = serverFile("coaps://large.example", 43200, "other".repeat(600));
const ERASED = "\xff";

/**
 * Espruino's Storage (src/jsflash.c): a file is created with its length, and then its bytes are written; one that is replaced is erased before.
 * It throws where there is no room, and for no data.
 */
class EspruinoStorage {
	readonly files = new Map<string, string>();
	/** What getFree counts from, and what there is: they differ where files that were erased fill the flash. */
	free = 1e6;
	capacity = Number.POSITIVE_INFINITY;
	/** So many bytes more are written, and then the power is gone. */
	powerBytes = Number.POSITIVE_INFINITY;
	writes = 0;

	read(name: string): string | undefined {
		assert.ok(name.length <= 28);
		return this.files.get(name);
	}

	getFree(): number {
		let used = 0;
		for (const file of this.files.values()) used += file.length;
		return this.free - used;
	}

	write(name: string, bytes: Uint8Array): boolean {
		assert.ok(name.length <= 28);
		if (bytes.length === 0) throw new Error("Can't create zero length file");
		const data = Buffer.from(bytes).toString("latin1");
		if (this.files.get(name) === data) return true;
		this.files.delete(name);
		let used = 0;
		for (const file of this.files.values()) used += file.length;
		if (used + data.length > this.capacity) throw new Error("Unable to find or create file");
		const written = data.slice(0, this.powerBytes);
		this.powerBytes -= written.length;
		this.writes += 1;
		this.files.set(name, written + ERASED.repeat(data.length - written.length));
		if (written.length < data.length) throw new PowerCut();
		return true;
	}

	erase(name: string): void {
		if (!this.files.has(name)) return;
		if (this.powerBytes < 1) throw new PowerCut();
		this.powerBytes -= 1;
		this.writes += 1;
		this.files.delete(name);
	}
}

function flashStore(storage: EspruinoStorage): RecordStore & Store {
	const { flash: store } = loadModule<{ flash: RecordStore & Store }>("espruino/store.ts", { Storage: storage });
	// Espruino takes a string where Node wants an array.
	return {
		read: (key, into) => {
			const set = into.set.bind(into);
			into.set = (data: ArrayLike<number> | string, at?: number) =>
				set(typeof data === "string" ? Buffer.from(data, "latin1") : data, at);
			try {
				return store.read(key, into);
			} finally {
				into.set = set;
			}
		},
		write: (key, bytes, length?: number) => store.write(key, bytes, length as number),
		remove: (key) => store.remove(key),
	};
}

/** ECMA-419's storage over the NVS of ESP-IDF (modules/io/storage/esp32 of the SDK). */
class Nvs {
	readonly records = new Map<string, Uint8Array>();
	capacity = Number.POSITIVE_INFINITY;
	broken = false;
	opened: { path: string; format: string } | null = null;

	open(options: { path: string; format: "buffer" }) {
		assert.ok(options.path.length <= 15 && options.format === "buffer");
		this.opened = options;
		return {
			read: (key: string, into: Uint8Array) => this.read(key, into),
			write: (key: string, value: Uint8Array) => this.write(key, value),
			delete: (key: string) => this.delete(key),
			close() {},
		};
	}

	private read(key: string, into: Uint8Array): number | undefined {
		this.check(key);
		const record = this.records.get(key);
		if (record === undefined) return undefined;
		if (record.length > into.length) throw new RangeError("buffer too small");
		into.set(record);
		return record.length;
	}

	private write(key: string, value: Uint8Array): void {
		this.check(key);
		let used = 0;
		for (const [other, record] of this.records) if (other !== key) used += record.length;
		if (used + value.length > this.capacity) throw new Error("ESP_ERR_NVS_NOT_ENOUGH_SPACE");
		this.records.set(key, value.slice());
	}

	private delete(key: string): void {
		this.check(key);
		this.records.delete(key);
	}

	private check(key: string): void {
		if (key.length > 15) throw new Error("ESP_ERR_NVS_KEY_TOO_LONG");
		if (this.broken) throw new Error("ESP_ERR_NVS_INVALID_STATE");
	}
}

function keyValueStore(nvs: Nvs): RecordStore & Store {
	const { KeyValueStore } = loadModule<{ KeyValueStore: new (io: Nvs, path: string) => RecordStore & Store }>(
		"moddable/key-value.ts",
	);
	return new KeyValueStore(nvs, "simstrap");
}

/** A home over a store of a platform. */
function homeOver(store: RecordStore, options: HomeOptions = {}): Home {
	return new Home({ file: X, fileSize: 5000 }, { ...options, core: { records: store, ...options.core } });
}

function wholeLife(store: RecordStore, records: () => number): void {
	const home = homeOver(store);
	assert.equal(home.boot(), "first OK");
	assert.equal(records(), 2);
	assert.equal(home.boot(), "unchanged OK");
	home.update(LARGE);
	assert.equal(home.boot(), "changed content OK");
	// Its header, and two chunks.
	assert.equal(records(), 3);
	assert.equal(home.boot(), "unchanged OK");
	assert.equal(home.verify(), "unchanged OK");
	home.insert(null);
	assert.equal(home.boot(), "removed SIM_ABSENT invalid");
	assert.equal(records(), 0);
}

test("espruino: a whole life in Storage; an unchanged boot writes nothing", () => {
	const storage = new EspruinoStorage();
	wholeLife(flashStore(storage), () => storage.files.size);
	const home = homeOver(flashStore(storage));
	assert.equal(home.boot(), "first OK");
	const { writes } = storage;
	for (let i = 0; i < 5; i++) assert.equal(home.boot(), "unchanged OK");
	assert.equal(storage.writes, writes);
});

test("espruino: where Storage has no room, or says that it has and throws, the file is used and not kept", () => {
	const storage = new EspruinoStorage();
	const home = homeOver(flashStore(storage));
	storage.capacity = 100;
	assert.equal(home.boot(), "first OK");
	assert.equal(home.life.storeCode, -94);
	storage.capacity = Number.POSITIVE_INFINITY;
	storage.free = 100;
	assert.equal(home.boot(), "first OK");
	assert.equal(home.life.storeCode, -94);
	storage.free = 1e6;
	assert.equal(storage.files.size, 0);
	assert.equal(home.boot(), "first OK");
	assert.equal(home.life.storeCode, 0);
});

test("espruino: a loss of power at any byte that Storage writes leaves the old file, the new one, or none", () => {
	const before = new EspruinoStorage();
	assert.equal(homeOver(flashStore(before)).boot(), "first OK");
	const uris = new Set<string>();
	for (let at = 0; ; at += 3) {
		const storage = new EspruinoStorage();
		for (const [name, file] of before.files) storage.files.set(name, file);
		storage.powerBytes = at;
		const home = homeOver(flashStore(storage));
		home.update(Y);
		let cut = false;
		try {
			home.boot();
		} catch (error) {
			assert.ok(error instanceof PowerCut);
			cut = true;
		}
		storage.powerBytes = Number.POSITIVE_INFINITY;
		const silent = homeOver(flashStore(storage), { modem: { diesAt: 0 } });
		silent.boot();
		uris.add(silent.uris().join());
		const next = homeOver(flashStore(storage));
		next.update(Y);
		assert.match(next.boot(), /^(first|changed content|unchanged) OK$/, `${at}`);
		assert.deepEqual(next.uris(), ["coaps://y.example"]);
		if (!cut) break;
	}
	assert.deepEqual([...uris].sort(), ["", "coaps://x.example", "coaps://y.example"]);
});

test("moddable: a whole life in NVS", () => {
	const nvs = new Nvs();
	wholeLife(keyValueStore(nvs), () => nvs.records.size);
	assert.deepEqual(nvs.opened, { path: "simstrap", format: "buffer" });
});

test("moddable: whatever NVS throws is a record that is not there, or was not kept", () => {
	const nvs = new Nvs();
	const store = keyValueStore(nvs);
	const home = homeOver(store);
	nvs.capacity = 100;
	assert.equal(home.boot(), "first OK");
	assert.equal(home.life.storeCode, -94);
	nvs.capacity = Number.POSITIVE_INFINITY;
	assert.equal(home.boot(), "first OK");
	nvs.broken = true;
	const bytes = new Uint8Array(4);
	assert.equal(store.read("sima", bytes), -1);
	assert.equal(store.write("sima", bytes, 2), false);
	assert.equal(store.remove("sima"), false);
	assert.equal(home.boot(), "first OK");
	assert.equal(home.life.storeCode, -94);
	nvs.broken = false;
	// One that does not fit what it is read to is none, and a part of an array is a record.
	assert.equal(store.write("part", new Uint8Array([1, 2, 3, 4]).subarray(1), 2), true);
	assert.deepEqual([...(nvs.records.get("part") ?? [])], [2, 3]);
	assert.equal(store.read("part", new Uint8Array(1)), -1);
	assert.equal(store.remove("part"), true);
	assert.equal(store.remove("part"), true);
});

test("the stores keep what the store of the tests keeps", () => {
	const storage = new EspruinoStorage();
	const nvs = new Nvs();
	const memory = new MemoryStore();
	for (const store of [flashStore(storage), keyValueStore(nvs), memory])
		assert.equal(homeOver(store).boot(), "first OK");
	const kept = [...memory.records].map(([key, bytes]) => [key, Buffer.from(bytes).toString("hex")]).sort();
	assert.deepEqual([...nvs.records].map(([key, bytes]) => [key, Buffer.from(bytes).toString("hex")]).sort(), kept);
	assert.deepEqual(
		[...storage.files].map(([key, text]) => [key, Buffer.from(text, "latin1").toString("hex")]).sort(),
		kept,
	);
});
