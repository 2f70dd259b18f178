// Every way to the card, in its order; what was tried and why it failed; what worked is where the next run begins.

import assert from "node:assert/strict";
import test from "node:test";
import {
	At,
	Hex,
	LinkCgla,
	OK,
	type OverModemOptions,
	overModem,
	type Store,
	TRIED_FIELDS,
	VIA_BASIC,
	VIA_CGLA,
	VIA_CRSM,
	VIA_CSIM,
} from "../../src/index.js";
import { Response } from "../../src/response.js";
import {
	fromHex,
	type Meddle,
	Meddler,
	type ModemOptions,
	sampleFile,
	toHex,
	type VirtualModem,
} from "../../virtual/index.js";
import { type Bench, type BenchOptions, bench } from "../support.js";
import { nameOf } from "../unit/tools.js";

const SAMPLE = toHex(sampleFile());

function over(options: BenchOptions): Bench {
	return bench({ over: {}, ...options });
}

/** The names of what was tried, by link. */
function tried(device: Bench): string[] {
	const fields = device.device.tried;
	if (fields === null) return [];
	const names: string[] = [];
	for (let i = 0; i < fields.length; i += TRIED_FIELDS) names.push(nameOf(fields[i]));
	return names;
}

function reads(device: Bench, link: number): void {
	const { code, hung } = device.read();
	assert.equal(hung, false);
	assert.equal(nameOf(code), "OK", tried(device).join());
	assert.equal(device.fileHex(), SAMPLE);
	assert.equal(device.device.link, link);
	assert.equal(device.card?.channelsOpen, 0);
	assert.equal(device.card?.basicSelects, 0, "the modem's own application is left alone");
}

test("+CSIM is the first, and takes the same exchanges as alone", () => {
	for (const [step, exchanges] of [
		[256, 11],
		[48, 17],
	]) {
		const card = { manners: { acceptsLe00: true } };
		const device = over({ card, core: { step }, modem: { ccho: true, crsm: true } });
		reads(device, 0);
		const alone = bench({ card, core: { step } });
		alone.read();
		assert.equal(device.device.exchanges, alone.device.exchanges);
		assert.ok(device.device.exchanges <= exchanges);
		assert.deepEqual(device.modem.history, alone.modem.history);
	}
});

test("+CGLA follows where +CSIM or MANAGE CHANNEL is refused, or no channel is free for it", () => {
	for (const modem of [
		{ csim: false },
		{ refusedInstructions: [0x70] },
		{ basicChannelOnly: true },
	] as ModemOptions[]) {
		const device = over({ modem: { ccho: true, ...modem } });
		reads(device, 1);
		assert.deepEqual(tried(device), ["CME_ERROR", "OK", "OK"]);
	}
});

test("a session's name is any text, bare or behind +CCHO:", () => {
	for (const sessionForm of ["number", "handle"] as const)
		for (const sessionBare of [false, true])
			for (const channels of [[1], [4], [10], [19]]) {
				for (const answerSpace of [true, false]) {
					const modem = { csim: false, ccho: true, sessionForm, sessionBare, answerSpace };
					reads(over({ modem, card: { channels } }), 1);
				}
			}
});

test("a letter that a damaged end of line leaves in front of a session's name is not its name", () => {
	const meddle: Meddle = (_index, answer, line) =>
		line.startsWith("AT+CCHO") ? { text: answer.replace("\r\n", "M\n") } : null;
	const between = (modem: VirtualModem) => new Meddler(modem, meddle, null);
	reads(over({ modem: { csim: false, ccho: true, sessionForm: "handle", sessionBare: true }, between }), 1);
});

test("a line that comes by itself is not the name of a session", () => {
	for (const text of ["RING", "ALERTING", "A"]) {
		const meddle: Meddle = (_index, answer, line) =>
			line.startsWith("AT+CCHO") ? { text: `\r\n${text}\r\n${answer}` } : null;
		const between = (modem: VirtualModem) => new Meddler(modem, meddle, null);
		reads(over({ modem: { csim: false, ccho: true, sessionForm: "handle", sessionBare: true }, between }), 1);
	}
});

test("a session whose end a busy SIM has put off is not forgotten for the next one", () => {
	let busy = 0;
	const meddle: Meddle = (_index, _answer, line) => {
		// It is asked twice for each line.
		if (!line.startsWith("AT+CCHC") || busy === 2) return null;
		busy += 1;
		return { text: "\r\n+CME ERROR: 14\r\n", unseen: true };
	};
	const between = (modem: VirtualModem) => new Meddler(modem, meddle, null);
	const aid = new Uint8Array([0xe8, 0x28, 0xbd, 8, 15, 1]);
	reads(over({ modem: { csim: false, ccho: true }, card: { aid }, between }), 1);
	assert.equal(busy, 2);
});

