// `simstrap probe`: which ways to the bootstrap data this modem and this card support, how the modem takes commands and writes its answers,
// what PINs there are, and what of it belongs into a board's file. Each way is tried with the procedure itself: what a test command
// says is a hint, never a verdict.

import { LineError, type Tap } from "../hal/node/index.js";
import {
	ABORTED,
	At,
	CHANNEL_INVALID,
	Hex,
	MODEM_SILENT,
	OK,
	PIN_UNKNOWN,
	PIN_WRONG,
	type Port,
	SECURITY_STATUS,
	VIA_BASIC,
	VIA_CSIM,
} from "../src/index.js";
import type { Arguments } from "./args.js";
import { answerApdu } from "./at-lines.js";
import { cmeName } from "./cme-words.js";
import type { Command } from "./command.js";
import type { Console } from "./console.js";
import { counted, escapeText, safeJson } from "./escape.js";
import { EXIT_FAILED, EXIT_OK } from "./exit.js";
import { cameTo, complainOf, deviceFailure, type Failure, failureJson, lineFailure, plainFailure } from "./failure.js";
import { LineHand } from "./hand.js";
import { messageOf } from "./messages.js";
import {
	baudOf,
	DEVICE_OPTIONS,
	deviceOf,
	LINK_NAMES,
	type ModemSettings,
	modemSettings,
	PIN_OPTIONS,
	timeoutOf,
	timeoutOption,
} from "./modem-options.js";
import { AnswerManners, askCommands, type CommandManners } from "./probe-manners.js";
import { askPins, type PinState } from "./probe-pins.js";
import { Session } from "./session.js";
import { Signals } from "./signals.js";
import { aligned, cell } from "./table.js";
import { type Composed, talk } from "./talk.js";

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

/** Watches the line: what each command line is answered by. */
class Answers implements Tap {
	heard = false;
	private readonly list: string[][] = [];
	private question = "";
	private text = "";

	begun(line: string): void {
		this.question = line;
		this.list.push([]);
	}

	sent(): void {}

	received(bytes: Uint8Array, count: number): void {
		this.heard = true;
		for (let i = 0; i < count; i++) {
			if (bytes[i] !== 13 && bytes[i] !== 10) this.text += String.fromCharCode(bytes[i]);
			else {
				if (this.text !== "" && this.text !== this.question) this.list.at(-1)?.push(this.text);
				this.text = "";
			}
		}
	}

	/** The lines that came behind line `index`. */
	of(index: number): readonly string[] {
		return this.list[index] ?? [];
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
	return {
		path: deviceOf(args),
		baud: baudOf(args),
		timeoutMs: timeoutOf(args),
		basic: args.has("basic"),
		modem: modemSettings(args),
	};
}

/** Whether a result says that the way to the card works, though there may be no data for us at its end. */
function reached(code: number): boolean {
	return code === OK || code < CHANNEL_INVALID;
}

function needsPin(code: number): boolean {
	return code === SECURITY_STATUS || (code <= PIN_WRONG && code >= PIN_UNKNOWN);
}

/** Says that nothing goes on, and why. */
class Stop extends Error {
	readonly failure: Failure;

	constructor(failure: Failure) {
		super(failure.message);
		this.failure = failure;
	}
}

class Probe {
	readonly answers = new AnswerManners();
	readonly ways: WayReport[] = [];
	readonly pins: PinState[] = [];
	hints: Record<string, string> = {};
	commands: CommandManners = { short: null, dataAndLe: null, getResponse: null, lineChars: null };
	private readonly options: ReturnType<typeof optionsOf>;
	private readonly console: Console;
	private readonly signals: Signals;
	/** The way that is being tried. */
	private session: Session | null = null;

	constructor(options: ReturnType<typeof optionsOf>, console: Console) {
		this.options = options;
		this.console = console;
		// A channel that is open has to be closed.
		this.signals = new Signals(() => this.session?.interrupt());
	}

