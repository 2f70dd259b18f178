// How a bundle for a device is made small: one place, for the bundles that are shipped and for the sizes that the benchmarks print.
import terser from "@rollup/plugin-terser";
import { parse } from "acorn";
import { internalNames } from "./internal-names.mjs";

/** Output options of every bundle: nothing that an engine without Symbol or Object.freeze would stumble over. */
export const PLAIN = {
	generatedCode: /** @type {const} */ ({ preset: "es2015", symbols: false }),
	freeze: false,
	esModule: false,
	externalLiveBindings: false,
};

/** Members that hold an object with a `length` of its own: the walk over the bundles tells them from arrays by these names. */
const OWN_LENGTH = ["file"];
/** No member may get one of these as its short name: Espruino takes no method of such a name. */
const WORDS = ["as", "do", "if", "in", "of", "for", "get", "let", "new", "set", "try", "var"];

/**
 * Numbers with a name on the top level stand in the places where they are used: each name costs memory on Espruino, and while a module is
 * loaded on XS a place on the stack, which is small there.
 */
export const inlineNumbers = {
	name: "inline-numbers",
	/** @param {string} code */
	renderChunk(code) {
		const program = parse(code, { ecmaVersion: 2022, sourceType: "module" });
		/** @type {Map<string, { text: string, statement: { start: number, end: number } }>} */
		const numbers = new Map();
		const exported = new Set();
		for (const statement of program.body) {
			if (statement.type === "ExportNamedDeclaration")
				for (const { local } of statement.specifiers) if (local.type === "Identifier") exported.add(local.name);
			if (statement.type !== "VariableDeclaration" || statement.kind !== "const") continue;
			// Rollup gives each a statement of its own.
			const { id, init } = statement.declarations[0];
			if (id.type !== "Identifier" || !init || !/^[A-Z0-9_$]+$/.test(id.name)) continue;
			const value = init.type === "UnaryExpression" && init.operator === "-" ? init.argument : init;
			if (value.type !== "Literal" || typeof value.value !== "number") continue;
			numbers.set(id.name, { text: code.slice(init.start, init.end), statement });
		}
		for (const name of exported) numbers.delete(name);
		/** @type {{ start: number, end: number, text: string }[]} */
		const edits = [];
		for (const { statement } of numbers.values()) edits.push({ start: statement.start, end: statement.end, text: "" });
		visit(program, (node, parent, key) => {
			if (node.type !== "Identifier") return;
			const number = numbers.get(node.name);
			const isName =
				(parent.type === "MemberExpression" && key === "property" && !parent.computed) ||
				((parent.type === "Property" || parent.type === "MethodDefinition") && key === "key" && !parent.computed) ||
				(parent.type === "VariableDeclarator" && key === "id");
			if (number !== undefined && !isName) edits.push({ start: node.start, end: node.end, text: `(${number.text})` });
		});
		let result = code;
		for (const { start, end, text } of edits.sort((a, b) => b.start - a.start))
			result = result.slice(0, start) + text + result.slice(end);
		return { code: result, map: null };
	},
};

/**
 * @param {any} node
 * @param {(node: any, parent: any, key: string) => void} visitor
 */
function visit(node, visitor) {
	for (const [key, value] of Object.entries(node)) {
		for (const child of Array.isArray(value) ? value : [value]) {
			if (child === null || typeof child !== "object" || typeof child.type !== "string") continue;
			visitor(child, node, key);
			visit(child, visitor);
		}
	}
}

/**
 * Functions stay functions: an inlined one becomes a closure in a loop, which allocates on every call.
 *
 * @param {string[]} [folders] what is bundled
 * @param {string} [entry] the file whose exports are public
 */
export function compact(folders = ["src"], entry = "src/index.ts") {
	return terser(optionsFor(folders, entry));
}

/**
 * The same for Espruino, where names and values cost memory: a Boolean is a 1 or a 0, which needs no place of its own. No statements are joined with
 * commas: such a line can leave an object locked for ever.
 *
 * @param {string[]} folders
 * @param {string} entry
 */
export function compactForEspruino(folders, entry) {
	const options = optionsFor(folders, entry);
	const compress = { ...options.compress, sequences: false, booleans_as_integers: true };
	return [inlineNumbers, terser({ ...options, compress })];
}

/**
 * @param {string[]} folders
 * @param {string} entry
 */
function optionsFor(folders, entry) {
	const names = internalNames(folders, entry);
	return {
		ecma: /** @type {const} */ (2015),
		module: true,
		compress: { inline: 0, reduce_funcs: false, passes: 3 },
		mangle: {
			properties: { builtins: true, reserved: [...OWN_LENGTH, ...WORDS], regex: new RegExp(`^(${names.join("|")})$`) },
		},
		format: { comments: false, ascii_only: true },
	};
}
