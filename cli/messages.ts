// Sentences for people: every result of the core with its name, what it means and what to try, and the steps of the procedure.
// Results that also have a status word or a +CME ERROR number get it added by failure.ts.

import * as codes from "../src/codes.js";
import * as steps from "../src/steps.js";
import { EXIT_FAILED, EXIT_NO_DATA, EXIT_OK, EXIT_SIGNAL, EXIT_TIME, EXIT_USAGE } from "./exit.js";

export interface Message {
	/** The constant's name in src/codes.ts. */
	name: string;
	/** What happened: the middle of a sentence. */
	sentence: string;
	/** What to try: its end. */
	hint: string;
	exit: number;
}

function failed(name: string, sentence: string, hint: string): Message {
	return { name, sentence, hint, exit: EXIT_FAILED };
}

function noData(name: string, sentence: string, hint: string): Message {
	return { name, sentence, hint, exit: EXIT_NO_DATA };
}

const SEE_TRACE = "--trace shows the dialogue";
const REPORT = `it is a defect of this program or of the card; ${SEE_TRACE}`;
const LINE_HINT = "check the wiring and the baud rate, and that no other program uses the device";
const ISSUER = "ask the card's issuer, since the data on it are at fault";

export const MESSAGES: Readonly<Record<number, Message>> = {
	[codes.OK]: { name: "OK", sentence: "done", hint: "", exit: EXIT_OK },
	[codes.WAIT]: failed("WAIT", "it is not finished yet", REPORT),

	[codes.NOT_STARTED]: failed("NOT_STARTED", "nothing had been started", REPORT),
	[codes.ABORTED]: {
		name: "ABORTED",
		sentence: "it was interrupted",
		hint: "run it again when you like",
		exit: EXIT_SIGNAL + 2,
	},
	[codes.OUT_OF_TIME]: {
		name: "OUT_OF_TIME",
		sentence: "the overall time limit is over",
		hint: "check the device and the baud rate, or give more time with --timeout",
		exit: EXIT_TIME,
	},
	[codes.SWITCHED_OFF]: failed("SWITCHED_OFF", "SIM bootstrap is switched off", "switch it on"),

	[codes.MODEM_SILENT]: failed(
		"MODEM_SILENT",
		"no modem answers",
		"check that this is the modem's AT port, that it is on, and the baud rate",
	),
	[codes.COMMAND_TIMEOUT]: failed("COMMAND_TIMEOUT", "the modem did not answer in time", LINE_HINT),
	[codes.COMMAND_ERROR]: failed(
		"COMMAND_ERROR",
		"the modem answered ERROR",
		`this modem may not have AT+CSIM, or may need to be fully on first; ${SEE_TRACE}`,
	),
	[codes.CME_ERROR]: failed(
		"CME_ERROR",
		"the modem refused the command",
		"see the modem's manual for AT+CSIM, and whether it must be allowed first",
	),
	[codes.ANSWER_DAMAGED]: failed("ANSWER_DAMAGED", "the modem's answer is damaged, again and again", LINE_HINT),
	[codes.ANSWER_MISSING]: failed("ANSWER_MISSING", "the modem said OK but gave no answer", LINE_HINT),
	[codes.MODEM_RESTARTED]: failed(
		"MODEM_RESTARTED",
		"the modem restarted",
		"check its power supply, and try again when it is up",
	),
	[codes.MODEM_OFFLINE]: failed(
		"MODEM_OFFLINE",
		"the modem is switched off up to its AT commands and does not reach its SIM",
		"switch it on with AT+CFUN=1 and try again",
	),
	[codes.SUPPLY_FAILED]: failed(
		"SUPPLY_FAILED",
		"the board's power chip does not answer",
		"check that the program was built for this board",
	),
	[codes.MODEM_IN_USE]: failed("MODEM_IN_USE", "the modem is in use", "try again when it has no command pending"),

	[codes.SIM_ABSENT]: noData("SIM_ABSENT", "there is no SIM in the modem", "insert one and try again"),
	[codes.SIM_PIN_REQUIRED]: failed(
		"SIM_PIN_REQUIRED",
		"the SIM wants its PIN",
		"give it with --sim-pin, enter it in the modem with AT+CPIN, or switch it off",
	),
	[codes.SIM_PUK_REQUIRED]: failed(
		"SIM_PUK_REQUIRED",
		"the SIM's PIN is blocked",
		"unblock it with the PUK, and try again",
	),
	[codes.SIM_FAILURE]: failed(
		"SIM_FAILURE",
		"the modem cannot use the SIM",
		"check the SIM's contacts, and that the modem is fully on (AT+CFUN=1)",
	),
	[codes.SIM_BUSY]: failed("SIM_BUSY", "the SIM stays busy", "try again in a few seconds"),
	[codes.SIM_WRONG]: failed("SIM_WRONG", "the modem does not accept this SIM", "try another SIM or another modem"),
	[codes.SIM_LOCKED]: failed(
		"SIM_LOCKED",
		"the modem is locked to another network or SIM",
		"unlock it, or use the SIM that it is locked to",
	),

	[codes.NO_CHANNEL]: failed(
		"NO_CHANNEL",
		"the card gives no logical channel",
		"restart the modem, since earlier programs may have left channels open",
	),
	[codes.CHANNEL_INVALID]: failed(
		"CHANNEL_INVALID",
		"the card gave something else than one channel number from 1 to 19",
		`restart the modem and try again; ${SEE_TRACE}`,
	),
	[codes.CHANNEL_LOST]: failed(
		"CHANNEL_LOST",
		"the logical channel is not open any more",
		"try again, and stop other programs that use the modem",
	),
	[codes.CARD_BUSY]: failed("CARD_BUSY", "the card's toolkit stays busy", "try again in a minute"),
	[codes.SECURITY_STATUS]: failed(
		"SECURITY_STATUS",
		"the card demands a PIN or a secure channel for this file",
		"give the file's PIN with --pin, or the keys of the secure channel with --scp03",
	),
	[codes.NOT_FOUND]: failed("NOT_FOUND", "the card has no such file or application", ISSUER),
	[codes.RECORD_NOT_FOUND]: failed("RECORD_NOT_FOUND", "the card has no such record", ISSUER),
	[codes.FILE_UNUSABLE]: failed("FILE_UNUSABLE", "the file is there but cannot be read as it is", ISSUER),
	[codes.OFFSET_BEYOND_END]: failed("OFFSET_BEYOND_END", "the file ends before this offset", ISSUER),
	[codes.CARD_REFUSED]: failed("CARD_REFUSED", "the card refused the command", `${SEE_TRACE}`),
	[codes.ANSWER_TOO_LONG]: failed("ANSWER_TOO_LONG", "the card gave more data than was asked for", `${SEE_TRACE}`),
	[codes.NO_PROGRESS]: failed(
		"NO_PROGRESS",
		"the card asks for the same again and again",
		`restart the modem and try again; ${SEE_TRACE}`,
	),
	[codes.RECEIVER_TOO_SMALL]: failed(
		"RECEIVER_TOO_SMALL",
		"the card insists on an answer that is longer than --step allows",
		"use a larger --step",
	),

	[codes.NO_APPLICATION]: noData(
		"NO_APPLICATION",
		"the card has no PKCS #15 application, hence no bootstrap data",
		"use a SIM that was made with LwM2M bootstrap data",
	),
	[codes.NO_OBJECT]: noData(
		"NO_OBJECT",
		"the card's PKCS #15 directory lists no LwM2M bootstrap data",
		"try another object identifier with --oid, or a file ID with --file-id, if the card's issuer names one",
	),
	[codes.DIRECTORY_MALFORMED]: failed(
		"DIRECTORY_MALFORMED",
		"the card's PKCS #15 directory is malformed",
		"name the file with --file-id, if the card's issuer tells its ID",
	),
	[codes.DIRECTORY_TOO_LARGE]: failed(
		"DIRECTORY_TOO_LARGE",
		"the card's PKCS #15 directory is too large",
		"name the file with --file-id, if the card's issuer tells its ID",
	),
	[codes.PATH_INVALID]: failed(
		"PATH_INVALID",
		"the card's directory names a path that cannot be one",
		"name the file with --file-id, if the card's issuer tells its ID",
	),
	[codes.FILE_MISSING]: noData(
		"FILE_MISSING",
		"the bootstrap file that is named does not exist on the card",
		"check --file-id if you gave one, or use a SIM that was made with LwM2M bootstrap data",
	),

	[codes.NO_DATA]: noData(
		"NO_DATA",
		"the bootstrap file on the card is empty",
		"use a SIM whose bootstrap data have been written",
	),
	[codes.FILE_TOO_LARGE]: failed("FILE_TOO_LARGE", "the bootstrap file does not fit the buffer", ISSUER),
	[codes.FILE_TRUNCATED]: failed("FILE_TRUNCATED", "the bootstrap file ends before its own size says", ISSUER),
	[codes.FILE_UNSTABLE]: failed(
		"FILE_UNSTABLE",
		"two reads of the bootstrap file differ",
		"check the wiring and the baud rate, or try a smaller --step",
	),
	[codes.FILE_MALFORMED]: failed("FILE_MALFORMED", "the bootstrap file's header does not match its objects", ISSUER),
	[codes.OBJECT_MALFORMED]: failed(
		"OBJECT_MALFORMED",
		"an object of the bootstrap file is longer than what is left of it",
		ISSUER,
	),
	[codes.TLV_TRUNCATED]: failed("TLV_TRUNCATED", "a TLV of the bootstrap file is longer than what holds it", ISSUER),
	[codes.TLV_MISPLACED]: failed(
		"TLV_MISPLACED",
		"a TLV of the bootstrap file is of a kind that cannot stand where it stands",
		ISSUER,
	),
	[codes.FILE_CHANGED]: failed("FILE_CHANGED", "the bootstrap file on the card is another one now", "read it again"),
	[codes.RECORD_MISSING]: {
		name: "RECORD_MISSING",
		sentence: "there is no record to compare the card with",
		hint: "make one with simstrap read --store",
		exit: EXIT_USAGE,
	},
	[codes.RECORD_DAMAGED]: {
		name: "RECORD_DAMAGED",
		sentence: "the record to compare the card with is damaged",
		hint: "make a new one with simstrap read --store",
		exit: EXIT_USAGE,
	},
	[codes.RECORD_FUTURE]: {
		name: "RECORD_FUTURE",
		sentence: "the record to compare the card with is of a later version of this program",
		hint: "use that version, or make a new one with simstrap read --store",
		exit: EXIT_USAGE,
	},
	[codes.RECORD_NOT_KEPT]: failed(
		"RECORD_NOT_KEPT",
		"the store did not take the record",
		"check the folder, its permissions and its space",
	),

	[codes.PIN_WRONG]: failed(
		"PIN_WRONG",
		"the card refused the PIN; it is not tried again",
		"give the right one: each wrong one brings the card nearer to blocking it",
	),
	[codes.PIN_BLOCKED]: failed(
		"PIN_BLOCKED",
		"the PIN is blocked",
		"only its PUK can unblock it, in a phone for example",
	),
	[codes.PIN_TRIES_TOO_FEW]: failed(
		"PIN_TRIES_TOO_FEW",
		"a wrong PIN could block the card, since it has one try left or does not say how many",
		"if you are sure of the PIN, give --force-pin",
	),
	[codes.PIN_UNKNOWN]: failed(
		"PIN_UNKNOWN",
		"the card does not say that a PIN of its user opens the file",
		`what needs another key cannot be read; ${SEE_TRACE}`,
	),
	[codes.PIN_REFUSED_BEFORE]: failed(
		"PIN_REFUSED_BEFORE",
		"the same card refused this PIN before, and it is not tried again",
		"give the right one",
	),
	[codes.PIN_UNCERTAIN]: failed(
		"PIN_UNCERTAIN",
		"the answer to the PIN got lost, and it is not sent again",
		"check the wiring, then try again if you are sure of the PIN",
	),

	[codes.SECURE_UNKNOWN]: failed(
		"SECURE_UNKNOWN",
		"the card's application does not know the commands of a secure channel",
		"read it without keys, if its data need no protection",
	),
	[codes.SECURE_UNSUPPORTED]: failed(
		"SECURE_UNSUPPORTED",
		"the card's application takes no secure channel on a logical channel",
		"read it without keys, if its data need no protection",
	),
	[codes.SECURE_NO_KEYS]: failed(
		"SECURE_NO_KEYS",
		"there are no keys with this version number",
		"check the key version number (kvn)",
	),
	[codes.SECURE_DENIED]: failed(
		"SECURE_DENIED",
		"the card refuses to open a secure channel; its keys may be blocked",
		ISSUER,
	),
	[codes.SECURE_ANSWER]: failed(
		"SECURE_ANSWER",
		"what the card answered opens no SCP03 session",
		"check the key version number (kvn) and the mode (sMode)",
	),
	[codes.SECURE_LEVEL]: failed("SECURE_LEVEL", "the card does not protect its answers", ISSUER),
	[codes.SECURE_KEYS_WRONG]: failed(
		"SECURE_KEYS_WRONG",
		"the card does not prove that it has the same keys",
		"check the keys; trying wrong ones again and again can block the card's keys",
	),
	[codes.SECURE_HOST_REFUSED]: failed(
		"SECURE_HOST_REFUSED",
		"the card does not accept our keys",
		"check the keys; trying wrong ones again and again can block the card's keys",
	),
	[codes.SECURE_KEYS_BLOCKED]: failed(
		"SECURE_KEYS_BLOCKED",
		"these keys were wrong before and are not tried again",
		"give the right keys",
	),
	[codes.SECURE_REQUIRED]: failed(
		"SECURE_REQUIRED",
		"there is no secure channel here, and none but protected data may be read",
		ISSUER,
	),
	[codes.SECURE_BROKEN]: failed(
		"SECURE_BROKEN",
		"the card's answer is not what it sent through the secure channel, and was thrown away",
		LINE_HINT,
	),
};