	/** @throws Stop */
	async run(): Promise<void> {
		const answers = await this.ask(
			QUESTIONS.map(([, line]) => line),
			"asking the modem",
		);
		this.hints = Object.fromEntries(
			QUESTIONS.map(([name], i): [string, string] => {
				const lines = answers.of(i);
				// That it says OK and nothing else is an answer, too.
				return [name, (lines.length > 1 ? lines.filter((text) => text !== "OK") : lines).join(" ")];
			}),
		);
		let locked = false;
		for (let link = VIA_CSIM; link <= VIA_BASIC; link++) {
			if (link === VIA_BASIC && !this.options.basic) continue;
			locked = needsPin(await this.tryWay(link, this.options.modem)) || locked;
		}
		if (!this.ways[VIA_CSIM].supported) return;
		this.commands = await askCommands(async (lines) => {
			const taken = await this.ask(lines, "asking how commands may look");
			return lines.map((_, i) => taken.of(i).some((text) => answerApdu(text) !== null));
		});
		if (locked) {
			await this.talk(new Answers(), "asking for PINs", (port) => askPins(port, this.pins));
		}
	}

	/** What belongs into a board's file. */
	get literal(): string {
		const working = this.ways.filter(({ supported }) => supported);
		const good = working.filter(({ name }) => name === "OK");
		const names = (good.length > 0 ? good : working).map(
			({ link }) => LINK_NAMES.find(({ name }) => name === link)?.constant,
		);
		if (names.length === 0) return "";
		const parts = [`links: [${names.join(", ")}],`];
		if (names.includes(LINK_NAMES[VIA_BASIC].constant)) parts.push("allowBasicChannel: true,");
		if (this.commands.lineChars !== null) parts.push(`lineChars: ${this.commands.lineChars},`);
		return parts.join(" ");
	}

	private async talk(tap: Tap, doing: string, compose: (port: Port) => Composed): Promise<number> {
		const { path, baud } = this.options;
		this.console.showStatus(doing);
		const result = await talk(path, baud, tap, compose);
		this.console.clearStatus();
		this.stopIfAsked(doing);
		if (result instanceof LineError) throw new Stop(lineFailure(result, path ?? ""));
		return result;
	}

	/** @throws Stop */
	private stopIfAsked(doing: string): void {
		const { exit } = this.signals;
		if (exit !== 0) throw new Stop({ ...plainFailure(ABORTED, "modem", doing), exit });
	}

	private async ask(lines: readonly string[], doing: string): Promise<Answers> {
		const answers = new Answers();
		const code = await this.talk(answers, doing, (port) => {
			const at = new At(port, new Hex(), LINE_BYTES);
			const hand = new LineHand(at, QUESTION_LIMIT_MS, lines, (line) => answers.begun(line));
			return { device: hand, start: () => hand.start() };
		});
		if (code === OK) return answers;
		const heard = code === MODEM_SILENT && answers.heard;
		throw new Stop(plainFailure(code, "modem", "talking to the modem", { heard }));
	}

