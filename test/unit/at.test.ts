// src/at.ts by itself: one command at a time over a port, and whatever a modem may send.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { NO_ANSWER } from "../../src/at.js";
import {
	ANSWER_DAMAGED,
	ANSWER_MISSING,
	AT_FRAME_BYTES,
	At,
	CME_ERROR,
	COMMAND_ERROR,
	COMMAND_TIMEOUT,
	Hex,
	type Link,
	LinkCrsm,
	LinkCsim,
	MODEM_RESTARTED,
	NOT_STARTED,
	OK,
	WAIT,
} from "../../src/index.js";
import { Response } from "../../src/response.js";
import { AT_CMEE_1, AT_CPIN_QUERY, ATE0V1, CPIN_WORD, READY_WORD, SIM_PIN_WORD } from "../../src/words.js";
import { fromHex, toHex } from "../../virtual/index.js";
import { ascii, POISON, SEED } from "./tools.js";

const LIMIT_MS = 1000;
const COMMAND = fromHex("00B0000004");
const SELECT = fromHex("00A40804047F506432");
const COMMAND_LINE = 'AT+CSIM=10,"00B0000004"\r';
/** Where in the buffer the data of an answer goes, and how much of it is taken. */
const DATA_AT = 10;
const DATA_ROOM = 8;

/** One AT layer over a port that records, and an exchange in front of it. */
class Rig {
	sent = "";
	/** Most bytes that the next writes take. */
	room = 1000;
	readonly buffer = new Uint8Array(40).fill(POISON);
	readonly response = new Response(this.buffer);
	readonly at: At;
	readonly link: LinkCsim;

	constructor() {
		const port = {
			write: (bytes: Uint8Array, from: number, to: number): number => {
				const count = Math.min(to - from, this.room);
				this.sent += String.fromCharCode(...bytes.subarray(from, from + count));
				return count;
			},
		};
		this.at = new At(port, new Hex(), AT_FRAME_BYTES + 80);
		this.link = new LinkCsim(this.at, LIMIT_MS, false);
	}

	/** Starts the exchange; its data goes to the buffer. */
	start(now: number, link: Link = this.link): void {
		this.response.store(this.buffer, DATA_AT, DATA_AT + DATA_ROOM);
		this.response.begin();
		link.transmit(COMMAND, COMMAND.length, this.response);
		assert.equal(this.at.poll(now), WAIT);
	}

	/** Gives the modem's text in pieces of these lengths, over and over; true when one of them made a result. */
	give(text: string, pieces: number[] = [1000]): boolean {
		let result = false;
		let at = 0;
		for (let i = 0; at < text.length; i++) {
			const piece = ascii(text.slice(at, at + pieces[i % pieces.length]));
			// What stands behind `count` must not matter.
			const chunk = new Uint8Array(piece.length + 4).fill(48 + (i % 10));
			chunk.set(piece);
			result = this.at.receive(chunk, piece.length) || result;
			at += piece.length;
		}
		return result;
	}

	/** The data of the answer, after a look at what stands around it. */
	data(): string {
		for (let i = 0; i < this.buffer.length; i++) {
			if (i < DATA_AT || i >= DATA_AT + DATA_ROOM) assert.equal(this.buffer[i], POISON, `byte ${i} was touched`);
		}
		return toHex(this.buffer.subarray(DATA_AT, DATA_AT + Math.min(DATA_ROOM, this.response.count)));
	}
}

/** The whole exchange with this answer. */
function exchange(text: string, pieces?: number[]): { code: number; rig: Rig } {
	const rig = new Rig();
	rig.start(0);
	const ready = rig.give(text, pieces);
	const code = rig.at.poll(1);
	assert.equal(ready, code !== WAIT, "receive says whether there is a result");
	return { code, rig };
}

function succeeds(text: string, pieces?: number[]): void {
	const { code, rig } = exchange(text, pieces);
	assert.equal(code, OK, JSON.stringify(text));
	assert.equal(rig.data(), "01ABCDEF");
	assert.equal(rig.response.count, 4);
	assert.equal(rig.response.sw, 0x9000);
}

