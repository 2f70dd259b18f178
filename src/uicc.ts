// The UICC on one logical channel of our own (ETSI TS 102 221, 8 and 11): opened, files selected and read on it, closed. This
// layer answers 61xx with GET RESPONSE, 6Cxx with the right Le, a busy card with patience, and finds the forms of SELECT that
// the card takes. The channel number is the one that the card gave.

import {
	Command,
	claOf,
	etsiClaOf,
	failureOf,
	INS_GET_RESPONSE,
	INS_MANAGE_CHANNEL,
	INS_READ_BINARY,
	INS_READ_RECORD,
	INS_SELECT,
	INS_STATUS,
	INS_VERIFY,
	LE_MAX,
	meaningOf,
	SW_AGAIN,
	SW_BUSY,
	SW_DONE,
	SW_MORE,
	SW_SHORT,
	SW_WRONG_LE,
} from "./apdu.js";
import {
	ANSWER_DAMAGED,
	ANSWER_MISSING,
	ANSWER_TOO_LONG,
	CARD_BUSY,
	CARD_REFUSED,
	CHANNEL_INVALID,
	CHANNEL_LOST,
	CME_ERROR,
	COMMAND_ERROR,
	COMMAND_TIMEOUT,
	NO_CHANNEL,
	NO_PROGRESS,
	NOT_FOUND,
	NOT_STARTED,
	OFFSET_BEYOND_END,
	OK,
	PATH_INVALID,
	RECEIVER_TOO_SMALL,
	SECURITY_STATUS,
	SIM_BUSY,
	SIM_FAILURE,
	WAIT,
} from "./codes.js";
import { LINK_CHANNELS, LINK_PATHS, type Link } from "./link.js";
import { Response } from "./response.js";

/** The longest path to a file, in bytes; a SELECT by it fits the command buffer. */
export const PATH_MAX_BYTES = 16;
/** The longest command: SELECT with an AID of 16 bytes or a path behind another one. */
export const COMMAND_BYTES = 5 + 2 * PATH_MAX_BYTES + 1;
/** What `saveManners` keeps: flags, step, length of the name, name. */
export const MANNERS_BYTES = 3 + PATH_MAX_BYTES;
/** READ BINARY addresses 15 bits (TS 102 221, 11.1.3). */
const OFFSET_MAX = 0x7fff;
/** The largest channel number (TS 102 221, 10.1.1). */
export const CHANNEL_MAX = 19;
/** A card whose toolkit is busy (9300) is asked again after this long, and so many times. */
const BUSY_MS = 500;
const BUSY_TRIES = 10;
/** How often a command whose answer was lost or damaged is sent again, where sending it twice does no harm. */
const REPEATS = 2;
/** A receiver that holds so much takes the control parameters (FCP) of any usual file. */
export const FCP_BYTES = 40;
/** Steps of READ BINARY are not halved below this, when a card finds them too long (6700) or answers arrive damaged. */
const STEP_MIN = 16;
/** So much of nothing but FF or 00 counts as the padding behind a file's content. */
const PADDING_BYTES = 32;

const enum Verb {
	IDLE,
	/** Nothing had to be asked; the answer is known. */
	ANSWERED,
	OPEN,
	CLOSE,
	SELECT_AID,
	SELECT_PATH,
	READ,
	RECORD,
	STATUS,
	VERIFY,
}

/** How a file below the current application is selected; the first one that works is kept. */
const enum Form {
	/** P1 = 08, path from the MF, with 7FFF for the current application (or the path by which it was selected). */
	FROM_MF,
	/** P1 = 09, path from the current DF. */
	FROM_DF,
	/** P1 = 00, one file ID after the other. */
	BY_FID,
}

export class Uicc {
	/** Where the data of the next command goes: its `store`, `compare` or `drop` is called before a verb. */
	readonly response: Response;
	/** The logical channel that is open, or -1. */
	channel: number;
	/** Command APDUs sent since construction or `reset`. */
	exchanges: number;
	/** Data bytes of one answer at most. It shrinks when a card refuses long answers. */
	step: number;
	/** After a read: the file ended before all that was wanted. */
	ended: boolean;
	/** After a read that was not exact: the card has not said that the file ends here. It looked like the end, by padding or a short answer. */
	more: boolean;
	/** When poll is to be called next, after it has answered WAIT. */
	wakeAt: number;

