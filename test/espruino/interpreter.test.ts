// The bundle as built, in a real interpreter. Without one this is skipped, and says so.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { board } from "../../boards/lilygo-t-a7670/board.js";
import {
	type BootstrapCardOptions,
	bootstrapCard,
	Line,
	type ModemOptions,
	SecureCard,
	sampleFile,
	VirtualCard,
	VirtualModem,
	type Wire,
} from "../../virtual/index.js";
import { serve } from "../cli/program.js";
import { serverFile } from "../life/support.js";
import { keys as staticKeys } from "../scp03/bench.js";
import { Espruino } from "./context.js";
import { ALL_DIGITS, CHECK, espruinoModule, hexCases, hexModule } from "./hex-cases.js";
import { Interpreter, losesBursts, skipReason } from "./interpreter.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BUNDLE = readFileSync(path.join(ROOT, "dist", "simstrap.espruino.js"), "utf8").trim();
const READY = readFileSync(path.join(ROOT, "dist", "espruino", "lilygo-t-a7670.js"), "utf8").trim();
const SECURE = readFileSync(path.join(ROOT, "dist", "simstrap.espruino.secure.js"), "utf8").trim();
/** Numbers that anybody can predict, so that a dialogue can be played again. */
const RANDOM = "function (bytes) { for (var i = 0; i < bytes.length; i++) bytes[i] = 17 * i + 1; }";
/** +CFUN, +CPIN and any other command, when the SIM is not there. */
const NO_SIM = ["\r\n+CFUN: 1\r\n", "\r\n+CME ERROR: 10\r\n", "\r\nOK\r\n"];
const NO_RECORD = { remember: false };
const URI = "coaps://eu.iot.avsystem.cloud:5684";
const MORE = 500;
/** A step of the whole procedure may take so long on a desktop. */
const RUN_MS = 2000;

const CARD: BootstrapCardOptions = { manners: { acceptsLe00: true } };
const OTHER: BootstrapCardOptions = { ...CARD, file: serverFile("coaps://other.example") };

/** Commands and answers in turn, as a modem on LoopbackB can play them. */
type Dialogue = string[];

/** What the bundle says and hears when it is run several times with one modem and one flash. */
class Recorder {
	private readonly modem: VirtualModem;
	private readonly line: Line;
	private readonly storage = new Map<string, string>();
	private now = 0;
	/** What the module simscp03 is given, as text; "" for nothing. */
	keys = "";

	constructor(
		private readonly version: string,
		modem: ModemOptions = {},
	) {
		this.modem = new VirtualModem(this.card(CARD), modem);
		this.line = new Line(this.modem, {});
	}

	private card(card: BootstrapCardOptions): VirtualCard {
		return new VirtualCard(bootstrapCard(card));
	}

	/** From here on the card has the secure channel, always with the same challenges. */
	secure(): void {
		if (this.modem.card !== null) this.modem.card.secure = new SecureCard({ ...staticKeys(), seed: 1 });
		this.keys = `{ enc: new Uint8Array([${staticKeys().enc}]), mac: new Uint8Array([${staticKeys().mac}]), kvn: 0x30, random: ${RANDOM} }`;
	}

	insert(card: BootstrapCardOptions): void {
		this.modem.setCard(this.card(card), this.now);
	}

	run(call: "connect" | "verify" = "connect", options: object = {}): Dialogue {
		const turns: Dialogue = [];
		const { line } = this;
		let command = "";
		const wire: Wire = {
			receive(bytes, from, to, now) {
				command += Buffer.from(bytes.subarray(from, to)).toString("latin1");
				line.receive(bytes, from, to, now);
			},
			read(out, from, to, now) {
				const count = line.read(out, from, to, now);
				if (count > 0) {
					if (command !== "") turns.push(command, "");
					command = "";
					turns[turns.length - 1] += Buffer.from(out.subarray(from, from + count)).toString("latin1");
				}
				return count;
			},
			nextAt: (now) => line.nextAt(now),
		};
		const engine = new Espruino(this.version, wire, this.storage);
		engine.now = this.now;
		engine.storage.set("simstrap", BUNDLE);
		engine.storage.set("simscp03", SECURE);
		engine.storage.set("keys", `exports.secure = require("simscp03").keys(${this.keys});`);
		let done = false;
		const given = this.keys === "" ? options : { ...options, ...engine.require("keys") };
		engine.require("simstrap")[call](engine.serial, given, () => {
			done = true;
		});
		engine.run(() => done);
		this.now = engine.now;
		return turns;
	}
}

