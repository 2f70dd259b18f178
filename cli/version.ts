// The version, from the package that this program is a part of.

import { readFileSync } from "node:fs";

export function version(): string {
	// dist/cli/simstrap.js and package.json always lie in the same package.
	return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
}
