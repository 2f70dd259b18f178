// src/pkcs15.ts over bytes of its own: EF(DIR), EF(ODF) and EF(DODF). The examples are those of LwM2M TS G.3 (the mis-encoded one of
// 1.0.2 to 1.2, and the right one of 1.2.1), the GlobalPlatform access control entry is that of common test profiles.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { CONTENT, PATH, Pkcs15 } from "../../src/pkcs15.js";
import { ber, bootstrapCard, fromHex, joinBytes, toHex } from "../../virtual/index.js";
import { POISON, poisoned, SEED } from "./tools.js";

const ODF = "A706 3004 04026430";
const DODF_DOUBLED = "A127 3000 3011 0C0F4C774D324D20426F6F747374726170 A110 300E 06060604672B0901 300404026432";
const DODF_RIGHT = "A125 3000 3011 0C0F4C774D324D20426F6F747374726170 A10E 300C 0604672B0901 300404026432";
const ACCESS_CONTROL = "A129 3000 300F0C0D4750205345204163632043746C A114 3012 060A2A864886FC6B81480102 300404024200";
const NAME = "0C0F4C774D324D20426F6F747374726170";
const AID = "A000000063504B43532D3135";

type Search = "application" | "directory" | "object";

/** What all searches in the bytes find, one behind the other: "path 6432", "path 6432 +7 *126", "content 0102", "aid … at …". */
function findAll(bytes: Uint8Array, search: Search, oid: Uint8Array | null = null, poison = POISON): string[] {
	const at = 9;
	const buffer = poisoned(bytes, at, bytes.length + 30, poison);
	const end = at + bytes.length;
	const pkcs15 = new Pkcs15(buffer, oid);
	const found: string[] = [];
	let from = at;
	for (;;) {
		const kind = search === "application" ? pkcs15.application(from, end) : pkcs15[search](from, end);
		if (kind === 0 || kind === false) break;
		assert.ok(pkcs15.from >= at && pkcs15.from <= pkcs15.to && pkcs15.to <= end);
		assert.ok(pkcs15.next > from && pkcs15.next <= end, "each search goes on");
		const value = toHex(buffer.subarray(pkcs15.from, pkcs15.to));
		let text = kind === PATH ? `path ${value}` : kind === CONTENT ? `content ${value}` : `aid ${value}`;
		if (kind === PATH) {
			if (pkcs15.index !== 0) text += ` +${pkcs15.index}`;
			if (pkcs15.length >= 0) text += ` *${pkcs15.length}`;
		} else if (kind === true && pkcs15.length >= 0) {
			assert.ok(pkcs15.index >= at && pkcs15.index + pkcs15.length <= end);
			text += ` at ${toHex(buffer.subarray(pkcs15.index, pkcs15.index + pkcs15.length))}`;
		}
		found.push(text);
		from = pkcs15.next;
	}
	if (pkcs15.malformed) found.push("malformed");
	return found;
}

function objects(digits: string, oid?: string): string[] {
	return findAll(fromHex(digits), "object", oid === undefined ? null : fromHex(oid));
}

function directories(digits: string): string[] {
	return findAll(fromHex(digits), "directory");
}

function applications(digits: string): string[] {
	return findAll(fromHex(digits), "application");
}

/** An oidDO with these bytes behind the OID. */
function oidDo(value: string, oid = "672B0901"): string {
	const type = ber(0xa1, ber(0x30, joinBytes([ber(0x06, fromHex(oid)), fromHex(value)])));
	return toHex(ber(0xa1, joinBytes([fromHex("3000"), ber(0x30, fromHex(NAME)), type])));
}

/** One data object around these digits. */
function der(tag: number, value: string): string {
	return toHex(ber(tag, fromHex(value)));
}

test("the EF(ODF) of the TS names one EF(DODF)", () => {
	assert.deepEqual(directories(ODF), ["path 6430"]);
	assert.deepEqual(directories(`${ODF} FFFFFFFF`), ["path 6430"]);
	assert.deepEqual(directories(`${ODF} 00000000`), ["path 6430"]);
});

test("both examples of EF(DODF) lead to 6432", () => {
	assert.deepEqual(objects(DODF_DOUBLED), ["path 6432"]);
	assert.deepEqual(objects(DODF_RIGHT), ["path 6432"]);
});

test("another OID replaces both", () => {
	assert.deepEqual(objects(DODF_RIGHT, "672B0901"), ["path 6432"]);
	assert.deepEqual(objects(DODF_DOUBLED, "672B0901"), []);
	assert.deepEqual(objects(DODF_DOUBLED, "0604672B0901"), ["path 6432"]);
	assert.deepEqual(objects(DODF_RIGHT, "0604672B0901"), []);
	assert.deepEqual(objects(oidDo("300404020102", "2A03"), "2A03"), ["path 0102"]);
	assert.deepEqual(objects(oidDo("300404020102", "2A03"), "2A0304"), []);
});

