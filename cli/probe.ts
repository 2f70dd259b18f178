// `simstrap probe`: which ways to the bootstrap data this modem and this card support, how the modem writes its answers, and what of it
// belongs into a board's file. Each way is tried with the procedure itself: what a test command says is a hint, never a verdict.

import { LineError, type Tap } from "../hal/node/index.js";
import { At, CHANNEL_INVALID, Hex, OK, type Port, VIA_BASIC, VIA_CSIM } from "../src/index.js";
import { INS_GET_RESPONSE } from "./apdu-words.js";
import { type Arguments, UsageError } from "./args.js";
import { answerApdu, commandApdu } from "./at-lines.js";
import type { Command } from "./command.js";
import type { Console } from "./console.js";
import { counted, escapeText, safeJson } from "./escape.js";
import { EXIT_FAILED, EXIT_OK } from "./exit.js";
import { deviceFailure, lineFailure } from "./failure.js";
import { LineHand } from "./hand.js";
import { messageOf } from "./messages.js";
import { LINK_NAMES, type ModemSettings, modemSettings, PIN_OPTIONS } from "./modem-options.js";
import { Session } from "./session.js";
import { aligned } from "./table.js";
import { talk } from "./talk.js";

const DEFAULT_BAUD = 115200;
const DEFAULT_TIMEOUT_MS = 30000;
const TIMEOUT_MAX_S = 3600;
const LINE_BYTES = 200;
const QUESTION_LIMIT_MS = 10000;

/** What is asked besides, by the name that it has in the report. */
const QUESTIONS: readonly (readonly [name: string, line: string])[] = [
	["modem", "ATI"],
	["sim", "AT+CPIN?"],
	["csim test", "AT+CSIM=?"],
	["ccho test", "AT+CCHO=?"],
	["cgla test", "AT+CGLA=?"],
	["crsm test", "AT+CRSM=?"],
];

/** Watches the line: what a question is answered by, and how the modem writes. */
class Watcher implements Tap {
	readonly answers = new Map<string, string[]>();
	private question = "";
	private text = "";

	begun(line: string): void {
		this.question = line;
		this.answers.set(line, []);
	}

	sent(): void {}

	received(bytes: Uint8Array, count: number): void {
		for (let i = 0; i < count; i++) {
			if (bytes[i] !== 13 && bytes[i] !== 10) this.text += String.fromCharCode(bytes[i]);
			else {
				if (this.text !== "" && this.text !== this.question) this.answers.get(this.question)?.push(this.text);
				this.text = "";
			}
		}
	}
}

/** How the modem writes its answers, and what it does on its own. */
class MannersSeen {
	quotes: boolean | null = null;
	space: boolean | null = null;
	lowerCase: boolean | null = null;
	nextLine = false;
	/** The card's or the modem's transport: 61xx came up to us; the host fetched; 6Cxx came. */
	waiting = false;
	fetched = false;
	wrongLe = false;
	private pending = "";

	line(line: string): void {
		const answer = /^\+(?:CSIM|CGLA|CRSM):( *)(.*)$/i.exec(line);
		if (answer !== null && answer[2] === "") {
			this.nextLine = true;
			this.pending = "+CSIM:";
			return;
		}
		if (answer !== null) this.space ??= answer[1] !== "";
		if (answer === null && this.pending === "") return;
		this.pending = "";
		if (/[a-f]/.test(line.replace(/^\+\w+:/, ""))) this.lowerCase = true;
		else if (/[A-F]/.test(line.replace(/^\+\w+:/, ""))) this.lowerCase ??= false;
		this.quotes ??= line.includes('"');
		const apdu = answerApdu(line);
		if (apdu === null) return;
		const sw1 = apdu[apdu.length - 2];
		if (sw1 === 0x61) this.waiting = true;
		if (sw1 === 0x6c) this.wrongLe = true;
	}

