// Runs on XS: a device that remembers, from a first boot on; the engine's meters are read around every call into it and summed. The store
// takes and gives records in arrays that it has from the beginning, as a flash does. One line of JSON for each verb of each story.

import { rememberOverCsim, rememberOverModem } from "simstrap";
import { bootstrapCard, Line, makeFile, VirtualCard, VirtualModem } from "virtual";
import { METER_BYTECODES, Outbox } from "../meter.js";

const RECORDS = 40;
const RECORD_BYTES = 2048;

/** Records in memory; nothing is allocated once it is there. */
class Flash {
	constructor() {
		this.keys = [];
		this.lengths = new Int32Array(RECORDS).fill(-1);
		this.bytes = [];
		for (let i = 0; i < RECORDS; i++) {
			this.keys.push("");
			this.bytes.push(new Uint8Array(RECORD_BYTES));
		}
		this.writes = 0;
	}
	find(key) {
		for (let i = 0; i < RECORDS; i++) if (this.lengths[i] >= 0 && this.keys[i] === key) return i;
		return -1;
	}
	read(key, into) {
		const at = this.find(key);
		if (at < 0 || this.lengths[at] > into.length) return -1;
		for (let i = 0; i < this.lengths[at]; i++) into[i] = this.bytes[at][i];
		return this.lengths[at];
	}
	write(key, bytes, length) {
		let at = this.find(key);
		for (let i = 0; at < 0; i++) if (this.lengths[i] < 0) at = i;
		this.keys[at] = key;
		this.lengths[at] = length;
		for (let i = 0; i < length; i++) this.bytes[at][i] = bytes[i];
		this.writes += 1;
		return true;
	}
	remove(key) {
		const at = this.find(key);
		if (at < 0) return true;
		this.lengths[at] = -1;
		this.writes += 1;
		return true;
	}
}

/** Counts what it is given, and keeps nothing. */
class Application {
	constructor() {
		this.busy = false;
		this.count = 0;
	}
	onUnsolicited(_bytes, from, to) {
		this.count += to - from;
	}
}

class Rig {
	constructor(options) {
		this.flash = new Flash();
		this.card = new VirtualCard(bootstrapCard(options.card));
		this.modem = new VirtualModem(this.card, options.modem || {});
		this.line = new Line(this.modem, {});
		this.outbox = new Outbox();
		this.inbox = new Uint8Array(1);
		this.application = new Application();
		this.now = 1000;
		const core = options.core || {};
		core.buffer = new Uint8Array(options.bufferBytes || 4096);
		core.records = this.flash;
		core.lender = this.application;
		core.sha256 = (_bytes, length, into) => into.fill(length & 255) === into;
		collect();
		const slotsBefore = slots();
		const chunksBefore = chunkBytes();
		this.life = options.everyWay ? rememberOverModem(this.outbox, core) : rememberOverCsim(this.outbox, core);
		collect();
		this.instanceSlots = slots() - slotsBefore;
		this.instanceChunkBytes = chunkBytes() - chunksBefore;
	}

	call(what, argument) {
		const life = this.life;
		const inbox = this.inbox;
		let result = 0;
		const s = slots();
		const c = chunkBytes();
		const b = bytecodes();
		stackMark();
		if (what === 0) life.run();
		else if (what === 1) result = life.receive(inbox, argument);
		else if (what === 2) result = life.poll(argument);
		else if (what === 3) life.verify();
		else result = life.enable(argument === 1);
		const stack = stackPeak();
		this.bytecodes += bytecodes() - b - METER_BYTECODES;
		this.chunkBytes += chunkBytes() - c;
		this.slots += slots() - s;
		if (stack > this.stack) this.stack = stack;
		return result;
	}

	/** `verb` is 0 for run, 3 for verify. */
	go(verb) {
		const { life, line, outbox, inbox } = this;
		this.slots = 0;
		this.chunkBytes = 0;
		this.bytecodes = 0;
		this.stack = 0;
		let now = this.now;
		this.call(verb, 0);
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
			if (((now - life.wakeAt) | 0) >= 0) {
				code = this.call(2, now);
				if (outbox.count > 0) continue;
			}
			let next = life.wakeAt;
			const due = line.nextAt(now);
			if (due !== -1 && ((due - next) | 0) < 0) next = due;
			now = ((next - now) | 0) > 0 ? next : (now + 1) | 0;
		}
		this.now = now;
		return code;
	}

	update(file) {
		const ef = this.card.profile.bootstrapFile;
		ef.data = new Uint8Array(Math.max(ef.data.length, file.length)).fill(255);
		for (let i = 0; i < file.length; i++) ef.data[i] = file[i];
	}
}

function tell(rig, story, verb, code, collections) {
	print(
		JSON.stringify({
			name: `${story}: ${verb}`,
			state: rig.life.state,
			code,
			slots: rig.slots,
			chunkBytes: rig.chunkBytes,
			bytecodes: rig.bytecodes,
			stack: rig.stack,
			exchanges: rig.life.exchanges,
			writes: rig.flash.writes,
			handedOn: rig.application.count,
			instanceSlots: rig.instanceSlots,
			instanceChunkBytes: rig.instanceChunkBytes,
			collections,
		}),
	);
}

const CARD = { manners: { acceptsLe00: true } };
const malformed = makeFile(300);
malformed[1] = 77;

const STORIES = {
	usual: { options: { card: CARD } },
	"steps of 48": { options: { card: CARD, core: { step: 48 } } },
	"every way": { options: { card: CARD, everyWay: true } },
	"32 KB": { options: { card: { file: makeFile(32768), fileSize: 32768 }, bufferBytes: 32768 }, once: true },
	chatter: {
		options: { card: CARD, modem: { unrelated: [{ text: '+CMTI: "SM",3' }, { text: "RING", place: "after" }] } },
	},
};

for (const story of Object.keys(STORIES)) {
	const { options, once } = STORIES[story];
	collect();
	const rig = new Rig(options);
	const collections = gcCount();
	const step = (verb, what) => {
		collect();
		const before = gcCount();
		const code = rig.go(what);
		tell(rig, story, verb, code, gcCount() - before);
	};
	step("first", 0);
	step("unchanged", 0);
	step("verified", 3);
	if (once) continue;
	rig.update(makeFile(300));
	step("verified, changed", 3);
	step("changed", 0);
	rig.update(makeFile(400));
	step("changed at once", 0);
	rig.update(malformed);
	step("malformed", 0);
	rig.modem.setCard(null, rig.now);
	step("removed", 0);
	step("absent", 0);
	rig.slots = 0;
	rig.chunkBytes = 0;
	rig.call(4, 0);
	rig.call(4, 1);
	tell(rig, story, "switched off and on", 0, 0);
	if (collections < 0) print("");
}
