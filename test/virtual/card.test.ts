// The virtual card against ETSI TS 102 221 (clauses 7.3, 8, 9.5, 10 and 11), command by command. Digits on the left go
// in, digits on the right come out.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BootstrapCardOptions, BootstrapCardProfile, CardManners, PinProfile } from "../../virtual/index.js";
import { bootstrapCard, fromHex, sampleFile, toHex, VirtualCard } from "../../virtual/index.js";

const AID = "A000000063504B43532D3135";
const SELECT_AID = `01A4040C0C${AID}`;

function cardOf(options: BootstrapCardOptions): VirtualCard {
	return new VirtualCard(bootstrapCard(options));
}

function withManners(manners: CardManners, options: BootstrapCardOptions = {}): VirtualCard {
	return cardOf({ ...options, manners: manners });
}

/** Sends `command` and expects `answer`. */
function expect(card: VirtualCard, command: string, answer: string): void {
	assert.equal(toHex(card.transmit(fromHex(command))), answer.split(" ").join(""), command);
}

/** A card with channel 1 open and the PKCS #15 application selected there. */
function ready(card: VirtualCard): VirtualCard {
	expect(card, "0070000001", "01 9000");
	expect(card, SELECT_AID, "9000");
	return card;
}

const SAMPLE = toHex(sampleFile());

describe("class bytes (10.1.1)", () => {
	test("a class of GSM 11.11 is answered 6E00", () => {
		const card = cardOf({});
		expect(card, "A0F2000016", "6E00");
		expect(card, "A0A40000023F00", "6E00");
	});
	test("classes that no table of the standard holds are answered 6E00", () => {
		for (const cla of ["10", "20", "30", "50", "70", "90", "B0", "D0", "F0", "FF"]) {
			expect(cardOf({}), `${cla}A4000C023F00`, "6E00");
		}
	});
	test("a channel that is not open is answered 6881, whatever its number", () => {
		const card = cardOf({});
		for (const cla of ["01", "02", "03", "40", "4F", "81", "C0", "CF"]) expect(card, `${cla}A4000C023F00`, "6881");
	});
	test("secure messaging is answered 6882", () => {
		const card = cardOf({ channels: [1, 4] });
		expect(card, "0070000001", "01 9000");
		expect(card, "0070000001", "04 9000");
		for (const cla of ["04", "08", "0C", "05", "84", "60", "E0"]) expect(card, `${cla}B0000000`, "6882");
	});
	test("an unknown instruction is answered 6D00", () => {
		const card = cardOf({});
		expect(card, "00B1000000", "6D00");
		expect(card, "80500000080102030405060708", "6D00");
	});
	test("an instruction with the class of the other kind is answered 6E00", () => {
		const card = cardOf({});
		expect(card, "80B0000000", "6E00");
		expect(card, "00F2000C00", "6E00");
		expect(card, "80C0000000", "6E00");
	});
	test("lengths that fit no case are answered 6700", () => {
		const card = cardOf({});
		expect(card, "00A400", "6700");
		expect(card, "00A4000C023F", "6700");
		expect(card, "00A4000C023F000000", "6700");
		expect(card, "00A4000C0002", "6700");
	});
});

