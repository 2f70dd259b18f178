// The least heap in which boards/main.ts bootstraps, and what an instance with its board keeps: by bisection, to within 4.

/** The stock ESP32 target's heap, which boards/manifest.json keeps. */
export const HEAP = { slots: 4928, chunkBytes: 78848, stack: 512 };

/**
 * @param {{ run: Function }} bundles what makeBundles gave
 * @param {string} board its folder
 * @returns {Promise<{ slots: number, chunkBytes: number, kept: { slots: number, chunkBytes: number } }>}
 */
export async function leastOnBoard(bundles, board) {
	/** @param {number} slots @param {number} chunkBytes */
	const attempt = async (slots, chunkBytes) => {
		const { code, stdout } = await bundles.run("run-least.js", board, [String(slots), String(chunkBytes)], []);
		return code === 0 && JSON.parse(stdout).code === 0 ? JSON.parse(stdout) : null;
	};
	/** @param {number} high @param {(n: number) => Promise<any>} enough */
	const least = async (high, enough) => {
		let low = 0;
		if (!(await enough(high))) throw new Error(`a bootstrap on ${board} does not even succeed with ${high}`);
		while (high - low > 4) {
			const middle = (low + high) >> 1;
			if (await enough(middle)) high = middle;
			else low = middle;
		}
		return high;
	};
	const slots = await least(HEAP.slots, (n) => attempt(n, HEAP.chunkBytes));
	const chunkBytes = await least(HEAP.chunkBytes, (n) => attempt(HEAP.slots, n));
	const { kept } = await attempt(HEAP.slots, HEAP.chunkBytes);
	return { slots, chunkBytes, kept };
}