/**
 * A modem on LoopbackB that plays one of the dialogues from its beginning at each first command, the first of those that go on with what it
 * hears: they differ from some command on.
 */
function player(dialogues: Dialogue[]): string {
	return `
		var dialogues = ${JSON.stringify(dialogues)}, firsts = ${JSON.stringify(dialogues.map(([first]) => first))};
		var heard = "", which = 0, place = 0, strange = 0;
		function answer(command) {
			var goesOn = which < dialogues.length && dialogues[which][place] === command;
			if (!goesOn && firsts.indexOf(command) >= 0) { which = 0; place = 0; }
			while (which < dialogues.length && dialogues[which][place] !== command) which++;
			if (which === dialogues.length) { strange++; return; }
			LoopbackB.write(dialogues[which][place + 1]);
			place += 2;
		}
		function listen(data) {
			heard += data;
			for (var i = heard.indexOf("\r"); i >= 0; i = heard.indexOf("\r")) {
				var command = heard.substr(0, i + 1);
				heard = heard.substr(i + 1);
				answer(command);
			}
		}
		LoopbackB.on("data", listen);
		function used() { return process.memory(false).usage; }
		function forget() { ["sima", "simb", "sima0", "simb0", "simchannel"].forEach(function (name) { require("Storage").erase(name); }); }
		function uri(accounts) { return accounts && accounts.next() && accounts.security.resource(0) ? accounts.security.text() : "none"; }
	`;
}

/**
 * Runs `step` again and again, and says how the memory in use grew. It is the least of as many readings as the steps differ, early and late: a
 * timer's time takes a block more or less by itself.
 */
function growth(step: string, times: number, turns = 4): string {
	const early = turns > 4 ? turns : 2;
	return `
		var runs = 0, first = 1e5, last = 1e5, since = 0.5, failed = 0, states = {}, connection;
		function rest() {
			connection = undefined;
			if (runs > ${early} && runs <= ${early + turns}) first = Math.min(first, used());
			if (runs > ${early + times}) last = Math.min(last, used());
			if (runs === ${early + turns}) since = getTime();
			if (runs === ${early + turns + times}) {
				print("@growth " + (last - first) + " garbage " + process.memory().gc + " strange " + strange);
				print("@failed " + failed);
				print("@states " + JSON.stringify(states));
				print("@ms " + ((getTime() - since) * 1000 / ${times}).toFixed(0));
				quit();
			} else step(runs);
		}
		function done(error, accounts, given) {
			runs++;
			if (error) failed++;
			states[given.state] = (states[given.state] || 0) + 1;
			setTimeout(rest, 1);
		}
		function step(n) { ${step} }
		rest();`;
}

