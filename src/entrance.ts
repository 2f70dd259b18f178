// What comes before the card when a record of it is kept: the way from power-on, or, on a line that the application lends, a visit
// that leaves the modem's settings as they were; then the card's number (ICCID), which tells one card from another. It is asked for twice:
// AT has no checksum. A SIM that is said to be absent must have power to be believed (TS 27.007, 8.2: +CFUN).

import type { At } from "./at.js";
import { COMPOSED, NO_ANSWER } from "./at.js";
import {
	CME_ERROR,
	COMMAND_ERROR,
	COMMAND_TIMEOUT,
	MODEM_OFFLINE,
	MODEM_RESTARTED,
	MODEM_SILENT,
	OK,
	SIM_ABSENT,
	WAIT,
} from "./codes.js";
import { CR } from "./command-line.js";
import type { LentLine } from "./lent-line.js";
import { Machine } from "./machine.js";
import type { Modem, Prelude } from "./modem.js";
import { STEP_MODEM, STEP_SIM } from "./steps.js";
import { ICCID_MAX_BYTES } from "./store.js";
import {
	AT_ALONE,
	AT_CFUN_QUERY,
	AT_CICCID,
	AT_CMEE_1,
	AT_CMEE_QUERY,
	AT_CSIMSLEEP_0,
	AT_CSIMSLEEP_1,
	CCID_WORD,
	CFUN_WORD,
	CMEE_WORD,
	ICCID_WORD,
} from "./words.js";

/** How long one AT is waited for, and how often it is sent. */
const PROBE_MS = 1000;
const PROBES = 3;
/** How long a setting, or a question of no weight, is waited for. */
const TELL_LIMIT_MS = 2000;
/** The ICCID is believed when two answers are the same, or one is what is remembered. */
const ICCID_TRIES = 3;
/** Fewer digits are something else: 19 or 20 are usual (ITU-T E.118), and some cards have letters among them, which do not count. */
const ICCID_LEAST_DIGITS = 10;

const DIGIT_0 = 48;
const DIGIT_9 = 57;
const LETTER_E = 69;
const LETTER_V = 86;

const enum State {
	IDLE,
	/** What comes before the card otherwise, */
	COLD,
	/** and after it. */
	COLD_FAREWELL,
	/** A visit: AT, ATE0, ATV1, AT+CMEE?, AT+CMEE=1, AT+CSIMSLEEP=0, AT+CPIN?. */
	PROBE,
	ECHO,
	VERBOSE,
	QUERY,
	NUMBERS,
	WAKE,
	SIM,
	/** Then, either way. */
	FUNCTION,
	ICCID,
	/** At the end of a visit. */
	RESTORE,
}

export class Entrance extends Machine implements Prelude {
	/** The step that is under way or failed, where the state does not tell it. */
	private stage: number;
	/** @internal The modem is visited, not brought up. */
	visiting: boolean;
	/** @internal The modem, whose SIM has power, says that none is inserted. */
	absent: boolean;
	/** @internal The card's number, iccid[0 … iccidLength); none when the length is 0. */
	readonly iccid: Uint8Array;
	/** @internal */
	iccidLength: number;
	/** Where the remembered number stands: known[knownAt …), behind its length. */
	private readonly known: Uint8Array;
	private readonly knownAt: number;
	private readonly at: At;
	private readonly prelude: Prelude;
	private readonly modem: Modem;
	private readonly line: LentLine;
	private readonly command: number;
	/** The SIM sleeps between visits (AT+CSIMSLEEP). */
	private readonly sleeps: boolean;
	private tries: number;
	/** What was altered: echo was on, results were digits, +CMEE was this (-1 when it was left), the SIM was asleep. */
	private hadEcho: boolean;
	private wasNumeric: boolean;
	private cmee: number;
	private awake: boolean;

