// `simstrap read` with the virtual modem and card in virtual time.

import assert from "node:assert/strict";
import {
	closeSync,
	existsSync,
	openSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { sampleFile } from "../../virtual/index.js";
import { freshPath, KEY, KEY_HEX, type Result, run } from "./program.js";

const SAMPLE = Buffer.from(sampleFile());

function json(result: Result) {
	return JSON.parse(result.stdout.toString());
}

function assertNoKey(result: Result): void {
	for (const text of [result.stdout.toString("latin1"), result.stderr]) {
		assert.ok(!text.includes(KEY));
		assert.ok(!text.toUpperCase().includes(KEY_HEX));
	}
}

describe("simstrap read", () => {
	it("reads from the virtual modem, says so, and prints the accounts without the key", async () => {
		const result = await run("read");
		assert.equal(result.code, 0);
		assert.match(result.stderr, /virtual modem/);
		const lines = result.stdout.toString().trimEnd().split("\n");
		assert.equal(lines.length, 3);
		assert.match(lines[0], /^URI +KIND +SECURITY/);
		assert.match(
			lines[1],
			/^coaps:\/\/eu\.iot\.avsystem\.cloud:5684 +server +pre-shared key +<19 bytes> +1 +86400 s +U +ok$/,
		);
		assert.match(lines[2], /^126 bytes in file 6432, channel 1, \d+ exchanges$/);
		assertNoKey(result);
	});

	it("prints one JSON object", async () => {
		const result = await run("read", "--json");
		assert.equal(result.code, 0);
		const { exchanges, ...rest } = json(result);
		assert.ok(Number.isInteger(exchanges) && exchanges >= 9);
		const value = (id: number, what: unknown) => ({ id, value: what });
		const identity = { hex: Buffer.from("example-psk-identity").toString("hex").toUpperCase() };
		const uri = "coaps://eu.iot.avsystem.cloud:5684";
		assert.deepEqual(rest, {
			link: "csim",
			channel: 1,
			path: "6432",
			size: 126,
			objects: [
				{
					id: 0,
					version: null,
					instances: [
						{
							id: 1,
							resources: [
								value(0, uri),
								value(1, false),
								value(2, 0),
								value(3, identity),
								value(5, { masked: 19 }),
								value(10, 1),
							],
						},
					],
				},
				{
					id: 1,
					version: null,
					instances: [{ id: 1, resources: [value(0, 1), value(1, 86400), value(6, false), value(7, "U")] }],
				},
			],
			security: [
				{
					instance: 1,
					serverUri: uri,
					bootstrapServer: false,
					securityMode: 0,
					publicKeyOrIdentity: identity,
					secretKey: { masked: 19 },
					shortServerId: 1,
				},
			],
			servers: [{ instance: 1, shortServerId: 1, lifetime: 86400, notificationStoring: false, binding: "U" }],
			warnings: [],
		});
		assertNoKey(result);
	});

	it("shows the key only when it is asked for", async () => {
		const table = await run("read", "--show-secrets");
		assert.ok(table.stdout.includes(KEY));
		const whole = await run("read", "--json", "--show-secrets", "--trace");
		assert.deepEqual(json(whole).security[0].secretKey, { hex: KEY_HEX });
		assert.ok(whole.stderr.includes(KEY_HEX));
	});

	it("traces lines and APDUs in words, and masks what is secret", async () => {
		for (const step of ["3", "48", "256"]) {
			const result = await run("read", "--trace", "--step", step);
			assert.equal(result.code, 0);
			for (const words of [
				'> AT+CSIM=10,"0070000001"',
				"MANAGE CHANNEL, open a channel",
				"SELECT application PKCS #15",
				"SELECT EF(ODF) 7FFF/5031 by path from MF, channel 1",
				"SELECT EF(DODF) 7FFF/6430 by path from MF, channel 1",
				"SELECT EF(LwM2M_Bootstrap) 7FFF/6432",
				"9000 ok",
				"is the SIM ready?",
			]) {
				assert.ok(result.stderr.includes(words), words);
			}
			assertNoKey(result);
			assert.match(result.stderr, /< \+CSIM: \d+,"<\d+ bytes>9000"/);
			// Not even a piece of the file.
			assert.ok(!result.stderr.includes("0002007A"));
			assert.ok(!result.stderr.includes(KEY_HEX.slice(0, 6)));
		}
	});

	it("writes the file's own bytes, for its owner only", async () => {
		const file = freshPath("out.bin");
		writeFileSync(file, "old", { mode: 0o644 });
		const result = await run("read", "-o", file);
		assert.equal(result.code, 0);
		assert.deepEqual(readFileSync(file), SAMPLE);
		assert.equal(statSync(file).mode & 0o777, 0o600);
		const link = freshPath("link.bin");
		symlinkSync(file, link);
		assert.equal((await run("read", `--output=${link}`)).code, 0);
		assert.deepEqual(readFileSync(file), SAMPLE);
	});

	it("writes it to standard output, and everything else to standard error", async () => {
		const result = await run("read", "-o", "-", "--json");
		assert.equal(result.code, 0);
		assert.deepEqual(result.stdout, SAMPLE);
		assert.ok(result.stderr.includes('"size": 126'));
	});

	it("leaves what was there when the read fails", async () => {
		const file = freshPath("kept.bin");
		writeFileSync(file, "old");
		const before = readdirSync(path.dirname(file)).length;
		const result = await run("read", "-o", file, "--file-id", "6F99");
		assert.equal(result.code, 3);
		assert.equal(readFileSync(file, "utf8"), "old");
		assert.equal(readdirSync(path.dirname(file)).length, before);
	});

	it("gives the same bytes in any step, by the search and by a fixed file", async () => {
		const ways = ["2", "16", "48", "239", "256"].map((step) => ["--step", step]);
		ways.push(["--file-id", "6432"], ["--file-id", "0x6432"], ["--oid", "672b0901"], ["--no-confirm"]);
		const results = await Promise.all(ways.map((way) => run("read", "-o", "-", ...way)));
		for (const result of results) assert.deepEqual(result.stdout, SAMPLE);
	});

	it("reads once without confirming", async () => {
		const [twice, once] = await Promise.all([run("read", "--json"), run("read", "--json", "--no-confirm")]);
		assert.ok(json(once).exchanges < json(twice).exchanges);
	});

	it("says that there is no such object, with exit code 3", async () => {
		const result = await run("read", "--oid", "2B0601", "--json");
		assert.equal(result.code, 3);
		assert.equal(json(result).error.name, "NO_OBJECT");
		assert.equal(json(result).error.code, -46);
	});

	it("ends with exit code 4 when the time is over", async () => {
		// In virtual time, too, the card needs 20 ms for each command.
		const result = await run("read", "--timeout", "0.05", "--json");
		assert.equal(result.code, 4);
		assert.equal(json(result).error.name, "OUT_OF_TIME");
		assert.match(result.stderr, /time limit/);
	});

	it("refuses an output that cannot be opened, before anything is read", async () => {
		for (const target of ["/nonexistent/folder/x", path.dirname(freshPath("x"))]) {
			const result = await run("read", "-o", target);
			assert.equal(result.code, 2);
			assert.match(result.stderr, /^simstrap: writing .* failed: .*\n$/);
		}
	});

	it("does not mind a reader that goes away", async () => {
		const { Running } = await import("./program.js");
		const running = new Running(["read", "--json"]);
		running.child.stdout?.destroy();
		const { code, stderr } = await running.ended;
		assert.equal(code, 0);
		assert.ok(!/ at |Error/.test(stderr), stderr);
	});

	it("tells a full disk", { skip: !existsSync("/dev/full") }, async () => {
		const { spawnSync } = await import("node:child_process");
		const { fileURLToPath } = await import("node:url");
		const program = fileURLToPath(new URL("../../../dist/cli/simstrap.js", import.meta.url));
		const full = openSync("/dev/full", "w");
		const result = spawnSync(process.execPath, [program, "read", "-o", "-"], { stdio: ["ignore", full, "pipe"] });
		closeSync(full);
		assert.equal(result.status, 2);
		assert.match(result.stderr.toString(), /writing standard output failed/);
	});
});
