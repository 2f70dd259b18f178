// src/discovery.ts through the whole stack: where the bootstrap file is, on every kind of card (LwM2M TS G.2 and G.3; PKCS #15).

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import {
	OBJECT_INSTANCE,
	OK,
	overCsim,
	RESOURCE,
	STEP_DIR,
	STEP_DODF,
	STEP_ODF,
	STEP_SELECT,
} from "../../src/index.js";
import type { BootstrapCardOptions, CardManners, DfProfile } from "../../virtual/index.js";
import {
	ber,
	bootstrapCard,
	fromHex,
	joinBytes,
	pkcs15Aid,
	sampleFile,
	textBytes,
	toHex,
} from "../../virtual/index.js";
import { type Bench, type BenchOptions, bench } from "../support.js";
import { fileOf, nameOf, SEED, tlv } from "./tools.js";

const SAMPLE = toHex(sampleFile());
const TRANSPORTS: CardManners[] = [{ transport: "t0" }, { transport: "t0", acceptsLe00: true }, { transport: "t1" }];
const STEPS = [16, 48, 239, 256];

/** The result's name; the channel is closed, and what was read is right. */
function result(device: Bench, maxMs = 120000): string {
	const { code, hung } = device.read({ maxMs });
	assert.equal(hung, false, "it hangs");
	assert.equal(device.card?.channelsOpen, 0, "channels left open");
	if (code === OK) assert.equal(device.fileHex(), SAMPLE);
	return nameOf(code);
}

function finds(card: BootstrapCardOptions, core: BenchOptions["core"] = {}): void {
	for (const manners of TRANSPORTS) {
		for (const step of STEPS) {
			const device = bench({ card: { ...card, manners: { ...manners, ...card.manners } }, core: { step, ...core } });
			assert.equal(result(device), "OK", `${manners.transport} ${step}`);
		}
	}
}

function refuses(card: BootstrapCardOptions, expected: string, core: BenchOptions["core"] = {}): Bench {
	const device = bench({ card, core });
	assert.equal(result(device), expected);
	return device;
}

function u16(value: number): Uint8Array {
	return new Uint8Array([value >> 8, value & 255]);
}

function path(...fids: number[]): Uint8Array {
	return ber(0x30, ber(0x04, joinBytes(fids.map(u16))));
}

/** An oidDO with this ObjectValue. */
function bootstrapObject(value: Uint8Array): Uint8Array {
	const oid = fromHex("0604672B0901");
	return ber(0xa1, joinBytes([fromHex("3000 30040C024C57"), ber(0xa1, ber(0x30, joinBytes([oid, value])))]));
}

function dodfEntry(...fids: number[]): Uint8Array {
	return ber(0xa7, path(...fids));
}

function dirRecord(aid: Uint8Array, df?: Uint8Array): Uint8Array {
	const parts = [ber(0x4f, aid), fromHex("500141")];
	if (df !== undefined) parts.push(ber(0x51, df));
	return ber(0x61, joinBytes(parts));
}

