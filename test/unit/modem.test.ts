// src/modem.ts: the bring-up of a modem that is on, against modems that are a few lines of script each.

import assert from "node:assert/strict";
import test from "node:test";
import { At, Hex, Modem, OK, WAIT } from "../../src/index.js";
import { ascii, nameOf } from "./tools.js";

/** What a modem says to command line number `index`, null for nothing. */
type Script = (line: string, index: number) => string | null;

interface Outcome {
	name: string;
	now: number;
	lines: string[];
	cme: number;
}

const READY = "\r\n+CPIN: READY\r\n\r\nOK\r\n";
const DONE = "\r\nOK\r\n";

/** Runs the bring-up, or the part of it that is begun, against a script; answers come at once. */
function bringUp(script: Script, limitMs = 2000, begin = (modem: Modem) => modem.start()): Outcome {
	const lines: string[] = [];
	let text = "";
	let answer = "";
	const port = {
		write: (bytes: Uint8Array, from: number, to: number): number => {
			text += String.fromCharCode(...bytes.subarray(from, to));
			for (;;) {
				const end = text.indexOf("\r");
				if (end < 0) return to - from;
				const line = text.slice(0, end);
				text = text.slice(end + 1);
				answer += script(line, lines.length) ?? "";
				lines.push(line);
			}
		},
	};
	const at = new At(port, new Hex(), 100);
	const modem = new Modem(at, limitMs);
	begin(modem);
	let now = 0;
	for (let i = 0; i < 10000; i++) {
		const code = modem.poll(now);
		if (code !== WAIT) return { name: nameOf(code), now, lines, cme: at.cme };
		if (answer !== "") {
			const bytes = ascii(answer);
			answer = "";
			if (!at.receive(bytes, bytes.length)) now = Math.max(now, Math.min(modem.wakeAt, now + 10));
		} else now = Math.max(now + 1, modem.wakeAt);
	}
	assert.fail("it hangs");
}

/** A modem that answers OK, and this to AT+CPIN?. */
function withPin(...answers: string[]): Outcome {
	let asked = 0;
	return bringUp((line) => (line === "AT+CPIN?" ? answers[Math.min(asked++, answers.length - 1)] : DONE));
}

test("a plain modem takes three commands", () => {
	const outcome = withPin(READY);
	assert.equal(outcome.name, "OK");
	assert.deepEqual(outcome.lines, ["ATE0V1", "AT+CMEE=1", "AT+CPIN?"]);
	assert.ok(outcome.now < 50);
});

test("echo and numeric results are understood until ATE0V1 is answered", () => {
	const outcome = bringUp((line) => (line === "ATE0V1" ? "ATE0V1\r0\r" : line === "AT+CPIN?" ? READY : DONE));
	assert.equal(outcome.name, "OK");
});

test("ATE0V1 is sent again until it is answered", () => {
	const outcome = bringUp((line, index) => {
		if (index < 6) return null;
		if (line === "AT+CMEE?") return "\r\n+CMEE: 1\r\n\r\nOK\r\n";
		return line === "AT+CPIN?" ? READY : DONE;
	});
	assert.equal(outcome.name, "OK");
	assert.deepEqual(outcome.lines.slice(0, 8), new Array(7).fill("ATE0V1").concat("AT+CMEE?"));
	assert.ok(outcome.now >= 3000 && outcome.now < 5000);
});

test("a modem that answers ERROR while it starts is asked again at leisure", () => {
	const outcome = bringUp((line, index) => {
		if (index < 4) return index % 2 === 0 ? "\r\nERROR\r\n" : "4\r";
		if (line === "AT+CMEE?") return "\r\n+CMEE: 1\r\n\r\nOK\r\n";
		return line === "AT+CPIN?" ? READY : DONE;
	});
	assert.equal(outcome.name, "OK");
	assert.ok(outcome.now >= 2000);
	assert.equal(bringUp(() => "\r\nERROR\r\n").name, "COMMAND_ERROR");
	assert.equal(bringUp(() => null).name, "MODEM_SILENT");
});

test("a modem without +CMEE has the rest", () => {
	const errors = (line: string) => (line.startsWith("AT+CMEE") ? "\r\nERROR\r\n" : line === "AT+CPIN?" ? READY : DONE);
	assert.equal(bringUp(errors).name, "OK");
	assert.equal(
		bringUp((line, index) => (index === 0 ? null : errors(line))).name,
		"OK",
		"though it was slow to answer",
	);
});

test("what +CPIN says of the SIM is the result", () => {
	const say = (text: string) => `\r\n+CPIN: ${text}\r\n\r\nOK\r\n`;
	assert.equal(withPin(say("SIM PIN")).name, "SIM_PIN_REQUIRED");
	assert.equal(withPin(say("SIM PUK")).name, "SIM_PUK_REQUIRED");
	assert.equal(withPin(say("NOT INSERTED")).name, "SIM_ABSENT");
	assert.equal(withPin(say("PH-NET PIN")).name, "SIM_LOCKED");
	assert.equal(withPin(say("PH-SIM PIN")).name, "SIM_LOCKED");
	assert.equal(withPin("\r\n+CPIN: READY\r\nOK\r\n").name, "OK");
	assert.equal(withPin("\r\n+CPIN:READY\r\n\r\nOK\r\n").name, "OK");
});

