// A file that needs a PIN: which one, whether it may be tried, once, and never again after it was refused.

import assert from "node:assert/strict";
import test from "node:test";
import type { OverModemOptions, Store } from "../../src/index.js";
import {
	type BootstrapCardOptions,
	fromHex,
	joinBytes,
	type PinProfile,
	sampleFile,
	toHex,
} from "../../virtual/index.js";
import { type Bench, type BenchOptions, bench } from "../support.js";
import { ascii, nameOf, sw } from "../unit/tools.js";

const SAMPLE = toHex(sampleFile());
const FORMS = ["referenced", "compact", "expanded"] as const;
const USERS = [1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88];
const ADMINISTRATIVE = [0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e];
const PIN = "2468";

interface Setup {
	reference?: number;
	tries?: number;
	enabled?: boolean;
	value?: string;
	card?: BootstrapCardOptions;
	over?: Partial<OverModemOptions>;
	bench?: BenchOptions;
}

function setup({
	reference = 0x81,
	tries = 3,
	enabled = true,
	value = PIN,
	card = {},
	over = {},
	bench: more = {},
}: Setup): Bench {
	const pin: PinProfile = { reference, value, enabled, tries };
	const device = bench({
		card: { pin, ...card },
		over: { links: [0], pin: ascii(PIN), ...over },
		// A PIN 01 that is not verified would concern the modem as well.
		...more,
		modem: { simBeforePin: true, pinReady: true, ...more.modem },
	});
	if (device.card !== null) device.card.record = true;
	return device;
}

/** The VERIFY commands, by their reference; those with a PIN in them. */
function verified(device: Bench): number[] {
	const history = device.card?.history ?? [];
	return history.filter((apdu) => apdu[1] === 0x20 && apdu.length > 5).map((apdu) => apdu[3]);
}

function asked(device: Bench): number[] {
	const history = device.card?.history ?? [];
	return history.filter((apdu) => apdu[1] === 0x20 && apdu.length === 5).map((apdu) => apdu[3]);
}

function result(device: Bench): string {
	const { code, hung } = device.read();
	assert.equal(hung, false);
	assert.equal(device.card?.channelsOpen, 0);
	assert.ok(!(device.card?.history ?? []).some((apdu) => apdu[1] === 0x2c), "PUK is never sent");
	return nameOf(code);
}

test("every reference of a user is found in FCP and EF(ARR), in AB, and in the PIN status where there is only 8C", () => {
	for (const reference of USERS) {
		for (const security of FORMS) {
			for (const transport of ["t0", "t1"] as const) {
				// With 8C the first PIN of the card that is enabled is meant.
				const device = setup({ reference, card: { security, manners: { transport } } });
				assert.equal(result(device), "OK", `${reference.toString(16)} ${security} ${transport}`);
				assert.equal(device.fileHex(), SAMPLE);
				assert.deepEqual(verified(device), [reference], "once, and the right one");
				assert.ok(asked(device).length >= 1, "the tries were asked for before");
				assert.equal(device.card?.pinTriesUsed, 0);
			}
		}
	}
});

test("the same over a session of the modem's", () => {
	for (const security of FORMS) {
		const device = setup({ card: { security }, over: { links: [1] }, bench: { modem: { csim: false, ccho: true } } });
		assert.equal(result(device), "OK");
		assert.deepEqual(verified(device), [0x81]);
	}
});

test("administrative keys are never verified", () => {
	for (const reference of ADMINISTRATIVE) {
		for (const security of FORMS) {
			for (const forcePin of [false, true]) {
				const device = setup({ reference, card: { security }, over: { forcePin } });
				assert.match(result(device), /^(PIN_UNKNOWN|SECURITY_STATUS)$/, `${reference.toString(16)} ${security}`);
				for (const used of [...verified(device), ...asked(device)]) assert.ok(!ADMINISTRATIVE.includes(used));
			}
		}
	}
});

test("a PIN that protects the directory is found in the application", () => {
	for (const security of FORMS) {
		const device = setup({ card: { security, pinProtectsDodf: true } });
		assert.equal(result(device), "OK");
		assert.equal(device.fileHex(), SAMPLE);
		assert.deepEqual(verified(device), [0x81]);
	}
});

test("without a PIN, a file that needs one is SECURITY_STATUS, and nothing is asked", () => {
	const pin = { reference: 0x81, value: PIN, enabled: true };
	const device = bench({ card: { pin }, over: { links: [0] } });
	assert.equal(result(device), "SECURITY_STATUS");
	assert.deepEqual([...verified(device), ...asked(device)], []);
});

