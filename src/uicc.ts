// The UICC on one logical channel of our own (ETSI TS 102 221, 8 and 11): opened, applications and files selected on it, files read,
// closed. The channel number is the one that the card gave; the forms of SELECT are those that the card takes.

import { claOf, INS_MANAGE_CHANNEL, INS_READ_BINARY, INS_SELECT, LE_MAX, SW_END_OF_FILE } from "./apdu.js";
import {
	CARD_BUSY,
	CARD_REFUSED,
	CHANNEL_INVALID,
	CHANNEL_LOST,
	NO_CHANNEL,
	NO_PROGRESS,
	NOT_FOUND,
	OFFSET_BEYOND_END,
	OK,
	PATH_INVALID,
	SECURITY_STATUS,
	WAIT,
} from "./codes.js";
import { Exchange, STEP_MIN } from "./exchange.js";
import { LINK_CHANNELS, LINK_PATHS, LINK_SESSIONS, type Link } from "./link.js";

/** The longest path to a file, and the longest AID, in bytes. */
export const PATH_MAX_BYTES = 16;
/** The longest command: SELECT by a path behind another one, and Le. */
export const COMMAND_BYTES = 5 + 2 * PATH_MAX_BYTES + 1;
/** READ BINARY addresses 15 bits (TS 102 221, 11.1.3). */
const OFFSET_MAX = 0x7fff;
/** The largest channel number (TS 102 221, 10.1.1). */
export const CHANNEL_MAX = 19;
/** A receiver that holds so much takes the control parameters (FCP) of any usual file. */
export const FCP_BYTES = 40;
/** So much of nothing but FF or 00 counts as the padding behind a file's content. */
const PADDING_BYTES = 32;
/** Where the number of a channel that is opened lands: behind the command, which is 5 bytes long, and as many that GET RESPONSE has to keep. */
const NUMBER_AT = 10;
/** What an application is selected by stands behind 7FFF, its alias, or the MF. */
export const BASE_FROM = 2;

const SW_WRONG_P1_P2 = 0x6a86;
const SW_FUNCTION_NOT_SUPPORTED = 0x6a81;
const SW_WRONG_LENGTH = 0x6700;
const SW_NO_INFORMATION = 0x6200;

const enum Verb {
	/** A command that has its answer as it is. */
	PLAIN,
	OPEN,
	CLOSE,
	APPLICATION,
	FILE,
	READ,
}

/** How a file below the current application is selected; the first one that works is kept. */
export const enum Form {
	/** P1 = 08, path from the MF, with 7FFF for the current application. */
	FROM_MF,
	/** P1 = 09, path from the current DF. */
	FROM_DF,
	/** P1 = 00, one file ID after the other. */
	BY_FID,
}

export class Uicc extends Exchange {
	private verb: Verb;
	/** The logical channel that is open, or -1. */
	channel: number;
	/** Whether there is something that has to be closed. */
	open: boolean;
	/** Nothing has succeeded on the channel yet. */
	fresh: boolean;
	/** The most data bytes of one answer that the receiver can hold; LE_MAX for one that holds any. */
	room: number;
	/** After a read: the file ended before all that was wanted. */
	ended: boolean;
	/** After a read that was not exact: the card has not said that the file ends here. It looked like the end, by padding or a short answer. */
	more: boolean;

	// What is learnt of the card.
	/** How files of the current application are selected, and whether that has worked. */
	form: Form;
	formKnown: boolean;
	/** Paths from the MF are walked FID by FID, since the card does not take P1 = 08. */
	walk: boolean;
	/** SELECT with P2 = 04, since the card refused 0C; and whether one of the two has worked. */
	fcp: boolean;
	fcpKnown: boolean;
	private triedFcp: boolean;
	/** What the application was selected by, base[0 … baseLength): 7FFF and its AID; or its path, from 3F00 on. */
	readonly base: Uint8Array;
	baseLength: number;

	// The path in hand: base[0 … lead), and then name from `nameFrom` on, `total` bytes in all.
	private name: Uint8Array;
	private nameFrom: number;
	private lead: number;
	private total: number;
	/** The file that comes next, where it is walked FID by FID. */
	private walked: number;
	/** The current DF may be another than the application's; the application is being selected again. */
	private moved: boolean;
	private returning: boolean;
	/** The control parameters are wanted, */
	private control: boolean;
	/** and asked for with an Le. */
	private controlLe: boolean;

	// The read in hand.
	private offset: number;
	private wanted: number;
	private exact: boolean;
	/** Bytes of padding that it has met in a row. */
	private padding: number;

