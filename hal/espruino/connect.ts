// `connect`: the procedure over a UART of Espruino, from a modem that may be off to the accounts; and `verify`, for accounts that are in use.
// Strings come in through `data` events, time through one timer; the callback is called once, whatever happens.
//
// What a connection needs is taken when it begins and given back when it ends; only the file and the view on its accounts stay,
// for as long as the application holds them. Nothing refers back to its owner, so nothing is left for the garbage collector.

import { Accounts } from "../../src/accounts.js";
import type { Bootstrap } from "../../src/bootstrap.js";
import type { BootstrapFile } from "../../src/bootstrap-file.js";
import { ABORTED, OK, SIM_ABSENT, WAIT } from "../../src/codes.js";
import type { Life } from "../../src/life.js";
import type { Lender, Port } from "../../src/platform.js";
import { STEP_NONE } from "../../src/steps.js";
import { type Composition, type ConnectOptions, compose } from "./compose.js";
import { BUSY, FIFO_FULL, nameOf } from "./names.js";
import { flash } from "./store.js";

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

/** What came of it, and a way to end it. */
export interface Connection {
	/**
	 * What a record between boots tells, once the callback is called: "first", "unchanged", "changed", "removed", "absent" or "failed". Without one it is
	 * "first" or "failed".
	 */
	state: string;
	/** With "changed": "content", "card" or "place"; else "". */
	reason: string;
	/** Storage has what is in use. */
	kept: boolean;
	/** SHA-256 of the file in use, 32 bytes; null without a record, or where the firmware has no digest. */
	fingerprint: Uint8Array | null;
	/**
	 * Ends it: the channel is closed, within 5 seconds, and the callback is called with ABORTED. Afterwards it wipes the file, with
	 * the keys in it.
	 */
	close(): void;
}

/** With an error and accounts these are what is remembered, and could not be compared with the card. */
export type Callback = (error: ConnectError | null, accounts?: Accounts, connection?: Connection) => void;

/** `data` events bring at most 63 characters on most boards; longer ones are taken in pieces. */
const RX_BYTES = 64;
/** Where a channel that was left open is kept. */
const CHANNEL_KEY = "simchannel";
/** A longer time between two looks at the clock is a clock that was set. */
const LOOK_MS = 30000;

interface WipedConnection extends Connection {
	file: BootstrapFile;
}

/** What is under way. */
interface Run extends Composition {
	serial: Serial;
	options: ConnectOptions;
	callback: Callback;
	connection: WipedConnection;
	verifying: boolean;
	device: Bootstrap | Life;
	rx: Uint8Array;
	/** The channel that is left open, 0 for none. */
	channel: Uint8Array;
	/** The timer that is set, 0 for none, and for when. */
	timer: number;
	wakeAt: number;
	/** What the clock said last, in seconds; and the time of the procedure, in milliseconds. */
	seconds: number;
	ms: number;
}

/** Only one can be. */
let current: Run | null = null;

const port: Port & Lender = {
	busy: false,

	write(bytes: Uint8Array, from: number, to: number): number {
		if (current) current.serial.write(bytes.subarray(from, to));
		return to - from;
	},

	onUnsolicited(bytes: Uint8Array, from: number, to: number): void {
		const run = current;
		if (!run || !run.options.onData) return;
		const text = E.toString(bytes.subarray(from, to));
		// Without memory for it nobody can have it.
		if (text === undefined) return;
		try {
			run.options.onData(text);
		} catch (error) {
			print(error);
		}
	},
};

function errorOf(code: number, run: Run | null): ConnectError {
	const keys = run ? run.options.secure : undefined;
	const from = run ? run.bootstrap : { step: STEP_NONE, sw: 0, cme: -1, needed: 0 };
	const name = nameOf(code) || (keys ? keys.nameOf(code) : "" + code);
	const error = new Error("simstrap: " + name) as ConnectError;
	error.code = name;
	error.step = from.step;
	error.sw = from.sw;
	error.cme = from.cme;
	error.needed = from.needed;
	return error;
}

