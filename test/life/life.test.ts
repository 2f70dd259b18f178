// run(): what a boot comes to, with a record and without. Exchanges are those over AT+CSIM.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import {
	ABORTED,
	type BringUp,
	PROBE,
	REASON_CARD,
	STATE_CHANGED,
	STATE_FAILED,
	VERIFY_LIMIT_MS,
	VIA_CGLA,
	VIA_CRSM,
	VIA_CSIM,
} from "../../src/index.js";
import { type BootstrapCardOptions, makeFile, sampleFile, toHex } from "../../virtual/index.js";
import { Home, type HomeOptions, Listener, serverFile } from "./support.js";

const X = serverFile("coaps://x.example");
const Y = serverFile("coaps://y.example", 43200);
const OTHER_ICCID = "8988211000000000024";

/** A device that has booted once with this card. */
function settled(card: BootstrapCardOptions = { file: X }, options: HomeOptions = {}): Home {
	const home = new Home(card, options);
	assert.equal(home.boot(), "first OK");
	home.modem.history.length = 0;
	return home;
}

/** Boots and says whether anything was written. */
function quietBoot(home: Home): string {
	const { writes } = home.store;
	const outcome = home.boot();
	return home.store.writes === writes ? outcome : `${outcome}, written`;
}

test("the first boot reads the file, the second one compares it in 5 exchanges and writes nothing", () => {
	const home = new Home({});
	assert.equal(home.boot(), "first OK");
	assert.equal(home.life.exchanges, 11);
	for (let i = 0; i < 10; i++) {
		assert.equal(quietBoot(home), "unchanged OK");
		assert.equal(home.life.exchanges, 5);
		assert.equal(home.image(), toHex(sampleFile()));
		assert.equal(home.life.verified, true);
	}
});

test("the short way takes 7 exchanges in steps of 48, and 4 through a session of the modem's", () => {
	const small = settled({}, { core: { step: 48 } });
	assert.equal(quietBoot(small), "unchanged OK");
	assert.equal(small.life.exchanges, 7);
	const session = settled({}, { everyWay: true, modem: { csim: false, ccho: true } });
	assert.equal(session.life.bootstrap.link, 1);
	assert.equal(quietBoot(session), "unchanged OK");
	assert.equal(session.life.exchanges, 4);
	assert.ok(!session.modem.history.some((line) => line.startsWith("+CSIM")), "the way that worked is the first");
});

test("a modem that takes longer to wake than a verification may last is waited for all the same", () => {
	const bringUp: BringUp = { steps: [PROBE, 60, 500], hello: [], goodbye: [], fullFunction: false };
	const asleep: HomeOptions = { bringUp, modem: { bootMs: VERIFY_LIMIT_MS + 5000 } };
	const { store } = settled({ file: X }, asleep);
	const home = new Home({ file: X }, { ...asleep, store });
	assert.equal(quietBoot(home), "unchanged OK");
	assert.ok(home.port.now > VERIFY_LIMIT_MS);
});

test("cards with manners of their own are asked in the way that worked", () => {
	const cards: BootstrapCardOptions[] = [
		{ manners: { refusesAlias: true } },
		{ manners: { refusesNoData: true, acceptsLe00: true } },
		{ manners: { refusesPathFromMf: true, refusesPathFromDf: true } },
		{ manners: { transport: "t1" } },
		{ manners: { maxAnswerBytes: 32 } },
		{ placement: "df" },
		{ aid: new Uint8Array([0xe8, 0x28, 0xbd, 8, 15, 1]) },
		{ pathForm: "absolute" },
		{ dodfForm: "direct" },
		{ odfInline: true, dodfForm: "direct" },
		{ pathIndex: 7, pathLength: 126 },
		{ channels: [19] },
	];
	for (const card of cards) {
		const home = settled(card);
		const first = home.life.exchanges;
		assert.equal(quietBoot(home), "unchanged OK", JSON.stringify(card));
		assert.ok(home.life.exchanges < first / 1.4, `${home.life.exchanges} of ${first}: ${JSON.stringify(card)}`);
		assert.equal(home.image(), toHex(sampleFile()));
	}
});

test("files of every size up to 32 KB are remembered in chunks of at most 2 KB", () => {
	for (const size of [126, 2047, 2048, 2049, 4096, 10000, 32768]) {
		const file = makeFile(size);
		const home = settled({ file, fileSize: size }, { bufferBytes: 32768 });
		for (const record of home.store.records.values()) assert.ok(record.length <= 2048);
		assert.equal(quietBoot(home), "unchanged OK");
		assert.equal(home.image(), toHex(file));
	}
});

