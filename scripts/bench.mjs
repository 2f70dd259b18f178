// `npm run bench` builds, measures and prints; `npm run bench -- --update` also writes the tables into README.md. Names of tables
// choose some of them: `npm run bench -- sizes engine`.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build, ROOT } from "./build.mjs";

/** @typedef {import("../bench/tables.mjs").Table} Table */

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
	console.log(`${text(table)}\n`);
	if (update) put(table);
}
if (update) {
	writeFileSync(path.join(ROOT, "README.md"), readme);
	console.log("README.md is up to date");
}

/** @param {Table} table */
function text({ title, head, rows, notes }) {
	const lines = [head, ...rows].map((row) => row.map(String));
	const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
	const left = head.map((_, column) => rows.every((row) => /[a-z]{2}/i.test(String(row[column]))) || column === 0);
	const print = (/** @type {string[]} */ line) =>
		`| ${line.map((cell, column) => (left[column] ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(" | ")} |`;
	const rule = `| ${widths.map((width, column) => (left[column] ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
	const below = notes === undefined ? [] : ["", notes];
	return [`${title}:`, "", print(lines[0]), rule, ...lines.slice(1).map(print), ...below].join("\n");
}

/** @param {Table} table */
function put(table) {
	const [begin, end] = [`<!-- bench:${table.name} -->`, `<!-- /bench:${table.name} -->`];
	const from = readme.indexOf(begin);
	const to = readme.indexOf(end);
	if (from < 0 || to < from) throw new Error(`README.md has no place for the table ${table.name}: ${begin} … ${end}`);
	readme = `${readme.slice(0, from + begin.length)}\n${text(table)}\n${readme.slice(to)}`;
}
