// Which channels were opened on a card, and whether the device was told their names: a channel that stays open though its name came
// while it was waited for is one that leaked. One whose name never came is found again by asking STATUS, if the line lets that through
// and names are numbers.

import type { Bench } from "../support.js";
import { OPENS } from "./damages.js";

const CHANNEL_MAX = 19;
const CR = 13;
/** Stands between what belongs to one such command and to the next. */
const BETWEEN = "\0";
/** How long a command may take; what comes later is a stray. */
const COMMAND_MS = 10000;
/** The virtual modem's long names are this and the channel. */
const HANDLE_PREFIX = "00000000038aa3";
const HANDLES_FROM = 0x20;

export class Openings {
	private readonly device: Bench;
	/** By channel, how much the host had been told when it was opened the last time. */
	private readonly last = new Map<number, number>();
	/** All that the host was told while it waited for the answer to a command that opens a channel. */
	private told = "";
	private line = "";
	private awaiting = false;
	private since = 0;

	/** Watches a device from now on. */
	constructor(device: Bench) {
		this.device = device;
		const { card, line } = device;
		if (card === null) return;
		const transmit = card.transmit.bind(card);
		card.transmit = (apdu) => {
			const before = this.open();
			const answer = transmit(apdu);
			for (const channel of this.open()) if (!before.includes(channel)) this.last.set(channel, this.told.length);
			return answer;
		};
		const { receive, read } = line;
		line.receive = (bytes, from, to, now) => {
			this.sent(bytes, from, to, now);
			receive.call(line, bytes, from, to, now);
		};
		line.read = (out, from, to, now) => {
			const count = read.call(line, out, from, to, now);
			if (this.awaiting && ((now - this.since) | 0) < COMMAND_MS)
				this.told += Buffer.from(out.subarray(from, from + count)).toString("latin1");
			return count;
		};
	}

	/** Channels that are open now though the device was told of them. */
	leaked(): number[] {
		return this.open().filter((channel) => this.isTold(channel));
	}

	private sent(bytes: Uint8Array, from: number, to: number, now: number): void {
		for (let i = from; i < to; i++) {
			if (bytes[i] !== CR) this.line += String.fromCharCode(bytes[i]);
			else {
				this.awaiting = OPENS.test(this.line);
				if (this.awaiting) this.told += BETWEEN;
				this.since = now;
				this.line = "";
			}
		}
	}

	/** Numbers of the channels that are open now, but for the basic one. */
	private open(): number[] {
		const numbers: number[] = [];
		for (let n = 1; n <= CHANNEL_MAX; n++) if (this.device.card?.isOpen(n)) numbers.push(n);
		return numbers;
	}

	private isTold(channel: number): boolean {
		const told = this.told.slice(this.last.get(channel) ?? this.told.length);
		const { ccho, sessionForm } = this.device.modem.options;
		if (ccho !== true) return new RegExp(`6,"?${hex2(channel)}9\\d\\d\\d"?\\r`, "i").test(told);
		const name = sessionForm === "handle" ? HANDLE_PREFIX + hex2(HANDLES_FROM + channel) : `${channel}`;
		// Without its final result the answer does not count, and with it the name is gone. Its letters are not to be changed either.
		return new RegExp(`(\\n|:\\s*)${name}\\r[^\\0]*\\nOK\\r`).test(told);
	}
}

function hex2(value: number): string {
	return value.toString(16).padStart(2, "0");
}
