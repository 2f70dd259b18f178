// Every fault at every exchange of the procedure, over every link: answers that are lost, late, doubled, cut, of a wrong length or
// replaced by an error; messages with text that looks like an answer; modems that restart or die; cards that are reset, taken out and
// put back, or answer any status word.

import test from "node:test";
import { joinBytes, Meddler } from "../../virtual/index.js";
import { sw } from "../unit/tools.js";
import { attempt, CAMPAIGN, type Case, cleanRun, meddling, SETUPS, Totals } from "./campaign.js";
import { BESIDES, DAMAGES, RESTARTS, STATUS_WORDS } from "./damages.js";
import { damaged } from "./faults.js";

const MANAGE_CHANNEL = 0x70;
const CLOSE = 0x80;
/** The card is reset, or out for so long: 0, and a time after which it is back. The last one is longer than the procedure. */
const AWAY_MS = [0, 300, 2500, 100000];

/** The card is reset at line `at`, or taken out and put back. */
function away(at: number, backMs: number): Case {
	return {
		what: backMs === 0 ? `the card is reset at line ${at}` : `the card is out for ${backMs} ms at line ${at}`,
		faults: {
			modem: { simLines: backMs === 300 },
			between: (modem) =>
				new Meddler(
					modem,
					() => null,
					(index, now, _line, later) => {
						if (index !== at) return false;
						const card = modem.card;
						if (backMs > 0) {
							modem.setCard(null, now);
							later(backMs, (then) => modem.setCard(card, then));
						}
						card?.reset();
						return true;
					},
				),
		},
		// A card that is out has lost its channels, and so has one that is put back.
		mayStayOpen: backMs === 100000,
	};
}

/** The card answers a status word in place of carrying out a command, `times` times from exchange `at` on. */
function answered(word: number, at: number, times: number): Case {
	return {
		what: `${word.toString(16)} ${times} times from exchange ${at}`,
		prepare: ({ card }) => {
			if (card === null) return;
			card.onCommand = (index, apdu) => {
				if (index < at || index >= at + times) return null;
				// A channel that the card says is not open, or was not closed, is one that is open.
				return apdu[1] === MANAGE_CHANNEL && apdu[2] === CLOSE ? null : sw(word);
			};
		},
		mayStayOpen: times > 1,
	};
}

/** The card carries a command out, and puts another status word behind its data. */
function withWord(word: number, at: number): Case {
	return {
		what: `data and ${word.toString(16)} at exchange ${at}`,
		prepare: ({ card }) => {
			if (card === null) return;
			card.onAnswer = (index, _apdu, answer) =>
				index === at ? joinBytes([answer.slice(0, answer.length - 2), sw(word)]) : null;
		},
	};
}

for (const setup of SETUPS) {
	const clean = cleanRun(setup);
	const { lines } = clean;

	test(`${setup.name}: every answer, damaged in every way`, (t) => {
		const totals = new Totals();
		for (let at = 0; at < lines.length; at++) {
			for (const damage of DAMAGES) {
				for (const times of [1, 2, 4]) {
					const one = damaged(clean, damage, at, times);
					if (one !== null) attempt(setup, one, totals);
				}
			}
		}
		totals.end(t, "damaged answers", setup.name);
	});

	test(`${setup.name}: what comes besides never matters`, (t) => {
		const totals = new Totals();
		for (let at = 0; at <= lines.length; at++) {
			for (const { name, change } of BESIDES) {
				// The last one is beside every answer.
				const meddle = (index: number, answer: string) =>
					index > 0 && (index === at || at === lines.length) ? { text: change(answer) } : null;
				const what = `${name}, line ${at} (${lines[at]})`;
				const judge = (_: unknown, result: string) => (result === "OK" ? "" : "though nothing was wrong");
				attempt(setup, { what, faults: meddling(meddle), least: at === 0 ? 0 : 1, judge }, totals);
			}
		}
		totals.end(t, "what comes besides", setup.name);
	});

	test(`${setup.name}: the modem restarts or dies, the card is reset or taken out, anywhere`, (t) => {
		const totals = new Totals();
		for (let at = 0; at < lines.length; at++) {
			for (const restartLines of RESTARTS) {
				for (const restartMs of [50, 3000]) {
					const what = `restart with ${restartLines.join()} after ${restartMs} ms at line ${at}`;
					const modem = { restartAt: at, restartLines: [...restartLines], restartMs };
					attempt(setup, { what, faults: { modem } }, totals);
				}
			}
			attempt(setup, { what: `dies at line ${at}`, faults: { modem: { diesAt: at } } }, totals);
			for (const backMs of AWAY_MS) attempt(setup, away(at, backMs), totals);
		}
		totals.end(t, "restarts and cards that go", setup.name);
	});

	test(`${setup.name}: any status word, at any exchange, once, thrice and for ever`, (t) => {
		const totals = new Totals();
		for (const [at, { 1: ins, 2: p1 }] of clean.apdus.entries()) {
			for (const word of STATUS_WORDS) {
				for (const times of [1, 3, 1000]) {
					if (ins === MANAGE_CHANNEL && p1 === CLOSE) continue;
					// A third of those that repeat; all of them in the large campaign.
					if (times > 1 && CAMPAIGN === 1 && (at + word) % 3 !== 0) continue;
					attempt(setup, answered(word, at, times), totals);
				}
				if (ins === MANAGE_CHANNEL || (CAMPAIGN === 1 && (at + word) % 2 !== 0)) continue;
				attempt(setup, withWord(word, at), totals);
			}
		}
		totals.end(t, "status words", setup.name);
	});
}
