// The whole procedure on Moddable: a UART, the board's lines, one timer and monotonic time around the core. Everything is taken in
// the constructor; a bootstrap allocates nothing.

import Time from "time";
import Timer from "timer";
import type { Bootstrap } from "../../src/bootstrap.js";
import { NOT_STARTED, WAIT } from "../../src/codes.js";
import type { Life } from "../../src/life.js";
import { overCsim } from "../../src/over-csim.js";
import {
	type LifeSettings,
	type RememberModemOptions,
	rememberFromPowerOn,
	rememberOverCsim,
	rememberOverModem,
	rememberOverModemFromPowerOn,
} from "../../src/over-life.js";
import { type OverModemOptions, overModem } from "../../src/over-modem.js";
import { fromPowerOn, overModemFromPowerOn } from "../../src/over-power.js";
import type { Store } from "../../src/platform.js";
import type { BringUp } from "../../src/power.js";
import { BoardPins } from "./board-pins.js";
import type { DigitalIo, PinSettings, RegisterIo, RegisterSettings, SerialIo, SerialSettings } from "./io.js";
import { RECEIVER_BYTES, type SerialOwner, SerialPort } from "./serial-port.js";

/** The record of a channel that was left open. */
const CHANNEL_KEY = "channel";
/** A timer must not sleep longer: its time is compared as a difference of 32 bits. */
const SLEEP_MAX_MS = 0x3fffffff;

/** Whether more is asked for than AT+CSIM alone, which takes less memory. */
function isEveryWay(options: SimstrapOptions): boolean {
	return (
		options.links !== undefined ||
		options.allowBasicChannel === true ||
		options.lineChars !== undefined ||
		options.pin !== undefined ||
		options.simPin !== undefined
	);
}

/**
 * With `links`, `allowBasicChannel`, `lineChars`, `pin` or `simPin` every way to the card is there that these allow; without them AT+CSIM alone, which takes
 * less memory.
 */
export interface SimstrapOptions extends OverModemOptions {
	/** The modem's UART. */
	serial: SerialSettings & { io: SerialIo };
	/** The lines around the modem and what wakes it; without this the modem has to be on. */
	power?: {
		io: DigitalIo;
		pins: readonly PinSettings[];
		bringUp: BringUp;
		/** The chip that feeds the modem. */
		registers?: RegisterSettings & { io: RegisterIo };
		/** The lines of an earlier instance, which still has them, in place of `pins`. */
		lines?: BoardPins;
	};
	/** Keeps a channel that `close` left open, so that it is closed after a restart; which way to the card worked; and which PINs were refused. */
	store?: Store;
	/** Remembers what came from the card: `start` compares it, and `verify` does so before a Register or Update. See docs/life.md. */
	remember?: LifeSettings;
	/** A step has begun; its numbers are STEP_POWER and the like. */
	onStep?: (step: number) => void;
	/** It is over: OK or an error. `start` may be called again, and so may `close`. */
	onResult: (code: number) => void;
}

export class Simstrap implements SerialOwner {
	/** The file, the step, the status word: see there. */
	readonly bootstrap: Bootstrap;
	/** What a result means, with `remember`: its state, and whether there are accounts. */
	readonly life: Life | undefined;
	/** The lines around the modem; undefined without `power`. They stay as they are after `close`. */
	readonly lines: BoardPins | undefined;
	private readonly driven: Bootstrap | Life;
	private readonly port: SerialPort;
	private readonly timer: Timer;
	private readonly store: Store | undefined;
	private readonly record: Uint8Array;
	private readonly onStep: ((step: number) => void) | undefined;
	private readonly onResult: (code: number) => void;
	/** Who is told of what is under way. */
	private listener: (code: number) => void;
	private running: boolean;
	/** What has come brings a command its result. */
	private ripe: boolean;
	private closed: boolean;
	private step: number;
	/** What poll has answered, until it is told; WAIT before. */
	private result: number;

