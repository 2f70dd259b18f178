// What was learnt of a card, as the record between boots keeps it: the forms of SELECT that it takes, and what the application is selected by.

import { BASE_FROM, Form, PATH_MAX_BYTES, type Uicc } from "./uicc.js";

/** Flags, step, length of the name, name. */
export const MANNERS_BYTES = 3 + PATH_MAX_BYTES;

const FORM_MASK = 3;
const FORM_KNOWN = 4;
const FCP = 8;
const FCP_KNOWN = 16;
const WALK = 32;
const BY_PATH = 64;

/** Writes it to target[at … at + MANNERS_BYTES). */
export function saveManners(uicc: Uicc, target: Uint8Array, at: number): void {
	target[at] =
		uicc.form |
		(uicc.formKnown ? FORM_KNOWN : 0) |
		(uicc.fcp ? FCP : 0) |
		(uicc.fcpKnown ? FCP_KNOWN : 0) |
		(uicc.walk ? WALK : 0) |
		(uicc.base[0] === 0x3f ? BY_PATH : 0);
	target[at + 1] = uicc.stepBytes - 1;
	target[at + 2] = Math.max(uicc.baseLength - BASE_FROM, 0);
	for (let i = 0; i < PATH_MAX_BYTES; i++) target[at + 3 + i] = uicc.base[BASE_FROM + i];
}

/** Takes it from there, as if it had just been learnt. */
export function loadManners(uicc: Uicc, source: Uint8Array, at: number): void {
	const flags = source[at];
	const byPath = (flags & BY_PATH) !== 0;
	uicc.form = Math.min(flags & FORM_MASK, Form.BY_FID);
	uicc.formKnown = (flags & FORM_KNOWN) !== 0;
	uicc.fcp = (flags & FCP) !== 0;
	uicc.fcpKnown = (flags & FCP_KNOWN) !== 0;
	uicc.walk = (flags & WALK) !== 0;
	uicc.stepBytes = Math.min(source[at + 1] + 1, uicc.fullStep);
	uicc.base[0] = byPath ? 0x3f : 0x7f;
	uicc.base[1] = byPath ? 0 : 0xff;
	uicc.baseLength = BASE_FROM + Math.min(source[at + 2], PATH_MAX_BYTES);
	for (let i = 0; i < PATH_MAX_BYTES; i++) uicc.base[BASE_FROM + i] = source[at + 3 + i];
}
