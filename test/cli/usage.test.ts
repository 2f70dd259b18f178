// Wrong usage, help and version: one sentence, exit code 2, and no stack trace.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { freshPath, run } from "./program.js";

const WRONG: readonly (readonly string[])[] = [
	["x"],
	["--foo"],
	["help", "x"],
	["read", "--foo"],
	["read", "-x"],
	["read", "-"],
	["read", "--"],
	["read", "x"],
	["read", "--step"],
	["read", "--step", "--json"],
	["read", "--step", "0"],
	["read", "--step", "257"],
	["read", "--step", "1e2"],
	["read", "--baud", "0"],
	["read", "--baud", "fast"],
	["read", "--timeout", "0"],
	["read", "--timeout", "-1"],
	["read", "--timeout", "1e9"],
	["read", "--oid", "6"],
	["read", "--oid", "xy"],
	["read", "--oid", "00".repeat(17)],
	["read", "--oid", "672B0901", "--file-id", "6432"],
	["read", "--file-id", "0000"],
	["read", "--file-id", "643"],
	["read", "--file-id", "10000"],
	["read", "--json=yes"],
	["read", "--device="],
	["serve"],
	["serve", "--link", "/nonexistent/folder/modem"],
	["serve", "--link", "x", "--file", "/nonexistent"],
	["serve", "--link", "x", "--transport", "t2"],
	["serve", "--link", "x", "--channel", "20"],
	["serve", "--link", "x", "--pin", "12"],
];

describe("usage", () => {
	it("is wrong in one sentence, with exit code 2", async () => {
		const results = await Promise.all(WRONG.map((args) => run(...args)));
		for (const [i, { code, stdout, stderr }] of results.entries()) {
			const name = WRONG[i].join(" ");
			assert.equal(code, 2, name);
			assert.equal(stdout.length, 0, name);
			assert.match(stderr, /^simstrap: [^\n]+\.\n$/, name);
		}
	});

	it("says what was perhaps meant, where something is like it", async () => {
		for (const [args, words] of [
			[["raed"], /^simstrap: there is no command "raed", perhaps "read" is meant; "simstrap --help" lists/],
			[["help", "serv"], /perhaps "serve" is meant/],
			[["Probe"], /perhaps "probe" is meant/],
			[["version"], /^simstrap: there is no command "version"; "simstrap --help" lists the commands\.$/m],
			[["read", "--devise", "x"], /there is no option --devise, perhaps --device is meant; try "simstrap read --help"/],
			[["read", "--js"], /there is no option --js; try/],
			[["read", "--jsno"], /perhaps --json is meant/],
			[["read", `--${"x".repeat(100_000)}`], /there is no option --x+; try/],
			[["help", "read", "x"], /"x" was not expected; try "simstrap help read"/],
			[["serve", "--link", "x", "--tries", "1"], /--tries: .*; give one with --file-pin/],
		] as [string[], RegExp][]) {
			const { code, stderr } = await run(...args);
			assert.equal(code, 2);
			assert.match(stderr, words);
		}
	});

	it("escapes what it repeats", async () => {
		const { stderr } = await run("read", "\x1b[31m\u00e9");
		assert.ok(stderr.includes("\\x1B[31m\\xE9"));
		assert.ok(!stderr.includes("\x1b"));
	});

	it("alone prints the help on standard error", async () => {
		const { code, stdout, stderr } = await run();
		assert.equal(code, 2);
		assert.equal(stdout.length, 0);
		assert.match(stderr, /Usage: simstrap COMMAND/);
	});

	it("prints help and version on request", async () => {
		const manifest = fileURLToPath(new URL("../../../package.json", import.meta.url));
		const { version } = JSON.parse(readFileSync(manifest, "utf8"));
		assert.equal((await run("--version")).stdout.toString(), `${version}\n`);
		for (const args of [["--help"], ["-h"], ["help"]]) {
			const { code, stdout } = await run(...args);
			assert.equal(code, 0);
			assert.match(stdout.toString(), /read .*\n.*serve/);
		}
		for (const args of [
			["help", "read"],
			["read", "--help"],
			["read", "-h", "--foo"],
		]) {
			const { code, stdout } = await run(...args);
			assert.equal(code, 0);
			for (const word of ["--device PATH", "-o, --output FILE", "--show-secrets", "Exit codes", "Example"]) {
				assert.ok(stdout.includes(word), word);
			}
		}
		assert.match((await run("help", "serve")).stdout.toString(), /--link PATH/);
	});

	it("names a device that cannot be opened", async () => {
		const names: readonly (readonly [string, string])[] = [
			[freshPath("no-device"), "DEVICE_MISSING"],
			["/dev/null", "DEVICE_NOT_SERIAL"],
		];
		for (const [device, name] of names) {
			const { code, stdout, stderr } = await run("read", "--device", device, "--json");
			assert.equal(code, 2);
			assert.equal(JSON.parse(stdout.toString()).error.name, name);
			assert.match(stderr, /^simstrap: opening [^\n]+\.\n$/);
		}
	});
});
