// What the secure channel needs of Espruino: AES and random bytes.

import type { BlockCipher, RandomSource } from "../../src/platform.js";

const REGISTER_ESP32 = 0x3ff75144;
const REGISTER_ESP32_C3 = 0x600260b0;
const REGISTER_ESP32_S3 = 0x6003507c;

/** Single blocks by mbedTLS. Each call makes the key schedule anew, and gives its memory back at once. */
class AesCipher implements BlockCipher {
	private readonly native: EspruinoAes;
	private readonly key: Uint8Array;
	private readonly options: EspruinoAesOptions;

	constructor(native: EspruinoAes, key: Uint8Array) {
		this.native = native;
		this.key = new Uint8Array(key.length);
		this.key.set(key);
		this.options = { mode: "ECB" };
	}

	encrypt(block: Uint8Array): void {
		block.set(new Uint8Array(this.native.encrypt(block, this.key, this.options)));
	}

	decrypt(block: Uint8Array): void {
		block.set(new Uint8Array(this.native.decrypt(block, this.key, this.options)));
	}

	close(): void {
		this.key.fill(0);
	}
}

/**
 * AES for a key of 16, 24 or 32 bytes.
 *
 * @throws TypeError where the firmware was built without it
 */
export function aes(key: Uint8Array): BlockCipher {
	// biome-ignore lint/style/useNodejsImportProtocol: Espruino's library
	const native = (require("crypto") as EspruinoCrypto).AES;
	const length = key.length;
	if (native === undefined) throw new TypeError("aes: expected a firmware with crypto.AES");
	if (length !== 16 && length !== 24 && length !== 32) {
		throw new TypeError("aes: expected a key of 16, 24 or 32 bytes, got " + length);
	}
	return new AesCipher(native, key);
}

/** A random source that reads a register of which each reading is another random word. */
export function registerRandom(address: number): RandomSource {
	return (bytes) => {
		for (let i = 0; i < bytes.length; i++) bytes[i] = peek32(address) & 255;
	};
}

/**
 * The random number generator of an ESP32, by its register. Its numbers are true ones while WiFi or Bluetooth is on: see to it. E.hwRand is
 * none there: it is a pseudo-random sequence, and the same one after each start.
 *
 * @param board process.env.BOARD
 * @returns undefined for any other board: its application brings a source of its own
 */
export function hardwareRandom(board: string): RandomSource | undefined {
	if (board.indexOf("ESP32C3") === 0) return registerRandom(REGISTER_ESP32_C3);
	if (board.indexOf("ESP32S3") === 0) return registerRandom(REGISTER_ESP32_S3);
	if (board === "ESP32" || board === "ESP32_IDF4" || board === "ESP32_CYD") return registerRandom(REGISTER_ESP32);
	return undefined;
}