describe("logical channels (8.7, 11.1.17)", () => {
	test("the card assigns the numbers of its profile in their order", () => {
		const card = cardOf({ channels: [2, 3, 19] });
		expect(card, "0070000001", "02 9000");
		expect(card, "0070000001", "03 9000");
		expect(card, "0070000001", "13 9000");
		assert.equal(card.channelsOpen, 3);
	});
	test("6A81 when no channel is free", () => {
		const card = cardOf({ channels: [4] });
		expect(card, "0070000001", "04 9000");
		expect(card, "0070000001", "6A81");
		expect(card, "00708004", "9000");
		expect(card, "0070000001", "04 9000");
	});
	test("channels 4 to 19 are spoken to with 4X and CX", () => {
		const card = cardOf({ channels: [4, 19] });
		expect(card, "0070000001", "04 9000");
		expect(card, "0070000001", "13 9000");
		expect(card, `40A4040C0C${AID}`, "9000");
		expect(card, `4FA4040C0C${AID}`, "9000");
		expect(card, "80F2000C00", "9000");
		expect(card, "C0F2000100", "6C0E");
		expect(card, "CFF200010E", `840C${AID} 9000`);
	});
	test("a new channel opened from channel 0 stands at the MF without an application", () => {
		const card = ready(cardOf({}));
		expect(card, "0070000001", "02 9000");
		expect(card, "02A4000C027FFF", "6A82");
		expect(card, "02A4000C022FE2", "9000");
	});
	test("a new channel opened from another takes over its directory and application", () => {
		const card = ready(cardOf({}));
		expect(card, "0170000001", "02 9000");
		expect(card, "02A4000C025031", "9000");
		expect(card, "02A4000C027FFF", "9000");
	});
	test("close takes four bytes or five and the class of channel 0 or of the channel itself", () => {
		for (const close of ["00708001", "0070800100", "01708001", "0170800100"]) {
			const card = ready(cardOf({}));
			expect(card, close, "9000");
			expect(card, "01B0000000", "6881");
			assert.equal(card.channelsOpen, 0);
			assert.equal(card.channelsClosed, 1);
		}
	});
	test("cards may insist on four bytes or on five", () => {
		const four = ready(withManners({ refusesCloseLe: true }));
		expect(four, "0070800100", "6700");
		expect(four, "00708001", "9000");
		const five = ready(withManners({ demandsCloseLe: true }));
		expect(five, "00708001", "6700");
		expect(five, "0070800100", "9000");
	});
	test("channel 0 cannot be closed, a closed one is 6200, a number above 19 is 6A86", () => {
		const card = cardOf({});
		expect(card, "00708000", "6A81");
		expect(card, "00708001", "6200");
		expect(card, "00708014", "6A86");
		expect(card, "00704000", "6A86");
		expect(card, "0070000101", "6A86");
	});
	test("a wrong Le does not open a channel", () => {
		const card = cardOf({});
		expect(card, "0070000000", "6C01");
		expect(card, "00700000", "6C01");
		expect(card, "0070000002", "6C01");
		assert.equal(card.channelsOpen, 0);
		expect(withManners({ acceptsLe00: true }), "0070000000", "01 9000");
		expect(withManners({ transport: "t1" }), "0070000000", "01 9000");
		expect(withManners({ transport: "t1" }), "00700000", "6700");
	});
	test("every channel has a current file of its own", () => {
		const card = ready(cardOf({}));
		expect(card, "0070000001", "02 9000");
		expect(card, "01A4000C026432", "9000");
		expect(card, "02A4000C022FE2", "9000");
		expect(card, "01B0000004", `${SAMPLE.substring(0, 8)} 9000`);
		expect(card, "02B0000002", "9888 9000");
		expect(card, "00B0000004", "6986");
	});
	test("a reset closes all channels", () => {
		const card = ready(cardOf({}));
		card.reset();
		expect(card, "01B0000004", "6881");
		assert.equal(card.channelsOpen, 0);
		assert.equal(card.resets, 1);
	});
	test("SELECT of an application on channel 0 is counted: it takes the modem's away", () => {
		const card = ready(cardOf({}));
		assert.equal(card.basicSelects, 0);
		expect(card, `00A4040C0C${AID}`, "9000");
		assert.equal(card.basicSelects, 1);
	});
});

