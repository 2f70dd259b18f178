// A bootstrap file as a tree for a person: offsets, paths, names, types and values.

import type { SeenResource, Structure } from "./check-structure.js";
import { valueWords } from "./decode-values.js";
import { objectOf, resourceOf } from "./registry.js";
import { aligned } from "./table.js";

type Row = [offset: string, path: string, name: string, type: string, value: string];

function resourceRows(objectId: number, resource: SeenResource, path: string, showSecrets: boolean): Row[] {
	const definition = resourceOf(objectId, resource.id);
	const name = definition?.name ?? "(not known)";
	const type = definition?.type ?? "";
	const { value } = resource;
	if (value instanceof Uint8Array) {
		return [[`${resource.offset}`, `    ${path}`, name, type, valueWords(definition, value, showSecrets)]];
	}
	const head: Row = [`${resource.offset}`, `    ${path}`, name, "multiple", value.length === 0 ? "(empty)" : ""];
	const inner = value.map(
		({ offset, id, bytes }): Row => [
			`${offset}`,
			`      ${path}/${id}`,
			"",
			type,
			valueWords(definition, bytes, showSecrets),
		],
	);
	return [head, ...inner];
}

export function treeOf(structure: Structure, showSecrets: boolean): string {
	const rows: Row[] = [["OFFSET", "PATH", "NAME", "TYPE", "VALUE"]];
	for (const { offset, id, version, instances } of structure.objects) {
		const name = objectOf(id)?.name ?? "(not known)";
		const words = version === null ? "" : `version ${version.major}.${version.minor}`;
		rows.push([`${offset}`, `/${id}`, name, "object", words]);
		for (const instance of instances) {
			const path = `/${id}/${instance.id}`;
			rows.push([
				`${instance.offset}`,
				`  ${path}`,
				instance.bare ? "(without an Object Instance)" : "",
				"instance",
				"",
			]);
			for (const resource of instance.resources) {
				rows.push(...resourceRows(id, resource, `${path}/${resource.id}`, showSecrets));
			}
		}
	}
	const width = Math.max(...rows.map(([offset]) => offset.length));
	return aligned(rows.map(([offset, ...rest]) => [offset.padStart(width), ...rest]));
}
