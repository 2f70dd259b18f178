// A whole card around one EF(LwM2M_Bootstrap): OMA LwM2M TS Appendix G.3 for the files, PKCS #15 v1.1 for the entries
// of EF(ODF) and EF(DODF), ETSI TS 102 221 clause 13 for EF(DIR), EF(ICCID) and EF(ARR). Every deviation that is seen
// in the field is an option.
//
//   EF(ODF)   A7 L 30 L 04 n path                                            PathOrObjects.path
//             A7 L A0 L entries                                              PathOrObjects.objects
//   EF(DODF)  A1 L  30 L common  30 L class  A1 L 30 L 06 n oid <value>      oidDO
//             30 L  30 L common  30 L class  A1 L <value>                    opaqueDO
//   value     30 L 04 n path [02 n index 80 n length]  |  A0 L 04 n data     indirect | direct
import { ber, fromHex, joinBytes, padBytes, sameBytes, textBytes } from "./bytes.js";
import { sampleFile } from "./files.js";
import type {
	BootstrapCardOptions,
	BootstrapCardProfile,
	CardProfile,
	DfProfile,
	EfProfile,
	PinProfile,
} from "./profile.js";
import { ACCESS_ADM, ACCESS_ALWAYS, ACCESS_NEVER } from "./profile.js";

const USIM_AID = "A0000000871002FFFFFFFF8907090000";
/** 2.23.43.9.1, and the same with tag and length once more (TS 1.0.2, 1.1.1 and 1.2). */
const OID_RIGHT = "672B0901";
const OID_DOUBLED = "0604672B0901";
/** A data object of the GlobalPlatform access control, as it stands on many cards beside others. */
const ACCESS_CONTROL_OBJECT =
	"A129 3000 300F0C0D4750205345204163632043746C A114 3012 060A2A864886FC6B81480102 300404024200";
const DIR_RECORD_BYTES = 0x26;
const ODF_BYTES = 32;
/** Where DODFs stand that do not hold the bootstrap object. */
const OTHER_DODF_FID = 0x6440;
/**
 * Records of EF(ARR): read with a PIN, always, with the administrative key, never. The last one is the directories'.
 */
const ARR_PIN = 1;
const ARR_ALWAYS = 2;
const ARR_ADM = 3;
const ARR_NEVER = 4;
const ARR_RECORDS = 12;

/** The AID of PKCS #15, A0 00 00 00 63 "PKCS-15" (PKCS #15 v1.1 clause 5.6). */
export function pkcs15Aid(): Uint8Array {
	return fromHex("A000000063504B43532D3135");
}

function fidBytes(fid: number): Uint8Array {
	return new Uint8Array([fid >> 8, fid & 0xff]);
}

/** Content octets of a positive DER INTEGER. */
function derInteger(value: number): Uint8Array {
	if (value <= 0x7f) return new Uint8Array([value]);
	if (value <= 0x7fff) return new Uint8Array([value >> 8, value & 0xff]);
	return new Uint8Array([value >> 16, (value >> 8) & 0xff, value & 0xff]);
}

/** Access to read, in the expanded form: AM_DO 80 01 01 and SC_DO (TS 102 221 clause 9.2.4); to update: key 0A. */
function accessRule(access: number): Uint8Array {
	const update = fromHex("800102A40683010A950108");
	if (access === ACCESS_ALWAYS) return joinBytes([fromHex("8001019000"), update]);
	if (access === ACCESS_NEVER) return joinBytes([fromHex("8001019700"), update]);
	return joinBytes([fromHex("800101"), ber(0xa4, new Uint8Array([0x83, 0x01, access, 0x95, 0x01, 0x08])), update]);
}

function arrFile(fid: number, pin: number): EfProfile {
	const records: Uint8Array[] = [];
	for (let i = 1; i <= ARR_RECORDS; i++) {
		let access = ACCESS_ALWAYS;
		if (i === ARR_PIN) access = pin;
		if (i === ARR_ADM) access = ACCESS_ADM;
		if (i === ARR_NEVER) access = ACCESS_NEVER;
		records.push(padBytes(accessRule(access), 0x20, 0xff));
	}
	return { fid: fid, sfi: fid === 0x2f06 ? 6 : 0, records: records };
}

