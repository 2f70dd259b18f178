// What is run on XS, by name: the options of a Rig, with the error that it ends in if there is one. Where something goes wrong, `happens`
// says how many faults there have to be, and `says` what the modem has to tell at least so many times.

import {
	CME_ERROR,
	FILE_TOO_LARGE,
	MODEM_SILENT,
	NO_APPLICATION,
	NO_CHANNEL,
	NO_DATA,
	NO_OBJECT,
	OUT_OF_TIME,
	PIN_WRONG,
	SECURITY_STATUS,
	SIM_ABSENT,
	SIM_FAILURE,
	TLV_TRUNCATED,
	VIA_BASIC,
} from "simstrap";
import { makeFile, sampleFile } from "virtual";

/** A PIN as ASCII bytes. */
function digits(text) {
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
	return bytes;
}

const SILENCE_LINES = [
	{ text: "+CREG: 1", place: "before" },
	{ text: "*PSUTTZ: 22/11/26", place: "between" },
	{ text: '+CMTI: "SM",3', place: "after" },
];

export const scenarios = {
	"the sample file": () => ({}),
	"the sample file on T=1, quiet about the length": () => ({
		card: { manners: { transport: "t1", shortReadSw: 0x9000 } },
	}),
	"steps of 16": () => ({ core: { step: 16 } }),
	"steps of 48 on channel 19": () => ({ core: { step: 48 }, card: { channels: [19] } }),
	"no confirming read": () => ({ core: { confirm: false } }),
	"a file of 4 KB": () => ({ card: { file: makeFile(4096), fileSize: 4096 } }),
	"a file of 32 KB": () => ({ card: { file: makeFile(32768), fileSize: 32768 }, chunk: 64 }),
	"a file of 32 KB, byte by byte": () => ({ card: { file: makeFile(32768), fileSize: 32768 } }),
	"an application only in EF(DIR)": () => ({ card: { aid: new Uint8Array([0xe8, 0x28, 0xbd, 8, 15, 1]) } }),
	"an application by path only": () => ({ card: { placement: "df" } }),
	"data in EF(DODF)": () => ({ card: { dodfForm: "direct" } }),
	"data in EF(ODF)": () => ({ card: { odfInline: true, dodfForm: "direct" } }),
	"opaqueDO, other objects, gaps": () => ({ card: { dodfForm: "opaque", otherObjects: 2, gapBytes: 3, dodfCount: 2 } }),
	"a card without 7FFF, P2 = 0C and Le": () => ({ card: { manners: { refusesAlias: true, refusesNoData: true } } }),
	"data by GET RESPONSE": () => ({ card: { manners: { readAnswers61: true } } }),
	"a busy card": () => ({ card: { manners: { busyTimes: 3 } }, says: ['"9300"', 3] }),
	"chatter, slow, lower case": () => ({
		says: ["+CREG: 1", 14],
		modem: { baud: 115200, latencyMs: 20, unrelated: SILENCE_LINES, answerLowerCase: true, answerSpace: false },
	}),
	"a busy SIM": () => ({ modem: { simBusyMs: 3000 }, says: ["+CME ERROR: 14", 3] }),
	"a lost byte": () => ({ lineFaults: [{ kind: "lose", toHost: true, at: 300 }], happens: 1 }),
	"sessions of the modem's": () => ({ over: {}, modem: { csim: false, ccho: true } }),
	"files by +CRSM": () => ({ over: {}, modem: { csim: false, crsm: true }, card: { placement: "df" } }),
	"the basic channel": () => ({
		over: { links: [VIA_BASIC], allowBasicChannel: true },
		card: { placement: "df", manners: { acceptsLe00: true } },
	}),
	"a file behind a PIN that is known": () => ({
		over: { pin: digits("2468") },
		card: { pin: { reference: 0x81, value: "2468", enabled: true } },
	}),
	"a SIM that wants its PIN": () => ({
		over: { simPin: digits("1357") },
		card: { cardPin: { reference: 1, value: "1357", enabled: true } },
	}),
	"fail: a wrong PIN": () => ({
		code: PIN_WRONG,
		over: { pin: digits("1111") },
		card: { pin: { reference: 0x81, value: "2468", enabled: true } },
	}),
	"fail: every way to the card": () => ({
		code: NO_CHANNEL,
		over: { allowBasicChannel: true },
		card: { channels: [], placement: "adf" },
	}),
	"fail: a silent modem": () => ({ code: MODEM_SILENT, modem: { diesAt: 0 }, happens: 1 }),
	"fail: a modem that dies": () => ({ code: OUT_OF_TIME, modem: { diesAt: 9 }, happens: 1 }),
	"a modem that restarts": () => ({ modem: { restartAt: 9 }, happens: 1, says: ["RDY", 1] }),
	"fail: no SIM": () => ({ code: SIM_ABSENT, card: null, says: ["+CME ERROR: 10", 1] }),
	"fail: a SIM failure": () => ({ code: SIM_FAILURE, modem: { simCme: 13 }, says: ["+CME ERROR: 13", 1] }),
	"fail: no +CSIM": () => ({ code: CME_ERROR, modem: { csim: false }, says: ["+CME ERROR: 4", 1] }),
	"fail: no channel": () => ({ code: NO_CHANNEL, card: { channels: [] } }),
	"fail: no application": () => ({ code: NO_APPLICATION, card: { placement: "none" } }),
	"fail: no object": () => ({ code: NO_OBJECT, card: { file: null, otherObjects: 1 } }),
	"fail: an unprogrammed file": () => ({ code: NO_DATA, card: { file: new Uint8Array(126).fill(255) } }),
	"fail: a file behind a PIN": () => ({
		code: SECURITY_STATUS,
		card: { pin: { reference: 0x81, value: "1234", enabled: true } },
	}),
	"fail: a file that is too large": () => ({
		code: FILE_TOO_LARGE,
		card: { file: makeFile(4096), fileSize: 4096 },
		bufferBytes: 1024,
	}),
	"fail: a malformed file": () => ({ code: TLV_TRUNCATED, card: { file: sampleFile().fill(0x77, 9, 12) } }),
	"fail: a card that always answers 6F00": () => ({
		code: NO_CHANNEL,
		happens: 3,
		faults: [0, 1, 2, 3, 4, 5, 6, 7].map((index) => ({ index, answer: new Uint8Array([0x6f, 0]) })),
	}),
};