describe("SELECT (8.4, 11.1.1)", () => {
	test("by AID, whole or truncated on the right, and no other", () => {
		const card = cardOf({});
		expect(card, `00A4040C0C${AID}`, "9000");
		expect(card, "00A4040C05A000000063", "9000");
		expect(card, "00A4040C0DA000000063504B43532D313500", "6A82");
		expect(card, "00A4040C05A000000064", "6A82");
		expect(card, `00A4040C11${AID}0000000000`, "6700");
	});
	test("a truncated AID finds the first, the next, the last and the previous application", () => {
		const card = cardOf({});
		const nameIs = (start: string): void => {
			const length = toHex(card.transmit(fromHex("80F2000100"))).substring(2);
			const answer = toHex(card.transmit(fromHex(`80F20001${length}`)));
			assert.equal(answer.substring(4, 4 + start.length), start);
		};
		expect(card, "00A4040C04A0000000", "9000");
		nameIs("A000000087");
		expect(card, "00A4040E04A0000000", "9000");
		nameIs("A000000063");
		expect(card, "00A4040E04A0000000", "6A82");
		expect(card, "00A4040F04A0000000", "9000");
		nameIs("A000000087");
		expect(card, "00A4040D04A0000000", "9000");
		nameIs("A000000063");
	});
	test("by FID: child, the directory itself, the parent, directories beside it, the MF, 7FFF", () => {
		const card = cardOf({});
		expect(card, "00A4000C027F50", "9000");
		expect(card, "00A4000C025031", "9000");
		expect(card, "00A4000C027F50", "9000");
		expect(card, "00A4000C027F10", "9000");
		expect(card, "00A4000C025031", "6A82");
		expect(card, "00A4000C026F3A", "9000");
		expect(card, "00A4000C023F00", "9000");
		expect(card, "00A4000C022F00", "9000");
		expect(card, "00A4000C027FFF", "6A82");
		expect(card, `00A4040C0C${AID}`, "9000");
		expect(card, "00A4000C023F00", "9000");
		expect(card, "00A4000C026432", "6A82");
		expect(card, "00A4000C027FFF", "9000");
		expect(card, "00A4000C026432", "9000");
	});
	test("a file of another directory is out of reach", () => {
		const card = ready(cardOf({}));
		expect(card, "01A4000C022FE2", "6A82");
		expect(card, "01A4000C026F07", "6A82");
		expect(card, "01A4000C024F20", "6A82");
	});
	test("the same FID names another file in another application", () => {
		const card = cardOf({});
		expect(card, "00A4040C07A0000000871002", "9000");
		expect(card, "00A4000C026432", "9000");
		expect(card, "00B0000008", "0000000000000000 9000");
		expect(card, `00A4040C0C${AID}`, "9000");
		expect(card, "00A4000C026432", "9000");
		expect(card, "00B0000008", `${SAMPLE.substring(0, 16)} 9000`);
	});
	test("a failed SELECT leaves the selection as it was", () => {
		const card = ready(cardOf({}));
		expect(card, "01A4000C026432", "9000");
		expect(card, "01A4000C021234", "6A82");
		expect(card, "01A4040C05A000000099", "6A82");
		expect(card, "01B0000002", "0002 9000");
	});
	test("child directory (P1 = 01) and parent (P1 = 03)", () => {
		const card = cardOf({});
		expect(card, "00A4010C022F00", "6A82");
		expect(card, "00A4010C027F50", "9000");
		expect(card, "00A4030C", "9000");
		expect(card, "00A4000C022F00", "9000");
		expect(card, "00A4030C", "6A82");
		expect(card, "00A4030C027F50", "6700");
	});
	test("by path from the MF: without 3F00, with 7FFF as the first", () => {
		const card = ready(cardOf({}));
		expect(card, "01A4080C047F506432", "9000");
		expect(card, "01A4080C063F007F506432", "6A82");
		expect(card, "01A4080C047FFF6432", "9000");
		expect(card, "01A4080C022F00", "9000");
		expect(card, "01A4080C047FFF2F00", "6A82");
		expect(card, "01A4080C06643264326432", "6A82");
		expect(card, "01A4080C0364327F", "6700");
		expect(card, "01A4080C", "6700");
	});
	test("by path from the current directory", () => {
		const card = ready(cardOf({}));
		expect(card, "01A4090C026432", "9000");
		expect(card, "01A4000C023F00", "9000");
		expect(card, "01A4090C047F506432", "9000");
		expect(card, "01A4090C022F00", "6A82");
	});
	test("wrong P1 and P2 are 6A86", () => {
		const card = cardOf({});
		expect(card, "00A4020C023F00", "6A86");
		expect(card, "00A4FF0C023F00", "6A86");
		for (const p2 of ["00", "01", "08", "10", "2C", "8C", "0D", "4C"]) expect(card, `00A400${p2}023F00`, "6A86");
	});
	test("a FID of another length is 6700", () => {
		expect(cardOf({}), "00A4000C013F", "6700");
		expect(cardOf({}), "00A4000C033F0000", "6700");
		expect(cardOf({}), "00A4000C", "6700");
		expect(cardOf({}), "00A4000C02", "6700");
	});
	test("session termination makes the application none", () => {
		const card = ready(cardOf({}));
		expect(card, `01A4044C07A0000000871002`, "6985");
		expect(card, `01A4044C0C${AID}`, "9000");
		expect(card, "01A4000C027FFF", "6A82");
	});
	test("manners: no P2 = 0C, no P2 = 04, no 7FFF, no P1 = 09, no P1 = 08", () => {
		expect(withManners({ refusesNoData: true }), "00A4000C023F00", "6A86");
		expect(withManners({ refusesFcp: true }), "00A40004023F00", "6A86");
		const alias = ready(withManners({ refusesAlias: true }));
		expect(alias, "01A4080C047FFF6432", "6A82");
		expect(alias, "01A4000C027FFF", "6A82");
		expect(alias, "01A4000C026432", "9000");
		expect(ready(withManners({ refusesPathFromDf: true })), "01A4090C026432", "6A86");
		expect(ready(withManners({ refusesPathFromMf: true })), "01A4080C047FFF6432", "6A86");
	});
	test("a deactivated file is selected with 6283 and read with 6984", () => {
		const card = ready(cardOf({ deactivated: true }));
		expect(card, "01A4000C026432", "6283");
		expect(card, "01B0000002", "6984");
	});
});

