// Bundles what is shipped: the core as one ES module, and the desktop command. The virtual modem and card get a bundle of
// their own under build/, for the engine tests only.
import terser from "@rollup/plugin-terser";
import typescript from "@rollup/plugin-typescript";
import { internalNames } from "./scripts/internal-names.mjs";

/** Functions stay functions: an inlined one becomes a closure in a loop, which allocates on every call. */
const compact = () =>
	terser({
		ecma: 2015,
		module: true,
		compress: { inline: 0, reduce_funcs: false, passes: 3 },
		mangle: { properties: { builtins: true, regex: new RegExp(`^(${internalNames("src", "src/index.ts").join("|")})$`) } },
		format: { comments: false },
	});

const plain = {
	generatedCode: { preset: "es2015", symbols: false },
	freeze: false,
	esModule: false,
	externalLiveBindings: false,
};

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
		output: { file: "dist/simstrap.js", format: "es", sourcemap: true, ...plain },
		plugins: [compile("src/tsconfig.json", "dist"), compact()],
		onwarn,
	},
	{
		input: "virtual/index.ts",
		output: { file: "build/bundle/virtual.js", format: "es", sourcemap: true, ...plain },
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
