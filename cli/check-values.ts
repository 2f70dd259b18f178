// Values and identifiers of a bootstrap file: types, ranges, what must be there and what must be there once only.

import { CLAUSE_FILE, CLAUSE_TLV, CLAUSE_TYPES, objectClause, type Problem } from "./check-problem.js";
import type { SeenInstance, SeenObject, SeenResource } from "./check-structure.js";
import { integerBytes } from "./encode-value.js";
import { escapeText } from "./escape.js";
import { objectOf, type ResourceDefinition, resourceOf } from "./registry.js";
import { typedValue } from "./values.js";

const SECURITY = 0;
const SAFE_MAX = Number.MAX_SAFE_INTEGER;
const U16_MAX = 65535;
const ID_MAX = 65534;

/** What the registry and the TS allow, "object/resource". */
export const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
	"0/2": [0, 4],
	"0/6": [0, 255],
	"0/11": [0, SAFE_MAX],
	"0/12": [0, SAFE_MAX],
	"0/13": [0, 3],
	"0/15": [0, 3],
	"0/16": [0, U16_MAX],
	"0/18": [0, U16_MAX],
	"0/19": [0, U16_MAX],
	"0/20": [0, U16_MAX],
	"0/21": [0, U16_MAX],
	"0/28": [0, 15],
	"0/29": [0, 15],
	"1/0": [1, ID_MAX],
	"1/1": [0, SAFE_MAX],
	"1/2": [0, SAFE_MAX],
	"1/3": [0, SAFE_MAX],
	"1/5": [0, SAFE_MAX],
	"1/11": [0, 255],
	"1/26": [0, 1],
	"1/27": [0, 255],
	"2/0": [1, ID_MAX],
	"2/1": [0, U16_MAX],
	"2/2": [0, 31],
	"2/3": [0, U16_MAX],
};

/** Lengths in bytes that the value may have. */
const LENGTHS: Readonly<Record<string, readonly number[]>> = {
	"0/7": [6],
	"0/8": [16, 32, 48],
};

const MANDATORY: Readonly<Record<number, readonly number[]>> = {
	0: [0, 1, 2],
	1: [0, 1, 6, 7],
	2: [0, 1, 3],
	21: [0, 1, 2],
};

/** CoAP (RFC 7252, RFC 8323, LwM2M TS 1.1 for NIDD), SMS, and the transports of LwM2M TS 1.2. */
export const SCHEMES: Readonly<Record<string, { secure: boolean | null }>> = {
	coap: { secure: false },
	coaps: { secure: true },
	"coap+tcp": { secure: false },
	"coaps+tcp": { secure: true },
	"coap+ws": { secure: false },
	"coaps+ws": { secure: true },
	"coap+nidd": { secure: false },
	"coaps+nidd": { secure: true },
	http: { secure: false },
	https: { secure: true },
	mqtt: { secure: false },
	mqtts: { secure: true },
	// Security of SMS is a resource of its own (0/x/6).
	tel: { secure: null },
	sms: { secure: null },
};
const URI_MAX_BYTES = 255;

export function schemeOf(uri: string): string {
	return (/^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(uri)?.[0] ?? "").toLowerCase();
}

