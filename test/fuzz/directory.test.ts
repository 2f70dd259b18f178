// EF(DIR), EF(ODF), EF(DODF), FCP and EF(ARR) of random and of nearly right bytes: no throw, no hang, no byte outside the range.

import assert from "node:assert/strict";
import test from "node:test";
import { Ber } from "../../src/ber.js";
import { Pkcs15 } from "../../src/pkcs15.js";
import { efFcp } from "../../virtual/fcp.js";
import { bootstrapCard, fromHex, joinBytes, type Random } from "../../virtual/index.js";
import { fuzz, guarded, mutated, randomBytes } from "./fuzz.js";

const INS_VERIFY = 0x20;
const OBJECTS = [
	bootstrapCard({}),
	bootstrapCard({ otherObjects: 3, gapBytes: 2, oid: "doubled" }),
	bootstrapCard({ dodfForm: "opaque", pathForm: "absolute", pathIndex: 300 }),
	bootstrapCard({ dodfForm: "direct", dodfCount: 3 }),
	bootstrapCard({ odfInline: true, otherObjects: 1 }),
];

/** Bytes between others that are not looked at. */
function placed(dice: Random, samples: readonly Uint8Array[]): { bytes: Uint8Array; from: number; to: number } {
	const body =
		dice.below(4) === 0 ? randomBytes(dice, dice.below(200)) : mutated(dice, samples[dice.below(samples.length)]);
	const from = dice.below(30);
	return { bytes: joinBytes([randomBytes(dice, from), body, randomBytes(dice, 20)]), from, to: from + body.length };
}

/** A search goes on behind what it found, and ends. Whether it found anything. */
function walk(from: number, to: number, next: (at: number) => number, found: () => void): boolean {
	let at = from;
	for (let n = 0; ; n++) {
		assert.ok(n <= to - from + 1, "it goes round in circles");
		const after = next(at);
		if (after < 0) return n > 0;
		assert.ok(after > at && after <= to, `from ${at} to ${after}`);
		found();
		at = after;
	}
}

function inside(pkcs15: Pkcs15, from: number, to: number): void {
	assert.ok(pkcs15.from >= from && pkcs15.from <= pkcs15.to && pkcs15.to <= to, `${pkcs15.from} to ${pkcs15.to}`);
}

test("BER-TLV", (t) => {
	const samples = OBJECTS.flatMap(({ odf, dodfs }) => [odf, ...dodfs]).map(({ data }) => data as Uint8Array);
	fuzz(t, (dice) => {
		const { bytes, from, to } = placed(dice, samples);
		const ber = new Ber(guarded(bytes, from, to));
		let left = 2000;
		const level = (start: number, end: number, depth: number): void => {
			const inner = new Ber(ber.buffer);
			inner.enter(start, end);
			while (inner.next()) {
				assert.ok(--left > 0, "it goes round in circles");
				assert.ok(inner.from >= start && inner.from <= inner.to && inner.to <= end);
				if (depth < 8) level(inner.from, inner.to, depth + 1);
			}
		};
		level(from, to, 0);
		return left < 1999;
	});
});

test("EF(DIR)", (t) => {
	const samples = OBJECTS.flatMap(({ mf }) => mf.efs.filter(({ fid }) => fid === 0x2f00)).flatMap(
		({ records }) => records ?? [],
	);
	fuzz(t, (dice) => {
		const { bytes, from, to } = placed(dice, samples);
		const pkcs15 = new Pkcs15(guarded(bytes, from, to), null);
		return walk(
			from,
			to,
			(at) => (pkcs15.application(at, to) ? pkcs15.next : -1),
			() => {
				inside(pkcs15, from, to);
				assert.ok(pkcs15.to - pkcs15.from >= 5);
				if (pkcs15.length >= 0) assert.ok(pkcs15.index >= from && pkcs15.index + pkcs15.length <= to);
				pkcs15.wellKnown();
			},
		);
	});
});

test("EF(ODF)", (t) => {
	const samples = OBJECTS.map(({ odf }) => odf.data as Uint8Array);
	fuzz(t, (dice) => {
		const { bytes, from, to } = placed(dice, samples);
		const pkcs15 = new Pkcs15(guarded(bytes, from, to), null);
		const found = walk(
			from,
			to,
			(at) => (pkcs15.directory(at, to) === 0 ? -1 : pkcs15.next),
			() => inside(pkcs15, from, to),
		);
		const extent = pkcs15.extent(from, to);
		assert.ok(extent >= from && extent <= to);
		return found;
	});
});

