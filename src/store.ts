// The record of what came from the card, kept between boots (LwM2M TS 1.1, 6.1.3.2: the client ensures that the previously retrieved data is
// unchanged, which it can only when it has kept it). One image of the file, and one header with everything else and a checksum over both.
//
//   <name>a, <name>b      the two headers, written in turn; the one with the higher sequence number counts
//   <name>a0, <name>a1 …  the image in chunks of 2 KB, in one of two sets, a and b
//
//   header  "sr" | version | flags | sequence u32 | image length u16 | set | way | file offset u16 | file length u16, FFFF for none |
//           path length, path 16 | manners 20 | ICCID length, ICCID 20 | refused keys u32 | refused PIN u32 | fingerprint 32 | CRC-32
//
// A set that a header counts on is never written to, and the header is written last: a loss of power at any byte leaves a header whose
// checksum holds over its image, the new one or the old one. What is then no longer needed is removed, since there are keys in it.

import { OK, RECORD_DAMAGED, RECORD_FUTURE, RECORD_MISSING, RECORD_NOT_KEPT } from "./codes.js";
import { Crc32 } from "./crc32.js";
import { MANNERS_BYTES } from "./manners.js";
import type { RecordStore } from "./platform.js";
import { PATH_MAX_BYTES } from "./uicc.js";

/** A chunk of the image: the usual partition of an ESP32 for such records is 24 KB in all. */
export const CHUNK_BYTES = 2048;
/** Digits of an ICCID at most (ITU-T E.118: 19, and cards with 20). */
export const ICCID_MAX_BYTES = 20;
export const FINGERPRINT_BYTES = 32;

const VERSION = 1;
const MAGIC_0 = 0x73;
const MAGIC_1 = 0x72;

const VERSION_AT = 2;
const FLAGS_AT = 3;
const SEQUENCE_AT = 4;
const IMAGE_LENGTH_AT = 8;
const SET_AT = 10;
const WAY_AT = 11;
const OFFSET_AT = 12;
const LENGTH_AT = 14;
const PATH_AT = 16;
export const MANNERS_AT = PATH_AT + 1 + PATH_MAX_BYTES;
export const ICCID_AT = MANNERS_AT + MANNERS_BYTES;
const REFUSED_KEYS_AT = ICCID_AT + 1 + ICCID_MAX_BYTES;
const REFUSED_PIN_AT = REFUSED_KEYS_AT + 4;
const FINGERPRINT_AT = REFUSED_PIN_AT + 4;
const CRC_AT = FINGERPRINT_AT + FINGERPRINT_BYTES;
const HEADER_BYTES = CRC_AT + 4;
/** A header of a later version may be longer: this much is looked at. */
const HEADER_MAX_BYTES = HEADER_BYTES + 64;

/** What came from the card is not to be used any more: it has changed, and there is nothing in its place yet. */
const FLAG_DISABLED = 1;
/** SIM bootstrap is switched off. */
const FLAG_OFF = 2;
const FLAG_FINGERPRINT = 4;

const SETS = 2;
/** The longest name beside a set's letter and two digits, with keys of 15 characters. */
const NAME_MAX = 12;

export class CardRecord {
	/** @internal The fields beside the image, as they are kept. `MANNERS_AT` is the place of the card's manners. */
	readonly header: Uint8Array;
	/** @internal Bytes of the image; 0 when there is none. */
	imageLength: number;
	/** @internal The store has exactly what is here. */
	kept: boolean;
	/** @internal What `load` answered: OK, RECORD_MISSING, RECORD_DAMAGED or RECORD_FUTURE. */
	condition: number;
	private readonly store: RecordStore;
	private readonly buffer: Uint8Array;
	private readonly crc: Crc32;
	/** Two headers while loading; the second is only looked at. */
	private readonly other: Uint8Array;
	private readonly headerKeys: string[];
	/** The keys of each set: of more chunks than the buffer has when a larger one has left them. */
	private readonly chunkKeys: string[][];
	private readonly chunks: Uint8Array[];
	/** Which of the store's headers counts, -1 for none; and the set that its image is in. */
	private slot: number;
	private set: number;
	/** What the store has was to be removed, and could not be. */
	private stale: boolean;

