// Espruino's own hex routines against the portable ones, in the interpreter's subset.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bootstrapCard, Line, VirtualCard, VirtualModem } from "../../virtual/index.js";
import { Espruino } from "./context.js";
import { ALL_DIGITS, CHECK, hexCases, hexModule } from "./hex-cases.js";

interface HexTools {
	check(c: object): string;
	digits(): string;
}

test("runs of digits through E.mapInPlace come to the same as through the portable routines", () => {
	const engine = new Espruino("2v29", new Line(new VirtualModem(new VirtualCard(bootstrapCard({})), {}), {}));
	const source = `${hexModule()}${CHECK}
		const one = new Hex();
		exports.check = function (c) { return check(one, c); };
		exports.digits = function () { return allDigits(one); };`;
	const tools = engine.evaluate(source) as unknown as HexTools;
	assert.equal(tools.digits(), ALL_DIGITS);
	for (const c of hexCases(2000)) assert.equal(tools.check(c), "", JSON.stringify(c));
});

test("where there is no memory for a text, bytes that differ are not the same", () => {
	const engine = new Espruino("2v29", new Line(new VirtualModem(new VirtualCard(bootstrapCard({})), {}), {}));
	const source = `${hexModule()}${CHECK}
		E.toString = function () {};
		const one = new Hex();
		exports.check = function (c) { return check(one, c); };`;
	const tools = engine.evaluate(source) as unknown as HexTools;
	for (const c of hexCases(500)) assert.equal(tools.check(c), "", JSON.stringify(c));
});