/** The security attributes of an FCP: 8B reference to EF(ARR), 8C compact, AB expanded. */
function securityAttributes(access: number, form: string, arrFid: number): Uint8Array {
	if (form === "expanded") return ber(0xab, accessRule(access));
	if (form === "compact") {
		// AM byte 01 = READ; SC byte 00 always, FF never, 1x user authentication of security environment x.
		let condition = 0x11;
		if (access === ACCESS_ALWAYS) condition = 0x00;
		if (access === ACCESS_NEVER) condition = 0xff;
		return ber(0x8c, new Uint8Array([0x01, condition]));
	}
	let record = ARR_PIN;
	if (access === ACCESS_ALWAYS) record = ARR_ALWAYS;
	if (access === ACCESS_ADM) record = ARR_ADM;
	if (access === ACCESS_NEVER) record = ARR_NEVER;
	return ber(0x8b, joinBytes([fidBytes(arrFid), new Uint8Array([record])]));
}

/** EF(ICCID): digits two by two, the first in the low half, padded with F. */
function iccidBytes(digits: string): Uint8Array {
	const bytes = new Uint8Array(10);
	bytes.fill(0xff);
	for (let i = 0; i < digits.length && i < 20; i++) {
		const digit = digits.charCodeAt(i) - 0x30;
		if (i % 2 === 0) bytes[i >> 1] = 0xf0 | digit;
		else bytes[i >> 1] = (bytes[i >> 1] & 0x0f) | (digit << 4);
	}
	return bytes;
}

/** 61 L 4F L aid 50 L label 51 L path (TS 102 221 clause 13.1). */
function dirRecord(aid: Uint8Array, label: string, path: Uint8Array | null): Uint8Array {
	const parts = [ber(0x4f, aid), ber(0x50, textBytes(label))];
	if (path !== null) parts.push(ber(0x51, path));
	return ber(0x61, joinBytes(parts));
}

function dirFile(records: Uint8Array[]): EfProfile {
	let length = DIR_RECORD_BYTES;
	for (let i = 0; i < records.length; i++) if (records[i].length > length) length = records[i].length;
	const padded: Uint8Array[] = [];
	for (let i = 0; i < records.length; i++) padded.push(padBytes(records[i], length, 0xff));
	return { fid: 0x2f00, sfi: 0x1e, records: padded };
}

/** Entries with the filler that the options put between them. */
function joinEntries(entries: Uint8Array[], options: BootstrapCardOptions): Uint8Array {
	const gap = new Uint8Array(options.gapBytes || 0);
	gap.fill(options.gapByte !== undefined ? options.gapByte : 0xff);
	const parts: Uint8Array[] = [];
	for (let i = 0; i < entries.length; i++) {
		if (i > 0) parts.push(gap);
		parts.push(entries[i]);
	}
	return joinBytes(parts);
}

/** The data object of the bootstrap data. */
function bootstrapObject(options: BootstrapCardOptions, content: Uint8Array, path: Uint8Array): Uint8Array {
	const oid = ber(0x06, fromHex(options.oid === "doubled" ? OID_DOUBLED : OID_RIGHT));
	const label = ber(0x0c, textBytes("LwM2M Bootstrap"));
	// flags BIT STRING: private
	const common = ber(0x30, options.pin !== undefined ? fromHex("03020780") : new Uint8Array(0));
	let value: Uint8Array;
	if (options.dodfForm === "direct") {
		value = ber(0xa0, ber(0x04, content));
	} else {
		const parts = [ber(0x04, path)];
		if (options.pathIndex !== undefined) {
			const length = options.pathLength !== undefined ? options.pathLength : content.length;
			parts.push(ber(0x02, derInteger(options.pathIndex)));
			parts.push(ber(0x80, derInteger(length)));
		}
		value = ber(0x30, joinBytes(parts));
	}
	if (options.dodfForm === "opaque") {
		return ber(0x30, joinBytes([common, ber(0x30, joinBytes([label, oid])), ber(0xa1, value)]));
	}
	const type = ber(0xa1, ber(0x30, joinBytes([oid, value])));
	return ber(0xa1, joinBytes([common, ber(0x30, label), type]));
}

