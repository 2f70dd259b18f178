// Single faults as cases of a campaign: on a byte of the line, or to the answer to a command line.

import type { LineFault } from "../../virtual/index.js";
import { CAMPAIGN, type Case, type Clean, meddling } from "./campaign.js";
import { type Damage, OPENS } from "./damages.js";

/** Within a command's limit, just beyond it, and when all is over. */
const LATE_MS = [1000, 10001, 25000];

/**
 * What becomes of byte `at` of one direction: lost, twice, late, or another bit fallen over. The large campaign does all of it, else
 * there is another bit and another time at every position.
 */
export function onByte(at: number, toHost: boolean, everyBit: boolean): Case[] {
	const faults: LineFault[] = [
		{ kind: "lose", toHost, at },
		{ kind: "double", toHost, at },
	];
	for (let bit = 0; bit < 8; bit++)
		if (everyBit || bit === (at & 7)) faults.push({ kind: "flip", toHost, at, mask: 1 << bit });
	for (const [n, ms] of LATE_MS.entries())
		if (CAMPAIGN > 1 || n === at % (2 * LATE_MS.length)) faults.push({ kind: "delay", toHost, at, ms });
	return faults.map((fault) => ({ what: JSON.stringify(fault), faults: { line: { faults: [fault] } } }));
}

/** An answer is damaged, `times` times from line `at` on; null when it cannot be damaged like this. */
export function damaged({ lines, answers }: Clean, damage: Damage, at: number, times: number): Case | null {
	const clean = damage.change(answers[at], answers[at - 1] ?? "");
	if (clean.text === answers[at] && clean.delayMs === undefined && clean.rest === undefined) return null;
	let before = "";
	const denied = damage.denies === true && lines.slice(at, at + times).some((line) => OPENS.test(line));
	return {
		what: `${damage.name}, ${times} from line ${at} (${lines[at]})`,
		faults: meddling((index, answer) => {
			const changed = index >= at && index < at + times ? damage.change(answer, before) : null;
			if (answer !== "") before = answer;
			return changed;
		}),
		mayStayOpen: times > 1 || denied || damage.cardGone === true || damage.stray === true,
		mayForget: damage.stray === true,
	};
}
