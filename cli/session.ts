// One read of a card: a Bootstrap, composed and driven, through a serial port in real time or through the virtual modem in
// virtual time, with a trace or a progress line in between.

import {
	aes,
	type Device,
	LineError,
	now,
	openSerial,
	Runner,
	type RunResult,
	random,
	sha256,
	type Tap,
	TappedDevice,
	TappedPort,
} from "../hal/node/index.js";
import {
	type Bootstrap,
	FILE_MAX_BYTES,
	type OverModemOptions,
	overModem,
	type Port,
	type RecordStore,
	rememberOverModem,
	SecureChannel,
	VIA_BASIC,
} from "../src/index.js";
import * as steps from "../src/steps.js";
import { type BootstrapCardOptions, drive, VirtualPort } from "../virtual/index.js";
import type { Console } from "./console.js";
import { counted } from "./escape.js";
import { stepOf } from "./messages.js";
import type { ModemSettings } from "./modem-options.js";
import { Remembering } from "./remembering.js";
import type { Scp03Keys } from "./scp03-file.js";
import { type Context, Trace } from "./trace.js";
import { virtualModem } from "./virtual-modem.js";

export interface SessionOptions {
	/** Null for the virtual modem. */
	path: string | null;
	/** What the virtual card holds. */
	card: BootstrapCardOptions;
	baud: number;
	step: number;
	timeoutMs: number;
	oid: Uint8Array | null;
	/** -1 for none. */
	fileId: number;
	confirm: boolean;
	modem: ModemSettings;
	/** Null for no secure channel. */
	scp03: Scp03Keys | null;
	trace: boolean;
	showSecrets: boolean;
	/** What is remembered between runs; null for nothing. With `verify` the card is compared with it. */
	store: RecordStore | null;
	verify: boolean;
	/** Is shown the lines of the dialogue as they are; nothing of it may be printed. */
	watch?: LineWatcher;
	/** What stands before the progress. */
	title?: string;
}

export interface LineWatcher {
	/** A command line to the modem. */
	command(line: string): void;
	/** A line of the modem's. */
	line(line: string): void;
}

/** Takes the dialogue apart into lines. */
class LineTap implements Tap {
	private readonly watcher: LineWatcher;
	private out = "";
	private in = "";

	constructor(watcher: LineWatcher) {
		this.watcher = watcher;
	}

	sent(bytes: Uint8Array, from: number, to: number): void {
		for (let at = from; at < to; at++) {
			if (bytes[at] !== 13) this.out += String.fromCharCode(bytes[at]);
			else {
				this.watcher.command(this.out);
				this.out = "";
			}
		}
	}

	received(bytes: Uint8Array, count: number): void {
		for (let at = 0; at < count; at++) {
			if (bytes[at] !== 13 && bytes[at] !== 10) this.in += String.fromCharCode(bytes[at]);
			else {
				if (this.in !== "") this.watcher.line(this.in);
				this.in = "";
			}
		}
	}
}

export type SessionResult =
	/** The device has answered; what it knows is in it. `heard`: some bytes have come from the modem. */
	| { kind: "done"; code: number; device: Bootstrap; memory: Remembering | null; heard: boolean }
	/** The line could not be opened, or was lost. */
	| { kind: "line"; error: LineError }
	/** The time was over before the line was open. */
	| { kind: "late" }
	/** Interrupted before there was anything to end. */
	| { kind: "interrupted" };

/** Closing the channel may take this long after the limit. */
const VIRTUAL_GRACE_MS = 60000;
const VIRTUAL_ITERATIONS = 1e9;

const FILE_NAMES: Readonly<Record<number, string>> = {
	[steps.STEP_DIR]: "EF(DIR)",
	[steps.STEP_ODF]: "EF(ODF)",
	[steps.STEP_DODF]: "EF(DODF)",
	[steps.STEP_SELECT]: "EF(LwM2M_Bootstrap)",
	[steps.STEP_READ]: "EF(LwM2M_Bootstrap)",
	[steps.STEP_CONFIRM]: "EF(LwM2M_Bootstrap)",
};

/** The step under way; within discovery its own word is newer. */
function stepNow(device: Bootstrap): number {
	const step = device.step;
	return step >= steps.STEP_APPLICATION && step <= steps.STEP_DODF ? device.discovery.step : step;
}

/** Asks the core, for the trace, which file is being read. */
class CoreContext implements Context {
	device: Bootstrap | null = null;

	readsDirectory(): boolean {
		const step = this.device === null ? steps.STEP_NONE : stepNow(this.device);
		return step === steps.STEP_DIR || step === steps.STEP_ODF || step === steps.STEP_DODF;
	}

	fileName(): string | null {
		return this.device === null ? null : (FILE_NAMES[stepNow(this.device)] ?? null);
	}
}

/** Where `size` stands in the file's header, and what comes before what it counts. */
const SIZE_OFFSET = 2;
const HEADER_BYTES = 4;

/** Shows how far a device is, to whoever watches, and notes whether anything has come from the modem. */
class Progress implements Device {
	heard = false;
	private readonly device: Device;
	private readonly core: Bootstrap;
	private readonly show: (text: string) => void;

	constructor(device: Device, core: Bootstrap, show: (text: string) => void) {
		this.device = device;
		this.core = core;
		this.show = show;
	}

	get wakeAt(): number {
		return this.device.wakeAt;
	}

	receive(bytes: Uint8Array, count: number): boolean {
		this.heard = true;
		const due = this.device.receive(bytes, count);
		this.show(this.words);
		return due;
	}

	poll(time: number): number {
		const code = this.device.poll(time);
		this.show(this.words);
		return code;
	}

