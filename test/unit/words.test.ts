// src/words.ts: the list by which lines are recognised.

import assert from "node:assert/strict";
import test from "node:test";
import * as wordList from "../../src/words.js";
import { Words } from "../../src/words.js";
import { ascii } from "./tools.js";

const RESPONSES: [number, string][] = [
	[wordList.CME_ERROR_WORD, "+CME ERROR:"],
	[wordList.CMEE_WORD, "+CMEE:"],
	[wordList.CMS_ERROR_WORD, "+CMS ERROR:"],
	[wordList.CPIN_WORD, "+CPIN:"],
	[wordList.CSIM_WORD, "+CSIM:"],
	[wordList.CFUN_WORD, "+CFUN:"],
	[wordList.KSUP_WORD, "+KSUP:"],
	[wordList.SYSSTART_WORD, "+SYSSTART"],
	[wordList.NUMERIC_OK_WORD, "0"],
	[wordList.NUMERIC_ERROR_WORD, "4"],
	[wordList.APP_RDY_WORD, "APP RDY"],
	[wordList.ERROR_WORD, "ERROR"],
	[wordList.NOT_INSERTED_WORD, "NOT INSERTED"],
	[wordList.NOT_READY_WORD, "NOT READY"],
	[wordList.OK_WORD, "OK"],
	[wordList.RDY_WORD, "RDY"],
	[wordList.READY_WORD, "READY"],
	[wordList.SIM_PIN_WORD, "SIM PIN"],
	[wordList.SIM_PIN_REQUIRED_WORD, "SIM PIN required"],
	[wordList.SIM_PUK_WORD, "SIM PUK"],
	[wordList.SIM_PUK_REQUIRED_WORD, "SIM PUK required"],
	[wordList.SIM_BUSY_WORD, "SIM busy"],
	[wordList.SIM_FAILURE_WORD, "SIM failure"],
	[wordList.SIM_NOT_INSERTED_WORD, "SIM not inserted"],
	[wordList.SIM_WRONG_WORD, "SIM wrong"],
];
const COMMANDS: [number, string][] = [
	[wordList.ATE0V1, "ATE0V1\r"],
	[wordList.AT_CMEE_1, "AT+CMEE=1\r"],
	[wordList.AT_CMEE_QUERY, "AT+CMEE?\r"],
	[wordList.AT_CPIN_QUERY, "AT+CPIN?\r"],
	[wordList.AT_CSIM, "AT+CSIM="],
	[wordList.AT_ALONE, "AT\r"],
	[wordList.AT_CEREG_0, "AT+CEREG=0\r"],
	[wordList.AT_CFUN_QUERY, "AT+CFUN?\r"],
	[wordList.AT_CFUN_1, "AT+CFUN=1\r"],
	[wordList.AT_CSIMSLEEP_0, "AT+CSIMSLEEP=0\r"],
	[wordList.AT_CSIMSLEEP_1, "AT+CSIMSLEEP=1\r"],
];

/** A word or command, by its place. */
function wordAt(words: Words, place: number): string {
	words.find(place);
	return String.fromCharCode(...words.bytes.subarray(words.from, words.to));
}

/** Whether a list takes this text as a whole word, and which: the place, or -1. */
function placeOf(text: string): number {
	const found = RESPONSES.find((entry) => entry[1] === text);
	return found === undefined ? -1 : found[0];
}

/** What a new list says of a text: its word, -1 when the text is no word but could become one, -2 when it cannot. */
function recognise(words: Words, text: string): number {
	words.reset();
	for (const character of ascii(text)) if (!words.take(character)) return -2;
	return words.whole();
}

test("each constant is the place of its word, each place is taken once, and the responses stand before the commands", () => {
	const words = new Words();
	const all = RESPONSES.concat(COMMANDS);
	for (const [place, word] of all) assert.equal(wordAt(words, place), word);
	const places = all.map((entry) => entry[0]).sort((a, b) => a - b);
	assert.deepEqual(
		places,
		all.map((_, i) => i),
	);
	assert.equal(Math.min(...COMMANDS.map((command) => command[0])), RESPONSES.length);
});

test("every word is recognised, every prefix of it is not yet one, and nothing goes on behind it but a longer word", () => {
	const words = new Words();
	const texts = RESPONSES.map((entry) => entry[1]);
	for (const [place, word] of RESPONSES) {
		assert.equal(recognise(words, word), place);
		for (let n = 1; n < word.length; n++) {
			assert.equal(recognise(words, word.slice(0, n)), placeOf(word.slice(0, n)));
		}
		for (let next = 0; next < 256; next++) {
			if (next === 10) continue;
			const longer = word + String.fromCharCode(next);
			const begun = texts.some((text) => text.startsWith(longer));
			assert.equal(recognise(words, longer), begun ? placeOf(longer) : -2, JSON.stringify(longer));
		}
	}
});

test("every other character in any place of a word makes it none, or leads to a neighbour", () => {
	const words = new Words();
	const texts = RESPONSES.map((entry) => entry[1]);
	for (const word of texts) {
		for (let n = 0; n < word.length; n++) {
			for (let other = 0; other < 256; other++) {
				if (other === 10) continue;
				const text = word.slice(0, n) + String.fromCharCode(other);
				const begun = texts.some((known) => known.startsWith(text));
				assert.equal(recognise(words, text), begun ? placeOf(text) : -2, JSON.stringify(text));
			}
		}
	}
});

test("a command is not a response", () => {
	const words = new Words();
	for (const [, command] of COMMANDS) assert.equal(recognise(words, command), -2);
});

test("nothing taken is no word", () => {
	const words = new Words();
	words.reset();
	assert.equal(words.empty, true);
	assert.equal(words.whole(), -1);
	words.take(79);
	assert.equal(words.empty, false);
});
