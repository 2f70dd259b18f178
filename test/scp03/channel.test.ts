// src/secure-channel.ts: whole bootstraps through the secure channel, and what becomes of those that go wrong.

import assert from "node:assert/strict";
import { test } from "node:test";
import { aes, random } from "../../hal/node/crypto.js";
import { At } from "../../src/at.js";
import * as codes from "../../src/codes.js";
import { Hex } from "../../src/hex.js";
import {
	COMMAND_ERROR,
	COMMAND_TIMEOUT,
	type Diversify,
	LinkCrsm,
	OK,
	readKeys,
	SECURE_ANSWER,
	SECURE_BROKEN,
	SECURE_DENIED,
	SECURE_HOST_REFUSED,
	SECURE_KEYS_BLOCKED,
	SECURE_KEYS_WRONG,
	SECURE_LEVEL,
	SECURE_NO_KEYS,
	SECURE_REQUIRED,
	SECURE_UNKNOWN,
	SECURE_UNSUPPORTED,
	SecureChannel,
	type Store,
	writeKeys,
} from "../../src/index.js";
import { type CardManners, makeFile, sampleFile, toHex } from "../../virtual/index.js";
import { channelOf, direct, keys, type SecureBench, throughModem } from "./bench.js";
import { bytes } from "./support.js";

const SAMPLE = toHex(sampleFile());

function nameOf(code: number): string {
	for (const [name, value] of Object.entries(codes)) if (value === code) return name;
	return `${code}`;
}

function reads(bench: SecureBench, file = SAMPLE): SecureBench {
	assert.equal(nameOf(bench.read()), "OK");
	assert.equal(bench.fileHex(), file);
	assert.equal(bench.card.channelsOpen, 0);
	return bench;
}

/** It fails as it should, and gives no data. */
function fails(bench: SecureBench, code: number): SecureBench {
	assert.equal(nameOf(bench.read()), nameOf(code));
	assert.equal(bench.device.file.length, 0);
	assert.equal(bench.card.channelsOpen, 0);
	assert.equal(bench.channel.authentic, false);
	return bench;
}

const MANNERS: CardManners[] = [
	{ transport: "t0" },
	{ transport: "t0", acceptsLe00: true },
	{ transport: "t1" },
	{ transport: "t1", shortReadSw: 0x9000 },
];

for (const keyBytes of [16, 24, 32]) {
	for (const sMode of [8, 16]) {
		test(`a bootstrap with AES-${8 * keyBytes} and S${sMode}: each transport, step, challenge and channel`, () => {
			for (const manners of MANNERS) {
				for (const step of [256, 239, 128, 48]) {
					for (const i of [0x60, 0x70]) {
						for (const channels of [[1], [4], [19]]) {
							const bench = direct({
								keyBytes,
								card: { manners, channels },
								secureCard: { sMode, i, aid: bytes("a000000063504b43532d3135") },
								secure: { sMode },
								step,
							});
							reads(bench);
							assert.equal(bench.side?.sessions, 1);
							assert.equal(bench.side?.rejected, 0);
						}
					}
				}
			}
		});
	}
}

test("the file is never sent in the clear, and no command but the first goes unprotected", () => {
	const bench = direct();
	const answers: string[] = [];
	bench.card.record = true;
	bench.link.onAnswer = (_index, answer) => {
		answers.push(toHex(answer));
		return answer;
	};
	reads(bench);
	const commands = bench.card.history.map(toHex);
	const inside = commands.slice(commands.findIndex((hex) => hex.startsWith("8582")) + 1, -1);
	assert.ok(inside.length > 4);
	for (const command of inside) assert.match(command, /^(05|01C0)/);
	for (const answer of answers) {
		for (let at = 0; at + 32 <= SAMPLE.length; at += 2) assert.ok(!answer.includes(SAMPLE.slice(at, at + 32)));
	}
});

