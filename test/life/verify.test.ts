// verify(): the check before a Register or Update, on a line that the application lends; and the line itself.

import assert from "node:assert/strict";
import test from "node:test";
import {
	AT_CEREG_0,
	AT_CSIMSLEEP_0,
	AT_CSIMSLEEP_1,
	PROBE,
	RECORD_NOT_KEPT,
	STEP_MODEM,
	STEP_SIM,
	VIA_CGLA,
} from "../../src/index.js";
import { fromHex, Meddler, type ModemOptions, type UnrelatedLine, type VirtualModem } from "../../virtual/index.js";
import { Home, type HomeOptions, Listener, serverFile } from "./support.js";

const X = serverFile("coaps://x.example");
const Y = serverFile("coaps://y.example", 43200);

/** A place for a line that comes later. */
const LATER: UnrelatedLine = { text: "", command: 1e9 };

/** What an application does with its modem: its own settings. */
function tell(modem: VirtualModem, line: string, now: number): string {
	const bytes = Buffer.from(`${line}\r`);
	modem.receive(bytes, 0, bytes.length, now);
	const out = new Uint8Array(1000);
	return Buffer.from(out.subarray(0, modem.read(out, 0, out.length, now + 1))).toString("latin1");
}

/** A device that has booted, and whose application has its own settings. */
function inUse(options: HomeOptions = {}, settings = "ATE1V1+CMEE=0"): Home {
	const home = new Home({ file: X }, { lender: new Listener(), ...options });
	assert.equal(home.boot(), "first OK");
	tell(home.modem, settings, home.port.now);
	home.modem.history.length = 0;
	return home;
}

test("unchanged accounts are verified in 5 exchanges and stay untouched", () => {
	const home = inUse();
	const { buffer } = home.life.bootstrap.file;
	const before = buffer.slice();
	const { generation } = home.life;
	const { writes } = home.store;
	for (let i = 0; i < 3; i++) {
		assert.equal(home.verify(), "unchanged OK");
		assert.equal(home.life.exchanges, 5);
	}
	assert.deepEqual(buffer, before);
	assert.equal(home.life.generation, generation);
	assert.equal(home.store.writes, writes);
	assert.deepEqual(home.uris(), ["coaps://x.example"]);
});

test("settings are as they were, whatever they were", () => {
	for (const echo of [true, false]) {
		for (const verbose of [true, false]) {
			for (const cmee of [0, 1, 2]) {
				const home = inUse({}, `ATE${echo ? 1 : 0}V${verbose ? 1 : 0}+CMEE=${cmee}`);
				assert.equal(home.verify(), "unchanged OK", `${echo} ${verbose} ${cmee}`);
				const { modem } = home;
				assert.deepEqual([modem.echo, modem.verbose, modem.cmee], [echo, verbose, cmee]);
				// What was right already is not set at all.
				const set = modem.history.filter((line) => /^(E|V|\+CMEE=)/.test(line));
				assert.equal(set.length, (echo ? 2 : 0) + (verbose ? 0 : 2) + (cmee === 0 ? 2 : 0), set.join());
			}
		}
	}
});

test("settings are restored when it fails, is aborted, or finds a change", () => {
	const check = (home: Home) => assert.deepEqual([home.modem.echo, home.modem.cmee], [true, 0]);
	const home = inUse();
	home.modem.options.simCme = 13;
	assert.equal(home.verify(), "failed SIM_FAILURE");
	check(home);
	home.modem.options.simCme = 0;
	home.modem.options.latencyMs = 300;
	for (let at = 0; at < 1500; at += 100) {
		home.life.verify();
		const { hung } = home.drive({ maxMs: at });
		if (!hung) break;
		home.life.abort();
		if (home.life.poll(home.port.now) === 1) home.drive();
		home.drive({ maxMs: 1000 });
		check(home);
		assert.deepEqual(home.uris(), ["coaps://x.example"]);
		assert.equal(home.modem.card?.channelsOpen, 0);
	}
	home.update(Y);
	assert.equal(home.verify(), "changed content FILE_CHANGED invalid");
	check(home);
});

