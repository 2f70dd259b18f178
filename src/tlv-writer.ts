// Writes LwM2M TLV (LwM2M TS 1.0, 6.4.3) and EF(LwM2M_Bootstrap) (Appendix G.3.4) into the caller's buffer, each identifier, length
// and number in its smallest form. What holds other TLVs is written after them: `wrap` puts its header before what already stands
// there, so that no length has to be known beforehand.
//
//   const instance = writer.at;
//   writer.integer(RESOURCE, 0, 1);
//   writer.wrap(instance, OBJECT_INSTANCE, 0);

/** The largest that three length bytes say. */
const LENGTH_MAX = 0xffffff;
const U16_MAX = 0xffff;
const TWO_32 = 4294967296;
const SAFE_MAX = 9007199254740991;

function expectInteger(what: string, value: number, least: number, most: number): void {
	if (Math.floor(value) === value && value >= least && value <= most) return;
	throw new TypeError(`${what}: expected an integer from ${least} to ${most}, got ${value}`);
}

export class TlvWriter {
	readonly buffer: Uint8Array;
	/** Where the next byte goes. */
	at: number;
	/** Something did not fit, and is not there: what has been written is not whole. */
	overflow: boolean;
	private end: number;

	/** @param buffer where to write to; all of it, unless `enter` says less */
	constructor(buffer: Uint8Array) {
		this.buffer = buffer;
		this.at = 0;
		this.overflow = false;
		this.end = buffer.length;
	}

	/** Begins at buffer[from], and goes no further than buffer[to - 1]. */
	enter(from: number, to: number): void {
		expectInteger("to", to, 0, this.buffer.length);
		expectInteger("from", from, 0, to);
		this.at = from;
		this.end = to;
		this.overflow = false;
	}

	/** A TLV with source[from … to) as its value: Opaque, or a String's UTF-8. False when it does not fit, as with all that follow. */
	bytes(kind: number, id: number, source: Uint8Array, from: number, to: number): boolean {
		expectInteger("to", to, 0, source.length);
		expectInteger("from", from, 0, to);
		if (!this.begin(kind, id, to - from)) return false;
		for (let i = from; i < to; i++) this.put(source[i]);
		return true;
	}

	/** Integer and Time, in 1, 2, 4 or 8 bytes. */
	integer(kind: number, id: number, value: number): boolean {
		expectInteger("value", value, -SAFE_MAX, SAFE_MAX);
		let length = 1;
		while (length < 8 && (value < -Math.pow(2, 8 * length - 1) || value >= Math.pow(2, 8 * length - 1))) length *= 2;
		return this.number(kind, id, value, length);
	}

	/** Unsigned Integer, in 1, 2, 4 or 8 bytes. */
	unsigned(kind: number, id: number, value: number): boolean {
		expectInteger("value", value, 0, SAFE_MAX);
		let length = 1;
		while (length < 8 && value >= Math.pow(2, 8 * length)) length *= 2;
		return this.number(kind, id, value, length);
	}

	boolean(kind: number, id: number, value: boolean): boolean {
		return this.number(kind, id, value ? 1 : 0, 1);
	}

	/** Objlnk: /objectId/instanceId. */
	objectLink(kind: number, id: number, objectId: number, instanceId: number): boolean {
		expectInteger("objectId", objectId, 0, U16_MAX);
		expectInteger("instanceId", instanceId, 0, U16_MAX);
		return this.number(kind, id, objectId * 65536 + instanceId, 4);
	}

	/** Makes all that has been written from `from` on the value of a TLV: an Object Instance, or a Multiple Resource. */
	wrap(from: number, kind: number, id: number): boolean {
		const length = this.at - from;
		expectInteger("from", from, 0, this.at);
		expectInteger("kind", kind, 0, 3);
		expectInteger("id", id, 0, U16_MAX);
		if (!this.insert(from, this.headBytes(id, length), length, LENGTH_MAX)) return false;
		const end = this.at;
		this.at = from;
		this.putHead(kind, id, length);
		this.at = end;
		return true;
	}

	/**
	 * Makes all Object Instances from `from` on an object of a bootstrap file.
	 *
	 * @param major its version, or 0 for one that is not said
	 */
	wrapObject(from: number, objectId: number, major: number, minor: number): boolean {
		const length = this.at - from;
		expectInteger("from", from, 0, this.at);
		expectInteger("objectId", objectId, 0, U16_MAX);
		expectInteger("major", major, 0, 255);
		expectInteger("minor", minor, 0, major === 0 ? 0 : 255);
		if (!this.insert(from, major === 0 ? 5 : 6, length, U16_MAX)) return false;
		const end = this.at;
		this.at = from;
		this.putU16(objectId);
		this.put(major);
		if (major > 0) this.put(minor);
		this.putU16(length);
		this.at = end;
		return true;
	}

	/** Makes all objects from `from` on a bootstrap file: puts its header before them. */
	wrapFile(from: number, objects: number): boolean {
		const length = this.at - from;
		expectInteger("from", from, 0, this.at);
		expectInteger("objects", objects, 0, U16_MAX);
		if (!this.insert(from, 4, length, U16_MAX)) return false;
		const end = this.at;
		this.at = from;
		this.putU16(objects);
		this.putU16(length);
		this.at = end;
		return true;
	}

	private headBytes(id: number, length: number): number {
		return (id > 0xff ? 3 : 2) + (length > 0xffff ? 3 : length > 0xff ? 2 : length > 7 ? 1 : 0);
	}

	/** type byte: b7-6 kind, b5 identifier of 16 bits, b4-3 size of the length field, b2-0 length when there is none */
	private putHead(kind: number, id: number, length: number): void {
		const lengthBytes = length > 0xffff ? 3 : length > 0xff ? 2 : length > 7 ? 1 : 0;
		this.put((kind << 6) | (id > 0xff ? 0x20 : 0) | (lengthBytes === 0 ? length : lengthBytes << 3));
		if (id > 0xff) this.put(id >> 8);
		this.put(id);
		for (let shift = 8 * lengthBytes - 8; shift >= 0; shift -= 8) this.put(length >> shift);
	}

	/** The header of a TLV, when all of it fits. */
	private begin(kind: number, id: number, length: number): boolean {
		expectInteger("kind", kind, 0, 3);
		expectInteger("id", id, 0, U16_MAX);
		if (length > LENGTH_MAX || this.headBytes(id, length) + length > this.end - this.at) {
			this.overflow = true;
			return false;
		}
		this.putHead(kind, id, length);
		return true;
	}

	/** Two's complement, big endian; the number is cut to its length. */
	private number(kind: number, id: number, value: number, length: number): boolean {
		if (!this.begin(kind, id, length)) return false;
		const high = Math.floor(value / TWO_32);
		for (let i = length - 1; i >= 0; i--) this.put(i > 3 ? high >> (8 * i - 32) : value >> (8 * i));
		return true;
	}

	/** Moves the `length` bytes from `from` on by `count`, when there is room and they are no more than `most`. */
	private insert(from: number, count: number, length: number, most: number): boolean {
		if (length > most || count > this.end - this.at) {
			this.overflow = true;
			return false;
		}
		const buffer = this.buffer;
		for (let i = this.at - 1; i >= from; i--) buffer[i + count] = buffer[i];
		this.at += count;
		return true;
	}

	private putU16(value: number): void {
		this.put(value >> 8);
		this.put(value);
	}

	private put(byte: number): void {
		this.buffer[this.at] = byte;
		this.at += 1;
	}
}
