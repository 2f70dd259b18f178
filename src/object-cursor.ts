// A cursor over the objects of EF(LwM2M_Bootstrap) (LwM2M TS, G.3.4) that never leaves its range.
//
//   object  object_id u16 | version | length u16 | Object Instances as LwM2M TLV, `length` bytes
//   version 00: 1.0, or the object is defined by the enabler      MAJOR MINOR: two bytes, MAJOR from 1

export class ObjectCursor {
	readonly buffer: Uint8Array;
	/** The current object, after `next` has answered true. */
	objectId: number;
	/** Its version; 0.0 when it is implicit. */
	major: number;
	minor: number;
	/** Its Object Instances: buffer[from … to). */
	from: number;
	to: number;

	constructor(buffer: Uint8Array) {
		this.buffer = buffer;
		this.objectId = 0;
		this.major = 0;
		this.minor = 0;
		this.from = 0;
		this.to = 0;
	}

	/** Goes to the object that begins at `at`. False when none begins there that ends at `end` or before. */
	goTo(at: number, end: number): boolean {
		if (at + 5 > end) return false;
		const major = this.buffer[at + 2];
		let from = at + 5;
		if (major > 0) {
			from += 1;
			if (from > end) return false;
		}
		const length = this.u16(from - 2);
		if (length > end - from) return false;
		this.objectId = this.u16(at);
		this.major = major;
		this.minor = major > 0 ? this.buffer[at + 3] : 0;
		this.from = from;
		this.to = from + length;
		return true;
	}

	protected u16(at: number): number {
		return (this.buffer[at] << 8) | this.buffer[at + 1];
	}
}
