// What the bundle costs in a real Espruino interpreter, which ESPRUINO_BIN names: blocks of memory, from flash and from RAM, growth, time.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { overCsim } from "../dist/simstrap.js";
import { ROOT } from "../scripts/build.mjs";
import { recordDevice } from "./conversation.mjs";

const MARK = "RESULT ";
/** Blocks of an ESP32, and of the build for Linux that stands for it. */
const ESP32_BLOCKS = 16383;
const FEW = 10;
const MANY = 60;
/** What the bundle takes on firmware up to 2v29, whose receiver holds 64 bytes. */
const STEP = 16;
/** The bundle goes into Storage in pieces, which the interpreter's memory can hold. */
const PIECE_BYTES = 1024;

/** @returns {string | null} */
export function skipReason() {
	const binary = process.env.ESPRUINO_BIN;
	if (binary === undefined) return "no figures: ESPRUINO_BIN names no interpreter";
	return existsSync(binary) ? null : `no figures: ESPRUINO_BIN names ${binary}, which is not there`;
}

/**
 * The script that runs there: a modem that says what was recorded, and a number of bootstraps one after the other.
 *
 * @param {string} bundle
 * @param {string[]} answers
 */
function script(bundle, answers) {
	return `
var answers = ${JSON.stringify(answers)};
var at = 0, line = "", result = { version: "", module: 0, instance: 0, record: 0, ms: 0.5, growth: 0, gc: 0 };
function used() { process.memory(); return process.memory(false).usage; }
LoopbackB.on("data", function (text) {
	for (var i = 0; i < text.length; i++) {
		if (text[i] === "\\r") { line = ""; LoopbackB.write(answers[at++]); }
		else line += text[i];
	}
});
var bundle = E.openFile("bundle.js", "r"), size = ${bundle.length}, part = "";
for (var offset = 0; offset < size; offset += part.length) {
	part = bundle.read(${PIECE_BYTES});
	require("Storage").write("simstrap", part, offset, size);
}
bundle.close();
bundle = part = undefined;
var before = used();
var simstrap = require("simstrap");
result.version = process.version;
result.module = used() - before;
var n = 0, started = 0.5, base = 0;
function once() {
	at = 0;
	var idle = used();
	simstrap.connect(LoopbackA, { receiverBytes: 64, remember: false }, done);
	if (n === 1) result.instance = used() - idle;
}
function measure() {
	var now = used();
	if (n === ${FEW}) {
		base = now;
		started = getTime();
		once();
		return;
	}
	result.ms = (getTime() - started) * 1000 / (${MANY} - ${FEW});
	result.growth = now - base;
	result.gc = process.memory().gc;
	now = used();
	simstrap.connect(LoopbackA, { receiverBytes: 64 }, done);
	result.record = used() - now;
	print("${MARK}" + JSON.stringify(result));
	quit();
}
function done(error) {
	if (error) { print("${MARK}" + JSON.stringify({ error: error.code })); quit(); }
	n++;
	if (n === ${FEW} || n === ${MANY}) { setTimeout(measure, 1); return; }
	setTimeout(once, 1);
}
once();
`;
}

/**
 * The script that loads the bundle as text, not from Storage.
 *
 * @param {string} bundle
 */
function asText(bundle) {
	return `
function used() { process.memory(); return process.memory(false).usage; }
var before = used();
var bundle = E.openFile("bundle.js", "r");
Modules.addCached("simstrap", bundle.read(${bundle.length}));
bundle.close();
bundle = undefined;
var simstrap = require("simstrap");
print("${MARK}" + JSON.stringify({ module: used() - before }));
quit();
`;
}

/**
 * @param {string} bundle
 * @param {string} script
 */
async function run(bundle, script) {
	const folder = await mkdtemp(path.join(tmpdir(), "simstrap-bench-"));
	try {
		const file = path.join(folder, "bench.js");
		await writeFile(file, script, "latin1");
		await writeFile(path.join(folder, "bundle.js"), bundle, "latin1");
		const options = { cwd: folder, timeout: 120_000, maxBuffer: 1 << 24 };
		const { stdout } = await promisify(execFile)(process.env.ESPRUINO_BIN ?? "", [file], options);
		const from = stdout.indexOf(MARK);
		if (from < 0) throw new Error(`the interpreter gave no result:\n${stdout.slice(-2000)}`);
		const result = JSON.parse(stdout.slice(from + MARK.length).split("\n")[0]);
		if (result.error !== undefined) throw new Error(`a bootstrap on Espruino ended with ${result.error}`);
		return result;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** @returns {Promise<import("../scripts/markdown-table.mjs").Table>} */
export async function espruino() {
	const [bundle, ready, secure] = await Promise.all(
		["simstrap.espruino.js", "espruino/lilygo-t-a7670.js", "simstrap.espruino.secure.js"].map((file) =>
			readFile(path.join(ROOT, "dist", file), "latin1"),
		),
	);
	const turns = recordDevice(126, (port) => overCsim(port, { buffer: new Uint8Array(1024), step: STEP }));
	const answers = turns.map((pieces) => pieces.map((piece) => String.fromCharCode(...piece)).join("")).filter(Boolean);
	const figures = await run(bundle, script(bundle, answers));
	const text = await run(bundle, asText(bundle));
	const exchanges = answers.filter((answer) => answer.includes("+CSIM:")).length;
	const count = (/** @type {number} */ n) => Math.round(n).toLocaleString("en");
	return {
		name: "espruino",
		title: `On Espruino ${figures.version}, on a desktop, in steps of ${STEP}`,
		head: ["what", "measured", "budget"],
		rows: [
			["bytes of dist/simstrap.espruino.js", count(bundle.length), "24,000"],
			["bytes of a board's ready file", count(ready.length), ""],
			["bytes of the module for keys", count(secure.length), ""],
			["blocks of the module, from flash (Storage)", count(figures.module), "1,200"],
			["blocks of the module, from RAM, as text", count(text.module), ""],
			["blocks of a connection with a record, its file buffer of 1 KB included", count(figures.record), "450"],
			["the same with `remember: false`", count(figures.instance), ""],
			[
				`blocks left of an ESP32's ${count(ESP32_BLOCKS)} meanwhile`,
				count(ESP32_BLOCKS - figures.module - figures.record),
				"",
			],
			[`growth from ${FEW} bootstraps to ${MANY}, blocks`, count(figures.growth), "0"],
			["ms for a bootstrap of the 126-byte file, confirmed", count(figures.ms), ""],
			["ms for a step, that is, an exchange", count(figures.ms / exchanges), ""],
		],
	};
}
