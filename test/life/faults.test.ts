// A fault of the line, on any byte in either direction, never makes a change or a removal of a card that is the same: it is unchanged, or it
// failed and the record stays.

import assert from "node:assert/strict";
import test from "node:test";
import { toHex } from "../../virtual/index.js";
import { Home, Listener, serverFile } from "./support.js";

const X = serverFile("coaps://x.example");
const FAULTS = [
	{ kind: "lose" },
	{ kind: "double" },
	{ kind: "flip", mask: 1 },
	{ kind: "flip", mask: 0x10 },
	{ kind: "insert", mask: 0x30 },
	{ kind: "lose-line" },
	{ kind: "double-line" },
] as const;

/** The home of one fault: `count` bytes or lines behind where a first boot has left off. */
function struck(fault: (typeof FAULTS)[number], toHost: boolean, count: number, settled: Home): Home {
	const home = new Home({ file: X }, { store: settled.store.copy(), lender: new Listener() });
	home.line.options.faults = [{ ...fault, toHost, at: count }];
	return home;
}

for (const verifying of [false, true]) {
	for (const toHost of [true, false]) {
		const name = `${verifying ? "verify()" : "run()"}, ${toHost ? "to the host" : "to the modem"}`;
		test(`a fault on any byte changes nothing: ${name}`, () => {
			const settled = new Home({ file: X });
			assert.equal(settled.boot(), "first OK");
			const outcomes = new Map<string, number>();
			for (const fault of FAULTS) {
				if (!toHost && fault.kind.endsWith("line")) continue;
				for (let at = 0; at < (fault.kind.endsWith("line") ? 30 : 460); at++) {
					const home = struck(fault, toHost, at, settled);
					const { writes } = home.store;
					const outcome = verifying ? home.verify() : home.boot();
					const words = `${JSON.stringify(fault)} at ${at}: ${outcome}`;
					assert.match(outcome, /^(unchanged OK|failed [A-Z_]+)( invalid)?( \d open)?$/, words);
					assert.equal(home.store.writes, writes, words);
					if (home.life.valid) assert.equal(home.image(), toHex(X), words);
					// The 1 of ATE1 alone means something without it.
					if (verifying && fault.kind === "double")
						assert.deepEqual([home.modem.echo, home.modem.cmee], [true, 0], words);
					outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
				}
			}
			const all = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
			assert.ok((outcomes.get("unchanged OK") ?? 0) > 0.9 * all, [...outcomes].join("; "));
		});
	}
}