test("a file that needs none is read with a PIN at hand as without", () => {
	const device = bench({ over: { links: [0], pin: ascii(PIN) } });
	const plain = bench();
	assert.equal(result(device), "OK");
	plain.read();
	assert.deepEqual(device.modem.history, plain.modem.history);
});

test("a wrong PIN takes one try, and is not tried again: not in this run, not in the next", () => {
	for (const value of ["1111", "24680"]) {
		const device = setup({ value });
		assert.equal(result(device), "PIN_WRONG");
		assert.equal(device.device.step, 14);
		assert.equal(device.card?.pinTriesUsed, 1);
		assert.equal(result(device), "PIN_REFUSED_BEFORE");
		assert.equal(result(device), "PIN_REFUSED_BEFORE");
		assert.equal(device.card?.pinTriesUsed, 1);
	}
});

function memory(): Store & { records: Map<string, Uint8Array> } {
	const records = new Map<string, Uint8Array>();
	return {
		records,
		read(key, into) {
			const record = records.get(key);
			if (record === undefined || record.length > into.length) return -1;
			into.set(record);
			return record.length;
		},
		write(key, bytes) {
			records.set(key, bytes.slice());
			return true;
		},
	};
}

test("nor at the next power-on, until the PIN or the card is another one", () => {
	const store = memory();
	const wrong = setup({ value: "1111", over: { store } });
	assert.equal(result(wrong), "PIN_WRONG");
	for (const bytes of store.records.values())
		assert.ok(!toHex(bytes).includes(toHex(ascii(PIN))), "the PIN is not kept");
	// The same card and PIN, after a restart.
	const again = setup({ value: "1111", over: { store } });
	assert.equal(result(again), "PIN_REFUSED_BEFORE");
	assert.deepEqual(verified(again), []);
	// Another PIN on the same card.
	const other = setup({ value: "1111", over: { store, pin: ascii("1111") } });
	assert.equal(result(other), "OK");
	assert.equal(result(setup({ over: { store } })), "OK", "what worked in between has made room");
	// The same PIN on another card.
	const card = setup({ value: "1111", over: { store } });
	assert.equal(result(card), "PIN_WRONG");
	const another = setup({ over: { store }, card: { iccid: "8988211000000000025" } });
	assert.equal(result(another), "OK");
	assert.deepEqual(verified(another), [0x81]);
});

test("with one try left it is not tried, unless forced", () => {
	const careful = setup({ tries: 1 });
	assert.equal(result(careful), "PIN_TRIES_TOO_FEW");
	assert.deepEqual(verified(careful), []);
	assert.equal(careful.card?.pinTries(0x81), 1);
	const forced = setup({ tries: 1, over: { forcePin: true } });
	assert.equal(result(forced), "OK");
	const unlucky = setup({ tries: 1, value: "1111", over: { forcePin: true } });
	assert.equal(result(unlucky), "PIN_BLOCKED");
	assert.equal(unlucky.card?.pinTriesUsed, 1);
});

test("with two left it is tried once, and one is left", () => {
	const device = setup({ tries: 2, value: "1111" });
	assert.equal(result(device), "PIN_WRONG");
	assert.equal(device.card?.pinTriesUsed, 1);
	assert.equal(result(device), "PIN_REFUSED_BEFORE");
});

test("a blocked PIN is told and not tried, even when forced", () => {
	for (const forcePin of [false, true]) {
		const device = setup({ tries: 0, over: { forcePin } });
		assert.equal(result(device), "PIN_BLOCKED");
		assert.deepEqual(verified(device), []);
	}
});

test("a PIN that is switched off is not verified", () => {
	const device = setup({ enabled: false });
	assert.equal(result(device), "OK");
	assert.deepEqual([...verified(device), ...asked(device)], []);
});

test("an unknown number of tries counts as too few", () => {
	for (const word of [0x6700, 0x6d00, 0x6a86, 0x6300, 0x6f00, 0x6985]) {
		for (const forcePin of [false, true]) {
			const device = setup({ over: { forcePin } });
			const { card } = device;
			assert.ok(card !== null);
			card.onCommand = (_index, apdu) => (apdu[1] === 0x20 && apdu.length === 5 ? sw(word) : null);
			assert.equal(result(device), forcePin ? "OK" : "PIN_TRIES_TOO_FEW", word.toString(16));
			assert.equal(verified(device).length, forcePin ? 1 : 0);
		}
	}
});