	/**
	 * @param link what carries the APDUs
	 * @param step data bytes of one answer at most, 1 to 256
	 */
	constructor(link: Link, step: number) {
		super(link, COMMAND_BYTES, step);
		this.verb = Verb.PLAIN;
		this.channel = -1;
		this.open = false;
		this.fresh = false;
		this.room = LE_MAX;
		this.ended = false;
		this.more = false;
		this.form = Form.FROM_MF;
		this.formKnown = false;
		this.walk = false;
		this.fcp = false;
		this.fcpKnown = false;
		this.triedFcp = false;
		this.base = new Uint8Array(BASE_FROM + PATH_MAX_BYTES);
		this.baseLength = 0;
		this.name = this.base;
		this.nameFrom = 0;
		this.lead = 0;
		this.total = 0;
		this.walked = 0;
		this.moved = false;
		this.returning = false;
		this.control = false;
		this.controlLe = false;
		this.offset = 0;
		this.wanted = 0;
		this.exact = false;
		this.padding = 0;
	}

	/** Forgets the channel, and goes over to a link, of which and of whose card nothing is known. Only while nothing is open. */
	use(link: Link): void {
		this.cancel();
		this.link = link;
		this.stepBytes = this.fullStep;
		this.channel = -1;
		this.open = false;
		this.form = Form.FROM_MF;
		this.formKnown = false;
		this.walk = false;
		this.fcp = false;
		this.fcpKnown = false;
		this.base[0] = 0;
		this.baseLength = 0;
		this.moved = false;
		this.response.drop();
	}

	/** Whether files are selected by their path from the MF only, and applications not at all. */
	get pathsOnly(): boolean {
		return this.link.manner === LINK_PATHS;
	}

	/** Whether the link has no logical channels that we could see. */
	get withoutChannels(): boolean {
		return this.link.manner !== LINK_CHANNELS;
	}

	/** Whether what is under way may open a session. */
	get opening(): boolean {
		return this.link.manner === LINK_SESSIONS && (this.fresh || this.returning);
	}

	/** Opens a logical channel; its number is then in `channel`. It is 0 where the link has none, or keeps it to itself. */
	openChannel(): void {
		this.fresh = true;
		if (this.withoutChannels) {
			this.adopt(0);
			this.tell(OK);
			return;
		}
		const command = this.command;
		this.response.store(command.bytes, NUMBER_AT, NUMBER_AT + 1);
		command.header(0, INS_MANAGE_CHANNEL, 0, 0, 1);
		this.verb = Verb.OPEN;
		this.send();
	}

	/** Takes a channel that is open already as ours. */
	adopt(channel: number): void {
		this.channel = channel;
		this.open = true;
	}

	/** Closes the channel. Whatever the answer, it does not count as open any more. */
	close(): void {
		this.response.drop();
		if (this.pathsOnly) {
			this.open = false;
			this.tell(OK);
		} else this.closeChannel(true);
	}

	/** Selects an application by name[from … to), its AID, 1 to 16 bytes. */
	selectApplication(name: Uint8Array, from: number, to: number): void {
		const length = to - from;
		if (length < 1 || length > PATH_MAX_BYTES || this.pathsOnly) {
			this.tell(NOT_FOUND);
			return;
		}
		this.base[0] = 0x7f;
		this.base[1] = 0xff;
		this.baseLength = BASE_FROM + length;
		for (let i = 0; i < length; i++) this.base[BASE_FROM + i] = name[from + i];
		this.selectAgain();
	}

	/** Selects the application that `base` tells. */
	selectAgain(): void {
		this.response.drop();
		this.moved = false;
		this.triedFcp = false;
		this.control = false;
		this.returning = true;
		this.verb = Verb.APPLICATION;
		if (this.pathsOnly || this.base[0] === 0x3f) this.tell(OK);
		else this.select();
	}

	/** Takes path[from … to), 3F00 included, as the place of the application: for a PKCS #15 DF that has no AID. False when it is no such path. */
	useDirectory(path: Uint8Array, from: number, to: number): boolean {
		const length = to - from;
		if (length < 4 || (length & 1) === 1 || length > this.base.length) return false;
		if (path[from] !== 0x3f || path[from + 1] !== 0) return false;
		// The alias of whatever application is the current one is no place.
		if (path[from + 2] === 0x7f && path[from + 3] === 0xff) return false;
		for (let i = 0; i < length; i++) this.base[i] = path[from + i];
		this.baseLength = length;
		return true;
	}

