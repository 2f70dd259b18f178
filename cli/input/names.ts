// Names of objects and resources in input files: the registry's, its keys in JSON, and the constants of the dictionary format.
// Capitals, spaces, punctuation and "LwM2M" do not matter.

import { OBJECTS } from "../registry.js";

/** Constants of the dictionary format that differ from the registry's names; "object.resource". */
const ALIASES: Readonly<Record<string, number>> = {
	"0.bootstrap": 1,
	"0.mode": 2,
	"0.pkoridentity": 3,
	"0.serverpk": 4,
	"0.serverpkoridentity": 4,
	"0.smsmode": 6,
	"0.smsbindingkeyparam": 7,
	"0.smsbindingkeyparams": 7,
	"0.smsbindingsecretkey": 8,
	"0.smsnumber": 9,
	"0.bootstrapaccounttimeout": 12,
	"0.bootstraptimeout": 12,
	"0.bsaccounttimeout": 12,
	"0.servernameindication": 14,
	"0.ciphersuite": 16,
	"0.oscore": 17,
	"1.defaultminperiod": 2,
	"1.defaultmaxperiod": 3,
	"1.notificationstoring": 6,
	"1.apn": 10,
	"1.tlsdtlsalert": 11,
	"1.registrationpriority": 13,
	"1.initialregistrationdelay": 14,
	"2.oid": 0,
	"2.targetoid": 0,
	"2.iid": 1,
	"2.targetiid": 1,
	"2.owner": 3,
};

function plain(name: string): string {
	return name
		.toLowerCase()
		.replace(/[^a-z0-9]/g, "")
		.replaceAll("lwm2m", "");
}

const objects = new Map<string, number>();
const resources = new Map<string, number>();
for (const object of OBJECTS) {
	objects.set(plain(object.name), object.id);
	for (const resource of object.resources) {
		resources.set(`${object.id}.${plain(resource.key)}`, resource.id);
		resources.set(`${object.id}.${plain(resource.name)}`, resource.id);
	}
}
for (const [name, id] of Object.entries(ALIASES)) resources.set(name, id);

/** -1 when there is no object of this name. */
export function objectNamed(name: string): number {
	return objects.get(plain(name)) ?? -1;
}

/** -1 when the object has no resource of this name. */
export function resourceNamed(objectId: number, name: string): number {
	return resources.get(`${objectId}.${plain(name)}`) ?? -1;
}

export interface Constant {
	objectId: number;
	/** -1 for a constant of an object. */
	resourceId: number;
}

/** OID.Security, RID.Security.ServerURI; null when there is no such constant. */
export function constantNamed(name: string): Constant | null {
	const [kind, object, resource, ...more] = name.split(".");
	const objectId = object === undefined ? -1 : objectNamed(object);
	if (objectId < 0 || more.length > 0) return null;
	if (kind === "OID") return resource === undefined ? { objectId, resourceId: -1 } : null;
	const resourceId = resource === undefined ? -1 : resourceNamed(objectId, resource);
	return kind === "RID" && resourceId >= 0 ? { objectId, resourceId } : null;
}
