// Where the bootstrap file is, according to the card's PKCS #15 directory (PKCS #15 v1.1 / ISO 7816-15; LwM2M TS, G.3). It
// looks at bytes that others have read, and says what to read next: a path, or a range of bytes in the file at hand.
// Whatever is not understood is skipped: real cards hold other objects, and gaps between them.

import { Ber } from "./ber.js";

/** The AID of PKCS #15: RID A0 00 00 00 63 and "PKCS-15"; and of ISO 7816-15: E8 28 BD 08 0F. */
export const PKCS15_AID_BYTES = 12;
const CIA_AID_BYTES = 5;
const CIA_AID_AT = PKCS15_AID_BYTES;
const AIDS = "\xa0\x00\x00\x00\x63PKCS-15\xe8\x28\xbd\x08\x0f";

/** The DER content of 2.23.43.9.1; and what the examples of TS 1.0.2 to 1.2 made of it (0.6.4.103.43.9.1), which live cards carry. */
const OID_BYTES = 4;
const MISENCODED_OID_BYTES = 6;
const OID_AT = CIA_AID_AT + CIA_AID_BYTES;
const MISENCODED_OID_AT = OID_AT + OID_BYTES;
const OIDS = "\x67\x2b\x09\x01\x06\x04\x67\x2b\x09\x01";

/** The paths of EF(DIR), from the MF, of EF(ODF), from the application, and of the DF that most cards have for PKCS #15. */
export const DIR_AT = MISENCODED_OID_AT + MISENCODED_OID_BYTES;
export const DIR_END = DIR_AT + 4;
export const ODF_AT = DIR_END;
export const ODF_END = ODF_AT + 2;
export const USUAL_DF_AT = ODF_END;
export const USUAL_DF_END = USUAL_DF_AT + 4;
const PATHS = "\x3f\x00\x2f\x00\x50\x31\x3f\x00\x7f\x50";

/** What a search finds: nothing, */
const NOTHING = 0;
/** a path at `from … to`; `index` and `length` say which part of the file it names, length -1 for all. */
export const PATH = 1;
/** the content itself at `from … to`. */
export const CONTENT = 2;

export class Pkcs15 {
	/** What the last search found: a path or the content, as buffer[from … to). */
	from: number;
	to: number;
	/** Behind a path: the byte offset in the file, and how many bytes, or -1. */
	index: number;
	length: number;
	/** Where the next search goes on. */
	next: number;
	/** Whether the last search met something that is not BER-TLV. */
	malformed: boolean;
	/** The constants that SELECT needs: the well-known AID at 0, the path of EF(DIR) at DIR_AT … */
	readonly constants: Uint8Array;
	private readonly ber: Ber;
	private readonly oid: Uint8Array | null;

	/** @param oid another OID's DER content, which replaces both of the bootstrap file's; null for these */
	constructor(buffer: Uint8Array, oid: Uint8Array | null) {
		const text = AIDS + OIDS + PATHS;
		const constants = new Uint8Array(text.length);
		for (let i = 0; i < constants.length; i++) constants[i] = text.charCodeAt(i);
		this.constants = constants;
		this.oid = oid;
		this.ber = new Ber(buffer);
		this.from = 0;
		this.to = 0;
		this.index = 0;
		this.length = -1;
		this.next = 0;
		this.malformed = false;
	}

	/**
	 * EF(DIR): the next template of a PKCS #15 application in buffer[from … to). Its AID is then at `from … to`, and the path of
	 * its DF, if there is one, at `index … index + length`; else `length` is -1.
	 *
	 *   61 { 4F aid, [50 label], 51 path, ... }     ISO 7816-4, 12.2.2.3
	 */
	application(from: number, to: number): boolean {
		const ber = this.ber;
		let at = from;
		let found = false;
		while (!found) {
			ber.enter(at, to);
			if (!ber.next()) break;
			at = ber.to;
			this.index = 0;
			this.length = -1;
			if (!ber.is(0x61)) continue;
			ber.descend();
			while (ber.next()) {
				if (ber.is(0x4f) && this.isPkcs15(ber.from, ber.to)) {
					found = true;
					this.from = ber.from;
					this.to = ber.to;
				} else if (ber.is(0x51)) {
					this.index = ber.from;
					this.length = ber.to - ber.from;
				}
			}
		}
		this.next = at;
		this.malformed = ber.malformed;
		return found;
	}

	/** Whether the AID that `application` found is the well-known one to the letter. */
	wellKnown(): boolean {
		return this.to - this.from === PKCS15_AID_BYTES && this.starts(this.from, 0, PKCS15_AID_BYTES);
	}

	/**
	 * EF(ODF): the next entry for data objects in buffer[from … to). PATH of an EF(DODF), CONTENT of one, or 0 when there is none.
	 *
	 *   PKCS15Objects ::= CHOICE { ..., dataObjects [7] PathOrObjects, ... }
	 *   PathOrObjects ::= CHOICE { path Path, objects [0] SEQUENCE OF, ... }     only these two are handled
	 */
	directory(from: number, to: number): number {
		const ber = this.ber;
		let at = from;
		for (;;) {
			ber.enter(at, to);
			if (!ber.next()) break;
			at = ber.to;
			if (!ber.is(0xa7)) continue;
			ber.descend();
			if (!ber.next()) continue;
			this.next = at;
			if (ber.is(0xa0)) {
				this.from = ber.from;
				this.to = ber.to;
				return CONTENT;
			}
			if (ber.is(0x30) && this.path(ber.from, ber.to) === PATH) return PATH;
		}
		this.malformed = ber.malformed;
		return NOTHING;
	}

