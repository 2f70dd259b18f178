// The composition with every way to the card that modems have, tried one after the other until one works: AT+CSIM with a logical
// channel of our own, a session of the modem's (+CCHO, +CGLA), files by path (+CRSM), and, only if it is allowed, the basic
// channel that the modem itself uses. With it come the PIN of a file, and channels that got lost.

import { At, TEXT_MAX_BYTES } from "./at.js";
import { AT_FRAME_BYTES } from "./at-link.js";
import { Bootstrap, type BootstrapOptions, type BootstrapParts } from "./bootstrap.js";
import { Channels } from "./channel-search.js";
import { Hex } from "./hex.js";
import type { Link } from "./link.js";
import { LinkCgla } from "./link-cgla.js";
import { LinkCrsm } from "./link-crsm.js";
import { LinkCsim } from "./link-csim.js";
import { NarrowLink } from "./link-narrow.js";
import { Modem, type Prelude } from "./modem.js";
import { type CsimOptions, commandLimitOf, procedureOptions, roomWithin, stepWithin } from "./over-csim.js";
import { Pin } from "./pin.js";
import type { Port, Store } from "./platform.js";
import { SimPin } from "./sim-pin.js";
import { COMMAND_BYTES } from "./uicc.js";

/** AT+CSIM, with a logical channel of our own. */
export const VIA_CSIM = 0;
/** A session that the modem keeps: AT+CCHO, AT+CGLA, AT+CCHC. */
export const VIA_CGLA = 1;
/** AT+CRSM: a PKCS #15 DF under the MF. */
export const VIA_CRSM = 2;
/** AT+CSIM on the basic channel, which the modem itself uses: a PKCS #15 DF under the MF. */
export const VIA_BASIC = 3;

const VIA_COUNT = 4;
/** A command line that has no room for SELECT by the AID of PKCS #15 is none. */
const LINE_LEAST_CHARS = 45;
/** Characters of a command line behind AT that are no digits of the command: +CSIM=99,"", and a session besides. */
const LINE_FRAME_CHARS = 11;
/** Under this key it is kept which way worked, and which PIN was refused. */
const STORE_KEY = "simlink";
const RECORD_BYTES = 7;
const NO_WAY = 255;

export interface OverModemOptions extends CsimOptions {
	/**
	 * The ways to the card in the order in which they are tried: VIA_CSIM, VIA_CGLA, VIA_CRSM when not given, and VIA_BASIC if that is
	 * allowed; the first two with `secure`.
	 */
	links?: readonly number[];
	/** Allow VIA_BASIC; false when not given. The modem may be disturbed by it. */
	allowBasicChannel?: boolean;
	/** The PIN of a file that needs one: its 4 to 8 digits as ASCII bytes. It is copied. */
	pin?: Uint8Array;
	/** Verify it even if the card has one try left, or does not say how many; false when not given. */
	forcePin?: boolean;
	/** The PIN that the modem itself asks for (AT+CPIN), likewise. It is sent once. */
	simPin?: Uint8Array;
	/** Where no channel is free, close one that PKCS #15 is selected on, though nobody knows whose it is; false when not given. */
	reclaimChannel?: boolean;
	/** The longest command line that the modem takes, without AT and CR; whatever is longer is not sent. No limit when not given. */
	lineChars?: number;
	/** Remembers which way worked, and which PIN was refused. */
	store?: Store;
}

/** The procedure that begins with the way that worked the last time. */
export class ModemBootstrap extends Bootstrap {
	/** The ways that `link` and `tried` count: VIA_CSIM and so on. */
	readonly ways: Uint8Array;
	/** What verifies the PIN of a file, null without one. Its `refused` is kept by whoever gave no store. */
	readonly pin: Pin | null;
	/** The same for the PIN that the modem asks for. */
	readonly simPin: SimPin | null;
	private readonly store: Store | null;
	/** What is kept: the way, 4 bytes that name a refused PIN of a file, and 2 for one of the SIM. */
	private readonly record: Uint8Array;
	private readonly before: Uint8Array;

	constructor(
		parts: BootstrapParts,
		options: BootstrapOptions,
		ways: Uint8Array,
		pin: Pin | null,
		simPin: SimPin | null,
		store: Store | null,
	) {
		super(parts, options);
		const record = new Uint8Array(RECORD_BYTES);
		this.ways = ways;
		this.pin = pin;
		this.simPin = simPin;
		this.store = store;
		this.record = record;
		this.before = new Uint8Array(RECORD_BYTES);
		if (store === null || store.read(STORE_KEY, record) !== RECORD_BYTES) {
			record.fill(0);
			record[0] = NO_WAY;
		}
		this.before.set(record);
		for (let i = 0; i < ways.length; i++) if (ways[i] === record[0]) this.first = i;
		if (pin !== null) pin.refused = (record[1] << 24) | (record[2] << 16) | (record[3] << 8) | record[4];
		if (simPin !== null) simPin.refused = (record[5] << 8) | record[6];
	}

