// Command-line arguments: --name, --name VALUE, --name=VALUE and single letters, described as data so that the help is made from
// the same list.

import { nearest } from "./nearest.js";

/** Wrong usage: one sentence for the user, exit code 2. */
export class UsageError extends Error {
	/** What to try, as the sentence's end. */
	hint = "";
}

export interface Option {
	/** Without the dashes. */
	name: string;
	letter?: string;
	/** What the help calls its value; an option without one is a switch. */
	value?: string;
	help: string;
}

export class Arguments {
	private readonly values = new Map<string, string>();
	/** What is no option: names of files. */
	readonly operands: string[] = [];

	/**
	 * @param operands how many there may be
	 * @throws UsageError
	 */
	constructor(options: readonly Option[], args: readonly string[], operands = 0) {
		for (let i = 0; i < args.length; i++) {
			const arg = args[i];
			if (!arg.startsWith("-") || arg === "-") {
				if (this.operands.length === operands) throw new UsageError(`"${arg}" was not expected`);
				this.operands.push(arg);
				continue;
			}
			const long = arg.startsWith("--");
			const name = long ? arg.slice(2).split("=", 1)[0] : arg.slice(1, 2);
			const option = options.find((known) => name !== "" && (long ? known.name : known.letter) === name);
			const dashed = long ? `--${name}` : `-${name}`;
			if (option === undefined) {
				const names = options.map((known) => known.name);
				const meant = long ? nearest(name, names) : null;
				throw new UsageError(`there is no option ${dashed}${meant === null ? "" : `, perhaps --${meant} is meant`}`);
			}
			// "--name=value" and "-nvalue".
			const rest = long ? arg.slice(2 + name.length) : arg.slice(2);
			if (option.value === undefined) {
				if (rest !== "") throw new UsageError(`${dashed} takes no value, got "${rest}"`);
				this.values.set(option.name, "");
			} else if (rest !== "") {
				this.values.set(option.name, long ? rest.slice(1) : rest);
			} else {
				i += 1;
				if (i === args.length || args[i].startsWith("--")) {
					throw new UsageError(`${dashed} needs a value: ${dashed} ${option.value}`);
				}
				this.values.set(option.name, args[i]);
			}
		}
	}

	has(name: string): boolean {
		return this.values.has(name);
	}

	text(name: string): string | undefined {
		return this.values.get(name);
	}

	/** A decimal integer from `least` to `most`. */
	integer(name: string, least: number, most: number): number | undefined {
		const text = this.values.get(name);
		if (text === undefined) return undefined;
		const value = Number(text);
		if (!/^\d{1,10}$/.test(text) || value < least || value > most) {
			throw new UsageError(`--${name}: expected a number from ${least} to ${most}, got "${text}"`);
		}
		return value;
	}

	/** Seconds, with decimals; in milliseconds. */
	seconds(name: string, most: number): number | undefined {
		const text = this.values.get(name);
		if (text === undefined) return undefined;
		const value = Number(text);
		if (!/^(\d+\.?\d*|\.\d+)$/.test(text) || !(value > 0) || value > most) {
			throw new UsageError(`--${name}: expected seconds above 0, at most ${most}, got "${text}"`);
		}
		return Math.max(1, Math.round(value * 1000));
	}
}
