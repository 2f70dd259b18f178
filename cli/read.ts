// `simstrap read`: reads the bootstrap data of a SIM and prints them.

import { FileStore } from "../hal/node/index.js";
import { ABORTED, type Bootstrap, OK, OUT_OF_TIME, RECORD_MISSING, VIA_CGLA, VIA_CSIM } from "../src/index.js";
import { accountsOf } from "./account-list.js";
import { pathWords } from "./apdu-words.js";
import { type Arguments, UsageError } from "./args.js";
import { folderOptions } from "./card-folder.js";
import type { Command } from "./command.js";
import type { Console } from "./console.js";
import { counted, escapeText, safeJson } from "./escape.js";
import { EXIT_OK } from "./exit.js";
import {
	complainOf,
	deviceFailure,
	type Failure,
	failureJson,
	fileFailure,
	lineFailure,
	plainFailure,
} from "./failure.js";
import {
	baudOf,
	DEVICE_OPTIONS,
	deviceOf,
	LINK_NAMES,
	LINK_OPTION,
	modemSettings,
	PIN_OPTIONS,
	RECLAIM_OPTION,
	timeoutOf,
	timeoutOption,
	wayOf,
} from "./modem-options.js";
import { OutputFile, systemWords } from "./output-file.js";
import type { Remembering } from "./remembering.js";
import { reportJson, valueWarnings } from "./report-json.js";
import { readScp03Keys } from "./scp03-file.js";
import { Session, type SessionOptions, type SessionResult } from "./session.js";
import { Signals } from "./signals.js";
import { accountTable } from "./table.js";

const DEFAULT_STEP = 256;
const OID_MAX_BYTES = 16;
/** The answer to INITIALIZE UPDATE, beside the challenge and the cryptogram. */
const STEP_BESIDE_SCP03 = 16;
/** What becomes of what was remembered. */
const FATES: Readonly<Record<string, string>> = {
	changed: "The SIM has something else than before: what was remembered is not used any more.",
	removed: "What was remembered is deleted.",
	absent: "Nothing was remembered.",
	failed: "What is remembered, if anything, stays as it is.",
};

function oidOf(args: Arguments): Uint8Array | null {
	const text = args.text("oid");
	if (text === undefined) return null;
	if (!/^([0-9A-F]{2})+$/i.test(text) || text.length > 2 * OID_MAX_BYTES) {
		throw new UsageError(`--oid: expected 1 to ${OID_MAX_BYTES} bytes as hex digits, like 672B0901, got "${text}"`);
	}
	return Buffer.from(text, "hex");
}

function fileIdOf(args: Arguments): number {
	const text = args.text("file-id");
	if (text === undefined) return -1;
	const value = /^(0x)?[0-9A-F]{4}$/i.test(text) ? Number.parseInt(text.slice(-4), 16) : 0;
	if (value === 0) throw new UsageError(`--file-id: expected 4 hex digits from 0001 to FFFF, like 6432, got "${text}"`);
	return value;
}

function storeOf(args: Arguments, verify: boolean): FileStore | null {
	const path = args.text("store");
	if (path === undefined && verify) throw new UsageError("--store PATH is needed: what was remembered by read --store");
	if (path === undefined) return null;
	if (path === "") throw new UsageError("--store: expected the name of a file, got nothing");
	try {
		return new FileStore(path);
	} catch (error) {
		throw new UsageError(`--store: ${path} cannot be used (${systemWords(error)})`);
	}
}

