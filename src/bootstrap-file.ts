// EF(LwM2M_Bootstrap) (LwM2M TS, Appendix G.3.4): the bytes as they lie on the card, checked in one pass, and a cursor over
// their objects. Nothing is copied: whoever wants a value looks at the same bytes.
//
//   file    number_of_objects u16 | size u16 (all that follows, without these 4 bytes) | objects | padding

import {
	FILE_MALFORMED,
	FILE_TRUNCATED,
	NO_DATA,
	OBJECT_MALFORMED,
	OK,
	TLV_MISPLACED,
	TLV_TRUNCATED,
} from "./codes.js";
import { ObjectCursor } from "./object-cursor.js";
import { MULTIPLE_RESOURCE, OBJECT_INSTANCE, RESOURCE_INSTANCE, Tlv } from "./tlv.js";

export const HEADER_BYTES = 4;
/** READ BINARY reaches 32 KB, and no file is larger (G.3.4). */
export const FILE_MAX_BYTES = 0x8000;

export class BootstrapFile extends ObjectCursor {
	/** 4 + size once `check` has answered OK, else 0. The file is buffer[0 … length). */
	length: number;
	/** Where the first error is, after `check` has answered one. */
	errorOffset: number;
	private readonly tlv: Tlv;

	/** @param buffer where the file is read to */
	constructor(buffer: Uint8Array) {
		super(buffer);
		this.length = 0;
		this.errorOffset = 0;
		this.tlv = new Tlv(buffer);
	}

	/**
	 * @internal
	 * How long the file is that begins with the first `available` bytes of the buffer: 4 + size; or NO_DATA for one that was
	 * never written, FILE_TRUNCATED when there is no header.
	 */
	measure(available: number): number {
		this.length = 0;
		this.errorOffset = 0;
		if (available < HEADER_BYTES) return available === 0 ? NO_DATA : FILE_TRUNCATED;
		const objects = this.u16(0);
		const size = this.u16(2);
		if ((objects === 0xffff && size === 0xffff) || (objects === 0 && size === 0)) return NO_DATA;
		return HEADER_BYTES + size;
	}

	/** Checks the structure of the file in buffer[0 … available). OK, or the first error, which is at `errorOffset`. */
	check(available: number): number {
		const length = this.measure(available);
		if (length < 0) return length;
		if (length > available || length > this.buffer.length) return this.fail(FILE_TRUNCATED, available);
		this.to = HEADER_BYTES;
		let objects = this.u16(0);
		for (; objects > 0; objects--) {
			const start = this.to;
			if (!this.goTo(start, length)) return this.fail(OBJECT_MALFORMED, start);
			const code = this.checkInstances(this.from, this.to);
			if (code !== OK) return code;
		}
		if (this.to !== length) return this.fail(FILE_MALFORMED, this.to);
		this.length = length;
		this.firstObject();
		return OK;
	}

	/** Begins before the first object of a checked file. */
	firstObject(): void {
		this.to = HEADER_BYTES;
	}

	/** Goes to the next object. False when there is none. */
	nextObject(): boolean {
		return this.goTo(this.to, this.length);
	}

	/** Overwrites the file with zeros and forgets it. */
	wipe(): void {
		this.buffer.fill(0);
		this.length = 0;
	}

	/**
	 * Object Instance > Resource, or Object Instance > Multiple Resource > Resource Instance (TS 1.0, 6.4.3). Resources without
	 * an Object Instance around them are taken as those of instance 0.
	 */
	private checkInstances(from: number, to: number): number {
		const tlv = this.tlv;
		let at = from;
		let end = to;
		let instanceEnd = -1;
		let resourceEnd = -1;
		for (;;) {
			if (at === end) {
				if (end === resourceEnd) {
					resourceEnd = -1;
					end = instanceEnd >= 0 ? instanceEnd : to;
				} else if (end === instanceEnd) {
					instanceEnd = -1;
					end = to;
				} else return OK;
				continue;
			}
			tlv.enter(at, end);
			if (!tlv.next()) return this.fail(TLV_TRUNCATED, at);
			const kind = tlv.kind;
			if ((kind === RESOURCE_INSTANCE) !== resourceEnd >= 0) return this.fail(TLV_MISPLACED, at);
			if (kind === OBJECT_INSTANCE && instanceEnd >= 0) return this.fail(TLV_MISPLACED, at);
			at = tlv.to;
			if (kind === OBJECT_INSTANCE || kind === MULTIPLE_RESOURCE) {
				at = tlv.from;
				end = tlv.to;
				if (kind === OBJECT_INSTANCE) instanceEnd = end;
				else resourceEnd = end;
			}
		}
	}

	private fail(code: number, offset: number): number {
		this.errorOffset = offset;
		return code;
	}
}
