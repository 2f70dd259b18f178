// The dialogue with the card as an onlooker sees it: which command an answer belongs to, which file is selected, and whether the
// answer may be shown.

import {
	INS_GET_RESPONSE,
	INS_MANAGE_CHANNEL,
	INS_READ_BINARY,
	INS_READ_RECORD,
	INS_SELECT,
	INS_STATUS,
	isWrapped,
	selectedFile,
} from "./apdu-words.js";
import { DirectoryGuard } from "./directory-guard.js";

/** EF(DIR) and EF(ODF); an EF(DODF) has no fixed ID. */
const DIRECTORY_FILES: readonly string[] = ["2F00", "5031"];
/** The templates that describe a file: FCP and FCI. */
const FCP_TAGS: readonly number[] = [0x62, 0x6f];

export class Exchange {
	private readonly guard = new DirectoryGuard();
	/** What the core says that it is reading, or null where there is no core to ask. */
	private readonly readsDirectory: () => boolean | null;
	/** Whether the selected file is a directory by its ID or by what the core says. */
	private directory = false;
	/** What it was that +CRSM named. */
	private named = "";
	/** The command that the data belong to: the one before GET RESPONSE. */
	private origin: Uint8Array | null = null;
	/** Data bytes that it has brought so far. */
	private count = 0;

	constructor(readsDirectory: () => boolean | null) {
		this.readsDirectory = readsDirectory;
	}

	/** A command goes to the card. */
	command(apdu: Uint8Array): void {
		if (apdu.length < 4) {
			this.origin = null;
			return;
		}
		if (apdu[1] === INS_GET_RESPONSE) return;
		if (apdu[1] === INS_SELECT) this.select(selectedFile(apdu));
		if (apdu[1] === INS_READ_RECORD) this.guard.reset();
		this.origin = apdu;
		this.count = 0;
	}

	/** A command goes to the card that names its file itself, by path and ID. */
	restricted(apdu: Uint8Array, file: string): void {
		if (file !== this.named) this.select(file.slice(-4));
		this.named = file;
		this.command(apdu);
	}

	private select(fid: string | null): void {
		this.directory = fid !== null && (this.readsDirectory() ?? DIRECTORY_FILES.includes(fid));
		this.guard.reset();
	}

	/** Data have come; whether they may be shown. */
	answer(data: Uint8Array): boolean {
		const { origin } = this;
		if (origin === null || isWrapped(origin[0])) return false;
		const at = this.count;
		this.count += data.length;
		switch (origin[1]) {
			// Only what the command asked for: a late answer to an earlier one may come in its place.
			case INS_MANAGE_CHANNEL:
				return data.length <= 1;
			case INS_SELECT:
			case INS_STATUS:
				return data.length === 0 || (at === 0 && FCP_TAGS.includes(data[0]) && (origin[3] & 0x0c) !== 0x0c);
			case INS_READ_BINARY: {
				const offset = ((origin[2] & 0x7f) << 8) | origin[3];
				return this.directory && (origin[2] & 0x80) === 0 && this.guard.take(offset + at, data);
			}
			case INS_READ_RECORD:
				return this.directory && this.guard.take(at, data);
		}
		return data.length === 0;
	}

	/** Whether an answer is awaited that must not be shown, in whatever form it comes. */
	get secret(): boolean {
		if (this.origin === null) return false;
		const ins = this.origin[1];
		return ins !== INS_MANAGE_CHANNEL && ins !== INS_SELECT && ins !== INS_STATUS;
	}
}
