// File Control Parameters, the answer to SELECT and STATUS: ETSI TS 102 221 clause 11.1.1.3.
//
//   EF  62 L  82 file descriptor  83 FID  8A life cycle  8B|8C|AB security  80 size  88 SFI
//   DF  62 L  82 78 21  84 AID | 83 FID  8A life cycle  8B security  C6 PIN status
//   C6 L  90 n bits (b8 = first reference, 1 = enabled)  { [95 01 usage]  83 01 reference }
import { ber, joinBytes } from "./bytes.js";
import type { DfProfile, EfProfile, PinProfile } from "./profile.js";

const SHAREABLE_TRANSPARENT = 0x41;
const SHAREABLE_LINEAR_FIXED = 0x42;
const SHAREABLE_DF = 0x78;
/** Data coding byte of the file descriptor. */
const DATA_CODING = 0x21;
const ACTIVATED = 0x05;
const DEACTIVATED = 0x04;
const UNIVERSAL_PIN = 0x11;
const USAGE_VERIFY = 0x08;

function fidObject(fid: number): Uint8Array {
	return ber(0x83, new Uint8Array([fid >> 8, fid & 0xff]));
}

/** Size of an EF in bytes. */
function efSize(ef: EfProfile): number {
	if (ef.data !== undefined) return ef.data.length;
	if (ef.records !== undefined && ef.records.length > 0) return ef.records.length * ef.records[0].length;
	return 0;
}

export function efFcp(ef: EfProfile): Uint8Array {
	if (ef.fcp !== undefined) return ef.fcp;
	let descriptor = new Uint8Array([SHAREABLE_TRANSPARENT, DATA_CODING]);
	if (ef.records !== undefined) {
		const length = ef.records.length > 0 ? ef.records[0].length : 0;
		descriptor = new Uint8Array([SHAREABLE_LINEAR_FIXED, DATA_CODING, length >> 8, length & 0xff, ef.records.length]);
	}
	// Record 2 of EF(ARR) is "always" on the cards made here, record 1 "with a PIN".
	const arr = new Uint8Array([0x6f, 0x06, ef.access === undefined || ef.access === 0 ? 2 : 1]);
	const size = efSize(ef);
	return ber(
		0x62,
		joinBytes([
			ber(0x82, descriptor),
			fidObject(ef.fid),
			ber(0x8a, new Uint8Array([ef.deactivated === true ? DEACTIVATED : ACTIVATED])),
			ef.security !== undefined ? ef.security : ber(0x8b, arr),
			ber(0x80, new Uint8Array([size >> 8, size & 0xff])),
			ber(0x88, ef.sfi ? new Uint8Array([ef.sfi << 3]) : new Uint8Array(0)),
		]),
	);
}

/** PIN Status Template DO. */
function pinStatus(pins: PinProfile[]): Uint8Array {
	const bits = new Uint8Array((pins.length + 7) >> 3);
	const parts: Uint8Array[] = [];
	for (let i = 0; i < pins.length; i++) {
		if (pins[i].enabled) bits[i >> 3] |= 0x80 >> (i & 7);
		if (pins[i].reference === UNIVERSAL_PIN) parts.push(ber(0x95, new Uint8Array([USAGE_VERIFY])));
		parts.push(ber(0x83, new Uint8Array([pins[i].reference])));
	}
	return ber(0xc6, joinBytes([ber(0x90, bits), joinBytes(parts)]));
}

export function dfFcp(df: DfProfile, cardPins: PinProfile[]): Uint8Array {
	if (df.fcp !== undefined) return df.fcp;
	const pins = df.pins !== undefined ? cardPins.concat(df.pins) : cardPins;
	const parts = [ber(0x82, new Uint8Array([SHAREABLE_DF, DATA_CODING]))];
	if (df.aid !== undefined) parts.push(ber(0x84, df.aid));
	else if (df.fid !== undefined) parts.push(fidObject(df.fid));
	parts.push(ber(0x8a, new Uint8Array([ACTIVATED])));
	parts.push(ber(0x8b, new Uint8Array([0x2f, 0x06, 0x0c])));
	parts.push(pinStatus(pins));
	return ber(0x62, joinBytes(parts));
}
