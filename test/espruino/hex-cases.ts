// Espruino's own hex routines by themselves, and what they have to do: the portable ones say.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { Hex } from "../../src/hex.js";
import { Random } from "../../virtual/index.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const DIGITS = "0123456789ABCDEFabcdef";
const OTHERS = 'gG@`/: "\r\n\0\xff\x81';

/** The class as a CommonJS module. */
export function hexModule(): string {
	return espruinoModule("hex.ts", "Hex");
}

/** A file of hal/espruino as a CommonJS module that exports some of its names. */
export function espruinoModule(file: string, ...names: string[]): string {
	const source = readFileSync(path.join(ROOT, "hal", "espruino", file), "utf8");
	const { outputText } = ts.transpileModule(source, {
		compilerOptions: { target: ts.ScriptTarget.ES2015, module: ts.ModuleKind.ESNext, removeComments: true },
	});
	const exported = names.map((name) => `exports.${name} = ${name};`);
	return `${outputText.replace(/^export /gm, "")}\n${exported.join("\n")}`;
}

export interface HexCase {
	/** Characters as bytes, and the part of them that is decoded. */
	text: number[];
	from: number;
	to: number;
	at: number;
	room: number;
	/** What the portable class makes of it: its answer and the target; and compared with a reference that has one byte wrong. */
	taken: number;
	target: number[];
	reference: number[];
	equal: number;
}

export function hexCases(count: number): HexCase[] {
	const dice = new Random(7);
	const hex = new Hex();
	const cases: HexCase[] = [];
	for (let n = 0; n < count; n++) {
		const pairs = dice.below(n % 4 === 0 ? 70 : 33);
		const from = dice.below(4);
		const text: number[] = [];
		for (let i = 0; i < from + 2 * pairs; i++) text.push(DIGITS.charCodeAt(dice.below(DIGITS.length)));
		if (n % 3 === 1 && pairs > 0) text[from + dice.below(2 * pairs)] = OTHERS.charCodeAt(dice.below(OTHERS.length));
		const at = dice.below(5);
		const room = n % 5 === 2 ? at + dice.below(pairs + 1) : at + pairs + 3;
		const source = Uint8Array.from(text);
		const to = from + 2 * pairs;
		const target = new Uint8Array(room).fill(0xa5);
		const taken = hex.decode(source, from, to, target, at);
		const reference = Uint8Array.from(target);
		if (n % 2 === 1 && room > at) reference[at + dice.below(room - at)] ^= 1 + dice.below(255);
		const equal = hex.compare(source, from, to, reference, at);
		cases.push({ text, from, to, at, room, taken, target: [...target], reference: [...reference], equal });
	}
	return cases;
}

/** A function of a Hex and cases that gives back what is wrong, in Espruino's subset; and the digits of all bytes. */
export const CHECK = `
function check(hex, c) {
	const source = new Uint8Array(c.text);
	const target = new Uint8Array(c.room);
	target.fill(0xa5);
	const taken = hex.decode(source, c.from, c.to, target, c.at);
	if (taken !== c.taken) return "took " + taken + ", not " + c.taken;
	for (let i = 0; i < c.room; i++) if (target[i] !== c.target[i]) return "byte " + i + ": " + target[i];
	const equal = hex.compare(source, c.from, c.to, new Uint8Array(c.reference), c.at);
	if (equal !== c.equal) return "equal " + equal + ", not " + c.equal;
	return "";
}
function allDigits(hex) {
	const bytes = new Uint8Array(260);
	const text = new Uint8Array(530);
	for (let i = 0; i < 256; i++) bytes[i + 2] = i;
	const end = hex.encode(bytes, 2, 258, text, 3);
	let digits = "";
	for (let i = 3; i < end; i++) digits += String.fromCharCode(text[i]);
	return digits;
}
`;

export const ALL_DIGITS = Array.from({ length: 256 }, (_, i) => i.toString(16).toUpperCase().padStart(2, "0")).join("");