	/**
	 * @param prelude what comes before the card at power-on
	 * @param modem the dialogue for visits, over the same `at`
	 * @param command AT_CCID or AT_CICCID, whichever the modem has; -1 not to ask
	 * @param sleeps the modem lets its SIM sleep, and has to be told to wake it
	 * @param known the record's ICCID, its length at `knownAt` and its digits behind that
	 */
	constructor(
		at: At,
		prelude: Prelude,
		modem: Modem,
		line: LentLine,
		command: number,
		sleeps: boolean,
		known: Uint8Array,
		knownAt: number,
	) {
		super(at);
		this.stage = STEP_MODEM;
		this.visiting = false;
		this.absent = false;
		this.iccid = new Uint8Array(ICCID_MAX_BYTES);
		this.iccidLength = 0;
		this.known = known;
		this.knownAt = knownAt;
		this.at = at;
		this.prelude = prelude;
		this.modem = modem;
		this.line = line;
		this.command = command;
		this.sleeps = sleeps;
		this.tries = 0;
		this.hadEcho = false;
		this.wasNumeric = false;
		this.cmee = -1;
		this.awake = false;
	}

	/** @internal Chooses for what follows. */
	visit(visiting: boolean): void {
		this.visiting = visiting;
		this.hadEcho = false;
		this.wasNumeric = false;
		this.cmee = -1;
		this.awake = false;
	}

	get step(): number {
		if (this.state === State.COLD) return this.prelude.step;
		return this.state >= State.SIM ? STEP_SIM : this.stage;
	}

	get wasOff(): boolean {
		return !this.visiting && this.prelude.wasOff === true;
	}

	get patient(): boolean {
		return this.modem.patient;
	}

	set patient(patient: boolean) {
		this.prelude.patient = patient;
		this.modem.patient = patient;
	}

	start(): void {
		this.absent = false;
		this.iccidLength = 0;
		this.stage = STEP_MODEM;
		if (this.visiting) {
			this.at.cancel();
			this.below = this.at;
			this.tries = 0;
			this.probe();
		} else {
			this.state = State.COLD;
			this.below = this.prelude;
			this.prelude.start();
		}
	}

	farewell(): boolean {
		this.below = this.at;
		this.tries = 0;
		if (this.visiting) return this.restore();
		this.state = State.COLD_FAREWELL;
		this.below = this.prelude;
		return this.prelude.farewell();
	}

	override cancel(): void {
		this.prelude.cancel();
		this.modem.cancel();
		this.state = State.IDLE;
	}

	protected proceed(code: number): number {
		const at = this.at;
		this.stage = this.step;
		this.below = at;
		if (code === MODEM_RESTARTED) return code;
		switch (this.state) {
			case State.COLD:
			case State.SIM:
				if (code === SIM_ABSENT) {
					this.state = State.FUNCTION;
					at.start(AT_CFUN_QUERY, CFUN_WORD, null, TELL_LIMIT_MS);
					return WAIT;
				}
				if (code !== OK || this.command < 0) return code;
				this.tries = 0;
				this.askIccid();
				return WAIT;
			case State.FUNCTION:
				if (code === OK && (at.value === 0 || at.value === 4)) return MODEM_OFFLINE;
				// Of any other number nobody knows what it means for the SIM.
				this.absent = code === OK && at.value === 1;
				return SIM_ABSENT;
			case State.ICCID:
				return this.iccidAnswered(code);
			case State.PROBE:
				if (code === COMMAND_TIMEOUT) {
					if (this.tries >= PROBES) return MODEM_SILENT;
					this.probe();
					return WAIT;
				}
				if (this.tries > 1) at.distrust();
				return this.silence();
			case State.ECHO:
				return this.speak();
			case State.VERBOSE:
				return this.queryNumbers();
			case State.QUERY:
				// Numbers are enough, and so are the texts that are known here.
				if (code === OK && at.value === 0) {
					this.cmee = 0;
					this.state = State.NUMBERS;
					at.start(AT_CMEE_1, NO_ANSWER, null, TELL_LIMIT_MS);
					return WAIT;
				}
				return this.wake();
			case State.NUMBERS:
				return this.wake();
			case State.WAKE:
				// A modem that does not know it has nothing that sleeps.
				return this.askSim();
			case State.RESTORE:
				// What may not have arrived is said once more.
				this.tries += 1;
				if (code === OK || this.tries > 1) this.restored();
				return this.restore() ? WAIT : OK;
		}
		return code;
	}

	private probe(): void {
		this.tries += 1;
		this.state = State.PROBE;
		this.at.probe(AT_ALONE, PROBE_MS);
	}

