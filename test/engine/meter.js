// Runs on XS: whole bootstraps of the bundle as built, fed byte by byte, with the engine's meters read around every call into the
// core and summed. The virtual modem and card live in the same heap and allocate as they like; what they do does not count,
// since the core writes into a buffer that is handed to them between two calls.

import { Accounts, overCsim, overModem, VIA_BASIC, VIA_CSIM } from "simstrap";
import { bootstrapCard, Line, makeFile, sampleFile, VirtualCard, VirtualModem } from "virtual";

/** Reading a meter twice counts this many bytecodes itself. */
const METER_BYTECODES = 7;

/** Takes what the core writes, allocating nothing. */
class Outbox {
	constructor() {
		this.bytes = new Uint8Array(1024);
		this.count = 0;
	}
	write(bytes, from, to) {
		for (let i = from; i < to; i++) {
			this.bytes[this.count] = bytes[i];
			this.count += 1;
		}
		return to - from;
	}
}

/** A device in front of a virtual modem and card, and what it cost. */
export class Rig {
	constructor(options) {
		const profile = options.card === null ? null : bootstrapCard(options.card || {});
		if (profile !== null && options.faults) profile.faults = options.faults;
		this.card = profile === null ? null : new VirtualCard(profile);
		this.line = new Line(new VirtualModem(this.card, options.modem || {}), {
			faults: options.lineFaults || [],
			dice: options.dice,
		});
		this.outbox = new Outbox();
		this.inbox = new Uint8Array(options.chunk || 1);
		const core = options.core || {};
		core.buffer = new Uint8Array(options.bufferBytes || 32768);
		const slotsBefore = slots();
		const chunksBefore = chunkBytes();
		this.device = options.over
			? overModem(this.outbox, Object.assign(core, options.over))
			: overCsim(this.outbox, core);
		this.everyWay = options.over !== undefined;
		this.instanceSlots = slots() - slotsBefore;
		this.instanceChunkBytes = chunkBytes() - chunksBefore;
		this.slots = 0;
		this.chunkBytes = 0;
		this.bytecodes = 0;
		this.calls = 0;
		this.stack = 0;
	}

	/** One call into the core, with the meters around it. */
	call(what, argument) {
		const device = this.device;
		const inbox = this.inbox;
		let result = 0;
		const s = slots();
		const c = chunkBytes();
		const b = bytecodes();
		stackMark();
		if (what === 0) device.readFile();
		else if (what === 1) result = device.receive(inbox, argument);
		else result = device.poll(argument);
		const stack = stackPeak();
		this.bytecodes += bytecodes() - b - METER_BYTECODES;
		this.chunkBytes += chunkBytes() - c;
		this.slots += slots() - s;
		if (stack > this.stack) this.stack = stack;
		this.calls += 1;
		return result;
	}

	/** The whole procedure in virtual time; the result's code. */
	run() {
		const { device, line, outbox, inbox } = this;
		let now = 1000;
		this.call(0, 0);
		let code = this.call(2, now);
		for (let n = 0; code === 1; n++) {
			if (n > 4000000) return "hung";
			if (outbox.count > 0) {
				line.receive(outbox.bytes, 0, outbox.count, now);
				outbox.count = 0;
			}
			const count = line.read(inbox, 0, inbox.length, now);
			if (count > 0) {
				if (this.call(1, count)) code = this.call(2, now);
				continue;
			}
			if (((now - device.wakeAt) | 0) >= 0) {
				code = this.call(2, now);
				if (outbox.count > 0) continue;
			}
			let next = device.wakeAt;
			const due = line.nextAt(now);
			if (due !== -1 && ((due - next) | 0) < 0) next = due;
			now = ((next - now) | 0) > 0 ? next : (now + 1) | 0;
		}
		return code;
	}
}

/** A PIN as ASCII bytes. */
function digits(text) {
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
	return bytes;
}

const SILENCE_LINES = [
	{ text: "+CREG: 1", place: "before" },
	{ text: "*PSUTTZ: 22/11/26", place: "between" },
	{ text: '+CMTI: "SM",3', place: "after" },
];

