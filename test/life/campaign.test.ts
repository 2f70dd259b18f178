// What a device does not choose, in any order: power cuts at any byte and at any time, cards that are taken out, swapped, updated, blank,
// locked or silent, stores that are full, broken or corrupt. Each life is a row of such events by dice with a fixed seed; beside it goes a
// model that knows only what the card held and what the device was told, and says what may come out:
//
//   accounts that are confirmed are exactly the card's file;
//   accounts that are not are exactly the last ones that were confirmed, and nothing was heard against them since;
//   what is not valid has no length; accounts that are other bytes have another generation;
//   where the store takes what it is given, it has no key of any file but the one in use, and nothing is written when nothing changed.

import assert from "node:assert/strict";
import test from "node:test";
import { SWITCHED_OFF } from "../../src/index.js";
import { Random, toHex } from "../../virtual/index.js";
import { Home, Listener, MemoryStore, PowerCut, serverFile } from "./support.js";

/** How many lives are lived; `SIMSTRAP_CAMPAIGN=20 npm test -- test/life/campaign` lives twenty times as many. */
const LIVES = 400 * Math.max(1, Number(process.env.SIMSTRAP_CAMPAIGN ?? 1) || 1);
const EVENTS = 40;
const BUFFER_BYTES = 8192;

/** Each file has a key of its own, so that it is known anywhere; some go over several chunks. */
const KEYS = [0, 1, 2, 3, 4, 5].map((i) => `key-number-${i}`);
const GOOD = KEYS.map((key, i) => serverFile(`coaps://${"abcdef"[i]}.example`, 60 + i, key.repeat(i < 4 ? 1 : 50 * i)));
const BROKEN = GOOD[0].slice();
BROKEN[1] = 77;
const HALF = GOOD[4].slice();
HALF.fill(0xff, 1000);
const BLANK = new Uint8Array(64).fill(0xff);
const ICCIDS = ["8988211000000000011", "8988211000000000029", "8988211000000000037"];

/** Nothing that may be used. */
const NOTHING = "";

class Model {
	readonly home: Home;
	readonly listener = new Listener();
	readonly dice: Random;
	readonly log: string[] = [];
	/** What is on the card; null for no card. */
	file: Uint8Array | null = GOOD[0];
	card = 0;
	/** What the device may go on with, unverified, as images in hex, or NOTHING; and what after a restart, since the store may have it. */
	possible = new Set<string>([NOTHING]);
	kept = new Set<string>([NOTHING]);
	/** Something was done to the store that a run has not seen yet. */
	spoilt = false;
	/** The modem and the card answer as they should. */
	sound = true;
	/** Nothing has happened since a confirmed result that was kept. */
	settled = false;
	/** What the application took, with its generation. */
	taken: { generation: number; image: string } | null = null;

	constructor(seed: number) {
		this.dice = new Random(seed);
		this.home = new Home(
			{ file: GOOD[0], fileSize: 5000, iccid: ICCIDS[0] },
			{ bufferBytes: BUFFER_BYTES, lender: this.listener, store: new MemoryStore() },
		);
		this.home.modem.options.restartMs = 0;
	}

	/** Another event. */
	step(): void {
		const { home, dice } = this;
		const { store, modem } = home;
		switch (dice.below(21)) {
			case 0:
			case 1:
				this.write(GOOD[dice.below(GOOD.length)]);
				break;
			case 2:
				this.write([BROKEN, HALF, BLANK][dice.below(3)]);
				break;
			case 3:
				this.insert(dice.below(ICCIDS.length), dice.below(4) === 0 ? null : GOOD[dice.below(GOOD.length)]);
				break;
			case 4:
				this.insert(this.card, GOOD[dice.below(2)]);
				break;
			case 5:
				store.capacity = dice.below(2) === 0 ? Number.POSITIVE_INFINITY : dice.below(6000);
				this.note(`capacity ${store.capacity}`);
				break;
			case 6:
				store.writable = dice.below(3) > 0;
				this.note(`writable ${store.writable}`);
				break;
			case 7:
				store.readable = dice.below(3) > 0;
				this.note(`readable ${store.readable}`);
				break;
			case 8:
				this.corrupt();
				break;
			case 9:
				modem.options.simCme = dice.below(2) === 0 ? 0 : [13, 14, 15][dice.below(3)];
				modem.dead = dice.below(5) === 0;
				this.sound = modem.options.simCme === 0 && !modem.dead;
				this.note(`SIM ${modem.options.simCme} ${modem.dead ? "and silent" : ""}`);
				break;
			case 10:
			case 11:
				this.cutBoot();
				break;
			case 12:
				this.loseTime();
				break;
			case 13:
			case 14:
			case 15:
				this.ask(true);
				break;
			case 16:
				this.mend();
				this.ask(false);
				break;
			case 17:
				this.switchOff();
				break;
			default:
				this.ask(false);
		}
	}

