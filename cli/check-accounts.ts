// What the objects of a bootstrap file say of each other: accounts by Short Server ID, credentials that fit the security mode and the
// URI, references by object link, access control.

import { CLAUSE_ACCOUNTS, CLAUSE_SECURITY, objectClause, type Problem } from "./check-problem.js";
import type { SeenInstance, SeenObject, SeenResource } from "./check-structure.js";
import { isBootstrapServer, SCHEMES, schemeOf } from "./check-values.js";
import { counted } from "./escape.js";
import { resourceOf, SECURITY_MODES } from "./registry.js";

const SECURITY = 0;
const SERVER = 1;
const ACCESS_CONTROL = 2;
const APN_PROFILE = 11;
const OSCORE = 21;

const PSK = 0;
const NO_SECURITY = 3;
/** What every implementation takes (RFC 4279, 5.3). */
const PSK_MAX_BYTES = 64;
const IDENTITY_MAX_BYTES = 128;
/** Less is guessed (LwM2M's cipher suites have keys of 16 bytes). */
const PSK_STRONG_BYTES = 16;
/** The nonce of AES-CCM-16-64-128 leaves this much (RFC 8613, 3.3). */
const OSCORE_ID_MAX_BYTES = 7;
const BOOTSTRAP_OWNER = 65535;
const NULL_LINK = 65535;

/** Objects that a link must lead to, "object/resource"; null where any may be meant. */
const LINKS: Readonly<Record<string, number | null>> = {
	"0/17": OSCORE,
	"0/26": null,
	"0/27": null,
	"1/10": APN_PROFILE,
	"1/24": APN_PROFILE,
};

interface Entry {
	instance: SeenInstance;
	path: string;
}

function bytesOf(instance: SeenInstance, id: number): Uint8Array | null {
	const value = instance.resources.find((resource) => resource.id === id)?.value;
	return value instanceof Uint8Array ? value : null;
}

/** Signed, and as it was meant when it is negative; -1 when it is not there or no integer. */
function integerOf(instance: SeenInstance, id: number): number {
	const bytes = bytesOf(instance, id);
	if (bytes === null || ![1, 2, 4].includes(bytes.length)) return -1;
	return Buffer.from(bytes).readUIntBE(0, bytes.length);
}

function textOf(instance: SeenInstance, id: number): string {
	return Buffer.from(bytesOf(instance, id) ?? []).toString("latin1");
}

class AccountCheck {
	readonly problems: Problem[] = [];
	private readonly objects: readonly SeenObject[];
	private readonly security: Entry[];
	private readonly servers: Entry[];
	/** "object/instance" */
	private readonly known: Set<string>;

	constructor(objects: readonly SeenObject[]) {
		this.objects = objects;
		this.security = this.entries(SECURITY);
		this.servers = this.entries(SERVER);
		this.known = new Set(objects.flatMap(({ id, instances }) => instances.map((instance) => `${id}/${instance.id}`)));
	}

	run(): void {
		this.accounts();
		for (const entry of this.security) this.credentials(entry);
		for (const entry of this.servers) this.periods(entry);
		for (const entry of this.entries(OSCORE)) this.oscore(entry);
		for (const object of this.objects) this.links(object);
		for (const entry of this.entries(ACCESS_CONTROL)) this.accessControl(entry);
	}

	private add(severity: Problem["severity"], entry: Entry, id: number, clause: string, message: string): void {
		const resource = entry.instance.resources.find((each) => each.id === id);
		const offset = resource?.offset ?? entry.instance.offset;
		this.problems.push({ severity, offset, path: id < 0 ? entry.path : `${entry.path}/${id}`, clause, message });
	}

	/** A value of the wrong length for its use. */
	private wrongLength(entry: Entry, id: number, clause: string, message: string): void {
		this.add("error", entry, id, clause, message);
		this.problems[this.problems.length - 1].ofValue = true;
	}

	private entries(objectId: number): Entry[] {
		return this.objects
			.filter(({ id }) => id === objectId)
			.flatMap(({ instances }) => instances.map((instance) => ({ instance, path: `${objectId}/${instance.id}` })));
	}

