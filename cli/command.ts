// What a command of `simstrap` is: its options, its help, and what it does.

import type { Arguments, Option } from "./args.js";
import type { Console } from "./console.js";

export interface Command {
	name: string;
	/** One line, for the list of commands. */
	summary: string;
	/** What follows the name in the usage line. */
	usage: string;
	options: readonly Option[];
	/** How many operands it takes; none when it does not say. */
	operands?: number;
	/** Command lines that work when pasted, each with what it does. */
	examples: readonly (readonly [line: string, does: string])[];
	/** Paragraphs below the options. */
	notes: readonly string[];
	/** Carries it out; the exit code. */
	run(args: Arguments, console: Console): Promise<number>;
}
