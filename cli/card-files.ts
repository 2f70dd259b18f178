// The files around EF(LwM2M_Bootstrap) that make it findable (LwM2M TS, Appendix G.3; PKCS #15 v1.1 for EF(ODF) and EF(DODF);
// ETSI TS 102 221, 13.1 for EF(DIR)).
//
//   EF(DIR) record       61 L  4F L aid  50 L label  51 L path
//   EF(TokenInfo)        30 L  02 01 00  04 01 00  80 L label  03 02 07 80                version 1, a serial number, read-only
//   EF(ODF)              A7 L  30 L  04 02 file-id                                      dataObjects, PathOrObjects.path
//   EF(DODF-bootstrap)   A1 L  30 00  30 L (0C L name)           A1 L 30 L (06 L oid  30 L 04 02 file-id)     oidDO
//                        30 L  30 00  30 L (0C L name  06 L oid)  A1 L (30 L 04 02 file-id)                   opaqueDO

export interface CardIds {
	/** The DF of the PKCS #15 application, under the MF. */
	df: number;
	dodf: number;
	/** EF(LwM2M_Bootstrap). */
	file: number;
}

/** EF(ODF) and EF(TokenInfo) are always here (PKCS #15 v1.1). */
export const ODF_ID = 0x5031;
export const TOKEN_INFO_ID = 0x5032;
export const USUAL_IDS: Readonly<CardIds> = { df: 0x7f50, dodf: 0x6430, file: 0x6432 };

export interface CardForm {
	/** The OID with its tag and length once more, as TS 1.0 to 1.2 print it. */
	misencodedOid: boolean;
	/** An opaqueDO with applicationOID in place of an oidDO. */
	opaque: boolean;
}

export interface CardFiles {
	dirRecord: Uint8Array;
	/** Modems do not ask for it, but PKCS #15 wants it in every application, and readers for desktops give up without it. */
	tokenInfo: Uint8Array;
	odf: Uint8Array;
	dodf: Uint8Array;
	file: Uint8Array;
}

const MF = [0x3f, 0x00];
/** A0 00 00 00 63 "PKCS-15" */
export const PKCS15_AID: readonly number[] = [0xa0, 0, 0, 0, 0x63, 0x50, 0x4b, 0x43, 0x53, 0x2d, 0x31, 0x35];
const DIR_LABEL = "PKCS-15";
const APPLICATION_NAME = "LwM2M Bootstrap";
/** 2.23.43.9.1 */
const OID = [0x67, 0x2b, 0x09, 0x01];

/** One BER-TLV; all that is made here is shorter than 128 bytes. */
function tlv(tag: number, ...parts: readonly (readonly number[])[]): number[] {
	const value = parts.flat();
	return [tag, value.length, ...value];
}

function ascii(text: string): number[] {
	return [...Buffer.from(text, "latin1")];
}

function fid(id: number): number[] {
	return [id >> 8, id & 0xff];
}

function tokenInfo(): number[] {
	return tlv(
		0x30,
		[0x02, 0x01, 0x00],
		[0x04, 0x01, 0x00],
		tlv(0x80, ascii(APPLICATION_NAME)),
		[0x03, 0x02, 0x07, 0x80],
	);
}

function dataObject(ids: Readonly<CardIds>, form: CardForm): number[] {
	const common = tlv(0x30);
	const name = tlv(0x0c, ascii(APPLICATION_NAME));
	const oid = tlv(0x06, form.misencodedOid ? tlv(0x06, OID) : OID);
	const path = tlv(0x30, tlv(0x04, fid(ids.file)));
	if (form.opaque) return tlv(0x30, common, tlv(0x30, name, oid), tlv(0xa1, path));
	return tlv(0xa1, common, tlv(0x30, name), tlv(0xa1, tlv(0x30, oid, path)));
}

export function cardFiles(file: Uint8Array, ids: Readonly<CardIds>, form: CardForm): CardFiles {
	const path = tlv(0x51, MF, fid(ids.df));
	return {
		dirRecord: Uint8Array.from(tlv(0x61, tlv(0x4f, PKCS15_AID), tlv(0x50, ascii(DIR_LABEL)), path)),
		tokenInfo: Uint8Array.from(tokenInfo()),
		odf: Uint8Array.from(tlv(0xa7, tlv(0x30, tlv(0x04, fid(ids.dodf))))),
		dodf: Uint8Array.from(dataObject(ids, form)),
		file,
	};
}
