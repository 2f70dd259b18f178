// Runs on XS: whole bootstraps through the secure channel with the engine's meters around every call into the core. The AES block function is
// as a platform's native one would be: it allocates nothing, since its objects exist before. One line of JSON for each scenario.

import { SecureChannel } from "simstrap";
import { Aes, makeFile, aes as newAes, SecureCard } from "virtual";
import { Rig } from "../meter.js";

/** A session has S-ENC, S-MAC and S-RMAC, and while it is opened one static key. */
const CIPHERS = 4;

/** Cipher objects that exist before, and what they are called for. */
class Pool {
	constructor() {
		this.free = [];
		this.bytecodes = 0;
		this.blocks = 0;
		this.stack = 0;
		for (let n = 0; n < CIPHERS; n++) this.free.push(new Pooled(this));
	}
	/** What the core has needed until here; what AES needs does not count. */
	enter() {
		const stack = stackPeak();
		if (stack > this.stack) this.stack = stack;
		return bytecodes();
	}
	leave(before) {
		this.blocks += 1;
		this.bytecodes += bytecodes() - before;
		stackMark();
	}
	take(key) {
		for (let n = 0; n < CIPHERS; n++) {
			const one = this.free[n];
			if (one.taken) continue;
			one.taken = true;
			one.aes.use(key);
			return one;
		}
		throw new Error("too many cipher objects");
	}
}

class Pooled {
	constructor(pool) {
		this.pool = pool;
		this.aes = new Aes(new Uint8Array(16));
		this.taken = false;
	}
	encrypt(block) {
		const before = this.pool.enter();
		this.aes.encrypt(block);
		this.pool.leave(before);
	}
	decrypt(block) {
		const before = this.pool.enter();
		this.aes.decrypt(block);
		this.pool.leave(before);
	}
	close() {
		this.aes.close();
		this.taken = false;
	}
}

let seed = 1;
function random(bytes) {
	for (let i = 0; i < bytes.length; i++) {
		seed = (seed * 5 + 3) & 255;
		bytes[i] = seed;
	}
}

function keyOf(length, first) {
	const key = new Uint8Array(length);
	for (let i = 0; i < length; i++) key[i] = first + i;
	return key;
}

const T1 = { transport: "t1", shortReadSw: 0x9000 };
const scenarios = {
	"AES-128, S8": {},
	"AES-128, S16": { sMode: 16 },
	"AES-192, S8": { keyBytes: 24 },
	"AES-256, S16": { keyBytes: 32, sMode: 16 },
	"pseudo-random challenge": { side: { i: 0x70 } },
	"T=0, a receiver of 128 bytes": { core: { step: 48 }, card: {} },
	"T=0": { card: {} },
	"a file of 4 KB": { card: { file: makeFile(4096), fileSize: 4096, manners: T1 } },
	"a file of 32 KB": { card: { file: makeFile(32768), fileSize: 32768, manners: T1 }, chunk: 64 },
	"keys of each card": { diversify: true },
	"prefer, and no SCP03": { policy: "prefer", side: null },
	"fail: wrong keys": { side: { enc: keyOf(16, 99) } },
	"fail: no SCP03": { side: null },
	"fail: no such keys": { side: { kvn: 0x31 } },
	"fail: no R-ENC": { side: { i: 0x20 } },
	"fail: an answer that was changed": { flip: true },
};

function rigOf(options, pool) {
	const length = options.keyBytes || 16;
	const sMode = options.sMode || 8;
	const channelOptions = {
		enc: keyOf(length, 0),
		mac: keyOf(length, 0x40),
		kvn: 0x30,
		sMode,
		random,
		aes: pool === null ? newAes : (key) => pool.take(key),
		policy: options.policy || "require",
	};
	if (options.diversify) {
		channelOptions.diversify = (data, enc, mac) => {
			for (let i = 0; i < enc.length; i++) {
				enc[i] ^= data[0];
				mac[i] ^= data[1];
			}
		};
	}
	const slotsBefore = slots();
	const chunksBefore = chunkBytes();
	const secure = new SecureChannel(channelOptions);
	const kept = { slots: slots() - slotsBefore, chunkBytes: chunkBytes() - chunksBefore };
	const core = { ...options.core, secure };
	const rig = new Rig({ chunk: options.chunk || 64, core, card: options.card || { manners: T1 } });
	if (options.side !== null) {
		rig.card.secure = new SecureCard({ enc: keyOf(length, 0), mac: keyOf(length, 0x40), sMode, ...options.side });
	}
	if (options.flip) {
		rig.card.onAnswer = (_index, apdu, answer) => {
			if (apdu[1] !== 0xb0) return null;
			answer[0] ^= 1;
			return answer;
		};
	}
	rig.kept = kept;
	return rig;
}

function run(name, options) {
	const pool = new Pool();
	const rig = rigOf(options, pool);
	collect();
	pool.bytecodes = 0;
	pool.blocks = 0;
	const collections = gcCount();
	const code = rig.run();
	return {
		name,
		code,
		slots: rig.slots,
		chunkBytes: rig.chunkBytes,
		bytecodes: rig.bytecodes - pool.bytecodes,
		blocks: pool.blocks,
		stack: Math.max(rig.stack, pool.stack),
		size: rig.device.file.length,
		exchanges: rig.card.commands,
		sessions: rig.card.secure === null ? 0 : rig.card.secure.sessions,
		kept: rig.kept,
		collections: gcCount() - collections,
	};
}

/** What one more exchange of 239 bytes costs, AES left out. */
function perExchange() {
	const large = run("", { card: { file: makeFile(239 * 20), fileSize: 239 * 20, manners: T1 } });
	const small = run("", { card: { file: makeFile(239 * 10), fileSize: 239 * 10, manners: T1 } });
	const n = large.exchanges - small.exchanges;
	return { bytecodes: (large.bytecodes - small.bytecodes) / n, blocks: (large.blocks - small.blocks) / n };
}

const results = [];
for (const name of Object.keys(scenarios)) results.push(run(name, scenarios[name]));

// Opening with cipher objects that are made then and there: what that allocates, and that nothing else does.
const opened = [];
for (const size of [1024, 8192]) {
	const rig = rigOf({ card: { file: makeFile(size), fileSize: size, manners: T1 } }, null);
	collect();
	const code = rig.run();
	opened.push({ code, slots: rig.slots, chunkBytes: rig.chunkBytes });
}
const key = keyOf(16, 0);
const s = slots();
const c = chunkBytes();
newAes(key);
const cipher = { slots: slots() - s, chunkBytes: chunkBytes() - c };

print(JSON.stringify({ results, opened, cipher, perExchange: perExchange() }));
