// `simstrap serve`: the virtual modem and card on a pseudo-terminal, for this and other programs.

import { readFileSync } from "node:fs";
import { now, type Tap } from "../hal/node/index.js";
import {
	type BootstrapCardOptions,
	bootstrapCard,
	type ModemOptions,
	USUAL_MANNERS,
	VirtualCard,
	VirtualModem,
} from "../virtual/index.js";
import { type Arguments, UsageError } from "./args.js";
import { folderOptions } from "./card-folder.js";
import type { Command } from "./command.js";
import type { Console } from "./console.js";
import { escapeText } from "./escape.js";
import { EXIT_OK, EXIT_USAGE } from "./exit.js";
import { fileBytes } from "./input/read-input.js";
import { makeLink, removeLink } from "./link-file.js";
import { applyManners, MANNERS } from "./manners.js";
import { pinDigits } from "./modem-options.js";
import { systemWords } from "./output-file.js";
import { openPty, type Pty } from "./pty.js";
import { readScp03Keys } from "./scp03-file.js";
import { Signals } from "./signals.js";
import { NO_CONTEXT, Trace } from "./trace.js";
import { secureCard } from "./virtual-modem.js";

const CHANNEL_MAX = 19;
/** As many logical channels as usual cards have. */
const CHANNELS = 3;
const FILE_MAX_BYTES = 0x8000;
const CHUNK_BYTES = 256;

function readInput(path: string): Uint8Array {
	let bytes: Uint8Array;
	try {
		bytes = fileBytes(readFileSync(path));
	} catch (error) {
		throw new UsageError(`--file: ${path} cannot be read (${systemWords(error)})`);
	}
	if (bytes.length < 1 || bytes.length > FILE_MAX_BYTES) {
		throw new UsageError(`--file: ${path} has ${bytes.length} bytes, expected 1 to ${FILE_MAX_BYTES}`);
	}
	return bytes;
}

function cardOptions(args: Arguments): BootstrapCardOptions {
	const folder = args.text("card");
	const file = args.text("file");
	if (folder !== undefined && file !== undefined) {
		throw new UsageError("--card and --file exclude each other: the folder has the file in it");
	}
	const options = folder === undefined ? {} : folderOptions(folder);
	if (file !== undefined) options.file = readInput(file);
	const transport = args.text("transport");
	options.manners = { ...USUAL_MANNERS };
	if (transport === "t0" || transport === "t1") options.manners.transport = transport;
	else if (transport !== undefined) throw new UsageError(`--transport: expected t0 or t1, got "${transport}"`);
	const channel = args.integer("channel", 1, CHANNEL_MAX);
	if (channel !== undefined) {
		options.channels = [];
		for (let i = 0; i < CHANNELS && channel + i <= CHANNEL_MAX; i++) options.channels.push(channel + i);
	}
	const filePin = args.text("file-pin");
	if (filePin === undefined && args.has("tries")) {
		throw new UsageError("--tries: there is no PIN that it could be for; give one with --file-pin");
	}
	if (filePin !== undefined) {
		options.pin = {
			reference: 0x81,
			value: pinDigits("--file-pin", filePin),
			enabled: true,
			tries: args.integer("tries", 0, 15) ?? 3,
		};
	}
	const pin = args.text("pin");
	if (pin !== undefined) {
		options.cardPin = { reference: 1, value: pinDigits("--pin", pin), enabled: true };
	}
	return options;
}

function modemOptions(args: Arguments): ModemOptions {
	const options: ModemOptions = {
		startMs: now(),
		baud: args.integer("baud", 0, 20_000_000) ?? 0,
		latencyMs: args.integer("latency", 0, 3_600_000) ?? 0,
	};
	const line = args.text("unrelated");
	if (line !== undefined) options.unrelated = [{ text: line, command: -1 }];
	if (args.has("silent")) options.diesAt = 0;
	const restart = args.integer("restart-at", 0, 1_000_000);
	if (restart !== undefined) options.restartAt = restart;
	return options;
}

/** A virtual modem in real time behind a pseudo-terminal. */
class Service {
	private readonly modem: VirtualModem;
	private readonly tap: Tap | null;
	private readonly chunk = new Uint8Array(CHUNK_BYTES);
	private timer: NodeJS.Timeout | null = null;
	private pty: Pty | null = null;

	constructor(modem: VirtualModem, tap: Tap | null) {
		this.modem = modem;
		this.tap = tap;
	}

	async open(): Promise<string> {
		this.pty = await openPty((bytes) => {
			this.tap?.sent(bytes, 0, bytes.length);
			this.modem.receive(bytes, 0, bytes.length, now());
			this.pump();
		});
		this.pump();
		return this.pty.path;
	}

