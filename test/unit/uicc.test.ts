// src/uicc.ts through the whole stack: every status word (TS 102 221, 10.2; ISO 7816-4; and those of old cards), the channels, and the
// ways in which cards differ. Whatever went wrong, the channel is closed.

import assert from "node:assert/strict";
import test from "node:test";
import {
	COMMAND_ERROR,
	FILE_TRUNCATED,
	LINK_CHANNELS,
	type Link,
	NO_PROGRESS,
	OK,
	type Response,
	STEP_APPLICATION,
	STEP_CHANNEL,
	STEP_READ,
	STEP_SELECT,
	WAIT,
} from "../../src/index.js";
import { Uicc } from "../../src/uicc.js";
import type { BootstrapCardOptions, CardManners, ModemOptions } from "../../virtual/index.js";
import {
	bootstrapCard,
	fromHex,
	joinBytes,
	makeFile,
	pkcs15Aid,
	sampleFile,
	textBytes,
	toHex,
	VirtualCard,
} from "../../virtual/index.js";
import { type Bench, type BenchOptions, bench } from "../support.js";
import { answerAt, hex4, nameOf, type Place, sw } from "./tools.js";

const SAMPLE = toHex(sampleFile());
const FOREVER = 1e9;
const TRANSPORTS: CardManners[] = [{ transport: "t0" }, { transport: "t0", acceptsLe00: true }, { transport: "t1" }];

/** Runs what is on the bench; it must not hang, must leave no channel open, and must read right if it reads. */
function result(device: Bench, left = 0): string {
	const { code, hung } = device.read();
	assert.equal(hung, false, "it hangs");
	assert.equal(device.card?.channelsOpen, left, "channels left open");
	if (code === OK) assert.equal(device.fileHex(), SAMPLE);
	return nameOf(code);
}

function reads(card: BootstrapCardOptions, modem: ModemOptions = {}, core: BenchOptions["core"] = {}): Bench {
	const device = bench({ card, modem, core });
	assert.equal(result(device), "OK");
	return device;
}

/** What each status word comes to, answered once and then no more, and answered each time; "-" leaves a place out. */
interface Row {
	word: number;
	open: string;
	application: string;
	select: string;
	read: string;
	/** Answered once only, what SELECT and READ of the file come to: OK when not given, since it is tried again. */
	once?: string;
}

const R = "CARD_REFUSED";
function refused(word: number): Row {
	return { word, open: "NO_CHANNEL", application: R, select: R, read: R };
}
function security(word: number): Row {
	const code = "SECURITY_STATUS";
	return { word, open: code, application: code, select: code, read: code, once: code };
}

const ROWS: Row[] = [
	refused(0x6200),
	refused(0x6281),
	{ word: 0x6283, open: "NO_CHANNEL", application: "FILE_UNUSABLE", select: "FILE_UNUSABLE", read: "FILE_UNUSABLE" },
	{ word: 0x6284, open: "NO_CHANNEL", application: "FILE_UNUSABLE", select: "FILE_UNUSABLE", read: "FILE_UNUSABLE" },
	refused(0x62f1),
	refused(0x62f2),
	refused(0x62f3),
	refused(0x63f1),
	refused(0x63f2),
	refused(0x63c0),
	refused(0x63c2),
	refused(0x6400),
	refused(0x6500),
	refused(0x6581),
	{ word: 0x6881, open: "NO_CHANNEL", application: "CHANNEL_LOST", select: "CHANNEL_LOST", read: "CHANNEL_LOST" },
	refused(0x6882),
	{ word: 0x6981, open: "NO_CHANNEL", application: "FILE_UNUSABLE", select: "FILE_UNUSABLE", read: "FILE_UNUSABLE" },
	security(0x6982),
	refused(0x6983),
	// On a card of the bench, 6984 at READ is a deactivated file.
	{ word: 0x6984, open: "NO_CHANNEL", application: R, select: R, read: R },
	refused(0x6985),
	{ word: 0x6986, open: "NO_CHANNEL", application: "FILE_UNUSABLE", select: "FILE_UNUSABLE", read: "FILE_UNUSABLE" },
	security(0x6989),
	refused(0x6a80),
	{ word: 0x6a82, open: "NO_CHANNEL", application: "-", select: "FILE_MISSING", read: "FILE_MISSING" },
	{
		word: 0x6a83,
		open: "NO_CHANNEL",
		application: "RECORD_NOT_FOUND",
		select: "RECORD_NOT_FOUND",
		read: "RECORD_NOT_FOUND",
	},
	refused(0x6a84),
	refused(0x6a87),
	refused(0x6a88),
	{ word: 0x6b00, open: "NO_CHANNEL", application: "OFFSET_BEYOND_END", select: "OFFSET_BEYOND_END", read: "NO_DATA" },
	refused(0x6d00),
	refused(0x6e00),
	refused(0x6f00),
	refused(0x6fff),
	refused(0x9850),
	refused(0x9862),
	refused(0x9863),
	refused(0x9864),
	refused(0x9400),
	refused(0x9402),
	{ word: 0x9404, open: "NO_CHANNEL", application: "-", select: "FILE_MISSING", read: "FILE_MISSING" },
	refused(0x9408),
];
const STEPS: { [place: string]: number } = {
	open: STEP_CHANNEL,
	application: STEP_APPLICATION,
	select: STEP_SELECT,
	read: STEP_READ,
};

