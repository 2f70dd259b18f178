// Colours of a terminal (ECMA-48, SGR), only where it has them and NO_COLOR (no-color.org) is not set. Everything that is said by colour
// is said in words as well.

export interface Paint {
	/** What went well, what is not quite right, what failed. */
	good(text: string): string;
	warn(text: string): string;
	bad(text: string): string;
	/** What matters most, and what matters least. */
	strong(text: string): string;
	faint(text: string): string;
	/** What goes to the modem. */
	sent(text: string): string;
}

function same(text: string): string {
	return text;
}

function sgr(number: number): (text: string) => string {
	return (text) => (text === "" ? "" : `\x1b[${number}m${text}\x1b[0m`);
}

export const PLAIN: Paint = { good: same, warn: same, bad: same, strong: same, faint: same, sent: same };

const COLOURED: Paint = { good: sgr(32), warn: sgr(33), bad: sgr(31), strong: sgr(1), faint: sgr(2), sent: sgr(36) };

/** What a stream shows. */
export function paintFor(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): Paint {
	const { NO_COLOR, TERM } = environment;
	const coloured = stream.isTTY === true && TERM !== "dumb" && (NO_COLOR === undefined || NO_COLOR === "");
	return coloured ? COLOURED : PLAIN;
}
