// The application of the run on Linux: says what came, by the numbers of the resources that are no secret.

import type { Accounts, Simstrap } from "simstrap";

export const BUFFER_BYTES = 2048;
export const REMEMBER = false;

export function onStart(_stop: () => void): void {}

export function onBootstrapped(accounts: Accounts, simstrap: Simstrap): void {
	const bootstrap = simstrap.bootstrap;
	trace(`${bootstrap.file.length} bytes in ${bootstrap.exchanges} exchanges, step ${bootstrap.uicc.stepBytes}\n`);
	accounts.begin();
	for (let n = 0; accounts.next(); n++) trace(`account ${n}: fault ${accounts.fault}\n`);
	simstrap.close();
	trace("closed\n");
}

export function onFailed(code: number, step: number): boolean {
	trace(`failed with ${code} in step ${step}\n`);
	return false;
}
