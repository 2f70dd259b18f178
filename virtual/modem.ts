// A cellular modem in software: the command line of ITU-T V.250 (clauses 5 and 6) and the SIM commands of 3GPP TS 27.007 (clauses 8.3, 8.17,
// 8.18 and 8.43 to 8.46) in front of a virtual card. It has no clock: every call carries the virtual time in ms, compared as (a - b) | 0.
import type { VirtualCard } from "./card.js";
import type { ModemOptions } from "./modem-options.js";

export class VirtualModem {
	card: VirtualCard | null;
	options: ModemOptions;
	/** Command lines carried out. */
	commands: number;
	restarts: number;
	history: string[];

	constructor(card: VirtualCard | null, options: ModemOptions) {
		this.card = card;
		this.options = options;
		this.commands = 0;
		this.restarts = 0;
		this.history = [];
	}

	/** Bytes [from, to) arrive from the host. */
	receive(bytes: Uint8Array, from: number, to: number, now: number): void {
		this.commands += bytes.length + from + to + now;
	}

	/** Puts output that is due into out[from, to) and returns the number of bytes. */
	read(out: Uint8Array, from: number, to: number, now: number): number {
		return out.length + from + to + now;
	}

	/** When output or inner work is next due (may be past); -1 = nothing. */
	nextAt(now: number): number {
		return now;
	}

	/** The modem restarts, as after a brown-out. */
	restart(now: number): void {
		this.restarts += now;
	}

	/** Takes the card out (null) or puts one in. */
	setCard(card: VirtualCard | null, now: number): void {
		this.card = now === now ? card : null;
	}
}
