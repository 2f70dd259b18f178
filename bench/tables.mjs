// The benchmarks' tables: each a title, a heading, rows, and where there is one the budget. They are printed, and written into
// README.md and docs/figures.md between <!-- bench:NAME --> and <!-- /bench:NAME -->.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { makeBundles } from "../test/engine/hal/bundle.mjs";
import { leastOnBoard } from "../test/engine/hal/least-board.mjs";
import { jsonFromXs, leastHeap, ROOT, runOnXs } from "../test/engine/xs-run.mjs";
import { recordNaive } from "./conversation.mjs";
import { limitOf } from "./limit.mjs";
import { fit } from "./line-of-best-fit.mjs";
import { bundlesOf } from "./parts.mjs";
import { BAUD, LATENCY_MS, readOnce, readRemembered } from "./virtual-time.mjs";

/** @typedef {import("../scripts/markdown-table.mjs").Table} Table */

const BENCH = path.join(ROOT, "bench");
const SIZES = [126, 1024, 4096, 32768];
const STEPS = [256, 239, 48, 16];
/** Beside the whole stack, all of it in virtual time. */
const SCALING_SIZES = [1024, 2048, 4096, 8192, 16384, 32768];

const count = (/** @type {number} */ n) => Math.round(n).toLocaleString("en");
const tenths = (/** @type {number} */ n) =>
	n.toLocaleString("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const hundredths = (/** @type {number} */ n) => n.toLocaleString("en", { maximumFractionDigits: n < 10 ? 2 : 0 });
const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(2);
const of = (/** @type {number} */ measured, /** @type {number} */ least) => `${count(measured)} / ${count(least)}`;

/** @returns {Table} */
export function exchanges() {
	const rows = SIZES.flatMap((size) =>
		STEPS.map((step) => {
			const cold = readOnce({ size, step, confirm: false });
			const twice = readOnce({ size, step });
			const again = readRemembered({ size, step });
			const timed = readOnce({ size, step, paced: true });
			const coldLeast = limitOf({ size, step, kind: "cold" });
			const twiceLeast = limitOf({ size, step, kind: "confirmed" });
			const againLeast = limitOf({ size, step, kind: "remembered" });
			return [
				count(size),
				step,
				of(cold.exchanges, coldLeast.exchanges),
				of(twice.exchanges, twiceLeast.exchanges),
				of(again.exchanges, againLeast.exchanges),
				of(cold.bytes, coldLeast.bytes),
				of(twice.bytes, twiceLeast.bytes),
				of(again.bytes, againLeast.bytes),
				`${seconds(timed.ms)} / ${seconds(twiceLeast.ms(BAUD, LATENCY_MS))}`,
			];
		}),
	);
	return {
		name: "exchanges",
		title: "Over +CSIM, by steps: what was counted / the physical limit (bench/limit.mjs says what that is)",
		head: [
			"file, bytes",
			"step",
			"exchanges, read once",
			"confirmed",
			"remembered",
			"UART bytes, read once",
			"confirmed",
			"remembered",
			"s, confirmed",
		],
		rows,
		notes:
			`Seconds: ${count(BAUD)} baud and ${LATENCY_MS} ms a card command, in virtual time, whose clock rounds down a little. UART bytes count both directions and, ` +
			"other than the limit, the modem's bring-up (ATE0V1, AT+CMEE=1, AT+CPIN?, and AT+CCID where a record is kept). A step of 256 asks with Le = 00, which the card " +
			"answers with all there is; any other first asks for more than a small file holds and is told its length (6Cxx), " +
			"one exchange each.",
	};
}

/** @returns {Promise<Table>} */
export async function ways() {
	const rows = [];
	for (const size of SIZES) {
		for (const [way, cgla] of /** @type {const} */ ([
			["+CSIM", false],
			["+CGLA", true],
		])) {
			const cold = readOnce({ size, step: 256, confirm: false, cgla });
			const twice = readOnce({ size, step: 256, cgla });
			const again = readRemembered({ size, step: 256, cgla });
			rows.push([
				count(size),
				`simstrap, ${way}`,
				of(cold.exchanges, limitOf({ size, step: 256, kind: "cold", cgla }).exchanges),
				of(twice.exchanges, limitOf({ size, step: 256, kind: "confirmed", cgla }).exchanges),
				of(again.exchanges, limitOf({ size, step: 256, kind: "remembered", cgla }).exchanges),
				of(cold.bytes, limitOf({ size, step: 256, kind: "cold", cgla }).bytes),
				"all, checked",
			]);
		}
		// The same for any larger file.
		if (size > 1024) continue;
		const fixed = await recordNaive(size, { fixed: true });
		rows.push([
			count(size),
			"the fixed procedure, +CSIM",
			of(fixed.exchanges, limitOf({ size: Math.min(size, 256), step: 256, kind: "cold" }).exchanges),
			"none",
			"none",
			of(fixed.toModem + fixed.toHost, limitOf({ size: Math.min(size, 256), step: 256, kind: "cold" }).bytes),
			fixed.file.length === size ? "all, unchecked" : `the first ${fixed.file.length}`,
		]);
	}
	return {
		name: "ways",
		title: "By ways to the card, one file a read (step 256): what was counted / the physical limit",
		head: [
			"file, bytes",
			"reader",
			"exchanges, read once",
			"confirmed",
			"remembered",
			"UART bytes, read once",
			"bytes of the file",
		],
		rows,
		notes:
			"The fixed procedure is that of Nordic's reader, played in bench/naive-reader.mjs: SELECT asks for the FCP, one READ BINARY of " +
			"256 bytes for each file, always channel 1. It knows no 61xx, so the modem follows these for it. Its limit is that of the bytes it gets.",
	};
}

/** @returns {Promise<Table>} */
export async function scaling() {
	const points = SCALING_SIZES.map((size) => ({
		size,
		large: readOnce({ size, step: 256, confirm: false }),
		small: readOnce({ size, step: 48, confirm: false }),
		least: limitOf({ size, step: 256, kind: "cold" }),
		timed: readOnce({ size, step: 256, confirm: false, paced: true }),
	}));
	/** @type {[string, (n: number) => string, [number, number][]][]} */
	const lines = [
		["UART bytes, step 256", tenthsOf(2), points.map(({ size, large }) => [size, large.bytes])],
		["the physical limit of that", tenthsOf(2), points.map(({ size, least }) => [size, least.bytes])],
		["UART bytes, step 48", tenthsOf(2), points.map(({ size, small }) => [size, small.bytes])],
		["ms at 115200 baud and 20 ms a command", tenthsOf(2), points.map(({ size, timed }) => [size, timed.ms])],
	];
	lines.push(["ns in the core on Node", tenthsOf(1), SCALING_SIZES.map((size) => [size, nodeNs(size).ns])]);
	if (await hasXs()) {
		const [bytecodes] = await jsonFromXs(path.join("..", "..", "bench", "scaling-xs.mjs"), {
			args: SCALING_SIZES.map(String),
		});
		lines.push(["bytecodes on XS", tenthsOf(1), bytecodes]);
	}
	return {
		name: "scaling",
		title: "What a byte more of the file costs (the line through 1 KB to 32 KB, read once)",
		head: ["what", "per byte of the file", "beside that", "farthest point from the line"],
		rows: lines.map(([name, print, line]) => {
			const { slope, fixed, farthest } = fit(line);
			return [name, print(slope), count(fixed), `${(farthest * 100).toFixed(1)} %`];
		}),
	};
}

/** @param {number} digits */
function tenthsOf(digits) {
	return (/** @type {number} */ n) => n.toFixed(digits);
}

async function hasXs() {
	const { skipReason } = await import("../test/engine/xs/build.mjs");
	return !skipReason();
}

/** @returns {Promise<Table>} */
export async function engine() {
	const [costs] = await jsonFromXs("costs.js");
	const [sample, large] = await jsonFromXs("run-scenarios.js", { args: ["the sample file", "a file of 32 KB"] });
	const heap = await leastHeap();
	const bundles = await makeBundles();
	const board = await leastOnBoard(bundles, "lilygo-t-a7670").finally(() => bundles.close());
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
			[
				"boards/main.ts with its HAL and board: slots and chunk bytes kept",
				`${board.kept.slots} and ${board.kept.chunkBytes}`,
				"",
			],
			[
				"the same: least heap, of the 4,928 and 78,848 of a stock ESP32 app",
				`${board.slots} and ${board.chunkBytes}`,
				"",
			],
		],
	};
}

