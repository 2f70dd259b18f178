// The help texts, made from the commands themselves.

import type { Command } from "./command.js";
import { wrap } from "./wrap.js";

const WIDTH = 100;

/** Two columns. */
function pairs(rows: readonly (readonly [string, string])[]): string {
	const width = Math.max(...rows.map(([left]) => left.length)) + 2;
	return rows
		.map(([left, right]) => "  " + left.padEnd(width) + wrap(right, width + 2, WIDTH).slice(width + 2))
		.join("\n");
}

/** An example: what it does, and the line below it. */
function examples(command: Command): string {
	return command.examples.map(([line, does]) => `  # ${does}\n  ${line}`).join("\n");
}

export function helpOf(command: Command): string {
	const options = command.options.map((option): [string, string] => {
		const letter = option.letter === undefined ? "    " : `-${option.letter}, `;
		return [`${letter}--${option.name}${option.value === undefined ? "" : ` ${option.value}`}`, option.help];
	});
	const parts = [
		`simstrap ${command.name}: ${command.summary}`,
		`Usage: simstrap ${command.name} ${command.usage}`,
		"Options:\n" + pairs(options),
		...command.notes.map((note) => wrap(note, 0, WIDTH)),
		(command.examples.length === 1 ? "Example:\n" : "Examples:\n") + examples(command),
	];
	return parts.join("\n\n");
}

export function generalHelp(commands: readonly Command[]): string {
	return [
		"simstrap: LwM2M Bootstrap from Smartcard. Reads a SIM's bootstrap data through a cellular modem.",
		"Usage: simstrap COMMAND [OPTIONS]",
		"Commands:\n" +
			pairs([
				...commands.map((command): [string, string] => [command.name, command.summary]),
				["help COMMAND", "tells more of a command"],
			]),
		"Options:\n" +
			pairs([
				["-h, --help", "prints this"],
				["    --version", "prints the version"],
			]),
		"Environment:\n" +
			pairs([
				["NO_COLOR", "set and not empty, there are no colours on a terminal"],
				[
					"SIMSTRAP_PIN",
					"the PIN of a file, for read, verify and probe: what stands on a command line is seen by others",
				],
			]),
		"Examples:\n" + commands.map(examples).join("\n"),
	].join("\n\n");
}