test("a SIM that the modem lets sleep is woken for a verify, and sleeps again afterwards", () => {
	const bringUp = {
		steps: [PROBE, 5, 300],
		hello: [AT_CEREG_0, AT_CSIMSLEEP_0],
		goodbye: [AT_CSIMSLEEP_1],
		fullFunction: false,
	};
	for (const csimSleep of [true, false]) {
		const home = inUse({ bringUp, modem: { csimSleep, accepts: ["+CEREG"] } });
		for (let i = 0; i < 2; i++) {
			home.modem.history.length = 0;
			assert.equal(home.verify(), "unchanged OK");
			const lines = home.modem.history.filter((line) => line.startsWith("+CS"));
			assert.deepEqual([lines[0], lines.at(-1)], ["+CSIMSLEEP=0", "+CSIMSLEEP=1"]);
			assert.ok(!home.modem.history.some((line) => line.startsWith("+CEREG")), "the application's own setting");
			assert.deepEqual([home.modem.echo, home.modem.cmee], [true, 0]);
		}
		home.modem.options.simCme = 13;
		assert.equal(home.verify(), "failed SIM_FAILURE");
		assert.ok(home.modem.history.includes("+CSIMSLEEP=1"));
	}
});

test("a line of a few digits is no number of a card", () => {
	for (const text of ["0", "4", "123456"]) {
		const home = inUse({ modem: { unrelated: [LATER] } });
		home.modem.options.unrelated = [{ text, place: "before" }];
		// Neither now nor at the next boot, whatever else it comes to.
		for (const outcome of [home.verify(), home.boot()]) assert.match(outcome, /^(unchanged|failed) [A-Z_]+$/, text);
		assert.ok(home.life.record.hasIccid);
	}
});

test("the change of a file between two verifies disables the old accounts before a byte is overwritten", () => {
	const home = inUse();
	assert.equal(home.verify(), "unchanged OK");
	home.update(Y);
	const { file } = home.life.bootstrap;
	const before = file.buffer.slice();
	const { generation } = home.life;
	assert.equal(home.verify(), "changed content FILE_CHANGED invalid");
	assert.deepEqual(file.buffer, before, "the bytes are still there");
	assert.equal(file.length, 0, "and do not count");
	assert.notEqual(home.life.generation, generation);
	assert.equal(home.store.holds(X), false);
	assert.equal(home.run(), "changed content OK");
	assert.deepEqual(home.uris(), ["coaps://y.example"]);
	assert.equal(home.verify(), "unchanged OK");
});

test("while run() reads over the old accounts they do not count", () => {
	const home = new Home({ file: X }, { modem: { latencyMs: 50 } });
	home.boot();
	home.update(Y);
	const { file } = home.life.bootstrap;
	const old = file.buffer.slice(0, X.length);
	home.life.run();
	for (let i = 0; i < 10000; i++) {
		const { code } = home.drive({ maxMs: 0, maxIterations: 3 });
		if (!Buffer.from(file.buffer.subarray(0, X.length)).equals(old)) {
			assert.equal(home.life.valid, code === 0);
			if (file.length > 0) assert.deepEqual(file.buffer.slice(0, file.length), Y);
		}
		if (code !== 1) break;
		home.port.now += 5;
	}
	assert.deepEqual(home.uris(), ["coaps://y.example"]);
});

test("another card, no card, a card without the file: told by verify as well", () => {
	const other = inUse();
	const { generation } = other.life;
	other.insert({ file: X, iccid: "8988211000000000024" });
	assert.equal(other.verify(), "changed card OK");
	assert.notEqual(other.life.generation, generation, "what was taken from the card before does not count");
	assert.equal(other.verify(), "unchanged OK");
	const gone = inUse();
	gone.insert(null);
	assert.equal(gone.verify(), "removed SIM_ABSENT invalid");
	assert.equal(gone.store.records.size, 0);
	assert.deepEqual(gone.uris(), []);
	const empty = inUse();
	empty.insert({ file: null });
	assert.equal(empty.verify(), "changed place FILE_CHANGED invalid");
	assert.equal(empty.run(), "removed NO_OBJECT invalid");
});

