// `simstrap read --store` and `simstrap verify --store`: states, exit codes, what is written; and the file that is the store.

import assert from "node:assert/strict";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { FileStore } from "../../hal/node/index.js";
import { makeFile } from "../../virtual/index.js";
import { freshPath, KEY, KEY_HEX, type Result, run, serve } from "./program.js";

function json(result: Result) {
	return JSON.parse(result.stdout.toString());
}

/** A modem with a card that holds `file`; null for no card. */
async function modem(file: Uint8Array | null, ...more: string[]) {
	if (file === null) return serve("--no-sim", ...more);
	const name = freshPath("file.bin");
	writeFileSync(name, file);
	return serve("--file", name, ...more);
}

const OLD = makeFile(300);
const NEW = makeFile(340);

describe("simstrap read --store", () => {
	it("says first, and then unchanged in 5 exchanges, without writing", async () => {
		const store = freshPath("store");
		const first = await run("read", "--store", store, "--json");
		assert.equal(first.code, 0, first.stderr);
		assert.equal(json(first).state, "first");
		assert.equal(statSync(store).mode & 0o777, 0o600);
		const written = readFileSync(store, "utf8");
		const { mtimeMs, ino } = statSync(store);
		const again = await run("read", "--store", store, "--json");
		assert.equal(again.code, 0);
		const { state, exchanges, size, security } = json(again);
		assert.deepEqual([state, exchanges, size], ["unchanged", 5, 126]);
		assert.deepEqual(security[0].secretKey, { masked: 19 });
		assert.equal(readFileSync(store, "utf8"), written);
		assert.deepEqual([statSync(store).mtimeMs, statSync(store).ino], [mtimeMs, ino]);
		const table = await run("read", "--store", store);
		assert.match(table.stdout.toString(), /\nunchanged: 126 bytes in file 6432, channel 1, 5 exchanges\n$/);
		assert.ok(!table.stdout.includes(KEY) && !table.stderr.includes(KEY_HEX));
		const small = await run("read", "--store", store, "--step", "48", "--json");
		assert.equal(json(small).exchanges, 7);
	});

	it("gives the file's bytes from the store when the card has the same", async () => {
		const store = freshPath("store");
		const [one, two] = [freshPath("one"), freshPath("two")];
		await run("read", "--store", store, "-o", one);
		const { code } = await run("read", "--store", store, "-o", two);
		assert.equal(code, 0);
		assert.deepEqual(readFileSync(two), readFileSync(one));
	});

	it("follows a change, and then no card, with the exit codes of read", async () => {
		const store = freshPath("store");
		const before = await modem(OLD);
		assert.equal(json(await run("read", "--store", store, "--device", before.link, "--json")).state, "first");
		await before.stop();
		const after = await modem(NEW);
		const changed = await run("read", "--store", store, "--device", after.link, "--json");
		assert.equal(changed.code, 0);
		assert.deepEqual([json(changed).state, json(changed).reason, json(changed).size], ["changed", "content", 340]);
		assert.ok(!readFileSync(store, "utf8").includes(Buffer.from(OLD).toString("hex")));
		await after.stop();
		const none = await modem(null);
		const removed = await run("read", "--store", store, "--device", none.link, "--json");
		assert.equal(removed.code, 3);
		assert.equal(json(removed).state, "removed");
		assert.equal(json(removed).error.name, "SIM_ABSENT");
		assert.match(removed.stderr, /What was remembered is deleted\./);
		assert.equal(existsSync(store), false);
		const absent = await run("read", "--store", store, "--device", none.link, "--json");
		assert.equal(absent.code, 3);
		assert.equal(json(absent).state, "absent");
		await none.stop();
	});

	it("has one time limit for the comparison and for what is read behind it", async () => {
		const stores = { read: freshPath("store"), verify: freshPath("store") };
		const before = await modem(OLD);
		for (const store of Object.values(stores)) await run("read", "--store", store, "--device", before.link);
		await before.stop();
		// A changed file that is not right is looked at again after 5 s.
		const broken = NEW.slice();
		broken[1] = 77;
		const after = await modem(broken);
		for (const [command, store] of Object.entries(stores)) {
			const late = await run(command, "--store", store, "--device", after.link, "--json", "--timeout", "2");
			assert.equal(late.code, 4, late.stderr);
			assert.equal(json(late).error.name, "OUT_OF_TIME");
			if (command === "read") assert.equal(json(late).state, "changed");
			assert.ok(
				!readFileSync(store, "utf8").includes(Buffer.from(OLD).toString("hex")),
				"what has changed is disabled",
			);
		}
		await after.stop();
	});

	it("keeps what it has when the modem fails", async () => {
		const store = freshPath("store");
		await run("read", "--store", store);
		const before = readFileSync(store);
		const silent = await modem(OLD, "--silent");
		const failed = await run("read", "--store", store, "--device", silent.link, "--json", "--timeout", "3");
		assert.ok(failed.code === 1 || failed.code === 4);
		assert.equal(json(failed).state, "failed");
		assert.deepEqual(readFileSync(store), before);
		await silent.stop();
	});

	it("refuses what is no store, and says when it could not be written", async () => {
		const other = freshPath("other");
		writeFileSync(other, "precious");
		const refused = await run("read", "--store", other);
		assert.equal(refused.code, 2);
		assert.match(refused.stderr, /--store: .* cannot be used \(it is not a store of simstrap\)/);
		assert.equal(readFileSync(other, "utf8"), "precious");
		const future = freshPath("future");
		writeFileSync(future, '{"simstrap":2,"records":{}}');
		assert.equal((await run("read", "--store", future)).code, 2);
		const unwritable = await run("read", "--store", "/proc/self/nothing", "--json");
		assert.equal(unwritable.code, 0);
		assert.ok(json(unwritable).warnings.some((words: string) => words.includes("remembered")));
		assert.equal((await run("read", "--store", "")).code, 2);
	});
});