	/**
	 * @param buffer where the image lies: the file buffer
	 * @param name what the keys begin with, at most 12 letters and digits
	 */
	constructor(store: RecordStore, buffer: Uint8Array, name: string) {
		if (name.length < 1 || name.length > NAME_MAX) {
			throw new TypeError("name: expected 1 to " + NAME_MAX + " characters, got " + name.length);
		}
		this.store = store;
		this.buffer = buffer;
		this.crc = new Crc32();
		this.header = new Uint8Array(HEADER_BYTES);
		this.other = new Uint8Array(HEADER_MAX_BYTES);
		this.headerKeys = [];
		this.chunkKeys = [];
		this.chunks = [];
		for (let set = 0; set < SETS; set++) this.headerKeys.push(name + (set === 0 ? "a" : "b"));
		for (let at = 0; at < buffer.length; at += CHUNK_BYTES)
			this.chunks.push(buffer.subarray(at, Math.min(at + CHUNK_BYTES, buffer.length)));
		let count = this.chunks.length;
		// An image that does not fit this buffer cannot be used, but it has to be removed.
		for (let slot = 0; slot < SETS; slot++)
			if (this.looked(slot) === OK) count = Math.max(count, Math.ceil(this.lengthIn(this.other) / CHUNK_BYTES));
		for (let set = 0; set < SETS; set++) {
			const keys: string[] = [];
			for (let i = 0; i < count; i++) keys.push(this.headerKeys[set] + i);
			this.chunkKeys.push(keys);
		}
		this.imageLength = 0;
		this.kept = false;
		this.condition = RECORD_MISSING;
		this.slot = -1;
		this.set = 0;
		this.stale = false;
		this.clear();
	}

	/** @internal Reads the record, and its image into the buffer. OK, RECORD_MISSING, RECORD_DAMAGED or RECORD_FUTURE; only with OK is anything here. */
	load(): number {
		if (this.stale && this.erase() !== OK) {
			this.clear();
			return RECORD_MISSING;
		}
		const sound0 = this.looked(0);
		const sequence0 = this.u32(this.other, SEQUENCE_AT);
		const sound1 = this.looked(1);
		const sequence1 = this.u32(this.other, SEQUENCE_AT);
		let first = 0;
		if (sound0 !== OK || (sound1 === OK && ((sequence1 - sequence0) | 0) > 0)) first = 1;
		this.clear();
		// The newer one counts, and the other one when that is damaged; which one is newer a later version alone can say.
		let code = RECORD_FUTURE;
		if (sound0 !== RECORD_FUTURE && sound1 !== RECORD_FUTURE) {
			code = this.take(first);
			if (code !== OK) {
				const second = this.take(1 - first);
				if (second === OK || code === RECORD_MISSING) code = second;
			}
		}
		this.condition = code;
		if (code !== OK) {
			this.clear();
			// What is kept next is newer than whatever stands there.
			if (sound0 === OK || sound1 === OK) this.put32(SEQUENCE_AT, first === 0 ? sequence0 : sequence1);
		} else {
			// What a loss of power has left is cleared away.
			this.kept = true;
			this.sweep();
		}
		return code;
	}

	/** @internal Forgets everything here, and leaves the store as it is. */
	clear(): void {
		this.blank();
		this.imageLength = 0;
		this.kept = false;
		this.slot = -1;
	}

	/** All but the sequence number: what is kept next is the newest in any case. */
	private blank(): void {
		const header = this.header;
		header.fill(0, 0, SEQUENCE_AT);
		header.fill(0, IMAGE_LENGTH_AT);
		header[0] = MAGIC_0;
		header[1] = MAGIC_1;
		header[VERSION_AT] = VERSION;
	}

