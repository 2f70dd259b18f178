// `--scp03`: keys from a file, the whole way over a pseudo-terminal, and nothing of the keys in any print.

import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { sampleFile, toHex } from "../../virtual/index.js";
import { freshPath, KEY, run, serve } from "./program.js";

const ENC = "00112233445566778899AABBCCDDEEF0";
const MAC = "F0E1D2C3B4A5968778695A4B3C2D1E0F";

function keyFile(content: unknown, mode = 0o600): string {
	const path = freshPath("keys.json");
	writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode });
	chmodSync(path, mode);
	return path;
}

/** No key in a text. */
function discreet(text: string): void {
	for (const secret of [ENC, MAC, ENC.toLowerCase(), MAC.toLowerCase()]) assert.ok(!text.includes(secret));
}

test("the virtual card is read through a secure channel", async () => {
	for (const keys of [
		{ enc: ENC, mac: MAC },
		{ enc: ENC, mac: MAC, kvn: "30", sMode: 16 },
		{ enc: ENC + ENC, mac: MAC + MAC, kvn: "3F", sMode: 8 },
	]) {
		const out = freshPath("file");
		const { code, stderr, stdout } = await run(
			"read",
			"--scp03",
			keyFile(keys),
			"-o",
			out,
			"--trace",
			"--show-secrets",
		);
		assert.equal(code, 0, stderr);
		discreet(stderr + stdout.toString("latin1"));
		assert.match(stderr, /INITIALIZE UPDATE/);
		assert.match(stderr, /secure messaging/);
		// Not even in the trace that shows secrets: what goes over the line is encrypted.
		assert.ok(!stderr.includes(toHex(sampleFile()).slice(0, 64)));
	}
});

test("serve and read with the same keys, and with others", async () => {
	const keys = keyFile({ enc: ENC, mac: MAC, kvn: "31" });
	const server = await serve("--scp03", keys, "--trace");
	const read = await run("read", "--device", server.link, "--scp03", keys);
	assert.equal(read.code, 0, read.stderr);
	assert.match(read.stdout.toString(), /coap/);
	const wrong = await run(
		"read",
		"--device",
		server.link,
		"--json",
		"--scp03",
		keyFile({ enc: ENC, mac: ENC, kvn: "31" }),
	);
	assert.equal(wrong.code, 1);
	assert.equal(JSON.parse(wrong.stdout.toString()).error.name, "SECURE_KEYS_WRONG");
	const missing = await run(
		"read",
		"--device",
		server.link,
		"--json",
		"--scp03",
		keyFile({ enc: ENC, mac: MAC, kvn: "32" }),
	);
	const { error } = JSON.parse(missing.stdout.toString());
	assert.deepEqual([error.name, error.step, error.sw], ["SECURE_NO_KEYS", "secure", "6A88"]);
	const { stderr } = await server.stop();
	for (const text of [read.stderr, wrong.stderr, missing.stderr, stderr]) {
		discreet(text);
		assert.ok(!text.includes(KEY));
	}
});

test("a card without a secure channel is not read with keys", async () => {
	const server = await serve();
	const { code, stdout } = await run(
		"read",
		"--device",
		server.link,
		"--json",
		"--scp03",
		keyFile({ enc: ENC, mac: MAC }),
	);
	assert.equal(code, 1);
	assert.deepEqual(
		[JSON.parse(stdout.toString()).error.name, JSON.parse(stdout.toString()).error.sw],
		["SECURE_UNKNOWN", "6D00"],
	);
	await server.stop();
});

test("a file that others can read, or that is none, is refused, and no key of it is printed", async () => {
	const good = { enc: ENC, mac: MAC };
	for (const mode of [0o644, 0o640, 0o604, 0o660, 0o610]) {
		const { code, stderr } = await run("read", "--scp03", keyFile(good, mode));
		assert.equal(code, 2);
		assert.match(stderr, /others can read/);
	}
	for (const bad of [
		`{ "enc": "${ENC}", "mac": ${MAC} }`,
		"[]",
		"null",
		{ enc: ENC },
		{ enc: ENC, mac: MAC.slice(2) },
		{ enc: ENC, mac: MAC + MAC },
		{ enc: ENC, mac: `${MAC.slice(1)}G` },
		{ ...good, dek: ENC },
		{ ...good, kvn: 48 },
		{ ...good, kvn: "80" },
		{ ...good, sMode: 12 },
		{ ...good, sMode: "8" },
	]) {
		for (const args of [["read"], ["serve", "--link", freshPath("modem")]]) {
			const { code, stderr } = await run(...args, "--scp03", keyFile(bad));
			assert.equal(code, 2, JSON.stringify(bad));
			discreet(stderr);
		}
	}
	assert.equal((await run("read", "--scp03", freshPath("nothing"))).code, 2);
	assert.equal((await run("read", "--scp03", keyFile(good), "--step", "31")).code, 2);
	assert.equal((await run("read", "--scp03", keyFile(good), "--step", "32")).code, 0);
});
