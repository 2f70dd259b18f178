// Runs on XS: a whole bootstrap of the bundle as built, with the engine's meters read around every call into the core and summed. The
// virtual modem and card live in the same heap and allocate as they like; what they do does not count, since the core writes
// into a buffer that is handed to them between two calls.

import { Accounts, overCsim, overModem } from "simstrap";
import { bootstrapCard, Line, VirtualCard, VirtualModem } from "virtual";

/** Reading a meter twice counts this many bytecodes itself. */
export const METER_BYTECODES = 7;
/** The virtual time at which a run begins. */
export const START_MS = 1000;

/** Takes what the core writes, allocating nothing. */
export class Outbox {
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

/**
 * A device in front of a virtual modem and card, and what it cost. `card` is what bootstrapCard takes, null for no card; `profile` a
 * whole one, which can be used again and again; `between` puts something between modem and line; `listens` keeps what the
 * host is told in `heard`. The stack is measured unless `shallow` says not to, since that takes the most time.
 */
export class Rig {
	constructor(options) {
		const profile = options.profile || (options.card === null ? null : bootstrapCard(options.card || {}));
		if (profile !== null && options.faults) profile.faults = options.faults;
		this.card = profile === null ? null : new VirtualCard(profile);
		this.modem = new VirtualModem(this.card, options.modem || {});
		this.hand = options.between ? options.between(this.modem) : null;
		this.line = new Line(this.hand === null ? this.modem : this.hand, {
			faults: options.lineFaults || [],
			dice: options.dice,
		});
		this.listens = options.listens === true;
		this.heard = "";
		this.shallow = options.shallow === true;
		this.now = 0;
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
		if (!this.shallow) stackMark();
		if (what === 0) device.readFile();
		else if (what === 1) result = device.receive(inbox, argument);
		else result = device.poll(argument);
		const stack = this.shallow ? 0 : stackPeak();
		this.bytecodes += bytecodes() - b - METER_BYTECODES;
		this.chunkBytes += chunkBytes() - c;
		this.slots += slots() - s;
		if (stack > this.stack) this.stack = stack;
		this.calls += 1;
		return result;
	}

	/** Faults that have happened so far: of the line, of the hand between, of the card, and of the modem. */
	get faults() {
		const { line, hand, card, modem } = this;
		const ofHand = hand === null ? 0 : hand.hits;
		return line.hits + ofHand + (card === null ? 0 : card.replaced) + modem.restarts + (modem.dead ? 1 : 0);
	}

	/** The whole procedure in virtual time; the result's code. */
	run() {
		const { device, line, outbox, inbox } = this;
		let now = START_MS;
		this.call(0, 0);
		let code = this.call(2, now);
		for (let n = 0; code === 1; n++) {
			this.now = now;
			if (n > 4000000) return "hung";
			if (outbox.count > 0) {
				line.receive(outbox.bytes, 0, outbox.count, now);
				outbox.count = 0;
			}
			const count = line.read(inbox, 0, inbox.length, now);
			if (count > 0) {
				if (this.listens) for (let i = 0; i < count; i++) this.heard += String.fromCharCode(inbox[i]);
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
