// What a card has refused, a PIN or the keys of a secure channel, is remembered over restarts: trying again could block it.

import assert from "node:assert/strict";
import test from "node:test";
import { Home, serverFile } from "./support.js";

const X = serverFile("coaps://x.example");
const PIN = { reference: 0x81, value: "1234", enabled: true };
const WRONG = Buffer.from("9999");
const RIGHT = Buffer.from("1234");
const OPTIONS = { everyWay: true };

test("a PIN that was refused is not tried again, at the next boot either, by the same card", () => {
	const home = new Home({ file: X, pin: PIN }, { ...OPTIONS, core: { pin: WRONG } });
	assert.match(home.boot(), /^failed PIN_WRONG invalid$/);
	assert.equal(home.modem.card?.pinTriesUsed, 1);
	const { writes } = home.store;
	for (let i = 0; i < 3; i++) assert.match(home.boot(), /^failed PIN_REFUSED_BEFORE invalid$/);
	assert.equal(home.modem.card?.pinTriesUsed, 1);
	assert.equal(home.store.writes, writes);
	// Another PIN is another matter, and so is another card.
	home.options.core = { pin: RIGHT };
	assert.equal(home.boot(), "first OK");
	assert.equal(home.boot(), "unchanged OK");
});

test("it stays remembered when the card is gone, and nothing else does", () => {
	const home = new Home({ file: X, pin: PIN }, { ...OPTIONS, core: { pin: WRONG } });
	home.boot();
	const { card } = home.modem;
	home.insert(null);
	assert.equal(home.boot(), "absent SIM_ABSENT invalid");
	assert.equal(home.store.records.size, 1);
	const { writes } = home.store;
	home.boot();
	assert.equal(home.store.writes, writes);
	home.modem.setCard(card, home.port.now);
	assert.match(home.boot(), /^failed PIN_REFUSED_BEFORE invalid$/);
	assert.equal(card?.pinTriesUsed, 1);
});

test("a file behind a PIN is remembered and compared like any other, and the image stays what it is", () => {
	const home = new Home({ file: X, pin: PIN }, { ...OPTIONS, core: { pin: RIGHT } });
	assert.equal(home.boot(), "first OK");
	assert.equal(home.boot(), "unchanged OK");
	home.modem.restart(home.port.now);
	home.modem.options.restartMs = 0;
	assert.equal(home.boot(), "unchanged OK");
	assert.deepEqual(home.uris(), ["coaps://x.example"]);
});

test("keys that were refused are remembered", () => {
	const keys = {
		refusedKeys: 0,
		commandBytes: 48,
		fit: (step: number) => step,
		around: (link: never) => link,
	};
	const home = new Home({ file: X }, { core: { secure: keys as never } });
	assert.equal(home.boot(), "first OK");
	keys.refusedKeys = -5;
	home.life.verify();
	home.drive();
	keys.refusedKeys = 0;
	home.life = home.device();
	home.life.run();
	assert.equal(keys.refusedKeys, -5);
});

test("a PIN that was refused is not tried again where the store does not take it", () => {
	for (const everKept of [false, true]) {
		const home = new Home({ file: X, pin: PIN }, { ...OPTIONS, core: { pin: everKept ? RIGHT : WRONG } });
		if (everKept) {
			// There is a record, which knows of no refusal; then the PIN of the card is another one.
			assert.equal(home.boot(), "first OK");
			home.insert({ file: X, pin: { ...PIN, value: "5678" } });
			home.life = home.device();
		}
		home.store.writable = false;
		const tries = () => home.modem.card?.pinTriesUsed;
		assert.match(home.run(), /^failed PIN_WRONG/);
		assert.equal(tries(), 1);
		// The program tries again and again, as boards/main.ts does.
		for (let i = 0; i < 5; i++) assert.match(home.run(), /^failed PIN_REFUSED_BEFORE/);
		assert.equal(tries(), 1);
	}
});
