// `npm run bench` builds, measures and prints; `npm run bench -- --update` also writes the tables into README.md.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build, ROOT } from "./build.mjs";

process.chdir(ROOT);
await build();
const { engine, exchanges, nodeSpeed, sizes } = await import("../bench/tables.mjs");
const { skipReason } = await import("../test/engine/xs/build.mjs");

const tables = [exchanges(), nodeSpeed(), await sizes()];
if (skipReason()) console.log(`${skipReason()}\n`);
else tables.push(await engine());

for (const table of tables) console.log(`${text(table)}\n`);
if (process.argv.includes("--update")) update();

/** @param {import("../bench/tables.mjs").Table} table */
function text({ title, head, rows }) {
	const lines = [head, ...rows].map((row) => row.map(String));
	const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
	const print = (/** @type {string[]} */ line) =>
		`| ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(" | ")} |`;
	const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
	return [`${title}:`, "", print(lines[0]), rule, ...lines.slice(1).map(print)].join("\n");
}

function update() {
	const file = path.join(ROOT, "README.md");
	let readme = readFileSync(file, "utf8");
	for (const table of tables) {
		const [begin, end] = [`<!-- bench:${table.name} -->`, `<!-- /bench:${table.name} -->`];
		const from = readme.indexOf(begin);
		const to = readme.indexOf(end);
		if (from < 0 || to < from) throw new Error(`README.md has no place for the table ${table.name}: ${begin} … ${end}`);
		readme = `${readme.slice(0, from + begin.length)}\n${text(table)}\n${readme.slice(to)}`;
	}
	writeFileSync(file, readme);
	console.log("README.md is up to date");
}