	/** Sends AT, a letter and a digit: ATE0, ATV1 and the like. */
	private tell(letter: number, digit: number): void {
		const at = this.at;
		const line = at.commandLine;
		line.begin(AT_ALONE);
		line.byte(letter);
		line.byte(DIGIT_0 + digit);
		line.byte(CR);
		at.start(COMPOSED, NO_ANSWER, null, TELL_LIMIT_MS);
		at.probing = true;
	}

	/** An echo would take room in the receiver. */
	private silence(): number {
		if (!this.line.echoed) return this.speak();
		this.hadEcho = true;
		this.state = State.ECHO;
		this.tell(LETTER_E, 0);
		return WAIT;
	}

	private speak(): number {
		if (!this.line.numeric) return this.queryNumbers();
		this.wasNumeric = true;
		this.state = State.VERBOSE;
		this.tell(LETTER_V, 1);
		return WAIT;
	}

	private queryNumbers(): number {
		this.state = State.QUERY;
		this.at.start(AT_CMEE_QUERY, CMEE_WORD, null, TELL_LIMIT_MS);
		return WAIT;
	}

	private wake(): number {
		if (!this.sleeps) return this.askSim();
		this.awake = true;
		this.state = State.WAKE;
		this.at.start(AT_CSIMSLEEP_0, NO_ANSWER, null, TELL_LIMIT_MS);
		return WAIT;
	}

	private askSim(): number {
		this.state = State.SIM;
		this.below = this.modem;
		this.modem.askSim();
		return WAIT;
	}

	/** Sends the next of the commands that put things back, answers in digits last: they tell less. False when there is none. */
	private restore(): boolean {
		const at = this.at;
		this.state = State.RESTORE;
		if (this.awake) at.start(AT_CSIMSLEEP_1, NO_ANSWER, null, TELL_LIMIT_MS);
		else if (this.cmee >= 0) {
			const line = at.commandLine;
			line.begin(AT_CMEE_1);
			line.size -= 1;
			line.byte(DIGIT_0 + this.cmee);
			line.byte(CR);
			at.start(COMPOSED, NO_ANSWER, null, TELL_LIMIT_MS);
		} else if (this.hadEcho) this.tell(LETTER_E, 1);
		else if (this.wasNumeric) this.tell(LETTER_V, 0);
		else return false;
		return true;
	}

	/** That one is done with. */
	private restored(): void {
		this.tries = 0;
		if (this.awake) this.awake = false;
		else if (this.cmee >= 0) this.cmee = -1;
		else if (this.hadEcho) this.hadEcho = false;
		else this.wasNumeric = false;
	}

	private askIccid(): void {
		this.tries += 1;
		this.state = State.ICCID;
		this.at.start(this.command, this.command === AT_CICCID ? ICCID_WORD : CCID_WORD, null, TELL_LIMIT_MS);
	}

	/** Takes the digits of the answer; true when they are the same as before. */
	private takeIccid(): boolean {
		const text = this.at.text;
		const iccid = this.iccid;
		let length = 0;
		let same = true;
		for (let i = 0; i < this.at.captured; i++) {
			const c = text[i];
			if (c < DIGIT_0 || c > DIGIT_9) continue;
			if (length < ICCID_MAX_BYTES) {
				if (iccid[length] !== c) same = false;
				iccid[length] = c;
			}
			length += 1;
		}
		if (length < ICCID_LEAST_DIGITS || length > ICCID_MAX_BYTES) length = 0;
		if (length !== this.iccidLength) same = false;
		this.iccidLength = length;
		return same;
	}

	private isKnown(): boolean {
		const known = this.known;
		const at = this.knownAt;
		if (known[at] !== this.iccidLength) return false;
		for (let i = 0; i < this.iccidLength; i++) if (known[at + 1 + i] !== this.iccid[i]) return false;
		return true;
	}

	private iccidAnswered(code: number): number {
		const same = code === OK && this.takeIccid();
		if (code !== OK) this.iccidLength = 0;
		else if ((same && this.tries > 1) || this.isKnown()) return OK;
		// A modem that refuses does not have the command, or the card no number.
		const over = code === COMMAND_ERROR || code === CME_ERROR || code === COMMAND_TIMEOUT;
		if (over || this.tries >= ICCID_TRIES) {
			this.iccidLength = 0;
			return OK;
		}
		this.askIccid();
		return WAIT;
	}
}
