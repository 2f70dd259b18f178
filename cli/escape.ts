// Text from a card or a modem, made harmless before a person or a terminal sees it: only printable ASCII stays as it is.

function code(value: number): string {
	if (value < 0x100) return "\\x" + value.toString(16).toUpperCase().padStart(2, "0");
	return "\\u{" + value.toString(16).toUpperCase() + "}";
}

/** A string with everything escaped but printable ASCII. */
export function escapeText(text: string): string {
	let escaped = "";
	for (const character of text) {
		const value = character.codePointAt(0) as number;
		if (value === 0x5c) escaped += "\\\\";
		else escaped += value >= 0x20 && value < 0x7f ? character : code(value);
	}
	return escaped;
}

/** Bytes as text, one character for each, escaped likewise. */
export function escapeBytes(bytes: Uint8Array): string {
	return escapeText(Buffer.from(bytes).toString("latin1"));
}

/** JSON in which control characters and everything beyond ASCII stand as \uXXXX. */
export function safeJson(value: unknown): string {
	return JSON.stringify(value, null, 2).replace(
		/[\u007f-\uffff]/g,
		(character) => "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0"),
	);
}

export function toHex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex").toUpperCase();
}

/** "1 byte", "2 bytes". */
export function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** What stands in place of a secret. */
export function masked(length: number): string {
	return `<${counted(length, "byte")}>`;
}