	private link: Link;
	/** Something is to be closed. */
	private opened: boolean;
	/** Nothing has succeeded on the channel yet. */
	private fresh: boolean;
	private readonly fullStep: number;
	/** The most data bytes of one answer that the receiver can hold; LE_MAX for one that holds any. */
	room: number;
	private answer: number;
	private readonly command: Command;
	private verb: Verb;
	/** The command in hand is to be composed and sent. */
	private due: boolean;
	/** The command in hand is to be sent. */
	private ready: boolean;
	private waiting: boolean;
	private fetching: boolean;
	private correctedLe: number;
	private busyTries: number;
	private repeats: number;
	private tookAgain: boolean;
	private before: number;

	// The verb's operands.
	private name: Uint8Array;
	private nameFrom: number;
	private nameTo: number;
	private form: Form;
	private formKnown: boolean;
	/** SELECT with P2 = 04, since the card refused 0C; and whether one of the two has worked. */
	private fcp: boolean;
	private fcpKnown: boolean;
	private triedFcp: boolean;
	/** Paths from the MF are walked FID by FID, since the card does not take P1 = 08. */
	private walk: boolean;
	/** How many files of the path have been selected, when it is walked FID by FID. */
	private walked: number;
	private offset: number;
	private wanted: number;
	private exact: boolean;
	private asked: number;
	private shortClose: boolean;
	/** Bytes of padding that the read in hand has met in a row. */
	private padding: number;
	/** What the application was selected by: base[0 … baseLength) is its AID, or its path without the MF. */
	private readonly base: Uint8Array;
	private baseLength: number;
	private baseIsPath: boolean;
	/** The current DF may be another than the application's; the application is being selected again. */
	private moved: boolean;
	/** The control parameters are wanted, and asked for with an Le. */
	private control: boolean;
	private controlLe: boolean;
	private returning: boolean;

	/**
	 * @param link what carries the APDUs
	 * @param step data bytes of one answer at most, 1 to 256
	 */
	constructor(link: Link, step: number) {
		this.command = new Command(COMMAND_BYTES);
		this.response = new Response(this.command.bytes);
		this.channel = -1;
		this.exchanges = 0;
		this.step = step;
		this.ended = false;
		this.more = false;
		this.wakeAt = 0;
		this.opened = false;
		this.fresh = false;
		this.answer = OK;
		this.fullStep = step;
		this.room = LE_MAX;
		this.link = link;
		this.verb = Verb.IDLE;
		this.due = false;
		this.ready = false;
		this.waiting = false;
		this.fetching = false;
		this.correctedLe = 0;
		this.busyTries = 0;
		this.repeats = 0;
		this.tookAgain = false;
		this.before = 0;
		// Two bytes more, for one FID of a path that is walked.
		this.base = new Uint8Array(PATH_MAX_BYTES + 2);
		this.baseLength = 0;
		this.baseIsPath = false;
		this.moved = false;
		this.control = false;
		this.controlLe = false;
		this.returning = false;
		this.padding = 0;
		this.name = this.base;
		this.nameFrom = 0;
		this.nameTo = 0;
		this.form = Form.FROM_MF;
		this.formKnown = false;
		this.fcp = false;
		this.fcpKnown = false;
		this.triedFcp = false;
		this.walk = false;
		this.walked = 0;
		this.offset = 0;
		this.wanted = 0;
		this.exact = false;
		this.asked = 0;
		this.shortClose = false;
	}

	/** Goes over to another link, and forgets what was learnt over the one before. Only while nothing is open. */
	use(link: Link): void {
		this.link = link;
		this.forget();
	}

	/** Whether files are selected by their path from the MF only, and applications not at all. */
	get pathsOnly(): boolean {
		return this.link.manner === LINK_PATHS;
	}