test("a file that has changed between two boots is read, applied and kept, and the old one is gone", () => {
	const home = settled();
	home.update(Y);
	assert.equal(home.boot(), "changed content OK");
	assert.deepEqual(home.uris(), ["coaps://y.example"]);
	assert.equal(home.store.holds(X), false, "the old keys are not kept");
	assert.equal(quietBoot(home), "unchanged OK");
	assert.deepEqual(home.uris(), ["coaps://y.example"]);
	// Every byte counts, the last one, too; and a file that only grew.
	for (const at of [4, 40, Y.length - 1]) {
		const file = serverFile("coaps://y.example", 43200);
		file[at] ^= 1;
		const other = settled({ file: Y });
		other.update(file);
		assert.match(other.boot(), /^changed content (OK|[A-Z]+_[A-Z]+ invalid)$/, `${at}`);
	}
});

test("a single damaged byte on the line is no change", () => {
	const home = settled();
	const card = home.modem.card;
	assert.ok(card);
	let reads = 0;
	card.onAnswer = (_index, apdu, answer) => {
		if (apdu[1] !== 0xb0 || reads++ > 0) return null;
		const damaged = answer.slice();
		damaged[20] ^= 4;
		return damaged;
	};
	assert.equal(quietBoot(home), "unchanged OK");
});

test("another card with the same bytes is a change with its reason, another card with another file as well", () => {
	const home = settled();
	const before = home.life.generation;
	home.insert({ file: X, iccid: OTHER_ICCID });
	assert.equal(home.boot(), "changed card OK");
	assert.equal(home.life.exchanges, 5);
	assert.deepEqual(home.uris(), ["coaps://x.example"]);
	assert.ok(before >= 0);
	assert.equal(quietBoot(home), "unchanged OK");
	home.insert({ file: Y });
	assert.equal(home.boot(), "changed card OK");
	assert.deepEqual(home.uris(), ["coaps://y.example"]);
	assert.equal(quietBoot(home), "unchanged OK");
});

test("the same card with its file in another place, or with other manners, is found again", () => {
	const home = settled();
	home.insert({ file: X, fileFid: 0x6433 });
	assert.equal(home.boot(), "unchanged OK");
	assert.equal(quietBoot(home), "unchanged OK");
	home.insert({ file: Y, fileFid: 0x6434 });
	assert.equal(home.boot(), "changed place OK");
	assert.equal(home.store.holds(X), false);
	home.insert({ file: Y, fileFid: 0x6434, manners: { refusesAlias: true, refusesNoData: true } });
	assert.equal(home.boot(), "unchanged OK");
	assert.equal(quietBoot(home), "unchanged OK");
});

test("a card without the ICCID command is told by its bytes alone", () => {
	const home = settled({ file: X }, { core: { iccidCommand: -1 } });
	home.insert({ file: X, iccid: OTHER_ICCID });
	assert.equal(quietBoot(home), "unchanged OK");
	assert.ok(!home.modem.history.some((line) => line.includes("CCID")));
});

test("a number that was read wrongly is no other card, and one that comes late is kept", () => {
	const home = settled({ file: X }, { core: { iccidCommand: -1 } });
	home.options.core = {};
	assert.equal(home.boot(), "unchanged OK");
	assert.equal(quietBoot(home), "unchanged OK");
	home.insert({ file: X, iccid: OTHER_ICCID });
	assert.equal(home.boot(), "changed card OK");
});

test("a card that has no data any more is removed: its data are deleted", () => {
	for (const card of [
		{ file: null },
		{ file: null, otherObjects: 2 },
		{ placement: "none" as const },
		{ file: new Uint8Array(0), fileSize: 200 },
		{ file: new Uint8Array(0), fileSize: 200, padding: 0 },
	]) {
		const home = settled();
		home.insert(card);
		const outcome = home.boot();
		assert.match(outcome, /^removed (NO_OBJECT|NO_APPLICATION|NO_DATA|FILE_MISSING) invalid$/);
		assert.equal(home.store.records.size, 0);
		assert.equal(home.life.bootstrap.file.length, 0);
		assert.ok(home.life.bootstrap.file.buffer.every((byte) => byte === 0));
		assert.match(quietBoot(home), /^absent NO_/);
	}
});