function fails(text: string, expected: number, pieces?: number[]): Rig {
	const { code, rig } = exchange(text, pieces);
	assert.equal(code, expected, JSON.stringify(text));
	rig.data();
	return rig;
}

const FORMS = [
	'\r\n+CSIM: 12,"01ABCDEF9000"\r\n\r\nOK\r\n',
	'\r\n+CSIM:12,"01ABCDEF9000"\r\n\r\nOK\r\n',
	"\r\n+CSIM: 12,01ABCDEF9000\r\n\r\nOK\r\n",
	"\r\n+CSIM:12,01abcdef9000\r\nOK\r\n",
	'\r\n+CSIM:   12, "01aBcDeF9000"\r\nOK\r\n',
	'+CSIM: 12,"01ABCDEF9000"\r\nOK\r\n',
	'\n+CSIM: 12,"01ABCDEF9000"\nOK\n',
	'\r+CSIM: 12,"01ABCDEF9000"\rOK\r',
	`${COMMAND_LINE}\r\n+CSIM: 12,"01ABCDEF9000"\r\n\r\nOK\r\n`,
	`${COMMAND_LINE}\n+CSIM: 12,"01ABCDEF9000" \r\n\r\nOK\r\n`,
];

test("every form of the answer gives the same data, cut in two at any place and byte by byte", () => {
	for (const form of FORMS) {
		succeeds(form);
		succeeds(form, [1]);
		for (let cut = 1; cut < form.length; cut++) succeeds(form, [cut, 1000]);
	}
});

test("every form of the answer gives the same data, cut anywhere", () => {
	fc.assert(
		fc.property(
			fc.constantFrom(...FORMS),
			fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 }),
			succeeds,
		),
		{ seed: SEED, numRuns: 500 },
	);
});

/** A link through +CRSM with a file selected, which no modem hears of. */
function restrictedLink(rig: Rig): LinkCrsm {
	const link = new LinkCrsm(rig.at, LIMIT_MS);
	link.transmit(SELECT, SELECT.length, rig.response);
	assert.equal(link.poll(0), OK);
	assert.equal(rig.sent, "");
	return link;
}

function restricted(line: string, pieces: number[]): { code: number; rig: Rig } {
	const rig = new Rig();
	rig.start(0, restrictedLink(rig));
	rig.give(`\r\n+CRSM: ${line}\r\n\r\nOK\r\n`, pieces);
	return { code: rig.at.poll(1), rig };
}

test("the data of +CRSM stands in a pair of quotes or in none, and may be missing", () => {
	for (const pieces of [[1000], [1], [18, 1], [16, 3]]) {
		for (const line of [
			'144,0,"01ABCDEF"',
			"144,0,01ABCDEF",
			'144,0, "01abcdef"',
			'144, 0,"01ABCDEF" ',
			' 144,0,"01ABCDEF"',
		]) {
			const { code, rig } = restricted(line, pieces);
			assert.equal(code, OK, `${line} ${pieces}`);
			assert.equal(rig.data(), "01ABCDEF", `${line} ${pieces}`);
			assert.deepEqual([rig.response.count, rig.response.sw], [4, 0x9000], line);
		}
		for (const line of ["106,130", '106,130,""', '106,130, "" ']) {
			const { code, rig } = restricted(line, pieces);
			assert.equal(code, OK, `${line} ${pieces}`);
			assert.deepEqual([rig.response.count, rig.response.sw], [0, 0x6a82], line);
		}
	}
});

test("an answer of +CRSM with a quote too many or too few is damaged: nothing else says how long it is", () => {
	for (const line of [
		'144,0,"01ABCDEF',
		'144,0,01ABCDEF"',
		'144,0,""01ABCDEF""',
		'144,0,""01ABCDEF"',
		'144,0,"01ABCDEF""',
		'144,0,"01AB""CDEF"',
		'144,0,"01AB"CDEF',
		'144,0,01AB"CDEF"',
		'144,0,"01ABCDE"',
		'144,0,"01AB CDEF"',
		'144,0,"',
		'144,0,"""',
		'"144,0"',
		'144",0',
		'144,"0"',
	]) {
		for (const pieces of [[1000], [1], [18, 1], [16, 3]]) {
			const { code, rig } = restricted(line, pieces);
			assert.equal(code, ANSWER_DAMAGED, `${line} ${pieces}`);
			rig.data();
		}
	}
});