test("one SELECT of the application, one session, no second read: the MAC has confirmed the first", () => {
	const bench = direct({ card: { manners: { transport: "t1" } } });
	bench.card.record = true;
	reads(bench);
	const commands = bench.card.history.map((apdu) => apdu[1].toString(16));
	assert.deepEqual(commands, ["70", "a4", "50", "82", "a4", "b0", "a4", "b0", "a4", "b0", "70"]);
	assert.equal(bench.side?.initializations, 1);
});

test("files of all sizes, in steps that fit the receiver", () => {
	for (const size of [52, 126, 239, 240, 478, 1024, 4096, 32768]) {
		for (const step of [256, 48]) {
			for (const transport of ["t0", "t1"] as const) {
				const file = makeFile(size);
				const bench = direct({ card: { file, fileSize: size, manners: { transport } }, step });
				bench.card.onAnswer = (_index, _apdu, answer) => {
					assert.ok(answer.length - 2 <= step, `${answer.length - 2} bytes where ${step} fit`);
					return null;
				};
				reads(bench, toHex(file));
			}
		}
	}
});

test("an answer in any number of segments is joined before it is checked", () => {
	for (const piece of [1, 7, 16, 40]) {
		const bench = direct({ card: { manners: { transport: "t1" } }, step: 128 });
		let rest: Uint8Array = new Uint8Array(0);
		bench.link.onAnswer = (_index, answer, command) => {
			if (command[1] === 0x70 || answer.length < 3) return answer;
			rest = answer;
			const end = answer.length - 2;
			return Uint8Array.from([0x61, Math.min(end, 255)]);
		};
		bench.card.onCommand = (_index, apdu) => {
			if (apdu[1] !== 0xc0) return null;
			const count = Math.min(piece, apdu[4] === 0 ? 256 : apdu[4], rest.length - 2);
			const part = rest.slice(0, count);
			rest = rest.slice(count);
			if (rest.length === 2) return Uint8Array.from([...part, ...rest]);
			return Uint8Array.from([...part, 0x61, Math.min(rest.length - 2, 255)]);
		};
		const onAnswer = bench.link.onAnswer;
		bench.link.onAnswer = (index, answer, command) => (command[1] === 0xc0 ? answer : onAnswer(index, answer, command));
		reads(bench);
	}
});

for (const cgla of [false, true]) {
	test(`through a modem over ${cgla ? "+CGLA" : "+CSIM"}, at 128 bytes of receiver and at 512`, () => {
		for (const step of [256, 48]) {
			for (const sMode of [8, 16]) {
				const options = { cgla, modem: { ccho: true }, step, secureCard: { sMode }, secure: { sMode } };
				const bench = throughModem(options);
				assert.equal(nameOf(bench.read()), "OK", `${step} ${sMode}`);
				assert.equal(bench.fileHex(), SAMPLE);
				assert.equal(bench.side?.sessions, 1);
			}
		}
	});
}

test("a receiver that is too small, and +CRSM, are refused at once", () => {
	for (const [sMode, least] of [
		[8, 32],
		[16, 48],
	]) {
		assert.throws(() => channelOf({ secure: { sMode } }).fit(least - 1), TypeError);
		assert.equal(channelOf({ secure: { sMode } }).fit(least), sMode === 8 ? 15 : 31);
		assert.equal(channelOf({ secure: { sMode } }).fit(48), 31);
		assert.equal(channelOf({ secure: { sMode } }).fit(256), 239);
	}
	const at = new At({ write: (_bytes, from, to) => to - from }, new Hex(), 200);
	assert.throws(() => channelOf({}).around(new LinkCrsm(at, 1000)), TypeError);
});

test("options out of range, and a platform that lends too little, are refused", () => {
	const good = { ...keys(), aes, random };
	for (const bad of [
		{ enc: new Uint8Array(15) },
		{ mac: new Uint8Array(24) },
		{ kvn: 128 },
		{ kvn: -1 },
		{ sMode: 12 },
		{ policy: "sometimes" },
		{ aes: undefined },
		{ random: undefined },
	]) {
		assert.throws(() => new SecureChannel({ ...good, ...(bad as object) }), TypeError);
	}
});