test("no card is said twice, 2 s apart, before the record is deleted", () => {
	const home = settled();
	home.insert(null);
	const start = home.port.now;
	assert.equal(home.boot(), "removed SIM_ABSENT invalid");
	assert.ok(home.port.now - start >= 2000);
	assert.equal(home.modem.history.filter((line) => line === "+CPIN?").length, 2);
	assert.equal(home.store.records.size, 0);
	assert.equal(quietBoot(home), "absent SIM_ABSENT invalid");
	// It comes back: it is a first boot again.
	home.insert({ file: Y });
	assert.equal(home.boot(), "first OK");
});

test("a card that is back after 2 s was not removed", () => {
	const home = settled();
	const { card } = home.modem;
	home.modem.setCard(null, home.port.now);
	home.life = home.device();
	home.life.run();
	home.drive({ maxMs: 1500 });
	home.modem.setCard(card, home.port.now);
	const { code } = home.drive();
	assert.equal(code, 0);
	assert.equal(home.life.state, 2);
	assert.ok(home.store.records.size > 0);
});

test("a modem whose SIM has no power, or may have none, says nothing about the card", () => {
	for (const [cfun, code] of [
		[4, "MODEM_OFFLINE"],
		[7, "SIM_ABSENT"],
	] as const) {
		const { store } = settled({ file: X });
		// The modem itself says "not inserted" while it is switched off.
		const home = new Home(null, { store, modem: { cfun } });
		assert.equal(quietBoot(home), `failed ${code}`);
		assert.deepEqual(home.uris(), ["coaps://x.example"]);
		assert.equal(new Home(null, { store }).boot(), "removed SIM_ABSENT invalid");
	}
});

test("whatever else goes wrong leaves the record untouched and the accounts in use, unverified", () => {
	for (const [modem, code] of [
		[{ diesAt: 0 }, "MODEM_SILENT"],
		[{ simCme: 13 }, "SIM_FAILURE"],
		[{ simCme: 14 }, "SIM_BUSY"],
		[{ simCme: 15 }, "SIM_WRONG"],
		[{ csim: false }, "CME_ERROR"],
		[{ refusedInstructions: [0x70] }, "CME_ERROR"],
		[{ diesAt: 6 }, "OUT_OF_TIME"],
	] as const) {
		const first = settled();
		const home = new Home({ file: X }, { store: first.store, modem: { ...modem } as never });
		assert.equal(quietBoot(home).replace(" 1 open", ""), `failed ${code}`);
		assert.equal(home.life.verified, false);
		assert.deepEqual(home.uris(), ["coaps://x.example"], code);
		assert.equal(home.image(), toHex(X));
		// Or not, if that is the application's policy.
		home.options.core = { useUnverified: false };
		assert.match(quietBoot(home), /^failed [A-Z_]+ invalid( [12] open)?$/);
		assert.equal(home.life.bootstrap.file.length, 0);
	}
});

test("a PIN, 6982 and a card that is busy or refuses leave the record untouched", () => {
	for (const [sw, code] of [
		[0x6982, "SECURITY_STATUS"],
		[0x9300, "CARD_BUSY"],
		[0x6f00, "NO_APPLICATION|CARD_REFUSED|FILE_MISSING"],
	] as const) {
		const home = settled();
		const card = home.modem.card;
		assert.ok(card);
		card.onCommand = (_index, apdu) => (apdu[1] === 0xa4 ? new Uint8Array([sw >> 8, sw & 255]) : null);
		const outcome = quietBoot(home);
		assert.match(outcome, new RegExp(`^failed (${code})$`));
		assert.deepEqual(home.uris(), ["coaps://x.example"]);
	}
	const locked = settled();
	locked.insert({ file: X, cardPin: { reference: 1, value: "1234", enabled: true } });
	assert.equal(quietBoot(locked), "failed SIM_PIN_REQUIRED");
});

test("without a record, the same is a failure without accounts", () => {
	const home = new Home({}, { modem: { diesAt: 0 } });
	assert.equal(home.boot(), "failed MODEM_SILENT invalid");
	const malformed = new Home({ file: X.slice(0, 30) });
	assert.match(malformed.boot(), /^failed FILE_TRUNCATED invalid$/);
	assert.equal(malformed.store.records.size, 0);
});

test("a changed file that fails its check is read again after 5 s", () => {
	const home = settled();
	const broken = Y.slice();
	broken[1] = 9;
	home.update(broken);
	const start = home.port.now;
	assert.equal(home.boot(), "changed content OBJECT_MALFORMED invalid");
	assert.ok(home.port.now - start >= 5000);
	assert.deepEqual(home.uris(), []);
	assert.equal(home.store.holds(X), false, "the old record is disabled");
	// As long as it stays so, nothing is written any more.
	assert.equal(quietBoot(home), "changed content OBJECT_MALFORMED invalid");
	home.update(Y);
	assert.equal(home.boot(), "changed content OK");
	assert.equal(quietBoot(home), "unchanged OK");
});

