// A literal and the type that the registry demands to the bytes of a value (LwM2M TS 1.0, Appendix C), each number in its smallest
// form. What is refused is named by its kind only: a value may be a key.

import { type Literal, literalWords, type MapLiteral } from "./input/literal.js";
import { constantNamed } from "./input/names.js";
import type { ResourceDefinition, ResourceType } from "./registry.js";

export interface ValueOptions {
	/** The dictionary format: it has bytes of its own, and True is 1. */
	dictionary: boolean;
	/** Writes what was asked, as what it is. */
	lenient: boolean;
}

/** Bytes, or what is wrong. */
export type Encoded = Uint8Array | string;

type ValueType = ResourceType | "float";

const U16_MAX = 65535;
const HEX_KEY = /^([0-9A-F]{2}){8,}$/i;
const HEX_HINT =
	'a string of hex digits, which may be meant as bytes or as text: write {"hex": "..."} or {"text": "..."}';
const MASKED = "the value is masked: print it with --show-secrets, or put the value itself in its place";

const EXPECTED: Readonly<Record<ValueType, string>> = {
	string: "a string",
	integer: "an integer",
	unsigned: "an unsigned integer",
	boolean: "true or false",
	opaque: 'bytes, like {"hex": "00FF"} or {"base64": "AP8="}',
	time: "an integer, seconds since 1970",
	objlnk: 'an object link, like "21:1"',
	none: "no value: the resource is executable and cannot be in a file",
	float: "a number",
};
const EXPECTED_IN_DICTIONARY: Partial<Record<ValueType, string>> = {
	boolean: "True or False",
	opaque: "bytes or a string",
	string: "a string or bytes",
	objlnk: "an object link, like (21, 1)",
};

/** Types that a value may say itself: {"integer": 5}. */
const SAID: Readonly<Record<string, ValueType>> = {
	text: "string",
	string: "string",
	integer: "integer",
	unsigned: "unsigned",
	boolean: "boolean",
	time: "time",
	objlnk: "objlnk",
	float: "float",
};

function expected(type: ValueType, literal: Literal, options: ValueOptions): string {
	const words = (options.dictionary ? EXPECTED_IN_DICTIONARY[type] : undefined) ?? EXPECTED[type];
	return `expected ${words}, got ${literalWords(literal)}`;
}

/** 1, 2, 4 or 8 bytes, big endian; null when it does not fit 8. */
export function integerBytes(value: bigint, signed: boolean): Uint8Array | null {
	for (const length of [1, 2, 4, 8]) {
		const fits = (signed ? BigInt.asIntN(8 * length, value) : BigInt.asUintN(8 * length, value)) === value;
		if (!fits) continue;
		const bytes = Buffer.alloc(8);
		bytes.writeBigUInt64BE(BigInt.asUintN(64, value));
		return new Uint8Array(bytes.subarray(8 - length));
	}
	return null;
}

function floatBytes(value: number): Uint8Array {
	const single = Buffer.alloc(4);
	single.writeFloatBE(value);
	if (Object.is(single.readFloatBE(), value)) return new Uint8Array(single);
	const double = Buffer.alloc(8);
	double.writeDoubleBE(value);
	return new Uint8Array(double);
}

function utf8(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}

function linkBytes(objectId: bigint, instanceId: bigint): Uint8Array | null {
	if (objectId < 0n || instanceId < 0n || objectId > U16_MAX || instanceId > U16_MAX) return null;
	const object = Number(objectId);
	const instance = Number(instanceId);
	return new Uint8Array([object >> 8, object & 0xff, instance >> 8, instance & 0xff]);
}

/** The integer that a literal is; null when it is none. */
function integerOf(literal: Literal, options: ValueOptions): bigint | null {
	if (literal.kind === "number") return literal.value;
	if (literal.kind === "name") {
		const constant = constantNamed(literal.value);
		return constant === null ? null : BigInt(constant.resourceId < 0 ? constant.objectId : constant.resourceId);
	}
	// Integers that JSON's numbers do not hold.
	if (literal.kind !== "text" || options.dictionary || !/^-?[1-9][0-9]{0,19}$/.test(literal.value)) return null;
	return Number.isSafeInteger(Number(literal.value)) ? null : BigInt(literal.value);
}

function link(literal: Literal): Uint8Array | null {
	if (literal.kind === "text") {
		const parts = /^(\d{1,5}):(\d{1,5})$/.exec(literal.value);
		return parts === null ? null : linkBytes(BigInt(parts[1]), BigInt(parts[2]));
	}
	if (literal.kind === "bytes") return literal.value.length === 4 ? literal.value : null;
	if (literal.kind !== "list" || literal.items.length !== 2) return null;
	const [object, instance] = literal.items;
	if (object.kind !== "number" || instance.kind !== "number") return null;
	return object.value === null || instance.value === null ? null : linkBytes(object.value, instance.value);
}