	/**
	 * Selects a file by path[from … to): from the MF when it begins with 3F00, else from the current application. With `control` the file's
	 * control parameters (FCP) go where `response` was told; they may be missing all the same.
	 * PATH_INVALID when its length is odd, nothing or more than PATH_MAX_BYTES.
	 */
	selectFile(path: Uint8Array, from: number, to: number, control: boolean): void {
		const length = to - from;
		const absolute = path[from] === 0x3f && path[from + 1] === 0;
		if (!control) this.response.drop();
		if (length < (absolute ? 4 : 2) || length > PATH_MAX_BYTES || (length & 1) === 1) {
			this.tell(PATH_INVALID);
			return;
		}
		this.lead = absolute ? 0 : this.base[0] === 0x3f ? this.baseLength : BASE_FROM;
		this.total = this.lead + length;
		this.name = path;
		this.nameFrom = from;
		this.control = control;
		this.controlLe = false;
		this.verb = Verb.FILE;
		this.selectInForm();
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
		if (offset > OFFSET_MAX) this.tell(OFFSET_BEYOND_END);
		else this.readStep();
	}

	/** Sends the command that was composed; its answer is the result. */
	sendPlain(): void {
		this.verb = Verb.PLAIN;
		this.send();
	}

	/** Nothing is sent: this is the result. */
	tell(code: number): void {
		this.verb = Verb.PLAIN;
		this.answer(code);
	}

	protected proceed(code: number): number {
		switch (this.verb) {
			case Verb.READ:
				return this.readOn(code);
			case Verb.APPLICATION:
			case Verb.FILE:
				return code === OK ? this.selected() : this.selectOtherwise(code);
			case Verb.OPEN:
				return this.opened(code);
			case Verb.CLOSE:
				return this.closed(code);
		}
		return code;
	}

	private opened(code: number): number {
		const channel = this.command.bytes[NUMBER_AT];
		this.channel = -1;
		if (code === OK) {
			if (this.response.count !== 1 || channel < 1 || channel > CHANNEL_MAX) return CHANNEL_INVALID;
			this.adopt(channel);
		} else if (code <= CHANNEL_LOST && code >= CARD_REFUSED) {
			// Once more: it is worth an exchange to know that it was not the command that was damaged on its way.
			if (this.again()) return WAIT;
			if (code !== SECURITY_STATUS && code !== CARD_BUSY) return NO_CHANNEL;
		}
		return code;
	}

	private closeChannel(long: boolean): void {
		const command = this.command;
		command.header(0, INS_MANAGE_CHANNEL, 0x80, this.channel, 0);
		// With a fifth byte first: some modems take no command of less than ten digits.
		if (!long) command.size = 4;
		this.verb = Verb.CLOSE;
		this.send();
	}

	private closed(code: number): number {
		if (code === CHANNEL_LOST || (code === CARD_REFUSED && this.response.sw === SW_NO_INFORMATION)) {
			// It is closed already; or its number was damaged on its way.
			if (this.repeats === 0 && this.again()) return WAIT;
			code = OK;
		} else if (code === CARD_REFUSED && this.command.size > 4) {
			this.closeChannel(false);
			return WAIT;
		} else if (code < NO_CHANNEL && code > CARD_REFUSED && this.doubt(code) === WAIT) return WAIT;
		this.open = false;
		return code;
	}

	/** Begins with the first command of the form in use. */
	private selectInForm(): void {
		this.triedFcp = false;
		// A form that counts from the current DF needs the right one.
		this.returning = this.moved && !this.rooted && this.form !== Form.FROM_MF;
		this.walked = this.rooted ? 0 : BASE_FROM;
		this.select();
	}

	/** Whether the path in hand begins at the MF, and not at an application that was selected by its AID. */
	private get rooted(): boolean {
		return this.lead !== BASE_FROM;
	}

	private get walking(): boolean {
		return this.rooted ? this.walk : this.form === Form.BY_FID;
	}

	/** Sends a SELECT: of the application, or with as much of the path in hand as the form takes. */
	private select(): void {
		const command = this.command;
		const bytes = command.bytes;
		const lead = this.returning ? this.baseLength : this.lead;
		let p1 = 8;
		let from = this.rooted ? BASE_FROM : 0;
		let to = this.total;
		if (this.returning) {
			p1 = 4;
			from = BASE_FROM;
			to = lead;
		} else if (this.walking) {
			p1 = 0;
			from = this.walked;
			to = from + 2;
		} else if (!this.rooted && this.form === Form.FROM_DF) {
			p1 = 9;
			from = lead;
		}
		const length = to - from;
		command.header(claOf(this.channel), INS_SELECT, p1, this.fcp || this.control ? 4 : 0x0c, length);
		for (let i = from; i < to; i++) bytes[5 + i - from] = i < lead ? this.base[i] : this.name[this.nameFrom + i - lead];
		command.size = 5 + length;
		if (this.controlLe && !this.returning) command.le(Math.min(this.room, LE_MAX));
		this.send();
	}