describe("FCP (11.1.1.3)", () => {
	test("that of EF(ODF) is byte for byte that of a real card", () => {
		const card = ready(cardOf({}));
		expect(card, "01A40004025031", "6118");
		expect(card, "01C0000018", "62168202412183025031 8A01058B036F060280020020 8800 9000");
	});
	test("that of the PKCS #15 application is byte for byte that of a real card", () => {
		const card = cardOf({});
		expect(card, "0070000001", "01 9000");
		expect(card, `01A404040C${AID}`, "6127");
		expect(card, "01C0000027", `622582027821840C${AID}8A01058B032F060CC609900140830101 83010A 9000`);
	});
	test("T=1 gives it at once, and nothing without Le", () => {
		const card = ready(withManners({ transport: "t1" }));
		expect(card, "01A4000402503100", "62168202412183025031 8A01058B036F060280020020 8800 9000");
		expect(card, "01A40004025031", "9000");
	});
	test("a linear fixed file tells length and number of its records and its SFI", () => {
		const card = withManners({ transport: "t1" });
		expect(card, "00A40004022F0000", "621A8205422100260283022F008A01058B036F0602 8002004C 8801F0 9000");
	});
	test("the PIN status says which PINs are enabled", () => {
		const pin: PinProfile = { reference: 0x81, value: "5678", enabled: true };
		const card = withManners({ transport: "t1" }, { pin: pin });
		const fcp = toHex(card.transmit(fromHex(`00A404040C${AID}00`)));
		assert.ok(fcp.indexOf("C60C 9001 60 830101 83010A 830181".split(" ").join("")) > 0, fcp);
	});
	test("security attributes come in three forms", () => {
		const pin: PinProfile = { reference: 0x01, value: "1234", enabled: true };
		const fcpOf = (security: "referenced" | "compact" | "expanded"): string => {
			const card = ready(withManners({ transport: "t1" }, { pin: pin, security: security }));
			return toHex(card.transmit(fromHex("01A4000402643200")));
		};
		assert.ok(fcpOf("referenced").indexOf("8B036F0601") > 0);
		assert.ok(fcpOf("compact").indexOf("8C020111") > 0);
		assert.ok(fcpOf("expanded").indexOf("AB16800101A406830101950108800102A40683010A950108") > 0);
	});
	test("on T=0 a warning goes first and GET RESPONSE still gets the FCP", () => {
		const card = ready(cardOf({ deactivated: true }));
		expect(card, "01A40004026432", "6283");
		expect(card, "01C0000000", "6C18");
		assert.equal(toHex(card.transmit(fromHex("01C0000018"))).substring(0, 4), "6216");
	});
});

