// The bundles keep to the subset of JavaScript that Espruino runs; each rule has samples that it must find, and some that it must not.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { describe, RULES, type Rule, violations } from "./subset.js";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
/** BootstrapFile has a length; it is no array. */
const OWN_LENGTH = ["file"];
const BUNDLES = [
	"dist/simstrap.js",
	"dist/simstrap.espruino.js",
	"dist/simstrap.espruino.boot.js",
	"dist/simstrap.espruino.secure.js",
	"dist/espruino/lilygo-t-sim7080g-s3.js",
	"build/bundle/virtual.js",
];
/** What Espruino's own `require` loads is no ES module. */
const COMMON_JS = /espruino[./]/;

interface Sample {
	rule: Rule;
	/** Each breaks the rule and no other. */
	bad: string[];
	/** How to say it; each breaks no rule. */
	good: string[];
}

const SAMPLES: Sample[] = [
	{ rule: "syntax", bad: ["const = 1;", "a ? b;"], good: ["const a = 1;"] },
	{
		rule: "default-parameter",
		bad: ["function f(a = 1) { return a; }", "const f = (a, b = a) => b;", "class A { m(a = 1) { return a; } }"],
		good: ["function f(a) { return a === undefined ? 1 : a; }", "const f = (a) => a ?? 1;"],
	},
	{
		rule: "rest",
		bad: ["function f(...all) { return all; }", "const f = (a, ...rest) => rest;"],
		good: ["function f(all) { return all; }", "function f() { return arguments.length; }"],
	},
	{
		rule: "spread",
		bad: ["f(...list);", "const a = [1, ...list];", "const a = { ...b };", "new F(...list);"],
		good: ["f(list);", "const a = [1].concat(list);", "const a = Object.assign({}, b);"],
	},
	{
		rule: "destructuring",
		bad: [
			"const { a } = b;",
			"const [a] = b;",
			"let a; ({ a } = b);",
			"let a, b; [a, b] = [b, a];",
			"function f({ a }) { return a; }",
			"for (const [a] of list) f(a);",
			"try { f(); } catch ({ message }) { g(message); }",
		],
		good: ["const a = b.a;", "const o = { a, b: 1, 2: 3, 'c d': 4 };", "for (const a of list) f(a[0]);"],
	},
	{
		rule: "computed-key",
		bad: ["const a = { [b]: 1 };", "class A { [b]() {} }", "class A { get [b]() { return 1; } }"],
		good: ["const a = {}; a[b] = 1;", "class A { b() {} get c() { return 1; } set c(value) {} static d() {} }"],
	},
	{
		rule: "optional-chaining",
		bad: ["a?.b;", "a?.[0];", "a?.();", "a.b?.c.d;"],
		good: ["a && a.b;", "a ? 0.5 : 1;", "a ?? b;"],
	},
	{
		rule: "logical-assignment",
		bad: ["a ??= 1;", "a ||= 1;", "a.b &&= 1;"],
		good: ["a = a ?? 1;", "a |= 1;", "a &= 1;"],
	},
	{ rule: "exponent", bad: ["a ** 2;", "a **= 2;"], good: ["Math.pow(a, 2);", "a *= 2;"] },
	{
		rule: "async",
		bad: [
			"async function f() {}",
			"async function f() { await 1; }",
			"const f = async () => {};",
			"class A { async m() {} }",
			"await f();",
			"async function f() { for await (const a of b) g(a); }",
		],
		good: ["f().then(() => g());", "new Promise((done) => done(1));", "const async = 1; f(async);"],
	},
	{
		rule: "generator",
		bad: ["function* f() { yield 1; }", "class A { *m() {} }", "const a = { *m() {} };"],
		good: ["function f() { return 1; }", "a * f();"],
	},
	{
		rule: "label",
		bad: ["outer: for (;;) { for (;;) break outer; }", "block: { f(); }"],
		good: ["for (;;) { if (f()) break; else continue; }", "const a = { b: 1 };"],
	},
	{
		rule: "default-not-last",
		bad: ["switch (a) { default: f(); break; case 1: g(); }", "switch (a) { case 1: default: f(); break; case 2: }"],
		good: ["switch (a) { case 1: g(); break; default: f(); }", "switch (a) { case 1: case 2: f(); }"],
	},
	{ rule: "tagged-template", bad: ["f`a`;", "a.b`c${" + "d}`;"], good: ["f(`a${" + "b}c`);"] },
	{
		rule: "private-name",
		bad: [
			"class A { #m() {} }",
			"class A { #m() {} n() { return this.#m(); } }",
			"class A { #m() {} n(a) { return #m in a; } }",
		],
		good: ["class A { m_() {} n() { return this.m_(); } }", "f('#m');"],
	},
	{ rule: "static-block", bad: ["class A { static { f(); } }"], good: ["class A { static m() {} }", "A.b = 1;"] },
	{
		rule: "class-field",
		bad: ["class A { a; }", "class A { a = 1; }", "class A { static a = 1; }", "class A { a = () => 1; }"],
		good: ["class A { constructor() { this.a = 1; } }"],
	},
	{
		rule: "bigint",
		bad: ["const a = 1n;", "BigInt(1);", "new BigUint64Array(1);"],
		good: ["const a = 1;", "const BigInt = 1; f(BigInt);", "a.BigInt;"],
	},
	{ rule: "numeric-separator", bad: ["f(1_000);", "f(0xff_ff);"], good: ["f(1000, 0xffff, 0b11, 1e3, '1_000');"] },
	{
		rule: "optional-catch-binding",
		bad: ["try { f(); } catch { g(); }"],
		good: ["try { f(); } catch (error) { g(error); } finally { h(); }", "try { f(); } finally { g(); }"],
	},
	{
		rule: "new-target",
		bad: ["function F() { return new.target; }"],
		good: ["function F() { return this instanceof F; }"],
	},
	{
		rule: "import-export",
		bad: ["import { a } from 'b'; a();", "export const a = 1;", "export default 1;", "export * from 'b';"],
		good: ["exports.a = 1;", "const b = require('b');"],
	},
	{ rule: "dynamic-import", bad: ["import('a');", "const a = import(b);"], good: ["require('a');", "a.import;"] },
	{ rule: "import-meta", bad: ["f(import.meta.url);"], good: ["f(a.meta.url);"] },
	{
		rule: "reserved-name",
		bad: [
			"class A { delete() {} }",
			"class A { static of() {} }",
			"class A { get default() { return 1; } }",
			"const a = { catch() {} };",
			"let of = 1;",
		],
		good: ["class A { remove() {} of1() {} }", "a.delete();", "const a = { default: 1 };", "f(undefined);"],
	},
	{
		rule: "missing-global",
		bad: [
			"Symbol('a');",
			"a[Symbol.iterator];",
			"new Map();",
			"const a = { Set };",
			"a instanceof WeakMap;",
			"new WeakSet();",
			"new TextEncoder();",
			"new TextDecoder();",
			"throw new RangeError('a');",
			"new Proxy({}, {});",
			"Reflect.ownKeys(a);",
			"globalThis.Map;",
			"function f() { return typeof Map; } { const Map = 1; g(Map); }",
		],
		good: [
			"class Map { get(key) { return key; } }\nnew Map().get(1);",
			"function f(Set) { return Set; }",
			"a.Map = 1; f({ Map: 1, Set() {} });",
			"throw new TypeError('a');",
			"new Uint8Array(1); new DataView(a); new Promise(f); JSON.parse(a); Date.now();",
		],
	},
	{
		rule: "missing-member",
		bad: [
			"Object.freeze(a);",
			"const f = Object.freeze;",
			"Math.imul(a, b);",
			"Math.trunc(a);",
			"Math.clz32(a);",
			"Math.sign(a);",
			"Math['imul'](a, b);",
			"a.copyWithin(0, 1);",
			"Array.from(a);",
			"Uint8Array.from(a);",
			"Int32Array.of(1);",
			"Number.isInteger(a);",
			"String.fromCodePoint(a);",
		],
		good: [
			"Math.floor(a) + Math.min(a, b) + Math.abs(a);",
			"Object.keys(a); Object.assign(a, b); Array.isArray(a); String.fromCharCode(65); Number.MAX_VALUE;",
			"a.freeze(); a.Math.imul(1); a.from(b);",
			"const Math = a;\nMath.imul(1, 2);",
		],
	},
	{
		rule: "array-length",
		bad: ["a.length = 0;", "this.a.length = 0;", "a.length--;", "a['length'] = 1;", "a.length += 1;"],
		good: ["a = [];", "a.splice(0, a.length);", "class A { constructor() { this.length = 0; } }", "b = a.length;"],
	},
	{
		rule: "use-before-declaration",
		bad: [
			"f(); function f() {}",
			"const a = f; function f() {}",
			"const a = { f }; function f() {}",
			"function g() { f(); function f() {} }",
			"if (a) { f(); function f() {} }",
			"(() => { f(); })(); function f() {}",
			"function g() { return f(); }\nconst a = g();\nfunction f() {}",
			"class A { constructor() { f(); } }\nconst a = new A();\nfunction f() {}",
			"const g = () => f();\nconst a = [1].map(g);\nfunction f() {}",
			"function h() { f(); }\nfunction g() { h(); }\ng();\nfunction f() { g(); }",
		],
		good: [
			"function f() {} f();",
			"function g() { return f(); } function f() {} g();",
			"const g = () => f(); function f() {} g();",
			"class A { m() { f(); } } function f() { return new A(); } f();",
			"function f() { return f(); }",
			"function g() { function f() {} f(); } function f() {}",
			"function g() { return f; }\nconst a = { g };\nfunction f() {}",
			"const f = () => {}; f();",
		],
	},
	{
		rule: "extends-depth",
		bad: [
			"class A {}\nclass B extends A {}\nclass C extends B {}",
			"const A = class {};\nconst B = class extends A {};\nconst C = class extends B {};",
			"class A extends mixin(B) {}",
		],
		good: ["class A {}\nclass B extends A { constructor() { super(); } }\nclass C extends A {}"],
	},
	{
		rule: "extends-error",
		bad: ["class E extends Error {}", "const E = class extends TypeError {};"],
		good: ["function fail(code) { const error = new Error('a'); error.code = code; return error; }"],
	},
	{
		rule: "super-method",
		bad: [
			"class A { m() {} }\nclass B extends A { m() { super.m(); } }",
			"class A {}\nclass B extends A { get a() { return super['a']; } }",
		],
		good: ["class A { m() {} }\nclass B extends A { constructor() { super(); } n() { this.m(); } }"],
	},
	{
		rule: "loop-closure",
		bad: [
			"for (let i = 0; i < 3; i++) list.push(() => i);",
			"for (const a of list) f(function () { return a; });",
			"for (const a in list) f({ m() { return a; } });",
			"while (f()) { const a = 1; g(() => a); }",
			"do { let a = 1; if (a) { g(() => { h(() => a); }); } } while (f());",
		],
		good: [
			"function later(i) { return () => i; }\nfor (let i = 0; i < 3; i++) list.push(later(i));",
			"for (let i = 0; i < 3; i++) list.push(() => 1);",
			"const a = 1;\nfor (let i = 0; i < 3; i++) list.push(() => a);",
			"list.forEach((a) => { for (let i = 0; i < a; i++) f(i); });",
			"for (let i = 0; i < 3; i++) list.push((a) => { const b = a; return b; });",
		],
	},
	{
		rule: "slice",
		bad: ["a.slice();", "a.b.slice(1, 2);"],
		good: ["a.subarray(1, 2);", "a.substring(1);", "slice(a);", "a.slice;"],
	},
	{
		rule: "regexp",
		bad: ["/a{2}/.test(b);", "b.replace(/a/g, '');", "new RegExp('a');"],
		good: ["a / b / c;", "b.indexOf('a');"],
	},
	{ rule: "wide-text", bad: ["f('a \u2192 b');", "f(`\u20ac`);"], good: ["f('\u00e9');", "f('a'); // a \u2192 b"] },
	{
		rule: "helper",
		bad: ["var __extends = f;", "__awaiter(a);", "import { __rest } from 'tslib';\n__rest(a);"],
		good: ["extend(a);", "const _a = 1; a.__b;"],
	},
];

