// The record: power cuts at every byte of every write; a store that is full, unreadable, damaged or of a future version; flash wear.

import assert from "node:assert/strict";
import test from "node:test";
import { Crc32 } from "../../src/crc32.js";
import {
	CardRecord,
	OK,
	RECORD_DAMAGED,
	RECORD_FUTURE,
	RECORD_MISSING,
	RECORD_NOT_KEPT,
	SWITCHED_OFF,
} from "../../src/index.js";
import { makeFile, Random } from "../../virtual/index.js";
import { Home, Listener, MemoryStore, PowerCut, serverFile } from "./support.js";

const X = serverFile("coaps://x.example");
const Y = serverFile("coaps://y.example", 43200, "other");
/** Over three chunks. */
const LARGE = makeFile(4500);
const OTHER_LARGE = makeFile(4600);

/** A record over a buffer of its own, with this image in it. */
function recordOf(
	store: MemoryStore,
	image: Uint8Array,
	bufferBytes = 8192,
): { record: CardRecord; buffer: Uint8Array } {
	const buffer = new Uint8Array(bufferBytes);
	buffer.set(image);
	return { record: new CardRecord(store, buffer, "sim"), buffer };
}

/** What the store has: its image, or why there is none. */
function imageIn(store: MemoryStore): Uint8Array | number {
	const { record, buffer } = recordOf(store, new Uint8Array(0));
	const code = record.load();
	if (code !== OK) return code;
	return buffer.slice(0, record.imageLength);
}

function equal(a: Uint8Array | number, b: Uint8Array): boolean {
	return typeof a !== "number" && Buffer.from(a).equals(Buffer.from(b));
}

/** Calls `change` with the power cut after every number of bytes, until it comes through; `check` sees what each cut left. */
function cutEverywhere(
	before: MemoryStore,
	change: (store: MemoryStore) => void,
	check: (store: MemoryStore, at: number) => void,
	step = 1,
): number {
	for (const torn of [false, true]) {
		for (let at = 0; ; at += step) {
			const store = before.copy();
			store.torn = torn;
			store.powerBytes = at;
			let cut = false;
			try {
				change(store);
			} catch (error) {
				assert.ok(error instanceof PowerCut);
				cut = true;
			}
			store.powerBytes = Number.POSITIVE_INFINITY;
			check(store, at);
			if (!cut) {
				if (torn) return at;
				break;
			}
		}
	}
	return 0;
}

for (const [name, old, fresh] of [
	["one chunk", X, Y],
	["three chunks", LARGE, OTHER_LARGE],
	["a longer file after a shorter one", X, LARGE],
	["a shorter file after a longer one", LARGE, X],
] as const) {
	test(`a loss of power at any byte leaves the old record or the new one: ${name}`, () => {
		const before = new MemoryStore();
		assert.equal(recordOf(before, old).record.keep(old.length, false), OK);
		let olds = 0;
		const bytes = cutEverywhere(
			before,
			(store) => {
				const { record, buffer } = recordOf(store, old);
				assert.equal(record.load(), OK);
				buffer.set(fresh);
				record.keep(fresh.length, false);
			},
			(store, at) => {
				const image = imageIn(store);
				assert.ok(equal(image, old) || equal(image, fresh), `at ${at}`);
				if (equal(image, old)) olds += 1;
				else assert.ok(at >= fresh.length, "the new one only when all of it is there");
				// The next record is kept whole, whatever was left, and nothing of the others stays.
				const { record, buffer } = recordOf(store, fresh);
				record.load();
				buffer.set(Y);
				assert.equal(record.keep(Y.length, false), OK);
				assert.ok(equal(imageIn(store), Y));
				assert.equal(store.records.size, 2, [...store.records.keys()].join());
			},
		);
		assert.ok(bytes >= fresh.length);
		assert.ok(olds > fresh.length);
	});
}

test("a loss of power while the record is deleted, or disabled, leaves the old one or none", () => {
	const before = new MemoryStore();
	assert.equal(recordOf(before, LARGE).record.keep(LARGE.length, false), OK);
	for (const change of ["forget", "disable"] as const) {
		cutEverywhere(
			before,
			(store) => {
				const { record } = recordOf(store, LARGE);
				record.load();
				record[change]();
			},
			(store) => {
				const image = imageIn(store);
				assert.ok(equal(image, LARGE) || typeof image === "number" || image.length === 0);
			},
		);
	}
});

