// Typed access to any resource of any object in a checked bootstrap file (LwM2M TS 1.0, Appendix C, data types). A search puts
// the view on a value; the getters read it in place. Only `text` makes something new, for whoever wants a string.

import { type BootstrapFile, HEADER_BYTES } from "./bootstrap-file.js";
import { ObjectCursor } from "./object-cursor.js";
import { MULTIPLE_RESOURCE, OBJECT_INSTANCE, RESOURCE_INSTANCE, Tlv } from "./tlv.js";

export class Resources {
	/** The value that the last search found: buffer[from … to). */
	from: number;
	to: number;
	/** The identifier of the Object Instance, Resource or Resource Instance that it stopped at. */
	id: number;
	readonly buffer: Uint8Array;
	private readonly file: BootstrapFile;
	/** The object whose instances are gone through. */
	private readonly cursor: ObjectCursor;
	private readonly tlv: Tlv;
	/** The Object Instance that `nextInstance` stopped at: buffer[instanceFrom … instanceTo). */
	private instanceFrom: number;
	private instanceTo: number;
	private objectId: number;
	/** Where the search for the next Object Instance goes on; -1 when the next object is to be found. */
	private nextAt: number;
	/** Resources that stand in their object without an Object Instance around them count as instance 0. */
	private multiple: boolean;
	/** The Resource Instances of a Multiple Resource are being gone through. */
	private counting: boolean;

	constructor(file: BootstrapFile) {
		this.buffer = file.buffer;
		this.file = file;
		this.cursor = new ObjectCursor(file.buffer);
		this.tlv = new Tlv(file.buffer);
		this.from = 0;
		this.to = 0;
		this.id = 0;
		this.instanceFrom = 0;
		this.instanceTo = 0;
		this.objectId = 0;
		this.nextAt = -1;
		this.multiple = false;
		this.counting = false;
	}

	/** Begins before the first instance of an object, in all of the file's entries for that object. */
	object(objectId: number): void {
		this.objectId = objectId;
		this.nextAt = -1;
		this.cursor.to = HEADER_BYTES;
		this.counting = false;
	}

	/** Goes to the next Object Instance; its identifier is then in `id`. False when there is none. */
	nextInstance(): boolean {
		const tlv = this.tlv;
		const object = this.cursor;
		this.counting = false;
		for (;;) {
			if (this.nextAt < 0) {
				if (!object.goTo(object.to, this.file.length)) return false;
				if (object.objectId !== this.objectId) continue;
				this.nextAt = object.from;
			}
			tlv.enter(this.nextAt, object.to);
			if (!tlv.next()) {
				this.nextAt = -1;
				continue;
			}
			if (tlv.kind === OBJECT_INSTANCE) {
				this.id = tlv.id;
				this.instanceFrom = tlv.from;
				this.instanceTo = tlv.to;
				this.nextAt = tlv.to;
				return true;
			}
			// Bare resources up to the next Object Instance.
			this.id = 0;
			this.instanceFrom = tlv.start;
			this.instanceTo = tlv.to;
			while (tlv.next() && tlv.kind !== OBJECT_INSTANCE) this.instanceTo = tlv.to;
			this.nextAt = this.instanceTo;
			return true;
		}
	}

	/** Goes to the instance with this identifier. */
	instance(objectId: number, instanceId: number): boolean {
		this.object(objectId);
		while (this.nextInstance()) if (this.id === instanceId) return true;
		return false;
	}

	/** Puts the view on a resource of the current Object Instance. False when it is not there. */
	resource(resourceId: number): boolean {
		const tlv = this.tlv;
		tlv.enter(this.instanceFrom, this.instanceTo);
		while (tlv.next()) {
			if (tlv.kind === OBJECT_INSTANCE) break;
			if (tlv.id === resourceId) {
				this.take();
				this.multiple = tlv.kind === MULTIPLE_RESOURCE;
				this.counting = this.multiple;
				return true;
			}
		}
		this.counting = false;
		return false;
	}

	/** Puts the view on the next Resource Instance of the Multiple Resource that `resource` found; its identifier is then in `id`. */
	nextResourceInstance(): boolean {
		const tlv = this.tlv;
		if (this.multiple) {
			tlv.descend();
			this.multiple = false;
		}
		if (!this.counting || !tlv.next() || tlv.kind !== RESOURCE_INSTANCE) {
			this.counting = false;
			return false;
		}
		this.take();
		return true;
	}

	/** Puts the view on /objectId/instanceId/resourceId. False when it is not there. */
	find(objectId: number, instanceId: number, resourceId: number): boolean {
		return this.instance(objectId, instanceId) && this.resource(resourceId);
	}

	get length(): number {
		return this.to - this.from;
	}

	/** Integer and Time: 1, 2, 4 or 8 bytes, two's complement. NaN for another length; beyond 2^53 the nearest number. */
	integer(): number {
		return this.number(true);
	}

	/** Unsigned Integer: 1, 2, 4 or 8 bytes. NaN for another length; beyond 2^53 the nearest number. */
	unsigned(): number {
		return this.number(false);
	}

	private number(signed: boolean): number {
		const length = this.to - this.from;
		if (length !== 1 && length !== 2 && length !== 4 && length !== 8) return Number.NaN;
		let value = this.buffer[this.from];
		// Subtracted first: what is added then is never rounded for a small negative number.
		if (signed && value > 127) value -= 256;
		for (let at = this.from + 1; at < this.to; at++) value = value * 256 + this.buffer[at];
		return value;
	}

	/** Boolean: 1 for true, 0 for false, NaN for anything but one byte 00 or 01. */
	boolean(): number {
		const value = this.buffer[this.from];
		return this.to - this.from === 1 && value < 2 ? value : Number.NaN;
	}

	/** Copies the value to target from `at` on and returns its length; -1, and nothing copied, when it does not fit. */
	copy(target: Uint8Array, at: number): number {
		const length = this.to - this.from;
		if (length > target.length - at) return -1;
		for (let i = 0; i < length; i++) target[at + i] = this.buffer[this.from + i];
		return length;
	}

	/** String, as a new string. Bytes that are not ASCII become one character each: URIs, bindings and numbers have none. */
	text(): string {
		let text = "";
		for (let at = this.from; at < this.to; at++) text += String.fromCharCode(this.buffer[at]);
		return text;
	}

	private take(): void {
		this.id = this.tlv.id;
		this.from = this.tlv.from;
		this.to = this.tlv.to;
	}
}
