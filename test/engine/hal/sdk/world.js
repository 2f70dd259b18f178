// The SDK's classes as the facts about an ESP32 have them, in virtual time and for one program: Serial with a FIFO in each direction,
// read(view) and a write that throws when it does not fit; Digital; Timer, whose callbacks are called by `run`; storage; registers.
// What a program calls here allocates nothing, so that the meters around its callbacks count only the program.

const FIFO_MAX = 4096;
const PINS = 64;
const TX_BYTES = 128;
const RECORDS = 8;
const RECORD_BYTES = 2048;
/** Made beforehand: what the SDK allocates to throw is its own. */
const NO_ACKNOWLEDGE = new Error("no acknowledge");
const NO_SPACE = new Error("ESP_ERR_NVS_NOT_ENOUGH_SPACE");

export const world = {
	now: 1000,
	/** What the receiver holds; what comes beyond is lost. */
	receiverBytes: 128,
	fifo: new Uint8Array(FIFO_MAX),
	fifoCount: 0,
	/** Bytes that were lost, and the most that stood in the FIFO. */
	lost: 0,
	peak: 0,
	out: new Uint8Array(FIFO_MAX),
	outCount: 0,
	/** Bytes in the transmitter. */
	txCount: 0,
	writable: false,
	serial: null,
	serialsOpen: 0,
	/** A Serial was closed in its own callback, which crashes the SDK. */
	closedInCallback: 0,
	inCallback: false,
	timer: [],
	levels: new Int8Array(PINS).fill(-1),
	pinWrites: 0,
	pinsClosed: 0,
	registers: new Uint8Array(256),
	registersFail: false,
	/** One without a key is free: writing a record allocates nothing here, as it does not on a device. */
	records: [],
	recordWrites: 0,
	/** Nothing more can be written. */
	recordsFull: false,
	lines: new Array(400).fill(""),
	lineCount: 0,
};

for (let i = 0; i < RECORDS; i++) world.records.push({ key: "", length: 0, bytes: new Uint8Array(RECORD_BYTES) });

globalThis.trace = (a, b, c, d) => {
	if (world.lineCount < world.lines.length) world.lines[world.lineCount++] = a;
	world.rest0 = b;
	world.rest1 = c;
	world.rest2 = d;
};
world.rest0 = undefined;
world.rest1 = undefined;
world.rest2 = undefined;

export class Serial {
	constructor(options) {
		if (options.port === 0) throw new Error("the debugger's port");
		if (world.serialsOpen > 0) throw new Error("in use");
		this.onReadable = options.onReadable;
		this.onWritable = options.onWritable;
		world.serial = this;
		world.serialsOpen += 1;
		// The transmitter is empty, and says so.
		world.writable = true;
	}
	read(view) {
		if (world.serial !== this) throw new Error("closed");
		if (view.length === 0) throw new Error("invalid");
		let count = world.fifoCount;
		if (count === 0) return undefined;
		if (count > view.length) count = view.length;
		const fifo = world.fifo;
		for (let i = 0; i < count; i++) view[i] = fifo[i];
		fifo.copyWithin(0, count, world.fifoCount);
		world.fifoCount -= count;
		return count;
	}
	write(view) {
		if (world.serial !== this) throw new Error("closed");
		if (view.length > TX_BYTES - world.txCount) throw new Error("output full");
		for (let i = 0; i < view.length; i++) world.out[world.outCount++] = view[i];
		world.txCount += view.length;
	}
	close() {
		if (world.serial !== this) return;
		if (world.inCallback) world.closedInCallback += 1;
		world.serial = null;
		world.serialsOpen -= 1;
	}
}

export class Digital {
	constructor(options) {
		if (world.levels[options.pin] >= 0) throw new Error("in use");
		this.pin = options.pin;
		world.levels[options.pin] = options.initialValue;
	}
	write(value) {
		world.pinWrites += 1;
		world.levels[this.pin] = value;
	}
	close() {
		world.pinsClosed += 1;
	}
}
Digital.Output = 8;

export class Registers {
	readUint8(register) {
		if (world.registersFail) throw NO_ACKNOWLEDGE;
		return world.registers[register];
	}
	writeUint8(register, value) {
		world.registers[register] = value;
	}
	close() {}
}

class KeyValue {
	constructor(path) {
		this.path = path;
	}
	find(key) {
		const { records } = world;
		for (let i = 0; i < records.length; i++) if (records[i].key === key) return records[i];
		return undefined;
	}
	read(key, view) {
		const record = this.find(key);
		if (record === undefined) return undefined;
		if (record.length > view.length) throw new RangeError("buffer too small");
		for (let i = 0; i < record.length; i++) view[i] = record.bytes[i];
		return record.length;
	}
	write(key, view) {
		const record = this.find(key) || this.find("");
		if (world.recordsFull || record === undefined || view.length > record.bytes.length) throw NO_SPACE;
		record.key = key;
		world.recordWrites += 1;
		record.length = view.length;
		for (let i = 0; i < view.length; i++) record.bytes[i] = view[i];
	}
	delete(key) {
		const record = this.find(key);
		if (record === undefined) return;
		record.key = "";
		world.recordWrites += 1;
	}
	close() {}
}
export const storage = { open: (options) => new KeyValue(options.path) };

// biome-ignore lint/complexity/noStaticOnlyClass: as the SDK has it
export class Timer {
	static repeat(callback, interval) {
		const timer = { callback, interval, at: (world.now + interval) | 0, on: true, alive: true };
		world.timer.push(timer);
		return timer;
	}
	static schedule(timer, interval, repeat) {
		if (!timer.alive) throw new Error("a timer that was cleared");
		timer.on = interval !== undefined;
		if (interval === undefined) return;
		if (repeat === undefined || repeat < 1) throw new Error("it would be removed after it has fired");
		timer.interval = repeat;
		timer.at = (world.now + interval) | 0;
	}
	static clear(timer) {
		timer.on = false;
		timer.alive = false;
	}
}

export const Time = {
	get ticks() {
		return world.now;
	},
};
