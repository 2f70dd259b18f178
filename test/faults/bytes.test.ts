// One byte of the UART is lost, comes twice, or has a bit that fell over: at every position of the whole conversation, in both
// directions, over every link.

import assert from "node:assert/strict";
import test from "node:test";
import type { LineFault } from "../../virtual/index.js";
import { bench } from "../support.js";
import { attempt, CAMPAIGN, SETUPS, Totals } from "./campaign.js";

const KINDS = ["lose", "double", "flip"] as const;

for (const setup of SETUPS) {
	test(`${setup.name}: one byte at every position`, (t) => {
		const clean = bench({ ...setup.options, line: { record: true } });
		assert.equal(clean.read().code, 0);
		const totals = new Totals();
		for (const toHost of [true, false]) {
			const total = toHost ? clean.line.received.length : clean.line.sent.length;
			for (let at = 0; at < total; at++) {
				for (const kind of KINDS) {
					// Another bit at every position; all of them in the large campaign.
					const masks = kind !== "flip" ? 1 : CAMPAIGN > 1 ? 8 : 1;
					for (let n = 0; n < masks; n++) {
						const fault: LineFault = { kind, toHost, at, mask: 1 << ((at + 3 * n) & 7) };
						attempt(setup, { line: { faults: [fault] } }, JSON.stringify(fault), totals);
					}
				}
			}
		}
		t.diagnostic(`${setup.name}: ${totals}`);
		totals.check();
	});
}
