// Runs on XS: the fault campaign of test/faults in small, with the engine's meters around every call into the core. argv: the number of a
// setup, every so-manieth byte that is hit, and "all" for all that an answer can become. One line of JSON with what came out.

import { DAMAGES, OPENS } from "damages";
import { VIA_CGLA, VIA_CRSM, VIA_CSIM } from "simstrap";
import { bootstrapCard, Meddler, makeFile, USUAL_MANNERS } from "virtual";
import { Rig, START_MS } from "../meter.js";

const FILE = makeFile(126);
const PIN = { reference: 0x81, value: "2468", enabled: true };
const PIN_DIGITS = new Uint8Array([0x32, 0x34, 0x36, 0x38]);
const WRONG_DIGITS = new Uint8Array([0x31, 0x31, 0x31, 0x31]);
const SESSIONS = { csim: false, ccho: true };

/** Options of a Rig; `file` is what is read when nothing goes wrong, null where that is an error. */
const SETUPS = [
	{ name: "+CSIM", file: FILE, over: { links: [VIA_CSIM] }, card: { manners: USUAL_MANNERS } },
	{ name: "+CGLA", file: FILE, over: { links: [VIA_CGLA] }, card: { manners: USUAL_MANNERS }, modem: SESSIONS },
	{
		name: "+CRSM",
		file: FILE,
		over: { links: [VIA_CRSM] },
		card: { placement: "df", manners: USUAL_MANNERS },
		modem: { csim: false, crsm: true },
	},
	{ name: "+CSIM, a PIN", file: FILE, over: { links: [VIA_CSIM], pin: PIN_DIGITS }, card: { pin: PIN } },
	{ name: "+CSIM, a wrong PIN", file: null, over: { links: [VIA_CSIM], pin: WRONG_DIGITS }, card: { pin: PIN } },
	{
		name: "+CGLA, a PIN",
		file: FILE,
		over: { links: [VIA_CGLA], pin: PIN_DIGITS },
		card: { pin: PIN },
		modem: SESSIONS,
	},
];

/** What becomes of one byte, in turn. */
const BYTE_FAULTS = [
	{ kind: "lose" },
	{ kind: "double" },
	{ kind: "flip", mask: 1 },
	{ kind: "flip", mask: 2 },
	{ kind: "flip", mask: 4 },
	{ kind: "flip", mask: 8 },
	{ kind: "flip", mask: 16 },
	{ kind: "flip", mask: 64 },
	{ kind: "flip", mask: 128 },
	{ kind: "delay", ms: 10001 },
];
/** What an answer becomes at the least. */
const NAMED = ["nothing comes", "noise before it", "too late", "refused with ERROR", "refused with CME 13"];
/** The limits of the whole procedure, of closing, and of a last command. */
const LONGEST_MS = 60000 + 25000 + 1000;
const CHUNK_BYTES = 16;

const setup = SETUPS[Number(argv[0])];
const stride = Number(argv[1]);
const all = argv[2] === "all";
const profile = bootstrapCard({ file: FILE, ...setup.card });
const damages = all ? DAMAGES : DAMAGES.filter(({ name }) => NAMED.includes(name));

const totals = {
	name: setup.name,
	runs: 0,
	faults: 0,
	files: 0,
	codes: {},
	longestMs: 0,
	slots: 0,
	chunkBytes: 0,
	pinTries: 0,
};
const problems = [];

function rigOf(options) {
	// The core's options are changed by whoever composes it.
	return new Rig({
		profile,
		over: { ...setup.over },
		core: {},
		chunk: CHUNK_BYTES,
		bufferBytes: 512,
		shallow: true,
		...options,
		modem: { ...setup.modem, ...options.modem },
	});
}

function isFile(rig) {
	const { file } = rig.device;
	if (setup.file === null || file.length !== setup.file.length) return false;
	for (let i = 0; i < file.length; i++) if (file.buffer[i] !== setup.file[i]) return false;
	return true;
}

