// The whole procedure, from a modem that is on to the checked file: sizes, steps, channels, both transmission protocols; and what goes
// wrong on the way.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import {
	Bootstrap,
	type BootstrapOptions,
	type BootstrapParts,
	COMMAND_TIMEOUT,
	FILE_TOO_LARGE,
	LINK_CHANNELS,
	type Link,
	NOT_STARTED,
	OBJECT_INSTANCE,
	OK,
	type Prelude,
	RESOURCE,
	type Response,
	STEP_APPLICATION,
	STEP_CHECK,
	STEP_CONFIRM,
	STEP_MODEM,
	STEP_ODF,
	STEP_READ,
	STEP_SIM,
	WAIT,
} from "../../src/index.js";
import type { BootstrapCardOptions, CardManners, LineFault, ModemOptions } from "../../virtual/index.js";
import { bootstrapCard, joinBytes, makeFile, sampleFile, toHex, VirtualCard } from "../../virtual/index.js";
import { type Bench, type BenchOptions, bench } from "../support.js";
import { fileOf, nameOf, SEED, sw, tlv } from "./tools.js";

const SAMPLE = toHex(sampleFile());
const TRANSPORTS: CardManners[] = [{ transport: "t0" }, { transport: "t0", acceptsLe00: true }, { transport: "t1" }];
const STEPS = [16, 48, 239, 256];

/** The result's name, of a run that did not hang; `left` channels are still open. */
function result(device: Bench, limits = {}, left = 0): string {
	const { code, hung } = device.read(limits);
	assert.equal(hung, false, "it hangs");
	if (device.card !== null) assert.equal(device.card.channelsOpen, left, "channels left open");
	return nameOf(code);
}

for (const [name, file, fileSize] of [
	["the 126 bytes and padding", sampleFile(), 400],
	["the 126 bytes and no padding", sampleFile(), 126],
	["4 KB", makeFile(4096), 4096],
	["4 KB and padding", makeFile(4096), 5000],
	["32 KB", makeFile(32768), 32768],
] as [string, Uint8Array, number][]) {
	for (const step of STEPS) {
		test(`${name} come out the same in steps of ${step}, over T=0 and T=1, on channels 1, 2, 3, 4 and 19`, () => {
			const expected = toHex(file);
			for (const manners of TRANSPORTS) {
				// The CLA byte of a channel does not depend on the file's size.
				for (const channel of file.length > 10000 && step < 100 ? [2, 19] : [1, 2, 3, 4, 19]) {
					const device = bench({
						card: { file, fileSize, manners, channels: [channel] },
						core: { step, limitMs: 1e9 },
					});
					assert.equal(result(device, { maxIterations: 1e8 }), "OK", `${manners.transport} ${channel}`);
					assert.equal(device.fileHex(), expected);
					assert.equal(device.device.channel, channel);
					assert.equal(device.device.step, 12);
				}
			}
		});
	}
}

test("files of every size around a step are read whole, and no further than needed", () => {
	for (const step of [16, 256]) {
		for (const more of [-2, -1, 0, 1, 2]) {
			for (const base of [4 * step, 5 * step]) {
				const size = base + more;
				if (size < 52) continue;
				for (const padding of [0, 1, step]) {
					for (const manners of TRANSPORTS) {
						const file = makeFile(size);
						const device = bench({ card: { file, fileSize: size + padding, manners }, core: { step, confirm: false } });
						const code = result(device);
						assert.equal(code, "OK", `${size} ${padding} ${step} ${manners.transport}`);
						assert.equal(device.fileHex(), toHex(file));
					}
				}
			}
		}
	}
});

test("a buffer of just the file's size is enough", () => {
	for (const step of STEPS) {
		for (const manners of TRANSPORTS) {
			const device = bench({ card: { manners, fileSize: 300 }, core: { step }, bufferBytes: 126 });
			assert.equal(result(device), "OK", `${step}`);
			assert.equal(device.fileHex(), SAMPLE);
		}
	}
});

test("a file that is larger than the buffer fails early and says the size that it needs", () => {
	for (const bufferBytes of [100, 4095]) {
		for (const step of STEPS) {
			const device = bench({ card: { file: makeFile(4096) }, core: { step }, bufferBytes });
			assert.equal(result(device), "FILE_TOO_LARGE");
			assert.equal(device.device.needed, 4096);
			assert.equal(device.device.step, STEP_READ);
			assert.ok(device.device.exchanges < 50, "it does not read all of it first");
			assert.equal(device.device.file.length, 0);
		}
	}
});

