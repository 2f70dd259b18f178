// Lines that lose what is long, and texts that never end: what helps is a shorter answer, or patience.

import assert from "node:assert/strict";
import test from "node:test";
import { VIA_CGLA, VIA_CRSM, VIA_CSIM } from "../../src/index.js";
import { Meddler, makeFile, toHex } from "../../virtual/index.js";
import { type BenchOptions, bench } from "../support.js";
import { nameOf } from "../unit/tools.js";

const FILE = makeFile(700);

test("steps shrink when long answers arrive damaged, whichever way they come", () => {
	for (const [link, modem, placement] of [
		[VIA_CSIM, {}, "both"],
		[VIA_CGLA, { csim: false, ccho: true }, "both"],
		[VIA_CRSM, { csim: false, crsm: true }, "df"],
	] as const) {
		// What is longer than that loses a digit, each time.
		for (const most of [560, 300, 170]) {
			const options: BenchOptions = {
				card: { file: FILE, placement, manners: { transport: "t1" } },
				modem,
				over: { links: [link] },
				between: (wire) =>
					new Meddler(
						wire,
						(_index, answer) => (answer.length > most ? { text: answer.replace(/[0-9A-F]("\r\n)/, "$1") } : null),
						null,
					),
			};
			const device = bench(options);
			assert.equal(nameOf(device.read().code), "OK", `${link}, ${most}`);
			assert.equal(device.fileHex(), toHex(FILE));
			assert.equal(device.device.uicc.stepBytes < 256, most < 560, `${link}, ${most}`);
			assert.equal(device.card?.channelsOpen, 0);
		}
	}
});

test("a quote that never ends does not swallow what comes behind it for ever", () => {
	for (let at = 0; at < 12; at++) {
		const options: BenchOptions = {
			card: { file: FILE },
			between: (wire) =>
				new Meddler(
					wire,
					(index, answer) => (index === at ? { text: `\r\n+CUSD: 0,"Your credit\r\n${answer}` } : null),
					null,
				),
		};
		const device = bench(options);
		assert.equal(nameOf(device.read().code), "OK", `line ${at}`);
		assert.equal(device.fileHex(), toHex(FILE));
		assert.equal(device.card?.channelsOpen, 0);
	}
});