for (const row of ROWS) {
	const name = hex4(row.word);
	for (const place of ["open", "application", "select", "read"] as const) {
		const expected = row[place];
		if (expected === "-") continue;
		test(`${name} to each ${place} is ${expected}, told with its step and status word`, () => {
			for (const manners of TRANSPORTS) {
				const device = bench({ card: { manners, placement: place === "application" ? "adf" : "both" } });
				const counter = answerAt(device, place, sw(row.word), FOREVER);
				assert.equal(result(device), expected);
				assert.ok(counter.seen > 0 && counter.seen < 20, `${counter.seen} tries`);
				assert.equal(device.device.step, expected === "FILE_MISSING" ? STEP_SELECT : STEPS[place]);
				if (expected !== "NO_DATA") assert.equal(device.device.sw, row.word);
			}
		});
	}
	test(`${name} once to select and to read of the file is ${row.once ?? "tried again"}`, () => {
		for (const place of ["select", "read"] as const) {
			const device = bench();
			answerAt(device, place, sw(row.word), 1);
			assert.equal(result(device), row.once ?? "OK", place);
		}
	});
	test(`${name} to close hides nothing`, () => {
		for (const core of [{}, { oid: new Uint8Array([0x2a]) }]) {
			const device = bench({ core });
			answerAt(device, "close", sw(row.word), FOREVER);
			// A card that says the channel is closed is believed, and asked for another one to hear the verdict twice.
			const believed = "oid" in core && (row.word === 0x6200 || row.word === 0x6881);
			assert.equal(result(device, believed ? 2 : 1), "oid" in core ? "NO_OBJECT" : "OK");
			if (row.word !== 0x6200 && row.word !== 0x6881) assert.ok(device.device.closeCode < 0);
			assert.equal(device.device.channel, believed ? 2 : 1, "the number is told");
		}
	});
}

test("without a PIN to verify no PIN is ever tried", () => {
	const device = bench();
	const card = device.card as NonNullable<Bench["card"]>;
	answerAt(device, "read", sw(0x63c1), FOREVER);
	assert.equal(result(device), R);
	assert.equal(card.pinTriesUsed, 0);
});

test("91xx and 92xx are success, at every command, and nobody fetches", () => {
	for (const manners of TRANSPORTS) {
		const device = reads({ manners: { ...manners, proactiveTimes: 100 } });
		assert.equal(device.card?.fetches, 0);
		const other = bench({ card: { manners } });
		const card = other.card as NonNullable<Bench["card"]>;
		card.onAnswer = (_index, _apdu, answer) => {
			if (answer[answer.length - 2] !== 0x90) return null;
			const changed = answer.slice();
			changed[changed.length - 2] = 0x92;
			changed[changed.length - 1] = 0x07;
			return changed;
		};
		assert.equal(result(other), "OK");
	}
});

test("9300 is asked again after a while, at every command; a card that stays busy is CARD_BUSY", () => {
	assert.equal(reads({ manners: { busyTimes: 4 } }).device.exchanges, 14 + 4);
	for (const place of ["open", "application", "select", "read", "close"] as const) {
		const device = bench();
		answerAt(device, place, sw(0x9300), 3);
		const before = device.port.now;
		assert.equal(result(device), "OK", place);
		assert.ok(device.port.now - before >= 300, "it waited");
	}
	for (const place of ["open", "application", "select", "read"] as const) {
		const device = bench({ card: { placement: "adf" } });
		answerAt(device, place, sw(0x9300), FOREVER);
		assert.equal(result(device), "CARD_BUSY", place);
		assert.equal(device.device.step, STEPS[place]);
	}
});

