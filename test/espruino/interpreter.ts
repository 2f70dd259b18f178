// Runs scripts in a real Espruino, as a build for Linux, where ESPRUINO_BIN names one.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const BIN = process.env.ESPRUINO_BIN;
/** What a script prints for the test begins with this; the banner and the prompt do not. */
const MARK = "@";
/** Storage takes a file in pieces; a line of a script is not longer than this either. */
const PIECE_CHARS = 1000;

/** Why nothing can be run; false when it can. */
export function skipReason(): string | false {
	if (!BIN)
		return "SKIPPED: ESPRUINO_BIN does not name an Espruino interpreter, so the bundle was not run in a real one";
	return existsSync(BIN) ? false : `SKIPPED: ESPRUINO_BIN names ${BIN}, and there is no such file`;
}

/** 2v29 and before; repaired in build 96 after it. */
export function losesBursts(version: string): boolean {
	const [release, build] = version.slice(2).split(".").map(Number);
	return release < 29 || (release === 29 && !(build >= 96));
}

export class Interpreter {
	/** The interpreter keeps its flash in the folder that it is started in. */
	private readonly folder = mkdtempSync(path.join(tmpdir(), "simstrap-espruino-"));

	close(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}

	/** Writes a file to Storage, and reads it back. */
	async store(name: string, text: string): Promise<void> {
		let script = 'var s = require("Storage");\n';
		for (let at = 0; at < text.length; at += PIECE_CHARS)
			script += `s.write(${JSON.stringify(name)}, ${JSON.stringify(text.slice(at, at + PIECE_CHARS))}, ${at}, ${text.length});\n`;
		script += `print("${MARK}" + s.read(${JSON.stringify(name)}).length); quit();\n`;
		const [length] = await this.run(script);
		if (Number(length) !== text.length) throw new Error(`${name}: ${length} of ${text.length} bytes are in Storage`);
	}

	/** Runs a script until it calls quit(), and gives what it has printed with the mark. */
	run(script: string, limitMs = 30000): Promise<string[]> {
		const file = path.join(this.folder, "script.js");
		writeFileSync(file, script, "latin1");
		return new Promise((resolve, reject) => {
			// Standard input stays open: its end would count as endless input.
			const child = spawn(BIN as string, [file], { cwd: this.folder, stdio: ["pipe", "pipe", "inherit"] });
			let text = "";
			const timer = setTimeout(() => {
				child.kill("SIGKILL");
				reject(new Error(`it did not end within ${limitMs} ms; its last words: ${text.slice(-500)}`));
			}, limitMs);
			child.stdout.setEncoding("latin1").on("data", (chunk: string) => {
				text += chunk;
			});
			child.on("error", reject);
			child.on("close", () => {
				clearTimeout(timer);
				const lines = text.split("\n").map((line) => line.trim());
				const wrong = lines.find((line) => line.startsWith("Uncaught") && !line.includes("expected here"));
				if (wrong !== undefined && !text.includes(MARK)) reject(new Error(`${wrong}: ${text.slice(-300)}`));
				const marked = lines.map((line) => line.indexOf(MARK)).map((at, n) => (at < 0 ? "" : lines[n].slice(at + 1)));
				resolve(marked.filter((line) => line !== ""));
			});
		});
	}
}
