// From the card to the place of the bootstrap file (LwM2M TS, G.2 and G.3): the PKCS #15 application, its EF(ODF), every
// EF(DODF) in order, the object with the bootstrap OID.
//
// The directory files are read into the file buffer, one behind the other: the file itself comes after them. The place is a
// path and a range of bytes, even when the object holds its content directly: that is a range of bytes in EF(DODF).

import { Applications } from "./applications.js";
import {
	DIRECTORY_MALFORMED,
	DIRECTORY_TOO_LARGE,
	FILE_MISSING,
	NO_APPLICATION,
	NO_OBJECT,
	OK,
	PATH_INVALID,
	WAIT,
} from "./codes.js";
import { Failure } from "./failure.js";
import { Machine } from "./machine.js";
import { ODF_AT, ODF_END, PATH, Pkcs15 } from "./pkcs15.js";
import { STEP_APPLICATION, STEP_DODF, STEP_ODF, STEP_SELECT } from "./steps.js";
import { PATH_MAX_BYTES, type Uicc } from "./uicc.js";

/** So many EF(DODF)s of one application are looked at; no card has more. */
const DODFS_MAX = 16;
/** So many files that the directory names, and the card does not have, are tried. */
const OFFERS_MAX = 16;

const enum State {
	IDLE,
	APPLICATION,
	/** The directory file in hand is selected, */
	SELECT,
	/** and read. */
	READ,
	/** The result is known already. */
	KNOWN,
}

/** Where a file is. */
export interface Place {
	/** Its path, path[0 … pathLength). */
	readonly path: Uint8Array;
	readonly pathLength: number;
	/** From this byte of it on, */
	readonly offset: number;
	/** so many, or -1 for what its header says. */
	readonly length: number;
}

/** A directory file in the buffer, as far as it has been read. */
class Listing {
	/** It lies in buffer[at … end), where the search goes on at `at`, without the padding behind its last data object; and has room up to `limit`. */
	at: number;
	end: number;
	limit: number;
	/** The byte of the file that is read next; there may be `more`. */
	next: number;
	more: boolean;
	/** What stands at a place of the buffer stands so much further on in the file. */
	shift: number;

	constructor() {
		this.at = 0;
		this.end = 0;
		this.limit = 0;
		this.next = 0;
		this.more = false;
		this.shift = 0;
	}

	/** Nothing of it has been read: it comes to buffer[at … limit), from its byte `next` on. */
	begin(at: number, limit: number, next: number): void {
		this.at = at;
		this.end = at;
		this.limit = limit;
		this.next = next;
		this.more = false;
	}
}

export class Discovery extends Machine implements Place {
	readonly path: Uint8Array;
	pathLength: number;
	offset: number;
	length: number;
	/** The step that is under way or failed, where it is not `applications` that knows. */
	private stage: number;
	readonly failure: Failure;
	private readonly uicc: Uicc;
	private readonly buffer: Uint8Array;
	private readonly pkcs15: Pkcs15;
	private readonly applications: Applications;
	private readonly fileId: number;
	private readonly odf: Listing;
	private readonly dodf: Listing;
	/** The path of the EF(DODF), in the EF(ODF); `dodfFrom` is -1 when it is a part of that file. */
	private dodfFrom: number;
	private dodfTo: number;
	/** Which of the two is gone through. */
	private listing: Listing;
	private dodfs: number;
	/** Places that were found, and perhaps then not. */
	private offers: number;
	private result: number;

	/**
	 * @param oid the DER content of another OID in place of the bootstrap file's, or null
	 * @param fileId a fixed file ID under the PKCS #15 application in place of the search, or -1
	 */
	constructor(uicc: Uicc, buffer: Uint8Array, oid: Uint8Array | null, fileId: number) {
		super(uicc);
		const pkcs15 = new Pkcs15(buffer, oid);
		this.path = new Uint8Array(PATH_MAX_BYTES);
		this.pathLength = 0;
		this.offset = 0;
		this.length = -1;
		this.stage = STEP_APPLICATION;
		this.failure = new Failure(uicc.response);
		this.uicc = uicc;
		this.buffer = buffer;
		this.pkcs15 = pkcs15;
		this.applications = new Applications(uicc, buffer, pkcs15, this.failure);
		this.fileId = fileId;
		this.odf = new Listing();
		this.dodf = new Listing();
		this.dodfFrom = 0;
		this.dodfTo = 0;
		this.listing = this.odf;
		this.dodfs = 0;
		this.offers = 0;
		this.result = OK;
	}

