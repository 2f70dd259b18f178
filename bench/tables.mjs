// The benchmarks' tables: each a title, a heading, rows, and where there is one the budget. They are printed, and written into
// README.md between <!-- bench:NAME --> and <!-- /bench:NAME -->.
import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import typescript from "@rollup/plugin-typescript";
import { rollup } from "rollup";
import { compact, PLAIN } from "../scripts/compact.mjs";
import { jsonFromXs, leastHeap, ROOT } from "../test/engine/xs-run.mjs";
import { readOnce } from "./virtual-time.mjs";

/** @typedef {{ name: string, title: string, head: string[], rows: (string | number)[][] }} Table */

const count = (/** @type {number} */ n) => Math.round(n).toLocaleString("en");
const tenths = (/** @type {number} */ n) => (Math.round(n * 10) / 10).toLocaleString("en");

/** @returns {Table} */
export function exchanges() {
	const rows = [126, 1024, 4096, 32768].flatMap((size) =>
		[256, 239, 48, 16].map((step) => {
			const once = readOnce({ size, step, confirm: false });
			const twice = readOnce({ size, step, confirm: true });
			const timed = readOnce({ size, step, confirm: true, modem: { baud: 115200, latencyMs: 20 } });
			const bytes = twice.toModem + twice.toHost;
			return [
				count(size),
				step,
				count(once.exchanges),
				count(twice.exchanges),
				count(bytes),
				(timed.ms / 1000).toFixed(2),
			];
		}),
	);
	return {
		name: "exchanges",
		title: "Exchanges with the card, and bytes on the UART in both directions (the modem's bring-up included)",
		head: [
			"file, bytes",
			"step",
			"exchanges",
			"with confirming read",
			"UART bytes",
			"s at 115200 baud, 20 ms a command",
		],
		rows,
	};
}

/** @returns {Promise<Table>} */
export async function engine() {
	const [costs] = await jsonFromXs("costs.js");
	const [sample, large] = await jsonFromXs("run-scenarios.js", { args: ["the sample file", "a file of 32 KB"] });
	const heap = await leastHeap();
	return {
		name: "engine",
		title: "On XS, exactly as counted by the engine",
		head: ["what", "measured", "budget"],
		rows: [
			[
				"slots and chunk bytes allocated by a bootstrap after construction",
				`${sample.slots} and ${sample.chunkBytes}`,
				"0 and 0",
			],
			["the same for a file of 32 KB", `${large.slots} and ${large.chunkBytes}`, "0 and 0"],
			["bytecodes per digit, decoder", tenths(costs.perDigitDecoding), "24"],
			["bytecodes per digit, whole answer of 256 bytes in pieces of 64", tenths(costs.perDigitOfAnswer), "40"],
			["bytecodes per exchange, beside its digits", count(costs.perExchange), "4,500"],
			["bytecodes per bootstrap of the 126-byte file, confirmed", count(costs.perBootstrap), ""],
			["the same, fed byte by byte", count(costs.perBootstrapByteByByte), ""],
			["an instance: slots", count(costs.instanceSlots), "280"],
			["an instance: chunk bytes beside the file buffer", count(costs.instanceChunkBytes), "900"],
			["its accounts: slots", count(costs.accountsSlots), ""],
			["depth of the stack, slots", count(Math.max(sample.stack, large.stack)), "128"],
			[
				"least heap for a bootstrap: slots and chunk bytes beside the file buffer",
				`${heap.slots} and ${heap.chunkBytes}`,
				"",
			],
		],
	};
}

/** @returns {Promise<Table>} */
export async function sizes() {
	const parts = [
		["core with +CSIM and accounts", "overCsim, Accounts", "18,000 and 6,000"],
		["the same with the secure channel", "overCsim, Accounts, SecureChannel", ""],
	];
	const rows = [];
	for (const [name, names, budget] of parts) {
		const code = await bundleOf(`export { ${names} } from "${path.join(ROOT, "src", "index.ts")}";`);
		rows.push([name, count(code.length), count(gzipSync(code, { level: 9 }).length), budget]);
	}
	const shipped = readFileSync(path.join(ROOT, "dist", "simstrap.js"));
	rows.push([
		"dist/simstrap.js: everything, with all names exported",
		count(shipped.length),
		count(gzipSync(shipped, { level: 9 }).length),
		"",
	]);
	return { name: "sizes", title: "Size of the bundle, bytes", head: ["what", "minified", "gzip", "budget"], rows };
}

/**
 * @param {string} source of an entry
 */
async function bundleOf(source) {
	const entry = path.join(ROOT, "src", "\0entry.ts");
	const bundle = await rollup({
		input: entry,
		plugins: [
			{
				name: "entry",
				resolveId: (id) => (id === entry ? entry : null),
				load: (id) => (id === entry ? source : null),
			},
			typescript({
				tsconfig: path.join(ROOT, "src", "tsconfig.json"),
				noEmit: false,
				outDir: path.join(ROOT, "dist"),
				sourceMap: false,
			}),
			compact(),
		],
	});
	const { output } = await bundle.generate({ format: "es", ...PLAIN });
	await bundle.close();
	return output[0].code;
}

/** @returns {Table} */
export function nodeSpeed() {
	const rows = [4096, 32768].map((size) => {
		/** @type {number[]} */
		const samples = [];
		let bytes = 0;
		for (let n = 0; n < 9; n++) {
			const run = readOnce({ size, step: 256, confirm: true, timed: true });
			bytes = run.toModem + run.toHost;
			samples.push(run.coreNs);
		}
		samples.sort((a, b) => a - b);
		const median = samples[samples.length >> 1];
		return [count(size), count(bytes), (median / 1e6).toFixed(2), tenths(median / bytes)];
	});
	return {
		name: "node",
		title: "Time in the core on Node, median of 9 runs",
		head: ["file, bytes", "UART bytes", "ms in the core", "ns per UART byte"],
		rows,
	};
}
