// LwM2M TS 1.1, 6.1.3.2, with a secure channel between the card and the device (Appendix H): what came through it is remembered and compared through
// it; keys that a card has refused are never tried again.

import assert from "node:assert/strict";
import test from "node:test";
import { SecureCard, type VirtualCard } from "../../virtual/index.js";
import { channelOf, keys } from "../scp03/bench.js";
import { Home, Listener, serverFile } from "./support.js";

const X = serverFile("coaps://x.example");
const Y = serverFile("coaps://y.example", 43200);

function secured(card: VirtualCard | null): SecureCard {
	assert.ok(card);
	const side = new SecureCard(keys());
	card.secure = side;
	return side;
}

/** A home whose card has a secure side; each device has a channel of its own. */
function secureHome(options: { wrongKeys?: boolean } = {}): { home: Home; side: SecureCard } {
	const core = {};
	Object.defineProperty(core, "secure", {
		enumerable: true,
		get: () => channelOf(options.wrongKeys === true ? { secure: { mac: new Uint8Array(16).fill(1) } } : {}),
	});
	const home = new Home({ file: X, fileSize: 300 }, { core, lender: new Listener() });
	return { home, side: secured(home.modem.card) };
}

test("4, 5: the card is read, compared and verified through the secure channel of Appendix H", () => {
	const { home, side } = secureHome();
	assert.equal(home.boot(), "first OK");
	const { sessions } = side;
	assert.ok(sessions > 0);
	const { writes } = home.store;
	assert.equal(home.boot(), "unchanged OK");
	// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE come with the application.
	assert.ok(home.life.exchanges <= 5 + 2, `${home.life.exchanges}`);
	assert.equal(home.verify(), "unchanged OK");
	assert.ok(side.sessions >= sessions + 2, "a session for each");
	assert.equal(home.store.writes, writes);
	home.update(Y);
	assert.equal(home.verify(), "changed content FILE_CHANGED invalid");
	assert.equal(home.run(), "changed content OK");
	assert.deepEqual(home.uris(), ["coaps://y.example"]);
	home.insert(null);
	assert.equal(home.boot(), "removed SIM_ABSENT invalid");
	assert.equal(home.store.records.size, 0);
});

test("a card that does not know the keys is no card that has changed: what is remembered stays, and the keys are not tried again", () => {
	const { home } = secureHome();
	assert.equal(home.boot(), "first OK");
	// The same number, the same file, and a stranger's keys.
	home.insert({ file: Y, fileSize: 300 });
	const stranger = new SecureCard({ ...keys(), mac: new Uint8Array(16).fill(9) });
	assert.ok(home.modem.card);
	home.modem.card.secure = stranger;
	assert.match(home.boot(), /^failed SECURE_[A-Z_]+$/);
	assert.deepEqual(home.uris(), ["coaps://x.example"]);
	assert.equal(home.life.verified, false);
	assert.ok(home.store.holds(X));
	const { writes } = home.store;
	for (let i = 0; i < 3; i++) assert.match(home.boot(), /^failed SECURE_KEYS_BLOCKED$/);
	assert.equal(home.store.writes, writes);
});

test("keys that a card has refused stay refused over restarts, also where the store does not take it", () => {
	for (const writable of [true, false]) {
		const { home, side } = secureHome({ wrongKeys: true });
		home.store.writable = writable;
		assert.match(home.boot(), /^failed SECURE_KEYS_WRONG invalid$/);
		const again = () => (writable ? home.boot() : home.run());
		for (let i = 0; i < 3; i++) assert.match(again(), /^failed SECURE_KEYS_BLOCKED invalid$/);
		assert.equal(side.sessions, 0);
	}
});
