// src/scp03*.ts against the vectors, byte for byte: session keys, cryptograms, protected commands, MAC chaining, answers. A session is
// always at level 33; the vectors of the other levels test the primitives that it is made of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { aes as nodeAes } from "../../hal/node/crypto.js";
import { Command } from "../../src/apdu.js";
import { Cmac } from "../../src/cmac.js";
import { type Aes, OK } from "../../src/index.js";
import { Scp03 } from "../../src/scp03.js";
import { DERIVE_S_ENC, DERIVE_S_MAC, DERIVE_S_RMAC, derive } from "../../src/scp03-keys.js";
import { Scp03Session } from "../../src/scp03-session.js";
import { aes } from "../../virtual/index.js";
import { bytes, hex, notRandom, SETS, type Step, type VectorSet, vectors } from "./support.js";

/** What the platform was asked to make ciphers of. */
function spying(keys: string[]): Aes {
	return (key) => {
		keys.push(hex(key));
		return aes(key);
	};
}

function sessionOf(set: VectorSet, lend: Aes = aes): Scp03Session {
	const session = new Scp03Session(lend, set.s_mode);
	session.context.set(bytes(set.host_challenge + set.card_challenge));
	const scratch = new Uint8Array(set.K_ENC.length / 2);
	session.open(bytes(set.K_ENC), bytes(set.K_MAC), scratch);
	assert.equal(hex(scratch), "00".repeat(scratch.length));
	return session;
}

function commandOf(plain: string): Command {
	const command = new Command(255);
	command.bytes.fill(0xa5);
	command.bytes.set(bytes(plain));
	command.size = plain.length / 2;
	return command;
}

/** EXTERNAL AUTHENTICATE of any level. */
function externalAuthenticate(set: VectorSet, session: Scp03Session): string {
	const cryptogram = new Uint8Array(16);
	session.hostCryptogram(cryptogram);
	assert.equal(hex(cryptogram, 0, set.s_mode), set.host_cryptogram);
	const command = new Command(64);
	command.header(0x80 | (set.channel ?? 0), 0x82, Number.parseInt(set.security_level ?? "33", 16), 0, 0);
	command.data(cryptogram, 0, set.s_mode);
	session.seal(command);
	return hex(command.bytes, 0, command.size);
}

/** A command at the security level of the set. */
function wrapped(session: Scp03Session, plain: string, level: string): string {
	const source = bytes(plain);
	const command = new Command(255);
	if (level === "33" || level === "03") {
		assert.ok(session.wrap(source, source.length, command));
		return hex(command.bytes, 0, command.size);
	}
	// C-MAC alone: the data stay as they are.
	const lc = source.length > 5 ? source[4] : 0;
	command.bytes.set(source.subarray(0, 5 + lc));
	command.size = 5 + lc;
	session.seal(command);
	if (source.length === 6 + lc || source.length === 5) command.le(source[source.length - 1]);
	return hex(command.bytes, 0, command.size);
}

/** An answer at the security level of the set, without its protection. */
function unwrapped(session: Scp03Session, answer: string, level: string): string {
	const all = bytes(answer);
	const count = all.length - 2;
	const sw = (all[count] << 8) | all[count + 1];
	if (level === "03") return answer;
	if (level === "11") {
		assert.ok(session.verify(all, count - session.size, sw));
		return hex(all, 0, count - session.size) + answer.slice(-4);
	}
	const left = session.unwrap(all, count, sw);
	assert.ok(left >= 0);
	return hex(all, 0, left) + answer.slice(-4);
}

for (const set of SETS) {
	const level = set.security_level ?? "33";
	const steps: Step[] = set.steps_in_order ?? set.steps ?? [];

	test(`${set.name}: session keys and cryptograms`, () => {
		const keys: string[] = [];
		const session = sessionOf(set, spying(keys));
		assert.deepEqual(keys, [set.K_ENC, set.S_ENC, set.K_MAC, set.S_MAC, set.S_RMAC]);
		const card = new Uint8Array(16);
		session.cardCryptogram(card);
		assert.equal(hex(card, 0, set.s_mode), set.card_cryptogram);
		assert.equal(externalAuthenticate(set, session), set.external_authenticate);
		if (set.mac_chaining_after_ext_auth) assert.equal(hex(session.chaining), set.mac_chaining_after_ext_auth);
	});

	for (const lend of [aes, nodeAes]) {
		test(`${set.name}: commands and answers, ${lend === aes ? "virtual" : "Node's"} AES`, () => {
			const session = sessionOf(set, lend);
			externalAuthenticate(set, session);
			for (const step of steps) {
				assert.equal(wrapped(session, step.plain, level), step.wrapped, step.name);
				if (step.mac_chaining_after) assert.equal(hex(session.chaining), step.mac_chaining_after, step.name);
				if (step.enc_counter_after !== undefined)
					assert.equal(Number(`0x${hex(session.counter)}`), step.enc_counter_after);
				if (!step.response_wrapped) continue;
				const plain = unwrapped(session, step.response_wrapped, level);
				if (step.response_plain) assert.equal(plain, step.response_plain, step.name);
				if (step.response_length) assert.equal(plain.length / 2 - 2, step.response_length);
			}
		});
	}

	if (level !== "33" || !set.initialize_update) continue;
	test(`${set.name}: INITIALIZE UPDATE and EXTERNAL AUTHENTICATE`, () => {
		const scp03 = new Scp03({
			enc: bytes(set.K_ENC),
			mac: bytes(set.K_MAC),
			kvn: Number.parseInt(set.kvn, 16),
			sMode: set.s_mode,
			aes,
			random: notRandom(set.host_challenge),
		});
		const { command, session } = scp03;
		const cla = set.channel ?? 0;
		assert.equal(scp03.initializeUpdate(cla), OK);
		assert.equal(hex(command.bytes, 0, command.size), set.initialize_update);
		const answer = bytes(
			set.initialize_update_response ??
				`${"00".repeat(10)}${set.kvn}0370${set.card_challenge}${set.card_cryptogram}000000`,
		);
		assert.equal(scp03.authenticate(cla, answer, answer.length), OK);
		assert.equal(hex(command.bytes, 0, command.size), set.external_authenticate);
		for (const step of steps) {
			const plain = bytes(step.plain);
			assert.ok(session.wrap(plain, plain.length, command));
			assert.equal(hex(command.bytes, 0, command.size), step.wrapped);
		}
		scp03.close();
		assert.equal(session.ready, false);
		assert.equal(session.wrap(bytes("00b0000000"), 5, command), false);
	});
}

