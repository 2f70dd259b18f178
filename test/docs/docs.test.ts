// What README.md and the other pages show works as it stands there: every link leads to a file, every command line is run or, where it
// needs hardware, its options are looked up, every example in JavaScript or TypeScript is run or compiled.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { power } from "../espruino/device.js";
import { type Block, readPage } from "./markdown.js";

/** Run from build/test/docs/. */
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PROGRAM = path.join(ROOT, "dist", "cli", "simstrap.js");
const SCRIPTS = Object.keys(JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")).scripts);
const SKIPPED_FOLDERS = new Set(["node_modules", "build", "dist", ".git"]);

function filesUnder(folder: string, name: RegExp): string[] {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const file = path.join(folder, entry.name);
		if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : filesUnder(file, name);
		return name.test(entry.name) ? [file] : [];
	});
}

const pages = filesUnder(ROOT, /\.md$/).map((file) => ({ name: path.relative(ROOT, file), file, ...readPage(file) }));

function blocksOf(name: string, language: string): Block[] {
	return pages.find((page) => page.name === name)?.blocks.filter((block) => block.language === language) ?? [];
}

const folder = mkdtempSync(path.join(tmpdir(), "simstrap-docs-"));
/** Inside the project, so that `import "simstrap"` finds it. */
const inside = path.join(ROOT, "build", `docs.${process.pid}`);
after(() => {
	rmSync(folder, { recursive: true, force: true });
	rmSync(inside, { recursive: true, force: true });
});

describe("documentation", () => {
	it("every link leads to a file, and to a heading in it", () => {
		const broken: string[] = [];
		for (const page of pages)
			for (const { target, line } of page.links) {
				// A path that begins with /modules is one of Espruino's site, where the module's page is to stand.
				if (/^(https?:|mailto:|\/modules\/)/.test(target)) continue;
				const [to, anchor] = target.split("#");
				const file = to === "" ? page.file : path.resolve(path.dirname(page.file), to);
				if (!existsSync(file)) broken.push(`${page.name}:${line}: ${target}`);
				else if (anchor !== undefined && file.endsWith(".md") && !readPage(file).anchors.has(anchor))
					broken.push(`${page.name}:${line}: ${target} has no such heading`);
			}
		assert.deepEqual(broken, []);
	});

	it("every file and folder of the project that a page names is there", () => {
		const absent: string[] = [];
		for (const page of pages)
			for (const [, name] of readFileSync(page.file, "utf8").matchAll(
				/`((?:src|hal|virtual|cli|boards|test|bench|scripts|docs|schema|examples)\/[\w./-]*)`/g,
			))
				if (!existsSync(path.join(ROOT, name))) absent.push(`${page.name}: ${name}`);
		assert.deepEqual(absent, []);
	});

	it("ARCHITECTURE.md has each file of src/ in its place, and no other", () => {
		const text = readFileSync(path.join(ROOT, "ARCHITECTURE.md"), "utf8");
		const [table] = text.split("In `src/`, from the bottom up:")[1].split("\n## ");
		const rows = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => cell.split(", "));
		const named = rows.map((name) => name.slice(1, -1));
		const files = readdirSync(path.join(ROOT, "src"))
			.filter((name) => name.endsWith(".ts") && name !== "index.ts")
			.map((name) => name.slice(0, -3));
		const covers = (name: string, file: string): boolean =>
			name.endsWith("…") ? file.startsWith(name.slice(0, -1)) : file === name;
		assert.deepEqual(
			files.filter((file) => named.filter((name) => covers(name, file)).length !== 1),
			[],
		);
		assert.deepEqual(
			named.filter((name) => !files.some((file) => covers(name, file))),
			[],
		);
	});

	it("every source file says at its top what it is", () => {
		const silent = filesUnder(ROOT, /\.(ts|mjs|js|c|h)$/).filter(
			(file) => !/^(#!.*\n)?(\/\/|\/\*)/.test(readFileSync(file, "utf8")),
		);
		assert.deepEqual(silent, []);
	});

	it("every figure in README.md has its table", () => {
		const text = readFileSync(path.join(ROOT, "README.md"), "utf8");
		for (const [, name] of text.matchAll(/<!-- bench:(\w+) -->/g))
			assert.ok(text.includes(`<!-- /bench:${name} -->`), name);
	});
});

