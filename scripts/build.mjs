// Builds what rollup.config.mjs names and the declarations of the core and of Node's HAL, unless they are up to date. Files are put in place by
// rename, so that two builds at the same time do no harm; a lock saves the second one its work.

import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

/** @typedef {{ inputs: string, outputs: Record<string, string> }} Stamp hashes of the inputs and of each file built */

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const INPUT_FOLDERS = ["src", "virtual", "hal", "boards", "cli", "scripts"];
const INPUT_FILES = ["rollup.config.mjs", "package.json", "package-lock.json", "tsconfig.base.json"];
const INPUT_NAME = /\.(ts|json|mjs)$/;
const STAMP = path.join(ROOT, "build", "build.json");
const LOCK = path.join(ROOT, "build", "build.lock");
const LOCK_POLL_MS = 100;
const LOCK_WAIT_MS = 120_000;

/**
 * Whether everything built is there and belongs to the present sources.
 * @returns {boolean}
 */
export function isUpToDate() {
	/** @type {Stamp} */
	let stamp;
	try {
		stamp = JSON.parse(readFileSync(STAMP, "utf8"));
	} catch {
		return false;
	}
	const whole = Object.entries(stamp.outputs).every(([name, hash]) => {
		const file = path.join(ROOT, name);
		return existsSync(file) && hashOf(readFileSync(file)) === hash;
	});
	return whole && stamp.inputs === hashInputs();
}

/**
 * Builds unless everything is up to date.
 * @param {object} [options]
 * @param {boolean} [options.force] build in any case
 * @returns {Promise<boolean>} whether there was anything to build
 */
export async function build({ force = false } = {}) {
	if (!force && isUpToDate()) return false;
	if (!existsSync(path.join(ROOT, "node_modules", "rollup")))
		throw new Error("the packages to build with are missing: run npm ci");
	const unlock = await lock();
	const folder = process.cwd();
	try {
		if (!force && isUpToDate()) return false;
		process.stderr.write("building …\n");
		process.chdir(ROOT);
		const inputs = hashInputs();
		const built = await Promise.allSettled([bundle(), declare()]);
		for (const part of built) if (part.status === "rejected") throw part.reason;
		/** @type {Stamp} */
		const stamp = { inputs, outputs: {} };
		for (const part of built)
			if (part.status === "fulfilled")
				for (const file of part.value) stamp.outputs[path.relative(ROOT, file)] = hashOf(await readFile(file));
		await replace(STAMP, JSON.stringify(stamp, undefined, "\t"));
		return true;
	} finally {
		process.chdir(folder);
		await unlock();
	}
}

/**
 * Builds the bundles.
 * @returns {Promise<string[]>} the files
 */
async function bundle() {
	const { rollup } = await import("rollup");
	const { loadConfigFile } = await import("rollup/loadConfigFile");
	const { options: bundles } = await loadConfigFile(path.join(ROOT, "rollup.config.mjs"), {});
	/** @type {string[]} */
	const files = [];
	for (const options of bundles) {
		const bundle = await rollup(options);
		try {
			for (const target of options.output) {
				const folder = path.dirname(path.resolve(ROOT, target.file ?? path.join(target.dir ?? ".", ".")));
				const { output } = await bundle.generate(target);
				for (const part of output) {
					const file = path.join(folder, part.fileName);
					const content = part.type === "chunk" ? part.code : part.source;
					await replace(file, content, String(content).startsWith("#!") ? 0o755 : 0o644);
					files.push(file);
				}
			}
		} finally {
			await bundle.close();
		}
	}
	return files;
}

/**
 * Writes the declarations of the core and of Node's HAL.
 * @returns {Promise<string[]>} the files
 */
