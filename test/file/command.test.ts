// `simstrap encode`, `decode`, `check` and `card` as they are built: pipes, files, exit codes, and the examples of --help as they stand.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import test, { after } from "node:test";
import { sampleFile } from "../../virtual/index.js";
import { serve } from "../cli/program.js";
import { hex, rootFile, rootPath } from "./tools.js";

const folder = mkdtempSync(join(tmpdir(), "simstrap-file-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const PROGRAM = rootPath("dist/cli/simstrap.js");
mkdirSync(join(folder, "bin"));
symlinkSync(PROGRAM, join(folder, "bin", "simstrap"));

interface Result {
	code: number | null;
	stdout: Buffer;
	stderr: string;
}

function finish(command: string, args: readonly string[], input: string | Uint8Array): Promise<Result> {
	return new Promise((resolve, reject) => {
		const env = { ...process.env, PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}` };
		const child = spawn(command, args, { cwd: folder, env, stdio: "pipe" });
		const out: Buffer[] = [];
		let stderr = "";
		child.stdout.on("data", (part: Buffer) => out.push(part));
		child.stderr.on("data", (part: Buffer) => {
			stderr += part.toString("latin1");
		});
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, stdout: Buffer.concat(out), stderr }));
		// A program that wants no input may be gone.
		child.stdin.on("error", () => {});
		child.stdin.end(input);
	});
}

function run(args: readonly string[], input: string | Uint8Array = ""): Promise<Result> {
	return finish(process.execPath, [PROGRAM, ...args], input);
}

const SAMPLE = Buffer.from(sampleFile());
const BASIC = rootPath("examples/anjay-basic.cfg");

test("the documented configuration gives its 126 bytes, from a file and through pipes", async () => {
	const piped = await run(["encode"], rootFile("examples/anjay-basic.cfg"));
	assert.deepEqual([piped.code, piped.stderr], [0, ""]);
	assert.deepEqual(piped.stdout, SAMPLE);
	const digits = await run(["encode", "-c", BASIC, "--format", "hex"]);
	assert.equal(digits.stdout.toString(), `${hex(SAMPLE)}\n`);
	const target = join(folder, "basic.bin");
	const written = await run(["encode", "-c", BASIC, "-o", target]);
	assert.deepEqual([written.code, written.stdout.length], [0, 0]);
	assert.deepEqual(readFileSync(target), SAMPLE);
	assert.equal(statSync(target).mode & 0o777, 0o600);
});

test("decode and encode are each other's opposite", async () => {
	const decoded = await run(["decode", "--json", "--show-secrets"], SAMPLE);
	assert.equal(decoded.code, 0);
	assert.deepEqual((await run(["encode", "--lenient"], decoded.stdout)).stdout, SAMPLE);
	const hidden = await run(["decode", "--json"], hex(SAMPLE));
	const refused = await run(["encode", "--lenient"], hidden.stdout);
	assert.equal(refused.code, 2);
	assert.match(refused.stderr, /^error: standard input:\d+:\d+: \/0\/1\/5: the value is masked/m);
});

test("what `read --json --show-secrets` prints is a configuration", async () => {
	const read = await run(["read", "--json", "--show-secrets"]);
	assert.equal(read.code, 0, read.stderr);
	assert.deepEqual((await run(["encode"], read.stdout)).stdout, SAMPLE);
});

test("nothing is written when a configuration is refused", async () => {
	const target = join(folder, "none.bin");
	const { code, stderr, stdout } = await run(["encode", "-o", target], '{"0":{"1":{"10":0}}}');
	assert.deepEqual([code, stdout.length], [2, 0]);
	assert.match(stderr, /^error: standard input:1:17: \/0\/1\/10: expected a Short Server ID/m);
	assert.throws(() => statSync(target));
	const lenient = await run(["encode", "--lenient", "--format", "hex"], '{"0":{"1":{"10":0}}}');
	assert.equal(lenient.code, 0);
	assert.match(lenient.stderr, /^warning: /m);
});

test("the dictionary format runs nothing", async () => {
	const proof = join(folder, "proof");
	const { code } = await run(["encode"], `{0: {0: {0: __import__('os').system('touch ${proof}')}}}`);
	assert.equal(code, 2);
	assert.throws(() => statSync(proof));
});

test("hostile input costs an error, and little memory", async () => {
	for (const input of [
		"[".repeat(3_000_000),
		"{1:".repeat(1_000_000),
		`"${"x".repeat(3_000_000)}`,
		`[${"[],".repeat(900_000)}`,
	]) {
		const flags = ["--max-old-space-size=128", PROGRAM, "encode"];
		const { code, stderr } = await finish(process.execPath, flags, input);
		assert.equal(code, 2, stderr.slice(0, 200));
		assert.match(stderr, /^error: standard input:1:\d+: /);
	}
	const { code, stderr } = await run(["encode"], " ".repeat(5_000_000));
	assert.deepEqual([code, stderr], [2, "simstrap: reading standard input failed: it is larger than 4194304 bytes.\n"]);
});

test("check tells errors and warnings apart, and its exit code tells errors", async () => {
	const good = await run(["check", "-"], SAMPLE);
	assert.deepEqual([good.code, good.stdout.toString()], [0, "0 errors, 0 warnings in 126 bytes\n"]);
	const path = join(folder, "damaged.bin");
	const damaged = Buffer.from(SAMPLE);
	damaged[102] = 200;
	writeFileSync(path, damaged);
	const bad = await run(["check", path]);
	assert.equal(bad.code, 2);
	assert.match(
		bad.stdout.toString(),
		/^error +100 +\/0\/1\/10 +Short Server ID is negative as an Integer \(-56\), and taken as 200 \(.*\)$/m,
	);
	assert.match(bad.stdout.toString(), /^\d+ errors, 0 warnings in 126 bytes$/m);
	const json = JSON.parse((await run(["check", path, "--json"])).stdout.toString());
	assert.deepEqual(Object.keys(json.errors[0]), ["offset", "path", "clause", "message"]);
	const cut = await run(["decode"], SAMPLE.subarray(0, 50));
	assert.equal(cut.code, 2);
	assert.match(cut.stderr, /malformed at byte 50: expected 126 bytes/);
	const cutJson = JSON.parse((await run(["decode", "--json"], SAMPLE.subarray(0, 50))).stdout.toString());
	assert.deepEqual([cutJson.error.name, cutJson.error.offset], ["FILE_TRUNCATED", 50]);
});

test("what is no bootstrap file, or no configuration, is told by its name, with what it is and what to try", async () => {
	const path = (name: string, content: string | Uint8Array): string => {
		writeFileSync(join(folder, name), content);
		return join(folder, name);
	};
	const dictionary = BASIC;
	const json = rootPath("examples/basic-keyed.json");
	const cut = path("cut.bin", SAMPLE.subarray(0, 50));
	const digit = path("digit.hex", "00 01 00 25\n00 0G");
	const half = path("half.hex", "0001 0025 0");
	const text = path("text.txt", "h\u00e9llo\n");
	const empty = path("empty", "");
	const line = path("line.json", '{"security": {"0": {"serverUri": "coap://x\n}}}');
	const name = path("name.json", '{"security": {"0": {"serverUrl": "coap://x"}}}');
	const object = path("object.json", '{"Securty": {}}');
	for (const command of ["decode", "check"]) {
		for (const [file, words] of [
			[dictionary, 'it looks like a configuration; "simstrap encode" makes a file of it.'],
			[json, 'it looks like a configuration; "simstrap encode" makes a file of it.'],
			[digit, 'expected hex digits at 2:5, got "G"; give the bytes of a file, or their hex digits.'],
			[half, "half a byte stands alone among its hex digits; two digits make a byte."],
			[text, "it is a text; give the bytes of a file, or their hex digits."],
		]) {
			const { code, stdout, stderr } = await run([command, file]);
			assert.deepEqual([code, stdout.length], [2, 0]);
			assert.equal(stderr, `simstrap: ${file} is no bootstrap file: ${words}\n`);
		}
	}
	for (const [args, words] of [
		[
			["decode", cut],
			`simstrap: ${cut} is malformed at byte 50: expected 126 bytes, 4 and the size in the header, got 50;`,
		],
		[["decode", folder], `simstrap: reading ${folder} failed: it is a directory.`],
		[
			["encode", "-c", rootPath("examples/basic.hex")],
			'basic.hex is a bootstrap file, expected a configuration; "simstrap decode" shows',
		],
		[
			["encode", "-c", digit],
			`${digit} is no configuration, and no bootstrap file either: expected hex digits at 2:5, got "G"`,
		],
		[["card", "-c", half, "-o", join(folder, "none")], "no bootstrap file either: half a byte stands alone"],
		[["encode", "-c", cut], "cut.bin is a bootstrap file, expected a configuration;"],
		[["encode", "-c", empty], "empty:1:1: expected a configuration, got nothing"],
		[["encode", "-c", line], "line.json:1:34: a string that does not end on its line: a quotation mark is missing"],
		[["encode", "-c", name], 'a number or a known name, got "serverUrl"; perhaps "serverUri" is meant'],
		[["encode", "-c", object], 'got "Securty"; perhaps "Security" is meant'],
		[["card", "-c", json, "-o", text], `simstrap: writing to ${text} failed: it is a file, and no folder.`],
		[
			["read", "--card", folder],
			`--card: ${folder} is no folder of \`simstrap card\` (card.json: no such file or directory)`,
		],
		[
			["read", "--card", join(folder, "nowhere")],
			"nowhere is no folder of `simstrap card` (no such file or directory)",
		],
	] as [string[], string][]) {
		const { code, stderr } = await run(args);
		assert.equal(code, 2);
		assert.ok(stderr.includes(words), stderr);
	}
});

test("a card is made, and read through the virtual modem in every form", async () => {
	for (const flags of [[], ["--opaque"], ["--misencoded-oid"], ["--opaque", "--misencoded-oid"]]) {
		const target = join(folder, "card");
		const made = await run(["card", "-c", BASIC, "-o", target, "--file-id", "6AAA", "--apdu", ...flags]);
		assert.equal(made.code, 0, made.stderr);
		const read = await run(["read", "--card", target, "-o", "-"]);
		assert.equal(read.code, 0, read.stderr);
		assert.deepEqual(read.stdout, SAMPLE);
		assert.match(read.stderr, /in file 6AAA/);
	}
	const finished = await run(["card", "-o", join(folder, "finished")], SAMPLE);
	assert.equal(finished.code, 0, finished.stderr);
	for (const [args, words] of [
		[["card"], /--output DIR is needed/],
		[["card", "-o", "x", "--file-id", "3F00"], /--file-id: expected 4 hex digits that are not reserved/],
		[["card", "-o", "x", "--file-id", "6430"], /expected two IDs that differ/],
		[["card", "-o", "x", "--dir-record-length", "10"], /--dir-record-length: expected a number from 31 to 255/],
		[["serve", "--link", "x", "--card", folder], /--card: .* is no folder of `simstrap card`/],
		[["read", "--card", "x", "--device", "y"], /--device and --card exclude each other/],
		[["encode", "--format", "text"], /--format: expected bin or hex, got "text"/],
		[["decode", "a", "b"], /"b" was not expected/],
		[["decode", join(folder, "nowhere")], /reading .*nowhere failed: no such file or directory/],
	] as [string[], RegExp][]) {
		const { code, stderr } = await run(args);
		assert.equal(code, 2, args.join(" "));
		assert.match(stderr, words);
	}
});

test("a card is served to other programs", async () => {
	const target = join(folder, "served");
	assert.equal(
		(await run(["card", "-c", BASIC, "-o", target, "--opaque", "--df-id", "7F99", "--file-id", "6ABC"])).code,
		0,
	);
	const server = await serve("--card", target);
	const read = await run(["read", "--device", server.link, "-o", "-"]);
	assert.equal(read.code, 0, read.stderr);
	assert.deepEqual(read.stdout, SAMPLE);
	assert.match(read.stderr, /in file 6ABC/);
	await server.stop();
	const digits = await serve("--file", rootPath("examples/basic.hex"));
	assert.deepEqual((await run(["read", "--device", digits.link, "-o", "-"])).stdout, SAMPLE);
	await digits.stop();
});

test("--help of each command has examples that work when they are pasted", async () => {
	for (const command of ["encode", "decode", "check", "card"]) {
		const help = await run([command, "--help"]);
		assert.equal(help.code, 0);
		const lines = help.stdout.toString().split("\n");
		const examples = lines.filter((_, i) => i > 0 && lines[i - 1].startsWith("  # "));
		assert.ok(examples.length > 0, command);
		for (const line of examples) {
			const { code, stdout, stderr } = await finish("sh", ["-c", line], "");
			assert.equal(code, 0, `${line}\n${stderr}`);
			assert.ok(stdout.length > 0);
		}
	}
});