	private note(text: string): void {
		this.log.push(text);
		this.settled = false;
	}

	private write(file: Uint8Array): void {
		if (this.file === null) return;
		this.file = file;
		this.home.update(file);
		this.note(`update ${name(file)}`);
	}

	private insert(card: number, file: Uint8Array | null): void {
		this.card = card;
		this.file = file;
		this.home.insert(file === null ? null : { file, fileSize: 5000, iccid: ICCIDS[card] });
		this.note(`card ${card} ${name(file)}`);
	}

	private corrupt(): void {
		const { records } = this.home.store;
		const keys = [...records.keys()];
		if (keys.length === 0) return;
		const key = keys[this.dice.below(keys.length)];
		const record = records.get(key) as Uint8Array;
		const kind = this.dice.below(4);
		if (kind === 0) records.delete(key);
		else if (kind === 1) records.set(key, record.slice(0, this.dice.below(record.length)));
		else if (kind === 2 && key.length === 4) record[2] = 2 + this.dice.below(250);
		else record[this.dice.below(record.length)] ^= 1 + this.dice.below(255);
		this.possible.add(NOTHING);
		this.kept.add(NOTHING);
		this.spoilt = true;
		this.note(`corrupt ${key}, ${kind}`);
	}

	private mend(): void {
		const { store, modem } = this.home;
		store.capacity = Number.POSITIVE_INFINITY;
		store.writable = true;
		store.readable = true;
		modem.options.simCme = 0;
		modem.dead = false;
		this.sound = true;
		this.note("mended");
	}

	/** SIM bootstrap is switched off, and on again later. */
	private switchOff(): void {
		const { home } = this;
		this.mend();
		assert.equal(home.life.enable(false), 0, this.words);
		this.possible = new Set([NOTHING]);
		this.kept = new Set([NOTHING]);
		this.taken = null;
		this.onlyKeysOf(NOTHING);
		if (this.dice.below(2) === 0) this.restart();
		const { bytes } = home.port;
		home.life.run();
		assert.equal(home.drive().code, SWITCHED_OFF, this.words);
		assert.equal(home.port.bytes, bytes);
		if (this.dice.below(2) === 0) this.restart();
		assert.equal(home.life.enable(true), 0, this.words);
		assert.equal(home.store.records.size, 0, this.words);
		this.note("off and on");
	}

	/** The power of everything goes away at some byte that is written, if anything is. */
	private cutBoot(): void {
		const { home, dice } = this;
		home.store.powerBytes = dice.below(dice.below(2) === 0 ? 400 : 10000);
		home.store.torn = dice.below(2) === 0;
		this.note(`cut after ${home.store.powerBytes} bytes${home.store.torn ? ", torn" : ""}`);
		this.restart();
		const verifying = dice.below(3) === 0;
		this.begin(verifying);
		let code = 1;
		try {
			code = home.drive().code;
		} catch (error) {
			assert.ok(error instanceof PowerCut);
			this.broken();
			return;
		} finally {
			home.store.powerBytes = Number.POSITIVE_INFINITY;
		}
		this.judge(code, verifying);
		this.restart();
	}

	/** The power goes away at some time. */
	private loseTime(): void {
		this.restart();
		const verifying = this.dice.below(3) === 0;
		this.begin(verifying);
		const ms = this.dice.below(8000);
		this.log.push(`cut after ${ms} ms`);
		const { code, hung } = this.home.drive({ maxMs: ms });
		if (hung) this.broken();
		else {
			this.judge(code, verifying);
			this.restart();
		}
	}

	/** What it has come to when the power went away nobody knows: what was kept, what is there, or nothing. */
	private broken(): void {
		this.kept.add(NOTHING);
		if (this.file !== null) this.kept.add(toHex(this.file));
		this.settled = false;
		this.restart();
	}

