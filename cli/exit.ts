// Exit codes of `simstrap`.

export const EXIT_OK = 0;
/** The modem or the card failed: a PIN is needed, the file is malformed, the line was lost. */
export const EXIT_FAILED = 1;
/** Wrong usage, a bad input file, a device or an output that cannot be opened. */
export const EXIT_USAGE = 2;
/** No SIM, or no bootstrap data on it. */
export const EXIT_NO_DATA = 3;
/** The overall time limit. */
export const EXIT_TIME = 4;
/** 128 and the number of the signal that ended it. */
export const EXIT_SIGNAL = 128;