	/** Tries one way; its result. */
	private async tryWay(link: number, modem: ModemSettings): Promise<number> {
		const { path, baud, timeoutMs } = this.options;
		const { name: wayName, words } = LINK_NAMES[link];
		const session = new Session(
			{
				path,
				card: {},
				baud,
				step: 256,
				timeoutMs,
				oid: null,
				fileId: -1,
				confirm: true,
				modem: { ...modem, link },
				scp03: null,
				trace: false,
				showSecrets: false,
				store: null,
				verify: false,
				watch: this.answers,
				title: words,
			},
			this.console,
		);
		this.session = session;
		const result = await session.run();
		this.session = null;
		this.console.clearStatus();
		this.stopIfAsked(`trying ${words}`);
		if (result.kind === "line") throw new Stop(lineFailure(result.error, path ?? ""));
		if (result.kind !== "done") {
			const late = { name: "OUT_OF_TIME", step: "open", sw: null, cme: null };
			this.ways.push({ link: wayName, supported: false, ...late, channel: null, exchanges: 0, bytes: 0 });
			return OK;
		}
		const { device, code } = result;
		const { step, sw, cme } = deviceFailure(code, device);
		this.ways.push({
			link: wayName,
			supported: reached(code),
			name: messageOf(code).name,
			step,
			sw,
			cme,
			channel: device.channel > 0 ? device.channel : null,
			exchanges: device.exchanges,
			bytes: code === OK ? device.file.length : 0,
		});
		device.close();
		return code;
	}
}

/** "yes", "no", or a dash where it is not known. */
function yesNo(value: boolean | null): string {
	return value === null ? "-" : value ? "yes" : "no";
}

/** "+CME ERROR: 4, operation not supported". */
function hintWords(text: string): string {
	const cme = /^\+CME ERROR:\s*(\d+)$/.exec(text);
	return cell(escapeText(text)) + (cme === null ? "" : `, ${cmeName(Number(cme[1]))}`);
}

function wayRow(report: WayReport): string[] {
	const words = LINK_NAMES.find(({ name }) => name === report.link)?.words ?? report.link;
	const came = report.name === "OK" ? counted(report.bytes, "byte") : cameTo(report);
	const channel = report.channel === null ? "-" : `${report.channel}`;
	return [words, report.supported ? "yes" : "no", channel, `${report.exchanges}`, came];
}

function print(found: Probe, console: Console): void {
	const { paint } = console;
	/** A table with a heading of its own. */
	const table = (rows: readonly (readonly string[])[]): void => {
		console.print("");
		console.print(
			aligned(rows, (text, row, column) => {
				if (row === 0) return paint.strong(text);
				if (column !== 1 || (text !== "yes" && text !== "no")) return text;
				return rows[0][1] !== "WORKS" ? text : text === "yes" ? paint.good(text) : paint.bad(text);
			}),
		);
	};
	const { answers, commands, pins, literal } = found;
	const longest = commands.lineChars === null ? "as long as is needed" : counted(commands.lineChars, "character");
	console.print(aligned(Object.entries(found.hints).map(([name, text]) => [name, hintWords(text)])));
	table([["WAY", "WORKS", "CHANNEL", "EXCHANGES", "CAME TO"], ...found.ways.map(wayRow)]);
	table([
		["COMMANDS", ""],
		["of four bytes", yesNo(commands.short)],
		["data with Le behind them", yesNo(commands.dataAndLe)],
		["GET RESPONSE", yesNo(commands.getResponse)],
		["longest line", commands.short === null ? "-" : longest],
	]);
	table([
		["ANSWERS", ""],
		["in quotes", yesNo(answers.quotes)],
		["a space behind the colon", yesNo(answers.space)],
		["in lower case", yesNo(answers.lowerCase)],
		["on the next line", yesNo(answers.nextLine)],
		["61xx left to us", answers.waiting ? `yes${answers.fetched ? ", fetched" : ""}` : "no"],
		["6Cxx left to us", yesNo(answers.wrongLe)],
		["the SIM or its toolkit busy", yesNo(answers.simBusy || answers.toolkitBusy)],
	]);
	if (pins.length > 0) {
		const rows = pins.map(({ reference, state, tries }) => [reference, state, tries === null ? "-" : `${tries}`]);
		table([["PIN", "STATE", "TRIES LEFT"], ...rows]);
	}
	console.print("");
	if (literal === "") console.print(paint.bad("no way to the card works"));
	else console.print(`for the board's file:\n  ${paint.strong(literal)}`);
}

async function probe(args: Arguments, console: Console): Promise<number> {
	const options = optionsOf(args);
	if (options.path === null) console.note("no --device given: probing the virtual modem and card");
	const found = new Probe(options, console);
	const json = args.has("json");
	try {
		await found.run();
	} catch (error) {
		if (!(error instanceof Stop)) throw error;
		if (json) console.print(safeJson(failureJson(error.failure)));
		complainOf(error.failure, console);
		return error.failure.exit;
	}
	const { hints, ways, commands, answers, pins, literal } = found;
	if (json) console.print(safeJson({ hints, ways, commands, manners: answers.json, pins, literal }));
	else print(found, console);
	return literal === "" ? EXIT_FAILED : EXIT_OK;
}

export const PROBE: Command = {
	name: "probe",
	summary: "tells which ways to the data a modem and a card support",
	usage: "[OPTIONS]",
	options: [
		...DEVICE_OPTIONS,
		timeoutOption("each way"),
		{ name: "basic", help: "try the basic channel, too, which may disturb the modem" },
		...PIN_OPTIONS,
		{ name: "json", help: "print one JSON object" },
		{ name: "help", letter: "h", help: "print this" },
	],
	notes: [
		"Each way is tried with the whole procedure, read only; what a way came to is the result that `simstrap read --link` would have. How " +
			"commands may look is asked on a logical channel that is not open, and how many tries a PIN has left without using one.",
		"Exit codes: 0 a way works; 1 none does, or the modem failed; 2 wrong usage, or a device that cannot be opened.",
	],
	examples: [
		["simstrap probe", "the virtual modem and card"],
		["simstrap probe --device /dev/ttyUSB2 --json", "a real modem"],
	],
	run: probe,
};