test("an update over the air that ends within the 5 s is applied", () => {
	const home = settled();
	const half = Y.slice();
	half.fill(0xff, 30);
	home.update(half);
	home.life = home.device();
	home.life.run();
	home.drive({ maxMs: 3000 });
	home.update(Y);
	const { code } = home.drive();
	assert.equal(code, 0);
	assert.deepEqual(home.uris(), ["coaps://y.example"]);
});

test("a disabled record is not used when the card cannot be asked, and is deleted with the card", () => {
	const home = settled();
	const broken = Y.slice();
	broken[1] = 9;
	home.update(broken);
	home.boot();
	const silent = new Home({}, { store: home.store, modem: { diesAt: 0 } });
	assert.equal(quietBoot(silent), "failed MODEM_SILENT invalid");
	assert.deepEqual(silent.uris(), []);
	home.insert(null);
	assert.equal(home.boot(), "removed SIM_ABSENT invalid");
	assert.equal(home.store.records.size, 0);
});

test("a change that is confirmed and cannot be read is a change without accounts", () => {
	const home = settled();
	home.update(Y);
	const card = home.modem.card;
	assert.ok(card);
	// Two comparisons, and then the card says nothing but 6F00.
	let reads = 0;
	card.onCommand = (_index, apdu) => {
		if (apdu[1] === 0xb0) reads += 1;
		return reads > 2 && apdu[1] === 0xb0 ? new Uint8Array([0x6f, 0]) : null;
	};
	const outcome = home.boot();
	assert.match(outcome, /^changed content [A-Z_]+ invalid$/);
	assert.deepEqual(home.uris(), []);
	card.onCommand = null;
	assert.equal(home.boot(), "changed content OK");
});

test("a file that does not fit the buffer any more disables the old one", () => {
	const home = settled({ file: makeFile(1000), fileSize: 6000 }, { bufferBytes: 2000 });
	home.update(makeFile(5000));
	assert.equal(home.boot(), "changed content FILE_TOO_LARGE invalid");
	assert.equal(home.life.bootstrap.needed, 5000);
	assert.deepEqual(home.uris(), []);
});

test("the fingerprint is the SHA-256 of the file, and is remembered", () => {
	const home = settled();
	const expected = createHash("sha256").update(X).digest("hex");
	assert.equal(Buffer.from(home.life.fingerprint).toString("hex"), expected);
	assert.equal(home.digests, 1);
	assert.equal(home.boot(), "unchanged OK");
	assert.equal(home.life.hasFingerprint, true);
	assert.equal(Buffer.from(home.life.fingerprint).toString("hex"), expected);
	assert.equal(home.digests, 1);
	home.update(Y);
	home.boot();
	assert.equal(Buffer.from(home.life.fingerprint).toString("hex"), createHash("sha256").update(Y).digest("hex"));
});

test("run() and verify() can be aborted at any time, and close() wipes the keys", () => {
	const sessions: HomeOptions = { everyWay: true, core: { links: [VIA_CGLA] } };
	for (const options of [{}, sessions]) {
		for (let at = 0; at < 3000; at += 30) {
			const home = settled({ file: X }, { modem: { latencyMs: 50, commandMs: 20, ccho: true }, ...options });
			home.life = home.device();
			home.life.run();
			const { hung } = home.drive({ maxMs: at });
			if (!hung) break;
			home.life.abort();
			let code = home.life.poll(home.port.now);
			if (code === 1) code = home.drive().code;
			assert.ok(code === -2 || code === 0, `${code} at ${at}`);
			if (code === -2) assert.equal(home.life.state, STATE_FAILED);
			home.drive({ maxMs: 500 });
			assert.equal(home.modem.card?.channelsOpen, 0, `at ${at}`);
			home.life.close();
			home.life.close();
			assert.ok(home.life.bootstrap.file.buffer.every((byte) => byte === 0));
			assert.equal(quietBoot(home), "unchanged OK");
		}
	}
});

test("a run that is aborted goes no further, also where it has just found a change", () => {
	let changes = 0;
	for (let at = 0; ; at += 30) {
		const home = settled({ file: X }, { modem: { latencyMs: 50, commandMs: 20 } });
		home.update(Y);
		home.life = home.device();
		home.life.run();
		if (!home.drive({ maxMs: at }).hung) break;
		home.life.abort();
		let code = home.life.poll(home.port.now);
		if (code === 1) code = home.drive().code;
		assert.equal(code, ABORTED, `at ${at}`);
		assert.equal(home.life.valid, home.life.state === STATE_FAILED, `at ${at}`);
		assert.equal(home.store.holds(X), home.life.state === STATE_FAILED, `at ${at}`);
		if (home.life.state === STATE_CHANGED) changes += 1;
	}
	assert.ok(changes > 10);
});

