// What the tests of the documentation need of Markdown: links and fenced blocks.

import { readFileSync } from "node:fs";

export interface Block {
	/** "sh", "js", "ts", "json"… */
	language: string;
	text: string;
	/** Of its first line in the file. */
	line: number;
}

export interface Page {
	links: { target: string; line: number }[];
	blocks: Block[];
	/** What headings are linked to by. */
	anchors: Set<string>;
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
	return heading
		.toLowerCase()
		.replace(/[^\p{L}\p{N} _-]/gu, "")
		.replaceAll(" ", "-");
}

export function readPage(file: string): Page {
	const page: Page = { links: [], blocks: [], anchors: new Set() };
	let block: Block | null = null;
	readFileSync(file, "utf8")
		.split("\n")
		.forEach((text, i) => {
			const fence = /^```(\w*)/.exec(text);
			if (fence !== null) {
				if (block === null) block = { language: fence[1], text: "", line: i + 2 };
				else {
					page.blocks.push(block);
					block = null;
				}
				return;
			}
			if (block !== null) {
				block.text += `${text}\n`;
				return;
			}
			const heading = /^#+ (.*)$/.exec(text);
			if (heading !== null) page.anchors.add(anchorOf(heading[1]));
			for (const [, target] of text.replace(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)) {
				page.links.push({ target, line: i + 1 });
			}
		});
	return page;
}