test("a counter of more than one byte, and taking back a command that never came to the card", () => {
	const session = sessionOf(SETS[2]);
	for (let n = 0; n < 255; n++) session.count();
	assert.equal(hex(session.counter), `${"00".repeat(15)}ff`);
	const chaining = hex(session.chaining);
	const plain = bytes("00a40804027fff");
	const first = commandOf("");
	const second = commandOf("");
	assert.ok(session.wrap(plain, plain.length, first));
	assert.equal(hex(session.counter), `${"00".repeat(14)}0100`);
	session.unwind();
	assert.equal(hex(session.counter), `${"00".repeat(15)}ff`);
	assert.equal(hex(session.chaining), chaining);
	assert.ok(session.wrap(plain, plain.length, second));
	assert.deepEqual(second, first);
});

test("what does not fit is not wrapped, and counts for nothing", () => {
	const session = sessionOf(SETS[2]);
	const before = [hex(session.chaining), hex(session.counter)];
	const plain = new Uint8Array(6 + 240);
	plain[4] = 240;
	assert.equal(session.wrap(plain, plain.length, new Command(300)), false);
	const short = bytes("00a40804020102");
	assert.equal(session.wrap(short, short.length, new Command(29)), false);
	assert.deepEqual([hex(session.chaining), hex(session.counter)], before);
	assert.equal(session.wrap(short, short.length, new Command(30)), true);
});

test("key check values, and session keys from a context of 10 bytes (GlobalPlatformPro)", () => {
	interface Others {
		kcv_aes: Record<string, string>;
		globalplatformpro: {
			session_key_kcv_aes128: Record<string, string>;
			kdf3_external: { kdd: string; master: string; derived_enc: string };
		};
	}
	const { kcv_aes, globalplatformpro } = vectors<Others>("scp03.json");
	const kcv = (key: Uint8Array) => {
		const block = new Uint8Array(16).fill(1);
		aes(key).encrypt(block);
		return hex(block, 0, 3);
	};
	for (const [key, value] of Object.entries(kcv_aes)) if (key !== "source") assert.equal(kcv(bytes(key)), value);
	const set = globalplatformpro.session_key_kcv_aes128;
	const cmac = new Cmac();
	const out = new Uint8Array(16);
	for (const [constant, name] of [
		[DERIVE_S_ENC, "S_ENC_kcv"],
		[DERIVE_S_MAC, "S_MAC_kcv"],
		[DERIVE_S_RMAC, "S_RMAC_kcv"],
	] as const) {
		cmac.use(aes(bytes(set.static_key_enc_mac_dek)));
		derive(cmac, constant, bytes(set.context), set.context.length / 2, out, 16);
		assert.equal(kcv(out), set[name], name);
	}
	// Its diversification "KDF3" makes a card's key from a master key: i | 00 | L as four bytes | diversification data.
	const { kdd, master, derived_enc } = globalplatformpro.kdf3_external;
	let key = "";
	cmac.use(aes(bytes(master)));
	for (const i of ["01", "02"]) {
		const input = bytes(`${i}0000000100${kdd}`);
		cmac.begin();
		cmac.update(input, 0, input.length);
		cmac.finish();
		key += hex(cmac.mac);
	}
	assert.equal(key, derived_enc);
});

test("unwrap touches nothing beyond the data, and gives -1 for whatever is not right", () => {
	const set = SETS[2];
	const steps = set.steps_in_order ?? [];
	const answer = bytes(steps[0].response_wrapped ?? "");
	const count = answer.length - 2;
	const at = (change: (all: Uint8Array) => void, length = count, sw = 0x9000) => {
		const session = sessionOf(set);
		externalAuthenticate(set, session);
		wrapped(session, steps[0].plain, "33");
		const all = new Uint8Array(300).fill(0xa5);
		all.set(answer.subarray(0, count));
		change(all);
		const left = session.unwrap(all, length, sw);
		assert.equal(hex(all, count), "a5".repeat(300 - count));
		return left;
	};
	assert.equal(
		at(() => undefined),
		21,
	);
	for (let bit = 0; bit < 8 * count; bit++) {
		assert.equal(
			at((all) => (all[bit >> 3] ^= 1 << (bit & 7))),
			-1,
		);
	}
	for (let length = 0; length < count; length++)
		assert.equal(
			at(() => undefined, length),
			-1,
		);
	for (let bit = 0; bit < 16; bit++)
		assert.equal(
			at(() => undefined, count, 0x9000 ^ (1 << bit)),
			-1,
		);
});
