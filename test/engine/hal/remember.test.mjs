// hal/moddable's Simstrap with `remember` on a real XS engine, over a stand-in for the SDK's storage: what a start and a verification come to,
// on a UART of its own and on one that the application lends, and what they allocate.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { skipReason } from "../xs/build.mjs";
import { makeBundles } from "./bundle.mjs";
import { HEAP } from "./least-board.mjs";

const BOARD = "lilygo-t-a7670";
const RECEIVER_BYTES = 128;
/** Where a file was kept whose last chunk is not a whole one: the SDK's storage writes all of a view, so one of its length is made. */
const VIEW_SLOTS = 4;
/** Opening the SDK's Serial again. */
const OPEN_SLOTS = 40;

const VIA_CSIM = 0;
const VIA_CGLA = 1;

const OK = 0;
const MODEM_SILENT = -10;
const CME_ERROR = -13;
const MODEM_IN_USE = -19;
const SIM_ABSENT = -20;
const FILE_CHANGED = -68;
const PIN_WRONG = -70;
const PIN_REFUSED_BEFORE = -74;
const RECORD_MISSING = -91;
const RECORD_NOT_KEPT = -94;
const FIRST = 1;
const UNCHANGED = 2;
const CHANGED = 3;
const REMOVED = 4;
const ABSENT = 5;
const FAILED = 6;

