// The modem and the card in software that commands talk to where no device is named, and that `serve` serves.

import { randomInt } from "node:crypto";
import {
	type BootstrapCardOptions,
	bootstrapCard,
	SecureCard,
	type SecureSession,
	USUAL_MANNERS,
	VirtualCard,
	VirtualModem,
} from "../virtual/index.js";
import type { Scp03Keys } from "./scp03-file.js";

/** A card command takes about as long as with a real one. */
const LATENCY_MS = 20;

/** A secure channel with these keys, as a card has it. */
export function secureCard(keys: Scp03Keys): SecureSession {
	return new SecureCard({ ...keys, kvn: keys.kvn || undefined, seed: randomInt(1, 2 ** 31) });
}

/** One with a card in it, which has a secure channel when there are keys. */
export function virtualModem(options: BootstrapCardOptions, keys: Scp03Keys | null, baud: number): VirtualModem {
	const card = new VirtualCard(bootstrapCard({ manners: USUAL_MANNERS, ...options }));
	if (keys !== null) card.secure = secureCard(keys);
	return new VirtualModem(card, { baud, latencyMs: LATENCY_MS });
}
