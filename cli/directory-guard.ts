// Says whether bytes read from EF(DIR), EF(ODF) or EF(DODF) may be shown. A directory tells where things are, which is no secret;
// but EF(ODF) and EF(DODF) may also hold the bootstrap data themselves, as a direct value. So what is shown must be BER-TLV all
// through, as far as it has been read, with nothing in it that is long enough to hold a key. When in doubt: no.
//
//   A0 … A8  PKCS15Objects, DataType     30  DataType     61  application template

/** Labels, paths, AIDs and OIDs are shorter; EF(LwM2M_Bootstrap) with a key in it is not. */
const VALUE_MAX_BYTES = 32;
/** OCTET STRING in parts. */
const CONSTRUCTED_OCTETS = 0x24;

function isEntry(tag: number): boolean {
	return (tag >= 0xa0 && tag <= 0xa8) || tag === 0x30 || tag === 0x61;
}

/** Whether bytes[from … to) are TLVs without a long value; what is beyond `bytes` has not been read yet. */
function isPlain(bytes: Uint8Array, from: number, to: number, depth: number): boolean {
	let at = from;
	while (at < to && at < bytes.length) {
		const tag = bytes[at];
		if (depth === 0 && (tag === 0xff || tag === 0)) {
			at += 1;
			continue;
		}
		if (depth === 0 && !isEntry(tag)) return false;
		if ((tag & 31) === 31 || tag === CONSTRUCTED_OCTETS) return false;
		at += 1;
		if (at >= bytes.length) return true;
		let length = bytes[at];
		at += 1;
		if (length >= 0x80) {
			const count = length & 0x7f;
			if (count === 0 || count > 4) return false;
			length = 0;
			for (let i = 0; i < count; i++) {
				if (at >= bytes.length) return true;
				length = length * 256 + bytes[at];
				at += 1;
			}
		}
		if (at + length > to) return false;
		if ((tag & 0x20) !== 0) {
			if (!isPlain(bytes, at, at + length, depth + 1)) return false;
		} else if (length > VALUE_MAX_BYTES) return false;
		at += length;
	}
	return true;
}

/** One directory file, as far as it has been read. */
export class DirectoryGuard {
	private bytes = new Uint8Array(0);

	/** Another file or record. */
	reset(): void {
		this.bytes = new Uint8Array(0);
	}

	/** Takes what was read from `offset` on; whether it may be shown. */
	take(offset: number, data: Uint8Array): boolean {
		if (offset > this.bytes.length) return false;
		const all = new Uint8Array(offset + data.length);
		all.set(this.bytes.subarray(0, offset));
		all.set(data, offset);
		this.bytes = all;
		return isPlain(all, 0, Number.POSITIVE_INFINITY, 0);
	}
}