describe("GET RESPONSE (7.3.1.1.4)", () => {
	test("comes directly after 61xx on the same channel", () => {
		const card = ready(cardOf({}));
		expect(card, "01C0000018", "6985");
		expect(card, "01A40004025031", "6118");
		expect(card, "00C0000018", "6985");
		expect(card, "01C0000018", "6985");
		expect(card, "01A40004025031", "6118");
		expect(card, "80F2000C00", "9000");
		expect(card, "01C0000018", "6985");
		expect(ready(withManners({ getResponseSw: 0x6f00 })), "01C0000018", "6F00");
	});
	test("a longer Le is 6Cxx and may be repeated, a shorter one leaves a rest", () => {
		const card = ready(cardOf({}));
		expect(card, "01A40004025031", "6118");
		expect(card, "01C0000000", "6C18");
		expect(card, "01C0000019", "6C18");
		expect(card, "01C0000010", "62168202412183025031 8A01058B036F 6108");
		expect(card, "01C0000008", "060280020020 8800 9000");
		expect(card, "01C0000008", "6985");
	});
	test("Le = 00 is what there is on a card that accepts it", () => {
		const card = ready(withManners({ acceptsLe00: true }));
		expect(card, "01A40004025031", "6118");
		assert.equal(card.transmit(fromHex("01C0000000")).length, 26);
	});
	test("parameters are 00 00", () => {
		const card = ready(cardOf({}));
		expect(card, "01A40004025031", "6118");
		expect(card, "01C0010018", "6A86");
	});
});

describe("READ BINARY (11.1.3)", () => {
	test("without a current EF 6986, on a linear fixed one 6981", () => {
		const card = ready(cardOf({}));
		expect(card, "01B0000004", "6986");
		expect(card, "00A4000C022F00", "9000");
		expect(card, "00B0000004", "6981");
	});
	test("T=0: a longer Le, 00 included, is 6Cxx with what there is", () => {
		const card = ready(cardOf({}));
		expect(card, "01A4000C026432", "9000");
		expect(card, "01B0000000", "6C80");
		expect(card, "01B00000", "6C80");
		expect(card, "01B0000081", "6C80");
		expect(card, "01B0000080", `${SAMPLE}FFFF 9000`);
		expect(card, "01B0007E02", "FFFF 9000");
		expect(card, "01B0007E00", "6C02");
	});
	test("T=0: with 256 bytes or more left, Le = 00 reads 256", () => {
		const card = ready(cardOf({ fileSize: 300 }));
		expect(card, "01A4000C026432", "9000");
		assert.equal(card.transmit(fromHex("01B0000000")).length, 258);
		expect(card, "01B0010000", "6C2C");
	});
	test("T=0 with a card that takes Le = 00 as what there is", () => {
		const card = ready(withManners({ acceptsLe00: true }));
		expect(card, "01A4000C026432", "9000");
		expect(card, "01B0000000", `${SAMPLE}FFFF 9000`);
		expect(card, "01B00000FF", "6C80");
	});
	test("T=1: a longer Le gives what there is with 6282, 00 with 9000", () => {
		const card = ready(withManners({ transport: "t1" }));
		expect(card, "01A4000C026432", "9000");
		expect(card, "01B0000000", `${SAMPLE}FFFF 9000`);
		expect(card, "01B00000FF", `${SAMPLE}FFFF 6282`);
		expect(card, "01B0007C10", "07 55 FFFF 6282");
		expect(card, "01B00000", "6700");
		const other = ready(withManners({ transport: "t1", shortReadSw: 0x9000 }));
		expect(other, "01A4000C026432", "9000");
		expect(other, "01B0007C10", "07 55 FFFF 9000");
	});
	test("an offset at or behind the end is 6B00", () => {
		const card = ready(cardOf({}));
		expect(card, "01A4000C026432", "9000");
		expect(card, "01B0008001", "6B00");
		expect(card, "01B07FFF01", "6B00");
	});
	test("offsets have 15 bits: a file of 32 KB is read to its last byte", () => {
		const card = ready(cardOf({ fileSize: 32768, padding: 0xee }));
		expect(card, "01A4000C026432", "9000");
		expect(card, "01B07FFF01", "EE 9000");
		expect(card, "01B07FFF00", "6C01");
	});
	test("data in the command are 6700", () => {
		const card = ready(cardOf({}));
		expect(card, "01A4000C026432", "9000");
		expect(card, "01B0000004AABBCCDD", "6700");
	});
	test("by SFI the file becomes current; an unknown SFI is 6A82, a malformed P1 6A86", () => {
		const card = ready(cardOf({ fileSfi: 9 }));
		expect(card, "01B0890002", "0002 9000");
		expect(card, "01B0000402", "0000 9000");
		expect(card, "01B08A0002", "6A82");
		expect(card, "01B0C90002", "6A86");
		expect(card, "01B0800002", "6A86");
		expect(card, "01B09E0002", "6A82");
		expect(card, "00B09E0002", "6981");
	});
	test("manners: data by 61xx, a largest answer, 6C00, nothing at all", () => {
		const waiting = ready(withManners({ readAnswers61: true }));
		expect(waiting, "01A4000C026432", "9000");
		expect(waiting, "01B0000004", "6104");
		expect(waiting, "01C0000004", "0002007A 9000");
		const small = ready(withManners({ maxAnswerBytes: 3 }));
		expect(small, "01A4000C026432", "9000");
		expect(small, "01B0000000", "000200 9000");
		expect(small, "01B0000002", "0002 9000");
		const nasty = ready(withManners({ wrongLe00Times: 1, emptyReadTimes: 1 }));
		expect(nasty, "01A4000C026432", "9000");
		expect(nasty, "01B0000004", "6C00");
		expect(nasty, "01B0000004", "9000");
		expect(nasty, "01B0000004", "0002007A 9000");
	});
	test("a file that changes between two reads is read as it is", () => {
		const profile: BootstrapCardProfile = bootstrapCard({});
		const card = ready(new VirtualCard(profile));
		expect(card, "01A4000C026432", "9000");
		expect(card, "01B0000004", "0002007A 9000");
		const data = profile.bootstrapFile?.data as Uint8Array;
		data[3] = 0x11;
		expect(card, "01B0000004", "00020011 9000");
	});
});