	protected override ended(): void {
		if (this.store !== null) this.keep(this.store);
	}

	/** Writes the record when it has changed. */
	private keep(store: Store): void {
		const record = this.record;
		const pin = this.pin;
		const simPin = this.simPin;
		let changed = false;
		record[0] = this.ways[this.first];
		if (pin !== null) {
			record[1] = pin.refused >> 24;
			record[2] = pin.refused >> 16;
			record[3] = pin.refused >> 8;
			record[4] = pin.refused;
		}
		if (simPin !== null) {
			record[5] = simPin.refused >> 8;
			record[6] = simPin.refused;
		}
		for (let i = 0; i < RECORD_BYTES; i++) if (record[i] !== this.before[i]) changed = true;
		if (changed && store.write(STORE_KEY, record)) this.before.set(record);
	}
}

function waysOf(options: OverModemOptions): Uint8Array {
	let links = options.links;
	const given = links !== undefined;
	// A secure channel needs a channel of its own.
	if (links === undefined) links = options.secure === undefined ? [VIA_CSIM, VIA_CGLA, VIA_CRSM] : [VIA_CSIM, VIA_CGLA];
	const basic = !given && options.allowBasicChannel === true && options.secure === undefined;
	const ways = new Uint8Array(links.length + (basic ? 1 : 0));
	for (let i = 0; i < links.length; i++) {
		const way = links[i];
		if (!(way >= 0 && way < VIA_COUNT) || way !== Math.floor(way) || links.indexOf(way) !== i)
			throw new TypeError("links: expected VIA_CSIM to VIA_BASIC, each once, got " + links.join());
		if (way === VIA_BASIC && options.allowBasicChannel !== true)
			throw new TypeError("links: expected allowBasicChannel with VIA_BASIC, got none");
		ways[i] = way;
	}
	if (basic) ways[links.length] = VIA_BASIC;
	if (ways.length === 0) throw new TypeError("links: expected at least one, got none");
	return ways;
}

function linkOf(way: number, at: At, options: OverModemOptions): Link {
	const limitMs = commandLimitOf(options);
	let link: Link;
	let frame = LINE_FRAME_CHARS;
	if (way === VIA_CGLA) {
		link = new LinkCgla(at, limitMs);
		frame += TEXT_MAX_BYTES + 1;
	} else if (way === VIA_CRSM) link = new LinkCrsm(at, limitMs);
	else link = new LinkCsim(at, limitMs, way === VIA_BASIC);
	const most = options.lineChars;
	if (most === undefined || way === VIA_CRSM) return link;
	return new NarrowLink(link, (most - frame) >> 1);
}

/** The AT layer that `options` ask for: its longest line is that of a command to a session. */
export function atOverModem(port: Port, options: OverModemOptions): At {
	let commandBytes = options.secure === undefined ? COMMAND_BYTES : options.secure.commandBytes;
	if (commandBytes < COMMAND_BYTES) commandBytes = COMMAND_BYTES;
	const lineBytes = AT_FRAME_BYTES + TEXT_MAX_BYTES + 1 + 2 * commandBytes;
	return new At(port, options.hex === undefined ? new Hex() : options.hex, lineBytes);
}

/** Puts the procedure together; `preludeMs` is what the prelude may take beside the limit for the rest. */
export function assembleModem(at: At, prelude: Prelude, preludeMs: number, options: OverModemOptions): ModemBootstrap {
	const ways = waysOf(options);
	const lineChars = options.lineChars;
	if (lineChars !== undefined && !(lineChars >= LINE_LEAST_CHARS))
		throw new TypeError("lineChars: expected " + LINE_LEAST_CHARS + " or more, got " + lineChars);
	const store = options.store === undefined ? null : options.store;
	const scratch = options.scratch === undefined ? options.buffer : options.scratch;
	const pin = options.pin === undefined ? null : new Pin(options.pin, options.forcePin === true, scratch);
	const simPin = options.simPin === undefined ? null : new SimPin(at, prelude, options.simPin, commandLimitOf(options));
	let step = stepWithin(options);
	const secure = options.secure;
	const links: Link[] = [];
	for (let i = 0; i < ways.length; i++) links.push(linkOf(ways[i], at, options));
	if (secure !== undefined) {
		step = secure.fit(step);
		for (let i = 0; i < links.length; i++) links[i] = secure.around(links[i]);
	}
	const device = new ModemBootstrap(
		{
			links: links,
			at: at,
			modem: simPin === null ? prelude : simPin,
			unlock: pin,
			channels: new Channels(scratch, options.reclaimChannel === true),
		},
		procedureOptions(options, step, preludeMs),
		ways,
		pin,
		simPin,
		store,
	);
	device.uicc.room = roomWithin(options);
	return device;
}

/**
 * Takes all the memory that the procedure needs.
 *
 * @throws TypeError when an option is out of its range
 */
export function overModem(port: Port, options: OverModemOptions): ModemBootstrap {
	const at = atOverModem(port, options);
	return assembleModem(at, new Modem(at, commandLimitOf(options)), 0, options);
}
