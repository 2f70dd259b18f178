// `simstrap apdu`: command APDUs by hand, each with its answer in words. Nothing is done on its own: no GET RESPONSE, no channel that is
// closed. Keys and file data are shown only when they are asked for.

import { LineError, type Tap } from "../hal/node/index.js";
import {
	AT_FRAME_BYTES,
	At,
	Hex,
	type Link,
	LinkCgla,
	LinkCsim,
	MODEM_SILENT,
	OK,
	type Port,
	VIA_CGLA,
	VIA_CRSM,
	VIA_CSIM,
} from "../src/index.js";
import { answerWords, commandWords } from "./apdu-words.js";
import { type Arguments, UsageError } from "./args.js";
import { maskCommand } from "./at-lines.js";
import { cmeName } from "./cme-words.js";
import type { Command } from "./command.js";
import type { Console } from "./console.js";
import { counted, masked, safeJson, toHex } from "./escape.js";
import { Exchange } from "./exchange.js";
import { EXIT_FAILED, EXIT_OK } from "./exit.js";
import { complainOf, type Failure, failureJson, lineFailure, plainFailure } from "./failure.js";
import { ApduHand, type Handed } from "./hand.js";
import { messageOf } from "./messages.js";
import { baudOf, DEVICE_OPTIONS, deviceOf, LINK_OPTION, linkOf, timeoutOf, timeoutOption } from "./modem-options.js";
import { statusHex, statusKind, statusName } from "./status-words.js";
import { talk } from "./talk.js";
import { NO_CONTEXT, Trace } from "./trace.js";

const APDU_MAX_BYTES = 261;
const APDUS_MAX = 1000;
const SESSION_BYTES = 33;

function apdusOf(args: Arguments): Uint8Array[] {
	const { operands } = args;
	if (operands.length === 0) throw new UsageError("give the commands as hex digits, like 00A4000C023F00");
	return operands.map((text) => {
		const digits = text.replace(/\s+/g, "");
		if (!/^([0-9A-F]{2}){4,261}$/i.test(digits)) {
			throw new UsageError(`expected 4 to ${APDU_MAX_BYTES} bytes as hex digits, got ${maskCommand(text)}`);
		}
		return Buffer.from(digits, "hex");
	});
}

function linkFor(way: number, at: At, limitMs: number): Link {
	return way === VIA_CGLA ? new LinkCgla(at, limitMs) : new LinkCsim(at, limitMs, false);
}

