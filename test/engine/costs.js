// Runs on XS: bytecodes per digit and per exchange, and what an instance keeps. One line of JSON.

import { Accounts, Hex, overCsim } from "simstrap";
import { makeFile } from "virtual";
import { METER_BYTECODES, Rig } from "./meter.js";

function decoding() {
	const hex = new Hex();
	const digits = new Uint8Array(512).fill(65);
	const bytes = new Uint8Array(256);
	const before = bytecodes();
	hex.decode(digits, 0, 512, bytes, 0);
	return (bytecodes() - before - METER_BYTECODES) / 512;
}

function instance() {
	const options = { buffer: new Uint8Array(16) };
	const port = { write: (_bytes, from, to) => to - from };
	collect();
	const slotsBefore = slots();
	const chunksBefore = chunkBytes();
	const device = overCsim(port, options);
	collect();
	const slotsBetween = slots();
	const chunksBetween = chunkBytes();
	const accounts = new Accounts(device.file);
	collect();
	const slotsAfter = slots();
	return {
		slots: slotsBetween - slotsBefore,
		chunkBytes: chunksBetween - chunksBefore,
		accountsSlots: slotsAfter - slotsBetween,
		fault: accounts.fault,
	};
}

/** Bytecodes of reading `size` bytes in one step each of `step`, 64 bytes at a time; the check of the file is taken off. */
function reading(size, step) {
	const rig = new Rig({
		chunk: 64,
		core: { confirm: false, step },
		card: { file: makeFile(size), fileSize: size, manners: { acceptsLe00: true } },
	});
	rig.run();
	const before = bytecodes();
	rig.device.file.check(size);
	return rig.bytecodes - (bytecodes() - before - METER_BYTECODES);
}

function whole(chunk) {
	const rig = new Rig({ chunk, card: { manners: { acceptsLe00: true } } });
	rig.run();
	return rig.bytecodes;
}

const per256 = (reading(4096 + 2560, 256) - reading(4096, 256)) / 10;
const per16 = (reading(1024 + 160, 16) - reading(1024, 16)) / 10;
const slope = (per256 - per16) / (512 - 32);
const kept = instance();
print(
	JSON.stringify({
		perDigitDecoding: decoding(),
		perDigitOfAnswer: per256 / 512,
		perExchange: per16 - 32 * slope,
		perBootstrap: whole(64),
		perBootstrapByteByByte: whole(1),
		instanceSlots: kept.slots,
		instanceChunkBytes: kept.chunkBytes,
		accountsSlots: kept.accountsSlots,
	}),
);
