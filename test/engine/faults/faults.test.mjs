// The fault campaign on a real XS engine: whatever goes wrong, the exact file or a named error, no channel that stays open, one PIN try
// at the most, and not one slot or chunk byte allocated. Node's campaign in test/faults does far more of it, but cannot see allocations.
// SIMSTRAP_CAMPAIGN makes it larger: 100 hits every byte in every way.

import assert from "node:assert/strict";
import path from "node:path";
import { describe, it } from "node:test";
import { buildHarness, skipReason } from "../xs/build.mjs";
import { jsonFromXs, ROOT } from "../xs-run.mjs";

const CAMPAIGN = Math.max(1, Number(process.env.SIMSTRAP_CAMPAIGN ?? 1) || 1);
/** Every so-manieth byte is hit. */
const STRIDE = Math.max(1, Math.floor(101 / CAMPAIGN));
const SETUPS = ["+CSIM", "+CGLA", "+CRSM", "+CSIM, a PIN", "+CSIM, a wrong PIN"];
if (CAMPAIGN > 1) SETUPS.push("+CGLA, a PIN");
/** Runs on XS that go on at the same time. */
const SIDE_BY_SIDE = 2;
const LIMITS = ["--stack", "600", "--slots", "400000", "--chunk", "40000000"];

/** @param {number} setup */
async function sweep(setup) {
	const [totals] = await jsonFromXs(path.join("faults", "sweep.js"), {
		args: [String(setup), String(STRIDE), CAMPAIGN > 1 ? "all" : "some"],
		modules: [`damages=${path.join(ROOT, "build", "test", "faults", "damages.js")}`],
		limits: LIMITS,
		timeoutMs: 200000 * CAMPAIGN,
	});
	return totals;
}

describe("faults on XS", { skip: skipReason(), timeout: 300000 * CAMPAIGN, concurrency: SIDE_BY_SIDE }, () => {
	const built = skipReason() ? null : buildHarness({ log: console.log });
	for (const [setup, name] of SETUPS.entries()) {
		it(`${name}: the exact file or a named error, and nothing allocated`, async (t) => {
			await built;
			const totals = await sweep(setup);
			assert.equal(totals.name, name);
			const { runs, faults, files, codes, pinTries, longestMs, slots, chunkBytes, problemCount: problems } = totals;
			const { errorsByName, keep } = await import(path.join(ROOT, "build", "test", "faults", "summary.js"));
			const errors = errorsByName(codes);
			const words = Object.entries(errors).map(([error, count]) => `, ${error} ${count}`);
			t.diagnostic(`${name}: ${runs} runs with ${faults} faults, ${files} with the exact file${words.join("")}`);
			keep({
				group: "on XS",
				setup: name,
				runs,
				faults,
				files,
				errors,
				pinTries,
				longestMs,
				slots,
				chunkBytes,
				problems,
			});
			assert.deepEqual(totals.problems, [], `${problems} of ${runs}`);
			for (const error of Object.keys(errors)) assert.match(error, /^[A-Z_]+$/);
			assert.ok(!("NOT_STARTED" in errors) && !("ABORTED" in errors));
			assert.ok(runs > 50 && faults >= runs);
			assert.deepEqual({ slots, chunkBytes }, { slots: 0, chunkBytes: 0 });
		});
	}
});
