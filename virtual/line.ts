// The serial line between host and modem, with faults put in by byte number, by line number or by a seeded dice.
// It has the face of the modem behind it (receive, read, nextAt), so a driver sees no difference.

/** What a driver needs: a VirtualModem, or a Line in front of one. */
export interface Wire {
	receive(bytes: Uint8Array, from: number, to: number, now: number): void;
	read(out: Uint8Array, from: number, to: number, now: number): number;
	nextAt(now: number): number;
}

/**
 * Byte faults, `at` counting the bytes of that direction from 0: "lose" it, "double" it, "flip" the bits of `mask`, "insert" the byte `mask` before it,
 * "delay" it and all behind it by `ms`. Line faults, modem to host only, `at` counting the lines (up to LF) that are not empty from 0:
 * "lose-line", "double-line". "lose-result": `at` counts the final results.
 */
export interface LineFault {
	kind: "lose" | "double" | "flip" | "insert" | "delay" | "lose-line" | "double-line" | "lose-result";
	toHost: boolean;
	at: number;
	mask?: number;
	ms?: number;
}

/** Faults by dice: for each kind, how many in a million bytes. */
export interface LineDice {
	seed: number;
	lose?: number;
	double?: number;
	flip?: number;
	insert?: number;
	delay?: number;
	/** Longest delay; default 1000. */
	delayMs?: number;
	/** Which direction is hit; default both. */
	direction?: "both" | "to-host" | "to-modem";
}

export interface LineOptions {
	faults?: LineFault[];
	dice?: LineDice;
	/** Keep what passed in `sent` and `received`, as the two ends saw it. */
	record?: boolean;
}

export class Line {
	wire: Wire;
	options: LineOptions;
	/** Bytes that the host wrote, and that it was given. */
	bytesToModem: number;
	bytesToHost: number;
	/** Faults that took place. */
	hits: number;
	sent: number[];
	received: number[];

	constructor(wire: Wire, options: LineOptions) {
		this.wire = wire;
		this.options = options;
		this.bytesToModem = 0;
		this.bytesToHost = 0;
		this.hits = 0;
		this.sent = [];
		this.received = [];
	}

	receive(bytes: Uint8Array, from: number, to: number, now: number): void {
		this.wire.receive(bytes, from, to, now);
	}

	read(out: Uint8Array, from: number, to: number, now: number): number {
		return this.wire.read(out, from, to, now);
	}

	nextAt(now: number): number {
		return this.wire.nextAt(now);
	}
}