/** @returns {Promise<Table>} */
export async function sizes() {
	const core = { name: "core with +CSIM and accounts", names: "overCsim, Accounts", budget: "18,000 and 6,000" };
	/** What is added to it, by the names that an application imports besides. */
	const parts = [
		{ name: "power-on of a modem (power)", names: "fromPowerOn" },
		{ name: "+CGLA", names: "LinkCgla" },
		{ name: "+CRSM", names: "LinkCrsm" },
		{ name: "the PIN of a file", names: "Pin" },
		{ name: "all of overModem: +CGLA, +CRSM, both PINs, the order of ways", names: "overModem" },
		{ name: "the secure channel (SCP03)", names: "SecureChannel" },
		{ name: "the record between boots, run() and verify()", names: "rememberOverCsim" },
		{ name: "the TLV writer", names: "TlvWriter" },
	];
	const bundles = await bundlesOf([core.names, ...parts.map(({ names }) => `${core.names}, ${names}`)]);
	const base = bundles[0];
	if (base === null) throw new Error("the core has no overCsim");
	const rows = [[core.name, count(base.raw), count(base.minified), count(base.gzip), core.budget]];
	parts.forEach(({ name }, i) => {
		const bundle = bundles[i + 1];
		if (bundle === null) return;
		const more = (/** @type {"raw" | "minified" | "gzip"} */ what) => `+${count(bundle[what] - base[what])}`;
		rows.push([name, more("raw"), more("minified"), more("gzip"), ""]);
	});
	for (const [name, file, budget] of [
		["dist/simstrap.js: everything, with all names exported", "simstrap.js", ""],
		["dist/simstrap.espruino.js", "simstrap.espruino.js", "24,000"],
	]) {
		const code = readFileSync(path.join(ROOT, "dist", file));
		rows.push([name, "", count(code.length), count(gzipSync(code, { level: 9 }).length), budget]);
	}
	return {
		name: "sizes",
		title: "Size of the bundle in bytes; a part that is not named is not in it",
		head: ["what", "as written", "minified", "gzip", "budget"],
		rows,
	};
}

