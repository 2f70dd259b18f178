// What runs at power-on from a board's ready file: it wakes the modem, reads the SIM, and gives the accounts to the application, the module
// simapp in Storage. The ready file makes the board's literal when it calls this, so that it is in memory only while it is needed.

import type { ConnectOptions } from "./compose.js";
import { type Callback, type ConnectError, type Connection, connect, verify } from "./connect.js";
import type { Board } from "./pins.js";

export type { Accounts } from "../../src/accounts.js";
export type { BringUp } from "../../src/power.js";
export type { Resources } from "../../src/resources.js";
export { BUILD as build } from "./build.js";
export type { ConnectOptions, Keys } from "./compose.js";
export type { Callback, ConnectError, Connection } from "./connect.js";
export type { Board, BoardPin, BoardRegisters } from "./pins.js";
export { connect, verify };

/** The UART of a board, as in boards/: UART 1 of the chip is Serial2. */
export interface BootSerial {
	port: number;
	transmit: number;
	receive: number;
	baud: number;
}

/** A literal of boards/. */
export interface BootBoard extends Board {
	serial: BootSerial;
}

export interface BootOptions extends ConnectOptions {
	board?: BootBoard;
}

/** The module simapp. */
export interface BootApp {
	/** Gets the accounts, or what went wrong. */
	simstrap?: Callback;
	/** What `connect` takes. */
	options?: BootOptions;
}

/** Without a module to give the accounts to: how many there are. Nothing of what they hold is printed. */
function report(error: ConnectError | null): void {
	print(error === null ? "simstrap: the accounts are read; there is no module simapp for them" : error.message);
}

/** Begins with a board, or else with that of the application's options. */
export function boot(board?: BootBoard): Connection | undefined {
	const storage = require("Storage") as EspruinoStorage;
	const app = storage.read("simapp") === undefined ? ({} as BootApp) : (require("simapp") as BootApp);
	const options = app.options === undefined ? {} : app.options;
	if (board !== undefined) options.board = board;
	if (options.board === undefined) throw new TypeError("simapp: expected options.board");
	const uart = options.board.serial;
	const serial = global["Serial" + (uart.port + 1)] as Serial;
	serial.setup(uart.baud, { rx: uart.receive, tx: uart.transmit });
	return connect(serial, options, app.simstrap === undefined ? report : app.simstrap);
}
