// What a user replaces: the application. main.ts starts it with the accounts that the SIM brought.

import type { Accounts, Simstrap } from "simstrap";

/** The largest EF(LwM2M_Bootstrap) that is taken, in bytes. */
export const BUFFER_BYTES = 2048;

/**
 * Keep in flash what the SIM brought, its keys too, and compare the SIM with that at the next start: docs/life.md. A file that does not fit
 * is used all the same; README.md says how to make room for it.
 */
export const REMEMBER = false;

/** Called once before the first attempt. `stop` ends everything at once, whenever it is called. */
export function onStart(_stop: () => void): void {}

/**
 * The SIM's accounts. The UART is closed, so it is the application's now, and the modem is on and answers; the lines around it are
 * in `simstrap.lines`. The accounts are views of the file in memory: call `simstrap.close()` when they are no longer needed, which
 * wipes it, since there are keys in it.
 *
 * With REMEMBER `simstrap.life` tells what is new; where `verified` is false the SIM could not be asked, and these are the accounts of before.
 * Before each Register and Update: close the UART, call `simstrap.verify((code) => …)`, and open it again when that has told its result. As
 * long as `simstrap.life.valid` the accounts may be used; else `simstrap.start()` reads the SIM anew, and this is called again.
 */
export function onBootstrapped(accounts: Accounts, _simstrap: Simstrap): void {
	accounts.begin();
	while (accounts.next()) {
		// accounts.fault is 0 when the account is usable; accounts.security and accounts.server are its resources.
		trace(accounts.fault === 0 ? "an account\n" : "an account that cannot be used\n");
	}
}

/** An attempt has failed. True to try again after a while, false to leave it. */
export function onFailed(_code: number, _step: number): boolean {
	return true;
}
