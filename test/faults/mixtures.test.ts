// Random mixtures of everything that can go wrong, from seeds: noise on the line, answers changed by hand, messages in between, restarts,
// cards that are reset, taken out or in a bad mood, manners of modems, PINs that are wrong or nearly blocked. A seed gives the same
// case for ever: SIMSTRAP_SEED=N runs just that one.

import test from "node:test";
import { type CardManners, Meddler, type ModemOptions, makeFile, Random } from "../../virtual/index.js";
import type { BenchOptions } from "../support.js";
import { ascii } from "../unit/tools.js";
import { attempt, boxed, CAMPAIGN, SETUPS, type Setup, Totals } from "./campaign.js";
import { DAMAGES, type Damage } from "./damages.js";

/** What the modem says may be damaged, but is no lie: of a channel that it denies, or says to have closed, nobody can know. */
const DAMAGES_HERE = DAMAGES.filter(({ denies, stray }) => denies !== true && stray !== true);

const LEAST = 2000;
const MOST_MS = 6000;
/** As many more as SIMSTRAP_CAMPAIGN says. */
const MOST = 20000 * CAMPAIGN;

const only = process.env.SIMSTRAP_SEED;

function chance(dice: Random, percent: number): boolean {
	return dice.below(100) < percent;
}

function pick<T>(dice: Random, list: readonly T[]): T {
	return list[dice.below(list.length)];
}

function manners(dice: Random): CardManners {
	const manners: CardManners = { transport: pick(dice, ["t0", "t1"]) };
	if (chance(dice, 50)) manners.acceptsLe00 = true;
	if (chance(dice, 10)) manners.refusesNoData = true;
	if (chance(dice, 10)) manners.refusesAlias = true;
	if (chance(dice, 10)) manners.refusesPathFromDf = true;
	if (chance(dice, 10)) manners.refusesCloseLe = true;
	if (chance(dice, 10)) manners.proactiveTimes = dice.below(6);
	if (chance(dice, 10)) manners.busyTimes = dice.below(14);
	if (chance(dice, 10)) manners.readAnswers61 = true;
	if (chance(dice, 10)) manners.maxAnswerBytes = 20 + dice.below(100);
	return manners;
}

function modem(dice: Random): ModemOptions {
	const modem: ModemOptions = { echo: chance(dice, 50), cmee: dice.below(3), verbose: chance(dice, 80) };
	if (chance(dice, 20)) modem.answerSpace = false;
	if (chance(dice, 20)) modem.answerQuotes = false;
	if (chance(dice, 20)) modem.answerLowerCase = true;
	if (chance(dice, 10)) modem.answerOnNextLine = true;
	if (chance(dice, 10)) modem.fetchesItself = true;
	if (chance(dice, 10)) modem.disturbsBasicChannel = true;
	if (chance(dice, 10)) modem.simBusyMs = dice.below(12000);
	if (chance(dice, 10)) modem.refusesLeAfterData = true;
	if (chance(dice, 10)) modem.sessionBare = true;
	if (chance(dice, 5)) modem.bootMs = dice.below(8000);
	if (chance(dice, 15)) {
		modem.restartAt = dice.below(30);
		modem.restartLines = [pick(dice, ["RDY", "+SYSSTART", "+KSUP: 0", "APP RDY", "*PSUTTZ: 24"])];
		modem.restartMs = dice.below(6000);
	}
	if (chance(dice, 2)) modem.diesAt = dice.below(30);
	return modem;
}

/** What the line does to bytes: of many thousands, some. */
function noise(dice: Random): BenchOptions["line"] {
	if (chance(dice, 25)) return {};
	const rate = pick(dice, [100, 300, 1000, 4000]);
	const part = (): number => (chance(dice, 50) ? dice.below(rate) : 0);
	return {
		dice: {
			seed: dice.next(),
			lose: part(),
			double: part(),
			flip: part(),
			insert: part(),
			delay: part(),
			delayMs: pick(dice, [100, 3000, 15000]),
			direction: pick(dice, ["both", "to-host", "to-modem"]),
		},
	};
}

/** Answers are damaged here and there, and the card suffers. */
function meddler(dice: Random): BenchOptions["between"] {
	if (chance(dice, 40)) return undefined;
	const percent = pick(dice, [3, 10, 30]);
	return (modem) => {
		const own = modem.card;
		let before = "";
		let damage: Damage | null = null;
		return new Meddler(
			modem,
			(_index, answer) => {
				if (answer === "") {
					// The modem does not have the command yet.
					damage = chance(dice, percent) ? pick(dice, DAMAGES_HERE) : null;
					return damage === null ? null : damage.change("", before);
				}
				const changed = damage === null ? null : damage.change(answer, before);
				before = answer;
				return changed;
			},
			(_index, now, _line, later) => {
				if (!chance(dice, 1) || own === null) return false;
				own.reset();
				if (chance(dice, 50)) return true;
				modem.setCard(null, now);
				later(dice.below(4000), (then) => modem.setCard(own, then));
				return true;
			},
		);
	};
}

function mixture(seed: number, totals: Totals): void {
	const dice = new Random(Math.imul(seed, 2654435761) + 1);
	const setup = pick(dice, SETUPS);
	const file = makeFile(pick(dice, [52, 126, 126, 200, 300, 700]));
	const pinned = setup.options.card?.pin !== undefined;
	const card = { ...setup.options.card, file, manners: manners(dice), fileSize: file.length + dice.below(40) };
	let pinWrong = false;
	if (pinned && setup.options.card?.pin !== undefined) {
		const tries = dice.below(4);
		pinWrong = chance(dice, 30);
		card.pin = { ...setup.options.card.pin, tries, enabled: chance(dice, 90) };
	}
	const own: Setup = {
		...setup,
		file,
		options: {
			...setup.options,
			card,
			over: {
				...setup.options.over,
				step: pick(dice, [16, 48, 100, 239, 256]),
				confirm: true,
				...(pinWrong ? { pin: ascii("9999") } : {}),
			},
			limits: { chunkBytes: 1 + dice.below(64), chunkSeed: dice.next() | 0 },
			port: chance(dice, 20) ? { bytesPerWrite: 1 + dice.below(20) } : {},
		},
	};
	const between = meddler(dice);
	const faults: BenchOptions = { modem: modem(dice), line: noise(dice), ...(between === undefined ? {} : { between }) };
	const tries = card.pin?.tries ?? 3;
	attempt(
		own,
		{
			what: `seed ${seed} (${setup.name})`,
			faults,
			least: 0,
			mayStayOpen: true,
			judge: (device) => {
				const left = device.card?.pinTries(0x81) ?? -1;
				if (pinned && tries > 0 && left === 0) return "the last try was taken";
				if (pinned && tries < 2 && (device.card?.pinTriesUsed ?? 0) > 0) return "a try was taken though one was left";
				return "";
			},
		},
		totals,
	);
}

test("random mixtures end in the exact file or in a named error", (t) => {
	const totals = new Totals();
	if (only !== undefined) mixture(Number(only), totals);
	else boxed(LEAST, MOST, MOST_MS, (n) => mixture(n + 1, totals));
	// A channel is opened more than once there, and each answer that names one may be hit, and each that would find it again.
	totals.end(t, "random mixtures", "all of them", 5);
});
