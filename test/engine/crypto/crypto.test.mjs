// hal/moddable-crypto on a real XS engine: after a session is opened, no protected exchange allocates anything.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import ts from "typescript";
import { buildHarness, runHarness, skipReason } from "../xs/build.mjs";
import { ENGINE, ROOT } from "../xs-run.mjs";

const HERE = path.join(ENGINE, "crypto");

describe("hal/moddable-crypto on XS", { skip: skipReason(), timeout: 300000 }, () => {
	it("opening a session makes two native objects for each key; an exchange allocates nothing", async (t) => {
		const harness = await buildHarness({ log: () => {} });
		const folder = await mkdtemp(path.join(tmpdir(), "simstrap-crypto-"));
		try {
			const source = await readFile(path.join(ROOT, "hal", "moddable-crypto", "aes.ts"), "utf8");
			const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
			const aes = path.join(folder, "aes.js");
			await writeFile(aes, ts.transpileModule(source, { compilerOptions: options }).outputText);
			const modules = [
				`simstrap=${path.join(ROOT, "dist", "simstrap.js")}`,
				`virtual=${path.join(ROOT, "build", "bundle", "virtual.js")}`,
				`crypt=${path.join(HERE, "crypt.js")}`,
				`aes=${aes}`,
			];
			const limits = ["--stack", "700", "--slots", "4000000", "--chunk", "400000000"];
			const all = [...limits, ...modules, path.join(HERE, "run-crypto.js")];
			const { code, stdout, stderr } = await runHarness(harness, all, { timeoutMs: 120000 });
			assert.equal(code, 0, stderr + stdout);
			/** @type {any[]} */
			const results = JSON.parse(stdout);
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
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	});
});