/** The median of several reads of a file, confirmed. @param {number} size */
function nodeNs(size) {
	/** @type {number[]} */
	const samples = [];
	let bytes = 0;
	for (let n = 0; n < 9; n++) {
		const run = readOnce({ size, step: 256, confirm: false, timed: true });
		bytes = run.bytes;
		samples.push(run.coreNs);
	}
	samples.sort((a, b) => a - b);
	return { ns: samples[samples.length >> 1], bytes };
}

/** What the alternatives are, and who they are in bench/. @type {Record<string, [title: string, who: Record<string, string>]>} */
const TASKS = {
	decode: [
		"512 digits to 256 bytes",
		{
			ours: "simstrap, from bytes into a buffer",
			"Buffer.from": '`Buffer.from(text, "hex")`',
			"Buffer.from of latin1": "the same from bytes, as a port gives them",
			"buffer.write": '`buffer.write(text, "hex")`',
			parseInt: "`parseInt` on slices",
		},
	],
	encode: [
		"256 bytes to 512 digits",
		{
			ours: "simstrap, into a buffer",
			"Buffer.toString": '`buffer.toString("hex")`',
			toString: "`toString(16)` and `padStart`",
		},
	],
	tlv: [
		"TLV of the file of {} bytes",
		{ ours: "simstrap, a cursor", naive: "nested objects, naive", "lwm2m-codec": "lwm2m-codec 0.1.1" },
	],
	accounts: [
		"accounts of the file of {} bytes",
		{ ours: "simstrap, checked, in place", naive: "as objects, naive, unchecked" },
	],
	read: [
		"reading a file of {} bytes, recorded modem",
		{ ours: "simstrap", naive: "lines, strings and promises, naive" },
	],
};