describe("simstrap verify --store", () => {
	it("needs a store, and a record in it", async () => {
		assert.equal((await run("verify")).code, 2);
		const missing = await run("verify", "--store", freshPath("none"), "--json");
		assert.equal(missing.code, 2);
		assert.equal(json(missing).error.name, "RECORD_MISSING");
		assert.ok(!missing.stderr.includes("What is remembered"), missing.stderr);
	});

	it("says unchanged in 5 exchanges and writes nothing", async () => {
		const store = freshPath("store");
		await run("read", "--store", store);
		const { mtimeMs } = statSync(store);
		const result = await run("verify", "--store", store, "--json");
		assert.equal(result.code, 0);
		assert.deepEqual([json(result).state, json(result).exchanges], ["unchanged", 5]);
		assert.equal(statSync(store).mtimeMs, mtimeMs);
	});

	it("applies a change, and deletes with the card", async () => {
		const store = freshPath("store");
		const before = await modem(OLD);
		await run("read", "--store", store, "--device", before.link);
		await before.stop();
		const after = await modem(NEW);
		const changed = await run("verify", "--store", store, "--device", after.link, "--json");
		assert.equal(changed.code, 0, changed.stderr);
		assert.deepEqual([json(changed).state, json(changed).reason, json(changed).size], ["changed", "content", 340]);
		const again = await run("verify", "--store", store, "--device", after.link, "--json");
		assert.deepEqual([json(again).state, json(again).exchanges <= 9], ["unchanged", true]);
		await after.stop();
		const broken = NEW.slice();
		broken[1] = 77;
		const malformed = await modem(broken);
		const invalid = await run("verify", "--store", store, "--device", malformed.link, "--json");
		assert.equal(invalid.code, 1);
		assert.equal(json(invalid).state, "changed");
		assert.ok(!readFileSync(store, "utf8").includes(Buffer.from(NEW).toString("hex")));
		await malformed.stop();
		const none = await modem(null);
		const gone = await run("read", "--store", store, "--device", none.link, "--json");
		assert.deepEqual([gone.code, json(gone).state], [3, "removed"]);
		assert.equal(existsSync(store), false);
		await none.stop();
	});
});