test("61xx to READ is followed by GET RESPONSE, in steps of any size", () => {
	for (const step of [16, 48, 239, 256]) {
		for (const transport of ["t0", "t1"] as const) {
			const manners: CardManners = { transport, readAnswers61: true };
			assert.equal(result(bench({ card: { manners }, core: { step } })), "OK", `${step} ${transport}`);
		}
	}
});

test("61xx with part of the data is followed up, and the parts are put together", () => {
	const device = bench();
	const card = device.card as NonNullable<Bench["card"]>;
	let rest: Uint8Array | null = null;
	// Of each answer to READ the first 5 bytes come at once, then 7 by GET RESPONSE, then the rest.
	card.onAnswer = (_index, apdu, answer) => {
		if (apdu[1] !== 0xb0 || answer.length < 20) return null;
		rest = answer.slice(5);
		return joinBytes([answer.slice(0, 5), new Uint8Array([0x61, 7])]);
	};
	card.onCommand = (_index, apdu) => {
		if (apdu[1] !== 0xc0 || rest === null) return null;
		const all: Uint8Array = rest;
		if (apdu[4] !== 7) return all;
		rest = all.slice(7);
		return joinBytes([all.slice(0, 7), new Uint8Array([0x61, 0])]);
	};
	assert.equal(result(device), "OK");
});

test("9Fxx of old cards is followed up like 61xx", () => {
	const device = bench({ card: { manners: { readAnswers61: true } } });
	const card = device.card as NonNullable<Bench["card"]>;
	card.onAnswer = (_index, _apdu, answer) => {
		if (answer.length !== 2 || answer[0] !== 0x61) return null;
		return new Uint8Array([0x9f, answer[1]]);
	};
	assert.equal(result(device), "OK");
});

test("61xx again and again is NO_PROGRESS when it brings nothing, ANSWER_TOO_LONG when it brings too much", () => {
	for (const [answer, expected] of [
		["6110", "NO_PROGRESS"],
		["6100", "NO_PROGRESS"],
		["AA6110", "ANSWER_TOO_LONG"],
		[`${"AA".repeat(200)}6100`, "ANSWER_TOO_LONG"],
	]) {
		const device = bench();
		const card = device.card as NonNullable<Bench["card"]>;
		const bytes = Uint8Array.from(Buffer.from(answer, "hex"));
		let reading = false;
		card.onCommand = (_index, apdu) => {
			if (apdu[1] === 0xa4) reading = apdu[apdu.length - 1] === 0x32;
			return reading && (apdu[1] === 0xb0 || apdu[1] === 0xc0) ? bytes : null;
		};
		assert.equal(result(device), expected, answer);
		assert.ok(card.commands < 700, `${card.commands}`);
	}
});

test("a GET RESPONSE that answers 9000 without data, or is refused, is no file", () => {
	for (const word of [0x9000, 0x6985, 0x6f00]) {
		const device = bench({ card: { manners: { readAnswers61: true } } });
		const card = device.card as NonNullable<Bench["card"]>;
		card.onCommand = (_index, apdu) => (apdu[1] === 0xc0 ? sw(word) : null);
		assert.notEqual(result(device), "OK", hex4(word));
	}
});

test("61xx to SELECT without data is success; its data is left there", () => {
	const device = bench();
	answerAt(device, "select", sw(0x611c), 1);
	const card = device.card as NonNullable<Bench["card"]>;
	const replaced = card.onCommand;
	let fetched = 0;
	card.onCommand = (index, apdu) => {
		if (apdu[1] === 0xc0) fetched++;
		return (replaced as NonNullable<typeof replaced>)(index, apdu);
	};
	device.read();
	assert.equal(fetched, 0);
	assert.equal(card.channelsOpen, 0);
});

test("6Cxx is asked again with that Le", () => {
	for (const step of [16, 48, 239, 256]) reads({ manners: { transport: "t0" }, fileSize: 126 }, {}, { step });
});

