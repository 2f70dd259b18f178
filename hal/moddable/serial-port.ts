// The modem's UART over ECMA-419's Serial. On an ESP32 there is no software buffer: what has been received stands in a FIFO of
// 128 bytes until it is read, and a write must fit the free part of another one. Nothing is allocated for a byte or a command:
// reading fills one view, writing uses views of 1, 2, 4 … bytes on one buffer.

import type { Port } from "../../src/platform.js";
import type { SerialInstance, SerialIo, SerialSettings } from "./io.js";

/** What the receiver of an ESP32's UART holds, and so what one view takes. */
export const RECEIVER_BYTES = 128;
/** Views of 1 << 0 … 1 << VIEW_BITS bytes. */
const VIEW_BITS = 6;

/** Whoever wants what comes. */
export interface SerialOwner {
	/** bytes[0 … count) have come. */
	received(bytes: Uint8Array, count: number): void;
	/** All that had come has been handed over. */
	drained(): void;
	/** More can be written. */
	writable(): void;
}

export class SerialPort implements Port {
	/** In a callback of the SDK, which goes on with the Serial afterwards: it must not be closed. */
	inCallback: boolean;
	private readonly settings: SerialSettings & { io: SerialIo };
	private serial: SerialInstance | null;
	private readonly owner: SerialOwner;
	private readonly inbox: Uint8Array;
	private readonly outbox: Uint8Array;
	private readonly views: Uint8Array[];
	/** How many bytes can be written without waiting. */
	private room: number;

	/** Opens the UART. */
	constructor(settings: SerialSettings & { io: SerialIo }, owner: SerialOwner) {
		this.inCallback = false;
		this.settings = settings;
		this.owner = owner;
		this.inbox = new Uint8Array(RECEIVER_BYTES);
		this.outbox = new Uint8Array(1 << VIEW_BITS);
		this.views = [];
		for (let bits = 0; bits <= VIEW_BITS; bits++) this.views.push(new Uint8Array(this.outbox.buffer, 0, 1 << bits));
		this.room = 0;
		this.serial = null;
		this.open();
	}

	/** Opens the UART again after `close`; what the SDK throws when it is in use is the caller's. */
	open(): void {
		const settings = this.settings;
		this.serial = new settings.io({
			port: settings.port,
			receive: settings.receive,
			transmit: settings.transmit,
			baud: settings.baud,
			format: "buffer",
			onReadable: () => this.readable(),
			onWritable: (count) => this.writable(count),
		});
	}

	get isOpen(): boolean {
		return this.serial !== null;
	}

	write(bytes: Uint8Array, from: number, to: number): number {
		const serial = this.serial;
		const outbox = this.outbox;
		if (serial === null) return 0;
		let at = from;
		for (let bits = VIEW_BITS; bits >= 0; ) {
			const size = 1 << bits;
			if (size > to - at || size > this.room) {
				--bits;
				continue;
			}
			for (let i = 0; i < size; i++) outbox[i] = bytes[at + i];
			try {
				serial.write(this.views[bits]);
			} catch {
				// It holds less than it had said; onWritable will say how much.
				this.room = 0;
				break;
			}
			this.room -= size;
			at += size;
		}
		return at - from;
	}

	/** Closes the UART; what was received and not read is lost. */
	close(): void {
		const serial = this.serial;
		this.serial = null;
		this.room = 0;
		this.inbox.fill(0);
		this.outbox.fill(0);
		if (serial !== null) serial.close();
	}

	private readable(): void {
		const inbox = this.inbox;
		this.inCallback = true;
		while (this.serial !== null) {
			const count = this.serial.read(inbox);
			if (count === undefined || count === 0) break;
			this.owner.received(inbox, count);
		}
		if (this.serial !== null) this.owner.drained();
		this.inCallback = false;
	}

	private writable(count: number): void {
		if (this.serial === null) return;
		this.inCallback = true;
		this.room = count;
		this.owner.writable();
		this.inCallback = false;
	}
}
