// Contents of EF(LwM2M_Bootstrap), OMA LwM2M TS Appendix G.3.4: the documented example, and valid files of any size.
//
//   u16 number of objects | u16 size of all that follows | objects
//   object = u16 Object ID | version (00 = not given) | u16 length | Object Instances (LwM2M TLV)
//
// LwM2M TLV (TS 1.0 clause 6.4.3): type byte (b8b7 kind, b6 identifier of 16 bits, b5b4 size of the length field, b3-b1
// length if none), identifier, length, value; big endian.
import { fromHex, joinBytes, textBytes } from "./bytes.js";
import { Random } from "./random.js";

const KIND_INSTANCE = 0x00;
const KIND_RESOURCE = 0xc0;

/** Identity and key of the accounts of makeFile. */
const IDENTITY_BYTES = 16;
const KEY_BYTES = 16;
const SMALLEST_BYTES = 52;
/** Offsets of READ BINARY have 15 bits. */
const LARGEST_BYTES = 32768;

/**
 * The documented 126-byte example: input `basic` of AVSystem's generator.py (Anjay documentation, "Bootstrap from
 * smartcard").
 */
export function sampleFile(): Uint8Array {
	return fromHex(
		"0002007a000000005e08015bc80022636f6170733a2f2f65752e696f742e6176" +
			"73797374656d2e636c6f75643a35363834c10100c10200c803146578616d706c" +
			"652d70736b2d6964656e74697479c805133378406d706c3350354b3533637233" +
			"744b3379c10a010001000012 08010fc10001c40100015180c10600c10755",
	);
}

/** One LwM2M TLV entry. */
export function lwm2mTlv(kind: number, id: number, value: Uint8Array): Uint8Array {
	const n = value.length;
	const head: number[] = [];
	let type = kind;
	if (id > 0xff) type |= 0x20;
	if (n <= 7) type |= n;
	else if (n <= 0xff) type |= 0x08;
	else if (n <= 0xffff) type |= 0x10;
	else type |= 0x18;
	head.push(type);
	if (id > 0xff) head.push(id >> 8);
	head.push(id & 0xff);
	if (n > 0xffff) head.push(n >> 16);
	if (n > 0xff) head.push((n >> 8) & 0xff);
	if (n > 7) head.push(n & 0xff);
	return joinBytes([new Uint8Array(head), value]);
}

function resource(id: number, value: Uint8Array): Uint8Array {
	return lwm2mTlv(KIND_RESOURCE, id, value);
}

/** Integer: two's complement in 1, 2 or 4 bytes (TS Appendix C). */
function integer(id: number, value: number): Uint8Array {
	if (value <= 0x7f) return resource(id, new Uint8Array([value]));
	if (value <= 0x7fff) return resource(id, new Uint8Array([value >> 8, value & 0xff]));
	return resource(id, new Uint8Array([value >> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]));
}

/** Security instance: 0 URI, 1 Bootstrap-Server, 2 Security Mode 0 (PSK), 3 identity, 5 key, 10 Short Server ID. */
function securityInstance(number: number, identityBytes: number): Uint8Array {
	const ssid = number + 1;
	const dice = new Random(ssid * 0x9e3779b1);
	const identity = new Uint8Array(identityBytes);
	for (let i = 0; i < identity.length; i++) identity[i] = 0x61 + dice.below(26);
	const key = new Uint8Array(KEY_BYTES);
	for (let i = 0; i < key.length; i++) key[i] = dice.next() & 0xff;
	const digits = `${100000 + ssid}`.substring(1);
	return lwm2mTlv(
		KIND_INSTANCE,
		number,
		joinBytes([
			resource(0, textBytes(`coaps://s${digits}.lwm2m.example:5684`)),
			integer(1, 0),
			integer(2, 0),
			resource(3, identity),
			resource(5, key),
			integer(10, ssid),
		]),
	);
}

/** Server instance: 0 Short Server ID, 1 Lifetime, 6 Notification Storing, 7 Binding. */
function serverInstance(number: number, lifetime: number): Uint8Array {
	return lwm2mTlv(
		KIND_INSTANCE,
		number,
		joinBytes([integer(0, number + 1), integer(1, lifetime), integer(6, 0), resource(7, textBytes("U"))]),
	);
}

function object(id: number, instances: Uint8Array[]): Uint8Array {
	const content = joinBytes(instances);
	return joinBytes([new Uint8Array([id >> 8, id & 0xff, 0, content.length >> 8, content.length & 0xff]), content]);
}

function wholeFile(security: Uint8Array[], servers: Uint8Array[]): Uint8Array {
	const content = joinBytes([object(0, security), object(1, servers)]);
	return joinBytes([new Uint8Array([0, 2, content.length >> 8, content.length & 0xff]), content]);
}

/**
 * A valid EF(LwM2M_Bootstrap) of exactly `totalBytes` (52 to 32768), header included: as many Server Accounts with
 * pre-shared keys as fit, Short Server IDs 1, 2, 3..., the first identity made longer to fill the rest; below 118 bytes
 * one account without security.
 */
export function makeFile(totalBytes: number): Uint8Array {
	if (!(totalBytes >= SMALLEST_BYTES && totalBytes <= LARGEST_BYTES)) {
		throw new TypeError(`expected a size of ${SMALLEST_BYTES} to ${LARGEST_BYTES} bytes, got ${totalBytes}`);
	}
	const security: Uint8Array[] = [];
	const servers: Uint8Array[] = [];
	let left = totalBytes - wholeFile(security, servers).length;
	for (;;) {
		const a = securityInstance(security.length, IDENTITY_BYTES);
		const b = serverInstance(servers.length, 86400);
		if (a.length + b.length > left) break;
		left -= a.length + b.length;
		security.push(a);
		servers.push(b);
	}
	if (security.length === 0) {
		// URI "coap://a..." that fills it, no Bootstrap-Server, Security Mode 3 (NoSec), Short Server ID 1; lifetime 60 s.
		let uri = "coap://a";
		for (let i = SMALLEST_BYTES; i < totalBytes; i++) uri += "a";
		security.push(
			lwm2mTlv(
				KIND_INSTANCE,
				0,
				joinBytes([resource(0, textBytes(uri)), integer(1, 0), integer(2, 3), integer(10, 1)]),
			),
		);
		servers.push(serverInstance(0, 60));
	} else {
		security[0] = securityInstance(0, IDENTITY_BYTES + left);
	}
	return wholeFile(security, servers);
}