function optionsOf(args: Arguments, verify: boolean): SessionOptions {
	if (args.has("device") && args.has("card")) {
		throw new UsageError("--device and --card exclude each other: a card is put into the virtual modem");
	}
	const options: SessionOptions = {
		path: deviceOf(args),
		card: args.has("card") ? folderOptions(args.text("card") ?? "") : {},
		baud: baudOf(args),
		step: args.integer("step", 1, 256) ?? DEFAULT_STEP,
		timeoutMs: timeoutOf(args),
		oid: oidOf(args),
		fileId: fileIdOf(args),
		confirm: !args.has("no-confirm"),
		modem: modemSettings(args),
		scp03: args.has("scp03") ? readScp03Keys(args.text("scp03") ?? "") : null,
		trace: args.has("trace"),
		showSecrets: args.has("show-secrets"),
		store: storeOf(args, verify),
		verify,
	};
	const { link } = options.modem;
	if (options.scp03 !== null && link !== null && link > VIA_CGLA)
		throw new UsageError("--scp03 needs a channel of its own: --link csim or cgla");
	if (options.scp03 !== null && options.step < STEP_BESIDE_SCP03 + 2 * options.scp03.sMode) {
		throw new UsageError(`--step: a secure channel needs ${STEP_BESIDE_SCP03 + 2 * options.scp03.sMode} or more`);
	}
	if (args.text("output") === "") throw new UsageError("--output: expected the name of a file, got nothing");
	if (options.oid !== null && options.fileId >= 0) {
		throw new UsageError("--oid and --file-id exclude each other: a file that is named is not searched for");
	}
	return options;
}

function failureOf(result: SessionResult, options: SessionOptions, signalExit: number): Failure | null {
	switch (result.kind) {
		case "done": {
			if (result.code === OK) return null;
			const failure = deviceFailure(result.code, result.device, result.heard);
			if (result.code === ABORTED && signalExit !== 0) failure.exit = signalExit;
			return failure;
		}
		case "line":
			return lineFailure(result.error, options.path ?? "");
		case "late":
		case "interrupted": {
			const code = result.kind === "late" ? OUT_OF_TIME : ABORTED;
			return plainFailure(code, "open", `opening ${escapeText(options.path ?? "")}`, { exit: signalExit || undefined });
		}
	}
}

function summary(device: Bootstrap, exchanges = device.exchanges): string {
	const { discovery } = device;
	const path = pathWords(discovery.path.subarray(0, discovery.pathLength));
	const way = wayOf(device);
	const where = way === VIA_CSIM ? `channel ${device.channel}` : `over ${LINK_NAMES[way].words}`;
	return `${counted(device.file.length, "byte")} in file ${path}, ${where}, ${counted(exchanges, "exchange")}`;
}

/** What is printed when all went well; the accounts are in the file that `device` has read. */
function report(
	device: Bootstrap,
	json: boolean,
	showSecrets: boolean,
	memory: Remembering | null,
	print: (text: string) => void,
	console: Console,
) {
	const accounts = accountsOf(device.file);
	const left = device.closeCode === OK ? [] : ["the logical channel could not be closed"];
	if (memory?.unkept) left.push("it could not be remembered: the store did not take it");
	if (json) {
		const whole = reportJson(device, accounts, showSecrets);
		whole.warnings.push(...left);
		print(safeJson(memory === null ? whole : { ...memory.words, ...whole, exchanges: memory.exchanges }));
		return;
	}
	print(
		accounts.length === 0
			? "no accounts in the file"
			: accountTable(accounts, showSecrets, console.paint, console.width),
	);
	print(memory === null ? summary(device) : `${memory.words.state}: ${summary(device, memory.exchanges)}`);
	for (const warning of [...valueWarnings(device), ...left]) console.warn(warning);
}

export class ReadRun {
	private readonly options: SessionOptions;
	private readonly json: boolean;
	private readonly console: Console;
	private readonly target: string | undefined;
	private output: OutputFile | null = null;

	constructor(args: Arguments, console: Console, verify = false) {
		this.options = optionsOf(args, verify);
		this.json = args.has("json");
		this.target = args.text("output");
		this.console = console;
	}

	async run(): Promise<number> {
		const { options, console, target } = this;
		const unwritable = this.openOutput();
		if (unwritable !== null) return this.fail(unwritable);
		if (options.path === null) console.note("no --device given: reading from the virtual modem and card");
		const session = new Session(options, console);
		const signals = new Signals(() => session.interrupt());
		const result = await session.run();
		console.clearStatus();
		const failure = failureOf(result, options, signals.exit);
		if (failure !== null || result.kind !== "done") {
			this.output?.discard();
			return failure === null ? EXIT_OK : this.fail(failure, result.kind === "done" ? result.memory : null);
		}
		const { device, memory } = result;
		const bytes = device.file.buffer.slice(0, device.file.length);
		const unwritten = await this.writeOutput(bytes);
		bytes.fill(0);
		if (unwritten !== null) return this.fail(unwritten);
		report(device, this.json, options.showSecrets, memory, (text) => this.print(text), console);
		if (target !== undefined && target !== "-")
			console.note(`wrote ${counted(device.file.length, "byte")} to ${escapeText(target)}`);
		device.close();
		return EXIT_OK;
	}

