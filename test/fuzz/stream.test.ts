// The AT stream of random and of nearly right characters in pieces of any size, and answers of a card of any bytes: no throw, no hang,
// no byte outside the buffer.

import assert from "node:assert/strict";
import test from "node:test";
import { COMPOSED, TEXT_MAX_BYTES } from "../../src/at.js";
import {
	type Response as Answer,
	At,
	Bootstrap,
	Hex,
	LINK_CHANNELS,
	LinkCrsm,
	OK,
	overModem,
	WAIT,
} from "../../src/index.js";
import { Response } from "../../src/response.js";
import {
	AT_CGLA,
	AT_CMEE_1,
	AT_CPIN_QUERY,
	AT_CSIM,
	CCHO_WORD,
	CGLA_WORD,
	CPIN_WORD,
	CSIM_WORD,
} from "../../src/words.js";
import { bootstrapCard, joinBytes, type Random, VirtualCard } from "../../virtual/index.js";
import { ascii } from "../unit/tools.js";
import { Fenced, fuzz, guarded, mutated, randomBytes } from "./fuzz.js";

const NOTHING = new Uint8Array(0);
/** The documented EF(ODF): one entry, which leads to an EF(DODF). */
const DIRECTORY = "A706300404026430FFFFFFFFFFFFFFFF";

const LINES = [
	'\r\n+CSIM: 6,"019000"\r\n\r\nOK\r\n',
	'\r\n+CSIM: 4,"9000"\r\n',
	"\r\n+CSIM:4,6a82\r\n",
	'\r\n+CSIM:\r\n 260,"0002007A000000005E08015BC80022636F6170733A2F2F65752E696F742E61767379',
	'\r\n+CGLA: 6,"019000"\r\n\r\nOK\r\n',
	'\r\n+CRSM: 144,0,"62258202"\r\n\r\nOK\r\n',
	"\r\n+CRSM:144,0,20FF\r\nOK\r\n",
	"\r\n+CRSM: 106,130\r\n",
	"\r\n+CCHO: 00000000038aa32f\r\n",
	"\r\n1\r\n",
	"\r\n+CME ERROR: 14\r\n",
	"\r\n+CME ERROR: SIM not inserted\r\n",
	"\r\n+CMS ERROR: 310\r\n",
	"\r\nERROR\r\n",
	"\r\nOK\r\n",
	"0\r",
	"4\r",
	"\r\n+CPIN: READY\r\n",
	"\r\n+CPIN: SIM PUK\r\n",
	"\r\n+CMEE: 1\r\n\r\nOK\r\n",
	"\r\nRDY\r\n",
	"\r\n+KSUP: 0\r\n",
	'\r\n+CMT: "+49","","24"\r\n+CSIM: 6,"039000"\r\n',
	'\r\n+CUSD: 0,"a\r\n+CSIM: 4,"9000"\r\nOK"\r\n',
	'AT+CSIM=10,"0070000001"\r',
].map(ascii);

/** SELECT by the path of EF(DIR), and READ BINARY of it. */
const SELECT = Uint8Array.from(Buffer.from("00A4080C022F00", "hex"));
const READ = Uint8Array.from(Buffer.from("00B0000000", "hex"));

function stream(dice: Random): Uint8Array {
	const parts: Uint8Array[] = [];
	for (let n = dice.below(6); n >= 0; n--) {
		if (dice.below(5) === 0) parts.push(randomBytes(dice, dice.below(60)));
		else {
			const line = LINES[dice.below(LINES.length)];
			parts.push(dice.below(2) === 0 ? line : mutated(dice, line));
		}
	}
	return joinBytes(parts);
}

test("the AT stream", (t) => {
	const hex = new Hex();
	fuzz(t, (dice) => {
		const port = { write: (_bytes: Uint8Array, from: number, to: number) => to - from };
		const at = new At(port, hex, 130);
		const fence = new Fenced(32 + dice.below(100));
		const limit = dice.below(fence.inner.length + 1);
		const response = new Response(fence.inner);
		const files = new LinkCrsm(at, 10000);
		files.transmit(SELECT, SELECT.length, response);
		let now = dice.below(1000);
		let right = 0;
		const pieces = 1 + dice.below(4);
		for (let piece = 0; piece < pieces; piece++) {
			const kind = dice.below(5);
			at.probing = dice.below(8) === 0;
			if (dice.below(3) === 0) at.distrust();
			response.store(fence.inner, 0, limit);
			response.begin();
			if (kind === 4) at.start(AT_CPIN_QUERY, CPIN_WORD, null, 10000);
			else if (kind === 3) at.start(AT_CMEE_1, CCHO_WORD, null, 10000);
			else if (kind === 2) files.transmit(READ, READ.length, response);
			else {
				at.commandLine.begin([AT_CSIM, AT_CGLA][kind]);
				at.commandLine.byte(13);
				at.apdu.response = response;
				at.start(COMPOSED, [CSIM_WORD, CGLA_WORD][kind], at.apdu, 10000);
			}
			let code = at.poll(now);
			const bytes = stream(dice);
			let from = 0;
			while (from < bytes.length) {
				const length = Math.min(1 + dice.below(40), bytes.length - from);
				// Behind the piece there are digits, which are not to be looked at.
				const chunk = new Uint8Array(64).fill(0x39);
				chunk.set(bytes.subarray(from, from + length));
				at.receive(guarded(chunk, 0, length), length);
				from += length;
				now += dice.below(400);
				if (code === WAIT) code = at.poll(now);
			}
			for (let n = 0; code === WAIT; n++) {
				assert.ok(n < 60, "it waits for ever");
				now = Math.max(now + 1, at.wakeAt);
				code = at.poll(now);
			}
			assert.ok(code <= 0);
			fence.check();
			for (let i = limit; i < fence.inner.length; i++) assert.equal(fence.inner[i], 0xa5, "behind its limit");
			assert.ok(at.captured <= TEXT_MAX_BYTES);
			if (code === OK) right += 1;
		}
		return right > 0;
	});
});