test("tries that the card says differently twice are not believed", () => {
	const device = setup({ tries: 1 });
	const { card } = device;
	assert.ok(card !== null);
	let count = 0;
	card.onCommand = (_index, apdu) => (apdu[1] === 0x20 && apdu.length === 5 && count++ === 0 ? sw(0x63c3) : null);
	assert.equal(result(device), "PIN_TRIES_TOO_FEW");
	assert.deepEqual(verified(device), []);
});

test("what the card says to VERIFY has its own result, and nothing is sent twice", () => {
	for (const [word, expected] of [
		[0x63c2, "PIN_WRONG"],
		[0x63c0, "PIN_BLOCKED"],
		[0x6983, "PIN_BLOCKED"],
		[0x6300, "PIN_WRONG"],
		[0x9804, "PIN_WRONG"],
		[0x9840, "PIN_BLOCKED"],
		[0x6700, "PIN_UNKNOWN"],
		[0x6d00, "PIN_UNKNOWN"],
		[0x6a88, "PIN_UNKNOWN"],
		[0x6984, "SECURITY_STATUS"],
	] as [number, string][]) {
		const device = setup({});
		const { card } = device;
		assert.ok(card !== null);
		card.onCommand = (_index, apdu) => (apdu[1] === 0x20 && apdu.length > 5 ? sw(word) : null);
		assert.equal(result(device), expected, word.toString(16));
		assert.ok(verified(device).length <= 1, `${word.toString(16)}: ${verified(device).length}`);
	}
});

test("a refusal that was damaged to a success is noticed by the tries that are left when the card asks for the PIN again", () => {
	const device = setup({ value: "1111" });
	const { card } = device;
	assert.ok(card !== null);
	let lost = false;
	card.onAnswer = (_index, apdu) => (apdu[1] === 0x20 && apdu.length > 5 ? sw(0x9000) : null);
	card.onCommand = (_index, apdu) => {
		if (apdu[1] === 0xa4 && !lost && verified(device).length > 0) {
			lost = true;
			card.reset();
		}
		return null;
	};
	assert.equal(result(device), "PIN_WRONG");
	assert.ok(lost);
	assert.deepEqual(verified(device), [0x81]);
	assert.equal(card.pinTriesUsed, 1);
});

test("an answer to VERIFY that has data is none: the card is asked what became of its tries", () => {
	for (const value of [PIN, "1111"]) {
		const device = setup({ value });
		const { card } = device;
		assert.ok(card !== null);
		card.onAnswer = (_index, apdu) => (apdu[1] === 0x20 && apdu.length > 5 ? fromHex("AA9000") : null);
		assert.equal(result(device), value === PIN ? "OK" : "PIN_WRONG");
		assert.deepEqual(verified(device), [0x81]);
	}
});

test("a card that is busy when the PIN comes gets it once more, when no try is gone", () => {
	const busy = (value: string, times: number): Bench => {
		const device = setup({ value });
		let left = times;
		const { card } = device;
		assert.ok(card !== null);
		card.onCommand = (_index, apdu) => (apdu[1] === 0x20 && apdu.length > 5 && left-- > 0 ? sw(0x9300) : null);
		return device;
	};
	const right = busy(PIN, 1);
	assert.equal(result(right), "OK");
	assert.equal(right.fileHex(), SAMPLE);
	assert.deepEqual(verified(right), [0x81, 0x81]);
	const wrong = busy("1111", 1);
	assert.equal(result(wrong), "PIN_WRONG");
	assert.equal(wrong.card?.pinTriesUsed, 1);
	const always = busy(PIN, 1e9);
	assert.equal(result(always), "CARD_BUSY");
	assert.deepEqual(verified(always), [0x81, 0x81]);
	assert.equal(always.card?.pinTriesUsed, 0);
	// It says that it was busy, and has taken a try all the same.
	const liar = setup({ value: "1111" });
	const { card } = liar;
	assert.ok(card !== null);
	card.onAnswer = (_index, apdu) => (apdu[1] === 0x20 && apdu.length > 5 ? sw(0x9300) : null);
	assert.equal(result(liar), "PIN_WRONG");
	assert.deepEqual(verified(liar), [0x81]);
});

