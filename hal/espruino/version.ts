// What a firmware's UART receives without loss while JavaScript is busy.

/** Up to 2v29 what comes behind the first 64 bytes of one burst is lost (espruino/Espruino#2718; fixed in build 96 after it). */
const LOSING_RELEASE = 29;
const FIXED_BUILD = 96;
const LOSING_BYTES = 64;
const USUAL_BYTES = 128;

/** @param version process.version: 2v29, or 2v29.96 for a build between two releases */
export function receiverBytesOf(version: string): number {
	const parts = version.split("v");
	const major = parseInt(parts[0], 10);
	const minor = parseFloat(parts[1]);
	const release = Math.floor(minor);
	if (major > 2 || (major === 2 && release > LOSING_RELEASE)) return USUAL_BYTES;
	if (major === 2 && release === LOSING_RELEASE) {
		const build = parseInt(parts[1].split(".")[1], 10);
		if (build >= FIXED_BUILD) return USUAL_BYTES;
	}
	return LOSING_BYTES;
}