test("wrong keys: SECURE_KEYS_WRONG at the first try, and never again with the same", () => {
	const wrong = { enc: new Uint8Array(16).fill(7), mac: new Uint8Array(16).fill(8) };
	const bench = direct({ secure: wrong });
	fails(bench, SECURE_KEYS_WRONG);
	assert.deepEqual([bench.side?.initializations, bench.side?.authentications], [1, 0]);
	assert.equal(bench.channel.refusedKeys, bench.channel.keysId);
	fails(bench, SECURE_KEYS_BLOCKED);
	assert.equal(bench.side?.initializations, 1);
	// After a restart, with what was kept.
	const next = direct({ secure: { ...wrong, refusedKeys: bench.channel.refusedKeys } });
	fails(next, SECURE_KEYS_BLOCKED);
	assert.equal(next.side?.initializations, 0);
	// Other keys are another matter.
	reads(direct({ secure: { refusedKeys: bench.channel.refusedKeys } }));
	// Only one of the two keys is wrong.
	for (const one of [{ enc: wrong.enc }, { mac: wrong.mac }]) {
		const half = direct({ secure: one });
		assert.ok(half.read() < OK);
		assert.equal(half.device.file.length, 0);
	}
});

/** A store in memory. */
function memory(): { store: Store; count: { writes: number } } {
	const records = new Map<string, Uint8Array>();
	const count = { writes: 0 };
	const store: Store = {
		read(key, into) {
			const record = records.get(key);
			if (record === undefined || record.length > into.length) return -1;
			into.set(record);
			return record.length;
		},
		write(key, record) {
			assert.match(key, /^[a-z0-9]{1,15}$/);
			count.writes += 1;
			records.set(key, record.slice());
			return true;
		},
	};
	return { store, count };
}

test("keys from the store", () => {
	for (const keyBytes of [16, 24, 32]) {
		const { store } = memory();
		assert.equal(readKeys(store), null);
		assert.ok(writeKeys(store, { ...keys(keyBytes), kvn: 0x30, sMode: 16 }));
		const read = readKeys(store);
		assert.deepEqual(read, { ...keys(keyBytes), kvn: 0x30, sMode: 16 });
		reads(direct({ keyBytes, secureCard: { sMode: 16 }, secure: { ...read, store } }));
	}
	const { enc } = keys(16);
	for (const bad of [keys(32).mac, new Uint8Array(15)]) {
		assert.throws(() => writeKeys(memory().store, { enc, mac: bad, kvn: 0, sMode: 8 }), TypeError);
	}
});

test("wrong keys are remembered in the store, and forgotten when they turn out right", () => {
	const { store, count } = memory();
	const wrong = { enc: new Uint8Array(16).fill(7), mac: new Uint8Array(16).fill(8) };
	reads(direct({ secure: { store } }));
	assert.equal(count.writes, 0);
	fails(direct({ secure: { ...wrong, store } }), SECURE_KEYS_WRONG);
	assert.equal(count.writes, 1);
	// Each a start of its own.
	for (let n = 0; n < 3; n++) {
		const bench = direct({ secure: { ...wrong, store } });
		fails(bench, SECURE_KEYS_BLOCKED);
		assert.equal(bench.side?.initializations, 0);
	}
	assert.equal(count.writes, 1);
	// Told to try all the same, with a card that has these keys.
	const again = direct({ secure: { ...wrong, store }, secureCard: wrong });
	again.channel.refusedKeys = 0;
	reads(again);
	assert.equal(count.writes, 2);
	reads(direct({ secure: { ...wrong, store }, secureCard: wrong }));
});

test("keys are told apart by keysId, and it tells nothing of them", () => {
	const ids = new Set<number>();
	for (const length of [16, 24, 32]) ids.add(channelOf({ keyBytes: length }).keysId);
	ids.add(channelOf({ secure: { kvn: 0x31 } }).keysId);
	ids.add(channelOf({ secure: { enc: keys().mac } }).keysId);
	ids.add(channelOf({ secure: { mac: keys().enc } }).keysId);
	assert.equal(ids.size, 6);
	assert.equal(channelOf({}).keysId, channelOf({}).keysId);
});

