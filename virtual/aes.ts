// AES (FIPS 197) for engines that bring none: the virtual card's, and that of tests. Small and slow, and its time depends on its data: not
// for a device with secrets. After construction it allocates nothing.

const BLOCK_BYTES = 16;
const ROUNDS_MAX = 14;

/** Multiplication by x in GF(2^8) (clause 4.2.1). */
function times2(a: number): number {
	return ((a << 1) ^ (0x1b & -(a >> 7))) & 0xff;
}

/** The S-box (clause 5.1.1) and, from 256 on, its inverse; made when it is first needed. */
let boxes: Uint8Array | null = null;

function makeBoxes(): Uint8Array {
	const made = new Uint8Array(512);
	// p goes through all powers of 3, and q through those of its inverse.
	let p = 1;
	let q = 1;
	do {
		p = p ^ times2(p);
		q ^= q << 1;
		q ^= q << 2;
		q ^= q << 4;
		q &= 0xff;
		if ((q & 0x80) !== 0) q ^= 0x09;
		const turned = q ^ (q << 1) ^ (q << 2) ^ (q << 3) ^ (q << 4);
		made[p] = ((turned & 0xff) ^ (turned >> 8) ^ 0x63) & 0xff;
	} while (p !== 1);
	made[0] = 0x63;
	for (let i = 0; i < 256; i++) made[256 + made[i]] = i;
	return made;
}

/** One key at a time; blocks are encrypted and decrypted in place. */
export class Aes {
	private readonly box: Uint8Array;
	private readonly schedule: Uint8Array;
	private readonly state: Uint8Array;
	private rounds: number;

	/** @param key 16, 24 or 32 bytes */
	constructor(key: Uint8Array) {
		if (boxes === null) boxes = makeBoxes();
		this.box = boxes;
		this.schedule = new Uint8Array(BLOCK_BYTES * (ROUNDS_MAX + 1));
		this.state = new Uint8Array(BLOCK_BYTES);
		this.rounds = 0;
		this.use(key);
	}

	/** Takes another key, of 16, 24 or 32 bytes. */
	use(key: Uint8Array): void {
		const length = key.length;
		if (length !== 16 && length !== 24 && length !== 32) {
			throw new TypeError("AES: expected a key of 16, 24 or 32 bytes, got " + length);
		}
		this.rounds = (length >> 2) + 6;
		this.expand(key);
	}

	encrypt(block: Uint8Array): void {
		const box = this.box;
		const state = this.state;
		this.addKey(block, 0);
		for (let round = 1; round <= this.rounds; round++) {
			// SubBytes and ShiftRows.
			for (let i = 0; i < BLOCK_BYTES; i++) state[i] = box[block[(i * 5) & 15]];
			if (round < this.rounds) {
				for (let c = 0; c < BLOCK_BYTES; c += 4) {
					const all = state[c] ^ state[c + 1] ^ state[c + 2] ^ state[c + 3];
					for (let r = 0; r < 4; r++)
						block[c + r] = state[c + r] ^ all ^ times2(state[c + r] ^ state[c + ((r + 1) & 3)]);
				}
			} else block.set(state);
			this.addKey(block, round);
		}
	}

	decrypt(block: Uint8Array): void {
		const box = this.box;
		const state = this.state;
		for (let round = this.rounds; round > 0; round--) {
			this.addKey(block, round);
			if (round < this.rounds) {
				for (let c = 0; c < BLOCK_BYTES; c += 4) {
					// MixColumns undone: first by (4 x^2 + 5), then forwards.
					const even = times2(times2(block[c] ^ block[c + 2]));
					const odd = times2(times2(block[c + 1] ^ block[c + 3]));
					block[c] ^= even;
					block[c + 1] ^= odd;
					block[c + 2] ^= even;
					block[c + 3] ^= odd;
					const first = block[c];
					const all = block[c] ^ block[c + 1] ^ block[c + 2] ^ block[c + 3];
					for (let r = 0; r < 3; r++) block[c + r] ^= all ^ times2(block[c + r] ^ block[c + r + 1]);
					block[c + 3] ^= all ^ times2(block[c + 3] ^ first);
				}
			}
			for (let i = 0; i < BLOCK_BYTES; i++) state[(i * 5) & 15] = box[256 + block[i]];
			block.set(state);
		}
		this.addKey(block, 0);
	}

	close(): void {
		this.schedule.fill(0);
		this.state.fill(0);
	}

	private addKey(block: Uint8Array, round: number): void {
		const schedule = this.schedule;
		const at = round * BLOCK_BYTES;
		for (let i = 0; i < BLOCK_BYTES; i++) block[i] ^= schedule[at + i];
	}

	/** Clause 5.2. */
	private expand(key: Uint8Array): void {
		const box = this.box;
		const w = this.schedule;
		const length = key.length;
		let constant = 1;
		w.set(key);
		const end = BLOCK_BYTES * (this.rounds + 1);
		for (let i = length; i < end; i += 4) {
			const place = i % length;
			if (place === 0) {
				w[i] = box[w[i - 3]] ^ constant;
				w[i + 1] = box[w[i - 2]];
				w[i + 2] = box[w[i - 1]];
				w[i + 3] = box[w[i - 4]];
				constant = times2(constant);
			} else if (length === 32 && place === 16) for (let r = 0; r < 4; r++) w[i + r] = box[w[i + r - 4]];
			else for (let r = 0; r < 4; r++) w[i + r] = w[i + r - 4];
			for (let r = 0; r < 4; r++) w[i + r] ^= w[i + r - length];
		}
	}
}

/** AES as a platform lends it. */
export function aes(key: Uint8Array): Aes {
	return new Aes(key);
}
