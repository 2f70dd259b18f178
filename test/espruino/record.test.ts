// The record between boots, and `verify` on a line that the application lends.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { board } from "../../boards/lilygo-t-a7670/board.js";
import { type BootstrapCardOptions, Line, type ModemOptions, VirtualModem } from "../../virtual/index.js";
import { serverFile } from "../life/support.js";
import { Espruino } from "./context.js";
import { type Begun, BUNDLE, begin, cardOf, finish, NEW, type Outcome, outcome, uriOf } from "./device.js";

const KEY = "a key of the card";
const X = serverFile("coaps://x.example", 86400, KEY);
const Y = serverFile("coaps://y.example", 86400, "another key of the card");

/** A device that starts anew with each `boot`; modem, card and flash stay what they are. */
class Device {
	readonly modem: VirtualModem;
	engine: Espruino;

	constructor(card: BootstrapCardOptions | null, modem: ModemOptions = {}) {
		this.modem = new VirtualModem(card === null ? null : cardOf(card), { record: true, ...modem });
		this.engine = new Espruino(NEW, new Line(this.modem, {}));
	}

	restart(): void {
		const { now, storage, storageError, free } = this.engine;
		this.engine = new Espruino(NEW, new Line(this.modem, {}), storage);
		Object.assign(this.engine, { now, storageError, free });
		this.modem.history.length = 0;
	}

	boot(options: object = {}): Outcome {
		this.restart();
		return outcome(this.engine, options);
	}

	verify(options: object = {}): Outcome {
		this.modem.history.length = 0;
		return finish(this.engine, this.beginVerify(options));
	}

	beginVerify(options: object = {}): Begun {
		return begin(this.engine, this.engine.load(BUNDLE), options, true);
	}

	insert(card: BootstrapCardOptions | null): void {
		this.modem.setCard(card === null ? null : cardOf(card), this.engine.now);
	}

	/** Exchanges with the card. */
	get exchanges(): number {
		return this.modem.history.filter((line) => line.startsWith("+CSIM")).length;
	}

	holds(text: string): boolean {
		return [...this.engine.storage.values()].some((file) => file.includes(text));
	}
}

function said({ error, accounts, connection }: Outcome): string {
	const uri = uriOf(accounts);
	const words = [connection?.state, connection?.reason, error?.code, uri, connection?.kept ? "" : "not kept"];
	return words.filter((word) => word).join(" ");
}

test("the second start takes the short way, and writes nothing", () => {
	const device = new Device({ file: X });
	assert.equal(said(device.boot()), "first coaps://x.example");
	const long = device.exchanges;
	const kept = new Map(device.engine.storage);
	assert.ok(device.holds(KEY));
	for (let start = 0; start < 3; start++) {
		assert.equal(said(device.boot()), "unchanged coaps://x.example");
		assert.ok(device.exchanges < long, `${device.exchanges} of ${long}`);
		assert.deepEqual(device.engine.storage, kept);
		assert.deepEqual(device.engine.writes, []);
	}
});

test("the fingerprint is the firmware's SHA-256 of the file, for as long as the file is remembered; without the one or the other there is none", () => {
	const digestOf = (file: Uint8Array): string => createHash("sha256").update(file).digest("hex");
	const fingerprintOf = ({ connection }: Outcome): string | null => {
		const bytes = connection?.fingerprint ?? null;
		return bytes === null ? null : Buffer.from(bytes).toString("hex");
	};
	const device = new Device({ file: X });
	assert.equal(fingerprintOf(device.boot()), digestOf(X));
	assert.equal(fingerprintOf(device.boot()), digestOf(X));
	assert.equal(fingerprintOf(device.verify()), digestOf(X));
	device.insert({ file: Y });
	assert.equal(fingerprintOf(device.boot()), digestOf(Y));
	assert.equal(fingerprintOf(device.boot({ remember: false })), null);
	device.insert(null);
	assert.equal(fingerprintOf(device.boot()), null);
	device.insert({ file: X });
	device.restart();
	device.engine.sha256 = false;
	assert.equal(fingerprintOf(outcome(device.engine, {})), null);
});