test("refusals are told apart", () => {
	for (const [word, require, prefer] of [
		["6D00", SECURE_UNKNOWN, OK],
		["6E00", SECURE_UNSUPPORTED, OK],
		["6881", SECURE_UNSUPPORTED, OK],
		["6882", SECURE_UNSUPPORTED, OK],
		["6A88", SECURE_NO_KEYS, SECURE_NO_KEYS],
		["6982", SECURE_DENIED, SECURE_DENIED],
		["6985", SECURE_ANSWER, SECURE_ANSWER],
		["6700", SECURE_ANSWER, SECURE_ANSWER],
		["6F00", SECURE_ANSWER, SECURE_ANSWER],
		["9000", SECURE_ANSWER, SECURE_ANSWER],
	] as const) {
		for (const policy of ["require", "prefer"] as const) {
			const expected = policy === "require" ? require : prefer;
			const bench = direct({ secure: { policy } });
			bench.card.onCommand = (_index, apdu) => (apdu[1] === 0x50 ? bytes(word) : null);
			if (expected === OK) {
				bench.card.secure = null;
				reads(bench);
				assert.equal(bench.channel.authentic, false);
			} else {
				fails(bench, expected);
				assert.equal(bench.channel.refusedKeys, 0);
			}
		}
	}
	for (const policy of ["require", "prefer"] as const) {
		const bench = direct({ secure: { policy } });
		bench.card.onCommand = (_index, apdu) => (apdu[1] === 0x82 ? bytes("6300") : null);
		fails(bench, SECURE_HOST_REFUSED);
		assert.equal(bench.channel.refusedKeys, bench.channel.keysId);
	}
});

test("a card without a secure channel: no data with require, read with prefer and never", () => {
	fails(direct({ secureCard: null }), SECURE_UNKNOWN);
	const prefer = direct({ secureCard: null, secure: { policy: "prefer" } });
	reads(prefer);
	const never = direct({ secure: { policy: "never" } });
	reads(never);
	assert.equal(never.side?.initializations, 0);
	reads(direct({ secure: { policy: "prefer" } }));
});

test("another key version number, and the first that there is", () => {
	fails(direct({ secureCard: { kvn: 0x31 } }), SECURE_NO_KEYS);
	reads(direct({ secureCard: { kvn: 0x31 }, secure: { kvn: 0 } }));
	const bench = direct();
	bench.link.onAnswer = (_index, answer, command) => {
		if (command[1] === 0x50 || (command[1] === 0xc0 && answer.length > 29)) answer[10] = 0x32;
		return answer;
	};
	fails(bench, SECURE_ANSWER);
});

test("a parameter i without R-MAC or R-ENC is SECURE_LEVEL", () => {
	for (const i of [0x00, 0x10, 0x20, 0x30, 0x40, 0x50]) {
		const bench = direct({ secureCard: { i } });
		fails(bench, SECURE_LEVEL);
		assert.equal(bench.side?.authentications, 0);
		assert.equal(bench.channel.refusedKeys, 0);
	}
});

test("S8 and S16 that do not match are SECURE_ANSWER", () => {
	fails(direct({ secureCard: { sMode: 16 } }), SECURE_ANSWER);
	fails(direct({ secure: { sMode: 16 } }), SECURE_ANSWER);
});

test("keys made of the card's diversification data", () => {
	const data = bytes("00112233445566778899");
	const diversify: Diversify = (given, enc, mac) => {
		for (let i = 0; i < enc.length; i++) {
			enc[i] ^= given[i % 10];
			mac[i] ^= given[9 - (i % 10)];
		}
	};
	const own = keys();
	const [enc, mac] = [own.enc.slice(), own.mac.slice()];
	diversify(data, enc, mac);
	const bench = direct({ secureCard: { enc, mac, diversification: data }, secure: { diversify } });
	reads(bench);
	reads(bench);
	fails(direct({ secureCard: { enc, mac, diversification: data } }), SECURE_KEYS_WRONG);
});