	private get words(): string {
		const { step, uicc, file, exchanges } = this.core;
		const reading = step === steps.STEP_READ || step === steps.STEP_CONFIRM;
		const { count } = uicc.response;
		const size = HEADER_BYTES + ((file.buffer[SIZE_OFFSET] << 8) | file.buffer[SIZE_OFFSET + 1]);
		const of = count >= HEADER_BYTES && count <= size ? ` of ${size}` : "";
		const bytes = reading ? `, ${count}${of} bytes` : "";
		const doing = stepOf(step).words.replace(/ \(.*\)$/, "");
		return `${doing}${bytes}, ${counted(exchanges, "exchange")}`;
	}
}

/** What is driven, and what it is made of. */
interface Composed {
	core: Bootstrap;
	driven: Progress;
	/** Shows what is left of the dialogue. */
	end(): void;
}

export class Session {
	private readonly options: SessionOptions;
	private readonly console: Console;
	private device: Bootstrap | null = null;
	private memory: Remembering | null = null;
	private runner: Runner | null = null;
	private interrupted: (() => void) | null = null;

	constructor(options: SessionOptions, console: Console) {
		this.options = options;
		this.console = console;
	}

	run(): Promise<SessionResult> {
		const { path } = this.options;
		return path === null ? Promise.resolve(this.runVirtual()) : this.runSerial(path);
	}

	/** Ends it in order: the channel is closed, and the result is ABORTED. */
	interrupt(): void {
		if (this.runner === null) this.interrupted?.();
		else {
			if (this.memory !== null) this.memory.life.abort();
			else this.device?.abort();
			this.runner.wake();
		}
	}

	private compose(port: Port, limitMs: number, clock: () => number): Composed {
		const { options, console } = this;
		const { link, pin, simPin, forcePin, reclaimChannel } = options.modem;
		const settings: OverModemOptions = {
			buffer: new Uint8Array(FILE_MAX_BYTES),
			step: options.step,
			confirm: options.confirm,
			limitMs,
			forcePin,
			reclaimChannel,
			allowBasicChannel: link === VIA_BASIC,
		};
		if (link !== null) settings.links = [link];
		if (pin !== null) settings.pin = pin;
		if (simPin !== null) settings.simPin = simPin;
		if (options.oid !== null) settings.oid = options.oid;
		if (options.fileId >= 0) settings.fileId = options.fileId;
		if (options.scp03 !== null) settings.secure = new SecureChannel({ ...options.scp03, aes, random });
		const context = new CoreContext();
		const note = (line: string): void => console.note(line);
		const trace = options.trace ? new Trace(note, clock, options.showSecrets, context, console.notePaint) : null;
		const tap = options.watch === undefined ? trace : new LineTap(options.watch);
		const core = this.core(tap === null ? port : new TappedPort(port, tap), settings);
		context.device = core;
		const device = this.memory ?? core;
		const title = options.title === undefined ? "" : `${options.title}: `;
		// A status between the lines of a trace would only flicker.
		const show = trace === null ? (text: string) => console.showStatus(title + text) : () => {};
		const driven = new Progress(tap === null ? device : new TappedDevice(device, tap), core, show);
		return { core, driven, end: () => trace?.end() };
	}

	/** The procedure, with what remembers around it in `memory` when there is a store. */
	private core(port: Port, settings: OverModemOptions): Bootstrap {
		const { store, verify, timeoutMs } = this.options;
		if (store === null) return overModem(port, settings);
		const { secure, limitMs = timeoutMs } = settings;
		this.memory = new Remembering(
			rememberOverModem(port, {
				...settings,
				secure: secure instanceof SecureChannel ? secure : undefined,
				records: store,
				verifyLimitMs: timeoutMs,
				sha256,
			}),
			verify,
			limitMs,
		);
		return this.memory.life.bootstrap;
	}

	private start(core: Bootstrap): void {
		if (this.memory !== null) this.memory.start();
		else core.readFile();
	}

	private runVirtual(): SessionResult {
		const { card, scp03, baud, timeoutMs } = this.options;
		const port = new VirtualPort(virtualModem(card, scp03, baud), {});
		const { core, driven, end } = this.compose(port, timeoutMs, () => port.now);
		this.start(core);
		const result = drive(driven, port, { maxMs: timeoutMs + VIRTUAL_GRACE_MS, maxIterations: VIRTUAL_ITERATIONS });
		end();
		return { kind: "done", code: result.code, device: core, memory: this.memory, heard: driven.heard };
	}

	private async runSerial(path: string): Promise<SessionResult> {
		const { baud, timeoutMs } = this.options;
		const start = now();
		const opening = openSerial(path, baud);
		let timer: NodeJS.Timeout | undefined;
		const gaveUp = new Promise<SessionResult>((resolve) => {
			timer = setTimeout(() => resolve({ kind: "late" }), timeoutMs);
			this.interrupted = () => resolve({ kind: "interrupted" });
		});
		try {
			const line = await Promise.race([opening, gaveUp]);
			if ("kind" in line) {
				// If it opens after all, nobody uses it any more.
				opening.then((late) => late.close()).catch(() => {});
				return line;
			}
			const { core, driven, end } = this.compose(line, Math.max(1, timeoutMs - ((now() - start) | 0)), now);
			this.device = core;
			this.runner = new Runner(driven, line);
			this.start(core);
			const result: RunResult = await this.runner.run();
			end();
			await line.close();
			return result.kind === "lost"
				? { kind: "line", error: result.error }
				: { kind: "done", code: result.code, device: core, memory: this.memory, heard: driven.heard };
		} catch (error) {
			if (error instanceof LineError) return { kind: "line", error };
			throw error;
		} finally {
			clearTimeout(timer);
		}
	}
}
