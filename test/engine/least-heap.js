// Runs on XS: the least heap in which a bootstrap succeeds. The whole conversation is recorded first; then, with only argv[0] slots
// and argv[1] chunk bytes left, an instance is made and runs against the recording, which lies outside of what it may use.

import { overCsim } from "simstrap";
import { bootstrapCard, Line, VirtualCard, VirtualModem } from "virtual";

const line = new Line(new VirtualModem(new VirtualCard(bootstrapCard({})), {}), {});
const outbox = new Uint8Array(1024);
const inbox = new Uint8Array(4096);
const ends = new Int32Array(256);
const buffer = new Uint8Array(1024);
let written = 0;
let count = 0;
let turns = 0;

const port = {
	write(bytes, from, to) {
		for (let i = from; i < to; i++) outbox[written + i - from] = bytes[i];
		written += to - from;
		return to - from;
	},
};

const recorder = overCsim(port, { buffer });
recorder.readFile();
while (recorder.poll(0) === 1) {
	line.receive(outbox, 0, written, 0);
	written = 0;
	const part = new Uint8Array(1024);
	const got = line.read(part, 0, part.length, 0);
	for (let i = 0; i < got; i++) inbox[count + i] = part[i];
	count += got;
	ends[turns++] = count;
	recorder.receive(part, got);
}

const one = new Uint8Array(1);
const options = { buffer };
const freeSlots = Number(argv[0]);
const freeChunkBytes = Number(argv[1]);
limit(freeSlots, freeChunkBytes);

const device = overCsim(port, options);
device.readFile();
let at = 0;
let code = 1;
for (let turn = 0; turn <= turns && code === 1; turn++) {
	written = 0;
	code = device.poll(0);
	for (; turn < turns && at < ends[turn]; at++) {
		one[0] = inbox[at];
		device.receive(one, 1);
	}
}
limit();
print(code);
