// Which PINs the PKCS #15 application knows, whether they are enabled, and how many tries are left: VERIFY without data asks that and takes
// no try (ETSI TS 102 221, 11.1.9).

import { AT_FRAME_BYTES, At, Hex, LinkCsim, OK, type Port } from "../src/index.js";
import { claOf, INS_MANAGE_CHANNEL, INS_SELECT, PKCS15_AID } from "./apdu-words.js";
import { ApduHand, type Handed } from "./hand.js";
import { statusName } from "./status-words.js";
import type { Composed } from "./talk.js";

const INS_VERIFY = 0x20;
/** The SIM's own PIN, the universal one, and the first of an application. */
const REFERENCES: readonly number[] = [0x01, 0x11, 0x81, 0x82];
const SW_NO_SUCH_PIN = 0x6a88;
const COMMAND_LIMIT_MS = 10000;
const COMMAND_BYTES = 40;

export interface PinState {
	/** Two hex digits. */
	reference: string;
	state: string;
	/** Null where the card does not say. */
	tries: number | null;
}

function stateOf(reference: number, sw: number): PinState {
	const tries = sw >> 4 === 0x63c ? sw & 15 : null;
	const states: Readonly<Record<number, string>> = { 36864: "verified", 27012: "switched off", 27011: "blocked" };
	const state = tries === null ? (states[sw] ?? statusName(sw)) : "enabled";
	return { reference: reference.toString(16).toUpperCase().padStart(2, "0"), state, tries };
}

/** Composes what asks: on a channel of its own, which is closed again. `found` gets what the card says. */
export function askPins(port: Port, found: PinState[]): Composed {
	const open = Uint8Array.of(0, INS_MANAGE_CHANNEL, 0, 0, 1);
	/** Goes on with what the answers lead to. */
	const apdus: Uint8Array[] = [open];
	let channel = 0;
	const told = (apdu: Uint8Array, { code, data, sw }: Handed): void => {
		const done = code === OK && sw >> 8 !== 0x6a && sw >> 8 < 0x9f;
		if (apdu === open) {
			if (code !== OK || data.length !== 1) return;
			channel = data[0];
			const aid = Buffer.from(PKCS15_AID, "hex");
			apdus.push(Uint8Array.of(claOf(channel), INS_SELECT, 4, 0x0c, aid.length, ...aid));
		} else if (apdu[1] === INS_SELECT && done) {
			for (const reference of REFERENCES) apdus.push(Uint8Array.of(claOf(channel), INS_VERIFY, 0, reference, 0));
		} else if (apdu[1] === INS_VERIFY && code === OK && sw !== SW_NO_SUCH_PIN) found.push(stateOf(apdu[3], sw));
		if (apdu === apdus.at(-1) && apdu[1] !== INS_MANAGE_CHANNEL) {
			apdus.push(Uint8Array.of(0, INS_MANAGE_CHANNEL, 0x80, channel, 0));
		}
	};
	const at = new At(port, new Hex(), AT_FRAME_BYTES + 2 * COMMAND_BYTES);
	const hand = new ApduHand(at, COMMAND_LIMIT_MS, new LinkCsim(at, COMMAND_LIMIT_MS, false), apdus, told);
	return { device: hand, start: () => hand.start() };
}
