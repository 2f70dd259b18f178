// Least squares: the line through points, and how far the farthest of them is from it.

/**
 * @param {[x: number, y: number][]} points
 * @returns {{ fixed: number, slope: number, farthest: number }} `farthest`: the largest distance as a part of y
 */
export function fit(points) {
	const n = points.length;
	const mean = (/** @type {(point: [number, number]) => number} */ of) =>
		points.reduce((sum, point) => sum + of(point), 0) / n;
	const meanX = mean(([x]) => x);
	const meanY = mean(([, y]) => y);
	const slope = mean(([x, y]) => (x - meanX) * (y - meanY)) / mean(([x]) => (x - meanX) * (x - meanX));
	const fixed = meanY - slope * meanX;
	const farthest = Math.max(...points.map(([x, y]) => Math.abs(y - fixed - slope * x) / y));
	return { fixed, slope, farthest };
}
