// Bundles a board's program from the sources, with the core and the SDK's modules left out, for runs on XS with an ESP32's stack.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { rollup } from "rollup";
import ts from "typescript";
import { buildHarness, runHarness } from "../xs/build.mjs";
import { ENGINE, ROOT } from "../xs-run.mjs";

const HAL = path.join(ENGINE, "hal");
/** The bundle as built, which a device loads with the stack that it has. */
const CORE = path.join(ROOT, "dist", "simstrap.moddable.js");
const SDK = {
	"embedded:io/serial": "serial.js",
	"embedded:io/digital": "digital.js",
	"embedded:io/smbus": "smbus.js",
	"embedded:storage/key-value": "key-value.js",
	timer: "timer.js",
	time: "time.js",
};

/**
 * Finds modules by the names that the manifests give them, and takes the types off.
 * @param {Record<string, string>} names
 * @returns {import("rollup").Plugin}
 */
function sources(names) {
	return {
		name: "sources",
		resolveId(id, importer) {
			if (names[id]) return path.join(ROOT, names[id]);
			if (id.startsWith("simstrap/src/") || id.startsWith("simstrap/hal/")) return `${path.join(ROOT, id.slice(9))}.ts`;
			if (id.startsWith(".") && importer?.endsWith(".ts")) {
				return path.resolve(path.dirname(importer), id.replace(/\.js$/, ".ts"));
			}
			return null;
		},
		transform(code, id) {
			if (!id.endsWith(".ts")) return null;
			const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
			return { code: ts.transpileModule(code, { compilerOptions: options, fileName: id }).outputText, map: null };
		},
	};
}

/**
 * @param {string} input
 * @param {string} file where the bundle goes
 * @param {Record<string, string>} names
 * @param {string[]} external
 */
async function write(input, file, names, external) {
	const bundle = await rollup({
		input,
		external,
		plugins: [sources(names)],
		onwarn: (warning) => {
			throw new Error(warning.message);
		},
	});
	await bundle.write({ file, format: "es" });
	await bundle.close();
}

/** A folder with bundles, which is removed by `close`. */
export async function makeBundles() {
	const folder = await mkdtemp(path.join(tmpdir(), "simstrap-hal-"));
	const harness = await buildHarness({ log: () => {} });
	const sdk = Object.entries(SDK).map(([name, file]) => `${name}=${path.join(HAL, "sdk", file)}`);
	/** @type {Map<string, Promise<string[]>>} */
	const boards = new Map();
	const virtual = path.join(ROOT, "build", "bundle", "virtual.js");

	/** @param {string} board its folder @param {string} [io] */
	async function bundlesOf(board, io = "io") {
		const at = path.join(folder, board);
		const external = [...Object.keys(SDK), "simstrap", "simstrap/boards/app", "simstrap/boards/this/board"];
		const data = path.join(at, "board.js");
		const main = path.join(at, "main.js");
		await write(path.join(ROOT, "boards", board, "board.ts"), data, {}, []);
		await write(path.join(ROOT, "boards", "main.ts"), main, { "simstrap/boards/io": `boards/${io}.ts` }, external);
		return [
			`simstrap=${CORE}`,
			`simstrap/boards/this/board=${data}`,
			`simstrap/boards/app=${path.join(HAL, "app.js")}`,
			`main=${main}`,
			`virtual=${virtual}`,
		];
	}

	return {
		/**
		 * Runs a script of this folder with a board's bundles.
		 * @param {string} script
		 * @param {string} board
		 * @param {string[]} args
		 * @param {string[]} [limits]
		 */
		async run(script, board, args, limits = ["--stack", "512", "--slots", "4000000", "--chunk", "400000000"]) {
			let modules = boards.get(board);
			if (modules === undefined) {
				modules = bundlesOf(board, board === "lilygo-t-sim7080g-s3" ? "io-i2c" : "io");
				boards.set(board, modules);
			}
			const texts = args.flatMap((text) => ["--arg", text]);
			const all = [...limits, ...texts, ...sdk, ...(await modules), path.join(HAL, script)];
			return runHarness(harness, all, { timeoutMs: 120000 });
		},
		close: () => rm(folder, { recursive: true, force: true }),
	};
}
