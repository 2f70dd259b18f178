// Checks that the XS harness measures exactly and stops where it should.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import terser from "@rollup/plugin-terser";
import { rollup } from "rollup";
import { buildHarness, runHarness, skipReason } from "./build.mjs";

/** Bytecodes that bytecodes() … bytecodes() itself takes. */
const EMPTY_PAIR = 7;

/** @type {string} */
let executable;
/** @type {string} */
let folder;
let fileCount = 0;

before(async () => {
	if (skipReason()) return;
	executable = await buildHarness({ log: console.log });
	folder = await mkdtemp(join(tmpdir(), "xs-selftest-"));
});

after(async () => {
	if (folder) await rm(folder, { recursive: true, force: true });
});

/**
 * @param {string} source
 */
async function file(source) {
	fileCount++;
	const path = join(folder, `script${fileCount}.js`);
	await writeFile(path, source);
	return path;
}

/**
 * Runs a script.
 * @param {string} source
 * @param {...string} args
 */
async function script(source, ...args) {
	return runHarness(executable, [...args, await file(source)]);
}

/**
 * Runs a script that prints one JSON text.
 * @param {string} source
 * @param {...string} args
 */
async function value(source, ...args) {
	const { code, stdout, stderr } = await script(source, ...args);
	assert.equal(stderr, "");
	assert.equal(code, 0);
	return JSON.parse(stdout);
}

/**
 * Least whole number that passes.
 * @param {number} failing
 * @param {number} passing
 * @param {(number: number) => Promise<boolean>} passes
 */
async function least(failing, passing, passes) {
	let low = failing;
	let high = passing;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if (await passes(middle)) high = middle;
		else low = middle;
	}
	return high;
}

/**
 * @param {string} name
 * @param {() => Promise<void>} body
 */
function check(name, body) {
	test(name, async (t) => {
		const reason = skipReason();
		if (reason) t.skip(reason);
		else await body();
	});
}

/** What one expression allocates, and the meters around nothing. */
const COSTS = `
const bytes = new Uint8Array(64), words = new Int32Array(8), view = new DataView(bytes.buffer);
let x = 5;
function cost(run) {
	run();
	collect();
	const slots0 = slots(), chunks0 = chunkBytes();
	run();
	const slots1 = slots(), chunks1 = chunkBytes();
	return { slots: slots1 - slots0, chunks: chunks1 - chunks0 };
}
function pair() {
	const before = bytecodes(), after = bytecodes();
	return after - before;
}
const outer0 = bytecodes(), outer1 = bytecodes();
function steps(count) {
	const before = bytecodes();
	for (let i = 0; i < count; i++);
	const after = bytecodes();
	return after - before;
}
print(JSON.stringify({
	nothing: cost(() => {}),
	loop: cost(() => { for (let i = 0; i < 1000; i++); }),
	meters: cost(() => { slots(); chunkBytes(); bytecodes(); gcCount(); stackMark(); stackPeak(); now(); }),
	numbers: cost(() => { bytes[1] = bytes[2] + 3; words[1] = -70000; words[2] = (words[1] * 3) >>> 1; x = view.getUint32(0) * 1.5; }),
	literal: cost(() => "a literal string"),
	array: cost(() => new Uint8Array(8)),
	subarray: cost(() => bytes.subarray(2, 4)),
	template: cost(() => \`a\${x}\`),
	object: cost(() => ({ a: 1, b: 2 })),
	closure: cost(() => () => 1),
	pair: pair(),
	outer: outer1 - outer0,
	steps: [steps(0), steps(1), steps(1000), steps(1001)],
}));
`;

check("slots, chunk bytes and bytecodes are exact", async () => {
	const costs = await value(COSTS);
	const none = { slots: 0, chunks: 0 };
	for (const name of ["nothing", "loop", "meters", "numbers", "literal"]) assert.deepEqual(costs[name], none, name);
	assert.equal(costs.array.slots, 7);
	assert.ok(costs.array.chunks >= 24);
	assert.deepEqual(costs.subarray, { slots: 4, chunks: 0 });
	assert.equal(costs.template.slots, 0);
	assert.ok(costs.template.chunks > 0);
	assert.deepEqual(costs.object, { slots: 3, chunks: 0 });
	assert.ok(costs.closure.slots > 0);
	assert.equal(costs.pair, EMPTY_PAIR);
	assert.equal(costs.outer, EMPTY_PAIR);
	const [zero, one, thousand, next] = costs.steps;
	assert.ok(one > zero);
	assert.equal(thousand - zero, 1000 * (one - zero));
	assert.equal(next - thousand, one - zero);
});

