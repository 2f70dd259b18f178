// A conversation with the virtual modem and card, recorded once and played back: what is measured against it is the reader alone.
// It runs on Node and on XS.

import { bootstrapCard, Line, makeFile, sampleFile, VirtualCard, VirtualModem } from "../build/bundle/virtual.js";
import { NaiveReader } from "./naive-reader.mjs";

/** A card that gives all there is for Le = 00, as most do. */
const USUAL_CARD = { acceptsLe00: true };
/** Most bytes that are given to a reader at once. */
const PIECE_BYTES = 64;
const INBOX_BYTES = 4096;

/** @param {number} size */
export const fileOf = (size) => (size === 126 ? sampleFile() : makeFile(size));

/** @param {number} size @param {object} [modem] options of the modem */
function lineOf(size, modem = {}) {
	const card = new VirtualCard(bootstrapCard({ file: fileOf(size), manners: USUAL_CARD }));
	return new Line(new VirtualModem(card, modem), {});
}

/** @param {string} text @returns {Uint8Array} */
export function asciiOf(text) {
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
	return bytes;
}

/** What the modem answers to a line at once. @param {any} line @param {Uint8Array} bytes @returns {Uint8Array} */
function answerOf(line, bytes) {
	line.receive(bytes, 0, bytes.length, 0);
	const inbox = new Uint8Array(INBOX_BYTES);
	return inbox.slice(0, line.read(inbox, 0, inbox.length, 0));
}

/** @param {Uint8Array} bytes @returns {Uint8Array[]} */
function piecesOf(bytes) {
	const pieces = [];
	for (let at = 0; at < bytes.length; at += PIECE_BYTES) pieces.push(bytes.slice(at, at + PIECE_BYTES));
	return pieces;
}

/**
 * Records what simstrap hears: for each of its commands the pieces of the answer.
 *
 * @param {number} size of the file
 * @param {(port: { write(bytes: Uint8Array, from: number, to: number): number }) => any} make puts the device together
 * @returns {Uint8Array[][]}
 */
export function recordDevice(size, make) {
	const line = lineOf(size);
	/** @type {Uint8Array[][]} */
	const turns = [];
	/** @type {Uint8Array[]} */
	let outbox = [];
	const device = make({
		write(bytes, from, to) {
			outbox.push(bytes.slice(from, to));
			return to - from;
		},
	});
	device.readFile();
	while (device.poll(0) === 1) {
		/** @type {Uint8Array[]} */
		const pieces = [];
		for (const bytes of outbox) pieces.push(...piecesOf(answerOf(line, bytes)));
		outbox = [];
		turns.push(pieces);
		for (const piece of pieces) device.receive(piece, piece.length);
	}
	return turns;
}

/**
 * Plays it to a device; the code of its result.
 *
 * @param {Uint8Array[][]} turns
 * @param {any} device
 */
export function playDevice(turns, device) {
	device.readFile();
	let code = device.poll(0);
	for (let turn = 0; turn < turns.length; turn++) {
		const pieces = turns[turn];
		for (let i = 0; i < pieces.length; i++) device.receive(pieces[i], pieces[i].length);
		code = device.poll(0);
	}
	return code;
}

/**
 * Records what the reader made of lines and strings hears, likewise, as strings.
 *
 * @param {number} size
 * @param {{ fixed?: boolean }} [options]
 */
export async function recordNaive(size, options) {
	// The fixed procedure knows no 61xx: it relies on a modem that follows them itself.
	const line = lineOf(size, options?.fixed ? { fetchesItself: true } : {});
	/** @type {string[][]} */
	const turns = [];
	/** @type {NaiveReader} */
	const reader = new NaiveReader((text) => {
		const answer = answerOf(line, asciiOf(text));
		const pieces = piecesOf(answer).map((piece) => String.fromCharCode(...piece));
		turns.push(pieces);
		// The reader waits only after it has written.
		Promise.resolve().then(() => {
			for (const piece of pieces) reader.receive(piece);
		});
	}, options);
	const file = await reader.read();
	return { turns, file, exchanges: reader.exchanges, toModem: line.bytesToModem, toHost: line.bytesToHost };
}

/**
 * Plays it: the file.
 *
 * @param {string[][]} turns
 * @param {((digits: string) => Uint8Array) | undefined} [decode]
 */
export function playNaive(turns, decode) {
	let turn = 0;
	/** @type {NaiveReader} */
	const reader = new NaiveReader(
		() => {
			const pieces = turns[turn++];
			Promise.resolve().then(() => {
				for (let i = 0; i < pieces.length; i++) reader.receive(pieces[i]);
			});
		},
		decode === undefined ? {} : { decode },
	);
	return reader.read();
}
