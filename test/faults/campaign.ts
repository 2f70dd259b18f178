// What all fault campaigns have in common: the setups that are attacked, what may come out, and the totals.
//
// Whatever is done to the line, the modem or the card, the result is the exact file or a named error: never a wrong file, a hang, a
// channel that stays open, more than one PIN try, or the last one.

import assert from "node:assert/strict";
import { type OverModemOptions, VIA_BASIC, VIA_CGLA, VIA_CRSM, VIA_CSIM } from "../../src/index.js";
import { makeFile, toHex, USUAL_MANNERS } from "../../virtual/index.js";
import { type Bench, type BenchOptions, bench } from "../support.js";
import { ascii, nameOf } from "../unit/tools.js";
import { Meddler } from "./meddler.js";

/** How many times more is done; 1 when SIMSTRAP_CAMPAIGN does not say. */
export const CAMPAIGN = Math.max(1, Number(process.env.SIMSTRAP_CAMPAIGN ?? 1) || 1);

/** Where the usual 126 bytes do not bring all kinds of exchanges. */
const FILE = makeFile(300);

export interface Setup {
	name: string;
	file: Uint8Array;
	options: BenchOptions;
}

const PIN = { reference: 0x81, value: "2468", enabled: true };
const PIN_OVER: Partial<OverModemOptions> = { pin: ascii("2468") };

function setup(name: string, file: Uint8Array, options: BenchOptions): Setup {
	return { name, file, options: { ...options, card: { file, ...options.card } } };
}

export const SETUPS: readonly Setup[] = [
	setup("+CSIM, T=0", makeFile(126), { over: { links: [VIA_CSIM] }, card: { manners: USUAL_MANNERS } }),
	setup("+CSIM, T=1, steps of 48, channel 19, EF(DIR)", FILE, {
		over: { links: [VIA_CSIM], step: 48 },
		card: { manners: { transport: "t1" }, channels: [19, 4, 1], aid: new Uint8Array([0xe8, 0x28, 0xbd, 8, 15, 1]) },
	}),
	setup("+CSIM, a PIN", makeFile(126), { over: { links: [VIA_CSIM], ...PIN_OVER }, card: { pin: PIN } }),
	setup("+CGLA", makeFile(126), {
		over: { links: [VIA_CGLA] },
		card: { manners: USUAL_MANNERS },
		modem: { csim: false, ccho: true },
	}),
	setup("+CRSM", makeFile(126), {
		over: { links: [VIA_CRSM] },
		card: { placement: "df" },
		modem: { csim: false, crsm: true },
	}),
	setup("the basic channel", makeFile(126), {
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
	/** Channels that stayed open and are known: the next run has closed them. */
	known = 0;
	/** Channels that stayed open and are not known: more than one fault has hit the same exchange. */
	readonly forgotten: string[] = [];
	longestMs = 0;
	/** Cases that came out otherwise than anything may. */
	readonly problems: string[] = [];
	private readonly errors = new Map<string, number>();

	add(name: string, ms: number): void {
		this.runs += 1;
		if (name === "OK") this.files += 1;
		else this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
		if (ms > this.longestMs) this.longestMs = ms;
	}

	join(other: Totals): void {
		this.runs += other.runs;
		this.files += other.files;
		this.known += other.known;
		this.problems.push(...other.problems);
		this.forgotten.push(...other.forgotten);
		for (const [name, count] of other.errors) this.errors.set(name, (this.errors.get(name) ?? 0) + count);
		this.longestMs = Math.max(this.longestMs, other.longestMs);
	}

	/**
	 * Fails when there was a problem, and tells the first ones.
	 *
	 * @param share how many runs in a thousand may have forgotten a channel
	 */
	check(share = 0): void {
		const forgotten = `${this.forgotten.length} channels forgotten:\n${this.forgotten.slice(0, 12).join("\n")}`;
		assert.ok(this.forgotten.length * 1000 <= share * this.runs, forgotten);
		const some = this.problems.slice(0, 12).join("\n");
		assert.equal(this.problems.length, 0, `${this.problems.length} of ${this.runs}:\n${some}`);
	}

	toString(): string {
		const errors = [...this.errors].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`);
		let known = this.known > 0 ? `; channels closed by the next run: ${this.known}` : "";
		if (this.forgotten.length > 0) known += `, not closed: ${this.forgotten.length}`;
		return `${this.runs} runs, ${this.files} with the exact file; ${errors.join(", ")}${known}; longest ${(this.longestMs / 1000).toFixed(1)} s`;
	}
}

/** The limits of the whole procedure, of closing, and of a last command. */
const LONGEST_MS = 60000 + 25000 + 1000;
const NEVER = ["NOT_STARTED", "WAIT", "ABORTED"];

/**
 * Runs one case, and adds it and what is wrong with what came out to the totals.
 *
 * @param mayStayOpen a channel may stay open if the next run, without faults, closes it: where the line fails again and again
 */
export function attempt(
	{ file, options }: Setup,
	faults: BenchOptions,
	what: string,
	totals: Totals,
	prepare?: (device: Bench) => void,
	mayStayOpen = false,
	/** What else is wrong, "" for nothing. */
	judge: (device: Bench) => string = () => "",
): string {
	const device = bench({
		...options,
		...faults,
		card: { ...options.card, ...faults.card },
		modem: { record: false, ...options.modem, ...faults.modem },
	});
	prepare?.(device);
	const { card, modem } = device;
	assert.ok(card !== null);
	const result = device.read({ maxMs: LONGEST_MS + 1000, maxIterations: 400000 });
	const name = nameOf(result.code);
	totals.add(name, result.now);
	const expect = (right: boolean, words: string): void => {
		if (!right) totals.problems.push(`${what}: ${name}, ${words}`);
	};
	expect(!result.hung, "it hangs");
	expect(result.now <= LONGEST_MS, `${result.now} ms`);
	expect(/^[A-Z_]+$/.test(name) && !NEVER.includes(name), "which is no result");
	if (name === "OK") expect(device.fileHex() === toHex(file), "a wrong file");
	else expect(device.device.file.length === 0, "and yet a file");
	expect(card.pinTriesUsed <= 1, `${card.pinTriesUsed} PIN tries`);
	const wrong = judge(device);
	expect(wrong === "", wrong);
	// A digit of CLA that falls over on its way to the modem names another channel; nothing can be done about that.
	expect(card.basicSelects === 0 || device.line.hits > 0, "the modem's application was taken away");
	expect(card.fetches === 0, "a proactive command was fetched");
	const written = device.port.bytes;
	device.run({ maxMs: 1000 });
	expect(device.port.bytes === written, "it goes on after its end");
	if (card.channelsOpen > 0 && !modem.dead) {
		expect(mayStayOpen, `${card.channelsOpen} channels stay open`);
		// What could not be closed is known, and closed at the beginning of the next run.
		card.onCommand = null;
		device.line.options = {};
		if (device.line.wire instanceof Meddler) device.line.wire.quiet = true;
		device.read({ maxMs: LONGEST_MS });
		if (card.channelsOpen === 0) totals.known += 1;
		else totals.forgotten.push(what);
	}
	return name;
}

/** Takes turns until it is enough, or the time is over; how many there were. */
export function boxed(least: number, most: number, ms: number, turn: (n: number) => void): number {
	const end = performance.now() + ms * CAMPAIGN;
	let n = 0;
	for (; n < most && (n < least || performance.now() < end); n++) turn(n);
	return n;
}
