// What the readers of JSON and of the dictionary format give: literals, in the order of the source, each with its place in it.

interface Placed {
	/** Index of its first character in the source. */
	at: number;
}

export interface MapLiteral extends Placed {
	kind: "map";
	entries: { key: Literal; value: Literal }[];
}

export interface ListLiteral extends Placed {
	kind: "list";
	items: Literal[];
}

export interface TextLiteral extends Placed {
	kind: "text";
	value: string;
}

export interface BytesLiteral extends Placed {
	kind: "bytes";
	value: Uint8Array;
}

export interface NumberLiteral extends Placed {
	kind: "number";
	/** Null when it is no integer. */
	value: bigint | null;
	/** The nearest number. */
	nearest: number;
}

export interface BooleanLiteral extends Placed {
	kind: "boolean";
	value: boolean;
}

export interface NothingLiteral extends Placed {
	kind: "nothing";
}

/** OID.Security, RID.Security.ServerURI */
export interface NameLiteral extends Placed {
	kind: "name";
	value: string;
}

export type Literal =
	| MapLiteral
	| ListLiteral
	| TextLiteral
	| BytesLiteral
	| NumberLiteral
	| BooleanLiteral
	| NothingLiteral
	| NameLiteral;

const WORDS: Readonly<Record<Literal["kind"], string>> = {
	map: "an object",
	list: "a list",
	text: "a string",
	bytes: "bytes",
	number: "a number",
	boolean: "a Boolean",
	nothing: "null",
	name: "a name",
};

/** What it is, never what is in it: that may be a key. */
export function literalWords(literal: Literal): string {
	if (literal.kind === "number" && literal.value === null) return "a number with a fraction or an exponent";
	return WORDS[literal.kind];
}