test("a change that loses power at any byte is found again at the next boot, and ends in the new file and nothing else", () => {
	const settled = new Home({ file: X });
	assert.equal(settled.boot(), "first OK");
	cutEverywhere(
		settled.store,
		(store) => {
			const home = new Home({ file: Y }, { store });
			home.boot();
		},
		(store, at) => {
			const home = new Home({ file: Y }, { store });
			assert.match(home.boot(), /^(first OK|changed content OK|unchanged OK)$/, `at ${at}`);
			assert.deepEqual(home.uris(), ["coaps://y.example"]);
			const { writes } = store;
			assert.equal(home.boot(), "unchanged OK");
			assert.equal(store.writes, writes);
			assert.equal(store.holds(X), false);
		},
	);
});

test("without the card, a boot after such a loss gives the old file whole, the new file whole, or none", () => {
	const settled = new Home({ file: LARGE, fileSize: 5000 }, { bufferBytes: 8192 });
	assert.equal(settled.boot(), "first OK");
	const images = new Set<string>();
	cutEverywhere(
		settled.store,
		(store) => {
			const home = new Home({ file: OTHER_LARGE, fileSize: 5000 }, { store, bufferBytes: 8192 });
			home.boot();
		},
		(store) => {
			const { record, buffer } = recordOf(store, new Uint8Array(0));
			const code = record.load();
			const length = code === OK ? record.imageLength : 0;
			const image = buffer.subarray(0, length);
			if (length > 0) assert.ok(equal(image, LARGE) || equal(image, OTHER_LARGE));
			images.add(length === 0 ? "none" : equal(image, LARGE) ? "old" : "new");
		},
		61,
	);
	assert.deepEqual([...images].sort(), ["new", "none", "old"]);
});

test("every bit that falls over in a record is noticed", () => {
	const store = new MemoryStore();
	recordOf(store, X).record.keep(X.length, false);
	for (const [key, record] of store.records) {
		for (let bit = 0; bit < record.length * 8; bit++) {
			const damaged = store.copy();
			const bytes = damaged.records.get(key);
			assert.ok(bytes);
			bytes[bit >> 3] ^= 1 << (bit & 7);
			assert.equal(typeof imageIn(damaged), "number", `${key} ${bit}`);
		}
		for (let length = 0; length < record.length; length++) {
			const cut = store.copy();
			cut.records.set(key, record.slice(0, length));
			assert.equal(typeof imageIn(cut), "number", `${key} ${length}`);
		}
	}
});

test("the newer record counts, also where the sequence number wraps; and the older one when the newer is damaged", () => {
	for (const start of [0, 0x7ffffffe, -3]) {
		const store = new MemoryStore();
		const { record, buffer } = recordOf(store, X);
		record.header[4] = start >> 24;
		record.header[5] = start >> 16;
		record.header[6] = start >> 8;
		record.header[7] = start;
		record.keep(X.length, false);
		for (let i = 0; i < 6; i++) {
			const older = store.copy();
			const image = i % 2 === 0 ? Y : X;
			buffer.set(image);
			record.keep(image.length, false);
			// As if nothing of the older one had been removed yet.
			const both = store.copy();
			for (const [key, bytes] of older.records) if (!both.records.has(key)) both.records.set(key, bytes);
			assert.ok(equal(imageIn(both.copy()), image), `${start} ${i}`);
			for (const [key, bytes] of store.records) if (!older.records.has(key)) both.records.set(key, bytes.fill(0x55));
			assert.ok(equal(imageIn(both), i % 2 === 0 ? X : Y));
			buffer.set(image);
			record.clear();
			record.keep(image.length, false);
		}
	}
});

test("a file that does not fit the store is used, not kept, and reported", () => {
	for (const capacity of [0, 50, 1000, 2400, 4600]) {
		const home = new Home({ file: LARGE, fileSize: 5000 }, { bufferBytes: 8192 });
		home.store.capacity = capacity;
		assert.equal(home.boot(), "first OK");
		assert.equal(home.life.storeCode, -94);
		assert.equal(home.store.records.size, 0, "nothing of it is left behind");
		assert.ok(home.life.valid);
		// It can be verified all the same.
		assert.equal(home.verify(), "unchanged OK");
		home.update(OTHER_LARGE);
		assert.equal(home.verify(), "changed content FILE_CHANGED invalid");
		assert.match(home.run(), /^(first|changed content) OK$/);
		assert.equal(home.life.storeCode, -94);
		assert.equal(home.store.holds(LARGE.subarray(100, 200)), false);
	}
});

