// Runs on XS: the least heap for a board's program. The whole conversation is recorded first; then, with only argv[0] slots and argv[1]
// chunk bytes left, everything that main.ts makes is made and runs against the recording. Prints the result's code.

import { Accounts, Simstrap } from "simstrap";
import { board } from "simstrap/boards/this/board";
import { bootstrapCard, Line, VirtualCard, VirtualModem } from "virtual";
import { Digital, Registers, Serial, world } from "./sdk/world.js";

const TX_BYTES = 128;
const CR = 13;
const line = new Line(new VirtualModem(new VirtualCard(bootstrapCard({})), { startMs: world.now }), {});
const answers = new Uint8Array(8192);
const ends = new Int32Array(256);
const part = new Uint8Array(1024);
const buffer = new Uint8Array(1024);
let end = 0;
let turns = 0;
let turn = 0;
let waiting = 0;
let code = 1;

/** The next thing that happens; nothing is allocated here. */
function step(recording) {
	const { serial } = world;
	if (world.outCount > 0 || world.writable) {
		for (let i = 0; i < world.outCount; i++) if (world.out[i] === CR) waiting += 1;
		if (recording && world.outCount > 0) line.receive(world.out, 0, world.outCount, world.now);
		world.writable = false;
		world.outCount = 0;
		world.txCount = 0;
		serial.onWritable(TX_BYTES);
	} else if (waiting > 0) {
		waiting -= 1;
		if (recording) {
			const count = line.read(part, 0, part.length, world.now);
			for (let i = 0; i < count; i++) answers[end + i] = part[i];
			end += count;
			ends[turns++] = end;
		}
		const from = turn === 0 ? 0 : ends[turn - 1];
		const to = ends[turn++];
		for (let i = from; i < to; i++) world.fifo[world.fifoCount++] = answers[i];
		serial.onReadable(world.fifoCount);
	} else {
		const { timer } = world;
		let first = null;
		for (let i = 0; i < timer.length; i++) {
			const each = timer[i];
			if (each.alive && each.on && (first === null || ((each.at - first.at) | 0) < 0)) first = each;
		}
		if (((first.at - world.now) | 0) > 0) world.now = first.at;
		first.at = (first.at + first.interval) | 0;
		first.callback(first);
	}
}

function make() {
	const serial = Object.assign({ io: Serial }, board.serial);
	const registers = board.registers === null ? undefined : Object.assign({ io: Registers }, board.registers);
	const simstrap = new Simstrap({
		buffer,
		serial,
		power: { io: Digital, pins: board.pins, bringUp: board.bringUp, registers },
		onResult: (result) => {
			code = result;
		},
	});
	return { simstrap, accounts: new Accounts(simstrap.bootstrap.file) };
}

function go(recording, program) {
	turn = 0;
	waiting = 0;
	code = 1;
	program.simstrap.start();
	for (let n = 0; n < 10000 && code === 1; n++) step(recording);
}

const first = make();
go(true, first);
first.simstrap.close();
if (code !== 0) throw new Error(`recorded ${code}`);
world.levels.fill(-1);
world.timer = [];
world.now += 1000;
collect();
const slotsBefore = slots();
const chunksBefore = chunkBytes();
limit(Number(argv[0]), Number(argv[1]));
const program = make();
limit();
collect();
const kept = { slots: slots() - slotsBefore, chunkBytes: chunkBytes() - chunksBefore };
limit(Number(argv[0]) - kept.slots, Number(argv[1]) - kept.chunkBytes);
go(false, program);
limit();
print(JSON.stringify({ code, kept }));