test("the answer may stand on the line behind its name", () => {
	succeeds('\r\n+CSIM:\r\n12,"01ABCDEF9000"\r\n\r\nOK\r\n');
});

test("an answer without data is a status word", () => {
	for (const text of ['+CSIM: 4,"6A82"\r\nOK\r\n', "+CSIM: 4,6a82\r\nOK\r\n"]) {
		for (const pieces of [[1000], [1], [11, 1], [12, 3]]) {
			const { code, rig } = exchange(text, pieces);
			assert.equal(code, OK);
			assert.equal(rig.response.sw, 0x6a82);
			assert.equal(rig.response.count, 0);
		}
	}
});

test("the longest answer is taken; what has no room is counted and dropped", () => {
	const digits = "5A".repeat(256);
	const { code, rig } = exchange(`+CSIM: 516,"${digits}9000"\r\nOK\r\n`, [7]);
	assert.equal(code, OK);
	assert.equal(rig.response.count, 256);
	assert.equal(rig.data(), "5A".repeat(DATA_ROOM));
	fails(`+CSIM: 518,"${digits}5A9000"\r\nOK\r\n`, ANSWER_DAMAGED);
	fails(`+CSIM: 99999999999999999999516,"${digits}9000"\r\nOK\r\n`, ANSWER_DAMAGED);
});

const ANSWER = '\r\n+CSIM: 12,"01ABCDEF9000"\r\n';
const UNRELATED = [
	'\r\n+CMTI: "SM",3\r\n',
	"\r\n+CEREG: 1\r\n",
	"\r\nRING\r\n",
	"\r\n+CPIN: READY\r\n",
	"\r\n+CSQ: 12,0\r\n",
	"\r\n+CRING: VOICE\r\n",
	"\r\nOKAY\r\n",
	"\r\n OK\r\n",
	"\r\nERRORS\r\n",
	"\r\nNO CARRIER\r\n",
	'\r\n*PSUTTZ: 25/01/01,00:00:00","+04",0\r\n',
	"\r\n+CMEE: 1\r\n",
	"\r\n+KSUP\r\n",
	"\r\nRDYX\r\n",
	"\r\n0\r\n",
	"\r\n4\r\n",
	"\r\n\x00\xff\r\n",
	`\r\n${"X".repeat(600)}\r\n`,
];

test("unrelated lines before, between and after change nothing", () => {
	for (const line of UNRELATED) {
		for (const pieces of [[1000], [1], [3, 5]]) {
			succeeds(`${line}${ANSWER}\r\nOK\r\n`, pieces);
			succeeds(`${ANSWER}${line}\r\nOK\r\n`, pieces);
			succeeds(`${ANSWER}\r\nOK\r\n${line}`, pieces);
			succeeds(`${line}${line}${ANSWER}${line}${line}\r\nOK\r\n${line}`, pieces);
		}
	}
});

test("any mixture of unrelated lines, anywhere, cut anywhere, changes nothing", () => {
	const lines = fc.array(fc.constantFrom(...UNRELATED), { maxLength: 4 }).map((list) => list.join(""));
	const pieces = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
	fc.assert(
		fc.property(lines, lines, lines, pieces, (before, between, after, cut) => {
			succeeds(`${before}${ANSWER}${between}\r\nOK\r\n${after}`, cut);
		}),
		{ seed: SEED, numRuns: 400 },
	);
});

test("a declared length that is not that of the digits is a damaged answer, both ways", () => {
	for (const length of [0, 2, 4, 6, 8, 10, 14, 16, 100, 516]) {
		for (const pieces of [[1000], [1], [20, 3]]) {
			fails(`+CSIM: ${length},"01ABCDEF9000"\r\nOK\r\n`, ANSWER_DAMAGED, pieces);
			fails(`+CSIM: ${length},01ABCDEF9000\r\nOK\r\n`, ANSWER_DAMAGED, pieces);
		}
	}
});

