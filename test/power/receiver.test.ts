// A receiver that holds 64 or 128 bytes and is read only when a whole answer has come: nothing that the procedure asks for may be
// longer, whatever the card and the modem are like.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OK, RECEIVER_TOO_SMALL, stepFor, WAIT } from "../../src/index.js";
import { type BootstrapCardOptions, type CardManners, type ModemOptions, makeFile } from "../../virtual/index.js";
import { bench } from "../support.js";

/** What comes at one time is there before anybody looks; what a receiver of `size` bytes cannot hold is lost. */
function readInBursts(size: number, options: Parameters<typeof bench>[0]) {
	const { device, line, port, card } = bench({ ...options, core: { receiverBytes: size, ...options?.core } });
	const burst = new Uint8Array(4096);
	let peak = 0;
	let lost = 0;
	let now = 0;
	device.readFile();
	let code = device.poll(now);
	for (let n = 0; code === WAIT && n < 200000; n++) {
		port.now = now;
		const count = line.read(burst, 0, burst.length, now);
		if (count > 0) {
			peak = Math.max(peak, count);
			lost += Math.max(0, count - size);
			if (device.receive(burst, Math.min(count, size))) code = device.poll(now);
			continue;
		}
		if (((now - device.wakeAt) | 0) >= 0) {
			code = device.poll(now);
			continue;
		}
		let next = device.wakeAt;
		const due = line.nextAt(now);
		if (due !== -1 && ((due - next) | 0) < 0) next = due;
		now = ((next - now) | 0) > 0 ? next : (now + 1) | 0;
		port.now = now;
	}
	return { code, peak, lost, device, card };
}

const MODEMS: [string, ModemOptions][] = [
	["a plain modem", {}],
	["a modem that fetches itself", { fetchesItself: true }],
	["a modem that echoes at first", { echo: true }],
];

const CARDS: [string, BootstrapCardOptions][] = [
	["a plain card", {}],
	["T=1", { manners: { transport: "t1" } }],
	["Le = 00 taken", { manners: { acceptsLe00: true } }],
	["data by GET RESPONSE", { manners: { readAnswers61: true } }],
	["a file of 4 KB", { file: makeFile(4096), fileSize: 4096 }],
	["another AID, so EF(DIR)", { aid: new Uint8Array([0xe8, 0x28, 0xbd, 8, 15, 1]) }],
	["a directory only, so EF(DIR)", { placement: "df" }],
	["EF(DIR) with long records", { placement: "df", dirRecords: [new Uint8Array(100).fill(0x61, 0, 1)] }],
	["no application", { placement: "none" }],
	["no object", { file: null, otherObjects: 2 }],
	["data in EF(DODF)", { dodfForm: "direct" }],
	["a file behind a PIN", { pin: { reference: 1, value: "1234", enabled: true } }],
];

const REFUSALS: [string, CardManners][] = [
	["", {}],
	[" that refuses P2 = 0C", { refusesNoData: true }],
	[" that refuses P2 = 0C on T=1", { refusesNoData: true, transport: "t1" }],
];

describe("a receiver of", () => {
	for (const size of [64, 128]) {
		it(`${size} bytes: no answer overflows`, () => {
			const seen: string[] = [];
			let good = 0;
			for (const [modemName, modem] of MODEMS)
				for (const [cardName, card] of CARDS)
					for (const [refusal, manners] of REFUSALS) {
						const what = `${cardName}${refusal}, ${modemName}`;
						const { code, lost, peak } = readInBursts(size, {
							modem: { ...modem, simBeforePin: true },
							card: { ...card, manners: { ...card.manners, ...manners } },
						});
						assert.notEqual(code, WAIT, what);
						if (code === OK) good += 1;
						if (lost > 0) seen.push(`${what}: ${peak} bytes, result ${code}`);
					}
			assert.deepEqual(seen, []);
			assert.ok(good >= (size === 64 ? 18 : 60), `${good} were read`);
		});
	}

	it("128 bytes is read in steps of 48, 64 in steps of 16, and 128 with room for other lines in steps of 40", () => {
		assert.deepEqual([stepFor(128, 0), stepFor(64, 0), stepFor(128, 20), stepFor(4096, 0)], [48, 16, 40, 256]);
		assert.equal(readInBursts(128, {}).device.uicc.stepBytes, 48);
		assert.equal(readInBursts(128, {}).peak, 123);
		assert.equal(readInBursts(64, {}).device.uicc.stepBytes, 16);
		assert.equal(readInBursts(128, { core: { strayBytes: 20 } }).device.uicc.stepBytes, 40);
	});

	it("a step that was asked for is made no larger", () => {
		assert.equal(readInBursts(128, { core: { step: 20 } }).device.uicc.stepBytes, 20);
	});

	it("too few bytes is refused", () => {
		assert.throws(() => readInBursts(58, {}), TypeError);
		assert.throws(() => readInBursts(64, { core: { strayBytes: 20 } }), TypeError);
		assert.equal(readInBursts(59, {}).code, OK);
	});

	it("a file whose directory needs records that do not fit says so", () => {
		const { code } = readInBursts(64, { card: { placement: "df" } });
		assert.equal(code, RECEIVER_TOO_SMALL);
	});
});