	private restart(): void {
		this.home.modem.restart(this.home.port.now);
		this.home.life = this.home.device();
		this.possible = new Set(this.kept);
		this.taken = null;
	}

	private begin(verifying: boolean): void {
		if (verifying) this.home.life.verify();
		else this.home.life.run();
	}

	/** Asks, after a restart or not, and looks at what it came to. */
	ask(verifying: boolean): void {
		const { home, dice } = this;
		if (dice.below(3) === 0) {
			this.log.push("restart");
			this.restart();
		}
		const { settled } = this;
		const { writes } = home.store;
		this.begin(verifying);
		const { code, hung } = home.drive();
		assert.equal(hung, false, this.words);
		const state = this.judge(code, verifying);
		if (settled && this.sound) {
			assert.equal(state, 2, `nothing had changed: ${this.words}`);
			assert.equal(home.store.writes, writes, `written: ${this.words}`);
		}
	}

	/** What may have come out. */
	judge(code: number, verifying: boolean): number {
		const { life, store } = this.home;
		const image = this.home.image();
		this.log.push(
			`-> state ${life.state}, ${code}, ${life.valid ? name(fromImage(image)) : "invalid"}, ${life.storeCode}`,
		);
		const { words } = this;
		if (!verifying) this.spoilt = false;
		const here = this.file === null ? NOTHING : toHex(this.file);
		if (!life.valid) assert.equal(image, "", words);
		if (this.taken !== null && life.valid && life.generation === this.taken.generation)
			assert.ok(image === this.taken.image, `other accounts under the same number: ${words}`);
		this.taken = life.valid ? { generation: life.generation, image } : null;
		if (life.verified) {
			assert.equal(code, 0, words);
			assert.ok(life.valid && image === here, `not the card's: ${words}`);
			const whole = life.storeCode === 0 && !this.spoilt;
			this.possible = new Set(whole ? [image] : [image, NOTHING]);
			// What a store does not take, it may not have let go of either.
			this.kept = new Set(whole || store.writable ? this.possible : [...this.kept, ...this.possible]);
			this.settled = whole && store.readable;
			if (store.writable && !verifying) this.onlyKeysOf(image);
		} else if (life.state === 6) {
			// Nobody knows.
			if (life.valid) assert.ok(this.possible.has(image), `superseded: ${words}`);
		} else {
			assert.ok(life.state >= 3 && life.state <= 5 && !life.valid, words);
			const gone = this.file === null ? !this.home.modem.dead : this.file === BLANK && this.sound;
			assert.ok(life.state === 3 || gone, `it is there: ${words}`);
			this.possible = new Set([NOTHING]);
			if (life.storeCode !== 0) this.kept.add(NOTHING);
			else {
				this.kept = new Set([NOTHING]);
				if (store.writable) this.onlyKeysOf(NOTHING);
			}
			this.settled = false;
		}
		return life.state;
	}

	/** The store has no key of another file. */
	private onlyKeysOf(image: string): void {
		const { store } = this.home;
		GOOD.forEach((file, i) => {
			if (toHex(file) === image) return;
			assert.equal(store.holds(Buffer.from(KEYS[i])), false, `a key of file ${i} is kept: ${this.words}`);
		});
	}

	get words(): string {
		return this.log.slice(-14).join("; ");
	}
}

function fromImage(image: string): Uint8Array {
	return new Uint8Array(Buffer.from(image, "hex"));
}

function name(file: Uint8Array | null): string {
	if (file === null) return "none";
	const at = GOOD.findIndex((each) => Buffer.from(each).equals(Buffer.from(file)));
	return at >= 0 ? `file ${at}` : file === BROKEN ? "broken" : file === HALF ? "half" : "blank";
}

test(`${LIVES} lives of ${EVENTS} events each never come to accounts that nobody may use`, () => {
	const problems: string[] = [];
	for (let seed = 1; seed <= LIVES; seed++) {
		const model = new Model(seed * 7919);
		try {
			for (let i = 0; i < EVENTS; i++) model.step();
			// In the end all is well again.
			model.step();
		} catch (error) {
			problems.push(`seed ${seed}: ${(error as Error).message}`);
		}
	}
	assert.deepEqual(problems.slice(0, 5), [], `${problems.length} of ${LIVES}`);
});
