// The symbolic link that `serve` makes to its pseudo-terminal. Nothing is ever overwritten but a link that an earlier `serve`
// left behind.

import { existsSync, lstatSync, readlinkSync, symlinkSync, unlinkSync } from "node:fs";

/** Where pseudo-terminals are. */
const TERMINAL = /^\/dev\/(pts\/\d+|ttys\w+)$/;

/** Null when it is not a symbolic link. */
function targetOf(path: string): string | null {
	try {
		return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
	} catch {
		return null;
	}
}

function exists(path: string): boolean {
	try {
		lstatSync(path);
		return true;
	} catch {
		return false;
	}
}

/**
 * Makes `path` a link to `target`.
 *
 * @throws Error with a sentence for people, or of the operating system
 */
export function makeLink(path: string, target: string): void {
	if (exists(path)) {
		const old = targetOf(path);
		if (old === null || !TERMINAL.test(old)) throw new Error("there is something else already; choose another name");
		if (existsSync(path) && old !== target) {
			throw new Error(`it is the link to ${old}, which is in use; end the other serve, or choose another name`);
		}
		unlinkSync(path);
	}
	symlinkSync(target, path);
}

/** Removes the link if it is still the one that was made. */
export function removeLink(path: string, target: string): void {
	try {
		if (targetOf(path) === target) unlinkSync(path);
	} catch {
		// Somebody else has removed it.
	}
}