	command(line: string): void {
		if (commandApdu(line)?.[1] === INS_GET_RESPONSE) this.fetched = true;
	}

	get json() {
		const { quotes, space, lowerCase, nextLine, waiting, fetched, wrongLe } = this;
		return { quotes, space, lowerCase, nextLine, waiting, fetched, wrongLe };
	}
}

interface WayReport {
	link: string;
	supported: boolean;
	name: string;
	step: string;
	sw: string | null;
	cme: number | null;
	channel: number | null;
	exchanges: number;
	bytes: number;
}

function optionsOf(args: Arguments) {
	const path = args.text("device") ?? null;
	if (path === "") throw new UsageError("--device: expected the name of a device, got nothing");
	return {
		path,
		baud: args.integer("baud", 1, 20_000_000) ?? DEFAULT_BAUD,
		timeoutMs: args.seconds("timeout", TIMEOUT_MAX_S) ?? DEFAULT_TIMEOUT_MS,
		basic: args.has("basic"),
		json: args.has("json"),
		modem: modemSettings(args),
	};
}

/** Whether a result says that the way to the card works, though there may be no data for us at its end. */
function reached(code: number): boolean {
	return code === OK || code < CHANNEL_INVALID;
}

async function tryWay(
	link: number,
	modem: ModemSettings,
	options: ReturnType<typeof optionsOf>,
	seen: MannersSeen,
	console: Console,
): Promise<WayReport | LineError> {
	const session = new Session(
		{
			path: options.path,
			card: {},
			baud: options.baud,
			step: 256,
			timeoutMs: options.timeoutMs,
			oid: null,
			fileId: -1,
			confirm: true,
			modem: { ...modem, link },
			scp03: null,
			trace: false,
			showSecrets: false,
			store: null,
			verify: false,
			watch: seen,
		},
		console,
	);
	const result = await session.run();
	console.clearStatus();
	if (result.kind === "line") return result.error;
	const { name: wayName } = LINK_NAMES[link];
	if (result.kind !== "done") {
		return {
			link: wayName,
			supported: false,
			name: "OUT_OF_TIME",
			step: "open",
			sw: null,
			cme: null,
			channel: null,
			exchanges: 0,
			bytes: 0,
		};
	}
	const { device, code } = result;
	const failure = deviceFailure(code, device);
	const report: WayReport = {
		link: wayName,
		supported: reached(code),
		name: messageOf(code).name,
		step: failure.step,
		sw: failure.sw,
		cme: failure.cme,
		channel: device.channel > 0 ? device.channel : null,
		exchanges: device.exchanges,
		bytes: code === OK ? device.file.length : 0,
	};
	device.close();
	return report;
}

function wayRow(report: WayReport): string[] {
	const words = LINK_NAMES.find(({ name }) => name === report.link)?.words ?? report.link;
	const detail = report.sw !== null ? ` ${report.sw}` : report.cme !== null ? ` +CME ERROR ${report.cme}` : "";
	const came = report.name === "OK" ? counted(report.bytes, "byte") : `${report.name}${detail} at ${report.step}`;
	return [
		words,
		report.supported ? "yes" : "no",
		came,
		report.channel === null ? "-" : `${report.channel}`,
		`${report.exchanges}`,
	];
}

/** What belongs into a board's file. */
function literalOf(ways: readonly WayReport[]): string {
	const working = ways.filter(({ supported }) => supported);
	const good = working.filter(({ name }) => name === "OK");
	const names = (good.length > 0 ? good : working).map(
		({ link }) => LINK_NAMES.find(({ name }) => name === link)?.constant,
	);
	if (names.length === 0) return "";
	const basic = names.includes(LINK_NAMES[VIA_BASIC].constant) ? ", allowBasicChannel: true" : "";
	return `links: [${names.join(", ")}]${basic},`;
}