test("an application that has no AID cannot be authenticated: nothing is read from it", () => {
	const card = { placement: "df" as const };
	fails(direct({ card }), SECURE_REQUIRED);
	reads(direct({ card, secure: { policy: "prefer" } }));
});

test("an application that is found in EF(DIR) is authenticated likewise", () => {
	const card = { aid: bytes("e828bd080f01") };
	for (const manners of MANNERS) {
		const bench = direct({ card: { ...card, manners } });
		reads(bench);
		assert.equal(bench.side?.sessions, 1);
	}
});

test("all forms of SELECT, data in EF(DODF) and EF(ODF), many objects", () => {
	for (const card of [
		{ manners: { refusesAlias: true } },
		{ manners: { refusesAlias: true, refusesPathFromDf: true } },
		{ manners: { refusesNoData: true } },
		{ manners: { refusesPathFromMf: true } },
		{ dodfForm: "direct" as const },
		{ dodfForm: "direct" as const, odfInline: true },
		{ dodfForm: "opaque" as const, otherObjects: 3, gapBytes: 3, dodfCount: 3 },
		{ pathForm: "absolute" as const },
		{ manners: { proactiveTimes: 100 } },
		{ manners: { maxAnswerBytes: 20 } },
	]) {
		const bench = direct({ card: card as object });
		assert.equal(nameOf(bench.read()), "OK", JSON.stringify(card));
		assert.equal(bench.fileHex(), SAMPLE);
		assert.equal(bench.side?.rejected, 0);
	}
});

test("a busy card is asked again: before, during and after the authentication", () => {
	for (const ins of [0x50, 0x82]) {
		const bench = direct();
		let left = 3;
		bench.card.onCommand = (_index, apdu) => (apdu[1] === ins && left-- > 0 ? bytes("9300") : null);
		reads(bench);
		const stays = direct();
		stays.card.onCommand = (_index, apdu) => (apdu[1] === ins ? bytes("9300") : null);
		assert.ok(stays.read() < OK);
		assert.equal(stays.device.file.length, 0);
		assert.equal(stays.channel.refusedKeys, 0);
	}
	reads(direct({ card: { manners: { busyTimes: 4, transport: "t1" } } }));
});

test("a command that the modem refuses, or whose answer is lost, is sent again as the session demands", () => {
	// The card has not seen it.
	for (let index = 0; index < 10; index++) {
		const bench = direct({ card: { manners: { transport: "t1" } } });
		bench.link.onCommand = (n, command) => (n === index ? COMMAND_ERROR : command);
		reads(bench);
		assert.equal(bench.side?.rejected, 0);
	}
	// The card has seen it.
	for (let index = 1; index < 10; index++) {
		const bench = direct({ card: { manners: { transport: "t1" } } });
		bench.link.onAnswer = (n, answer) => (n === index ? COMMAND_TIMEOUT : answer);
		reads(bench);
		assert.equal(bench.side?.rejected, 0);
	}
});

/** The exchanges of a bootstrap, from the first protected one to the last. */
function session(step = 256): { first: number; last: number; commands: Uint8Array[]; answers: Uint8Array[] } {
	const bench = direct({ card: { manners: { transport: "t1" } }, step });
	const commands: Uint8Array[] = [];
	const answers: Uint8Array[] = [];
	bench.link.onAnswer = (_index, answer, command) => {
		commands.push(command);
		answers.push(answer);
		return answer;
	};
	reads(bench);
	return { first: commands.findIndex((apdu) => apdu[1] === 0x82) + 1, last: commands.length - 2, commands, answers };
}

function flipped(all: Uint8Array, bit: number): Uint8Array {
	const changed = all.slice();
	changed[bit >> 3] ^= 1 << (bit & 7);
	return changed;
}

/**
 * It must end in an error and without data. An error that SCP03 leaves unprotected, such as 6881 for a channel that is not open, has the whole
 * procedure tried again in a new session, unless it is told not to.
 */
