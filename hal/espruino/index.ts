// What require("simstrap") gives on Espruino.

export type { Accounts } from "../../src/accounts.js";
export type { BringUp } from "../../src/power.js";
export type { Resources } from "../../src/resources.js";
export { BUILD as build } from "./build.js";
export type { ConnectOptions, Keys } from "./compose.js";
export { type Callback, type ConnectError, type Connection, connect, verify } from "./connect.js";
export type { Board, BoardPin, BoardRegisters } from "./pins.js";
