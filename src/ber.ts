// A cursor over BER-TLV data objects (ISO/IEC 8825-1, 8.1; ISO 7816-4, 6.3) that never leaves its range.
//
//   tag: one byte; more when its low five bits are all set    length: 00-7F, or 81-84 and 1-4 bytes, minimal or not    value
//
// The indefinite length (80) is not taken. 00 and FF between data objects are padding.

export class Ber {
	/** The bytes that the cursor goes over. */
	buffer: Uint8Array;
	/** The first tag byte of the current data object; an object whose tag has more bytes has -1, and no caller looks for it. */
	tag: number;
	/** Its value: buffer[from … to). */
	from: number;
	to: number;
	/** Whether the range held something that is no data object, or one that is longer than the range. */
	malformed: boolean;
	private end: number;

	/** @param buffer the bytes; `enter` says which of them */
	constructor(buffer: Uint8Array) {
		this.buffer = buffer;
		this.tag = -1;
		this.from = 0;
		this.to = 0;
		this.malformed = false;
		this.end = 0;
	}

	/** Begins before the first data object of buffer[from … to). */
	enter(from: number, to: number): void {
		this.tag = -1;
		this.from = from;
		this.to = from;
		this.end = to;
		this.malformed = false;
	}

	/** Goes into the value of the current data object. */
	descend(): void {
		this.enter(this.from, this.to);
	}

	/** Goes to the next data object. False when there is none; then `malformed` says whether the end was a clean one. */
	next(): boolean {
		const buffer = this.buffer;
		const end = this.end;
		let at = this.to;
		while (at < end && (buffer[at] === 0xff || buffer[at] === 0)) at += 1;
		if (at >= end) {
			this.to = end;
			return false;
		}
		this.tag = buffer[at];
		at += 1;
		if ((this.tag & 0x1f) === 0x1f) {
			this.tag = -1;
			while (at < end && buffer[at] > 0x7f) at += 1;
			at += 1;
		}
		if (at >= end) return this.fail();
		let length = buffer[at];
		at += 1;
		if (length > 0x7f) {
			let more = length & 0x7f;
			if (more === 0 || more > 4 || at + more > end) return this.fail();
			length = 0;
			while (more > 0) {
				length = length * 256 + buffer[at];
				at += 1;
				more -= 1;
			}
		}
		if (length > end - at) return this.fail();
		this.from = at;
		this.to = at + length;
		return true;
	}

	/** Whether the current data object has this tag. */
	is(tag: number): boolean {
		return this.tag === tag;
	}

	/** Goes to the next data object if it has this tag; otherwise the cursor stays before it. */
	nextIs(tag: number): boolean {
		const from = this.from;
		const to = this.to;
		const was = this.tag;
		if (this.next() && this.tag === tag) return true;
		this.from = from;
		this.to = to;
		this.tag = was;
		return false;
	}

	private fail(): boolean {
		this.malformed = true;
		this.to = this.end;
		return false;
	}
}
