// What is driven: the face that Bootstrap shows to whoever has bytes and time for it.

export interface Device {
	/** bytes[0 … count) have come. True when poll should be called now. */
	receive(bytes: Uint8Array, count: number): boolean;
	/** WAIT or a result. */
	poll(now: number): number;
	/** When poll is to be called next, after it has answered WAIT. */
	readonly wakeAt: number;
}
