// Small helpers for runs of bytes: hexadecimal digits, joining, BER-TLV (ETSI TS 101 220 clause 7.1).

/** Digits (spaces allowed) -> bytes. */
export function fromHex(text: string): Uint8Array {
	let digits = "";
	for (let i = 0; i < text.length; i++) if (text.charAt(i) !== " ") digits += text.charAt(i);
	const bytes = new Uint8Array(digits.length >> 1);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.substring(2 * i, 2 * i + 2), 16);
	return bytes;
}

const DIGITS = "0123456789ABCDEF";

/** Bytes -> upper-case digits. */
export function toHex(bytes: Uint8Array): string {
	let text = "";
	for (let i = 0; i < bytes.length; i++) text += DIGITS.charAt(bytes[i] >> 4) + DIGITS.charAt(bytes[i] & 15);
	return text;
}

/** Bytes [from, to) in an array of their own. */
export function copyBytes(bytes: Uint8Array, from: number, to: number): Uint8Array {
	const copy = new Uint8Array(to - from);
	for (let i = from; i < to; i++) copy[i - from] = bytes[i];
	return copy;
}

export function joinBytes(parts: Uint8Array[]): Uint8Array {
	let length = 0;
	for (let i = 0; i < parts.length; i++) length += parts[i].length;
	const all = new Uint8Array(length);
	let at = 0;
	for (let i = 0; i < parts.length; i++) {
		all.set(parts[i], at);
		at += parts[i].length;
	}
	return all;
}

/** `bytes` and as much padding as gives `length`. */
export function padBytes(bytes: Uint8Array, length: number, padding: number): Uint8Array {
	const all = new Uint8Array(Math.max(length, bytes.length));
	all.fill(padding);
	all.set(bytes);
	return all;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}

/** Text of 8-bit characters -> bytes. */
export function textBytes(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
	return bytes;
}

/** One BER-TLV object: tag (one byte), length (1 to 3 bytes), value. */
export function ber(tag: number, value: Uint8Array): Uint8Array {
	const n = value.length;
	let head: Uint8Array;
	if (n < 0x80) head = new Uint8Array([tag, n]);
	else if (n < 0x100) head = new Uint8Array([tag, 0x81, n]);
	else head = new Uint8Array([tag, 0x82, n >> 8, n & 0xff]);
	return joinBytes([head, value]);
}
