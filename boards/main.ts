// The program of every board: at power-on it wakes the modem, reads the SIM, and hands the accounts to the application. It logs one
// line a step, tries again after a failure, later and later, and never blocks: the application may run beside it.

import { Accounts, KeyValueStore, OK, Simstrap } from "simstrap";
import { BUFFER_BYTES, onBootstrapped, onFailed, onStart, REMEMBER } from "simstrap/boards/app";
import { io } from "simstrap/boards/io";
import { board } from "simstrap/boards/this/board";
import Timer from "timer";

/** After the first failure this long, then twice as long, up to the last. */
const AGAIN_FIRST_MS = 5000;
const AGAIN_LAST_MS = 600000;

/** By the number of the step. */
const STEPS = [
	"simstrap: start\n",
	"simstrap: modem\n",
	"simstrap: SIM\n",
	"simstrap: channel\n",
	"simstrap: application\n",
	"simstrap: EF(DIR)\n",
	"simstrap: EF(ODF)\n",
	"simstrap: EF(DODF)\n",
	"simstrap: select\n",
	"simstrap: read\n",
	"simstrap: confirm\n",
	"simstrap: check\n",
	"simstrap: close\n",
	"simstrap: power\n",
];
const DIGITS = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

class Main {
	private readonly simstrap: Simstrap;
	private readonly accounts: Accounts;
	private readonly timer: Timer;
	private againMs: number;

	constructor() {
		this.againMs = AGAIN_FIRST_MS;
		const registers = board.registers;
		const records = io.storage === null ? undefined : new KeyValueStore(io.storage, "simstrap");
		this.simstrap = new Simstrap({
			buffer: new Uint8Array(BUFFER_BYTES),
			serial: Object.assign({ io: io.Serial }, board.serial),
			power: {
				io: io.Digital,
				pins: board.pins,
				bringUp: board.bringUp,
				registers:
					registers === null || io.Registers === null ? undefined : Object.assign({ io: io.Registers }, registers),
			},
			store: records,
			links: board.links,
			allowBasicChannel: board.allowBasicChannel,
			lineChars: board.lineChars,
			remember: REMEMBER && records !== undefined ? { records: records } : undefined,
			onStep: (step) => trace(STEPS[step]),
			onResult: (code) => this.ended(code),
		});
		this.accounts = new Accounts(this.simstrap.bootstrap.file);
		this.timer = Timer.repeat(() => this.again(), AGAIN_FIRST_MS);
		Timer.schedule(this.timer);
	}

	start(): void {
		this.simstrap.start();
	}

	/** Ends everything at once: the file is wiped, the UART closed, nothing is tried again. */
	stop(): void {
		Timer.schedule(this.timer);
		this.simstrap.close();
	}

	private ended(code: number): void {
		const life = this.simstrap.life;
		// What is remembered is used where the card cannot be asked.
		if (code === OK || (life !== undefined && life.valid)) {
			trace(code === OK ? "simstrap: done\n" : "simstrap: remembered\n");
			this.simstrap.release();
			onBootstrapped(this.accounts, this.simstrap);
			return;
		}
		const step = this.simstrap.bootstrap.step;
		this.complain(-code);
		if (onFailed(code, step)) {
			Timer.schedule(this.timer, this.againMs, this.againMs);
			this.againMs = Math.min(2 * this.againMs, AGAIN_LAST_MS);
		} else this.stop();
	}

	private again(): void {
		Timer.schedule(this.timer);
		this.simstrap.start();
	}

	/** The numbers have names in src/codes.ts. */
	private complain(code: number): void {
		trace("simstrap: failed with -", DIGITS[((code / 10) | 0) % 10], DIGITS[code % 10], "\n");
	}
}

const main = new Main();
onStart(() => main.stop());
main.start();