/** What a modem would say to a command line; of the card it knows no more than the form of its answers. */
function plausible(line: string): string {
	const apdu = /^AT\+CSIM=\d+,"([0-9A-F]+)"$/.exec(line)?.[1] ?? "";
	const answers: Readonly<Record<string, string>> = { "70": "019000", A4: "9000", B0: `${DIRECTORY}9000`, B2: "6A83" };
	const answer = answers[apdu.slice(2, 4)] ?? "6D00";
	if (apdu !== "") return `\r\n+CSIM: ${answer.length},"${answer}"\r\n\r\nOK\r\n`;
	if (line === "AT+CPIN?") return "\r\n+CPIN: READY\r\n\r\nOK\r\n";
	return line === "AT+CMEE?" ? "\r\n+CMEE: 1\r\n\r\nOK\r\n" : "\r\nOK\r\n";
}

test("any stream at all, to the whole procedure", (t) => {
	fuzz(t, (dice) => {
		let line = "";
		let said: Uint8Array | null = null;
		const port = {
			write(bytes: Uint8Array, from: number, to: number) {
				line += Buffer.from(bytes.subarray(from, to)).toString("latin1");
				if (!line.endsWith("\r")) return to - from;
				const right = ascii(plausible(line.slice(0, -1)));
				said = dice.below(8) > 0 ? right : dice.below(2) === 0 ? mutated(dice, right) : stream(dice);
				line = "";
				return to - from;
			},
		};
		const fence = new Fenced(64 + dice.below(200));
		const device = overModem(port, { buffer: fence.inner, limitMs: 20000 });
		device.readFile();
		let now = 0;
		let code = device.poll(now);
		for (let n = 0; code === WAIT; n++) {
			assert.ok(n < 3000, "it does not end");
			const bytes: Uint8Array = said ?? (dice.below(4) === 0 ? stream(dice) : NOTHING);
			said = null;
			// A guard takes time: now and then is enough.
			const piece = dice.below(8) === 0 ? guarded(bytes, 0, bytes.length) : bytes;
			const due = bytes.length > 0 && device.receive(piece, bytes.length);
			now = due ? now : Math.max(now + 1, Math.min(device.wakeAt, now + dice.below(3000)));
			code = device.poll(now);
		}
		assert.ok(code < 0 || device.file.length > 0);
		assert.ok(now <= 20000 + 26000 + 12000, `${now} ms`);
		fence.check();
		return device.uicc.exchanges > 4;
	});
});

test("any answer of a card, to the whole procedure", (t) => {
	const profiles = [
		bootstrapCard({}),
		bootstrapCard({ manners: { transport: "t1" } }),
		bootstrapCard({ placement: "df", manners: { acceptsLe00: true } }),
		bootstrapCard({ aid: new Uint8Array([0xe8, 0x28, 0xbd, 8, 15, 1]), dodfForm: "direct" }),
	];
	const words = [0x9000, 0x6282, 0x6c10, 0x6110, 0x6a82, 0x6881, 0x9300, 0x6700, 0x6b00, 0x910b, 0x6982, 0x6a86];
	fuzz(t, (dice) => {
		const card = new VirtualCard(profiles[dice.below(profiles.length)]);
		const percent = 2 + dice.below(40);
		card.onAnswer = (_index, _apdu, answer) => {
			if (dice.below(100) >= percent) return null;
			const word = dice.below(2) === 0 ? words[dice.below(words.length)] : dice.below(65536);
			switch (dice.below(4)) {
				case 0:
					return randomBytes(dice, 2 + dice.below(256));
				case 1:
					return mutated(dice, answer);
				case 2:
					return Uint8Array.of(word >> 8, word & 255);
			}
			return joinBytes([answer.slice(0, Math.max(0, answer.length - 2)), Uint8Array.of(word >> 8, word & 255)]);
		};
		const fence = new Fenced(100 + dice.below(300));
		let pending: { answer: Uint8Array; response: Answer } | null = null;
		const core = new Bootstrap(
			{
				links: [
					{
						manner: LINK_CHANNELS,
						wakeAt: 0,
						transmit(command, length, response) {
							pending = { answer: card.transmit(command.slice(0, length)), response };
						},
						poll() {
							const { answer, response } = pending as NonNullable<typeof pending>;
							// Less than a status word is what such a link has to tell.
							return response.takeAll(answer, answer.length) ? 0 : -14;
						},
						cancel() {},
						distrust() {},
					},
				],
				at: null,
				modem: null,
				unlock: null,
				channels: null,
			},
			{
				buffer: fence.inner,
				step: 1 + dice.below(256),
				confirm: dice.below(2) === 0,
				oid: null,
				fileId: -1,
				limitMs: 60000,
			},
		);
		core.readFile();
		let now = 0;
		let code = core.poll(now);
		for (let n = 0; code === WAIT; n++) {
			assert.ok(n < 3000, "it does not end");
			now = Math.max(now + 1, core.wakeAt);
			code = core.poll(now);
		}
		assert.ok(code <= 0);
		fence.check();
		return code === 0;
	});
});