/** A7 L 30 L 04 02 fid */
function odfEntry(tag: number, fid: number): Uint8Array {
	return ber(tag, ber(0x30, ber(0x04, fidBytes(fid))));
}

/** A whole card around one EF(LwM2M_Bootstrap). */
export function bootstrapCard(options: BootstrapCardOptions): BootstrapCardProfile {
	const content = options.file !== undefined ? options.file : sampleFile();
	const padding = options.padding !== undefined ? options.padding : 0xff;
	const placement = options.placement || "both";
	const dfFid = options.dfFid || 0x7f50;
	const fileFid = options.fileFid || 0x6432;
	const dodfFid = options.dodfFid || 0x6430;
	const aid = options.aid || pkcs15Aid();
	const form = options.security || "referenced";
	const pin = options.pin;
	const access = pin !== undefined ? pin.reference : ACCESS_ALWAYS;
	const iccid = options.iccid || "8988211000000000017";

	const application: DfProfile = { efs: [], dfs: [], pins: [] };
	if (placement === "both" || placement === "df") application.fid = dfFid;
	if (placement === "both" || placement === "adf") application.aid = aid;

	// The file.
	const index = options.pathIndex || 0;
	const absolute = options.pathForm === "absolute";
	let bootstrapFile: EfProfile | null = null;
	if (content !== null && options.dodfForm !== "direct") {
		const size = options.fileSize !== undefined ? options.fileSize : index + content.length + 2;
		const before = new Uint8Array(index);
		before.fill(padding);
		bootstrapFile = {
			fid: fileFid,
			data: padBytes(joinBytes([before, content]), size, padding),
			access: access,
			security: securityAttributes(access, form, 0x6f06),
			sfi: options.fileSfi || 0,
			deactivated: options.deactivated === true,
		};
	}
	const path = absolute ? joinBytes([fidBytes(0x3f00), fidBytes(dfFid), fidBytes(fileFid)]) : fidBytes(fileFid);

	// EF(DODF), one or more, or none.
	const others: Uint8Array[] = [];
	for (let i = 0; i < (options.otherObjects || 0); i++) others.push(fromHex(ACCESS_CONTROL_OBJECT));
	const entries = others.concat([]);
	if (content !== null) entries.push(bootstrapObject(options, content, path));
	const dodfContent = options.dodfData || joinEntries(entries, options);
	const dodfAccess = options.pinProtectsDodf === true ? access : ACCESS_ALWAYS;
	const dodfs: EfProfile[] = [];
	if (options.odfInline !== true) {
		const count = options.dodfCount || 1;
		for (let i = 0; i < count; i++) {
			const last = i === count - 1;
			const bytes = last ? dodfContent : fromHex(ACCESS_CONTROL_OBJECT);
			dodfs.push({
				fid: last ? dodfFid : OTHER_DODF_FID + i,
				data: padBytes(bytes, bytes.length + 2, padding),
				access: last ? dodfAccess : ACCESS_ALWAYS,
				security: securityAttributes(last ? dodfAccess : ACCESS_ALWAYS, form, 0x6f06),
			});
		}
	}

	// EF(ODF).
	const lines: Uint8Array[] = [];
	if (others.length > 0) lines.push(odfEntry(0xa4, 0x5005));
	for (let i = 0; i < dodfs.length; i++) lines.push(odfEntry(0xa7, dodfs[i].fid));
	if (options.odfInline === true) lines.push(ber(0xa7, ber(0xa0, dodfContent)));
	const odfContent = options.odfData || joinEntries(lines, options);
	const odfSize = Math.max(odfContent.length + 2, ODF_BYTES);
	const odf: EfProfile = {
		fid: options.odfFid || 0x5031,
		data: padBytes(odfContent, odfSize, padding),
		security: securityAttributes(ACCESS_ALWAYS, form, 0x6f06),
	};

	application.efs.push(odf);
	// EF(TokenInfo): version 1, label, no flags.
	application.efs.push({ fid: 0x5032, data: options.tokenInfo || fromHex("300F0201000406112233445566030204 90") });
	for (let i = 0; i < dodfs.length; i++) application.efs.push(dodfs[i]);
	const arrPin = pin !== undefined ? pin.reference : 0x01;
	application.efs.push(arrFile(0x6f06, arrPin));

	// PINs: the card's, the administrative key, and the one that protects the file.
	const cardPin = options.cardPin || { reference: 0x01, value: "1234", enabled: false };
	const pins: PinProfile[] = [];
	pins.push(pin !== undefined && pin.reference === cardPin.reference ? pin : cardPin);
	if (pin !== undefined && pin.reference < 0x80 && pin.reference !== cardPin.reference) pins.push(pin);
	if (pin !== undefined && pin.reference >= 0x80) application.pins = [pin];
	if (pin === undefined || pin.reference !== ACCESS_ADM) {
		pins.push({ reference: ACCESS_ADM, value: "77777777", enabled: true });
	}

	// The USIM has a file with the very FID of the bootstrap file, and something else in it.
	const usim: DfProfile = {
		aid: fromHex(USIM_AID),
		efs: [
			{ fid: 0x6f07, sfi: 7, data: fromHex("0809101032547698F1"), access: cardPin.reference },
			{ fid: 0x6fad, sfi: 3, data: fromHex("00000002") },
			{ fid: fileFid, data: fromHex("0000000000000000") },
			arrFile(0x6f06, cardPin.reference),
		],
		dfs: [{ fid: 0x5f3b, efs: [{ fid: 0x4f20, sfi: 1, data: fromHex("FFFFFFFFFFFFFFFF07") }] }],
	};
	const mf: DfProfile = {
		fid: 0x3f00,
		efs: [
			{ fid: 0x2fe2, sfi: 2, data: iccidBytes(iccid) },
			{ fid: 0x2f05, sfi: 5, data: fromHex("656EFFFF") },
			arrFile(0x2f06, cardPin.reference),
		],
		dfs: [{ fid: 0x7f10, efs: [{ fid: 0x6f3a, records: [padBytes(new Uint8Array(0), 28, 0xff)] }] }],
	};
	const dfs = mf.dfs as DfProfile[];

	// Where the application and its file hang.
	const applications: DfProfile[] = [usim];
	let holder = application;
	if (placement === "both" || placement === "adf") applications.push(application);
	if (placement === "both" || placement === "df") dfs.push(application);
	if (absolute && placement === "adf") {
		holder = { fid: dfFid, efs: [arrFile(0x6f06, arrPin)] };
		dfs.push(holder);
	}
	if (bootstrapFile !== null) holder.efs.push(bootstrapFile);

	// EF(DIR). An application that is no DF under the MF is given the alias as its path.
	if (options.dir !== false) {
		let records: Uint8Array[] = [];
		if (options.dirRecords !== undefined) {
			records = options.dirRecords;
		} else {
			const second = dirRecord(
				aid,
				sameBytes(aid, pkcs15Aid()) ? "PKCS-15" : "Bootstrap",
				joinBytes([fidBytes(0x3f00), fidBytes(placement === "adf" ? 0x7fff : dfFid)]),
			);
			if (placement !== "none" && options.dirPkcs15First === true) records.push(second);
			records.push(dirRecord(fromHex(USIM_AID), "USim1", null));
			if (placement !== "none" && options.dirPkcs15First !== true) records.push(second);
		}
		mf.efs.push(dirFile(records));
	}

	const card: CardProfile = { iccid: iccid, mf: mf, applications: applications, pins: pins };
	if (options.channels !== undefined) card.channels = options.channels;
	if (options.manners !== undefined) card.manners = options.manners;
	if (options.faults !== undefined) card.faults = options.faults;
	const whole = card as BootstrapCardProfile;
	whole.bootstrapFile = bootstrapFile;
	whole.odf = odf;
	whole.dodfs = dodfs;
	whole.application = application;
	return whole;
}
