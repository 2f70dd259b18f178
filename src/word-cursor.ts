// A line recognised character by character while it arrives: where in the word list it is, and nothing else, has to be remembered.

import { RESPONSE_COUNT, type Words } from "./words.js";

export class WordCursor {
	/** The word list's bytes: before each word stands its length. */
	readonly bytes: Uint8Array;
	/** The word that matches so far, where it begins, and how many of its characters have come. */
	private word: number;
	at: number;
	depth: number;

	constructor(words: Words) {
		this.bytes = words.bytes;
		this.word = 0;
		this.at = 1;
		this.depth = 0;
	}

	/** Begins with a new line. */
	reset(): void {
		this.word = 0;
		this.at = 1;
		this.depth = 0;
	}

	/** Takes the next character. False when no response of the list begins like this; it is not called again then before `reset`. */
	take(character: number): boolean {
		const bytes = this.bytes;
		const depth = this.depth;
		const at = this.at;
		let next = at;
		for (let word = this.word; word < RESPONSE_COUNT; word++) {
			// A word that was passed over can never match again, since what has come only grows.
			if (bytes[next + depth] === character && depth < bytes[next - 1] && this.alike(at, next)) {
				this.at = next;
				this.word = word;
				this.depth = depth + 1;
				return true;
			}
			next += bytes[next - 1] + 1;
		}
		return false;
	}

	/** The word that ends just here, or -1. */
	whole(): number {
		return this.depth === this.bytes[this.at - 1] ? this.word : -1;
	}

	/** Whether two words begin with the same characters, as far as they have come. */
	private alike(at: number, next: number): boolean {
		for (let i = 0; i < this.depth; i++) if (this.bytes[next + i] !== this.bytes[at + i]) return false;
		return true;
	}
}
