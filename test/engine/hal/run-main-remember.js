// Runs on XS: main.ts with REMEMBER, after an earlier start has kept what the card has; argv[0] (JSON) says what has become of the SIM since. Then the
// application verifies, on the UART that it was given back, the card's file changes, and it verifies again. One line of JSON.

import { KeyValueStore, Simstrap } from "simstrap";
import { told } from "simstrap/boards/app";
import { board } from "simstrap/boards/this/board";
import { bootstrapCard, makeFile, VirtualCard } from "virtual";
import { Board, Meter, run } from "./meter.js";
import { Serial, storage, world } from "./sdk/world.js";

const { since } = JSON.parse(argv[0]);
const LIMIT_MS = 200000;
const machine = new Board({ card: new VirtualCard(bootstrapCard({ fileSize: 1000 })), on: true });
const meter = new Meter();

// The earlier start.
const records = new KeyValueStore(storage, "simstrap");
let code = 1;
const earlier = new Simstrap({
	buffer: new Uint8Array(1024),
	serial: Object.assign({ io: Serial }, board.serial),
	remember: { records },
	onResult: (result) => {
		code = result;
	},
});
earlier.start();
run(meter, machine, (world.now + LIMIT_MS) | 0, () => code !== 1);
earlier.close();
if (code !== 0 || earlier.life.state !== 1) throw new Error(`${code}`);

const modem = machine.virtual;
function update(size) {
	const file = makeFile(size);
	const ef = modem.card.profile.bootstrapFile;
	ef.data = new Uint8Array(1000).fill(255);
	for (let i = 0; i < file.length; i++) ef.data[i] = file[i];
}
if (since === "silent") modem.dead = true;
else if (since === "changed") update(300);
else if (since === "gone") modem.setCard(null, world.now);

const results = [];
function note(name, result) {
	const { life } = told.simstrap === null ? earlier : told.simstrap;
	results.push({
		name,
		code: result,
		state: life.state,
		valid: life.valid,
		verified: life.verified,
		length: told.file === null ? 0 : told.file.length,
		exchanges: life.exchanges,
		bootstrapped: told.bootstrapped,
		failures: told.failures,
		accounts: told.accounts,
		writes: world.recordWrites,
		serialsOpen: world.serialsOpen,
	});
}

world.recordWrites = 0;
await import("main");
run(meter, machine, (world.now + LIMIT_MS) | 0, () => told.bootstrapped + told.failures > 0 && world.serial === null);
note("start", told.code);
if (told.bootstrapped > 0) {
	modem.dead = false;
	const verify = (name) => {
		let result = 1;
		world.recordWrites = 0;
		if (!told.simstrap.verify((each) => (result = each))) throw new Error("not started");
		run(meter, machine, (world.now + LIMIT_MS) | 0, () => result !== 1);
		told.simstrap.release();
		note(name, result);
	};
	verify("verify");
	update(400);
	verify("verify, changed");
	const before = told.bootstrapped;
	told.simstrap.start();
	run(meter, machine, (world.now + LIMIT_MS) | 0, () => told.bootstrapped > before && world.serial === null);
	note("start again", told.code);
	told.simstrap.close();
}
print(JSON.stringify({ results, lines: world.lines.slice(0, world.lineCount) }));