	private accounts(): void {
		const { security, servers } = this;
		if (security.length === 0) {
			const words = "the file has no Security instance, hence no account";
			this.problems.push({ severity: "warning", offset: 0, path: "0", clause: CLAUSE_ACCOUNTS, message: words });
		}
		const bootstraps = security.filter(({ instance }) => isBootstrapServer(instance));
		for (const entry of bootstraps.slice(1)) {
			this.add(
				"error",
				entry,
				1,
				CLAUSE_ACCOUNTS,
				`expected at most one Bootstrap-Server Account, got another one beside ${bootstraps[0].path}`,
			);
		}
		const serving = security.filter(({ instance }) => !isBootstrapServer(instance));
		this.unique(serving, 10);
		this.unique(servers, 0);
		const served = new Set(servers.map(({ instance }) => integerOf(instance, 0)));
		const secured = new Set(serving.map(({ instance }) => integerOf(instance, 10)));
		for (const entry of serving) {
			const id = integerOf(entry.instance, 10);
			const words = `no Server instance has the Short Server ID ${id}`;
			if (id < 0)
				this.add("error", entry, 10, CLAUSE_ACCOUNTS, "Short Server ID is missing, which a server's account needs");
			else if (!served.has(id)) this.add("error", entry, 10, CLAUSE_ACCOUNTS, words);
		}
		for (const entry of servers) {
			const id = integerOf(entry.instance, 0);
			if (id < 0 || secured.has(id)) continue;
			this.add("error", entry, 0, CLAUSE_ACCOUNTS, `no Security instance has the Short Server ID ${id}`);
		}
		for (const entry of bootstraps) {
			const id = integerOf(entry.instance, 10);
			if (served.has(id)) {
				this.add(
					"warning",
					entry,
					10,
					CLAUSE_ACCOUNTS,
					`a Bootstrap-Server Account has no Server instance, but one has its Short Server ID ${id}`,
				);
			}
		}
	}

	private unique(entries: readonly Entry[], resourceId: number): void {
		const first = new Map<number, string>();
		for (const entry of entries) {
			const id = integerOf(entry.instance, resourceId);
			const other = first.get(id);
			if (id < 0) continue;
			if (other === undefined) first.set(id, entry.path);
			else this.add("error", entry, resourceId, CLAUSE_ACCOUNTS, `${other} has the same Short Server ID ${id}`);
		}
	}