describe("READ RECORD (11.1.5)", () => {
	test("EF(DIR) by its SFI, record by record, to 6A83", () => {
		const card = withManners({ acceptsLe00: true });
		const first = toHex(card.transmit(fromHex("00B201F400")));
		assert.equal(first.substring(0, 42), "61194F10A0000000871002FFFFFFFF890709000050");
		assert.equal(first.length, 2 * 0x26 + 4);
		const second = toHex(card.transmit(fromHex("00B202F426")));
		assert.equal(second.substring(0, 62), `611D4F0C${AID}5007504B43532D313551043F007F50`);
		expect(card, "00B203F400", "6A83");
	});
	test("Le must be the length of the record", () => {
		const card = cardOf({});
		expect(card, "00B201F400", "6C26");
		expect(card, "00B201F410", "6C26");
		expect(card, "00B201F4FF", "6C26");
		const t1 = withManners({ transport: "t1" });
		assert.equal(t1.transmit(fromHex("00B201F400")).length, 0x26 + 2);
		expect(t1, "00B201F410", "6C26");
	});
	test("a transparent file is 6981, no current file 6986, an unknown SFI 6A82", () => {
		const card = cardOf({});
		expect(card, "00B2010426", "6986");
		expect(card, "00B2011426", "6981");
		expect(card, "00B2015C26", "6A82");
	});
	test("the current file is read with mode 4, next and previous with 2 and 3, other modes are 6A86", () => {
		const card = cardOf({});
		expect(card, "00A4000C022F00", "9000");
		assert.equal(card.transmit(fromHex("00B2020426"))[3], 0x0c);
		assert.equal(card.transmit(fromHex("00B2000226"))[3], 0x10);
		assert.equal(card.transmit(fromHex("00B2000226"))[3], 0x0c);
		expect(card, "00B2000226", "6A83");
		assert.equal(card.transmit(fromHex("00B2000326"))[3], 0x10);
		expect(card, "00B2010526", "6A86");
		expect(card, "00B2010226", "6A86");
	});
	test("on channel 1 inside the application the SFI of EF(DIR) is not known", () => {
		expect(ready(cardOf({})), "01B201F426", "6A82");
	});
});

