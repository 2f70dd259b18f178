// The content of virtual cards: the documented file, files of any size, and the directory of PKCS #15 in all its forms
// (LwM2M TS Appendix G).
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BootstrapCardOptions, EfProfile } from "../../virtual/index.js";
import { bootstrapCard, fromHex, makeFile, sampleFile, toHex, VirtualCard } from "../../virtual/index.js";

/**
 * A reader of its own kind, slow and plain: the file -> Short Server IDs of objects 0 and 1. Throws at anything odd.
 */
function shortServerIds(file: Uint8Array): { security: number[]; server: number[] } {
	const found = { security: [] as number[], server: [] as number[] };
	const u16 = (at: number): number => file[at] * 256 + file[at + 1];
	assert.equal(4 + u16(2), file.length, "size of the header");
	const tlv = (
		start: number,
		end: number,
		each: (kind: number, id: number, from: number, to: number) => void,
	): void => {
		let at = start;
		while (at < end) {
			const type = file[at++];
			let id = file[at++];
			if ((type & 0x20) !== 0) id = id * 256 + file[at++];
			let length = type & 0x07;
			const field = (type >> 3) & 3;
			if (field > 0) length = 0;
			for (let i = 0; i < field; i++) length = length * 256 + file[at++];
			assert.ok(at + length <= end, "value inside its surroundings");
			each(type >> 6, id, at, at + length);
			at += length;
		}
		assert.equal(at, end);
	};
	let at = 4;
	let objects = 0;
	while (at < file.length) {
		const id = u16(at);
		assert.equal(file[at + 2], 0, "no version");
		const length = u16(at + 3);
		const instances: number[] = [];
		tlv(at + 5, at + 5 + length, (kind, instance, from, to) => {
			assert.equal(kind, 0);
			instances.push(instance);
			tlv(from, to, (_kind, resource, a, b) => {
				let value = 0;
				for (let i = a; i < b; i++) value = value * 256 + file[i];
				if (id === 0 && resource === 10) found.security.push(value);
				if (id === 1 && resource === 0) found.server.push(value);
			});
		});
		assert.equal(new Set(instances).size, instances.length, "instances are unique");
		at += 5 + length;
		objects++;
	}
	assert.equal(objects, u16(0));
	return found;
}

describe("files", () => {
	test("the documented example has 126 bytes and one account", () => {
		assert.equal(sampleFile().length, 126);
		assert.deepEqual(shortServerIds(sampleFile()), { security: [1], server: [1] });
		assert.notEqual(sampleFile(), sampleFile());
	});
	test("every size from 52 to 2000 and the largest are valid and exact", () => {
		const sizes = [4096, 16384, 32767, 32768];
		for (let size = 52; size <= 2000; size++) sizes.push(size);
		for (const size of sizes) {
			const file = makeFile(size);
			assert.equal(file.length, size);
			const ids = shortServerIds(file);
			assert.deepEqual(ids.security, ids.server);
			assert.ok(ids.security.length >= 1);
			for (let i = 0; i < ids.security.length; i++) assert.equal(ids.security[i], i + 1);
		}
		assert.ok(shortServerIds(makeFile(32768)).security.length > 255);
	});
	test("the same size gives the same bytes", () => {
		assert.equal(toHex(makeFile(500)), toHex(makeFile(500)));
	});
	test("sizes that cannot be are refused", () => {
		for (const size of [0, 51, 32769, Number.NaN]) assert.throws(() => makeFile(size), TypeError);
	});
});

