// What a user of the core imports.

export * from "./accounts.js";
export { At } from "./at.js";
export { AT_FRAME_BYTES, AtLink } from "./at-link.js";
export {
	Bootstrap,
	type BootstrapOptions,
	type BootstrapParts,
	type ChannelSearch,
	TRIED_FIELDS,
	type Unlock,
} from "./bootstrap.js";
export { BootstrapFile, FILE_MAX_BYTES } from "./bootstrap-file.js";
export { Channels } from "./channel-search.js";
export * from "./codes.js";
export { Entrance } from "./entrance.js";
export { Hex } from "./hex.js";
export { LentLine } from "./lent-line.js";
export * from "./life.js";
export { LINK_CHANNELS, LINK_PATHS, LINK_SESSIONS, type Link, type LinkCover } from "./link.js";
export { LinkCgla } from "./link-cgla.js";
export { LinkCrsm } from "./link-crsm.js";
export { LinkCsim } from "./link-csim.js";
export { Modem, type Prelude } from "./modem.js";
export { type CsimOptions, overCsim, stepFor } from "./over-csim.js";
export {
	type LifeSettings,
	type RememberModemOptions,
	type RememberOptions,
	rememberFromPowerOn,
	rememberOverCsim,
	rememberOverModem,
	rememberOverModemFromPowerOn,
} from "./over-life.js";
export {
	ModemBootstrap,
	type OverModemOptions,
	overModem,
	VIA_BASIC,
	VIA_CGLA,
	VIA_CRSM,
	VIA_CSIM,
} from "./over-modem.js";
export { fromPowerOn, overModemFromPowerOn } from "./over-power.js";
export { Pin } from "./pin.js";
export * from "./platform.js";
export * from "./power.js";
export { Resources } from "./resources.js";
export type { Response } from "./response.js";
export type { Diversify, Scp03Options } from "./scp03.js";
export { readKeys, type StoredKeys, writeKeys } from "./scp03-store.js";
export { SecureChannel, type SecureOptions } from "./secure-channel.js";
export { SimPin } from "./sim-pin.js";
export { SOURCE_APPLICATION, SOURCE_CARD, SOURCE_FACTORY, SOURCE_NONE, Sources } from "./sources.js";
export * from "./steps.js";
export { CardRecord, CHUNK_BYTES, FINGERPRINT_BYTES, ICCID_AT, ICCID_MAX_BYTES } from "./store.js";
export * from "./tlv.js";
export { TlvWriter } from "./tlv-writer.js";
export { AT_CCID, AT_CEREG_0, AT_CICCID, AT_CSIMSLEEP_0, AT_CSIMSLEEP_1 } from "./words.js";