function broken(bench: SecureBench, what: string): void {
	const code = bench.read();
	assert.ok(code < OK && nameOf(code) !== `${code}`, `${what}: ${nameOf(code)}`);
	assert.equal(bench.device.file.length, 0, what);
	assert.notEqual(bench.fileHex(), SAMPLE);
}

test("one bit flipped anywhere in any answer after the authentication: an error, and no data", () => {
	const { first, last, answers } = session();
	let count = 0;
	for (let index = first; index <= last; index++) {
		for (let bit = 0; bit < 8 * answers[index].length; bit++) {
			const bench = direct({ card: { manners: { transport: "t1" } } });
			bench.link.onAnswer = (n, answer) => (n === index ? flipped(answer, bit) : answer);
			broken(bench, `answer ${index}, bit ${bit}`);
			count += 1;
		}
	}
	assert.ok(count > 2000, `${count} bits`);
});

test("one bit flipped anywhere in any command after the authentication: an error, and no data", () => {
	const { first, last, commands } = session();
	for (let index = first; index <= last; index++) {
		const le = commands[index].length - 1;
		for (let bit = 0; bit < 8 * le; bit++) {
			for (const confirm of [false, true]) {
				const bench = direct({ card: { manners: { transport: "t1" } }, confirm });
				bench.link.onCommand = (n, command) => (n === index ? flipped(command, bit) : command);
				if (!confirm) broken(bench, `command ${index}, bit ${bit}`);
				else if (bench.read() === OK) {
					// CLA named a channel that is not open: the card said so, and a new session was made on a new channel.
					assert.ok(bit < 8);
					assert.equal(bench.side?.sessions, 2);
					assert.equal(bench.fileHex(), SAMPLE);
				} else assert.equal(bench.device.file.length, 0);
			}
		}
		// SCP03 does not protect Le: what then comes back is checked all the same.
		for (let bit = 8 * le; bit < 8 * le + 8; bit++) {
			const bench = direct({ card: { manners: { transport: "t1" } } });
			bench.link.onCommand = (n, command) => (n === index ? flipped(command, bit) : command);
			const code = bench.read();
			if (code === OK) assert.equal(bench.fileHex(), SAMPLE);
			else assert.equal(bench.device.file.length, 0);
		}
	}
});

test("a message that is replayed, dropped, put elsewhere or cut: an error, and no data", () => {
	const { first, last, commands, answers } = session(128);
	const make = () => direct({ card: { manners: { transport: "t1" } }, step: 128 });
	for (let index = first; index <= last; index++) {
		// Each other answer of the same session, and of one before, in place of the right one.
		for (let other = first; other <= last; other++) {
			const across = make();
			across.link.onAnswer = (n, answer) => (n === index ? answers[other] : answer);
			broken(across, `answer ${other} of another session in place of ${index}`);
			if (other >= index) continue;
			const within = make();
			const seen: Uint8Array[] = [];
			within.link.onAnswer = (n, answer) => {
				seen.push(answer);
				return n === index ? seen[other] : answer;
			};
			broken(within, `answer ${other} in place of ${index}`);
		}
		for (let length = 2; length < answers[index].length; length++) {
			// From the end, and without the status word's place changed.
			const cut = make();
			cut.link.onAnswer = (n, answer) => {
				if (n !== index) return answer;
				const end = answer.length - 2;
				return Uint8Array.from([...answer.subarray(0, length - 2), ...answer.subarray(end)]);
			};
			if (length < answers[index].length) broken(cut, `answer ${index} of ${length} bytes`);
		}
		// A command that never comes to the card, though something answers: with success, or with what an earlier one was answered.
		for (const answer of ["9000", "6282", "9100"]) {
			const dropped = make();
			dropped.card.onCommand = (n) => (n === index ? bytes(answer) : null);
			broken(dropped, `command ${index} dropped and answered ${answer}`);
		}
		const unseen = make();
		unseen.link.onCommand = (n, command) => (n === index ? COMMAND_TIMEOUT : command);
		broken(unseen, `command ${index} lost on its way`);
		for (let length = 1; length < commands[index].length - 1; length++) {
			const cut = direct({ card: { manners: { transport: "t1" } }, step: 128, confirm: false });
			cut.link.onCommand = (n, command) => (n === index ? command.slice(0, length) : command);
			broken(cut, `command ${index} of ${length} bytes`);
		}
		// A command that comes to the card twice, or in place of the next.
		const twice = make();
		const sent: Uint8Array[] = [];
		twice.link.onCommand = (n, command) => {
			sent.push(command);
			if (n === index) twice.card.transmit(command);
			return command;
		};
		broken(twice, `command ${index} sent twice`);
		if (index > first) {
			const swapped = make();
			const before: Uint8Array[] = [];
			swapped.link.onCommand = (n, command) => {
				before.push(command);
				return n === index ? before[index - 1] : command;
			};
			broken(swapped, `command ${index - 1} again in place of ${index}`);
		}
	}
});