test("a header that says more than 32 KB is malformed, whatever the buffer", () => {
	const file = sampleFile();
	file[2] = 0x7f;
	file[3] = 0xfd;
	const device = bench({ card: { file } });
	assert.equal(result(device), "FILE_MALFORMED");
	assert.equal(device.device.file.errorOffset, 2);
});

test("a file that was never written is no data", () => {
	for (const [padding, file] of [
		[0xff, new Uint8Array(0)],
		[0x00, new Uint8Array(0)],
		[0xff, new Uint8Array(4)],
	] as [number, Uint8Array][]) {
		for (const fileSize of [4, 16, 126, 256, 600, 4096]) {
			for (const step of STEPS) {
				const device = bench({ card: { file, fileSize, padding }, core: { step } });
				assert.equal(result(device), "NO_DATA", `${padding} ${fileSize} ${step}`);
				assert.ok(device.device.exchanges < 60);
			}
		}
	}
});

test("a file of one to three bytes is truncated", () => {
	for (const size of [1, 2, 3]) {
		const device = bench({ card: { file: sampleFile().slice(0, size), fileSize: size } });
		assert.equal(result(device), "FILE_TRUNCATED");
	}
});

test("steps of one, two and three bytes work", () => {
	for (const step of [1, 2, 3]) {
		for (const manners of TRANSPORTS) {
			const device = bench({ card: { manners }, core: { step } });
			assert.equal(result(device), "OK", `${step}`);
			assert.equal(device.fileHex(), SAMPLE);
		}
	}
});

test("a file that is damaged on the card fails with the place of the damage", () => {
	const file = sampleFile();
	file[1] = 3;
	const device = bench({ card: { file } });
	assert.equal(result(device), "OBJECT_MALFORMED");
	assert.equal(device.device.step, STEP_CHECK);
	assert.equal(device.device.file.errorOffset, 126);
});

test("fed byte by byte, or in any chunks, at any speed, it gives the same bytes", () => {
	for (const chunkBytes of [1, 2, 3, 7, 16, 64, 500]) {
		const device = bench();
		assert.equal(result(device, { chunkBytes }), "OK");
		assert.equal(device.fileHex(), SAMPLE);
	}
	for (const baud of [9600, 115200]) {
		const device = bench({ modem: { baud, latencyMs: 20 } });
		assert.equal(result(device, { chunkBytes: 1 }), "OK");
		assert.equal(device.fileHex(), SAMPLE);
	}
});

const answers: fc.Arbitrary<ModemOptions> = fc.record({
	answerSpace: fc.boolean(),
	answerQuotes: fc.boolean(),
	answerLowerCase: fc.boolean(),
	echo: fc.boolean(),
	verbose: fc.boolean(),
	cmee: fc.nat(2),
	baud: fc.constantFrom(0, 9600, 115200),
	latencyMs: fc.constantFrom(0, 5, 300),
	chunkBytes: fc.integer({ min: 1, max: 64 }),
	unrelated: fc.array(
		fc.record({
			text: fc.constantFrom("+CEREG: 1", '+CMTI: "SM",1', "RING", "+CPIN: READY", "+CSQ: 31,99", "$QCRMI: 0"),
			command: fc.integer({ min: -1, max: 15 }),
			place: fc.constantFrom("before" as const, "between" as const, "after" as const),
		}),
		{ maxLength: 3 },
	),
});

test("random chunks, answer formats, speeds and unrelated lines give the same bytes", () => {
	fc.assert(
		fc.property(
			answers,
			fc.constantFrom(...TRANSPORTS),
			fc.constantFrom(16, 48, 239, 256),
			fc.integer({ min: 1, max: 200 }),
			fc.nat(),
			fc.integer({ min: 1, max: 40 }),
			(modem, manners, step, chunkBytes, chunkSeed, bytesPerWrite) => {
				const device = bench({ card: { manners }, modem, core: { step }, port: { bytesPerWrite } });
				assert.equal(result(device, { chunkBytes, chunkSeed }), "OK");
				assert.equal(device.fileHex(), SAMPLE);
			},
		),
		{ seed: SEED, numRuns: 300 },
	);
});

test("an answer on the line behind its name is understood", () => {
	assert.equal(nameOf(bench({ modem: { answerOnNextLine: true } }).read().code), "OK");
});

test("a port that takes little, or nothing for a while, does not matter", () => {
	for (const port of [{ bytesPerWrite: 1 }, { bytesPerWrite: 5, refusedWrites: 3 }, { refusedWrites: 20 }]) {
		const device = bench({ port });
		assert.equal(result(device), "OK");
		assert.equal(device.fileHex(), SAMPLE);
	}
});

