// Bundles what is shipped: the core as one ES module, the modules for Espruino, and the desktop command. The virtual modem and
// card get a bundle of their own under build/, for the engine tests only.
import path from "node:path";
import typescript from "@rollup/plugin-typescript";
import { compact, compactForEspruino, inlineNumbers, PLAIN } from "./scripts/compact.mjs";

/** @param {string} tsconfig @param {string} outDir @param {boolean} [sourceMap] */
const compile = (tsconfig, outDir, sourceMap = true) =>
	typescript({ tsconfig, noEmit: false, outDir, declaration: false, sourceMap });

/** Espruino's own hex routines take the place of the portable ones. */
const nativeHex = {
	name: "native-hex",
	/** @param {string} source */
	resolveId: (source) => (source === "./hex.js" ? path.resolve("hal/espruino/hex.ts") : null),
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
	...["index", "boot"].map((name) => ({
		input: `hal/espruino/${name}.ts`,
		output: {
			file: `dist/simstrap.espruino${name === "index" ? "" : ".boot"}.js`,
			format: "cjs",
			exports: "named",
			strict: false,
			...PLAIN,
		},
		plugins: [
			nativeHex,
			compile("hal/espruino/tsconfig.json", "dist", false),
			...compactForEspruino(["src", "hal/espruino"], `hal/espruino/${name}.ts`),
		],
		onwarn,
	})),
	{
		input: "hal/moddable/entry.ts",
		output: { file: "dist/simstrap.moddable.js", format: "es", ...PLAIN },
		external: ["time", "timer"],
		plugins: [compile("hal/moddable/tsconfig.json", "dist", false), inlineNumbers],
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
