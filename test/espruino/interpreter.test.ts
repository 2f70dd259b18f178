// The bundle as built, in a real interpreter. Without one this is skipped, and says so.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { receiverBytesOf } from "../../hal/espruino/version.js";
import { bootstrapCard, Line, VirtualCard, VirtualModem } from "../../virtual/index.js";
import { serve } from "../cli/program.js";
import { Espruino } from "./context.js";
import { ALL_DIGITS, CHECK, espruinoModule, hexCases, hexModule } from "./hex-cases.js";
import { Interpreter, skipReason } from "./interpreter.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BUNDLE = readFileSync(path.join(ROOT, "dist", "simstrap.espruino.js"), "utf8").trim();
const URI = "coaps://eu.iot.avsystem.cloud:5684";
const MORE = 500;
/** A step of the whole procedure may take so long on a desktop. */
const RUN_MS = 2000;

function freshModem(): Line {
	return new Line(new VirtualModem(new VirtualCard(bootstrapCard({ manners: { acceptsLe00: true } })), {}), {});
}

/** What the bundle says to a modem and hears from it, command and answer in turn, as one that LoopbackB can play. */
function dialogue(version: string): string[] {
	const turns: string[] = [];
	const line = freshModem();
	let command = "";
	const engine = new Espruino(version, {
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
	});
	let done = false;
	engine.load("simstrap.espruino.js").connect(engine.serial, {}, (error) => {
		assert.equal(error, null);
		done = true;
	});
	engine.run(() => done);
	return turns;
}

/** A modem on LoopbackB that plays a dialogue from its beginning at each ATE0V1. */
function player(version: string): string {
	return `
		var turns = ${JSON.stringify(dialogue(version))}, heard = "", place = 0, strange = 0;
		function answer(command) {
			if (command === turns[0]) place = 0;
			if (turns[place] !== command) { strange++; return; }
			LoopbackB.write(turns[place + 1]);
			place += 2;
		}
		function listen(data) {
			heard += data;
			for (var i = heard.indexOf("\\r"); i >= 0; i = heard.indexOf("\\r")) {
				var command = heard.substr(0, i + 1);
				heard = heard.substr(i + 1);
				answer(command);
			}
		}
		LoopbackB.on("data", listen);
		function used() { return process.memory(false).usage; }
	`;
}

describe("in a real Espruino", { skip: skipReason(), timeout: 600000 }, () => {
	let interpreter: Interpreter;
	let version = "";

	before(async () => {
		interpreter = new Interpreter();
		[version] = await interpreter.run('print("@" + process.version); quit();');
		await interpreter.store("simstrap", BUNDLE);
	});

	after(() => interpreter.close());

	test(`the same memory is in use after a bootstrap and after ${MORE} more`, async (t) => {
		t.diagnostic(`Espruino ${version}, receiver of ${receiverBytesOf(version)} bytes`);
		const lines = await interpreter.run(
			`${player(version)}
			var a = used(), b = 0, first = 0, last = 0, since = 0.5, runs = 0, failed = 0, connection;
			a = used();
			var simstrap = require("simstrap");
			b = used();
			print("@module " + (b - a));
			function rest() {
				connection = undefined;
				if (runs === 3) { first = used(); since = getTime(); }
				if (runs === 3 + ${MORE}) {
					last = used();
					print("@growth " + (last - first) + " garbage " + process.memory().gc + " failed " + failed + " strange " + strange);
					print("@ms " + ((getTime() - since) * 1000 / ${MORE}).toFixed(0) + " exchanges " + turns.length / 2);
					quit();
				} else again();
			}
			function done(error, accounts) {
				runs++;
				if (error) failed++;
				else if (runs === 1) while (accounts.next()) print("@uri " + (accounts.security.resource(0) ? accounts.security.text() : ""));
				setTimeout(rest, 1);
			}
			function again() {
				if (runs === 0) a = used();
				connection = simstrap.connect(LoopbackA, {}, done);
				if (runs === 0) print("@instance " + (used() - a));
			}
			again();`,
			MORE * RUN_MS,
		);
		for (const line of lines) t.diagnostic(line);
		assert.ok(lines.includes(`uri ${URI}`), lines.join("\n"));
		assert.ok(lines.includes("growth 0 garbage 0 failed 0 strange 0"), lines.join("\n"));
	});

	test("over a pseudo-terminal", async (t) => {
		if (receiverBytesOf(version) < 128) {
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

	test("failures leave nothing behind either", async () => {
		// The answer to each command: silence is an empty one.
		const modems: [string, string, string][] = [
			["SIM_ABSENT", "SIM_ABSENT", '"\\r\\n+CME ERROR: 10\\r\\n"'],
			[
				"no way to the card",
				"[A-Z_]+",
				'command.indexOf("AT+CPIN") === 0 ? "\\r\\n+CPIN: READY\\r\\n\\r\\nOK\\r\\n" : command.indexOf("AT+CMEE?") === 0 ? "\\r\\n+CMEE: 1\\r\\n\\r\\nOK\\r\\n" : "\\r\\n+CME ERROR: 3\\r\\n"',
			],
		];
		for (const [name, expected, expression] of modems) {
			const [line] = await interpreter.run(`${player(version)}
				answer = function (command) { LoopbackB.write(command === turns[0] ? "\\r\\nOK\\r\\n" : ${expression}); };
				var simstrap = require("simstrap"), runs = 0, first = 0, last = 0, code = "", connection;
				function rest() {
					connection = undefined;
					if (runs === 3) first = used();
					if (runs === 8) { last = used(); print("@" + code + " " + (last - first)); quit(); }
					else connection = simstrap.connect(LoopbackA, {}, done);
				}
				function done(error) { runs++; code = error ? error.code : "none"; setTimeout(rest, 1); }
				rest();`);
			assert.match(line, new RegExp(`^${expected} 0$`), name);
		}
	});

	test("FIFO_FULL, BUSY, a callback that throws, close", async () => {
		const lines = await interpreter.run(`${player(version)}
			var simstrap = require("simstrap"), flood = true, play = answer, calls = 0;
			answer = function (command) {
				if (flood && command !== turns[0]) LoopbackB.write("x".repeat(6000));
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
		await interpreter.store("hash", espruinoModule("crypto.ts", "firmwareSha256"));
		await interpreter.store("flash", espruinoModule("store.ts", "FlashStore"));
		const lines = await interpreter.run(`
			var sha256 = require("hash").firmwareSha256(), store = new (require("flash").FlashStore)();
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
