// Runs on XS: main.ts of a board once, as the scenario in argv[0] (JSON) says; one line of JSON.

import { told } from "simstrap/boards/app";
import { board } from "simstrap/boards/this/board";
import { bootstrapCard, VirtualCard } from "virtual";
import { Board, Meter, run } from "./meter.js";
import { world } from "./sdk/world.js";

const scenario = JSON.parse(argv[0]);
const PWRKEY = 0;
const RESET = 1;

world.receiverBytes = scenario.receiverBytes || 128;
world.registersFail = scenario.registersFail === true;
if (scenario.openChannel) {
	world.records[0] = { key: "channel", length: 1, bytes: new Uint8Array([scenario.openChannel]) };
}
told.again = scenario.again === true;
told.closes = scenario.closes === true;

const card = scenario.card === null ? null : new VirtualCard(bootstrapCard(scenario.card || {}));
if (scenario.openChannel)
	for (let n = 0; n < scenario.openChannel; n++) card.transmit(new Uint8Array([0, 0x70, 0, 0, 1]));
const key = board.pins.find((pin) => pin.role === PWRKEY);
const machine = new Board({
	card,
	modem: scenario.modem,
	on: scenario.on !== false,
	dead: scenario.dead,
	key: key === undefined ? -1 : key.pin,
	active: key === undefined ? 1 : key.active,
	bootMs: scenario.bootMs,
});

const meter = new Meter();
await import("main");
collect();
const collections = gcCount();
const started = world.now;
const limit = (started + (scenario.limitMs || 200000)) | 0;
let stops = 0;
run(meter, machine, limit, () => {
	if (scenario.stopAt !== undefined && stops === 0 && ((world.now - started - scenario.stopAt) | 0) >= 0) {
		stops += 1;
		meter.call(3, told.stop, 0);
		meter.call(3, told.stop, 0);
	}
	if (scenario.failures !== undefined) return told.failures >= scenario.failures;
	return (told.bootstrapped > 0 || told.failures > 0 || stops > 0) && world.serial === null;
});
const taken = world.now - started;
// Nothing more happens afterwards.
const calls = meter.calls;
if (scenario.failures === undefined) run(meter, machine, (world.now + 1000000) | 0, () => false);

const active = (role) => {
	const pin = board.pins.find((each) => each.role === role);
	return pin !== undefined && world.levels[pin.pin] === pin.active;
};
const buffer = told.file === null ? [] : Array.from(told.file.buffer);
print(
	JSON.stringify({
		code: told.code,
		step: told.step,
		bootstrapped: told.bootstrapped,
		failures: told.failures,
		accounts: told.accounts,
		usable: told.usable,
		wiped: buffer.every((byte) => byte === 0),
		taken,
		slots: meter.slots,
		chunkBytes: meter.chunkBytes,
		stack: meter.stack,
		calls: meter.calls,
		later: meter.calls - calls,
		collections: gcCount() - collections,
		serialsOpen: world.serialsOpen,
		closedInCallback: world.closedInCallback,
		keyPressed: active(PWRKEY) || active(RESET),
		presses: machine.presses,
		pinsClosed: world.pinsClosed,
		levels: board.pins.map((pin) => world.levels[pin.pin]),
		lost: world.lost,
		peak: world.peak,
		recordWrites: world.recordWrites,
		record: world.records[0].key === "" ? -1 : world.records[0].bytes[0],
		channelsOpen: card === null ? 0 : card.channelsOpen,
		lines: world.lines.slice(0, world.lineCount),
		history: machine.virtual === undefined ? [] : machine.virtual.history,
		registers: [0x80, 0x84, 0x90, 0x96].map((register) => world.registers[register]),
	}),
);
