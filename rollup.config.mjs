// Bundles what is shipped: the core as one ES module, the modules for Moddable, Espruino and Node, and the desktop command. The virtual modem and
// card get a bundle of their own under build/, for the engine tests only.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import typescript from "@rollup/plugin-typescript";
import { compact, PLAIN } from "./scripts/compact.mjs";
import { plainNumbers } from "./scripts/plain-numbers.mjs";
import { readyFiles } from "./scripts/ready-files.mjs";

/** @param {string} tsconfig @param {string} outDir @param {boolean} [sourceMap] */
const compile = (tsconfig, outDir, sourceMap = true) =>
	typescript({ tsconfig, noEmit: false, outDir, declaration: false, sourceMap });

/** The modules for Espruino. Their short names agree: see hal/espruino/build.ts. */
const ESPRUINO = { index: "simstrap.espruino", boot: "simstrap.espruino.boot", secure: "simstrap.espruino.secure" };
const espruinoNames = compact(
	["src", "hal/espruino"],
	Object.keys(ESPRUINO).map((name) => `hal/espruino/${name}.ts`),
	true,
	{},
);

/** Tells builds apart whose short names may differ. */
function buildStamp() {
	const hash = createHash("sha256");
	for (const folder of ["src", "hal/espruino"])
		for (const name of readdirSync(folder).sort()) hash.update(readFileSync(path.join(folder, name)));
	return hash.update(readFileSync("package-lock.json")).digest("hex").slice(0, 8);
}

const stamped = {
	name: "stamped",
	/** @param {string} code @param {string} id */
	transform: (code, id) => (id.endsWith("hal/espruino/build.ts") ? code.replace('"BUILD"', `"${buildStamp()}"`) : null),
};

/** @param {import("rollup").RollupLog} warning */
function onwarn(warning) {
	throw new Error(`rollup: ${warning.message}`);
}

export default [
	{
		input: "src/index.ts",
		output: { file: "dist/simstrap.js", format: "es", sourcemap: true, ...PLAIN },
		plugins: [compile("src/tsconfig.json", "dist"), compact()],
		onwarn,
	},
	...Object.entries(ESPRUINO).map(([name, file]) => ({
		input: `hal/espruino/${name}.ts`,
		output: { file: `dist/${file}.js`, format: "cjs", exports: "named", strict: false, ...PLAIN },
		plugins: [
			compile("hal/espruino/tsconfig.json", "dist", false),
			stamped,
			plainNumbers(),
			espruinoNames,
			...(name === "boot" ? [readyFiles()] : []),
		],
		onwarn,
	})),
	{
		input: "hal/moddable/entry.ts",
		output: { file: "dist/simstrap.moddable.js", format: "es", ...PLAIN },
		external: ["time", "timer"],
		plugins: [compile("hal/moddable/tsconfig.json", "dist", false), plainNumbers()],
		onwarn,
	},
	{
		input: "hal/node/index.ts",
		output: { file: "dist/simstrap.node.js", format: "es", sourcemap: true, ...PLAIN },
		external: [/^node:/],
		plugins: [compile("hal/node/tsconfig.json", "dist")],
		onwarn,
	},
	{
		input: "virtual/index.ts",
		output: { file: "build/bundle/virtual.js", format: "es", sourcemap: true, ...PLAIN },
		plugins: [compile("virtual/tsconfig.json", "build/bundle")],
		onwarn,
	},
	{
		input: "cli/main.ts",
		output: {
			file: "dist/cli/simstrap.js",
			format: "es",
			banner: "#!/usr/bin/env node",
			sourcemap: true,
			inlineDynamicImports: true,
		},
		external: [/^node:/, "serialport", "@lydell/node-pty"],
		plugins: [compile("cli/tsconfig.json", "dist/cli")],
		onwarn,
	},
];