const OPTIONS: [string, BootstrapCardOptions][] = [
	["the plainest card", {}],
	["the mis-encoded OID", { oid: "doubled" }],
	["an opaque object", { dodfForm: "opaque" }],
	["an opaque object with the mis-encoded OID", { dodfForm: "opaque", oid: "doubled" }],
	["the content in the EF(DODF)", { dodfForm: "direct" }],
	["the EF(DODF)'s content in the EF(ODF)", { odfInline: true }],
	["the file's content in the EF(ODF)", { odfInline: true, dodfForm: "direct" }],
	["an opaque object in the EF(ODF)", { odfInline: true, dodfForm: "opaque" }],
	["an absolute path", { pathForm: "absolute" }],
	["an absolute path out of the application", { pathForm: "absolute", placement: "adf" }],
	["index and length", { pathIndex: 1 }],
	["a far index", { pathIndex: 700 }],
	["an index that is not a multiple of anything", { pathIndex: 129 }],
	["other objects before it", { otherObjects: 3 }],
	["gaps of FF", { otherObjects: 2, gapBytes: 5, gapByte: 0xff }],
	["gaps of 00", { otherObjects: 2, gapBytes: 5, gapByte: 0x00 }],
	["padding of 00", { padding: 0x00 }],
	["several EF(DODF)s", { dodfCount: 4 }],
	["other file IDs", { dodfFid: 0x5207, fileFid: 0x4407 }],
	["an application that is selected by AID only", { placement: "adf" }],
	["a directory without AID", { placement: "df" }],
	["a directory without AID, elsewhere", { placement: "df", dfFid: 0x7f70 }],
	["no EF(DIR)", { dir: false }],
	["PKCS #15 first in EF(DIR)", { placement: "df", dirPkcs15First: true }],
	["the AID of ISO 7816-15, found through EF(DIR)", { aid: fromHex("E828BD080F") }],
	["a longer AID", { aid: fromHex("A000000063504B43532D31350102") }],
	["a longer AID of ISO 7816-15", { aid: fromHex("E828BD080FA000000001") }],
	["access rules written out", { security: "expanded" }],
	["a Short File Identifier", { fileSfi: 5 }],
];

for (const [name, card] of OPTIONS) {
	test(`it finds the file on a card with ${name}`, () => {
		// A record of EF(DIR) is read in one piece: it takes a step of its size.
		if (card.placement === "df" || card.aid !== undefined) {
			for (const manners of TRANSPORTS) {
				for (const step of [48, 239, 256]) {
					const device = bench({ card: { ...card, manners }, core: { step } });
					assert.equal(result(device), "OK", `${manners.transport} ${step}`);
				}
			}
		} else finds(card);
	});
}

test("a gap may be as long as it likes, and steps as short", () => {
	for (const gapByte of [0xff, 0x00]) {
		for (const gapBytes of [15, 16, 17, 40, 100]) finds({ otherObjects: 1, gapBytes, gapByte });
	}
});

test("a file in the EF(DODF) may hold a key of zeros, and steps be as short as that", () => {
	const instance = joinBytes([tlv(RESOURCE, 0, textBytes("coap://a")), tlv(RESOURCE, 5, new Uint8Array(48))]);
	const file = fileOf([0, [tlv(OBJECT_INSTANCE, 0, instance)]]);
	for (const step of STEPS) {
		const device = bench({ card: { file, dodfForm: "direct" }, core: { step } });
		const { code } = device.read();
		assert.equal(nameOf(code), "OK", `${step}`);
		assert.equal(device.fileHex(), toHex(file));
	}
});

/** Those of these files that were selected, in their order. */
function selected(device: Bench, ...fids: number[]): number[] {
	const history = (device.card?.history ?? []).filter((apdu) => apdu[1] === 0xa4 && apdu[2] !== 4);
	const last = history.map((apdu) => (apdu[3 + apdu[4]] << 8) | apdu[4 + apdu[4]]);
	return last.filter((fid) => fids.includes(fid));
}

test("behind a gap a directory file is read on without being selected again", () => {
	const plain = bootstrapCard({});
	const dodf = plain.dodfs[0];
	const gap = new Uint8Array(100).fill(0xff);
	for (const manners of TRANSPORTS) {
		for (const step of [16, 48]) {
			const dodfData = joinBytes([gap, dodf.data as Uint8Array]);
			const odfData = joinBytes([gap, plain.odf.data as Uint8Array]);
			const device = bench({ card: { odfData, dodfData, manners }, core: { step } });
			assert.ok(device.card);
			device.card.record = true;
			assert.equal(result(device), "OK");
			assert.deepEqual(selected(device, 0x5031, dodf.fid), [0x5031, dodf.fid]);
		}
	}
});

