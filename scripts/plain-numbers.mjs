// Puts numbers where their names are used. On Espruino a name at the top of a module takes a block of memory and is searched for at each use; on
// XS it takes a place on the stack, which is small there, while the module is loaded.

/** @typedef {{ type: string, start: number, end: number, [key: string]: any }} Node */

/** A number, or one with a minus before it. @param {Node | null} node */
const isNumber = (node) =>
	node !== null &&
	((node.type === "Literal" && typeof node.value === "number") ||
		(node.type === "UnaryExpression" && node.operator === "-" && isNumber(node.argument)));

/**
 * Visits each identifier that stands for a variable.
 *
 * @param {Node} node
 * @param {(identifier: Node) => void} visit
 */
function eachVariable(node, visit) {
	if (node.type === "Identifier") visit(node);
	for (const [key, value] of Object.entries(node)) {
		const isName = (key === "property" || key === "key") && !node.computed;
		if (isName || value === null || typeof value !== "object") continue;
		for (const child of Array.isArray(value) ? value : [value])
			if (child && typeof child.type === "string") eachVariable(child, visit);
	}
}

/** Constants are told by their capitals: no other name is written so. @returns {import("rollup").Plugin} */
export function plainNumbers() {
	return {
		name: "plain-numbers",
		renderChunk(code) {
			const program = /** @type {Node} */ (this.parse(code));
			/** @type {Map<string, string>} */
			const numbers = new Map();
			/** @type {[number, number, string][]} */
			const edits = [];
			/** @type {Set<string>} */
			const exported = new Set();
			for (const { type, specifiers } of program.body)
				if (type === "ExportNamedDeclaration") for (const { local } of specifiers) exported.add(local.name);
			for (const { type, kind, declarations, start, end } of program.body) {
				if (type !== "VariableDeclaration" || kind !== "const" || declarations.length !== 1) continue;
				const { id, init } = declarations[0];
				if (!/^[A-Z][A-Z0-9_$]+$/.test(id.name) || !isNumber(init) || exported.has(id.name)) continue;
				numbers.set(id.name, `(${code.slice(init.start, init.end)})`);
				edits.push([start, end, ""]);
			}
			eachVariable(program, ({ name, start, end }) => {
				const number = numbers.get(name);
				if (number !== undefined) edits.push([start, end, number]);
			});
			let text = "";
			let at = 0;
			for (const [start, end, number] of edits.sort((a, b) => a[0] - b[0])) {
				if (start < at) continue;
				text += code.slice(at, start) + number;
				at = end;
			}
			return text + code.slice(at);
		},
	};
}
