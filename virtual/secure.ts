// The card's side of SCP03, written from what GlobalPlatform Amendment D (v1.1.1) asks of a card: it shares nothing with the core but the AES
// block function that it is given.
//
//   INITIALIZE UPDATE      80 50 KVN 00 Lc host challenge
//     -> diversification data (10) KVN 03 i card challenge, card cryptogram [sequence counter (3)]      7.1.1
//   EXTERNAL AUTHENTICATE  84 82 level 00 Lc host cryptogram C-MAC                                      7.1.2
//   then                   84/04 INS P1 P2 Lc encrypted data C-MAC [Le]  ->  encrypted data R-MAC SW    6.2
//
// Where the specification leaves a choice, this card does so: a wrong host cryptogram or C-MAC of EXTERNAL AUTHENTICATE 6300; after
// three in a row the keys are blocked and INITIALIZE UPDATE answers 6982; another level than 33 6A86; 91xx is protected like 9000.

import { type Aes, aes } from "./aes.js";
import { copyBytes, joinBytes, sameBytes } from "./bytes.js";
import type { SecureSession } from "./card.js";
import { Random } from "./random.js";

/** The AES block function, the one thing that card and host may share. */
export interface CardCipher {
	encrypt(block: Uint8Array): void;
	decrypt(block: Uint8Array): void;
}

export interface SecureCardOptions {
	enc: Uint8Array;
	mac: Uint8Array;
	/** Default 30. */
	kvn?: number;
	/** 8 or 16; default 8. */
	sMode?: number;
	/** The parameter i; default 60: random challenge, R-MAC and R-ENC. With b5 (10) the challenge is pseudo-random. */
	i?: number;
	/** Key diversification data, 10 bytes; default 00. */
	diversification?: Uint8Array;
	/** For a pseudo-random challenge: the sequence counter at the start, and the AID of the invoking application. */
	sequence?: number;
	aid?: Uint8Array;
	/** What a random challenge begins from. */
	seed?: number;
	/** Card challenges to be given, in this order, in place of random ones. */
	challenges?: Uint8Array[];
	cipher?: (key: Uint8Array) => CardCipher;
	/** Wrong cryptograms until the keys are blocked; default 3. */
	tries?: number;
}

const LEVEL = 0x33;
const BLOCK = 16;

class State {
	/** INITIALIZE UPDATE has been answered, EXTERNAL AUTHENTICATE is awaited. */
	begun: boolean;
	open: boolean;
	host: Uint8Array;
	card: Uint8Array;
	sEnc: Uint8Array;
	sMac: Uint8Array;
	sRmac: Uint8Array;
	chaining: Uint8Array;
	commands: number;

	constructor() {
		const none = new Uint8Array(0);
		this.begun = false;
		this.open = false;
		this.host = none;
		this.card = none;
		this.sEnc = none;
		this.sMac = none;
		this.sRmac = none;
		this.chaining = new Uint8Array(BLOCK);
		this.commands = 0;
	}
}

function statusWord(sw: number): Uint8Array {
	return new Uint8Array([sw >> 8, sw & 0xff]);
}

/** Shifted left by one bit, and reduced by the field's polynomial. */
function doubled(block: Uint8Array): Uint8Array {
	const out = new Uint8Array(BLOCK);
	let carry = 0;
	for (let i = BLOCK - 1; i >= 0; i--) {
		out[i] = ((block[i] << 1) | carry) & 0xff;
		carry = block[i] >> 7;
	}
	if (carry === 1) out[BLOCK - 1] ^= 0x87;
	return out;
}

/** ISO/IEC 9797-1 padding method 2. */
function pad80(bytes: Uint8Array): Uint8Array {
	const out = new Uint8Array(bytes.length - (bytes.length % BLOCK) + BLOCK);
	out.set(bytes);
	out[bytes.length] = 0x80;
	return out;
}

export class SecureCard implements SecureSession {
	/** INITIALIZE UPDATE and EXTERNAL AUTHENTICATE that were received, and sessions that were opened. */
	initializations: number;
	authentications: number;
	sessions: number;
	/** Wrong authentications in a row. */
	failures: number;
	/** Commands whose protection was wrong. */
	rejected: number;

	private options: SecureCardOptions;
	private size: number;
	private kvn: number;
	private i: number;
	private sequence: number;
	private random: Random;
	private states: State[];
	private cipherOf: (key: Uint8Array) => CardCipher;

	constructor(options: SecureCardOptions) {
		this.options = options;
		this.size = options.sMode || 8;
		this.kvn = options.kvn !== undefined ? options.kvn : 0x30;
		this.i = options.i !== undefined ? options.i : 0x60;
		this.sequence = options.sequence || 0;
		this.random = new Random(options.seed || 1);
		this.initializations = 0;
		this.authentications = 0;
		this.sessions = 0;
		this.failures = 0;
		this.rejected = 0;
		this.states = [];
		for (let n = 0; n < 20; n++) this.states.push(new State());
		const own = options.cipher;
		this.cipherOf = own !== undefined ? own : (key: Uint8Array): Aes => aes(key);
	}

