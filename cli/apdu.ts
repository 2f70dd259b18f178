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
	OK,
	type Port,
	VIA_CGLA,
	VIA_CRSM,
} from "../src/index.js";
import { answerWords, commandWords } from "./apdu-words.js";
import { type Arguments, UsageError } from "./args.js";
import { maskCommand } from "./at-lines.js";
import { cmeName } from "./cme-words.js";
import type { Command } from "./command.js";
import type { Console } from "./console.js";
import { masked, safeJson, toHex } from "./escape.js";
import { Exchange } from "./exchange.js";
import { EXIT_FAILED, EXIT_OK } from "./exit.js";
import { lineFailure } from "./failure.js";
import { ApduHand, type Handed } from "./hand.js";
import { messageOf } from "./messages.js";
import { LINK_OPTION, linkOf } from "./modem-options.js";
import { statusHex, statusName } from "./status-words.js";
import { talk } from "./talk.js";
import { Trace } from "./trace.js";

const DEFAULT_BAUD = 115200;
const DEFAULT_TIMEOUT_MS = 30000;
const TIMEOUT_MAX_S = 3600;
const APDU_MAX_BYTES = 261;
const APDUS_MAX = 1000;
const SESSION_BYTES = 33;

const SILENT: Tap = { sent() {}, received() {} };
const NO_CONTEXT = { readsDirectory: () => null, fileName: () => null };

function apdusOf(args: Arguments): Uint8Array[] {
	const { operands } = args;
	if (operands.length === 0) throw new UsageError("give the commands as hex digits, like 00A4000C023F00");
	return operands.map((text) => {
		if (!/^([0-9A-F]{2}){4,261}$/i.test(text)) {
			throw new UsageError(`expected 4 to ${APDU_MAX_BYTES} bytes as hex digits, got ${maskCommand(text)}`);
		}
		return Buffer.from(text, "hex");
	});
}

function linkFor(way: number, at: At, limitMs: number): Link {
	if (way === VIA_CRSM) throw new UsageError("--link crsm carries no APDUs: csim, cgla or basic");
	return way === VIA_CGLA ? new LinkCgla(at, limitMs) : new LinkCsim(at, limitMs, false);
}

/** A command as it may be shown. */
function shown(apdu: Uint8Array, showSecrets: boolean): string {
	const line = `AT+CSIM=${2 * apdu.length},"${toHex(apdu)}"`;
	return (showSecrets ? line : maskCommand(line)).replace(/^[^"]*"|"$/g, "");
}

async function apdu(args: Arguments, console: Console): Promise<number> {
	const apdus = apdusOf(args);
	const path = args.text("device") ?? null;
	const baud = args.integer("baud", 1, 20_000_000) ?? DEFAULT_BAUD;
	const limitMs = args.seconds("timeout", TIMEOUT_MAX_S) ?? DEFAULT_TIMEOUT_MS;
	const way = linkOf(args) ?? 0;
	const showSecrets = args.has("show-secrets");
	const json = args.has("json");
	if (way === VIA_CRSM) throw new UsageError("--link crsm carries no APDUs: csim, cgla or basic");
	const exchange = new Exchange(() => null);
	const list: object[] = [];
	let failed = false;
	let last: Handed | null = null;
	const told = (command: Uint8Array, answer: Handed): void => {
		last = answer;
		exchange.command(command);
		const words = commandWords(command, null);
		const { code, sw, cme } = answer;
		if (code !== OK) {
			failed = true;
			const { name, sentence } = messageOf(code);
			if (json) list.push({ command: shown(command, showSecrets), words, error: name, cme: cme < 0 ? null : cme });
			else {
				console.print(`> ${shown(command, showSecrets)}  ${words}`);
				console.print(`< ${sentence}${cme < 0 ? "" : ` (+CME ERROR: ${cme}, ${cmeName(cme)})`}`);
			}
			return;
		}
		const open = exchange.answer(answer.data) || showSecrets || answer.data.length === 0;
		const data = open ? toHex(answer.data) : masked(answer.data.length);
		if (json) {
			list.push({ command: shown(command, showSecrets), words, data, sw: statusHex(sw), meaning: statusName(sw) });
			return;
		}
		console.print(`> ${shown(command, showSecrets)}  ${words}`);
		console.print(`< ${answerWords(sw, data)}`);
	};
	const tap = args.has("trace")
		? new Trace(
				(line) => console.note(line),
				() => performance.now() | 0,
				showSecrets,
				NO_CONTEXT,
			)
		: SILENT;
	if (path === null) console.note("no --device given: the virtual modem and card");
	const result = await talk(path, baud, tap, (port: Port) => {
		const at = new At(port, new Hex(), AT_FRAME_BYTES + 2 * APDU_MAX_BYTES + SESSION_BYTES);
		const hand = new ApduHand(at, limitMs, linkFor(way, at, limitMs), apdus, told);
		return { device: hand, start: () => hand.start() };
	});
	if (result instanceof LineError) {
		const failure = lineFailure(result, path ?? "");
		console.note(`simstrap: ${failure.message}`);
		return failure.exit;
	}
	if (json) console.print(safeJson(list));
	if (result !== OK) {
		const { sentence, hint, exit } = messageOf(result);
		console.note(`simstrap: talking to the modem failed: ${sentence}; ${hint}.`);
		return exit;
	}
	return failed || last === null ? EXIT_FAILED : EXIT_OK;
}

export const APDU: Command = {
	name: "apdu",
	summary: "sends command APDUs by hand, and says what the answers mean",
	usage: "[OPTIONS] HEX...",
	operands: APDUS_MAX,
	options: [
		{ name: "device", value: "PATH", help: "the modem's AT port; without it, a virtual modem and card" },
		{ name: "baud", value: "N", help: `bits per second (${DEFAULT_BAUD})` },
		{ name: "timeout", value: "S", help: "the limit for one command in seconds (30)" },
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
	examples: [["simstrap apdu 0070000001 0070800100", "open a logical channel, and close it"]],
	run: apdu,
};
