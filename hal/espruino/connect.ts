// `connect`: the procedure over a UART of Espruino, from a modem that may be off to the accounts. Strings come in through `data`
// events, time through one timer; the callback is called once, whatever happens.
//
// What a connection needs is taken when it begins and given back when it ends; only the file and the view on its accounts stay,
// for as long as the application holds them. Nothing refers back to its owner, so nothing is left for the garbage collector.

import { Accounts } from "../../src/accounts.js";
import { Bootstrap } from "../../src/bootstrap.js";
import type { BootstrapFile } from "../../src/bootstrap-file.js";
import { Channels } from "../../src/channel-search.js";
import { ABORTED, OK, SIM_ABSENT, WAIT } from "../../src/codes.js";
import { LinkCgla } from "../../src/link-cgla.js";
import { LinkCsim } from "../../src/link-csim.js";
import { Modem, type Prelude } from "../../src/modem.js";
import { atOver, type CsimOptions, commandLimitOf, PROCEDURE_LIMIT_MS, stepFor } from "../../src/over-csim.js";
import { Pin } from "../../src/pin.js";
import type { Port } from "../../src/platform.js";
import { longestMs, Power } from "../../src/power.js";
import { STEP_NONE } from "../../src/steps.js";
import { BUSY, FIFO_FULL, nameOf } from "./names.js";
import { type Board, BoardPins } from "./pins.js";
import { FlashStore } from "./store.js";
import { receiverBytesOf } from "./version.js";

export interface ConnectOptions {
	/** The largest file that is taken, in bytes; 1024 when not given. */
	fileBytes?: number;
	/** The board's pins and how its modem is woken. Without it the modem has to be on. */
	board?: Board;
	/** Keep a channel that could not be closed in Storage, so that the next run closes it; true when not given. */
	remember?: boolean;
	/** What the UART's receiver can hold while JavaScript is busy; by the firmware's version when not given. */
	receiverBytes?: number;
	/** How much of that is kept for lines that nobody asked for; 0 when not given. */
	strayBytes?: number;
	/** Read the file a second time; true when not given. */
	confirm?: boolean;
	/** The DER content of another OID in place of the bootstrap file's. */
	oid?: Uint8Array;
	/** A fixed file ID under the PKCS #15 application in place of the search. */
	fileId?: number;
	/** The card's PIN, for a file that needs one. It is verified once, and never when a wrong one could block it. */
	pin?: string;
	/** The limits for one command and for the whole procedure, in milliseconds; 10000 and 60000 when not given. */
	commandLimitMs?: number;
	limitMs?: number;
}

/** What is wrong. `code` is a name of docs/espruino.md. */
export interface ConnectError extends Error {
	code: string;
	/** The step of the procedure, the card's status word (0 without one), the +CME ERROR number (-1 without one). */
	step: number;
	sw: number;
	cme: number;
	/** After FILE_TOO_LARGE: the `fileBytes` that the file needs. */
	needed: number;
}

export type Callback = (error: ConnectError | null, accounts?: Accounts) => void;

const FILE_BYTES = 1024;
/** Below this no receiver is of use. */
const STEP_LEAST = 16;
/** `data` events bring at most 63 characters on most boards; longer ones are taken in pieces. */
const RX_BYTES = 64;
/** Where a channel that was left open is kept. */
const CHANNEL_KEY = "simstrap.channel";
/** A longer time between two looks at the clock is a clock that was set. */
const LOOK_MS = 30000;

function errorOf(code: number, device: Bootstrap | null): ConnectError {
	const name = nameOf(code);
	const error = new Error("simstrap: " + name) as ConnectError;
	error.code = name;
	error.step = device === null ? STEP_NONE : device.step;
	error.sw = device === null ? 0 : device.sw;
	error.cme = device === null ? -1 : device.cme;
	error.needed = device === null ? 0 : device.needed;
	return error;
}

class SerialPort implements Port {
	private readonly serial: Serial;

	constructor(serial: Serial) {
		this.serial = serial;
	}

	write(bytes: Uint8Array, from: number, to: number): number {
		this.serial.write(bytes.subarray(from, to));
		return to - from;
	}
}

function digitsOf(pin: string): Uint8Array {
	const bytes = new Uint8Array(pin.length);
	bytes.set(pin);
	return bytes;
}

/** Puts the procedure together, with everything that the bundle has. */
function build(port: Port, options: ConnectOptions): Bootstrap {
	const buffer = new Uint8Array(options.fileBytes === undefined ? FILE_BYTES : options.fileBytes);
	const limits: CsimOptions = { buffer: buffer, commandLimitMs: options.commandLimitMs };
	const receiverBytes = options.receiverBytes === undefined ? receiverBytesOf(process.version) : options.receiverBytes;
	const step = stepFor(receiverBytes, options.strayBytes === undefined ? 0 : options.strayBytes);
	const limitMs = commandLimitOf(limits);
	const at = atOver(port, limits);
	const modem = new Modem(at, limitMs);
	const board = options.board;
	let prelude: Prelude = modem;
	let wholeMs = options.limitMs === undefined ? PROCEDURE_LIMIT_MS : options.limitMs;
	if (step < STEP_LEAST)
		throw new TypeError("receiverBytes: expected 59 or more beside strayBytes, got " + receiverBytes);
	if (board !== undefined) {
		prelude = new Power(at, modem, new BoardPins(board), board.bringUp);
		wholeMs += longestMs(board.bringUp.steps);
	}
	return new Bootstrap(
		{
			links: [new LinkCsim(at, limitMs, false), new LinkCgla(at, limitMs)],
			at: at,
			modem: prelude,
			unlock: options.pin === undefined ? null : new Pin(digitsOf(options.pin), false, buffer),
			channels: new Channels(buffer, false),
		},
		{
			buffer: buffer,
			step: step,
			confirm: options.confirm === undefined ? true : options.confirm,
			oid: options.oid === undefined ? null : options.oid,
			fileId: options.fileId === undefined ? -1 : options.fileId,
			limitMs: wholeMs,
		},
	);
}