	isOpen(channel: number): boolean {
		return this.states[channel].open;
	}

	end(channel: number): void {
		this.states[channel] = new State();
	}

	authenticate(channel: number, apdu: Uint8Array): Uint8Array | null {
		return apdu[1] === 0x50 ? this.initialize(channel, apdu) : this.external(channel, apdu);
	}

	unwrap(channel: number, apdu: Uint8Array): Uint8Array | null {
		const state = this.states[channel];
		const plain = state.open ? this.opened(state, apdu) : null;
		if (plain === null) this.rejected++;
		return plain;
	}

	wrap(channel: number, answer: Uint8Array): Uint8Array {
		const state = this.states[channel];
		const n = answer.length - 2;
		const sw1 = answer[n];
		const sw = copyBytes(answer, n, n + 2);
		const success = (sw1 === 0x90 && answer[n + 1] === 0) || sw1 === 0x91 || sw1 === 0x62 || sw1 === 0x63;
		if (!state.open || !success) return sw;
		let data = copyBytes(answer, 0, n);
		if (n > 0) {
			// 6.2.7: the counter of the command, with 80 in front.
			const icv = this.icv(state, 0x80);
			data = this.cbcEncrypt(state.sEnc, icv, pad80(data));
		}
		const mac = this.cmac(state.sRmac, joinBytes([state.chaining, data, sw]));
		return joinBytes([data, copyBytes(mac, 0, this.size), sw]);
	}

	private initialize(channel: number, apdu: Uint8Array): Uint8Array {
		this.initializations++;
		this.end(channel);
		const state = this.states[channel];
		const options = this.options;
		const tries = options.tries !== undefined ? options.tries : 3;
		if (this.failures >= tries) return statusWord(0x6982);
		if (apdu[3] !== 0) return statusWord(0x6a86);
		if (apdu[2] !== 0 && apdu[2] !== this.kvn) return statusWord(0x6a88);
		if (apdu.length < 5 + this.size || apdu[4] !== this.size) return statusWord(0x6700);
		state.host = copyBytes(apdu, 5, 5 + this.size);
		const tail = this.makeChallenge(state);
		state.sEnc = this.derived(options.enc, 0x04, 8 * options.enc.length, state);
		state.sMac = this.derived(options.mac, 0x06, 8 * options.mac.length, state);
		state.sRmac = this.derived(options.mac, 0x07, 8 * options.mac.length, state);
		state.begun = true;
		const cryptogram = this.derived(state.sMac, 0x00, 8 * this.size, state);
		const data = options.diversification || new Uint8Array(10);
		const head = new Uint8Array([this.kvn, 0x03, this.i]);
		return joinBytes([data, head, state.card, cryptogram, tail, statusWord(0x9000)]);
	}

	/** Makes the card challenge; what it returns goes behind the cryptogram. */
	private makeChallenge(state: State): Uint8Array {
		const given = this.options.challenges;
		if ((this.i & 0x10) === 0) {
			state.card = new Uint8Array(this.size);
			for (let n = 0; n < this.size; n++) state.card[n] = this.random.below(256);
			if (given !== undefined && given.length > 0) state.card = given.shift() as Uint8Array;
			return new Uint8Array(0);
		}
		this.sequence++;
		const counter = new Uint8Array([this.sequence >> 16, (this.sequence >> 8) & 0xff, this.sequence & 0xff]);
		const context = joinBytes([counter, this.options.aid || new Uint8Array(0)]);
		state.card = this.kdf(this.options.enc, 0x02, 8 * this.size, context);
		if (given !== undefined && given.length > 0) state.card = given.shift() as Uint8Array;
		return counter;
	}

	private external(channel: number, apdu: Uint8Array): Uint8Array {
		this.authentications++;
		const state = this.states[channel];
		const size = this.size;
		if (!state.begun || state.open) {
			this.end(channel);
			return statusWord(0x6985);
		}
		state.begun = false;
		if (apdu[2] !== LEVEL || apdu[3] !== 0) return statusWord(0x6a86);
		if (apdu.length !== 5 + 2 * size || apdu[4] !== 2 * size) return statusWord(0x6700);
		const expected = this.derived(state.sMac, 0x01, 8 * size, state);
		const right = sameBytes(copyBytes(apdu, 5, 5 + size), expected);
		if (!this.checkMac(state, apdu, 5 + size) || !right) {
			this.failures++;
			return statusWord(0x6300);
		}
		this.failures = 0;
		this.sessions++;
		state.open = true;
		state.commands = 0;
		return statusWord(0x9000);
	}

