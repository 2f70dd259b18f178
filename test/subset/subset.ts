// The subset of JavaScript that the devices' bundles keep to: what Espruino does not parse, lacks, or runs with another
// result is found in the syntax tree. It sees names and shapes, not types, so it refuses a little more than it must
// (any `.slice()`; `x.length = 0` unless x is seen not to be an array).

import { type AnyNode, type Class, type MemberExpression, type Options, type Program, parse } from "acorn";
import { type Declaration, isClass, isFunction, isReference, levelOf, Scopes, walk } from "./scope.js";

export const RULES = [
	"syntax",
	// Does not parse.
	"default-parameter",
	"rest",
	"spread",
	"destructuring",
	"computed-key",
	"optional-chaining",
	"logical-assignment",
	"exponent",
	"async",
	"generator",
	"label",
	"default-not-last",
	"tagged-template",
	"private-name",
	"static-block",
	"class-field",
	"bigint",
	"numeric-separator",
	"optional-catch-binding",
	"new-target",
	"import-export",
	"dynamic-import",
	"import-meta",
	"reserved-name",
	// Is not there.
	"missing-global",
	"missing-member",
	// Runs, but otherwise than elsewhere.
	"array-length",
	"use-before-declaration",
	"extends-depth",
	"extends-error",
	"super-method",
	"loop-closure",
	"slice",
	"regexp",
	"wide-text",
	// Not a fault of an engine: code that TypeScript adds for a target below what the source uses.
	"helper",
] as const;

export type Rule = (typeof RULES)[number];

export interface Violation {
	rule: Rule;
	file: string;
	/** From 1. */
	line: number;
	/** From 1. */
	column: number;
	text: string;
}

export interface SubsetOptions {
	/** Allow `import` and `export` declarations: a bundle that is an ES module. */
	modules?: boolean;
	/** Members that hold an object with a `length` of its own, which may be assigned: `this.file.length = 0`. */
	ownLength?: string[];
}

const TEXT_LENGTH = 80;

const MISSING_GLOBALS = new Set([
	...["Symbol", "Map", "Set", "WeakMap", "WeakSet", "WeakRef", "FinalizationRegistry", "Proxy", "Reflect"],
	...["TextEncoder", "TextDecoder", "RangeError", "EvalError", "URIError", "AggregateError"],
]);
const BIGINT_GLOBALS = new Set(["BigInt", "BigInt64Array", "BigUint64Array"]);
const ERRORS = /^(Aggregate|Eval|Internal|Range|Reference|Syntax|Type|URI)?Error$/;
const TYPED_ARRAY = /^(Uint8|Uint8Clamped|Int8|Uint16|Int16|Uint32|Int32|Float32|Float64)Array$/;

/** What a built-in object has; every other member of it is missing. */
const PRESENT: Record<string, Set<string>> = {
	Math: new Set([
		...[
			"E",
			"LN10",
			"LN2",
			"LOG10E",
			"LOG2E",
			"PI",
			"SQRT1_2",
			"SQRT2",
			"abs",
			"acos",
			"asin",
			"atan",
			"atan2",
			"ceil",
		],
		...["cos", "exp", "floor", "log", "max", "min", "pow", "random", "round", "sin", "sqrt", "tan"],
	]),
	Number: new Set(["MAX_VALUE", "MIN_VALUE", "NEGATIVE_INFINITY", "NaN", "POSITIVE_INFINITY", "prototype"]),
	Array: new Set(["isArray", "prototype"]),
	String: new Set(["fromCharCode", "prototype"]),
};
const MISSING: Record<string, Set<string>> = {
	Object: new Set(["freeze", "isFrozen", "seal", "isSealed", "preventExtensions", "isExtensible", "is", "hasOwn"]),
};

/** Words that Espruino's lexer keeps for itself; `of`, `static` and `undefined` are among them. */
const RESERVED = new Set([
	...["break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else", "enum"],
	...["export", "extends", "false", "finally", "for", "function", "if", "import", "in", "instanceof", "let", "new"],
	...["null", "of", "return", "static", "super", "switch", "this", "throw", "true", "try", "typeof", "undefined"],
	...["var", "void", "while", "with"],
]);

