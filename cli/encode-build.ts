// Literals to the file that they describe, in any of the three forms:
//
//   dictionary   { OID.Security: { 1: { RID.Security.Mode: 0 } } }, a Multiple Resource as [(id, value), ...]
//   keyed JSON   { "0": { "1": { "2": 0 } } }, also with names, also below "objects"; a Multiple Resource as { "0": value } or [value]
//   array JSON   { "objects": [ { "id": 0, "version": null, "instances": [ { "id": 1, "resources": [ { "id": 2, "value": 0 } ] } ] } ] }

import type { InstanceModel, ObjectModel, ResourceModel, ValueModel } from "./encode-file.js";
import { type Encoded, type ValueOptions, valueBytes } from "./encode-value.js";
import { type Literal, literalWords, type MapLiteral } from "./input/literal.js";
import { constantNamed, objectNamed, resourceNamed } from "./input/names.js";
import { quoted } from "./input/source.js";
import { nearest } from "./nearest.js";
import { OBJECTS, type ResourceDefinition, resourceOf } from "./registry.js";

/** 65535 is reserved (LwM2M TS 1.0, 6.1 and 6.4.3). */
const ID_MAX = 65534;
const U16_MAX = 65535;

export interface InputProblem {
	/** "0/1/10"; "" for the whole file. */
	path: string;
	message: string;
	at: number;
}

export interface Built {
	objects: ObjectModel[];
	problems: InputProblem[];
	/** Where each path stands in the source. */
	places: Map<string, number>;
}

type Level = "Object" | "Object Instance" | "Resource" | "Resource Instance";

const AN: Readonly<Record<Level, string>> = {
	Object: "an Object",
	"Object Instance": "an Object Instance",
	Resource: "a Resource",
	"Resource Instance": "a Resource Instance",
};

class Builder {
	readonly problems: InputProblem[] = [];
	readonly places = new Map<string, number>();
	private readonly options: ValueOptions;

	constructor(options: ValueOptions) {
		this.options = options;
	}

	/** Any of the forms. */
	document(literal: Literal): ObjectModel[] {
		this.places.set("", literal.at);
		if (literal.kind === "list" && !this.options.dictionary) return this.objectList(literal.items);
		if (literal.kind !== "map") {
			return this.refuse(
				"",
				literal,
				`expected an object with the objects of the file, got ${literalWords(literal)}`,
				[],
			);
		}
		if (this.options.dictionary) return this.objectMap(literal);
		const objects = literal.entries.find(({ key }) => key.kind === "text" && key.value === "objects")?.value;
		if (objects === undefined) return this.objectMap(literal);
		// What else `read` and `decode` print says the same in other words.
		if (objects.kind === "list") return this.objectList(objects.items);
		if (objects.kind === "map") return this.objectMap(objects);
		return this.refuse("", objects, `expected a list or an object behind "objects", got ${literalWords(objects)}`, []);
	}

	private refuse<T>(path: string, literal: Literal, message: string, result: T): T {
		this.problems.push({ path, message, at: literal.at });
		return result;
	}

	private id(literal: Literal, level: Level, value: bigint, path: string): number {
		const most = this.options.lenient || level === "Resource Instance" ? U16_MAX : ID_MAX;
		if (value >= 0n && value <= most) return Number(value);
		return this.refuse(path, literal, `expected ${AN[level]} ID from 0 to ${most}, got ${value}`, -1);
	}