	/**
	 * @internal
	 * Keeps what is here, with buffer[0 … length) as its image; `same` when that is the image which is kept already. OK or
	 * RECORD_NOT_KEPT; then the store has what it had before, or nothing.
	 */
	keep(length: number, same: boolean): number {
		const header = this.header;
		const before = this.slot;
		const slot = before === 0 ? 1 : 0;
		const stays = same && before >= 0 && length === this.imageLength;
		// The set that the header in the store counts on is left alone.
		const set = stays ? this.set : 1 - this.set;
		this.kept = false;
		if (!stays && !this.writeImage(set, length)) {
			this.drop(set);
			return RECORD_NOT_KEPT;
		}
		const sequence = (this.u32(header, SEQUENCE_AT) + 1) | 0;
		this.put32(SEQUENCE_AT, sequence);
		header[IMAGE_LENGTH_AT] = length >> 8;
		header[IMAGE_LENGTH_AT + 1] = length & 255;
		header[SET_AT] = set;
		this.put32(CRC_AT, this.checksum(length));
		if (!this.store.write(this.headerKeys[slot], header, HEADER_BYTES)) {
			this.store.remove(this.headerKeys[slot]);
			if (!stays) this.drop(set);
			return RECORD_NOT_KEPT;
		}
		this.imageLength = length;
		this.slot = slot;
		this.set = set;
		this.kept = true;
		this.stale = false;
		this.condition = OK;
		// Even where nothing was seen: the store may not have been readable.
		this.sweep();
		return OK;
	}

	/** @internal What came from the card does not count any more: the image is removed, the rest is kept with a mark. OK or RECORD_NOT_KEPT. */
	disable(): number {
		if (this.disabled && this.kept) return OK;
		this.header[FLAGS_AT] = (this.header[FLAGS_AT] | FLAG_DISABLED) & ~FLAG_FINGERPRINT;
		this.header.fill(0, FINGERPRINT_AT, CRC_AT);
		if (this.keep(0, false) === OK) return OK;
		// Where a mark cannot be kept nothing must be; then there may be room for the mark.
		const code = this.erase();
		if (code === OK) this.keep(0, false);
		return code;
	}

	/**
	 * @internal
	 * What came from the card is removed. Which keys and which PIN a card has refused, and that SIM bootstrap is off, is not the card's, and
	 * stays. OK or RECORD_NOT_KEPT when something is still there, or what has to stay is not.
	 */
	forget(): number {
		const keys = this.refusedKeys;
		const pin = this.refusedPin;
		const off = this.off;
		const bare = keys === 0 && pin === 0 && !off;
		if (!bare && this.kept && !this.usable && this.header[PATH_AT] === 0) return OK;
		this.blank();
		if (bare) return this.erase();
		this.setRefused(keys, pin);
		this.off = off;
		if (this.keep(0, false) === OK) return OK;
		return this.erase() === OK ? this.keep(0, false) : RECORD_NOT_KEPT;
	}

	/** @internal Removes everything from the store; what is here stays. OK or RECORD_NOT_KEPT when something is still there. */
	erase(): number {
		let gone = true;
		// The headers last: as long as one is there, the next start knows that there is something to clear away.
		for (let set = 0; set < SETS; set++) if (!this.drop(set)) gone = false;
		for (let slot = 0; slot < SETS; slot++) if (!this.store.remove(this.headerKeys[slot])) gone = false;
		this.imageLength = 0;
		this.kept = false;
		this.slot = -1;
		this.stale = !gone;
		this.condition = RECORD_MISSING;
		return gone ? OK : RECORD_NOT_KEPT;
	}

	/** @internal Whether there is an image to compare the card with. */
	get usable(): boolean {
		return this.imageLength > 0;
	}