test("6C00, or another Le each time, is no loop", () => {
	for (const [word, step] of [
		[0x6c00, 256],
		[0x6c00, 48],
		[0x6c10, 256],
		[0x6cff, 256],
	]) {
		const device = bench({ core: { step } });
		const counter = answerAt(device, "read", sw(word), FOREVER);
		assert.match(result(device), /NO_PROGRESS|RECEIVER_TOO_SMALL/);
		assert.ok(counter.seen <= 6);
	}
	const device = bench();
	const card = device.card as NonNullable<Bench["card"]>;
	card.onCommand = (index, apdu) => (apdu[1] === 0xb0 ? sw(0x6c00 | (1 + (index % 200))) : null);
	assert.match(result(device), /NO_PROGRESS/);
	assert.ok(card.commands < 100);
});

test("6Cxx to the first reads only is a hiccup or an error, never a hang", () => {
	for (const times of [1, 2, 5, 100]) {
		const device = bench({ card: { manners: { wrongLe00Times: times } } });
		result(device);
		assert.ok((device.card?.commands ?? 0) < 100);
	}
});

test("9000 without data is no progress, not a file that was never written", () => {
	for (const word of [0x9000, 0x910b, 0x9207]) {
		const device = bench();
		const counter = answerAt(device, "read", sw(word), FOREVER);
		assert.equal(result(device), nameOf(NO_PROGRESS), hex4(word));
		assert.ok(counter.seen <= 6);
	}
});

test("9000 without data in the middle of the file is no loop", () => {
	const device = bench({ core: { step: 48 } });
	const card = device.card as NonNullable<Bench["card"]>;
	card.onCommand = (_index, apdu) => (apdu[1] === 0xb0 && apdu[3] === 48 ? sw(0x9000) : null);
	assert.match(result(device), new RegExp(`${nameOf(NO_PROGRESS)}|${nameOf(FILE_TRUNCATED)}`));
	assert.ok(card.commands < 30);
});

test("6282 is success with less data, whatever the end of the file is called", () => {
	for (const shortReadSw of [0x6282, 0x9000]) {
		for (const fileSize of [126, 127, 128, 200, 256, 257, 300]) {
			for (const step of [16, 48, 239, 256]) {
				reads({ fileSize, manners: { transport: "t1", shortReadSw } }, {}, { step });
			}
		}
	}
});

test("6B00 behind the last byte is the end of a file that says it is longer", () => {
	const cut = sampleFile().slice(0, 96);
	for (const step of [16, 48, 256]) {
		for (const manners of TRANSPORTS) {
			const device = bench({ card: { file: cut, fileSize: 96, manners }, core: { step } });
			assert.equal(result(device), "FILE_TRUNCATED");
			assert.equal(device.device.file.errorOffset, 96);
			assert.ok((device.card?.commands ?? 0) < 60);
		}
	}
});

test("a file of no bytes is no data", () => {
	const device = bench({ card: { file: new Uint8Array(0), fileSize: 0 } });
	assert.equal(result(device), "NO_DATA");
});

test("6700 to long reads makes the steps shorter", () => {
	for (const most of [200, 100, 50, 20]) {
		const device = bench({ card: { fileSize: 400 } });
		const card = device.card as NonNullable<Bench["card"]>;
		card.onCommand = (_index, apdu) => (apdu[1] === 0xb0 && (apdu[4] === 0 || apdu[4] > most) ? sw(0x6700) : null);
		assert.equal(result(device), "OK", `${most}`);
		assert.ok(device.device.uicc.stepBytes <= most);
	}
	const device = bench();
	const counter = answerAt(device, "read", sw(0x6700), FOREVER);
	assert.equal(result(device), R);
	assert.ok(counter.seen < 10);
});

test("a card that gives fewer bytes than it was asked for is read all the same", () => {
	for (const maxAnswerBytes of [100, 50]) {
		for (const transport of ["t0", "t1"] as const) {
			const device = bench({ card: { file: makeFile(600), manners: { maxAnswerBytes, transport } } });
			const { code, hung } = device.read();
			assert.equal(hung, false);
			assert.equal(nameOf(code), "OK", `${maxAnswerBytes} ${transport}`);
			assert.equal(device.fileHex(), toHex(makeFile(600)));
		}
	}
});

test("more data than was asked for is ANSWER_TOO_LONG", () => {
	const device = bench({ core: { step: 48 } });
	const card = device.card as NonNullable<Bench["card"]>;
	card.onAnswer = (_index, apdu, answer) => {
		if (apdu[1] !== 0xb0 || apdu[3] !== 48) return null;
		return joinBytes([new Uint8Array(60).fill(0x55), answer]);
	};
	assert.equal(result(device), "ANSWER_TOO_LONG");
});