	/** Whether the link has no logical channels that we could see. */
	get withoutChannels(): boolean {
		return this.link.manner !== LINK_CHANNELS;
	}

	/** Whether a channel may be open though opening it ended with this error: its number got lost. */
	openIsDoubtful(code: number): boolean {
		return code === ANSWER_DAMAGED || code === ANSWER_MISSING || code === COMMAND_TIMEOUT || code === CHANNEL_INVALID;
	}

	/** Whether the first thing that was asked on the channel says that it is not open: its number may be another one. */
	channelIsDoubtful(code: number): boolean {
		return code === CHANNEL_LOST && this.fresh;
	}

	/** Whether there is something that has to be closed. */
	get open(): boolean {
		return this.opened;
	}

	/** Opens a logical channel; its number is then in `channel`. It is 0 where the link has none, or keeps it to itself. */
	openChannel(): void {
		if (this.link.manner === LINK_CHANNELS) {
			// The answer is one byte; it lands behind the command, which is 5 bytes long.
			this.response.store(this.command.bytes, 8, 9);
			this.begin(Verb.OPEN);
		} else {
			this.channel = 0;
			this.opened = true;
			this.answerAtOnce(OK);
		}
	}

	/** Takes a channel that is open already as ours. */
	adopt(channel: number): void {
		this.channel = channel;
		this.opened = true;
	}

	/** Closes the channel. Whatever the answer, it does not count as open any more. */
	close(): void {
		this.response.drop();
		this.shortClose = false;
		if (this.link.manner === LINK_PATHS) {
			this.opened = false;
			this.answerAtOnce(OK);
		} else this.begin(Verb.CLOSE);
	}

	/** The channel is gone: the card was reset. */
	lose(): void {
		this.opened = false;
	}

	/** Selects an application by name[from … to), its AID, 1 to 16 bytes. */
	selectApplication(name: Uint8Array, from: number, to: number): void {
		const length = to - from;
		this.response.drop();
		this.moved = false;
		if (length < 1 || length > PATH_MAX_BYTES || this.link.manner === LINK_PATHS) {
			this.answerAtOnce(NOT_FOUND);
			return;
		}
		for (let i = 0; i < length; i++) this.base[i] = name[from + i];
		this.baseLength = length;
		this.baseIsPath = false;
		this.begin(Verb.SELECT_AID);
	}

	/** Selects the application that `loadManners` has told. */
	selectAgain(): void {
		this.response.drop();
		if (this.baseIsPath || this.link.manner === LINK_PATHS) this.answerAtOnce(OK);
		else this.begin(Verb.SELECT_AID);
	}

	/** Writes what was learnt of the card, and how the application was selected, to target[at … at + MANNERS_BYTES). */
	saveManners(target: Uint8Array, at: number): void {
		target[at] =
			this.form |
			(this.formKnown ? 4 : 0) |
			(this.fcp ? 8 : 0) |
			(this.fcpKnown ? 16 : 0) |
			(this.walk ? 32 : 0) |
			(this.baseIsPath ? 64 : 0);
		target[at + 1] = this.step - 1;
		target[at + 2] = this.baseLength;
		for (let i = 0; i < PATH_MAX_BYTES; i++) target[at + 3 + i] = this.base[i];
	}

	/** Takes it from there, as if it had just been learnt. */
	loadManners(source: Uint8Array, at: number): void {
		const flags = source[at];
		this.form = Math.min(flags & 3, Form.BY_FID);
		this.formKnown = (flags & 4) !== 0;
		this.fcp = (flags & 8) !== 0;
		this.fcpKnown = (flags & 16) !== 0;
		this.walk = (flags & 32) !== 0;
		this.baseIsPath = (flags & 64) !== 0;
		this.step = Math.min(source[at + 1] + 1, this.fullStep);
		this.baseLength = Math.min(source[at + 2], PATH_MAX_BYTES);
		for (let i = 0; i < PATH_MAX_BYTES; i++) this.base[i] = source[at + 3 + i];
	}