test("EF(DODF)", (t) => {
	const samples = OBJECTS.flatMap(({ dodfs }) => dodfs.map(({ data }) => data as Uint8Array));
	fuzz(t, (dice) => {
		const { bytes, from, to } = placed(dice, samples);
		const oid = dice.below(5) === 0 ? randomBytes(dice, 1 + dice.below(8)) : null;
		const pkcs15 = new Pkcs15(guarded(bytes, from, to), oid);
		return walk(
			from,
			to,
			(at) => (pkcs15.object(at, to) === 0 ? -1 : pkcs15.next),
			() => {
				inside(pkcs15, from, to);
				assert.ok(pkcs15.index >= 0 && pkcs15.index <= 0xffff);
				assert.ok(pkcs15.length >= -1 && pkcs15.length <= 0xffff);
			},
		);
	});
});

test("FCP and EF(ARR), as the search for a PIN reads them", async (t) => {
	const { Pin } = await import("../../src/pin.js");
	const { Uicc } = await import("../../src/uicc.js");
	const { LINK_CHANNELS, OK } = await import("../../src/index.js");
	const words = [0x9000, 0x9000, 0x9000, 0x63c3, 0x63c3, 0x6a82, 0x6983, 0x6110, 0x6c26];
	const pin = { reference: 0x81, value: "2468", enabled: true };
	const fcps = ["referenced", "compact", "expanded"].flatMap((security) => {
		const { bootstrapFile } = bootstrapCard({ pin, security: security as "compact" });
		return bootstrapFile === null ? [] : [efFcp(bootstrapFile)];
	});
	fcps.push(
		fromHex("622582027821840CA000000063504B43532D31358A01058B032F060CC609900140830101830181"),
		fromHex("800101A406830181950108800102A40683010A950108FFFFFF"),
		fromHex("62108B066F0601010201AB06800101 9000"),
	);
	fuzz(t, (dice) => {
		const path = Uint8Array.of(0x64, 0x32);
		const own = new Uint8Array(300).fill(0xa5);
		let commands = 0;
		let asked = 0;
		let response: { takeAll(bytes: Uint8Array, length: number): boolean } | null = null;
		let sent = 0;
		const uicc = new Uicc(
			{
				manner: LINK_CHANNELS,
				wakeAt: 0,
				transmit(command, length, taker) {
					commands += 1;
					asked = command[1];
					assert.ok(commands < 200, "it asks for ever");
					if (asked === INS_VERIFY && length > 5) {
						sent += 1;
						const reference = command[3];
						const user =
							(reference >= 1 && reference <= 8) || reference === 0x11 || (reference >= 0x81 && reference <= 0x88);
						assert.ok(user, `a key that is no user's: ${reference.toString(16)}`);
					}
					response = taker;
				},
				poll() {
					const usual = dice.below(4) > 0;
					const sample = fcps[dice.below(fcps.length)];
					const body = usual
						? sample
						: dice.below(2) === 0
							? randomBytes(dice, dice.below(100))
							: mutated(dice, sample);
					const word = usual ? (asked === INS_VERIFY ? 0x63c3 : 0x9000) : words[dice.below(words.length)];
					const answer = joinBytes([word === 0x9000 ? body : new Uint8Array(0), Uint8Array.of(word >> 8, word & 255)]);
					response?.takeAll(answer, answer.length);
					return OK;
				},
				cancel() {},
				distrust() {},
			},
			256,
		);
		uicc.adopt(1);
		const room = 40 + dice.below(200);
		const unlock = new Pin(Uint8Array.from(Buffer.from("2468")), false, guarded(own.subarray(0, room), 0, room));
		unlock.start(uicc, path, 0, dice.below(4) === 0 ? 0 : 2);
		let code = 1;
		for (let n = 0; n < 100 && code === 1; n++) code = unlock.poll(n * 1000);
		assert.ok(code <= 0, "it has a result");
		assert.ok(sent <= 1, "one try at most");
		for (let i = room; i < own.length; i++) assert.equal(own[i], 0xa5);
		return sent > 0;
	});
});