/** A literal as a value of a type. */
function typedBytes(literal: Literal, type: ValueType, options: ValueOptions): Encoded {
	const wrong = expected(type, literal, options);
	switch (type) {
		case "string":
		case "opaque":
			if (literal.kind === "bytes") return literal.value;
			if (literal.kind !== "text") return wrong;
			// A key in hex digits that would be written as text is the worst kind of mistake: the file looks right.
			if (type === "opaque" && !options.dictionary && HEX_KEY.test(literal.value)) {
				return `expected ${EXPECTED.opaque}, got ${HEX_HINT}`;
			}
			return utf8(literal.value);
		case "boolean":
			if (literal.kind === "boolean") return new Uint8Array([literal.value ? 1 : 0]);
			if (options.dictionary && literal.kind === "number" && (literal.value === 0n || literal.value === 1n)) {
				return new Uint8Array([Number(literal.value)]);
			}
			return wrong;
		case "integer":
		case "time":
		case "unsigned": {
			const value = integerOf(literal, options);
			if (value === null) {
				const isDigits = !options.dictionary && literal.kind === "text" && /^-?\d+$/.test(literal.value);
				return isDigits ? `${wrong}; strings are for integers beyond 2^53 only` : wrong;
			}
			return integerBytes(value, type !== "unsigned") ?? `${wrong} that does not fit 64 bits`;
		}
		case "objlnk":
			return link(literal) ?? wrong;
		case "float":
			return literal.kind === "number" ? floatBytes(literal.nearest) : wrong;
		case "none":
			return wrong;
	}
}

/** A value whose type nothing demands, as what it is. */
function ownBytes(literal: Literal, options: ValueOptions): Encoded {
	switch (literal.kind) {
		case "text":
			return typedBytes(literal, "string", options);
		case "bytes":
			return literal.value;
		case "boolean":
			return typedBytes(literal, "boolean", options);
		case "nothing":
			return new Uint8Array(0);
		case "number":
		case "name":
			return typedBytes(literal, literal.kind === "number" && literal.value === null ? "float" : "integer", options);
		case "map":
		case "list":
			return `expected a value, got ${literalWords(literal)}`;
	}
}

/** {"hex": ...}, {"base64": ...} */
function saidBytes(form: string, literal: Literal): Encoded {
	if (literal.kind !== "text") return `expected a string behind "${form}", got ${literalWords(literal)}`;
	if (form === "hex") {
		const digits = literal.value.replace(/\s/g, "");
		if (!/^([0-9A-F]{2})*$/i.test(digits)) return "expected pairs of hex digits";
		return new Uint8Array(Buffer.from(digits, "hex"));
	}
	const text = literal.value.replace(/\s/g, "");
	const bytes = Buffer.from(text, "base64");
	if (bytes.toString("base64").replace(/=+$/, "") !== text.replace(/={0,2}$/, "")) return "expected base64";
	return new Uint8Array(bytes);
}

/** A map that says what the value is. */
function said(literal: MapLiteral, definition: ResourceDefinition | null, options: ValueOptions): Encoded {
	const [entry, ...more] = literal.entries;
	const form = entry !== undefined && entry.key.kind === "text" ? entry.key.value : "";
	if (form === "masked") return MASKED;
	const isBytes = form === "hex" || form === "base64";
	const type = SAID[form];
	if (more.length > 0 || (!isBytes && !Object.hasOwn(SAID, form))) {
		return 'expected a value: {"hex": ...}, {"base64": ...}, or a type and a value like {"integer": 5}';
	}
	const bytes = isBytes ? saidBytes(form, entry.value) : typedBytes(entry.value, type, options);
	if (definition === null || options.lenient || typeof bytes === "string") return bytes;
	const demanded = definition.type;
	const text = demanded === "string" || demanded === "opaque";
	if (text ? isBytes || type === "string" : !isBytes && type === demanded) return bytes;
	return `expected ${EXPECTED[demanded]}, got ${isBytes ? "bytes" : `a value of the type "${form}"`}`;
}

/** @param definition null for a resource that the registry here does not know */
export function valueBytes(literal: Literal, definition: ResourceDefinition | null, options: ValueOptions): Encoded {
	if (literal.kind === "name" && constantNamed(literal.value) === null) return `there is no constant ${literal.value}`;
	if (literal.kind === "map") return said(literal, definition, options);
	if (definition === null) {
		if (options.lenient || options.dictionary) return ownBytes(literal, options);
		if (literal.kind === "text" || literal.kind === "boolean") return ownBytes(literal, options);
		return `expected a value that says its type, like {"integer": 5}, got ${literalWords(literal)}`;
	}
	const bytes = typedBytes(literal, definition.type, options);
	if (typeof bytes !== "string" || !options.lenient) return bytes;
	return ownBytes(literal, options);
}
