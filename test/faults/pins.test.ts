// PINs under every fault: a wrong one takes one try at the most, and never the last one.

import test from "node:test";
import { VIA_CGLA, VIA_CSIM } from "../../src/index.js";
import { makeFile } from "../../virtual/index.js";
import type { Bench, BenchOptions } from "../support.js";
import { ascii } from "../unit/tools.js";
import { attempt, CAMPAIGN, type Case, type Clean, cleanRun, FILE_PIN, type Setup, setup, Totals } from "./campaign.js";
import { DAMAGES, RESTARTS } from "./damages.js";
import { damaged, onByte } from "./faults.js";

const WRONG = ascii("1111");
const FILE = makeFile(126);

function refused(name: string, options: BenchOptions): Setup {
	return { ...setup(name, FILE, options), file: null };
}

const SETUPS: readonly (Setup & { least: number })[] = [
	{
		...refused("a wrong PIN, +CSIM", { over: { links: [VIA_CSIM], pin: WRONG }, card: { pin: FILE_PIN } }),
		least: 2,
	},
	{
		...refused("a wrong PIN, +CGLA", {
			over: { links: [VIA_CGLA], pin: WRONG },
			card: { pin: FILE_PIN },
			modem: { csim: false, ccho: true },
		}),
		least: 2,
	},
	{
		...refused("a wrong PIN and one try", {
			over: { links: [VIA_CSIM], pin: WRONG },
			card: { pin: { ...FILE_PIN, tries: 1 } },
		}),
		least: 1,
	},
	{
		...refused("a wrong PIN of the SIM", {
			over: { links: [VIA_CSIM], simPin: WRONG },
			card: { cardPin: { reference: 1, value: "2468", enabled: true } },
		}),
		least: 2,
	},
];

/** Whether as many tries are left as have to be. */
function triesOf(least: number): (device: Bench) => string {
	return ({ card }) => {
		const left = [0x81, 1].map((reference) => card?.pinTries(reference) ?? 0).filter((tries) => tries >= 0);
		return Math.min(...left) >= least ? "" : `${Math.min(...left)} tries are left`;
	};
}

/** Where a PIN is at hand, every byte is hit; elsewhere every so-manieth, since bytes.test.ts does all of them. */
const ELSEWHERE = CAMPAIGN > 1 ? 1 : 7;
const ABOUT_PINS = /"[0-9A-F]{2}2000|\+CPIN=/;

/** All that one fault can be: on a byte, to an answer, to the modem. */
function cases(clean: Clean): Case[] {
	const list: Case[] = [];
	for (const toHost of [true, false]) {
		let at = 0;
		for (const [i, line] of clean.lines.entries()) {
			const end = at + (toHost ? clean.answers[i].length : line.length + 1);
			const close = ABOUT_PINS.test(line);
			// A number of tries is a digit that any bit makes another one.
			for (; at < end; at++) if (close || at % ELSEWHERE === 0) list.push(...onByte(at, toHost, close));
		}
	}
	for (let at = 0; at < clean.lines.length; at++) {
		for (const damage of DAMAGES)
			for (const times of [1, 2]) {
				const one = damaged(clean, damage, at, times);
				if (one !== null) list.push(one);
			}
		for (const restartLines of RESTARTS)
			list.push({
				what: `restart with ${restartLines.join()} at line ${at}`,
				faults: { modem: { restartAt: at, restartLines: [...restartLines], restartMs: 50 } },
			});
	}
	return list;
}

for (const one of SETUPS) {
	test(`${one.name}: one try at the most, and never the last one`, (t) => {
		const totals = new Totals();
		for (const each of cases(cleanRun(one))) attempt(one, { ...each, judge: triesOf(one.least) }, totals);
		totals.end(t, "PINs", one.name);
	});
}
