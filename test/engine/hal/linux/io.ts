// The SDK's Serial of Linux with the manners of the one of an ESP32, so that main.ts runs over a pseudo-terminal: reading fills a
// view, writing says how much it takes. Lines of a board are only told of, and nothing outlives the program.

import Device from "embedded:io/serial";
import config from "mc/config";
import type { DigitalInstance, DigitalIo, SerialInstance, SerialIo, SerialSettings } from "simstrap";
import Timer from "timer";

const FIFO_BYTES = 128;

interface LinuxSerial {
	read(): ArrayBuffer | undefined;
	write(bytes: ArrayBuffer): void;
	close(): void;
}
const Linux = Device as unknown as new (options: object) => LinuxSerial;

class Serial implements SerialInstance {
	private readonly device: LinuxSerial;
	private pending: Uint8Array;
	private at: number;
	private readonly onWritable: (count: number) => void;
	private readonly timer: Timer;

	constructor(options: SerialSettings & { onReadable: (count: number) => void; onWritable: (count: number) => void }) {
		this.pending = new Uint8Array(0);
		this.at = 0;
		this.onWritable = options.onWritable;
		this.device = new Linux({
			device: config.device,
			baud: options.baud,
			onReadable: (count: number) => options.onReadable(count),
		});
		this.timer = Timer.repeat(() => this.writable(), 1);
	}

	read(into: Uint8Array): number | undefined {
		if (this.at === this.pending.length) {
			const bytes = this.device.read();
			if (bytes === undefined) return undefined;
			this.pending = new Uint8Array(bytes);
			this.at = 0;
		}
		const count = Math.min(into.length, this.pending.length - this.at);
		into.set(this.pending.subarray(this.at, this.at + count));
		this.at += count;
		return count;
	}

	write(view: Uint8Array): void {
		this.device.write(view.slice().buffer as ArrayBuffer);
		Timer.schedule(this.timer, 1, 1);
	}

	close(): void {
		Timer.clear(this.timer);
		this.device.close();
	}

	private writable(): void {
		Timer.schedule(this.timer);
		this.onWritable(FIFO_BYTES);
	}
}

class Digital implements DigitalInstance {
	static readonly Output = 8;
	private readonly pin: number;

	constructor(options: { pin: number; initialValue: 0 | 1 }) {
		this.pin = options.pin;
		this.write(options.initialValue);
	}

	write(value: 0 | 1): void {
		trace(`pin ${this.pin} = ${value}\n`);
	}

	close(): void {}
}

export const io = {
	Serial: Serial as unknown as SerialIo,
	Digital: Digital as unknown as DigitalIo,
	storage: null,
	Registers: null,
};