test("the access control of GlobalPlatform is skipped, before and behind", () => {
	assert.deepEqual(objects(ACCESS_CONTROL), []);
	assert.deepEqual(objects(ACCESS_CONTROL + DODF_DOUBLED + ACCESS_CONTROL), ["path 6432"]);
});

test("several objects are found in their order, with gaps of FF and 00 between them", () => {
	const text = `FFFF ${oidDo("300404020001")} 0000 ${ACCESS_CONTROL} FF ${oidDo("300404020002")} 00FF00`;
	assert.deepEqual(objects(text), ["path 0001", "path 0002"]);
	assert.deepEqual(directories(`0000 ${ODF} FFFFFF A706 3004 04026431 00`), ["path 6430", "path 6431"]);
});

test("index and length behind a path are the part of the file that it names", () => {
	assert.deepEqual(objects(oidDo("300A 04026432 020107 80017E")), ["path 6432 +7 *126"]);
	assert.deepEqual(objects(oidDo("300C 04026432 02020100 80021000")), ["path 6432 +256 *4096"]);
	assert.deepEqual(objects(oidDo("300E 04026432 020300FFFE 80030080 00")), ["path 6432 +65534 *32768"]);
	assert.deepEqual(objects(oidDo("3007 04026432 80017E")), ["path 6432 *126"]);
	assert.deepEqual(objects(oidDo("300C 04026432 02060100000000 00")), ["path 6432 +65535"]);
});

test("an absolute path, an empty one and a long one are told as they are", () => {
	assert.deepEqual(objects(oidDo("3008 0406 3F007F506432")), ["path 3F007F506432"]);
	assert.deepEqual(objects(oidDo("3002 0400")), ["path "]);
	assert.deepEqual(objects(oidDo(`301B 0419${"AB".repeat(25)}`)), [`path ${"AB".repeat(25)}`]);
});

test("a direct value is the content itself", () => {
	assert.deepEqual(objects(oidDo("A006 0404 00000000")), ["content 00000000"]);
	assert.deepEqual(objects(oidDo("A002 0400")), ["content "]);
	assert.deepEqual(objects(oidDo("A104 0402 0000")), [], "protected values are not taken");
});

test("an opaque object is known by applicationOID, the name before it or not", () => {
	const value = der(0xa1, "3004 04026432");
	assert.deepEqual(objects(der(0x30, `3000 3006 0604672B0901 ${value}`)), ["path 6432"]);
	assert.deepEqual(objects(der(0x30, `3000 ${der(0x30, `${NAME} 06060604672B0901`)} ${value}`)), ["path 6432"]);
	assert.deepEqual(objects(der(0x30, `3000 3006 0604672B0902 ${value}`)), [], "another OID");
});

test("an oidDO is known by applicationOID too, its own OID being another", () => {
	const type = der(0xa1, der(0x30, "06022A03 3004 04026432"));
	assert.deepEqual(objects(der(0xa1, `3000 3006 0604672B0901 ${type}`)), ["path 6432"]);
});

test("attributes that are optional do not get in the way", () => {
	const common = der(0x30, "0C0141 03020780 040101 020101 3003040100");
	const type = der(0xa1, der(0x30, "0604672B0901 3004 04026432"));
	const name = der(0x30, NAME);
	assert.deepEqual(objects(der(0xa1, common + name + type)), ["path 6432"]);
	assert.deepEqual(objects(der(0xa1, `3000 ${name} A0020500 ${type}`)), ["path 6432"], "with subClassAttributes");
	assert.deepEqual(objects(der(0xa1, `3000 ${type}`)), ["path 6432"], "without classAttributes");
});

test("lengths may be long and not minimal at every level", () => {
	const long = (tag: number, value: string) => {
		const bytes = fromHex(value);
		return toHex(new Uint8Array([tag, 0x83, 0, 0, bytes.length])) + toHex(bytes);
	};
	const path = long(0x30, long(0x04, "6432"));
	const type = long(0xa1, long(0x30, long(0x06, "672B0901") + path));
	assert.deepEqual(objects(long(0xa1, long(0x30, "") + long(0x30, long(0x0c, "41")) + type)), ["path 6432"]);
	assert.deepEqual(directories(long(0xa7, long(0x30, long(0x04, "6430")))), ["path 6430"]);
});

test("the content of an EF(DODF) may stand in the EF(ODF)", () => {
	const inline = toHex(ber(0xa7, ber(0xa0, fromHex(DODF_RIGHT))));
	assert.deepEqual(directories(`A406 3004 04025005 ${inline}`), [`content ${toHex(fromHex(DODF_RIGHT))}`]);
});

