// `simstrap verify`: makes sure that a card still has what a store remembers of it.

import type { Command } from "./command.js";
import { READ, ReadRun } from "./read.js";

/** What only makes sense when a file is read for the first time. */
const OF_READ_ONLY: readonly string[] = ["output", "no-confirm", "store"];

export const VERIFY: Command = {
	name: "verify",
	summary: "makes sure that the SIM still has what is remembered",
	usage: "--store PATH [OPTIONS]",
	options: [
		{ name: "store", value: "PATH", help: "what was remembered by read --store" },
		...READ.options.filter((option) => !OF_READ_ONLY.includes(option.name)),
	],
	notes: [
		"The modem's settings are left as they are found. Only when something has changed anything is written: what was remembered is disabled " +
			"or deleted, and a changed file is read and remembered in its place.",
		"Exit codes: 0 unchanged or changed; 1 modem or card failed, or the changed file is not right; 2 wrong usage, or nothing is remembered; " +
			"3 the SIM or its data are gone; 4 the time limit; 130 interrupted.",
	],
	examples: [
		["simstrap read --store ./store; simstrap verify --store ./store", "with the virtual modem and card"],
		["simstrap verify --store ./store --device /dev/ttyUSB2 --json", "with a real modem"],
	],
	run: (args, console) => new ReadRun(args, console, true).run(),
};