	private selected(): number {
		let more = this.returning;
		// Where paths are only remembered, that says nothing.
		if (!this.pathsOnly) this.fresh = false;
		this.fcpKnown = true;
		if (this.verb === Verb.APPLICATION) return OK;
		if (more) {
			this.returning = false;
			this.moved = false;
		} else {
			if (this.rooted || (this.form !== Form.FROM_MF && this.total - this.lead > 2)) this.moved = true;
			more = this.walking && this.walked + 2 < this.total;
			this.walked += 2;
		}
		if (more) {
			// The control parameters of a directory on the way are not those of the file.
			this.response.rewindTo(0);
			this.select();
			return WAIT;
		}
		if (!this.rooted) this.formKnown = true;
		if (this.control && this.response.count === 0 && !this.controlLe) {
			// On T = 1 the parameters come only when they are asked for.
			this.controlLe = true;
			this.selectInForm();
			return WAIT;
		}
		return OK;
	}

	/** The card said no: is there another way to ask? */
	private selectOtherwise(code: number): number {
		const sw = this.response.sw;
		if (!this.fcpKnown) {
			// Until one has worked, 6A86 may mean P2 as well as P1: both of P2 are tried with each form.
			// A modem that fetches answers itself brings the parameters unasked: not where they may not fit.
			const p2 = (sw === SW_WRONG_P1_P2 || sw === SW_FUNCTION_NOT_SUPPORTED) && this.room >= FCP_BYTES;
			const tried = this.triedFcp;
			if (tried || p2) this.fcp = !this.fcp;
			if (p2 && !tried) {
				this.triedFcp = true;
				this.select();
				return WAIT;
			}
		}
		// Until one form has worked, 6A82 may as well mean that the card does not know the form.
		if (this.verb === Verb.APPLICATION || this.returning || (code !== NOT_FOUND && code !== CARD_REFUSED)) return code;
		if (this.rooted) {
			this.walk = !this.walk;
			if (!this.walk) return code;
		} else {
			if (this.formKnown) return code;
			this.form = this.form === Form.BY_FID ? Form.FROM_MF : this.form + 1;
			if (this.form === Form.FROM_MF) return code;
		}
		this.selectInForm();
		return WAIT;
	}

	private readStep(): void {
		const response = this.response;
		const rest = this.wanted - response.count;
		const offset = this.offset;
		let le = this.stepBytes;
		if (this.exact) {
			// The second read begins with the short step, and so is cut in other places than the first one, at no cost: what damages a command
			// or an answer in the same place once more does not give the same bytes.
			const part = response.comparing ? rest % le : 0;
			if (part > 0) le = part;
			else if (rest < le) le = rest;
		}
		this.command.header(claOf(this.channel), INS_READ_BINARY, offset >> 8, offset & 255, le);
		this.verb = Verb.READ;
		this.send();
	}

	/** A step of a read is over. */
	private readOn(code: number): number {
		const response = this.response;
		const asked = this.asked;
		if (code === OFFSET_BEYOND_END) this.ended = true;
		else if (code === CARD_REFUSED && response.sw === SW_WRONG_LENGTH && asked >= 2 * STEP_MIN)
			this.stepBytes = asked >> 1;
		else if (code !== OK) return code;
		else {
			const got = response.count - this.before;
			this.fresh = false;
			if (response.sw === SW_END_OF_FILE) this.ended = true;
			// Success with nothing at all is no way for a file to end. It may be an answer to something else; or how this card says
			// that a directory ends, but not the file whose length is known.
			if (got === 0 && !this.ended && (this.repeats === 0 || this.exact || response.count === 0))
				return this.doubt(NO_PROGRESS);
			if (got === 0) this.ended = true;
			else if (this.exact) this.ended = false;
			else {
				this.padding = response.blank ? this.padding + got : 0;
				if (got < asked) {
					this.more = !this.ended && !this.corrected;
					this.ended = true;
				} else if (this.padding >= PADDING_BYTES) {
					this.ended = true;
					this.more = true;
				}
			}
			this.offset += got;
			if (this.offset > OFFSET_MAX) this.ended = true;
		}
		if (this.ended || response.count >= this.wanted) return OK;
		this.readStep();
		return WAIT;
	}
}