test("the clock may wrap in the middle", () => {
	for (const startMs of [0x7fffffff - 1500, 0x7fffffff - 500, 0x7fffffff - 50, 0x7fffffff]) {
		const device = bench({ modem: { baud: 9600, latencyMs: 50, startMs } });
		assert.equal(result(device, { startMs }), "OK", `${startMs}`);
		assert.ok(device.port.now < 0, "it did wrap");
	}
});

test("a modem that is still starting is waited for", () => {
	for (const bootMs of [300, 3000, 9000]) {
		const device = bench({ modem: { bootMs, bootLines: ["RDY", "+CFUN: 1", "+CPIN: READY", "SMS Ready"] } });
		assert.equal(result(device), "OK", `${bootMs}`);
	}
});

test("a modem that says nothing is MODEM_SILENT within 15 s", () => {
	const device = bench({ modem: { diesAt: 0 } });
	assert.equal(result(device), "MODEM_SILENT");
	assert.equal(device.device.step, STEP_MODEM);
	assert.ok(device.port.now < 15000);
});

test("a modem without +CMEE, or with plain errors, is no obstacle", () => {
	assert.equal(result(bench({ modem: { unknownIsPlainError: true } })), "OK");
});

test("what the modem says of the SIM is the result", () => {
	for (const [modem, expected, cme] of [
		[{ simCme: 13 }, "SIM_FAILURE", 13],
		[{ simCme: 15 }, "SIM_WRONG", 15],
		[{ simCme: 14 }, "SIM_BUSY", 14],
		[{ simCme: 3 }, "CME_ERROR", 3],
		[{ simCme: 100 }, "CME_ERROR", 100],
	] as [ModemOptions, string, number][]) {
		for (const cmee of [1, 2]) {
			const device = bench({ modem: { ...modem, cmee } });
			assert.equal(result(device), expected);
			assert.equal(device.device.step, STEP_SIM);
			assert.equal(device.device.cme, cme);
		}
	}
	const none = bench({ profile: null });
	assert.equal(result(none), "SIM_ABSENT");
	assert.equal(none.device.cme, 10);
	const locked = { reference: 1, value: "1234", enabled: true };
	assert.equal(result(bench({ card: { cardPin: locked } })), "SIM_PIN_REQUIRED");
	assert.equal(result(bench({ card: { cardPin: { ...locked, tries: 0 } } })), "SIM_PUK_REQUIRED");
	assert.equal(result(bench({ modem: { simBusyCommands: 5 } })), "OK");
	assert.equal(result(bench({ modem: { simBusyMs: 4000 } })), "OK");
});

test("a modem without +CSIM, or that refuses an instruction, is an error with its number", () => {
	const without = bench({ modem: { csim: false } });
	assert.equal(result(without), "CME_ERROR");
	assert.equal(without.device.cme, 4);
	assert.equal(result(bench({ modem: { csim: false, unknownIsPlainError: true } })), "COMMAND_ERROR");
	assert.equal(result(bench({ modem: { refusedInstructions: [0x70] } })), "CME_ERROR");
	assert.equal(result(bench({ modem: { basicChannelOnly: true } })), "CME_ERROR");
	assert.equal(result(bench({ modem: { refusedInstructions: [0xb0] } })), "CME_ERROR");
});

test("a modem that restarts anywhere is MODEM_RESTARTED or is waited for, and never a wrong file", () => {
	for (let restartAt = 0; restartAt < 20; restartAt++) {
		for (const restartLines of [["RDY"], ["+SYSSTART"], ["+KSUP: 0"], ["APP RDY"], []]) {
			const device = bench({ modem: { restartAt, restartLines, latencyMs: 10 } });
			const { code, hung } = device.read();
			assert.equal(hung, false);
			assert.equal(device.card?.channelsOpen, 0);
			const name = nameOf(code);
			if (code === OK) assert.equal(device.fileHex(), SAMPLE);
			else if (restartLines.length > 0 && restartAt > 0) assert.equal(name, "MODEM_RESTARTED", `at ${restartAt}`);
			else assert.ok(code < 0);
			if (name === "MODEM_RESTARTED") assert.ok(device.port.now < 5000, "at once");
		}
	}
});

test("a modem that restarts while it is being brought up is brought up again", () => {
	for (const restartAt of [1, 2]) {
		assert.equal(result(bench({ modem: { restartAt, restartLines: ["RDY"] } })), "OK", `at ${restartAt}`);
	}
	// Some answer AT commands well before they say that they are ready.
	const late = bench({ modem: { commandMs: 60, unrelated: [{ text: "APP RDY", atMs: 100 }] } });
	assert.equal(result(late), "OK");
});