describe("STATUS (11.1.2)", () => {
	test("gives the FCP, the name of the application, or nothing", () => {
		const card = ready(cardOf({}));
		expect(card, "81F2000C00", "9000");
		expect(card, "81F2000000", "6C27");
		assert.equal(card.transmit(fromHex("81F2000027")).length, 0x29);
		expect(card, "81F200010E", `840C${AID} 9000`);
		expect(card, "80F200010E", "6985");
		expect(card, "81F2000200", "6A86");
		expect(card, "81F2030C00", "6A86");
	});
});

describe("VERIFY PIN (9.5, 11.1.9) and access", () => {
	const PIN_1234 = "31323334FFFFFFFF";
	const PIN_9999 = "39393939FFFFFFFF";
	const protectedBy = (reference: number, enabled: boolean, tries?: number): BootstrapCardOptions => {
		const pin: PinProfile = { reference: reference, value: "1234", enabled: enabled };
		if (tries !== undefined) pin.tries = tries;
		return { pin: pin };
	};
	test("a protected file is selected, but read only after VERIFY", () => {
		for (const reference of [0x01, 0x08, 0x11, 0x81, 0x88]) {
			const p2 = toHex(new Uint8Array([reference]));
			const card = ready(cardOf(protectedBy(reference, true)));
			expect(card, "01A4000C026432", "9000");
			expect(card, "01B0000002", "6982");
			expect(card, `012000${p2}08${PIN_1234}`, "9000");
			expect(card, "01B0000002", "0002 9000");
			assert.equal(card.pinTriesUsed, 0);
		}
	});
	test("a disabled PIN protects nothing", () => {
		const card = ready(cardOf(protectedBy(0x01, false)));
		expect(card, "01A4000C026432", "9000");
		expect(card, "01B0000002", "0002 9000");
		expect(card, `0120000108${PIN_1234}`, "6984");
	});
	test("an empty VERIFY asks for the tries and uses none", () => {
		const card = ready(cardOf(protectedBy(0x01, true)));
		expect(card, "01200001", "63C3");
		expect(card, "0120000100", "63C3");
		expect(card, `0120000108${PIN_9999}`, "63C2");
		expect(card, "0120000100", "63C2");
		assert.equal(card.pinTriesUsed, 1);
		expect(card, `0120000108${PIN_1234}`, "9000");
		expect(card, "0120000100", "9000");
		expect(ready(cardOf(protectedBy(0x01, false))), "0120000100", "6984");
		expect(ready(cardOf(protectedBy(0x01, true, 0))), "0120000100", "6983");
	});
	test("three wrong values block the PIN, and the right one does not help any more", () => {
		const card = ready(cardOf(protectedBy(0x01, true)));
		expect(card, `0120000108${PIN_9999}`, "63C2");
		expect(card, `0120000108${PIN_9999}`, "63C1");
		expect(card, `0120000108${PIN_9999}`, "63C0");
		expect(card, `0120000108${PIN_1234}`, "6983");
		assert.equal(card.pinTriesUsed, 3);
		assert.equal(card.pinTries(0x01), 0);
	});
	test("a right value gives the tries back, a wrong one takes the verification away", () => {
		const card = ready(cardOf(protectedBy(0x01, true)));
		expect(card, `0120000108${PIN_9999}`, "63C2");
		expect(card, `0120000108${PIN_1234}`, "9000");
		expect(card, "01A4000C026432", "9000");
		expect(card, `0120000108${PIN_9999}`, "63C2");
		expect(card, "01B0000002", "6982");
	});
	test("unknown references are 6A88, other lengths 6700, P1 6A86", () => {
		const card = ready(cardOf({}));
		expect(card, "0120000200", "6A88");
		expect(card, "0120008100", "6A88");
		expect(card, "012000010431323334", "6700");
		expect(card, "0120000108", "6700");
		expect(card, "0120010100", "6A86");
	});
	test("a local PIN is known in its application only", () => {
		const card = cardOf(protectedBy(0x81, true));
		expect(card, "0020008100", "6A88");
		expect(card, `00A4040C0C${AID}`, "9000");
		expect(card, "0020008100", "63C3");
	});
	test("a file for the administrator is closed, and a reset forgets a verification", () => {
		const card = ready(cardOf(protectedBy(0x0a, true)));
		expect(card, "01A4000C026432", "9000");
		expect(card, "01B0000002", "6982");
		const again = ready(cardOf(protectedBy(0x01, true)));
		expect(again, `0120000108${PIN_1234}`, "9000");
		again.reset();
		ready(again);
		expect(again, "01A4000C026432", "9000");
		expect(again, "01B0000002", "6982");
	});
	test("nobody may update", () => {
		const card = ready(cardOf({}));
		expect(card, "01D600000100", "6986");
		expect(card, "01A4000C026432", "9000");
		expect(card, "01D600000100", "6982");
	});
});

