// The compositions for a board: its pins and its modem's family come before the procedure, over AT+CSIM or over every way to the card.

import type { Bootstrap } from "./bootstrap.js";
import { Modem } from "./modem.js";
import { assemble, atOver, type CsimOptions, commandLimitOf } from "./over-csim.js";
import { assembleModem, atOverModem, type ModemBootstrap, type OverModemOptions } from "./over-modem.js";
import type { Pins, Port } from "./platform.js";
import { type BringUp, longestMs, Power } from "./power.js";

/**
 * Takes all the memory that the procedure needs, from a modem that may be off. What waking it takes is added to the limit for the
 * whole procedure.
 *
 * @throws TypeError when an option is out of its range
 */
export function fromPowerOn(port: Port, pins: Pins, bringUp: BringUp, options: CsimOptions): Bootstrap {
	const at = atOver(port, options);
	const power = new Power(at, new Modem(at, commandLimitOf(options)), pins, bringUp);
	return assemble(at, power, longestMs(bringUp.steps), options);
}

/**
 * The same over every way to the card that modems have, and with its PIN.
 *
 * @throws TypeError when an option is out of its range
 */
export function overModemFromPowerOn(
	port: Port,
	pins: Pins,
	bringUp: BringUp,
	options: OverModemOptions,
): ModemBootstrap {
	const at = atOverModem(port, options);
	const power = new Power(at, new Modem(at, commandLimitOf(options)), pins, bringUp);
	return assembleModem(at, power, longestMs(bringUp.steps), options);
}
