// EF(LwM2M_Bootstrap), from its place to confirmed bytes: its header says how long it is, and a second read, in comparison with the
// first, whether the bytes came over the line as they are on the card: neither AT nor the file has a checksum.
//
//   select ─ read ─ select, compare ─ check

import { type BootstrapFile, FILE_MAX_BYTES, HEADER_BYTES } from "./bootstrap-file.js";
import { FILE_CHANGED, FILE_MALFORMED, FILE_TOO_LARGE, FILE_TRUNCATED, FILE_UNSTABLE, OK, WAIT } from "./codes.js";
import type { Place } from "./discovery.js";
import { Machine } from "./machine.js";
import { STEP_CHECK, STEP_CONFIRM, STEP_READ, STEP_SELECT } from "./steps.js";
import type { Uicc } from "./uicc.js";

/** Where `size` stands in the header. */
const SIZE_OFFSET = 2;
/** A file whose two reads differ is read so many times anew. */
const REREADS = 2;

const enum State {
	IDLE,
	SELECT,
	READ,
	COMPARE_SELECT,
	COMPARE,
}

export class FileReader extends Machine {
	/** The step of the whole procedure that is under way; where it failed, after an error. */
	step: number;
	/** After FILE_TOO_LARGE: the size of buffer that the file needs. */
	needed: number;
	/** Bytes of the file that are in the buffer. */
	count: number;
	/** Nothing was read into the buffer: the directory is still there. */
	untouched: boolean;
	private readonly uicc: Uicc;
	private readonly file: BootstrapFile;
	private readonly place: Place;
	private readonly confirm: boolean;
	/** Only a comparison was asked for. */
	private comparing: boolean;
	private rereads: number;
	/** What the bytes came to before they were confirmed. */
	private verdict: number;

	/** @param confirm read the file a second time */
	constructor(uicc: Uicc, file: BootstrapFile, place: Place, confirm: boolean) {
		super(uicc);
		this.step = STEP_SELECT;
		this.needed = 0;
		this.count = 0;
		this.untouched = true;
		this.uicc = uicc;
		this.file = file;
		this.place = place;
		this.confirm = confirm;
		this.comparing = false;
		this.rereads = 0;
		this.verdict = OK;
	}

	/** Starts reading. NOT_FOUND or PATH_INVALID, with `untouched`, when there is no such file. */
	read(): void {
		this.comparing = false;
		this.count = 0;
		this.begin();
	}

	/** Starts a comparison of the file with the first `length` bytes of the buffer: FILE_CHANGED when two in a row found a difference. */
	compare(length: number): void {
		this.comparing = true;
		this.count = length;
		this.begin();
	}

	protected proceed(code: number): number {
		const uicc = this.uicc;
		const file = this.file;
		if (this.state === State.READ && uicc.response.count > 0) this.untouched = false;
		if (code !== OK) return code;
		switch (this.state) {
			case State.SELECT:
				uicc.response.store(file.buffer, 0, file.buffer.length);
				this.count = 0;
				return this.readOn(uicc.stepBytes, false);
			case State.READ:
				return this.received();
			case State.COMPARE_SELECT:
				uicc.response.compare(file.buffer, 0, this.count);
				uicc.read(this.place.offset, this.count, true);
				this.state = State.COMPARE;
				return WAIT;
		}
		return this.compared();
	}

	private begin(): void {
		this.rereads = 0;
		this.untouched = true;
		this.verdict = OK;
		this.select(this.comparing);
	}

	private select(comparing: boolean): number {
		this.step = comparing && !this.comparing ? STEP_CONFIRM : STEP_SELECT;
		this.state = comparing ? State.COMPARE_SELECT : State.SELECT;
		this.uicc.selectFile(this.place.path, 0, this.place.pathLength, false);
		return WAIT;
	}

	/** Reads until `wanted` bytes of the file are here. */
	private readOn(wanted: number, exact: boolean): number {
		const length = this.place.length;
		this.step = STEP_READ;
		this.state = State.READ;
		this.uicc.read(this.place.offset + this.count, length >= 0 && length < wanted ? length : wanted, exact);
		return WAIT;
	}

	/** Some of the file is here: is it all that its header says? */
	private received(): number {
		const file = this.file;
		const room = file.buffer.length;
		const count = this.uicc.response.count;
		const limit = this.place.length;
		const grew = count > this.count;
		let needed = file.measure(count);
		let verdict = OK;
		this.count = count;
		if (needed === FILE_TRUNCATED && grew && (limit < 0 || count < limit)) needed = HEADER_BYTES;
		if (needed < 0) verdict = needed;
		else if (needed > FILE_MAX_BYTES) {
			verdict = FILE_MALFORMED;
			file.errorOffset = SIZE_OFFSET;
		} else if (needed > room) {
			verdict = FILE_TOO_LARGE;
			this.needed = needed;
		} else if (limit >= 0 && needed > limit) verdict = FILE_TRUNCATED;
		else if (count < needed) {
			if (grew) return this.readOn(needed, true);
			verdict = FILE_TRUNCATED;
		}
		if (count > room) this.count = room;
		if (verdict === OK) this.count = needed;
		else if (verdict === FILE_TRUNCATED) file.errorOffset = this.count;
		this.verdict = verdict;
		if (this.confirm && this.count > 0 && this.uicc.link.authentic !== true) return this.select(true);
		return this.check();
	}

	private compared(): number {
		const response = this.uicc.response;
		this.step = STEP_CONFIRM;
		if (response.difference < 0 && response.count === this.count) return this.check();
		this.rereads += 1;
		if (this.comparing) return this.rereads > 1 ? FILE_CHANGED : this.select(true);
		return this.rereads > REREADS ? FILE_UNSTABLE : this.select(false);
	}

	private check(): number {
		this.step = this.verdict === OK ? STEP_CHECK : STEP_READ;
		if (this.comparing || this.verdict !== OK) return this.verdict;
		return this.file.check(this.count);
	}
}