	/** A key of a map as an identifier; -1, and a problem, when it is none. */
	private key(literal: Literal, level: Level, objectId: number, path: string): number {
		if (literal.kind === "number" && literal.value !== null) return this.id(literal, level, literal.value, path);
		if (literal.kind === "text") {
			if (/^(0|[1-9][0-9]{0,9})$/.test(literal.value)) return this.id(literal, level, BigInt(literal.value), path);
			let named = -1;
			if (level === "Object") named = objectNamed(literal.value);
			else if (level === "Resource") named = resourceNamed(objectId, literal.value);
			if (named >= 0) return named;
		}
		if (literal.kind === "name") {
			const constant = constantNamed(literal.value);
			if (constant !== null && level === "Object" && constant.resourceId < 0) return constant.objectId;
			if (constant !== null && level === "Resource" && constant.resourceId >= 0) {
				if (constant.objectId === objectId || this.options.lenient) return constant.resourceId;
				return this.refuse(path, literal, `${literal.value} is no resource of object ${objectId}`, -1);
			}
		}
		const got = literal.kind === "text" || literal.kind === "name" ? quoted(literal.value) : literalWords(literal);
		const names = level === "Object" || level === "Resource" ? "a number or a known name" : "a number";
		const meant = literal.kind === "text" ? this.meant(literal.value, level, objectId) : "";
		return this.refuse(path, literal, `expected the ID of ${AN[level]}, ${names}, got ${got}${meant}`, -1);
	}

	/** The known name that is like this one, as the end of a sentence. */
	private meant(name: string, level: Level, objectId: number): string {
		const known =
			level === "Object"
				? OBJECTS.map((object) => object.name.replace("LwM2M ", ""))
				: level === "Resource"
					? (OBJECTS.find((object) => object.id === objectId)?.resources.map((resource) => resource.key) ?? [])
					: [];
		const meant = nearest(name, known);
		return meant === null ? "" : `; perhaps ${quoted(meant)} is meant`;
	}

	/** Notes where a path stands; a second time is a problem. */
	private place(path: string, literal: Literal): boolean {
		if (!this.places.has(path)) {
			this.places.set(path, literal.at);
			return true;
		}
		return this.options.lenient || this.refuse(path, literal, "stands here a second time", false);
	}

	private version(literal: Literal, path: string): ObjectModel["version"] {
		if (literal.kind === "nothing") return null;
		const parts = literal.kind === "text" ? /^(\d{1,3})\.(\d{1,3})$/.exec(literal.value) : null;
		const major = parts === null ? 0 : Number(parts[1]);
		const minor = parts === null ? 0 : Number(parts[2]);
		if (major >= 1 && major <= 255 && minor <= 255) return { major, minor };
		return this.refuse(path, literal, 'expected a version from "1.0" to "255.255", or null', null);
	}

	// Keyed

	private objectMap(map: MapLiteral): ObjectModel[] {
		const objects: ObjectModel[] = [];
		for (const { key, value } of map.entries) {
			if (key.kind === "text" && key.value === "$schema") continue;
			const id = this.key(key, "Object", -1, "");
			if (id < 0) continue;
			const path = `${id}`;
			if (!this.place(path, key)) continue;
			if (value.kind !== "map") {
				this.refuse(path, value, `expected an object with Object Instances, got ${literalWords(value)}`, null);
				continue;
			}
			const object: ObjectModel = { id, version: null, instances: [] };
			for (const each of value.entries) {
				if (each.key.kind === "text" && each.key.value === "version") object.version = this.version(each.value, path);
				else this.keyedInstance(object, each.key, each.value);
			}
			objects.push(object);
		}
		return objects;
	}

	private keyedInstance(object: ObjectModel, key: Literal, value: Literal): void {
		const id = this.key(key, "Object Instance", object.id, `${object.id}`);
		if (id < 0) return;
		const path = `${object.id}/${id}`;
		if (!this.place(path, key)) return;
		const instance: InstanceModel = { id, resources: [] };
		object.instances.push(instance);
		if (value.kind !== "map") {
			this.refuse(path, value, `expected an object with resources, got ${literalWords(value)}`, null);
			return;
		}
		for (const each of value.entries) {
			const resourceId = this.key(each.key, "Resource", object.id, path);
			if (resourceId < 0) continue;
			const resourcePath = `${path}/${resourceId}`;
			if (!this.place(resourcePath, each.key)) continue;
			const definition = resourceOf(object.id, resourceId);
			const resource = this.keyedResource(resourceId, each.value, definition, resourcePath);
			if (resource !== null) instance.resources.push(resource);
		}
	}

