// How a bundle for a device is made small: one place, for the bundles that are shipped and for the sizes that the benchmarks print.
import terser from "@rollup/plugin-terser";
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
 * Functions stay functions: an inlined one becomes a closure in a loop, which allocates on every call.
 *
 * @param {string[]} [folders] what is bundled
 * @param {string[]} [entries] the files whose exports are public
 * @param {boolean} [espruino] no statements joined with commas, since such a line can leave an object locked for ever there; a Boolean is a 1 or a 0,
 *   which needs no block of memory of its own
 * @param {object} [nameCache] the same object for bundles whose short names have to agree, because they work on the same objects
 */
export function compact(folders = ["src"], entries = ["src/index.ts"], espruino = false, nameCache = undefined) {
	const names = internalNames(folders, entries);
	return terser({
		ecma: 2015,
		module: true,
		nameCache,
		compress: {
			inline: 0,
			reduce_funcs: false,
			passes: 3,
			sequences: !espruino,
			booleans_as_integers: espruino,
		},
		mangle: {
			properties: { builtins: true, reserved: [...OWN_LENGTH, ...WORDS], regex: new RegExp(`^(${names.join("|")})$`) },
		},
		format: { comments: false, ascii_only: true },
	});
}