/**
 * @param {{ task: string, who: string }} row
 * @returns {[string, string]}
 */
function named({ task, who }) {
	const [kind, size] = task.split(" ");
	const [title, names] = TASKS[kind];
	return [title.replace("{}", count(Number(size))), names[who]];
}

const ratio = (/** @type {number} */ own, /** @type {number} */ first) => {
	const times = own / first;
	return times >= 10 ? count(times) : times.toFixed(times < 0.1 ? 2 : 1);
};

/** @returns {Promise<Table>} */
export async function besideOnNode() {
	const flags = ["--expose-gc", "--min-semi-space-size=256", "--max-semi-space-size=512"];
	const { stdout } = await promisify(execFile)(process.execPath, [...flags, path.join(BENCH, "side-by-side-node.mjs")]);
	/** @type {{ task: string, who: string, ns: number, bytes: number }[]} */
	const results = JSON.parse(stdout);
	const rows = results.map((row) => {
		const ours = results.find(({ task, who }) => task === row.task && who === "ours");
		if (ours === undefined) throw new Error(`${row.task}: nothing to compare with`);
		return [...named(row), hundredths(row.ns / 1000), ratio(row.ns, ours.ns), row.bytes < 16 ? 0 : count(row.bytes)];
	});
	return {
		name: "node",
		title: `Side by side on Node ${process.versions.node}, median of 15 runs in turn`,
		head: ["what", "by", "µs", "times ours", "bytes allocated"],
		rows,
	};
}

/** @returns {Promise<Table>} */
export async function besideOnXs() {
	/** @type {{ task: string, who: string, bytecodes: number, slots: number, chunkBytes: number, ms: number }[][]} */
	const [results] = await jsonFromXs(path.join("..", "..", "bench", "side-by-side-xs.mjs"));
	const rows = results.map((row) => {
		const ours = results.find(({ task, who }) => task === row.task && who === "ours");
		if (ours === undefined) throw new Error(`${row.task}: nothing to compare with`);
		const us = row.ms * 1000;
		return [
			...named(row),
			count(row.bytecodes),
			tenths(us),
			ratio(row.ms, ours.ms),
			count(row.slots),
			count(row.chunkBytes),
		];
	});
	for (const size of [126, 4096]) {
		const heap = await leastHeapOfNaive(size);
		rows.push([
			`least heap for reading ${count(size)} bytes`,
			"lines, strings and promises, naive",
			"",
			"",
			"",
			count(heap.slots),
			count(heap.chunkBytes),
		]);
	}
	const heap = await leastHeap();
	rows.push([
		"the same, any size",
		"simstrap, beside the file buffer",
		"",
		"",
		"",
		count(heap.slots),
		count(heap.chunkBytes),
	]);
	return {
		name: "xs",
		title: "Side by side on XS, on a desktop, median of 7 runs",
		head: ["what", "by", "bytecodes", "µs", "times ours", "slots", "chunk bytes"],
		rows,
	};
}

/** @param {number} size */
async function leastHeapOfNaive(size) {
	const script = path.join("..", "..", "bench", "least-heap-naive-xs.mjs");
	const passes = async (/** @type {number} */ slots, /** @type {number} */ chunkBytes) => {
		const { code, stdout } = await runOnXs(script, { args: [slots, chunkBytes, size].map(String), limits: [] });
		return code === 0 && stdout.trim() === "0";
	};
	const least = async (/** @type {number} */ high, /** @type {(n: number) => Promise<boolean>} */ enough) => {
		let low = 0;
		if (!(await enough(high))) throw new Error(`the naive reader does not even succeed with ${high}`);
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			if (await enough(middle)) high = middle;
			else low = middle;
		}
		return high;
	};
	const slots = await least(100000, (n) => passes(n, 4000000));
	const chunkBytes = await least(4000000, (n) => passes(100000, n));
	return { slots, chunkBytes };
}