test("EF(ODF) is selected again to be read on, behind an EF(DODF) without the object, or one that is not to be read", () => {
	for (const manners of TRANSPORTS) {
		for (const readable of [true, false]) {
			const card = bootstrapCard({ dodfCount: 2, manners });
			const [first, second] = card.dodfs;
			if (!readable) first.access = 0xff;
			card.odf.data = joinBytes([dodfEntry(first.fid), new Uint8Array(100).fill(0xff), dodfEntry(second.fid)]);
			const device = bench({ profile: card, core: { step: 16 } });
			assert.ok(device.card);
			device.card.record = true;
			assert.equal(result(device), "OK");
			assert.deepEqual(selected(device, 0x5031, first.fid, second.fid), [0x5031, first.fid, 0x5031, second.fid]);
		}
	}
});

test("an application with the AID but without the object leaves the others to EF(DIR)", () => {
	const card = bootstrapCard({ placement: "df", dirPkcs15First: false });
	const other: DfProfile = { aid: pkcs15Aid(), efs: [{ fid: 0x5031, data: fromHex("FFFFFFFF") }] };
	card.applications.push(other);
	const dir = card.mf.efs.find((ef) => ef.fid === 0x2f00);
	assert.ok(dir?.records);
	const device = bench({ profile: card });
	// Its record has the same AID, and the path of another directory.
	assert.equal(result(device), "NO_OBJECT");

	const second = bootstrapCard({ aid: fromHex("E828BD080F"), placement: "both" });
	second.applications.push(other);
	assert.equal(result(bench({ profile: second })), "OK");
});

test("every application that EF(DIR) lists is looked at, in order", () => {
	const aids = ["E828BD080F01", "E828BD080F02", "E828BD080F03"].map(fromHex);
	const records = [dirRecord(fromHex("A0000000871002FFFFFFFF8907090000")), ...aids.map((aid) => dirRecord(aid))];
	const card = bootstrapCard({ aid: aids[2], dirRecords: records });
	card.applications.push({ aid: aids[1], efs: [{ fid: 0x5031, data: fromHex("A706300404026430FFFF") }] });
	card.applications.push({ aid: aids[0], efs: [] });
	const device = bench({ profile: card });
	(device.card as NonNullable<Bench["card"]>).record = true;
	assert.equal(result(device), "OK");
	const names = (device.card?.history ?? [])
		.filter((apdu) => apdu[1] === 0xa4 && apdu[2] === 4)
		.map((apdu) => toHex(apdu.subarray(5, 5 + apdu[4])));
	assert.deepEqual(names, [toHex(pkcs15Aid()), ...aids.map(toHex)]);
});

test("an EF(DIR) that is transparent is read too", () => {
	const aid = fromHex("E828BD080F");
	const usim = dirRecord(fromHex("A0000000871002FFFFFFFF8907090000"));
	for (const lead of [[usim], [], [usim, fromHex("FFFFFF")], [dirRecord(fromHex("E828BD080F09")), usim]]) {
		const card = bootstrapCard({ aid, dir: false });
		const data = joinBytes([...lead, dirRecord(aid), fromHex("FFFF")]);
		card.mf.efs.push({ fid: 0x2f00, data });
		for (const manners of TRANSPORTS) assert.equal(result(bench({ profile: { ...card, manners } })), "OK");
	}
});

test("a whole EF(DIR) of hostile records ends soon", () => {
	const records: Uint8Array[] = [];
	for (let i = 0; i < 254; i++) records.push(dirRecord(fromHex("E828BD080F"), fromHex("3F007F99")));
	const device = bench({ card: { placement: "none", dirRecords: records } });
	assert.match(result(device), /NO_/);
	assert.ok((device.card?.commands ?? 0) < 600, `${device.card?.commands} exchanges`);

	const known = bootstrapCard({ file: null, dir: false });
	known.mf.efs.push({ fid: 0x2f00, data: joinBytes(new Array(100).fill(dirRecord(pkcs15Aid()))) });
	const second = bench({ profile: known });
	assert.equal(result(second), "NO_OBJECT");
	assert.ok((second.card?.commands ?? 0) < 100, `${second.card?.commands} exchanges`);
});

