// Commands that only some parts of the procedure need, on the channel of the UICC layer (ETSI TS 102 221, 11.1).

import { claOf, etsiClaOf, INS_READ_RECORD, INS_STATUS, INS_VERIFY } from "./apdu.js";
import type { Uicc } from "./uicc.js";

/** READ RECORD: one record of the selected linear fixed file, 1 to 254, which is `length` bytes long; 0 when that is not known. */
export function readRecord(uicc: Uicc, number: number, length: number): void {
	const le = length > 0 && length < uicc.fullStep ? length : uicc.fullStep;
	uicc.command.header(claOf(uicc.channel), INS_READ_RECORD, number, 4, le);
	uicc.sendPlain();
}

/** STATUS on any channel: the AID of its application, or the control parameters of its current directory. */
export function status(uicc: Uicc, channel: number, aid: boolean): void {
	uicc.command.header(etsiClaOf(channel), INS_STATUS, 0, aid ? 1 : 0, uicc.fullStep);
	uicc.sendPlain();
}

/**
 * VERIFY of a PIN: pin[0 … length), or how many tries are left with length 0, which costs none. It is never sent a second time,
 * whatever happens to its answer.
 */
export function verify(uicc: Uicc, reference: number, pin: Uint8Array, length: number): void {
	const command = uicc.command;
	uicc.response.drop();
	command.header(claOf(uicc.channel), INS_VERIFY, 0, reference, 0);
	command.data(pin, 0, length);
	uicc.sendPlain();
}
