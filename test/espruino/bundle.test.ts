// The bundle as built, in a context that has only what Espruino has. What only the interpreter itself can show is in
// interpreter.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { board } from "../../boards/lilygo-t-a7670/board.js";
import { nameOf } from "../../hal/espruino/names.js";
import * as codes from "../../src/codes.js";
import {
	type BootstrapCardOptions,
	bootstrapCard,
	Line,
	type ModemOptions,
	makeFile,
	VirtualCard,
	VirtualModem,
} from "../../virtual/index.js";
import { type ConnectFailure, Espruino } from "./context.js";
import { assertRead, BUNDLE, begin, NEW, OLD, outcome, power, type Setup, USUAL } from "./device.js";

for (const version of [OLD, NEW]) test(`${version} reads the accounts`, () => assertRead(outcome(power({ version }))));

test("steps of 16 bytes up to 2v29, larger ones from the build on that has the repair", () => {
	const cases: [string, number][] = [
		["1v99", 64],
		["2v08.105", 64],
		["2v28", 64],
		["2v28.1500", 64],
		["2v29", 64],
		["2v29.95", 64],
		["2v29.master_0123abc", 64],
		["2v29.96", 128],
		["2v29.277", 128],
		["2v30", 128],
		["2v100.3", 128],
		["3v01", 128],
	];
	for (const [version, bytes] of cases) {
		const engine = power({ version, card: { ...USUAL, file: makeFile(512) } });
		assert.equal(outcome(engine).error, null);
		assert.ok(engine.longest > bytes - 30 && engine.longest <= bytes, `${version}: ${engine.longest} bytes in one go`);
	}
});

const CARDS: [string, BootstrapCardOptions][] = [
	["a card that takes Le = 00", USUAL],
	["a card that does not", {}],
	["a file of 4 KB", { ...USUAL, file: makeFile(4096) }],
	["a card whose FCP has to be asked for", { manners: { selectData: "fetched" } } as BootstrapCardOptions],
];

for (const [name, card] of CARDS)
	for (const modem of [{}, { echo: false }, { fetchesItself: true }] as ModemOptions[])
		test(`no answer is longer than a receiver of 64 bytes holds: ${name}, ${JSON.stringify(modem)}`, () => {
			const engine = power({ card, modem });
			const out = outcome(engine, { fileBytes: 8192, limitMs: 600000 });
			assert.equal(out.error, null);
			assert.ok(engine.longest <= 64, `${engine.longest} bytes in one go`);
			assert.ok(engine.longest > 50);
		});

test("a receiver that is too small for EF(DIR) is told, and nothing overflows", () => {
	const card = { ...USUAL, placement: "df" as const };
	const small = power({ card, modem: { fetchesItself: true } });
	const { error } = outcome(small);
	assert.equal(error?.code, "RECEIVER_TOO_SMALL");
	assert.ok(small.longest <= 64, `${small.longest} bytes in one go`);
	assertRead(outcome(power({ card, version: NEW })));
});

test("digits go through the platform's routine, and the portable one is not there", () => {
	const text = power({}).textOf(BUNDLE);
	assert.equal(text.split("E.mapInPlace(").length - 1, 5);
	assert.ok(!text.includes("new Int8Array("), "the table of src/hex.ts");
});

test("every result has its name, none twice", () => {
	const seen = new Set<string>();
	for (const [name, code] of Object.entries(codes)) {
		// The secure channel is not in this bundle.
		if (typeof code !== "number" || code >= 0 || name.startsWith("SECURE_")) continue;
		assert.equal(nameOf(code), name);
		assert.ok(!seen.has(name));
		seen.add(name);
	}
	assert.ok(seen.size >= 59, `${seen.size} names`);
	for (const code of [-5, -29, -80, -999]) assert.equal(nameOf(code), "");
});

const FAILURES: [string, Setup, object, string][] = [
	["a modem that never answers", { modem: { diesAt: 0 } }, {}, "MODEM_SILENT"],
	["a modem that falls silent", { modem: { diesAt: 6 } }, { limitMs: 30000 }, "COMMAND_TIMEOUT|OUT_OF_TIME"],
	["no card", { modem: { simCme: 10 } }, {}, "SIM_ABSENT"],
	["a file that is too large", { card: { ...USUAL, file: makeFile(2048) } }, {}, "FILE_TOO_LARGE"],
];

for (const [name, setup, options, expected] of FAILURES)
	test(`${name}: one callback with ${expected}`, () => {
		const { error, accounts } = outcome(power(setup), options);
		assert.match(error?.code ?? "", new RegExp(`^(${expected})$`));
		assert.match(error?.message ?? "", /^simstrap: /);
		assert.equal(accounts, undefined);
	});

test("a receiver that overflows: one callback with FIFO_FULL", () => {
	const engine = power({});
	engine.holds = 40;
	const { error } = outcome(engine, { limitMs: 60000 });
	assert.equal(error?.code, "FIFO_FULL");
});

