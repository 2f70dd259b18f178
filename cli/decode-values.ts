// Values of a bootstrap file for a person and for JSON. JSON is verified: a value that would not give the very same bytes again
// stands there as bytes.

import type { SeenResource, Structure } from "./check-structure.js";
import { valueBytes } from "./encode-value.js";
import { escapeText, masked, toHex } from "./escape.js";
import type { Literal } from "./input/literal.js";
import { type ResourceDefinition, resourceOf } from "./registry.js";
import { type JsonValue, typedValue } from "./values.js";

const OPTIONS = { dictionary: false, lenient: true };

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function literalOf(value: JsonValue): Literal | null {
	switch (typeof value) {
		case "string":
			return { kind: "text", at: 0, value };
		case "number":
			return { kind: "number", at: 0, value: BigInt(value), nearest: value };
		case "boolean":
			return { kind: "boolean", at: 0, value };
		default:
			return value === null ? { kind: "nothing", at: 0 } : null;
	}
}

/** Whether `encode --lenient` makes these bytes of the value. */
function restores(value: JsonValue, definition: ResourceDefinition | null, bytes: Uint8Array): boolean {
	const literal = literalOf(value);
	// Bytes and masks are what they are.
	if (literal === null) return true;
	const encoded = valueBytes(literal, definition, OPTIONS);
	return encoded instanceof Uint8Array && sameBytes(encoded, bytes);
}

function jsonValue(definition: ResourceDefinition | null, bytes: Uint8Array, showSecrets: boolean): JsonValue {
	const { json } = typedValue(definition, bytes, showSecrets);
	return restores(json, definition, bytes) ? json : { hex: toHex(bytes) };
}

type ResourceJson = { id: number; value: JsonValue } | { id: number; instances: { id: number; value: JsonValue }[] };

function resourceJson(objectId: number, resource: SeenResource, showSecrets: boolean): ResourceJson {
	const { id, value } = resource;
	const definition = resourceOf(objectId, id);
	if (value instanceof Uint8Array) return { id, value: jsonValue(definition, value, showSecrets) };
	const instances = value.map((each) => ({ id: each.id, value: jsonValue(definition, each.bytes, showSecrets) }));
	return { id, instances };
}

/** As `simstrap read --json` has it. */
export function objectsJson(structure: Structure, showSecrets: boolean): object[] {
	return structure.objects.map(({ id, version, instances }) => ({
		id,
		version: version === null ? null : `${version.major}.${version.minor}`,
		instances: instances.map((instance) => ({
			id: instance.id,
			resources: instance.resources.map((resource) => resourceJson(id, resource, showSecrets)),
		})),
	}));
}

/** Bytes with the text that they may be. */
function bytesWords(bytes: Uint8Array): string {
	if (bytes.length === 0) return "(empty)";
	const text = Buffer.from(bytes).toString("latin1");
	return /^[\x20-\x7e]+$/.test(text) ? `${toHex(bytes)} ${JSON.stringify(text)}` : toHex(bytes);
}

/** A value for a person. */
export function valueWords(definition: ResourceDefinition | null, bytes: Uint8Array, showSecrets: boolean): string {
	const hidden = definition === null || definition.secret;
	if (hidden && !showSecrets) return masked(bytes.length);
	const { json, fault } = typedValue(definition, bytes, true);
	if (fault !== null) return `${bytesWords(bytes)} (${fault})`;
	if (typeof json === "string" && definition?.type === "string") return `"${escapeText(json)}"`;
	if (json === null) return "(empty)";
	return typeof json === "object" ? bytesWords(bytes) : String(json);
}