async function declare() {
	const folder = path.join(ROOT, "dist", "types");
	const fresh = path.join(ROOT, "build", `types.${randomUUID()}`);
	const tsc = path.join(ROOT, "node_modules", "typescript", "bin", "tsc");
	const options = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--pretty", "false"];
	try {
		const { code, text } = await run([tsc, "-p", "hal/node", ...options, "--outDir", fresh]);
		if (code !== 0) throw new Error(`the declarations:\n${text.trim()}`);
		await mkdir(path.dirname(folder), { recursive: true });
		await rm(folder, { recursive: true, force: true });
		await rename(fresh, folder);
	} finally {
		await rm(fresh, { recursive: true, force: true });
	}
	return filesUnder(folder);
}

/**
 * @param {string[]} args what Node runs
 * @returns {Promise<{ code: number | null, text: string }>}
 */
function run(args) {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
		let text = "";
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding("utf8").on("data", (chunk) => {
				text += chunk;
			});
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, text }));
	});
}

/**
 * Waits for a build that is under way. A lock left by a process that has ended does not count.
 * @returns {Promise<() => Promise<void>>} gives the lock back
 */
async function lock() {
	await mkdir(path.dirname(LOCK), { recursive: true });
	for (let waited = 0; waited < LOCK_WAIT_MS; waited += LOCK_POLL_MS) {
		try {
			const file = await open(LOCK, "wx");
			await file.writeFile(String(process.pid));
			await file.close();
			return () => rm(LOCK, { force: true });
		} catch (error) {
			if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
		}
		if (waited > 0 && !isAlive(Number(await readFile(LOCK, "utf8").catch(() => "")))) await rm(LOCK, { force: true });
		else await sleep(LOCK_POLL_MS);
	}
	return async () => {};
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAlive(pid) {
	if (pid === 0) return false;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
	}
}

/**
 * Writes a file beside its place and puts it there.
 * @param {string} file
 * @param {string | Uint8Array} content
 * @param {number} [mode]
 */
async function replace(file, content, mode = 0o644) {
	const fresh = `${file}.${randomUUID()}`;
	await mkdir(path.dirname(file), { recursive: true });
	try {
		await writeFile(fresh, content);
		await chmod(fresh, mode);
		await rename(fresh, file);
	} finally {
		await rm(fresh, { force: true });
	}
}

/**
 * @returns {string} changes whenever anything does that a build depends on
 */
function hashInputs() {
	const folders = INPUT_FOLDERS.map((name) => path.join(ROOT, name)).filter((folder) => existsSync(folder));
	const files = folders.flatMap(filesUnder).filter((file) => INPUT_NAME.test(file));
	files.push(...INPUT_FILES.map((name) => path.join(ROOT, name)));
	const hash = createHash("sha256");
	for (const file of files)
		if (existsSync(file)) hash.update(`${path.relative(ROOT, file)}\n${hashOf(readFileSync(file))}\n`);
	return hash.digest("hex");
}

/**
 * @param {string | Uint8Array} content
 * @returns {string}
 */
function hashOf(content) {
	return createHash("sha256").update(content).digest("hex");
}

/**
 * @param {string} folder
 * @returns {string[]} all files below it, sorted
 */
function filesUnder(folder) {
	return readdirSync(folder, { withFileTypes: true })
		.sort((a, b) => (a.name < b.name ? -1 : 1))
		.flatMap((entry) => {
			const file = path.join(folder, entry.name);
			return entry.isDirectory() ? filesUnder(file) : [file];
		});
}

/**
 * What a person needs of an error of rollup or its plugins.
 * @param {unknown} error
 * @returns {string}
 */
function explain(error) {
	if (!(error instanceof Error)) return String(error);
	const { message, loc, frame, stack } = /** @type {import("rollup").RollupError} */ (error);
	if (loc) {
		const place = `${path.relative(ROOT, loc.file ?? "")}:${loc.line}:${loc.column}`;
		return [message.includes(place) ? message : `${place}: ${message}`, frame].filter(Boolean).join("\n");
	}
	return error instanceof TypeError || error instanceof ReferenceError ? (stack ?? message) : message;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	try {
		await build({ force: process.argv.includes("--force") });
	} catch (error) {
		process.stderr.write(`build failed: ${explain(error)}\n`);
		// What a failed plugin has left open would keep the process.
		process.exit(1);
	}
}