test("a changed file that does not fit the store leaves nothing of the old one that could be used", () => {
	const home = new Home({ file: X, fileSize: 5000 }, { bufferBytes: 8192 });
	assert.equal(home.boot(), "first OK");
	home.store.capacity = 700;
	home.update(LARGE);
	assert.equal(home.boot(), "changed content OK");
	assert.equal(home.life.storeCode, -94);
	assert.equal(home.store.holds(X), false);
	const silent = new Home({}, { store: home.store, modem: { diesAt: 0 } });
	assert.equal(silent.boot(), "failed MODEM_SILENT invalid");
});

test("a store that cannot be read or written is no store", () => {
	const unreadable = new Home({ file: X });
	unreadable.store.readable = false;
	assert.equal(unreadable.boot(), "first OK");
	assert.equal(unreadable.boot(), "first OK");
	const unwritable = new Home({ file: X });
	unwritable.store.writable = false;
	assert.equal(unwritable.boot(), "first OK");
	assert.equal(unwritable.life.storeCode, -94);
	assert.equal(unwritable.boot(), "first OK");
});

test("a record of a future version is not used, and replaced", () => {
	const home = new Home({ file: X });
	home.boot();
	const key = home.store.records.has("sima") ? "sima" : "simb";
	for (const version of [2, 255]) {
		const header = home.store.records.get(key)?.slice() ?? new Uint8Array(0);
		header[2] = version;
		const store = new MemoryStore();
		// It may be longer, too.
		const longer = new Uint8Array(header.length + 20);
		longer.set(header);
		store.records.set(key, version === 2 ? header : longer);
		assert.equal(imageIn(store), RECORD_FUTURE);
		const silent = new Home({ file: Y }, { store: store.copy(), modem: { diesAt: 0 } });
		assert.equal(silent.boot(), "failed MODEM_SILENT invalid");
		assert.equal(silent.store.records.size, 1, "and it stays as long as there is nothing in its place");
		const next = new Home({ file: Y }, { store });
		assert.equal(next.boot(), "first OK");
		assert.ok(equal(imageIn(store), Y));
		assert.equal(store.records.size, 2);
	}
});

test("a damaged record is a missing one, and is deleted when there is no card", () => {
	const home = new Home({ file: X });
	home.boot();
	for (const record of home.store.records.values()) record[10] ^= 1;
	assert.equal(imageIn(home.store), RECORD_DAMAGED);
	const none = new Home(null, { store: home.store.copy() });
	assert.equal(none.boot(), "absent SIM_ABSENT invalid");
	assert.equal(none.store.records.size, 0);
	assert.equal(home.boot(), "first OK");
	assert.equal(imageIn(new MemoryStore()), RECORD_MISSING);
});

test("a record that is larger than the buffer is not used", () => {
	const home = new Home({ file: LARGE, fileSize: 5000 }, { bufferBytes: 8192 });
	home.boot();
	const small = new Home({ file: X }, { store: home.store, bufferBytes: 1024 });
	assert.equal(small.boot(), "first OK");
	assert.deepEqual(small.uris(), ["coaps://x.example"]);
});

test("flash wear: 100 unchanged boots write nothing, a change writes the file once", () => {
	const home = new Home({ file: X });
	home.boot();
	const { bytesWritten, writes } = home.store;
	for (let i = 0; i < 100; i++) assert.equal(home.boot(), "unchanged OK");
	assert.equal(home.store.writes, writes);
	home.update(Y);
	home.boot();
	// The mark that the old one does not count, the file, its header.
	assert.ok(home.store.bytesWritten - bytesWritten <= Y.length + 2 * 130, `${home.store.bytesWritten - bytesWritten}`);
});

test("no chunk ends behind the buffer, where Espruino's subarray would let it", () => {
	for (const length of [4, 2047, 2048, 2049, 5000]) {
		const buffer = new Uint8Array(length);
		const subarray = buffer.subarray.bind(buffer);
		let last = 0;
		buffer.subarray = (from = 0, to = length) => {
			assert.ok(from < to && to <= length, `${from} to ${to} of ${length}`);
			last = to;
			return subarray(from, to);
		};
		assert.ok(new CardRecord(new MemoryStore(), buffer, "sim"));
		assert.equal(last, length);
	}
});