test("a session leaves CLA at channel 0 to the modem, and 61xx to whoever takes it", () => {
	for (const transport of ["t0", "t1"] as const)
		for (const fetchesItself of [true, false])
			for (const readAnswers61 of [true, false]) {
				const device = over({
					card: { manners: { transport, readAnswers61 }, channels: [7] },
					modem: { csim: false, ccho: true, fetchesItself },
				});
				reads(device, 1);
				for (const line of device.modem.history)
					assert.ok(!line.startsWith("+CGLA") || /^\+CGLA=7,\d+,"[08]0/.test(line), line);
			}
});

test("a modem without +CCHC is read, and the session is told as not closed", () => {
	const device = over({ modem: { csim: false, ccho: true, cchcMissing: true } });
	assert.equal(device.read().code, OK);
	assert.equal(device.fileHex(), SAMPLE);
	assert.equal(nameOf(device.device.closeCode), "CME_ERROR");
});

test("an application that only EF(DIR) knows is found over +CGLA, too", () => {
	reads(over({ modem: { csim: false, ccho: true }, card: { aid: new Uint8Array([0xe8, 0x28, 0xbd, 8, 15, 1]) } }), 1);
});

test("+CRSM reads a DF under the MF, by its path", () => {
	for (const placement of ["df", "both"] as const)
		for (const manners of [{ transport: "t0" }, { transport: "t1" }, { transport: "t0", acceptsLe00: true }] as const)
			for (const modem of [{}, { crsmQuotes: false }, { crsmEmptyQuotes: true }, { answerOnNextLine: true }]) {
				const device = over({ card: { placement, manners, channels: [] }, modem: { crsm: true, ...modem } });
				reads(device, 2);
				assert.equal(tried(device)[0], "NO_CHANNEL");
			}
});

test("+CRSM that knows no length but the right one is probed for it", () => {
	const device = over({ card: { placement: "df" }, modem: { csim: false, crsm: true, crsmWrongLength6700: true } });
	const { code } = device.read();
	assert.ok(code === OK ? device.fileHex() === SAMPLE : code < 0, nameOf(code));
});

test("a card that has PKCS #15 by its AID only is not one without data, where there are only paths", () => {
	const device = over({ card: { placement: "adf", channels: [] }, modem: { crsm: true } });
	assert.equal(nameOf(device.read().code), "NO_CHANNEL", "what would have to work is the result");
	assert.deepEqual(tried(device), ["NO_CHANNEL", "CME_ERROR", "NO_APPLICATION"]);
	assert.equal(device.device.sw, 0x6a81);
});

test("a file that is only remembered is no success of +CRSM: a modem without it is not brought up once more", () => {
	const brought = (device: Bench): number => device.modem.history.filter((line) => line.startsWith("E0V1")).length;
	const links = [VIA_CRSM, VIA_CSIM];
	const without = over({ over: { links }, card: { placement: "both" } });
	reads(without, 1);
	assert.equal(brought(without), 1);
	// One that has read before, and refuses all of a sudden, may have restarted without a word.
	const fails = over({ over: { links }, card: { placement: "both" }, modem: { crsm: true } });
	const { card, modem } = fails;
	assert.ok(card !== null);
	let read = 0;
	card.onAnswer = (_index, apdu, answer) => {
		if (apdu[1] === 0xb0 && answer.length > 2 && ++read === 1) modem.options.crsm = false;
		return null;
	};
	reads(fails, 1);
	assert.equal(brought(fails), 2);
});

test("a session is opened with the AID alone, also where SELECT names an Le", () => {
	let sent = "";
	const port = {
		write(bytes: Uint8Array, from: number, to: number): number {
			sent += String.fromCharCode(...bytes.subarray(from, to));
			return to - from;
		},
	};
	const link = new LinkCgla(new At(port, new Hex(), 200), 1000);
	const select = fromHex("00A404040CA000000063504B43532D313500");
	link.transmit(select, select.length, new Response(select));
	link.poll(0);
	assert.equal(sent, 'AT+CCHO="A000000063504B43532D3135"\r');
});

test("the basic channel is used only when that is allowed, by paths, and never by AID", () => {
	const options: BenchOptions = { card: { placement: "both", channels: [] } };
	assert.equal(nameOf(over(options).read().code), "NO_CHANNEL");
	const device = over({ ...options, over: { allowBasicChannel: true } });
	reads(device, 3);
	assert.ok(!device.modem.history.some((line) => /"00A404/.test(line)));
	assert.throws(() => overModem(device.port, { buffer: new Uint8Array(100), links: [VIA_BASIC] }), TypeError);
});

test("on the basic channel a modem that uses it in between is no wrong file", () => {
	const device = over({
		over: { links: [VIA_BASIC], allowBasicChannel: true },
		modem: { disturbsBasicChannel: true },
		card: { placement: "df" },
	});
	const { code, hung } = device.read();
	assert.equal(hung, false);
	assert.ok(code < 0, nameOf(code));
});

test("on a channel of its own that does not matter", () => {
	reads(over({ modem: { disturbsBasicChannel: true } }), 0);
	reads(over({ modem: { disturbsBasicChannel: true, ccho: true, csim: false } }), 1);
});

test("an order is kept, and each link comes once", () => {
	const modem = { ccho: true, crsm: true };
	for (const [links, at] of [
		[[VIA_CRSM, VIA_CSIM], 0],
		[[VIA_CGLA, VIA_CSIM], 0],
		[[VIA_CSIM], 0],
	] as [number[], number][]) {
		const device = over({ over: { links }, modem, card: { placement: "both" } });
		reads(device, at);
	}
	const buffer = new Uint8Array(100);
	const port = { write: () => 0 };
	for (const links of [[], [4], [-1], [0.5], [VIA_CSIM, VIA_CSIM]])
		assert.throws(() => overModem(port, { buffer, links }), TypeError, links.join());
	assert.throws(() => overModem(port, { buffer, lineChars: 30 }), TypeError);
	for (const pin of ["123", "123456789", "12a4"])
		for (const option of ["pin", "simPin"]) {
			const options: OverModemOptions = { buffer, [option]: Uint8Array.from(Buffer.from(pin)) };
			assert.throws(() => overModem(port, options), TypeError, `${option} ${pin}`);
		}
});

test("a test command is a hint and no verdict: none is asked", () => {
	const device = over({ modem: { csimTest: "(10-512)" } });
	reads(device, 0);
	assert.ok(!device.modem.history.some((line) => line.endsWith("=?")));
});

test("what worked is where the next run begins, on the same device and after a restart", () => {
	const records = new Map<string, Uint8Array>();
	let writes = 0;
	const store: Store = {
		read(key, into) {
			const record = records.get(key);
			if (record === undefined || record.length > into.length) return -1;
			into.set(record);
			return record.length;
		},
		write(key, bytes) {
			writes += 1;
			records.set(key, bytes.slice());
			return true;
		},
	};
	const options: BenchOptions = { modem: { csim: false, ccho: true }, over: { store } };
	const first = over(options);
	reads(first, 1);
	assert.ok(first.modem.history.some((line) => line.startsWith("+CSIM")));
	const lines = first.modem.history.length;
	reads(first, 1);
	assert.ok(!first.modem.history.slice(lines).some((line) => line.startsWith("+CSIM")), "at once");
	const second = over(options);
	reads(second, 1);
	assert.ok(!second.modem.history.some((line) => line.startsWith("+CSIM")), "after a restart");
	assert.equal(writes, 1, "it is written when it changes");
	// In another modem the way does not work any more.
	reads(over({ ...options, modem: {} }), 0);
	records.set("simlink", new Uint8Array(5).fill(0xff));
	reads(over(options), 1);
});

test("a link that only falls silent, or only answers nonsense, is followed by the next", () => {
	const device = over({ modem: { ccho: true } });
	let seen = 0;
	const card = device.card;
	assert.ok(card !== null);
	// The card hears of no channel but that of the session.
	card.onCommand = (_index, apdu) => {
		if (apdu[1] !== 0xa4 || apdu[2] !== 4) return null;
		seen += 1;
		return seen <= 8 ? new Uint8Array([0x6f, 0x00]) : null;
	};
	const { code } = device.read();
	assert.ok(code === OK ? device.fileHex() === SAMPLE : code < 0);
});

test("a line limit finds shorter forms, or the modem's refusal does", () => {
	for (const options of [
		{ modem: { maxLineChars: 45 }, over: { lineChars: 45 } },
		{ modem: { maxLineChars: 46 }, over: { lineChars: 46 }, card: { pathForm: "absolute" } },
		{ modem: { maxLineChars: 60 }, over: {} },
	] as BenchOptions[]) {
		const device = over(options);
		reads(device, 0);
		if (options.over?.lineChars === undefined) continue;
		for (const line of device.modem.history) assert.ok(line.length <= 46, line);
	}
});

test("the longest command line fits: 38 bytes to a session with a name of 32 characters", () => {
	const over32 = over({
		modem: { csim: false, ccho: true, sessionForm: "handle" },
		card: { aid: new Uint8Array(16).fill(0xe8) },
	});
	const { code, hung } = over32.read();
	assert.equal(hung, false);
	assert.ok(code <= 0);
});
