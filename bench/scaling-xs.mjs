// Runs on XS: the bytecodes of reading files of the sizes in argv, without the confirming read. One line of JSON.

import { Rig } from "../test/engine/meter.js";
import { fileOf } from "./conversation.mjs";

const points = [];
for (let i = 0; i < argv.length; i++) {
	const file = fileOf(Number(argv[i]));
	const rig = new Rig({ chunk: 64, core: { confirm: false }, card: { file, manners: { acceptsLe00: true } } });
	if (rig.run() !== 0) throw new Error("a file of " + argv[i] + " bytes was not read");
	points.push([Number(argv[i]), rig.bytecodes]);
}
print(JSON.stringify(points));