test("an odd number of digits, or a length that is none, is a damaged answer", () => {
	for (const line of [
		'11,"01ABCDEF900"',
		'12,"01ABCDEF900"',
		'13,"01ABCDEF90000"',
		'12,"01ABCDEF90000"',
		'3,"900"',
		'0,""',
		"",
		"12",
		"12,",
		'12,"',
		'12,""',
		',"01ABCDEF9000"',
		'-12,"01ABCDEF9000"',
		'1x,"01ABCDEF9000"',
		'"01ABCDEF9000"',
		'12,"01ABCDEF9000"x',
		'12,"01ABCDEF9000","00"',
	]) {
		for (const pieces of [[1000], [1], [13, 4]]) fails(`+CSIM: ${line}\r\nOK\r\n`, ANSWER_DAMAGED, pieces);
	}
});

test("a character that is no digit, in any place of the answer, damages it", () => {
	const digits = "01ABCDEF9000";
	for (let at = 0; at < digits.length; at++) {
		for (const bad of ["G", "g", "/", ":", "@", "`", " ", "\x00", "\xff", "x"]) {
			const spoiled = digits.slice(0, at) + bad + digits.slice(at + 1);
			for (const pieces of [[1000], [1], [11 + at, 1]]) {
				fails(`+CSIM: 12,"${spoiled}"\r\nOK\r\n`, ANSWER_DAMAGED, pieces);
			}
		}
	}
});

test("an answer that is cut off anywhere by the end of its line is damaged", () => {
	const line = '+CSIM: 12,"01ABCDEF9000';
	for (let length = 6; length < line.length; length++) {
		for (const pieces of [[1000], [1], [length, 1]]) {
			fails(`${line.slice(0, length)}\r\nOK\r\n`, ANSWER_DAMAGED, pieces);
		}
	}
});

test("a result that stands on the line behind a damaged answer is not swallowed", () => {
	for (let length = 6; length < 22; length++) {
		const line = '+CSIM: 12,"01ABCDEF9000'.slice(0, length);
		for (const pieces of [[1000], [1], [2], [length + 1, 1]]) {
			assert.equal(exchange(`${line}\r+CME ERROR: 13\r`, pieces).code, CME_ERROR, `${line} ${pieces}`);
		}
	}
});

test("two answers to one command cannot be trusted", () => {
	fails(`${ANSWER}${ANSWER}\r\nOK\r\n`, ANSWER_DAMAGED);
	fails(`${ANSWER}\r\n+CSIM: 4,"9000"\r\nOK\r\n`, ANSWER_DAMAGED, [1]);
	fails(`\r\n+CSIM: 4,"90"\r\n${ANSWER}\r\nOK\r\n`, ANSWER_DAMAGED);
});

test("OK without the answer, and an answer that another command has, is a missing answer", () => {
	fails("\r\nOK\r\n", ANSWER_MISSING);
	fails('\r\n+CRSM: 144,0,"00"\r\n\r\nOK\r\n', ANSWER_MISSING);
	fails("\r\n+CPIN: READY\r\n\r\nOK\r\n", ANSWER_MISSING);
});

test("the ways to fail are told apart", () => {
	assert.equal(fails("\r\nERROR\r\n", COMMAND_ERROR).at.cme, -1);
	for (const [text, cme] of [
		["10", 10],
		["0", 0],
		["3", 3],
		["100", 100],
		["9999", 9999],
		["SIM not inserted", 10],
		["SIM PIN required", 11],
		["SIM PUK required", 12],
		["SIM failure", 13],
		["SIM busy", 14],
		["SIM wrong", 15],
		["operation not allowed", -1],
		["SIM", -1],
		["SIM wrongs", -1],
		["", -1],
	] as [string, number][]) {
		for (const space of [" ", "", "   "]) {
			for (const pieces of [[1000], [1]]) {
				const rig = fails(`\r\n+CME ERROR:${space}${text}\r\n`, CME_ERROR, pieces);
				assert.equal(rig.at.cme, cme, text);
			}
		}
	}
	assert.equal(fails("\r\n+CMS ERROR: 313\r\n", CME_ERROR).at.cme, -1, "numbers of another table");
	assert.equal(fails(`${ANSWER}\r\n+CME ERROR: 13\r\n`, CME_ERROR).at.cme, 13, "even behind an answer");
});

