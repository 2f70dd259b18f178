// The whole result as one JSON object.

import type { Bootstrap } from "../src/index.js";
import { faultWords } from "./account-faults.js";
import type { AccountRow } from "./account-list.js";
import { contentOf, type InstanceContent, type ObjectContent } from "./content.js";
import { toHex } from "./escape.js";
import { LINK_NAMES, wayOf } from "./modem-options.js";
import { resourceOf } from "./registry.js";
import { type JsonValue, typedValue } from "./values.js";

const SECURITY_OBJECT = 0;
const SERVER_OBJECT = 1;

type ResourceJson = { id: number; value: JsonValue } | { id: number; instances: { id: number; value: JsonValue }[] };

class Report {
	readonly warnings: string[] = [];
	private readonly showSecrets: boolean;

	constructor(showSecrets: boolean) {
		this.showSecrets = showSecrets;
	}

	resources(objectId: number, instance: InstanceContent): ResourceJson[] {
		return instance.resources.map((resource): ResourceJson => {
			const definition = resourceOf(objectId, resource.id);
			const read = (bytes: Uint8Array, path: string): JsonValue => {
				const value = typedValue(definition, bytes, this.showSecrets);
				if (value.fault !== null) this.warnings.push(`resource ${path} ${value.fault}`);
				return value.json;
			};
			const path = `${objectId}/${instance.id}/${resource.id}`;
			if (resource.value instanceof Uint8Array) return { id: resource.id, value: read(resource.value, path) };
			const instances = resource.value.map(({ id, bytes }) => ({ id, value: read(bytes, `${path}/${id}`) }));
			return { id: resource.id, instances };
		});
	}

	object(object: ObjectContent) {
		const instances = object.instances.map((instance) => ({
			id: instance.id,
			resources: this.resources(object.id, instance),
		}));
		return { id: object.id, version: object.version, instances };
	}
}

type ObjectJson = ReturnType<Report["object"]>;

/** The instances of one object, with the registry's names for what is in them. */
function named(objects: readonly ObjectJson[], objectId: number): Record<string, unknown>[] {
	const list: Record<string, unknown>[] = [];
	for (const object of objects) {
		if (object.id !== objectId) continue;
		for (const instance of object.instances) {
			const entry: Record<string, unknown> = { instance: instance.id };
			for (const resource of instance.resources) {
				const definition = resourceOf(objectId, resource.id);
				if (definition === null) continue;
				entry[definition.key] = "value" in resource ? resource.value : resource.instances.map((each) => each.value);
			}
			list.push(entry);
		}
	}
	return list;
}

export interface ReportJson {
	exchanges: number;
	/** The way to the card, as --link has it. */
	link: string;
	channel: number;
	path: string;
	size: number;
	objects: ObjectJson[];
	security: Record<string, unknown>[];
	servers: Record<string, unknown>[];
	warnings: string[];
}

/** Values that are not of their type, in words. */
export function valueWarnings(device: Bootstrap): string[] {
	const report = new Report(false);
	for (const object of contentOf(device.file)) report.object(object);
	return report.warnings;
}

/** @param device one that has read a file */
export function reportJson(device: Bootstrap, accounts: readonly AccountRow[], showSecrets: boolean): ReportJson {
	const report = new Report(showSecrets);
	const objects = contentOf(device.file).map((object) => report.object(object));
	for (const account of accounts) {
		if (!account.usable) report.warnings.push(`account 0/${account.securityInstance}: ${faultWords(account.fault)}`);
	}
	return {
		exchanges: device.exchanges,
		link: LINK_NAMES[wayOf(device)].name,
		channel: device.channel,
		path: toHex(device.discovery.path.subarray(0, device.discovery.pathLength)),
		size: device.file.length,
		objects,
		security: named(objects, SECURITY_OBJECT),
		servers: named(objects, SERVER_OBJECT),
		warnings: report.warnings,
	};
}
