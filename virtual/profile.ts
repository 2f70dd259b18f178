// What a virtual card holds, as plain data: the tree of files of ETSI TS 102 221 clause 8, the applications and PINs of
// clauses 8.6 and 9, and the card's manners, that is, where real cards differ though all of them may call it right. A
// VirtualCard keeps a reference to its profile and copies nothing, so whoever changes `data` here has changed the file
// on the card, as an update over the air does.

/**
 * Read access of an EF: ACCESS_ALWAYS, ACCESS_NEVER, or the reference of the PIN or key that opens it (01-08, 11,
 * 81-88, 0A-0E).
 */
export const ACCESS_ALWAYS = 0x00;
export const ACCESS_NEVER = 0xff;
export const ACCESS_ADM = 0x0a;

/** An elementary file: transparent when it has `data`, linear fixed when it has `records` (all of one length). */
export interface EfProfile {
	fid: number;
	/** Short File Identifier, 1 to 30; absent or 0 = none. */
	sfi?: number;
	data?: Uint8Array;
	records?: Uint8Array[];
	/** Who may read it; default ACCESS_ALWAYS. */
	access?: number;
	/** Life cycle: SELECT answers 6283, READ 6984. */
	deactivated?: boolean;
	/** The security attributes of the FCP as a whole TLV (8B, 8C or AB); default 8B 03 6F06 and a record number. */
	security?: Uint8Array;
	/** The whole FCP template, if the card gives another than the one built from the file. */
	fcp?: Uint8Array;
}

/** A directory: a DF (has `fid`), an ADF (has `aid`), or both. */
export interface DfProfile {
	fid?: number;
	aid?: Uint8Array;
	efs: EfProfile[];
	dfs?: DfProfile[];
	/** Local PINs (81-88) of an application. */
	pins?: PinProfile[];
	fcp?: Uint8Array;
}

export interface PinProfile {
	/** 01-08 global, 11 universal, 81-88 local, 0A-0E administrative. */
	reference: number;
	/** The PIN as digits; padded with FF to 8 bytes. */
	value: string;
	enabled: boolean;
	/** Tries left, default 3; 0 = blocked. */
	tries?: number;
}

/**
 * Replaces the answer to command number `index` (counted from 0 since construction); the command is not carried out.
 */
export interface CardFault {
	index: number;
	answer: Uint8Array;
}

/** Where cards differ. Everything is optional; the defaults make a plain T=0 UICC. */
export interface CardManners {
	/** Transmission protocol: "t0" (6Cxx, 61xx and GET RESPONSE) or "t1" (direct). Default "t0". */
	transport?: "t0" | "t1";
	/** T=0: Le = 00 means "what there is" and is answered with data, not with 6Cxx. Default false. */
	acceptsLe00?: boolean;
	/** T=1: status word of a READ BINARY that met the end of the file; default 6282, some say 9000. */
	shortReadSw?: number;
	/** SELECT with P2 = 0C is answered 6A86. */
	refusesNoData?: boolean;
	/** SELECT with P2 = 04 is answered 6A86. */
	refusesFcp?: boolean;
	/** 7FFF is not known (6A82). */
	refusesAlias?: boolean;
	/** SELECT by path from the current DF (P1 = 09) is answered 6A86. */
	refusesPathFromDf?: boolean;
	/** SELECT by path from the MF (P1 = 08) is answered 6A86. */
	refusesPathFromMf?: boolean;
	/** SELECT by file identifier (P1 = 00) is answered 6A86. */
	refusesFid?: boolean;
	/** MANAGE CHANNEL close with a fifth byte is answered 6700. */
	refusesCloseLe?: boolean;
	/** MANAGE CHANNEL close without a fifth byte is answered 6700. */
	demandsCloseLe?: boolean;
	/** The first n answers that would be 9000 are 91xx: a proactive command waits. */
	proactiveTimes?: number;
	/** xx of 91xx; default 0B. */
	proactiveLength?: number;
	/** The first n commands are answered 9300 (toolkit busy) and not carried out. */
	busyTimes?: number;
	/** READ BINARY and READ RECORD answer 61xx; the data come by GET RESPONSE. */
	readAnswers61?: boolean;
	/** STATUS answers 61xx, likewise. */
	statusAnswers61?: boolean;
	/** The most data bytes of one answer; READ BINARY gives fewer than asked, with 9000. */
	maxAnswerBytes?: number;
	/** The first n READ BINARY are answered 6C00, whatever Le is. */
	wrongLe00Times?: number;
	/** The first n READ BINARY are answered 9000 without data. */
	emptyReadTimes?: number;
	/** Status word of a GET RESPONSE when nothing waits; default 6985, others say 6F00. */
	getResponseSw?: number;
}

