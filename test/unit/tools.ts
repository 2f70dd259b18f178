// What several of the unit tests need: poison, texts, faults by dice with a fixed seed, and a hand in the card's answers.

import * as codes from "../../src/codes.js";
import { fromHex, joinBytes, lwm2mTlv } from "../../virtual/index.js";
import type { Bench } from "../support.js";

/** Runs of fast-check are the same each time. */
export const SEED = 20250117;

/** What lies around a range that nothing may touch or depend on. */
export const POISON = 0xa5;

/** An array of `length` poisoned bytes with `bytes` at `at`. */
export function poisoned(bytes: Uint8Array, at: number, length: number, poison: number): Uint8Array {
	const all = new Uint8Array(length).fill(poison);
	all.set(bytes, at);
	return all;
}

/** One character per byte. */
export function ascii(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** A status word as its two bytes. */
export function sw(word: number): Uint8Array {
	return new Uint8Array([word >> 8, word & 255]);
}

export function hex4(word: number): string {
	return word.toString(16).toUpperCase().padStart(4, "0");
}

/** The places of a procedure at which a card can be made to answer otherwise. */
export type Place = "open" | "application" | "select" | "read" | "close";

/**
 * Lets the card answer `answer` instead of carrying out a command: `times` times, where `place` says; "select" and "read" are those of
 * the bootstrap file (6432). Answers an object that counts the commands of that place, replaced or not.
 */
export function answerAt(bench: Bench, place: Place, answer: Uint8Array, times: number): { seen: number } {
	const card = bench.card;
	if (card === null) throw new Error("no card");
	const counter = { seen: 0 };
	let fileSelected = false;
	let left = times;
	card.onCommand = (_index, apdu) => {
		let at: Place | null = null;
		if (apdu[1] === 0x70) at = apdu[2] === 0 ? "open" : "close";
		else if (apdu[1] === 0xa4) {
			const lc = apdu[4];
			fileSelected = apdu[3 + lc] === 0x64 && apdu[4 + lc] === 0x32;
			if (apdu[2] === 4) at = "application";
			else if (fileSelected) at = "select";
		} else if (apdu[1] === 0xb0 && fileSelected) at = "read";
		if (at !== place) return null;
		counter.seen += 1;
		if (left === 0) return null;
		left -= 1;
		return answer;
	};
	return counter;
}

/** An LwM2M TLV; the kind is one of src/tlv.ts. */
export function tlv(kind: number, id: number, value: Uint8Array | string): Uint8Array {
	return lwm2mTlv(kind << 6, id, typeof value === "string" ? fromHex(value) : value);
}

/** A bootstrap file of these objects, each with its content; versions are implicit. */
export function fileOf(...objects: [number, Uint8Array[]][]): Uint8Array {
	const parts = objects.map(([id, content]) => {
		const bytes = joinBytes(content);
		return joinBytes([new Uint8Array([id >> 8, id & 255, 0, bytes.length >> 8, bytes.length & 255]), bytes]);
	});
	const all = joinBytes(parts);
	return joinBytes([new Uint8Array([0, objects.length, all.length >> 8, all.length & 255]), all]);
}

/** The name of a result, for messages that can be read. */
export function nameOf(code: number): string {
	for (const [name, value] of Object.entries(codes)) if (value === code) return name;
	return `${code}`;
}