check("two runs give the same figures", async () => {
	const first = await script(COSTS, "--report");
	const second = await script(COSTS, "--report");
	assert.equal(first.code, 0);
	assert.match(first.stderr, /^XS report: \{.*\}\n$/);
	assert.equal(first.stdout, second.stdout);
	assert.equal(first.stderr, second.stderr);
});

check("a long run loses no bytecodes", async () => {
	const counts = await value(`
		function steps(count) {
			const before = bytecodes();
			for (let i = 0; i < count; i++);
			const after = bytecodes();
			return after - before;
		}
		print(JSON.stringify([steps(0), steps(1), steps(5e6)]));
	`);
	assert.ok(counts[2] > 2 ** 25);
	assert.equal(counts[2] - counts[0], 5e6 * (counts[1] - counts[0]));
});

check("gcCount counts collections", async () => {
	const counts = await value(`
		const counts = [gcCount()];
		collect();
		counts.push(gcCount());
		for (let i = 0; i < 1e6; i++) ({});
		counts.push(gcCount());
		print(JSON.stringify(counts));
	`);
	assert.equal(counts[0], 0);
	assert.equal(counts[1], 1);
	assert.ok(counts[2] > 1);
});

const WORK = `
	import { Worker } from "worker";
	if (argv.length) limit(Number(argv[0]), Number(argv[1]));
	const worker = new Worker(20);
	let sum = 0;
	for (let i = 0; i < 100; i++) sum += worker.work(i);
	print(JSON.stringify(sum));
`;
const WORKER = `
	export class Worker {
		#bytes;
		constructor(count) {
			this.#bytes = new Uint8Array(count);
			this.list = [];
			for (let i = 0; i < count; i++) this.list.push({ i });
		}
		work(k) {
			const part = this.#bytes.subarray(1, 3);
			part[0] = k;
			return this.list.map((item) => item.i + part[0]).length + \`\${k}\`.length;
		}
	}
`;

check("limit() finds the least heap, exactly", async () => {
	const worker = `worker=${await file(WORKER)}`;
	const main = await file(WORK);
	const plenty = 1_000_000;
	/**
	 * @param {number} slots
	 * @param {number} bytes
	 */
	const run = (slots, bytes) => runHarness(executable, [worker, "--arg", String(slots), "--arg", String(bytes), main]);
	/**
	 * @param {number} slots
	 * @param {number} bytes
	 */
	const passes = async (slots, bytes) => (await run(slots, bytes)).code === 0;
	const slots = await least(0, 10_000, (count) => passes(count, plenty));
	const bytes = await least(0, 100_000, (count) => passes(10_000, count));
	// 20 objects of 2 slots, an array, a class instance with a Uint8Array
	assert.ok(slots >= 20 * 2 + 2 + 2 + 7 && slots < 20 * 2 + 60, `${slots} slots`);
	assert.ok(bytes > 20 && bytes < 4000, `${bytes} bytes`);
	const full = await run(slots, plenty);
	const roomy = await run(10_000, plenty);
	assert.equal(full.code, 0);
	assert.equal(full.stdout, roomy.stdout);
	const fewSlots = await run(slots - 1, plenty);
	assert.equal(fewSlots.code, 3);
	assert.equal(fewSlots.stderr, "XS abort: out of memory (slots)\n");
	const fewBytes = await run(10_000, bytes - 1);
	assert.equal(fewBytes.code, 3);
	assert.match(fewBytes.stderr, /^XS abort: out of memory \(chunks, \d+ bytes were asked for\)\n$/);
});

