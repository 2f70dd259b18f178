// `npm run faults`: the fault campaigns and the fuzzing at length, and a summary of them. SIMSTRAP_CAMPAIGN says how many times as much
// as in `npm test` (10), SIMSTRAP_FUZZ how many cases for each parser (1,000,000). `npm run faults -- --update` writes the
// summary into docs/faults.md as well.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build, ROOT } from "./build.mjs";
import { markdown, put } from "./markdown-table.mjs";

/** @typedef {import("./markdown-table.mjs").Table} Table */
/** @typedef {import("../test/faults/summary.js").Row} Row */

const { SIMSTRAP_CAMPAIGN: campaign = "10", SIMSTRAP_FUZZ: cases = "1000000" } = process.env;
const TOTALS = path.join(ROOT, "build", "totals");
const PAGE = path.join(ROOT, "docs", "faults.md");
const TESTS = [
	path.join("build", "test", "faults"),
	path.join("build", "test", "fuzz"),
	path.join("test", "engine", "faults"),
];
/** In this order in the summary. */
const GROUPS = [
	"one byte",
	"damaged answers",
	"what comes besides",
	"restarts and cards that go",
	"status words",
	"PINs",
	"random mixtures",
	"on XS",
];
const FUZZING = "fuzzing";

process.chdir(ROOT);
rmSync(TOTALS, { recursive: true, force: true });
run([path.join("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.json"], true);
await build();
const started = performance.now();
const passed = run(["--enable-source-maps", "--test", "--test-reporter=spec", ...TESTS.flatMap(testsUnder)], false);
const minutes = (performance.now() - started) / 60000;

/** @type {Row[]} */
const rows = existsSync(TOTALS)
	? readdirSync(TOTALS).map((name) => JSON.parse(readFileSync(path.join(TOTALS, name), "utf8")))
	: [];
const words = `SIMSTRAP_CAMPAIGN=${campaign} SIMSTRAP_FUZZ=${cases} npm run faults`;
const tables = [campaigns(rows), errors(rows), parsers(rows)];
let page = readFileSync(PAGE, "utf8");
for (const table of tables) {
	const text = markdown(table);
	console.log(`\n${text}`);
	page = put(page, "faults", table.name, text);
}
console.log(`\n${passed ? "passed" : "FAILED"}: ${words}, in ${minutes.toFixed(1)} minutes`);
if (process.argv.includes("--update")) {
	writeFileSync(PAGE, put(page, "faults", "command", `\`${words}\`, with ${process.version} on ${process.platform}:`));
	console.log("docs/faults.md is up to date");
}
process.exitCode = passed ? 0 : 1;

/**
 * Runs Node; whether all went well.
 * @param {string[]} args
 * @param {boolean} needed nothing goes on without it
 */
function run(args, needed) {
	const env = { ...process.env, SIMSTRAP_CAMPAIGN: campaign, SIMSTRAP_FUZZ: cases, SIMSTRAP_TOTALS: TOTALS };
	const { status } = spawnSync(process.execPath, args, { stdio: "inherit", env });
	if (status !== 0 && needed) process.exit(1);
	return status === 0;
}

/** @param {string} folder */
function testsUnder(folder) {
	return readdirSync(folder)
		.filter((name) => /\.test\.m?js$/.test(name))
		.map((name) => path.join(folder, name));
}

/**
 * @param {Row[]} list
 * @param {(row: Row) => number | undefined} figure
 */
function sum(list, figure) {
	return list.reduce((total, row) => total + (figure(row) ?? 0), 0);
}

/** @param {number} n */
function count(n) {
	return n.toLocaleString("en");
}

/** @param {Row} row */
function errorsOf({ errors = {} }) {
	return Object.values(errors).reduce((total, n) => total + n, 0);
}

/** @param {Row[]} all @returns {Table} */
function campaigns(all) {
	/** @param {string} group @param {Row[]} list */
	const line = (group, list) => [
		group,
		count(sum(list, ({ runs }) => runs)),
		count(sum(list, ({ faults }) => faults)),
		count(sum(list, ({ files }) => files)),
		count(sum(list, errorsOf)),
		count(sum(list, ({ pinTries }) => pinTries)),
		count(sum(list, ({ known }) => known)),
		count(sum(list, ({ nameless }) => nameless)),
		count(sum(list, ({ forgotten }) => forgotten)),
		count(sum(list, ({ problems }) => problems)),
		list.some(({ slots }) => slots !== undefined)
			? `${sum(list, ({ slots }) => slots)} and ${sum(list, ({ chunkBytes }) => chunkBytes)}`
			: "not seen",
		(Math.max(0, ...list.map(({ longestMs }) => longestMs ?? 0)) / 1000).toFixed(1),
	];
	const list = all.filter(({ group }) => group !== FUZZING);
	return {
		name: "campaigns",
		title: "What was done, and what came out",
		head: [
			"faults",
			"cases",
			"faults that happened",
			"exact file",
			"named error",
			"PIN tries",
			"channels closed by the next run",
			"names of channels that never came",
			"channels left open",
			"anything else",
			"slots and chunk bytes",
			"longest, s",
		],
		rows: [
			...GROUPS.map((group) =>
				line(
					group,
					list.filter((row) => row.group === group),
				),
			),
			line("all of them", list),
		],
	};
}

/** @param {Row[]} all @returns {Table} */
function errors(all) {
	/** @type {Map<string, number>} */
	const counts = new Map();
	for (const { errors = {} } of all)
		for (const [name, n] of Object.entries(errors)) counts.set(name, (counts.get(name) ?? 0) + n);
	return {
		name: "errors",
		title: "The named errors",
		head: ["error", "cases"],
		rows: [...counts].sort((a, b) => b[1] - a[1]).map(([name, n]) => [name, count(n)]),
	};
}

/** @param {Row[]} all @returns {Table} */
function parsers(all) {
	return {
		name: "parsers",
		title: "Fuzzing",
		head: ["input", "cases", "throws, hangs, bytes outside"],
		rows: all
			.filter(({ group }) => group === FUZZING)
			.map(({ setup, runs, problems }) => [setup, count(runs), count(problems ?? 0)]),
	};
}
