// What `serve --manners` makes the virtual modem and card do: the ways in which real ones differ, by name.

import type { BootstrapCardOptions, CardManners, ModemOptions } from "../virtual/index.js";
import { UsageError } from "./args.js";

interface Manner {
	words: string;
	modem?: ModemOptions;
	card?: Partial<BootstrapCardOptions>;
	manners?: CardManners;
}

const INS_GET_RESPONSE = 0xc0;
const INS_MANAGE_CHANNEL = 0x70;

export const MANNERS: Readonly<Record<string, Manner>> = {
	"no-csim": { words: "AT+CSIM is not known", modem: { csim: false } },
	sessions: { words: "AT+CCHO, AT+CGLA and AT+CCHC are there", modem: { ccho: true } },
	handles: {
		words: "sessions have long names, given on a line of their own",
		modem: { sessionForm: "handle", sessionBare: true },
	},
	crsm: { words: "AT+CRSM is there", modem: { crsm: true } },
	"no-manage-channel": { words: "MANAGE CHANNEL is refused", modem: { refusedInstructions: [INS_MANAGE_CHANNEL] } },
	"no-get-response": {
		words: "GET RESPONSE is refused",
		modem: { refusedInstructions: [INS_GET_RESPONSE], fetchesItself: true },
	},
	fetches: { words: "the modem fetches what waits behind 61xx itself", modem: { fetchesItself: true } },
	"no-quotes": { words: "answers have no quotes", modem: { answerQuotes: false, crsmQuotes: false } },
	"no-space": { words: "answers have no space behind the colon", modem: { answerSpace: false } },
	"lower-case": { words: "answers are in lower case", modem: { answerLowerCase: true } },
	"next-line": { words: "answers come on the next line", modem: { answerOnNextLine: true } },
	"ten-digits": { words: "no command of less than ten digits", modem: { minDigits: 10 } },
	"no-le": { words: "no Le behind data", modem: { refusesLeAfterData: true } },
	"short-lines": { words: "no command line of more than 60 characters", modem: { maxLineChars: 60 } },
	garbled: { words: "the modem has another baud rate", modem: { garbles: true } },
	disturbs: { words: "the modem uses the basic channel in between", modem: { disturbsBasicChannel: true } },
	"no-channel": { words: "no logical channel is free", card: { channels: [] } },
	"df-only": { words: "PKCS #15 is a DF under the MF and has no AID", card: { placement: "df" } },
	"no-alias": { words: "7FFF is not known", manners: { refusesAlias: true } },
	"no-p2-0c": { words: "SELECT without data is refused", manners: { refusesNoData: true } },
};

export function applyManners(text: string, card: BootstrapCardOptions, modem: ModemOptions): void {
	for (const name of text.split(",")) {
		const manner = Object.hasOwn(MANNERS, name) ? MANNERS[name] : undefined;
		if (manner === undefined) {
			throw new UsageError(`--manners: expected some of ${Object.keys(MANNERS).join(", ")}, got "${name}"`);
		}
		Object.assign(modem, manner.modem);
		Object.assign(card, manner.card);
		card.manners = { ...card.manners, ...manner.manners };
	}
}
