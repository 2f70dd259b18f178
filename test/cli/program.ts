// Runs the program as it was built, as a child process, and `simstrap serve` beside it.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

/** Run from build/test/cli/. */
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const PROGRAM = path.join(ROOT, "dist", "cli", "simstrap.js");

/** Why tests that need these optional packages are skipped; false when they are all there. */
export function missing(...names: readonly string[]): string | false {
	const { resolve } = createRequire(import.meta.url);
	const absent = names.filter((name) => {
		try {
			resolve(name);
			return false;
		} catch {
			return true;
		}
	});
	return absent.length === 0 ? false : `not installed: ${absent.join(", ")}`;
}

/** The key of the sample file. */
export const KEY = "3x@mpl3P5K53cr3tK3y";
export const KEY_HEX = Buffer.from(KEY).toString("hex").toUpperCase();

const folder = mkdtempSync(path.join(tmpdir(), "simstrap-test-"));
const children = new Set<ChildProcess>();
let names = 0;

after(() => {
	for (const child of children) child.kill("SIGKILL");
	rmSync(folder, { recursive: true, force: true });
});

/** A path that nothing is at, in a folder that is removed after the tests. */
export function freshPath(name: string): string {
	names += 1;
	return path.join(folder, `${names}-${name}`);
}

export interface Result {
	code: number | null;
	stdout: Buffer;
	stderr: string;
}

/** A program that runs. */
export class Running {
	readonly child: ChildProcess;
	readonly ended: Promise<Result>;
	stderr = "";
	private out: Buffer[] = [];
	private watchers: (() => void)[] = [];

	constructor(args: readonly string[]) {
		this.child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "pipe", "pipe"] });
		children.add(this.child);
		this.child.stdout?.on("data", (chunk: Buffer) => {
			this.out.push(chunk);
			for (const watcher of this.watchers) watcher();
		});
		this.child.stderr?.on("data", (chunk: Buffer) => {
			this.stderr += chunk.toString("latin1");
			for (const watcher of this.watchers) watcher();
		});
		this.ended = new Promise((resolve) => {
			this.child.on("close", (code) => {
				children.delete(this.child);
				resolve({ code, stdout: this.stdout, stderr: this.stderr });
				for (const watcher of this.watchers) watcher();
			});
		});
	}

	get stdout(): Buffer {
		return Buffer.concat(this.out);
	}

	/** Waits until standard output or standard error holds a text; or the program has ended. */
	until(text: string): Promise<boolean> {
		return new Promise((resolve) => {
			const look = (): void => {
				if (this.stderr.includes(text) || this.stdout.includes(text)) resolve(true);
				else if (!children.has(this.child)) resolve(false);
			};
			this.watchers.push(look);
			look();
		});
	}
}

export function run(...args: string[]): Promise<Result> {
	return new Running(args).ended;
}

export interface Server {
	link: string;
	process: Running;
	/** The pseudo-terminal behind the link. */
	terminal(): string;
	stop(): Promise<Result>;
}

/** Starts `simstrap serve`. */
export async function serve(...args: string[]): Promise<Server> {
	const link = freshPath("modem");
	const process = new Running(["serve", "--link", link, ...args]);
	if (!(await process.until("ready: "))) throw new Error(`serve did not start: ${process.stderr}`);
	return {
		link,
		process,
		terminal: () => readlinkSync(link),
		stop() {
			process.child.kill("SIGTERM");
			return process.ended;
		},
	};
}
