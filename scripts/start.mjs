// `npm start`: builds when needed, then is the desktop command. `npm start` means `simstrap read`, and
// `npm start -- --device X` means `simstrap read --device X`.

import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { isUpToDate, ROOT } from "./build.mjs";

const NOT_OF_READ = new Set(["--help", "-h", "--version"]);

if (!isUpToDate()) {
	// In a process of its own: what a build loads is large. Standard output stays clean for the command.
	const { status } = spawnSync(process.execPath, [path.join(ROOT, "scripts", "build.mjs")], {
		stdio: ["ignore", 2, 2],
	});
	if (status !== 0) process.exit(status ?? 1);
}

const args = process.argv.slice(2);
if (args.length === 0 || (args[0].startsWith("-") && !NOT_OF_READ.has(args[0]))) args.unshift("read");

// Run in this very process, so that signals, exit codes and the terminal are the command's own.
const command = path.join(ROOT, "dist", "cli", "simstrap.js");
process.argv = [process.argv[0], command, ...args];
await import(pathToFileURL(command).href);
