// Runs on Node, in a process of its own with a large young generation, so that no garbage is collected while allocations are
// counted: our code and what one would use instead, side by side. One line of JSON.
//
//   node --expose-gc --min-semi-space-size=256 --max-semi-space-size=512 side-by-side-node.mjs

import codec from "lwm2m-codec";
import { Accounts, BootstrapFile, Hex, OBJECT_INSTANCE, overCsim, Tlv } from "../dist/simstrap.js";
import { asciiOf, fileOf, playDevice, playNaive, recordDevice, recordNaive } from "./conversation.mjs";
import { accountsOf, bytesOf, digitsOf, parseFile } from "./naive-reader.mjs";

const SAMPLES = 15;
/** One sample takes about so long. */
const SAMPLE_NS = 4e6;
const WARM_UP_MS = 150;

/** @typedef {{ task: string, who: string, run: () => unknown }} Contender */
/** @type {Contender[]} */
const contenders = [];
const add = (/** @type {string} */ task, /** @type {string} */ who, /** @type {() => unknown} */ run) =>
	contenders.push({ task, who, run });

/** What is computed is kept here, so that nothing is left out. */
let sink;

const bytes = fileOf(1024).slice(0, 256);
const text = digitsOf(bytes);
const digits = asciiOf(text);
const digitsBuffer = Buffer.from(digits);
const target = new Uint8Array(256);
const targetBuffer = Buffer.alloc(256);
const out = new Uint8Array(512);
const hex = new Hex();
add("decode", "ours", () => hex.decode(digits, 0, 512, target, 0));
add("decode", "Buffer.from", () => Buffer.from(text, "hex"));
add("decode", "Buffer.from of latin1", () => Buffer.from(digitsBuffer.latin1Slice(0, 512), "hex"));
add("decode", "buffer.write", () => targetBuffer.write(text, "hex"));
add("decode", "parseInt", () => bytesOf(text));
add("encode", "ours", () => hex.encode(bytes, 0, 256, out, 0));
const asBuffer = Buffer.from(bytes);
add("encode", "Buffer.toString", () => asBuffer.toString("hex"));
add("encode", "toString", () => digitsOf(bytes));

/** @param {Tlv} tlv */
function visit(tlv) {
	let seen = 0;
	while (tlv.next()) {
		seen += 1;
		if (tlv.kind === OBJECT_INSTANCE) tlv.descend();
	}
	return seen;
}

for (const size of [126, 32768]) {
	const image = fileOf(size);
	const file = new BootstrapFile(image);
	const tlv = new Tlv(image);
	const accounts = new Accounts(file);
	file.check(size);
	add(`tlv ${size}`, "ours", () => {
		let seen = 0;
		file.firstObject();
		while (file.nextObject()) {
			let at = file.from;
			while (at < file.to) {
				tlv.enter(at, file.to);
				tlv.next();
				at = tlv.to;
				tlv.descend();
				seen += visit(tlv);
			}
		}
		return seen;
	});
	add(`tlv ${size}`, "naive", () => parseFile(image));
	const decode = (/** @type {number} */ id, /** @type {Uint8Array} */ payload) =>
		codec.decode("tlv", `/${id}`, Buffer.from(payload.buffer, payload.byteOffset, payload.length));
	const decoded = parseFile(image, decode);
	const first = Object.keys(decoded[0])[0];
	if (decoded[0][first].lwm2mServerURI === undefined) throw new Error("lwm2m-codec does not read the file");
	add(`tlv ${size}`, "lwm2m-codec", () => parseFile(image, decode));
	add(`accounts ${size}`, "ours", () => {
		let keys = file.check(size);
		accounts.begin();
		while (accounts.next()) if (accounts.security.resource(5)) keys += 1;
		return keys;
	});
	add(`accounts ${size}`, "naive", () => accountsOf(parseFile(image)));
}

/** @type {Record<string, { ns: number, bytes: number }[]>} */
const samples = {};
for (const { task, who } of contenders) samples[`${task}|${who}`] = [];

/** @returns {number} */
const inUse = () => {
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return heapUsed + arrayBuffers;
};

/** @type {Map<Contender, number>} */
const repeats = new Map();
for (const contender of contenders) {
	let runs = 0;
	const start = process.hrtime.bigint();
	let passed = 0;
	while (passed < WARM_UP_MS * 1e6) {
		for (let i = 0; i < 16; i++) sink = contender.run();
		runs += 16;
		passed = Number(process.hrtime.bigint() - start);
	}
	repeats.set(contender, Math.max(1, Math.round((SAMPLE_NS * runs) / passed)));
}
// In turn, so that a machine that is busy for a while is busy for all of them.
for (let n = 0; n < SAMPLES; n++)
	for (const contender of contenders) {
		const count = repeats.get(contender) ?? 1;
		globalThis.gc?.();
		const before = inUse();
		const start = process.hrtime.bigint();
		for (let i = 0; i < count; i++) sink = contender.run();
		const ns = Number(process.hrtime.bigint() - start);
		samples[`${contender.task}|${contender.who}`].push({ ns: ns / count, bytes: (inUse() - before) / count });
	}

for (const size of [126, 4096]) {
	const make = (/** @type {any} */ port) => overCsim(port, { buffer: new Uint8Array(32768), confirm: false });
	const turns = recordDevice(size, make);
	const device = make({
		write: (/** @type {any} */ _bytes, /** @type {number} */ from, /** @type {number} */ to) => to - from,
	});
	const recorded = await recordNaive(size);
	const decode = (/** @type {string} */ digits) => Buffer.from(digits, "hex");
	samples[`read ${size}|ours`] = [];
	samples[`read ${size}|naive`] = [];
	const count = size === 126 ? 400 : 100;
	for (let n = -3; n < SAMPLES; n++) {
		globalThis.gc?.();
		let before = inUse();
		let start = process.hrtime.bigint();
		for (let i = 0; i < count; i++) if (playDevice(turns, device) !== 0) throw new Error("the recording did not play");
		let ns = Number(process.hrtime.bigint() - start);
		if (n >= 0) samples[`read ${size}|ours`].push({ ns: ns / count, bytes: (inUse() - before) / count });
		globalThis.gc?.();
		before = inUse();
		start = process.hrtime.bigint();
		for (let i = 0; i < count; i++) sink = await playNaive(recorded.turns, decode);
		ns = Number(process.hrtime.bigint() - start);
		if (n >= 0) samples[`read ${size}|naive`].push({ ns: ns / count, bytes: (inUse() - before) / count });
	}
}

const median = (/** @type {number[]} */ values) => values.sort((a, b) => a - b)[values.length >> 1];
const results = Object.entries(samples).map(([name, all]) => {
	const [task, who] = name.split("|");
	return { task, who, ns: median(all.map(({ ns }) => ns)), bytes: median(all.map((each) => each.bytes)) };
});
if (sink === undefined) throw new Error("nothing was computed");
console.log(JSON.stringify(results));