check("a limit leaves exactly that many slots and bytes, and can be lifted", async () => {
	const left = await value(`
		limit(300, 1024);
		const before = slots();
		let list = null, count = 0;
		const collections = gcCount();
		while (slots() - before < 300) list = { list }, count++;
		const used = slots() - before, collected = gcCount() - collections;
		limit();
		for (let i = 0; i < 100000; i++) list = { list };
		print(JSON.stringify({ used, count, collected, grown: slots() - before > 200000 }));
	`);
	assert.deepEqual(left, { used: 300, count: 150, collected: 0, grown: true });
});

check("a fixed heap that suffices passes, a smaller one aborts", async () => {
	const source =
		"const list = []; for (let i = 0; i < 1000; i++) list.push({ i }); print(JSON.stringify(list.length));";
	const main = await file(source);
	/** @param {number} slots */
	const run = (slots) => runHarness(executable, ["--fixed", "--slots", String(slots), "--chunk", "300000", main]);
	const enough = await run(8000);
	assert.deepEqual([enough.code, enough.stdout, enough.stderr], [0, "1000\n", ""]);
	const small = await run(5000);
	assert.deepEqual([small.code, small.stderr], [3, "XS abort: out of memory (slots)\n"]);
	const chunks = await script("new Uint8Array(100000);", "--fixed", "--chunk", "60000");
	assert.deepEqual(
		[chunks.code, chunks.stderr],
		[3, "XS abort: out of memory (chunks, 100016 bytes were asked for)\n"],
	);
	const growing = await script(source, "--slots", "5000", "--chunk", "20000");
	assert.equal(growing.code, 0);
});

check("stackPeak counts stack slots, and --stack limits them", async () => {
	const recursion = "function f(n) { return n ? 1 + f(n - 1) : 0; }\n";
	const peaks = await value(`${recursion}
		stackMark();
		const empty = stackPeak();
		const peaks = [empty];
		for (const depth of [10, 11, 100]) {
			stackMark();
			f(depth);
			peaks.push(stackPeak());
		}
		print(JSON.stringify(peaks));
	`);
	const [empty, ten, eleven, hundred] = peaks;
	assert.ok(empty > 0 && empty < 10);
	const frame = eleven - ten;
	assert.ok(frame > 5 && frame < 20);
	assert.equal(hundred - ten, 90 * frame);

	const deep = await file(`${recursion} f(50);`);
	const whole = await runHarness(executable, ["--report", deep]);
	const { stackPeak } = JSON.parse(whole.stderr.slice("XS report: ".length));
	const needed = await least(
		1,
		4096,
		async (slots) => (await runHarness(executable, ["--stack", String(slots), deep])).code === 0,
	);
	assert.ok(needed >= stackPeak && needed < stackPeak + 8, `needs ${needed}, peak ${stackPeak}`);
	const overflow = await script(`${recursion} f(100000);`, "--stack", "512");
	assert.deepEqual([overflow.code, overflow.stderr], [3, "XS abort: stack overflow\n"]);
});

check("modules are found by name, by relative path and on demand", async () => {
	const library = await file('export const name = "library"; export default 5;');
	const relative = `./${library.split("/").pop()}`;
	const seen = await value(
		`
		import five, { name } from "some/library";
		import * as same from ${JSON.stringify(relative)};
		const later = await import("some/library");
		print(JSON.stringify([five, name, same === later, argv]));
		//# sourceMappingURL=nothing.js.map
		`,
		`some/library=${library}`,
		"--arg",
		"one",
		"--arg",
		"a=b",
	);
	assert.deepEqual(seen, [5, "library", true, ["one", "a=b"]]);
	const missing = await script('import "nothing";');
	assert.equal(missing.code, 1);
	assert.match(
		missing.stderr,
		/^Uncaught exception: ReferenceError: module "nothing" not found, imported by .*script\d+\.js\n/,
	);
	const noExport = await script('import { other } from "library";', `library=${library}`);
	assert.equal(noExport.code, 1);
	assert.match(noExport.stderr, /SyntaxError: import other not found/);
});