test("another file on the card replaces what is remembered", () => {
	const device = new Device({ file: X });
	device.boot();
	device.insert({ file: Y });
	assert.equal(said(device.boot()), "changed content coaps://y.example");
	assert.ok(!device.holds(KEY));
	assert.equal(said(device.boot()), "unchanged coaps://y.example");
});

test("another card with the same file is told from the first one", () => {
	const device = new Device({ file: X, iccid: "8988211000000000016" });
	device.boot();
	device.insert({ file: X, iccid: "8988211000000000024" });
	assert.equal(said(device.boot()), "changed card coaps://x.example");
});

test("what came from a card that is gone is deleted", () => {
	const device = new Device({ file: X });
	device.boot();
	device.insert(null);
	assert.equal(said(device.boot()), "removed SIM_ABSENT");
	assert.ok(!device.holds(KEY));
	assert.equal(said(device.boot()), "absent SIM_ABSENT");
	device.insert({ file: X });
	assert.equal(said(device.boot()), "first coaps://x.example");
});

test("a modem that says nothing: the error, and beside it what is remembered", () => {
	const device = new Device({ file: X });
	device.boot();
	device.modem.options.diesAt = 0;
	assert.equal(said(device.boot()), "failed MODEM_SILENT coaps://x.example");
	assert.ok(device.holds(KEY));
});

test("without a record there is nothing beside the error", () => {
	assert.equal(said(new Device({ file: X }, { diesAt: 0 }).boot()), "failed MODEM_SILENT");
});

test("remember: false leaves Storage alone", () => {
	const device = new Device({ file: X });
	const options = { remember: false };
	for (let start = 0; start < 2; start++) {
		const out = device.boot(options);
		assert.equal(uriOf(out.accounts), "coaps://x.example");
		assert.equal(out.connection?.state, "first");
		assert.ok(!out.connection?.kept);
		assert.equal(device.engine.storage.size, 0);
	}
	device.modem.options.simCme = 10;
	assert.equal(device.boot(options).connection?.state, "failed");
});

test("Storage that is full, or broken: the accounts are used and not kept, and nothing is compacted", () => {
	for (const break_ of [
		(engine: Espruino) => Object.assign(engine, { free: 200 }),
		(engine: Espruino) => Object.assign(engine, { storageError: new Error("Unable to find or create file") }),
	]) {
		const device = new Device({ file: X });
		break_(device.engine);
		assert.equal(said(device.boot()), "first coaps://x.example not kept");
		assert.ok(!device.holds(KEY));
		assert.equal(device.engine.compacted, false);
	}
});

test("verify: unchanged accounts cost 6 exchanges in steps of 48, and the modem's settings are as they were", () => {
	const device = new Device({ file: X });
	const { accounts } = device.boot();
	Object.assign(device.modem, { echo: true, cmee: 2 });
	const out = device.verify();
	assert.equal(said(out), "unchanged");
	assert.equal(out.accounts, undefined);
	assert.equal(device.exchanges, 6);
	assert.deepEqual([device.modem.echo, device.modem.cmee], [true, 2]);
	assert.equal(uriOf(accounts), "coaps://x.example");
});

test("verify after a restart, before anything was read, knows what is remembered", () => {
	const device = new Device({ file: X });
	device.boot();
	device.restart();
	assert.equal(said(device.verify()), "unchanged");
	assert.ok(!device.engine.remembers(KEY), "and keeps nothing of it");
});

test("verify: a change disables what is remembered, and connect reads what is there now", () => {
	const device = new Device({ file: X });
	device.boot();
	device.insert({ file: Y });
	assert.equal(said(device.verify()), "changed content FILE_CHANGED");
	assert.ok(!device.holds(KEY));
	assert.equal(said(outcome(device.engine)), "changed content coaps://y.example");
	assert.equal(said(device.verify()), "unchanged");
});

test("verify: a card that is gone, a modem that says nothing, nothing to compare with", () => {
	const device = new Device({ file: X });
	assert.equal(said(device.verify()), "failed RECORD_MISSING");
	device.boot();
	device.modem.options.simCme = 13;
	assert.equal(said(device.verify()), "failed SIM_FAILURE");
	assert.ok(device.holds(KEY));
	device.modem.options.simCme = 0;
	device.insert(null);
	assert.equal(said(device.verify()), "removed SIM_ABSENT");
	assert.ok(!device.holds(KEY));
	device.modem.options.diesAt = 0;
	assert.equal(said(device.verify()), "failed RECORD_MISSING");
});

