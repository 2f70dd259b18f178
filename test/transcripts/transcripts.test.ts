// Every transcript of this folder is played back: simstrap must send the same lines and come to the same end. CONTRIBUTING.md says how
// one is recorded.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { OK, overModem } from "../../src/index.js";
import { drive, makeFile, sampleFile, VirtualPort } from "../../virtual/index.js";
import { Transcript } from "./transcript.js";

/** Run from build/test/transcripts/. */
const FOLDER = fileURLToPath(new URL("../../../test/transcripts/", import.meta.url));

/** What each comes to, with the file that fills in what is masked. */
const EXPECTED: Record<string, { code: number; file: Uint8Array }> = {
	"a-usual-card.txt": { code: OK, file: sampleFile() },
	"over-crsm.txt": { code: OK, file: makeFile(305) },
};

describe("transcripts", () => {
	const names = readdirSync(FOLDER).filter((name) => name.endsWith(".txt"));

	it("each has its expectation", () => assert.deepEqual(names.sort(), Object.keys(EXPECTED).sort()));

	for (const name of names) {
		it(name, () => {
			const { code, file } = EXPECTED[name];
			const transcript = new Transcript(readFileSync(`${FOLDER}${name}`, "utf8"), file);
			const port = new VirtualPort(transcript, {});
			const device = overModem(port, { buffer: new Uint8Array(32768) });
			device.readFile();
			const result = drive(device, port, {});
			assert.deepEqual(transcript.surprises, []);
			assert.equal(result.code, code);
			assert.ok(transcript.finished, "the whole transcript was played");
			if (code === OK) assert.deepEqual(device.file.buffer.subarray(0, device.file.length), file);
		});
	}

	it("a line that was not expected is told", () => {
		const transcript = new Transcript("0 ms > ATE0V1\n1 ms < OK\n2 ms > AT+GMM\n", sampleFile());
		const port = new VirtualPort(transcript, {});
		const device = overModem(port, { buffer: new Uint8Array(1024), commandLimitMs: 10, limitMs: 50 });
		device.readFile();
		assert.ok(drive(device, port, {}).code < 0);
		assert.equal(transcript.surprises[0], "expected AT+GMM, got AT+CMEE=1");
	});
});