describe("Simstrap with `remember` on XS", { skip: skipReason(), timeout: 300000 }, () => {
	/** @type {Awaited<ReturnType<typeof makeBundles>>} */
	let bundles;
	before(async () => {
		bundles = await makeBundles();
	});
	after(() => bundles.close());

	/**
	 * What each step that asks the card comes to, by its name.
	 * @param {{ board?: string, [name: string]: any }} scenario
	 * @returns {Promise<Record<string, any>>}
	 */
	async function live({ board = BOARD, ...scenario }) {
		const { code, signal, stdout, stderr } = await bundles.run("run-remember.js", board, [JSON.stringify(scenario)]);
		assert.equal(code, 0, `${signal ?? ""}\n${stderr}${stdout}`);
		/** @type {any[]} */
		const results = stdout
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line));
		for (const result of results) {
			const { name } = result;
			assert.notEqual(result.code, 1, `${name}: no result was told`);
			assert.equal(result.collections, 0, `${name}: a collection would hide what was allocated`);
			assert.ok(result.stack <= HEAP.stack / 2, `${name}: ${result.stack} stack slots`);
			assert.deepEqual([result.lost, result.closedInCallback, result.channelsOpen], [0, 0, 0], name);
			assert.ok(result.peak <= RECEIVER_BYTES);
		}
		return Object.fromEntries(results.map((result) => [result.name, result]));
	}

	/** @param {any} result */
	function nothingAllocated({ name, slots, chunkBytes }) {
		assert.deepEqual({ name, slots, chunkBytes }, { name, slots: 0, chunkBytes: 0 });
	}

	/** @param {any} result */
	function nothingWritten({ name, writes }) {
		assert.deepEqual({ name, writes }, { name, writes: 0 });
	}

	/** @param {any} result @param {number} state @param {number} code */
	function isWhole(result, state, code) {
		assert.deepEqual([result.state, result.code, result.storeCode], [state, code, OK], result.name);
		assert.equal(result.valid, code === OK, result.name);
		assert.equal(result.length > 0, code === OK, result.name);
	}

	it("the ways to the card of a board's file are those that are gone, with the PIN of a file", async () => {
		const sessions = { csim: false, ccho: true };
		for (const power of [false, true]) {
			const lives = await live({
				power,
				modem: sessions,
				links: [VIA_CSIM, VIA_CGLA],
				pin: "2468",
				filePin: "2468",
				steps: [
					{ do: "boot", name: "first" },
					{ do: "boot", name: "unchanged" },
					{ do: "verify", name: "verified" },
				],
			});
			isWhole(lives.first, FIRST, OK);
			isWhole(lives.unchanged, UNCHANGED, OK);
			isWhole(lives.verified, UNCHANGED, OK);
			nothingAllocated(lives.unchanged);
			nothingAllocated(lives.verified);
		}
		const without = await live({ modem: sessions, steps: [{ do: "boot", name: "with +CSIM alone" }] });
		assert.equal(without["with +CSIM alone"].code, CME_ERROR);
	});

	it("a PIN that was refused is not tried again after a restart", async () => {
		const lives = await live({
			pin: "1111",
			filePin: "2468",
			steps: [
				{ do: "boot", name: "refused" },
				{ do: "boot", name: "refused before" },
			],
		});
		assert.deepEqual([lives.refused.code, lives.refused.pinTriesUsed], [PIN_WRONG, 1]);
		assert.deepEqual([lives["refused before"].code, lives["refused before"].pinTriesUsed], [PIN_REFUSED_BEFORE, 1]);
	});

	for (const shared of [false, true]) {
		const whose = shared ? "a UART that the application lends" : "a UART of its own";

		it(`${whose}: first, unchanged, verified, changed, removed, absent`, async () => {
			const lives = await live({
				shared,
				steps: [
					{ do: "boot", name: "first" },
					{ do: "boot", name: "unchanged" },
					{ do: "verify", name: "verified" },
					{ do: "start", name: "unchanged again" },
					{ do: "card", size: 126, iccid: "8988211000000000024" },
					{ do: "verify", name: "verified, another card" },
					{ do: "update", size: 300 },
					{ do: "verify", name: "verified, changed" },
					{ do: "start", name: "changed" },
					{ do: "update", size: 2048 },
					{ do: "boot", name: "changed at once" },
					{ do: "boot", name: "unchanged in the end" },
					{ do: "remove" },
					{ do: "verify", name: "verified, removed" },
					{ do: "boot", name: "absent" },
					{ do: "verify", name: "nothing to verify" },
				],
			});
			isWhole(lives.first, FIRST, OK);
			for (const name of ["unchanged", "verified", "unchanged again", "unchanged in the end"]) {
				isWhole(lives[name], UNCHANGED, OK);
				nothingWritten(lives[name]);
				if (name !== "unchanged in the end") assert.equal(lives[name].exchanges, 7, `${name}, in steps of 48`);
			}
			isWhole(lives["verified, another card"], CHANGED, OK);
			isWhole(lives["verified, changed"], CHANGED, FILE_CHANGED);
			isWhole(lives.changed, CHANGED, OK);
			isWhole(lives["changed at once"], CHANGED, OK);
			isWhole(lives["verified, removed"], REMOVED, SIM_ABSENT);
			assert.ok(lives["verified, removed"].taken >= 2000);
			assert.deepEqual(lives["verified, removed"].kept, []);
			isWhole(lives.absent, ABSENT, SIM_ABSENT);
			nothingWritten(lives.absent);
			assert.deepEqual([lives["nothing to verify"].code, lives["nothing to verify"].state], [RECORD_MISSING, FAILED]);
			assert.equal(lives.first.kept.length, 2);
			assert.equal(lives["changed at once"].hasFingerprint, true);
			// A file of 2048 bytes is a whole chunk; of any other size a view is made of it.
			for (const [name, result] of Object.entries(lives)) {
				const view = name === "first" || name === "changed" ? VIEW_SLOTS : 0;
				assert.deepEqual(
					{ name, slots: result.slots, chunkBytes: result.chunkBytes },
					{ name, slots: view, chunkBytes: 0 },
				);
			}
		});

		it(`${whose}: a modem that fails leaves the accounts of the record, and what is lent is given back`, async () => {
			const lives = await live({
				shared,
				steps: [
					{ do: "boot", name: "first" },
					{ do: "silent", silent: true },
					{ do: "boot", name: "silent" },
					{ do: "verify", name: "verify, silent" },
					{ do: "silent", silent: false },
					{ do: "verify", name: "verified" },
				],
			});
			for (const name of ["silent", "verify, silent"]) {
				assert.deepEqual([lives[name].state, lives[name].code, lives[name].valid], [FAILED, MODEM_SILENT, true]);
				assert.ok(lives[name].length > 0);
				nothingWritten(lives[name]);
				nothingAllocated(lives[name]);
			}
			assert.ok(lives["verify, silent"].taken < 5000);
			isWhole(lives.verified, UNCHANGED, OK);
		});

		it(`${whose}: lines that are not ours are handed on, and a line that is busy is busy at once`, async () => {
			const lives = await live({
				shared,
				// With an answer of 123 bytes there would be no room for the line.
				strayBytes: 20,
				modem: { unrelated: [{ text: "", command: 1e9 }] },
				steps: [
					{ do: "boot", name: "first" },
					{ do: "chatter" },
					{ do: "verify", name: "verified in chatter" },
					{ do: "quiet" },
					{ do: "busy", busy: true },
					{ do: "verify", name: "busy" },
					{ do: "busy", busy: false },
					{ do: "verify", name: "verified" },
				],
			});
			const line = "\r\n+CREG: 1\r\n".length;
			const { handedOn } = lives["verified in chatter"];
			assert.ok(handedOn >= 8 * line && handedOn % line === 0, `${handedOn}`);
			isWhole(lives["verified in chatter"], UNCHANGED, OK);
			assert.deepEqual([lives.busy.code, lives.busy.valid, lives.busy.taken <= 1], [MODEM_IN_USE, true, true]);
			isWhole(lives.verified, UNCHANGED, OK);
			for (const name of ["verified in chatter", "busy", "verified"]) {
				nothingAllocated(lives[name]);
				nothingWritten(lives[name]);
			}
			assert.deepEqual([lives.first.handedOn, lives.verified.handedOn], [0, 0]);
		});
	}

	for (const [board, modem] of /** @type {[string, object][]} */ ([
		[BOARD, {}],
		["lilygo-t-sim7670g-s3", { csimSleep: true }],
	]))
		it(`a modem that is off is woken, and what is there is compared: ${board}`, async () => {
			const lives = await live({
				board,
				modem,
				power: true,
				steps: [
					{ do: "boot", name: "first" },
					{ do: "boot", name: "unchanged" },
					{ do: "verify", name: "verified" },
				],
			});
			isWhole(lives.first, FIRST, OK);
			for (const name of ["unchanged", "verified"]) {
				isWhole(lives[name], UNCHANGED, OK);
				nothingAllocated(lives[name]);
				nothingWritten(lives[name]);
			}
		});

	it("a UART that was given back is opened again to verify, and the result is told to whoever asked", async () => {
		const lives = await live({
			steps: [
				{ do: "boot", name: "first" },
				{ do: "release" },
				{ do: "verifyWith", name: "verified" },
				{ do: "release" },
				{ do: "release" },
				{ do: "start", name: "unchanged" },
				{ do: "verify", name: "verified again" },
			],
		});
		isWhole(lives.verified, UNCHANGED, OK);
		assert.deepEqual([lives.first.by, lives.verified.by, lives.unchanged.by], ["options", "verify", "options"]);
		assert.equal(lives["verified again"].by, "options");
		for (const name of ["verified", "unchanged"]) {
			isWhole(lives[name], UNCHANGED, OK);
			assert.ok(lives[name].slots > 0 && lives[name].slots <= OPEN_SLOTS, `${lives[name].slots} slots`);
			assert.equal(lives[name].serialsOpen, 1);
		}
		nothingAllocated(lives["verified again"]);
	});

	it("a file that the storage does not take is used, verified, and not kept", async () => {
		const lives = await live({
			steps: [
				{ do: "full", full: true },
				{ do: "boot", name: "first" },
				{ do: "verify", name: "verified" },
				{ do: "full", full: false },
				{ do: "boot", name: "first again" },
				{ do: "boot", name: "unchanged" },
			],
		});
		assert.deepEqual([lives.first.state, lives.first.code, lives.first.storeCode], [FIRST, OK, RECORD_NOT_KEPT]);
		assert.deepEqual([lives.verified.state, lives.verified.storeCode], [UNCHANGED, RECORD_NOT_KEPT]);
		isWhole(lives["first again"], FIRST, OK);
		isWhole(lives.unchanged, UNCHANGED, OK);
	});
});

