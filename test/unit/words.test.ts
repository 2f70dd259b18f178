// src/words.ts: the list by which lines are recognised.

import assert from "node:assert/strict";
import test from "node:test";
import { WordCursor } from "../../src/word-cursor.js";
import * as wordList from "../../src/words.js";
import { Words } from "../../src/words.js";
import { ascii } from "./tools.js";

/** The exported places by their names. */
const PLACES = Object.entries<unknown>(wordList).filter((entry): entry is [string, number] => {
	return entry[0].endsWith("_WORD") || entry[0].startsWith("AT");
});
/** Names that do not spell their word. */
const NAMED_OTHERWISE: { [name: string]: string } = { NUMERIC_OK_WORD: "0", NUMERIC_ERROR_WORD: "4", AT_ALONE: "AT\r" };

/** A word or command, by its place. */
function wordAt(place: number): string {
	const words = new Words();
	words.find(place);
	return String.fromCharCode(...words.bytes.subarray(words.from, words.to));
}

/** The responses are all that stands before the first command. */
const COUNT = Math.min(...PLACES.filter(([name]) => name.startsWith("AT")).map(([, place]) => place));
const RESPONSES = Array.from({ length: COUNT }, (_, place) => wordAt(place));

/** What a new list says of a text: its word, -1 when the text is no word but could become one, -2 when it cannot. */
function recognise(words: WordCursor, text: string): number {
	words.reset();
	for (const character of ascii(text)) if (!words.take(character)) return -2;
	return words.whole();
}

test("each constant is the place of the word that its name spells, and no place has two names", () => {
	for (const [name, place] of PLACES) {
		const word = wordAt(place);
		const spelt = word
			.replace("?", "QUERY")
			.replaceAll(/[^A-Za-z0-9]/g, "")
			.toUpperCase();
		if (name in NAMED_OTHERWISE) assert.equal(word, NAMED_OTHERWISE[name], name);
		else assert.equal(spelt, name.replace(/_WORD$/, "").replaceAll("_", ""), name);
	}
	assert.equal(new Set(PLACES.map(([, place]) => place)).size, PLACES.length);
});

test("the responses stand before the commands, and there are none twice", () => {
	for (const [name, place] of PLACES) assert.equal(place < COUNT, name.endsWith("_WORD"), name);
	assert.equal(new Set(RESPONSES).size, COUNT);
	assert.ok(RESPONSES.includes("OK") && RESPONSES.includes("+CME ERROR:"));
});

test("commands end with CR unless something follows", () => {
	for (const [name, place] of PLACES) if (place >= COUNT) assert.match(wordAt(place), /^AT[ -~]*[\r=]$/, name);
});

test("every word is recognised, every prefix of it is not yet one, and nothing goes on behind it but a longer word", () => {
	const words = new WordCursor(new Words());
	for (const [place, word] of RESPONSES.entries()) {
		assert.equal(recognise(words, word), place);
		for (let n = 1; n < word.length; n++) {
			assert.equal(recognise(words, word.slice(0, n)), RESPONSES.indexOf(word.slice(0, n)));
		}
		for (let next = 0; next < 256; next++) {
			if (next === 10) continue;
			const longer = word + String.fromCharCode(next);
			const begun = RESPONSES.some((text) => text.startsWith(longer));
			assert.equal(recognise(words, longer), begun ? RESPONSES.indexOf(longer) : -2, JSON.stringify(longer));
		}
	}
});

test("every other character in any place of a word makes it none, or leads to a neighbour", () => {
	const words = new WordCursor(new Words());
	for (const word of RESPONSES) {
		for (let n = 0; n < word.length; n++) {
			for (let other = 0; other < 256; other++) {
				if (other === 10) continue;
				const text = word.slice(0, n) + String.fromCharCode(other);
				const begun = RESPONSES.some((known) => known.startsWith(text));
				assert.equal(recognise(words, text), begun ? RESPONSES.indexOf(text) : -2, JSON.stringify(text));
			}
		}
	}
});

test("a command is not a response", () => {
	const words = new WordCursor(new Words());
	for (const [, place] of PLACES) if (place >= COUNT) assert.equal(recognise(words, wordAt(place)), -2);
});

test("nothing taken is no word", () => {
	const words = new WordCursor(new Words());
	words.reset();
	assert.equal(words.whole(), -1);
});

/** The word that a whole line is, or begins with, behind `before` characters of something else. */
function matched(line: string, before = 0): { word: number; behind: number } {
	const words = new Words();
	const text = ascii("#".repeat(before) + line);
	const word = words.match(text, before, text.length);
	return { word, behind: words.end - before };
}

test("a whole line is the word that it consists of, or begins with up to its colon", () => {
	for (const [place, word] of RESPONSES.entries()) {
		for (const before of [0, 1, 32]) {
			assert.deepEqual(matched(word, before), { word: place, behind: word.length }, word);
			if (word.endsWith(":"))
				assert.deepEqual(matched(`${word} x`, before), { word: place, behind: word.length }, word);
			else assert.equal(matched(`${word} x`, before).word, -1, word);
			assert.equal(matched(`x${word}`, before).word, -1, word);
			for (let n = 0; n < word.length; n++) {
				const begun = word.slice(0, n);
				assert.equal(matched(begun, before).word, RESPONSES.indexOf(begun), begun);
			}
		}
	}
});
