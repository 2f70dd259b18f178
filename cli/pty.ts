// A pseudo-terminal in raw mode, through the optional package `@lydell/node-pty`: bytes go through it as they are, in both
// directions, and it stays while programs on its other side come and go.

import { spawnSync } from "node:child_process";
import { constants, openSync } from "node:fs";
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

/** True raw mode: that of Node's own, for want of better, leaves a translation of line ends. */
function makeRaw(path: string, slave: ReadStream): void {
	const device = process.platform === "linux" ? "-F" : "-f";
	const done = spawnSync("stty", [device, path, "raw", "-echo"], { stdio: "ignore" });
	if (done.status !== 0) slave.setRawMode(true);
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
	const path = terminal.ptsName;
	if (path === undefined) throw new Error("the operating system gave a pseudo-terminal without a name");
	makeRaw(path, terminal.slave);
	// The other side is kept open, so that it does not hang up between two programs; but not by the stream that comes with it,
	// which would read what is meant for them.
	openSync(path, constants.O_RDWR | constants.O_NOCTTY);
	terminal.slave.destroy();
	return new Pty(path, terminal.master, receive);
}
