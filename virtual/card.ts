// A UICC in software, strict: it carries out the commands of ETSI TS 102 221 clause 11 on the files of a profile and
// gives every wrong command the status word of clause 10.2. CLA follows clause 10.1.1, logical channels clause 8.7, the
// selection of files clause 8.4, the transport of lengths and answers clause 7.3 (T=0: 61xx, 6Cxx) and annex C.
//
//   command  CLA INS P1 P2 [Lc data] [Le]      answer  [data] SW1 SW2
//   CLA      0X 8X        b2b1 channel 0 to 3, b4b3 secure messaging
//            4X CX 6X EX  b4-b1 channel less 4, b6 secure messaging
//
// Where the standard leaves a choice, this card does so: close of channel 0 6A81, of a closed channel 6200, of a number
// above 19 6A86; STATUS for the AID without an application 6985; T=1 without Le: no data come back; class byte of the
// wrong kind for an instruction 6E00.
import { copyBytes, joinBytes, sameBytes } from "./bytes.js";
import { dfFcp, efFcp } from "./fcp.js";
import type { CardManners, CardProfile, DfProfile, EfProfile, PinProfile } from "./profile.js";
import { ACCESS_ALWAYS, ACCESS_NEVER } from "./profile.js";

const INS_FETCH = 0x12;
const INS_TERMINAL_PROFILE = 0x10;
const INS_TERMINAL_RESPONSE = 0x14;
const INS_VERIFY = 0x20;
const INS_INITIALIZE_UPDATE = 0x50;
const INS_MANAGE_CHANNEL = 0x70;
const INS_EXTERNAL_AUTHENTICATE = 0x82;
const INS_SELECT = 0xa4;
const INS_TERMINAL_CAPABILITY = 0xaa;
const INS_READ_BINARY = 0xb0;
const INS_READ_RECORD = 0xb2;
const INS_GET_RESPONSE = 0xc0;
const INS_ENVELOPE = 0xc2;
const INS_UPDATE_BINARY = 0xd6;
const INS_UPDATE_RECORD = 0xdc;
const INS_STATUS = 0xf2;

const SW_OK = 0x9000;
const SW_BUSY = 0x9300;
const SW_CHANNEL_ALREADY_CLOSED = 0x6200;
const SW_END_OF_FILE = 0x6282;
const SW_DEACTIVATED = 0x6283;
const SW_TRIES = 0x63c0;
const SW_WRONG_LENGTH = 0x6700;
const SW_CHANNEL = 0x6881;
const SW_SECURE_MESSAGING = 0x6882;
const SW_STRUCTURE = 0x6981;
const SW_SECURITY_STATUS = 0x6982;
const SW_BLOCKED = 0x6983;
const SW_INVALIDATED = 0x6984;
const SW_CONDITIONS = 0x6985;
const SW_NO_EF = 0x6986;
const SW_SECURE_MESSAGING_DATA = 0x6988;
const SW_NOT_SUPPORTED = 0x6a81;
const SW_NOT_FOUND = 0x6a82;
const SW_RECORD_NOT_FOUND = 0x6a83;
const SW_P1P2 = 0x6a86;
const SW_REFERENCE = 0x6a88;
const SW_OFFSET = 0x6b00;
const SW_LE = 0x6c00;
const SW_INS = 0x6d00;
const SW_CLA = 0x6e00;

const MF = 0x3f00;
const CURRENT_APPLICATION = 0x7fff;
const HIGHEST_CHANNEL = 19;
const PIN_BYTES = 8;
const DEFAULT_TRIES = 3;
const NO_LE = -1;
/** Le = 00. */
const LE_00 = 256;

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

/** What a logical channel keeps for itself (clause 8.7). */
class Channel {
	open: boolean;
	application: DfProfile | null;
	df: DfProfile;
	ef: EfProfile | null;
	/** Record pointer, 0 = before the first. */
	recordNumber: number;

	constructor(mf: DfProfile) {
		this.open = false;
		this.application = null;
		this.df = mf;
		this.ef = null;
		this.recordNumber = 0;
	}
}

/** A PIN and what the card remembers of it. `owner` is the application of a local PIN. */
class PinState {
	profile: PinProfile;
	owner: DfProfile | null;
	tries: number;
	verified: boolean;

	constructor(profile: PinProfile, owner: DfProfile | null) {
		this.profile = profile;
		this.owner = owner;
		this.tries = profile.tries !== undefined ? profile.tries : DEFAULT_TRIES;
		this.verified = false;
	}
}

