// Loads a module of a platform that Node is not: what it imports, and its globals, are given.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Run from build/test/. */
const HAL = fileURLToPath(new URL("../../hal/", import.meta.url));

/**
 * @param file in hal/
 * @param modules what `require` and imports give, by name
 * @param globals by name
 */
export function loadModule<Exports>(
	file: string,
	modules: Record<string, unknown> = {},
	globals: Record<string, unknown> = {},
): Exports {
	const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS };
	const source = readFileSync(path.join(HAL, file), "utf8");
	const { outputText } = ts.transpileModule(source, { compilerOptions: options });
	const exported = {};
	const get = (name: string) => {
		if (modules[name] === undefined) throw new Error(`no module ${name}`);
		return modules[name];
	};
	const names = Object.keys(globals);
	new Function("exports", "require", ...names, outputText)(exported, get, ...names.map((name) => globals[name]));
	return exported as Exports;
}
