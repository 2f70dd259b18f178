// Keys for the secure channel: the module simscp03 beside the bundle and beside a board's ready file, as built.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	type BootstrapCardOptions,
	Line,
	SecureCard,
	type SecureCardOptions,
	VirtualModem,
} from "../../virtual/index.js";
import { keys as staticKeys } from "../scp03/bench.js";
import { Espruino } from "./context.js";
import { assertRead, BUNDLE, begin, cardOf, finish, NEW, OLD, type Outcome, URI, USUAL, uriOf } from "./device.js";

const MODULE = "simstrap.espruino.secure.js";

interface Bench {
	engine: Espruino;
	modem: VirtualModem;
}

function bench(side: Partial<SecureCardOptions> | null = {}, card: BootstrapCardOptions = USUAL, version = NEW): Bench {
	const made = cardOf(card);
	made.secure = side === null ? null : new SecureCard({ ...staticKeys(), ...side });
	const modem = new VirtualModem(made, { record: true });
	return { engine: new Espruino(version, new Line(modem, {})), modem };
}

/** Random numbers that are none, so that runs are the same. */
function counting(): (bytes: Uint8Array) => void {
	let next = 1;
	return (bytes) => {
		for (let i = 0; i < bytes.length; i++) bytes[i] = next++ & 255;
	};
}

function install(engine: Espruino, names = ["simstrap", "simscp03"]): void {
	const files: { [name: string]: string } = { simstrap: BUNDLE, simscp03: MODULE };
	for (const name of names) engine.storage.set(name, engine.textOf(files[name]));
}

function run(engine: Espruino, options: object = {}, keyOptions: object = {}, verifying = false): Outcome {
	const secure = engine.require("simscp03").keys({ ...staticKeys(), kvn: 0x30, random: counting(), ...keyOptions });
	return finish(engine, begin(engine, engine.require("simstrap"), { secure, ...options }, verifying));
}

function restart({ engine, modem }: Bench): Espruino {
	const next = new Espruino(NEW, new Line(modem, {}), engine.storage);
	next.now = engine.now;
	return next;
}

test("the file is read through the secure channel, and nothing of the file is on the line", () => {
	const { engine, modem } = bench();
	let heard = "";
	const wire = engine.wire;
	engine.wire = {
		receive: (bytes, from, to, now) => wire.receive(bytes, from, to, now),
		nextAt: (now) => wire.nextAt(now),
		read(out, from, to, now) {
			const count = wire.read(out, from, to, now);
			heard += Buffer.from(out.subarray(from, from + count)).toString("latin1");
			return count;
		},
	};
	install(engine);
	assertRead(run(engine));
	assert.equal(modem.card?.channelsOpen, 0);
	assert.ok(!heard.toUpperCase().includes(Buffer.from("coaps://").toString("hex").toUpperCase()));
	assert.equal(run(engine).connection?.state, "unchanged");
	assert.equal(run(engine, {}, {}, true).connection?.state, "unchanged");
});

test("keys of 24 and 32 bytes, MACs of 16", () => {
	for (const length of [24, 32]) {
		const { engine } = bench({ ...staticKeys(length), sMode: 16 } as Partial<SecureCardOptions>);
		install(engine);
		assertRead(run(engine, {}, { ...staticKeys(length), sMode: 16 }));
	}
});

test("keys that are wrong have a name, are remembered, and are not tried again", () => {
	const made = bench();
	install(made.engine);
	const wrong = { enc: staticKeys().mac, mac: staticKeys().enc };
	assert.equal(run(made.engine, {}, wrong).error?.code, "SECURE_KEYS_WRONG");
	const next = restart(made);
	made.modem.history.length = 0;
	assert.equal(run(next, {}, wrong).error?.code, "SECURE_KEYS_BLOCKED");
	assert.ok(!made.modem.history.some((line) => /,"?.{2}50/.test(line)), "INITIALIZE UPDATE is not sent");
	assertRead(run(restart(made)));
});

test("a card without a secure channel: refused, and read with the policy that prefers one", () => {
	const { engine } = bench(null);
	install(engine);
	assert.match(run(engine).error?.code ?? "", /^SECURE_/);
	assertRead(run(engine, {}, { policy: "prefer" }));
});

test("with a board's ready file it is the application that brings the keys", () => {
	const { engine } = bench();
	install(engine, ["simscp03"]);
	const { enc, mac } = staticKeys();
	engine.storage.set(
		"simapp",
		`exports.options = { secure: require("simscp03").keys({
			enc: new Uint8Array([${enc}]), mac: new Uint8Array([${mac}]), kvn: 0x30,
			random: function (bytes) { for (let i = 0; i < bytes.length; i++) bytes[i] = i * 7 + 1; }
		}) };
		exports.simstrap = function (error, accounts) {
			print(error ? error.code : accounts.next() && accounts.security.resource(0) && accounts.security.text());
		};`,
	);
	engine.runFile("espruino/lilygo-t-a7670.js");
	engine.run(() => engine.prints.length > 0);
	assert.deepEqual(engine.prints, [URI]);
});

test("what cannot be is said at once, and the line stays free", () => {
	const { engine } = bench();
	install(engine);
	const { keys } = engine.require("simscp03");
	const { connect } = engine.require("simstrap");
	const options = { ...staticKeys(), kvn: 0x30 };
	assert.throws(() => keys(options), { message: /^random: expected a source/ });
	const random = counting();
	const short = { ...options, enc: new Uint8Array(15), random };
	assert.throws(() => connect(engine.serial, { secure: keys(short) }, () => {}), {
		message: /^enc: expected a key of/,
	});
	engine.aes = false;
	const secure = keys({ ...options, random });
	assert.throws(() => connect(engine.serial, { secure }, () => {}), { message: /firmware with crypto.AES/ });
	engine.aes = true;
	assert.equal(engine.serial.listeners.length, 0);
	assertRead(run(engine));
	// A receiver of 64 bytes is too small for a session.
	const old = bench({}, USUAL, OLD).engine;
	install(old);
	assert.throws(() => run(old), { message: /^step: expected 32 to 256 for SCP03/ });
});

test("modules of two builds are told apart", () => {
	const { engine } = bench();
	install(engine);
	const text = engine.storage.get("simstrap") ?? "";
	engine.storage.set("simstrap", text.replace(/exports\.build="\w+"/, 'exports.build="another"'));
	assert.throws(() => run(engine), { message: "simscp03: expected the module simstrap of the same build" });
});

test("keys are wiped when it is over, and those of the application are not", () => {
	const { engine } = bench();
	install(engine);
	const given = { enc: Uint8Array.from(staticKeys().enc), mac: Uint8Array.from(staticKeys().mac) };
	const key = Buffer.from(given.enc).toString("latin1");
	const seen: boolean[] = [];
	const random = counting();
	const watching = (bytes: Uint8Array) => {
		seen.push(engine.remembers(key));
		random(bytes);
	};
	assert.equal(uriOf(run(engine, {}, { ...given, random: watching }).accounts), URI);
	assert.deepEqual(seen, [true]);
	assert.ok(!engine.remembers(key));
	assert.deepEqual(given.enc, Uint8Array.from(staticKeys().enc));
	assertRead(run(engine, {}, given));
});
