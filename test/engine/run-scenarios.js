// Runs on XS: every scenario of scenarios.js, or those named as arguments, fed byte by byte; one line of JSON each.
import { Rig, readAccounts } from "./meter.js";
import { scenarios } from "./scenarios.js";

/** How often a text stands in another. */
function times(text, part) {
	let count = 0;
	for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count += 1;
	return count;
}

const names = argv.length > 0 ? argv : Object.keys(scenarios);
for (const name of names) {
	collect();
	const options = scenarios[name]();
	const rig = new Rig({ ...options, listens: options.says !== undefined });
	const collections = gcCount();
	const code = rig.run();
	const result = {
		name,
		code,
		ends: options.code || 0,
		slots: rig.slots,
		chunkBytes: rig.chunkBytes,
		bytecodes: rig.bytecodes,
		stack: rig.stack,
		everyWay: rig.everyWay,
		exchanges: rig.device.exchanges,
		toModem: rig.line.bytesToModem,
		toHost: rig.line.bytesToHost,
		instanceSlots: rig.instanceSlots,
		instanceChunkBytes: rig.instanceChunkBytes,
		size: rig.device.file.length,
		channelsOpen: rig.card === null ? 0 : rig.card.channelsOpen,
		faults: rig.faults,
		happens: options.happens || 0,
		said: options.says === undefined ? 0 : times(rig.heard, options.says[0]),
		says: options.says === undefined ? 0 : options.says[1],
	};
	if (code === 0) result.accounts = readAccounts(rig.device.file);
	result.collections = gcCount() - collections;
	print(JSON.stringify(result));
}
