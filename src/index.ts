// What a user of the core imports.

export * from "./accounts.js";
export { At } from "./at.js";
export { Bootstrap, type BootstrapOptions, type BootstrapParts } from "./bootstrap.js";
export { BootstrapFile, FILE_MAX_BYTES } from "./bootstrap-file.js";
export * from "./codes.js";
export { Hex } from "./hex.js";
export type { Link } from "./link.js";
export { CSIM_FRAME_BYTES, LinkCsim } from "./link-csim.js";
export { Modem, type Prelude } from "./modem.js";
export { type CsimOptions, overCsim } from "./over-csim.js";
export * from "./platform.js";
export * from "./power.js";
export { fromPowerOn } from "./power-csim.js";
export { Resources } from "./resources.js";
export type { Response } from "./response.js";
export * from "./steps.js";
export * from "./tlv.js";
export { TlvWriter } from "./tlv-writer.js";
export { AT_CEREG_0, AT_CSIMSLEEP_0, AT_CSIMSLEEP_1 } from "./words.js";
