// Tables of figures as Markdown, and their places in a page: between <!-- group:name --> and <!-- /group:name -->.

/**
 * @typedef {object} Table
 * @property {string} name
 * @property {string} title
 * @property {string[]} head
 * @property {(string | number)[][]} rows
 * @property {string} [notes]
 */

/**
 * @param {Table} table
 * @returns {string}
 */
export function markdown({ title, head, rows, notes }) {
	const lines = [head, ...rows].map((row) => row.map(String));
	const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
	const left = head.map((_, column) => rows.every((row) => /[a-z]{2}/i.test(String(row[column]))) || column === 0);
	const print = (/** @type {string[]} */ line) =>
		`| ${line.map((cell, column) => (left[column] ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(" | ")} |`;
	const rule = `| ${widths.map((width, column) => (left[column] ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
	const below = notes === undefined ? [] : ["", notes];
	return [`${title}:`, "", print(lines[0]), rule, ...lines.slice(1).map(print), ...below].join("\n");
}

/**
 * A page with what stands in a place of its own replaced.
 * @param {string} page
 * @param {string} group
 * @param {string} name
 * @param {string} content
 * @returns {string}
 */
export function put(page, group, name, content) {
	const [begin, end] = [`<!-- ${group}:${name} -->`, `<!-- /${group}:${name} -->`];
	const from = page.indexOf(begin);
	const to = page.indexOf(end);
	if (from < 0 || to < from) throw new Error(`the page has no place for the table ${name}: ${begin} … ${end}`);
	return `${page.slice(0, from + begin.length)}\n${content}\n${page.slice(to)}`;
}