describe("in a real Espruino", { skip: skipReason(), timeout: 600000 }, () => {
	let interpreter: Interpreter;
	let version = "";
	/** What the bundle takes of memory when its text is in Storage. */
	let moduleBlocks = 0;

	before(async () => {
		interpreter = new Interpreter();
		[version] = await interpreter.run('print("@" + process.version); quit();');
		await interpreter.store("simstrap", BUNDLE);
		const lines = await interpreter.run(`
			function used() { return process.memory(false).usage; }
			var a = used(), b = 0;
			a = used();
			var simstrap = require("simstrap");
			b = used();
			print("@" + (b - a));
			quit();`);
		moduleBlocks = Number(lines[0]);
	});

	after(() => interpreter.close());

	test(`the same memory is in use after a bootstrap and after ${MORE} more, from the card and with a record`, async (t) => {
		const recorder = new Recorder(version);
		const dialogues = [recorder.run(), recorder.run(), recorder.run("verify"), recorder.run("connect", NO_RECORD)];
		t.diagnostic(
			`Espruino ${version}; module ${moduleBlocks}; exchanges ${dialogues.map((turns) => turns.length / 2).join(", ")}`,
		);
		const lines = await interpreter.run(
			`${player(dialogues)}
			forget();
			var a = used(), simstrap = require("simstrap");
			${growth(
				`if (n === 0 || n === 1) a = used();
				if (n % 5 === 4) simstrap.verify(LoopbackA, {}, done);
				else connection = simstrap.connect(LoopbackA, n % 5 === 2 ? ${JSON.stringify(NO_RECORD)} : {}, done);
				if (n === 0 || n === 2) print("@instance " + (used() - a));`,
				MORE,
			)}`,
			MORE * RUN_MS,
		);
		for (const line of lines) t.diagnostic(line);
		assert.ok(lines.includes("growth 0 garbage 0 strange 0"), lines.join("\n"));
		assert.ok(lines.includes("failed 0"), lines.join("\n"));
		assert.match(lines.join("\n"), /states \{"first":\d+,"unchanged":\d+\}/);
	});

	test("changes of the file leave nothing behind in memory either, whoever notices them", async () => {
		const recorder = new Recorder(version);
		const dialogues = [recorder.run()];
		for (const card of [OTHER, CARD]) {
			recorder.insert(card);
			dialogues.push(recorder.run());
		}
		for (const card of [OTHER, CARD]) {
			recorder.insert(card);
			dialogues.push(recorder.run("verify"), recorder.run());
		}
		const lines = await interpreter.run(`${player(dialogues)}
			forget();
			var simstrap = require("simstrap");
			var all = dialogues;
			${growth(
				`var turn = n === 0 ? 0 : 1 + (n - 1) % 6;
				dialogues = [all[turn]];
				firsts = [all[turn][0]];
				simstrap[turn === 3 || turn === 5 ? "verify" : "connect"](LoopbackA, {}, done);`,
				12,
				6,
			)}`);
		assert.ok(lines.includes("growth 0 garbage 0 strange 0"), lines.join("\n"));
		assert.ok(lines.includes('states {"first":1,"changed":23}'), lines.join("\n"));
	});

	test("nor does a card that comes and goes", async () => {
		const lines = await interpreter.run(`${player([new Recorder(version).run()])}
			forget();
			var simstrap = require("simstrap"), play = answer, gone = ${JSON.stringify(NO_SIM)};
			function absent(command) {
				var name = command.substr(2, 5);
				LoopbackB.write(name === "+CPIN" ? gone[1] : name === "+CFUN" ? gone[0] + gone[2] : gone[2]);
			}
			${growth("answer = n % 2 ? absent : play; simstrap.connect(LoopbackA, {}, done);", 6)}`);
		assert.ok(lines.includes("growth 0 garbage 0 strange 0"), lines.join("\n"));
		assert.ok(lines.includes('states {"first":6,"removed":6}'), lines.join("\n"));
	});

	test("nor does waking a modem with a board's pins", async () => {
		const recorder = new Recorder(version);
		const dialogues = [recorder.run("connect", { board }), recorder.run("connect", { board })];
		const lines = await interpreter.run(`${player(dialogues)}
			forget();
			var simstrap = require("simstrap"), options = { board: ${JSON.stringify(board)} };
			${growth("simstrap.connect(LoopbackA, options, done);", 8)}`);
		assert.ok(lines.includes("growth 0 garbage 0 strange 0"), lines.join("\n"));
		assert.ok(lines.includes("failed 0"), lines.join("\n"));
	});

	test("the record tells what has become of the card", async () => {
		const recorder = new Recorder(version);
		const dialogues = [recorder.run(), recorder.run(), recorder.run("verify")];
		const lines = await interpreter.run(`${player(dialogues)}
			forget();
			var simstrap = require("simstrap"), play = answer;
			function say(error, accounts, connection) {
				var fingerprint = connection.fingerprint ? connection.fingerprint.join() : "none";
				print("@" + [connection.state, error ? error.code : "OK", uri(accounts), connection.kept, fingerprint].join(" "));
			}
			function then(next) { return function (error, accounts, connection) { say(error, accounts, connection); setTimeout(next, 10); }; }
			function one() { simstrap.connect(LoopbackA, {}, then(two)); }
			function two() { simstrap.connect(LoopbackA, {}, then(three)); }
			function three() { simstrap.verify(LoopbackA, {}, then(four)); }
			function four() { answer = function () {}; simstrap.connect(LoopbackA, {}, then(five)); }
			function five() { simstrap.verify(LoopbackA, {}, then(six)); }
			function six() {
				answer = function (command) {
					var name = command.substr(2, 5), gone = ${JSON.stringify(NO_SIM)};
					LoopbackB.write(name === "+CPIN" ? gone[1] : name === "+CFUN" ? gone[0] + gone[2] : gone[2]);
				};
				simstrap.connect(LoopbackA, {}, then(seven));
			}
			function seven() { simstrap.connect(LoopbackA, {}, then(quit)); }
			one();`);
		const fingerprint = [...createHash("sha256").update(sampleFile()).digest()].join();
		assert.deepEqual(lines, [
			`first OK ${URI} true ${fingerprint}`,
			`unchanged OK ${URI} true ${fingerprint}`,
			`unchanged OK none true ${fingerprint}`,
			`failed MODEM_SILENT ${URI} true ${fingerprint}`,
			`failed MODEM_SILENT none true ${fingerprint}`,
			"removed SIM_ABSENT none true none",
			"absent SIM_ABSENT none true none",
		]);
	});

	test("a Storage without room: the accounts are used and not kept, and the code in it is not moved", async () => {
		const recorder = new Recorder(version);
		const dialogues = [recorder.run(), recorder.run()];
		const script = (before: string) => `${player(dialogues)}
			${before}
			require("simstrap").connect(LoopbackA, {}, function (error, accounts, connection) {
				print("@" + connection.state + " " + uri(accounts) + " " + connection.kept);
				setTimeout(quit, 10);
			});`;
		const fill = `forget();
			var storage = require("Storage"), size = storage.getFree() - 300;
			storage.write("rubbish", "x", 0, size);
			storage.erase("rubbish");`;
		assert.deepEqual(await interpreter.run(script(fill)), [`first ${URI} false`]);
		assert.deepEqual(await interpreter.run(script("")), [`first ${URI} false`]);
		assert.deepEqual(await interpreter.run('require("Storage").compact(); print("@compacted"); quit();'), [
			"compacted",
		]);
		assert.deepEqual(await interpreter.run(script("")), [`first ${URI} true`]);
		assert.deepEqual(await interpreter.run(script("")), [`unchanged ${URI} true`]);
	});

	test("a board's ready file in Storage runs at power-on, its code stays there, and require gives it", async (t) => {
		const recorder = new Recorder(version, { echo: false });
		const options = { board };
		const dialogues = [recorder.run("connect", options), recorder.run("connect", options), recorder.run("verify")];
		const flashed = new Interpreter();
		try {
			await flashed.store(
				"simapp",
				`["on", "removeListener"].forEach(function (name) { Serial2[name] = function (a, b) { LoopbackA[name](a, b); }; });
				Serial2.write = function (bytes) { LoopbackA.write(bytes); };
				Serial2.setup = function (baud, pins) { print("@" + baud + JSON.stringify(pins)); };
				print("@" + process.memory(false).usage);
				${player(dialogues)}
				exports.simstrap = function (error, accounts, connection) {
					print("@" + connection.state + " " + uri(accounts));
					setTimeout(function () {
						require("simstrap").verify(LoopbackA, {}, function (error, accounts, connection) {
							print("@" + connection.state);
							setTimeout(quit, 10);
						});
					}, 10);
				};`,
			);
			await flashed.store(".boot1", READY);
			for (const state of ["first", "unchanged"]) {
				const lines = await flashed.run("");
				const [blocks, ...said] = lines;
				assert.deepEqual(said, ['115200{"rx":27,"tx":26}', `${state} ${URI}`, "unchanged"]);
				// As text in memory it would be twice as much and more.
				t.diagnostic(`${blocks} blocks in use before the application's own`);
				assert.ok(Number(blocks) < moduleBlocks + 300, `${blocks} blocks, of which the module ${moduleBlocks}`);
			}
		} finally {
			flashed.close();
		}
	});

	test("with keys: a whole session, the record behind it, and no growth", async (t) => {
		const [aes] = await interpreter.run('print("@" + typeof require("crypto").AES); quit();');
		if (aes !== "function" || losesBursts(version)) {
			t.skip(
				`SKIPPED: Espruino ${version} for Linux ${aes === "function" ? "loses bursts" : "was built without USE_AES=1"}`,
			);
			return;
		}
		const recorder = new Recorder(version);
		recorder.secure();
		const dialogues = [recorder.run()];
		recorder.secure();
		dialogues.push(recorder.run());
		await interpreter.store("simscp03", SECURE);
		const lines = await interpreter.run(`${player(dialogues)}
			forget();
			var options = { secure: require("simscp03").keys(${recorder.keys}) };
			var simstrap = require("simstrap");
			${growth("simstrap.connect(LoopbackA, options, done);", 8)}`);
		for (const line of lines) t.diagnostic(line);
		assert.ok(lines.includes("growth 0 garbage 0 strange 0"), lines.join("\n"));
		assert.ok(lines.includes('states {"first":1,"unchanged":13}'), lines.join("\n"));
	});

	test("over a pseudo-terminal", async (t) => {
		if (losesBursts(version)) {
			t.skip(
				`SKIPPED: Espruino ${version} for Linux loses what comes behind the first 32 bytes of a pseudo-terminal at a time`,
			);
			return;
		}
		const { link, process } = await serve();
		const lines = await interpreter.run(`
			Serial1.setup(115200, { path: ${JSON.stringify(realpathSync(link))} });
			require("simstrap").connect(Serial1, {}, function (error, accounts) {
				if (error) print("@" + error.message);
				else while (accounts.next()) print("@uri " + (accounts.security.resource(0) ? accounts.security.text() : ""));
				setTimeout(quit, 10);
			});`);
		process.child.kill();
		assert.deepEqual(lines, [`uri ${URI}`]);
	});

	/** Failures one after the other, each command being answered by what `answer` gives; how it ended. */
	async function failures(answer: string, options: object): Promise<string[]> {
		return interpreter.run(`${player([])}
			forget();
			var simstrap = require("simstrap"), code = "";
			answer = function (command) { LoopbackB.write(command === "ATE0V1\\r" ? "\\r\\nOK\\r\\n" : ${answer}); };
			function ended(error, accounts, given) { code = error.code; done(error, accounts, given); }
			${growth(`if (n === 9) print("@" + code); simstrap.connect(LoopbackA, ${JSON.stringify(options)}, ended);`, 8)}`);
	}

	test("failures leave nothing behind either: no SIM", async () => {
		const lines = await failures('"\\r\\n+CME ERROR: 10\\r\\n"', {});
		assert.deepEqual(lines.slice(0, 3), ["SIM_ABSENT", "growth 0 garbage 0 strange 0", "failed 14"]);
	});

	const NO_WAY =
		'command.indexOf("AT+CPIN") === 0 ? "\\r\\n+CPIN: READY\\r\\n\\r\\nOK\\r\\n" : command.indexOf("AT+CMEE?") === 0 ? "\\r\\n+CMEE: 1\\r\\n\\r\\nOK\\r\\n" : "\\r\\n+CME ERROR: 3\\r\\n"';

	const SESSION = '"\\r\\n+CCHO: 1\\r\\n\\r\\nOK\\r\\n"';

	test("failures leave nothing behind either: no way to the card", async () => {
		const lines = await failures(NO_WAY, { receiverBytes: 128 });
		assert.deepEqual(lines.slice(0, 3), ["CME_ERROR", "growth 0 garbage 0 strange 0", "failed 14"]);
	});

	test("failures leave nothing behind either: a receiver of 64 bytes", async () => {
		// The application is not there, and EF(DIR) cannot be asked.
		const lines = await failures(`command.indexOf("AT+CCHO=\\"A0000000871002") === 0 ? ${SESSION} : ${NO_WAY}`, {
			receiverBytes: 64,
		});
		assert.deepEqual(lines.slice(0, 3), ["RECEIVER_TOO_SMALL", "growth 0 garbage 0 strange 0", "failed 14"]);
	});

	test("FIFO_FULL, BUSY, a callback that throws, close", async () => {
		const recorder = new Recorder(version);
		const lines = await interpreter.run(`${player([recorder.run(), recorder.run()])}
			forget();
			var simstrap = require("simstrap"), flood = true, play = answer, calls = 0;
			answer = function (command) {
				if (flood && command !== firsts[0]) LoopbackB.write("x".repeat(6000));
				play(command);
			};
			simstrap.connect(LoopbackA, { limitMs: 4000, commandLimitMs: 300 }, function (error) {
				print("@1 " + (error && error.code));
				flood = false;
				setTimeout(second, 3000);
			});
			function second() {
				simstrap.connect(LoopbackA, {}, function (error) { print("@2 " + error); setTimeout(third, 100); throw new Error("expected here"); });
				simstrap.connect(LoopbackA, {}, function (error) { print("@3 " + error.code); });
			}
			function third() {
				var connection = simstrap.connect(LoopbackA, {}, function (error) {
					calls++;
					print("@4 " + error.code);
					setTimeout(function () { print("@calls " + calls); quit(); }, 300);
				});
				setTimeout(function () { connection.close(); connection.close(); }, 20);
			}`);
		assert.deepEqual(lines.sort(), ["1 FIFO_FULL", "2 null", "3 BUSY", "4 ABORTED", "calls 1"].sort());
	});

	test("records in Storage, until it is full, and the firmware's SHA-256: nothing is left behind", async () => {
		await interpreter.store("hash", espruinoModule("sha256.ts", "firmwareSha256"));
		await interpreter.store("flash", espruinoModule("store.ts", "flash"));
		const lines = await interpreter.run(`
			var sha256 = require("hash").firmwareSha256(), store = require("flash").flash;
			var file = new Uint8Array(1024), into = new Uint8Array(32), back = new Uint8Array(130), big = new Uint8Array(2048);
			var same = true, i = 0, n = 0, before = 0, after = 0;
			for (i = 0; i < 1024; i++) file[i] = i & 255;
			[1024, 126, 64, 1].forEach(function (length) { print("@" + length + " " + sha256(file, length, into) + " " + into.join()); });
			print("@" + [store.write("sima0", file, 1024), store.write("sima", file, 130), store.read("sima", back), store.read("sima0", into), store.read("none", into)].join());
			for (i = 0; i < 130; i++) if (back[i] !== file[i]) same = false;
			print("@" + [same, store.remove("sima"), store.remove("sima"), store.read("sima", back)].join());
			function again() { sha256(file, 126, into); store.read("sima0", file); store.write("sima0", file, 1024); }
			again();
			before = process.memory(false).usage;
			for (i = 0; i < 300; i++) again();
			after = process.memory(false).usage;
			print("@growth " + (after - before));
			for (n = 0; n < 1000 && store.write("f" + n, big, 2048); n++) big[0] = n + 1;
			print("@full " + (n > 0 && n < 1000));
			for (i = 0; i < n; i++) store.remove("f" + i);
			quit();`);
		const file = Uint8Array.from({ length: 1024 }, (_, i) => i & 255);
		const digest = (length: number) => [...createHash("sha256").update(file.subarray(0, length)).digest()].join();
		assert.deepEqual(lines, [
			...[1024, 126, 64, 1].map((length) => `${length} true ${digest(length)}`),
			"true,true,130,-1,-1",
			"true,true,true,-1",
			"growth 0",
			"full true",
		]);
	});

	test("runs of digits come to the same as through the portable routines", async () => {
		await interpreter.store("hexmod", hexModule());
		const cases = hexCases(60);
		const lines = await interpreter.run(`
			const hex = new (require("hexmod").Hex)();
			${CHECK}
			print("@" + (allDigits(hex) === "${ALL_DIGITS}"));
			${cases.map((c) => `print("@" + check(hex, ${JSON.stringify(c)}) + ".");`).join("\n")}
			quit();`);
		assert.deepEqual(lines, ["true", ...cases.map(() => ".")]);
	});
});