test("a failure leaves the accounts in use", () => {
	const home = inUse();
	home.modem.options.simCme = 14;
	const { writes } = home.store;
	assert.equal(home.verify(), "failed SIM_BUSY");
	assert.deepEqual(home.uris(), ["coaps://x.example"]);
	assert.equal(home.store.writes, writes);
	home.modem.options.simCme = 0;
	assert.equal(home.verify(), "unchanged OK");
});

test("verify() ends within its limit", () => {
	for (const verifyLimitMs of [100, 1000, 3000]) {
		const home = inUse({ core: { verifyLimitMs } });
		home.modem.options.latencyMs = 5000;
		const start = home.port.now;
		assert.match(home.verify(), /^failed OUT_OF_TIME/);
		assert.ok(home.port.now - start <= verifyLimitMs + 5100, `${home.port.now - start}`);
		assert.deepEqual(home.uris(), ["coaps://x.example"]);
	}
	const silent = inUse();
	silent.modem.dead = true;
	const start = silent.port.now;
	assert.equal(silent.verify(), "failed MODEM_SILENT");
	assert.ok(silent.port.now - start <= 4000);
});

test("a line that is busy, or carries data, is busy at once", () => {
	const listener = new Listener();
	const home = inUse({ lender: listener });
	listener.busy = true;
	const start = home.port.now;
	const { bytes } = home.port;
	assert.equal(home.verify(), "failed MODEM_IN_USE");
	assert.equal(home.port.now, start);
	assert.equal(home.port.bytes, bytes, "nothing is said to it");
	assert.deepEqual(home.uris(), ["coaps://x.example"]);
	listener.busy = false;
	assert.equal(home.verify(), "unchanged OK");
});

test("verify() on a device that has not run takes what is remembered, and needs a record", () => {
	const home = new Home({ file: X }, { lender: new Listener() });
	assert.equal(home.verify(), "failed RECORD_MISSING invalid");
	home.boot();
	home.life = home.device();
	assert.equal(home.verify(), "unchanged OK");
	assert.deepEqual(home.uris(), ["coaps://x.example"]);
});

test("what was remembered is no account before the card has confirmed it, if that is the application's policy", () => {
	for (const useUnverified of [true, false]) {
		const home = new Home({ file: X }, { lender: new Listener(), core: { useUnverified } });
		home.boot();
		home.life = home.device();
		home.modem.options.simCme = 13;
		assert.equal(home.verify(), useUnverified ? "failed SIM_FAILURE" : "failed SIM_FAILURE invalid");
		assert.equal(home.life.bootstrap.file.length > 0, useUnverified);
		assert.ok(home.store.records.size > 0);
		home.modem.options.simCme = 0;
		assert.equal(home.verify(), "unchanged OK");
		// What was confirmed once stays in use.
		home.modem.options.simCme = 13;
		assert.equal(home.verify(), "failed SIM_FAILURE");
	}
});

const URCS: UnrelatedLine[] = [
	{ text: '+CMTI: "SM",3', place: "before" },
	{ text: "+CPIN: READY", place: "before", command: 7 },
	{ text: "+CREG: 1", place: "between" },
	{ text: "RING", place: "after" },
	{ text: "+CSQ: 31,99", place: "after", command: 3 },
	{ text: "OKAY", place: "before", command: 4 },
	{ text: "A", place: "before", command: 5 },
	{ text: "+C", place: "between", command: 6 },
	{ text: "0", place: "before", command: 8 },
	{ text: "ALERTING", place: "before", command: 4 },
];

test("lines that are not ours go to the application unchanged, in chunks of any size", () => {
	for (const unrelated of URCS) {
		for (const chunkBytes of [1, 2, 3, 7, 64]) {
			const listener = new Listener();
			const home = inUse({ lender: listener, modem: { unrelated: [LATER] } });
			// Commands are counted from the modem's start.
			const command = unrelated.command === undefined ? -1 : home.modem.commands + unrelated.command;
			home.modem.options.unrelated = [{ ...unrelated, command }];
			assert.equal(home.verify({ chunkBytes }), "unchanged OK", unrelated.text);
			home.drive({ maxMs: 10 });
			const line = `\r\n${unrelated.text}\r\n`;
			const times = listener.text.length / line.length;
			assert.equal(listener.text, line.repeat(times), unrelated.text);
			assert.ok(unrelated.command !== undefined ? times === 1 : times >= 8, `${unrelated.text} ${times}`);
		}
	}
});

