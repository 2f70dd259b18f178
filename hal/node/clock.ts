// The core's time on Node: monotonic int32 milliseconds, which wrap around after 24 days and are compared as (a - b) | 0.

export function now(): number {
	return performance.now() | 0;
}
