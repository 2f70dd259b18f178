// SCP03 from the host's side: INITIALIZE UPDATE, the card's cryptogram, EXTERNAL AUTHENTICATE (GlobalPlatform Amendment D, 5 and 7.1).
// Appendix H of the LwM2M TS asks for security level 33: MAC and encryption of commands and answers alike.
//
//   80 50 KVN 00 Lc | host challenge | 00
//     key diversification data (10) | KVN | 03 | i | card challenge | card cryptogram | [sequence counter (3)]
//   84 82 33 00 Lc | host cryptogram | C-MAC

import { Command } from "./apdu.js";
import { OK, SECURE_ANSWER, SECURE_KEYS_WRONG, SECURE_LEVEL, SECURE_NO_KEYS } from "./codes.js";
import type { Aes, RandomSource } from "./platform.js";
import { Scp03Session, sameSecret } from "./scp03-session.js";

export const INS_INITIALIZE_UPDATE = 0x50;
export const INS_EXTERNAL_AUTHENTICATE = 0x82;

/** C-MAC, command encryption, R-MAC and response encryption. */
const SECURITY_LEVEL = 0x33;
/** Bits of the parameter i: what the card can do with answers. */
const I_R_MAC = 0x20;
const I_R_ENC = 0x40;
const PROTOCOL = 3;

// Where things stand in the answer to INITIALIZE UPDATE.
const DIVERSIFICATION_BYTES = 10;
const KVN_AT = 10;
const PROTOCOL_AT = 11;
const I_AT = 12;
const CHALLENGE_AT = 13;
const SEQUENCE_BYTES = 3;

/** The longest data of a command that is protected, which is that of a SELECT; padded to 48. */
const DATA_MAX_BYTES = 32;
/** The longest protected command, Le included. */
export const PROTECTED_COMMAND_BYTES = 5 + DATA_MAX_BYTES + 16 + 16 + 1;

/**
 * Makes the keys of one card from those of many: `enc` and `mac` hold the configured keys, and are changed in place. `data` is the card's key
 * diversification data, 10 bytes.
 */
export type Diversify = (data: Uint8Array, enc: Uint8Array, mac: Uint8Array) => void;

export interface Scp03Options {
	/** The static keys, Key-ENC and Key-MAC, 16, 24 or 32 bytes each; they are copied. */
	enc: Uint8Array;
	mac: Uint8Array;
	/** The key version number, 0 to 127; 0, which is the first that the card has, when not given. */
	kvn?: number;
	/** S8 or S16: the bytes of challenges, cryptograms and MACs; 8 when not given. */
	sMode?: number;
	/** The platform's AES. */
	aes: Aes;
	/** The platform's random source. */
	random: RandomSource;
	/** For keys that are not the same in each card. */
	diversify?: Diversify;
}

function checkKey(name: string, key: Uint8Array): void {
	const length = key.length;
	if (length !== 16 && length !== 24 && length !== 32) {
		throw new TypeError(name + ": expected a key of 16, 24 or 32 bytes, got " + length);
	}
}

export class Scp03 {
	readonly session: Scp03Session;
	/** The command to be sent. */
	readonly command: Command;
	/** Names the keys without telling them, to recognise them at the next start; never 0. */
	readonly keysId: number;

	private readonly enc: Uint8Array;
	private readonly mac: Uint8Array;
	private readonly kvn: number;
	private readonly random: RandomSource;
	private readonly diversify: Diversify | null;
	/** The keys of the card at hand; the configured ones where each card has the same. */
	private readonly cardEnc: Uint8Array;
	private readonly cardMac: Uint8Array;
	private readonly diversification: Uint8Array;
	private readonly scratch: Uint8Array;
	private closed: boolean;

