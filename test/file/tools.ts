// What the tests of files and of their writers have in common: the examples, random files and a fuzzer's loop.

import { readFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { encodeFile, type InstanceModel, type ObjectModel, type ResourceModel } from "../../cli/encode-file.js";
import { Random } from "../../virtual/index.js";

/** Run from build/test/file/. */
const ROOT = new URL("../../../", import.meta.url);

export function rootPath(name: string): string {
	return fileURLToPath(new URL(name, ROOT));
}

export function rootFile(name: string): Uint8Array {
	return new Uint8Array(readFileSync(rootPath(name)));
}

export function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex").toUpperCase();
}

export function bytes(digits: string): Uint8Array {
	return new Uint8Array(Buffer.from(digits.replace(/\s/g, ""), "hex"));
}

/** SIMSTRAP_FUZZ=20 runs twenty times as many cases. */
const FACTOR = Math.max(1, Number(process.env.SIMSTRAP_FUZZ ?? 1) || 1);
const CASES = 10_000;
const BOX_MS = 4000;

/**
 * Runs a case 10,000 times, each with dice of its own, or as long as the box lasts. A failure names the number that repeats it.
 */
export function fuzz(context: TestContext, name: string, run: (dice: Random, index: number) => void): void {
	const started = performance.now();
	let index = 0;
	for (; index < CASES * FACTOR; index++) {
		if (performance.now() - started > BOX_MS * FACTOR) break;
		try {
			run(new Random((index + 1) * 0x9e3779b1), index);
		} catch (error) {
			throw new Error(`${name}, case ${index}: ${error instanceof Error ? error.message : error}`, { cause: error });
		}
	}
	context.diagnostic(`${name}: ${index} cases in ${Math.round(performance.now() - started)} ms`);
}

export function randomBytes(dice: Random, length: number): Uint8Array {
	const all = new Uint8Array(length);
	for (let i = 0; i < length; i++) all[i] = dice.next() >>> 8;
	return all;
}

function pick<T>(dice: Random, list: readonly T[]): T {
	return list[dice.below(list.length)];
}

const LENGTHS = [0, 1, 1, 1, 2, 4, 4, 7, 8, 16, 30, 255, 256, 300];

function randomValue(dice: Random): Uint8Array {
	const kind = dice.below(6);
	if (kind === 0)
		return new Uint8Array(Buffer.from(pick(dice, ["coaps://a.example:5684", "coap://b", "U", "UQ", "\u00e9"])));
	if (kind === 1) return new Uint8Array([dice.below(3)]);
	if (kind === 2) return new Uint8Array([0, dice.below(3), 0, dice.below(3)]);
	return randomBytes(dice, pick(dice, LENGTHS));
}

/** Ascending identifiers without a repetition. */
function ids(dice: Random, count: number, most: number): number[] {
	const set = new Set<number>();
	for (let i = 0; i < count; i++) set.add(dice.below(8) === 0 ? dice.below(65535) : dice.below(most));
	return [...set].sort((a, b) => a - b);
}

function randomResource(dice: Random, id: number): ResourceModel {
	if (dice.below(5) > 0) return { id, value: randomValue(dice) };
	return { id, value: ids(dice, dice.below(4), 300).map((each) => ({ id: each, bytes: randomValue(dice) })) };
}

/** A file's content: any values, but identifiers as they should be. */
export function randomObjects(dice: Random): ObjectModel[] {
	return ids(dice, 1 + dice.below(4), 4).map((id): ObjectModel => {
		const instances = ids(dice, dice.below(4), 5).map(
			(each): InstanceModel => ({
				id: each,
				resources: ids(dice, dice.below(9), 31).map((resource) => randomResource(dice, resource)),
			}),
		);
		const version = dice.below(3) > 0 ? null : { major: 1 + dice.below(255), minor: dice.below(256) };
		return { id, version, instances };
	});
}

export function randomFile(dice: Random): Uint8Array {
	return encodeFile(randomObjects(dice)).bytes ?? new Uint8Array(0);
}

/** Some bytes changed, cut, doubled, taken out or put in. */
export function damaged(dice: Random, original: Uint8Array): Uint8Array {
	let all = [...original];
	for (let i = 1 + dice.below(4); i > 0 && all.length > 0; i--) {
		const at = dice.below(all.length);
		const kind = dice.below(6);
		if (kind === 0) all = all.slice(0, at);
		else if (kind === 1) all.splice(at, 1 + dice.below(4));
		else if (kind === 2) all.splice(at, 0, dice.below(256));
		else if (kind === 3) all.splice(at, 0, ...all.slice(at, at + dice.below(20)));
		else if (kind === 4) all[at] ^= 1 << dice.below(8);
		else all[at] = dice.below(256);
	}
	return Uint8Array.from(all);
}
