// hal/moddable-crypto on a real XS engine: after a session is opened, no protected exchange allocates anything; and a digest allocates the
// same for a file of any size.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import ts from "typescript";
import { buildHarness, runHarness, skipReason } from "../xs/build.mjs";
import { ENGINE, ROOT } from "../xs-run.mjs";

const HERE = path.join(ENGINE, "crypto");

/**
 * What a script of this folder prints, with a module of the HAL and the stand-in for the SDK's.
 * @param {string} script
 * @param {string} name of the module
 * @returns {Promise<any[]>}
 */
async function run(script, name) {
	const harness = await buildHarness({ log: () => {} });
	const folder = await mkdtemp(path.join(tmpdir(), "simstrap-crypto-"));
	try {
		const source = await readFile(path.join(ROOT, "hal", "moddable-crypto", `${name}.ts`), "utf8");
		const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
		const file = path.join(folder, `${name}.js`);
		await writeFile(file, ts.transpileModule(source, { compilerOptions: options }).outputText);
		const modules = [
			`simstrap=${path.join(ROOT, "dist", "simstrap.js")}`,
			`virtual=${path.join(ROOT, "build", "bundle", "virtual.js")}`,
			`crypt=${path.join(HERE, "crypt.js")}`,
			`${name}=${file}`,
		];
		const limits = ["--stack", "700", "--slots", "4000000", "--chunk", "400000000"];
		const all = [...limits, ...modules, path.join(HERE, script)];
		const { code, stdout, stderr } = await runHarness(harness, all, { timeoutMs: 120000 });
		assert.equal(code, 0, stderr + stdout);
		return JSON.parse(stdout);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

describe("hal/moddable-crypto", () => {
	it("compiles as mcconfig does it: one file at a time, and the SDK's `crypt` is a file without types", () => {
		const folder = path.join(ROOT, "hal", "moddable-crypto");
		for (const name of ["aes", "sha256"]) {
			const program = ts.createProgram([path.join(folder, `${name}.ts`)], {
				module: ts.ModuleKind.Preserve,
				target: ts.ScriptTarget.ES2025,
				lib: ["lib.es2025.d.ts"],
				types: [],
				paths: { crypt: [path.join(HERE, "crypt")] },
				noEmit: true,
			});
			const texts = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
			assert.deepEqual(texts, [], name);
		}
	});
});

describe("hal/moddable-crypto on XS", { skip: skipReason(), timeout: 300000 }, () => {
	it("opening a session makes two native objects for each key; an exchange allocates nothing", async (t) => {
		const results = await run("run-crypto.js", "aes");
		for (const result of results) {
			const first = results.find(({ keyBytes }) => keyBytes === result.keyBytes);
			assert.equal(result.code, 0);
			assert.equal(result.collections, 0, "a collection would hide what was allocated");
			assert.deepEqual([result.made, result.schedules], [10, 6]);
			assert.deepEqual([result.slots, result.chunkBytes], [first.slots, first.chunkBytes]);
		}
		const [small, large] = results;
		assert.ok(large.exchanges > small.exchanges + 25);
		t.diagnostic(
			`${small.exchanges} or ${large.exchanges} exchanges: the same ${small.slots} slots and ${small.chunkBytes} chunk bytes, the stand-in's own included`,
		);
	});

	it("a digest is right, and allocates little, the same for a file of any size", async (t) => {
		const results = await run("run-digest.js", "sha256");
		const file = Uint8Array.from({ length: 4096 }, (_, i) => (7 * i) ^ (i >> 3));
		assert.ok(results.length > 5);
		for (const { length, made, digest, slots, chunkBytes, collections } of results) {
			assert.equal(made, true);
			const expected = createHash("sha256").update(file.subarray(0, length)).digest();
			assert.equal(Buffer.from(digest).toString("hex"), expected.toString("hex"), `${length}`);
			assert.equal(collections, 0);
			assert.ok(slots <= results[0].slots && chunkBytes <= results[0].chunkBytes, `${length}: ${slots}, ${chunkBytes}`);
		}
		t.diagnostic(`${results[0].slots} slots and ${results[0].chunkBytes} chunk bytes, the stand-in's own included`);
		assert.ok(results[0].slots <= 40 && results[0].chunkBytes <= 200);
	});
});
