// `simstrap read`, `probe` and `apdu` with the modems and cards that `serve` can play: every way to the card, PINs, what was tried.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { sampleFile } from "../../virtual/index.js";
import { freshPath, KEY, KEY_HEX, missing, type Result, run, serve } from "./program.js";

const SAMPLE = Buffer.from(sampleFile());

const skip = missing("@lydell/node-pty", "serialport");

function json(result: Result) {
	return JSON.parse(result.stdout.toString());
}

/** A server for one command. */
async function once(serveArgs: readonly string[], args: readonly string[]): Promise<Result & { dialogue: string }> {
	const server = await serve("--trace", ...serveArgs);
	const [command, ...rest] = args;
	const result = await run(command, "--device", server.link, ...rest);
	const { stderr } = await server.stop();
	for (const text of [result.stdout.toString("latin1"), result.stderr, stderr]) {
		if (args.includes("-o")) continue;
		assert.ok(!text.includes(KEY) && !text.toUpperCase().includes(KEY_HEX), "a key is shown");
	}
	return { ...result, dialogue: stderr };
}

describe("simstrap read over every kind of modem", { skip, concurrency: 2 }, () => {
	const ways: readonly (readonly [serveArgs: string[], args: string[]])[] = [
		[["--manners", "no-csim,sessions"], []],
		[["--manners", "no-manage-channel,sessions,handles"], []],
		[["--manners", "no-channel,crsm,df-only"], []],
		[["--manners", "no-channel,crsm,df-only,no-quotes,no-space,lower-case"], []],
		[
			["--manners", "df-only"],
			["--link", "basic"],
		],
		[["--manners", "no-quotes,no-space,lower-case,next-line"], []],
		[["--manners", "ten-digits,no-le,fetches,short-lines"], []],
		[["--manners", "no-alias,no-p2-0c,no-get-response"], []],
		[
			["--manners", "sessions,disturbs"],
			["--link", "cgla"],
		],
	];
	for (const [serveArgs, args] of ways) {
		it(`${serveArgs[1]} ${args.join(" ")}`, async () => {
			const result = await once(serveArgs, ["read", "-o", "-", ...args]);
			assert.equal(result.code, 0, result.stderr);
			assert.deepEqual(result.stdout, SAMPLE);
		});
	}

	it("says what was tried, and why it failed", async () => {
		const result = await once(["--manners", "no-channel"], ["read", "--json"]);
		assert.equal(result.code, 1);
		const { error } = json(result);
		assert.equal(error.name, "NO_CHANNEL");
		assert.deepEqual(
			error.tried.map(({ link, name }: { link: string; name: string }) => [link, name]),
			[
				["csim", "NO_CHANNEL"],
				["cgla", "CME_ERROR"],
				["crsm", "CME_ERROR"],
			],
		);
		assert.match(result.stderr, /\(tried: csim NO_CHANNEL 6A81; cgla CME_ERROR 4; crsm CME_ERROR 4\)\.\n$/);
	});

	it("takes one way alone when it is told to", async () => {
		const result = await once(["--manners", "no-csim,sessions"], ["read", "--link", "csim", "--json"]);
		assert.equal(json(result).error.name, "CME_ERROR");
		assert.ok(!result.dialogue.includes("CCHO"));
	});

	it("does not use the basic channel unless told", async () => {
		const result = await once(["--manners", "no-channel,df-only"], ["read", "--json"]);
		assert.equal(json(result).error.name, "NO_CHANNEL");
		assert.ok(!/CSIM=\d+,"00[AB]/.test(result.dialogue));
	});
});

describe("simstrap read --pin", { skip, concurrency: 2 }, () => {
	it("verifies the PIN of a file, once, and shows it nowhere", async () => {
		const file = freshPath("pin");
		writeFileSync(file, "2468\n");
		for (const args of [
			["--pin", "2468"],
			["--pin", `@${file}`],
			["--pin=2468", "--trace"],
		]) {
			const result = await once(["--file-pin", "2468"], ["read", "--json", ...args]);
			assert.equal(result.code, 0, result.stderr);
			assert.equal(result.dialogue.match(/VERIFY PIN with/g)?.length, 1);
			assert.ok(!(result.stderr + result.stdout + result.dialogue).includes("32343638"), "a PIN is shown");
			assert.ok(!(result.stderr + result.stdout + result.dialogue).includes("2468"), "a PIN is shown");
		}
	});

	it("takes it from the environment", async () => {
		process.env.SIMSTRAP_PIN = "2468";
		try {
			const result = await once(["--file-pin", "2468"], ["read", "--json"]);
			assert.equal(result.code, 0, result.stderr);
		} finally {
			delete process.env.SIMSTRAP_PIN;
		}
	});

	it("tells apart no PIN, a wrong one, one try left, and none", async () => {
		const cases: readonly (readonly [serveArgs: string[], args: string[], name: string, verified: number])[] = [
			[[], [], "SECURITY_STATUS", 0],
			[[], ["--pin", "1111"], "PIN_WRONG", 1],
			[["--tries", "1"], ["--pin", "1111"], "PIN_TRIES_TOO_FEW", 0],
			[["--tries", "1"], ["--pin", "1111", "--force-pin"], "PIN_BLOCKED", 1],
			[["--tries", "0"], ["--pin", "2468", "--force-pin"], "PIN_BLOCKED", 0],
		];
		for (const [serveArgs, args, name, verified] of cases) {
			const result = await once(["--file-pin", "2468", ...serveArgs], ["read", "--json", ...args]);
			assert.equal(result.code, 1, name);
			assert.equal(json(result).error.name, name);
			assert.equal(result.dialogue.match(/VERIFY PIN with/g)?.length ?? 0, verified, name);
		}
	});

	it("sends the SIM's PIN only when it is asked for, and once", async () => {
		const right = await once(["--pin", "1357"], ["read", "--json", "--sim-pin", "1357"]);
		assert.equal(right.code, 0, right.stderr);
		assert.equal(right.dialogue.match(/AT\+CPIN=/g)?.length, 1);
		assert.ok(!(right.stderr + right.stdout + right.dialogue).includes("1357"), "a PIN is shown");
		const wrong = await once(["--pin", "1357"], ["read", "--json", "--sim-pin", "2222"]);
		assert.equal(json(wrong).error.name, "PIN_WRONG");
		assert.equal(wrong.dialogue.match(/AT\+CPIN=/g)?.length, 1);
		const open = await once([], ["read", "--json", "--sim-pin", "1357"]);
		assert.equal(open.code, 0);
		assert.ok(!open.dialogue.includes("AT+CPIN="));
	});

	it("refuses what is no PIN, without repeating it", async () => {
		for (const args of [
			["--pin", "12a4"],
			["--pin", "123"],
			["--sim-pin", "123456789"],
			["--pin", "@/nonexistent"],
			["--force-pin"],
		]) {
			const result = await run("read", ...args);
			assert.equal(result.code, 2, args.join(" "));
			assert.match(result.stderr, /^simstrap: --.*\n$/);
			if (!args[1]?.startsWith("@")) assert.ok(args[1] === undefined || !result.stderr.includes(args[1]));
		}
		assert.equal((await run("read", "--link", "qmi")).code, 2);
	});
});

describe("simstrap probe", { skip, concurrency: 2 }, () => {
	it("tells what the modem and the card support", async () => {
		const result = await once(["--manners", "sessions,crsm"], ["probe"]);
		assert.equal(result.code, 0, result.stderr);
		const text = result.stdout.toString();
		assert.match(text, /^AT\+CSIM, a channel of our own +yes +1 +\d+ +126 bytes$/m);
		assert.match(text, /^AT\+CCHO, AT\+CGLA +yes +- +\d+ +126 bytes$/m);
		assert.match(text, /^AT\+CRSM +yes +- +\d+ +126 bytes$/m);
		assert.match(text, /^in quotes +yes$/m);
		assert.match(text, /^of four bytes +yes$/m);
		assert.match(text, /^longest line +as long as is needed$/m);
		assert.match(text, /links: \[VIA_CSIM, VIA_CGLA, VIA_CRSM\],/);
	});

	it("as JSON, of a modem that differs", async () => {
		const result = await once(
			["--manners", "no-channel,crsm,df-only,no-quotes,no-space,lower-case"],
			["probe", "--json", "--basic"],
		);
		assert.equal(result.code, 0, result.stderr);
		const { ways, manners, literal, commands } = json(result);
		assert.deepEqual(
			ways.map(({ link, supported }: { link: string; supported: boolean }) => [link, supported]),
			[
				["csim", false],
				["cgla", false],
				["crsm", true],
				["basic", true],
			],
		);
		assert.deepEqual([manners.quotes, manners.space, manners.lowerCase], [false, false, true]);
		assert.equal(literal, "links: [VIA_CRSM, VIA_BASIC], allowBasicChannel: true,");
		assert.deepEqual(commands, { short: null, dataAndLe: null, getResponse: null, lineChars: null });
	});

	it("finds out how commands may look, and what its longest line is", async () => {
		const result = await once(["--manners", "ten-digits,no-le,short-lines"], ["probe", "--json"]);
		assert.equal(result.code, 0, result.stderr);
		const { commands, literal } = json(result);
		// +CSIM=48,"..." has 59 characters, and of 60 there is none.
		assert.deepEqual(commands, { short: false, dataAndLe: false, getResponse: true, lineChars: 59 });
		assert.equal(literal, "links: [VIA_CSIM], lineChars: 59,");
		// With what it says, the modem is read through.
		assert.ok(!/: 5\d characters.*ERROR/.test(result.dialogue));
		const refused = await once(["--manners", "no-get-response"], ["probe", "--json"]);
		assert.equal(json(refused).commands.getResponse, false);
	});

	it("tells the PINs and their tries without taking one", async () => {
		const result = await once(["--file-pin", "2468", "--tries", "2"], ["probe", "--json"]);
		assert.equal(result.code, 0, result.stderr);
		const { ways, pins } = json(result);
		assert.deepEqual([ways[0].name, ways[0].sw], ["SECURITY_STATUS", "6982"]);
		assert.deepEqual(pins, [
			{ reference: "01", state: "switched off", tries: null },
			{ reference: "81", state: "enabled", tries: 2 },
		]);
		assert.ok(!result.dialogue.includes("VERIFY PIN with"), "a PIN was sent");
		const opened = result.dialogue.match(/MANAGE CHANNEL, open/g)?.length;
		assert.equal(result.dialogue.match(/MANAGE CHANNEL, close/g)?.length, opened);
	});

	it("fails where nothing works", async () => {
		const result = await once(["--manners", "no-csim"], ["probe"]);
		assert.equal(result.code, 1);
		assert.match(result.stdout.toString(), /no way to the card works/);
	});

	it("says in JSON as well why it could not begin", async () => {
		const missing = await run("probe", "--device", freshPath("none"), "--json");
		assert.equal(missing.code, 2);
		assert.equal(json(missing).error.name, "DEVICE_MISSING");
	});
});

describe("a modem at another baud rate", { skip }, () => {
	it("is told from one that says nothing", async () => {
		const commands = [["read"], ["probe", "--json"], ["apdu", "00A4000C023F00"]];
		const garbled = commands.map((args) => once(["--manners", "garbled"], args));
		const silent = once(["--silent"], ["probe", "--json"]);
		for (const { code, stderr } of await Promise.all(garbled)) {
			assert.equal(code, 1);
			assert.match(stderr, /no modem answers; bytes came, .*--baud/);
		}
		const { code, stderr, ...rest } = await silent;
		assert.equal(code, 1);
		assert.match(stderr, /no modem answers; check that this is the modem's AT port/);
		assert.equal(json({ code, stderr, ...rest }).error.name, "MODEM_SILENT");
	});
});

describe("simstrap apdu", () => {
	it("sends commands by hand and says what the answers mean", async () => {
		const result = await run(
			"apdu",
			"0070000001",
			"01A4040C0CA000000063504B43532D3135",
			"01A4080C047FFF6432",
			"01B0000000",
			"0070800100",
		);
		assert.equal(result.code, 0, result.stderr);
		const lines = result.stdout.toString().trimEnd().split("\n");
		assert.equal(lines.length, 10);
		assert.equal(lines[0], "> 0070000001  MANAGE CHANNEL, open a channel");
		assert.equal(lines[1], "< 9000 ok: 01");
		assert.equal(lines[7], "< 9000 ok: <128 bytes>");
	});

	it("shows file data when it is told to, and PINs never by accident", async () => {
		const commands = ["0070000001", "01A4040C0CA000000063504B43532D3135", "01A4080C047FFF6432", "01B0000000"];
		const open = await run("apdu", "--show-secrets", ...commands);
		assert.ok(open.stdout.includes(KEY_HEX));
		const pin = await run("apdu", "--json", "0020000108313233343FFFFFFF");
		assert.ok(!pin.stdout.includes("31323334") && !pin.stderr.includes("31323334"));
		assert.equal(json(pin)[0].sw, "6984");
	});

	it("takes spaces between digits", async () => {
		const { code, stdout } = await run("apdu", "00 A4 00 0C 02 3F 00");
		assert.equal(code, 0);
		assert.match(stdout.toString(), /^> 00A4000C023F00 {2}SELECT MF/);
	});

	it("says how many commands got no answer, and what to try", { skip }, async () => {
		const refused = await once(["--manners", "no-csim"], ["apdu", "00A4000C023F00", "00A4000C022F00"]);
		assert.equal(refused.code, 1);
		assert.match(
			refused.stdout.toString(),
			/^< the modem refused the command \(\+CME ERROR: 4, operation not supported\)$/m,
		);
		assert.match(refused.stderr, /^simstrap: 2 of 2 commands got no answer of the card; see the modem's manual/);
		const missing = await run("apdu", "--device", freshPath("none"), "--json", "00A4000C023F00");
		assert.equal(missing.code, 2);
		assert.equal(json(missing).error.name, "DEVICE_MISSING");
	});

	it("takes commands of any length, and refuses what is none", async () => {
		const long = `80C20000FF${"00".repeat(255)}00`;
		assert.match((await run("apdu", long)).stdout.toString(), /< 9000 ok/);
		for (const args of [
			[],
			["00A4"],
			["00A4000C023F0"],
			["xyz"],
			["--link", "crsm", "00A4000C023F00"],
			["00".repeat(262)],
		]) {
			assert.equal((await run("apdu", ...args)).code, 2, args.join(" ").slice(0, 40));
		}
	});
});
