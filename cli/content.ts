// A checked bootstrap file as a tree of objects, instances and resources with the bytes of each value: what the desktop's prints
// are made from. A device works on the file itself.

import {
	type BootstrapFile,
	MULTIPLE_RESOURCE,
	OBJECT_INSTANCE,
	RESOURCE,
	RESOURCE_INSTANCE,
	Tlv,
} from "../src/index.js";

export interface ValueContent {
	id: number;
	bytes: Uint8Array;
}

export interface ResourceContent {
	id: number;
	/** One value, or the Resource Instances of a Multiple Resource. */
	value: Uint8Array | readonly ValueContent[];
}

export interface InstanceContent {
	id: number;
	resources: ResourceContent[];
}

export interface ObjectContent {
	id: number;
	/** "1.0" and the like; null when the file does not say. */
	version: string | null;
	instances: InstanceContent[];
}

function resourceInstances(buffer: Uint8Array, from: number, to: number): ValueContent[] {
	const values: ValueContent[] = [];
	const tlv = new Tlv(buffer);
	tlv.enter(from, to);
	while (tlv.next()) {
		if (tlv.kind === RESOURCE_INSTANCE) values.push({ id: tlv.id, bytes: buffer.slice(tlv.from, tlv.to) });
	}
	return values;
}

function resource(tlv: Tlv): ResourceContent {
	if (tlv.kind === MULTIPLE_RESOURCE) return { id: tlv.id, value: resourceInstances(tlv.buffer, tlv.from, tlv.to) };
	return { id: tlv.id, value: tlv.buffer.slice(tlv.from, tlv.to) };
}

/** Object Instances; resources that stand without one belong to instance 0. */
function instances(buffer: Uint8Array, from: number, to: number): InstanceContent[] {
	const list: InstanceContent[] = [];
	let bare: InstanceContent | null = null;
	const tlv = new Tlv(buffer);
	tlv.enter(from, to);
	while (tlv.next()) {
		if (tlv.kind === OBJECT_INSTANCE) {
			const resources: ResourceContent[] = [];
			const inner = new Tlv(buffer);
			inner.enter(tlv.from, tlv.to);
			while (inner.next()) {
				if (inner.kind === RESOURCE || inner.kind === MULTIPLE_RESOURCE) resources.push(resource(inner));
			}
			list.push({ id: tlv.id, resources });
		} else if (tlv.kind === RESOURCE || tlv.kind === MULTIPLE_RESOURCE) {
			if (bare === null) {
				bare = { id: 0, resources: [] };
				list.push(bare);
			}
			bare.resources.push(resource(tlv));
		}
	}
	return list;
}

/** @param file a checked file */
export function contentOf(file: BootstrapFile): ObjectContent[] {
	const objects: ObjectContent[] = [];
	file.firstObject();
	while (file.nextObject()) {
		objects.push({
			id: file.objectId,
			version: file.major === 0 ? null : `${file.major}.${file.minor}`,
			instances: instances(file.buffer, file.from, file.to),
		});
	}
	return objects;
}