describe("toolkit and faults", () => {
	test("91xx stands for 9000 as often as the profile says", () => {
		const card = withManners({ proactiveTimes: 2, proactiveLength: 0x20 });
		expect(card, "0070000001", "01 9120");
		expect(card, SELECT_AID, "9120");
		expect(card, "01A4000C026432", "9000");
		assert.equal(card.fetches, 0);
		expect(card, "8012000020", `D01E${"00".repeat(30)} 9000`);
		assert.equal(card.fetches, 1);
	});
	test("9300 leaves the command undone", () => {
		const card = withManners({ busyTimes: 2 });
		expect(card, "0070000001", "9300");
		expect(card, "0070000001", "9300");
		expect(card, "0070000001", "01 9000");
		assert.equal(card.channelsOpened, 1);
	});
	test("a fault of the profile or of onCommand replaces the n-th answer and its command", () => {
		const card = cardOf({ faults: [{ index: 1, answer: fromHex("6F00") }] });
		card.onCommand = (index) => (index === 2 ? fromHex("6581") : null);
		expect(card, "0070000001", "01 9000");
		expect(card, "0070000001", "6F00");
		expect(card, "0070000001", "6581");
		expect(card, "0070000001", "02 9000");
		assert.equal(card.commands, 4);
	});
	test("onAnswer replaces the answer to a command that was carried out", () => {
		const card = cardOf({});
		card.onAnswer = (index) => (index === 0 ? fromHex("6400") : null);
		expect(card, "0070000001", "6400");
		assert.equal(card.channelsOpen, 1);
	});
	test("the commands are kept when asked for", () => {
		const card = cardOf({});
		card.record = true;
		expect(card, "0070000001", "01 9000");
		assert.deepEqual(card.history.map(toHex), ["0070000001"]);
	});
	test("a secure session gets its commands unwrapped and its answers wrapped", () => {
		const card = cardOf({});
		let open = false;
		const ended: number[] = [];
		card.secure = {
			authenticate: (_channel, apdu) => {
				if (apdu[1] === 0x50) return fromHex("0102039000");
				open = true;
				return fromHex("9000");
			},
			isOpen: () => open,
			unwrap: (_channel, apdu) => {
				const plain = apdu.slice(0, 4);
				plain[0] &= 0xf3;
				return new Uint8Array([...plain, 0x00]);
			},
			wrap: (_channel, answer) => new Uint8Array([0xee, ...answer]),
			end: (channel) => {
				open = false;
				ended.push(channel);
			},
		};
		ready(card);
		expect(card, "01A4000C026432", "9000");
		expect(card, "81500000080102030405060708 00", "6103");
		expect(card, "01C0000003", "010203 9000");
		expect(card, "8582330010 00112233445566778899AABBCCDDEEFF", "9000");
		expect(card, "05B0000008 0011223344556677 00", "6181");
		expect(card, "01C0000081", `EE${SAMPLE}FFFF 9000`);
		expect(card, "01B0000002", "6982");
		assert.equal(open, false);
		assert.equal(ended[ended.length - 1], 1);
	});
});