describe("command lines", () => {
	const bin = path.join(folder, "bin");

	before(() => {
		mkdirSync(bin);
		writeFileSync(path.join(bin, "simstrap"), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
		chmodSync(path.join(bin, "simstrap"), 0o755);
		cpSync(path.join(ROOT, "examples"), path.join(folder, "examples"), { recursive: true });
	});

	/** The options of a command that the program itself names. */
	function optionsOf(command: string): string {
		return spawnSync(process.execPath, [PROGRAM, "help", command], { encoding: "utf8" }).stdout;
	}

	function checkOptions(command: string, line: string): void {
		const help = optionsOf(command);
		for (const [, option] of line.matchAll(/ --([a-z][a-z0-9-]*)/g)) {
			assert.ok(help.includes(`--${option}`), `${line}: simstrap ${command} has no --${option}`);
		}
	}

	function run(line: string): void {
		const { status, stderr, stdout } = spawnSync("sh", ["-c", line], {
			cwd: folder,
			encoding: "utf8",
			timeout: 60_000,
			env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
		});
		assert.equal(status, 0, `${line}\n${stdout}${stderr}`);
	}

	for (const page of pages)
		for (const block of page.blocks.filter(({ language }) => language === "sh")) {
			it(`${page.name}:${block.line}`, { timeout: 120_000 }, () => {
				// A page's first lines go to its own folder; what follows is done there.
				let at = block.text.startsWith("cd ") ? ROOT : path.dirname(page.file);
				for (const whole of block.text.split("\n")) {
					const line = whole.replace(/(^|\s)#.*$/, "").trim();
					const [word, ...rest] = line.split(/\s+/);
					if (word === "cd") {
						at = path.resolve(at, rest[0]);
						assert.ok(existsSync(at), line);
					} else if (word === "mcconfig") {
						assert.ok(existsSync(path.join(at, rest.find((arg) => arg.endsWith(".json")) ?? "manifest.json")), line);
					} else if (word === "node") {
						assert.ok(existsSync(path.join(ROOT, rest.find((arg) => /\.[cm]?js$/.test(arg)) ?? "")), line);
					} else if (word === "npm") {
						if (rest[0] === "run") assert.ok(SCRIPTS.includes(rest[1]), line);
						else if (rest[0] === "start" && rest[1] === "--") {
							if (!/^[a-z]/.test(rest[2])) checkOptions("read", line);
						} else if (rest[0] === "start") run("simstrap read");
					} else if (word === "simstrap") {
						if (line.includes("/dev/") || rest[0] === "serve") checkOptions(rest[0], line);
						else run(line);
					}
				}
			});
		}
});

describe("examples", () => {
	it("the desktop's reads from `simstrap serve`", { timeout: 60_000 }, async (t) => {
		const [sample] = blocksOf("README.md", "js").filter(({ text }) => text.includes("simstrap/node"));
		mkdirSync(inside, { recursive: true });
		writeFileSync(path.join(inside, "sample.mjs"), sample.text);
		const link = path.join(inside, "modem");
		const server = spawn(process.execPath, [PROGRAM, "serve", "--link", link], { stdio: ["ignore", "pipe", "pipe"] });
		t.after(() => server.kill("SIGTERM"));
		let words = "";
		for (const stream of [server.stdout, server.stderr]) stream.on("data", (chunk) => (words += chunk));
		for (let n = 0; n < 100 && !existsSync(link) && server.exitCode === null; n++) {
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
		if (/not installed|cannot be opened|node-pty/.test(words)) return t.skip(words);
		const child = spawn(process.execPath, ["sample.mjs"], { cwd: inside });
		let printed = "";
		for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += chunk));
		const limit = setTimeout(() => child.kill("SIGKILL"), 30_000);
		await new Promise((resolve) => child.on("close", resolve));
		clearTimeout(limit);
		assert.equal(printed, "1 coaps://eu.iot.avsystem.cloud:5684\n");
	});

	for (const page of ["README.md", path.join("docs", "life.md")])
		it(`Moddable's compiles: ${page}`, () => {
			const [sample] = blocksOf(page, "ts");
			const config = path.join(ROOT, "hal", "moddable", "tsconfig.json");
			const { options } = ts.parseJsonConfigFileContent(
				ts.readConfigFile(config, ts.sys.readFile).config,
				ts.sys,
				path.dirname(config),
			);
			const file = path.join(ROOT, "hal", "moddable", "sample-of-the-readme.ts");
			const types = [...(options.types ?? []), "@moddable/typings/embedded_io/serial"];
			const settings = {
				...options,
				noUnusedParameters: false,
				types,
				paths: { ...options.paths, simstrap: ["./entry.ts"] },
			};
			const host = ts.createCompilerHost(settings);
			const { readFile, fileExists, getSourceFile } = host;
			host.fileExists = (name) => name === file || fileExists(name);
			host.readFile = (name) => (name === file ? sample.text : readFile(name));
			host.getSourceFile = (name, version, ...rest) =>
				name === file ? ts.createSourceFile(name, sample.text, version) : getSourceFile(name, version, ...rest);
			const program = ts.createProgram([file, path.join(ROOT, "hal", "moddable", "storage.d.ts")], settings, host);
			const words = ts.getPreEmitDiagnostics(program).map(({ messageText, start, file: at }) => {
				const place = at === undefined ? "" : `${path.relative(ROOT, at.fileName)}:${start}: `;
				return place + ts.flattenDiagnosticMessageText(messageText, "\n");
			});
			assert.deepEqual(words, []);
		});

	for (const name of ["README.md", "docs/espruino.md"])
		it(`${name}: Espruino's application gets what a board's ready file reads`, () => {
			const [sample] = blocksOf(name, "js").filter(({ text }) => text.includes("exports.simstrap"));
			const engine = power({});
			engine.storage.set("simapp", sample.text);
			engine.runFile("espruino/lilygo-t-a7670.js");
			engine.run(() => engine.prints.length > 0);
			assert.deepEqual(engine.uncaught, []);
			assert.match(engine.prints[0], /coaps:\/\/eu\.iot\.avsystem\.cloud:5684/);
		});

	it("Espruino's other examples are what its parser takes, and call what the modules export", () => {
		const samples = [...blocksOf("docs/espruino.md", "js"), ...blocksOf("hal/espruino/simstrap.md", "")];
		assert.ok(samples.length >= 5);
		const bundles = ["simstrap.espruino.js", "simstrap.espruino.secure.js"];
		const text = bundles.map((file) => readFileSync(path.join(ROOT, "dist", file), "utf8")).join("");
		for (const sample of samples) {
			const { diagnostics } = ts.transpileModule(sample.text, { reportDiagnostics: true });
			assert.deepEqual(diagnostics, []);
			for (const [, name] of sample.text.matchAll(/require\("sim\w+"\)\.(\w+)/g))
				assert.ok(text.includes(`exports.${name}=`) || name === "start", name);
		}
	});

	it("the manifest is JSON, and includes what is there", () => {
		for (const page of pages)
			for (const block of page.blocks.filter(({ language }) => language === "json")) JSON.parse(block.text);
		assert.ok(existsSync(path.join(ROOT, "manifest.json")));
	});
});
