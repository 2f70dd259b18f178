// Which declaration a name in a syntax tree means. As much of ECMA-262's scoping as the subset walk needs.

import type { AnyNode, ClassDeclaration, ClassExpression } from "acorn";

export type Kind = "let" | "const" | "var" | "function" | "class" | "import" | "parameter";

export interface Declaration {
	kind: Kind;
	/** The function, the class, the declarator, or the name itself. */
	node: AnyNode;
}

export interface Resolved extends Declaration {
	/** From the program down to the node that is the scope of the declaration. */
	scope: AnyNode[];
}

/** Visits a node and all below it, each with the nodes above it, the outermost first. */
export function walk(node: AnyNode, visit: (node: AnyNode, above: AnyNode[]) => void, above: AnyNode[] = []): void {
	visit(node, above);
	const path = [...above, node];
	for (const child of children(node)) walk(child, visit, path);
}

function children(node: AnyNode): AnyNode[] {
	// `export { a }` and `import { a }` hold the same node twice.
	const values = new Set(Object.values(node).flat());
	return [...values].filter(
		(value): value is AnyNode => typeof value === "object" && value !== null && typeof value.type === "string",
	);
}

export function isFunction(node: AnyNode | undefined): boolean {
	return (
		node?.type === "FunctionDeclaration" ||
		node?.type === "FunctionExpression" ||
		node?.type === "ArrowFunctionExpression"
	);
}

export function isClass(node: AnyNode | null | undefined): node is ClassDeclaration | ClassExpression {
	return node?.type === "ClassDeclaration" || node?.type === "ClassExpression";
}

/** Whether an identifier stands for a variable, not for a key, a label or an exported name. */
export function isReference(node: AnyNode, parent: AnyNode | undefined): boolean {
	switch (parent?.type) {
		case "MemberExpression":
			return parent.object === node || parent.computed;
		case "Property":
		case "MethodDefinition":
		case "PropertyDefinition":
			return parent.value === node || parent.computed;
		case "LabeledStatement":
		case "BreakStatement":
		case "ContinueStatement":
		case "MetaProperty":
		case "ImportSpecifier":
		case "ExportSpecifier":
			return false;
		default:
			return true;
	}
}

/** The innermost function that does not run where it stands; undefined at the top. */
export function levelOf(path: AnyNode[]): AnyNode | undefined {
	for (let i = path.length - 1; i >= 0; i--) {
		const node = path[i];
		if (!isFunction(node)) continue;
		const parent = path[i - 1];
		if (parent?.type !== "CallExpression" || parent.callee !== node) return node;
	}
	return undefined;
}

export class Scopes {
	private readonly known = new WeakMap<AnyNode, Map<string, Declaration>>();

	/** The declaration that a name means at a place, or undefined for a global. */
	resolve(name: string, above: AnyNode[]): Resolved | undefined {
		for (let i = above.length - 1; i >= 0; i--) {
			const found = this.declarations(above[i]).get(name);
			if (found) return { ...found, scope: above.slice(0, i + 1) };
		}
		return undefined;
	}

	private declarations(scope: AnyNode): Map<string, Declaration> {
		let names = this.known.get(scope);
		if (names === undefined) {
			names = new Map();
			collect(scope, names);
			this.known.set(scope, names);
		}
		return names;
	}
}

function collect(scope: AnyNode, names: Map<string, Declaration>): void {
	switch (scope.type) {
		case "Program":
			collectVars(scope, names);
			for (const statement of scope.body) collectStatement(statement, names);
			break;
		case "BlockStatement":
		case "StaticBlock":
			for (const statement of scope.body) collectStatement(statement, names);
			break;
		case "SwitchStatement":
			for (const { consequent } of scope.cases) for (const statement of consequent) collectStatement(statement, names);
			break;
		case "FunctionDeclaration":
		case "FunctionExpression":
		case "ArrowFunctionExpression":
			if (scope.type === "FunctionExpression" && scope.id)
				names.set(scope.id.name, { kind: "function", node: scope.id });
			if (scope.type !== "ArrowFunctionExpression") names.set("arguments", { kind: "parameter", node: scope });
			collectVars(scope.body, names);
			for (const parameter of scope.params) collectPattern(parameter, { kind: "parameter", node: parameter }, names);
			break;
		case "ForStatement":
			if (scope.init?.type === "VariableDeclaration") collectStatement(scope.init, names);
			break;
		case "ForInStatement":
		case "ForOfStatement":
			if (scope.left.type === "VariableDeclaration") collectStatement(scope.left, names);
			break;
		case "CatchClause":
			if (scope.param) collectPattern(scope.param, { kind: "parameter", node: scope.param }, names);
			break;
		case "ClassExpression":
			if (scope.id) names.set(scope.id.name, { kind: "class", node: scope });
			break;
	}
}

/** What a statement declares in the block that it stands in; `var` is collected elsewhere. */
function collectStatement(statement: AnyNode, names: Map<string, Declaration>): void {
	switch (statement.type) {
		case "FunctionDeclaration":
			if (statement.id) names.set(statement.id.name, { kind: "function", node: statement });
			break;
		case "ClassDeclaration":
			if (statement.id) names.set(statement.id.name, { kind: "class", node: statement });
			break;
		case "VariableDeclaration":
			if (statement.kind === "let" || statement.kind === "const")
				for (const node of statement.declarations) collectPattern(node.id, { kind: statement.kind, node }, names);
			break;
		case "ImportDeclaration":
			for (const node of statement.specifiers) names.set(node.local.name, { kind: "import", node });
			break;
		case "ExportNamedDeclaration":
		case "ExportDefaultDeclaration":
			if (statement.declaration) collectStatement(statement.declaration, names);
			break;
	}
}

function collectVars(body: AnyNode, names: Map<string, Declaration>): void {
	if (body.type === "VariableDeclaration" && body.kind === "var")
		for (const node of body.declarations) collectPattern(node.id, { kind: "var", node }, names);
	for (const child of children(body)) if (!isFunction(child)) collectVars(child, names);
}

function collectPattern(pattern: AnyNode, declaration: Declaration, names: Map<string, Declaration>): void {
	switch (pattern.type) {
		case "Identifier":
			names.set(pattern.name, declaration);
			break;
		case "AssignmentPattern":
			collectPattern(pattern.left, declaration, names);
			break;
		case "RestElement":
			collectPattern(pattern.argument, declaration, names);
			break;
		case "ArrayPattern":
			for (const element of pattern.elements) if (element) collectPattern(element, declaration, names);
			break;
		case "ObjectPattern":
			for (const property of pattern.properties)
				collectPattern(property.type === "RestElement" ? property : property.value, declaration, names);
			break;
	}
}
