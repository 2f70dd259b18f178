// Every result, step and fault of the core has its words.

import assert from "node:assert/strict";
import { it } from "node:test";
import { ACCOUNT_FAULTS } from "../../cli/account-faults.js";
import { MESSAGES, STEPS } from "../../cli/messages.js";
import { statusName } from "../../cli/status-words.js";
import * as accounts from "../../src/accounts.js";
import * as codes from "../../src/codes.js";
import * as steps from "../../src/steps.js";

it("has a sentence, a hint and its name for every code", () => {
	for (const [name, code] of Object.entries(codes)) {
		const message = MESSAGES[code];
		assert.ok(message !== undefined, name);
		assert.equal(message.name, name);
		assert.ok(message.sentence.length > 3, name);
		assert.ok(code === codes.OK || message.hint.length > 3, name);
	}
	assert.equal(Object.keys(MESSAGES).length, Object.keys(codes).length);
});

it("maps results to exit codes", () => {
	const exits = (wanted: number) =>
		Object.values(codes)
			.filter((code) => MESSAGES[code].exit === wanted)
			.sort((a, b) => b - a);
	assert.deepEqual(exits(0), [codes.OK]);
	assert.deepEqual(exits(3), [
		codes.SIM_ABSENT,
		codes.NO_APPLICATION,
		codes.NO_OBJECT,
		codes.FILE_MISSING,
		codes.NO_DATA,
	]);
	assert.deepEqual(exits(4), [codes.OUT_OF_TIME]);
	assert.deepEqual(exits(130), [codes.ABORTED]);
});

it("has words for every step and every fault of an account", () => {
	for (const [name, step] of Object.entries(steps)) assert.ok(STEPS[step] !== undefined, name);
	for (const [name, value] of Object.entries(accounts)) {
		if (name.startsWith("ACCOUNT_")) assert.ok(ACCOUNT_FAULTS[value as number] !== undefined, name);
	}
});

it("has a name for every status word that cards are known to answer", () => {
	const known =
		"9000 910B 9200 9300 6120 6C20 6200 6281 6282 6283 6284 62F1 62F2 62F3 63F1 63F2 63C2 6400 6500 6581 6700 6881 6882 " +
		"6981 6982 6983 6984 6985 6986 6989 6A80 6A81 6A82 6A83 6A84 6A86 6A87 6A88 6B00 6D00 6E00 6F00 6F12 9850 9862 9863 " +
		"9864 9F10 9404";
	for (const sw of known.split(" ")) assert.notEqual(statusName(Number.parseInt(sw, 16)), "unknown status word", sw);
	assert.equal(statusName(0x6c00), "wrong length, 256 bytes would be right");
	assert.equal(statusName(0x63c1), "wrong PIN, 1 tries left");
});