	private keyedResource(
		id: number,
		literal: Literal,
		definition: ResourceDefinition | null,
		path: string,
	): ResourceModel | null {
		const pairs = this.pairs(literal, definition, path);
		if (pairs === null) return this.single(id, literal, definition, path);
		if (!this.multipleAllowed(definition, literal, path)) return null;
		return { id, value: this.values(pairs, definition, path) };
	}

	/** The Resource Instances of a Multiple Resource; null for a single value. */
	private pairs(
		literal: Literal,
		definition: ResourceDefinition | null,
		path: string,
	): { id: number; key: Literal; value: Literal }[] | null {
		if (literal.kind === "map") {
			const numbered = literal.entries.every(
				({ key }) => key.kind === "number" || (key.kind === "text" && /^\d+$/.test(key.value)),
			);
			if (!numbered) return null;
			return literal.entries
				.map(({ key, value }) => ({ id: this.key(key, "Resource Instance", -1, path), key, value }))
				.filter(({ id }) => id >= 0);
		}
		if (literal.kind !== "list") return null;
		if (!this.options.dictionary) return literal.items.map((value, id) => ({ id, key: value, value }));
		// (21, 1) is an object link, unless the resource is a list of them.
		const isPair = (item: Literal) => item.kind === "list" && item.items.length === 2;
		if (definition?.type === "objlnk" && !literal.items.some(isPair) && literal.items.length === 2) return null;
		const pairs: { id: number; key: Literal; value: Literal }[] = [];
		for (const item of literal.items) {
			if (item.kind !== "list" || item.items.length !== 2) {
				this.refuse(path, item, `expected a pair (Resource Instance ID, value), got ${literalWords(item)}`, null);
				continue;
			}
			const [key, value] = item.items;
			const id = this.key(key, "Resource Instance", -1, path);
			if (id >= 0) pairs.push({ id, key, value });
		}
		return pairs;
	}

	// Arrays

	/** The members of a map, of which only these are known. */
	private members(literal: Literal, path: string, what: string, known: readonly string[]): Map<string, Literal> | null {
		if (literal.kind !== "map") {
			return this.refuse(path, literal, `expected ${what}, got ${literalWords(literal)}`, null);
		}
		const members = new Map<string, Literal>();
		for (const { key, value } of literal.entries) {
			const name = key.kind === "text" ? key.value : "";
			if (known.includes(name)) members.set(name, value);
			else
				this.refuse(
					path,
					key,
					`expected one of ${known.map((each) => `"${each}"`).join(", ")}, got ${quoted(name)}`,
					null,
				);
		}
		return members;
	}

	private memberId(members: Map<string, Literal>, literal: Literal, level: Level, path: string): number {
		const id = members.get("id");
		if (id === undefined) return this.refuse(path, literal, `expected the ${level}'s "id"`, -1);
		if (id.kind === "number" && id.value !== null) return this.id(id, level, id.value, path);
		return this.refuse(path, id, `expected a number as "id", got ${literalWords(id)}`, -1);
	}

	private memberList(members: Map<string, Literal>, name: string, literal: Literal, path: string): Literal[] {
		const list = members.get(name);
		if (list === undefined) return this.refuse(path, literal, `expected "${name}"`, []);
		if (list.kind === "list") return list.items;
		return this.refuse(path, list, `expected a list behind "${name}", got ${literalWords(list)}`, []);
	}

	private objectList(items: readonly Literal[]): ObjectModel[] {
		const objects: ObjectModel[] = [];
		for (const item of items) {
			const members = this.members(item, "", "an object of the file", ["id", "name", "version", "instances"]);
			const id = members === null ? -1 : this.memberId(members, item, "Object", "");
			if (members === null || id < 0 || !this.place(`${id}`, item)) continue;
			const version = members.get("version");
			const object: ObjectModel = {
				id,
				version: version === undefined ? null : this.version(version, `${id}`),
				instances: [],
			};
			for (const each of this.memberList(members, "instances", item, `${id}`)) this.listedInstance(object, each);
			objects.push(object);
		}
		return objects;
	}