/** Whether these bytes stand anywhere in what commands are composed in. */
function holds(device: Bench, bytes: Uint8Array): boolean {
	const core = device.device;
	const texts = [toHex(core.uicc.command.bytes), toHex(core["at"]?.text ?? new Uint8Array(0))];
	return texts.some((text) => text.includes(toHex(bytes)) || text.includes(toHex(ascii(toHex(bytes)))));
}

const ENDINGS: [string, (device: Bench) => void][] = [
	["abort()", ({ device }) => device.abort()],
	["close()", ({ device }) => device.close()],
	["readFile()", ({ device }) => device.readFile()],
];

/** A device whose run is ended every 50 ms of its way, each time anew. */
function* endings(options: Setup): Generator<{ device: Bench; name: string; end: () => void }> {
	const slow = { ...options, bench: { modem: { latencyMs: 100, commandMs: 100, ...options.bench?.modem } } };
	const { now } = setup(slow).read();
	for (const [name, end] of ENDINGS)
		for (let at = 0; at < now; at += 50) {
			const device = setup(slow);
			device.device.readFile();
			device.run({ maxMs: at });
			yield { device, name: `${name} at ${at}`, end: () => end(device) };
		}
}

test("whenever it is given up, nothing is left of the PIN where commands are composed", () => {
	let held = 0;
	for (const { device, name, end } of endings({})) {
		if (holds(device, ascii(PIN))) held += 1;
		end();
		assert.ok(!holds(device, ascii(PIN)), name);
	}
	assert.ok(held > 3, "in the middle of VERIFY it stands there");
	held = 0;
	const cardPin = { reference: 1, value: "1357", enabled: true };
	for (const { device, name, end } of endings({
		card: { cardPin, pin: undefined },
		over: { pin: undefined, simPin: ascii("1357") },
		bench: { modem: { pinReady: false, simBeforePin: false } },
	})) {
		if (holds(device, ascii("1357"))) held += 1;
		end();
		assert.ok(!holds(device, ascii("1357")), name);
	}
	assert.ok(held > 3, "in the middle of AT+CPIN it stands there");
});

test("a PIN whose run was given up in the middle counts as tried: not in the next run, not at the next power-on", () => {
	const outcomes = new Set<string>();
	const finish = (device: Bench, store: Store): void => {
		// The result of a run that was ended is given, and kept.
		device.run({ maxMs: 10000 });
		const before = verified(device).length;
		const again = setup({ value: "1111", over: { store } });
		outcomes.add(result(again));
		assert.ok(before + verified(again).length <= 1, `${before} ${verified(again).length}`);
		outcomes.add(result(device));
		assert.ok(verified(device).length <= 1);
	};
	const slow = { modem: { latencyMs: 100 } };
	const { now } = setup({ value: "1111", bench: slow }).read();
	for (let at = 0; at < now; at += 40) {
		const store = memory();
		const aborted = setup({ value: "1111", over: { store }, bench: slow });
		aborted.device.readFile();
		aborted.run({ maxMs: at });
		aborted.device.abort();
		finish(aborted, store);
		const other = memory();
		const late = setup({ value: "1111", over: { store: other, limitMs: at + 1 }, bench: slow });
		late.device.readFile();
		finish(late, other);
	}
	assert.deepEqual([...outcomes].sort(), ["OUT_OF_TIME", "PIN_REFUSED_BEFORE", "PIN_WRONG"]);
});

test("the SIM's PIN that was being sent when the run was given up counts as tried", () => {
	const cardPin = { reference: 1, value: "1357", enabled: true };
	const make = (simPin: string, store: Store): Bench =>
		bench({ card: { cardPin }, over: { links: [0], simPin: ascii(simPin), store }, modem: { commandMs: 200 } });
	const sent = (device: Bench): number => device.modem.history.filter((line) => line.startsWith("+CPIN=")).length;
	let given = 0;
	for (let at = 0; at < 1400; at += 50) {
		const store = memory();
		const device = make("2222", store);
		device.device.readFile();
		device.run({ maxMs: at });
		const underWay = sent(device) > 0;
		device.device.abort();
		device.run({ maxMs: 10000 });
		const again = make("2222", store);
		assert.equal(result(again), underWay ? "PIN_REFUSED_BEFORE" : "PIN_WRONG", `${at}`);
		assert.equal(sent(device) + sent(again), 1);
		if (underWay) given += 1;
		assert.equal(result(make("1357", store)), "OK", "another PIN may be sent");
	}
	assert.ok(given > 3);
});

