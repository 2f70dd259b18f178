// The desktop command `simstrap`: finds the command that was meant and carries it out.

import { APDU } from "./apdu.js";
import { Arguments, UsageError } from "./args.js";
import { CARD } from "./card.js";
import { CHECK } from "./check.js";
import type { Command } from "./command.js";
import { Console } from "./console.js";
import { DECODE } from "./decode.js";
import { ENCODE } from "./encode.js";
import { escapeText } from "./escape.js";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./exit.js";
import { generalHelp, helpOf } from "./help.js";
import { nearest } from "./nearest.js";
import { systemWords } from "./output-file.js";
import { PROBE } from "./probe.js";
import { READ } from "./read.js";
import { SERVE } from "./serve.js";
import { VERIFY } from "./verify.js";
import { version } from "./version.js";

const COMMANDS: readonly Command[] = [READ, SERVE, VERIFY, ENCODE, DECODE, CHECK, CARD, PROBE, APDU];

function find(name: string): Command {
	const command = COMMANDS.find((each) => each.name === name);
	if (command === undefined) {
		const meant = nearest(
			name,
			COMMANDS.map((each) => each.name),
		);
		const perhaps = meant === null ? "" : `, perhaps "${meant}" is meant`;
		throw new UsageError(`there is no command "${name}"${perhaps}; "simstrap --help" lists the commands`);
	}
	return command;
}

async function run(args: readonly string[], console: Console): Promise<number> {
	const [name, ...rest] = args;
	if (name === undefined) {
		console.note(generalHelp(COMMANDS));
		return EXIT_USAGE;
	}
	if (name === "--version") {
		console.print(version());
		return EXIT_OK;
	}
	if (name === "--help" || name === "-h" || (name === "help" && rest.length === 0)) {
		console.print(generalHelp(COMMANDS));
		return EXIT_OK;
	}
	if (name === "help") {
		if (rest.length > 1)
			throw new UsageError(`"${rest[1]}" was not expected; try "simstrap help ${find(rest[0]).name}"`);
		console.print(helpOf(find(rest[0])));
		return EXIT_OK;
	}
	if (name.startsWith("-")) throw new UsageError(`a command comes first, got "${name}"; try "simstrap --help"`);
	const command = find(name);
	if (rest.includes("--help") || rest.includes("-h")) {
		console.print(helpOf(command));
		return EXIT_OK;
	}
	try {
		return await command.run(new Arguments(command.options, rest, command.operands), console);
	} catch (error) {
		if (error instanceof UsageError) error.hint = `try "simstrap ${command.name} --help"`;
		throw error;
	}
}

const console = new Console();

/** Nobody is shown a stack. */
function complain(error: unknown): number {
	const message = escapeText(error instanceof Error ? error.message : String(error));
	if (!(error instanceof UsageError)) {
		console.complain(`internal error: ${message}`);
		return EXIT_FAILED;
	}
	console.complain(message, error.hint);
	return EXIT_USAGE;
}

async function end(code: number): Promise<void> {
	await console.flush();
	// A reader that had enough is no failure; a disk that is full is one.
	const lost = console.printError;
	if (code !== EXIT_OK || lost === null || (lost as NodeJS.ErrnoException).code === "EPIPE") process.exit(code);
	console.complain(`writing standard output failed: ${escapeText(systemWords(lost))}`);
	await console.flush();
	process.exit(EXIT_USAGE);
}

process.on("uncaughtException", (error) => void end(complain(error)));
run(process.argv.slice(2), console).then(end, (error) => end(complain(error)));