/** @param due the timer has run out */
function poll(due: boolean): void {
	const run = current;
	if (!run) return;
	const device = run.device;
	const seconds = getTime();
	const passed = (seconds - run.seconds) * 1000;
	run.seconds = seconds;
	if (passed > 0 && passed < LOOK_MS) run.ms += passed;
	if (due) {
		run.timer = 0;
		// Whatever became of the clock: so much time has passed.
		if (run.ms < run.wakeAt) run.ms = run.wakeAt;
	}
	let code = device.poll(run.ms | 0);
	if (run.timer) clearTimeout(run.timer);
	if (code === WAIT) {
		run.wakeAt = device.wakeAt;
		run.timer = setTimeout(poll, Math.max(run.wakeAt - run.ms, 0), true);
		return;
	}

	run.serial.removeListener("data", take);
	current = null;
	const life = run.life;
	const connection = run.connection;
	let valid = code === OK;
	connection.state = valid ? "first" : "failed";
	if (life) {
		run.channel[0] = Math.max(run.bootstrap.reclaim, 0);
		flash.write(CHANNEL_KEY, run.channel, 1);
		valid = life.valid && !run.verifying;
		connection.state = "unknown,first,unchanged,changed,removed,absent,failed".split(",")[life.state];
		connection.reason = ",content,card,place".split(",")[life.reason];
		connection.kept = life.storeCode === OK;
		if (life.hasFingerprint) connection.fingerprint = life.fingerprint;
	}
	if (run.cover) run.cover.close();
	// What went wrong between here and the modem may have its reason in the receiver.
	if (code < ABORTED && code > SIM_ABSENT && E.getErrorFlags().indexOf("FIFO_FULL") >= 0) code = FIFO_FULL;
	const error = code === OK ? null : errorOf(code, run);
	if (!valid) {
		connection.file.wipe();
		run.callback(error, undefined, connection);
		return;
	}
	const accounts = new Accounts(connection.file);
	accounts.begin();
	run.callback(error, accounts, connection);
}

function take(data: string): void {
	const run = current;
	if (!run) return;
	let wanted = false;
	for (let at = 0; at < data.length; at += RX_BYTES) {
		run.rx.set(data.substring(at));
		if (run.device.receive(run.rx, Math.min(data.length - at, RX_BYTES))) wanted = true;
	}
	if (wanted) poll(false);
}

function close(this: WipedConnection): void {
	const run = current;
	if (!run || run.connection !== this) {
		this.file.wipe();
		return;
	}
	run.device.abort();
	poll(false);
}

/**
 * Reads the accounts from the SIM behind a modem. `callback(error, accounts, connection)` is called once, and not before this has returned.
 *
 * @param serial a UART that has been set up
 * @throws TypeError when an argument is not what it has to be
 */
export function connect(serial: Serial, options: ConnectOptions, callback: Callback): Connection | undefined;
/** @internal */
export function connect(
	serial: Serial,
	options: ConnectOptions,
	callback: Callback,
	verifying: boolean,
): Connection | undefined;
export function connect(
	serial: Serial,
	options: ConnectOptions,
	callback: Callback,
	verifying?: boolean,
): Connection | undefined {
	if (typeof callback !== "function") throw new TypeError("callback: expected a function");
	if (typeof serial !== "object" || serial === null) throw new TypeError("serial: expected Serial1, Serial2, ...");
	if (current) {
		setTimeout(callback, 0, errorOf(BUSY, null));
		return undefined;
	}
	const run = compose(port, options, verifying === true) as Run;
	const life = run.life;
	run.serial = serial;
	run.options = options;
	run.callback = callback;
	run.verifying = verifying === true;
	run.connection = { state: "", reason: "", kept: false, fingerprint: null, close: close, file: run.bootstrap.file };
	run.rx = new Uint8Array(RX_BYTES);
	run.channel = new Uint8Array(1);
	run.wakeAt = 0;
	run.seconds = getTime();
	run.ms = 0;
	current = run;
	// Flags of what was before do not count.
	E.getErrorFlags();
	if (life) {
		run.device = life;
		flash.read(CHANNEL_KEY, run.channel);
		run.bootstrap.reclaim = run.channel[0];
		if (verifying) life.verify();
		else life.run();
	} else {
		run.device = run.bootstrap;
		run.bootstrap.readFile();
	}
	serial.on("data", take);
	run.timer = setTimeout(poll, 0, true);
	return run.connection;
}

/**
 * Makes sure that the card still has what is remembered, before a Register or Update. The modem is on, and its UART is lent: nobody else writes to it
 * or listens until `callback(error, undefined, connection)` is called, once. `connection.state` says what was found; after "changed" what came
 * from the card must not be used any more, and `connect` reads what is there now.
 *
 * @param serial the UART that is lent
 * @throws TypeError when an argument is not what it has to be
 */
export function verify(serial: Serial, options: ConnectOptions, callback: Callback): Connection | undefined {
	return connect(serial, options, callback, true);
}
