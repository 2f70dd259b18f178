// What all fault campaigns have in common: the setups that are attacked, what may come out, and the totals.
//
// Whatever is done to the line, the modem or the card, the result is the exact file or a named error: never a wrong file, a hang, a
// channel that stays open, more than one PIN try, or the last one. A fault that did not happen is a failure, too.

import assert from "node:assert/strict";
import { type OverModemOptions, VIA_BASIC, VIA_CGLA, VIA_CRSM, VIA_CSIM } from "../../src/index.js";
import { type Meddle, Meddler, makeFile, toHex, USUAL_MANNERS, type VirtualModem } from "../../virtual/index.js";
import { type Bench, type BenchOptions, bench } from "../support.js";
import { ascii, nameOf } from "../unit/tools.js";
import { Openings } from "./openings.js";
import { keep } from "./summary.js";

/** How many times more is done; 1 when SIMSTRAP_CAMPAIGN does not say. */
export const CAMPAIGN = Math.max(1, Number(process.env.SIMSTRAP_CAMPAIGN ?? 1) || 1);

/** Where the usual 126 bytes do not bring all kinds of exchanges. */
const FILE = makeFile(300);

export interface Setup {
	name: string;
	/** What is read when nothing goes wrong; null where that is an error. */
	file: Uint8Array | null;
	options: BenchOptions;
}

export const FILE_PIN = { reference: 0x81, value: "2468", enabled: true };
const PIN_OVER: Partial<OverModemOptions> = { pin: ascii("2468") };

export function setup(name: string, file: Uint8Array, options: BenchOptions): Setup {
	return { name, file, options: { ...options, card: { file, ...options.card } } };
}

export const SETUPS: readonly Setup[] = [
	setup("+CSIM, T=0", makeFile(126), { over: { links: [VIA_CSIM] }, card: { manners: USUAL_MANNERS } }),
	setup("+CSIM, T=1, steps of 48, channel 19, EF(DIR)", FILE, {
		over: { links: [VIA_CSIM], step: 48 },
		card: { manners: { transport: "t1" }, channels: [19, 4, 1], aid: new Uint8Array([0xe8, 0x28, 0xbd, 8, 15, 1]) },
	}),
	setup("+CSIM, a PIN", makeFile(126), { over: { links: [VIA_CSIM], ...PIN_OVER }, card: { pin: FILE_PIN } }),
	setup("+CSIM, the SIM's own PIN", makeFile(126), {
		over: { links: [VIA_CSIM], simPin: ascii("1357") },
		card: { manners: USUAL_MANNERS, cardPin: { reference: 1, value: "1357", enabled: true } },
	}),
	setup("+CGLA", makeFile(126), {
		over: { links: [VIA_CGLA] },
		card: { manners: USUAL_MANNERS },
		modem: { csim: false, ccho: true },
	}),
	setup("+CGLA, a PIN, long session names, GET RESPONSE by the modem", makeFile(126), {
		over: { links: [VIA_CGLA], ...PIN_OVER },
		card: { pin: FILE_PIN },
		modem: { csim: false, ccho: true, sessionForm: "handle", sessionBare: true, fetchesItself: true },
	}),
	setup("+CRSM", makeFile(126), {
		over: { links: [VIA_CRSM] },
		card: { placement: "df" },
		modem: { csim: false, crsm: true },
	}),
	setup("the basic channel, which the modem uses in between", makeFile(126), {
		over: { links: [VIA_BASIC], allowBasicChannel: true },
		card: { placement: "df", manners: { transport: "t1" } },
	}),
	setup("no free channel, then +CGLA refused, then +CRSM", makeFile(126), {
		over: {},
		card: { channels: [] },
		modem: { crsm: true },
	}),
];

