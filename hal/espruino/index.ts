// What require("simstrap") gives on Espruino.

export type { Accounts } from "../../src/accounts.js";
export type { BootstrapFile } from "../../src/bootstrap-file.js";
export type { BringUp } from "../../src/power.js";
export type { Resources } from "../../src/resources.js";
export { type Callback, type ConnectError, type Connection, type ConnectOptions, connect } from "./connect.js";
export type { Board, BoardPin, BoardRegisters } from "./pins.js";
