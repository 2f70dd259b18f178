// A small pseudo-random generator (xorshift32 by G. Marsaglia, shifts 13, 17, 5): the same seed gives the same run on
// every engine.

export class Random {
	private state: number;

	constructor(seed: number) {
		this.state = seed | 0;
		if (this.state === 0) this.state = 0x2545f491;
	}

	/** 32 bits, unsigned. */
	next(): number {
		let x = this.state;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.state = x;
		return x >>> 0;
	}

	/** 0 to limit - 1. */
	below(limit: number): number {
		return this.next() % limit;
	}
}