/** One case; `mayStayOpen` where the modem says that it did not open what it opened, or that the card is gone. */
function attempt(what, options, mayStayOpen) {
	const rig = rigOf(options);
	// One within a call would hide what that call allocates.
	collect();
	const collections = gcCount();
	const code = rig.run();
	const expect = (right, words) => {
		if (!right) problems.push(`${setup.name}, ${what}: ${code}, ${words}`);
	};
	expect(gcCount() === collections, "a collection hides what was allocated");
	expect(rig.slots === 0 && rig.chunkBytes === 0, `${rig.slots} slots, ${rig.chunkBytes} chunk bytes`);
	expect(rig.faults > 0, "no fault happened");
	expect(code !== "hung" && rig.now - START_MS <= LONGEST_MS, `${rig.now - START_MS} ms`);
	if (code === 0) expect(isFile(rig), "a wrong file");
	else expect(code < 0 && rig.device.file.length === 0, "which is no result");
	expect(rig.card.pinTriesUsed <= 1, `${rig.card.pinTriesUsed} PIN tries`);
	expect(mayStayOpen || rig.modem.dead || rig.card.channelsOpen === 0, "a channel stays open");
	totals.runs += 1;
	totals.faults += rig.faults;
	totals.slots += rig.slots;
	totals.chunkBytes += rig.chunkBytes;
	totals.pinTries += rig.card.pinTriesUsed;
	if (code === 0) totals.files += 1;
	else totals.codes[code] = (totals.codes[code] || 0) + 1;
	if (rig.now - START_MS > totals.longestMs) totals.longestMs = rig.now - START_MS;
}

/** The command lines and the answers of a run in which nothing goes wrong. */
function cleanRun() {
	const lines = [];
	const answers = [];
	const meddle = (index, answer, line) => {
		lines[index] = line;
		answers[index] = answer;
		return null;
	};
	const rig = rigOf({ between: (modem) => new Meddler(modem, meddle, null) });
	const code = rig.run();
	if (setup.file === null ? code >= 0 : code !== 0 || !isFile(rig)) throw new Error(`${setup.name}: ${code}`);
	return { lines, answers, toHost: rig.line.bytesToHost, toModem: rig.line.bytesToModem };
}

const clean = cleanRun();

for (const toHost of [true, false]) {
	const count = toHost ? clean.toHost : clean.toModem;
	let turn = 0;
	for (let at = turn; at < count; at += stride) {
		for (let n = 0; n < (all ? BYTE_FAULTS.length : 1); n++) {
			const fault = { ...BYTE_FAULTS[turn++ % BYTE_FAULTS.length], toHost, at };
			attempt(JSON.stringify(fault), { lineFaults: [fault] }, false);
		}
	}
}

for (let at = 0; at < clean.lines.length; at++) {
	for (const damage of damages) {
		const same = damage.change(clean.answers[at], at === 0 ? "" : clean.answers[at - 1]);
		if (same.text === clean.answers[at] && same.delayMs === undefined && same.rest === undefined) continue;
		let before = "";
		const meddle = (index, answer) => {
			const changed = index === at ? damage.change(answer, before) : null;
			if (answer !== "") before = answer;
			return changed;
		};
		const lies = damage.cardGone || damage.stray || (damage.denies && OPENS.test(clean.lines[at]));
		attempt(`${damage.name} at line ${at}`, { between: (modem) => new Meddler(modem, meddle, null) }, lies === true);
	}
	attempt(`a restart at line ${at}`, { modem: { restartAt: at, restartMs: 50 } }, false);
	if (all) attempt(`a death at line ${at}`, { modem: { diesAt: at } }, false);
	for (const awayMs of all ? [0, 300] : [0]) {
		const happening = (modem) => (index, now, _line, later) => {
			if (index !== at) return false;
			const card = modem.card;
			if (awayMs > 0) {
				modem.setCard(null, now);
				later(awayMs, (then) => modem.setCard(card, then));
			}
			card.reset();
			return true;
		};
		const between = (modem) => new Meddler(modem, () => null, happening(modem));
		attempt(`the card is out for ${awayMs} ms at line ${at}`, { between }, false);
	}
}

print(JSON.stringify({ ...totals, problems: problems.slice(0, 20), problemCount: problems.length }));
