// `npm run bench` builds, measures and prints; `npm run bench -- --update` also writes the tables into README.md. Names of tables
// choose some of them: `npm run bench -- sizes engine`.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build, ROOT } from "./build.mjs";
import { markdown, put } from "./markdown-table.mjs";

/** @typedef {import("./markdown-table.mjs").Table} Table */

process.chdir(ROOT);
await build();
const tables = await import("../bench/tables.mjs");
const { espruino, skipReason: noEspruino } = await import("../bench/espruino.mjs");
const { skipReason: noXs } = await import("../test/engine/xs/build.mjs");

const update = process.argv.includes("--update");
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));
/** @type {[name: string, make: () => Table | Promise<Table>, skipReason: () => string | null][]} */
const ALL = [
	["ways", tables.ways, () => null],
	["exchanges", tables.exchanges, () => null],
	["scaling", tables.scaling, () => null],
	["sizes", tables.sizes, () => null],
	["engine", tables.engine, noXs],
	["xs", tables.besideOnXs, noXs],
	["node", tables.besideOnNode, () => null],
	["espruino", espruino, noEspruino],
];
const unknown = wanted.filter((name) => !ALL.some(([known]) => known === name));
if (unknown.length > 0) {
	console.error(`no table is named ${unknown.join(", ")}; there are ${ALL.map(([name]) => name).join(", ")}`);
	process.exit(2);
}

let readme = readFileSync(path.join(ROOT, "README.md"), "utf8");
for (const [name, make, skipReason] of ALL) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	const reason = skipReason();
	if (reason) {
		console.log(`${name}: ${reason}\n`);
		continue;
	}
	const table = await make();
	const text = markdown(table);
	console.log(`${text}\n`);
	if (update) readme = put(readme, "bench", name, text);
}
if (update) {
	writeFileSync(path.join(ROOT, "README.md"), readme);
	console.log("README.md is up to date");
}