test("keys fit what storages take", () => {
	const store = new MemoryStore();
	const { record } = recordOf(store, makeFile(32768), 32768);
	assert.equal(record.keep(32768, false), OK);
	for (const key of store.records.keys()) assert.match(key, /^[a-z0-9]{1,15}$/);
	assert.throws(() => new CardRecord(store, new Uint8Array(4), "a-name-too-long"), TypeError);
	assert.throws(() => new CardRecord(store, new Uint8Array(4), ""), TypeError);
});

test("what cannot be removed is not used again by whoever knows better, and is removed once that is possible", () => {
	const home = new Home({ file: X });
	assert.equal(home.boot(), "first OK");
	home.store.writable = false;
	home.update(Y);
	assert.equal(home.run(), "changed content OK");
	assert.equal(home.life.storeCode, -94);
	assert.ok(home.store.holds(X));
	home.modem.dead = true;
	assert.equal(home.run(), "failed MODEM_SILENT invalid");
	assert.deepEqual(home.uris(), []);
	home.store.writable = true;
	assert.equal(home.run(), "failed MODEM_SILENT invalid");
	assert.equal(home.store.records.size, 0);
});

test("a record that was written while the store could not be read counts, and not the one that was there", () => {
	for (const moves of [0, 1, 2, 3]) {
		const home = new Home({ file: X });
		home.boot();
		// The sequence number goes up, and each of the two places, for headers and for images, is the one that counts.
		for (let i = 0; i < moves; i++) {
			home.insert({ file: i % 2 === 0 ? Y : X, fileFid: 0x6440 + i });
			assert.equal(home.boot(), "changed place OK");
		}
		home.store.readable = false;
		const file = moves % 2 === 0 ? Y : X;
		home.update(file);
		assert.equal(home.boot(), "first OK");
		home.store.readable = true;
		assert.equal(home.store.records.size, 2);
		assert.ok(equal(imageIn(home.store), file));
	}
});

test("a record that is kept after a damaged one is the newer of both, even if that one is well again", () => {
	for (const times of [8, 9]) {
		const store = new MemoryStore();
		const { record, buffer } = recordOf(store, X);
		for (let i = 0; i < times; i++) record.keep(X.length, false);
		const before = store.copy();
		for (const [key, bytes] of store.records) if (key.length > 4) bytes[0] ^= 1;
		assert.equal(record.load(), RECORD_DAMAGED);
		buffer.set(Y);
		assert.equal(record.keep(Y.length, false), OK);
		for (const [key, bytes] of before.records) if (!store.records.has(key)) store.records.set(key, bytes);
		assert.ok(equal(imageIn(store), Y));
	}
});

test("beside a record of a later version an older one does not count", () => {
	const store = new MemoryStore();
	const { record, buffer } = recordOf(store, X);
	record.keep(X.length, false);
	const older = store.copy();
	buffer.set(Y);
	record.keep(Y.length, false);
	for (const [key, bytes] of older.records) store.records.set(key, bytes);
	assert.ok(equal(imageIn(store.copy()), Y));
	for (const key of ["sima", "simb"]) {
		const bytes = store.records.get(key);
		assert.ok(bytes);
		if (!older.records.has(key)) bytes[2] = 2;
	}
	assert.equal(imageIn(store), RECORD_FUTURE);
});

test("what a larger buffer has left is removed as well", () => {
	for (const end of ["removed", "replaced", "off"]) {
		const home = new Home({ file: LARGE, fileSize: 5000 }, { bufferBytes: 8192 });
		assert.equal(home.boot(), "first OK");
		assert.equal(home.store.records.size, 4);
		const small = new Home(end === "removed" ? null : { file: X }, { store: home.store, bufferBytes: 1024 });
		if (end === "off") {
			assert.equal(small.life.enable(false), OK);
			assert.equal(home.store.records.size, 1);
			continue;
		}
		assert.equal(small.run(), end === "removed" ? "absent SIM_ABSENT invalid" : "first OK");
		assert.equal(home.store.records.size, end === "removed" ? 0 : 2, [...home.store.records.keys()].join());
	}
});

