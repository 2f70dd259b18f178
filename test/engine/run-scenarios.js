// Runs on XS: every scenario of meter.js, or those named as arguments; one line of JSON each.
import { Rig, readAccounts, scenarios } from "./meter.js";

const names = argv.length > 0 ? argv : Object.keys(scenarios);
for (const name of names) {
	collect();
	const rig = new Rig(scenarios[name]());
	const collections = gcCount();
	const code = rig.run();
	const result = {
		name,
		code,
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
	};
	if (code === 0) result.accounts = readAccounts(rig.device.file);
	result.collections = gcCount() - collections;
	print(JSON.stringify(result));
}
