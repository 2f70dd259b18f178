// A UICC in software, strict: it carries out the commands of ETSI TS 102 221 clause 11 on the files of a profile and gives every wrong
// command the status word of clause 10.2. CLA follows clause 10.1.1, logical channels clause 8.7, the selection of files clause 8.4.
import type { CardProfile } from "./profile.js";

/** A secure channel (GlobalPlatform Amendment D) that a test may put on the card. */
export interface SecureSession {
	/** INITIALIZE UPDATE (50) and EXTERNAL AUTHENTICATE (82): the whole answer; null = 6D00. `channel` comes from CLA. */
	authenticate(channel: number, apdu: Uint8Array): Uint8Array | null;
	isOpen(channel: number): boolean;
	/** Protected command -> plain command; null = 6988, and the session has ended. */
	unwrap(channel: number, apdu: Uint8Array): Uint8Array | null;
	/** Plain answer (data and SW) -> protected answer. */
	wrap(channel: number, answer: Uint8Array): Uint8Array;
	/** A SELECT of an application, the end of the channel, a plain command, a reset. */
	end(channel: number): void;
}

export class VirtualCard {
	profile: CardProfile;
	/** Called before command number `index` is carried out; what it returns replaces the answer and the command. */
	onCommand: ((index: number, apdu: Uint8Array) => Uint8Array | null) | null;
	/** Called after command number `index` was carried out; what it returns replaces the answer only. */
	onAnswer: ((index: number, apdu: Uint8Array, answer: Uint8Array) => Uint8Array | null) | null;
	secure: SecureSession | null;
	/** Keep the commands in `history`. */
	record: boolean;
	history: Uint8Array[];
	commands: number;
	channelsOpen: number;
	channelsOpened: number;
	channelsClosed: number;
	pinTriesUsed: number;
	resets: number;
	/** SELECT by AID on channel 0: it takes the modem's own application away. */
	basicSelects: number;
	/** FETCH sent by the host: the modem's business. */
	fetches: number;

	constructor(profile: CardProfile) {
		this.profile = profile;
		this.onCommand = null;
		this.onAnswer = null;
		this.secure = null;
		this.record = false;
		this.history = [];
		this.commands = 0;
		this.channelsOpen = 0;
		this.channelsOpened = 0;
		this.channelsClosed = 0;
		this.pinTriesUsed = 0;
		this.resets = 0;
		this.basicSelects = 0;
		this.fetches = 0;
	}

	/** One command APDU -> data and SW1 SW2. */
	transmit(apdu: Uint8Array): Uint8Array {
		return new Uint8Array(apdu.length);
	}

	/** A warm reset: channels closed, PINs not verified, MF current. Counters stay. */
	reset(): void {
		this.resets++;
	}

	/** Is this logical channel open? */
	isOpen(channel: number): boolean {
		return channel === 0;
	}

	/** The channel is gone without a command of ours: leaked elsewhere, closed by the modem. */
	dropChannel(channel: number): void {
		this.channelsOpen -= channel;
	}

	/** The modem's own business on channel 0: its current file is another one afterwards. */
	disturbBasicChannel(): void {}
}
