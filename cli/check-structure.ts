// A bootstrap file as a tree with the offset of everything, read as far as it can be, and all that is wrong with its structure.
// Whether the file is good is the core's judgement, and so is its first error; what this adds are the errors behind the first one.

import {
	BootstrapFile,
	FILE_MALFORMED,
	MULTIPLE_RESOURCE,
	NO_DATA,
	OBJECT_INSTANCE,
	OBJECT_MALFORMED,
	OK,
	RESOURCE,
	RESOURCE_INSTANCE,
	TLV_MISPLACED,
	TLV_TRUNCATED,
	Tlv,
} from "../src/index.js";
import { CLAUSE_FILE, CLAUSE_TLV, type Problem } from "./check-problem.js";
import { counted } from "./escape.js";
import { messageOf } from "./messages.js";

export interface SeenValue {
	/** Of its TLV. */
	offset: number;
	id: number;
	bytes: Uint8Array;
}

export interface SeenResource {
	offset: number;
	id: number;
	value: Uint8Array | SeenValue[];
}

export interface SeenInstance {
	offset: number;
	id: number;
	/** Its resources stand in the object without an Object Instance around them. */
	bare: boolean;
	resources: SeenResource[];
	/** Not all of it could be read. */
	damaged: boolean;
}

export interface SeenObject {
	offset: number;
	id: number;
	version: { major: number; minor: number } | null;
	instances: SeenInstance[];
}

export interface Structure {
	/** What the core answers: OK or an error code, which is at `errorOffset`. */
	code: number;
	errorOffset: number;
	/** 4 + size, as far as there are bytes. */
	length: number;
	objects: SeenObject[];
	problems: Problem[];
	/** The core's codes of the errors among the problems, in the order in which they were found. */
	found: { code: number; offset: number }[];
}

const HEADER_BYTES = 4;
const KIND_NAMES = ["an Object Instance", "a Resource Instance", "a Multiple Resource", "a Resource"];
const EMPTY = "the file is empty: never written (FF or 00), or without an object";
/** Of 32 KB that are nothing but errors nobody reads all. */
const PROBLEMS_MAX = 200;

function u16(bytes: Uint8Array, at: number): number {
	return (bytes[at] << 8) | bytes[at + 1];
}

