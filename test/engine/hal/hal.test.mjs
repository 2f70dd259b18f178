// boards/main.ts and hal/moddable on a real XS engine, for every board, in front of a virtual modem: what it does, that it allocates
// nothing, and how much heap it needs.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { skipReason } from "../xs/build.mjs";
import { ROOT } from "../xs-run.mjs";
import { makeBundles } from "./bundle.mjs";
import { HEAP, leastOnBoard } from "./least-board.mjs";

/** What a program may take of the heap. */
const MAY_TAKE = { slots: 700, chunkBytes: 4500 };
const RECEIVER_BYTES = 128;

const OK = 0;
const MODEM_SILENT = -10;
const SIM_ABSENT = -20;
const SUPPLY_FAILED = -18;
const STEP_POWER = 13;

const BOARDS = readdirSync(path.join(ROOT, "boards"), { withFileTypes: true })
	.filter((entry) => entry.isDirectory())
	.map((entry) => entry.name);
const ONE = "lilygo-t-a7670";
const SLOW = { latencyMs: 20, commandMs: 5 };

describe("boards/main.ts on XS", { skip: skipReason(), timeout: 300000 }, () => {
	/** @type {Awaited<ReturnType<typeof makeBundles>>} */
	let bundles;
	let deepest = 0;
	let fullest = 0;
	before(async () => {
		bundles = await makeBundles();
	});
	after(() => bundles.close());

	/** @param {string} board @param {object} scenario */
	async function main(board, scenario) {
		const { code, signal, stdout, stderr } = await bundles.run("run-main.js", board, [JSON.stringify(scenario)]);
		assert.equal(code, 0, `${board} ${JSON.stringify(scenario)}: ${signal ?? ""}\n${stderr}${stdout}`);
		const result = JSON.parse(stdout);
		const what = `${board} ${JSON.stringify(scenario)}`;
		assert.equal(result.collections, 0, `${what}: a collection would hide what was allocated`);
		assert.deepEqual([result.slots, result.chunkBytes], [0, 0], what);
		assert.ok(result.stack <= HEAP.stack / 2, `${what}: ${result.stack} stack slots`);
		deepest = Math.max(deepest, result.stack);
		fullest = Math.max(fullest, result.peak);
		// Whatever happened: nothing pressed, no line given back, the UART not closed where that crashes.
		assert.equal(result.keyPressed, false, what);
		assert.equal(result.pinsClosed, 0, what);
		assert.equal(result.closedInCallback, 0, what);
		return result;
	}

	/** @param {any} result */
	function isOver(result) {
		assert.equal(result.serialsOpen, 0);
		assert.equal(result.later, 0, "nothing happens afterwards");
	}

	for (const board of BOARDS) {
		it(`${board}: bootstraps from a modem that is off, and from one that is on`, async () => {
			for (const on of [false, true]) {
				const hasKey = board !== "walter";
				const result = await main(board, { on: on || !hasKey, modem: { accepts: ["+CSIMSLEEP"] } });
				assert.deepEqual([result.code, result.accounts, result.usable], [OK, 1, 1]);
				assert.equal(result.presses, on || !hasKey ? 0 : 1);
				assert.equal(result.lost, 0);
				assert.ok(result.peak <= RECEIVER_BYTES && result.peak > 100, `${result.peak} bytes in the receiver`);
				assert.equal(result.channelsOpen, 0);
				isOver(result);
			}
		});

		it(`${board}: no modem is a named result, within its time, with the lines at safe levels`, async () => {
			const result = await main(board, { on: false, dead: true });
			assert.deepEqual([result.code, result.step, result.failures], [MODEM_SILENT, STEP_POWER, 1]);
			assert.ok(result.taken < 70000, `${result.taken} ms`);
			isOver(result);
		});
	}

	it("says one line a step", async () => {
		const { lines } = await main(ONE, {});
		const steps = ["power", "modem", "SIM", "channel", "application", "EF(ODF)", "EF(DODF)"];
		steps.push("select", "read", "confirm", "close", "done");
		assert.deepEqual(
			lines,
			steps.map((step) => `simstrap: ${step}\n`),
		);
	});

	it("no SIM is a named result", async () => {
		const result = await main(ONE, { card: null });
		assert.deepEqual([result.code, result.failures], [SIM_ABSENT, 1]);
		isOver(result);
	});

	it("a modem that resets in the middle is asked again, or ends in a named result", async () => {
		for (const restartAt of [3, 8, 12, 17]) {
			const result = await main(ONE, { modem: { restartAt } });
			assert.ok(result.code === OK || result.code < 0);
			isOver(result);
		}
	});

	it("a receiver that overflows ends in a named result within its time", async () => {
		for (const receiverBytes of [16, 64, 100]) {
			const result = await main(ONE, { receiverBytes });
			assert.ok(result.lost > 0);
			assert.ok(result.code < 0 || receiverBytes === 100, `${result.code}`);
			assert.ok(result.taken < 150000);
			isOver(result);
		}
	});

	it("a power chip that does not answer is a named result, before anything is sent", async () => {
		const result = await main("lilygo-t-sim7080g-s3", { registersFail: true });
		assert.deepEqual([result.code, result.step, result.history.length], [SUPPLY_FAILED, STEP_POWER, 0]);
		isOver(result);
	});

	it("the power chip's supplies are on before the first AT", async () => {
		const { registers } = await main("lilygo-t-sim7080g-s3", {});
		assert.deepEqual(registers, [0x04, 102, 0x10, 28]);
	});

	it("AT+CSIMSLEEP stands around the exchanges of a SIM7670G", async () => {
		const { history } = await main("lilygo-t-sim7670g-s3", { modem: { csimSleep: true } });
		const asleep = history.indexOf("+CSIMSLEEP=0");
		assert.ok(asleep >= 0 && asleep < history.findIndex((/** @type {string} */ line) => line.startsWith("+CSIM=")));
		assert.equal(history.at(-1), "+CSIMSLEEP=1");
	});

	it("a GM02SP at minimum function is switched on", async () => {
		const { code, history } = await main("walter", { modem: { cfun: 0, simNeedsFullFunction: true } });
		assert.equal(code, OK);
		assert.ok(history.includes("+CFUN=1"));
	});

	it("tries again later and later after a failure", async () => {
		const result = await main(ONE, { card: null, again: true, failures: 6, limitMs: 10000000 });
		assert.equal(result.failures, 6);
		assert.ok(result.taken >= 5000 + 10000 + 20000 + 40000 + 80000, `${result.taken} ms`);
		assert.ok(result.taken < 170000, `${result.taken} ms`);
	});

	it("stop is immediate in any place, wipes, and closes the UART; a second one does nothing", async () => {
		for (let stopAt = 1; stopAt < 400; stopAt += 23) {
			const result = await main(ONE, { stopAt, modem: SLOW });
			assert.equal(result.failures, 0, `${stopAt}`);
			assert.ok(result.taken <= stopAt + 25, `${stopAt}: ${result.taken}`);
			isOver(result);
			// While a channel is being opened its number is not known yet.
			const opening = result.history.at(-1)?.endsWith('"0070000001"');
			if (result.bootstrapped === 0 && !opening) {
				assert.equal(result.channelsOpen > 0, result.record > 0, `${stopAt}`);
			}
		}
	});

	it("a channel that was left open is closed by the next start, and forgotten", async () => {
		const result = await main(ONE, { openChannel: 2 });
		assert.equal(result.code, OK);
		// Channel 1 was somebody else's.
		assert.deepEqual([result.channelsOpen, result.record], [1, 0]);
	});

	it("but not when the modem was off in between", async () => {
		const result = await main(ONE, { openChannel: 1, on: false });
		assert.equal(result.history.filter((/** @type {string} */ line) => line.includes("007080")).length, 1);
	});

	it("close wipes the file", async () => {
		assert.equal((await main(ONE, { closes: true })).wiped, true);
		assert.equal((await main(ONE, {})).wiped, false);
	});

	it("needs little of an ESP32's heap", async (t) => {
		const { slots, chunkBytes, kept } = await leastOnBoard(bundles, ONE);
		t.diagnostic(`${deepest} stack slots at the most, ${fullest} bytes in the receiver`);
		t.diagnostic(`an instance with its board keeps ${kept.slots} slots and ${kept.chunkBytes} chunk bytes`);
		t.diagnostic(`least heap ${slots} slots and ${chunkBytes} chunk bytes beside the file buffer and the board's data`);
		assert.ok(slots <= MAY_TAKE.slots, `${slots} slots`);
		assert.ok(chunkBytes <= MAY_TAKE.chunkBytes, `${chunkBytes} chunk bytes`);
	});
});