/** What is run, by name: options of a Rig. Those that begin with "fail" end in an error. */
export const scenarios = {
	"the sample file": () => ({}),
	"the sample file on T=1, quiet about the length": () => ({
		card: { manners: { transport: "t1", shortReadSw: 0x9000 } },
	}),
	"steps of 16": () => ({ core: { step: 16 } }),
	"steps of 48 on channel 19": () => ({ core: { step: 48 }, card: { channels: [19] } }),
	"no confirming read": () => ({ core: { confirm: false } }),
	"a file of 4 KB": () => ({ card: { file: makeFile(4096), fileSize: 4096 } }),
	"a file of 32 KB": () => ({ card: { file: makeFile(32768), fileSize: 32768 }, chunk: 64 }),
	"a file of 32 KB, byte by byte": () => ({ card: { file: makeFile(32768), fileSize: 32768 } }),
	"an application only in EF(DIR)": () => ({ card: { aid: new Uint8Array([0xe8, 0x28, 0xbd, 8, 15, 1]) } }),
	"an application by path only": () => ({ card: { placement: "df" } }),
	"data in EF(DODF)": () => ({ card: { dodfForm: "direct" } }),
	"data in EF(ODF)": () => ({ card: { odfInline: true, dodfForm: "direct" } }),
	"opaqueDO, other objects, gaps": () => ({ card: { dodfForm: "opaque", otherObjects: 2, gapBytes: 3, dodfCount: 2 } }),
	"a card without 7FFF, P2 = 0C and Le": () => ({ card: { manners: { refusesAlias: true, refusesNoData: true } } }),
	"data by GET RESPONSE": () => ({ card: { manners: { readAnswers61: true } } }),
	"a busy card": () => ({ card: { manners: { busyTimes: 3 } } }),
	"chatter, slow, lower case": () => ({
		modem: { baud: 115200, latencyMs: 20, unrelated: SILENCE_LINES, answerLowerCase: true, answerSpace: false },
	}),
	"a busy SIM": () => ({ modem: { simBusyMs: 3000 } }),
	"a lost byte": () => ({ lineFaults: [{ kind: "lose", toHost: true, at: 300 }] }),
	"sessions of the modem's": () => ({ over: {}, modem: { csim: false, ccho: true } }),
	"files by +CRSM": () => ({ over: {}, modem: { csim: false, crsm: true }, card: { placement: "df" } }),
	"the basic channel": () => ({
		over: { links: [VIA_BASIC], allowBasicChannel: true },
		card: { placement: "df", manners: { acceptsLe00: true } },
	}),
	"a file behind a PIN that is known": () => ({
		over: { pin: digits("2468") },
		card: { pin: { reference: 0x81, value: "2468", enabled: true } },
	}),
	"a SIM that wants its PIN": () => ({
		over: { simPin: digits("1357") },
		card: { cardPin: { reference: 1, value: "1357", enabled: true } },
	}),
	"fail: a wrong PIN": () => ({
		over: { pin: digits("1111") },
		card: { pin: { reference: 0x81, value: "2468", enabled: true } },
	}),
	"fail: every way to the card": () => ({
		over: { allowBasicChannel: true },
		card: { channels: [], placement: "adf" },
	}),
	"fail: a silent modem": () => ({ modem: { diesAt: 0 } }),
	"fail: a modem that dies": () => ({ modem: { diesAt: 9 } }),
	"a modem that restarts": () => ({ modem: { restartAt: 9 } }),
	"fail: no SIM": () => ({ card: null }),
	"fail: a SIM failure": () => ({ modem: { simCme: 13 } }),
	"fail: no +CSIM": () => ({ modem: { csim: false } }),
	"fail: no channel": () => ({ card: { channels: [] } }),
	"fail: no application": () => ({ card: { placement: "none" } }),
	"fail: no object": () => ({ card: { file: null, otherObjects: 1 } }),
	"fail: an unprogrammed file": () => ({ card: { file: new Uint8Array(126).fill(255) } }),
	"fail: a file behind a PIN": () => ({
		card: { pin: { reference: 1, value: "1234", enabled: true } },
		modem: { simBeforePin: true },
	}),
	"fail: a file that is too large": () => ({ card: { file: makeFile(4096), fileSize: 4096 }, bufferBytes: 1024 }),
	"fail: a malformed file": () => ({ card: { file: sampleFile().fill(0x77, 9, 12) } }),
	"fail: a card that always answers 6F00": () => ({
		faults: [0, 1, 2, 3, 4, 5, 6, 7].map((index) => ({ index, answer: new Uint8Array([0x6f, 0]) })),
	}),
};

/** A part of the fault campaign (test/faults): what becomes of a run is not the question here, but what it allocates. */
const CAMPAIGN = [
	{ over: { links: [VIA_CSIM] } },
	{ over: { pin: digits("2468") }, card: { pin: { reference: 0x81, value: "2468", enabled: true } } },
	{ over: {}, modem: { csim: false, ccho: true } },
	{ over: {}, modem: { csim: false, crsm: true }, card: { placement: "df" } },
];
const KINDS = ["lose", "double", "flip", "insert", "delay", "lose-line", "double-line"];
for (let n = 0; n < 120; n++) {
	const kind = KINDS[n % KINDS.length];
	const at = kind.indexOf("line") > 0 ? 2 + ((n * 7) % 30) : 10 + ((n * 61) % 800);
	const fault = { kind, toHost: n % 3 !== 0, at, mask: 1 << (n & 7), ms: 12000 };
	scenarios[`campaign ${n}: ${kind} at ${at}`] = () => {
		const setup = CAMPAIGN[n % CAMPAIGN.length];
		return { ...setup, card: { ...setup.card }, modem: { ...setup.modem }, lineFaults: [fault] };
	};
}
for (let seed = 1; seed <= 20; seed++) {
	const dice = { seed, lose: 500, double: 500, flip: 500, insert: 500, delay: 100, delayMs: 4000 };
	scenarios[`campaign: noise ${seed}`] = () => ({ ...CAMPAIGN[seed % CAMPAIGN.length], dice });
}

/** Looks at every account, and at one resource of each, with the meters around it. */
export function readAccounts(file) {
	const accounts = new Accounts(file);
	let count = 0;
	let usable = 0;
	const s = slots();
	const c = chunkBytes();
	const b = bytecodes();
	accounts.begin();
	while (accounts.next()) {
		count += 1;
		if (accounts.fault === 0 && accounts.security.resource(5)) usable += 1;
	}
	const spentBytecodes = bytecodes() - b;
	const spentChunkBytes = chunkBytes() - c;
	const spentSlots = slots() - s;
	return { count, usable, slots: spentSlots, chunkBytes: spentChunkBytes, bytecodes: spentBytecodes };
}