describe("directory of PKCS #15", () => {
	const text = (ef: EfProfile | undefined): string => toHex(ef?.data as Uint8Array);
	const dodfOf = (options: BootstrapCardOptions): string => text(bootstrapCard(options).dodfs[0]);
	test("EF(ODF) is that of Appendix G, padded", () => {
		assert.equal(text(bootstrapCard({}).odf), `A706300404026430${"FF".repeat(24)}`);
	});
	test("EF(DODF) with the right OID and with that of the examples", () => {
		assert.equal(dodfOf({}), "A125300030110C0F4C774D324D20426F6F747374726170A10E300C0604672B0901300404026432FFFF");
		assert.equal(
			dodfOf({ oid: "doubled" }),
			"A127300030110C0F4C774D324D20426F6F747374726170A110300E06060604672B0901300404026432FFFF",
		);
	});
	test("opaqueDO carries the OID in its class attributes", () => {
		assert.equal(
			dodfOf({ dodfForm: "opaque" }),
			"3023300030170C0F4C774D324D20426F6F7473747261700604672B0901A106300404026432FFFF",
		);
	});
	test("the data may stand in the DODF itself", () => {
		const profile = bootstrapCard({ dodfForm: "direct", file: fromHex("0000000000112233") });
		assert.equal(profile.bootstrapFile, null);
		assert.ok(text(profile.dodfs[0]).indexOf("0604672B0901A00A04080000000000112233") > 0);
	});
	test("the DODF may stand in the ODF", () => {
		const profile = bootstrapCard({ odfInline: true });
		assert.equal(profile.dodfs.length, 0);
		assert.equal(text(profile.odf).substring(0, 12), "A729A027A125");
	});
	test("index and length stand behind the path, and the data behind that many bytes", () => {
		const profile = bootstrapCard({ pathIndex: 200 });
		assert.ok(text(profile.dodfs[0]).indexOf("300B04026432020200C880017E") > 0);
		assert.equal(text(profile.bootstrapFile as EfProfile).substring(400, 408), "0002007A");
	});
	test("a private object has its flag", () => {
		const pin = { reference: 1, value: "1234", enabled: true };
		assert.ok(dodfOf({ pin: pin }).indexOf("300403020780") === 4);
	});
	test("other objects, gaps and several DODFs come before the one", () => {
		const profile = bootstrapCard({ otherObjects: 1, gapBytes: 2, gapByte: 0, dodfCount: 3 });
		assert.equal(
			text(profile.odf).substring(0, 76),
			"A40630040402500500 00A706300404026440 0000A7063004040264410000A706300404026430".split(" ").join(""),
		);
		assert.equal(text(profile.dodfs[2]).substring(0, 90).substring(86), "0000");
		assert.equal(profile.dodfs.length, 3);
	});
	test("every placement can be reached as it says, and not otherwise", () => {
		const reach = (options: BootstrapCardOptions): string => {
			const card = new VirtualCard(bootstrapCard(options));
			const byName = toHex(card.transmit(fromHex("00A4040C0CA000000063504B43532D3135")));
			const byPath = toHex(card.transmit(fromHex("00A4080C047F506432")));
			return `${byName} ${byPath}`;
		};
		assert.equal(reach({}), "9000 9000");
		assert.equal(reach({ placement: "adf" }), "9000 6A82");
		assert.equal(reach({ placement: "df" }), "6A82 9000");
		assert.equal(reach({ placement: "none" }), "6A82 6A82");
		assert.equal(reach({ placement: "adf", pathForm: "absolute" }), "9000 9000");
		assert.equal(reach({ aid: fromHex("A0000004121234") }), "6A82 9000");
	});
	test("EF(DIR) can be turned round, replaced or left out", () => {
		const first = (options: BootstrapCardOptions): string => {
			const card = new VirtualCard(bootstrapCard({ ...options, manners: { acceptsLe00: true } }));
			return toHex(card.transmit(fromHex("00B201F400"))).substring(0, 12);
		};
		assert.equal(first({}), "61194F10A000");
		assert.equal(first({ dirPkcs15First: true }), "611D4F0CA000");
		assert.equal(first({ dirRecords: [fromHex("6103010203")] }), "6103010203FF");
		assert.equal(first({ dir: false }), "6A82");
	});
	test("a card without a bootstrap object has other objects only", () => {
		const profile = bootstrapCard({ file: null, otherObjects: 1 });
		assert.equal(profile.bootstrapFile, null);
		assert.equal(text(profile.dodfs[0]).substring(0, 4), "A129");
	});
});
