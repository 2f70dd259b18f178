// The accounts of a checked file, one row for each, as the core finds them.

import {
	ACCOUNT_USABLE,
	Accounts,
	BINDING,
	type BootstrapFile,
	LIFETIME,
	SECRET_KEY,
	SERVER_URI,
} from "../src/index.js";

export interface AccountRow {
	securityInstance: number;
	uri: Uint8Array;
	bootstrapServer: boolean;
	/** -1 when there is none. */
	securityMode: number;
	shortServerId: number;
	/** NaN when there is none. */
	lifetime: number;
	binding: Uint8Array;
	/** Null when there is none. */
	secretKey: Uint8Array | null;
	fault: number;
	usable: boolean;
}

const NOTHING = new Uint8Array(0);

export function accountsOf(file: BootstrapFile): AccountRow[] {
	const rows: AccountRow[] = [];
	const accounts = new Accounts(file);
	const { security, server } = accounts;
	accounts.begin();
	while (accounts.next()) {
		const served = accounts.serverInstance >= 0;
		rows.push({
			securityInstance: accounts.securityInstance,
			uri: security.resource(SERVER_URI) ? file.buffer.slice(security.from, security.to) : NOTHING,
			bootstrapServer: accounts.bootstrapServer,
			securityMode: accounts.securityMode,
			shortServerId: accounts.shortServerId,
			lifetime: served && server.resource(LIFETIME) ? server.integer() : Number.NaN,
			binding: served && server.resource(BINDING) ? file.buffer.slice(server.from, server.to) : NOTHING,
			secretKey: security.resource(SECRET_KEY) ? file.buffer.slice(security.from, security.to) : null,
			fault: accounts.fault,
			usable: accounts.fault === ACCOUNT_USABLE,
		});
	}
	return rows;
}
