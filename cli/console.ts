// Standard output and standard error, for a person or for a program. A reader that goes away early (EPIPE) ends the writing, not the
// program.

import type { Writable } from "node:stream";
import { type Paint, paintFor } from "./paint.js";
import { wrap } from "./wrap.js";

/** Faster than this nobody reads a status line. */
const STATUS_MS = 50;
/** Lines for a person are no longer. */
const WIDTH_MAX = 100;
const WIDTH_LEAST = 20;
/** Of a terminal that does not tell, as one in a script or on a serial console. */
const WIDTH_USUAL = 80;

function widthOf(stream: NodeJS.WriteStream): number {
	return stream.columns > 0 ? stream.columns : WIDTH_USUAL;
}

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
	/** Whether a person watches standard error. */
	readonly watched: boolean = process.stderr.isTTY === true;
	/** The colours of standard output and of standard error. */
	readonly paint: Paint = paintFor(process.stdout, process.env);
	readonly notePaint: Paint = paintFor(process.stderr, process.env);
	private readonly out = new Sink(process.stdout);
	private readonly err = new Sink(process.stderr);
	private status = "";
	private statusTime = Number.NEGATIVE_INFINITY;

	/** Characters in a line of standard output; Infinity where it is no terminal. */
	get width(): number {
		return process.stdout.isTTY === true ? widthOf(process.stdout) : Number.POSITIVE_INFINITY;
	}

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

	/**
	 * What went wrong, and what to try: one sentence, which a person at a terminal sees on lines of their own.
	 *
	 * @param problem the sentence without its end
	 * @param hint its end; "" for none
	 */
	complain(problem: string, hint = ""): void {
		const { watched, notePaint: paint } = this;
		if (!watched) {
			this.note(`simstrap: ${problem}${hint === "" ? "" : `; ${hint}`}.`);
			return;
		}
		const width = Math.max(WIDTH_LEAST, Math.min(WIDTH_MAX, widthOf(process.stderr)));
		const [first, ...rest] = wrap(`simstrap: ${problem}.`, 0, width).split("\n");
		this.note([first.replace("simstrap:", paint.bad("simstrap:")), ...rest].join("\n"));
		if (hint !== "") this.note(wrap(`hint: ${hint}.`, 2, width).replace("hint:", paint.warn("hint:")));
	}

	/** Something that is not quite right. */
	warn(text: string): void {
		this.note(`${this.notePaint.warn("warning:")} ${text}`);
	}

	/** A line that the next one replaces; only where a person sees it. */
	showStatus(text: string): void {
		const time = performance.now();
		// A line that is broken could not be replaced.
		const line = text.slice(0, widthOf(process.stderr) - 1);
		if (!this.watched || line === this.status || time - this.statusTime < STATUS_MS) return;
		this.status = line;
		this.statusTime = time;
		this.err.write(`\r${this.notePaint.faint(line)}\x1b[K`);
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
