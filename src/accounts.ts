// LwM2M accounts (LwM2M TS 1.1, 6.1.4 and 6.1.7): Security instances, each joined with the Server instance that has the same
// Short Server ID. One account at a time is looked at, in place; what is wrong with it is said in `fault`, and the others stay
// usable.

import type { BootstrapFile } from "./bootstrap-file.js";
import { Resources } from "./resources.js";

export const SECURITY_OBJECT = 0;
export const SERVER_OBJECT = 1;

/** Resources of the Security object (0). */
export const SERVER_URI = 0;
export const BOOTSTRAP_SERVER = 1;
export const SECURITY_MODE = 2;
export const PUBLIC_KEY_OR_IDENTITY = 3;
export const SERVER_PUBLIC_KEY = 4;
export const SECRET_KEY = 5;
export const SECURITY_SHORT_SERVER_ID = 10;

/** Resources of the Server object (1). */
export const SHORT_SERVER_ID = 0;
export const LIFETIME = 1;
export const NOTIFICATION_STORING = 6;
export const BINDING = 7;

/** What makes an account unusable. */
export const ACCOUNT_USABLE = 0;
/** No LwM2M Server URI (0/x/0), or an empty one. */
export const ACCOUNT_WITHOUT_URI = 1;
/** Security Mode (0/x/2) is missing or not from 0 to 4. */
export const ACCOUNT_MODE_INVALID = 2;
/** Bootstrap-Server (0/x/1) is missing or not a Boolean. */
export const ACCOUNT_KIND_INVALID = 3;
/** The Short Server ID (0/x/10) of a server is missing or not from 1 to 65534. */
export const ACCOUNT_ID_INVALID = 4;
/** No Server instance has the account's Short Server ID. */
export const ACCOUNT_WITHOUT_SERVER = 5;

/** A Short Server ID; one that was written unsigned (200 as C8) is read as it was meant. -1 when it is missing or no Integer. */
function shortServerId(resources: Resources, resourceId: number): number {
	if (!resources.resource(resourceId)) return -1;
	const value = resources.integer() < 0 ? resources.unsigned() : resources.integer();
	return value >= 0 ? value : -1;
}

export class Accounts {
	/** The account's Security instance; its resources are read through `security`. */
	securityInstance: number;
	/** Its Server instance, or -1: a Bootstrap-Server Account has none. */
	serverInstance: number;
	/** -1 when there is none. */
	shortServerId: number;
	bootstrapServer: boolean;
	/** 0 pre-shared key, 1 raw public key, 2 certificate, 3 none, 4 certificate with EST; -1 when there is none. */
	securityMode: number;
	/** ACCOUNT_USABLE, or what is wrong with it. */
	fault: number;
	/** Puts the view on a resource of the account's Security instance: `accounts.security.resource(SERVER_URI)`. */
	readonly security: Resources;
	/** The same for its Server instance, when `serverInstance` is not -1. */
	readonly server: Resources;

	/** @param file a checked file */
	constructor(file: BootstrapFile) {
		this.security = new Resources(file);
		this.server = new Resources(file);
		this.securityInstance = -1;
		this.serverInstance = -1;
		this.shortServerId = -1;
		this.bootstrapServer = false;
		this.securityMode = -1;
		this.fault = ACCOUNT_USABLE;
	}

	/** Begins before the first account. */
	begin(): void {
		this.security.object(SECURITY_OBJECT);
		this.server.object(SERVER_OBJECT);
	}

	/** Goes to the next account. False when there is none. */
	next(): boolean {
		const security = this.security;
		if (!security.nextInstance()) return false;
		this.securityInstance = security.id;
		this.serverInstance = -1;
		this.shortServerId = shortServerId(security, SECURITY_SHORT_SERVER_ID);
		this.securityMode = -1;
		if (security.resource(SECURITY_MODE)) {
			const mode = security.integer();
			if (mode >= 0 && mode <= 4) this.securityMode = mode;
		}
		const kind = security.resource(BOOTSTRAP_SERVER) ? security.boolean() : Number.NaN;
		this.bootstrapServer = kind === 1;
		this.fault = ACCOUNT_USABLE;
		if (!security.resource(SERVER_URI) || security.length === 0) this.fault = ACCOUNT_WITHOUT_URI;
		else if (this.securityMode < 0) this.fault = ACCOUNT_MODE_INVALID;
		else if (kind !== 0 && kind !== 1) this.fault = ACCOUNT_KIND_INVALID;
		if (this.bootstrapServer) return true;
		if (this.shortServerId < 1 || this.shortServerId > 65534) {
			if (this.fault === ACCOUNT_USABLE) this.fault = ACCOUNT_ID_INVALID;
		} else if (!this.join() && this.fault === ACCOUNT_USABLE) this.fault = ACCOUNT_WITHOUT_SERVER;
		return true;
	}

	/**
	 * Finds the Server instance with the account's Short Server ID. It goes on behind the one before and begins again at most
	 * once: in a file whose instances have the same order, all accounts together take one pass.
	 */
	private join(): boolean {
		const server = this.server;
		let round = 0;
		for (;;) {
			if (!server.nextInstance()) {
				if (round === 1) return false;
				round = 1;
				server.object(SERVER_OBJECT);
				continue;
			}
			const instance = server.id;
			if (shortServerId(server, SHORT_SERVER_ID) === this.shortServerId) {
				this.serverInstance = instance;
				return true;
			}
		}
	}
}
