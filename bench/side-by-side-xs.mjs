// Runs on XS: our code and what one would write instead, side by side: bytecodes, slots and chunk bytes of one run. One line of JSON.

import { Accounts, BootstrapFile, Hex, OBJECT_INSTANCE, overCsim, Tlv } from "simstrap";
import { asciiOf, fileOf, playDevice, playNaive, recordDevice, recordNaive } from "./conversation.mjs";
import { accountsOf, bytesOf, digitsOf, parseFile } from "./naive-reader.mjs";

/** Reading a meter twice counts this many bytecodes itself. */
const METER_BYTECODES = 7;
const RUNS = 7;
const results = [];

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

function row(task, who, b, s, c, ms) {
	results.push({ task, who, bytecodes: b - METER_BYTECODES, slots: s, chunkBytes: c, ms });
}

/** The time is the median of several runs; all else is the same each time. */
function measure(task, who, run) {
	const times = [];
	let s = 0;
	let c = 0;
	let b = 0;
	for (let n = 0; n < RUNS; n++) {
		collect();
		s = slots();
		c = chunkBytes();
		b = bytecodes();
		const t = now();
		run();
		const end = now();
		b = bytecodes() - b;
		c = chunkBytes() - c;
		s = slots() - s;
		times.push(end - t);
	}
	row(task, who, b, s, c, median(times));
}

/** The same for what answers with a promise. */
async function measureLater(task, who, run) {
	const times = [];
	let s = 0;
	let c = 0;
	let b = 0;
	for (let n = 0; n < RUNS; n++) {
		collect();
		s = slots();
		c = chunkBytes();
		b = bytecodes();
		const t = now();
		await run();
		const end = now();
		b = bytecodes() - b;
		c = chunkBytes() - c;
		s = slots() - s;
		times.push(end - t);
	}
	row(task, who, b, s, c, median(times));
}

const bytes = fileOf(1024).slice(0, 256);
const text = digitsOf(bytes);
const digits = asciiOf(text);
const target = new Uint8Array(256);
const out = new Uint8Array(512);
const hex = new Hex();
measure("decode", "ours", () => hex.decode(digits, 0, 512, target, 0));
measure("decode", "parseInt", () => bytesOf(text));
measure("encode", "ours", () => hex.encode(bytes, 0, 256, out, 0));
measure("encode", "toString", () => digitsOf(bytes));

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
	measure("tlv " + size, "ours", () => {
		file.firstObject();
		while (file.nextObject()) {
			let at = file.from;
			while (at < file.to) {
				tlv.enter(at, file.to);
				tlv.next();
				at = tlv.to;
				tlv.descend();
				visit(tlv);
			}
		}
	});
	measure("tlv " + size, "naive", () => parseFile(image));
	measure("accounts " + size, "ours", () => {
		file.check(size);
		accounts.begin();
		while (accounts.next()) if (!accounts.security.resource(5)) print("no key");
	});
	measure("accounts " + size, "naive", () => accountsOf(parseFile(image)));
}

for (const size of [126, 4096]) {
	const make = (port) => overCsim(port, { buffer: new Uint8Array(32768), confirm: false });
	const turns = recordDevice(size, make);
	const device = make({ write: (_bytes, from, to) => to - from });
	measure("read " + size, "ours", () => {
		if (playDevice(turns, device) !== 0) print("failed");
	});
	const recorded = await recordNaive(size);
	await measureLater("read " + size, "naive", () => playNaive(recorded.turns));
}
print(JSON.stringify(results));