test("an answer without its protection is SECURE_BROKEN, and the session is over", () => {
	for (const plain of ["9000", `${"00".repeat(20)}9000`, "6282", "63C1", "6120", "6987", "6988", "AA6A82"]) {
		const bench = direct({ card: { manners: { transport: "t1" } } });
		const { first } = session();
		bench.link.onAnswer = (n, answer) => (n === first ? bytes(plain) : answer);
		fails(bench, SECURE_BROKEN);
	}
});

test("a PIN is verified through the channel, and never goes over the line as it is", () => {
	for (const manners of MANNERS) {
		const bench = direct({ card: { pin: { reference: 1, value: "4711", enabled: true }, manners }, pin: "4711" });
		let verified = 0;
		bench.link.onCommand = (_index, command) => {
			if (command[1] === 0x20) verified += 1;
			assert.ok(!toHex(command).includes("34373131"));
			return command;
		};
		reads(bench);
		assert.ok(verified > 0);
	}
	const plain = direct({
		card: { placement: "df", pin: { reference: 1, value: "4711", enabled: true } },
		pin: "4711",
	});
	plain.link.onCommand = (_index, command) => {
		assert.notEqual(command[1], 0x20, "no session, no PIN");
		return command;
	};
	fails(plain, SECURE_REQUIRED);
});

test("closing the device wipes the keys as well", () => {
	const bench = direct();
	reads(bench);
	bench.device.close();
	fails(bench, SECURE_NO_KEYS);
});

test("close wipes all keys: there is no further session", () => {
	const made: { key: Uint8Array; closed: boolean }[] = [];
	const bench = direct({
		secure: {
			aes: (key) => {
				const cipher = aes(key);
				const entry = { key: key.slice(), closed: false };
				made.push(entry);
				return {
					encrypt: (block) => cipher.encrypt(block),
					decrypt: (block) => cipher.decrypt(block),
					close: () => {
						entry.closed = true;
					},
				};
			},
		},
	});
	reads(bench);
	// Two for keysId, and five for the session: all are closed with the channel.
	assert.equal(made.length, 7);
	for (const { closed } of made) assert.equal(closed, true);
	const secrets = made.map(({ key }) => toHex(key));
	bench.channel.close();
	bench.channel.close();
	assert.deepEqual(bytesWithin({ ...bench.channel, link: null }, secrets), []);
	assert.notDeepEqual(bytesWithin({ key: made[0].key }, secrets), []);
	fails(bench, SECURE_NO_KEYS);
});

/** Which of the secrets are found in the arrays below an object. */
function bytesWithin(object: object, secrets: string[], seen = new Set<object>()): string[] {
	if (seen.has(object)) return [];
	seen.add(object);
	if (object instanceof Uint8Array) {
		const hex = toHex(object);
		return secrets.filter((secret) => hex.includes(secret));
	}
	return Object.values(object).flatMap((value) =>
		typeof value === "object" && value !== null ? bytesWithin(value, secrets, seen) : [],
	);
}
