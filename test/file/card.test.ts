// cli/card*.ts: the files of a card, byte for byte and as a device finds them; what the APDUs write.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { writingApdus } from "../../cli/card-apdus.js";
import { type CardForm, type CardIds, cardFiles, TOKEN_INFO_ID, USUAL_IDS } from "../../cli/card-files.js";
import { folderOptions, writeFolder } from "../../cli/card-folder.js";
import { OK } from "../../src/index.js";
import { bootstrapCard, makeFile, sampleFile } from "../../virtual/index.js";
import { bench } from "../support.js";
import { bytes, hex } from "./tools.js";

const folder = mkdtempSync(join(tmpdir(), "simstrap-card-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const PLAIN: CardForm = { misencodedOid: false, opaque: false };
const FORMS: CardForm[] = [false, true].flatMap((misencodedOid) =>
	[false, true].map((opaque) => ({ misencodedOid, opaque })),
);
const OTHER_IDS: CardIds = { df: 0x7f51, dodf: 0x6abc, file: 0x6def };

test("EF(ODF) and EF(DODF) are those that cards have", () => {
	const files = cardFiles(sampleFile(), USUAL_IDS, PLAIN);
	assert.equal(hex(files.odf), "A706300404026430");
	// As TS 1.2.1 means it.
	assert.equal(hex(files.dodf), "A125300030110C0F4C774D324D20426F6F747374726170A10E300C0604672B0901300404026432");
	// As TS 1.0.2 to 1.2 print it, and cards have it.
	const old = cardFiles(sampleFile(), USUAL_IDS, { misencodedOid: true, opaque: false });
	assert.equal(hex(old.dodf), "A127300030110C0F4C774D324D20426F6F747374726170A110300E06060604672B0901300404026432");
	const opaque = cardFiles(sampleFile(), USUAL_IDS, { misencodedOid: false, opaque: true });
	assert.equal(hex(opaque.dodf), "3023300030170C0F4C774D324D20426F6F7473747261700604672B0901A106300404026432");
	assert.equal(hex(files.dirRecord), "611D4F0CA000000063504B43532D31355007504B43532D313551043F007F50");
});

test("they are the same as the virtual card's own, which is written apart", () => {
	for (const { misencodedOid, opaque } of FORMS) {
		const files = cardFiles(sampleFile(), USUAL_IDS, { misencodedOid, opaque });
		const card = bootstrapCard({ oid: misencodedOid ? "doubled" : "right", dodfForm: opaque ? "opaque" : "oid" });
		assert.equal(hex(card.dodfs[0].data as Uint8Array).slice(0, 2 * files.dodf.length), hex(files.dodf));
		assert.equal(hex(card.odf.data as Uint8Array).slice(0, 2 * files.odf.length), hex(files.odf));
	}
});

test("a device finds the file in every form, under any IDs", () => {
	for (const ids of [USUAL_IDS, OTHER_IDS]) {
		for (const form of FORMS) {
			for (const file of [sampleFile(), makeFile(3000)]) {
				const target = join(folder, "found");
				writeFolder(target, cardFiles(file, ids, form), ids, null);
				for (const placement of ["both", "df"] as const) {
					const run = bench({ card: { ...folderOptions(target), placement } });
					const result = run.read();
					assert.equal(result.code, OK, JSON.stringify({ ids, form, placement }));
					assert.equal(run.fileHex(), hex(file));
				}
			}
		}
	}
});

test("the folder is its owner's only, and holds each file twice", () => {
	const target = join(folder, "kept");
	const files = cardFiles(sampleFile(), OTHER_IDS, PLAIN);
	const names = writeFolder(target, files, OTHER_IDS, "APDU\n");
	assert.equal(statSync(target).mode & 0o777, 0o700);
	for (const name of names) assert.equal(statSync(join(target, name)).mode & 0o777, 0o600, name);
	for (const name of ["ef-dir-record", "ef-tokeninfo", "ef-odf", "ef-dodf-bootstrap", "ef-lwm2m-bootstrap"]) {
		const binary = new Uint8Array(readFileSync(join(target, `${name}.bin`)));
		assert.equal(readFileSync(join(target, `${name}.hex`), "latin1"), `${hex(binary)}\n`);
	}
	assert.equal(readFileSync(join(target, "write.apdu"), "latin1"), "APDU\n");
	const options = folderOptions(target);
	assert.deepEqual([options.dfFid, options.dodfFid, options.fileFid], [0x7f51, 0x6abc, 0x6def]);
});

test("a folder that is none is refused with a sentence", () => {
	assert.throws(
		() => folderOptions(join(folder, "nothing")),
		/is no folder of `simstrap card` \(no such file or directory\)/,
	);
	const target = join(folder, "broken");
	writeFolder(target, cardFiles(sampleFile(), USUAL_IDS, PLAIN), USUAL_IDS, null);
	for (const [content, words] of [
		["{", /card.json is no JSON/],
		["null", /card.json has no "df" of four hex digits/],
		['{"df": "7F50", "dodf": 6430, "file": "6432"}', /card.json has no "dodf"/],
	] as [string, RegExp][]) {
		writeFileSync(join(target, "card.json"), content);
		assert.throws(() => folderOptions(target), words);
	}
});

/** What a card does with SELECT by path from the MF, UPDATE BINARY and UPDATE RECORD: the files by their paths. */
function carryOut(script: string): Map<string, Uint8Array> {
	const written = new Map<string, Uint8Array>();
	let path = "";
	for (const line of script.split("\n").filter((each) => each !== "" && !each.startsWith("#"))) {
		const apdu = bytes(line);
		const data = apdu.subarray(5);
		assert.equal(apdu[4], data.length, line);
		const [cla, ins, p1, p2] = apdu;
		assert.equal(cla, 0);
		if (ins === 0xa4) {
			assert.deepEqual([p1, p2], [8, 0x0c]);
			path = hex(data);
		} else if (ins === 0xdc) {
			assert.equal(p2, 4);
			written.set(`${path}#${p1}`, data);
		} else {
			assert.equal(ins, 0xd6);
			const offset = (p1 << 8) | p2;
			assert.ok(p1 < 0x80);
			const before = written.get(path) ?? new Uint8Array(0);
			assert.equal(offset, before.length, "no gap");
			written.set(path, Uint8Array.from([...before, ...data]));
		}
	}
	return written;
}

test("the APDUs write every file whole", () => {
	for (const file of [sampleFile(), makeFile(255), makeFile(256), makeFile(32768)]) {
		const files = cardFiles(file, OTHER_IDS, PLAIN);
		const written = carryOut(writingApdus(files, OTHER_IDS, { record: 3, length: 0x26 }));
		const record = hex(files.dirRecord) + "FF".repeat(0x26 - files.dirRecord.length);
		assert.deepEqual(
			[...written].map(([path, data]) => [path, hex(data)]),
			[
				["2F00#3", record],
				[`7F51${TOKEN_INFO_ID.toString(16)}`, hex(files.tokenInfo)],
				["7F515031", hex(files.odf)],
				["7F516ABC", hex(files.dodf)],
				["7F516DEF", hex(file)],
			],
		);
	}
});