	/** The step of the whole procedure that is under way; where it failed, after an error. */
	get step(): number {
		return this.state === State.APPLICATION ? this.applications.step : this.stage;
	}

	/** Starts the search, on an open channel: OK when a place was found, or the error that ends it. */
	start(): void {
		this.forget(false);
		this.nextApplication();
	}

	/** The application's PIN has been verified: goes on with its files, without selecting it anew. */
	resume(): void {
		this.forget(true);
		this.know(this.useApplication());
	}

	/** The place that was found does not exist on the card: goes on behind it. Only before anything was read over the directory. */
	next(): void {
		this.failure.missingSw = this.uicc.response.sw;
		this.know(this.fileId >= 0 || this.offers >= OFFERS_MAX ? this.nextApplication() : this.search());
	}

	/** Takes `offset` and `length` of a place that is known already; its path has been put into `path`. */
	take(pathLength: number, offset: number, length: number): void {
		this.pathLength = pathLength;
		this.offset = offset;
		this.length = length;
	}

	protected proceed(code: number): number {
		if (this.state === State.KNOWN) return this.result;
		if (this.state === State.APPLICATION) {
			this.stage = this.applications.step;
			if (code === OK) return this.useApplication();
			return code === NO_APPLICATION ? this.verdict() : code;
		}
		if (this.failure.ends(code, this.stage)) return code;
		if (this.state === State.READ) return this.received(code);
		return code === OK ? this.read() : this.leave(code);
	}

	private forget(selected: boolean): void {
		this.failure.begin();
		this.applications.begin(selected);
		this.offers = 0;
		this.pathLength = 0;
	}

	/** Outside of `poll` a result waits for the next one. */
	private know(result: number): void {
		if (result === WAIT) return;
		this.result = result;
		this.state = State.KNOWN;
		this.below = this.uicc;
		this.uicc.tell(OK);
	}

	/** Nothing was found: why? */
	private verdict(): number {
		const failure = this.failure;
		const applications = this.applications;
		const code = failure.code;
		this.stage = failure.step;
		if (this.offers > 0 || code === OK) failure.sw = failure.missingSw;
		if (this.offers > 0) {
			this.stage = STEP_SELECT;
			return FILE_MISSING;
		}
		if (code !== OK) return code;
		// Wherever the search ended, this is what it was for.
		this.stage = applications.found ? STEP_DODF : STEP_APPLICATION;
		return applications.found && !applications.guessed ? NO_OBJECT : NO_APPLICATION;
	}

	/** This application is done with: there may be another one. */
	private nextApplication(): number {
		this.state = State.APPLICATION;
		this.below = this.applications;
		this.applications.next();
		return WAIT;
	}

	/** The application is there: its file with the fixed ID, or its EF(ODF). */
	private useApplication(): number {
		this.below = this.uicc;
		if (this.fileId >= 0) {
			this.path[0] = this.fileId >> 8;
			this.path[1] = this.fileId & 255;
			this.take(2, 0, -1);
			this.offers += 1;
			return OK;
		}
		this.dodfs = 0;
		this.odf.begin(0, this.buffer.length, 0);
		return this.select(this.odf);
	}

	private select(listing: Listing): number {
		const own = listing === this.dodf && this.dodfFrom >= 0;
		this.listing = listing;
		this.stage = listing === this.odf ? STEP_ODF : STEP_DODF;
		this.state = State.SELECT;
		if (own) this.uicc.selectFile(this.buffer, this.dodfFrom, this.dodfTo, false);
		else this.uicc.selectFile(this.pkcs15.constants, ODF_AT, ODF_END, false);
		return WAIT;
	}

