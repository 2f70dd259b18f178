// Ctrl-C and its like: the first one asks for an orderly end, a second one ends at once.

import { EXIT_SIGNAL } from "./exit.js";

const NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

export class Signals {
	/** 128 and the number of the first signal; 0 before. */
	exit = 0;

	/** @param ask is called on the first signal */
	constructor(ask: () => void) {
		for (const name of Object.keys(NUMBERS)) {
			process.on(name, () => {
				if (this.exit !== 0) process.exit(this.exit);
				this.exit = EXIT_SIGNAL + NUMBERS[name];
				ask();
			});
		}
	}
}