/** A command as it may be shown. */
function shown(apdu: Uint8Array, showSecrets: boolean): string {
	const line = `AT+CSIM=${2 * apdu.length},"${toHex(apdu)}"`;
	return (showSecrets ? line : maskCommand(line)).replace(/^[^"]*"|"$/g, "");
}

/** What is told of the commands and their answers, line by line or as JSON. */
class Teller {
	readonly list: object[] = [];
	/** How many commands have a result, and how many of them got no answer of the card; the result of the first of these. */
	count = 0;
	failures = 0;
	firstFailure = OK;
	private readonly exchange = new Exchange(() => null);
	private readonly console: Console;
	private readonly json: boolean;
	private readonly showSecrets: boolean;

	constructor(console: Console, json: boolean, showSecrets: boolean) {
		this.console = console;
		this.json = json;
		this.showSecrets = showSecrets;
	}

	tell(apdu: Uint8Array, { code, data, sw, cme }: Handed): void {
		const { console, json, showSecrets, exchange } = this;
		const { paint } = console;
		const command = shown(apdu, showSecrets);
		const words = commandWords(apdu, null);
		this.count += 1;
		exchange.command(apdu);
		if (!json) console.print(`${paint.sent(`> ${command}`)}  ${paint.strong(words)}`);
		if (code === OK) {
			const open = exchange.answer(data) || showSecrets || data.length === 0;
			const bytes = open ? toHex(data) : masked(data.length);
			if (json) this.list.push({ command, words, data: bytes, sw: statusHex(sw), meaning: statusName(sw) });
			else console.print(paint[statusKind(sw)](`< ${answerWords(sw, bytes)}`));
			return;
		}
		if (this.failures === 0) this.firstFailure = code;
		this.failures += 1;
		const { name, sentence } = messageOf(code);
		const number = cme < 0 ? null : cme;
		if (json) this.list.push({ command, words, error: name, cme: number });
		else {
			const refused = number === null ? "" : ` (+CME ERROR: ${number}, ${cmeName(number)})`;
			console.print(paint.bad(`< ${sentence}${refused}`));
		}
	}
}

async function apdu(args: Arguments, console: Console): Promise<number> {
	const apdus = apdusOf(args);
	const path = deviceOf(args);
	const baud = baudOf(args);
	const limitMs = timeoutOf(args);
	const way = linkOf(args) ?? VIA_CSIM;
	const showSecrets = args.has("show-secrets");
	const json = args.has("json");
	if (way === VIA_CRSM) throw new UsageError("--link crsm carries no APDUs: csim, cgla or basic");
	const teller = new Teller(console, json, showSecrets);
	const trace = new Trace(
		(line) => console.note(line),
		() => performance.now() | 0,
		showSecrets,
		NO_CONTEXT,
		console.notePaint,
	);
	const traced = args.has("trace");
	let heard = false;
	const tap: Tap = {
		sent(bytes, from, to) {
			if (traced) trace.sent(bytes, from, to);
		},
		received(bytes, count) {
			heard = true;
			if (traced) trace.received(bytes, count);
		},
	};
	if (path === null) console.note("no --device given: the virtual modem and card");
	const result = await talk(path, baud, tap, (port: Port) => {
		const at = new At(port, new Hex(), AT_FRAME_BYTES + 2 * APDU_MAX_BYTES + SESSION_BYTES);
		const told = (command: Uint8Array, answer: Handed): void => teller.tell(command, answer);
		const hand = new ApduHand(at, limitMs, linkFor(way, at, limitMs), apdus, told);
		return { device: hand, start: () => hand.start() };
	});
	if (traced) trace.end();
	let failure: Failure | null = null;
	if (result instanceof LineError) failure = lineFailure(result, path ?? "");
	else if (result !== OK)
		failure = plainFailure(result, "modem", "talking to the modem", { heard: result === MODEM_SILENT && heard });
	if (json) console.print(safeJson(failure === null ? teller.list : failureJson(failure)));
	if (failure !== null) {
		complainOf(failure, console);
		return failure.exit;
	}
	const { count, failures, firstFailure } = teller;
	if (failures === 0) return EXIT_OK;
	console.complain(
		`${failures} of ${counted(count, "command")} got no answer of the card`,
		messageOf(firstFailure).hint,
	);
	return EXIT_FAILED;
}

export const APDU: Command = {
	name: "apdu",
	summary: "sends command APDUs by hand, and says what the answers mean",
	usage: "[OPTIONS] HEX...",
	operands: APDUS_MAX,
	options: [
		...DEVICE_OPTIONS,
		timeoutOption("one command"),
		{ ...LINK_OPTION, help: "the way to the card: csim, the default, or cgla" },
		{ name: "json", help: "print a list of JSON objects" },
		{ name: "trace", help: "print the dialogue with the modem, with words, on standard error" },
		{ name: "show-secrets", help: "show file data, PINs and keys" },
		{ name: "help", letter: "h", help: "print this" },
	],
	notes: [
		"The commands go out as they are: the logical channel is in the first byte, a channel that is opened has to be closed, and what waits " +
			"behind 61xx has to be fetched. On channel 0 they disturb the modem.",
		"Exit codes: 0 all were answered; 1 modem or card failed; 2 wrong usage, or a device that cannot be opened.",
	],
	examples: [
		["simstrap apdu 0070000001 0070800100", "open a logical channel, and close it"],
		['simstrap apdu "00 A4 00 0C 02 3F 00" --device /dev/ttyUSB2', "select the MF of a real card"],
	],
	run: apdu,
};
