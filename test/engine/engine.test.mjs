// The bundle as built, on a real XS engine: nothing is allocated after construction, whatever happens; and the costs stay within
// what README.md promises.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { before, describe, it } from "node:test";
import typescript from "@rollup/plugin-typescript";
import { rollup } from "rollup";
import { buildHarness, skipReason } from "./xs/build.mjs";
import { jsonFromXs, leastHeap, ROOT } from "./xs-run.mjs";

/** What may not be exceeded; where that is more than was planned, README.md says why. The figures themselves are printed. */
const BUDGET = {
	stackSlots: 128,
	/** With sessions of the modem's, which are commands within an exchange. */
	stackSlotsEveryWay: 144,
	perDigitDecoding: 24,
	perDigitOfAnswer: 40,
	perExchange: 5000,
	instanceSlots: 340,
	instanceChunkBytes: 1220,
};

describe("on XS", { skip: skipReason(), timeout: 300000 }, () => {
	/** @type {any[]} */
	let runs = [];

	before(async () => {
		await buildHarness({ log: console.log });
		runs = await jsonFromXs("run-scenarios.js");
	});

	it("every scenario ends as its name says", () => {
		assert.ok(runs.length > 30);
		for (const { name, code, ends } of runs) assert.deepEqual({ name, code }, { name, code: ends });
	});

	it("what is to go wrong in a scenario goes wrong, and nothing else", () => {
		for (const { name, faults, happens, said, says } of runs) {
			assert.deepEqual({ name, faults }, { name, faults: happens });
			assert.ok(said >= says, `${name}: said ${said} times, ${says} at least`);
		}
		assert.ok(runs.filter(({ happens, says }) => happens > 0 || says > 0).length >= 11);
	});

	it("a bootstrap allocates no slot and no chunk byte after construction, and neither does a failure", () => {
		for (const { name, slots, chunkBytes, collections } of runs) {
			assert.equal(collections, 0, `${name}: a collection would hide what was allocated`);
			assert.deepEqual({ name, slots, chunkBytes }, { name, slots: 0, chunkBytes: 0 });
		}
	});

	it("looking at all accounts of a file allocates nothing", () => {
		const counts = runs.filter(({ code }) => code === 0).map(({ accounts }) => accounts.count);
		assert.ok(Math.max(...counts) > 100, "the 32 KB file has many accounts");
		for (const { name, code, accounts } of runs) {
			if (code !== 0) continue;
			assert.equal(accounts.usable, accounts.count, name);
			assert.deepEqual({ slots: accounts.slots, chunkBytes: accounts.chunkBytes }, { slots: 0, chunkBytes: 0 }, name);
		}
	});

	it("the stack stays flat", (t) => {
		const deepest = (/** @type {boolean} */ sessions) =>
			Math.max(...runs.filter((run) => run.everyWay === sessions).map(({ stack }) => stack));
		t.diagnostic(`${deepest(false)} stack slots at the most, ${deepest(true)} with every way to the card`);
		assert.ok(deepest(false) <= BUDGET.stackSlots, `${deepest(false)} stack slots`);
		assert.ok(deepest(true) <= BUDGET.stackSlotsEveryWay, `${deepest(true)} stack slots with every way to the card`);
	});

	it("costs what it may cost", async (t) => {
		const [costs] = await jsonFromXs("costs.js");
		for (const [name, value] of Object.entries(costs)) t.diagnostic(`${name} ${Math.round(value * 10) / 10}`);
		for (const [name, most] of Object.entries(BUDGET)) {
			if (name in costs) assert.ok(costs[name] <= most, `${name}: ${costs[name]}, at most ${most}`);
		}
	});

	it("succeeds in a heap that has little more than the instance", async (t) => {
		const { slots, chunkBytes } = await leastHeap();
		t.diagnostic(`least heap ${slots} slots and ${chunkBytes} chunk bytes beside the file buffer`);
		assert.ok(slots <= 400, `${slots} slots`);
		assert.ok(chunkBytes <= 2500, `${chunkBytes} chunk bytes`);
	});

	it("the meters see a single subarray per exchange", async () => {
		const folder = await mkdtemp(path.join(tmpdir(), "simstrap-mutant-"));
		try {
			const [{ slots, exchanges }] = await jsonFromXs("run-scenarios.js", {
				args: ["the sample file"],
				core: await mutant(folder),
			});
			assert.ok(slots >= 4 * 14, `${slots} slots in ${exchanges} exchanges`);
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	});
});

/**
 * A bundle whose +CSIM link makes a subarray in each exchange.
 * @param {string} folder
 */
async function mutant(folder) {
	const clean = "at.commandLine.apdu(command, length);";
	const dirty = "at.commandLine.apdu(command.subarray(0, length), length);";
	const source = await readFile(path.join(ROOT, "src", "link-csim.ts"), "utf8");
	assert.ok(source.includes(clean), "the line that the mutation replaces is still there");
	const bundle = await rollup({
		input: path.join(ROOT, "src", "index.ts"),
		plugins: [
			typescript({
				tsconfig: path.join(ROOT, "src", "tsconfig.json"),
				noEmit: false,
				outDir: folder,
				sourceMap: false,
			}),
			{ name: "mutation", transform: (code, id) => (id.endsWith("link-csim.ts") ? code.replace(clean, dirty) : null) },
		],
	});
	const file = path.join(folder, "simstrap.js");
	await bundle.write({ file, format: "es" });
	await bundle.close();
	return file;
}