	/** @internal Whether what came from the card was found to have changed, and nothing is in its place. */
	get disabled(): boolean {
		return (this.header[FLAGS_AT] & FLAG_DISABLED) !== 0;
	}

	/** @internal */
	get off(): boolean {
		return (this.header[FLAGS_AT] & FLAG_OFF) !== 0;
	}

	/** @internal */
	set off(off: boolean) {
		this.kept = false;
		this.header[FLAGS_AT] = (this.header[FLAGS_AT] & ~FLAG_OFF) | (off ? FLAG_OFF : 0);
	}

	/** @internal Whatever is kept next is in use, and has no fingerprint yet. */
	renew(): void {
		this.header[FLAGS_AT] = 0;
	}

	/** @internal The way to the card that led to the file, VIA_CSIM and the like. */
	get way(): number {
		return this.header[WAY_AT];
	}

	/** @internal */
	get offset(): number {
		return (this.header[OFFSET_AT] << 8) | this.header[OFFSET_AT + 1];
	}

	/** @internal -1 for as much as the file's own header says. */
	get length(): number {
		const length = (this.header[LENGTH_AT] << 8) | this.header[LENGTH_AT + 1];
		return length === 0xffff ? -1 : length;
	}

	/** @internal Whether buffer[0 … length) is the image that is kept, as far as its checksum tells. Only as long as nothing here was changed. */
	isImage(length: number): boolean {
		return this.kept && length === this.imageLength && this.checksum(length) === this.u32(this.header, CRC_AT);
	}

	/** @internal Copies the path of the file, and returns its length. */
	pathTo(path: Uint8Array): number {
		const header = this.header;
		const length = Math.min(header[PATH_AT], PATH_MAX_BYTES);
		for (let i = 0; i < length; i++) path[i] = header[PATH_AT + 1 + i];
		return length;
	}

	/** Sets where the file is: which way leads there, its path, and the range of bytes. */
	setPlace(way: number, path: Uint8Array, pathLength: number, offset: number, length: number): void {
		const header = this.header;
		header[WAY_AT] = way;
		header[PATH_AT] = pathLength;
		for (let i = 0; i < pathLength; i++) header[PATH_AT + 1 + i] = path[i];
		header[OFFSET_AT] = offset >> 8;
		header[OFFSET_AT + 1] = offset & 255;
		header[LENGTH_AT] = length >> 8;
		header[LENGTH_AT + 1] = length & 255;
	}

	/** @internal Whether the card's number is known. */
	get hasIccid(): boolean {
		return this.header[ICCID_AT] > 0;
	}

	/** @internal Whether it is digits[0 … length). */
	isIccid(digits: Uint8Array, length: number): boolean {
		const header = this.header;
		if (header[ICCID_AT] !== length) return false;
		for (let i = 0; i < length; i++) if (header[ICCID_AT + 1 + i] !== digits[i]) return false;
		return true;
	}

	/** @internal At most ICCID_MAX_BYTES digits; 0 for a card that does not tell. */
	setIccid(digits: Uint8Array, length: number): void {
		const header = this.header;
		this.kept = false;
		header.fill(0, ICCID_AT, REFUSED_KEYS_AT);
		header[ICCID_AT] = length;
		for (let i = 0; i < length; i++) header[ICCID_AT + 1 + i] = digits[i];
	}

	/** @internal What names the SCP03 keys, and the PIN, that the card has refused; 0 for none. */
	get refusedKeys(): number {
		return this.u32(this.header, REFUSED_KEYS_AT);
	}

	/** @internal */
	get refusedPin(): number {
		return this.u32(this.header, REFUSED_PIN_AT);
	}

	/** @internal */
	setRefused(keys: number, pin: number): void {
		this.kept = false;
		this.put32(REFUSED_KEYS_AT, keys);
		this.put32(REFUSED_PIN_AT, pin);
	}

