// hal/moddable-crypto and hal/espruino/crypto.ts: AES and random numbers of the devices' platforms, over stand-ins that behave as the
// platforms' own do, with node:crypto underneath.

import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, randomInt } from "node:crypto";
import { test } from "node:test";
import { type Aes, OK, type RandomSource, SecureChannel } from "../../src/index.js";
import { loadModule } from "../platform-module.js";
import { direct, keys, throughModem } from "./bench.js";
import { bytes, hex } from "./support.js";

const PLAIN = "00112233445566778899aabbccddeeff";
const KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const FIPS_197: [number, string][] = [
	[16, "69c4e0d86a7b0430d8cdb78070b4c55a"],
	[24, "dda97ca4864cdfe06eaf70a0ec0d7191"],
	[32, "8ea2b7ca516745bfeafc49904b496089"],
];

interface Adapter {
	aes: Aes;
	hardwareRandom(board: string): RandomSource | undefined;
	registerRandom(address: number): RandomSource;
}

function load(file: string, modules: Record<string, unknown>): Adapter {
	return loadModule<Adapter>(file, modules, { peek32 });
}

/** How many objects there were, and how often one of them had to make its key schedule. */
const native = { made: 0, schedules: 0 };

function block(key: ArrayBuffer, data: Uint8Array, encrypts: boolean): Buffer {
	const name = `aes-${8 * key.byteLength}-ecb`;
	const cipher = encrypts
		? createCipheriv(name, new Uint8Array(key), null)
		: createDecipheriv(name, new Uint8Array(key), null);
	return cipher.setAutoPadding(false).update(data);
}

/** The SDK's: a copy of the key, whole buffers, and a key schedule whenever the direction changes. */
class SdkCipher {
	private readonly key: ArrayBuffer;
	private encrypts: boolean | undefined;

	constructor(name: string, key: ArrayBuffer) {
		assert.equal(name, "AES");
		assert.ok(key instanceof ArrayBuffer);
		if (![16, 24, 32].includes(key.byteLength)) throw new Error("bad key size");
		this.key = key.slice(0);
		native.made += 1;
	}

	encrypt(data: ArrayBuffer, result: ArrayBuffer): ArrayBuffer {
		return this.process(data, result, true);
	}

	decrypt(data: ArrayBuffer, result: ArrayBuffer): ArrayBuffer {
		return this.process(data, result, false);
	}

	private process(data: ArrayBuffer, result: ArrayBuffer, encrypts: boolean): ArrayBuffer {
		assert.ok(data instanceof ArrayBuffer && data.byteLength === 16, "the SDK would take another block");
		assert.equal(result, data, "a result in place is what allocates nothing");
		if (this.encrypts !== encrypts) native.schedules += 1;
		this.encrypts = encrypts;
		new Uint8Array(result).set(block(this.key, new Uint8Array(data), encrypts));
		return result;
	}
}

/** Espruino's AES has no state. */
function espruinoCall(encrypts: boolean) {
	return (message: Uint8Array, key: Uint8Array, options: { mode: string }): ArrayBuffer => {
		assert.equal(options.mode, "ECB");
		assert.ok([16, 24, 32].includes(key.length));
		return Uint8Array.from(block(Uint8Array.from(key).buffer, message, encrypts)).buffer;
	};
}

const peeked: number[] = [];
const peek32 = (address: number) => {
	peeked.push(address);
	return randomInt(2 ** 32) | 0;
};
const AES = { encrypt: espruinoCall(true), decrypt: espruinoCall(false) };
const moddable = load("moddable-crypto/aes.ts", { crypt: { BlockCipher: SdkCipher } });
const espruino = load("espruino/crypto.ts", { crypto: { AES } });

for (const [name, { aes }] of Object.entries({ moddable, espruino })) {
	test(`${name}: FIPS 197, appendix C, with a key that is wiped after the call and part of a larger array`, () => {
		for (const [length, cipher] of FIPS_197) {
			const one = bytes(PLAIN);
			const key = bytes(KEY).subarray(0, length);
			const it = aes(key);
			key.fill(0);
			it.encrypt(one);
			assert.equal(hex(one), cipher);
			it.decrypt(one);
			assert.equal(hex(one), PLAIN);
			it.close();
			it.close();
		}
	});

	test(`${name}: another length of key is refused`, () => {
		for (const length of [0, 8, 15, 17, 20, 33]) assert.throws(() => aes(new Uint8Array(length)));
	});

	test(`${name}: whole bootstraps, straight and through a modem`, () => {
		for (const keyBytes of [16, 24, 32]) {
			for (const sMode of [8, 16]) {
				const options = { keyBytes, secureCard: { sMode }, secure: { sMode, aes } };
				for (const bench of [
					direct(options),
					direct({ ...options, step: 48 }),
					throughModem(options),
					throughModem({ ...options, cgla: true, modem: { ccho: true } }),
				]) {
					assert.equal(bench.read(), OK);
					assert.ok(bench.device.file.length > 0);
					assert.equal(bench.side?.sessions, 1);
					bench.device.close();
				}
			}
		}
	});
}

test("moddable: a key schedule is made once for each direction of a key, whatever is sent", () => {
	const made: number[] = [];
	for (const step of [256, 48]) {
		const bench = direct({ secure: { aes: moddable.aes }, step });
		const before = { ...native };
		assert.equal(bench.read(), OK);
		assert.equal(native.made - before.made, 2 * 5, "two objects for each of five keys");
		made.push(native.schedules - before.schedules);
	}
	assert.deepEqual(made, [6, 6]);
});

test("moddable: a closed cipher is of no use", () => {
	const one = moddable.aes(new Uint8Array(16));
	one.close();
	assert.throws(() => one.encrypt(new Uint8Array(16)), TypeError);
	assert.throws(() => one.decrypt(new Uint8Array(16)), TypeError);
});

test("espruino: a firmware without AES is refused", () => {
	const { aes } = load("espruino/crypto.ts", { crypto: {} });
	assert.throws(() => aes(new Uint8Array(16)), /expected a firmware with crypto\.AES/);
});

test("espruino: an ESP32's random numbers come from its register, and other boards have none", () => {
	const registers = { ESP32: 0x3ff75144, ESP32_IDF4: 0x3ff75144, ESP32C3_IDF4: 0x600260b0, ESP32S3_IDF4: 0x6003507c };
	for (const [board, register] of Object.entries(registers)) {
		const random = espruino.hardwareRandom(board);
		const bench = direct({ secure: { aes: espruino.aes, random } });
		const [a, b] = [new Uint8Array(16), new Uint8Array(16)];
		assert.equal(bench.read(), OK);
		random?.(a);
		random?.(b);
		assert.notDeepEqual(a, b);
		assert.ok(peeked.length > 0);
		for (const address of peeked.splice(0)) assert.equal(address, register);
	}
	for (const board of ["LINUX", "ESP8266_BOARD", "ESP32S2", "PICO_R1_3", ""]) {
		const random = espruino.hardwareRandom(board);
		assert.equal(random, undefined);
		const options = { ...keys(), aes: espruino.aes, random: random as unknown as RandomSource };
		assert.throws(() => new SecureChannel(options), /random: expected the platform's random source/);
	}
});
