// The SHA-256 of each platform, for the fingerprint of the file: hal/node, and hal/moddable-crypto and hal/espruino/crypto.ts over stand-ins
// that behave as the platforms' own do, with node:crypto underneath.

import assert from "node:assert/strict";
import { createHash, type Hash } from "node:crypto";
import { test } from "node:test";
import { sha256 as nodeSha256 } from "../../hal/node/index.js";
import type { Sha256 } from "../../src/index.js";
import { loadModule } from "../platform-module.js";
import { Home, serverFile } from "./support.js";

/** NIST's examples for FIPS 180-4: one block, two blocks, nothing. */
const FIPS_180: [string, string][] = [
	["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
	[
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	],
	["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
];
const BLOCK_BYTES = 64;
const POISON = 0xa5;

/** The SDK's (modules/crypt/digest): bytes go through a block, and what is in it stays there. */
class SdkDigest {
	static last: SdkDigest | null = null;
	static memory = true;
	readonly block = new Uint8Array(BLOCK_BYTES);
	private hash: Hash;
	private taken = 0;

	constructor(name: string) {
		if (name !== "SHA256") throw new Error("crypt: unsupported digest");
		if (!SdkDigest.memory) throw new Error("memory full");
		this.hash = createHash("sha256");
		SdkDigest.last = this;
	}

	write(data: Uint8Array | ArrayBuffer): void {
		const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
		this.hash.update(bytes);
		for (const byte of bytes) this.block[this.taken++ % BLOCK_BYTES] = byte;
	}

	close(): ArrayBuffer {
		return Uint8Array.from(this.hash.digest()).buffer;
	}

	reset(): void {
		this.hash = createHash("sha256");
		this.taken = 0;
	}
}

interface Espruino {
	firmwareSha256(): Sha256 | undefined;
}

/** Espruino's takes what has a data pointer as it is, and needs the stack for anything else. */
const firmware = {
	memory: true,
	SHA256: (message: Uint8Array): ArrayBuffer => {
		if (!firmware.memory) throw new Error("Not enough stack memory for data");
		return Uint8Array.from(createHash("sha256").update(message).digest()).buffer;
	},
};

const moddable = loadModule<{ sha256: Sha256 }>("moddable-crypto/sha256.ts", { crypt: { Digest: SdkDigest } }).sha256;
const espruino = loadModule<Espruino>("espruino/sha256.ts", { crypto: firmware }).firmwareSha256();
assert.ok(espruino);
const DIGESTS: Record<string, Sha256> = { node: nodeSha256, moddable, espruino };

function hexOf(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}

for (const [name, sha256] of Object.entries(DIGESTS)) {
	test(`${name}: FIPS 180-4, of a part of an array, to 32 bytes and no other`, () => {
		for (const [text, digest] of FIPS_180) {
			const around = new Uint8Array(48).fill(POISON);
			const whole = new Uint8Array(100).fill(POISON);
			whole.set(Buffer.from(text), 10);
			assert.equal(sha256(whole.subarray(10), text.length, around.subarray(8, 40)), true);
			assert.equal(hexOf(around.subarray(8, 40)), digest);
			for (const byte of [...around.subarray(0, 8), ...around.subarray(40)]) assert.equal(byte, POISON);
			assert.equal(sha256(Buffer.from(text), text.length, around.subarray(8, 40)), true);
			assert.equal(hexOf(around.subarray(8, 40)), digest);
		}
	});

	test(`${name}: of files of any size, the same as node:crypto's`, () => {
		const file = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) ^ (i >> 3));
		const into = new Uint8Array(32);
		for (const length of [1, 55, 56, 63, 64, 65, 126, 2047, 2048, 4999, 5000]) {
			assert.equal(sha256(file, length, into), true);
			assert.equal(hexOf(into), createHash("sha256").update(file.subarray(0, length)).digest("hex"), `${length}`);
		}
	});

	test(`${name}: is the fingerprint of the file, over restarts as well`, () => {
		const file = serverFile("coaps://x.example");
		const home = new Home({ file, fileSize: 300 }, { core: { sha256 } });
		const expected = createHash("sha256").update(file).digest("hex");
		for (const outcome of ["first OK", "unchanged OK"]) {
			assert.equal(home.boot(), outcome);
			assert.deepEqual([home.life.hasFingerprint, hexOf(home.life.fingerprint)], [true, expected]);
		}
	});
}

test("moddable: the native object keeps nothing of the file", () => {
	const secret = serverFile("coaps://x.example").fill(0x5c, 100);
	for (let length = 101; length <= secret.length; length++) {
		moddable(secret, length, new Uint8Array(32));
		const { block } = SdkDigest.last ?? assert.fail();
		assert.equal(Buffer.from(block).includes(Buffer.from([0x5c, 0x5c])), false, `${length}`);
	}
});

test("where there is no memory for a digest there is no fingerprint, and all else goes on", () => {
	for (const sha256 of [moddable, espruino]) {
		const home = new Home({ file: serverFile("coaps://x.example") }, { core: { sha256 } });
		SdkDigest.memory = false;
		firmware.memory = false;
		assert.equal(home.boot(), "first OK");
		SdkDigest.memory = true;
		firmware.memory = true;
		assert.equal(home.life.hasFingerprint, false);
		assert.equal(home.boot(), "unchanged OK");
		assert.equal(home.life.hasFingerprint, false);
		// The next file has one.
		home.update(serverFile("coaps://y.example"));
		assert.equal(home.boot(), "changed content OK");
		assert.equal(home.life.hasFingerprint, true);
	}
});

test("espruino: a firmware without SHA-256, or without a library for it, has no fingerprint to give", () => {
	for (const modules of [{ crypto: {} }, {}]) {
		const sha256 = loadModule<Espruino>("espruino/sha256.ts", modules).firmwareSha256();
		assert.equal(sha256, undefined);
		const home = new Home({ file: serverFile("coaps://x.example") }, { core: { sha256 } });
		assert.equal(home.boot(), "first OK");
		assert.equal(home.life.hasFingerprint, false);
	}
});
