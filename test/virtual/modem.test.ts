// The virtual modem against ITU-T V.250 and 3GPP TS 27.007, character by character.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BootstrapCardOptions, ModemOptions, PinProfile } from "../../virtual/index.js";
import { bootstrapCard, textBytes, VirtualCard, VirtualModem } from "../../virtual/index.js";

const AID = "A000000063504B43532D3135";

function modemWith(options: ModemOptions, card: BootstrapCardOptions | null = {}): VirtualModem {
	return new VirtualModem(card === null ? null : new VirtualCard(bootstrapCard(card)), options);
}

function say(modem: VirtualModem, text: string, now: number): void {
	modem.receive(textBytes(text), 0, text.length, now);
}

function hear(modem: VirtualModem, now: number): string {
	const buffer = new Uint8Array(1024);
	let text = "";
	for (;;) {
		const count = modem.read(buffer, 0, buffer.length, now);
		if (count === 0) return text;
		text += Buffer.from(buffer.subarray(0, count)).toString("latin1");
	}
}

/** A command line and all that comes back at once. */
function ask(modem: VirtualModem, line: string, now = 0): string {
	say(modem, `${line}\r`, now);
	return hear(modem, now);
}

/** One line of information and OK. */
function info(text: string): string {
	return `\r\n${text}\r\n\r\nOK\r\n`;
}

const OK = "\r\nOK\r\n";
const ERROR = "\r\nERROR\r\n";
const OPEN = 'AT+CSIM=10,"0070000001"';

function cme(code: number): string {
	return `\r\n+CME ERROR: ${code}\r\n`;
}

describe("the command line (V.250)", () => {
	test("echo is on at power-on and gives back what arrives, until ATE0", () => {
		const modem = modemWith({});
		assert.equal(ask(modem, "AT"), `AT\r${OK}`);
		assert.equal(ask(modem, "at"), `at\r${OK}`);
		assert.equal(ask(modem, "ATE0"), `ATE0\r${OK}`);
		assert.equal(ask(modem, "AT"), OK);
		assert.equal(ask(modem, "ATE1"), OK);
		assert.equal(ask(modem, "AT"), `AT\r${OK}`);
		assert.equal(ask(modem, "ATE"), `ATE\r${OK}`);
		assert.equal(ask(modem, "AT"), OK);
	});
	test("ATV0 turns results into digits and takes the headers away", () => {
		const modem = modemWith({ echo: false });
		assert.equal(ask(modem, "ATV0"), "0\r");
		assert.equal(ask(modem, "AT+CFUN?"), "+CFUN: 1\r\n0\r");
		assert.equal(ask(modem, "AT+NONSENSE"), "4\r");
		assert.equal(ask(modem, "AT+CMEE=1"), "0\r");
		assert.equal(ask(modem, "AT+NONSENSE"), "+CME ERROR: 4\r");
		assert.equal(ask(modem, "ATV1"), OK);
	});
	test("commands may share a line", () => {
		const modem = modemWith({});
		assert.equal(ask(modem, "ATE0V1"), `ATE0V1\r${OK}`);
		assert.equal(ask(modem, "atv0e0"), "0\r");
		assert.equal(ask(modem, "ATV1+CMEE=1;+CMEE?;+CFUN?"), "\r\n+CMEE: 1\r\n\r\n+CFUN: 1\r\n\r\nOK\r\n");
		assert.equal(ask(modem, "AT+CMEE?;+NONSENSE;+CFUN?"), `\r\n+CMEE: 1\r\n${cme(4)}`);
	});
	test("line feeds and what stands before AT do not count, spaces neither", () => {
		const modem = modemWith({ echo: false });
		assert.equal(ask(modem, "\n\r\nxyzAT E0\n"), OK);
		assert.equal(ask(modem, "AAT"), OK);
		assert.equal(ask(modem, 'AT+CSIM= 10,"0070000001"'), info('+CSIM: 6,"019000"'));
		assert.equal(ask(modem, "hello"), "");
	});
	test("backspace takes a character back, quiet mode says nothing", () => {
		const modem = modemWith({ echo: false });
		assert.equal(ask(modem, "ATX\b"), OK);
		assert.equal(ask(modem, "AT+CFUM\bN?"), info("+CFUN: 1"));
		assert.equal(ask(modem, "ATQ1"), "");
		assert.equal(ask(modem, "AT"), "");
		assert.equal(ask(modem, "ATQ0"), OK);
	});
	test("A/ is not repeated", () => {
		const modem = modemWith({ echo: false });
		assert.equal(ask(modem, "AT"), OK);
		assert.equal(ask(modem, "A/"), "");
	});
	test("S3 is 13 and stays so", () => {
		const modem = modemWith({ echo: false });
		assert.equal(ask(modem, "ATS3?"), info("013"));
		assert.equal(ask(modem, "ATS3=13"), OK);
		assert.equal(ask(modem, "ATS3=30"), ERROR);
	});
	test("a line that is too long is an error", () => {
		const modem = modemWith({ echo: false, maxLineChars: 20 });
		assert.equal(ask(modem, `AT+CMEE=1${" ".repeat(13)}`), OK);
		assert.equal(ask(modem, `AT+CMEE=1${" ".repeat(14)}`), ERROR);
		assert.equal(ask(modem, "AT"), OK);
	});
	test("unknown commands are errors in the form that +CMEE says", () => {
		const modem = modemWith({ echo: false });
		assert.equal(ask(modem, "AT+NONSENSE"), ERROR);
		assert.equal(ask(modem, "AT+CMEE=1"), OK);
		assert.equal(ask(modem, "AT+NONSENSE"), cme(4));
		assert.equal(ask(modem, "AT+CMEE=2"), OK);
		assert.equal(ask(modem, "AT+NONSENSE"), "\r\n+CME ERROR: operation not supported\r\n");
		assert.equal(ask(modem, "AT+CMEE?"), info("+CMEE: 2"));
		assert.equal(ask(modem, "AT+CMEE=?"), info("+CMEE: (0-2)"));
		assert.equal(ask(modem, "AT+CMEE=3"), "\r\n+CME ERROR: incorrect parameters\r\n");
		assert.equal(ask(modemWith({ echo: false, cmee: 1, unknownIsPlainError: true }), "AT+NONSENSE"), ERROR);
		assert.equal(ask(modemWith({ echo: false, accepts: ["+CSCLK"] }), "AT+CSCLK=0"), OK);
	});
	test("ATZ and AT&F bring the defaults back", () => {
		const modem = modemWith({ cmee: 0 });
		ask(modem, "ATE0+CMEE=2");
		assert.equal(ask(modem, "AT&F"), OK);
		assert.equal(ask(modem, "AT+CMEE?"), `AT+CMEE?\r${info("+CMEE: 0")}`);
	});
});

