// Standard output and standard error. A reader that goes away early (EPIPE) ends the writing, not the program.

import type { Writable } from "node:stream";

/** Faster than this nobody reads a status line. */
const STATUS_MS = 50;

class Sink {
	/** What went wrong with it; null while all is well. */
	error: Error | null = null;
	private readonly stream: Writable;

	constructor(stream: Writable) {
		this.stream = stream;
		stream.on("error", (error) => {
			this.error ??= error;
		});
	}

	write(data: string | Uint8Array): void {
		if (this.error === null) this.stream.write(data);
	}

	/** Until all of it is with the operating system, or cannot be. */
	flush(): Promise<void> {
		return new Promise((resolve) => {
			if (this.error !== null) {
				resolve();
				return;
			}
			this.stream.once("close", resolve);
			this.stream.once("error", () => resolve());
			this.stream.write("", () => resolve());
		});
	}
}

export class Console {
	private readonly out = new Sink(process.stdout);
	private readonly err = new Sink(process.stderr);
	/** Whether a person watches standard error. */
	readonly watched: boolean = process.stderr.isTTY === true;
	private status = "";
	private statusTime = Number.NEGATIVE_INFINITY;

	/** Results. */
	print(text: string): void {
		this.clearStatus();
		this.out.write(text + "\n");
	}

	/** Results as bytes. */
	printBytes(bytes: Uint8Array): void {
		this.out.write(bytes);
	}

	/** Everything else. */
	note(text: string): void {
		this.clearStatus();
		this.err.write(text + "\n");
	}

	/** A line that the next one replaces; only where a person sees it. */
	showStatus(text: string): void {
		const time = performance.now();
		if (!this.watched || text === this.status || time - this.statusTime < STATUS_MS) return;
		this.status = text;
		this.statusTime = time;
		this.err.write(`\r${text}\x1b[K`);
	}

	clearStatus(): void {
		if (this.status === "") return;
		this.status = "";
		this.err.write("\r\x1b[K");
	}

	/** Why standard output took no more; null when all is well. */
	get printError(): Error | null {
		return this.out.error;
	}

	async flush(): Promise<void> {
		this.clearStatus();
		await this.out.flush();
		await this.err.flush();
	}
}