	/** Takes path[from … to), 3F00 included, as the place of the application: for a PKCS #15 DF that has no AID. False when it is no such path. */
	useDirectory(path: Uint8Array, from: number, to: number): boolean {
		const length = to - from - 2;
		if (length < 2 || (length & 1) === 1 || length > PATH_MAX_BYTES) return false;
		if (path[from] !== 0x3f || path[from + 1] !== 0) return false;
		// The alias of whatever application is the current one is no place.
		if (path[from + 2] === 0x7f && path[from + 3] === 0xff) return false;
		for (let i = 0; i < length; i++) this.base[i] = path[from + 2 + i];
		this.baseLength = length;
		this.baseIsPath = true;
		return true;
	}

	/**
	 * Selects a file by path[from … to): from the MF when it begins with 3F00, else from the current application.
	 * PATH_INVALID when its length is odd, nothing or more than PATH_MAX_BYTES.
	 */
	selectFile(path: Uint8Array, from: number, to: number): void {
		this.name = path;
		this.nameFrom = from;
		this.nameTo = to;
		this.walked = 0;
		this.response.drop();
		// A form that counts from the current DF needs the right one.
		this.returning = this.moved && !this.absolute() && this.form !== Form.FROM_MF && !this.baseIsPath;
		this.begin(Verb.SELECT_PATH);
	}

	/** The same, and the file's control parameters (FCP) go where `response` was told; they may be missing all the same. */
	selectForControl(path: Uint8Array, from: number, to: number): void {
		this.name = path;
		this.nameFrom = from;
		this.nameTo = to;
		this.walked = 0;
		this.returning = false;
		this.control = true;
		this.begin(Verb.SELECT_PATH);
	}

	/** STATUS on a channel: the AID of its application, or the control parameters of its current directory, for `response`. */
	status(channel: number, aid: boolean): void {
		this.offset = channel;
		this.exact = aid;
		this.asked = this.step;
		this.begin(Verb.STATUS);
	}

	/**
	 * VERIFY of a PIN: pin[0 … length), or how many tries are left with length 0, which costs none. It is never sent a second time,
	 * whatever happens to its answer.
	 */
	verify(reference: number, pin: Uint8Array, length: number): void {
		this.offset = reference;
		this.name = pin;
		this.nameFrom = 0;
		this.nameTo = length;
		this.response.drop();
		this.begin(Verb.VERIFY);
	}

	/**
	 * Reads `wanted` bytes of the selected file from `offset` on, in steps. With `exact` it goes on until all are here or the
	 * file has no more. Without, every step asks for all that an answer can hold, and the first that comes short, or enough
	 * padding, is the end of the file.
	 */
	read(offset: number, wanted: number, exact: boolean): void {
		this.offset = offset;
		this.wanted = wanted;
		this.exact = exact;
		this.ended = false;
		this.more = false;
		this.padding = 0;
		this.begin(Verb.READ);
	}

	/** Reads one record of the selected linear fixed file, 1 to 254, which is `length` bytes long; 0 when that is not known. */
	readRecord(number: number, length: number): void {
		this.offset = number;
		this.asked = length > 0 && length < this.step ? length : this.step;
		this.begin(Verb.RECORD);
	}

	/** Overwrites the last command, which may have held a PIN. */
	wipe(): void {
		this.command.bytes.fill(0);
	}

	private answerAtOnce(code: number): void {
		this.verb = Verb.ANSWERED;
		this.answer = code;
	}

	/** Gives up what is under way. */
	cancel(): void {
		this.link.cancel();
		this.verb = Verb.IDLE;
	}

	/** Forgets the channel and what was learnt of the card. */
	reset(): void {
		this.cancel();
		this.channel = -1;
		this.opened = false;
		this.exchanges = 0;
		this.forget();
		this.response.drop();
	}

	private forget(): void {
		this.form = Form.FROM_MF;
		this.formKnown = false;
		this.fcp = false;
		this.fcpKnown = false;
		this.triedFcp = false;
		this.walk = false;
		this.step = this.fullStep;
		this.baseLength = 0;
		this.moved = false;
	}