describe("the state of the SIM", () => {
	const pin: PinProfile = { reference: 0x01, value: "1234", enabled: true };
	const open = (options: ModemOptions, card: BootstrapCardOptions | null): VirtualModem =>
		modemWith({ echo: false, cmee: 1, ...options }, card);
	test("without a card every SIM command is CME 10", () => {
		const modem = open({ ccho: true, crsm: true }, null);
		for (const line of ["AT+CPIN?", OPEN, "AT+CCID", `AT+CCHO="${AID}"`, "AT+CRSM=176,12258,0,0,10"]) {
			assert.equal(ask(modem, line), cme(10), line);
		}
		assert.equal(ask(modem, "AT+CSIM=?"), OK);
	});
	test("failure and the wrong card", () => {
		assert.equal(ask(open({ simCme: 13 }, {}), OPEN), cme(13));
		assert.equal(ask(open({ simCme: 15 }, {}), "AT+CPIN?"), cme(15));
	});
	test("busy for the first commands, or for a time", () => {
		const counted = open({ simBusyCommands: 2 }, {});
		assert.equal(ask(counted, "AT+CPIN?"), cme(14));
		assert.equal(ask(counted, OPEN), cme(14));
		assert.equal(ask(counted, OPEN), info('+CSIM: 6,"019000"'));
		const timed = open({ simBusyMs: 500 }, {});
		assert.equal(ask(timed, OPEN, 499), cme(14));
		assert.equal(ask(timed, OPEN, 500), info('+CSIM: 6,"019000"'));
	});
	test("a PIN is asked for, entered, and refused when it is wrong", () => {
		const modem = open({}, { cardPin: pin });
		assert.equal(ask(modem, "AT+CPIN?"), info("+CPIN: SIM PIN"));
		assert.equal(ask(modem, OPEN), cme(11));
		assert.equal(ask(modem, 'AT+CPIN="9999"'), cme(16));
		assert.equal(ask(modem, 'AT+CPIN="12"'), cme(50));
		assert.equal(ask(modem, 'AT+CPIN="1234"'), OK);
		assert.equal(ask(modem, "AT+CPIN?"), info("+CPIN: READY"));
		assert.equal(ask(modem, OPEN), info('+CSIM: 6,"019000"'));
		assert.equal(ask(modem, "AT+CPIN=1234"), cme(3));
		assert.equal(modem.card?.pinTriesUsed, 1);
	});
	test("three wrong ones lead to the PUK", () => {
		const modem = open({}, { cardPin: pin });
		assert.equal(ask(modem, 'AT+CPIN="9999"'), cme(16));
		assert.equal(ask(modem, 'AT+CPIN="9999"'), cme(16));
		assert.equal(ask(modem, 'AT+CPIN="9999"'), cme(12));
		assert.equal(ask(modem, "AT+CPIN?"), info("+CPIN: SIM PUK"));
		assert.equal(ask(modem, OPEN), cme(12));
	});
	test("some modems let +CSIM through before the PIN", () => {
		assert.equal(ask(open({ simBeforePin: true }, { cardPin: pin }), OPEN), info('+CSIM: 6,"019000"'));
	});
	test("the card has no power at minimum function where it is so", () => {
		const modem = open({ simNeedsFullFunction: true, cfun: 0, simOffCme: 13 }, {});
		assert.equal(ask(modem, "AT+CFUN?"), info("+CFUN: 0"));
		assert.equal(ask(modem, OPEN), cme(13));
		assert.equal(ask(modem, "AT+CFUN=1"), OK);
		assert.equal(ask(modem, OPEN), info('+CSIM: 6,"019000"'));
		assert.equal(ask(modem, "AT+CFUN=4"), OK);
		assert.equal(modem.card?.channelsOpen, 0);
	});
	test("a card is taken out and another put in", () => {
		const modem = open({ simLines: true }, {});
		assert.equal(ask(modem, "AT+CCID"), info("+CCID: 8988211000000000017"));
		modem.setCard(null, 10);
		assert.equal(hear(modem, 10), "\r\n+CPIN: NOT READY\r\n");
		assert.equal(ask(modem, "AT+CCID", 10), cme(10));
		modem.setCard(new VirtualCard(bootstrapCard({ iccid: "8988211000000000025" })), 20);
		assert.equal(hear(modem, 20), "\r\n+CPIN: READY\r\n");
		assert.equal(ask(modem, "AT+ICCID?", 20), info("+ICCID: 8988211000000000025"));
	});
	test("+CSIMSLEEP=0 comes first where it is needed", () => {
		const modem = open({ csimSleep: true }, {});
		assert.equal(ask(modem, OPEN), cme(3));
		assert.equal(ask(modem, "AT+CSIMSLEEP=0"), OK);
		assert.equal(ask(modem, OPEN), info('+CSIM: 6,"019000"'));
		assert.equal(ask(modem, "AT+CSIMSLEEP=1"), OK);
		assert.equal(ask(modem, OPEN), cme(3));
	});
});