	private listedInstance(object: ObjectModel, item: Literal): void {
		const members = this.members(item, `${object.id}`, "an Object Instance", ["id", "resources"]);
		const id = members === null ? -1 : this.memberId(members, item, "Object Instance", `${object.id}`);
		const path = `${object.id}/${id}`;
		if (members === null || id < 0 || !this.place(path, item)) return;
		const instance: InstanceModel = { id, resources: [] };
		object.instances.push(instance);
		for (const each of this.memberList(members, "resources", item, path)) {
			const resource = this.listedResource(object.id, each, path);
			if (resource !== null) instance.resources.push(resource);
		}
	}

	private listedResource(objectId: number, item: Literal, instancePath: string): ResourceModel | null {
		const members = this.members(item, instancePath, "a Resource", ["id", "name", "type", "value", "instances"]);
		const id = members === null ? -1 : this.memberId(members, item, "Resource", instancePath);
		const path = `${instancePath}/${id}`;
		if (members === null || id < 0 || !this.place(path, item)) return null;
		const definition = resourceOf(objectId, id);
		const value = members.get("value");
		if (value !== undefined) {
			if (!members.has("instances")) return this.single(id, value, definition, path);
			return this.refuse(path, item, 'expected either "value" or "instances", got both', null);
		}
		if (!members.has("instances")) return this.refuse(path, item, 'expected "value" or "instances"', null);
		if (!this.multipleAllowed(definition, item, path)) return null;
		const pairs: { id: number; key: Literal; value: Literal }[] = [];
		for (const each of this.memberList(members, "instances", item, path)) {
			const inner = this.members(each, path, "a Resource Instance", ["id", "value"]);
			const innerId = inner === null ? -1 : this.memberId(inner, each, "Resource Instance", path);
			const innerValue = inner?.get("value");
			if (innerId < 0) continue;
			if (innerValue === undefined) this.refuse(path, each, 'expected "value"', null);
			else pairs.push({ id: innerId, key: each, value: innerValue });
		}
		return { id, value: this.values(pairs, definition, path) };
	}

	// Values

	private multipleAllowed(definition: ResourceDefinition | null, literal: Literal, path: string): boolean {
		if (definition === null || definition.multiple || this.options.lenient) return true;
		return this.refuse(
			path,
			literal,
			`expected one value, got ${literalWords(literal)}: ${definition.name} has one`,
			false,
		);
	}

	private single(
		id: number,
		literal: Literal,
		definition: ResourceDefinition | null,
		path: string,
	): ResourceModel | null {
		if (definition?.multiple && !this.options.lenient) {
			const words = `expected Resource Instances, got ${literalWords(literal)}: ${definition.name} may have several values`;
			return this.refuse(path, literal, words, null);
		}
		const bytes = this.take(valueBytes(literal, definition, this.options), literal, path);
		return bytes === null ? null : { id, value: bytes };
	}

	private values(
		pairs: readonly { id: number; key: Literal; value: Literal }[],
		definition: ResourceDefinition | null,
		path: string,
	): ValueModel[] {
		const values: ValueModel[] = [];
		for (const { id, key, value } of pairs) {
			const valuePath = `${path}/${id}`;
			if (!this.place(valuePath, key)) continue;
			const bytes = this.take(valueBytes(value, definition, this.options), value, valuePath);
			if (bytes !== null) values.push({ id, bytes });
		}
		return values;
	}

	private take(encoded: Encoded, literal: Literal, path: string): Uint8Array | null {
		this.places.set(path, literal.at);
		return typeof encoded === "string" ? this.refuse(path, literal, encoded, null) : encoded;
	}
}

export function build(literal: Literal, options: ValueOptions): Built {
	const builder = new Builder(options);
	const objects = builder.document(literal);
	return { objects, problems: builder.problems, places: builder.places };
}