	/** Drives the lines to safe levels and opens the UART. */
	constructor(options: SimstrapOptions) {
		const power = options.power;
		const core: OverModemOptions = Object.assign({ receiverBytes: RECEIVER_BYTES }, options);
		const every = isEveryWay(options);
		this.running = false;
		this.ripe = false;
		this.closed = false;
		this.step = -1;
		this.result = WAIT;
		this.store = options.store;
		this.record = new Uint8Array(1);
		this.onStep = options.onStep;
		this.onResult = options.onResult;
		this.listener = options.onResult;
		if (power !== undefined) {
			this.lines = power.lines !== undefined ? power.lines : new BoardPins(power.io, power.pins, power.registers);
		}
		this.port = new SerialPort(options.serial, this);
		const lines = this.lines;
		if (options.remember !== undefined) {
			const settings: RememberModemOptions = Object.assign({}, core, options.remember);
			if (power === undefined || lines === undefined)
				this.life = (every ? rememberOverModem : rememberOverCsim)(this.port, settings);
			else {
				const remember = every ? rememberOverModemFromPowerOn : rememberFromPowerOn;
				this.life = remember(this.port, lines, power.bringUp, settings);
			}
			this.driven = this.life;
			this.bootstrap = this.life.bootstrap;
		} else {
			this.bootstrap =
				power === undefined || lines === undefined
					? (every ? overModem : overCsim)(this.port, core)
					: (every ? overModemFromPowerOn : fromPowerOn)(this.port, lines, power.bringUp, core);
			this.driven = this.bootstrap;
		}
		this.timer = Timer.repeat(() => this.due(), SLEEP_MAX_MS);
		Timer.schedule(this.timer);
		if (this.store !== undefined && this.store.read(CHANNEL_KEY, this.record) === 1) {
			this.bootstrap.reclaim = this.record[0];
		}
	}

	/** Starts the procedure, or starts it again after a result. False when it is closed, or something is under way. */
	start(): boolean {
		if (!this.begin(this.onResult)) return false;
		if (this.life !== undefined) this.life.run();
		else this.bootstrap.readFile();
		this.sleep(0);
		return true;
	}

	/**
	 * Makes sure that the accounts in use are still what the card says, with `remember`. The result is told to `onResult`, or like that of
	 * `start` when none is given. False when nothing is remembered, it is closed, or something is under way.
	 */
	verify(onResult: (code: number) => void = this.onResult): boolean {
		if (this.life === undefined || !this.begin(onResult)) return false;
		this.life.verify();
		this.sleep(0);
		return true;
	}

	private begin(listener: (code: number) => void): boolean {
		if (this.closed || this.running) return false;
		if (!this.port.isOpen) this.port.open();
		this.running = true;
		this.listener = listener;
		this.step = -1;
		this.result = WAIT;
		return true;
	}

	/** Ends the procedure within 5 s: the channel is closed, and the result is ABORTED. */
	abort(): void {
		if (!this.running || this.result !== WAIT) return;
		this.driven.abort();
		this.sleep(0);
	}

	/**
	 * Ends everything at once: the file is wiped, keys are let go of, the UART is closed. No result is told any more. A channel that is
	 * open stays open and is closed by the next run. May be called at any time, again and again.
	 */
	close(): void {
		if (this.closed) return;
		this.closed = true;
		this.running = false;
		this.driven.close();
		if (this.store !== undefined) this.remember(this.store);
		// The SDK goes on with a Serial after its callback.
		if (this.port.inCallback) this.sleep(0);
		else this.end();
	}

	/**
	 * After a result: closes the UART, which `start` and `verify` open again, and keeps the file, which `close` wipes later. Not in
	 * a callback of the UART.
	 */
	release(): void {
		if (!this.running) this.port.close();
	}

	/** More has come. */
	received(bytes: Uint8Array, count: number): void {
		if (this.driven.receive(bytes, count)) this.ripe = true;
	}

	drained(): void {
		if (!this.ripe) return;
		this.ripe = false;
		this.poll();
	}

	writable(): void {
		this.poll();
	}

	private end(): void {
		Timer.clear(this.timer);
		this.port.close();
	}

	/** Keeps the channel that is left open, or that none is. */
	private remember(store: Store): void {
		const channel = this.bootstrap.reclaim;
		const known = store.read(CHANNEL_KEY, this.record) === 1 ? this.record[0] : 0;
		const now = Math.max(channel, 0);
		if (known === now) return;
		this.record[0] = now;
		store.write(CHANNEL_KEY, this.record);
	}

	private sleep(ms: number): void {
		const wait = ms < 1 ? 1 : Math.min(ms, SLEEP_MAX_MS);
		Timer.schedule(this.timer, wait, wait);
	}

	/** The timer has fired. */
	private due(): void {
		if (this.closed) {
			this.end();
			return;
		}
		Timer.schedule(this.timer);
		if (this.result === WAIT) this.poll();
		if (this.result !== WAIT && this.running) {
			this.running = false;
			if (this.store !== undefined) this.remember(this.store);
			this.listener(this.result);
		}
	}

	private poll(): void {
		if (!this.running || this.result !== WAIT) return;
		const bootstrap = this.bootstrap;
		const now = Time.ticks | 0;
		const code = this.driven.poll(now);
		if (bootstrap.step !== this.step) {
			this.step = bootstrap.step;
			if (this.onStep !== undefined) this.onStep(this.step);
			if (this.closed) return;
		}
		if (code === WAIT) this.sleep((this.driven.wakeAt - now) | 0);
		else if (code !== NOT_STARTED) {
			// Told by the timer: whoever hears it may close the UART, which must not be done in the UART's callback.
			this.result = code;
			this.sleep(0);
		}
	}
}