async function probe(args: Arguments, console: Console): Promise<number> {
	const options = optionsOf(args);
	if (options.path === null) console.note("no --device given: probing the virtual modem and card");
	const watcher = new Watcher();
	const asked = await talk(options.path, options.baud, watcher, (port: Port) => {
		const at = new At(port, new Hex(), LINE_BYTES);
		const hand = new LineHand(
			at,
			QUESTION_LIMIT_MS,
			QUESTIONS.map(([, line]) => line),
			(line) => watcher.begun(line),
		);
		return { device: hand, start: () => hand.start() };
	});
	if (asked instanceof LineError) {
		const failure = lineFailure(asked, options.path ?? "");
		console.note(`simstrap: ${failure.message}`);
		return failure.exit;
	}
	if (asked !== OK) {
		const { sentence, hint, exit } = messageOf(asked);
		console.note(`simstrap: talking to the modem failed: ${sentence}; ${hint}.`);
		return exit;
	}
	const seen = new MannersSeen();
	const ways: WayReport[] = [];
	for (let link = VIA_CSIM; link <= VIA_BASIC; link++) {
		if (link === VIA_BASIC && !options.basic) continue;
		const report = await tryWay(link, options.modem, options, seen, console);
		if (report instanceof LineError) {
			const failure = lineFailure(report, options.path ?? "");
			console.note(`simstrap: ${failure.message}`);
			return failure.exit;
		}
		ways.push(report);
	}
	const hints = Object.fromEntries(
		QUESTIONS.map(([name, line]): [string, string] => [
			name,
			(watcher.answers.get(line) ?? []).filter((text) => text !== "OK").join(" "),
		]),
	);
	const literal = literalOf(ways);
	if (options.json) {
		console.print(safeJson({ hints, ways, manners: seen.json, literal }));
		return literal === "" ? EXIT_FAILED : EXIT_OK;
	}
	for (const [name, text] of Object.entries(hints)) console.print(`${name.padEnd(10)}  ${escapeText(text) || "-"}`);
	console.print("");
	console.print(aligned([["WAY", "WORKS", "CAME TO", "CHANNEL", "EXCHANGES"], ...ways.map(wayRow)]));
	console.print("");
	const yesNo = (value: boolean | null): string => (value === null ? "-" : value ? "yes" : "no");
	const { quotes, space, lowerCase, nextLine, waiting, fetched, wrongLe } = seen;
	console.print(
		aligned([
			["ANSWERS", ""],
			["in quotes", yesNo(quotes)],
			["a space behind the colon", yesNo(space)],
			["in lower case", yesNo(lowerCase)],
			["on the next line", yesNo(nextLine)],
			["61xx left to us", waiting ? `yes${fetched ? ", fetched" : ""}` : "no"],
			["6Cxx left to us", yesNo(wrongLe)],
		]),
	);
	console.print("");
	console.print(literal === "" ? "no way to the card works" : `for the board's file:\n  ${literal}`);
	return literal === "" ? EXIT_FAILED : EXIT_OK;
}

export const PROBE: Command = {
	name: "probe",
	summary: "tells which ways to the data a modem and a card support",
	usage: "[OPTIONS]",
	options: [
		{ name: "device", value: "PATH", help: "the modem's AT port; without it, a virtual modem and card" },
		{ name: "baud", value: "N", help: `bits per second (${DEFAULT_BAUD})` },
		{ name: "timeout", value: "S", help: "the limit for each way in seconds (30)" },
		{ name: "basic", help: "try the basic channel, too, which may disturb the modem" },
		...PIN_OPTIONS,
		{ name: "json", help: "print one JSON object" },
		{ name: "help", letter: "h", help: "print this" },
	],
	notes: [
		"Each way is tried with the whole procedure, read only; what a way came to is the result that `simstrap read --link` would have.",
		"Exit codes: 0 a way works; 1 none does, or the modem failed; 2 wrong usage, or a device that cannot be opened.",
	],
	examples: [["simstrap probe", "the virtual modem and card"]],
	run: probe,
};
