// The secure channel with a hand in between that flips, cuts, stretches and replaces messages by dice: whatever happens, it ends, nothing
// throws, and what is given out is what is on the card.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OK } from "../../src/index.js";
import { sampleFile, toHex } from "../../virtual/index.js";
import { direct } from "./bench.js";

const SAMPLE = toHex(sampleFile());

/** One change of a message: where, as a part of its length, and how. */
interface Change {
	message: number;
	place: number;
	how: "flip" | "cut" | "leave out" | "put in" | "status word";
	value: number;
}

function changed(message: Uint8Array, { place, how, value }: Change): Uint8Array {
	const all = [...message];
	const at = Math.floor(place * all.length);
	switch (how) {
		case "flip":
			all[at] ^= 1 << (value & 7);
			break;
		case "cut":
			all.splice(at);
			break;
		case "leave out":
			all.splice(at, 1 + (value & 3));
			break;
		case "put in":
			all.splice(at, 0, value & 255);
			break;
		case "status word":
			return Uint8Array.of(value >> 8, value & 255);
	}
	return Uint8Array.from(all);
}

const WORDS = [
	0x9000, 0x9100, 0x6110, 0x6282, 0x6300, 0x63c1, 0x6985, 0x6982, 0x6988, 0x6a82, 0x6b00, 0x6c10, 0x6881, 0x9300,
];
const change: fc.Arbitrary<Change> = fc.record({
	message: fc.integer({ min: 0, max: 30 }),
	place: fc.double({ min: 0, max: 0.999, noNaN: true }),
	how: fc.constantFrom("flip", "cut", "leave out", "put in", "status word"),
	value: fc.oneof(fc.constantFrom(...WORDS), fc.integer({ min: 0, max: 0xffff })),
});

test("messages changed by dice: an error, or what is on the card", () => {
	fc.assert(
		fc.property(
			fc.array(change, { minLength: 1, maxLength: 4 }),
			fc.array(change, { maxLength: 2 }),
			fc.constantFrom<"t0" | "t1">("t0", "t1"),
			fc.constantFrom(256, 128, 48),
			fc.boolean(),
			(answers, commands, transport, step, confirm) => {
				const bench = direct({ card: { manners: { transport, acceptsLe00: true } }, step, confirm });
				bench.link.onCommand = (index, command) => {
					const found = commands.find(({ message }) => message === index);
					const sent = found === undefined ? command : changed(command, found);
					return sent.length < 4 ? Uint8Array.of(0, 0xa4, 0, 0) : sent;
				};
				bench.link.onAnswer = (index, answer) => {
					const found = answers.find(({ message }) => message === index);
					const came = found === undefined ? answer : changed(answer, found);
					return came.length < 2 ? Uint8Array.of(0x6f, 0) : came;
				};
				if (bench.read() === OK) assert.equal(bench.fileHex(), SAMPLE);
				else assert.equal(bench.device.file.length, 0);
			},
		),
		{ seed: 20250117, numRuns: 3000 },
	);
});