check("errors are named and give code 1", async () => {
	const syntax = await script("const a = 1;\nconst b = ;\n");
	assert.equal(syntax.code, 1);
	assert.match(syntax.stderr, /^Uncaught exception: SyntaxError: .*script\d+\.js:2: missing expression\n/);
	const thrown = await script('function thrower() { throw new RangeError("bad"); }\nthrower();');
	assert.equal(thrown.code, 1);
	assert.match(thrown.stderr, /^Uncaught exception: RangeError: bad\n at thrower \(\)\n/);
	const rejected = await script('Promise.reject(new Error("late")); await null; print("on");');
	assert.deepEqual([rejected.code, rejected.stdout], [1, "on\n"]);
	assert.match(rejected.stderr, /^Unhandled rejection: Error: late\n/);
	const handled = await script('Promise.reject(1).catch(() => print("caught"));');
	assert.deepEqual([handled.code, handled.stdout, handled.stderr], [0, "caught\n", ""]);
	const waiting = await script("await new Promise(() => {});");
	assert.equal(waiting.code, 1);
	assert.match(waiting.stderr, /waits for a promise/);
	const left = await script('print("before"); printError("to stderr"); exit(7);');
	assert.deepEqual([left.code, left.stdout, left.stderr], [7, "before\n", "to stderr\n"]);
	const option = await script("", "--slots", "many");
	assert.equal(option.code, 2);
});

check("a script that hangs is killed", async () => {
	const main = await file("for (;;);");
	const { code, signal } = await runHarness(executable, [main], { timeoutMs: 300 });
	assert.deepEqual([code, signal], [null, "SIGKILL"]);
});

check("a minified bundle of modern classes runs", async () => {
	const base = await file(`
		export const OFFSETS = Int32Array.of(3, 5, 8);
		export class Base {
			static count = 0;
			static { Base.label = "base"; }
			constructor(size) { this.words = new Int32Array(size); Base.count++; }
			get length() { return this.words.length; }
			sum() { let sum = 0; for (let i = 0; i < this.words.length; i++) sum = (sum + this.words[i]) | 0; return sum; }
		}
	`);
	const main = await file(`
		import { Base, OFFSETS } from ${JSON.stringify(base)};
		class Derived extends Base {
			#secret = 40;
			#add(n) { return this.#secret + n; }
			static create(...args) { return new Derived(...args); }
			constructor(size, { step = 2, name } = {}) { super(size); this.step = step; this.name = name ?? "none"; }
			fill() { for (let i = 0; i < this.length; i++) this.words[i] = i * this.step - OFFSETS[i % 3]; return this; }
			sum() { return super.sum() + this.#add(2); }
			*[Symbol.iterator]() { yield* this.words; }
			async later() { await null; return this.name?.toUpperCase(); }
		}
		const derived = Derived.create(6, { name: "x" }).fill();
		const map = new Map([[1, { deep: { value: 7n ** 2n } }]]);
		const { deep: { value } } = map.get(1);
		let text;
		switch (derived.length) { case 6: text = \`\${Base.label}-\${derived.step}\`; break; default: text = "no"; }
		const bytes = Uint8Array.from([0x80, 0xff]);
		bytes.set([1], 1);
		print(JSON.stringify({
			sum: derived.sum(), all: [...derived], count: Base.count, value: String(value), text,
			long: "${"long ".repeat(100)}".length, later: await derived.later(), bytes: [...bytes], match: /(?<n>\\d+)/u.exec("ab12").groups.n,
		}));
	`);
	const bundle = await rollup({ input: main, plugins: [terser({ module: true, toplevel: true })] });
	const { output } = await bundle.generate({ format: "es" });
	await bundle.close();
	assert.ok(output[0].code.split("\n").length <= 2);
	assert.deepEqual(await value(output[0].code), {
		sum: 40,
		all: [-3, -3, -4, 3, 3, 2],
		count: 1,
		value: "49",
		text: "base-2",
		long: 500,
		later: "X",
		bytes: [128, 1],
		match: "12",
	});
});

test("a missing compiler is explained in one sentence", async () => {
	const saved = process.env.CC;
	process.env.CC = "no-such-compiler";
	try {
		await assert.rejects(buildHarness({ xsnap: "none" }), (error) => {
			assert.ok(error instanceof Error);
			assert.match(error.message, /gcc libc6-dev.*SIMSTRAP_NO_XS=1/);
			assert.ok(!error.message.includes("\n"));
			return true;
		});
	} finally {
		if (saved === undefined) delete process.env.CC;
		else process.env.CC = saved;
	}
});