test("no PKCS #15 application at all is NO_APPLICATION", () => {
	refuses({ placement: "none" }, "NO_APPLICATION");
	refuses({ placement: "none", dir: false }, "NO_APPLICATION");
});

test("an application without EF(ODF), without the object, or with an empty directory, is NO_OBJECT", () => {
	refuses({ file: null }, "NO_OBJECT");
	refuses({ file: null, otherObjects: 4, dodfCount: 3 }, "NO_OBJECT");
	refuses({ odfFid: 0x5099 }, "NO_OBJECT");
	refuses({ odfData: fromHex("FFFFFFFF") }, "NO_OBJECT");
	refuses({ odfData: fromHex("A406300404025005") }, "NO_OBJECT");
	refuses({ dodfData: fromHex("FFFFFFFFFFFF") }, "NO_OBJECT");
	refuses({ odfData: dodfEntry(0x6499) }, "NO_OBJECT");
});

test("the other OID replaces both, and finds what it names", () => {
	finds({}, { oid: fromHex("672B0901") });
	finds({ oid: "doubled" }, { oid: fromHex("0604672B0901") });
	refuses({ oid: "doubled" }, "NO_OBJECT", { oid: fromHex("672B0901") });
	refuses({}, "NO_OBJECT", { oid: fromHex("0604672B0901") });
	const gp = bench({ card: { otherObjects: 1 }, core: { oid: fromHex("2A864886FC6B81480102") } });
	assert.equal(result(gp), "FILE_MISSING", "the object of the access control names 4200, which is not there");
});

test("a fixed file ID skips the search", () => {
	finds({}, { fileId: 0x6432 });
	finds({ odfData: fromHex("FFFF"), dodfData: fromHex("FFFF") }, { fileId: 0x6432 });
	const device = bench({ core: { fileId: 0x6432, confirm: false }, card: { manners: { transport: "t1" } } });
	assert.equal(result(device), "OK");
	assert.equal(device.device.exchanges, 5, "open, application, file, read, close");
	refuses({}, "FILE_MISSING", { fileId: 0x6499 });
	refuses({ placement: "none" }, "NO_APPLICATION", { fileId: 0x6432 });
	const dir = bench({ card: { placement: "df" }, core: { fileId: 0x6432 } });
	assert.equal(result(dir), "OK", "through EF(DIR) as well");
});

test("options out of their range are a TypeError", () => {
	const port = { write: () => 0 };
	const buffer = new Uint8Array(256);
	const made = (options: object) => () => overCsim(port, { buffer, ...options });
	assert.throws(made({ oid: fromHex("672B0901"), fileId: 0x6432 }), TypeError, "both");
	assert.throws(made({ fileId: 0 }), TypeError, "fileId 0");
	assert.throws(made({ fileId: 65536 }), TypeError, "fileId 65536");
	assert.throws(made({ fileId: 1.5 }), TypeError, "fileId 1.5");
	assert.throws(made({ step: 0 }), TypeError, "step 0");
	assert.throws(made({ step: 257 }), TypeError, "step 257");
	assert.throws(made({ step: 1.5 }), TypeError, "step 1.5");
	assert.throws(made({ step: Number.NaN }), TypeError, "step NaN");
	assert.throws(made({ oid: new Uint8Array(0) }), TypeError, "oid of no bytes");
	assert.throws(made({ buffer: new Uint8Array(0) }), TypeError, "buffer of no bytes");
	assert.throws(made({ limitMs: Number.NaN }), TypeError, "limitMs NaN");
	assert.throws(made({ commandLimitMs: -1 }), TypeError, "commandLimitMs -1");
	assert.doesNotThrow(made({ fileId: 1, step: 1 }));
	assert.doesNotThrow(made({ fileId: 65535, step: 256 }));
});

