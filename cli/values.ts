// Values of resources, typed by the registry (LwM2M TS 1.0, Appendix C): bytes to what JSON and people are shown.

import { masked, toHex } from "./escape.js";
import type { ResourceDefinition, ResourceType } from "./registry.js";

export type JsonValue = number | string | boolean | null | { hex: string } | { masked: number };

export interface Value {
	json: JsonValue;
	/** What is wrong with it, in words behind "Resource 0/1/2"; null when nothing is. */
	fault: string | null;
}

/** A number where JSON's numbers are exact, else its digits. */
function exact(value: bigint): number | string {
	const number = Number(value);
	return Number.isSafeInteger(number) ? number : value.toString();
}

/** 1, 2, 4 or 8 bytes, big endian; null for another length. */
function bigEndian(bytes: Uint8Array): bigint | null {
	if (![1, 2, 4, 8].includes(bytes.length)) return null;
	return BigInt("0x" + toHex(bytes));
}

function utf8(bytes: Uint8Array): string | null {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return null;
	}
}

/** The value, or null when the bytes are none of this type. */
function typed(type: ResourceType, bytes: Uint8Array): number | string | boolean | null {
	switch (type) {
		case "string":
			return utf8(bytes);
		case "boolean":
			return bytes.length === 1 && bytes[0] < 2 ? bytes[0] === 1 : null;
		case "unsigned": {
			const value = bigEndian(bytes);
			return value === null ? null : exact(value);
		}
		case "integer":
		case "time": {
			const value = bigEndian(bytes);
			return value === null ? null : exact(BigInt.asIntN(8 * bytes.length, value));
		}
		case "objlnk":
			return bytes.length === 4 ? `${(bytes[0] << 8) | bytes[1]}:${(bytes[2] << 8) | bytes[3]}` : null;
	}
	return null;
}

const TYPE_WORDS: Readonly<Record<ResourceType, string>> = {
	string: "a String in UTF-8",
	boolean: "a Boolean (one byte, 00 or 01)",
	unsigned: "an Unsigned Integer of 1, 2, 4 or 8 bytes",
	integer: "an Integer of 1, 2, 4 or 8 bytes",
	time: "a Time of 1, 2, 4 or 8 bytes",
	objlnk: "an Object Link of 4 bytes",
	opaque: "Opaque",
	none: "executable, and has no value",
};

/** @param definition null for a resource that the registry here does not know: its bytes may be a secret */
export function typedValue(definition: ResourceDefinition | null, bytes: Uint8Array, showSecrets: boolean): Value {
	if (definition === null || definition.secret) {
		return { json: showSecrets ? { hex: toHex(bytes) } : { masked: bytes.length }, fault: null };
	}
	if (definition.type === "opaque") return { json: { hex: toHex(bytes) }, fault: null };
	if (definition.type === "none" && bytes.length === 0) return { json: null, fault: null };
	const value = typed(definition.type, bytes);
	// A Short Server ID is a signed Integer; cards that write 200 as C8 mean 200.
	if (definition.key === "shortServerId" && typeof value === "number" && value < 0) {
		const meant = typed("unsigned", bytes);
		return { json: meant, fault: `is negative as an Integer (${value}), and taken as ${meant}` };
	}
	if (value !== null) return { json: value, fault: null };
	return { json: { hex: toHex(bytes) }, fault: `is not ${TYPE_WORDS[definition.type]}` };
}

/** A value that may be secret, in a person's words: text when it is printable, else hex. */
export function secretWords(bytes: Uint8Array, showSecrets: boolean): string {
	if (!showSecrets) return masked(bytes.length);
	const text = Buffer.from(bytes).toString("latin1");
	return /^[\x20-\x7e]+$/.test(text) ? JSON.stringify(text) : toHex(bytes);
}