describe("+CSIM (27.007 clause 8.17)", () => {
	const modemOf = (options: ModemOptions): VirtualModem => modemWith({ echo: false, cmee: 1, ...options });
	test("carries the card's answer, status words of errors included", () => {
		const modem = modemOf({});
		assert.equal(ask(modem, OPEN), info('+CSIM: 6,"019000"'));
		assert.equal(ask(modem, 'AT+CSIM=14,"02A4000C023F00"'), info('+CSIM: 4,"6881"'));
	});
	test("the length must be that of the digits", () => {
		const modem = modemOf({});
		for (const line of [
			'AT+CSIM=8,"0070000001"',
			'AT+CSIM=12,"0070000001"',
			'AT+CSIM=9,"007000000"',
			'AT+CSIM=10,"00700000G1"',
			'AT+CSIM=6,"007000"',
			'AT+CSIM=ten,"0070000001"',
			'AT+CSIM=,"0070000001"',
			'AT+CSIM="0070000001"',
			"AT+CSIM=10",
			'AT+CSIM=10,"0070000001",1',
			'AT+CSIM=10,"0070000001',
		]) {
			assert.equal(ask(modem, line), cme(50), line);
		}
		assert.equal(modem.card?.commands, 0);
		assert.equal(ask(modem, "AT+CSIM"), ERROR);
	});
	test("quotes, case, fewest digits and Le after data are the modem's choice", () => {
		const csim = (options: ModemOptions, command: string): string => ask(modemOf(options), `AT+CSIM=${command}`);
		const good = info('+CSIM: 6,"019000"');
		assert.equal(csim({}, "10,0070000001"), good);
		assert.equal(csim({ commandQuotes: "required" }, "10,0070000001"), cme(50));
		assert.equal(csim({ commandQuotes: "required" }, '10,"0070000001"'), good);
		assert.equal(csim({ commandQuotes: "refused" }, '10,"0070000001"'), cme(50));
		assert.equal(csim({}, '10,"a0f2000016"'), info('+CSIM: 4,"6E00"'));
		assert.equal(csim({ upperCaseOnly: true }, '10,"a0f2000016"'), cme(50));
		assert.equal(csim({}, '8,"00708001"'), info('+CSIM: 4,"6200"'));
		assert.equal(csim({ minDigits: 10 }, '8,"00708001"'), cme(50));
		assert.equal(csim({ refusesLeAfterData: true, parameterCme: 3 }, '16,"00A40004023F0000"'), cme(3));
		assert.equal(csim({ refusesLeAfterData: true }, '14,"00A4000C023F00"'), info('+CSIM: 4,"9000"'));
	});
	test("the answer is written in many ways", () => {
		const answer = (options: ModemOptions): string => ask(modemOf(options), 'AT+CSIM=14,"00A4000C021234"');
		assert.equal(answer({ answerSpace: false }), info('+CSIM:4,"6A82"'));
		assert.equal(answer({ answerQuotes: false }), info("+CSIM: 4,6A82"));
		assert.equal(answer({ answerLowerCase: true }), info('+CSIM: 4,"6a82"'));
		assert.equal(answer({ answerOnNextLine: true }), info('+CSIM:\r\n4,"6A82"'));
	});
	test("instructions, channels and the whole command may be refused", () => {
		assert.equal(ask(modemOf({ refusedInstructions: [0x70] }), OPEN), cme(3));
		assert.equal(ask(modemOf({ refusedInstructions: [0xc0], refusedCme: 4 }), 'AT+CSIM=10,"00C0000018"'), cme(4));
		assert.equal(ask(modemOf({ basicChannelOnly: true }), 'AT+CSIM=10,"01B0000000"'), cme(3));
		assert.equal(ask(modemOf({ csim: false }), OPEN), cme(4));
		assert.equal(ask(modemOf({ csimTest: "(10-512)" }), "AT+CSIM=?"), info("+CSIM: (10-512)"));
	});
	test("a modem may fetch the answer itself", () => {
		const modem = modemOf({ fetchesItself: true });
		ask(modem, OPEN);
		ask(modem, `AT+CSIM=34,"01A4040C0C${AID}"`);
		const fcp = "62168202412183025031" + "8A01058B036F0602800200208800";
		assert.equal(ask(modem, 'AT+CSIM=14,"01A40004025031"'), info(`+CSIM: 52,"${fcp}9000"`));
		assert.equal(ask(modem, 'AT+CSIM=10,"01B0001C00"'), info('+CSIM: 12,"FFFFFFFF9000"'));
	});
	test("the modem may use channel 0 itself", () => {
		const modem = modemOf({ disturbsBasicChannel: true });
		assert.equal(ask(modem, 'AT+CSIM=14,"00A4000C022FE2"'), info('+CSIM: 4,"9000"'));
		assert.equal(ask(modem, 'AT+CSIM=10,"00B000000A"'), info('+CSIM: 4,"6986"'));
	});
});