test("MANAGE CHANNEL that answers no number, two, or one that is none, is CHANNEL_INVALID", () => {
	for (const answer of ["9000", "009000", "149000", "FF9000", "01029000"]) {
		const device = bench();
		answerAt(device, "open", Uint8Array.from(Buffer.from(answer, "hex")), FOREVER);
		assert.equal(result(device), "CHANNEL_INVALID", answer);
		assert.equal(device.device.step, STEP_CHANNEL);
		assert.equal(device.card?.channelsClosed, 0, "nothing is closed that was not opened");
		assert.ok((device.card?.commands ?? 0) <= 3 + 2 * 19, "each channel is looked at twice, and opened twice more");
	}
});

test("MANAGE CHANNEL may answer through GET RESPONSE", () => {
	const device = bench();
	const card = device.card as NonNullable<Bench["card"]>;
	let number: Uint8Array | null = null;
	card.onAnswer = (_index, apdu, answer) => {
		if (apdu[1] !== 0x70 || apdu[2] !== 0) return null;
		number = answer;
		return sw(0x6101);
	};
	card.onCommand = (_index, apdu) => (apdu[1] === 0xc0 ? number : null);
	assert.equal(result(device), "OK");
});

/** The card by itself; exchanges that the modem refuses behind an answer, by their number. */
class CardLink implements Link {
	readonly manner = LINK_CHANNELS;
	readonly wakeAt = 0;
	readonly sent: string[] = [];
	refused = -1;

	constructor(private readonly card: VirtualCard) {}

	transmit(command: Uint8Array, length: number, response: Response): void {
		const own = command.slice(0, length);
		const answer = this.card.transmit(own);
		this.sent.push(toHex(own));
		assert.ok(response.takeAll(answer, answer.length));
	}

	poll(): number {
		return this.sent.length - 1 === this.refused ? COMMAND_ERROR : OK;
	}

	cancel(): void {}

	distrust(): void {}
}

/** What was started comes to this. */
function settled(uicc: Uicc): string {
	for (let now = 0; now < 10000; now += 100) {
		const code = uicc.poll(now);
		if (code !== WAIT) return nameOf(code);
	}
	assert.fail("it hangs");
}

/** A channel on which PKCS #15 is selected. */
function onChannel(card: BootstrapCardOptions): { uicc: Uicc; link: CardLink; buffer: Uint8Array } {
	const profile = bootstrapCard(card);
	// A directory in the application, with a file.
	profile.application.dfs = [{ fid: 0x5f01, efs: [{ fid: 0x6f02, data: sampleFile() }] }];
	const link = new CardLink(new VirtualCard(profile));
	const uicc = new Uicc(link, 256);
	const aid = pkcs15Aid();
	uicc.openChannel();
	assert.equal(settled(uicc), "OK");
	uicc.selectApplication(aid, 0, aid.length);
	assert.equal(settled(uicc), "OK");
	return { uicc, link, buffer: new Uint8Array(256) };
}

test("MANAGE CHANNEL is sent again as it was, when its GET RESPONSE brings the number and is then refused", () => {
	const card = new VirtualCard(bootstrapCard({}));
	const link = new CardLink(card);
	const uicc = new Uicc(link, 256);
	let number: Uint8Array | null = null;
	card.onAnswer = (_index, apdu, answer) => {
		if (apdu[1] !== 0x70) return null;
		number = answer;
		return sw(0x6101);
	};
	card.onCommand = (_index, apdu) => (apdu[1] === 0xc0 ? number : null);
	link.refused = 1;
	uicc.openChannel();
	assert.equal(settled(uicc), "OK");
	assert.deepEqual(link.sent, ["0070000001", "00C0000001", "0070000001", "00C0000001"]);
	assert.equal(uicc.channel, 2);
});