	/**
	 * EF(DODF): the next bootstrap object in buffer[from … to). PATH of the file, CONTENT when it stands right here, or 0.
	 *
	 *   DataType ::= CHOICE { opaqueDO DataObject{Opaque}, externalIDO [0] ..., oidDO [1] DataObject{OidDO} }
	 *   DataObject ::= SEQUENCE { commonObjectAttributes SEQUENCE, classAttributes SEQUENCE, [0] ..., typeAttributes [1] }
	 *   classAttributes ::= SEQUENCE { applicationName UTF8String OPTIONAL, applicationOID OBJECT IDENTIFIER OPTIONAL }
	 *   OidDO ::= SEQUENCE { id OBJECT IDENTIFIER, value ObjectValue }       Opaque ::= ObjectValue
	 *   ObjectValue ::= CHOICE { indirect ReferencedValue, direct [0], ... }  only a Path and a direct value are handled
	 */
	object(from: number, to: number): number {
		const ber = this.ber;
		let at = from;
		for (;;) {
			ber.enter(at, to);
			if (!ber.next()) break;
			at = ber.to;
			if (!ber.is(0xa1) && !ber.is(0x30)) continue;
			const kind = this.dataObject(ber.from, ber.to, ber.is(0xa1));
			if (kind === NOTHING) continue;
			this.next = at;
			return kind;
		}
		this.malformed = ber.malformed;
		return NOTHING;
	}

	/** Where the last whole data object in buffer[from … to) ends: what is behind it is padding. `to` when something else is there. */
	extent(from: number, to: number): number {
		const ber = this.ber;
		let end = from;
		ber.enter(from, to);
		while (ber.next()) end = ber.to;
		return ber.malformed ? to : end;
	}

	/** One DataObject in buffer[from … to): where its value is, if it is the bootstrap file. */
	private dataObject(from: number, to: number, oidDo: boolean): number {
		const ber = this.ber;
		ber.enter(from, to);
		if (!ber.nextIs(0x30)) return NOTHING;
		let matches = false;
		if (ber.nextIs(0x30)) {
			const classTo = ber.to;
			ber.descend();
			while (ber.next()) if (ber.is(0x06) && this.isBootstrap(ber.from, ber.to)) matches = true;
			ber.enter(classTo, to);
		}
		ber.nextIs(0xa0);
		if (!ber.nextIs(0xa1)) return NOTHING;
		ber.descend();
		if (oidDo) {
			if (!ber.nextIs(0x30)) return NOTHING;
			ber.descend();
			if (!ber.nextIs(0x06)) return NOTHING;
			if (this.isBootstrap(ber.from, ber.to)) matches = true;
		}
		if (!matches || !ber.next()) return NOTHING;
		if (ber.is(0x30)) return this.path(ber.from, ber.to);
		if (!ber.is(0xa0)) return NOTHING;
		ber.descend();
		if (!ber.nextIs(0x04)) return NOTHING;
		this.from = ber.from;
		this.to = ber.to;
		return CONTENT;
	}

	/** Path ::= SEQUENCE { path OCTET STRING, index INTEGER OPTIONAL, length [0] INTEGER OPTIONAL } in buffer[from … to). */
	private path(from: number, to: number): number {
		const ber = this.ber;
		ber.enter(from, to);
		if (!ber.nextIs(0x04)) return NOTHING;
		this.from = ber.from;
		this.to = ber.to;
		this.index = 0;
		this.length = -1;
		if (ber.nextIs(0x02)) this.index = this.integer(ber.from, ber.to);
		if (ber.nextIs(0x80)) this.length = this.integer(ber.from, ber.to);
		return PATH;
	}

	/** A non-negative INTEGER; one that no file offset can be is 65535. */
	private integer(from: number, to: number): number {
		const buffer = this.ber.buffer;
		let value = 0;
		for (let i = from; i < to; i++) {
			value = value * 256 + buffer[i];
			if (value > 0xffff) return 0xffff;
		}
		return value;
	}

	private isPkcs15(from: number, to: number): boolean {
		const length = to - from;
		if (length >= PKCS15_AID_BYTES && this.starts(from, 0, PKCS15_AID_BYTES)) return true;
		return length >= CIA_AID_BYTES && this.starts(from, CIA_AID_AT, CIA_AID_BYTES);
	}

	private isBootstrap(from: number, to: number): boolean {
		const oid = this.oid;
		const length = to - from;
		if (oid !== null) {
			if (length !== oid.length) return false;
			for (let i = 0; i < length; i++) if (this.ber.buffer[from + i] !== oid[i]) return false;
			return true;
		}
		if (length === OID_BYTES) return this.starts(from, OID_AT, OID_BYTES);
		return length === MISENCODED_OID_BYTES && this.starts(from, MISENCODED_OID_AT, MISENCODED_OID_BYTES);
	}

	/** Whether the `count` bytes of the buffer at `from` are those of the constants at `at`. */
	private starts(from: number, at: number, count: number): boolean {
		const buffer = this.ber.buffer;
		for (let i = 0; i < count; i++) if (buffer[from + i] !== this.constants[at + i]) return false;
		return true;
	}
}