test("a SIM that waits for its second PIN is ready for the rest", () => {
	// TS 27.007, 8.3: SIM PIN2 and SIM PUK2 are no reason for a modem to stop.
	assert.equal(withPin("\r\n+CPIN: SIM PIN2\r\n\r\nOK\r\n").name, "OK");
	assert.equal(withPin("\r\n+CPIN: SIM PUK2\r\n\r\nOK\r\n").name, "OK");
});

test("the errors of TS 27.007 are told apart, numeric and verbose", () => {
	for (const [text, expected] of [
		["10", "SIM_ABSENT"],
		["SIM not inserted", "SIM_ABSENT"],
		["11", "SIM_PIN_REQUIRED"],
		["SIM PIN required", "SIM_PIN_REQUIRED"],
		["12", "SIM_PUK_REQUIRED"],
		["SIM PUK required", "SIM_PUK_REQUIRED"],
		["13", "SIM_FAILURE"],
		["SIM failure", "SIM_FAILURE"],
		["14", "SIM_BUSY"],
		["SIM busy", "SIM_BUSY"],
		["15", "SIM_WRONG"],
		["SIM wrong", "SIM_WRONG"],
		["5", "SIM_LOCKED"],
		["7", "SIM_LOCKED"],
		["3", "CME_ERROR"],
		["100", "CME_ERROR"],
		["something else", "CME_ERROR"],
	]) {
		assert.equal(withPin(`\r\n+CME ERROR: ${text}\r\n`).name, expected, text);
	}
	assert.equal(withPin("\r\nERROR\r\n").name, "COMMAND_ERROR");
});

test("a SIM that is busy or not ready yet is waited for, ten seconds at most", () => {
	for (const busy of ["\r\n+CME ERROR: 14\r\n", "\r\n+CME ERROR: SIM busy\r\n", "\r\n+CPIN: NOT READY\r\n\r\nOK\r\n"]) {
		const soon = withPin(busy, busy, busy, READY);
		assert.equal(soon.name, "OK");
		assert.ok(soon.now >= 1500 && soon.now < 2500);
		const never = withPin(busy);
		assert.equal(never.name, "SIM_BUSY");
		assert.ok(never.now >= 10000 && never.now < 11500);
	}
});

test("an answer that is lost is asked for again, not for ever", () => {
	assert.equal(withPin(DONE, READY).name, "OK");
	assert.equal(withPin(DONE).name, "ANSWER_MISSING");
	assert.equal(withPin("").name, "COMMAND_TIMEOUT");
});

test("AT+CMEE=1 whose answer is lost once is no end", () => {
	let lost = false;
	const outcome = bringUp((line) => {
		if (line === "AT+CMEE=1" && !lost) {
			lost = true;
			return null;
		}
		if (line === "AT+CMEE?") return "\r\n+CMEE: 1\r\n\r\nOK\r\n";
		return line === "AT+CPIN?" ? READY : DONE;
	});
	assert.equal(outcome.name, "OK");
});

test("a modem that restarts is greeted again; whoever asks for the SIM alone is told, since it has told the modem more", () => {
	/** It restarts in place of an answer to this line, once. */
	const restartsAt = (at: string): Script => {
		let restarted = false;
		return (line) => {
			if (line === "AT+CMEE?") return "\r\n+CMEE: 1\r\n\r\nOK\r\n";
			if (line !== at || restarted) return line === "AT+CPIN?" ? READY : DONE;
			restarted = true;
			return "\r\nRDY\r\n";
		};
	};
	const told = ({ lines }: Outcome) => lines.filter((line) => line !== "AT+CMEE?");
	const greeting = ["ATE0V1", "AT+CMEE=1"];
	const whole = bringUp(restartsAt("AT+CPIN?"));
	assert.equal(whole.name, "OK");
	assert.deepEqual(told(whole), [...greeting, "AT+CPIN?", ...greeting, "AT+CPIN?"]);
	const first = bringUp(restartsAt("AT+CMEE=1"), 2000, (modem) => modem.greet());
	assert.equal(first.name, "OK");
	assert.deepEqual(told(first), [...greeting, ...greeting]);
	const second = bringUp(restartsAt("AT+CPIN?"), 2000, (modem) => modem.askSim());
	assert.equal(second.name, "MODEM_RESTARTED");
	assert.deepEqual(second.lines, ["AT+CPIN?"]);
});

test("the result is given within the limits, whatever the modem says", () => {
	for (const text of [
		"\r\nRING\r\n",
		"\r\n+CPIN: READY\r\n",
		"\r\n+CME ERROR: 14\r\n",
		"0\r",
		"4\r",
		"\r\nRDY\r\n",
		"\r\n+CMEE: 1\r\n",
	]) {
		const outcome = bringUp(() => text);
		assert.notEqual(outcome.name, nameOf(OK), text);
		assert.ok(outcome.now < 60000, text);
	}
});