/** The connection that is under way. Only one can be. */
let current: Connection | null = null;

function take(data: string): void {
	if (current !== null) current.receive(data);
}

function wake(): void {
	if (current !== null) current.due();
}

/** What `connect` gives: a way to end it. */
export class Connection {
	private readonly serial: Serial;
	private callback: Callback | null;
	private device: Bootstrap | null;
	private readonly file: BootstrapFile;
	private readonly rx: Uint8Array;
	private readonly store: FlashStore | null;
	private readonly record: Uint8Array;
	/** The timer that is set, 0 for none, and for when. */
	private timer: number;
	private timerAt: number;
	/** What the clock said last, in seconds; and the time of the procedure, in milliseconds. */
	private seconds: number;
	private ms: number;

	constructor(serial: Serial, options: ConnectOptions, callback: Callback) {
		const device = build(new SerialPort(serial), options);
		this.serial = serial;
		this.callback = callback;
		this.device = device;
		this.file = device.file;
		this.rx = new Uint8Array(RX_BYTES);
		this.store = options.remember === false ? null : new FlashStore();
		this.record = new Uint8Array(1);
		this.timer = 0;
		this.timerAt = 0;
		this.seconds = getTime();
		this.ms = 0;
	}

	/**
	 * Ends it: the channel is closed, within 5 seconds, and the callback is called with ABORTED. Afterwards it wipes the file, with
	 * the keys in it.
	 */
	close(): void {
		const device = this.device;
		if (device === null) this.file.wipe();
		else {
			device.abort();
			this.poll();
		}
	}

	/** @internal */
	start(): void {
		const device = this.device;
		if (device === null) return;
		// Flags of what was before do not count.
		E.getErrorFlags();
		if (this.store !== null && this.store.read(CHANNEL_KEY, this.record) === 1) device.reclaim = this.record[0];
		device.readFile();
		this.serial.on("data", take);
		this.poll();
	}

	/** @internal */
	receive(data: string): void {
		const device = this.device;
		const rx = this.rx;
		if (device === null) return;
		let wanted = false;
		for (let at = 0; at < data.length; at += RX_BYTES) {
			const piece = at === 0 ? data : data.substring(at);
			rx.set(piece);
			if (device.receive(rx, Math.min(piece.length, RX_BYTES))) wanted = true;
		}
		if (wanted) this.poll();
	}

	/** @internal */
	due(): void {
		this.timer = 0;
		// Whatever became of the clock: so much time has passed.
		if (((this.now() - this.timerAt) | 0) < 0) this.ms = this.timerAt;
		this.poll();
	}

	private now(): number {
		const seconds = getTime();
		const passed = (seconds - this.seconds) * 1000;
		this.seconds = seconds;
		if (passed > 0 && passed < LOOK_MS) this.ms += passed;
		return this.ms | 0;
	}

	private poll(): void {
		const device = this.device;
		if (device === null) return;
		const now = this.now();
		const code = device.poll(now);
		if (code !== WAIT) {
			this.finish(code, device);
			return;
		}
		if (this.timer !== 0) {
			if (this.timerAt === device.wakeAt) return;
			clearTimeout(this.timer);
		}
		this.timerAt = device.wakeAt;
		const sleep = (this.timerAt - now) | 0;
		this.timer = setTimeout(wake, Math.max(sleep, 0));
	}

	/** Keeps the channel that is left open, or that none is. */
	private keep(channel: number): void {
		const open = Math.max(channel, 0);
		if (this.store === null || this.record[0] === open) return;
		this.record[0] = open;
		this.store.write(CHANNEL_KEY, this.record);
	}

	private finish(code: number, device: Bootstrap): void {
		const callback = this.callback;
		if (this.timer !== 0) clearTimeout(this.timer);
		this.timer = 0;
		this.serial.removeListener("data", take);
		this.callback = null;
		this.device = null;
		current = null;
		this.keep(device.reclaim);
		if (callback === null) return;
		if (code === OK) {
			const accounts = new Accounts(this.file);
			accounts.begin();
			callback(null, accounts);
			return;
		}
		// What went wrong between here and the modem may have its reason in the receiver.
		const lost = code !== ABORTED && code > SIM_ABSENT && E.getErrorFlags().indexOf("FIFO_FULL") >= 0;
		this.file.wipe();
		callback(errorOf(lost ? FIFO_FULL : code, device));
	}
}

/**
 * Reads the accounts from the SIM behind a modem. `callback(error, accounts)` is called once.
 *
 * @param serial a UART that has been set up
 * @throws TypeError when an argument is not what it has to be
 */
export function connect(serial: Serial, options: ConnectOptions, callback: Callback): Connection | undefined {
	if (typeof callback !== "function") throw new TypeError("callback: expected a function");
	if (typeof serial !== "object" || serial === null) throw new TypeError("serial: expected Serial1, Serial2, ...");
	if (current !== null) {
		setTimeout(callback as (error: unknown) => void, 0, errorOf(BUSY, null));
		return undefined;
	}
	const connection = new Connection(serial, options, callback);
	current = connection;
	connection.start();
	return connection;
}