describe("+CCHO, +CGLA and +CCHC (27.007 clauses 8.43 to 8.46)", () => {
	test("a session is a channel with the application selected; the modem puts the channel into CLA", () => {
		const modem = modemWith({ echo: false, cmee: 1, ccho: true }, { channels: [2, 4] });
		assert.equal(ask(modem, `AT+CCHO="${AID}"`), info("+CCHO: 2"));
		assert.equal(ask(modem, `AT+CCHO="${AID}"`), info("+CCHO: 4"));
		assert.equal(ask(modem, 'AT+CGLA=2,14,"00A4000C026432"'), info('+CGLA: 4,"9000"'));
		assert.equal(ask(modem, 'AT+CGLA=4,14,"00A4000C026430"'), info('+CGLA: 4,"9000"'));
		assert.equal(ask(modem, 'AT+CGLA=2,10,"00B0000004"'), info('+CGLA: 12,"0002007A9000"'));
		assert.equal(ask(modem, 'AT+CGLA=4,10,"00B0000002"'), info('+CGLA: 8,"A1259000"'));
		assert.equal(ask(modem, "AT+CCHC=2"), OK);
		assert.equal(ask(modem, 'AT+CGLA=2,10,"00B0000004"'), cme(50));
		assert.equal(modem.card?.channelsOpen, 1);
	});
	test("an identifier is opaque text, with or without a name before it", () => {
		const modem = modemWith({ echo: false, cmee: 1, ccho: true, sessionForm: "handle", sessionBare: true });
		assert.equal(ask(modem, `AT+CCHO="${AID}"`), info("00000000038aa321"));
		assert.equal(ask(modem, 'AT+CGLA=00000000038aa321,14,"00A4000C026432"'), info('+CGLA: 4,"9000"'));
		assert.equal(ask(modem, "AT+CCHC=1"), cme(50));
		assert.equal(ask(modem, 'AT+CCHC="00000000038aa321"'), OK);
	});
	test("an unknown application leaves no channel open, a full card says so", () => {
		const modem = modemWith({ echo: false, cmee: 1, ccho: true }, { channels: [1] });
		assert.equal(ask(modem, 'AT+CCHO="A0000000990000"'), cme(22));
		assert.equal(modem.card?.channelsOpen, 0);
		assert.equal(ask(modem, `AT+CCHO="${AID}"`), info("+CCHO: 1"));
		assert.equal(ask(modem, `AT+CCHO="${AID}"`), cme(20));
		assert.equal(ask(modem, `AT+CCHO=${AID}`), cme(50));
	});
	test("channels and other applications are not for the host", () => {
		const modem = modemWith({ echo: false, cmee: 1, ccho: true });
		ask(modem, `AT+CCHO="${AID}"`);
		assert.equal(ask(modem, 'AT+CGLA=1,10,"0070000001"'), cme(3));
		assert.equal(ask(modem, `AT+CGLA=1,34,"00A4040C0C${AID}"`), cme(3));
	});
	test("they may be missing, altogether or +CCHC alone", () => {
		assert.equal(ask(modemWith({ echo: false, cmee: 1 }), `AT+CCHO="${AID}"`), cme(4));
		assert.equal(ask(modemWith({ echo: false, cmee: 1, ccho: true, cchcMissing: true }), "AT+CCHC=1"), cme(4));
	});
	test("a card that refuses P2 = 0C is asked for its FCP", () => {
		const modem = modemWith({ echo: false, ccho: true }, { manners: { refusesNoData: true } });
		assert.equal(ask(modem, `AT+CCHO="${AID}"`), info("+CCHO: 1"));
	});
});