test("a result is given once, and nothing was started before", () => {
	const rig = new Rig();
	assert.equal(rig.at.poll(0), NOT_STARTED);
	rig.start(0);
	assert.equal(rig.give(FORMS[0]), true);
	assert.equal(rig.at.poll(1), OK);
	assert.equal(rig.at.poll(1), NOT_STARTED);
	assert.equal(rig.give("\r\nOK\r\n"), false, "nobody asked");
	assert.equal(rig.at.poll(1), NOT_STARTED);
});

test("the command times out exactly at its limit, and is due then", () => {
	for (const start of [0, 5, 0x7fffffff - 500, 0x7fffffff, -0x80000000, -1, -500]) {
		const rig = new Rig();
		rig.start(start);
		assert.equal(rig.at.wakeAt, (start + LIMIT_MS) | 0);
		assert.equal(rig.at.poll((start + LIMIT_MS - 1) | 0), WAIT);
		assert.equal(rig.at.poll((start + LIMIT_MS) | 0), COMMAND_TIMEOUT);
		assert.equal(rig.at.poll((start + LIMIT_MS) | 0), NOT_STARTED);
	}
});

test("an answer across the wrap of the clock is an answer", () => {
	const rig = new Rig();
	rig.start(0x7ffffff0);
	assert.equal(rig.at.poll(-0x80000000 + 100), WAIT);
	assert.equal(rig.give(FORMS[0]), true);
	assert.equal(rig.at.poll(-0x80000000 + 101), OK);
});

/** Polls whenever the layer wants it, and answers AT+CMEE? as a modem does, until the command itself goes out or there is a result. */
function resynchronise(rig: Rig, from: number, answerQueries = true): { code: number; now: number } {
	let now = from;
	let queries = 0;
	let code = rig.at.poll(now);
	for (let i = 0; i < 100 && code === WAIT && !rig.sent.endsWith(COMMAND_LINE); i++) {
		const asked = rig.sent.split("AT+CMEE?\r").length - 1;
		if (answerQueries && asked > queries) rig.give("\r\n+CMEE: 1\r\n\r\nOK\r\n");
		queries = asked;
		now = rig.at.wakeAt;
		code = rig.at.poll(now);
	}
	return { code, now };
}

/** A rig whose first command has timed out, with this much of the answer having come. */
function timedOut(early = ""): Rig {
	const rig = new Rig();
	rig.start(0);
	rig.give(early);
	assert.equal(rig.at.poll(LIMIT_MS), COMMAND_TIMEOUT);
	rig.buffer.fill(POISON);
	rig.sent = "";
	return rig;
}

const LATE = '\r\n+CSIM: 12,"111111119000"\r\n\r\nOK\r\n';

test("after a time-out the next command waits for silence and for the answer to a query", () => {
	const rig = timedOut();
	rig.response.store(rig.buffer, DATA_AT, DATA_AT + DATA_ROOM);
	rig.link.transmit(COMMAND, COMMAND.length, rig.response);
	assert.equal(rig.at.poll(LIMIT_MS), WAIT);
	assert.equal(rig.sent, "", "silence first");
	const { code, now } = resynchronise(rig, LIMIT_MS);
	assert.equal(code, WAIT);
	assert.equal(rig.sent, `AT+CMEE?\r${COMMAND_LINE}`);
	assert.equal(rig.give(FORMS[0]), true);
	assert.equal(rig.at.poll(now), OK);
	assert.equal(rig.data(), "01ABCDEF");
});