class Walk {
	readonly problems: Problem[] = [];
	readonly found: { code: number; offset: number }[] = [];
	readonly objects: SeenObject[] = [];
	private readonly bytes: Uint8Array;
	private readonly tlv: Tlv;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
		this.tlv = new Tlv(bytes);
	}

	error(code: number, offset: number, path: string, clause: string, message: string): void {
		if (this.found.length === PROBLEMS_MAX) return;
		this.found.push({ code, offset });
		this.problems.push({ severity: "error", offset, path, clause, message });
	}

	warn(offset: number, path: string, clause: string, message: string): void {
		if (this.problems.length < PROBLEMS_MAX) {
			this.problems.push({ severity: "warning", offset, path, clause, message });
		}
	}

	/** Objects from byte 4 to `end`; there should be `count`. Where the file is cut, that its last object is cut as well is no news. */
	file(count: number, end: number, cut: boolean): void {
		let at = HEADER_BYTES;
		let number = 0;
		while (at < end || number < count) {
			if (number === count) {
				this.error(
					FILE_MALFORMED,
					at,
					"",
					CLAUSE_FILE,
					`expected ${counted(count, "object")} (number_of_objects), got more bytes`,
				);
			}
			const next = this.object(at, end);
			if (next < 0) {
				const rest = counted(end - at, "byte");
				const words =
					at === end
						? `expected ${counted(count, "object")} (number_of_objects), got ${number}`
						: `expected an object that ends within the ${rest} that are left of the file`;
				// Behind the last object it is the wrong count, which has been said.
				if (number < count && !cut) this.error(OBJECT_MALFORMED, at, "", CLAUSE_FILE, words);
				return;
			}
			at = next;
			number += 1;
		}
	}

	/** Where the object ends; -1 when it does not fit. */
	private object(at: number, end: number): number {
		const { bytes } = this;
		if (at + 5 > end) return -1;
		const id = u16(bytes, at);
		const major = bytes[at + 2];
		const head = major === 0 ? 5 : 6;
		if (at + head > end) return -1;
		const from = at + head;
		const to = from + u16(bytes, from - 2);
		if (to > end) return -1;
		const version = major === 0 ? null : { major, minor: bytes[at + 3] };
		const object: SeenObject = { offset: at, id, version, instances: [] };
		this.objects.push(object);
		this.instances(object, from, to);
		return to;
	}

	private instances(object: SeenObject, from: number, to: number): void {
		const { tlv } = this;
		let bare: SeenInstance | null = null;
		let at = from;
		while (at < to) {
			tlv.enter(at, to);
			if (!tlv.next()) {
				this.truncated(at, to, `${object.id}`);
				if (bare !== null) bare.damaged = true;
				return;
			}
			const { id, kind, from: inner, to: next } = tlv;
			const path = `${object.id}/${id}`;
			if (kind === OBJECT_INSTANCE) {
				this.canonical(path);
				const instance: SeenInstance = { offset: at, id, bare: false, resources: [], damaged: false };
				object.instances.push(instance);
				this.resources(instance, path, inner, next);
			} else if (kind === RESOURCE_INSTANCE) {
				this.misplaced(at, kind, `${object.id}`, "an Object Instance");
			} else {
				if (bare === null) {
					bare = { offset: at, id: 0, bare: true, resources: [], damaged: false };
					object.instances.push(bare);
					this.warn(
						at,
						`${object.id}/0`,
						CLAUSE_FILE,
						`expected an Object Instance, got ${KIND_NAMES[kind]} without one around it`,
					);
				}
				this.resource(bare, `${object.id}/0/${id}`);
			}
			at = next;
		}
	}

	private resources(instance: SeenInstance, path: string, from: number, to: number): void {
		const { tlv } = this;
		this.each(instance, path, from, to, (at) => {
			if (tlv.kind === RESOURCE || tlv.kind === MULTIPLE_RESOURCE) this.resource(instance, `${path}/${tlv.id}`);
			else {
				this.misplaced(at, tlv.kind, path, "a Resource");
				instance.damaged = true;
			}
		});
	}

	/** Looks at each TLV in [from … to); one that is cut short damages the instance, and is the last one. */
	private each(instance: SeenInstance, path: string, from: number, to: number, look: (at: number) => void): void {
		const { tlv } = this;
		let at = from;
		while (at < to) {
			tlv.enter(at, to);
			if (!tlv.next()) {
				this.truncated(at, to, path);
				instance.damaged = true;
				return;
			}
			const next = tlv.to;
			look(at);
			at = next;
		}
	}

	/** The current TLV. */
	private resource(instance: SeenInstance, path: string): void {
		const { tlv } = this;
		this.canonical(path);
		const { start: offset, id, from, to } = tlv;
		if (tlv.kind === RESOURCE) {
			instance.resources.push({ offset, id, value: this.bytes.slice(from, to) });
			return;
		}
		const values: SeenValue[] = [];
		instance.resources.push({ offset, id, value: values });
		this.each(instance, path, from, to, (at) => {
			if (tlv.kind === RESOURCE_INSTANCE) {
				this.canonical(`${path}/${tlv.id}`);
				values.push({ offset: at, id: tlv.id, bytes: this.bytes.slice(tlv.from, tlv.to) });
			} else {
				this.misplaced(at, tlv.kind, path, "a Resource Instance");
				instance.damaged = true;
			}
		});
	}

	private truncated(at: number, to: number, path: string): void {
		const words = `expected a TLV that ends within the ${counted(to - at, "byte")} that are left of what holds it`;
		this.error(TLV_TRUNCATED, at, path, CLAUSE_TLV, words);
	}

	private misplaced(at: number, kind: number, path: string, expected: string): void {
		this.error(TLV_MISPLACED, at, path, CLAUSE_TLV, `expected ${expected}, got ${KIND_NAMES[kind]}`);
	}

	/** Whether the current TLV's identifier and length take no more bytes than they need. */
	private canonical(path: string): void {
		const { tlv } = this;
		const length = tlv.to - tlv.from;
		const least = (tlv.id > 0xff ? 3 : 2) + (length > 0xffff ? 3 : length > 0xff ? 2 : length > 7 ? 1 : 0);
		const head = tlv.from - tlv.start;
		const type = this.bytes[tlv.start];
		if ((type & 0x18) !== 0 && (type & 7) !== 0) {
			this.warn(
				tlv.start,
				path,
				CLAUSE_TLV,
				"bits 2 to 0 of the type byte mean nothing beside a length field, and should be 0",
			);
		}
		if (head <= least) return;
		this.warn(tlv.start, path, CLAUSE_TLV, `a header of ${head} bytes where ${least} are enough`);
	}
}

/** @param bytes the file, and padding behind it */
export function structureOf(bytes: Uint8Array): Structure {
	const file = new BootstrapFile(bytes);
	const code = file.check(bytes.length);
	const { errorOffset } = file;
	const walk = new Walk(bytes);
	if (code === NO_DATA || bytes.length < HEADER_BYTES) {
		const words = code === NO_DATA ? EMPTY : `expected a header of ${HEADER_BYTES} bytes, got ${bytes.length}`;
		walk.error(code, errorOffset, "", CLAUSE_FILE, words);
		return { code, errorOffset, length: 0, objects: [], problems: walk.problems, found: walk.found };
	}
	const declared = HEADER_BYTES + u16(bytes, 2);
	const length = Math.min(declared, bytes.length);
	if (declared > bytes.length) {
		const words = `expected ${declared} bytes, 4 and the size in the header, got ${bytes.length}`;
		walk.error(code, errorOffset, "", CLAUSE_FILE, words);
	}
	walk.file(u16(bytes, 0), length, declared > bytes.length);
	const first = walk.found[0];
	// The two are the same by construction and by test; if they ever differ, the core is believed.
	if (code !== OK && (first === undefined || first.code !== code || first.offset !== errorOffset)) {
		walk.error(code, errorOffset, "", CLAUSE_FILE, messageOf(code).sentence);
	}
	return { code, errorOffset, length, objects: walk.objects, problems: walk.problems, found: walk.found };
}
