// A module for Storage that starts at power-on: what the UART and the board are stands in the file simstrap.json, and what is to
// be done with the accounts in the module simapp.
//
//   E.setBootCode('require("simboot").start()', true)

import { type Callback, type ConnectError, type Connection, type ConnectOptions, connect } from "./connect.js";
import type { Board } from "./pins.js";

export type { Accounts } from "../../src/accounts.js";
export type { BootstrapFile } from "../../src/bootstrap-file.js";
export type { BringUp } from "../../src/power.js";
export type { Resources } from "../../src/resources.js";
export type { Callback, ConnectError, Connection, ConnectOptions } from "./connect.js";
export type { Board, BoardPin, BoardRegisters } from "./pins.js";
export { connect };

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

/** simstrap.json: a literal of boards/, and what `connect` takes. */
export interface BootConfig extends ConnectOptions {
	board: BootBoard;
	/** The module that gets the accounts, simapp when not given. It exports `simstrap`, a function (error, accounts). */
	app?: string;
}

export interface BootApp {
	simstrap: Callback;
}

/** Without a module to give the accounts to: how many there are. Nothing of what they hold is printed. */
function report(error: ConnectError | null): void {
	print(error === null ? "simstrap: the accounts are read; there is no module for them" : error.message);
}

/** Begins with what simstrap.json says. */
export function start(): Connection | undefined {
	const storage = require("Storage") as EspruinoStorage;
	const config = storage.readJSON("simstrap.json", true) as BootConfig | undefined;
	if (config === undefined) throw new TypeError("simstrap.json: expected a board in Storage");
	const uart = config.board.serial;
	const serial = global["Serial" + (uart.port + 1)] as Serial;
	const app = config.app === undefined ? "simapp" : config.app;
	const callback = storage.read(app) === undefined ? report : (require(app) as BootApp).simstrap;
	serial.setup(uart.baud, { rx: uart.receive, tx: uart.transmit });
	return connect(serial, config, callback);
}