	/** Reads what of the listing in hand is not here yet; its file is selected. */
	private read(): number {
		const listing = this.listing;
		listing.shift = listing.next - listing.end;
		this.uicc.response.store(this.buffer, listing.end, listing.limit);
		this.uicc.read(listing.next, listing.limit - listing.end, false);
		this.state = State.READ;
		return WAIT;
	}

	/** The directory file in hand is of no use. */
	private leave(code: number): number {
		this.failure.note(code, this.stage);
		if (this.listing === this.odf) return this.nextApplication();
		this.backToOdf();
		return this.search();
	}

	/** Its file is not the one that is selected. */
	private backToOdf(): void {
		this.listing = this.odf;
		this.state = State.SELECT;
	}

	/** Some of the directory file in hand is in the buffer. */
	private received(code: number): number {
		const uicc = this.uicc;
		const listing = this.listing;
		const room = listing.limit - listing.end;
		let count = uicc.response.count;
		// One whose directory entry says how long it is may fill its room.
		if (code === OK && listing.limit === this.buffer.length && (count > room || (count === room && !uicc.ended)))
			code = DIRECTORY_TOO_LARGE;
		if (code !== OK) return this.leave(code);
		if (count > room) count = room;
		this.applications.guessed = false;
		listing.more = uicc.more && count > 0 && count < room;
		listing.next += count;
		listing.end = this.pkcs15.extent(listing.at, listing.end + count);
		return this.search();
	}

	/** Goes on in the directory file in hand. OK when the place of the file is known. */
	private search(): number {
		const pkcs15 = this.pkcs15;
		const buffer = this.buffer;
		const odf = this.odf;
		const dodf = this.dodf;
		for (;;) {
			const listing = this.listing;
			const kind = listing === dodf ? pkcs15.object(dodf.at, dodf.end) : pkcs15.directory(odf.at, odf.end);
			if (kind === 0) {
				if (listing.more) {
					if (!pkcs15.malformed) listing.at = listing.end;
					return this.state === State.READ ? this.read() : this.select(listing);
				}
				if (pkcs15.malformed) this.failure.note(DIRECTORY_MALFORMED, this.stage);
				if (listing === odf) return this.nextApplication();
				this.backToOdf();
				continue;
			}
			const from = pkcs15.from;
			const to = pkcs15.to;
			listing.at = pkcs15.next;
			if (listing === dodf) {
				let placed = false;
				if (kind === PATH) {
					this.take(0, pkcs15.index, pkcs15.length);
					placed = this.place(buffer, from, to);
				} else {
					this.take(0, from + dodf.shift, to - from);
					if (this.dodfFrom < 0) placed = this.place(pkcs15.constants, ODF_AT, ODF_END);
					else placed = this.place(buffer, this.dodfFrom, this.dodfTo);
				}
				if (placed) return OK;
				this.failure.note(PATH_INVALID, this.stage);
				continue;
			}
			this.dodfs += 1;
			if (this.dodfs > DODFS_MAX) return this.nextApplication();
			if (kind !== PATH) {
				// What stands in the EF(ODF) is a part of that file.
				this.dodfFrom = -1;
				dodf.begin(from, to, 0);
				dodf.end = to;
				dodf.shift = odf.shift;
				this.listing = dodf;
				continue;
			}
			// It is read behind the EF(ODF).
			this.stage = STEP_DODF;
			this.dodfFrom = from;
			this.dodfTo = to;
			dodf.begin(odf.end, buffer.length, pkcs15.index);
			if (pkcs15.length >= 0) dodf.limit = Math.min(odf.end + pkcs15.length, buffer.length);
			if (odf.end < buffer.length) return this.select(dodf);
			this.failure.note(DIRECTORY_TOO_LARGE, this.stage);
		}
	}

	/** Keeps a path as the place of the file. False when no file can have it. */
	private place(bytes: Uint8Array, from: number, to: number): boolean {
		const length = to - from;
		if (length < 2 || length > PATH_MAX_BYTES || (length & 1) === 1) return false;
		// The MF is no file.
		if (length === 2 && bytes[from] === 0x3f && bytes[from + 1] === 0) return false;
		for (let i = 0; i < length; i++) this.path[i] = bytes[from + i];
		this.pathLength = length;
		this.offers += 1;
		return true;
	}
}