/** Counts what came out. */
export class Totals {
	runs = 0;
	files = 0;
	/** Faults that happened. */
	faults = 0;
	/** Runs in which there was nothing that could go wrong. */
	idle = 0;
	/** Channels that stayed open and are known: the next run has closed them. */
	known = 0;
	/** Channels that stayed open and whose names never came. */
	nameless = 0;
	/** Channels that stayed open though the device was told of them in time: a leak. */
	readonly forgotten: string[] = [];
	/** Wrong PINs that the card was given. */
	pinTries = 0;
	longestMs = 0;
	/** Cases that came out otherwise than anything may. */
	readonly problems: string[] = [];
	private readonly errors = new Map<string, number>();

	add(name: string, ms: number, faults: number): void {
		this.runs += 1;
		this.faults += faults;
		if (faults === 0) this.idle += 1;
		if (name === "OK") this.files += 1;
		else this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
		if (ms > this.longestMs) this.longestMs = ms;
	}

	/**
	 * Prints the totals, and fails when there was a problem, with the first ones.
	 *
	 * @param share how many runs in a thousand may have left a channel open that they were told of
	 */
	end(t: { diagnostic(text: string): void }, group: string, setup: string, share = 0): void {
		t.diagnostic(`${group}, ${setup}: ${this}`);
		const { runs, faults, files, known, nameless, pinTries, longestMs } = this;
		const errors = Object.fromEntries(this.errors);
		const forgotten = this.forgotten.length;
		const problems = this.problems.length;
		keep({ group, setup, runs, faults, files, errors, known, nameless, forgotten, pinTries, problems, longestMs });
		const open = `${forgotten} have left a channel open:\n${this.forgotten.slice(0, 12).join("\n")}`;
		assert.ok(forgotten * 1000 <= share * runs, open);
		assert.equal(problems, 0, `${problems} of ${runs}:\n${this.problems.slice(0, 12).join("\n")}`);
	}