	private credentials(entry: Entry): void {
		const { instance } = entry;
		const mode = integerOf(instance, 2);
		const words = SECURITY_MODES[mode];
		if (words === undefined) return;
		const scheme = schemeOf(textOf(instance, 0));
		const secure = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme].secure : null;
		if (secure === true && mode === NO_SECURITY) {
			this.add("error", entry, 2, CLAUSE_SECURITY, `${scheme} needs credentials, and Security Mode is 3 (${words})`);
		}
		if (secure === false && mode !== NO_SECURITY) {
			this.add(
				"error",
				entry,
				2,
				CLAUSE_SECURITY,
				`${scheme} has no security, and Security Mode is ${mode} (${words})`,
			);
		}
		if (mode === NO_SECURITY) this.unused(entry);
		else if (mode === PSK) this.preSharedKey(entry);
		else for (const id of [3, 4, 5]) this.needed(entry, id, words);
	}

	private unused(entry: Entry): void {
		for (const id of [3, 4, 5]) {
			const bytes = bytesOf(entry.instance, id);
			if (bytes !== null && bytes.length > 0) {
				this.add("warning", entry, id, CLAUSE_SECURITY, "Security Mode is 3 (no security), which has no use for it");
			}
		}
	}

	private needed(entry: Entry, id: number, mode: string): boolean {
		const bytes = bytesOf(entry.instance, id);
		if (bytes !== null && bytes.length > 0) return true;
		const got = bytes === null ? "none" : "an empty one";
		const name = resourceOf(SECURITY, id)?.name;
		// A client may get its server's certificate elsewhere.
		const severity = id === 4 ? "warning" : "error";
		const message = `expected a ${name}, which the security mode (${mode}) needs, got ${got}`;
		if (severity === "error" && bytes !== null) this.wrongLength(entry, id, CLAUSE_SECURITY, message);
		else this.add(severity, entry, id, CLAUSE_SECURITY, message);
		return false;
	}

	private preSharedKey(entry: Entry): void {
		const { instance } = entry;
		const words = SECURITY_MODES[PSK];
		if (this.needed(entry, 3, words)) {
			const { length } = bytesOf(instance, 3) as Uint8Array;
			if (length > IDENTITY_MAX_BYTES) {
				this.wrongLength(
					entry,
					3,
					CLAUSE_SECURITY,
					`expected an identity of 1 to ${IDENTITY_MAX_BYTES} bytes, got ${length}`,
				);
			}
		}
		if (!this.needed(entry, 5, words)) return;
		const { length } = bytesOf(instance, 5) as Uint8Array;
		if (length > PSK_MAX_BYTES) {
			this.wrongLength(
				entry,
				5,
				CLAUSE_SECURITY,
				`expected a pre-shared key of 1 to ${PSK_MAX_BYTES} bytes, got ${length}`,
			);
		} else if (length < PSK_STRONG_BYTES) {
			const words = `a pre-shared key of ${counted(length, "byte")} is weak; ${PSK_STRONG_BYTES} or more are usual`;
			this.add("warning", entry, 5, CLAUSE_SECURITY, words);
		}
	}

	private periods(entry: Entry): void {
		const least = integerOf(entry.instance, 2);
		const most = integerOf(entry.instance, 3);
		if (least >= 0 && most > 0 && least > most) {
			const words = `Default Maximum Period (${most}) is below Default Minimum Period (${least})`;
			this.add("warning", entry, 3, objectClause(SERVER), words);
		}
	}

	private oscore(entry: Entry): void {
		for (const id of [1, 2]) {
			const length = bytesOf(entry.instance, id)?.length ?? 0;
			if (length > OSCORE_ID_MAX_BYTES) {
				this.wrongLength(
					entry,
					id,
					objectClause(OSCORE),
					`expected at most ${OSCORE_ID_MAX_BYTES} bytes, got ${length}`,
				);
			}
		}
		const secret = bytesOf(entry.instance, 0);
		if (secret !== null && secret.length === 0)
			this.wrongLength(entry, 0, objectClause(OSCORE), "expected a Master Secret, got an empty one");
	}

	private links(object: SeenObject): void {
		for (const instance of object.instances) {
			for (const resource of instance.resources) {
				const target = LINKS[`${object.id}/${resource.id}`];
				if (target !== undefined)
					this.link({ instance, path: `${object.id}/${instance.id}` }, resource, object.id, target);
			}
		}
	}

	private link(entry: Entry, resource: SeenResource, objectId: number, target: number | null): void {
		const values = resource.value instanceof Uint8Array ? [resource.value] : resource.value.map(({ bytes }) => bytes);
		for (const bytes of values) {
			if (bytes.length !== 4) continue;
			const to = (bytes[0] << 8) | bytes[1];
			const toInstance = (bytes[2] << 8) | bytes[3];
			if (to === NULL_LINK && toInstance === NULL_LINK) continue;
			const clause = objectClause(objectId);
			if (target !== null && to !== target) {
				this.add("error", entry, resource.id, clause, `expected a link to object ${target}, got /${to}/${toInstance}`);
			} else if (!this.known.has(`${to}/${toInstance}`)) {
				// An APN profile may be the device's own; keys can only come from here.
				const severity = to === OSCORE ? "error" : "warning";
				this.add(severity, entry, resource.id, clause, `/${to}/${toInstance} is not in the file`);
			}
		}
	}

	private accessControl(entry: Entry): void {
		const { instance } = entry;
		const clause = objectClause(ACCESS_CONTROL);
		const servers = new Set(this.servers.map((server) => integerOf(server.instance, 0)));
		const owner = integerOf(instance, 3);
		if (owner >= 0 && owner !== BOOTSTRAP_OWNER && !servers.has(owner)) {
			this.add("warning", entry, 3, clause, `no Server instance has the Short Server ID ${owner}`);
		}
		const list = instance.resources.find(({ id }) => id === 2)?.value;
		if (list === undefined || list instanceof Uint8Array) return;
		for (const { id, offset } of list) {
			if (id === 0 || servers.has(id)) continue;
			const message = `no Server instance has the Short Server ID ${id}`;
			this.problems.push({ severity: "warning", offset, path: `${entry.path}/2/${id}`, clause, message });
		}
	}
}

export function checkAccounts(objects: readonly SeenObject[]): Problem[] {
	const check = new AccountCheck(objects);
	check.run();
	return check.problems;
}
