// A pseudo-terminal in raw mode, through the optional package `@lydell/node-pty`: bytes go through it as they are, in both
// directions, and it stays while programs on its other side come and go.

import { spawnSync } from "node:child_process";
import type { ReadStream } from "node:tty";

/** The part of the package that is used here: type checking must do without an optional package. */
interface PtyModule {
	open(options: { encoding: null }): {
		readonly master: ReadStream;
		readonly slave: ReadStream;
		readonly ptsName?: string;
	};
}

export class Pty {
	/** What other programs open. */
	readonly path: string;
	private readonly master: ReadStream;

	constructor(path: string, master: ReadStream, receive: (bytes: Uint8Array) => void) {
		this.path = path;
		this.master = master;
		master.on("data", receive);
	}

	write(bytes: Uint8Array): void {
		this.master.write(bytes);
	}
}

/** True raw mode: the terminal of Node's own leaves a translation of line ends. */
function makeRaw(path: string, slave: ReadStream): void {
	slave.setRawMode(true);
	spawnSync("stty", [process.platform === "linux" ? "-F" : "-f", path, "raw", "-echo"], { stdio: "ignore" });
}

/**
 * @param receive takes what other programs write
 * @throws Error with a sentence for people
 */
export async function openPty(receive: (bytes: Uint8Array) => void): Promise<Pty> {
	// A name that no type checker follows.
	const name: string = "@lydell/node-pty";
	let module: PtyModule;
	try {
		const loaded = await import(name);
		module = loaded.default ?? loaded;
	} catch {
		throw new Error('the package "@lydell/node-pty" is not installed; install it with "npm install @lydell/node-pty"');
	}
	const terminal = module.open({ encoding: null });
	// The other side is kept open, so that it does not hang up between two programs, but what goes there is not for us.
	terminal.slave.pause();
	const path = terminal.ptsName;
	if (path === undefined) throw new Error("the operating system gave a pseudo-terminal without a name");
	makeRaw(path, terminal.slave);
	return new Pty(path, terminal.master, receive);
}