	/** @internal Copies the fingerprint of the image. False when there is none. */
	fingerprintTo(into: Uint8Array): boolean {
		for (let i = 0; i < FINGERPRINT_BYTES; i++) into[i] = this.header[FINGERPRINT_AT + i];
		return (this.header[FLAGS_AT] & FLAG_FINGERPRINT) !== 0;
	}

	/** @internal */
	setFingerprint(fingerprint: Uint8Array): void {
		for (let i = 0; i < FINGERPRINT_BYTES; i++) this.header[FINGERPRINT_AT + i] = fingerprint[i];
		this.header[FLAGS_AT] |= FLAG_FINGERPRINT;
	}

	/** Whether a header looks sound by itself; it is in `other` then. */
	private looked(slot: number): number {
		const other = this.other;
		const length = this.store.read(this.headerKeys[slot], other);
		if (length < 0) return RECORD_MISSING;
		if (length > VERSION_AT && other[0] === MAGIC_0 && other[1] === MAGIC_1 && other[VERSION_AT] > VERSION)
			return RECORD_FUTURE;
		return length === HEADER_BYTES && other[0] === MAGIC_0 && other[1] === MAGIC_1 && other[VERSION_AT] === VERSION
			? OK
			: RECORD_DAMAGED;
	}

	/** Takes one of the headers and its image, if the checksum holds over both. */
	private take(slot: number): number {
		const code = this.looked(slot);
		if (code !== OK) return code;
		const header = this.header;
		for (let i = 0; i < HEADER_BYTES; i++) header[i] = this.other[i];
		const length = this.lengthIn(header);
		const set = header[SET_AT];
		if (length > this.buffer.length || set >= SETS) return RECORD_DAMAGED;
		const keys = this.chunkKeys[set];
		for (let at = 0, i = 0; at < length; at += CHUNK_BYTES, i++) {
			const wanted = Math.min(CHUNK_BYTES, length - at);
			if (this.store.read(keys[i], this.chunks[i]) !== wanted) return RECORD_DAMAGED;
		}
		if (this.checksum(length) !== this.u32(header, CRC_AT)) return RECORD_DAMAGED;
		this.slot = slot;
		this.set = set;
		this.imageLength = length;
		return OK;
	}

	/** Over buffer[0 … length) and all of the header before it. */
	private checksum(length: number): number {
		const crc = this.crc;
		crc.begin();
		crc.take(this.buffer, 0, length);
		crc.take(this.header, 0, CRC_AT);
		return crc.value;
	}

	private writeImage(set: number, length: number): boolean {
		const keys = this.chunkKeys[set];
		for (let at = 0, i = 0; at < length; at += CHUNK_BYTES, i++) {
			const size = Math.min(CHUNK_BYTES, length - at);
			if (!this.store.write(keys[i], this.chunks[i], size)) return false;
		}
		// What a loss of power may have left of a longer one.
		for (let i = Math.ceil(length / CHUNK_BYTES); i < keys.length; i++) this.store.remove(keys[i]);
		return true;
	}

	/** Removes the header that does not count, and the set that it counted on. */
	private sweep(): void {
		this.drop(1 - this.set);
		if (this.imageLength === 0) this.drop(this.set);
		this.store.remove(this.headerKeys[1 - this.slot]);
	}

	/** Removes the chunks of a set. */
	private drop(set: number): boolean {
		const keys = this.chunkKeys[set];
		let gone = true;
		for (let i = 0; i < keys.length; i++) if (!this.store.remove(keys[i])) gone = false;
		return gone;
	}

	private lengthIn(header: Uint8Array): number {
		return (header[IMAGE_LENGTH_AT] << 8) | header[IMAGE_LENGTH_AT + 1];
	}

	private u32(bytes: Uint8Array, at: number): number {
		return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
	}

	private put32(at: number, value: number): void {
		const header = this.header;
		header[at] = value >> 24;
		header[at + 1] = value >> 16;
		header[at + 2] = value >> 8;
		header[at + 3] = value;
	}
}