test("a modem that dies anywhere is an error in time", () => {
	for (let diesAt = 1; diesAt < 20; diesAt++) {
		const device = bench({ modem: { diesAt } });
		const { code, hung, now } = device.read({ maxMs: 200000 });
		assert.equal(hung, false, `${diesAt}`);
		if (code === OK) assert.equal(device.fileHex(), SAMPLE);
		assert.ok(now <= 60000 + 5000 + 1000);
	}
});

test("the limit for the whole procedure holds, and the channel is closed after it", () => {
	const { now } = bench({ modem: { latencyMs: 300 } }).read();
	// Closing the channel, the last 300 ms, has a limit of its own: a file that is read is not lost to it.
	for (let limitMs = 100; limitMs < now - 300; limitMs += 170) {
		const device = bench({ modem: { latencyMs: 300 }, core: { limitMs } });
		assert.equal(result(device), "OUT_OF_TIME", `${limitMs}`);
		assert.ok(device.port.now >= limitMs && device.port.now <= limitMs + 5000);
	}
});

/** Runs until `now`, and goes on with what `then` says. */
function interrupted(options: BenchOptions, at: number): Bench {
	const device = bench(options);
	device.device.readFile();
	device.run({ maxMs: at });
	return device;
}

test("abort() at any time closes the channel and answers ABORTED, once", () => {
	const whole = bench({ modem: { latencyMs: 100, commandMs: 20 } }).read().now;
	for (let at = 0; at < whole; at += 35) {
		const device = interrupted({ modem: { latencyMs: 100, commandMs: 20 } }, at);
		const core = device.device;
		core.abort();
		core.abort();
		// The owner polls at once: that is when the way out begins.
		let code = core.poll(device.port.now);
		if (code === WAIT) {
			const after = device.run();
			assert.equal(after.hung, false);
			code = after.code;
		}
		assert.equal(nameOf(code), "ABORTED", `at ${at}`);
		assert.equal(core.poll(device.port.now), NOT_STARTED);
		// What the modem still had to say is out.
		device.run({ maxMs: 1000 });
		assert.equal(device.card?.channelsOpen, 0, `at ${at}: a channel is left open`);
		assert.ok(device.port.now - at < 8000);
	}
});

test("after abort() the next poll is due at once", () => {
	const device = interrupted({ modem: { latencyMs: 3000 } }, 4000);
	device.device.abort();
	const asked = device.port.now;
	const { code } = device.run();
	assert.equal(nameOf(code), "ABORTED");
	assert.ok(device.port.now - asked <= 5500, `${device.port.now - asked} ms`);
});

test("abort() before the start and after the end does nothing", () => {
	const device = bench();
	device.device.abort();
	assert.equal(device.device.poll(0), NOT_STARTED);
	assert.equal(result(device), "OK");
	device.device.abort();
	assert.equal(device.device.poll(1e6), NOT_STARTED);
	assert.equal(device.fileHex(), SAMPLE);
});

test("close() wipes the file, at any time, again and again", () => {
	for (const at of [0, 100, 500, 900, 1300, 5000]) {
		const device = interrupted({ modem: { latencyMs: 100 } }, at);
		device.device.close();
		device.device.close();
		assert.equal(device.device.file.length, 0);
		assert.ok(device.device.file.buffer.every((byte) => byte === 0));
		assert.equal(device.device.poll(at), NOT_STARTED);
		// What comes late is nobody's.
		device.run({ maxMs: 3000 });
		assert.ok(device.device.file.buffer.every((byte) => byte === 0));
	}
});

test("after close() and after abort() it can be used again", () => {
	for (const at of [10, 450, 900]) {
		const closed = interrupted({ modem: { latencyMs: 100 }, card: { channels: [1, 2, 3] } }, at);
		closed.device.close();
		assert.equal(nameOf(closed.read().code), "OK", `closed at ${at}`);
		assert.equal(closed.fileHex(), SAMPLE);
		const aborted = interrupted({ modem: { latencyMs: 100 } }, at);
		aborted.device.abort();
		assert.equal(nameOf(aborted.read().code), "OK", `aborted at ${at}`);
		assert.equal(aborted.fileHex(), SAMPLE);
	}
});

