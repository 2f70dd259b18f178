// What the fault campaign does to the answers of a modem, as plain functions from text to text: Node's campaign and the one on XS
// take them from here. An answer is all that the modem said to one command line, echo included.

/** What becomes of an answer; as `Meddled` in virtual/meddler.ts. */
export interface Damaged {
	text: string;
	unseen?: boolean;
	delayMs?: number;
	rest?: string;
	restMs?: number;
}

export interface Damage {
	name: string;
	/** The modem says that it did not do what it did: if that was to open a channel, nobody can know of it. */
	denies?: true;
	/** It says that the card is gone or locked: nobody closes a channel of it then, and the next run does. */
	cardGone?: true;
	/** An old answer that looks like a new one: what it says counts, and nobody can know better. */
	stray?: true;
	/** @param before the answer to the command line before */
	change(answer: string, before: string): Damaged;
}

/** How long a command may take. */
const COMMAND_MS = 10000;

const FINAL = /\r\n(?:OK|ERROR|\+CME ERROR: [^\r]*)\r\n$/;
const INFO = /\r\n(\+C(?:SIM|GLA|RSM|CHO|PIN)[^\r]*)\r\n/;
const DIGITS = /(: \d+,"?[0-9A-Fa-f]*|: \d+,\d+,"?[0-9A-Fa-f]*)("?\r\n)/;

/** Command lines that open a logical channel or a session. */
export const OPENS = /^AT\+C(?:SIM=10,"0070000001"|CHO=)/;

/** The modem never had the command, and says so. */
function refused(name: string, words: string): Damage {
	return { name: `refused with ${name}`, change: () => ({ text: `\r\n${words}\r\n`, unseen: true }) };
}

function late(name: string, delayMs: number): Damage {
	return { name, change: (text) => ({ text, delayMs }) };
}

/** The first half in time, the second one late. */
function torn(name: string, restMs: number): Damage {
	return {
		name,
		change(answer) {
			const middle = answer.length >> 1;
			return { text: answer.slice(0, middle), rest: answer.slice(middle), restMs };
		},
	};
}

export const DAMAGES: readonly Damage[] = [
	{ name: "nothing comes", change: () => ({ text: "" }) },
	{ name: "the command is lost", change: () => ({ text: "", unseen: true }) },
	{ name: "no final result", change: (answer) => ({ text: answer.replace(FINAL, "") }) },
	{ name: "a final result without data", change: (answer) => ({ text: answer.replace(INFO, "") }) },
	{ name: "two lines for one command", change: (answer) => ({ text: answer.replace(INFO, "\r\n$1\r\n\r\n$1\r\n") }) },
	{ name: "all comes twice", change: (answer) => ({ text: answer + answer }) },
	{
		name: "the line of the answer before comes first",
		change: (answer, before) => ({ text: (INFO.exec(before)?.[0] ?? "") + answer }),
	},
	{
		name: "the answer before comes once more, and first",
		stray: true,
		change: (answer, before) => ({ text: before + answer }),
	},
	{ name: "a digit is missing", change: (answer) => ({ text: answer.replace(/([0-9A-F])("?\r\n)/, "$2") }) },
	{ name: "a digit too much", change: (answer) => ({ text: answer.replace(DIGITS, (_, a, b) => `${a}0${b}`) }) },
	{ name: "two digits are missing", change: (answer) => ({ text: answer.replace(/([0-9A-F]{2})("?\r\n)/, "$2") }) },
	{ name: "two digits too much", change: (answer) => ({ text: answer.replace(DIGITS, (_, a, b) => `${a}00${b}`) }) },
	{
		name: "the length is too large",
		change: (answer) => ({ text: answer.replace(/: (\d+),/, (_, n) => `: ${Number(n) + 2},`) }),
	},
	{
		name: "the length is too small",
		change: (answer) => ({ text: answer.replace(/: (\d+),/, (_, n) => `: ${Number(n) - 2},`) }),
	},
	{ name: "something else than a digit", change: (answer) => ({ text: answer.replace(DIGITS, "$1G$2") }) },
	{ name: "only half of it", change: (answer) => ({ text: answer.slice(0, answer.length >> 1) }) },
	{ name: "noise before it", change: (answer) => ({ text: `\xff\x00\x80A\r${answer}` }) },
	late("slow, but in time", COMMAND_MS - 100),
	late("just too late", COMMAND_MS + 1),
	late("too late by a moment", COMMAND_MS + 150),
	late("too late", COMMAND_MS + 2000),
	late("much too late", 2 * COMMAND_MS + 5000),
	torn("half of it just too late", COMMAND_MS + 1),
	torn("half of it too late", COMMAND_MS + 2000),
	{ name: "ERROR in its place", denies: true, change: () => ({ text: "\r\nERROR\r\n" }) },
	{ name: "CME 100 in its place", denies: true, change: () => ({ text: "\r\n+CME ERROR: 100\r\n" }) },
	refused("ERROR", "ERROR"),
	refused("CME 3", "+CME ERROR: 3"),
	{ ...refused("CME 10", "+CME ERROR: 10"), cardGone: true },
	{ ...refused("CME 11", "+CME ERROR: 11"), cardGone: true },
	{ ...refused("CME 12", "+CME ERROR: 12"), cardGone: true },
	refused("CME 13", "+CME ERROR: 13"),
	refused("CME 14", "+CME ERROR: 14"),
	{ ...refused("CME 15", "+CME ERROR: 15"), cardGone: true },
	refused("CME 100", "+CME ERROR: 100"),
	refused("a text", "+CME ERROR: SIM busy"),
];

/** What comes besides an answer, and must not matter. */
export const BESIDES: readonly { name: string; change(answer: string): string }[] = [
	{
		name: "the text of an SMS",
		change: (answer) => `\r\n+CMT: "+49170","","24/05/01,10:00:00+08"\r\n+CSIM: 6,"039000"\r\n${answer}`,
	},
	{ name: "an SMS that says OK", change: (answer) => `\r\n+CMT: "+49170",,"24/05/01"\r\nOK\r\n${answer}` },
	{
		name: "an SMS of the list",
		change: (answer) => `\r\n+CMGL: 1,"REC UNREAD","+49170",,"24/05/01"\r\n+CSIM: 4,"6A82"\r\n${answer}`,
	},
	{ name: "a status report", change: (answer) => `\r\n+CDS: 24\r\n+CSIM: 4,"6A82"\r\n${answer}` },
	{ name: "a broadcast", change: (answer) => `\r\n+CBM: 1,50,1,1,1\r\n+CGLA: 4,"6A82"\r\n${answer}` },
	{
		name: "a USSD text over several lines",
		change: (answer) => `\r\n+CUSD: 0,"Your credit:\r\n+CSIM: 4,"\r\nis 0",15\r\n${answer}`,
	},
	{ name: "a USSD text of one line", change: (answer) => `\r\n+CUSD: 0,"+CSIM: 4,9000",15\r\n${answer}` },
	{
		name: "the time, twice",
		change: (answer) => `\r\n*PSUTTZ: 24/05/01,10:00:00","+8",0\r\n\r\n*PSUTTZ: 24\r\n${answer}`,
	},
	{
		name: "something between answer and result",
		change: (answer) => answer.replace(FINAL, (final) => `\r\n+CEREG: 1\r\n${final}`),
	},
	{ name: "an empty line", change: (answer) => `\r\n\r\n${answer}` },
	{ name: "a network's name behind it", change: (answer) => `${answer}\r\n+COPS: 0,0,"+CSIM: 4,9000"\r\n` },
];

/** What a modem says when it has restarted. */
export const RESTARTS: readonly (readonly string[])[] = [
	["RDY"],
	["+SYSSTART"],
	["+KSUP: 0"],
	["APP RDY"],
	["", "RDY", "+CPIN: READY"],
	["+CPIN: READY"],
	['*PSUTTZ: 24/05/01,10:00:00","+8",0'],
	[],
];

/** Status words as a card may give them, anywhere. */
export const STATUS_WORDS: readonly number[] = [
	0x6200, 0x6281, 0x6282, 0x6283, 0x6284, 0x62f1, 0x6300, 0x63c1, 0x63c0, 0x6400, 0x6500, 0x6581, 0x6700, 0x6881,
	0x6882, 0x6981, 0x6982, 0x6983, 0x6984, 0x6985, 0x6986, 0x6989, 0x6a80, 0x6a81, 0x6a82, 0x6a83, 0x6a84, 0x6a86,
	0x6a88, 0x6b00, 0x6c00, 0x6c10, 0x6d00, 0x6e00, 0x6f00, 0x6100, 0x6110, 0x9000, 0x910b, 0x9300, 0x9404, 0x9804,
	0x9862, 0x9f10,
];