	/** WAIT, OK or an error. The status word of the last exchange is in `response.sw`. */
	poll(now: number): number {
		if (this.verb <= Verb.ANSWERED) {
			if (this.verb === Verb.IDLE) return NOT_STARTED;
			return this.finish(this.answer);
		}
		for (;;) {
			if (this.waiting) {
				if (((now - this.wakeAt) | 0) < 0) return WAIT;
				this.waiting = false;
				this.retransmit();
			}
			if (this.due) {
				const error = this.compose();
				if (error !== OK) return this.finish(error);
				this.due = false;
				this.ready = true;
			}
			if (this.ready) {
				this.ready = false;
				this.exchanges += 1;
				this.response.begin();
				this.link.transmit(this.command.bytes, this.command.length, this.response);
			}
			let code = this.exchange(now);
			if (code === WAIT) return WAIT;
			if (code === OK) code = this.proceed();
			else code = this.endured(code);
			if (code !== WAIT) return this.finish(code);
		}
	}

	private begin(verb: Verb): void {
		this.verb = verb;
		this.busyTries = 0;
		this.triedFcp = false;
		this.renew();
	}

	/** The command in hand, or the verb's next one, is composed and sent afresh. */
	private renew(): void {
		this.due = true;
		this.ready = false;
		this.fetching = false;
		this.waiting = false;
		this.correctedLe = 0;
		this.repeats = 0;
		this.tookAgain = false;
		this.before = this.response.count;
	}

	private finish(code: number): number {
		const verb = this.verb;
		this.verb = Verb.IDLE;
		this.control = false;
		this.controlLe = false;
		if (verb === Verb.CLOSE) this.opened = false;
		else if (verb === Verb.OPEN && code !== OK) this.channel = -1;
		return code;
	}

	/** Makes the same exchange again; what it brought before does not count. */
	private retransmit(): void {
		this.response.rewind();
		this.ready = true;
	}

	/** Writes the command of the verb in hand. */
	private compose(): number {
		const command = this.command;
		const cla = claOf(this.channel < 0 ? 0 : this.channel);
		switch (this.verb) {
			case Verb.READ:
				if (this.offset > OFFSET_MAX) return OFFSET_BEYOND_END;
				this.asked = this.step;
				if (this.exact && this.wanted - this.response.count < this.asked)
					this.asked = this.wanted - this.response.count;
				command.header(cla, INS_READ_BINARY, this.offset >> 8, this.offset & 255);
				command.le(this.correctedLe > 0 ? this.correctedLe : this.asked);
				break;
			case Verb.OPEN:
				command.header(0, INS_MANAGE_CHANNEL, 0, 0);
				command.le(1);
				break;
			case Verb.CLOSE:
				// With a fifth byte first: some modems take no command of less than ten digits.
				command.header(0, INS_MANAGE_CHANNEL, 0x80, this.channel);
				if (!this.shortClose) command.le(0);
				break;
			case Verb.SELECT_AID:
				command.header(cla, INS_SELECT, 4, this.fcp ? 4 : 0x0c);
				command.data(this.base, 0, this.baseLength);
				break;
			case Verb.SELECT_PATH:
				return this.composeSelect(cla);
			case Verb.RECORD:
				command.header(cla, INS_READ_RECORD, this.offset, 4);
				command.le(this.correctedLe > 0 ? this.correctedLe : this.asked);
				break;
			case Verb.STATUS:
				command.header(etsiClaOf(this.offset), INS_STATUS, 0, this.exact ? 1 : 0);
				command.le(this.correctedLe > 0 ? this.correctedLe : this.asked);
				break;
			case Verb.VERIFY:
				command.header(cla, INS_VERIFY, 0, this.offset);
				command.data(this.name, 0, this.nameTo);
				break;
		}
		return OK;
	}

