// Commands one after the other on a modem that is on: AT lines, or APDUs through a link. Each result is told, and the next one goes out.

import type { Device } from "../hal/node/index.js";
import { COMPOSED, NO_ANSWER } from "../src/at.js";
import { appendText, CR } from "../src/command-line.js";
import { type At, type Link, Modem, OK, WAIT } from "../src/index.js";
import { Response } from "../src/response.js";

const ANSWER_BYTES = 256;

export interface Handed {
	/** The result of the exchange; then the data and the status word mean something. */
	code: number;
	data: Uint8Array;
	sw: number;
	cme: number;
}

abstract class Hand implements Device {
	wakeAt = 0;
	protected readonly at: At;
	private readonly modem: Modem;
	private greeting = true;

	/** @param limitMs how long a command may take */
	constructor(at: At, limitMs: number) {
		this.at = at;
		this.modem = new Modem(at, limitMs);
	}

	start(): void {
		this.modem.greet();
	}

	receive(bytes: Uint8Array, count: number): boolean {
		return this.at.receive(bytes, count);
	}

	poll(now: number): number {
		for (;;) {
			const code = this.greeting ? this.modem.poll(now) : this.pollOwn(now);
			if (code === WAIT) {
				this.wakeAt = this.greeting ? this.modem.wakeAt : this.at.wakeAt;
				return WAIT;
			}
			if (this.greeting) {
				if (code !== OK) return code;
				this.greeting = false;
			} else this.ended(code);
			if (!this.next()) return OK;
		}
	}

	protected abstract pollOwn(now: number): number;
	/** What was asked has its result. */
	protected abstract ended(code: number): void;
	/** Asks the next thing; false when there is none. */
	protected abstract next(): boolean;
}

/** AT lines; what comes back is for whoever watches the line. */
export class LineHand extends Hand {
	/** The result of each line. */
	readonly codes: number[] = [];
	private readonly lines: readonly string[];
	private readonly begun: (line: string) => void;
	private readonly limitMs: number;

	/** @param begun is called before a line goes out */
	constructor(at: At, limitMs: number, lines: readonly string[], begun: (line: string) => void) {
		super(at, limitMs);
		this.lines = lines;
		this.begun = begun;
		this.limitMs = limitMs;
	}

	protected pollOwn(now: number): number {
		return this.at.poll(now);
	}

	protected ended(code: number): void {
		this.codes.push(code);
	}

	protected next(): boolean {
		const line = this.lines[this.codes.length];
		if (line === undefined) return false;
		const { at } = this;
		const text = Buffer.from(line, "latin1");
		this.begun(line);
		at.commandLine.wipe();
		appendText(at.commandLine, text, 0, text.length);
		at.commandLine.byte(CR);
		at.start(COMPOSED, NO_ANSWER, null, this.limitMs);
		return true;
	}
}

/** APDUs through a link. */
export class ApduHand extends Hand {
	private readonly link: Link;
	private readonly apdus: readonly Uint8Array[];
	private readonly told: (apdu: Uint8Array, answer: Handed) => void;
	private readonly buffer = new Uint8Array(ANSWER_BYTES);
	private readonly response: Response;
	private index = 0;

	constructor(
		at: At,
		limitMs: number,
		link: Link,
		apdus: readonly Uint8Array[],
		told: (apdu: Uint8Array, answer: Handed) => void,
	) {
		super(at, limitMs);
		this.link = link;
		this.apdus = apdus;
		this.told = told;
		this.response = new Response(this.buffer);
	}

	protected pollOwn(now: number): number {
		return this.link.poll(now);
	}

	protected ended(code: number): void {
		const { response } = this;
		const data = this.buffer.slice(0, Math.min(response.count, ANSWER_BYTES));
		this.told(this.apdus[this.index - 1], { code, data, sw: response.sw, cme: this.at.cme });
	}

	protected next(): boolean {
		const apdu = this.apdus[this.index];
		if (apdu === undefined) return false;
		this.index += 1;
		this.response.store(this.buffer, 0, ANSWER_BYTES);
		this.response.begin();
		this.link.transmit(apdu, apdu.length, this.response);
		return true;
	}
}
