// One byte of the UART is lost, comes twice, comes late, or has a bit that fell over: at every position of the whole conversation, in
// both directions, over every link.

import test from "node:test";
import { attempt, CAMPAIGN, cleanRun, SETUPS, Totals } from "./campaign.js";
import { onByte } from "./faults.js";

for (const setup of SETUPS) {
	test(`${setup.name}: one byte at every position`, (t) => {
		const clean = cleanRun(setup);
		const totals = new Totals();
		for (const toHost of [true, false]) {
			const count = toHost ? clean.toHost : clean.toModem;
			for (let at = 0; at < count; at++)
				for (const one of onByte(at, toHost, CAMPAIGN > 1)) attempt(setup, one, totals);
		}
		totals.end(t, "one byte", setup.name);
	});
}
