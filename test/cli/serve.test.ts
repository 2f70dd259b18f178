// `simstrap serve` and `simstrap read` on the two sides of a pseudo-terminal, in real time.

import assert from "node:assert/strict";
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { fromHex, joinBytes, lwm2mTlv, makeFile, sampleFile } from "../../virtual/index.js";
import { freshPath, KEY, KEY_HEX, missing, Running, run, type Server, serve } from "./program.js";

const SAMPLE = Buffer.from(sampleFile());
const INSTANCE = 0x00;
const RESOURCE = 0xc0;

/** Both packages are optional. */
const skip = missing("@lydell/node-pty", "serialport");

/** Reads through a server. */
function read(server: Server, ...args: string[]) {
	return run("read", "--device", server.link, ...args);
}

/** A server for one read. */
async function once(serveArgs: readonly string[], readArgs: readonly string[] = []) {
	const server = await serve(...serveArgs);
	const result = await read(server, ...readArgs);
	await server.stop();
	return result;
}

function inputFile(bytes: Uint8Array): string {
	const file = freshPath("input.bin");
	writeFileSync(file, bytes);
	return file;
}

/** A file with one Security instance. */
function securityFile(resources: readonly Uint8Array[]): Uint8Array {
	const instance = lwm2mTlv(INSTANCE, 0, joinBytes([...resources]));
	const object = joinBytes([fromHex("000000"), new Uint8Array([instance.length >> 8, instance.length]), instance]);
	return joinBytes([fromHex("0001"), new Uint8Array([object.length >> 8, object.length]), object]);
}

