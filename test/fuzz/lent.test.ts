// verify() on a line that is lent, while anything comes on it between the modem's lines, in pieces of any size: no throw, no hang beyond its limit, every
// byte that is handed on is one that came, once and in order; the modem's settings are as they were when it still answers.

import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../virtual/index.js";
import { Home, Listener, serverFile } from "../life/support.js";
import { ascii } from "../unit/tools.js";
import { CASES, mutated, randomBytes } from "./fuzz.js";

const X = serverFile("coaps://x.example");
const LIMIT_MS = 15000;
/** Closing the channel may take so long behind it. */
const CLOSE_MS = 25000;
const PARTS = [
	'\r\n+CMTI: "SM",3\r\n',
	"\r\nRING\r\n",
	"\r\n",
	"\r",
	"\n\n\n\n\n\n",
	"OK",
	"\r\n+CREG: 1\r\n",
	'\r\n+CUSD: 0,"a\r\nOK\r\n',
	'\r\n+CMT: "1",,\r\nERROR\r\n',
	"\r\n+CSQ: 31,99\r\n",
	"+CPIN: NOT READY\r\n",
	"\r\n+C",
	"AT",
	"0\r\n",
	"\r\nRDY\r\n",
	'\r\n+CSIM: 4,"6A82"\r\n',
	"\r\nOK\r\n",
].map(ascii);

/** Whether all of `part` is in `whole`, in its order. */
function isWithin(part: string, whole: string): boolean {
	let at = 0;
	for (const c of part) {
		at = whole.indexOf(c, at) + 1;
		if (at === 0) return false;
	}
	return true;
}

/** One verification with `rate` in a hundred pieces of something else between the lines of the modem. */
function attacked(seed: number): number {
	const dice = new Random((seed * 2654435761) | 0);
	const listener = new Listener();
	const home = new Home({ file: X }, { lender: listener, modem: { latencyMs: 20 } });
	assert.equal(home.boot(), "first OK");
	const { life, port, line } = home;
	const rate = dice.below(4) === 0 ? 60 : dice.below(12);
	const image = home.image();
	const part = new Uint8Array(1 + dice.below(64));
	let came = "";
	let between = true;
	const hear = (bytes: Uint8Array, count: number) => {
		came += Buffer.from(bytes.subarray(0, count)).toString("latin1");
		return life.receive(bytes, count);
	};
	life.verify();
	const begun = port.now;
	let code = life.poll(port.now);
	for (let n = 0; code === 1; n++) {
		assert.ok(n < 200000 && port.now - begun <= LIMIT_MS + CLOSE_MS, `it hangs: ${port.now - begun} ms`);
		let due = false;
		if (between && dice.below(100) < rate) {
			const noise = PARTS[dice.below(PARTS.length)];
			const bytes = [noise, mutated(dice, noise), randomBytes(dice, dice.below(30))][dice.below(3)];
			due = hear(bytes, bytes.length);
		}
		const count = line.read(part, 0, part.length, port.now);
		if (count > 0) {
			due = hear(part, count) || due;
			between = part[count - 1] === 10;
		}
		if (due || ((port.now - life.wakeAt) | 0) >= 0) code = life.poll(port.now);
		else port.now += 5;
	}
	// What comes afterwards is all the application's.
	const before = listener.text.length;
	const last = ascii("\r\n+CREG: 5\r\n");
	life.receive(last, last.length);
	assert.ok(isWithin(listener.text, came + Buffer.from(last).toString("latin1")), "what is handed on did not come");
	assert.ok(listener.text.slice(before).includes("+CREG: 5\r\n"), "a line after the end is lost");
	if (life.state === 2 || life.state === 6) assert.equal(home.image(), image, "the accounts were touched");
	else assert.equal(life.valid, code === 0);
	return life.state;
}

test("verify() while anything comes on the line", (t) => {
	const states = new Map<number, number>();
	for (let seed = 1; seed <= CASES / 10; seed++) {
		let state = 0;
		try {
			state = attacked(seed);
		} catch (error) {
			throw new Error(`seed ${seed}: ${(error as Error).message}`);
		}
		states.set(state, (states.get(state) ?? 0) + 1);
	}
	t.diagnostic([...states].map(([state, count]) => `state ${state}: ${count}`).join(", "));
	assert.ok((states.get(2) ?? 0) > 0 && (states.get(6) ?? 0) > 0);
});
