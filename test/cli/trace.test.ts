// The trace never shows a piece of a key, however the bytes come; in virtual time.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Context, Trace } from "../../cli/trace.js";
import { TappedDevice, TappedPort } from "../../hal/node/index.js";
import { type Bootstrap, type OverModemOptions, overCsim, overModem, VIA_CGLA, VIA_CRSM } from "../../src/index.js";
import * as steps from "../../src/steps.js";
import {
	type BootstrapCardOptions,
	bootstrapCard,
	drive,
	Line,
	type LineOptions,
	type ModemOptions,
	VirtualCard,
	VirtualModem,
	VirtualPort,
} from "../../virtual/index.js";
import { KEY, KEY_HEX } from "./program.js";

/** So many digits of the key in a row are a leak. */
const LEAK_DIGITS = 8;

interface Case {
	card?: BootstrapCardOptions;
	modem?: ModemOptions;
	line?: LineOptions;
	step?: number;
	over?: Partial<OverModemOptions>;
	/** As `serve` traces: nothing is known of the core. */
	blind?: boolean;
}

function traceOf(options: Case): string {
	const lines: string[] = [];
	const modem = new VirtualModem(new VirtualCard(bootstrapCard(options.card ?? {})), options.modem ?? {});
	const port = new VirtualPort(new Line(modem, options.line ?? {}), {});
	const known: { device: Bootstrap | null } = { device: null };
	const context: Context = {
		readsDirectory() {
			const { device } = known;
			if (options.blind === true || device === null) return null;
			const inside = device.step >= steps.STEP_APPLICATION && device.step <= steps.STEP_DODF;
			const step = inside ? device.discovery.step : device.step;
			return step === steps.STEP_DIR || step === steps.STEP_ODF || step === steps.STEP_DODF;
		},
		fileName: () => null,
	};
	const trace = new Trace(
		(line) => lines.push(line),
		() => port.now,
		false,
		context,
	);
	const settings = { buffer: new Uint8Array(4096), step: options.step ?? 256 };
	const tapped = new TappedPort(port, trace);
	const device =
		options.over === undefined ? overCsim(tapped, settings) : overModem(tapped, { ...settings, ...options.over });
	known.device = device;
	device.readFile();
	drive(new TappedDevice(device, trace), port, { chunkSeed: 1 });
	trace.end();
	return lines.join("\n");
}

function assertNoLeak(trace: string, name: string): void {
	const digits = trace.toUpperCase();
	for (let at = 0; at + LEAK_DIGITS <= KEY_HEX.length; at += 2) {
		assert.ok(!digits.includes(KEY_HEX.slice(at, at + LEAK_DIGITS)), `${name}: byte ${at / 2} of the key`);
	}
	assert.ok(!trace.includes(KEY.slice(0, 4)), name);
}

const MANNERS: readonly (readonly [string, Case])[] = [
	["plain", {}],
	["T=1", { card: { manners: { transport: "t1" } } }],
	["GET RESPONSE", { card: { manners: { readAnswers61: true } } }],
	["data in the EF(DODF)", { card: { dodfForm: "direct" } }],
	["data in the EF(ODF)", { card: { dodfForm: "direct", odfInline: true } }],
	["lower case", { modem: { answerLowerCase: true } }],
	["next line", { modem: { answerOnNextLine: true } }],
	["no quotes", { modem: { answerQuotes: false, answerSpace: false } }],
	["numeric results", { modem: { verbose: false } }],
	["sessions", { over: { links: [VIA_CGLA] }, modem: { csim: false, ccho: true } }],
	["+CRSM", { over: { links: [VIA_CRSM] }, modem: { csim: false, crsm: true }, card: { placement: "df" } }],
	[
		"+CRSM, data in the EF(DODF), no quotes",
		{
			over: { links: [VIA_CRSM] },
			modem: { csim: false, crsm: true, crsmQuotes: false },
			card: { placement: "df", dodfForm: "direct" },
		},
	],
	["unrelated lines", { modem: { unrelated: [{ text: "+CREG: 1", command: -1, place: "between" }] } }],
];

describe("trace", () => {
	for (const blind of [false, true]) {
		it(`shows no key, whatever the manners${blind ? ", on the modem's side" : ""}`, () => {
			for (const [name, options] of MANNERS) {
				for (const step of [3, 8, 48, 256]) assertNoLeak(traceOf({ ...options, step, blind }), `${name}, step ${step}`);
			}
		});
	}

	it("shows no key when bytes are lost, doubled and changed on the way", () => {
		const rate = 700;
		for (let seed = 1; seed <= 150; seed++) {
			const dice = { seed, lose: rate, double: rate, flip: rate, insert: rate };
			assertNoLeak(traceOf({ line: { dice }, step: seed % 3 === 0 ? 16 : 256 }), `seed ${seed}`);
			const restricted: Case = {
				over: { links: [VIA_CRSM] },
				modem: { csim: false, crsm: true },
				card: { placement: "df" },
			};
			assertNoLeak(traceOf({ ...restricted, line: { dice } }), `+CRSM, seed ${seed}`);
		}
	});

	it("shows the directory, which is no secret", () => {
		const trace = traceOf({});
		assert.ok(trace.includes("9000 ok: A706300404026430"));
		assert.ok(trace.includes("9000 ok: A125300030110C0F4C774D324D20426F6F747374726170"));
		assert.ok(traceOf({ card: { placement: "none" } }).includes("4F10A0000000871002FFFFFFFF8907090000"));
	});

	it("names sessions, files and applications, whichever way they are reached", () => {
		const sessions = traceOf({ over: { links: [VIA_CGLA] }, modem: { csim: false, ccho: true } });
		assert.ok(sessions.includes("open a session with application PKCS #15 A000000063504B43532D3135"));
		assert.ok(sessions.includes("SELECT EF(ODF) 7FFF/5031 by path from MF, session 1"));
		const crsm = traceOf({
			over: { links: [VIA_CRSM] },
			modem: { csim: false, crsm: true },
			card: { placement: "df" },
		});
		assert.ok(crsm.includes("READ BINARY, 256 bytes from 0, EF(ODF) 7F50/5031"));
		assert.ok(crsm.includes("9000 ok: A706300404026430"));
		assert.match(crsm, /\+CRSM: 144,0,"<\d+ bytes>"/);
	});

	it("masks PINs in commands, in their echo, and in VERIFY", () => {
		const lines: string[] = [];
		const none: Context = { readsDirectory: () => null, fileName: () => null };
		const trace = new Trace(
			(line) => lines.push(line),
			() => 0,
			false,
			none,
		);
		const verify = 'AT+CSIM=26,"0020000108313233343FFFFFFF"';
		for (const line of ['AT+CPIN="1234"', "AT+CPIN=1234", 'AT+CLCK="SC",0,"1234"', verify, "T+CPIN=1234"]) {
			const bytes = Buffer.from(`${line}\r`);
			trace.sent(bytes, 0, bytes.length);
			trace.received(bytes, bytes.length);
		}
		trace.end();
		const all = lines.join("\n");
		assert.ok(!all.includes("1234") && !all.includes("3132"), all);
		assert.ok(all.includes("VERIFY PIN with <8 bytes>"));
	});
});
