// The boards' ready files for Espruino: the module of hal/espruino/boot.ts and a board's literal in one file, which runs at power-on from
// Storage and leaves the module behind for `require`. Function bodies stay in flash, since the file's text does.

import { readdirSync } from "node:fs";
import path from "node:path";
import { rollup } from "rollup";
import ts from "typescript";

const BOARDS = "boards";
const BOARD_FILE = /^board(-.+)?\.ts$/;
/** Where a file of boards/ that is no board describes one. */
const ENTRY = "\0boards";

/** @typedef {{ name: string, chip: string, modem: string }} Board */

/** Sources as they are, without types. @type {import("rollup").Plugin} */
const untyped = {
	name: "untyped",
	resolveId: (source, importer) =>
		source.endsWith(".js") && importer ? path.resolve(path.dirname(importer), source.replace(/\.js$/, ".ts")) : null,
	transform: (code, id) =>
		id.endsWith(".ts")
			? ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } })
					.outputText
			: null,
};

/** @returns {string[]} all data files of boards */
function boardFiles() {
	return readdirSync(BOARDS, { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.flatMap(({ name }) => readdirSync(path.join(BOARDS, name)).map((file) => path.join(BOARDS, name, file)))
		.filter((file) => BOARD_FILE.test(path.basename(file)))
		.sort();
}

/** boards/walter/board.ts -> walter; boards/x/board-y.ts -> x-y @param {string} file */
const nameOf = (file) => path.basename(path.dirname(file)) + path.basename(file, ".ts").slice("board".length);

/** The boards' literals. @returns {Promise<[string, Board][]>} */
async function boards() {
	const files = boardFiles();
	/** @type {import("rollup").Plugin} */
	const entry = {
		name: "boards",
		resolveId: (source) => (source === ENTRY ? ENTRY : null),
		load: (id) =>
			id === ENTRY
				? files.map((file, i) => `export { board as board${i} } from ${JSON.stringify(path.resolve(file))};`).join("\n")
				: null,
	};
	const bundle = await rollup({ input: ENTRY, plugins: [entry, untyped] });
	const { output } = await bundle.generate({ format: "es" });
	await bundle.close();
	const module = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
	return files.map((file, i) => [nameOf(file), module[`board${i}`]]);
}

/**
 * @param {string} head the first comment
 * @param {string} code the module
 * @param {string} argument of `boot`
 */
const wrap = (head, code, argument) =>
	`// ${head}\nModules.addCached("simstrap",function(){${code.trim()}` +
	`exports.start=function(){return exports.boot(${argument})}});require("simstrap").start();\n`;

/** Wraps the module, and adds a file for each board. @returns {import("rollup").Plugin} */
export function readyFiles() {
	return {
		name: "ready-files",
		async generateBundle(_options, bundle) {
			const [chunk] = Object.values(bundle);
			if (chunk.type !== "chunk") throw new Error("expected a module");
			const where = "Goes into Storage as .boot1; the application is the module simapp there. See docs/espruino.md.";
			for (const [file, { name, chip, modem, ...board }] of await boards()) {
				const literal = JSON.stringify(board).replace(/"(\w+)":/g, "$1:");
				const source = wrap(`simstrap for ${name} (${modem}, ${chip}). ${where}`, chunk.code, literal);
				this.emitFile({ type: "asset", fileName: `espruino/${file}.js`, source });
			}
			chunk.code = wrap(`simstrap for a board of one's own. ${where}`, chunk.code, "");
		},
	};
}