test("a late answer is not taken for the next one, whenever it comes", () => {
	// Before the silence, in it, before the query's answer, together with it, and just behind it.
	for (const when of [0, 1, 2, 3, 4]) {
		const rig = timedOut();
		if (when === 0) rig.give(LATE);
		rig.response.store(rig.buffer, DATA_AT, DATA_AT + DATA_ROOM);
		rig.response.begin();
		rig.link.transmit(COMMAND, COMMAND.length, rig.response);
		let now = LIMIT_MS;
		assert.equal(rig.at.poll(now), WAIT);
		if (when === 1) rig.give(LATE);
		while (!rig.sent.endsWith("AT+CMEE?\r")) {
			now = rig.at.wakeAt;
			assert.equal(rig.at.poll(now), WAIT);
		}
		if (when === 2) rig.give(LATE);
		assert.equal(rig.at.poll(now), WAIT);
		rig.give(`${when === 3 ? LATE : ""}\r\n+CMEE: 1\r\n\r\nOK\r\n${when === 4 ? LATE : ""}`);
		const after = resynchronise(rig, now);
		assert.equal(after.code, WAIT, `${when}`);
		assert.ok(rig.sent.endsWith(COMMAND_LINE));
		assert.equal(rig.response.count, 0, `${when}`);
		rig.give(FORMS[0]);
		assert.equal(rig.at.poll(after.now), OK);
		assert.equal(rig.data(), "01ABCDEF", `${when}`);
	}
});

test("the late rest of a line that had begun is not data of the next answer", () => {
	const late = '+CSIM: 12,"111111119000"\r\n\r\nOK\r\n';
	for (let cut = 1; cut < late.length; cut++) {
		const rig = timedOut(late.slice(0, cut).includes("OK\r") ? "" : late.slice(0, cut));
		rig.response.store(rig.buffer, DATA_AT, DATA_AT + DATA_ROOM);
		rig.response.begin();
		rig.link.transmit(COMMAND, COMMAND.length, rig.response);
		assert.equal(rig.at.poll(LIMIT_MS), WAIT);
		rig.give(late.slice(cut));
		const { code, now } = resynchronise(rig, LIMIT_MS);
		assert.equal(code, WAIT);
		rig.give(FORMS[0]);
		assert.equal(rig.at.poll(now), OK, `cut at ${cut}`);
		assert.equal(rig.response.count, 4, `cut at ${cut}`);
		assert.equal(rig.data(), "01ABCDEF", `cut at ${cut}`);
	}
});

test("what comes of an answer whose command was given up, or has timed out, touches nothing any more", () => {
	for (const answer of ['+CSIM: 12,"01ABCDEF9000"', '+CRSM: 144,0,"01ABCDEF"', "+CRSM: 144,0"]) {
		const text = `\r\n${answer}\r\n\r\nOK\r\n`;
		for (let cut = 0; cut < text.length - 4; cut++) {
			for (const pieces of [[1000], [1], [3]]) {
				for (const timesOut of [false, true]) {
					const rig = new Rig();
					const link = answer.startsWith("+CSIM") ? rig.link : restrictedLink(rig);
					rig.start(0, link);
					rig.give(text.slice(0, cut), pieces);
					if (timesOut) assert.equal(rig.at.poll(LIMIT_MS), COMMAND_TIMEOUT);
					else link.cancel();
					rig.buffer.fill(POISON);
					const { count, sw } = rig.response;
					assert.equal(rig.give(text.slice(cut), pieces), false, "nobody asked");
					const words = `${answer} ${cut} ${pieces}`;
					assert.equal(toHex(rig.buffer), toHex(new Uint8Array(rig.buffer.length).fill(POISON)), words);
					assert.deepEqual([rig.response.count, rig.response.sw], [count, sw], words);
				}
			}
		}
	}
});

test("a line that had begun before a command was given up is not its successor's", () => {
	const rig = new Rig();
	rig.start(0);
	rig.give('\r\n+CSIM: 12,"1111');
	rig.link.cancel();
	rig.response.store(rig.buffer, DATA_AT, DATA_AT + DATA_ROOM);
	rig.response.begin();
	rig.buffer.fill(POISON);
	rig.sent = "";
	rig.link.transmit(COMMAND, COMMAND.length, rig.response);
	assert.equal(rig.at.poll(10), WAIT);
	rig.give('11119000"\r\n\r\nOK\r\n');
	const { code, now } = resynchronise(rig, 10);
	assert.equal(code, WAIT);
	assert.ok(rig.sent.endsWith(COMMAND_LINE));
	rig.give(FORMS[0]);
	assert.equal(rig.at.poll(now), OK);
	assert.equal(rig.response.count, 4);
	assert.equal(rig.data(), "01ABCDEF");
});