test("flags of before do not count", () => {
	const engine = power({ modem: { simCme: 10 } });
	engine.flags = ["FIFO_FULL"];
	assert.equal(outcome(engine).error?.code, "SIM_ABSENT");
});

test("a callback that throws is called once, and another connect works", () => {
	const engine = power({});
	const module = engine.load("simstrap.espruino.js");
	let calls = 0;
	module.connect(engine.serial, {}, () => {
		calls += 1;
		throw new Error("the application's");
	});
	engine.run(() => calls > 0);
	engine.run(() => false, 20000);
	assert.equal(calls, 1);
	assert.equal(engine.uncaught.length, 1);
	const { out } = begin(engine, module);
	engine.run(() => out.calls > 0);
	assertRead(out);
});

test("two at once: the second gets BUSY, the first its accounts", () => {
	const engine = power({});
	const module = engine.load("simstrap.espruino.js");
	const first = begin(engine, module);
	const second = begin(engine, module);
	assert.equal(second.out.calls, 0, "not before connect has returned");
	assert.equal(second.connection, undefined);
	engine.run(() => first.out.calls > 0 && second.out.calls > 0);
	engine.run(() => false, 20000);
	assert.deepEqual([first.out.calls, second.out.calls], [1, 1]);
	assert.equal(second.out.error?.code, "BUSY");
	assertRead(first.out);
});

test("a callback may connect again at once", () => {
	const engine = power({});
	const module = engine.load("simstrap.espruino.js");
	const results: (ConnectFailure | null)[] = [];
	const again = (error: ConnectFailure | null): void => {
		results.push(error);
		if (results.length < 3) module.connect(engine.serial, {}, again);
	};
	module.connect(engine.serial, {}, again);
	engine.run(() => results.length === 3);
	assert.deepEqual(results, [null, null, null]);
});

test("close in the middle, at any moment: one callback with ABORTED, and the channel is closed", () => {
	for (const after of [0, 1, 5, 20, 50, 100, 200, 300]) {
		const card = new VirtualCard(bootstrapCard(USUAL));
		const engine = new Espruino(OLD, new Line(new VirtualModem(card, { latencyMs: 20, commandMs: 10 }), {}));
		const { out, connection } = begin(engine, engine.load("simstrap.espruino.js"));
		engine.run(() => engine.now >= after, after + 1);
		connection?.close();
		connection?.close();
		engine.run(() => out.calls > 0);
		engine.run(() => false, 20000);
		assert.equal(out.calls, 1, `after ${after} ms`);
		assert.equal(out.error?.code, "ABORTED", `after ${after} ms`);
		assert.deepEqual(engine.uncaught, []);
		const { out: next } = begin(engine, engine.load("simstrap.espruino.js"));
		engine.run(() => next.calls > 0);
		assertRead(next);
		assert.equal(card.channelsOpen, 0, `after ${after} ms`);
	}
});

test("close after the result wipes the file", () => {
	const engine = power({});
	const { out, connection } = begin(engine, engine.load("simstrap.espruino.js"));
	engine.run(() => out.calls > 0);
	assert.ok(engine.remembers("coaps://"));
	connection?.close();
	assert.ok(!out.accounts?.next());
	assert.equal(out.calls, 1);
	assert.ok(!engine.remembers("coaps://"));
});

test("a failure wipes what was read", () => {
	const engine = power({ modem: { diesAt: 20 } });
	assert.ok(outcome(engine, { remember: false, limitMs: 5000 }).error);
	assert.ok(engine.arrays.length > 10 && !engine.remembers("coaps://"));
});

test("a clock that is set in the middle does no harm", () => {
	for (const jump of [1.8e12, -3600e3]) {
		const engine = power({ modem: { latencyMs: 100 } });
		const { out } = begin(engine, engine.load("simstrap.espruino.js"));
		engine.run(() => engine.now > 600);
		engine.epoch += jump;
		engine.run(() => out.calls > 0);
		assertRead(out);
	}
});

test("what connect cannot take is a TypeError at once", () => {
	const engine = power({});
	const { connect } = engine.load("simstrap.espruino.js");
	const taken = [
		() => connect(undefined, {}, () => {}),
		() => connect(engine.serial, {}, undefined as never),
		() => connect(engine.serial, { receiverBytes: 40 }, () => {}),
		() => connect(engine.serial, { pin: "12" }, () => {}),
	];
	for (const call of taken) assert.throws(call, { name: "TypeError" });
	assert.equal(engine.serial.listeners.length, 0);
	assertRead(outcome(engine));
});

test("a modem that is off is woken by its key", () => {
	const engine = power({ modem: { startMs: 2000, bootMs: 5000 } });
	const out = outcome(engine, { board });
	assertRead(out);
	assert.ok(engine.pins.includes("4=1") && engine.pins.lastIndexOf("4=0") > engine.pins.lastIndexOf("4=1"));
});