describe("boards/main.ts with REMEMBER on XS", { skip: skipReason(), timeout: 300000 }, () => {
	/** @type {Awaited<ReturnType<typeof makeBundles>>} */
	let bundles;
	before(async () => {
		bundles = await makeBundles();
	});
	after(() => bundles.close());

	/** @param {string} since */
	async function start(since) {
		const scenario = JSON.stringify({ remember: true, since });
		const { code, signal, stdout, stderr } = await bundles.run("run-main-remember.js", BOARD, [scenario]);
		assert.equal(code, 0, `${signal ?? ""}\n${stderr}${stdout}`);
		const { results, lines } = JSON.parse(stdout);
		for (const { name, serialsOpen } of results) assert.equal(serialsOpen, 0, `${name}: the UART is the application's`);
		return {
			lines,
			.../** @type {Record<string, any>} */ (Object.fromEntries(results.map((/** @type {any} */ r) => [r.name, r]))),
		};
	}

	/** @param {Record<string, any>} lives */
	function theRestIsUsual(lives) {
		assert.deepEqual([lives.verify.code, lives.verify.state, lives.verify.writes], [OK, UNCHANGED, 0]);
		const changed = lives["verify, changed"];
		assert.deepEqual([changed.code, changed.state, changed.valid, changed.length], [FILE_CHANGED, CHANGED, false, 0]);
		const again = lives["start again"];
		assert.deepEqual([again.code, again.state, again.valid, again.length], [OK, CHANGED, true, 400]);
		assert.equal(again.bootstrapped, 2);
	}

	it("the card has what is remembered: compared, and nothing is written", async () => {
		const lives = await start("nothing");
		assert.deepEqual([lives.start.state, lives.start.verified, lives.start.writes], [UNCHANGED, true, 0]);
		assert.deepEqual([lives.start.exchanges, lives.start.accounts], [7, 1]);
		assert.equal(lives.lines.at(-1), "simstrap: done\n");
		theRestIsUsual(lives);
	});

	it("the card has another file: that is what the application gets", async () => {
		const lives = await start("changed");
		assert.deepEqual([lives.start.state, lives.start.verified, lives.start.length], [CHANGED, true, 300]);
		theRestIsUsual(lives);
	});

	it("the modem is silent: the application gets what is remembered, and is told so", async () => {
		const lives = await start("silent");
		assert.deepEqual([lives.start.state, lives.start.verified, lives.start.valid], [FAILED, false, true]);
		assert.deepEqual([lives.start.bootstrapped, lives.start.failures, lives.start.writes], [1, 0, 0]);
		assert.ok(lives.lines.includes("simstrap: remembered\n"), lives.lines.join(""));
		theRestIsUsual(lives);
	});

	it("the card is gone: there are no accounts, and what was remembered is deleted", async () => {
		const lives = await start("gone");
		assert.deepEqual([lives.start.bootstrapped, lives.start.failures, lives.start.code], [0, 1, SIM_ABSENT]);
		assert.ok(lives.start.writes >= 2);
	});
});