test("texts that look like answers are the application's when they are its own", () => {
	for (const chunkBytes of [1, 5, 64]) {
		const listener = new Listener();
		const home = inUse({ lender: listener, modem: { unrelated: [LATER, LATER] } });
		const message = '+CMT: "+123",,"26/01/01"\r\nOK\nERROR\n+CSIM: 4,"6A82"';
		home.modem.options.unrelated = [
			{ text: message, command: home.modem.commands + 4 },
			{ text: '+CUSD: 0,"a\r\nOK\r\n\r\n\r\nERROR"', command: home.modem.commands + 6 },
		];
		assert.equal(home.verify({ chunkBytes }), "unchanged OK");
		assert.equal(listener.text, `\r\n${message}\r\n\r\n+CUSD: 0,"a\r\nOK\r\n\r\n\r\nERROR"\r\n`);
	}
});

test("the bare name of a session is ours, whatever digit it begins with", () => {
	const listener = new Listener();
	const modem: ModemOptions = { ccho: true, sessionForm: "handle", sessionBare: true };
	const home = inUse({ lender: listener, everyWay: true, core: { links: [VIA_CGLA] }, modem });
	assert.equal(home.verify(), "unchanged OK");
	assert.equal(listener.text, "");
});

test("what puts a setting back is said once more when it was refused, or got lost", () => {
	for (const answer of ["\r\nERROR\r\n", ""]) {
		for (const [settings, command] of [
			["ATE1V1+CMEE=0", "AT+CMEE=0"],
			["ATE1V1+CMEE=0", "ATE1"],
			["ATE0V0+CMEE=1", "ATV0"],
		]) {
			const home = inUse({}, settings);
			const { echo, verbose, cmee } = home.modem;
			let lost = 0;
			home.port.wire = new Meddler(
				home.modem,
				(_index, seen, line) => {
					if (line !== command || lost > 0) return null;
					if (seen !== "") lost += 1;
					return { text: answer, unseen: true };
				},
				null,
			);
			assert.equal(home.verify(), "unchanged OK");
			assert.equal(lost, 1);
			assert.deepEqual([home.modem.echo, home.modem.verbose, home.modem.cmee], [echo, verbose, cmee], command);
		}
	}
});

test("what has begun when the line is given back is handed over", () => {
	const listener = new Listener();
	const home = inUse({ lender: listener });
	home.life.verify();
	home.drive({ maxMs: 0, maxIterations: 2 });
	const begun = Buffer.from("\r\n+CM");
	home.life.receive(begun, begun.length);
	assert.equal(listener.text, "");
	home.life.close();
	assert.equal(listener.text, "\r\n+CM");
});

test("the step is told while it lasts: when the time is over, at power-on and in a visit", () => {
	for (const [commands, step] of [
		[0, STEP_MODEM],
		[1, STEP_MODEM],
		[2, STEP_SIM],
		[3, STEP_SIM],
	]) {
		const home = new Home({ file: X }, { core: { limitMs: 1500, commandLimitMs: 60000 }, modem: { diesAt: commands } });
		assert.equal(home.boot(), "failed OUT_OF_TIME invalid", `${commands}`);
		assert.equal(home.life.bootstrap.step, step, `${commands}`);
	}
	// AT, ATE0, AT+CMEE?, AT+CMEE=1, AT+CPIN?, AT+CCID.
	for (const [commands, step] of [
		[0, STEP_MODEM],
		[4, STEP_SIM],
		[5, STEP_SIM],
	]) {
		const home = inUse({ core: { verifyLimitMs: 1500, commandLimitMs: 60000 } });
		home.modem.options.diesAt = home.modem.commands + commands;
		assert.equal(home.verify(), "failed OUT_OF_TIME", `${commands}`);
		assert.equal(home.life.bootstrap.step, step, `${commands}`);
	}
});