describe("+CRSM (27.007 clause 8.18)", () => {
	const modemOf = (options: ModemOptions, card: BootstrapCardOptions = {}): VirtualModem =>
		modemWith({ echo: false, cmee: 1, crsm: true, ...options }, card);
	const FCP = "621682024121830250318A01058B036F0602800200208800";
	test("reads a file by its path, with numbers in decimal", () => {
		const modem = modemOf({});
		assert.equal(ask(modem, 'AT+CRSM=192,20529,0,0,0,,"7F50"'), info(`+CRSM: 144,0,"${FCP}"`));
		assert.equal(ask(modem, 'AT+CRSM=176,25650,0,0,4,,"7F50"'), info('+CRSM: 144,0,"0002007A"'));
		assert.equal(ask(modem, 'AT+CRSM=176,25650,0,124,2,,"7F50"'), info('+CRSM: 144,0,"0755"'));
	});
	test("files under the MF and of the USIM need no path", () => {
		const modem = modemOf({});
		assert.equal(ask(modem, "AT+CRSM=176,12258,0,0,10"), info('+CRSM: 144,0,"988812010000000010F7"'));
		assert.equal(ask(modem, "AT+CRSM=176,28589,0,0,4"), info('+CRSM: 144,0,"00000002"'));
		assert.equal(modem.card?.basicSelects, 0);
	});
	test("errors of the card are two decimals", () => {
		const modem = modemOf({});
		assert.equal(ask(modem, 'AT+CRSM=192,4660,0,0,0,,"7F50"'), info("+CRSM: 106,130"));
		assert.equal(ask(modem, 'AT+CRSM=176,25650,0,0,0,,"7F50"'), info("+CRSM: 108,128"));
		assert.equal(ask(modem, 'AT+CRSM=176,25650,0,0,4,,"3F007F50"'), info("+CRSM: 106,130"));
		const read = 'AT+CRSM=176,25650,0,0,4,,"7F50"';
		const pin: PinProfile = { reference: 0x11, value: "1234", enabled: true };
		assert.equal(ask(modemOf({ crsmEmptyQuotes: true }, { pin: pin }), read), info('+CRSM: 105,130,""'));
	});
	test("records, other forms and wrong parameters", () => {
		const modem = modemOf({ crsmQuotes: false, crsmPathFromMf: true, crsmWrongLength6700: true });
		assert.match(ask(modem, "AT+CRSM=178,12032,1,4,38"), /^\r\n\+CRSM: 144,0,61194F10A0/);
		assert.equal(ask(modem, 'AT+CRSM=176,25650,0,0,4,,"3F007F50"'), info("+CRSM: 144,0,0002007A"));
		assert.equal(ask(modem, 'AT+CRSM=176,25650,0,0,0,,"7F50"'), info("+CRSM: 103,0"));
		assert.equal(ask(modem, "AT+CRSM=176,70000,0,0,4"), cme(50));
		assert.equal(ask(modem, "AT+CRSM=177,12258,0,0,4"), cme(50));
		assert.equal(ask(modem, "AT+CRSM=176,12258,0,0,256"), cme(50));
		assert.equal(ask(modemWith({ echo: false, cmee: 1 }), "AT+CRSM=176,12258,0,0,4"), cme(4));
	});
	test("an application that is no directory under the MF is out of reach", () => {
		const modem = modemOf({}, { placement: "adf" });
		assert.equal(ask(modem, 'AT+CRSM=192,20529,0,0,0,,"7F50"'), info("+CRSM: 106,130"));
	});
});

