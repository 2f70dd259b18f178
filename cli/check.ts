// `simstrap check`: everything that is wrong with a bootstrap file.

import type { Arguments } from "./args.js";
import { checkFile } from "./check-file.js";
import type { Problem } from "./check-problem.js";
import type { Command } from "./command.js";
import type { Console } from "./console.js";
import { readFileOperand } from "./decode.js";
import { counted, safeJson } from "./escape.js";
import { EXIT_OK, EXIT_USAGE } from "./exit.js";
import { aligned } from "./table.js";

function table(problems: readonly Problem[]): string {
	const rows = problems.map(({ severity, offset, path, clause, message }) => [
		severity,
		`${offset}`,
		path === "" ? "-" : `/${path}`,
		`${message} (${clause})`,
	]);
	return aligned([["SEVERITY", "OFFSET", "PATH", "PROBLEM"], ...rows]);
}

function problemJson({ offset, path, clause, message }: Problem): object {
	return { offset, path: path === "" ? null : `/${path}`, clause, message };
}

async function check(args: Arguments, console: Console): Promise<number> {
	const bytes = await readFileOperand(args, console);
	if (bytes === null) return EXIT_USAGE;
	const { structure, problems } = checkFile(bytes);
	const errors = problems.filter(({ severity }) => severity === "error");
	const warnings = problems.filter(({ severity }) => severity === "warning");
	if (args.has("json")) {
		console.print(
			safeJson({
				size: structure.length,
				errors: errors.map(problemJson),
				warnings: warnings.map(problemJson),
			}),
		);
	} else {
		// Errors first, then warnings.
		if (errors.length > 0) console.print(table(errors));
		if (errors.length > 0 && warnings.length > 0) console.print("");
		if (warnings.length > 0) console.print(table(warnings));
		const found = `${counted(errors.length, "error")}, ${counted(warnings.length, "warning")}`;
		console.print(`${found} in ${counted(structure.length, "byte")}`);
	}
	return errors.length > 0 ? EXIT_USAGE : EXIT_OK;
}

export const CHECK: Command = {
	name: "check",
	summary: "tells everything that is wrong with a bootstrap file",
	usage: "FILE [OPTIONS]",
	operands: 1,
	options: [
		{ name: "json", help: "print one JSON object" },
		{ name: "help", letter: "h", help: "print this" },
	],
	notes: [
		"FILE holds the file's bytes or its hex digits; with -, or without it, standard input is read. Checked are the structure (counts, " +
			"sizes, lengths, nesting, order), types and ranges of values, identifiers that stand twice, accounts by Short Server ID, " +
			"credentials by security mode and URI, and references.",
		"Exit codes: 0 no error, perhaps warnings; 2 errors, or the file cannot be read.",
	],
	examples: [
		[
			"echo 00010025000000002008001DC80014636F61703A2F2F6C776D326D2E6578616D706C65C10101C10203 | simstrap check -",
			"a Bootstrap-Server Account",
		],
	],
	run: check,
};
