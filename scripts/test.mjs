// `npm test`: type check, lint and format, build, tests. Arguments choose tests by folder, path or name of the file
// (`npm test -- test/unit/at`); those that begin with "-" go to Node's test runner.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { ROOT } from "./build.mjs";

/** @typedef {{ name: string, run: () => Promise<boolean> }} Step */
/** @typedef {{ code: number | null, text: string }} Finished */

const CHECKED_ONLY = [
	"src",
	"virtual",
	"cli",
	"hal/espruino",
	"hal/moddable",
	"hal/moddable-crypto",
	"boards",
	"test/engine/hal/linux",
];
const EMITTED = ["src", "virtual", "hal", "boards", "cli", "test", "bench"];
const TEST_FILE = /\.test\.m?js$/;
const MORE_TESTS = ["test/engine/xs/selftest.mjs"];

const tsc = path.join("node_modules", "typescript", "bin", "tsc");
const biome = path.join("node_modules", "@biomejs", "biome", "bin", "biome");
const options = process.argv.slice(2).filter((arg) => arg.startsWith("-"));
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));

/** @type {Step[]} */
const STEPS = [
	{ name: "type check", run: checkTypes },
	{ name: "lint and format", run: async () => (await node([biome, "check", "."])).code === 0 },
	{ name: "build", run: async () => (await node([path.join("scripts", "build.mjs")])).code === 0 },
	{ name: "tests", run: runTests },
];

/** The closing lines of Node's test runner. @type {string[]} */
let counts = [];

process.chdir(ROOT);
process.exitCode = (await runSteps()) ? 0 : 1;

/**
 * @returns {Promise<boolean>} whether all passed
 */
async function runSteps() {
	/** @type {string[]} */
	const summary = [];
	let passed = true;
	for (const { name, run } of STEPS) {
		if (!passed) {
			summary.push(`${name}: not run`);
			continue;
		}
		console.log(`\n== ${name}`);
		const started = Date.now();
		passed = await run();
		const outcome = `${passed ? "ok" : "FAILED"}, ${((Date.now() - started) / 1000).toFixed(1)} s`;
		console.log(`-- ${name}: ${outcome}`);
		summary.push(`${name}: ${outcome}`);
	}
	console.log(`\n${passed ? "passed" : "FAILED"}: ${summary.join("; ")}`);
	for (const line of counts) console.log(line);
	return passed;
}

/**
 * Checks each project; the one of the whole repository also gives the tests, in build/.
 * @returns {Promise<boolean>}
 */
async function checkTypes() {
	const started = Date.now();
	const projects = [...CHECKED_ONLY, "tsconfig.json"];
	const checks = projects.map((project) => {
		const emit = project === "tsconfig.json" ? ["--listEmittedFiles"] : ["--noEmit"];
		return node([tsc, "-p", project, "--pretty", "false", ...emit], true);
	});
	const results = await Promise.all(checks);
	const lines = new Set(results.flatMap(({ text }) => text.split("\n")).filter((line) => line.trim() !== ""));
	/** @type {Set<string>} */
	const emitted = new Set();
	for (const line of lines) {
		if (line.startsWith("TSFILE:")) emitted.add(path.resolve(line.slice("TSFILE:".length).trim()));
		else console.log(line);
	}
	if (results.some(({ code }) => code !== 0)) return false;
	// What an earlier source left behind; a newer file belongs to someone else who is at work.
	for (const folder of EMITTED)
		for (const file of filesUnder(path.join(ROOT, "build", folder))) {
			// What an earlier source left behind; a newer file belongs to someone else who is at work.
			const found = emitted.has(file) ? undefined : statSync(file, { throwIfNoEntry: false });
			if (found && found.mtimeMs < started) rmSync(file, { force: true });
		}
	return true;
}

/**
 * @returns {Promise<boolean>}
 */
async function runTests() {
	const found = [path.join(ROOT, "build", "test"), path.join(ROOT, "test")].flatMap(filesUnder);
	const tests = found.map((file) => path.relative(ROOT, file)).filter((file) => TEST_FILE.test(file));
	for (const file of MORE_TESTS) if (existsSync(file)) tests.push(file);
	const chosen = wanted.length === 0 ? tests : tests.filter((file) => wanted.some((name) => isMeant(file, name)));
	for (const name of wanted)
		if (!tests.some((file) => isMeant(file, name))) {
			console.log(`no test is in or named ${name}; there are:\n${tests.map((file) => `  ${plain(file)}`).join("\n")}`);
			return false;
		}
	const flags = ["--enable-source-maps", "--test"];
	const [major, minor] = process.versions.node.split(".").map(Number);
	// One process more than Node's default: tests on the XS engine and of the command mostly wait for a process of their own.
	if (major > 20 || minor >= 10) flags.push(`--test-concurrency=${Math.max(2, availableParallelism())}`);
	// Node puts the failures after its closing lines; the second report is there to say the counts once more at the very end.
	const report = path.join("build", `tests.${process.pid}.tap`);
	for (const [reporter, destination] of [
		["spec", "stdout"],
		["tap", report],
	])
		flags.push(`--test-reporter=${reporter}`, `--test-reporter-destination=${destination}`);
	const { code } = await node([...flags, ...options, ...chosen]);
	const lines = existsSync(report) ? readFileSync(report, "utf8").trimEnd().split("\n").slice(-8) : [];
	rmSync(report, { force: true });
	counts = lines.filter((line) => /^# (tests|pass|fail|cancelled|skipped|todo) \d+$/.test(line));
	return code === 0;
}

/**
 * Whether a test file is meant by a folder, a path or a name, each with or without its endings.
 * @param {string} file
 * @param {string} name
 * @returns {boolean}
 */
function isMeant(file, name) {
	const meant = plain(path.relative(ROOT, path.resolve(name)));
	const test = plain(file);
	return test === meant || test.startsWith(`${meant}/`) || path.posix.basename(test) === plain(name);
}

/**
 * @param {string} file
 * @returns {string} its path in the sources without endings: build/test/unit/at.test.js -> test/unit/at
 */
function plain(file) {
	return file
		.split(path.sep)
		.join("/")
		.replace(/^build\//, "")
		.replace(/(\.test)?(\.(ts|m?js))?$/, "");
}

/**
 * @param {string[]} args what Node runs
 * @param {boolean} [quiet] keep the output instead of showing it
 * @returns {Promise<Finished>}
 */
function node(args, quiet = false) {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, args, { stdio: ["ignore", quiet ? "pipe" : "inherit", "inherit"] });
		let text = "";
		child.stdout?.setEncoding("utf8").on("data", (chunk) => {
			text += chunk;
		});
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, text }));
	});
}

/**
 * @param {string} folder
 * @returns {string[]} all files below it, sorted
 */
function filesUnder(folder) {
	if (!existsSync(folder)) return [];
	return readdirSync(folder, { withFileTypes: true })
		.sort((a, b) => (a.name < b.name ? -1 : 1))
		.flatMap((entry) => {
			const file = path.join(folder, entry.name);
			return entry.isDirectory() ? filesUnder(file) : [file];
		});
}