	toString(): string {
		const errors = [...this.errors].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`);
		const words = [`${this.runs} runs with ${this.faults} faults`, `${this.files} with the exact file`, ...errors];
		if (this.idle > 0) words.push(`without a fault ${this.idle}`);
		if (this.pinTries > 0) words.push(`PIN tries ${this.pinTries}`);
		if (this.known > 0) words.push(`channels closed by the next run ${this.known}`);
		if (this.nameless > 0) words.push(`channels whose names never came ${this.nameless}`);
		if (this.forgotten.length > 0) words.push(`channels not closed ${this.forgotten.length}`);
		return `${words.join(", ")}; longest ${(this.longestMs / 1000).toFixed(1)} s`;
	}
}

/** The limits of the whole procedure, of closing, and of a last command. */
const LONGEST_MS = 60000 + 25000 + 1000;
const NEVER = ["NOT_STARTED", "WAIT", "ABORTED"];

/** One way in which things go wrong. */
export interface Case {
	/** Which fault and where, for messages: with the setup, it tells how to repeat the case. */
	what: string;
	faults?: BenchOptions;
	prepare?(device: Bench): void;
	/** How many faults have to happen: 1 or more when it does not say. */
	least?: number;
	/** A channel may stay open if the next run, without faults, closes it: where the line fails again and again. */
	mayStayOpen?: boolean;
	/** The next one may not either: where what the device was told was not so. */
	mayForget?: boolean;
	/** What else is wrong, "" for nothing. */
	judge?(device: Bench, result: string): string;
}

/** The faults that have happened to a device so far. */
function faultsOf({ line, card, modem }: Bench): number {
	const hand = line.wire instanceof Meddler ? line.wire.hits : 0;
	return line.hits + hand + (card?.replaced ?? 0) + modem.restarts + (modem.dead ? 1 : 0);
}

/** Runs one case, adds it and what is wrong with what came out to the totals, and answers its result. */
export function attempt({ file, options }: Setup, one: Case, totals: Totals): string {
	const { what, faults = {} } = one;
	const device = bench({
		...options,
		...faults,
		card: { ...options.card, ...faults.card },
		modem: { record: false, ...options.modem, ...faults.modem },
	});
	one.prepare?.(device);
	const openings = new Openings(device);
	const { card, modem } = device;
	assert.ok(card !== null);
	const result = device.read({ maxMs: LONGEST_MS + 1000, maxIterations: 400000 });
	const name = nameOf(result.code);
	const happened = faultsOf(device);
	totals.add(name, result.now, happened);
	const expect = (right: boolean, words: string): void => {
		if (!right) totals.problems.push(`${what}: ${name}, ${words}`);
	};
	expect(happened >= (one.least ?? 1), `${happened} faults happened`);
	expect(!result.hung, "it hangs");
	expect(result.now <= LONGEST_MS, `${result.now} ms`);
	expect(/^[A-Z_]+$/.test(name) && !NEVER.includes(name), "which is no result");
	if (name === "OK") expect(file !== null && device.fileHex() === toHex(file), "a wrong file");
	else expect(device.device.file.length === 0, "and yet a file");
	totals.pinTries += card.pinTriesUsed;
	expect(card.pinTriesUsed <= 1, `${card.pinTriesUsed} PIN tries`);
	const wrong = one.judge?.(device, name) ?? "";
	expect(wrong === "", wrong);
	// A digit of CLA that falls over on its way to the modem names another channel; nothing can be done about that.
	expect(card.basicSelects === 0 || device.line.hits > 0, "the modem's application was taken away");
	expect(card.fetches === 0, "a proactive command was fetched");
	const written = device.port.bytes;
	device.run({ maxMs: 1000 });
	expect(device.port.bytes === written, "it goes on after its end");
	if (card.channelsOpen > 0 && !modem.dead) {
		const told = openings.leaked().length > 0;
		expect(one.mayStayOpen === true || !told, `${card.channelsOpen} channels stay open`);
		// What could not be closed is known, and closed at the beginning of the next run.
		card.onCommand = null;
		card.onAnswer = null;
		device.line.options = {};
		if (device.line.wire instanceof Meddler) device.line.wire.quiet = true;
		device.read({ maxMs: LONGEST_MS });
		if (card.channelsOpen === 0) totals.known += 1;
		else if (told && one.mayForget !== true) totals.forgotten.push(what);
		else totals.nameless += 1;
	}
	return name;
}

/** A hand between modem and line, for `between` of a bench. */
export function meddling(meddle: Meddle): BenchOptions {
	return { between: (modem: VirtualModem) => new Meddler(modem, meddle, null) };
}

/** What goes over the line when nothing goes wrong. */
export interface Clean {
	/** The command lines, and what was answered to each, echo included. */
	lines: readonly string[];
	answers: readonly string[];
	/** Bytes in each direction. */
	toHost: number;
	toModem: number;
	/** Commands that the card had. */
	apdus: readonly Uint8Array[];
}

export function cleanRun(one: Setup): Clean {
	const lines: string[] = [];
	const answers: string[] = [];
	const device = bench({
		...one.options,
		...meddling((index, answer, line) => {
			lines[index] = line;
			answers[index] = answer;
			return null;
		}),
	});
	if (device.card !== null) device.card.record = true;
	const { code } = device.read();
	assert.equal(code === 0, one.file !== null, `${one.name}: ${nameOf(code)}`);
	if (one.file !== null) assert.equal(device.fileHex(), toHex(one.file));
	assert.equal(faultsOf(device), 0);
	const { bytesToHost, bytesToModem } = device.line;
	return { lines, answers, toHost: bytesToHost, toModem: bytesToModem, apdus: device.card?.history ?? [] };
}

/** Takes turns until it is enough, or the time is over; how many there were. */
export function boxed(least: number, most: number, ms: number, turn: (n: number) => void): number {
	const end = performance.now() + ms * CAMPAIGN;
	let n = 0;
	for (; n < most && (n < least || performance.now() < end); n++) turn(n);
	return n;
}
