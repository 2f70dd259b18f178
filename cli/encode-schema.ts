// The JSON Schema (draft 7) of what `simstrap encode` takes, for editors; made from the registry.

import { RANGES } from "./check-values.js";
import { OBJECTS, type ObjectDefinition, type ResourceDefinition, type ResourceType } from "./registry.js";

type Schema = Readonly<Record<string, unknown>>;

const INSTANCE_KEY = "^(0|[1-9][0-9]{0,4})$";
/** Instances below their number, and "version". */
const VERSION = {
	type: ["string", "null"],
	pattern: "^[1-9][0-9]{0,2}\\.[0-9]{1,3}$",
	description: 'like "1.1"; null or absent: not said',
};

function ref(name: string): Schema {
	return { $ref: `#/definitions/${name}` };
}

/** An object with exactly this member. */
function single(name: string, value: Schema): Schema {
	return { type: "object", properties: { [name]: value }, required: [name], additionalProperties: false };
}

/** Integers that JSON's numbers do not hold. */
const LARGE = { type: "string", pattern: "^-?[1-9][0-9]{15,19}$" };
const TEXT = { type: "string" };

const FORMS: Readonly<Record<string, Schema>> = {
	hex: single("hex", { type: "string", pattern: "^([0-9A-Fa-f]{2}|\\s)*$" }),
	base64: single("base64", { type: "string", pattern: "^[A-Za-z0-9+/\\s]*={0,2}$" }),
	text: single("text", TEXT),
	integer: single("integer", { anyOf: [{ type: "integer" }, LARGE] }),
	unsigned: single("unsigned", { anyOf: [{ type: "integer", minimum: 0 }, LARGE] }),
	boolean: single("boolean", { type: "boolean" }),
	time: single("time", { anyOf: [{ type: "integer" }, LARGE] }),
	objlnk: single("objlnk", { type: "string", pattern: "^[0-9]{1,5}:[0-9]{1,5}$" }),
	float: single("float", { type: "number" }),
};

const BYTES = [ref("hexForm"), ref("base64Form"), ref("textForm")];

const TYPES: Readonly<Record<ResourceType, Schema>> = {
	string: { anyOf: [TEXT, ...BYTES] },
	opaque: { anyOf: [...BYTES, TEXT] },
	integer: { anyOf: [{ type: "integer" }, LARGE, ref("integerForm")] },
	unsigned: { anyOf: [{ type: "integer", minimum: 0 }, LARGE, ref("unsignedForm")] },
	time: { anyOf: [{ type: "integer" }, LARGE, ref("timeForm")] },
	boolean: { anyOf: [{ type: "boolean" }, ref("booleanForm")] },
	objlnk: { anyOf: [{ type: "string", pattern: "^[0-9]{1,5}:[0-9]{1,5}$" }, ref("objlnkForm")] },
	none: { not: {} },
};

function valueSchema(objectId: number, { id, type, name, multiple, since }: ResourceDefinition): Schema {
	const description = `${name} (${type}, since ${since})`;
	const range = RANGES[`${objectId}/${id}`];
	const value: Schema =
		range === undefined || range[1] === Number.MAX_SAFE_INTEGER
			? ref(type)
			: { anyOf: [{ type: "integer", minimum: range[0], maximum: range[1] }, ref(`${type}Form`)] };
	if (!multiple) return { description, allOf: [value] };
	return {
		description,
		anyOf: [
			{ type: "array", items: value },
			{ type: "object", patternProperties: { [INSTANCE_KEY]: value }, additionalProperties: false },
		],
	};
}

/** An object's instances, each resource below its number or its name. */
function objectSchema(object: ObjectDefinition): Schema {
	const properties: Record<string, Schema> = {};
	for (const resource of object.resources) {
		const schema = valueSchema(object.id, resource);
		properties[resource.key] = schema;
		properties[`${resource.id}`] = schema;
	}
	return {
		type: "object",
		description: `${object.name} (object ${object.id})`,
		properties: { version: VERSION },
		patternProperties: {
			[INSTANCE_KEY]: {
				type: "object",
				properties,
				patternProperties: { [INSTANCE_KEY]: {} },
				additionalProperties: false,
			},
		},
		additionalProperties: false,
	};
}

/** "LwM2M Access Control" is accessControl. */
function objectKey({ name }: ObjectDefinition): string {
	const words = name.replace("LwM2M ", "").split(" ");
	return words[0].toLowerCase() + words.slice(1).join("");
}

function listOf(item: Schema): Schema {
	return { type: "array", items: item };
}

const ID = { type: "integer", minimum: 0, maximum: 65535 };

/** As `simstrap read --json` and `simstrap decode --json` print them. */
const LISTED: Schema = listOf({
	type: "object",
	properties: {
		id: ID,
		name: TEXT,
		version: VERSION,
		instances: listOf({
			type: "object",
			properties: {
				id: ID,
				resources: listOf({
					type: "object",
					properties: {
						id: ID,
						name: TEXT,
						type: TEXT,
						value: ref("any"),
						instances: listOf({
							type: "object",
							properties: { id: ID, value: ref("any") },
							required: ["id", "value"],
							additionalProperties: false,
						}),
					},
					required: ["id"],
					oneOf: [{ required: ["value"] }, { required: ["instances"] }],
					additionalProperties: false,
				}),
			},
			required: ["id", "resources"],
			additionalProperties: false,
		}),
	},
	required: ["id", "instances"],
	additionalProperties: false,
});

export function schema(): Schema {
	const keyed: Record<string, Schema> = { $schema: TEXT };
	const forms = Object.keys(FORMS).map((form) => ref(`${form}Form`));
	const definitions: Record<string, Schema> = {
		...TYPES,
		...Object.fromEntries(Object.entries(FORMS).map(([form, definition]) => [`${form}Form`, definition])),
		any: { anyOf: [{ type: ["string", "number", "boolean", "null"] }, ...forms] },
	};
	for (const object of OBJECTS) {
		const key = objectKey(object);
		definitions[`object${object.id}`] = objectSchema(object);
		keyed[key] = ref(`object${object.id}`);
		keyed[`${object.id}`] = ref(`object${object.id}`);
	}
	definitions.unknownObject = {
		type: "object",
		properties: { version: VERSION },
		patternProperties: {
			[INSTANCE_KEY]: { type: "object", patternProperties: { [INSTANCE_KEY]: {} }, additionalProperties: false },
		},
		additionalProperties: false,
	};
	definitions.keyed = {
		type: "object",
		properties: keyed,
		patternProperties: { "^(?!(0|1|2|21)$)(0|[1-9][0-9]{0,4})$": ref("unknownObject") },
		additionalProperties: false,
	};
	definitions.listed = LISTED;
	return {
		$schema: "http://json-schema.org/draft-07/schema#",
		title: "LwM2M bootstrap data for a smartcard, as `simstrap encode` takes them",
		if: { type: "object", required: ["objects"] },
		// biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
		then: { properties: { objects: { anyOf: [ref("listed"), ref("keyed")] } } },
		else: { anyOf: [ref("keyed"), ref("listed")] },
		definitions,
	};
}
