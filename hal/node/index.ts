// simstrap on Node: the core in real time over a serial port.

export { now } from "./clock.js";
export { aes, random, sha256 } from "./crypto.js";
export type { Device } from "./device.js";
export { FileStore } from "./file-store.js";
export { type Line, LineError, type LineReason } from "./line.js";
export { Runner, type RunResult } from "./runner.js";
export { openSerial } from "./serial-line.js";
export { type Tap, TappedDevice, TappedPort } from "./tap.js";
