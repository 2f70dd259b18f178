// Runs on XS: bootstraps through the secure channel with hal/moddable-crypto over a stand-in for the SDK's `crypt`, for files of some
// sizes, with the meters around every call into the core. One line of JSON.

import { aes } from "aes";
import { counts } from "crypt";
import { SecureChannel } from "simstrap";
import { makeFile, SecureCard } from "virtual";
import { Rig } from "../meter.js";

function keyOf(length, first) {
	const key = new Uint8Array(length);
	for (let i = 0; i < length; i++) key[i] = first + i;
	return key;
}

/** Not one: what is measured has to be the same each time. */
function random(bytes) {
	for (let i = 0; i < bytes.length; i++) bytes[i] = 7 * i;
}

function run(keyBytes, size) {
	const options = { enc: keyOf(keyBytes, 0), mac: keyOf(keyBytes, 0x40), kvn: 0x30 };
	const secure = new SecureChannel({ ...options, aes, random });
	const card = { file: makeFile(size), fileSize: size, manners: { transport: "t1", shortReadSw: 0x9000 } };
	const rig = new Rig({ chunk: 64, core: { secure }, card });
	rig.card.secure = new SecureCard(options);
	collect();
	counts.made = counts.schedules = counts.blocks = 0;
	const collections = gcCount();
	const code = rig.run();
	return {
		code,
		keyBytes,
		size: rig.device.file.length,
		exchanges: rig.card.commands,
		slots: rig.slots,
		chunkBytes: rig.chunkBytes,
		collections: gcCount() - collections,
		...counts,
	};
}

const results = [];
for (const keyBytes of [16, 32]) for (const size of [1024, 8192]) results.push(run(keyBytes, size));
print(JSON.stringify(results));