describe("the file that is a store", () => {
	it("is written whole or not at all, for its owner only", () => {
		const folder = freshPath("folder");
		mkdirSync(folder);
		const name = path.join(folder, "store");
		const store = new FileStore(name);
		assert.equal(existsSync(name), false);
		assert.equal(store.write("a", new Uint8Array([1, 2, 3]), 2), true);
		assert.equal(store.write("b", new Uint8Array(0), 0), true);
		assert.equal(statSync(name).mode & 0o777, 0o600);
		assert.deepEqual(readdirSync(folder), ["store"]);
		const again = new FileStore(name);
		const into = new Uint8Array(3);
		assert.equal(again.read("a", into), 2);
		assert.deepEqual([...into], [1, 2, 0]);
		assert.equal(again.read("a", new Uint8Array(1)), -1);
		assert.equal(again.read("c", into), -1);
		assert.equal(again.remove("c"), true);
		assert.equal(again.remove("a"), true);
		assert.equal(again.remove("b"), true);
		assert.equal(existsSync(name), false);
	});

	it("stays what it was when it cannot be written", { skip: process.getuid?.() === 0 }, () => {
		const folder = freshPath("folder");
		mkdirSync(folder);
		const store = new FileStore(path.join(folder, "store"));
		store.write("a", new Uint8Array([1]), 1);
		chmodSync(folder, 0o500);
		assert.equal(store.write("a", new Uint8Array([2]), 1), false);
		assert.equal(store.remove("a"), false);
		const into = new Uint8Array(1);
		store.read("a", into);
		assert.equal(into[0], 1);
		chmodSync(folder, 0o700);
	});

	it("is gone when somebody else has removed it", () => {
		const name = path.join(freshPath("folder"));
		const store = new FileStore(name);
		assert.equal(store.write("a", new Uint8Array([1]), 1), true);
		rmSync(name);
		assert.equal(store.remove("a"), true);
		assert.equal(store.read("a", new Uint8Array(1)), -1);
	});

	it("follows a symbolic link", () => {
		const folder = freshPath("folder");
		mkdirSync(folder);
		const target = path.join(folder, "target");
		const link = path.join(folder, "link");
		new FileStore(target).write("a", new Uint8Array([1]), 1);
		symlinkSync(target, link);
		new FileStore(link).write("a", new Uint8Array([2]), 1);
		const into = new Uint8Array(1);
		new FileStore(target).read("a", into);
		assert.equal(into[0], 2);
	});
});

describe("a store with other ways to the card, and with PINs", () => {
	const ways: readonly (readonly [serveArgs: string[], args: string[]])[] = [
		[["--manners", "no-csim,sessions"], []],
		[
			["--manners", "no-csim,sessions"],
			["--link", "cgla"],
		],
		[["--manners", "no-channel,crsm,df-only"], []],
		[
			["--file-pin", "2468"],
			["--pin", "2468"],
		],
		[
			["--pin", "1357"],
			["--sim-pin", "1357"],
		],
	];
	for (const [serveArgs, args] of ways) {
		it(`${[...serveArgs, ...args].join(" ")}`, async () => {
			const store = freshPath("store");
			const server = await serve(...serveArgs);
			const words: string[] = [];
			for (const command of ["read", "read", "verify"]) {
				const result = await run(command, "--store", store, "--device", server.link, "--json", ...args);
				assert.equal(result.code, 0, result.stderr);
				const { state, size } = json(result);
				words.push(`${state} ${size}`);
			}
			assert.deepEqual(words, ["first 126", "unchanged 126", "unchanged 126"]);
			await server.stop();
		});
	}

	it("a PIN that was refused is not tried again by the next call", async () => {
		const store = freshPath("store");
		const server = await serve("--file-pin", "2468", "--trace");
		const names: string[] = [];
		for (let i = 0; i < 3; i++) {
			const result = await run("read", "--store", store, "--device", server.link, "--json", "--pin", "9999");
			assert.equal(result.code, 1);
			names.push(json(result).error.name);
		}
		assert.deepEqual(names, ["PIN_WRONG", "PIN_REFUSED_BEFORE", "PIN_REFUSED_BEFORE"]);
		const right = await run("read", "--store", store, "--device", server.link, "--json", "--pin", "2468");
		assert.deepEqual([right.code, json(right).state], [0, "first"]);
		await server.stop();
	});
});