	private composeSelect(cla: number): number {
		const command = this.command;
		const path = this.name;
		let from = this.nameFrom;
		const to = this.nameTo;
		const length = to - from;
		if (length < 2 || length > PATH_MAX_BYTES || (length & 1) === 1) return PATH_INVALID;
		const p2 = this.fcp || this.control ? 4 : 0x0c;
		if (this.returning) {
			command.header(cla, INS_SELECT, 4, p2);
			command.data(this.base, 0, this.baseLength);
			return OK;
		}
		const absolute = this.absolute();
		if (absolute && length === 2) return PATH_INVALID;
		if (this.byFid()) {
			command.header(cla, INS_SELECT, 0, p2);
			const at = this.walked << 1;
			const before = this.lead();
			if (at < before) {
				// 3F00, and then the path of the application's DF.
				this.base[PATH_MAX_BYTES] = at === 0 ? 0x3f : this.base[at - 2];
				this.base[PATH_MAX_BYTES + 1] = at === 0 ? 0 : this.base[at - 1];
				command.data(this.base, PATH_MAX_BYTES, PATH_MAX_BYTES + 2);
			} else command.data(path, from + at - before, from + at - before + 2);
		} else if (absolute) {
			from += 2;
			command.header(cla, INS_SELECT, 8, p2);
			command.data(path, from, to);
		} else if (this.form === Form.FROM_MF) {
			command.header(cla, INS_SELECT, 8, p2);
			command.data(path, from, to);
			this.prefix(length);
		} else {
			command.header(cla, INS_SELECT, 9, p2);
			command.data(path, from, to);
		}
		if (this.controlLe) command.le(Math.min(this.room, LE_MAX));
		return OK;
	}

	/** Whether the path in hand begins at the MF. */
	private absolute(): boolean {
		return this.name[this.nameFrom] === 0x3f && this.name[this.nameFrom + 1] === 0;
	}

	/** Whether the path in hand is walked FID by FID. A longer one is, since walking it moves the current DF. */
	private byFid(): boolean {
		if (this.absolute()) return this.walk;
		if (this.form === Form.FROM_MF) return false;
		return this.baseIsPath || this.form === Form.BY_FID || this.nameTo - this.nameFrom > 2;
	}

	/** How many bytes of path are walked before the path in hand: those of the application's DF, from the MF. */
	private lead(): number {
		return this.baseIsPath && !this.absolute() ? 2 + this.baseLength : 0;
	}

	/** Puts the application's own path, or 7FFF, before the `length` bytes of path that the command holds. */
	private prefix(length: number): void {
		const command = this.command;
		const bytes = command.bytes;
		const more = this.baseIsPath ? this.baseLength : 2;
		for (let i = 4 + length; i > 4; i--) bytes[i + more] = bytes[i];
		for (let i = 0; i < more; i++) bytes[5 + i] = this.base[i];
		if (!this.baseIsPath) {
			bytes[5] = 0x7f;
			bytes[6] = 0xff;
		}
		bytes[4] = length + more;
		command.length += more;
	}

	/** Polls the link, and waits for a busy card. OK when an exchange is over. */
	private exchange(now: number): number {
		const code = this.link.poll(now);
		if (code === WAIT) {
			this.wakeAt = this.link.wakeAt;
			return WAIT;
		}
		const busy = code === OK ? meaningOf(this.response.sw) === SW_BUSY : code === SIM_BUSY;
		if (!busy || this.busyTries >= BUSY_TRIES) return code;
		this.busyTries += 1;
		this.waiting = true;
		this.wakeAt = (now + BUSY_MS) | 0;
		return WAIT;
	}

	/**
	 * The link failed. A command that the modem refused has not been carried out and is sent again; so is one that does no harm
	 * when it is carried out twice, after its answer was lost or damaged, then in smaller steps.
	 */
	private endured(code: number): number {
		const refused = code === COMMAND_ERROR || code === CME_ERROR || (code === SIM_FAILURE && this.verb === Verb.CLOSE);
		const lost = code === ANSWER_DAMAGED || code === ANSWER_MISSING || code === COMMAND_TIMEOUT;
		if ((!refused && (!lost || this.verb === Verb.OPEN)) || this.isVerify()) return code;
		if (this.verb === Verb.READ && this.repeats > 0 && this.asked >= 2 * STEP_MIN) this.step = this.asked >> 1;
		return this.again() ? WAIT : code;
	}