	/** Passes on what the modem says, and sleeps until it says more. */
	private pump(): void {
		if (this.timer !== null) clearTimeout(this.timer);
		this.timer = null;
		for (;;) {
			const count = this.modem.read(this.chunk, 0, CHUNK_BYTES, now());
			if (count === 0) break;
			this.tap?.received(this.chunk, count);
			this.pty?.write(this.chunk.slice(0, count));
		}
		const time = now();
		const next = this.modem.nextAt(time);
		if (next !== -1) this.timer = setTimeout(() => this.pump(), Math.max(1, (next - time) | 0));
	}
}

async function serve(args: Arguments, console: Console): Promise<number> {
	const link = args.text("link");
	if (link === undefined || link === "")
		throw new UsageError("--link PATH is needed: where other programs find the modem");
	const cardSettings = cardOptions(args);
	const modemSettings = modemOptions(args);
	const manners = args.text("manners");
	if (manners !== undefined) applyManners(manners, cardSettings, modemSettings);
	const card = args.has("no-sim") ? null : new VirtualCard(bootstrapCard(cardSettings));
	const keys = args.text("scp03");
	if (card !== null && keys !== undefined) card.secure = secureCard(readScp03Keys(keys));
	const modem = new VirtualModem(card, modemSettings);
	const tap = args.has("trace")
		? new Trace((line) => console.note(line), now, args.has("show-secrets"), NO_CONTEXT, console.notePaint)
		: null;
	const service = new Service(modem, tap);
	let path: string;
	try {
		path = await service.open();
	} catch (error) {
		console.complain(`opening a pseudo-terminal failed: ${escapeText(systemWords(error))}`);
		return EXIT_USAGE;
	}
	try {
		makeLink(link, path);
	} catch (error) {
		console.complain(`making the link ${escapeText(link)} failed: ${escapeText(systemWords(error))}`);
		return EXIT_USAGE;
	}
	process.on("exit", () => removeLink(link, path));
	const ended = new Promise<void>((resolve) => new Signals(resolve));
	console.print(`ready: ${escapeText(link)}`);
	await ended;
	removeLink(link, path);
	return EXIT_OK;
}

export const SERVE: Command = {
	name: "serve",
	summary: "puts the virtual modem and card on a pseudo-terminal",
	usage: "--link PATH [OPTIONS]",
	options: [
		{ name: "link", value: "PATH", help: "where other programs find the modem: a symbolic link, removed at the end" },
		{ name: "file", value: "FILE", help: "the content of EF(LwM2M_Bootstrap); without it, a documented example" },
		{ name: "card", value: "DIR", help: "the files of the card, from `simstrap card`" },
		{ name: "baud", value: "N", help: "bits per second; 0, the default, is at once" },
		{ name: "latency", value: "MS", help: "how long the card takes for a command (0)" },
		{
			name: "transport",
			value: "t0|t1",
			help: "the card's manners: t0 (the default) asks for GET RESPONSE and the right length",
		},
		{ name: "channel", value: "N", help: "the first logical channel that the card gives, 1 to 19 (1)" },
		{ name: "no-sim", help: "no card in the modem" },
		{ name: "pin", value: "PIN", help: "the card wants this PIN first" },
		{ name: "scp03", value: "FILE", help: "the card has a secure channel, with the keys in FILE" },
		{ name: "file-pin", value: "PIN", help: "the bootstrap file needs this PIN" },
		{ name: "tries", value: "N", help: "so many tries are left for it (3)" },
		{ name: "manners", value: "LIST", help: "ways in which modems and cards differ, with commas; see below" },
		{ name: "unrelated", value: "TEXT", help: "a line that the modem says before every answer" },
		{ name: "silent", help: "the modem says nothing" },
		{ name: "restart-at", value: "N", help: "the modem restarts in place of answering command line N, counted from 0" },
		{ name: "trace", help: "print the dialogue, with words, on standard error" },
		{ name: "show-secrets", help: "show keys in the trace" },
		{ name: "help", letter: "h", help: "print this" },
	],
	notes: [
		'It prints "ready: PATH" and serves until it is interrupted (Ctrl-C). The modem keeps its state while programs come and go.',
		`Manners: ${Object.entries(MANNERS)
			.map(([name, { words }]) => `${name} (${words})`)
			.join(", ")}.`,
	],
	examples: [
		[
			"simstrap serve --link ./modem & sleep 1; simstrap read --device ./modem; kill %1",
			"a modem, and a program that reads through it",
		],
	],
	run: serve,
};
