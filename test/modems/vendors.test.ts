// Modems as they are known to behave, one row each: what of it the virtual modem can play.

import assert from "node:assert/strict";
import test from "node:test";
import type { OverModemOptions } from "../../src/index.js";
import { type BootstrapCardOptions, type ModemOptions, sampleFile, toHex } from "../../virtual/index.js";
import { bench } from "../support.js";
import { nameOf } from "../unit/tools.js";

const SAMPLE = toHex(sampleFile());

interface Row {
	modem: ModemOptions;
	card?: BootstrapCardOptions;
	over?: Partial<OverModemOptions>;
	/** The link that works, or the error when none does. */
	expected: number | string;
}

const SIMCOM = ["RDY", "+CFUN: 1", "+CPIN: READY", "SMS Ready"];
const CHATTER = [
	{ text: '*PSUTTZ: 24,5,1,10,0,0,"+8",0', atMs: 300 },
	{ text: '*PSUTTZ: 24,5,1,10,0,0,"+8",0', atMs: 320 },
	{ text: "DST: 0", atMs: 340 },
	{ text: "+CTZV: +8", command: 4 },
	{ text: "UNDER-VOLTAGE WARNNING", command: 6, place: "between" as const },
];

const ROWS: Readonly<Record<string, Row>> = {
	"SIM7000, SIM7080, SIM7600: +CSIM only, lines of 559, chatter": {
		modem: { bootMs: 4500, bootLines: SIMCOM, maxLineChars: 559, unrelated: CHATTER, baud: 115200, latencyMs: 30 },
		expected: 0,
	},
	"SIM7000 at its own rate: says nothing at its start": { modem: { bootMs: 6000, bootLines: [] }, expected: 0 },
	"A76XX: no space behind the colon": { modem: { answerSpace: false, latencyMs: 400 }, expected: 0 },
	"SIM7000 +CRSM: the answer on the next line": {
		modem: { csim: false, crsm: true, answerOnNextLine: true },
		card: { placement: "df" },
		expected: 2,
	},
	"SIM767X without AT+CSIMSLEEP=0: CME 3 is the result": { modem: { csimSleep: true }, expected: "CME_ERROR" },
	"Quectel EC2x: +CSIM, and +CCHO with +CGLA that leaves 61xx": {
		modem: { ccho: true, latencyMs: 60 },
		card: { manners: { transport: "t0", readAnswers61: true } },
		expected: 0,
	},
	"Quectel EC2x, the same by sessions": {
		modem: { ccho: true, csim: false, sessionBare: true },
		card: { manners: { transport: "t0", readAnswers61: true } },
		expected: 1,
	},
	"Quectel EG95: the channel opens, SELECT on it is CME 0": {
		modem: { refusedInstructions: [0xa4], refusedCme: 0 },
		expected: "CME_ERROR",
	},
	"u-blox SARA-R410: plain, quoted": { modem: { unrelated: [{ text: "+UUSIMSTAT: 6", atMs: 10 }] }, expected: 0 },
	"Sequans GM02SP: +CRSM unquoted, +SYSSTART at its start": {
		modem: { crsm: true, csim: false, crsmQuotes: false, bootMs: 800, bootLines: ["+SYSSTART"] },
		card: { placement: "df" },
		expected: 2,
	},
	"Nordic nRF91: channel as the card says, data at once": {
		modem: {},
		card: { manners: { transport: "t1" } },
		expected: 0,
	},
	"Nordic nRF91 without an enabled profile: CME 13": { modem: { simCme: 13 }, expected: "SIM_FAILURE" },
	"Nordic nRF91 at +CFUN=0: the SIM has no power": {
		modem: { simNeedsFullFunction: true, cfun: 0 },
		expected: "SIM_FAILURE",
	},
	"Telit LE910C1: the channel is 2": { modem: {}, card: { channels: [2, 3] }, expected: 0 },
	"Sierra MC7455: handles of 16 characters": { modem: { csim: false, ccho: true, sessionForm: "handle" }, expected: 1 },
	"Sierra EM9191: no +CCHC": { modem: { csim: false, ccho: true, cchcMissing: true }, expected: 1 },
	"Fibocom FM350-GL: a bare session number": { modem: { csim: false, ccho: true, sessionBare: true }, expected: 1 },
	"Foxconn T99W696: upper-case digits only": { modem: { upperCaseOnly: true }, expected: 0 },
	"Huawei MS2372h: +CSIM on channel 0 only": { modem: { basicChannelOnly: true }, expected: "CME_ERROR" },
	"Huawei MS2372h, with the basic channel allowed": {
		modem: { basicChannelOnly: true, refusedInstructions: [0x70] },
		over: { allowBasicChannel: true },
		expected: 3,
	},
	"DW5821e: only +CSIM": { modem: { ccho: false }, expected: 0 },
	"Siemens AC75: the MF is selected again after each +CSIM": {
		modem: { disturbsBasicChannel: true, refusedInstructions: [0x70] },
		over: { allowBasicChannel: true },
		expected: "CME_ERROR",
	},
	"Wavecom: ten digits at least, no Le behind data, GET RESPONSE and VERIFY refused": {
		modem: { minDigits: 10, refusesLeAfterData: true, refusedInstructions: [0xc0, 0x20], fetchesItself: true },
		card: { manners: { transport: "t0", readAnswers61: true } },
		expected: 0,
	},
	"Cinterion: an empty answer in quotes": {
		modem: { crsm: true, csim: false, crsmEmptyQuotes: true },
		card: { placement: "df" },
		expected: 2,
	},
	"HL78xx: +KSUP at its start": { modem: { bootMs: 700, bootLines: ["+KSUP: 0"] }, expected: 0 },
	"BG96: APP RDY at its start": { modem: { bootMs: 700, bootLines: ["APP RDY"] }, expected: 0 },
	"results in words": { modem: { cmee: 2, simBusyCommands: 3 }, expected: 0 },
	"a SIM that is busy for some seconds": { modem: { simBusyMs: 5000 }, expected: 0 },
	"no reason for any error": { modem: { unknownIsPlainError: true, csim: false, ccho: true }, expected: 1 },
};

for (const [name, { modem, card, over, expected }] of Object.entries(ROWS)) {
	test(name, () => {
		for (const step of [256, 48, 16]) {
			const device = bench({ modem, card: card ?? {}, over: over ?? {}, core: { step } });
			const { code, hung } = device.read();
			assert.equal(hung, false);
			assert.equal(device.card?.basicSelects, 0);
			if (typeof expected === "string") assert.equal(nameOf(code), expected);
			else {
				assert.equal(nameOf(code), "OK", `${device.device.tried}`);
				assert.equal(device.fileHex(), SAMPLE);
				assert.equal(device.device.link, expected);
			}
			if (modem.cchcMissing !== true) assert.equal(device.card?.channelsOpen, 0);
		}
	});
}