test("readFile() again on one instance gives the same, and what changed in between", () => {
	const profile = bootstrapCard({ fileSize: 600 });
	const device = bench({ profile });
	const data = profile.bootstrapFile?.data;
	assert.ok(data);
	assert.equal(result(device), "OK");
	const exchanges = device.device.exchanges;
	assert.equal(result(device), "OK");
	assert.equal(device.device.exchanges, exchanges, "counted anew");
	assert.equal(device.fileHex(), SAMPLE);
	const other = makeFile(400);
	data.set(other);
	assert.equal(result(device), "OK");
	assert.equal(device.fileHex(), toHex(other));
	data.fill(0xff);
	assert.equal(result(device), "NO_DATA");
	assert.equal(device.device.file.length, 0);
	data.set(sampleFile());
	assert.equal(result(device), "OK");
	assert.equal(device.device.sw, 0);
	assert.equal(device.device.cme, -1);
});

test("after a failure the same instance succeeds", () => {
	const device = bench();
	const card = device.card as VirtualCard;
	for (let at = 0; at < 14; at++) {
		const from = card.commands;
		card.onCommand = (index) => (index === from + at ? new Uint8Array([0x6f, 0x00]) : null);
		device.read();
		card.onCommand = null;
		card.reset();
		assert.equal(result(device), "OK", `${at}`);
		assert.equal(device.fileHex(), SAMPLE);
	}
});

/** A device whose file changes before each READ of it that `changes` says, counted from 0. */
function changing(changes: (read: number) => boolean, core: BenchOptions["core"] = {}): Bench {
	const profile = bootstrapCard({});
	const device = bench({ profile, core });
	const data = profile.bootstrapFile?.data as Uint8Array;
	let reads = 0;
	let selected = false;
	(device.card as VirtualCard).onCommand = (_index, apdu) => {
		if (apdu[1] === 0xa4) selected = apdu[apdu.length - 1] === 0x32;
		// With T=0 the first command of a read only says the length.
		if (apdu[1] === 0xb0 && selected && apdu[4] !== 0 && changes(reads++)) data[20] ^= 0x01;
		return null;
	};
	return device;
}

test("a file that changed between the two reads is read again, and is then the new one", () => {
	const device = changing((read) => read === 1);
	assert.equal(result(device), "OK");
	const expected = sampleFile();
	expected[20] ^= 1;
	assert.equal(device.fileHex(), toHex(expected));
});

test("a file that changes all the time is FILE_UNSTABLE", () => {
	const device = changing(() => true);
	assert.equal(result(device), "FILE_UNSTABLE");
	assert.equal(device.device.step, STEP_CONFIRM);
	assert.ok(device.device.exchanges < 80);
	assert.equal(device.device.file.length, 0);
});

test("without confirming there is one read", () => {
	assert.equal(result(changing(() => true, { confirm: false })), "OK");
});

test("a file that goes away between the reads is an error, not another file", () => {
	for (let at = 1; at < 4; at++) {
		const profile = bootstrapCard({});
		const data = profile.bootstrapFile?.data as Uint8Array;
		const device = bench({ profile });
		let selects = 0;
		let reads = 0;
		(device.card as VirtualCard).onCommand = (_index, apdu) => {
			const own = apdu[1] === 0xa4 && apdu[apdu.length - 1] === 0x32;
			if (own && selects++ >= at) return new Uint8Array([0x6a, 0x82]);
			// The second read differs, so that there is a third. With T=0 the first one asks for the file's padding, too.
			if (apdu[1] === 0xb0 && apdu[4] === 126 && reads++ === 0) data[20] ^= 1;
			return null;
		};
		const { code, hung } = device.read();
		assert.equal(hung, false);
		assert.match(nameOf(code), /^(NOT_FOUND|FILE_MISSING|OK)$/);
		assert.equal(device.card?.channelsOpen, 0);
	}
});

test("a bit that falls over on the line never makes a wrong file right, and leaves no channel open", () => {
	const clean = bench({ line: { record: true } });
	assert.equal(result(clean), "OK");
	const total = clean.line.received.length;
	for (let at = 60; at < total; at += 7) {
		for (const mask of [0x01, 0x10]) {
			const device = bench({ line: { faults: [{ kind: "flip", toHost: true, at, mask }] } });
			const { code, hung } = device.read();
			assert.equal(hung, false);
			if (code === OK) assert.equal(device.fileHex(), SAMPLE, `byte ${at}`);
			else assert.ok(code < 0);
		}
	}
});

test("a byte or a line that is lost, doubled or put in never makes a wrong file right, with the second read or without", () => {
	const clean = bench({ line: { record: true } });
	assert.equal(result(clean), "OK");
	const total = clean.line.received.length;
	for (const confirm of [true, false]) {
		const tries: LineFault[] = [];
		for (let at = 60; at < total; at += 11) {
			for (const kind of ["lose", "double", "insert", "delay"] as const)
				tries.push({ kind, toHost: true, at, mask: 0x31 });
		}
		for (let at = 0; at < 40; at++) {
			for (const kind of ["lose-line", "double-line", "lose-result"] as const) tries.push({ kind, toHost: true, at });
		}
		for (const fault of tries) {
			const device = bench({ line: { faults: [fault] }, core: { confirm }, modem: { latencyMs: 10 } });
			const { code, hung } = device.read();
			assert.equal(hung, false, JSON.stringify(fault));
			if (code === OK) assert.equal(device.fileHex(), SAMPLE, JSON.stringify(fault));
		}
	}
});

