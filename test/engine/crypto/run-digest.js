// Runs on XS: hal/moddable-crypto/sha256 over a stand-in for the SDK's `crypt`. One line of JSON: digests, and what each call allocated.

import { sha256 } from "sha256";

const into = new Uint8Array(32);
const file = new Uint8Array(4096);
for (let i = 0; i < file.length; i++) file[i] = (7 * i) ^ (i >> 3);

const results = [];
for (const length of [0, 3, 55, 56, 64, 126, 2048, 4096]) {
	collect();
	const collections = gcCount();
	const s = slots();
	const c = chunkBytes();
	const made = sha256(file, length, into);
	const result = {
		length,
		made,
		slots: slots() - s,
		chunkBytes: chunkBytes() - c,
		collections: gcCount() - collections,
	};
	result.digest = Array.from(into);
	results.push(result);
}
print(JSON.stringify(results));