	/** Whether the command in hand would take a try of the PIN. */
	private isVerify(): boolean {
		return this.verb === Verb.VERIFY && this.nameTo > 0;
	}

	/** Makes the whole command again, if that has not been done too often. */
	private again(): boolean {
		if (this.repeats >= REPEATS) return false;
		const repeats = this.repeats + 1;
		this.response.rewindTo(this.before);
		this.renew();
		this.repeats = repeats;
		return true;
	}

	/** The answer cannot be one to this command: it may be a late one to another. */
	private unbelievable(code: number): number {
		this.link.distrust();
		return this.again() ? WAIT : code;
	}

	/** An exchange is over: what does its status word ask for? WAIT when another one is under way. */
	private proceed(): number {
		const sw = this.response.sw;
		switch (meaningOf(sw)) {
			case SW_DONE:
				return this.succeeded();
			case SW_SHORT:
				this.ended = true;
				return this.succeeded();
			case SW_MORE:
				// SELECT with an answer that nobody wants: it is simply left there.
				return this.response.wanted ? this.fetch(sw & 255) : this.succeeded();
			case SW_WRONG_LE:
				return this.correct(sw & 255);
			case SW_AGAIN:
				if (!this.tookAgain && this.verb !== Verb.OPEN && !this.isVerify()) {
					this.tookAgain = true;
					this.retransmit();
					return WAIT;
				}
				break;
		}
		return this.refused(sw);
	}

	/** 61xx: GET RESPONSE (TS 102 221, 11.1; ISO 7816-4, 7.6.1). Each one has to bring something. */
	private fetch(waiting: number): number {
		if (this.fetching && !this.response.grew) return NO_PROGRESS;
		if (this.response.count - this.before > LE_MAX) return ANSWER_TOO_LONG;
		const length = waiting === 0 ? LE_MAX : waiting;
		const command = this.command;
		const cla = command.bytes[0];
		command.header(cla, INS_GET_RESPONSE, 0, 0);
		command.le(Math.min(length, this.step));
		this.fetching = true;
		this.ready = true;
		return WAIT;
	}

	/** 6Cxx: the same header with the Le that the card names, once. */
	private correct(named: number): number {
		const length = named === 0 ? LE_MAX : named;
		if (this.verb < Verb.READ || this.verb === Verb.VERIFY) return this.refused(this.response.sw);
		if (this.fetching || this.correctedLe > 0 || length === this.asked) return NO_PROGRESS;
		if (length > this.step) return this.verb === Verb.READ ? NO_PROGRESS : RECEIVER_TOO_SMALL;
		this.response.rewindTo(this.before);
		this.correctedLe = length;
		this.due = true;
		return WAIT;
	}

	private succeeded(): number {
		const response = this.response;
		switch (this.verb) {
			case Verb.READ:
				return this.stepped(response.count - this.before);
			case Verb.OPEN:
				this.channel = this.command.bytes[8];
				if (response.count !== 1 || this.channel < 1 || this.channel > CHANNEL_MAX) return CHANNEL_INVALID;
				this.opened = true;
				this.fresh = true;
				return OK;
			case Verb.SELECT_AID:
				this.fresh = false;
				this.fcpKnown = true;
				return OK;
			case Verb.SELECT_PATH:
				if (this.returning) {
					this.returning = false;
					this.moved = false;
					this.renew();
					return WAIT;
				}
				this.fcpKnown = true;
				if (this.byFid() && (this.walked << 1) + 2 < this.lead() + this.nameTo - this.nameFrom) {
					this.walked += 1;
					this.moved = true;
					this.renew();
					return WAIT;
				}
				if (this.absolute()) this.moved = true;
				else this.formKnown = true;
				if (this.control && response.count === 0 && !this.controlLe) {
					// On T = 1 the parameters come only when they are asked for.
					this.controlLe = true;
					this.walked = 0;
					this.renew();
					return WAIT;
				}
				return OK;
			case Verb.RECORD:
				return response.count > this.step ? this.unbelievable(ANSWER_TOO_LONG) : OK;
		}
		return OK;
	}