const NOTHING = new Uint8Array(0);

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
	/** Answers that were not its own: of the profile's faults, of onCommand and onAnswer. */
	replaced: number;

	private channels: Channel[];
	private pins: PinState[];
	private manners: CardManners;
	private busyLeft: number;
	private proactiveLeft: number;
	private wrongLeLeft: number;
	private emptyReadsLeft: number;
	private proactiveWaits: boolean;
	/** What GET RESPONSE fetches; pendingChannel -1 = nothing. */
	private pending: Uint8Array;
	private pendingSw: number;
	private pendingChannel: number;
	/** The command at hand: lc 0 = no data, le NO_LE = none. */
	private apdu: Uint8Array;
	private lc: number;
	private le: number;
	private t0: boolean;
	/** What SELECT has found. */
	private foundDf: DfProfile | null;
	private foundEf: EfProfile | null;

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
		this.replaced = 0;
		this.manners = profile.manners || {};
		this.busyLeft = this.manners.busyTimes || 0;
		this.proactiveLeft = this.manners.proactiveTimes || 0;
		this.wrongLeLeft = this.manners.wrongLe00Times || 0;
		this.emptyReadsLeft = this.manners.emptyReadTimes || 0;
		this.proactiveWaits = false;
		this.pending = NOTHING;
		this.pendingSw = SW_OK;
		this.pendingChannel = -1;
		this.apdu = NOTHING;
		this.lc = 0;
		this.le = NO_LE;
		this.t0 = this.manners.transport !== "t1";
		this.foundDf = null;
		this.foundEf = null;
		this.channels = [];
		for (let i = 0; i <= HIGHEST_CHANNEL; i++) this.channels.push(new Channel(profile.mf));
		this.channels[0].open = true;
		this.pins = [];
		for (let i = 0; i < profile.pins.length; i++) this.pins.push(new PinState(profile.pins[i], null));
		this.addLocalPins(profile.mf);
		for (let i = 0; i < profile.applications.length; i++) this.addLocalPins(profile.applications[i]);
	}

	private addLocalPins(df: DfProfile): void {
		for (let i = 0; i < this.pins.length; i++) if (this.pins[i].owner === df) return;
		const pins = df.pins || [];
		for (let i = 0; i < pins.length; i++) this.pins.push(new PinState(pins[i], df));
		const dfs = df.dfs || [];
		for (let i = 0; i < dfs.length; i++) this.addLocalPins(dfs[i]);
	}

	/** A reset: channels closed, PINs not verified, MF current on channel 0. Counters stay. */
	reset(): void {
		this.resets++;
		for (let i = 1; i <= HIGHEST_CHANNEL; i++) this.channels[i].open = false;
		this.channelsOpen = 0;
		this.disturbBasicChannel();
		for (let i = 0; i < this.pins.length; i++) this.pins[i].verified = false;
		this.pendingChannel = -1;
		this.proactiveWaits = false;
		if (this.secure !== null) for (let i = 0; i <= HIGHEST_CHANNEL; i++) this.secure.end(i);
	}

	/** Is this logical channel open? */
	isOpen(channel: number): boolean {
		return channel >= 0 && channel <= HIGHEST_CHANNEL && this.channels[channel].open;
	}

	/** The channel closes without a command of the host: the modem did it. */
	dropChannel(channel: number): void {
		if (channel === 0 || !this.isOpen(channel)) return;
		this.channels[channel].open = false;
		this.channelsOpen--;
		if (this.secure !== null) this.secure.end(channel);
	}

	/** The modem's own business on channel 0: the MF is current there afterwards, and no application. */
	disturbBasicChannel(): void {
		const channel = this.channels[0];
		channel.application = null;
		channel.df = this.profile.mf;
		channel.ef = null;
		if (this.pendingChannel === 0) this.pendingChannel = -1;
	}

	/** Tries left of a PIN, of the card or of an application; -1 = there is no such PIN. For the modem's +CPIN, and for tests. */
	pinTries(reference: number): number {
		for (let i = 0; i < this.pins.length; i++) {
			if (this.pins[i].profile.reference === reference) return this.pins[i].tries;
		}
		return -1;
	}

	/** Does the card want this PIN of its own (enabled and not verified)? */
	pinWanted(reference: number): boolean {
		const pin = this.findPin(reference, this.channels[0]);
		return pin !== null && pin.profile.enabled && !pin.verified;
	}

	/** The modem verifies a PIN of the card; true = right. It counts as no command. */
	verifyByModem(reference: number, value: string): boolean {
		const pin = this.findPin(reference, this.channels[0]);
		if (pin === null || pin.tries === 0) return false;
		this.checkPin(pin, pin.profile.value === value);
		return pin.verified;
	}

	/** One command APDU -> data and SW1 SW2. */
	transmit(apdu: Uint8Array): Uint8Array {
		const index = this.commands++;
		const own = copyBytes(apdu, 0, apdu.length);
		if (this.record) this.history.push(own);
		let answer: Uint8Array | null = null;
		const faults = this.profile.faults || [];
		for (let i = 0; i < faults.length; i++) if (faults[i].index === index) answer = faults[i].answer;
		if (this.onCommand !== null) {
			const replaced = this.onCommand(index, own);
			if (replaced !== null) answer = replaced;
		}
		if (answer !== null) {
			this.replaced++;
			this.pendingChannel = -1;
			return answer;
		}
		answer = this.run(own);
		if (this.onAnswer !== null) {
			const other = this.onAnswer(index, own, answer);
			if (other !== null) {
				this.replaced++;
				answer = other;
			}
		}
		return answer;
	}

	// Answers.

	private status(sw: number): Uint8Array {
		let word = sw;
		if (word === SW_OK && this.proactiveLeft > 0) {
			this.proactiveLeft--;
			this.proactiveWaits = true;
			word = 0x9100 | (this.manners.proactiveLength || 0x0b);
		}
		return new Uint8Array([word >> 8, word & 0xff]);
	}

	private withData(data: Uint8Array, sw: number): Uint8Array {
		return joinBytes([data, this.status(sw)]);
	}

	/** 61xx: `data` waits for GET RESPONSE. */
	private keep(channel: number, data: Uint8Array, sw: number): Uint8Array {
		this.pending = data;
		this.pendingSw = sw;
		this.pendingChannel = channel;
		return this.status(0x6100 | (data.length > 0xff ? 0 : data.length));
	}

	/** Case 2 with an answer of fixed length: does Le fit? Otherwise the command is not carried out. */
	private wrongLe(length: number): Uint8Array | null {
		if (this.lc > 0) return this.status(SW_WRONG_LENGTH);
		if (this.t0) {
			// P3 is always there; no Le in the APDU is P3 = 00.
			const le = this.le === NO_LE ? LE_00 : this.le;
			if (le === length || (le === LE_00 && this.manners.acceptsLe00 === true)) return null;
			return this.status(SW_LE | (length & 0xff));
		}
		if (this.le === NO_LE) return this.status(SW_WRONG_LENGTH);
		if (this.le < length) return this.status(SW_LE | (length & 0xff));
		return null;
	}

	/** Case 4 (data in the command, data in the answer): T=0 by GET RESPONSE, T=1 at once. */
	private answerCase4(channel: number, data: Uint8Array, sw: number): Uint8Array {
		if (data.length === 0) return this.status(sw);
		if (this.t0) {
			const word = this.keep(channel, data, SW_OK);
			// A warning goes first; GET RESPONSE still gets the data (7.3.1.1.4, 4b).
			return sw === SW_OK ? word : this.status(sw);
		}
		if (this.le === NO_LE) return this.status(sw);
		if (this.le < data.length) {
			const first = copyBytes(data, 0, this.le);
			return joinBytes([first, this.keep(channel, copyBytes(data, this.le, data.length), sw)]);
		}
		return this.withData(data, sw);
	}

	// The command.

	private run(apdu: Uint8Array): Uint8Array {
		if (apdu.length < 4) return this.status(SW_WRONG_LENGTH);
		const cla = apdu[0];
		let number = cla & 0x03;
		let protectedClass = (cla & 0x0c) !== 0;
		switch (cla & 0xf0) {
			case 0x00:
			case 0x80:
				break;
			case 0x40:
			case 0xc0:
				number = 4 + (cla & 0x0f);
				protectedClass = false;
				break;
			case 0x60:
			case 0xe0:
				number = 4 + (cla & 0x0f);
				protectedClass = true;
				break;
			default:
				return this.status(SW_CLA);
		}
		if (!this.isOpen(number)) return this.status(SW_CHANNEL);
		const proprietary = (cla & 0x80) !== 0;
		const ins = apdu[1];
		const secure = this.secure;

		if (secure !== null && proprietary && (ins === INS_INITIALIZE_UPDATE || ins === INS_EXTERNAL_AUTHENTICATE)) {
			this.pendingChannel = -1;
			if (!this.parse(apdu)) return this.status(SW_WRONG_LENGTH);
			const answer = secure.authenticate(number, apdu);
			if (answer === null) return this.status(SW_INS);
			return this.deliverWhole(number, answer);
		}
		if (protectedClass) {
			this.pendingChannel = -1;
			if (secure === null) return this.status(SW_SECURE_MESSAGING);
			if (!secure.isOpen(number)) return this.status(SW_SECURITY_STATUS);
			const plain = secure.unwrap(number, apdu);
			if (plain === null) {
				secure.end(number);
				return this.status(SW_SECURE_MESSAGING_DATA);
			}
			// The plain command is carried out without the transport's manners; they concern the protected answer.
			const t0 = this.t0;
			this.t0 = false;
			const inner = this.dispatch(number, proprietary, plain);
			this.t0 = t0;
			this.pendingChannel = -1;
			this.parse(apdu);
			return this.deliverWhole(number, secure.wrap(number, inner));
		}
		if (ins === INS_GET_RESPONSE && !proprietary) return this.getResponse(number, apdu);
		if (secure !== null && secure.isOpen(number) && ins !== INS_MANAGE_CHANNEL) {
			// Every command of a session carries its protection (GlobalPlatform Amendment D, 5.6); a new SELECT of an
			// application ends it.
			secure.end(number);
			if (ins !== INS_SELECT || apdu[2] !== 0x04) return this.status(SW_SECURITY_STATUS);
		}
		return this.dispatch(number, proprietary, apdu);
	}

	/** An answer made elsewhere, data and SW: T=0 with data in the command means GET RESPONSE. */
	private deliverWhole(number: number, answer: Uint8Array): Uint8Array {
		const n = answer.length - 2;
		if (n <= 0 || !this.t0 || this.lc === 0) return answer;
		return this.keep(number, copyBytes(answer, 0, n), (answer[n] << 8) | answer[n + 1]);
	}

	/**
	 * Finds lc and le; false = the length of the APDU fits no case (ISO/IEC 7816-3 clause 12.1.3, short lengths only).
	 */
	private parse(apdu: Uint8Array): boolean {
		this.apdu = apdu;
		this.lc = 0;
		this.le = NO_LE;
		const length = apdu.length;
		if (length === 4) return true;
		const p3 = apdu[4];
		if (length === 5) {
			this.le = p3 === 0 ? LE_00 : p3;
			return true;
		}
		if (p3 === 0) return false;
		this.lc = p3;
		if (length === 5 + p3) return true;
		if (length !== 6 + p3) return false;
		this.le = apdu[length - 1] === 0 ? LE_00 : apdu[length - 1];
		return true;
	}

	private dispatch(number: number, proprietary: boolean, apdu: Uint8Array): Uint8Array {
		this.pendingChannel = -1;
		const ins = apdu[1];
		let known = true;
		let ofEtsi = false;
		switch (ins) {
			case INS_SELECT:
			case INS_READ_BINARY:
			case INS_READ_RECORD:
			case INS_VERIFY:
			case INS_MANAGE_CHANNEL:
			case INS_GET_RESPONSE:
			case INS_UPDATE_BINARY:
			case INS_UPDATE_RECORD:
				break;
			case INS_STATUS:
			case INS_TERMINAL_PROFILE:
			case INS_TERMINAL_RESPONSE:
			case INS_TERMINAL_CAPABILITY:
			case INS_ENVELOPE:
			case INS_FETCH:
				ofEtsi = true;
				break;
			default:
				known = false;
		}
		if (!known) return this.status(SW_INS);
		if (ofEtsi !== proprietary) return this.status(SW_CLA);
		if (!this.parse(apdu)) return this.status(SW_WRONG_LENGTH);
		if (this.busyLeft > 0) {
			this.busyLeft--;
			return this.status(SW_BUSY);
		}
		const channel = this.channels[number];
		switch (ins) {
			case INS_SELECT:
				return this.select(number, channel);
			case INS_READ_BINARY:
				return this.readBinary(number, channel);
			case INS_READ_RECORD:
				return this.readRecord(number, channel);
			case INS_VERIFY:
				return this.verify(channel);
			case INS_MANAGE_CHANNEL:
				return this.manageChannel(number);
			case INS_STATUS:
				return this.statusCommand(number, channel);
			case INS_UPDATE_BINARY:
			case INS_UPDATE_RECORD:
				return this.status(channel.ef === null ? SW_NO_EF : SW_SECURITY_STATUS);
			case INS_FETCH:
				return this.fetch();
			default:
				return this.status(SW_OK);
		}
	}

	/** 11.2.1 and 7.3.1.1.4: only directly after 61xx (or 6Cxx to itself), on the same channel. */
	private getResponse(number: number, apdu: Uint8Array): Uint8Array {
		if (!this.parse(apdu) || this.lc > 0) return this.status(SW_WRONG_LENGTH);
		if (this.pendingChannel !== number) {
			this.pendingChannel = -1;
			return this.status(this.manners.getResponseSw || SW_CONDITIONS);
		}
		if (apdu[2] !== 0 || apdu[3] !== 0) {
			this.pendingChannel = -1;
			return this.status(SW_P1P2);
		}
		const le = this.le === NO_LE ? LE_00 : this.le;
		const waiting = this.pending.length;
		if (le < waiting) {
			const first = copyBytes(this.pending, 0, le);
			return joinBytes([first, this.keep(number, copyBytes(this.pending, le, waiting), this.pendingSw)]);
		}
		if (le > waiting && this.t0 && !(le === LE_00 && this.manners.acceptsLe00 === true)) {
			return this.status(SW_LE | (waiting & 0xff));
		}
		this.pendingChannel = -1;
		// What a session has protected stays as it is, the status word included.
		if (this.secure !== null && this.secure.isOpen(number)) {
			return joinBytes([this.pending, new Uint8Array([this.pendingSw >> 8, this.pendingSw & 0xff])]);
		}
		return this.withData(this.pending, this.pendingSw);
	}

	/** 11.1.17: P1 00 P2 00 open, P1 80 P2 nn close. */
	private manageChannel(number: number): Uint8Array {
		const p1 = this.apdu[2];
		const p2 = this.apdu[3];
		if (this.lc > 0) return this.status(SW_WRONG_LENGTH);
		if (p1 === 0x00 && p2 === 0x00) {
			const wrong = this.wrongLe(1);
			if (wrong !== null) return wrong;
			const free = this.profile.channels || [1, 2, 3];
			for (let i = 0; i < free.length; i++) {
				const next = this.channels[free[i]];
				if (next.open) continue;
				next.open = true;
				this.channelsOpen++;
				this.channelsOpened++;
				// From channel 0 the MF is current, from another the new channel takes over its directory.
				next.application = number === 0 ? null : this.channels[number].application;
				next.df = number === 0 ? this.profile.mf : this.channels[number].df;
				next.ef = null;
				return this.withData(new Uint8Array([free[i]]), SW_OK);
			}
			return this.status(SW_NOT_SUPPORTED);
		}
		if (p1 !== 0x80) return this.status(SW_P1P2);
		if (this.le !== NO_LE && this.le !== LE_00) return this.status(SW_WRONG_LENGTH);
		if (this.manners.refusesCloseLe === true && this.le !== NO_LE) return this.status(SW_WRONG_LENGTH);
		if (this.manners.demandsCloseLe === true && this.le === NO_LE) return this.status(SW_WRONG_LENGTH);
		if (p2 === 0) return this.status(SW_NOT_SUPPORTED);
		if (p2 > HIGHEST_CHANNEL) return this.status(SW_P1P2);
		if (!this.channels[p2].open) return this.status(SW_CHANNEL_ALREADY_CLOSED);
		this.dropChannel(p2);
		this.channelsClosed++;
		return this.status(SW_OK);
	}

	// SELECT, 11.1.1.

	private select(number: number, channel: Channel): Uint8Array {
		const p1 = this.apdu[2];
		const p2 = this.apdu[3];
		const byName = p1 === 0x04;
		// P2: b8 0, b7b6 00 activate or 10 terminate (by name only), b5 0, b4b3 01 FCP or 11 no data, b2b1 occurrence (by
		// name only).
		if ((p2 & 0x90) !== 0 || (p2 & 0x04) === 0 || (p2 & 0x20) !== 0) return this.status(SW_P1P2);
		if (!byName && (p2 & 0x63) !== 0) return this.status(SW_P1P2);
		const noData = (p2 & 0x08) !== 0;
		if (noData && this.manners.refusesNoData === true) return this.status(SW_P1P2);
		if (!noData && this.manners.refusesFcp === true) return this.status(SW_P1P2);
		this.foundDf = null;
		this.foundEf = null;
		let sw = SW_NOT_FOUND;
		switch (p1) {
			case 0x00:
				sw = this.manners.refusesFid === true ? SW_P1P2 : this.selectFid(channel);
				break;
			case 0x01:
				sw = this.selectChildDf(channel);
				break;
			case 0x03:
				sw = this.selectParent(channel);
				break;
			case 0x04:
				sw = this.selectName(channel, p2);
				break;
			case 0x08:
				sw = this.manners.refusesPathFromMf === true ? SW_P1P2 : this.selectPath(channel, true);
				break;
			case 0x09:
				sw = this.manners.refusesPathFromDf === true ? SW_P1P2 : this.selectPath(channel, false);
				break;
			default:
				sw = SW_P1P2;
		}
		// Without success the selection stays as it was.
		if (sw !== SW_OK) return this.status(sw);
		const df = this.foundDf as DfProfile | null;
		const ef = this.foundEf as EfProfile | null;
		if (byName && df !== null) {
			if (number === 0) this.basicSelects++;
			if (this.secure !== null) this.secure.end(number);
			if ((p2 & 0x40) !== 0) {
				// Session termination: the application is none any more.
				channel.application = null;
				channel.df = this.profile.mf;
			} else {
				channel.application = df;
				channel.df = df;
			}
			channel.ef = null;
		} else if (ef !== null) {
			channel.df = df !== null ? df : channel.df;
			channel.ef = ef;
			channel.recordNumber = 0;
			if (ef.deactivated === true) sw = SW_DEACTIVATED;
		} else if (df !== null) {
			channel.df = df;
			channel.ef = null;
		}
		if (noData) return this.status(sw);
		const fcp = ef !== null ? efFcp(ef) : dfFcp(df !== null ? df : this.profile.mf, this.profile.pins);
		if (this.lc === 0) {
			// P1 = 03 has no data: case 2.
			const wrong = this.wrongLe(fcp.length);
			return wrong !== null ? wrong : this.withData(fcp, sw);
		}
		return this.answerCase4(number, fcp, sw);
	}

	/** The directory above; the MF's and an unknown one's is the MF. */
	private parentOf(df: DfProfile): DfProfile {
		const found = this.parentBelow(this.profile.mf, df);
		if (found !== null) return found;
		for (let i = 0; i < this.profile.applications.length; i++) {
			const inside = this.parentBelow(this.profile.applications[i], df);
			if (inside !== null) return inside;
		}
		return this.profile.mf;
	}

	private parentBelow(top: DfProfile, df: DfProfile): DfProfile | null {
		const dfs = top.dfs || [];
		for (let i = 0; i < dfs.length; i++) {
			if (dfs[i] === df) return top;
			const inside = this.parentBelow(dfs[i], df);
			if (inside !== null) return inside;
		}
		return null;
	}

	private childDf(df: DfProfile, fid: number): DfProfile | null {
		const dfs = df.dfs || [];
		for (let i = 0; i < dfs.length; i++) if (dfs[i].fid === fid) return dfs[i];
		return null;
	}

	private childEf(df: DfProfile, fid: number): EfProfile | null {
		for (let i = 0; i < df.efs.length; i++) if (df.efs[i].fid === fid) return df.efs[i];
		return null;
	}

	private aliasOf(channel: Channel): DfProfile | null {
		return this.manners.refusesAlias === true ? null : channel.application;
	}

	/** 8.4.1: children of the current directory, itself, its parent, directories beside it, the MF, 7FFF. */
	private selectFid(channel: Channel): number {
		if (this.lc !== 2) return SW_WRONG_LENGTH;
		const fid = (this.apdu[5] << 8) | this.apdu[6];
		const df = channel.df;
		if (fid === MF) {
			this.foundDf = this.profile.mf;
		} else if (fid === CURRENT_APPLICATION) {
			this.foundDf = this.aliasOf(channel);
		} else {
			this.foundEf = this.childEf(df, fid);
			this.foundDf = this.foundEf !== null ? df : this.childDf(df, fid);
			if (this.foundDf === null && df.fid === fid) this.foundDf = df;
			const parent = this.parentOf(df);
			if (this.foundDf === null && parent.fid === fid) this.foundDf = parent;
			if (this.foundDf === null && df !== this.profile.mf) this.foundDf = this.childDf(parent, fid);
		}
		return this.foundDf === null ? SW_NOT_FOUND : SW_OK;
	}

	private selectChildDf(channel: Channel): number {
		if (this.lc !== 2) return SW_WRONG_LENGTH;
		this.foundDf = this.childDf(channel.df, (this.apdu[5] << 8) | this.apdu[6]);
		return this.foundDf === null ? SW_NOT_FOUND : SW_OK;
	}

	private selectParent(channel: Channel): number {
		if (this.lc !== 0) return SW_WRONG_LENGTH;
		if (channel.df === this.profile.mf) return SW_NOT_FOUND;
		this.foundDf = this.parentOf(channel.df);
		return SW_OK;
	}

	private nameMatches(df: DfProfile): boolean {
		const aid = df.aid;
		if (aid === undefined || this.lc > aid.length) return false;
		return sameBytes(copyBytes(this.apdu, 5, 5 + this.lc), copyBytes(aid, 0, this.lc));
	}

	/** By AID, which may be truncated on the right; b2b1 00 first, 01 last, 10 next, 11 previous. */
	private selectName(channel: Channel, p2: number): number {
		if (this.lc < 1 || this.lc > 16) return SW_WRONG_LENGTH;
		const all = this.profile.applications;
		if ((p2 & 0x40) !== 0) {
			if (channel.application === null || !this.nameMatches(channel.application)) return SW_CONDITIONS;
			this.foundDf = channel.application;
			return SW_OK;
		}
		let step = 1;
		let at = 0;
		const current = channel.application === null ? -1 : all.indexOf(channel.application);
		switch (p2 & 0x03) {
			case 0x01:
				step = -1;
				at = all.length - 1;
				break;
			case 0x02:
				at = current + 1;
				break;
			case 0x03:
				step = -1;
				at = (current < 0 ? all.length : current) - 1;
				break;
		}
		for (; at >= 0 && at < all.length; at += step) {
			if (!this.nameMatches(all[at])) continue;
			this.foundDf = all[at];
			return SW_OK;
		}
		return SW_NOT_FOUND;
	}

	/** 8.4.2: from the MF (its own FID does not stand in the path, 7FFF may come first) or from the current directory. */
	private selectPath(channel: Channel, fromMf: boolean): number {
		if (this.lc < 2 || this.lc % 2 !== 0) return SW_WRONG_LENGTH;
		let df: DfProfile = fromMf ? this.profile.mf : channel.df;
		for (let i = 0; i < this.lc; i += 2) {
			const fid = (this.apdu[5 + i] << 8) | this.apdu[6 + i];
			let next: DfProfile | null = null;
			if (fromMf && i === 0 && fid === CURRENT_APPLICATION) {
				next = this.aliasOf(channel);
			} else {
				next = this.childDf(df, fid);
				if (next === null && i === this.lc - 2) {
					this.foundEf = this.childEf(df, fid);
					if (this.foundEf !== null) next = df;
				}
			}
			if (next === null) return SW_NOT_FOUND;
			df = next;
		}
		this.foundDf = df;
		return SW_OK;
	}

	// Reading, 11.1.3 and 11.1.5.

	/** May the current state read this file? SW_OK or why not. */
	private readable(channel: Channel, ef: EfProfile): number {
		if (ef.deactivated === true) return SW_INVALIDATED;
		const access = ef.access || ACCESS_ALWAYS;
		if (access === ACCESS_ALWAYS) return SW_OK;
		if (access === ACCESS_NEVER) return SW_SECURITY_STATUS;
		const pin = this.findPin(access, channel);
		if (pin === null) return SW_SECURITY_STATUS;
		const administrative = (access & 0x7f) >= 0x0a && (access & 0x7f) <= 0x0e;
		if (pin.verified || (!pin.profile.enabled && !administrative)) return SW_OK;
		return SW_SECURITY_STATUS;
	}

	/** The EF that SFI `sfi` of the current directory names becomes current; false = none. */
	private useSfi(channel: Channel, sfi: number): boolean {
		const efs = channel.df.efs;
		for (let i = 0; i < efs.length; i++) {
			if (efs[i].sfi !== sfi) continue;
			channel.ef = efs[i];
			channel.recordNumber = 0;
			return true;
		}
		return false;
	}

	/** P1 b8 0: offset of 15 bits; b8 1: 100 and SFI, P2 the offset. */
	private readBinary(number: number, channel: Channel): Uint8Array {
		if (this.lc > 0) return this.status(SW_WRONG_LENGTH);
		const p1 = this.apdu[2];
		let offset = (p1 << 8) | this.apdu[3];
		if ((p1 & 0x80) !== 0) {
			const sfi = p1 & 0x1f;
			if ((p1 & 0x60) !== 0 || sfi === 0 || sfi === 0x1f) return this.status(SW_P1P2);
			if (!this.useSfi(channel, sfi)) return this.status(SW_NOT_FOUND);
			offset = this.apdu[3];
		}
		const ef = channel.ef;
		if (ef === null) return this.status(SW_NO_EF);
		if (ef.data === undefined) return this.status(SW_STRUCTURE);
		const sw = this.readable(channel, ef);
		if (sw !== SW_OK) return this.status(sw);
		if (!this.t0 && this.le === NO_LE) return this.status(SW_WRONG_LENGTH);
		if (this.wrongLeLeft > 0) {
			this.wrongLeLeft--;
			return this.status(SW_LE);
		}
		if (this.emptyReadsLeft > 0) {
			this.emptyReadsLeft--;
			return this.status(SW_OK);
		}
		if (offset >= ef.data.length) return this.status(SW_OFFSET);
		const le = this.le === NO_LE ? LE_00 : this.le;
		let available = ef.data.length - offset;
		if (available > 256) available = 256;
		const most = this.manners.maxAnswerBytes;
		if (most !== undefined && available > most) {
			const some = Math.min(le, most);
			return this.answerRead(number, copyBytes(ef.data, offset, offset + some), SW_OK);
		}
		if (le <= available) return this.answerRead(number, copyBytes(ef.data, offset, offset + le), SW_OK);
		const all = copyBytes(ef.data, offset, offset + available);
		if (this.t0) {
			const whole = this.manners.readAnswers61 === true || (le === LE_00 && this.manners.acceptsLe00 === true);
			return whole ? this.answerRead(number, all, SW_OK) : this.status(SW_LE | (available & 0xff));
		}
		if (le === LE_00) return this.answerRead(number, all, SW_OK);
		return this.answerRead(number, all, this.manners.shortReadSw || SW_END_OF_FILE);
	}

	/** P1 record, P2 b8-b4 SFI, b3-b1 010 next, 011 previous, 100 absolute (P1 00 = current). */
	private readRecord(number: number, channel: Channel): Uint8Array {
		if (this.lc > 0) return this.status(SW_WRONG_LENGTH);
		const p1 = this.apdu[2];
		const p2 = this.apdu[3];
		const mode = p2 & 0x07;
		const sfi = p2 >> 3;
		if (mode < 2 || mode > 4 || (mode !== 4 && p1 !== 0) || sfi === 0x1f) return this.status(SW_P1P2);
		if (sfi !== 0 && !this.useSfi(channel, sfi)) return this.status(SW_NOT_FOUND);
		const ef = channel.ef;
		if (ef === null) return this.status(SW_NO_EF);
		if (ef.records === undefined) return this.status(SW_STRUCTURE);
		const sw = this.readable(channel, ef);
		if (sw !== SW_OK) return this.status(sw);
		let wanted = p1;
		if (mode === 4 && p1 === 0) wanted = channel.recordNumber;
		if (mode === 2) wanted = channel.recordNumber + 1;
		if (mode === 3) wanted = channel.recordNumber === 0 ? ef.records.length : channel.recordNumber - 1;
		if (wanted < 1 || wanted > ef.records.length) return this.status(SW_RECORD_NOT_FOUND);
		const record = ef.records[wanted - 1];
		if (this.manners.readAnswers61 !== true) {
			const wrong = this.wrongLe(record.length);
			if (wrong !== null) return wrong;
		}
		if (mode !== 4) channel.recordNumber = wanted;
		return this.answerRead(number, record, SW_OK);
	}

	private answerRead(number: number, data: Uint8Array, sw: number): Uint8Array {
		if (this.manners.readAnswers61 === true) return this.keep(number, copyBytes(data, 0, data.length), sw);
		return this.withData(data, sw);
	}

	/** 11.1.2: P2 00 FCP of the current directory, 01 name of the current application, 0C nothing. */
	private statusCommand(number: number, channel: Channel): Uint8Array {
		const p2 = this.apdu[3];
		if (this.apdu[2] > 2) return this.status(SW_P1P2);
		if (this.lc > 0) return this.status(SW_WRONG_LENGTH);
		let data: Uint8Array = NOTHING;
		if (p2 === 0x0c) return this.status(SW_OK);
		if (p2 === 0x01) {
			const application = channel.application;
			if (application === null || application.aid === undefined) return this.status(SW_CONDITIONS);
			data = joinBytes([new Uint8Array([0x84, application.aid.length]), application.aid]);
		} else if (p2 === 0x00) {
			data = dfFcp(channel.df, this.profile.pins);
		} else {
			return this.status(SW_P1P2);
		}
		if (this.manners.statusAnswers61 === true) return this.keep(number, data, SW_OK);
		const wrong = this.wrongLe(data.length);
		return wrong !== null ? wrong : this.withData(data, SW_OK);
	}

	// PINs, 9.5 and 11.1.9.

	/**
	 * Global references stand on the card, local ones (b8) in the current application, or else in the current directory.
	 */
	private findPin(reference: number, channel: Channel): PinState | null {
		for (let i = 0; i < this.pins.length; i++) {
			const pin = this.pins[i];
			if (pin.profile.reference !== reference) continue;
			if (pin.owner === null || pin.owner === channel.application || pin.owner === channel.df) return pin;
		}
		return null;
	}

	private checkPin(pin: PinState, right: boolean): void {
		pin.verified = right;
		if (right) {
			pin.tries = DEFAULT_TRIES;
		} else {
			pin.tries--;
			this.pinTriesUsed++;
		}
	}

	/** P1 00, P2 reference, 8 bytes padded with FF; without data it asks for the tries and uses none. */
	private verify(channel: Channel): Uint8Array {
		if (this.apdu[2] !== 0) return this.status(SW_P1P2);
		if (this.lc === 0 && this.le !== NO_LE && this.le !== LE_00) return this.status(SW_WRONG_LENGTH);
		if (this.lc !== 0 && this.lc !== PIN_BYTES) return this.status(SW_WRONG_LENGTH);
		const pin = this.findPin(this.apdu[3], channel);
		if (pin === null) return this.status(SW_REFERENCE);
		if (pin.tries === 0) return this.status(SW_BLOCKED);
		if (!pin.profile.enabled) return this.status(SW_INVALIDATED);
		if (this.lc === 0) return this.status(pin.verified ? SW_OK : SW_TRIES | pin.tries);
		let right = true;
		const value = pin.profile.value;
		for (let i = 0; i < PIN_BYTES; i++) {
			const digit = i < value.length ? value.charCodeAt(i) : 0xff;
			if (this.apdu[5 + i] !== digit) right = false;
		}
		this.checkPin(pin, right);
		return this.status(right ? SW_OK : SW_TRIES | pin.tries);
	}

	/** FETCH is the modem's; whoever sends it gets the proactive command and is counted. */
	private fetch(): Uint8Array {
		this.fetches++;
		if (!this.proactiveWaits) return this.status(SW_CONDITIONS);
		const length = this.manners.proactiveLength || 0x0b;
		const wrong = this.wrongLe(length);
		if (wrong !== null) return wrong;
		this.proactiveWaits = false;
		const command = new Uint8Array(length);
		command[0] = 0xd0;
		command[1] = length - 2;
		return this.withData(command, SW_OK);
	}
}