describe("simstrap serve", { skip, concurrency: true }, () => {
	it("is read again and again, keeps its state, and removes its link", async () => {
		const server = await serve("--trace");
		for (const args of [["--json"], ["--step", "48", "--trace"], ["-o", "-"]]) {
			const result = await read(server, ...args);
			assert.equal(result.code, 0, result.stderr);
			if (args[0] === "-o") assert.deepEqual(result.stdout, SAMPLE);
			else for (const text of [result.stdout.toString("latin1"), result.stderr]) assert.ok(!text.includes(KEY_HEX));
			assert.ok(!result.stderr.includes("virtual"));
		}
		const { code, stderr } = await server.stop();
		assert.equal(code, 0);
		assert.equal(existsSync(server.link), false);
		// The echo was switched off by the first of the three.
		assert.equal(stderr.match(/< ATE0V1/g)?.length, 1);
		assert.equal(stderr.match(/close channel 1/g)?.length, 3);
		assert.ok(!stderr.includes(KEY) && !stderr.includes(KEY_HEX));
	});

	it("gives the same bytes with other channels, manners and speeds", async () => {
		const ways: readonly (readonly string[])[] = [
			["--channel", "2", "--transport", "t1"],
			["--channel", "4"],
			["--channel", "19", "--transport", "t0"],
			["--baud", "115200"],
			["--restart-at", "6"],
		];
		const results = await Promise.all(ways.map((way) => once(way, ["--json", "--show-secrets"])));
		for (const [i, result] of results.entries()) {
			assert.equal(result.code, 0, result.stderr);
			const report = JSON.parse(result.stdout.toString());
			assert.equal(report.channel, Number(ways[i][0] === "--channel" ? ways[i][1] : 1));
			assert.deepEqual(report.security[0].secretKey, { hex: KEY_HEX });
		}
	});

	it("takes a file of 4 KB", async () => {
		const file = makeFile(4096);
		const result = await once(["--file", inputFile(file)], ["-o", "-"]);
		assert.equal(result.code, 0, result.stderr);
		assert.deepEqual(result.stdout, Buffer.from(file));
	});

	it("answers without a SIM, with a PIN, with an empty and with a broken file", async () => {
		const cases: readonly (readonly [serveArgs: string[], code: number, name: string, sentence: RegExp])[] = [
			[["--no-sim"], 3, "SIM_ABSENT", /\+CME ERROR: 10, SIM not inserted/],
			[["--pin", "1234"], 1, "SIM_PIN_REQUIRED", /wants its PIN/],
			[["--file", inputFile(new Uint8Array(64).fill(0xff))], 3, "NO_DATA", /is empty/],
			[["--file", inputFile(new Uint8Array(64))], 3, "NO_DATA", /is empty/],
			[["--file", inputFile(fromHex("0001000500000000FF"))], 1, "OBJECT_MALFORMED", /at byte 4 of the file/],
		];
		const results = await Promise.all(cases.map(([args]) => once(args, ["--json"])));
		for (const [i, result] of results.entries()) {
			const [, code, name, sentence] = cases[i];
			assert.equal(result.code, code, name);
			const { error } = JSON.parse(result.stdout.toString());
			assert.equal(error.name, name);
			assert.match(result.stderr, /^simstrap: [^\n]+\.\n$/);
			assert.match(result.stderr, sentence);
			assert.ok(result.stderr.includes(error.message));
		}
	});

	it("meets the time limit when the modem is silent or slow", async () => {
		const results = await Promise.all([
			once(["--silent"], ["--timeout", "2"]),
			once(["--latency", "300"], ["--timeout", "1.5", "--trace"]),
		]);
		for (const { code, stderr } of results) {
			assert.equal(code, 4, stderr);
			assert.match(stderr, /time limit is over/);
		}
		// On a slow machine it may not have come to a channel.
		if (results[1].stderr.includes("SELECT")) assert.match(results[1].stderr, /MANAGE CHANNEL, close/);
	});

	it("leaves the channel closed after Ctrl-C", async () => {
		const server = await serve("--latency", "300", "--trace");
		const output = freshPath("out.bin");
		const reader = new Running(["read", "--device", server.link, "--trace", "-o", output]);
		assert.ok(await reader.until("SELECT application"));
		reader.child.kill("SIGINT");
		const { code, stderr } = await reader.ended;
		assert.equal(code, 130, stderr);
		assert.match(stderr, /interrupted/);
		assert.match((await server.stop()).stderr, /MANAGE CHANNEL, close channel 1\n.*\n +9000 ok/);
		const name = path.basename(output);
		assert.ok(!readdirSync(path.dirname(output)).some((each) => each.includes(name)));
	});

	it("is noticed when it goes away in the middle", async () => {
		const server = await serve("--latency", "2000");
		const reader = new Running(["read", "--device", server.link, "--trace", "--json"]);
		assert.ok(await reader.until("MANAGE CHANNEL"));
		server.process.child.kill("SIGKILL");
		const { code, stdout, stderr } = await reader.ended;
		assert.equal(code, 1, stderr);
		assert.equal(JSON.parse(stdout.toString()).error.name, "DEVICE_LOST");
		// What it left behind is a dead link, which the next one may replace.
		const next = new Running(["serve", "--link", server.link]);
		assert.ok(await next.until("ready: "), next.stderr);
		next.child.kill("SIGINT");
		assert.equal((await next.ended).code, 0);
	});

	it("overwrites nothing but its own link", async () => {
		const server = await serve();
		const used = await run("serve", "--link", server.link);
		assert.equal(used.code, 2);
		assert.match(used.stderr, /in use/);
		assert.ok(lstatSync(server.link).isSymbolicLink());
		await server.stop();
		const file = inputFile(SAMPLE);
		assert.equal((await run("serve", "--link", file)).code, 2);
		assert.deepEqual(readFileSync(file), SAMPLE);
		const foreign = freshPath("foreign");
		symlinkSync("/nonexistent/elsewhere", foreign);
		assert.equal((await run("serve", "--link", foreign)).code, 2);
		assert.ok(lstatSync(foreign).isSymbolicLink());
	});

	it("has its texts, and the card's, escaped", async () => {
		const evil = "\x1b[2Jcoap://\u00e9\n";
		const file = securityFile([
			lwm2mTlv(RESOURCE, 0, Buffer.from(evil)),
			lwm2mTlv(RESOURCE, 1, new Uint8Array([1])),
			lwm2mTlv(RESOURCE, 2, new Uint8Array([3])),
		]);
		const server = await serve("--file", inputFile(file), "--unrelated", "+X: \x1b[31mred\x07");
		const result = await read(server, "--trace");
		assert.equal(result.code, 0, result.stderr);
		for (const text of [result.stdout.toString("latin1"), result.stderr]) {
			assert.ok([...text].every((each) => each === "\n" || (each >= " " && each <= "~")));
		}
		assert.ok(result.stdout.includes("\\x1B[2Jcoap://\\xC3\\xA9\\x0A  bootstrap  no security"));
		assert.ok(result.stderr.includes("< +X: \\x1B[31mred"));
		const json = await read(server, "--json");
		assert.ok([...json.stdout.toString("latin1")].every((each) => each === "\n" || (each >= " " && each <= "~")));
		assert.equal(JSON.parse(json.stdout.toString()).security[0].serverUri, evil);
		await server.stop();
	});
});
