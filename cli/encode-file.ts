// A bootstrap file as it is to be written: objects, instances and resources in their order, and its bytes.

import { MULTIPLE_RESOURCE, OBJECT_INSTANCE, RESOURCE, RESOURCE_INSTANCE, TlvWriter } from "../src/index.js";

export interface ValueModel {
	id: number;
	bytes: Uint8Array;
}

export interface ResourceModel {
	id: number;
	value: Uint8Array | ValueModel[];
}

export interface InstanceModel {
	id: number;
	resources: ResourceModel[];
}

export interface ObjectModel {
	id: number;
	/** Null for one that is not said. */
	version: { major: number; minor: number } | null;
	instances: InstanceModel[];
}

/** What the header's `size` can say, and the header. */
const LARGEST_BYTES = 4 + 0xffff;
/** No header of anything is longer. */
const HEAD_BYTES = 6;

/** At least as much as the file takes. */
function roomFor(objects: readonly ObjectModel[]): number {
	let room = HEAD_BYTES;
	for (const { instances } of objects) {
		room += HEAD_BYTES;
		for (const { resources } of instances) {
			room += HEAD_BYTES;
			for (const { value } of resources) {
				room += HEAD_BYTES;
				if (value instanceof Uint8Array) room += value.length;
				else for (const { bytes } of value) room += HEAD_BYTES + bytes.length;
			}
		}
	}
	return Math.min(room, LARGEST_BYTES);
}

export interface EncodedFile {
	/** Null when it is larger than any header can say. */
	bytes: Uint8Array | null;
	/** Where each object ends, as far as they went. */
	ends: number[];
}

function writeResource(writer: TlvWriter, { id, value }: ResourceModel): void {
	if (value instanceof Uint8Array) {
		writer.bytes(RESOURCE, id, value, 0, value.length);
		return;
	}
	const start = writer.at;
	for (const each of value) writer.bytes(RESOURCE_INSTANCE, each.id, each.bytes, 0, each.bytes.length);
	writer.wrap(start, MULTIPLE_RESOURCE, id);
}

export function encodeFile(objects: readonly ObjectModel[]): EncodedFile {
	const buffer = new Uint8Array(roomFor(objects));
	const writer = new TlvWriter(buffer);
	const ends: number[] = [];
	for (const object of objects) {
		const start = writer.at;
		for (const instance of object.instances) {
			const instanceStart = writer.at;
			for (const resource of instance.resources) writeResource(writer, resource);
			writer.wrap(instanceStart, OBJECT_INSTANCE, instance.id);
		}
		writer.wrapObject(start, object.id, object.version?.major ?? 0, object.version?.minor ?? 0);
		if (writer.overflow) return { bytes: null, ends };
		ends.push(4 + writer.at);
	}
	writer.wrapFile(0, objects.length);
	return { bytes: writer.overflow ? null : buffer.slice(0, writer.at), ends };
}
