// Bundles of parts of the core, made small in the same way as those that are shipped: what a build costs that names just these parts.

import path from "node:path";
import { gzipSync } from "node:zlib";
import { rollup } from "rollup";
import ts from "typescript";
import { ROOT } from "../scripts/build.mjs";
import { compact, PLAIN } from "../scripts/compact.mjs";

const SRC = path.join(ROOT, "src");

/** The core as JavaScript, file by file. @returns {Map<string, string>} */
function compile() {
	const config = path.join(SRC, "tsconfig.json");
	const { options, fileNames } = ts.parseJsonConfigFileContent(
		ts.readConfigFile(config, ts.sys.readFile).config,
		ts.sys,
		SRC,
	);
	/** @type {Map<string, string>} */
	const files = new Map();
	const program = ts.createProgram(fileNames, {
		...options,
		noEmit: false,
		outDir: SRC,
		sourceMap: false,
		removeComments: true,
	});
	program.emit(undefined, (name, text) => files.set(path.resolve(name), text));
	return files;
}

/**
 * @param {string[]} imports what an application imports from the core, like "overCsim, Accounts"
 * @returns {Promise<({ raw: number, minified: number, gzip: number } | null)[]>} null for what the core does not export
 */
export async function bundlesOf(imports) {
	const files = compile();
	const index = path.join(SRC, "index.js");
	const entry = path.join(SRC, "entry-of-an-application.js");
	const small = compact();
	const results = [];
	for (const names of imports) {
		const modules = {
			name: "modules",
			resolveId: (/** @type {string} */ id, /** @type {string | undefined} */ from) =>
				from === undefined ? id : path.resolve(path.dirname(from), id),
			load: (/** @type {string} */ id) => (id === entry ? `export { ${names} } from "${index}";` : files.get(id)),
		};
		const bundle = await rollup({ input: entry, plugins: [modules], onwarn: () => {} }).catch((error) => {
			if (error.code === "MISSING_EXPORT") return null;
			throw error;
		});
		if (bundle === null) {
			results.push(null);
			continue;
		}
		const raw = (await bundle.generate({ format: "es", ...PLAIN })).output[0].code;
		const { code } = (await bundle.generate({ format: "es", plugins: [small], ...PLAIN })).output[0];
		await bundle.close();
		results.push({
			raw: Buffer.byteLength(raw),
			minified: Buffer.byteLength(code),
			gzip: gzipSync(code, { level: 9 }).length,
		});
	}
	return results;
}
