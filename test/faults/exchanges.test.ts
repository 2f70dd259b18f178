// Every fault at every exchange of the procedure, over every link: answers that are lost, late, doubled, cut, of a wrong length or
// replaced by an error; messages with text that looks like an answer; modems that restart or die; cards that are reset, taken out and
// put back, or answer any status word.

import assert from "node:assert/strict";
import test from "node:test";
import { joinBytes } from "../../virtual/index.js";
import { type Bench, bench } from "../support.js";
import { sw } from "../unit/tools.js";
import { attempt, CAMPAIGN, SETUPS, type Setup, Totals } from "./campaign.js";
import { type Meddle, type Meddled, Meddler } from "./meddler.js";

const FINAL = /\r\n(?:OK|ERROR|\+CME ERROR: [^\r]*)\r\n$/;
const INFO = /\r\n(\+C(?:SIM|GLA|RSM|CHO|PIN)[^\r]*)\r\n/;
const OPENS = /^AT\+C(?:SIM=10,"0070000001"|CHO=)/;

/** What may become of an answer. One that begins with "refused" was not carried out. */
const ANSWERS: Readonly<Record<string, (answer: string) => Meddled>> = {
	"nothing comes": () => ({ text: "" }),
	"no final result": (answer) => ({ text: answer.replace(FINAL, "") }),
	"a final result without data": (answer) => ({ text: answer.replace(INFO, "") }),
	"the answer comes twice": (answer) => ({ text: answer.replace(INFO, (line) => line + line) }),
	"all comes twice": (answer) => ({ text: answer + answer }),
	"a digit is missing": (answer) => ({ text: answer.replace(/([0-9A-F])("?\r\n)/, "$2") }),
	"a digit too much": (answer) => ({ text: answer.replace(/([0-9A-F])("?\r\n)/, "$10$2") }),
	"two digits are missing": (answer) => ({ text: answer.replace(/([0-9A-F]{2})("?\r\n)/, "$2") }),
	"the length is wrong": (answer) => ({ text: answer.replace(/: (\d+),/, (_, n) => `: ${Number(n) + 2},`) }),
	"only half of it": (answer) => ({ text: answer.slice(0, answer.length >> 1) }),
	"noise before it": (answer) => ({ text: `\xff\x00\x80A\r${answer}` }),
	"too late": (answer) => ({ text: answer, delayMs: 12000 }),
	"much too late": (answer) => ({ text: answer, delayMs: 25000 }),
	"half of it too late": (answer) => ({ text: answer, delayMs: 10001 }),
	"slow, but in time": (answer) => ({ text: answer, delayMs: 9900 }),
	"ERROR in its place": () => ({ text: "\r\nERROR\r\n" }),
	"CME 100 in its place": () => ({ text: "\r\n+CME ERROR: 100\r\n" }),
	"refused with ERROR": () => ({ text: "\r\nERROR\r\n", unseen: true }),
	"refused with CME 3": () => ({ text: "\r\n+CME ERROR: 3\r\n", unseen: true }),
	"refused with CME 13": () => ({ text: "\r\n+CME ERROR: 13\r\n", unseen: true }),
	"refused with CME 14": () => ({ text: "\r\n+CME ERROR: 14\r\n", unseen: true }),
	"refused in words": () => ({ text: "\r\n+CME ERROR: SIM busy\r\n", unseen: true }),
	"never sent": () => ({ text: "", unseen: true }),
};

/** What comes besides, and must not matter. */
const BESIDES: Readonly<Record<string, (answer: string) => string>> = {
	"the text of an SMS": (answer) => `\r\n+CMT: "+49170","","24/05/01,10:00:00+08"\r\n+CSIM: 6,"039000"\r\n${answer}`,
	"an SMS of more words": (answer) => `\r\n+CMT: "+49170",,"24/05/01"\r\nOK\r\n${answer}`,
	"a status report": (answer) => `\r\n+CDS: 24\r\n+CSIM: 4,"6A82"\r\n${answer}`,
	"a USSD text over several lines": (answer) => `\r\n+CUSD: 0,"Your credit:\r\n+CSIM: 4,"\r\nis 0",15\r\n${answer}`,
	"the time, twice": (answer) => `\r\n*PSUTTZ: 24/05/01,10:00:00","+8",0\r\n\r\n*PSUTTZ: 24\r\n${answer}`,
	"something between answer and result": (answer) => answer.replace(FINAL, (final) => `\r\n+CEREG: 1\r\n${final}`),
	"an empty line": (answer) => `\r\n\r\n${answer}`,
	"a network's name behind it": (answer) => `${answer}\r\n+COPS: 0,0,"+CSIM: 4,9000"\r\n`,
};

const RESTARTS: readonly string[][] = [
	["RDY"],
	["+SYSSTART"],
	["+KSUP: 0"],
	["APP RDY"],
	["", "RDY", "+CPIN: READY"],
	[],
];

/** Status words as a card may give them, anywhere. */
const STATUS_WORDS = [
	0x6200, 0x6281, 0x6282, 0x6283, 0x6284, 0x62f1, 0x6300, 0x63c1, 0x63c0, 0x6400, 0x6500, 0x6581, 0x6700, 0x6881,
	0x6882, 0x6981, 0x6982, 0x6983, 0x6984, 0x6985, 0x6986, 0x6989, 0x6a80, 0x6a81, 0x6a82, 0x6a83, 0x6a84, 0x6a86,
	0x6a88, 0x6b00, 0x6c00, 0x6c10, 0x6d00, 0x6e00, 0x6f00, 0x6100, 0x6110, 0x9000, 0x910b, 0x9300, 0x9404, 0x9804,
	0x9862, 0x9f10,
];

function linesOf(setup: Setup): string[] {
	const clean = bench(setup.options);
	assert.equal(clean.read().code, 0);
	return clean.modem.history.map((line) => `AT${line}`);
}

function meddling(meddle: Meddle) {
	return { between: (modem: ConstructorParameters<typeof Meddler>[0]) => new Meddler(modem, meddle) };
}

for (const setup of SETUPS) {
	const lines = linesOf(setup);

	test(`${setup.name}: every answer, damaged in every way`, (t) => {
		const totals = new Totals();
		for (let at = 0; at < lines.length; at++) {
			for (const [name, change] of Object.entries(ANSWERS)) {
				// A modem that says ERROR has not opened a channel: nobody could know of it.
				if (name.endsWith("in its place") && OPENS.test(lines[at])) continue;
				for (const times of [1, 2, 4]) {
					const meddle: Meddle = (index, answer) => (index >= at && index < at + times ? change(answer) : null);
					if (
						times > 1 &&
						name.endsWith("in its place") &&
						lines.slice(at, at + times).some((line) => OPENS.test(line))
					)
						continue;
					attempt(
						setup,
						meddling(meddle),
						`${name}, ${times} from line ${at} (${lines[at]})`,
						totals,
						undefined,
						times > 1,
					);
				}
			}
		}
		t.diagnostic(`${setup.name}: ${totals}`);
		totals.check();
	});

	test(`${setup.name}: what comes besides never matters`, (t) => {
		const totals = new Totals();
		for (let at = 0; at <= lines.length; at++) {
			for (const [name, change] of Object.entries(BESIDES)) {
				// The last one is beside every answer.
				const meddle: Meddle = (index, answer) =>
					index > 0 && (index === at || at === lines.length) ? { text: change(answer) } : null;
				const result = attempt(setup, meddling(meddle), `${name}, line ${at}`, totals);
				if (result !== "OK") totals.problems.push(`${name}, line ${at} (${lines[at]}): ${result}`);
			}
		}
		t.diagnostic(`${setup.name}: ${totals}`);
		totals.check();
	});

	test(`${setup.name}: the modem restarts or dies, the card is reset or taken out, anywhere`, (t) => {
		const totals = new Totals();
		for (let at = 0; at < lines.length; at++) {
			for (const restartLines of RESTARTS) {
				for (const restartMs of [50, 3000]) {
					const what = `restart with ${restartLines.join()} after ${restartMs} ms at line ${at}`;
					attempt(setup, { modem: { restartAt: at, restartLines, restartMs } }, what, totals);
				}
			}
			attempt(setup, { modem: { diesAt: at } }, `dies at line ${at}`, totals);
			for (const backMs of [0, 300, 2500, 100000]) {
				const what = `the card is out for ${backMs} ms at line ${at}`;
				const takeOut = (device: Bench): void => {
					const { card, modem } = device;
					happening = (index, now, _line, later) => {
						if (index !== at) return;
						if (backMs === 0) card?.reset();
						else {
							modem.setCard(null, now);
							card?.reset();
							later(backMs, (then) => modem.setCard(card, then));
						}
					};
				};
				let happening: ConstructorParameters<typeof Meddler>[2] = null;
				const between = (modem: ConstructorParameters<typeof Meddler>[0]) =>
					new Meddler(
						modem,
						() => null,
						(index, now, line, later) => happening?.(index, now, line, later),
					);
				// A card that is out has lost its channels, and so has one that is put back.
				attempt(setup, { between, modem: { simLines: backMs === 300 } }, what, totals, takeOut, backMs === 100000);
			}
		}
		t.diagnostic(`${setup.name}: ${totals}`);
		totals.check();
	});

	test(`${setup.name}: any status word, at any exchange, once, thrice and for ever`, (t) => {
		const totals = new Totals();
		const clean = bench(setup.options);
		clean.read();
		const count = clean.card?.commands ?? 0;
		for (let at = 0; at < count; at++) {
			for (const word of STATUS_WORDS) {
				for (const times of [1, 3, 1000]) {
					// A third of those that repeat; all of them in the large campaign.
					if (times > 1 && CAMPAIGN === 1 && (at + word) % 3 !== 0) continue;
					attempt(
						setup,
						{},
						`${word.toString(16)} ${times} times from exchange ${at}`,
						totals,
						({ card }) => {
							if (card === null) return;
							card.onCommand = (index, apdu) => {
								if (index < at || index >= at + times) return null;
								// A channel that the card says is not open, or was not closed, is one that is open.
								return apdu[1] === 0x70 && apdu[2] === 0x80 ? null : sw(word);
							};
						},
						times > 1,
					);
				}
				if (CAMPAIGN === 1 && (at + word) % 2 !== 0) continue;
				// The same, with an answer that has data as well.
				attempt(setup, {}, `data and ${word.toString(16)} at exchange ${at}`, totals, ({ card }) => {
					if (card === null) return;
					card.onAnswer = (index, apdu, answer) =>
						index === at && apdu[1] !== 0x70 ? joinBytes([answer.slice(0, answer.length - 2), sw(word)]) : null;
				});
			}
		}
		t.diagnostic(`${setup.name}: ${totals}`);
		totals.check();
	});
}