test("after an OK that belonged to nothing, the answer that comes behind it is not the next command's", () => {
	const rig = new Rig();
	rig.start(0);
	rig.give("\r\nOK\r\n");
	assert.equal(rig.at.poll(1), ANSWER_MISSING);
	rig.sent = "";
	rig.response.store(rig.buffer, DATA_AT, DATA_AT + DATA_ROOM);
	rig.response.begin();
	rig.link.transmit(COMMAND, COMMAND.length, rig.response);
	assert.equal(rig.at.poll(1), WAIT);
	const early = rig.give(LATE);
	assert.equal(early, false, "the answer of the command before was taken");
	const { code, now } = resynchronise(rig, 1);
	assert.equal(code, WAIT);
	rig.give(FORMS[0]);
	assert.equal(rig.at.poll(now), OK);
	assert.equal(rig.data(), "01ABCDEF");
});

test("a modem that never answers again ends in a time-out, not in a wait without end", () => {
	const rig = timedOut();
	rig.link.transmit(COMMAND, COMMAND.length, rig.response);
	const { code, now } = resynchronise(rig, LIMIT_MS, false);
	assert.equal(code, COMMAND_TIMEOUT);
	assert.ok(now < 20000);
	assert.ok(!rig.sent.includes("CSIM"), "the command itself never went out");
});

test("a modem that never falls silent does not hold up the next command for ever", () => {
	const rig = timedOut();
	rig.link.transmit(COMMAND, COMMAND.length, rig.response);
	let now = LIMIT_MS;
	let code = rig.at.poll(now);
	let queries = 0;
	while (code === WAIT && !rig.sent.endsWith(COMMAND_LINE) && now < 20000) {
		rig.give("\r\n+CEREG: 1\r\n");
		const asked = rig.sent.split("AT+CMEE?\r").length - 1;
		if (asked > queries) rig.give("\r\n+CMEE: 1\r\n\r\nOK\r\n");
		queries = asked;
		now += 50;
		code = rig.at.poll(now);
	}
	assert.equal(code, WAIT);
	assert.ok(rig.sent.endsWith(COMMAND_LINE));
});

test("a modem that restarts is noticed at once, in the middle of a command and of the query", () => {
	for (const line of ["RDY", "+SYSSTART", "+KSUP: 0", "+KSUP:1", "APP RDY"]) {
		for (const pieces of [[1000], [1]]) {
			fails(`\r\n${line}\r\n`, MODEM_RESTARTED, pieces);
			fails(`\r\n+CSIM: 12,"01AB\r\n${line}\r\n`, MODEM_RESTARTED, pieces);
		}
		const rig = timedOut();
		rig.link.transmit(COMMAND, COMMAND.length, rig.response);
		let now = LIMIT_MS;
		rig.at.poll(now);
		while (!rig.sent.endsWith("AT+CMEE?\r")) {
			now = rig.at.wakeAt;
			assert.equal(rig.at.poll(now), WAIT);
		}
		assert.equal(rig.give(`\r\n${line}\r\n`), true);
		assert.equal(rig.at.poll(now), MODEM_RESTARTED);
	}
});

test("while it probes, numeric results count and a start is none; afterwards the other way round", () => {
	const rig = new Rig();
	rig.at.probe(ATE0V1, 500);
	assert.equal(rig.at.poll(0), WAIT);
	assert.equal(rig.sent, "ATE0V1\r");
	assert.equal(rig.give("\r\nRDY\r\n\r\nAPP RDY\r\n+SYSSTART\r\n+KSUP: 0\r\n"), false);
	assert.equal(rig.give("ATE0V1\r0\r"), true);
	assert.equal(rig.at.poll(1), OK);
	rig.at.probe(ATE0V1, 500);
	rig.at.poll(2);
	assert.equal(rig.give("4\r"), true);
	assert.equal(rig.at.poll(3), COMMAND_ERROR);
	rig.at.start(AT_CMEE_1, NO_ANSWER, null, 500);
	rig.at.poll(4);
	assert.equal(rig.give("0\r4\r0\r\n"), false);
	assert.equal(rig.give("\r\nOK\r\n"), true);
	assert.equal(rig.at.poll(5), OK);
});