describe("time", () => {
	test("output is paced at ten bits per byte, and nextAt says when", () => {
		const modem = modemWith({ echo: false, baud: 9600 });
		say(modem, "AT\r", 0);
		assert.equal(hear(modem, 3), "");
		let now = 3;
		let text = "";
		while (text.length < 6) {
			now = modem.nextAt(now);
			assert.notEqual(now, -1);
			text += hear(modem, now);
		}
		assert.equal(text, OK);
		// 3 bytes there and 6 back at 1.04167 ms each; the answer starts at the whole millisecond 3.
		assert.equal(now, 9);
		assert.equal(modem.nextAt(now), -1);
	});
	test("long outputs keep to the speed: 11520 bytes at 115200 baud take a second", () => {
		const modem = modemWith({ echo: true, baud: 115200, maxLineChars: 20000 });
		const body = "A".repeat(11520);
		say(modem, `AT${body}`, 0);
		let now = 0;
		let count = 0;
		for (;;) {
			const next = modem.nextAt(now);
			if (next === -1) break;
			now = next;
			count += hear(modem, now).length;
		}
		assert.equal(count, 11522);
		assert.ok(now >= 1000 && now <= 1002, `${now}`);
	});
	test("a card command takes its time, and what comes meanwhile waits or is lost", () => {
		const waiting = modemWith({ echo: false, latencyMs: 50, commandMs: 5 });
		say(waiting, `${OPEN}\r`, 0);
		say(waiting, "AT\r", 10);
		assert.equal(hear(waiting, 54), "");
		assert.equal(waiting.nextAt(54), 55);
		assert.equal(hear(waiting, 59), info('+CSIM: 6,"019000"'));
		assert.equal(hear(waiting, 60), OK);
		const losing = modemWith({ echo: false, latencyMs: 50, losesInputWhileBusy: true });
		say(losing, `${OPEN}\r`, 0);
		say(losing, "AT\r", 10);
		assert.equal(hear(losing, 100), info('+CSIM: 6,"019000"'));
		assert.equal(losing.nextAt(100), -1);
	});
	test("delivery comes in chunks", () => {
		const modem = modemWith({ echo: false, chunkBytes: 4 });
		say(modem, "AT\r", 0);
		const buffer = new Uint8Array(64);
		assert.equal(modem.read(buffer, 0, 64, 0), 4);
		assert.equal(modem.read(buffer, 0, 64, 0), 2);
		assert.equal(modem.read(buffer, 0, 64, 0), 0);
	});
	test("read touches nothing outside its range", () => {
		const modem = modemWith({ echo: false });
		say(modem, "AT\r", 0);
		const buffer = new Uint8Array(8).fill(0xa5);
		assert.equal(modem.read(buffer, 2, 5, 0), 3);
		assert.deepEqual([...buffer], [0xa5, 0xa5, 13, 10, 79, 0xa5, 0xa5, 0xa5]);
	});
	test("the clock may pass from the largest to the smallest number", () => {
		const modem = modemWith({ echo: false, startMs: 0x7ffffff0, latencyMs: 50 });
		say(modem, `${OPEN}\r`, 0x7ffffff8);
		const due = (0x7ffffff8 + 50) | 0;
		assert.equal(modem.nextAt(0x7ffffff8), due);
		assert.equal(hear(modem, due), info('+CSIM: 6,"019000"'));
	});
});