	/** One step of a read has brought `got` bytes. */
	private stepped(got: number): number {
		if (got > this.asked) return this.unbelievable(ANSWER_TOO_LONG);
		const count = this.response.count;
		// Success with nothing at all is no way for a file to end. It may be an answer to something else; or how this card says
		// that a directory ends, but not the file whose length is known.
		if (got === 0 && !this.ended && (this.repeats === 0 || this.exact || count === 0))
			return this.unbelievable(NO_PROGRESS);
		if (got === 0) this.ended = true;
		else if (this.exact) this.ended = false;
		else {
			this.padding = this.response.blank ? this.padding + got : 0;
			if (got < this.asked) {
				this.more = !this.ended && this.correctedLe === 0;
				this.ended = true;
			} else if (this.padding >= PADDING_BYTES) {
				this.ended = true;
				this.more = true;
			}
		}
		this.offset += got;
		if (this.offset > OFFSET_MAX) this.ended = true;
		if (this.ended || count >= this.wanted) return OK;
		this.renew();
		return WAIT;
	}

	/** The card said no: is there another way to ask? */
	private refused(sw: number): number {
		const failure = failureOf(sw);
		// A card that refuses has no data to give: it was not a refusal before a bit fell over.
		if (this.response.grew) return this.verb === Verb.OPEN ? CHANNEL_INVALID : this.unbelievable(failure);
		switch (this.verb) {
			case Verb.OPEN:
				// Once more: it is worth an exchange to know that it was not the command that was damaged on its way.
				if (this.again()) return WAIT;
				return failure === SECURITY_STATUS || failure === CARD_BUSY ? failure : NO_CHANNEL;
			case Verb.CLOSE:
				// Closing a channel that is closed already is answered by 6200 or 6881; and so it is when the number was damaged.
				if (sw === 0x6200 || failure === CHANNEL_LOST) {
					if (this.repeats > 0) return OK;
					this.again();
					return WAIT;
				}
				if (!this.shortClose && failure === CARD_REFUSED) {
					this.shortClose = true;
					this.renew();
					return WAIT;
				}
				break;
			case Verb.SELECT_AID:
			case Verb.SELECT_PATH:
				// Until one has worked, 6A86 may mean P2 as well as P1: both of P2 are tried with each form.
				// A modem that fetches answers itself brings the parameters unasked: not where they may not fit.
				if (!this.fcpKnown && !this.triedFcp && this.room >= FCP_BYTES && (sw === 0x6a86 || sw === 0x6a81)) {
					this.triedFcp = true;
					this.fcp = !this.fcp;
					this.renew();
					return WAIT;
				}
				if (!this.fcpKnown && this.triedFcp) this.fcp = !this.fcp;
				if (this.verb === Verb.SELECT_PATH && !this.returning && this.tryNextForm(failure)) {
					this.triedFcp = false;
					this.renew();
					return WAIT;
				}
				break;
			case Verb.READ:
				if (failure === OFFSET_BEYOND_END) {
					this.ended = true;
					return OK;
				}
				if (sw === 0x6700 && this.asked >= 2 * STEP_MIN) {
					this.step = this.asked >> 1;
					this.renew();
					return WAIT;
				}
				break;
		}
		return failure;
	}

	/** Until one form of SELECT has worked, 6A82 may as well mean that the card does not know the form. */
	private tryNextForm(failure: number): boolean {
		if (failure !== NOT_FOUND && failure !== CARD_REFUSED) return false;
		this.walked = 0;
		if (this.absolute()) {
			this.walk = !this.walk;
			return this.walk;
		}
		if (this.formKnown) return false;
		if (this.form === Form.BY_FID) {
			this.form = Form.FROM_MF;
			return false;
		}
		this.form += 1;
		return true;
	}
}
