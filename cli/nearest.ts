// What somebody may have meant by a word that is not known.

/** How many letters are to be changed, added, left out or exchanged with the next one, to make one word of the other. */
function distance(one: string, other: string): number {
	let before: number[] = [];
	let above: number[] = Array.from({ length: other.length + 1 }, (_, i) => i);
	for (let i = 1; i <= one.length; i++) {
		const row = [i];
		for (let j = 1; j <= other.length; j++) {
			const same = one[i - 1] === other[j - 1];
			row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1));
			if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
				row[j] = Math.min(row[j], before[j - 2] + 1);
			}
		}
		before = above;
		above = row;
	}
	return above[other.length];
}

/** A longer word is not meant to be any of these. */
const LENGTH_MAX = 64;

/** The known word that differs from it in the fewest letters, a third of them at the most; null when there is none. */
export function nearest(word: string, known: readonly string[]): string | null {
	if (word.length > LENGTH_MAX) return null;
	let best: string | null = null;
	let least = Math.max(1, Math.floor(word.length / 3)) + 1;
	for (const each of known) {
		const steps = distance(word.toLowerCase(), each.toLowerCase());
		if (steps >= least) continue;
		least = steps;
		best = each;
	}
	// Of one or two letters nothing would be left.
	return word.length > 2 ? best : null;
}