test("a file that the directory names but the card does not have is FILE_MISSING", () => {
	for (const value of [
		path(0x6499),
		path(0x3f00, 0x7f50, 0x6499),
		path(0x3f00, 0x7f99, 0x6432),
		path(0x5f01, 0x6432),
	]) {
		const device = refuses({ dodfData: bootstrapObject(value) }, "FILE_MISSING");
		assert.equal(device.device.step, STEP_SELECT);
		assert.equal(device.device.sw === 0 || device.device.sw === 0x6a82, true);
	}
});

test("a second object is tried when the first one's file is missing", () => {
	const objects = [path(0x6499), path(0x6498), path(0x6432)].map(bootstrapObject);
	finds({ dodfData: joinBytes(objects) });
	const card = bootstrapCard({ dodfCount: 2 });
	card.dodfs[0].data = bootstrapObject(path(0x6499));
	assert.equal(result(bench({ profile: card })), "OK");
});

test("paths of any legal length are followed, from the application and from the MF", () => {
	const card = bootstrapCard({ dodfData: bootstrapObject(path(0x5f01, 0x5f02, 0x6777)) });
	const file = { fid: 0x6777, data: sampleFile() };
	card.application.dfs = [{ fid: 0x5f01, efs: [], dfs: [{ fid: 0x5f02, efs: [file] }] }];
	for (const manners of [
		{},
		{ refusesPathFromMf: true },
		{ refusesAlias: true },
		{ refusesPathFromDf: true },
	] as CardManners[]) {
		assert.equal(result(bench({ profile: { ...card, manners } })), "OK", JSON.stringify(manners));
	}
	const deep = bootstrapCard({ dodfData: bootstrapObject(path(0x3f00, 0x7f50, 0x5f01, 0x5f02, 0x6777)) });
	deep.application.dfs = card.application.dfs;
	assert.equal(result(bench({ profile: deep })), "OK");
});

test("an EF(DODF) in a directory of its own does not lead the file's path astray", () => {
	for (const manners of [{}, { refusesPathFromMf: true }, { refusesAlias: true }] as CardManners[]) {
		const card = bootstrapCard({ odfData: dodfEntry(0x5f01, 0x6431) });
		card.application.dfs = [{ fid: 0x5f01, efs: [{ fid: 0x6431, data: bootstrapObject(path(0x6432)) }] }];
		assert.equal(result(bench({ profile: { ...card, manners } })), "OK", JSON.stringify(manners));
	}
});

test("paths that no file can have are PATH_INVALID, and hide nothing behind them", () => {
	for (const bad of ["", "64", "643200", "3F00", "AB".repeat(18), "3F00".repeat(20)]) {
		const object = bootstrapObject(ber(0x30, ber(0x04, fromHex(bad))));
		refuses({ dodfData: object }, "PATH_INVALID");
		finds({ dodfData: joinBytes([object, bootstrapObject(path(0x6432))]) });
	}
	for (const bad of ["", "64", "643000", "AB".repeat(18)]) {
		const entry = ber(0xa7, ber(0x30, ber(0x04, fromHex(bad))));
		finds({ odfData: joinBytes([entry, dodfEntry(0x6430)]) });
	}
});

test("index and length that do not fit the file are no hang and no file", () => {
	for (const [index, length, expected] of [
		[0, 125, "FILE_TRUNCATED"],
		[0, 3, "FILE_TRUNCATED"],
		[0, 0, "FILE_TRUNCATED|NO_DATA"],
		[0, 126, "OK"],
		[0, 60000, "OK"],
		[128, 126, "NO_DATA|FILE_TRUNCATED"],
		[5000, 126, "NO_DATA|FILE_TRUNCATED|OFFSET_BEYOND_END"],
		[32767, 126, "NO_DATA|FILE_TRUNCATED|OFFSET_BEYOND_END"],
		[32768, 126, "NO_DATA|FILE_TRUNCATED|OFFSET_BEYOND_END"],
		[65535, 65535, "NO_DATA|FILE_TRUNCATED|OFFSET_BEYOND_END"],
	] as [number, number, string][]) {
		const value = ber(
			0x30,
			joinBytes([fromHex("04026432 0203"), fromHex("00"), u16(index), fromHex("8003 00"), u16(length)]),
		);
		for (const step of [16, 256]) {
			const device = bench({ card: { dodfData: bootstrapObject(value) }, core: { step } });
			assert.match(result(device), new RegExp(`^(${expected})$`), `${index} ${length}`);
			assert.ok((device.card?.commands ?? 0) < 60);
		}
	}
});

