// A number by which a PIN that was refused is known again. It tells PINs apart, not what their digits are: it is kept where others may read it.

const DIGIT_0 = 48;
/** Odd, so that no two PINs of four digits have the same mark. */
const SCATTER = 40503;
const MASK = 0xffff;

/** 1 to 65535, for the digits pin[from … to) as ASCII bytes. */
export function pinMark(pin: Uint8Array, from: number, to: number): number {
	let value = 1;
	for (let i = from; i < to; i++) value = (value * 10 + pin[i] - DIGIT_0) & MASK;
	const mark = (value * SCATTER) & MASK;
	return mark === 0 ? 1 : mark;
}