const HELPER = /^__[A-Za-z]/;

/** Everything in a source that is outside of the subset, in the order of the source. */
export function violations(source: string, name: string, options: SubsetOptions = {}): Violation[] {
	let program: Program;
	try {
		program = read(source);
	} catch (error) {
		const { message, loc } = error as SyntaxError & { loc?: { line: number; column: number } };
		return [{ rule: "syntax", file: name, line: loc?.line ?? 1, column: (loc?.column ?? 0) + 1, text: message }];
	}
	const walker = new Walker(program, options);
	return walker.run().map(({ rule, node }) => ({
		rule,
		file: name,
		line: node.loc?.start.line ?? 0,
		column: (node.loc?.start.column ?? 0) + 1,
		text: source.slice(node.start, Math.min(node.end, node.start + TEXT_LENGTH)).replace(/\s+/g, " "),
	}));
}

/** One line for each violation. */
export function describe(found: Violation[]): string {
	return found.map(({ rule, file, line, column, text }) => `${file}:${line}:${column} ${rule}: ${text}`).join("\n");
}

function read(source: string): Program {
	const options: Options = { ecmaVersion: "latest", locations: true };
	try {
		return parse(source, { ...options, sourceType: "module" });
	} catch (error) {
		try {
			return parse(source, { ...options, sourceType: "script", allowReturnOutsideFunction: true });
		} catch {
			throw error;
		}
	}
}

interface Found {
	rule: Rule;
	node: AnyNode;
}

/** A use of a function or a class that runs where it stands. */
interface Entry {
	use: AnyNode;
	level: AnyNode | undefined;
	declaration: AnyNode;
}

class Walker {
	private readonly found: Found[] = [];
	private readonly scopes = new Scopes();
	/** For each function declaration, the function in which it is declared. */
	private readonly levels = new Map<AnyNode, AnyNode | undefined>();
	/** For each function or class that has a name, those that its code mentions. */
	private readonly mentions = new Map<AnyNode, Set<AnyNode>>();
	private readonly entries: Entry[] = [];

	constructor(
		private readonly program: Program,
		private readonly options: SubsetOptions,
	) {}

	run(): Found[] {
		walk(this.program, (node, above) => this.visit(node, above));
		for (const entry of this.entries) this.follow(entry);
		return this.found.sort((a, b) => a.node.start - b.node.start);
	}

	private add(rule: Rule, node: AnyNode): void {
		if (!this.found.some((other) => other.rule === rule && other.node === node)) this.found.push({ rule, node });
	}

