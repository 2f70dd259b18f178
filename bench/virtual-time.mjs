// Reads files through the whole stack in virtual time and counts what went over the line. It uses the bundles as built.

import {
	bootstrapCard,
	drive,
	Line,
	makeFile,
	sampleFile,
	VirtualCard,
	VirtualModem,
	VirtualPort,
} from "../build/bundle/virtual.js";
import { overCsim } from "../dist/simstrap.js";

/** A card that gives all there is for Le = 00, as most do. */
export const USUAL_CARD = { acceptsLe00: true };

/** @param {number} size */
export const fileOf = (size) => (size === 126 ? sampleFile() : makeFile(size));

/**
 * @param {{ size: number, step: number, confirm: boolean, manners?: object, modem?: object, fileSize?: number, timed?: boolean }} options
 */
export function readOnce({ size, step, confirm, manners = USUAL_CARD, modem = {}, fileSize, timed = false }) {
	const card = new VirtualCard(bootstrapCard({ file: fileOf(size), fileSize, manners }));
	const line = new Line(new VirtualModem(card, modem), {});
	const port = new VirtualPort(line, {});
	const device = overCsim(port, { buffer: new Uint8Array(Math.max(size, 1024)), step, confirm, limitMs: 10_000_000 });
	const clock = timed ? stopwatch(device, port) : null;
	device.readFile();
	const { code, now } = drive(device, port, { maxMs: 10_000_000, maxIterations: 10_000_000 });
	if (code !== 0) throw new Error(`a file of ${size} bytes in steps of ${step}: error ${code}`);
	return {
		exchanges: card.commands,
		toModem: line.bytesToModem,
		toHost: line.bytesToHost,
		ms: now,
		coreNs: clock === null ? 0 : clock(),
	};
}

/**
 * Adds up the time that is spent in the core. What it writes goes to the modem in software at once, and that time is taken off.
 * @param {ReturnType<typeof overCsim>} device
 * @param {VirtualPort} port
 */
function stopwatch(device, port) {
	let core = 0;
	const timed = (/** @type {Function} */ method, /** @type {1 | -1} */ sign) =>
		function (/** @type {unknown[]} */ ...args) {
			const before = process.hrtime.bigint();
			const result = method.apply(this, args);
			core += sign * Number(process.hrtime.bigint() - before);
			return result;
		};
	device.receive = timed(device.receive, 1);
	device.poll = timed(device.poll, 1);
	port.write = timed(port.write, -1);
	return () => core;
}
