// Reads files through the whole stack in virtual time and counts what went over the line. It uses the bundles as built.

import {
	bootstrapCard,
	drive,
	Line,
	makeFile,
	sampleFile,
	USUAL_MANNERS,
	VirtualCard,
	VirtualModem,
	VirtualPort,
} from "../build/bundle/virtual.js";
import * as core from "../dist/simstrap.js";

export const BAUD = 115200;
export const LATENCY_MS = 20;
const LIMIT_MS = 100_000_000;
/** The virtual modem counts whole milliseconds: with everything so much slower, and the time divided again, it counts hundredths. */
const SLOWER = 100;
const COMMAND_LIMIT_MS = 10_000 * SLOWER;
/** The command lines that go to the card. */
const CARD_LINE = /^\+(CSIM|CGLA|CCHO|CCHC|CRSM)/;

/** @param {number} size */
export const fileOf = (size) => (size === 126 ? sampleFile() : makeFile(size));

/**
 * @typedef {object} Options
 * @property {number} size of the file
 * @property {number} step
 * @property {boolean} [confirm] by a second read; true when not given
 * @property {boolean} [cgla] through +CCHO and +CGLA
 * @property {boolean} [paced] at 115200 baud with 20 ms a command; otherwise everything takes no time
 * @property {boolean} [timed] measure the time in the core
 */

/**
 * A modem with a card whose file fills its EF.
 *
 * @param {Options} options
 */
function rigOf({ size, cgla = false, paced = false }) {
	const card = new VirtualCard(bootstrapCard({ file: fileOf(size), manners: USUAL_MANNERS }));
	const pace = paced ? { baud: BAUD / SLOWER, latencyMs: LATENCY_MS * SLOWER } : {};
	const modem = new VirtualModem(card, { ...pace, record: true, ccho: cgla, csim: !cgla });
	const line = new Line(modem, {});
	return { modem, line, port: new VirtualPort(line, {}) };
}

/**
 * @param {Options} options
 * @param {any} device
 * @param {ReturnType<typeof rigOf>} rig
 */
function run(options, device, { modem, line, port }) {
	const before = {
		commands: modem.history.length,
		toModem: line.bytesToModem,
		toHost: line.bytesToHost,
		now: port.now,
	};
	const { code, now } = drive(device, port, { maxMs: LIMIT_MS, maxIterations: LIMIT_MS });
	if (code !== 0) throw new Error(`a file of ${options.size} bytes in steps of ${options.step}: error ${code}`);
	port.now = now;
	return {
		exchanges: modem.history.slice(before.commands).filter((line) => CARD_LINE.test(line)).length,
		bytes: line.bytesToModem + line.bytesToHost - before.toModem - before.toHost,
		ms: (now - before.now) / SLOWER,
	};
}

/** @param {Options} options */
function coreOptions({ size, step, confirm = true, cgla = false }) {
	const buffer = new Uint8Array(Math.max(size, 1024));
	return {
		buffer,
		step,
		confirm,
		limitMs: LIMIT_MS,
		commandLimitMs: COMMAND_LIMIT_MS,
		...(cgla ? { links: [core.VIA_CGLA] } : {}),
	};
}

/** @param {Options} options */
export function readOnce(options) {
	const rig = rigOf(options);
	const make = options.cgla ? core.overModem : core.overCsim;
	const device = make(rig.port, coreOptions(options));
	const clock = options.timed ? stopwatch(device, rig.port) : null;
	device.readFile();
	const counted = run(options, device, rig);
	return { ...counted, coreNs: clock === null ? 0 : clock() };
}

/** Records in memory. */
class Records {
	constructor() {
		/** @type {Map<string, Uint8Array>} */
		this.records = new Map();
	}
	/** @param {string} key @param {Uint8Array} into */
	read(key, into) {
		const record = this.records.get(key);
		if (record === undefined || record.length > into.length) return -1;
		into.set(record);
		return record.length;
	}
	/** @param {string} key @param {Uint8Array} bytes @param {number} length */
	write(key, bytes, length) {
		this.records.set(key, bytes.slice(0, length));
		return true;
	}
	/** @param {string} key */
	remove(key) {
		this.records.delete(key);
		return true;
	}
}

/**
 * The second power-on with the same card: what is remembered is compared with what the card has.
 *
 * @param {Options} options
 */
export function readRemembered(options) {
	const rig = rigOf(options);
	const make = options.cgla ? core.rememberOverModem : core.rememberOverCsim;
	const life = make(rig.port, { ...coreOptions(options), records: new Records() });
	life.run();
	run(options, life, rig);
	life.run();
	const counted = run(options, life, rig);
	if (life.state !== core.STATE_UNCHANGED) throw new Error(`expected an unchanged card, got state ${life.state}`);
	return counted;
}

/**
 * Adds up the time that is spent in the core. What it writes goes to the modem in software at once, and that time is taken off.
 * @param {any} device
 * @param {VirtualPort} port
 */
function stopwatch(device, port) {
	let spent = 0;
	const timed = (/** @type {Function} */ method, /** @type {1 | -1} */ sign) =>
		function (/** @type {unknown[]} */ ...args) {
			const before = process.hrtime.bigint();
			const result = method.apply(this, args);
			spent += sign * Number(process.hrtime.bigint() - before);
			return result;
		};
	device.receive = timed(device.receive, 1);
	device.poll = timed(device.poll, 1);
	port.write = timed(port.write, -1);
	return () => spent;
}