test("index and length of an EF(DODF) are the part of it that counts", () => {
	const object = bootstrapObject(path(0x6432));
	const dodfData = joinBytes([fromHex("DEADBEEF00"), object, fromHex("A1FF")]);
	const entry = ber(0xa7, ber(0x30, joinBytes([fromHex("04026430 020105 8001"), new Uint8Array([object.length])])));
	finds({ odfData: entry, dodfData });
});

test("a directory that is no BER-TLV is DIRECTORY_MALFORMED, with the step", () => {
	const odf = refuses({ odfData: fromHex("A780A706300404026430") }, "DIRECTORY_MALFORMED");
	assert.equal(odf.device.step, STEP_ODF);
	const dodf = refuses({ dodfData: fromHex("A180300404026432") }, "DIRECTORY_MALFORMED");
	assert.equal(dodf.device.step, STEP_DODF);
	finds({ dodfData: joinBytes([bootstrapObject(path(0x6432)), fromHex("A1 30 00")]) });
});

test("a directory that is cut off at any place is no hang", () => {
	const whole = bootstrapCard({});
	const dodf = whole.dodfs[0].data as Uint8Array;
	for (let length = 0; length < 39; length++) {
		const device = bench({ card: { dodfData: dodf.slice(0, length) } });
		assert.match(result(device), /^(NO_OBJECT|DIRECTORY_MALFORMED|FILE_MISSING)$/, `${length}`);
	}
});

test("refusals on the way are told with their step and status word when nothing else is found", () => {
	const card = bootstrapCard({});
	card.odf.access = 0xff;
	const odf = bench({ profile: card });
	assert.equal(result(odf), "SECURITY_STATUS");
	assert.deepEqual([odf.device.step, odf.device.sw], [STEP_ODF, 0x6982]);
	const second = bootstrapCard({});
	second.dodfs[0].access = 0xff;
	const dodf = bench({ profile: second });
	assert.equal(result(dodf), "SECURITY_STATUS");
	assert.deepEqual([dodf.device.step, dodf.device.sw], [STEP_DODF, 0x6982]);
	const third = bootstrapCard({ aid: fromHex("E828BD080F") });
	for (const ef of third.mf.efs) if (ef.fid === 0x2f00) ef.access = 0xff;
	const dir = bench({ profile: third });
	assert.equal(result(dir), "SECURITY_STATUS");
	assert.deepEqual([dir.device.step, dir.device.sw], [STEP_DIR, 0x6982]);
});

test("one EF(DODF) that is not to be read does not hide the next", () => {
	const card = bootstrapCard({ dodfCount: 3 });
	card.dodfs[0].access = 0xff;
	card.dodfs[1].deactivated = true;
	assert.equal(result(bench({ profile: card })), "OK");
});

test("directories that do not fit the buffer are DIRECTORY_TOO_LARGE", () => {
	for (const bufferBytes of [8, 31, 40]) {
		const device = bench({ bufferBytes });
		assert.equal(result(device), "DIRECTORY_TOO_LARGE", `${bufferBytes}`);
	}
});

test("padding behind the directories takes no room in the buffer", () => {
	const long = (bytes: Uint8Array) => {
		const all = new Uint8Array(300).fill(0xff);
		all.set(bytes);
		return all;
	};
	const plain = bootstrapCard({});
	for (const step of STEPS) {
		for (const manners of TRANSPORTS) {
			const odfData = long((plain.odf.data as Uint8Array).subarray(0, 8));
			const dodfData = long((plain.dodfs[0].data as Uint8Array).subarray(0, 39));
			const device = bench({ card: { odfData, dodfData, manners }, core: { step }, bufferBytes: 320 });
			assert.equal(result(device), "OK", `${step} ${manners.transport}`);
		}
	}
});

