// Bundles what is shipped: the core as one ES module, and the desktop command. The virtual modem and card get a bundle of
// their own under build/, for the engine tests only.
import typescript from "@rollup/plugin-typescript";
import { compact, PLAIN } from "./scripts/compact.mjs";

/** @param {string} tsconfig @param {string} outDir */
const compile = (tsconfig, outDir) =>
	typescript({ tsconfig, noEmit: false, outDir, declaration: false, sourceMap: true });

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
		plugins: [compile("tsconfig.json", "dist/cli")],
		onwarn,
	},
];
