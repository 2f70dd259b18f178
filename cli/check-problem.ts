// What can be wrong with a bootstrap file.

export interface Problem {
	severity: "error" | "warning";
	/** The value is wrong by itself, whatever else is in the file. */
	ofValue?: boolean;
	/** Byte of the file. */
	offset: number;
	/** "0/1/10"; "" for the whole file. */
	path: string;
	/** Where the rule stands. */
	clause: string;
	/** "expected ..., got ...". Never the content of a value that may be secret. */
	message: string;
}

export const CLAUSE_FILE = "LwM2M TS, Appendix G.3.4";
export const CLAUSE_TLV = "LwM2M TS 1.0, 6.4.3";
export const CLAUSE_TYPES = "LwM2M TS 1.0, Appendix C";
export const CLAUSE_ACCOUNTS = "LwM2M TS 1.1, 6.1";
export const CLAUSE_SECURITY = "LwM2M TS 1.0, 7.1";

const OBJECT_CLAUSES: Readonly<Record<number, string>> = {
	0: "LwM2M TS 1.0, Appendix E.1",
	1: "LwM2M TS 1.0, Appendix E.2",
	2: "LwM2M TS 1.0, Appendix E.3",
	21: "OMA registry, object 21",
};

/** Where an object is defined. */
export function objectClause(objectId: number): string {
	return OBJECT_CLAUSES[objectId] ?? `OMA registry, object ${objectId}`;
}