test("a directory of thousands of tiny entries ends quickly", () => {
	const tiny: [string, Uint8Array][] = [
		["empty sequences", fromHex("3000".repeat(15000))],
		["empty objects", fromHex("A100".repeat(15000))],
		["empty entries", fromHex("A700".repeat(15000))],
		["nested sequences", nested(0x30, 4000)],
		["nested objects", nested(0xa1, 4000)],
		["nested entries", nested(0xa7, 4000)],
		["padding", fromHex("FF00".repeat(15000))],
		["a long tag", joinBytes([new Uint8Array([0x1f]), new Uint8Array(30000).fill(0x81)])],
		["objects with a class each", joinBytes(new Array(3000).fill(fromHex("A106 3000 3002 0600")))],
	];
	for (const [name, data] of tiny) {
		for (const card of [{ odfData: data }, { dodfData: data }] as BootstrapCardOptions[]) {
			const device = bench({ card });
			const before = process.hrtime.bigint();
			assert.notEqual(result(device), "OK", name);
			assert.ok(Number(process.hrtime.bigint() - before) < 3e9, name);
			assert.ok((device.card?.commands ?? 0) < 500, name);
		}
	}
});

/** Data objects one in the other, as many as there is room for. */
function nested(tag: number, count: number): Uint8Array {
	const bytes = new Uint8Array(4 * count);
	for (let i = 0; i < count; i++) {
		const length = 4 * (count - i - 1);
		bytes.set([tag, 0x82, length >> 8, length & 255], 4 * i);
	}
	return bytes;
}

test("thousands of EF(DODF)s, or of objects whose files are missing, are not all tried", () => {
	const dodfs = bench({ card: { odfData: joinBytes(new Array(3000).fill(dodfEntry(0x6499))) } });
	assert.match(result(dodfs), /NO_OBJECT|DIRECTORY/);
	assert.ok((dodfs.card?.commands ?? 0) < 300, `${dodfs.card?.commands} exchanges`);
	const objects = bench({ card: { dodfData: joinBytes(new Array(900).fill(bootstrapObject(path(0x6499)))) } });
	assert.equal(result(objects), "FILE_MISSING");
	assert.ok((objects.card?.commands ?? 0) < 300, `${objects.card?.commands} exchanges`);
});

test("random damage to the directories never hangs, never leaves a channel open, and never makes a wrong file right", () => {
	const forms: BootstrapCardOptions[] = [
		{},
		{ oid: "doubled", otherObjects: 1, gapBytes: 2 },
		{ dodfForm: "opaque", pathIndex: 9 },
		{ odfInline: true },
		{ pathForm: "absolute" },
		{ placement: "df" },
	];
	const change = fc.tuple(fc.constantFrom("odf", "dodf", "dir"), fc.nat(60), fc.nat(255));
	fc.assert(
		fc.property(
			fc.constantFrom(...forms),
			fc.array(change, { minLength: 1, maxLength: 4 }),
			fc.constantFrom(16, 256),
			(form, changes, step) => {
				const card = bootstrapCard(form);
				for (const [file, at, value] of changes) {
					const dir = card.mf.efs.find((ef) => ef.fid === 0x2f00)?.records?.[1];
					const data = file === "odf" ? card.odf.data : file === "dodf" ? card.dodfs[0]?.data : dir;
					if (data !== undefined && at < data.length) data[at] = value;
				}
				const device = bench({ profile: card, core: { step } });
				const { code, hung } = device.read();
				assert.equal(hung, false);
				assert.equal(device.card?.channelsOpen, 0);
				assert.ok((device.card?.commands ?? 0) < 200);
				if (code === OK && form.dodfForm === undefined) assert.equal(device.fileHex(), SAMPLE);
			},
		),
		{ seed: SEED, numRuns: 600 },
	);
});
