// Which member names of src/ are nobody's business outside the bundle: private ones, and those of classes and interfaces that
// src/index.ts does not export. The bundle gives them short names, which takes off a third of its size.
import { readdirSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** @param {string} folder the sources @param {string} entry the file whose exports are public */
export function internalNames(folder, entry) {
	const files = readdirSync(folder)
		.filter((name) => name.endsWith(".ts"))
		.map((name) => path.join(folder, name));
	const program = ts.createProgram(files, {
		target: ts.ScriptTarget.ES2015,
		module: ts.ModuleKind.ESNext,
		noEmit: true,
	});
	const checker = program.getTypeChecker();
	/** @param {ts.Symbol} symbol */
	const resolved = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
	const source = program.getSourceFile(entry);
	const module = source && checker.getSymbolAtLocation(source);
	if (!module) throw new Error(`${entry}: expected a module with exports`);
	const exported = new Set(checker.getExportsOfModule(module).map(resolved));

	const open = new Set();
	const internal = new Set();
	for (const file of files) {
		ts.forEachChild(/** @type {ts.SourceFile} */ (program.getSourceFile(file)), (node) => {
			if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) return;
			const isPublic = node.name && exported.has(/** @type {ts.Symbol} */ (checker.getSymbolAtLocation(node.name)));
			for (const member of node.members) {
				if (!member.name) continue;
				const isPrivate = ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private;
				(isPublic && !isPrivate ? open : internal).add(member.name.getText());
			}
		});
	}
	return [...internal].filter((name) => !open.has(name));
}
