// Runs scripts of this folder on XS with the bundles as built, for the engine tests and the benchmarks. The stack is as small as
// on a device, since measuring its depth paints all of it at every call.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildHarness, runHarness } from "./xs/build.mjs";

export const ENGINE = path.dirname(fileURLToPath(import.meta.url));
export const ROOT = path.join(ENGINE, "..", "..");
const CORE = path.join(ROOT, "dist", "simstrap.js");
const VIRTUAL = path.join(ROOT, "build", "bundle", "virtual.js");

/**
 * @param {string} script its name in this folder
 * @param {object} [options]
 * @param {string[]} [options.args]
 * @param {string} [options.core] another bundle than dist/simstrap.js
 * @param {string[]} [options.modules] more of them, as name=path
 * @param {string[]} [options.limits]
 * @param {number} [options.timeoutMs]
 */
export async function runOnXs(
	script,
	{
		args = [],
		core = CORE,
		modules = [],
		limits = ["--stack", "600", "--slots", "4000000", "--chunk", "400000000"],
		timeoutMs = 120000,
	} = {},
) {
	const harness = await buildHarness({ log: () => {} });
	const texts = args.flatMap((text) => ["--arg", text]);
	const all = [`simstrap=${core}`, `virtual=${VIRTUAL}`, ...modules];
	return runHarness(harness, [...limits, ...texts, ...all, path.join(ENGINE, script)], { timeoutMs });
}

/**
 * The lines of JSON that a script prints.
 * @param {string} script
 * @param {Parameters<typeof runOnXs>[1]} [options]
 */
export async function jsonFromXs(script, options) {
	const { code, signal, stdout, stderr } = await runOnXs(script, options);
	if (code !== 0) throw new Error(`${script} on XS: exit ${code ?? signal}\n${stderr}${stdout}`);
	return stdout
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line));
}

/** The least free slots, and then chunk bytes, with which a bootstrap succeeds: exact, by bisection. */
export async function leastHeap() {
	/** @param {number} slots @param {number} chunkBytes */
	const passes = async (slots, chunkBytes) => {
		const { code, stdout } = await runOnXs("least-heap.js", { args: [String(slots), String(chunkBytes)], limits: [] });
		return code === 0 && stdout.trim() === "0";
	};
	/** @param {number} high @param {(n: number) => Promise<boolean>} enough */
	const least = async (high, enough) => {
		let low = 0;
		if (!(await enough(high))) throw new Error(`a bootstrap does not even succeed with ${high}`);
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			if (await enough(middle)) high = middle;
			else low = middle;
		}
		return high;
	};
	const slots = await least(4000, (n) => passes(n, 100000));
	const chunkBytes = await least(20000, (n) => passes(4000, n));
	return { slots, chunkBytes };
}