test("verify touches no pin, whatever the options say", () => {
	const device = new Device({ file: X });
	device.boot({ board });
	device.engine.pins.length = 0;
	assert.equal(said(device.verify({ board })), "unchanged");
	assert.deepEqual(device.engine.pins, []);
});

test("verify hands on what is no answer to it, and survives what the application throws at that", () => {
	const device = new Device({ file: X });
	device.boot();
	device.modem.options.unrelated = [{ text: "+CREG: 1", command: -1 }];
	let text = "";
	assert.equal(said(device.verify({ onData: (data: string) => (text += data) })), "unchanged");
	const lines = text.split("\r\n").filter(Boolean);
	assert.ok(lines.length >= 8, text);
	for (const line of lines) assert.equal(line, "+CREG: 1");
	const thrown = {
		onData: () => {
			throw new Error("the application's");
		},
	};
	assert.equal(said(device.verify(thrown)), "unchanged");
	assert.ok(device.engine.prints.length > 0);
	for (const print of device.engine.prints) assert.match(print, /the application's/);
});

test("connect and verify at once: the second gets BUSY, the first goes on", () => {
	const device = new Device({ file: X }, { latencyMs: 20 });
	device.boot();
	const { engine } = device;
	const module = engine.load(BUNDLE);
	const first = begin(engine, module, {}, true);
	const busy: (string | undefined)[] = [];
	for (const call of [module.connect, module.verify])
		assert.equal(
			call(engine.serial, {}, (error) => busy.push(error?.code)),
			undefined,
		);
	assert.equal(said(finish(engine, first)), "unchanged");
	assert.deepEqual(busy, ["BUSY", "BUSY"]);
});

test("close in the middle of verify, at any moment: one callback, settings as they were, no channel left", () => {
	for (let after = 0; after < 1500; after += 50) {
		const device = new Device({ file: X }, { latencyMs: 100, commandMs: 30 });
		device.boot();
		Object.assign(device.modem, { echo: true, cmee: 0 });
		const { out, connection } = device.beginVerify();
		const { engine } = device;
		const until = engine.now + after;
		engine.run(() => engine.now >= until || out.calls > 0, after + 1);
		if (out.calls > 0) {
			assert.ok(after > 500);
			break;
		}
		connection?.close();
		engine.run(() => out.calls > 0);
		engine.run(() => false, 20000);
		assert.equal(out.calls, 1);
		assert.equal(out.error?.code, "ABORTED", `after ${after} ms`);
		assert.deepEqual([device.modem.echo, device.modem.cmee], [true, 0], `after ${after} ms`);
		assert.equal(device.modem.card?.channelsOpen, 0);
		assert.equal(said(device.boot()), "unchanged coaps://x.example");
	}
});

test("a callback that throws is called once, and what was read is kept all the same", () => {
	const device = new Device({ file: X });
	let calls = 0;
	device.engine.load(BUNDLE).connect(device.engine.serial, {}, () => {
		calls += 1;
		throw new Error("the application's");
	});
	device.engine.run(() => calls > 0);
	device.engine.run(() => false, 20000);
	assert.equal(calls, 1);
	assert.equal(device.engine.uncaught.length, 1);
	assert.equal(said(device.boot()), "unchanged coaps://x.example");
});

test("a channel that could not be closed is closed by the next start", () => {
	const device = new Device({ file: X }, { latencyMs: 20 });
	const { card } = device.modem;
	const { out } = begin(device.engine, device.engine.load(BUNDLE), { limitMs: 3000 });
	// SELECT of the application: by now it knows its channel.
	device.engine.run(() => device.modem.history.some((line) => /^\+CSIM=.*A404/.test(line)));
	device.engine.wire = { receive: () => {}, read: () => 0, nextAt: () => -1 };
	device.engine.run(() => out.calls > 0);
	assert.equal(out.error?.code, "OUT_OF_TIME");
	assert.equal(card?.channelsOpen, 1);
	assert.equal(said(device.boot()), "first coaps://x.example");
	assert.equal(card?.channelsOpen, 0);
});