	private visit(node: AnyNode, above: AnyNode[]): void {
		const parent = above[above.length - 1];
		switch (node.type) {
			case "FunctionDeclaration":
			case "FunctionExpression":
			case "ArrowFunctionExpression":
				if (node.async) this.add("async", node);
				if (node.generator) this.add("generator", node);
				for (const parameter of node.params)
					if (parameter.type === "AssignmentPattern") this.add("default-parameter", parameter);
				break;
			case "RestElement":
				this.add("rest", node);
				break;
			case "SpreadElement":
				this.add("spread", node);
				break;
			case "ObjectPattern":
			case "ArrayPattern":
				this.add("destructuring", node);
				break;
			case "Property":
				if (parent?.type === "ObjectPattern") break;
				if (node.computed) this.add("computed-key", node);
				if (node.method || node.kind !== "init") this.checkMethodName(node.key);
				break;
			case "MethodDefinition":
				if (node.computed) this.add("computed-key", node);
				else this.checkMethodName(node.key);
				break;
			case "PropertyDefinition":
				this.add(node.computed ? "computed-key" : "class-field", node);
				break;
			case "PrivateIdentifier":
				this.add("private-name", node);
				break;
			case "StaticBlock":
				this.add("static-block", node);
				break;
			case "ChainExpression":
				this.add("optional-chaining", node);
				break;
			case "AssignmentExpression":
				if (node.operator === "??=" || node.operator === "||=" || node.operator === "&&=")
					this.add("logical-assignment", node);
				if (node.operator === "**=") this.add("exponent", node);
				this.checkLength(node.left, node, above);
				break;
			case "UpdateExpression":
				this.checkLength(node.argument, node, above);
				break;
			case "BinaryExpression":
				if (node.operator === "**") this.add("exponent", node);
				break;
			case "AwaitExpression":
				if (levelOf(above) === undefined) this.add("async", node);
				break;
			case "ForOfStatement":
				if (node.await) this.add("async", node);
				break;
			case "LabeledStatement":
				this.add("label", node);
				break;
			case "SwitchStatement":
				for (const branch of node.cases.slice(0, -1)) if (!branch.test) this.add("default-not-last", branch);
				break;
			case "TaggedTemplateExpression":
				this.add("tagged-template", node);
				break;
			case "Literal":
				if (node.regex) this.add("regexp", node);
				if (typeof node.bigint === "string") this.add("bigint", node);
				else if (typeof node.value === "number" && node.raw?.includes("_")) this.add("numeric-separator", node);
				if (typeof node.value === "string" && isWide(node.value)) this.add("wide-text", node);
				break;
			case "TemplateElement":
				if (isWide(node.value.cooked ?? node.value.raw)) this.add("wide-text", node);
				break;
			case "CatchClause":
				if (!node.param) this.add("optional-catch-binding", node);
				break;
			case "MetaProperty":
				this.add(node.meta.name === "new" ? "new-target" : "import-meta", node);
				break;
			case "ImportExpression":
				this.add("dynamic-import", node);
				break;
			case "ImportDeclaration":
			case "ExportNamedDeclaration":
			case "ExportDefaultDeclaration":
			case "ExportAllDeclaration":
				if (!this.options.modules) this.add("import-export", node);
				break;
			case "ClassDeclaration":
			case "ClassExpression":
				this.checkExtends(node, above);
				break;
			case "MemberExpression":
				this.checkMember(node, above);
				break;
			case "Identifier":
				if (isReference(node, parent)) this.checkReference(node, node.name, above);
				break;
		}
	}

	private checkMethodName(key: AnyNode): void {
		if (key.type === "Identifier" && RESERVED.has(key.name)) this.add("reserved-name", key);
	}

	private checkLength(target: AnyNode, node: AnyNode, above: AnyNode[]): void {
		if (
			target.type === "MemberExpression" &&
			memberName(target) === "length" &&
			!this.hasOwnLength(target.object, above)
		)
			this.add("array-length", node);
	}

	private hasOwnLength(object: AnyNode, above: AnyNode[]): boolean {
		if (object.type === "ThisExpression") return true;
		if (object.type === "MemberExpression") return this.options.ownLength?.includes(memberName(object) ?? "") === true;
		if (object.type !== "Identifier") return false;
		const variable = this.scopes.resolve(object.name, above);
		if (variable?.kind !== "const" || variable.node.type !== "VariableDeclarator") return false;
		return variable.node.init?.type === "MemberExpression" && this.hasOwnLength(variable.node.init, above);
	}

	private checkMember(node: MemberExpression, above: AnyNode[]): void {
		const { object } = node;
		const name = memberName(node);
		if (object.type === "Super") this.add("super-method", node);
		if (name === undefined) return;
		if (name === "copyWithin") this.add("missing-member", node);
		const parent = above[above.length - 1];
		if (name === "slice" && parent?.type === "CallExpression" && parent.callee === node) this.add("slice", parent);
		if (object.type !== "Identifier" || this.scopes.resolve(object.name, above)) return;
		const owner = object.name;
		if (owner === "globalThis" || owner === "global") this.checkGlobal(node, name);
		else if (Object.hasOwn(PRESENT, owner) ? !PRESENT[owner].has(name) : MISSING[owner]?.has(name))
			this.add("missing-member", node);
		else if (TYPED_ARRAY.test(owner) && (name === "from" || name === "of")) this.add("missing-member", node);
	}