/** A T=0 card that answers Le = 00 with what there is, as most do. */
export const USUAL_MANNERS: CardManners = { acceptsLe00: true };

export interface CardProfile {
	/** Digits of the ICCID, as they are printed. */
	iccid: string;
	/** The MF: EF(DIR), EF(ICCID), DFs. */
	mf: DfProfile;
	/**
	 * ADFs in the order in which SELECT by a truncated AID finds them. A DF that has an AID and can be selected by it
	 * stands in both places.
	 */
	applications: DfProfile[];
	/** PINs of the whole card: 01-08, 11, 0A-0E. */
	pins: PinProfile[];
	/** Numbers that MANAGE CHANNEL hands out, in this order; default 1, 2, 3. */
	channels?: number[];
	manners?: CardManners;
	faults?: CardFault[];
}

/** A card made by bootstrapCard, and the files of interest on it. */
export interface BootstrapCardProfile extends CardProfile {
	/** EF(LwM2M_Bootstrap); null when the data stand in the DODF. */
	bootstrapFile: EfProfile | null;
	odf: EfProfile;
	/** The DODFs in the order of the ODF; empty when their content stands in the ODF. */
	dodfs: EfProfile[];
	/** The PKCS #15 application. */
	application: DfProfile;
}

export interface BootstrapCardOptions {
	/**
	 * Content of EF(LwM2M_Bootstrap), header included; default sampleFile(). null = the card holds no bootstrap object.
	 */
	file?: Uint8Array | null;
	/** Size of the EF; the rest is padding. Default: content and 2. */
	fileSize?: number;
	/** Default FF. */
	padding?: number;
	iccid?: string;
	odfFid?: number;
	dodfFid?: number;
	fileFid?: number;
	/** AID of the PKCS #15 application; default A0000000 63 "PKCS-15". */
	aid?: Uint8Array;
	/**
	 * "both": ADF and DF 7F50 under the MF (default); "adf": by AID only; "df": by path 3F00 7F50 only; "none": not there
	 * at all.
	 */
	placement?: "both" | "adf" | "df" | "none";
	/** FID of the DF; default 7F50. */
	dfFid?: number;
	/** EF(DIR) is there; default true. */
	dir?: boolean;
	/** Records of EF(DIR), instead of those built (USIM first, PKCS #15 second); each is padded with FF. */
	dirRecords?: Uint8Array[];
	/** The PKCS #15 record stands before the USIM's. */
	dirPkcs15First?: boolean;
	/** "right" 67 2B 09 01 (default), "doubled" 06 04 67 2B 09 01 as the examples of TS 1.0.2 to 1.2 print it. */
	oid?: "right" | "doubled";
	/** "oid": oidDO (default); "opaque": opaqueDO with applicationOID; "direct": oidDO with the data inline. */
	dodfForm?: "oid" | "opaque" | "direct";
	/** The content of the DODF stands in the ODF (A7 L A0 L ...). */
	odfInline?: boolean;
	/** "fid": two bytes, relative (default); "absolute": 3F00 7F50 6432; the file then lies in that DF. */
	pathForm?: "fid" | "absolute";
	/** index and length of the path (both or none). `index` bytes of padding then stand before the data in the file. */
	pathIndex?: number;
	pathLength?: number;
	/** Other data objects ("GP SE Acc Ctl") before the one; default 0. */
	otherObjects?: number;
	/** Filler bytes between the entries of ODF and DODF: their number and value; default 0 of FF. */
	gapBytes?: number;
	gapByte?: number;
	/** Number of DODFs; the last one holds the bootstrap object. Default 1. */
	dodfCount?: number;
	/** Protects the file (and sets the flag `private` in the DODF). */
	pin?: PinProfile;
	/** The DODF needs the PIN, too. */
	pinProtectsDodf?: boolean;
	/** How FCPs speak of access: 8B (default), 8C or AB. */
	security?: "referenced" | "compact" | "expanded";
	/** PIN 01 of the card; default 1234, disabled. */
	cardPin?: PinProfile;
	/** The file is deactivated. */
	deactivated?: boolean;
	/** SFI of the file; default none. */
	fileSfi?: number;
	/** Bytes of the DODF instead of those built. */
	dodfData?: Uint8Array;
	/** Bytes of the ODF instead of those built. */
	odfData?: Uint8Array;
	/** Bytes of EF(TokenInfo), 5032, instead of those built. */
	tokenInfo?: Uint8Array;
	channels?: number[];
	manners?: CardManners;
	faults?: CardFault[];
}
