// `npm run api` writes pages of the interfaces from their doc comments to build/api/: the core, and the HALs.
// A doc comment that refers to something that is not there is an error.

import path from "node:path";
import { Application } from "typedoc";
import { ROOT } from "./build.mjs";

/** Each has its own library and ambient types, and so a page tree of its own. */
const PARTS = [
	{ name: "core", title: "simstrap", entry: "src/index.ts", tsconfig: "src/tsconfig.json" },
	{
		name: "moddable",
		title: "simstrap on Moddable",
		entry: "hal/moddable/index.ts",
		tsconfig: "hal/moddable/tsconfig.json",
	},
	{
		name: "espruino",
		title: "simstrap on Espruino",
		entry: "hal/espruino/index.ts",
		tsconfig: "hal/espruino/tsconfig.json",
	},
	{ name: "node", title: "simstrap on Node", entry: "hal/node/index.ts", tsconfig: "hal/node/tsconfig.json" },
];

for (const { name, title, entry, tsconfig } of PARTS) {
	const app = await Application.bootstrap({
		name: title,
		entryPoints: [path.join(ROOT, entry)],
		tsconfig: path.join(ROOT, tsconfig),
		out: path.join(ROOT, "build", "api", name),
		readme: "none",
		excludePrivate: true,
		excludeInternal: true,
		disableSources: true,
		disableGit: true,
		hideGenerator: true,
		githubPages: false,
		treatValidationWarningsAsErrors: true,
		validation: { notExported: false, invalidLink: true, notDocumented: false },
		logLevel: "Warn",
	});
	const project = await app.convert();
	if (project === undefined) process.exit(1);
	await app.generateOutputs(project);
	if (app.logger.hasErrors()) process.exit(1);
	console.log(`build/api/${name}/index.html`);
}