	private checkGlobal(node: AnyNode, name: string): void {
		if (MISSING_GLOBALS.has(name)) this.add("missing-global", node);
		else if (BIGINT_GLOBALS.has(name)) this.add("bigint", node);
		else if (name === "RegExp") this.add("regexp", node);
	}

	private checkExtends(node: Class, above: AnyNode[]): void {
		const { superClass } = node;
		if (!superClass) return;
		if (superClass.type !== "Identifier") {
			// What it extends cannot be told from the tree.
			this.add("extends-depth", superClass);
			return;
		}
		const base = this.scopes.resolve(superClass.name, above);
		if (base === undefined) {
			if (ERRORS.test(superClass.name)) this.add("extends-error", superClass);
			return;
		}
		const code = codeOf(base);
		if (isClass(code) && code.superClass) this.add("extends-depth", superClass);
	}

	private checkReference(node: AnyNode, name: string, above: AnyNode[]): void {
		if (HELPER.test(name)) this.add("helper", node);
		const declaration = this.scopes.resolve(name, above);
		if (declaration === undefined) {
			this.checkGlobal(node, name);
			return;
		}
		if (name !== "undefined" && RESERVED.has(name)) this.add("reserved-name", node);
		const { scope } = declaration;
		if (isCapturedInLoop(declaration, scope, above)) this.add("loop-closure", node);

		const code = codeOf(declaration);
		if (code === undefined || isOwnName(node, above)) return;
		for (const outer of above) {
			if (!isFunction(outer) && !isClass(outer)) continue;
			let mentioned = this.mentions.get(outer);
			if (mentioned === undefined) {
				mentioned = new Set();
				this.mentions.set(outer, mentioned);
			}
			mentioned.add(code);
		}
		if (declaration.kind === "function") this.levels.set(code, levelOf(scope));
		const level = levelOf(above);
		if (level !== levelOf(scope)) return;
		if (declaration.kind === "function" && node.start < code.start) this.add("use-before-declaration", node);
		const parent = above[above.length - 1];
		if (parent?.type === "CallExpression" || parent?.type === "NewExpression")
			this.entries.push({ use: node, level, declaration: code });
	}

	/** Refuses a call that can reach a function which is declared further down at the level of the call. */
	private follow({ use, level, declaration }: Entry): void {
		const reached = new Set([declaration]);
		for (const code of reached) {
			if (code.start > use.start && this.levels.has(code) && this.levels.get(code) === level)
				this.add("use-before-declaration", use);
			for (const next of this.mentions.get(code) ?? []) reached.add(next);
		}
	}
}

/** The function or class that a name is declared to be. */
function codeOf({ node }: Declaration): AnyNode | undefined {
	const code = node.type === "VariableDeclarator" ? node.init : node;
	return code && (isFunction(code) || isClass(code)) ? code : undefined;
}

function isOwnName(node: AnyNode, above: AnyNode[]): boolean {
	const parent = above[above.length - 1];
	return (
		parent !== undefined &&
		((isClass(parent) && parent.id === node) ||
			(parent.type === "FunctionDeclaration" && parent.id === node) ||
			(parent.type === "VariableDeclarator" && parent.id === node))
	);
}

/** Whether a function in a loop uses a `let` or `const` of that loop. */
function isCapturedInLoop({ kind }: Declaration, scope: AnyNode[], above: AnyNode[]): boolean {
	if (kind !== "let" && kind !== "const") return false;
	if (!above.slice(scope.length).some(isFunction)) return false;
	for (let i = scope.length - 1; i >= 0 && !isFunction(scope[i]); i--) if (isLoop(scope[i])) return true;
	return false;
}

function isLoop({ type }: AnyNode): boolean {
	return /^(For|ForIn|ForOf|While|DoWhile)Statement$/.test(type);
}

function memberName({ computed, property }: MemberExpression): string | undefined {
	if (!computed) return property.type === "Identifier" ? property.name : undefined;
	return property.type === "Literal" && typeof property.value === "string" ? property.value : undefined;
}

/** Whether a text has characters that are not bytes. */
function isWide(text: string): boolean {
	for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return true;
	return false;
}
