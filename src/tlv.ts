// A cursor over LwM2M TLV (LwM2M TS 1.0, 6.4.3; TS 1.1 and later, 7.4.3) that never leaves its range.
//
//   type byte: b7-6 kind, b5 identifier 8 or 16 bits, b4-3 size of the length field 0 to 3 bytes, b2-0 length when b4-3 is 0
//   identifier | length | value, all big endian

/** The kinds, as they stand in bits 7 and 6. */
export const OBJECT_INSTANCE = 0;
export const RESOURCE_INSTANCE = 1;
export const MULTIPLE_RESOURCE = 2;
export const RESOURCE = 3;

export class Tlv {
	/** The bytes that the cursor goes over. */
	readonly buffer: Uint8Array;
	/** Where the current TLV's type byte is. */
	start: number;
	kind: number;
	id: number;
	/** Its value: buffer[from … to). */
	from: number;
	to: number;
	private end: number;

	/** @param buffer the bytes; `enter` says which of them */
	constructor(buffer: Uint8Array) {
		this.buffer = buffer;
		this.start = 0;
		this.kind = 0;
		this.id = 0;
		this.from = 0;
		this.to = 0;
		this.end = 0;
	}

	/** Begins before the first TLV of buffer[from … to). */
	enter(from: number, to: number): void {
		this.start = from;
		this.to = from;
		this.end = to;
	}

	/** Goes into the value of the current TLV. */
	descend(): void {
		this.enter(this.from, this.to);
	}

	/** Whether all of the range has been gone over. */
	get finished(): boolean {
		return this.to >= this.end;
	}

	/** Goes to the next TLV. False at the end, and where the next one is longer than the range: `finished` tells these apart. */
	next(): boolean {
		const buffer = this.buffer;
		const end = this.end;
		let at = this.to;
		if (at >= end) return false;
		const type = buffer[at];
		const lengthBytes = (type >> 3) & 3;
		const idBytes = (type & 0x20) === 0 ? 1 : 2;
		if (at + 1 + idBytes + lengthBytes > end) return false;
		let id = buffer[at + 1];
		if (idBytes === 2) id = (id << 8) | buffer[at + 2];
		let value = at + 1 + idBytes;
		let length = type & 7;
		if (lengthBytes > 0) {
			length = 0;
			for (let i = 0; i < lengthBytes; i++) {
				length = (length << 8) | buffer[value];
				value += 1;
			}
		}
		if (length > end - value) return false;
		this.start = at;
		this.kind = type >> 6;
		this.id = id;
		this.from = value;
		at = value + length;
		this.to = at;
		return true;
	}
}
