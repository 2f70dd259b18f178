// What makes an account unusable, in words.

import {
	ACCOUNT_ID_INVALID,
	ACCOUNT_KIND_INVALID,
	ACCOUNT_MODE_INVALID,
	ACCOUNT_USABLE,
	ACCOUNT_WITHOUT_SERVER,
	ACCOUNT_WITHOUT_URI,
} from "../src/index.js";

export const ACCOUNT_FAULTS: Readonly<Record<number, string>> = {
	[ACCOUNT_USABLE]: "",
	[ACCOUNT_WITHOUT_URI]: "no Server URI",
	[ACCOUNT_MODE_INVALID]: "Security Mode is missing or not from 0 to 4",
	[ACCOUNT_KIND_INVALID]: "Bootstrap-Server is missing or not a Boolean",
	[ACCOUNT_ID_INVALID]: "Short Server ID is missing or not from 1 to 65534",
	[ACCOUNT_WITHOUT_SERVER]: "no Server instance has its Short Server ID",
};

export function faultWords(fault: number): string {
	return ACCOUNT_FAULTS[fault] ?? `fault ${fault}`;
}