test("one line that comes twice, an OK too, spoils neither a read nor what is known of the card", () => {
	const file = fileOf([
		0,
		[
			tlv(
				OBJECT_INSTANCE,
				0,
				tlv(
					RESOURCE,
					5,
					Uint8Array.from({ length: 559 }, (_, i) => i * 7),
				),
			),
		],
	]);
	assert.equal(file.length, 12 * 48);
	for (const confirm of [true, false]) {
		for (const step of [48, 256]) {
			// Behind the answer to MANAGE CHANNEL, which cannot be asked for twice.
			for (let at = 6; at < 40; at++) {
				const device = bench({
					card: { file, fileSize: file.length, manners: { transport: "t1" } },
					core: { confirm, step },
					line: { faults: [{ kind: "double-line", toHost: true, at }] },
					modem: { baud: 115200 },
				});
				const { code } = device.read({ chunkBytes: 1 });
				assert.equal(nameOf(code), "OK", `line ${at}, confirm ${confirm}, step ${step}`);
				assert.equal(device.fileHex(), toHex(file), `line ${at}, confirm ${confirm}, step ${step}`);
			}
		}
	}
});

test("one OK too many before the card is asked for is no failure", () => {
	for (let at = 0; at < 5; at++) {
		const device = bench({ line: { faults: [{ kind: "double-line", toHost: true, at }] }, modem: { baud: 115200 } });
		assert.equal(nameOf(device.read({ chunkBytes: 1 }).code), "OK", `line ${at}`);
		assert.equal(device.card?.channelsOpen, 0);
	}
});

test("the channel is closed though the first try to do so is lost on the line", () => {
	const clean = bench({ line: { record: true } });
	assert.equal(result(clean), "OK");
	const line = 'AT+CSIM=10,"0070800100"\r';
	const total = clean.line.sent.length;
	assert.equal(String.fromCharCode(...clean.line.sent.slice(total - line.length)), line);
	for (let at = total - line.length; at < total; at++) {
		const device = bench({ line: { faults: [{ kind: "lose", toHost: false, at }] } });
		assert.equal(result(device), "OK", `byte ${at - total + line.length}`);
	}
});

test("one bit that falls over does not make a card that has data one that has none", () => {
	const clean = bench({ line: { record: true } });
	assert.equal(result(clean), "OK");
	for (const toHost of [true, false]) {
		const total = toHost ? clean.line.received.length : clean.line.sent.length;
		for (let at = 66; at < total; at++) {
			const device = bench({ line: { faults: [{ kind: "flip", toHost, at, mask: 1 }] } });
			assert.doesNotMatch(nameOf(device.read().code), /^(NO_DATA|NO_OBJECT|NO_APPLICATION)$/, `byte ${at} ${toHost}`);
		}
	}
});

test("one answer that comes too late does not spoil a read", () => {
	for (let at = 200; at < 900; at += 37) {
		const faults: LineFault[] = [{ kind: "delay", toHost: true, at, ms: 12000 }];
		const device = bench({ line: { faults }, modem: { baud: 115200 } });
		const { code } = device.read();
		// An answer to MANAGE CHANNEL that is late cannot be waited for twice.
		if (device.device.step > 3) assert.equal(nameOf(code), "OK", `byte ${at}`);
		if (code === OK) assert.equal(device.fileHex(), SAMPLE);
	}
});

test("noise by dice never makes a wrong file right", () => {
	for (let seed = 1; seed <= 150; seed++) {
		const dice = { seed, lose: 400, double: 400, flip: 400, insert: 400, delay: 200, delayMs: 3000 };
		const device = bench({ line: { dice }, modem: { latencyMs: 5 } });
		const { code, hung } = device.read();
		assert.equal(hung, false, `seed ${seed}`);
		if (code === OK) assert.equal(device.fileHex(), SAMPLE, `seed ${seed}`);
	}
});

/** An application's own way to the card: each answer comes after `delayMs`. */
class DirectLink implements Link {
	readonly manner = LINK_CHANNELS;
	wakeAt = 0;
	transmitted = 0;
	cancelled = 0;
	/** Exchanges that come to nothing, by number. */
	lost = -1;
	/** Those of this instruction have their answer, but never a final result. */
	unfinished = -1;
	private ins = 0;
	private pending: { answer: Uint8Array; response: Response } | null = null;
	private dueAt = -1;

