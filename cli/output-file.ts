// The file that `-o` writes: complete or not at all, and readable by its owner only, since there are keys in it.

import { randomBytes } from "node:crypto";
import {
	closeSync,
	fchmodSync,
	fsyncSync,
	openSync,
	realpathSync,
	renameSync,
	type Stats,
	statSync,
	unlinkSync,
	writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

const OWNER_ONLY = 0o600;

/** Null when there is nothing at `path`. */
function statOf(path: string): Stats | null {
	try {
		return statSync(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
		throw error;
	}
}

export class OutputFile {
	private readonly target: string;
	/** Written first and renamed at the end; null for a pipe or a device, which is written as it is. */
	private readonly temporary: string | null;
	private fd: number;

	/**
	 * Makes sure, before anything else is done, that the file can be written.
	 *
	 * @throws Error of the operating system
	 */
	constructor(path: string) {
		const stat = statOf(path);
		if (stat !== null && stat.isDirectory()) throw new Error("it is a directory");
		if (stat !== null && !stat.isFile()) {
			this.target = path;
			this.temporary = null;
			this.fd = openSync(path, "w");
			return;
		}
		// A symbolic link stays one.
		this.target = stat === null ? path : realpathSync(path);
		const name = `.${basename(this.target)}.${randomBytes(6).toString("hex")}.tmp`;
		this.temporary = join(dirname(this.target), name);
		this.fd = openSync(this.temporary, "wx", OWNER_ONLY);
		fchmodSync(this.fd, OWNER_ONLY);
	}

	/**
	 * Writes the file and puts it in its place.
	 *
	 * @throws Error of the operating system
	 */
	commit(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at);
		if (this.temporary !== null) fsyncSync(this.fd);
		closeSync(this.fd);
		this.fd = -1;
		if (this.temporary !== null) renameSync(this.temporary, this.target);
	}

	/** Leaves everything as it was before. */
	discard(): void {
		try {
			if (this.fd >= 0) closeSync(this.fd);
			this.fd = -1;
			if (this.temporary !== null) unlinkSync(this.temporary);
		} catch {
			// What cannot be removed stays; the failure that led here is told already.
		}
	}
}

/** What the operating system says, without the code, the call and the path around it. */
export function systemWords(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	if ((error as NodeJS.ErrnoException).code === "EISDIR") return "it is a directory";
	return error.message.replace(/^E[A-Z0-9]+: /, "").replace(/, [a-z]+( '.*')?$/s, "");
}
