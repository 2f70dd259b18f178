// Compiles the XS engine and harness.c into build/xs/xs. See README.md.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} RunResult
 * @property {number | null} code exit code: 0, 1 (error), 2 (usage), 3 (XS gave up: memory, stack)
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 */

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../../..");
const PACKAGE = "@agoric/xsnap";
const OMITTED = new Set(["xsSnapshot.c", "xsLockdown.c"]);
const HARNESS_FILES = ["harness.c", "platform.h"];
const FLAGS = [
	"-O2",
	"-w",
	"-fno-common",
	"-DINCLUDE_XSPLATFORM",
	'-DXSPLATFORM="platform.h"',
	"-DmxMetering=1",
	"-DmxParse=1",
	"-DmxRun=1",
	"-DmxSloppy=1",
	"-DmxRegExpUnicodePropertyEscapes=0",
	"-DmxStringNormalize=0",
	"-DmxMinusZero=1",
];
const LIBRARIES = ["-lm", "-lpthread"];
const NO_COMPILER =
	"The XS engine tests need a C compiler: install it (on Debian: apt install gcc libc6-dev) or set SIMSTRAP_NO_XS=1 to skip these tests.";

/** @type {Map<string, Promise<string>>} */
const builds = new Map();

/**
 * Why the tests on the XS engine are to be skipped, or undefined.
 * @returns {string | undefined}
 */
export function skipReason() {
	return process.env.SIMSTRAP_NO_XS === "1" ? "SIMSTRAP_NO_XS=1: NOT tested on the XS engine" : undefined;
}

/**
 * Builds the harness unless it is there already.
 * @param {object} [options]
 * @param {(line: string) => void} [options.log]
 * @param {string} [options.xsnap] folder of the package with the XS sources
 * @returns {Promise<string>} path of the executable
 */
export function buildHarness({ log = () => {}, xsnap = "" } = {}) {
	let build = builds.get(xsnap);
	if (build === undefined) {
		build = buildOnce(log, xsnap);
		builds.set(xsnap, build);
	}
	return build;
}

/**
 * Runs the harness.
 * @param {string} executable
 * @param {string[]} args
 * @param {object} [options]
 * @param {number} [options.timeoutMs] the process is killed after this time
 * @returns {Promise<RunResult>}
 */
export function runHarness(executable, args, { timeoutMs = 60_000 } = {}) {
	return run(executable, args, timeoutMs);
}

/**
 * @param {(line: string) => void} log
 * @param {string} xsnap
 * @returns {Promise<string>}
 */
async function buildOnce(log, xsnap) {
	const compiler = await findCompiler();
	const folder = xsnap || findPackage();
	const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
	const xs = join(folder, "moddable", "xs");
	const includes = [join(xs, "includes"), join(xs, "platforms"), join(xs, "sources"), here].map((path) => `-I${path}`);
	const [harness, platform] = await Promise.all(HARNESS_FILES.map((name) => readFile(join(here, name), "utf8")));
	const engineHash = hash([version, compiler.command.join(" "), compiler.version, ...FLAGS, ...LIBRARIES, platform]);
	const harnessHash = hash([engineHash, harness]);

	const output = join(root, "build", "xs");
	const executable = join(output, "xs");
	const stamp = join(output, "xs.hash");
	if (existsSync(executable) && (await readText(stamp)) === harnessHash) return executable;

	const started = Date.now();
	const objects = join(output, `objects-${engineHash.slice(0, 12)}`);
	await mkdir(objects, { recursive: true });
	const sources = (await readdir(join(xs, "sources")))
		.filter((name) => name.endsWith(".c") && !OMITTED.has(name))
		.sort();
	const jobs = sources
		.map((name) => ({ source: join(xs, "sources", name), object: join(objects, name.replace(/\.c$/, ".o")) }))
		.filter(({ object }) => !existsSync(object));
	// The slowest file first, so that the last job is a short one.
	jobs.sort((a, b) => Number(b.source.endsWith("xsRun.c")) - Number(a.source.endsWith("xsRun.c")));
	const harnessObject = join(objects, `harness.${process.pid}.o`);
	jobs.push({ source: join(here, "harness.c"), object: harnessObject });

	log(`compiling the XS engine (${jobs.length} files)`);
	const total = jobs.length;
	const worker = async () => {
		for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
			const temporary = `${job.object}.${process.pid}`;
			await compile(compiler.command, [...FLAGS, ...includes, "-c", job.source, "-o", temporary]);
			await rename(temporary, job.object);
		}
	};
	await Promise.all(Array.from({ length: Math.min(availableParallelism(), total) }, worker));

	const linked = `${executable}.${process.pid}`;
	const parts = [...sources.map((name) => join(objects, name.replace(/\.c$/, ".o"))), harnessObject];
	await compile(compiler.command, ["-o", linked, ...parts, ...LIBRARIES]);
	await rename(linked, executable);
	await rm(harnessObject, { force: true });
	await writeFile(`${stamp}.${process.pid}`, harnessHash);
	await rename(`${stamp}.${process.pid}`, stamp);
	for (const name of await readdir(output))
		if (name.startsWith("objects-") && join(output, name) !== objects)
			await rm(join(output, name), { recursive: true, force: true });
	log(`compiled the XS engine in ${((Date.now() - started) / 1000).toFixed(1)} s`);
	return executable;
}

