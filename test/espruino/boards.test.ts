// The boards' ready files as built: each runs at power-on, wakes the modem, and gives the accounts to the application.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Board } from "../../boards/board.js";
import { PIN_PWRKEY } from "../../src/index.js";
import { Line, VirtualModem } from "../../virtual/index.js";
import { Espruino, type Exports } from "./context.js";
import { begin, cardOf, finish, power, URI } from "./device.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const A7670 = "espruino/lilygo-t-a7670.js";
const APP = `
	exports.simstrap = function (error, accounts, connection) {
		if (error) print(error.code);
		else if (accounts.next() && accounts.security.resource(0)) print(connection.state + " " + accounts.security.text());
	};`;

/** boards/x/board-y.ts is dist/espruino/x-y.js. */
const files = readdirSync(path.join(ROOT, "boards"), { withFileTypes: true })
	.filter((entry) => entry.isDirectory())
	.flatMap(({ name }) =>
		readdirSync(path.join(ROOT, "boards", name))
			.map((file) => /^board(-.+)?\.ts$/.exec(file))
			.filter((match) => match !== null)
			.map(([file, variant]) => ({ name: name + (variant ?? ""), source: path.join("boards", name, file) })),
	);

test("every board has its file, and there is no other", () => {
	assert.ok(files.length >= 9);
	const built = readdirSync(path.join(ROOT, "dist", "espruino")).sort();
	assert.deepEqual(
		built,
		files.map(({ name }) => `${name}.js`),
	);
});

for (const { name, source } of files)
	test(`${name}: at power-on a modem that is off is woken with the board's pins, and the application gets the accounts`, async () => {
		const compiled = pathToFileURL(path.join(ROOT, "build", source.replace(/\.ts$/, ".js"))).href;
		const { board } = (await import(compiled)) as { board: Board };
		const modem = new VirtualModem(cardOf({}), { startMs: 1500, bootMs: 4000 });
		const engine = new Espruino("2v29", new Line(modem, {}));
		engine.i2c = [];
		engine.storage.set("simapp", APP);
		engine.runFile(`espruino/${name}.js`);
		engine.run(() => engine.prints.length > 0);
		assert.deepEqual(engine.prints, [`first ${URI}`]);
		const { baud, receive, transmit } = board.serial;
		assert.equal(JSON.stringify(engine.serial.setups), JSON.stringify([[baud, { rx: receive, tx: transmit }]]));
		// What is held comes first, and every line of the board is driven.
		const held = board.pins.filter((pin) => pin.held).map((pin) => `${pin.pin}=${pin.active}`);
		assert.deepEqual(engine.pins.slice(0, held.length), held);
		for (const { pin } of board.pins) assert.ok(engine.pins.some((change) => change.startsWith(`${pin}=`)));
		const key = board.pins.find((pin) => pin.role === PIN_PWRKEY);
		if (key) assert.ok(engine.pins.includes(`${key.pin}=${key.active}`), "the key is pressed");
		if (board.registers) {
			const { data, clock, hz } = board.registers;
			assert.equal(engine.i2c[0], JSON.stringify({ sda: data, scl: clock, bitrate: hz }));
			assert.ok(engine.i2c.length > 4);
		} else assert.deepEqual(engine.i2c, []);
	});

test("the text of a file says which board it is for, and where it goes", () => {
	const [first] = readFileSync(path.join(ROOT, "dist", A7670), "latin1").split("\n");
	assert.match(first, /LilyGO T-A7670 \(A7670, ESP32\).*\.boot1.*simapp/);
});

test("a modem that is on already keeps its key untouched", () => {
	const engine = power({});
	engine.storage.set("simapp", APP);
	engine.runFile(A7670);
	engine.run(() => engine.prints.length > 0);
	assert.deepEqual(engine.pins.slice(0, 2), [`12=1`, "5=0"]);
	assert.ok(!engine.pins.includes("4=1"));
});

test("at the next power-on the short way is taken", () => {
	const modem = new VirtualModem(cardOf({}), {});
	const first = new Espruino("2v30", new Line(modem, {}));
	first.storage.set("simapp", APP);
	first.runFile(A7670);
	first.run(() => first.prints.length > 0);
	const second = new Espruino("2v30", new Line(modem, {}), first.storage);
	second.now = first.now;
	second.runFile(A7670);
	second.run(() => second.prints.length > 0);
	assert.deepEqual([...first.prints, ...second.prints], [`first ${URI}`, `unchanged ${URI}`]);
	assert.ok(second.serial.sent < first.serial.sent);
});

test("require gives the application the very module: verify, connect, and a new start after a failure", () => {
	const modem = new VirtualModem(cardOf({}), { simCme: 10 });
	const engine = new Espruino("2v30", new Line(modem, {}));
	engine.storage.set("simapp", APP);
	engine.runFile(A7670);
	engine.run(() => engine.prints.length > 0);
	assert.deepEqual(engine.prints, ["SIM_ABSENT"]);
	const module: Exports = engine.require("simstrap");
	modem.options.simCme = 0;
	module.start();
	engine.run(() => engine.prints.length > 1);
	assert.equal(engine.prints[1], `first ${URI}`);
	assert.equal(finish(engine, begin(engine, module, {}, true)).connection?.state, "unchanged");
	assert.equal(finish(engine, begin(engine, module)).connection?.state, "unchanged");
});

test("the application's options count", () => {
	const engine = power({});
	engine.storage.set("simapp", `exports.options = { remember: false, fileBytes: 64 };${APP}`);
	engine.runFile(A7670);
	engine.run(() => engine.prints.length > 0);
	assert.deepEqual(engine.prints, ["FILE_TOO_LARGE"]);
	assert.equal(engine.storage.size, 1);
});

test("without an application it says what came of it, and nothing of what it read", () => {
	for (const [modem, expected] of [
		[{}, /^simstrap: the accounts are read/],
		[{ simCme: 10 }, /^simstrap: SIM_ABSENT$/],
	] as const) {
		const engine = power({ modem });
		engine.runFile(A7670);
		engine.run(() => engine.prints.length > 0);
		assert.equal(engine.prints.length, 1);
		assert.match(engine.prints[0], expected);
	}
});

test("a board of one's own comes from the application's options; without one that is said", () => {
	const engine = power({});
	assert.throws(() => engine.runFile("simstrap.espruino.boot.js"), /simapp: expected options.board/);
	const own = power({});
	const board = {
		serial: { port: 2, transmit: 17, receive: 16, baud: 9600 },
		pins: [],
		bringUp: { steps: [5, 5, 300], hello: [], goodbye: [], fullFunction: false },
	};
	own.storage.set("simapp", `exports.options = { board: ${JSON.stringify(board)} };${APP}`);
	own.atOther = true;
	own.runFile("simstrap.espruino.boot.js");
	own.run(() => own.prints.length > 0);
	assert.deepEqual(own.prints, [`first ${URI}`]);
	assert.equal(JSON.stringify(own.other.setups), '[[9600,{"rx":16,"tx":17}]]');
});
