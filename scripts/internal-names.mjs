// Which member names of the sources are nobody's business outside the bundle: private ones, those marked @internal, and those of classes
// and interfaces that the entry does not export. The bundle gives them short names, which takes off a third of its size. What a platform declares
// (*.d.ts) keeps its names.
import { readdirSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** @param {string[]} folders the sources @param {string[]} entries the files whose exports are public */
export function internalNames(folders, entries) {
	const files = folders.flatMap((folder) =>
		readdirSync(folder)
			.filter((name) => name.endsWith(".ts"))
			.map((name) => path.join(folder, name)),
	);
	const program = ts.createProgram(files, {
		target: ts.ScriptTarget.ES2015,
		module: ts.ModuleKind.ESNext,
		noEmit: true,
		types: [],
	});
	const checker = program.getTypeChecker();
	/** @param {ts.Symbol} symbol */
	const resolved = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
	const exported = new Set();
	/** @type {Set<string>} */
	const open = new Set();
	for (const entry of entries) {
		const source = program.getSourceFile(entry);
		const module = source && checker.getSymbolAtLocation(source);
		if (!module) throw new Error(`${entry}: expected a module with exports`);
		for (const symbol of checker.getExportsOfModule(module)) {
			exported.add(resolved(symbol));
			// A member of `exports`, where the bundle is no ES module.
			open.add(symbol.name);
		}
	}

	const internal = new Set();
	for (const file of files) {
		ts.forEachChild(/** @type {ts.SourceFile} */ (program.getSourceFile(file)), (node) => {
			if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) return;
			const isPublic =
				file.endsWith(".d.ts") ||
				(node.name && exported.has(/** @type {ts.Symbol} */ (checker.getSymbolAtLocation(node.name))));
			for (const member of node.members) {
				if (!member.name) continue;
				const isPrivate = ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private;
				const isInternal = ts.getJSDocTags(member).some(({ tagName }) => tagName.text === "internal");
				(isPublic && !isPrivate && !isInternal ? open : internal).add(member.name.getText());
			}
		});
	}
	return [...internal].filter((name) => !open.has(name));
}