	/** Standard output belongs to the file when that goes there. */
	private print(text: string): void {
		if (this.target === "-") this.console.note(text);
		else this.console.print(text);
	}

	private fail(failure: Failure, memory: Remembering | null = null): number {
		if (this.json) this.print(safeJson({ ...memory?.words, ...failureJson(failure) }));
		complainOf(failure, this.console);
		// Of a record that is not there, nothing has become.
		if (memory !== null && failure.code !== RECORD_MISSING) this.console.note(FATES[memory.words.state] ?? "");
		return failure.exit;
	}

	private openOutput(): Failure | null {
		const { target } = this;
		if (target === undefined || target === "-") return null;
		try {
			this.output = new OutputFile(target);
			return null;
		} catch (error) {
			return this.unwritable(target, systemWords(error));
		}
	}

	private async writeOutput(bytes: Uint8Array): Promise<Failure | null> {
		const { target, console } = this;
		if (target === "-") {
			console.printBytes(bytes);
			await console.flush();
			return console.printError === null ? null : this.unwritable("standard output", systemWords(console.printError));
		}
		if (target === undefined) return null;
		try {
			this.output?.commit(bytes);
			return null;
		} catch (error) {
			this.output?.discard();
			return this.unwritable(target, systemWords(error));
		}
	}

	private unwritable(target: string, why: string): Failure {
		const problem = `writing ${escapeText(target)} failed: ${escapeText(why)}`;
		return fileFailure("OUTPUT_FAILED", problem, "check the folder, its permissions and its space");
	}
}

export const READ: Command = {
	name: "read",
	summary: "reads a SIM's bootstrap data through a modem",
	usage: "[OPTIONS]",
	options: [
		...DEVICE_OPTIONS,
		{ name: "card", value: "DIR", help: "what the virtual card holds: a folder of `simstrap card`" },
		{ name: "step", value: "N", help: `most data bytes of one answer, 1 to 256 (${DEFAULT_STEP})` },
		timeoutOption("all of it"),
		{ name: "oid", value: "HEX", help: "another object identifier than 2.23.43.9.1: its DER content, like 672B0901" },
		{
			name: "file-id",
			value: "HEX",
			help: "a fixed file under the PKCS #15 application in place of the search, like 6432",
		},
		{
			name: "scp03",
			value: "FILE",
			help: "read through a secure channel, with the keys in FILE: JSON with enc, mac, kvn and sMode, in hex",
		},
		LINK_OPTION,
		...PIN_OPTIONS,
		RECLAIM_OPTION,
		{ name: "no-confirm", help: "do not read the file a second time to make sure" },
		{
			name: "store",
			value: "PATH",
			help: "remember what was read in the file PATH, with its keys; next time the SIM is compared with it",
		},
		{ name: "json", help: "print one JSON object" },
		{ name: "output", letter: "o", value: "FILE", help: "write the file's own bytes to FILE; - is standard output" },
		{ name: "trace", help: "print the dialogue with the modem, with words, on standard error" },
		{ name: "show-secrets", help: "show keys, here and in the trace" },
		{ name: "help", letter: "h", help: "print this" },
	],
	notes: [
		"Exit codes: 0 data; 1 modem or card failed; 2 wrong usage, or a device or output that cannot be opened; " +
			"3 no SIM or no bootstrap data on it; 4 the time limit; 130 interrupted.",
		"With --store the result is first, unchanged or changed (exit code 0), removed or absent (3), or failed. An unchanged SIM is not " +
			"read anew, and nothing is written.",
	],
	examples: [
		["simstrap read", "the virtual modem and card"],
		["simstrap read --device /dev/ttyUSB2 --json", "a real modem"],
		["simstrap read --store ./store", "remembering what was read"],
	],
	run: (args, console) => new ReadRun(args, console).run(),
};