test("what a loss of power left of a file that was never kept is cleared away by the next run, whatever it comes to", () => {
	const settled = new Home({ file: X });
	settled.boot();
	cutEverywhere(
		settled.store,
		(store) => {
			const { record, buffer } = recordOf(store, X);
			record.load();
			buffer.set(Y);
			record.keep(Y.length, false);
		},
		(store) => {
			const silent = new Home({ file: X }, { store, modem: { diesAt: 0 } });
			assert.equal(silent.boot(), "failed MODEM_SILENT");
			assert.notEqual(store.holds(X.subarray(10)), store.holds(Y.subarray(10)));
			assert.equal(store.records.size, 2);
		},
	);
});

test("switching off is kept where there is room for a mark only once the image is gone, and is reported where it cannot be", () => {
	const home = new Home({ file: X });
	home.boot();
	home.store.capacity = X.length + 140;
	assert.equal(home.life.enable(false), OK);
	assert.equal(home.store.holds(X), false);
	home.life = home.device();
	home.life.run();
	assert.equal(home.drive().code, SWITCHED_OFF);
	assert.equal(home.life.enable(true), OK);
	assert.equal(home.boot(), "first OK");
	home.store.capacity = 0;
	assert.equal(home.life.enable(false), RECORD_NOT_KEPT);
	assert.equal(home.store.records.size, 0, "but what came from the card is gone");
	// And after everything was closed, what is in the store still counts.
	home.store.capacity = Number.POSITIVE_INFINITY;
	assert.equal(home.boot(), "first OK");
	home.life.close();
	assert.equal(home.life.enable(false), OK);
	home.life = home.device();
	home.life.run();
	assert.equal(home.drive().code, SWITCHED_OFF);
});

test("a change is marked where there is room for a mark only once the image is gone", () => {
	const home = new Home({ file: X }, { lender: new Listener() });
	home.boot();
	home.store.capacity = X.length + 140;
	home.update(Y);
	assert.equal(home.verify(), "changed content FILE_CHANGED invalid");
	home.insert(null);
	assert.equal(home.boot(), "removed SIM_ABSENT invalid", "it is known that there was something");
});

test("a damaged record does not take the room of the next one", () => {
	for (const moves of [0, 1]) {
		const home = new Home({ file: LARGE, fileSize: 5000 }, { bufferBytes: 8192 });
		home.boot();
		if (moves === 1) {
			home.insert({ file: OTHER_LARGE, fileSize: 5000, fileFid: 0x6440 });
			assert.equal(home.boot(), "changed place OK");
		}
		for (const [key, bytes] of home.store.records) if (key.length > 4) bytes[9] ^= 1;
		home.store.capacity = OTHER_LARGE.length + 200;
		assert.equal(home.boot(), "first OK");
		assert.equal(home.life.storeCode, OK);
		assert.equal(home.boot(), "unchanged OK");
	}
});

test("a record whose checksum holds over any content never throws, hangs or gives other accounts than the card's", () => {
	const home = new Home({ file: X });
	home.boot();
	const kept = home.store;
	const slot = kept.records.has("sima") ? "sima" : "simb";
	const header = kept.records.get(slot);
	assert.ok(header);
	const dice = new Random(77);
	for (let at = 3; at < header.length - 4; at++) {
		for (const value of [0, 1, 0x40, 0x7f, 0xff, dice.below(256)]) {
			const store = kept.copy();
			const forged = store.records.get(slot);
			assert.ok(forged);
			forged[at] = value;
			const length = (forged[8] << 8) | forged[9];
			const crc = new Crc32();
			crc.begin();
			crc.take(X, 0, Math.min(length, X.length));
			crc.take(forged, 0, forged.length - 4);
			for (let i = 0; i < 4; i++) forged[forged.length - 4 + i] = crc.value >> (24 - 8 * i);
			for (const everyWay of [false, true]) {
				const words = `${at} ${value} ${everyWay}`;
				const first = new Home({ file: X }, { store: store.copy(), lender: new Listener(), everyWay });
				assert.match(first.verify(), /^(unchanged|changed (card|place|content)|failed) [A-Z_]+( invalid)?$/, words);
				if (first.life.verified) assert.deepEqual(first.uris(), ["coaps://x.example"], words);
				const next = new Home({ file: X }, { store: store.copy(), everyWay });
				if (next.boot() !== "absent SWITCHED_OFF invalid") {
					assert.deepEqual([next.life.verified, ...next.uris()], [true, "coaps://x.example"], words);
					assert.equal(next.boot(), "unchanged OK", words);
				}
			}
		}
	}
});
