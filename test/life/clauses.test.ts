// LwM2M TS 1.1, 6.1.3.2 (TS 1.0, 5.2.3.2), sentence by sentence: what the client must do with bootstrap information from a smartcard; and the
// order of sources (6.1.4). Each test names its row.

import assert from "node:assert/strict";
import test from "node:test";
import {
	Accounts,
	LIFETIME,
	SOURCE_APPLICATION,
	SOURCE_CARD,
	SOURCE_FACTORY,
	SOURCE_NONE,
	Sources,
	SWITCHED_OFF,
} from "../../src/index.js";
import { toHex } from "../../virtual/index.js";
import { Home, Listener, MemoryStore, serverFile } from "./support.js";

const X = serverFile("coaps://x.example", 86400);
const Y = serverFile("coaps://y.example", 43200);

/** The lifetimes of what a source holds (/1/x/1). */
function lifetimes(sources: Sources): number[] {
	const { file } = sources;
	const list: number[] = [];
	if (file === null) return list;
	const accounts = new Accounts(file);
	accounts.begin();
	while (accounts.next()) if (accounts.server.resource(LIFETIME)) list.push(accounts.server.integer());
	return list;
}

test("1: a client with a smartcard retrieves the bootstrap data that are on it", () => {
	const home = new Home({ file: Y });
	assert.equal(home.boot(), "first OK");
	assert.equal(home.image(), toHex(Y));
});

test("2, 3: what was retrieved is processed, and can be applied", () => {
	const home = new Home({ file: Y });
	home.boot();
	assert.deepEqual(home.uris(), ["coaps://y.example"]);
	assert.equal(home.life.valid, true);
});

test("6: the client ensures that the data retrieved before are unchanged on the card", () => {
	const home = new Home({ file: X });
	home.boot();
	assert.equal(home.boot(), "unchanged OK");
	assert.equal(home.life.verified, true);
	// Every byte is looked at, on the card: one that differs anywhere is found.
	for (let at = 0; at < X.length; at++) {
		const other = X.slice();
		other[at] ^= 0x10;
		const changed = new Home({ file: other }, { store: home.store.copy() });
		assert.notEqual(changed.boot(), "unchanged OK", `byte ${at}`);
	}
});

test("7: when they have changed, the previous information is disabled", () => {
	const home = new Home({ file: X });
	home.boot();
	const { generation } = home.life;
	home.update(Y);
	home.life.verify();
	home.drive();
	assert.equal(home.life.valid, false);
	assert.equal(home.life.bootstrap.file.length, 0);
	assert.notEqual(home.life.generation, generation);
	assert.equal(home.store.holds(X), false);
});

test("8: and the new information is applied", () => {
	const home = new Home({ file: X });
	home.boot();
	home.update(Y);
	assert.equal(home.boot(), "changed content OK");
	assert.deepEqual(home.uris(), ["coaps://y.example"]);
});

test("9: when the card is disabled, by removal for one, what came from it is deleted", () => {
	const home = new Home({ file: X });
	home.boot();
	home.insert(null);
	assert.equal(home.boot(), "removed SIM_ABSENT invalid");
	assert.deepEqual(home.uris(), []);
	assert.equal(home.store.records.size, 0);
	assert.ok(home.life.bootstrap.file.buffer.every((byte) => byte === 0));
});

test("10: both are checked at every Register and Update, which is when verify() is called", () => {
	const listener = new Listener();
	const home = new Home({ file: X }, { lender: listener });
	home.boot();
	for (let update = 0; update < 5; update++) {
		assert.equal(home.verify(), "unchanged OK");
		assert.equal(home.life.exchanges, 5);
	}
	home.insert(null);
	assert.equal(home.verify(), "removed SIM_ABSENT invalid");
	assert.deepEqual(home.uris(), []);
});