describe("what goes wrong", () => {
	test("unrelated lines stand before, between and after, or come by themselves", () => {
		const modem = modemWith({
			echo: false,
			unrelated: [
				{ text: "+CREG: 1", command: 0 },
				{ text: "*PSUTTZ: 1", command: 0, place: "between" },
				{ text: "DST: 0", command: -1, place: "after" },
				{ text: "+CMTI: 1", atMs: 100 },
			],
		});
		assert.equal(
			ask(modem, OPEN),
			'\r\n+CREG: 1\r\n\r\n+CSIM: 6,"019000"\r\n\r\n*PSUTTZ: 1\r\n\r\nOK\r\n\r\nDST: 0\r\n',
		);
		assert.equal(ask(modem, "AT"), `${OK}\r\nDST: 0\r\n`);
		assert.equal(modem.nextAt(5), 100);
		assert.equal(hear(modem, 100), "\r\n+CMTI: 1\r\n");
		assert.equal(modem.nextAt(100), -1);
	});
	test("a restart takes echo, channels and the answer, and says so", () => {
		const modem = modemWith({ restartAt: 2, restartMs: 300, restartLines: ["RDY", "+CFUN: 1"] });
		ask(modem, "ATE0");
		ask(modem, OPEN);
		assert.equal(modem.card?.channelsOpen, 1);
		assert.equal(ask(modem, "AT", 10), "");
		assert.equal(modem.card?.channelsOpen, 0);
		assert.equal(ask(modem, "AT", 200), "");
		assert.equal(modem.nextAt(200), 310);
		assert.equal(hear(modem, 310), "\r\nRDY\r\n\r\n+CFUN: 1\r\n");
		assert.equal(ask(modem, "AT", 310), `AT\r${OK}`);
		assert.equal(modem.restarts, 1);
	});
	test("AT+CFUN=1,1 answers first and restarts then", () => {
		const modem = modemWith({ echo: false, restartMs: 300 });
		assert.equal(ask(modem, "AT+CFUN=1,1"), OK);
		assert.equal(hear(modem, 300), "\r\nRDY\r\n");
	});
	test("a modem that boots hears nothing before it is up", () => {
		const modem = modemWith({ bootMs: 4500, bootLines: ["+SYSSTART"] });
		assert.equal(ask(modem, "AT", 100), "");
		assert.equal(modem.nextAt(100), 4500);
		assert.equal(hear(modem, 4500), "\r\n+SYSSTART\r\n");
		assert.equal(ask(modem, "AT", 4500), `AT\r${OK}`);
	});
	test("a modem dies at a command, or never lives", () => {
		const modem = modemWith({ echo: false, diesAt: 1 });
		assert.equal(ask(modem, "AT"), OK);
		assert.equal(ask(modem, "AT"), "");
		assert.equal(ask(modem, "AT"), "");
		assert.equal(modem.nextAt(0), -1);
		const silent = modemWith({ diesAt: 0 });
		assert.equal(ask(silent, "AT"), "");
	});
	test("the command lines are kept when asked for", () => {
		const modem = modemWith({ record: true });
		ask(modem, "ATE0");
		ask(modem, "AT+CFUN?");
		assert.deepEqual(modem.history, ["E0", "+CFUN?"]);
		assert.equal(modem.commands, 2);
	});
});
