// What the campaigns have found in the core, each by itself.

import assert from "node:assert/strict";
import test from "node:test";
import { VIA_CGLA, VIA_CSIM } from "../../src/index.js";
import { type Meddle, sampleFile, toHex, USUAL_MANNERS } from "../../virtual/index.js";
import { type Bench, type BenchOptions, bench } from "../support.js";
import { ascii, nameOf } from "../unit/tools.js";
import { FILE_PIN, meddling } from "./campaign.js";

const OPEN = 'AT+CSIM=10,"0070000001"';
const CSIM: BenchOptions = { over: { links: [VIA_CSIM] }, card: { manners: USUAL_MANNERS } };
const SESSIONS: BenchOptions = { over: { links: [VIA_CGLA] }, modem: { csim: false, ccho: true } };
const WRONG_PIN: BenchOptions = { over: { links: [VIA_CSIM], pin: ascii("1111") }, card: { pin: FILE_PIN } };

function result(device: Bench): string {
	return nameOf(device.read().code);
}

/** What the host is told when nothing goes wrong. */
function dialogue(options: BenchOptions): string {
	const device = bench({ ...options, line: { record: true } });
	device.read();
	return Buffer.from(device.line.received).toString("latin1");
}

/** A device behind a line on which a bit of byte `at` falls over, on its way to the host. */
function flipped(options: BenchOptions, at: number, mask: number): Bench {
	assert.ok(at > 0);
	return bench({ ...options, line: { faults: [{ kind: "flip", toHost: true, at, mask }] } });
}

test("an answer with data in it is none to the command that closes the channel", () => {
	let struck = 0;
	const stray: Meddle = (_index, answer, line) => {
		if (!line.startsWith('AT+CSIM=10,"007080') || struck > 1) return null;
		struck += 1;
		// The card never has the command; what comes is a late answer to a READ BINARY.
		return answer === ""
			? { text: "", unseen: true }
			: { text: '\r\n+CSIM: 36,"0002007A000000005E08015BC80022639000"\r\n\r\nOK\r\n' };
	};
	const device = bench({ ...CSIM, ...meddling(stray) });
	assert.equal(result(device), "OK");
	assert.ok(struck > 0);
	assert.equal(device.card?.channelsOpen, 0);
});

test("a busy SIM behind VERIFY is no reason to send it again: the card may have had it", () => {
	const busy: Meddle = (_index, answer, line) =>
		answer !== "" && line.includes('"01200081083') ? { text: "\r\n+CME ERROR: 14\r\n" } : null;
	const device = bench({ ...WRONG_PIN, ...meddling(busy) });
	result(device);
	assert.equal(device.card?.pinTriesUsed, 1);
});

test("a session whose name came is closed though the final result behind it got lost", () => {
	let struck = false;
	const lost: Meddle = (_index, answer, line) => {
		if (answer === "" || struck || !line.startsWith("AT+CCHO=")) return null;
		struck = true;
		return { text: answer.replace("\r\nOK\r\n", "") };
	};
	const device = bench({
		...SESSIONS,
		modem: { ...SESSIONS.modem, sessionForm: "handle", sessionBare: true },
		...meddling(lost),
	});
	result(device);
	assert.ok(struck);
	assert.equal(device.card?.channelsOpen, 0);
});

test("a channel is looked for each time that its number gets lost", () => {
	let opens = 0;
	const lost: Meddle = (_index, answer, line) => {
		if (line !== OPEN) return null;
		if (answer === "") {
			opens += 1;
			return opens === 1 ? { text: "", unseen: true } : null;
		}
		return opens < 3 ? { text: "" } : null;
	};
	const device = bench({ ...CSIM, ...meddling(lost) });
	result(device);
	assert.ok(opens > 1);
	device.read();
	assert.equal(device.card?.channelsOpen, 0);
});

test("a bit that fell over in EF(DODF) leads to no verdict on the file that it names", () => {
	// 6432 becomes 6430, which is EF(DODF) itself.
	const path = "04026432";
	const device = flipped(CSIM, dialogue(CSIM).indexOf(path) + path.length - 1, 2);
	assert.equal(result(device), "OK");
	assert.equal(device.fileHex(), toHex(sampleFile()));
});

test("a PIN that was refused is not tried again, though what the card said to it came damaged", () => {
	// 63C2 becomes 62C2.
	const device = flipped(WRONG_PIN, dialogue(WRONG_PIN).indexOf('"63C2"') + 2, 1);
	result(device);
	result(device);
	assert.equal(device.line.hits, 1);
	assert.equal(device.card?.pinTriesUsed, 1);
});

test("nor though the card's number came damaged behind it", () => {
	const text = dialogue(WRONG_PIN);
	const device = flipped(WRONG_PIN, text.indexOf("98", text.indexOf('"63C2"')), 1);
	result(device);
	result(device);
	assert.equal(device.line.hits, 1);
	assert.equal(device.card?.pinTriesUsed, 1);
});

test("that there is no application is no verdict of one run in which an answer came twice", () => {
	const aid = new Uint8Array([0xe8, 0x28, 0xbd, 8, 15, 1]);
	for (let chunkBytes = 1; chunkBytes < 64; chunkBytes++) {
		let struck = false;
		const twice: Meddle = (_index, answer, line) => {
			if (answer === "" || struck || !/"..B20104/.test(line) || !answer.includes("61194F10")) return null;
			struck = true;
			return { text: answer + answer };
		};
		const device = bench({
			over: { links: [VIA_CSIM], step: 100 },
			card: { aid },
			limits: { chunkBytes },
			...meddling(twice),
		});
		assert.equal(result(device), "OK", `in pieces of ${chunkBytes}`);
		assert.ok(struck);
	}
});

test("the SIM's PIN, once it was right, is given again to a modem that has restarted", () => {
	const device = bench({
		over: { links: [VIA_CSIM], simPin: ascii("1357") },
		card: { manners: USUAL_MANNERS, cardPin: { reference: 1, value: "1357", enabled: true } },
		modem: { restartAt: 10 },
	});
	assert.equal(result(device), "OK");
	assert.equal(device.modem.restarts, 1);
});

test("a session behind a restart that nobody announced is opened anew", () => {
	const device = bench({ ...SESSIONS, modem: { ...SESSIONS.modem, restartAt: 6, restartLines: [], restartMs: 50 } });
	assert.equal(result(device), "OK");
	assert.equal(device.modem.restarts, 1);
});