	constructor(
		private readonly card: VirtualCard,
		private readonly delayMs: number,
	) {}

	transmit(command: Uint8Array, length: number, response: Response): void {
		assert.equal(this.pending, null, "one at a time");
		const answer = this.card.transmit(command.slice(0, length));
		this.ins = command[1];
		// A reader's buffer is usually longer than the answer.
		const long = new Uint8Array(300).fill(0xee);
		long.set(answer);
		this.pending = { answer: long.subarray(0, answer.length), response };
		this.dueAt = -1;
		this.transmitted++;
	}

	poll(now: number): number {
		const pending = this.pending;
		assert.notEqual(pending, null, "nothing was transmitted");
		if (pending === null) return NOT_STARTED;
		if (this.dueAt < 0) this.dueAt = now + this.delayMs;
		this.wakeAt = this.dueAt;
		if (now < this.dueAt) return WAIT;
		this.pending = null;
		if (this.transmitted - 1 === this.lost) return COMMAND_TIMEOUT;
		assert.equal(pending.response.takeAll(pending.answer, pending.answer.length), true);
		return this.ins === this.unfinished ? COMMAND_TIMEOUT : OK;
	}

	cancel(): void {
		this.cancelled++;
		this.pending = null;
	}

	distrust(): void {}
}

function direct(
	card: VirtualCard,
	delayMs: number,
	options: Partial<BootstrapOptions> = {},
	parts: Partial<BootstrapParts> = {},
): { core: Bootstrap; link: DirectLink } {
	const link = new DirectLink(card, delayMs);
	const core = new Bootstrap(
		{ links: [link], at: null, modem: null, unlock: null, channels: null, ...parts },
		{
			buffer: new Uint8Array(32768),
			step: 256,
			confirm: true,
			oid: null,
			fileId: -1,
			limitMs: 30000,
			...options,
		},
	);
	return { core, link };
}

function pollOut(core: Bootstrap): { code: number; now: number } {
	let now = 0;
	for (let i = 0; i < 100000; i++) {
		const code = core.poll(now);
		if (code !== WAIT) return { code, now };
		now = Math.max(now + 1, core.wakeAt);
	}
	assert.fail("it hangs");
}

test("an application's own link takes the place of the modem", () => {
	for (const manners of TRANSPORTS.concat([{ transport: "t1", readAnswers61: true }])) {
		for (const step of STEPS) {
			for (const delayMs of [0, 7]) {
				const card = new VirtualCard(bootstrapCard({ file: makeFile(1000), manners, channels: [4] }));
				const { core, link } = direct(card, delayMs, { step });
				core.readFile();
				assert.equal(nameOf(pollOut(core).code), "OK");
				assert.equal(toHex(core.file.buffer.subarray(0, core.file.length)), toHex(makeFile(1000)));
				assert.equal(card.channelsOpen, 0);
				assert.equal(core.exchanges, link.transmitted);
				assert.equal(core.receive(new Uint8Array(4), 4), false, "there is no modem to hear");
				core.readFile();
				assert.equal(nameOf(pollOut(core).code), "OK", "and again");
			}
		}
	}
});

test("an exchange that an application's link loses is made again, if it may be", () => {
	const count = 14;
	for (let lost = 0; lost < count; lost++) {
		const card = new VirtualCard(bootstrapCard({}));
		const { core, link } = direct(card, 1);
		link.lost = lost;
		core.readFile();
		const { code } = pollOut(core);
		if (lost === 0) assert.equal(nameOf(code), "COMMAND_TIMEOUT", "MANAGE CHANNEL would take a second one");
		else assert.equal(nameOf(code), "OK", `${lost}`);
	}
});

test("an application's link may be aborted and is told so", () => {
	const card = new VirtualCard(bootstrapCard({}));
	const { core, link } = direct(card, 100);
	core.readFile();
	for (let now = 0; now < 450; now += 10) core.poll(now);
	const before = link.cancelled;
	core.abort();
	assert.ok(link.cancelled > before);
	let now = 450;
	while (core.poll(now) === WAIT) now += 10;
	assert.equal(card.channelsOpen, 0);
});

test("a status word is told of what the card has refused, and of nothing else", () => {
	for (const [unfinished, step] of [
		[0xa4, STEP_APPLICATION],
		[0xb0, STEP_ODF],
	]) {
		const { core, link } = direct(new VirtualCard(bootstrapCard({})), 1);
		link.unfinished = unfinished;
		core.readFile();
		assert.equal(nameOf(pollOut(core).code), "COMMAND_TIMEOUT");
		assert.deepEqual([core.step, core.sw], [step, 0]);
	}
});