test("the control parameters of a file are the same, whether its path is sent whole or walked FID by FID", () => {
	const MANNERS: CardManners[] = [
		{},
		{ refusesPathFromMf: true },
		{ refusesPathFromMf: true, refusesPathFromDf: true },
	];
	for (const path of ["3F007F506432", "5F016F02", "3F002F00"]) {
		for (const transport of TRANSPORTS) {
			let whole = "";
			for (const manners of MANNERS) {
				const { uicc, buffer } = onChannel({ manners: { ...transport, ...manners } });
				// What is selected in between may have left the application.
				for (const before of ["", "3F002FE2"]) {
					const bytes = fromHex(before);
					if (bytes.length > 0) {
						uicc.selectFile(bytes, 0, bytes.length, false);
						assert.equal(settled(uicc), "OK");
					}
					const name = fromHex(path);
					uicc.response.store(buffer, 0, buffer.length);
					uicc.selectFile(name, 0, name.length, true);
					assert.equal(settled(uicc), "OK");
					const parameters = toHex(buffer.subarray(0, uicc.response.count));
					if (whole === "") whole = parameters;
					assert.equal(parameters, whole, `${path} ${JSON.stringify(manners)} ${before}`);
				}
			}
			assert.match(whole, /^62/);
		}
	}
});

test("an application that is selected again on the way to a file is not asked for its control parameters", () => {
	for (const manners of [{ refusesPathFromMf: true }, { refusesPathFromMf: true, refusesPathFromDf: true }]) {
		const { uicc, link, buffer } = onChannel({ manners: { transport: "t1", ...manners } });
		const name = fromHex("5F016F02");
		link.sent.length = 0;
		uicc.response.store(buffer, 0, buffer.length);
		uicc.selectFile(name, 0, name.length, true);
		assert.equal(settled(uicc), "OK");
		assert.ok(uicc.response.count > 0);
		const again = link.sent.filter((apdu) => /^01A404/.test(apdu));
		// The file's own come only when they are asked for with an Le, and its path counts from the application.
		assert.ok(again.length > 0);
		for (const apdu of again) assert.equal(apdu.slice(8), `0C${toHex(pkcs15Aid())}`);
	}
});

test("READ RECORD and STATUS ask for as much as ever, however short the steps of READ BINARY have become", () => {
	// What they leave out would be no record and no parameters.
	const short = (device: Bench): VirtualCard => {
		const card = device.card as VirtualCard;
		card.onCommand = (_index, apdu) => (apdu[1] === 0xb0 && (apdu[4] === 0 || apdu[4] > 16) ? sw(0x6700) : null);
		card.onAnswer = (_index, apdu, answer) => {
			const le = apdu[4] > 0 ? apdu[4] : 256;
			if ((apdu[1] !== 0xb2 && apdu[1] !== 0xf2) || le >= answer.length - 2) return null;
			return joinBytes([answer.slice(0, le), sw(0x9000)]);
		};
		return card;
	};
	for (const transport of TRANSPORTS) {
		const profile = bootstrapCard({ aid: fromHex("E828BD080F"), manners: transport });
		// The usual application is there as well, with nothing in it; its directory makes the steps short.
		profile.applications.push({ aid: pkcs15Aid(), efs: [{ fid: 0x5031, data: new Uint8Array(40).fill(0xff) }] });
		const listed = bench({ profile });
		const reader = short(listed);
		reader.record = true;
		assert.equal(result(listed), "OK");
		const records = reader.history.filter((apdu) => apdu[1] === 0xb2);
		assert.ok(records.length > 0);
		// A card that wants the right length names it, and it is longer than the steps.
		for (const apdu of records) assert.ok(apdu[4] === 0 || apdu[4] > 16, `${apdu[4]}`);
		assert.equal(records[0][4], 0, "256");
		assert.ok(reader.history.some((apdu) => apdu[1] === 0xb0 && apdu[4] === 16));

		const pin = { reference: 0x81, value: "2468", enabled: true };
		const guarded = bench({
			card: { pin, security: "compact", manners: transport },
			over: { links: [0], pin: textBytes("2468") },
			modem: { simBeforePin: true, pinReady: true },
		});
		const asked = short(guarded);
		asked.record = true;
		assert.equal(result(guarded), "OK");
		const statuses = asked.history.filter((apdu) => apdu[1] === 0xf2);
		assert.equal(statuses[0][4], 0, "256");
	}
});

test("a whole record is taken though less was asked for, from a modem that corrects lengths itself", () => {
	for (const transport of TRANSPORTS) {
		const device = bench({
			card: { aid: fromHex("E828BD080F"), manners: transport },
			core: { step: 16 },
			modem: { fetchesItself: true },
		});
		const card = device.card as VirtualCard;
		let more = 0;
		card.onAnswer = (_index, apdu, answer) => {
			if (apdu[1] === 0xb2 && answer.length - 2 > 16) more += 1;
			return null;
		};
		assert.equal(result(device), "OK");
		assert.ok(more > 0);
	}
});