test("the word behind +CPIN: is told", () => {
	for (const [text, argument] of [
		["READY", READY_WORD],
		["SIM PIN", SIM_PIN_WORD],
		["PH-NET PIN", -1],
		["READYX", -1],
		["SIM PI", -1],
		["1", -1],
		["", -1],
	] as [string, number][]) {
		for (const pieces of [[1000], [1], [9, 2]]) {
			const rig = new Rig();
			rig.at.start(AT_CPIN_QUERY, CPIN_WORD, null, 500);
			rig.at.poll(0);
			assert.equal(rig.give(`\r\n+CPIN: ${text}\r\n\r\nOK\r\n`, pieces), true);
			assert.equal(rig.at.poll(1), OK);
			assert.equal(rig.at.argument, argument, text);
		}
	}
});

test("what the port does not take is offered again, and the line comes out whole", () => {
	for (const room of [1, 2, 3, 7, 24]) {
		const rig = new Rig();
		rig.room = 0;
		rig.start(0);
		let now = 0;
		assert.ok(rig.at.wakeAt < LIMIT_MS / 10, "soon again");
		for (let i = 0; i < 100 && rig.sent.length < COMMAND_LINE.length; i++) {
			rig.room = i < 3 ? 0 : room;
			now = rig.at.wakeAt;
			assert.equal(rig.at.poll(now), WAIT);
		}
		assert.equal(rig.sent, COMMAND_LINE);
		assert.equal(rig.at.wakeAt, LIMIT_MS, "then only the limit is due");
		rig.give(FORMS[0]);
		assert.equal(rig.at.poll(now), OK);
	}
});

test("a port that never takes anything is a time-out", () => {
	const rig = new Rig();
	rig.room = 0;
	rig.start(0);
	let code = WAIT;
	let polls = 0;
	while (code === WAIT && polls++ < 1000) code = rig.at.poll(rig.at.wakeAt);
	assert.equal(code, COMMAND_TIMEOUT);
});

test("whatever the modem sends, nothing outside the answer's place is touched and every command ends", () => {
	const noise = fc.oneof(
		fc.constantFrom(...FORMS, ...UNRELATED, LATE, "\r\nOK\r\n", "\r\nERROR\r\n", "\r\n+CME ERROR: 3\r\n"),
		fc.constantFrom('+CSIM: 516,"', '+CSIM: 20,"', "+CSIM: 4,", "01ABCDEF", '"', "\r", "\n", "RDY\r"),
		fc.array(fc.nat(255), { maxLength: 20 }).map((list) => String.fromCharCode(...list)),
	);
	fc.assert(
		fc.property(
			fc.array(noise, { maxLength: 12 }),
			fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }),
			fc.boolean(),
			(texts, pieces, probing) => {
				const rig = new Rig();
				rig.at.probing = probing;
				rig.start(0);
				let now = 0;
				for (const text of texts) {
					const ready = rig.give(text, pieces);
					rig.data();
					const code = rig.at.poll(++now);
					assert.ok(code <= WAIT && Number.isInteger(code));
					if (ready) assert.notEqual(code, WAIT);
					if (code === WAIT) continue;
					if (code === OK) assert.ok(rig.response.sw > 0 || rig.response.count === 0);
					rig.response.store(rig.buffer, DATA_AT, DATA_AT + DATA_ROOM);
					rig.link.transmit(COMMAND, COMMAND.length, rig.response);
					rig.at.poll(now);
				}
				let code = rig.at.poll(now);
				for (let i = 0; i < 2000 && code === WAIT; i++) code = rig.at.poll(rig.at.wakeAt);
				assert.ok(code < 0);
				rig.data();
			},
		),
		{ seed: SEED, numRuns: 600 },
	);
});
