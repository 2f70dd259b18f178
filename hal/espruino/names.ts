// The names of results, for errors that a program can tell apart. The text stands in the function, since a module in flash takes what
// stands outside of functions to memory, and keeps it there.

/** `connect` or `verify` was called while an earlier one is still under way. */
export const BUSY = -95;
/** Characters from the modem were lost before they could be read: FIFO_FULL of E.getErrorFlags(). */
export const FIFO_FULL = -96;

/** The name of an error, "" for one that has none here. */
export function nameOf(code: number): string {
	// From -1 down; the secure channel has names of its own (secure.ts).
	const names =
		"NOT_STARTED,ABORTED,OUT_OF_TIME,SWITCHED_OFF,,,,,," +
		"MODEM_SILENT,COMMAND_TIMEOUT,COMMAND_ERROR,CME_ERROR,ANSWER_DAMAGED,ANSWER_MISSING,MODEM_RESTARTED,MODEM_OFFLINE," +
		"SUPPLY_FAILED,MODEM_IN_USE,SIM_ABSENT,SIM_PIN_REQUIRED,SIM_PUK_REQUIRED,SIM_FAILURE,SIM_BUSY,SIM_WRONG,SIM_LOCKED,,,," +
		"NO_CHANNEL,CHANNEL_INVALID,CHANNEL_LOST,CARD_BUSY,SECURITY_STATUS,NOT_FOUND,RECORD_NOT_FOUND,FILE_UNUSABLE," +
		"OFFSET_BEYOND_END,CARD_REFUSED,ANSWER_TOO_LONG,NO_PROGRESS,RECEIVER_TOO_SMALL,,,NO_APPLICATION,NO_OBJECT," +
		"DIRECTORY_MALFORMED,DIRECTORY_TOO_LARGE,PATH_INVALID,FILE_MISSING,,,,,,,,,,NO_DATA,FILE_TOO_LARGE,FILE_TRUNCATED," +
		"FILE_UNSTABLE,FILE_MALFORMED,OBJECT_MALFORMED,TLV_TRUNCATED,TLV_MISPLACED,FILE_CHANGED,,PIN_WRONG,PIN_BLOCKED," +
		"PIN_TRIES_TOO_FEW,PIN_UNKNOWN,PIN_REFUSED_BEFORE,PIN_UNCERTAIN,,,,,,,,,,,,,,,,RECORD_MISSING,RECORD_DAMAGED," +
		"RECORD_FUTURE,RECORD_NOT_KEPT,BUSY,FIFO_FULL,";
	let from = 0;
	if (code < FIFO_FULL) return "";
	for (let i = -1; i > code; i--) from = names.indexOf(",", from) + 1;
	return names.substring(from, names.indexOf(",", from));
}
