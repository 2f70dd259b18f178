// A device with a secure channel in front of a card with one: straight, with a hand in between that may change every message, or through
// a modem and a line.

import { aes, random } from "../../hal/node/crypto.js";
import {
	AT_FRAME_BYTES,
	At,
	Bootstrap,
	Hex,
	LINK_CHANNELS,
	type Link,
	LinkCgla,
	LinkCsim,
	Modem,
	OK,
	type Response,
	SecureChannel,
	type SecureOptions,
	WAIT,
} from "../../src/index.js";
import { Pin } from "../../src/pin.js";
import {
	type BootstrapCardOptions,
	bootstrapCard,
	drive,
	Line,
	type LineOptions,
	type ModemOptions,
	SecureCard,
	type SecureCardOptions,
	toHex,
	VirtualCard,
	VirtualModem,
	VirtualPort,
} from "../../virtual/index.js";
import { bytes } from "./support.js";

const ENC = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const MAC = "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";

/** Keys of 16, 24 or 32 bytes. */
export function keys(length = 16): { enc: Uint8Array; mac: Uint8Array } {
	return { enc: bytes(ENC).subarray(0, length), mac: bytes(MAC).subarray(0, length) };
}

export interface SecureBenchOptions {
	keyBytes?: number;
	/** Plain options of the file's card, of its secure side (null = it has none), and of the device's. */
	card?: BootstrapCardOptions;
	secureCard?: Partial<SecureCardOptions> | null;
	secure?: Partial<SecureOptions>;
	/** Data bytes of one answer. */
	step?: number;
	confirm?: boolean;
	bufferBytes?: number;
	/** The PIN of the file. */
	pin?: string;
}

export interface SecureBench {
	card: VirtualCard;
	/** The card's secure side. */
	side: SecureCard | null;
	channel: SecureChannel;
	device: Bootstrap;
	/** The result of a whole bootstrap. */
	read(): number;
	fileHex(): string;
}

function cardOf(options: SecureBenchOptions): { card: VirtualCard; side: SecureCard | null } {
	const card = new VirtualCard(bootstrapCard({ manners: { acceptsLe00: true }, ...options.card }));
	const side =
		options.secureCard === null ? null : new SecureCard({ ...keys(options.keyBytes), ...options.secureCard });
	card.secure = side;
	return { card, side };
}

export function channelOf(options: SecureBenchOptions): SecureChannel {
	return new SecureChannel({ ...keys(options.keyBytes), kvn: 0x30, aes, random, ...options.secure });
}

function bootstrapOver(links: Link[], at: At | null, step: number, options: SecureBenchOptions): Bootstrap {
	const buffer = new Uint8Array(options.bufferBytes ?? 32768);
	const unlock = options.pin === undefined ? null : new Pin(Buffer.from(options.pin), false, buffer);
	return new Bootstrap(
		{ links, at, modem: at === null ? null : new Modem(at, 10000), unlock, channels: null },
		{
			buffer,
			step,
			confirm: options.confirm ?? true,
			oid: null,
			fileId: -1,
			limitMs: 60000,
		},
	);
}

/** Straight to a card; a test may have its hand in every message. */
export class DirectLink implements Link {
	readonly manner = LINK_CHANNELS;
	readonly wakeAt = 0;
	/** The command as it comes to the card, or an error code of the link. */
	onCommand: ((index: number, command: Uint8Array) => Uint8Array | number) | null = null;
	/** The answer as it comes to the device. */
	onAnswer: ((index: number, answer: Uint8Array, command: Uint8Array) => Uint8Array | number) | null = null;
	count = 0;
	private readonly card: VirtualCard;
	private code = OK;

	constructor(card: VirtualCard) {
		this.card = card;
	}

	transmit(command: Uint8Array, length: number, response: Response): void {
		const index = this.count++;
		const sent = command.slice(0, length);
		const changed = this.onCommand === null ? sent : this.onCommand(index, sent);
		this.code = OK;
		if (typeof changed === "number") {
			this.code = changed;
			return;
		}
		const plain = this.card.transmit(changed);
		const answer = this.onAnswer === null ? plain : this.onAnswer(index, plain, sent);
		if (typeof answer === "number") this.code = answer;
		else response.takeAll(answer, answer.length);
	}

	poll(): number {
		return this.code;
	}

	cancel(): void {}
	distrust(): void {}
}

/** Without a modem. */
export function direct(options: SecureBenchOptions = {}): SecureBench & { link: DirectLink } {
	const { card, side } = cardOf(options);
	const link = new DirectLink(card);
	const channel = channelOf(options);
	const step = channel.fit(options.step ?? 256);
	const device = bootstrapOver([channel.around(link)], null, step, options);
	return {
		card,
		side,
		link,
		channel,
		device,
		read() {
			device.readFile();
			let now = 0;
			for (let turn = 0; turn < 5000; turn++) {
				const code = device.poll(now);
				if (code !== WAIT) return code;
				now = Math.max(now + 1, device.wakeAt);
			}
			throw new Error("it hangs");
		},
		fileHex: () => toHex(device.file.buffer.subarray(0, device.file.length)),
	};
}

export interface ModemBenchOptions extends SecureBenchOptions {
	modem?: ModemOptions;
	line?: LineOptions;
	cgla?: boolean;
}

/** Through a modem, a line and an AT layer. */
export function throughModem(options: ModemBenchOptions = {}): SecureBench & { modem: VirtualModem; line: Line } {
	const { card, side } = cardOf(options);
	const modem = new VirtualModem(card, { record: true, ...options.modem });
	const line = new Line(modem, options.line ?? {});
	const port = new VirtualPort(line, {});
	const channel = channelOf(options);
	const step = channel.fit(options.step ?? 256);
	const at = new At(port, new Hex(), AT_FRAME_BYTES + 2 * channel.commandBytes);
	const link = options.cgla === true ? new LinkCgla(at, 10000) : new LinkCsim(at, 10000, false);
	const device = bootstrapOver([channel.around(link)], at, step, options);
	return {
		card,
		side,
		modem,
		line,
		channel,
		device,
		read() {
			device.readFile();
			const { code, hung } = drive(device, port, {});
			if (hung) throw new Error("it hangs");
			return code;
		},
		fileHex: () => toHex(device.file.buffer.subarray(0, device.file.length)),
	};
}
