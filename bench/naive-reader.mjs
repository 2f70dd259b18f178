// What one writes in an afternoon: a reader of EF(LwM2M_Bootstrap) made of lines, strings, slices and promises. It is here to be
// measured beside simstrap, and it is meant to be fair: it reads the whole file from the virtual modem and card, takes the channel
// from the answer, follows 61xx and 6Cxx, and waits on no timer. What it does not do is what costs nothing here: no time-out, no
// retry, no unrelated line, no confirming read, no check of the file.
//
// With `fixed` it plays the fixed procedure of other readers (Nordic's uicc_lwm2m): SELECT asks for the FCP, each file gets one
// READ BINARY of 256 bytes at offset 0, any status word but 9000 is the end, the logical channel is always 1.
//
// It runs on Node and on XS and imports nothing.

const AID = "A000000063504B43532D3135";

/** @param {string} digits @returns {Uint8Array} */
export function bytesOf(digits) {
	const bytes = new Uint8Array(digits.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
	return bytes;
}

/** @param {Uint8Array} bytes @returns {string} */
export function digitsOf(bytes) {
	let digits = "";
	for (const byte of bytes) digits += byte.toString(16).padStart(2, "0").toUpperCase();
	return digits;
}

/** @param {number} value @param {number} width */
const hex = (value, width) => value.toString(16).padStart(width, "0").toUpperCase();

export class NaiveReader {
	/**
	 * @param {(text: string) => void} write sends to the modem
	 * @param {{ decode?: (digits: string) => Uint8Array, fixed?: boolean }} [options] `decode`: the platform's own way to turn
	 *   digits into bytes
	 */
	constructor(write, options = {}) {
		this.write = write;
		this.decode = options.decode ?? bytesOf;
		this.fixed = options.fixed ?? false;
		this.channel = 0;
		this.exchanges = 0;
		this.text = "";
		/** @type {string[]} */
		this.lines = [];
		/** @type {((lines: string[]) => void) | null} */
		this.resolve = null;
	}

	/** @param {string} text what the modem says */
	receive(text) {
		this.text += text;
		const lines = this.text.split("\r\n");
		this.text = lines.pop() ?? "";
		for (const line of lines) {
			if (line === "") continue;
			this.lines.push(line);
			if (line !== "OK" && line !== "ERROR" && !line.startsWith("+CME ERROR")) continue;
			const { resolve } = this;
			this.resolve = null;
			if (resolve !== null) resolve(this.lines.splice(0));
		}
	}

	/** @param {string} line @returns {Promise<string[]>} */
	command(line) {
		return new Promise((resolve) => {
			this.resolve = resolve;
			this.write(`${line}\r`);
		});
	}

	/**
	 * @param {string} apdu its digits
	 * @returns {Promise<string>} the digits of the answer's data
	 */
	async transmit(apdu) {
		this.exchanges++;
		const lines = await this.command(`AT+CSIM=${apdu.length},"${apdu}"`);
		const line = lines.find((each) => each.startsWith("+CSIM:"));
		if (line === undefined) throw new Error(`${apdu}: ${lines.join(", ")}`);
		const answer = line.split('"')[1];
		const data = answer.slice(0, -4);
		const sw = answer.slice(-4);
		if (sw === "9000") return data;
		if (!this.fixed && sw.startsWith("61"))
			return data + (await this.transmit(`${apdu.slice(0, 2)}C00000${sw.slice(2)}`));
		if (!this.fixed && sw.startsWith("6C")) return this.transmit(apdu.slice(0, 8) + sw.slice(2));
		throw new Error(`${apdu}: ${sw}`);
	}

	/** @param {string} fid */
	select(fid) {
		const cla = hex(this.channel, 2);
		return this.transmit(this.fixed ? `${cla}A40804047FFF${fid}00` : `${cla}A4080C047FFF${fid}`);
	}

	/** @param {number} offset @param {number} count */
	readBinary(offset, count) {
		return this.transmit(`${hex(this.channel, 2)}B0${hex(offset, 4)}${hex(count & 255, 2)}`);
	}

	/** @returns {Promise<Uint8Array>} the file; with `fixed` its first 256 bytes at the most */
	async read() {
		await this.command("ATE0V1");
		await this.command("AT+CMEE=1");
		await this.command("AT+CPIN?");
		this.channel = parseInt(await this.transmit("0070000001"), 16);
		if (this.fixed && this.channel !== 1) throw new Error(`the card opened channel ${this.channel}`);
		const cla = hex(this.channel, 2);
		await this.transmit(this.fixed ? `${cla}A404040C${AID}00` : `${cla}A4040C0C${AID}`);
		await this.select("5031");
		const odf = await this.readBinary(0, 256);
		await this.select(/A7..30..0402(....)/.exec(odf)?.[1] ?? "");
		const dodf = await this.readBinary(0, 256);
		await this.select(/0604672B090130..0402(....)/.exec(dodf)?.[1] ?? "");
		let digits = await this.readBinary(0, 256);
		const size = 4 + parseInt(digits.slice(4, 8), 16);
		while (!this.fixed && digits.length < 2 * size) {
			digits += await this.readBinary(digits.length / 2, Math.min(256, size - digits.length / 2));
		}
		await this.transmit(`007080${cla}`);
		return this.decode(digits.slice(0, 2 * size));
	}
}

/**
 * LwM2M TLV as nested objects, as one writes it.
 *
 * @param {Uint8Array} bytes
 * @returns {Record<number, any>}
 */
function parseTlv(bytes) {
	/** @type {Record<number, any>} */
	const result = {};
	let at = 0;
	while (at < bytes.length) {
		const type = bytes[at++];
		let id = bytes[at++];
		if (type & 0x20) id = (id << 8) | bytes[at++];
		let length = type & 7;
		const lengthBytes = (type >> 3) & 3;
		if (lengthBytes > 0) {
			length = 0;
			for (let i = 0; i < lengthBytes; i++) length = (length << 8) | bytes[at++];
		}
		const value = bytes.slice(at, at + length);
		at += length;
		result[id] = type >> 6 === 0 || type >> 6 === 2 ? parseTlv(value) : value;
	}
	return result;
}

/**
 * The file as objects in objects.
 *
 * @param {Uint8Array} bytes
 * @param {(objectId: number, payload: Uint8Array) => Record<number, any>} [parse]
 */
export function parseFile(bytes, parse = (_objectId, payload) => parseTlv(payload)) {
	/** @type {Record<number, Record<number, any>>} */
	const objects = {};
	const count = (bytes[0] << 8) | bytes[1];
	let at = 4;
	for (let n = 0; n < count; n++) {
		const id = (bytes[at] << 8) | bytes[at + 1];
		at += bytes[at + 2] === 0 ? 3 : 4;
		const length = (bytes[at] << 8) | bytes[at + 1];
		at += 2;
		objects[id] = parse(id, bytes.slice(at, at + length));
		at += length;
	}
	return objects;
}

/** @param {Uint8Array} value a big-endian Integer */
function integerOf(value) {
	let result = 0;
	for (const byte of value) result = result * 256 + byte;
	return result;
}

/**
 * The accounts: each Security instance with the Server instance of the same Short Server ID.
 *
 * @param {Record<number, Record<number, any>>} objects
 */
export function accountsOf(objects) {
	const servers = new Map(Object.values(objects[1] ?? {}).map((server) => [integerOf(server[0]), server]));
	return Object.values(objects[0] ?? {}).map((security) => ({
		uri: String.fromCharCode(...security[0]),
		mode: integerOf(security[2]),
		identity: security[3],
		key: security[5],
		server: servers.get(integerOf(security[10])),
	}));
}
