// How a virtual modem behaves: which commands of 3GPP TS 27.007 it has, how it writes its answers, how fast it is and
// what goes wrong with it. All of it is optional; the defaults make a plain modem with +CSIM that answers at once.

/** A line that belongs to no command. `text` stands without CR and LF. */
export interface UnrelatedLine {
	text: string;
	/** Number of the command line (from 0) beside which it appears; -1 = every one. Not used when `atMs` is given. */
	command?: number;
	/** Before the answer (default), between information text and final result, or after it. */
	place?: "before" | "between" | "after";
	/** At this time, by itself. */
	atMs?: number;
}

export interface ModemOptions {
	/** Virtual time at which the modem is switched on; default 0. */
	startMs?: number;
	/** From then until it listens; default 0 (it already does). */
	bootMs?: number;
	/** Lines it says when it is up; default none at start. */
	bootLines?: string[];
	/** Bits per second, 10 bits per byte, both directions; 0 (default) = at once. */
	baud?: number;
	/** Time of one card command; default 0. */
	latencyMs?: number;
	/** Time of any other command; default 0. */
	commandMs?: number;
	/** Most bytes that one read() gives; default: all there are. */
	chunkBytes?: number;
	/** It has another speed than the host: it understands nothing, and nothing of its echo can be read. */
	garbles?: boolean;
	/** Bytes that arrive while a command runs are lost; by default they wait. */
	losesInputWhileBusy?: boolean;

	/** State at power-on and after a restart: echo (default true), verbose results (default true), +CMEE (default 0). */
	echo?: boolean;
	verbose?: boolean;
	cmee?: number;
	/** Most characters after AT; a longer line is an ERROR. Default 559. */
	maxLineChars?: number;
	identity?: string;
	/** Extended commands (their names, for example "+CSCLK") that are answered OK and do nothing. */
	accepts?: string[];
	/** An unknown command gives plain ERROR at any +CMEE. */
	unknownIsPlainError?: boolean;

	/** +CSIM is there; default true. */
	csim?: boolean;
	/** Text of the answer to AT+CSIM=? behind the colon, for example "(10-512)"; default: OK only. */
	csimTest?: string;
	/** Around the digits of a command: default "optional". */
	commandQuotes?: "required" | "optional" | "refused";
	/** Lower-case digits in a command are refused. */
	upperCaseOnly?: boolean;
	/** Fewest digits of a command; default 0, some say 10. */
	minDigits?: number;
	/** Data followed by Le is refused: P3 must be the length less 5. */
	refusesLeAfterData?: boolean;
	/** Instructions that are refused with `refusedCme`: C0 for GET RESPONSE, 70 for MANAGE CHANNEL... */
	refusedInstructions?: number[];
	/** Default 3. */
	refusedCme?: number;
	/** A CLA with a channel other than 0 is refused with `refusedCme`. */
	basicChannelOnly?: boolean;
	/** +CME ERROR of a malformed command; default 50. */
	parameterCme?: number;
	/** The modem itself follows 61xx with GET RESPONSE and 6Cxx with the right length. */
	fetchesItself?: boolean;
	/** The modem uses channel 0 between any two commands: another file is current there. */
	disturbsBasicChannel?: boolean;
	/** +CSIM and +CRSM need AT+CSIMSLEEP=0 first (CME 3 otherwise). */
	csimSleep?: boolean;

	/** "+CSIM: 4": default true; false = "+CSIM:4". */
	answerSpace?: boolean;
	/** Default true. */
	answerQuotes?: boolean;
	/** Default false. */
	answerLowerCase?: boolean;
	/** CR LF behind the colon. */
	answerOnNextLine?: boolean;

	/** +CCHO, +CCHC and +CGLA are there; default false. */
	ccho?: boolean;
	/** +CCHC is missing. */
	cchcMissing?: boolean;
	/** Session identifiers: "number" (the channel, default) or "handle" (00000000038aa32f and the like). */
	sessionForm?: "number" | "handle";
	/** The answer to +CCHO is a bare line, not "+CCHO: ". */
	sessionBare?: boolean;

	/** +CRSM is there; default false. */
	crsm?: boolean;
	/** Default true. */
	crsmQuotes?: boolean;
	/** An answer without data ends with "". */
	crsmEmptyQuotes?: boolean;
	/** The pathid may begin with 3F00. */
	crsmPathFromMf?: boolean;
	/** A P3 above what there is gives 103,0 (6700) instead of the card's answer. */
	crsmWrongLength6700?: boolean;

	/** CME code that every SIM command gets (13 failure, 15 wrong); default 0 = none. */
	simCme?: number;
	/** CME 14 for the first n SIM commands after power-on. */
	simBusyCommands?: number;
	/** CME 14 for that long after power-on, an inserted card or an accepted PIN. */
	simBusyMs?: number;
	/** +CSIM and the like work although PIN 01 is not verified; default false (CME 11, blocked: 12). */
	simBeforePin?: boolean;
	/** +CPIN? says READY whatever the card wants. */
	pinReady?: boolean;
	/** The card has no power unless +CFUN is 1; commands then get `simOffCme`. */
	simNeedsFullFunction?: boolean;
	/** Default 13. */
	simOffCme?: number;
	/** +CFUN at power-on; default 1. */
	cfun?: number;
	/** "+CPIN: NOT READY" and "+CPIN: READY" appear by themselves when the card goes and comes. */
	simLines?: boolean;

	unrelated?: UnrelatedLine[];
	/** Number of the command line instead of whose answer the modem restarts; default -1 = never. */
	restartAt?: number;
	/** From there until it is up again; default 1000. */
	restartMs?: number;
	/** What it says then: "RDY" (default), "+SYSSTART", "+KSUP: 0", "APP RDY"... */
	restartLines?: string[];
	/** Number of the command line from which on it says nothing more; default -1 = never. 0 = a silent modem. */
	diesAt?: number;
	/** Keep the command lines in `history`. */
	record?: boolean;
}