test("the end of a channel brings no data: an answer that does is not one to it", () => {
	const device = bench();
	const card = device.card as VirtualCard;
	card.onAnswer = (_index, apdu) => (apdu[1] === 0x70 && apdu[2] === 0x80 ? fromHex("AA9000") : null);
	assert.equal(result(device), "OK");
	assert.equal(nameOf(device.device.closeCode), "ANSWER_TOO_LONG");
});

test("GET RESPONSE behind STATUS has the class of an interindustry command, on every channel", () => {
	for (const channel of [1, 3, 4, 19]) {
		const device = bench({
			card: {
				pin: { reference: 0x81, value: "2468", enabled: true },
				security: "compact",
				manners: { statusAnswers61: true },
				channels: [channel],
			},
			over: { links: [0], pin: textBytes("2468") },
			modem: { simBeforePin: true, pinReady: true },
		});
		const card = device.card as VirtualCard;
		card.record = true;
		assert.equal(result(device), "OK");
		const at = card.history.findIndex((apdu) => apdu[1] === 0xf2);
		assert.equal(card.history[at][0], channel < 4 ? 0x80 | channel : 0xc0 | (channel - 4));
		assert.deepEqual([...card.history[at + 1].slice(0, 2)], [channel < 4 ? channel : 0x40 | (channel - 4), 0xc0]);
	}
});

test("no free channel is NO_CHANNEL, and the others' channels stay open", () => {
	const device = bench({ card: { channels: [1, 2] } });
	for (let i = 0; i < 2; i++) device.card?.transmit(new Uint8Array([0, 0x70, 0, 0, 1]));
	assert.equal(result(device, 2), "NO_CHANNEL");
	assert.equal(device.device.sw, 0x6a81);
});

test("the channel is the one that the card gave, from 1 to 19, in every CLA byte", () => {
	for (const [channel, cla] of [
		[1, 0x01],
		[2, 0x02],
		[3, 0x03],
		[4, 0x40],
		[5, 0x41],
		[19, 0x4f],
	]) {
		for (const manners of TRANSPORTS) {
			const device = bench({ card: { channels: [channel], manners } });
			const card = device.card as NonNullable<Bench["card"]>;
			card.record = true;
			assert.equal(result(device), "OK", `${channel}`);
			assert.equal(device.device.channel, channel);
			const [open, ...rest] = card.history;
			const close = rest.pop() as Uint8Array;
			assert.equal(toHex(open), "0070000001");
			assert.equal(toHex(close.subarray(1, 4)), `7080${toHex(new Uint8Array([channel]))}`);
			for (const apdu of rest) assert.equal(apdu[0], cla);
			assert.equal(card.basicSelects, 0, "channel 0 is the modem's");
		}
	}
});

test("the channel is closed with or without a fifth byte", () => {
	reads({ manners: { refusesCloseLe: true } });
	reads({ manners: { demandsCloseLe: true } });
	reads({}, { minDigits: 10 });
});

test("closing a channel that is closed already is no error", () => {
	const device = bench();
	const card = device.card as NonNullable<Bench["card"]>;
	card.onCommand = (_index, apdu) => {
		if (apdu[1] === 0x70 && apdu[2] === 0x80) card.dropChannel(1);
		return null;
	};
	assert.equal(result(device), "OK");
	assert.equal(device.device.closeCode, OK);
});

test("a channel that is lost on the way is opened again, once", () => {
	for (let at = 1; at < 10; at++) {
		for (const confirm of [true, false]) {
			const device = bench({ core: { confirm } });
			const card = device.card as NonNullable<Bench["card"]>;
			card.onCommand = (index) => {
				if (index === at) card.dropChannel(1);
				return null;
			};
			assert.match(result(device), confirm ? /^OK$/ : /^(OK|CHANNEL_LOST)$/, `${at}`);
		}
	}
});

