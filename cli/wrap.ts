// Texts in lines of a certain width.

/** A text in lines of at most `width` characters, each indented by so many spaces. A word that is longer has a line of its own. */
export function wrap(text: string, indent: number, width: number): string {
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(" ")) {
		if (line !== "" && indent + line.length + 1 + word.length > width) {
			lines.push(line);
			line = word;
		} else line = line === "" ? word : `${line} ${word}`;
	}
	lines.push(line);
	return lines.map((each) => " ".repeat(indent) + each).join("\n");
}
