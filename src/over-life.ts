// The compositions that remember: what over-csim, over-modem and over-power put together, with a record between boots around it.

import type { At } from "./at.js";
import type { Bootstrap } from "./bootstrap.js";
import { Entrance } from "./entrance.js";
import { LentLine } from "./lent-line.js";
import { Life, type RefusedKeys, type RefusedPin, VERIFY_LIMIT_MS } from "./life.js";
import type { LinkCover } from "./link.js";
import { Modem, type Prelude } from "./modem.js";
import { assemble, atOver, type CsimOptions, commandLimitOf } from "./over-csim.js";
import { assembleModem, atOverModem, type OverModemOptions } from "./over-modem.js";
import type { Lender, Pins, Port, RecordStore, Sha256 } from "./platform.js";
import { type BringUp, longestMs, Power } from "./power.js";
import { CardRecord, ICCID_AT } from "./store.js";
import { AT_CCID, AT_CSIMSLEEP_1 } from "./words.js";

/** What the keys of the store begin with. */
const NAME = "sim";
/** The control parameters of a file, and the AID of an application: the image in the buffer must stay. */
const SCRATCH_BYTES = 128;

export interface LifeSettings {
	/** Where the record is kept. */
	records: RecordStore;
	/** What its keys begin with, at most 12 letters and digits; "sim" when not given. */
	name?: string;
	/** The command that asks for the card's number: AT_CCID when not given, AT_CICCID, or -1 not to ask. */
	iccidCommand?: number;
	/** Whose line it is while `verify` runs; nobody's when not given. */
	lender?: Lender;
	/** The platform's SHA-256, for a fingerprint of the file. */
	sha256?: Sha256;
	/** Use what is remembered when the card could not be asked; true when not given. */
	useUnverified?: boolean;
	/** The limit for `verify`, in milliseconds; 15000 when not given. */
	verifyLimitMs?: number;
	/** A secure channel that remembers which keys were refused. */
	secure?: LinkCover & RefusedKeys;
}

export interface RememberOptions extends CsimOptions, LifeSettings {
	secure?: LinkCover & RefusedKeys;
}

export interface RememberModemOptions extends OverModemOptions, LifeSettings {
	secure?: LinkCover & RefusedKeys;
}

/** What comes between the AT layer and the procedure when a record is kept. */
class Surroundings {
	readonly record: CardRecord;
	readonly line: LentLine;
	readonly entrance: Entrance;

	/** @param prelude what wakes `modem`, or the same */
	constructor(at: At, prelude: Prelude, modem: Modem, sleeps: boolean, options: RememberOptions) {
		const command = options.iccidCommand === undefined ? AT_CCID : options.iccidCommand;
		this.record = new CardRecord(options.records, options.buffer, options.name === undefined ? NAME : options.name);
		this.line = new LentLine(at, options.lender === undefined ? null : options.lender);
		this.entrance = new Entrance(at, prelude, modem, this.line, command, sleeps, this.record.header, ICCID_AT);
	}

	life(bootstrap: Bootstrap, ways: Uint8Array | null, pin: RefusedPin | null, settings: LifeSettings): Life {
		return new Life(
			{
				bootstrap: bootstrap,
				entrance: this.entrance,
				line: this.line,
				record: this.record,
				ways: ways,
				pin: pin,
				secure: settings.secure === undefined ? null : settings.secure,
				sha256: settings.sha256 === undefined ? null : settings.sha256,
			},
			{
				useUnverified: settings.useUnverified !== false,
				verifyLimitMs: settings.verifyLimitMs === undefined ? VERIFY_LIMIT_MS : settings.verifyLimitMs,
			},
		);
	}
}

/** The buffer stays what it is while the card is compared with it. */
function apart<T extends CsimOptions>(options: T): T {
	return options.scratch === undefined
		? Object.assign({}, options, { scratch: new Uint8Array(SCRATCH_BYTES) })
		: options;
}

/**
 * Takes all the memory that is needed, over AT+CSIM with a modem that is on.
 *
 * @throws TypeError when an option is out of its range
 */
export function rememberOverCsim(port: Port, options: RememberOptions): Life {
	const at = atOver(port, options);
	const modem = new Modem(at, commandLimitOf(options));
	const around = new Surroundings(at, modem, modem, false, options);
	return around.life(assemble(at, around.entrance, 0, apart(options)), null, null, options);
}

/**
 * The same, from a modem that may be off.
 *
 * @throws TypeError when an option is out of its range
 */
export function rememberFromPowerOn(port: Port, pins: Pins, bringUp: BringUp, options: RememberOptions): Life {
	const at = atOver(port, options);
	const modem = new Modem(at, commandLimitOf(options));
	const power = new Power(at, modem, pins, bringUp);
	const around = new Surroundings(at, power, modem, bringUp.goodbye.indexOf(AT_CSIMSLEEP_1) >= 0, options);
	return around.life(assemble(at, around.entrance, longestMs(bringUp.steps), apart(options)), null, null, options);
}

/**
 * The same over every way to the card that modems have, and with its PIN, from a modem that is on.
 *
 * @throws TypeError when an option is out of its range
 */
export function rememberOverModem(port: Port, options: RememberModemOptions): Life {
	const at = atOverModem(port, options);
	const modem = new Modem(at, commandLimitOf(options));
	const around = new Surroundings(at, modem, modem, false, options);
	const bootstrap = assembleModem(at, around.entrance, 0, apart(options));
	return around.life(bootstrap, bootstrap.ways, bootstrap.pin, options);
}

/**
 * The same, from a modem that may be off.
 *
 * @throws TypeError when an option is out of its range
 */
export function rememberOverModemFromPowerOn(
	port: Port,
	pins: Pins,
	bringUp: BringUp,
	options: RememberModemOptions,
): Life {
	const at = atOverModem(port, options);
	const modem = new Modem(at, commandLimitOf(options));
	const power = new Power(at, modem, pins, bringUp);
	const around = new Surroundings(at, power, modem, bringUp.goodbye.indexOf(AT_CSIMSLEEP_1) >= 0, options);
	const bootstrap = assembleModem(at, around.entrance, longestMs(bringUp.steps), apart(options));
	return around.life(bootstrap, bootstrap.ways, bootstrap.pin, options);
}