test("a change that was confirmed stays one though the SIM is not there for a moment", () => {
	const home = settled();
	const { card, options } = home.modem;
	assert.ok(card);
	home.update(Y);
	card.onCommand = () => {
		if (!home.store.holds(X)) options.simCme = 10;
		return null;
	};
	assert.match(home.boot(), /^changed content SIM_ABSENT invalid/);
	card.onCommand = null;
	options.simCme = 0;
	assert.equal(home.run(), "changed content OK");
});

test("another card whose file cannot be read: what came from the one before is not used, and waits for it", () => {
	for (const sw of [0x6982, 0x9300]) {
		const home = settled();
		const { card } = home.modem;
		home.insert({ file: Y, iccid: OTHER_ICCID });
		const other = home.modem.card;
		assert.ok(other);
		other.onCommand = (_index, apdu) => (apdu[1] === 0xa4 ? new Uint8Array([sw >> 8, sw & 255]) : null);
		assert.match(quietBoot(home), /^failed (SECURITY_STATUS|CARD_BUSY) invalid$/);
		assert.equal(home.life.reason, REASON_CARD);
		assert.deepEqual(home.uris(), []);
		assert.equal(home.life.bootstrap.file.length, 0);
		home.modem.setCard(card, home.port.now);
		assert.equal(quietBoot(home), "unchanged OK");
		assert.deepEqual(home.uris(), ["coaps://x.example"]);
		// The same while the accounts are in use.
		const { generation } = home.life;
		home.modem.setCard(other, home.port.now);
		assert.match(home.verify(), /^failed (SECURITY_STATUS|CARD_BUSY) invalid$/);
		assert.notEqual(home.life.generation, generation);
		assert.deepEqual(home.uris(), []);
		// And a card that can be read is applied.
		other.onCommand = null;
		assert.equal(home.boot(), "changed card OK");
		assert.deepEqual(home.uris(), ["coaps://y.example"]);
	}
});

test("a card that was there in between was not missing twice", () => {
	const home = settled();
	const broken = Y.slice();
	broken[1] = 9;
	home.update(broken);
	const { card, history } = home.modem;
	assert.ok(card);
	const asked = () => history.filter((line) => line === "+CPIN?").length;
	home.modem.setCard(null, home.port.now);
	home.life = home.device();
	home.life.run();
	home.drive({ maxMs: 1000 });
	assert.equal(asked(), 1);
	// It is back, and its file is in the middle of an update;
	home.modem.setCard(card, home.port.now);
	home.drive({ maxMs: 3000 });
	assert.equal(asked(), 3);
	// then its contacts fail once more.
	home.modem.setCard(null, home.port.now);
	assert.equal(home.drive({ maxMs: 6000 }).code, 1);
	assert.equal(asked(), 4);
	home.modem.setCard(card, home.port.now);
	home.update(Y);
	const { code } = home.drive();
	assert.equal(code, 0);
	assert.equal(home.life.state, 3);
	assert.deepEqual(home.uris(), ["coaps://y.example"]);
});

test("a record that was kept with more ways to the card than there are now is of use", () => {
	const home = settled({ file: X }, { everyWay: true, modem: { csim: false, ccho: true } });
	assert.equal(home.life.record.way, VIA_CGLA);
	const other = new Home({ file: X }, { store: home.store, lender: new Listener() });
	assert.equal(other.verify(), "unchanged OK");
	assert.equal(other.boot(), "unchanged OK");
	other.update(Y);
	assert.equal(other.boot(), "changed content OK");
});

test("the way that worked is known whatever the order of the ways, and their number", () => {
	const modem = { csim: false, ccho: true };
	const home = settled({ file: X }, { everyWay: true, modem, core: { links: [VIA_CGLA] } });
	for (const links of [[VIA_CSIM, VIA_CRSM, VIA_CGLA], [VIA_CGLA, VIA_CSIM], undefined]) {
		const core = links === undefined ? {} : { links };
		const other = new Home({ file: X }, { store: home.store, everyWay: true, modem, lender: new Listener(), core });
		assert.equal(other.verify(), "unchanged OK");
		assert.equal(other.life.exchanges, 4);
		assert.equal(quietBoot(other), "unchanged OK");
		assert.equal(other.life.exchanges, 4);
	}
});
