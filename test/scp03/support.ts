// Vectors from test/vectors, and a random source that gives what a test says.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { RandomSource } from "../../src/index.js";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

export function vectors<T>(name: string): T {
	return JSON.parse(readFileSync(path.join(root, "test", "vectors", name), "utf8")) as T;
}

export function bytes(hex: string): Uint8Array {
	return Uint8Array.from(Buffer.from(hex, "hex"));
}

export function hex(all: Uint8Array, from = 0, to = all.length): string {
	return Buffer.from(all.subarray(from, to)).toString("hex");
}

/** A random source that gives these bytes, and 0 behind them. */
export function notRandom(value: string): RandomSource {
	return (into) => {
		into.fill(0);
		into.set(bytes(value).subarray(0, into.length));
	};
}

export interface Step {
	name?: string;
	plain: string;
	wrapped: string;
	mac_chaining_after?: string;
	enc_counter_after?: number;
	response_wrapped?: string;
	response_plain?: string;
	response_length?: number;
}

export interface VectorSet {
	name: string;
	security_level?: string;
	s_mode: number;
	channel?: number;
	kvn: string;
	K_ENC: string;
	K_MAC: string;
	host_challenge: string;
	card_challenge: string;
	card_cryptogram: string;
	host_cryptogram: string;
	S_ENC: string;
	S_MAC: string;
	S_RMAC: string;
	initialize_update?: string;
	initialize_update_response?: string;
	external_authenticate: string;
	mac_chaining_after_ext_auth?: string;
	steps_in_order?: Step[];
	steps?: Step[];
}

/** The published vectors, and those on a logical channel. */
export const SETS: VectorSet[] = [
	...vectors<{ sets: VectorSet[] }>("scp03.json").sets,
	...vectors<{ sets: VectorSet[] }>("scp03-channel.json").sets,
];