	/** 6.2.4: the C-MAC stands at `at`; it is made over the chaining value and the command on channel 0, Lc being the one on the line. */
	private checkMac(state: State, apdu: Uint8Array, at: number): boolean {
		const message = copyBytes(apdu, 0, at);
		message[0] = (apdu[0] & 0x80) !== 0 ? 0x84 : 0x04;
		const mac = this.cmac(state.sMac, joinBytes([state.chaining, message]));
		state.chaining = mac;
		return sameBytes(copyBytes(mac, 0, this.size), copyBytes(apdu, at, at + this.size));
	}

	/** Protected command -> plain command, or null. */
	private opened(state: State, apdu: Uint8Array): Uint8Array | null {
		const lc = apdu.length > 5 ? apdu[4] : 0;
		const size = this.size;
		// GlobalPlatform's secure messaging, and not that of ISO/IEC 7816-4: b4b3 = 01 (Card Specification, 11.1.4).
		if ((apdu[0] & 0x40) === 0 && (apdu[0] & 0x0c) !== 0x04) return null;
		if (lc < size || apdu.length < 5 + lc || apdu.length > 6 + lc) return null;
		if (!this.checkMac(state, apdu, 5 + lc - size)) return null;
		state.commands++;
		const head = copyBytes(apdu, 0, 4);
		head[0] = (apdu[0] & 0x40) !== 0 ? apdu[0] & 0xdf : apdu[0] & 0xf3;
		const le = copyBytes(apdu, 5 + lc, apdu.length);
		if (lc === size) return joinBytes([head, le]);
		const hidden = copyBytes(apdu, 5, 5 + lc - size);
		if (hidden.length % BLOCK !== 0) return null;
		const clear = this.cbcDecrypt(state.sEnc, this.icv(state, 0), hidden);
		let end = clear.length - 1;
		while (end >= 0 && clear[end] === 0) end--;
		if (end < 0 || clear[end] !== 0x80 || clear.length - end > BLOCK) return null;
		const data = copyBytes(clear, 0, end);
		return joinBytes([head, new Uint8Array([data.length]), data, le]);
	}

	// Primitives.

	private icv(state: State, first: number): Uint8Array {
		const block = new Uint8Array(BLOCK);
		block[0] = first;
		block[14] = state.commands >> 8;
		block[15] = state.commands & 0xff;
		this.cipherOf(state.sEnc).encrypt(block);
		return block;
	}

	private cbcEncrypt(key: Uint8Array, icv: Uint8Array, data: Uint8Array): Uint8Array {
		const cipher = this.cipherOf(key);
		let last = icv;
		const parts: Uint8Array[] = [];
		for (let at = 0; at < data.length; at += BLOCK) {
			const block = copyBytes(data, at, at + BLOCK);
			for (let n = 0; n < BLOCK; n++) block[n] ^= last[n];
			cipher.encrypt(block);
			parts.push(block);
			last = block;
		}
		return joinBytes(parts);
	}

	private cbcDecrypt(key: Uint8Array, icv: Uint8Array, data: Uint8Array): Uint8Array {
		const cipher = this.cipherOf(key);
		let last = icv;
		const parts: Uint8Array[] = [];
		for (let at = 0; at < data.length; at += BLOCK) {
			const block = copyBytes(data, at, at + BLOCK);
			cipher.decrypt(block);
			for (let n = 0; n < BLOCK; n++) block[n] ^= last[n];
			parts.push(block);
			last = copyBytes(data, at, at + BLOCK);
		}
		return joinBytes(parts);
	}

	/** NIST SP 800-38B. */
	private cmac(key: Uint8Array, message: Uint8Array): Uint8Array {
		const cipher = this.cipherOf(key);
		const zero = new Uint8Array(BLOCK);
		cipher.encrypt(zero);
		const k1 = doubled(zero);
		const whole = message.length > 0 && message.length % BLOCK === 0;
		const mask = whole ? k1 : doubled(k1);
		const padded = whole ? copyBytes(message, 0, message.length) : pad80(message);
		for (let n = 0; n < BLOCK; n++) padded[padded.length - BLOCK + n] ^= mask[n];
		const all = this.cbcEncrypt(key, new Uint8Array(BLOCK), padded);
		return copyBytes(all, all.length - BLOCK, all.length);
	}

	/** 4.1.5. */
	private kdf(key: Uint8Array, constant: number, bits: number, context: Uint8Array): Uint8Array {
		const label = new Uint8Array(12);
		label[11] = constant;
		const parts: Uint8Array[] = [];
		for (let n = 1; (n - 1) * 128 < bits; n++) {
			const middle = new Uint8Array([0, bits >> 8, bits & 0xff, n]);
			parts.push(this.cmac(key, joinBytes([label, middle, context])));
		}
		return copyBytes(joinBytes(parts), 0, bits / 8);
	}

	private derived(key: Uint8Array, constant: number, bits: number, state: State): Uint8Array {
		return this.kdf(key, constant, bits, joinBytes([state.host, state.card]));
	}
}