export function messageOf(code: number): Message {
	return MESSAGES[code] ?? failed(`CODE_${code}`, `result ${code}`, REPORT);
}

export interface StepWords {
	/** As JSON has it. */
	name: string;
	/** What was being done: the beginning of a sentence. */
	words: string;
}

export const STEPS: Readonly<Record<number, StepWords>> = {
	[steps.STEP_NONE]: { name: "none", words: "starting" },
	[steps.STEP_MODEM]: { name: "modem", words: "talking to the modem (ATE0V1)" },
	[steps.STEP_SIM]: { name: "sim", words: "asking for the SIM (AT+CPIN?)" },
	[steps.STEP_CHANNEL]: { name: "channel", words: "opening a logical channel (MANAGE CHANNEL)" },
	[steps.STEP_APPLICATION]: { name: "application", words: "selecting the PKCS #15 application (SELECT)" },
	[steps.STEP_DIR]: { name: "dir", words: "reading the card's list of applications, EF(DIR)" },
	[steps.STEP_ODF]: { name: "odf", words: "reading the PKCS #15 directory, EF(ODF)" },
	[steps.STEP_DODF]: { name: "dodf", words: "reading the list of data objects, EF(DODF)" },
	[steps.STEP_SELECT]: { name: "select", words: "selecting the bootstrap file (SELECT)" },
	[steps.STEP_READ]: { name: "read", words: "reading the bootstrap file (READ BINARY)" },
	[steps.STEP_CONFIRM]: { name: "confirm", words: "reading the bootstrap file a second time" },
	[steps.STEP_CHECK]: { name: "check", words: "checking the bootstrap file" },
	[steps.STEP_PIN]: { name: "pin", words: "verifying the PIN (VERIFY)" },
	[steps.STEP_POWER]: { name: "power", words: "waking the modem (AT)" },
	[steps.STEP_CLOSE]: { name: "close", words: "closing the logical channel (MANAGE CHANNEL)" },
};

export function stepOf(step: number): StepWords {
	return STEPS[step] ?? { name: `${step}`, words: `step ${step}` };
}