/**
 * @returns {Promise<{ command: string[], version: string }>}
 */
async function findCompiler() {
	const wanted = process.env.CC?.trim();
	for (const candidate of wanted ? [wanted] : ["cc", "gcc", "clang"]) {
		const command = candidate.split(/\s+/);
		try {
			const { code, stdout } = await run(command[0], [...command.slice(1), "--version"], 30_000);
			if (code === 0) return { command, version: stdout.split("\n")[0] };
		} catch {
			// Not there: try the next one.
		}
	}
	throw new Error(NO_COMPILER);
}

/**
 * @returns {string} folder of the package with the XS sources
 */
function findPackage() {
	try {
		return dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
	} catch {
		for (let folder = here; ; folder = dirname(folder)) {
			const found = join(folder, "node_modules", PACKAGE);
			if (existsSync(join(found, "package.json"))) return found;
			if (folder === dirname(folder))
				throw new Error(`The XS engine tests need the npm package ${PACKAGE}: run npm install.`);
		}
	}
}

/**
 * @param {string[]} command
 * @param {string[]} args
 */
async function compile(command, args) {
	const { code, signal, stderr } = await run(command[0], [...command.slice(1), ...args], 600_000);
	if (code === 0) return;
	if (
		/fatal error: '?(assert|ctype|math|pthread|stdio|stdlib|string)\.h'?|cannot find (crt1\.o|Scrt1\.o|-lc|-lm)/.test(
			stderr,
		)
	)
		throw new Error(NO_COMPILER);
	throw new Error(`${command.join(" ")} failed (${signal ?? code}) on ${args[args.length - 3]}:\n${stderr}`);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {number} timeoutMs
 * @returns {Promise<RunResult>}
 */
function run(command, args, timeoutMs) {
	return new Promise((fulfil, reject) => {
		const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
		const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
		/** @type {Buffer[]} */
		const stdout = [];
		/** @type {Buffer[]} */
		const stderr = [];
		child.stdout.on("data", (data) => stdout.push(data));
		child.stderr.on("data", (data) => stderr.push(data));
		child.on("error", (error) => {
			clearTimeout(timer);
			reject(error);
		});
		child.on("close", (code, signal) => {
			clearTimeout(timer);
			fulfil({
				code,
				signal,
				stdout: Buffer.concat(stdout).toString("utf8"),
				stderr: Buffer.concat(stderr).toString("utf8"),
			});
		});
	});
}

/**
 * @param {string[]} parts
 */
function hash(parts) {
	return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/**
 * @param {string} path
 */
async function readText(path) {
	try {
		return await readFile(path, "utf8");
	} catch {
		return undefined;
	}
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
	try {
		console.log(await buildHarness({ log: (line) => console.error(line), xsnap: process.argv[2] }));
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}
