// The command on a terminal, as a person sees it: colours, unless NO_COLOR is set, progress, hints on lines of their own, tables that
// fit. Nothing of that where its output goes to a file or another program.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { makeFile } from "../../virtual/index.js";
import { freshPath, KEY, missing, PROGRAM, run, serve } from "./program.js";

const ESCAPE = "\x1b[";
/** Stands for it in what is looked at. */
const MARK = "~";
const skip = missing("@lydell/node-pty", "serialport");

/** The part of the package that is used here: type checking must do without an optional package. */
interface PtyModule {
	spawn(
		file: string,
		args: string[],
		options: { cols: number; rows: number; env: NodeJS.ProcessEnv },
	): {
		onData(listener: (text: string) => void): void;
		onExit(listener: (end: { exitCode: number }) => void): void;
		write(text: string): void;
	};
}

/**
 * Runs the command on a terminal of its own; what it wrote, escapes and all. `before` is done in a
 * shell; `typed` is typed when a text has come.
 */
async function onTerminal(
	args: string[],
	{ cols = 160, before = "", env = {}, typed = null as null | readonly [when: string, text: string] } = {},
): Promise<{ code: number; text: string }> {
	// A name that no type checker follows.
	const name: string = "@lydell/node-pty";
	const loaded = await import(name);
	const { spawn } = (loaded.default ?? loaded) as PtyModule;
	const { NO_COLOR: _, ...rest } = process.env;
	const child = spawn("sh", ["-c", `${before}exec "$@"`, "sh", process.execPath, PROGRAM, ...args], {
		cols,
		rows: 50,
		env: { ...rest, TERM: "xterm-256color", ...env },
	});
	let text = "";
	let done = false;
	child.onData((part) => {
		text += part;
		if (typed === null || done || !text.includes(typed[0])) return;
		done = true;
		child.write(typed[1]);
	});
	const code = await new Promise<number>((resolve) => child.onExit(({ exitCode }) => resolve(exitCode)));
	return { code, text: text.replaceAll(ESCAPE, MARK) };
}

/** Without escapes, and without what was overwritten. */
function seen(text: string): string[] {
	return text
		.split("\n")
		.map((line) => line.replace(/~[\d;]*[A-Za-z]/g, "").replace(/\r$/, ""))
		.map((line) => line.slice(line.lastIndexOf("\r") + 1));
}

describe("on a terminal", { skip, concurrency: 2 }, () => {
	it("the accounts are a table with colours, or without when NO_COLOR says so", async () => {
		const coloured = await onTerminal(["read"]);
		assert.equal(coloured.code, 0);
		assert.match(coloured.text, /~1mURI~0m +~1mKIND/);
		assert.match(coloured.text, /~32mok~0m/);
		for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
			const { text } = await onTerminal(["read"], { env });
			assert.ok(!/~\d+m/.test(text), JSON.stringify(env));
			assert.deepEqual(seen(text).slice(-4), seen(coloured.text).slice(-4));
		}
		assert.match((await onTerminal(["read"], { env: { NO_COLOR: "" } })).text, /~32mok/);
	});

	it("the table becomes a list where it does not fit", async () => {
		const { text } = await onTerminal(["read"], { cols: 60 });
		const lines = seen(text);
		assert.ok(
			lines.every((line) => line.length <= 60),
			text,
		);
		assert.ok(lines.includes("  KEY        <19 bytes>") && lines.includes("  STATE      ok"), text);
	});

	it("a terminal that does not tell its width is taken for a usual one", async () => {
		const { text } = await onTerminal(["read", "--device", freshPath("none")], { before: "stty cols 0; " });
		const lines = seen(text);
		assert.ok(lines.every((line) => line.length <= 80) && lines.some((line) => line.length > 60), text);
	});

	it("progress shows bytes and exchanges on one line, and is gone in the end", async (t) => {
		const file = freshPath("large");
		writeFileSync(file, makeFile(2000));
		const server = await serve("--file", file, "--latency", "60");
		t.after(() => server.stop());
		const { code, text } = await onTerminal(["read", "--device", server.link], { cols: 70 });
		assert.equal(code, 0);
		assert.match(text, /\rreading the bootstrap file, \d+ of 2000 bytes, \d+ exchanges~K|of 2000 bytes/);
		for (const [, status] of text.matchAll(/\r(?:~2m)?([^\r\n]*?)(?:~0m)?~K/g)) assert.ok(status.length < 70);
		assert.ok(!seen(text).some((line) => line.includes("reading the bootstrap file")));
	});

	it("a trace tells by colour what went out and what came of it", async () => {
		const { text } = await onTerminal(["read", "--trace"]);
		assert.match(text, /~36m> AT\+CSIM=10,"0070000001"~0m/);
		assert.match(text, /~1mMANAGE CHANNEL, open a channel~0m/);
		assert.match(text, /~32m9000 ok: 01~0m/);
		assert.ok(!text.includes(KEY));
	});

	it("what went wrong and what to try stand on lines of their own", async (t) => {
		const server = await serve("--manners", "no-channel");
		t.after(() => server.stop());
		const { code, text } = await onTerminal(["read", "--device", server.link], { cols: 80 });
		assert.equal(code, 1);
		assert.match(text, /~31msimstrap:~0m opening a logical channel/);
		const lines = seen(text);
		assert.ok(lines.every((line) => line.length <= 100));
		assert.ok(
			lines.some((line) => line.startsWith("  hint: restart the modem")),
			text,
		);
		assert.ok(
			lines.some((line) => line.startsWith("  tried cgla: CME_ERROR 4, operation not supported")),
			text,
		);
		const usage = await onTerminal(["read", "--foo"]);
		assert.equal(usage.code, 2);
		assert.deepEqual(seen(usage.text).slice(0, 2), [
			"simstrap: there is no option --foo.",
			'  hint: try "simstrap read --help".',
		]);
	});

	it("probe closes its channel when it is interrupted", async (t) => {
		const server = await serve("--latency", "150", "--trace");
		t.after(() => server.stop());
		const { code, text } = await onTerminal(["probe", "--device", server.link], { typed: ["EF(DODF)", "\x03"] });
		assert.equal(code, 130, text);
		assert.match(server.process.stderr, /MANAGE CHANNEL, close channel 1/);
		assert.ok(!server.process.stderr.includes('CCHO="'), "it goes on with the next way");
		assert.match(text, /interrupted while trying AT\+CSIM/);
	});
});

describe("into a pipe", { skip }, () => {
	it("there is neither colour nor progress, whatever the outcome", async () => {
		for (const args of [["read"], ["read", "--trace"], ["probe"], ["apdu", "00A4000C023F00"], ["read", "--foo"]]) {
			const { stdout, stderr } = await run(...args);
			assert.ok(!stdout.includes(ESCAPE) && !stderr.includes(ESCAPE), args.join(" "));
		}
	});
});