test("11: the card's content may be changed over the air", () => {
	const home = new Home({ file: X });
	home.boot();
	for (const [uri, lifetime] of [
		["coaps://a.example", 1],
		["coaps://b.example", 100000],
		["coaps://a-much-longer-name.example.org:5684", 60],
		["coaps://c.example", 60],
	] as const) {
		home.update(serverFile(uri, lifetime));
		assert.equal(home.boot(), "changed content OK");
		assert.deepEqual(home.uris(), [uri]);
		assert.equal(home.boot(), "unchanged OK");
	}
});

test("the order of sources: the card, factory data, the application's own; never two of them", () => {
	const home = new Home(null);
	const sources = new Sources(home.life, X);
	assert.equal(sources.source, SOURCE_NONE, "until the card was tried, nothing else counts");
	assert.equal(sources.file, null);
	home.run();
	assert.equal(sources.choose(), true);
	assert.equal(sources.source, SOURCE_FACTORY);
	assert.equal(sources.choose(), false);
	home.insert({ file: Y });
	home.run();
	assert.equal(sources.choose(), true);
	assert.equal(sources.source, SOURCE_CARD);
	assert.deepEqual(lifetimes(sources), [43200]);
	home.insert({ file: null });
	home.run();
	sources.choose();
	assert.equal(sources.source, SOURCE_FACTORY);
	assert.deepEqual(lifetimes(sources), [86400]);
	// Without factory data, or with data that are none, it is the application's turn.
	for (const [factory, code] of [
		[null, 0],
		[X.slice(0, 20), -62],
	] as const) {
		const other = new Sources(home.life, factory);
		assert.equal(other.factoryCode, code);
		other.choose();
		assert.equal(other.source, SOURCE_APPLICATION);
		assert.equal(other.file, null);
	}
});

test("LightweightM2M-1.1-int-3: factory data for X; a card with Y is inserted; the next boot gives Y and only Y", () => {
	const store = new MemoryStore();
	// 1, 2: without a card the client is configured for X, with its lifetime.
	const before = new Home(null, { store });
	const sources = new Sources(before.life, X);
	assert.equal(before.run(), "absent SIM_ABSENT invalid");
	sources.choose();
	assert.deepEqual(lifetimes(sources), [86400]);
	// 3: power off, insert the card, power on.
	const after = new Home({ file: Y }, { store });
	const again = new Sources(after.life, X);
	assert.equal(after.run(), "first OK");
	again.choose();
	// 4, 5: the client registers with Y, and /1/0/1 is 43200.
	assert.equal(again.source, SOURCE_CARD);
	assert.deepEqual(after.uris(), ["coaps://y.example"]);
	assert.deepEqual(lifetimes(again), [43200]);
	const accounts = new Accounts(after.life.bootstrap.file);
	accounts.begin();
	assert.equal(accounts.next(), true);
	assert.equal(accounts.serverInstance, 0);
	assert.equal(accounts.next(), false);
});

test("SIM bootstrap can be switched off and on at run time: off, what came from the card is deleted, and it is not asked", () => {
	const home = new Home({ file: Y });
	const sources = new Sources(home.life, X);
	home.run();
	sources.choose();
	assert.equal(sources.source, SOURCE_CARD);
	const { generation } = home.life;
	assert.equal(home.life.enable(false), 0);
	assert.equal(home.store.holds(Y), false);
	assert.notEqual(home.life.generation, generation);
	sources.choose();
	assert.equal(sources.source, SOURCE_FACTORY);
	const { bytes } = home.port;
	// It stays off, over restarts, too.
	home.life = home.device();
	home.life.run();
	assert.equal(home.drive().code, SWITCHED_OFF);
	assert.equal(home.port.bytes, bytes, "nothing is said to the modem");
	assert.equal(home.life.enable(false), 0);
	assert.equal(home.life.enable(true), 0);
	assert.equal(home.store.records.size, 0);
	assert.equal(home.run(), "first OK");
	// Before anything else was done, as well.
	home.life = home.device();
	assert.equal(home.life.enable(false), 0);
	assert.equal(home.store.holds(Y), false);
	home.life = home.device();
	assert.equal(home.life.enable(true), 0);
	assert.equal(home.boot(), "first OK");
});