test("the SIM's PIN that the modem has taken all the same does not stay refused", () => {
	const cardPin = { reference: 1, value: "1357", enabled: true };
	for (let at = 0; at < 1400; at += 50) {
		const over = { links: [0], simPin: ascii("1357"), store: memory() };
		const device = bench({ card: { cardPin }, over, modem: { commandMs: 200 } });
		device.device.readFile();
		device.run({ maxMs: at });
		device.device.abort();
		device.run({ maxMs: 10000 });
		assert.equal(result(device), "OK", `${at}`);
		assert.equal(result(bench({ card: { cardPin }, over })), "OK", `${at}`);
	}
});

test("EF(ARR) under the MF, and a record for each security environment, are followed", () => {
	for (const attributes of ["8B032F0601", "8B0400", "8B046F060101", "8B066F0601010201"]) {
		const device = setup({ card: {} });
		const file = device.card?.profile as { bootstrapFile?: { security?: Uint8Array } | null };
		assert.ok(file.bootstrapFile);
		file.bootstrapFile.security = fromHex(attributes);
		const name = result(device);
		// EF(ARR) 2F06 speaks of PIN 01, which is disabled: the file stays closed, and nothing is lost.
		if (attributes === "8B032F0601") assert.match(name, /^(SECURITY_STATUS|PIN_UNKNOWN|OK)$/);
		else assert.equal(name, "OK", attributes);
		assert.equal(device.card?.pinTriesUsed, 0);
	}
});

test("rules that ask for several, or for a key first, are read for the user's PIN", () => {
	for (const [rules, expected] of [
		["ABxx80010 1A40683010A950108A4068301819501 08", [0x81]],
		["ABxx800101A010A40683010A950108A406830181950108", [0x81]],
		["ABxx800102A406830111950108800101A406830181950108", [0x81]],
		["ABxx800103AF08A406830181950108", [0x81]],
		["ABxx8001019700", [0x81]],
		["ABxx", [0x81]],
	] as [string, number[]][]) {
		const body = fromHex(rules.replace(/ /g, "").slice(4));
		const device = setup({});
		const file = device.card?.profile as { bootstrapFile?: { security?: Uint8Array } | null };
		assert.ok(file.bootstrapFile);
		file.bootstrapFile.security = joinBytes([new Uint8Array([0xab, body.length]), body]);
		assert.equal(result(device), "OK", rules);
		assert.deepEqual(verified(device), expected, rules);
	}
});

test("a modem that restarts behind the PIN has it verified anew, and loses no try", () => {
	const clean = setup({});
	result(clean);
	const count = clean.modem.history.length;
	for (let restartAt = 3; restartAt < count; restartAt++) {
		const device = setup({ bench: { modem: { restartAt } } });
		const { code } = device.read();
		assert.match(nameOf(code), /^(OK|PIN_UNCERTAIN|MODEM_RESTARTED)$/, `${restartAt}`);
		assert.equal(device.card?.pinTriesUsed, 0);
	}
});

test("close() wipes the PIN: it is not known any more, and not sent", () => {
	const device = setup({});
	device.device.close();
	assert.equal(result(device), "SECURITY_STATUS");
	assert.deepEqual(verified(device), []);
});

test("the SIM's PIN is sent when it is asked for, once, whatever comes of it", () => {
	const cardPin = { reference: 1, value: "1357", enabled: true };
	const count = (device: Bench): number => device.modem.history.filter((line) => line.startsWith("+CPIN=")).length;
	const right = bench({ card: { cardPin }, over: { links: [0], simPin: ascii("1357") }, modem: { simBusyMs: 2000 } });
	assert.equal(result(right), "OK");
	assert.equal(count(right), 1);
	const wrong = bench({ card: { cardPin }, over: { links: [0], simPin: ascii("2222") } });
	assert.equal(result(wrong), "PIN_WRONG");
	assert.equal(result(wrong), "SIM_PIN_REQUIRED");
	assert.equal(count(wrong), 1);
	assert.equal(wrong.card?.pinTriesUsed, 1);
	const blocked = bench({ card: { cardPin: { ...cardPin, tries: 0 } }, over: { links: [0], simPin: ascii("1357") } });
	assert.equal(result(blocked), "SIM_PUK_REQUIRED");
	assert.equal(count(blocked), 0);
	const none = bench({ over: { links: [0], simPin: ascii("1357") } });
	assert.equal(result(none), "OK");
	assert.equal(count(none), 0);
});