/** What is wrong with a Server URI; null when nothing is. */
function uriFault(uri: string): string | null {
	if (uri === "") return "expected a URI, got nothing";
	if (Buffer.byteLength(uri) > URI_MAX_BYTES)
		return `expected at most ${URI_MAX_BYTES} bytes, got ${Buffer.byteLength(uri)}`;
	if (!/^[\x21-\x7e]+$/.test(uri)) return "expected a URI of ASCII characters without spaces";
	const scheme = schemeOf(uri);
	if (!Object.hasOwn(SCHEMES, scheme)) {
		const got = scheme === "" ? "none" : `"${escapeText(scheme)}"`;
		return `expected a URI with a known scheme (coaps, coap, coaps+tcp, coap+tcp, ...), got ${got}`;
	}
	const rest = uri.slice(scheme.length + 1);
	if (SCHEMES[scheme].secure === null) return rest === "" ? "expected a number behind the scheme" : null;
	const authority = /^\/\/([^/?#]*)/.exec(rest)?.[1];
	if (authority === undefined) return `expected "${scheme}://" at the start of the URI`;
	const parts = /^(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|[^:[\]@]*)(?::(\d*))?$/.exec(authority);
	if (parts === null || parts[1] === "") return "expected a host in the URI";
	const port = parts[2] ?? "";
	if (port !== "" && (Number(port) < 1 || Number(port) > U16_MAX))
		return `expected a port from 1 to ${U16_MAX}, got ${port}`;
	return null;
}

/** Letters of transports, each once: U UDP, T TCP, S SMS, N NIDD, M MQTT, H HTTP; Q queue mode of 1.0. */
function bindingFault(binding: string): string | null {
	if (/^[UTSNMHQ]+$/.test(binding) && new Set(binding).size === binding.length && binding !== "Q") return null;
	return `expected a binding of the letters U, T, S, N, M, H, each once (or UQ, SQ, UQS), got "${escapeText(binding)}"`;
}

/** What is wrong with a value of the right type; null when nothing is. */
function contentFault(path: string, key: string, bytes: Uint8Array, value: unknown, bootstrap: boolean): string | null {
	if (key === "0/0" || key === "0/25") return typeof value === "string" ? uriFault(value) : null;
	if (key === "1/7") return typeof value === "string" ? bindingFault(value) : null;
	if (key === "1/22" && !/^[UTSNMH]$/.test(String(value))) return `expected one letter of U, T, S, N, M, H`;
	if (key === "0/10") {
		const least = bootstrap ? 0 : 1;
		const most = bootstrap ? U16_MAX : ID_MAX;
		return inRange(value, least, most) ? null : `expected a Short Server ID from ${least} to ${most}, got ${value}`;
	}
	const range = RANGES[key];
	if (range !== undefined && !inRange(value, range[0], range[1])) {
		const most = range[1] === SAFE_MAX ? "" : ` to ${range[1]}`;
		return `expected ${key === "1/0" ? "a Short Server ID" : "a number"} from ${range[0]}${most}, got ${value}`;
	}
	const lengths = LENGTHS[key];
	if (lengths !== undefined && !lengths.includes(bytes.length)) {
		return `expected a key of ${lengths.join(", ").replace(/, (\d+)$/, " or $1")} bytes, got ${bytes.length}`;
	}
	// The Resource Instance of an access control list is a Short Server ID; 0 is the default for all.
	if (key === "2/2" && Number(path.split("/")[3]) > ID_MAX) return `expected a Short Server ID as Resource Instance ID`;
	return null;
}

function inRange(value: unknown, least: number, most: number): boolean {
	// Beyond 2^53 it is a string of digits.
	const number = typeof value === "string" ? BigInt(value) : typeof value === "number" ? BigInt(value) : null;
	return number === null || (number >= BigInt(least) && (most === SAFE_MAX || number <= BigInt(most)));
}

class ValueCheck {
	readonly problems: Problem[] = [];

	add(severity: Problem["severity"], offset: number, path: string, clause: string, message: string): void {
		this.problems.push({ severity, offset, path, clause, message });
	}

	file(objects: readonly SeenObject[]): void {
		const seen = new Set<number>();
		const instances = new Map<number, Set<number>>();
		let before = -1;
		let told = false;
		for (const object of objects) {
			const path = `${object.id}`;
			if (object.id > ID_MAX)
				this.add(
					"error",
					object.offset,
					path,
					CLAUSE_FILE,
					`expected an Object ID from 0 to ${ID_MAX}, got ${object.id}`,
				);
			if (seen.has(object.id))
				this.add("warning", object.offset, path, CLAUSE_FILE, "the object stands in the file a second time");
			else if (object.id < before && !told) {
				told = true;
				this.order(object.offset, path, "objects");
			}
			seen.add(object.id);
			before = Math.max(before, object.id);
			if (object.instances.length === 0)
				this.add("warning", object.offset, path, CLAUSE_FILE, "the object has no Object Instance");
			const known = instances.get(object.id) ?? new Set<number>();
			instances.set(object.id, known);
			this.instances(object, known);
		}
	}

	private order(offset: number, path: string, what: string): void {
		this.add(
			"warning",
			offset,
			path,
			CLAUSE_FILE,
			`the ${what} do not stand in ascending order; no clause demands it, but not every reader expects them so`,
		);
	}

	private instances(object: SeenObject, known: Set<number>): void {
		let before = -1;
		let told = false;
		for (const instance of object.instances) {
			const path = `${object.id}/${instance.id}`;
			if (instance.id > ID_MAX) {
				this.add(
					"error",
					instance.offset,
					path,
					CLAUSE_TLV,
					`expected an Object Instance ID from 0 to ${ID_MAX}, got ${instance.id}`,
				);
			}
			if (known.has(instance.id)) {
				this.add("error", instance.offset, path, CLAUSE_TLV, "the Object Instance stands in the file a second time");
			} else if (instance.id < before && !told) {
				told = true;
				this.order(instance.offset, path, "Object Instances");
			}
			known.add(instance.id);
			before = Math.max(before, instance.id);
			this.instance(object, instance, path);
		}
	}

	private instance(object: SeenObject, instance: SeenInstance, path: string): void {
		const known = new Set<number>();
		const bootstrap = object.id === SECURITY && isBootstrapServer(instance);
		let before = -1;
		let told = false;
		for (const resource of instance.resources) {
			const resourcePath = `${path}/${resource.id}`;
			if (known.has(resource.id)) {
				this.add(
					"error",
					resource.offset,
					resourcePath,
					CLAUSE_TLV,
					"the Resource stands in its instance a second time",
				);
			} else if (resource.id < before && !told) {
				told = true;
				this.order(resource.offset, resourcePath, "Resources");
			}
			known.add(resource.id);
			before = Math.max(before, resource.id);
			this.resource(object, bootstrap, resource, resourcePath);
		}
		if (instance.damaged) return;
		for (const id of MANDATORY[object.id] ?? []) {
			if (known.has(id)) continue;
			const name = resourceOf(object.id, id)?.name;
			this.add(
				"error",
				instance.offset,
				`${path}/${id}`,
				objectClause(object.id),
				`${name} is missing, which is mandatory`,
			);
		}
	}

	private resource(object: SeenObject, bootstrap: boolean, resource: SeenResource, path: string): void {
		const clause = objectClause(object.id);
		const definition = resourceOf(object.id, resource.id);
		const single = resource.value instanceof Uint8Array;
		if (definition === null) {
			if (objectOf(object.id) !== null) {
				this.add("warning", resource.offset, path, clause, "the object has no such resource up to version 1.2");
			}
			return;
		}
		if (definition.type === "none") {
			this.add("error", resource.offset, path, clause, `${definition.name} is executable and cannot be in a file`);
			return;
		}
		if (single && definition.multiple) {
			this.add(
				"error",
				resource.offset,
				path,
				clause,
				`expected a Multiple Resource, got a single value of ${definition.name}`,
			);
		}
		if (!single && !definition.multiple) {
			this.add(
				"error",
				resource.offset,
				path,
				clause,
				`expected one value of ${definition.name}, got a Multiple Resource`,
			);
		}
		this.since(object, resource, definition, path);
		if (resource.value instanceof Uint8Array) {
			this.value(object.id, definition, resource.value, resource.offset, path, bootstrap);
			return;
		}
		const known = new Set<number>();
		for (const value of resource.value) {
			const valuePath = `${path}/${value.id}`;
			if (known.has(value.id)) {
				this.add(
					"error",
					value.offset,
					valuePath,
					CLAUSE_TLV,
					"the Resource Instance stands in its resource a second time",
				);
			}
			known.add(value.id);
			this.value(object.id, definition, value.bytes, value.offset, valuePath, bootstrap);
		}
	}

	/** A version that the file says itself must know the resource. */
	private since(object: SeenObject, resource: SeenResource, definition: ResourceDefinition, path: string): void {
		if (object.version === null) return;
		const [major, minor] = definition.since.split(".").map(Number);
		const { version } = object;
		if (version.major > major || (version.major === major && version.minor >= minor)) return;
		const words = `${definition.name} came with version ${definition.since}, and the object says ${version.major}.${version.minor}`;
		this.add("warning", resource.offset, path, objectClause(object.id), words);
	}

	private value(
		objectId: number,
		definition: ResourceDefinition,
		bytes: Uint8Array,
		offset: number,
		path: string,
		bootstrap: boolean,
	): void {
		const value = typedValue(definition, bytes, true);
		if (value.fault !== null) {
			this.fault(offset, path, CLAUSE_TYPES, `${definition.name} ${value.fault}`);
			return;
		}
		const signed = definition.type === "integer" || definition.type === "time";
		if (signed || definition.type === "unsigned") {
			const least = integerBytes(BigInt(value.json as number | string), signed)?.length ?? 8;
			if (least < bytes.length) {
				this.add(
					"warning",
					offset,
					path,
					CLAUSE_TYPES,
					`a number of ${bytes.length} bytes where ${least} ${least === 1 ? "is" : "are"} enough`,
				);
			}
		}
		const fault = contentFault(path, `${objectId}/${definition.id}`, bytes, value.json, bootstrap);
		if (fault !== null) this.fault(offset, path, objectClause(objectId), fault);
	}

	private fault(offset: number, path: string, clause: string, message: string): void {
		this.problems.push({ severity: "error", ofValue: true, offset, path, clause, message });
	}
}

export function isBootstrapServer(instance: SeenInstance): boolean {
	const value = instance.resources.find(({ id }) => id === 1)?.value;
	return value instanceof Uint8Array && value.length === 1 && value[0] === 1;
}

export function checkValues(objects: readonly SeenObject[]): Problem[] {
	const check = new ValueCheck();
	check.file(objects);
	return check.problems;
}