for (const { rule, bad, good } of SAMPLES) {
	test(`${rule}: found in each bad sample, not in the good ones`, () => {
		assert.ok(bad.length > 0 && good.length > 0);
		// `import` is there to say `import-export` and, in another sample, to bring in a helper.
		const modules = rule !== "import-export";
		for (const sample of bad) {
			const rules = new Set(violations(sample, "sample", { modules }).map((found) => found.rule));
			assert.deepEqual([...rules], [rule], sample);
		}
		for (const sample of good) assert.equal(describe(violations(sample, "sample")), "", sample);
	});
}

test("every rule has samples", () => {
	assert.deepEqual(
		SAMPLES.map(({ rule }) => rule),
		RULES,
	);
});

test("import and export declarations pass where a module is expected, import() does not", () => {
	const source = "import { a } from 'b';\nexport { a };\nexport default class {}\nimport('c');";
	assert.equal(describe(violations(source, "sample", { modules: true })), "sample:4:1 dynamic-import: import('c')");
	assert.equal(violations(source, "sample").length, 4);
});

test("the length of an object that is known not to be an array may be assigned", () => {
	const source = "const f = this.file;\nf.length = 0;\nthis.file.length = 0;\nthis.list.length = 0;\nlist.length = 0;";
	const lines = violations(source, "sample", { ownLength: ["file"] }).map(({ line }) => line);
	assert.deepEqual(lines, [4, 5]);
	assert.equal(violations(source, "sample").length, 4);
});

test("a violation says where it is, in the order of the source", () => {
	const source = "const a = 1;\n\tf(a ** 2,\n\t  [...a]);";
	assert.deepEqual(violations(source, "sample"), [
		{ rule: "exponent", file: "sample", line: 2, column: 4, text: "a ** 2" },
		{ rule: "spread", file: "sample", line: 3, column: 5, text: "...a" },
	]);
	const [syntax] = violations("a;\nconst b = ;", "sample");
	assert.deepEqual([syntax.rule, syntax.line, syntax.column], ["syntax", 2, 11]);
});

for (const bundle of BUNDLES) {
	test(`${bundle} keeps to the subset`, () => {
		const source = readFileSync(path.join(root, bundle), "utf8");
		const modules = !COMMON_JS.test(bundle);
		const found = violations(source, bundle, { modules, ownLength: OWN_LENGTH });
		if (found.length > 0) assert.fail(`${found.length} outside of the subset:\n${describe(found)}`);
	});
}