test("what is left to be said has one limit, 5 s after abort(), even if the card does not close the channel", () => {
	const card = new VirtualCard(bootstrapCard({}));
	card.onCommand = (_index, apdu) => (apdu[1] === 0x70 && apdu[2] === 0x80 ? new Uint8Array([0x6f, 0]) : null);
	/** A modem that is there at once, and never done with its farewell. */
	const modem: Prelude = {
		step: STEP_MODEM,
		wakeAt: 0,
		start() {
			this.saying = false;
		},
		poll(now: number) {
			this.wakeAt = now + 100;
			return this.saying ? WAIT : OK;
		},
		farewell() {
			this.saying = true;
			return true;
		},
		cancel() {},
		saying: false,
	} as Prelude & { saying: boolean; wakeAt: number };
	const { core } = direct(card, 2000, {}, { modem });
	core.readFile();
	const from = 7000;
	for (let now = 0; now < from; now += 100) assert.equal(core.poll(now), WAIT);
	core.abort();
	let now = from;
	while (core.poll(now) === WAIT) now += 100;
	assert.ok(now - from <= 5000, `${now - from} ms`);
	assert.notEqual(core.closeCode, OK);
});

test("a channel whose number got lost while it was aborted is found by the next run", () => {
	let lost = 0;
	for (let at = 0; at < 600; at += 50) {
		const device = bench({ over: { links: [0] }, modem: { latencyMs: 300 } });
		const card = device.card as VirtualCard;
		let opened = 0;
		card.onAnswer = (_index, apdu, answer) => {
			if (apdu[1] !== 0x70 || apdu[2] !== 0 || opened++ > 0) return null;
			return joinBytes([new Uint8Array([1]), answer]);
		};
		device.device.readFile();
		device.run({ maxMs: at });
		device.device.abort();
		assert.equal(nameOf(device.run().code), "ABORTED");
		if (card.channelsOpen > 0) lost += 1;
		assert.equal(result(device), "OK");
	}
	assert.ok(lost > 3, "nobody knew its number");
});

test("polling what was not started is NOT_STARTED, and a result is given once", () => {
	const device = bench();
	assert.equal(device.device.poll(0), NOT_STARTED);
	assert.equal(result(device), "OK");
	assert.equal(device.device.poll(device.port.now), NOT_STARTED);
});

test("nothing beside the file is left of the directories behind a wipe, and nothing behind the file is touched", () => {
	const profile = bootstrapCard({ fileSize: 126 });
	const buffer = new Uint8Array(4096).fill(0xa5);
	const device = bench({ profile, core: { buffer, step: 256 } });
	assert.equal(result(device), "OK");
	assert.equal(toHex(buffer.subarray(0, 126)), SAMPLE);
	assert.ok(buffer.subarray(600).every((byte) => byte === 0xa5));
	device.device.close();
	assert.ok(buffer.every((byte) => byte === 0));
});

test("the result of a file that needs a larger buffer is told even when it is barely too large", () => {
	const device = bench({ bufferBytes: 125 });
	assert.equal(device.read().code, FILE_TOO_LARGE);
	assert.equal(device.device.needed, 126);
});

test("every option of the card together still reads", () => {
	const card: BootstrapCardOptions = {
		oid: "doubled",
		pathIndex: 77,
		otherObjects: 2,
		gapBytes: 3,
		dodfCount: 3,
		padding: 0,
		channels: [19],
		manners: { transport: "t0", busyTimes: 2, proactiveTimes: 3, readAnswers61: true, refusesNoData: true },
	};
	const device = bench({ card, modem: { baud: 19200, latencyMs: 15, answerLowerCase: true, answerQuotes: false } });
	assert.equal(result(device), "OK");
	assert.equal(device.fileHex(), SAMPLE);
});

test("the second read is cut in other places, so that what is wrong at one place of every read is no confirmed file", () => {
	const file = makeFile(700);
	const device = bench({ card: { file }, core: { step: 16 } });
	assert.ok(device.card !== null);
	// P1 gets lost on its way, each time: 512 becomes 0, and what comes is within a text of the file.
	device.card.onCommand = (_index, apdu) =>
		apdu[1] === 0xb0 && apdu[2] === 2 && apdu[3] === 0 ? joinBytes([file.subarray(0, apdu[4]), sw(0x9000)]) : null;
	const { code } = device.read();
	assert.ok(code !== OK || device.fileHex() === toHex(file), nameOf(code));
});