	/** @throws TypeError when an option is out of its range, or the platform lacks what it has to lend */
	constructor(options: Scp03Options) {
		const kvn = options.kvn === undefined ? 0 : options.kvn;
		const size = options.sMode === undefined ? 8 : options.sMode;
		checkKey("enc", options.enc);
		checkKey("mac", options.mac);
		if (options.enc.length !== options.mac.length) throw new TypeError("expected enc and mac of the same length");
		if (!(kvn >= 0 && kvn <= 127)) throw new TypeError("kvn: expected 0 to 127, got " + kvn);
		if (size !== 8 && size !== 16) throw new TypeError("sMode: expected 8 or 16, got " + size);
		if (typeof options.aes !== "function") throw new TypeError("aes: expected the platform's AES");
		if (typeof options.random !== "function") throw new TypeError("random: expected the platform's random source");
		const length = options.enc.length;
		const diversified = options.diversify !== undefined;
		this.session = new Scp03Session(options.aes, size);
		this.command = new Command(PROTECTED_COMMAND_BYTES);
		this.enc = new Uint8Array(options.enc);
		this.mac = new Uint8Array(options.mac);
		this.kvn = kvn;
		this.random = options.random;
		this.diversify = options.diversify === undefined ? null : options.diversify;
		this.cardEnc = diversified ? new Uint8Array(length) : this.enc;
		this.cardMac = diversified ? new Uint8Array(length) : this.mac;
		this.diversification = new Uint8Array(diversified ? DIVERSIFICATION_BYTES : 0);
		this.scratch = new Uint8Array(length);
		this.closed = false;
		this.keysId = this.identify(options.aes);
	}

	/** Writes INITIALIZE UPDATE for a logical channel of interindustry class `cla` to `command`. The session before it is over. */
	initializeUpdate(cla: number): number {
		const session = this.session;
		const command = this.command;
		session.close();
		if (this.closed) return SECURE_NO_KEYS;
		command.header(cla | 0x80, INS_INITIALIZE_UPDATE, this.kvn, 0, 0);
		this.random(this.scratch);
		session.context.set(this.scratch);
		command.data(this.scratch, 0, session.size);
		command.le(0);
		return OK;
	}

	/** Checks answer[0 … count) of INITIALIZE UPDATE, and the card by it; then EXTERNAL AUTHENTICATE is in `command`. */
	authenticate(cla: number, answer: Uint8Array, count: number): number {
		const session = this.session;
		const command = this.command;
		const size = session.size;
		const cryptogramAt = CHALLENGE_AT + size;
		const end = cryptogramAt + size;
		if (count !== end && count !== end + SEQUENCE_BYTES) return SECURE_ANSWER;
		if (answer[PROTOCOL_AT] !== PROTOCOL) return SECURE_ANSWER;
		if (this.kvn !== 0 && answer[KVN_AT] !== this.kvn) return SECURE_ANSWER;
		if ((answer[I_AT] & (I_R_MAC | I_R_ENC)) !== (I_R_MAC | I_R_ENC)) return SECURE_LEVEL;
		for (let i = 0; i < size; i++) session.context[size + i] = answer[CHALLENGE_AT + i];
		this.open(answer);
		session.cardCryptogram(this.scratch);
		if (!sameSecret(this.scratch, answer, cryptogramAt, size)) {
			session.close();
			return SECURE_KEYS_WRONG;
		}
		session.hostCryptogram(this.scratch);
		command.header(cla | 0x80, INS_EXTERNAL_AUTHENTICATE, SECURITY_LEVEL, 0, 0);
		command.data(this.scratch, 0, size);
		session.seal(command);
		return OK;
	}

	/** Wipes all keys: there will be no further session. */
	close(): void {
		this.session.close();
		this.enc.fill(0);
		this.mac.fill(0);
		this.cardEnc.fill(0);
		this.cardMac.fill(0);
		this.command.bytes.fill(0);
		this.closed = true;
	}

	private open(answer: Uint8Array): void {
		const diversify = this.diversify;
		if (diversify === null) this.session.open(this.enc, this.mac, this.scratch);
		else {
			for (let i = 0; i < DIVERSIFICATION_BYTES; i++) this.diversification[i] = answer[i];
			this.cardEnc.set(this.enc);
			this.cardMac.set(this.mac);
			diversify(this.diversification, this.cardEnc, this.cardMac);
			this.session.open(this.cardEnc, this.cardMac, this.scratch);
			this.cardEnc.fill(0);
			this.cardMac.fill(0);
		}
	}

	/** 32 bits of a block that was encrypted with one key and then with the other, and the key version number. */
	private identify(aes: Aes): number {
		const block = new Uint8Array(16);
		block.fill(1);
		const enc = aes(this.enc);
		enc.encrypt(block);
		enc.close();
		const mac = aes(this.mac);
		mac.encrypt(block);
		mac.close();
		const id = ((block[0] << 24) | (block[1] << 16) | (block[2] << 8) | block[3]) ^ this.kvn;
		return id === 0 ? 1 : id;
	}
}
