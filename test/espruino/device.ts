// What tests of the bundle have in common: a modem and a card in front of it, and a run of `connect` to its end.

import assert from "node:assert/strict";
import {
	type BootstrapCardOptions,
	bootstrapCard,
	Line,
	type LineOptions,
	type ModemOptions,
	VirtualCard,
	VirtualModem,
} from "../../virtual/index.js";
import { type AccountsView, type ConnectFailure, type ConnectionView, Espruino, type Exports } from "./context.js";

/** Firmware whose receiver holds 64 bytes, and 128. */
export const OLD = "2v29";
export const NEW = "2v30";
export const URI = "coaps://eu.iot.avsystem.cloud:5684";
export const USUAL: BootstrapCardOptions = { manners: { acceptsLe00: true } };
export const BUNDLE = "simstrap.espruino.js";

export interface Setup {
	card?: BootstrapCardOptions;
	modem?: ModemOptions;
	line?: LineOptions;
	version?: string;
}

export function cardOf(options: BootstrapCardOptions): VirtualCard {
	return new VirtualCard(bootstrapCard({ ...USUAL, ...options }));
}

export function power({ card = USUAL, modem = {}, line = {}, version = OLD }: Setup): Espruino {
	return new Espruino(version, new Line(new VirtualModem(new VirtualCard(bootstrapCard(card)), modem), line));
}

export interface Outcome {
	calls: number;
	error: ConnectFailure | null | undefined;
	accounts: AccountsView | undefined;
	/** What the callback was given, and what `connect` gave. */
	connection: ConnectionView | undefined;
}

export interface Begun {
	out: Outcome;
	connection: ConnectionView | undefined;
}

export function begin(engine: Espruino, module: Exports, options: object = {}, verifying = false): Begun {
	const out: Outcome = { calls: 0, error: undefined, accounts: undefined, connection: undefined };
	const call = verifying ? module.verify : module.connect;
	const connection = call(engine.serial, options, (error, accounts, given) => {
		out.calls += 1;
		out.error = error;
		out.accounts = accounts;
		out.connection = given;
	});
	return { out, connection };
}

/** Runs to the end, and then some, and says what came of it. */
export function finish(engine: Espruino, { out, connection }: Begun): Outcome {
	assert.equal(out.calls, 0, "not before it has returned");
	engine.run(() => out.calls > 0);
	engine.run(() => false, 20000);
	assert.equal(out.calls, 1, "one callback");
	assert.deepEqual(engine.uncaught, []);
	assert.equal(engine.serial.listeners.length, 0, "no listener is left");
	assert.equal(engine.pendingTimers, 0, "no timer is left");
	assert.equal(out.connection, connection);
	return out;
}

export function outcome(engine: Espruino, options: object = {}): Outcome {
	return finish(engine, begin(engine, engine.load(BUNDLE), options));
}

/** The first account's URI. */
export function uriOf(accounts: AccountsView | undefined): string | undefined {
	if (accounts === undefined) return undefined;
	assert.ok(accounts.next());
	assert.equal(accounts.fault, 0);
	assert.ok(accounts.security.resource(0));
	return accounts.security.text();
}

export function assertRead(out: Outcome): void {
	assert.equal(out.error, null);
	assert.equal(uriOf(out.accounts), URI);
}