test("a modem that restarts while it is visited keeps the settings that it wakes with", () => {
	for (const settings of ["ATE1V1+CMEE=0", "ATE0V1+CMEE=1"]) {
		const home = inUse({}, settings);
		const { commands } = home.modem;
		assert.equal(home.verify(), "unchanged OK");
		const count = home.modem.commands - commands;
		for (let at = 0; at < count; at++) {
			const other = inUse({}, settings);
			other.modem.options.restartAt = other.modem.commands + at;
			assert.match(other.verify(), /^(unchanged OK|failed MODEM_RESTARTED)$/, `${at}`);
			const { echo, verbose, cmee } = other.modem;
			assert.deepEqual([echo, verbose, cmee], [true, true, 0], `${settings} ${at}`);
		}
	}
});

test("a modem that has no session to give, since others have them all, says nothing of the application", () => {
	const home = inUse({ lender: new Listener(), everyWay: true, core: { links: [VIA_CGLA] }, modem: { ccho: true } });
	const { card } = home.modem;
	assert.ok(card);
	for (let i = 0; i < 3; i++) card.transmit(fromHex("0070000001"));
	const { writes } = home.store;
	assert.equal(home.verify(), "failed CME_ERROR 3 open");
	assert.equal(home.boot(), "failed CME_ERROR 3 open");
	assert.equal(home.store.writes, writes);
	assert.deepEqual(home.uris(), ["coaps://x.example"]);
	card.reset();
	assert.equal(home.verify(), "unchanged OK");
});

test("two commands for a session that are damaged on their way are no card without the application", () => {
	for (const nth of [
		[0, 1],
		[0, 2],
		[1, 3],
	]) {
		const home = inUse({ everyWay: true, core: { links: [VIA_CGLA] }, modem: { ccho: true } });
		const { writes } = home.store;
		let opened = -1;
		home.port.wire = new Meddler(
			home.modem,
			(_index, answer, line) => {
				if (!line.startsWith('AT+CCHO="A000000063')) return null;
				if (answer === "") opened += 1;
				return nth.includes(opened) ? { text: "\r\n+CME ERROR: 22\r\n", unseen: true } : null;
			},
			null,
		);
		assert.equal(home.verify(), "unchanged OK");
		assert.equal(home.store.writes, writes);
	}
});

test("a modem that restarts tells the application and us", () => {
	const listener = new Listener();
	const home = inUse({ lender: listener });
	home.modem.options.restartAt = home.modem.commands + 5;
	const outcome = home.verify();
	assert.match(outcome, /^(unchanged OK|failed MODEM_RESTARTED)$/);
	assert.ok(listener.text.includes("RDY"), listener.text);
});

test("a file or an application that is said to be missing once is no change", () => {
	for (const instruction of [0xa4, 0xb0]) {
		for (const sw of [0x6a82, 0x6a83, 0x6b00, 0x6d00]) {
			for (let nth = 0; nth < 3; nth++) {
				const home = inUse();
				const { card } = home.modem;
				assert.ok(card);
				let seen = 0;
				card.onCommand = (_index, apdu) =>
					apdu[1] === instruction && seen++ === nth ? new Uint8Array([sw >> 8, sw & 255]) : null;
				const { writes } = home.store;
				const words = `${instruction.toString(16)} ${sw.toString(16)} ${nth}`;
				assert.match(home.verify(), /^(unchanged OK|failed [A-Z_]+)$/, words);
				assert.equal(home.store.writes, writes, words);
				assert.deepEqual(home.uris(), ["coaps://x.example"], words);
			}
		}
	}
});

test("accounts that could not be kept can be verified, and that they are not kept is said each time", () => {
	const home = new Home({ file: X }, { lender: new Listener() });
	home.store.writable = false;
	assert.equal(home.boot(), "first OK");
	assert.equal(home.life.storeCode, RECORD_NOT_KEPT);
	assert.equal(home.verify(), "unchanged OK");
	assert.equal(home.life.storeCode, RECORD_NOT_KEPT);
});