const SELECT_MANNERS: [string, CardManners][] = [
	["P2 = 0C", { refusesNoData: true }],
	["P2 = 04", { refusesFcp: true }],
	["7FFF", { refusesAlias: true }],
	["P1 = 08", { refusesPathFromMf: true }],
	["P1 = 09", { refusesPathFromDf: true }],
	["P1 = 00", { refusesFid: true }],
	["7FFF and P1 = 09", { refusesAlias: true, refusesPathFromDf: true }],
	["P1 = 08 and 09", { refusesPathFromMf: true, refusesPathFromDf: true }],
	["P1 = 08 and 00", { refusesPathFromMf: true, refusesFid: true }],
	["P1 = 00 and 09", { refusesFid: true, refusesPathFromDf: true }],
	["P2 = 0C and P1 = 08", { refusesNoData: true, refusesPathFromMf: true }],
	["P2 = 04 and P1 = 08", { refusesFcp: true, refusesPathFromMf: true }],
	["P2 = 04 and P1 = 08 and 09", { refusesFcp: true, refusesPathFromMf: true, refusesPathFromDf: true }],
	["P2 = 0C and 7FFF", { refusesNoData: true, refusesAlias: true }],
	["P2 = 0C, P1 = 08 and 09", { refusesNoData: true, refusesPathFromMf: true, refusesPathFromDf: true }],
];

for (const [name, manners] of SELECT_MANNERS) {
	test(`a card that refuses ${name} is read`, () => {
		for (const transport of TRANSPORTS) reads({ manners: { ...transport, ...manners } });
	});
	// Without P1 = 08 and 00, nothing leads from an application to the MF.
	if (manners.refusesPathFromMf && manners.refusesFid) continue;
	test(`a card that refuses ${name} and needs EF(DIR) is read`, () => {
		const aid = Uint8Array.from(Buffer.from("E828BD080F", "hex"));
		for (const transport of TRANSPORTS) reads({ aid, manners: { ...transport, ...manners } });
	});
	test(`a card that refuses ${name} and has PKCS #15 as a directory only is read`, () => {
		for (const transport of TRANSPORTS) reads({ placement: "df", manners: { ...transport, ...manners } });
	});
	test(`a card that refuses ${name} and names its file by an absolute path is read`, () => {
		for (const transport of TRANSPORTS) reads({ pathForm: "absolute", manners: { ...transport, ...manners } });
	});
}

test("a modem that uses channel 0 in between, fetches by itself, or wants quotes does not matter", () => {
	for (const modem of [
		{ disturbsBasicChannel: true },
		{ fetchesItself: true },
		{ commandQuotes: "required" },
		{ upperCaseOnly: true },
		{ refusesLeAfterData: true },
		{ minDigits: 10 },
		{ echo: false, verbose: false },
		{ chunkBytes: 3 },
		{ baud: 9600, latencyMs: 30 },
		{ losesInputWhileBusy: true, latencyMs: 30, baud: 115200 },
	] as ModemOptions[]) {
		for (const manners of TRANSPORTS) reads({ manners }, modem);
	}
});

test("exchanges: 9 with a card that answers Le = 00, 11 with the second read, 13 in steps of 48", () => {
	const manners: CardManners = { transport: "t0", acceptsLe00: true };
	assert.equal(reads({ manners }, {}, { confirm: false }).device.exchanges, 9);
	assert.equal(reads({ manners }, {}, { confirm: true }).device.exchanges, 11);
	assert.equal(reads({ manners }, {}, { confirm: false, step: 48 }).device.exchanges, 13);
	assert.equal(reads({ manners: { transport: "t1" } }, {}, { confirm: false }).device.exchanges, 9);
});

test("the counter of exchanges is that of the card", () => {
	for (const manners of TRANSPORTS) {
		for (const step of [16, 256]) {
			const device = reads({ manners }, {}, { step });
			assert.equal(device.device.exchanges, device.card?.commands);
		}
	}
});

test("a failure anywhere closes the channel and tells its own step, not that of closing", () => {
	const places: Place[] = ["application", "select", "read"];
	for (const place of places) {
		for (const closing of [0x9000, 0x6f00]) {
			const device = bench({ card: { placement: "adf" } });
			const counter = answerAt(device, place, sw(0x6f00), FOREVER);
			const card = device.card as NonNullable<Bench["card"]>;
			const inner = card.onCommand as NonNullable<typeof card.onCommand>;
			card.onCommand = (index, apdu) => {
				const replaced = inner(index, apdu);
				if (replaced !== null || apdu[1] !== 0x70 || apdu[2] !== 0x80) return replaced;
				return closing === 0x9000 ? null : sw(closing);
			};
			assert.equal(result(device, closing === 0x9000 ? 0 : 1), R);
			assert.ok(counter.seen > 0);
			assert.equal(device.device.step, STEPS[place]);
			assert.equal(device.device.sw, 0x6f00);
		}
	}
});