test("an EF(ODF) of other things, of urls, and of protected objects names nothing", () => {
	assert.deepEqual(directories("A406 3004 04025005 A806 3004 04025006 A704 A1023000 A704 A2023000 A700"), []);
	assert.deepEqual(directories("FFFFFFFFFFFF"), []);
	assert.deepEqual(directories(""), []);
});

test("what is cut off is malformed; what stood before it is found", () => {
	assert.deepEqual(directories(`${ODF} A706 3004`), ["path 6430", "malformed"]);
	assert.deepEqual(objects(`${DODF_RIGHT} A125 3000`), ["path 6432", "malformed"]);
	assert.deepEqual(objects("A180"), ["malformed"]);
});

test("a bad object does not hide the one behind it", () => {
	assert.deepEqual(objects(`A103 3009 00 ${DODF_RIGHT}`), ["path 6432"]);
	assert.deepEqual(objects(`A10A 3000 A106 3004 06026700 ${DODF_RIGHT}`), ["path 6432"]);
	assert.deepEqual(directories(`A702 3009 ${ODF}`), ["path 6430"]);
});

test("EF(DIR): the AID of PKCS #15 or of ISO 7816-15, with the path of its DF", () => {
	const usim = "6119 4F10A0000000871002FFFFFFFF8907090000 5005 5553696D31";
	const record = der(0x61, `4F0C${AID} 500141 5104 3F007F50`);
	assert.deepEqual(applications(`${usim} FFFF`), []);
	assert.deepEqual(applications(record), [`aid ${AID} at 3F007F50`]);
	assert.deepEqual(applications(`${usim} FF ${record} 00 ${record}`), new Array(2).fill(`aid ${AID} at 3F007F50`));
	assert.deepEqual(applications("6107 4F05E828BD080F"), ["aid E828BD080F"]);
	assert.deepEqual(applications("6107 4F05E828BD080E"), []);
	assert.deepEqual(applications(der(0x61, `5104 3F007F50 4F0C${AID} 500141`)), [`aid ${AID} at 3F007F50`]);
	assert.deepEqual(applications(der(0x61, `4F0E${AID}0102`)), [`aid ${AID}0102`], "with more behind it");
	assert.deepEqual(applications("61064F04A0000000"), [], "shorter than the AID");
});

test("every prefix of every kind of directory ends, and finds no more than the whole", () => {
	const cards = [
		bootstrapCard({}),
		bootstrapCard({ oid: "doubled", otherObjects: 2, gapBytes: 3 }),
		bootstrapCard({ dodfForm: "opaque", pathForm: "absolute" }),
		bootstrapCard({ pathIndex: 300 }),
		bootstrapCard({ dodfForm: "direct" }),
		bootstrapCard({ odfInline: true }),
	];
	for (const card of cards) {
		for (const [bytes, search] of [
			[card.odf.data, "directory"],
			[card.dodfs[0]?.data, "object"],
		] as [Uint8Array | undefined, Search][]) {
			if (bytes === undefined) continue;
			const whole = findAll(bytes, search);
			assert.equal(whole.length, 1);
			for (let length = 0; length < bytes.length; length++) {
				const part: string[] = findAll(bytes.slice(0, length), search).filter((line) => line !== "malformed");
				assert.deepEqual(part, whole.slice(0, part.length));
			}
		}
	}
});

test("bytes around the range change nothing, whatever the directory is, and each search goes on", () => {
	const known = [
		ODF,
		DODF_RIGHT,
		DODF_DOUBLED,
		ACCESS_CONTROL,
		oidDo("A0060404 01020304"),
		oidDo("300A 04026432 020107 80017E"),
	];
	const bytes = fc.oneof(
		fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0x30, 0xa1, 0xa7, 0xa0, 4, 6, 0x61, 0x4f, 0x51, 0x80)), {
			maxLength: 60,
		}),
		fc
			.tuple(fc.constantFrom(...known), fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 3 }), fc.nat(60))
			.map(([text, changes, length]) => {
				const array = [...fromHex(text)];
				for (const [at, value] of changes) if (at < array.length) array[at] = value;
				return array.slice(0, length);
			}),
	);
	fc.assert(
		fc.property(bytes, fc.constantFrom<Search>("application", "directory", "object"), (array, search) => {
			const own = Uint8Array.from(array);
			assert.deepEqual(findAll(own, search, null, 0x00), findAll(own, search, null, 0xff));
			assert.deepEqual(findAll(own, search, null, 0x01), findAll(own, search, null, 0x67));
		}),
		{ seed: SEED, numRuns: 1500 },
	);
});
