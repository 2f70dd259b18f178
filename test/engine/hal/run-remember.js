// Runs on XS: Simstrap with `remember`, over the SDK's storage, as the steps in argv[0] (JSON) say; the meters are read around every callback of
// the SDK's. One line of JSON for each step that asks the card.

import { KeyValueStore, Simstrap } from "simstrap";
import { board } from "simstrap/boards/this/board";
import { bootstrapCard, makeFile, VirtualCard } from "virtual";
import { Board, Meter, run } from "./meter.js";
import { Digital, Serial, storage, world } from "./sdk/world.js";

const { steps, power, shared, strayBytes = 0, modem = {}, links, pin, filePin } = JSON.parse(argv[0]);
const TX_BYTES = 128;
const LIMIT_MS = 200000;

/** A PIN as ASCII bytes. */
function digits(text) {
	return Uint8Array.from([...text].map((digit) => digit.charCodeAt(0)));
}

function cardOf({ size, iccid, seed = 0 }) {
	const file = makeFile(size);
	// The lifetime, near the end, so that files of a size differ.
	file[file.length - 12] ^= seed;
	const card = { file, fileSize: Math.max(size, 3000), manners: { acceptsLe00: true } };
	if (iccid !== undefined) card.iccid = iccid;
	if (filePin !== undefined) card.pin = { reference: 0x81, value: filePin, enabled: true };
	return card;
}

/** The application's own UART, which it lends: it hands on what comes while it is lent, and else takes it for itself. */
class Application {
	constructor() {
		this.busy = false;
		this.handedOn = 0;
		this.own = 0;
		this.lent = false;
		this.guest = null;
		this.serial = null;
		this.view = new Uint8Array(TX_BYTES);
	}
	open() {
		this.serial = new Serial({
			port: 1,
			onReadable: (count) => this.readable(count),
			onWritable: (count) => {
				if (this.lent) this.guest.onWritable(count);
			},
		});
	}
	readable(count) {
		if (this.lent) this.guest.onReadable(count);
		else this.own += this.serial.read(this.view);
	}
	onUnsolicited(_bytes, from, to) {
		this.handedOn += to - from;
	}
}

const application = new Application();

/** What Simstrap takes for its UART: the one that is lent. */
class Lent {
	constructor(options) {
		application.guest = options;
	}
	read(view) {
		return application.serial.read(view);
	}
	write(view) {
		application.serial.write(view);
	}
	close() {
		application.guest = null;
	}
}

if (shared) application.open();
const key = board.pins.find((pin) => pin.role === 0);
const machine = new Board({
	card: new VirtualCard(bootstrapCard(cardOf({ size: 126 }))),
	modem,
	on: !power,
	key: power ? key.pin : -1,
	active: power ? key.active : 1,
});
const records = new KeyValueStore(storage, "simstrap");
const meter = new Meter();
const told = { code: 1, by: "" };
let device = null;

function boot() {
	if (device !== null) device.close();
	// The controller was reset.
	world.levels.fill(-1);
	device = new Simstrap({
		buffer: new Uint8Array(4096),
		strayBytes,
		links,
		pin: pin === undefined ? undefined : digits(pin),
		serial: Object.assign({}, board.serial, { io: shared ? Lent : Serial }),
		power: power ? { io: Digital, pins: board.pins, bringUp: board.bringUp } : undefined,
		store: records,
		remember: {
			records,
			lender: application,
			sha256: (_bytes, length, into) => into.fill(length & 255) === into,
		},
		onResult: (code) => {
			told.code = code;
			told.by = "options";
			application.lent = false;
		},
	});
}

const start = () => {
	device.start();
};
const verify = () => {
	device.verify();
};
const heard = (code) => {
	told.code = code;
	told.by = "verify";
	application.lent = false;
};
const verifyWith = () => {
	device.verify(heard);
};

const ASKS = { start, verify, verifyWith };

function ask(name, how) {
	const before = {
		records: world.recordWrites,
		handedOn: application.handedOn,
		own: application.own,
		opened: world.serialsOpened,
	};
	told.code = 1;
	told.by = "";
	meter.slots = 0;
	meter.chunkBytes = 0;
	meter.stack = 0;
	collect();
	const collections = gcCount();
	const begun = world.now;
	if (shared) {
		application.lent = true;
		application.guest.onWritable(TX_BYTES);
	}
	meter.call(3, ASKS[how], 0);
	run(meter, machine, (world.now + LIMIT_MS) | 0, () => told.code !== 1);
	const { life } = device;
	print(
		JSON.stringify({
			name,
			code: told.code,
			by: told.by,
			state: life.state,
			valid: life.valid,
			storeCode: life.storeCode,
			length: device.bootstrap.file.length,
			hasFingerprint: life.hasFingerprint,
			exchanges: life.exchanges,
			taken: world.now - begun,
			writes: world.recordWrites - before.records,
			kept: world.records.filter((record) => record.key !== "").map((record) => record.key),
			handedOn: application.handedOn - before.handedOn,
			own: application.own - before.own,
			slots: meter.slots,
			chunkBytes: meter.chunkBytes,
			stack: meter.stack,
			collections: gcCount() - collections,
			lost: world.lost,
			peak: world.peak,
			pinTriesUsed: machine.virtual.card === null ? 0 : machine.virtual.card.pinTriesUsed,
			channelsOpen: machine.virtual.card === null ? 0 : machine.virtual.card.channelsOpen,
			closedInCallback: world.closedInCallback,
			serialsOpen: world.serialsOpen,
		}),
	);
}

for (const step of steps) {
	const modemNow = machine.virtual;
	switch (step.do) {
		case "boot":
			boot();
			ask(step.name, "start");
			break;
		case "start":
		case "verify":
		case "verifyWith":
			ask(step.name, step.do);
			break;
		case "release":
			device.release();
			break;
		case "card":
			modemNow.setCard(new VirtualCard(bootstrapCard(cardOf(step))), world.now);
			break;
		case "remove":
			modemNow.setCard(null, world.now);
			break;
		case "update": {
			const ef = modemNow.card.profile.bootstrapFile;
			const { file } = cardOf(step);
			ef.data = new Uint8Array(3000).fill(255);
			for (let i = 0; i < file.length; i++) ef.data[i] = file[i];
			break;
		}
		case "busy":
			application.busy = step.busy;
			break;
		case "full":
			world.recordsFull = step.full;
			break;
		case "chatter":
			modemNow.options.unrelated = [{ text: "+CREG: 1", place: "between" }];
			break;
		case "quiet":
			modemNow.options.unrelated = [];
			break;
		case "silent":
			modemNow.dead = step.silent;
			break;
		default:
			throw new Error(step.do);
	}
}
device.close();
