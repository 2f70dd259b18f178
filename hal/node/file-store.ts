// Records in one file, for its owner only, since there are keys in it. Every change writes it anew beside itself and then takes its
// place: a loss of power leaves the old one or the new one.

import { randomBytes } from "node:crypto";
import {
	closeSync,
	fsyncSync,
	openSync,
	readFileSync,
	realpathSync,
	renameSync,
	rmSync,
	unlinkSync,
	writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { RecordStore } from "../../src/platform.js";

const OWNER_ONLY = 0o600;
/** What such a file begins with, as JSON: {"simstrap":1,"records":{"sima":"<hex>"}}. */
const VERSION = 1;

/** A name that is new or gone lasts once its folder is written. */
function settle(folder: string): void {
	let fd = -1;
	try {
		fd = openSync(folder, "r");
		fsyncSync(fd);
	} catch {
		// Some systems have no such thing.
	} finally {
		if (fd >= 0) closeSync(fd);
	}
}

interface Content {
	simstrap: number;
	records: Record<string, string>;
}

function isContent(value: unknown): value is Content {
	if (typeof value !== "object" || value === null) return false;
	const { simstrap, records } = value as Partial<Content>;
	if (typeof simstrap !== "number" || typeof records !== "object" || records === null) return false;
	return Object.values(records).every((record) => typeof record === "string" && /^([0-9a-f]{2})*$/.test(record));
}

export class FileStore implements RecordStore {
	private readonly path: string;
	private readonly records: Map<string, Uint8Array>;

	/**
	 * Nothing is written before there is something to keep.
	 *
	 * @throws Error when there is something else under this name, or it cannot be read
	 */
	constructor(path: string) {
		this.records = new Map();
		let text: string | null = null;
		let target = path;
		try {
			// A symbolic link stays one.
			target = realpathSync(path);
			text = readFileSync(target, "utf8");
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
		}
		this.path = target;
		if (text === null) return;
		let content: unknown = null;
		try {
			content = JSON.parse(text);
		} catch {
			// It is not ours.
		}
		if (!isContent(content)) throw new Error("it is not a store of simstrap");
		if (content.simstrap !== VERSION) throw new Error("it is a store of a later version of simstrap");
		for (const [key, record] of Object.entries(content.records)) {
			this.records.set(key, new Uint8Array(Buffer.from(record, "hex")));
		}
	}

	read(key: string, into: Uint8Array): number {
		const record = this.records.get(key);
		if (record === undefined || record.length > into.length) return -1;
		into.set(record);
		return record.length;
	}

	write(key: string, bytes: Uint8Array, length: number): boolean {
		return this.change(key, bytes.slice(0, length));
	}

	remove(key: string): boolean {
		return !this.records.has(key) || this.change(key, undefined);
	}

	private change(key: string, record: Uint8Array | undefined): boolean {
		const before = this.records.get(key);
		this.set(key, record);
		try {
			this.save();
			return true;
		} catch {
			this.set(key, before);
			return false;
		}
	}

	private set(key: string, record: Uint8Array | undefined): void {
		if (record === undefined) this.records.delete(key);
		else this.records.set(key, record);
	}

	private save(): void {
		const folder = dirname(this.path);
		if (this.records.size === 0) {
			rmSync(this.path, { force: true });
			settle(folder);
			return;
		}
		const records = Object.fromEntries(
			[...this.records].map(([key, record]) => [key, Buffer.from(record).toString("hex")]),
		);
		const temporary = join(folder, `.${basename(this.path)}.${randomBytes(6).toString("hex")}.tmp`);
		const fd = openSync(temporary, "wx", OWNER_ONLY);
		try {
			try {
				writeFileSync(fd, `${JSON.stringify({ simstrap: VERSION, records } satisfies Content)}\n`);
				fsyncSync(fd);
			} finally {
				closeSync(fd);
			}
			renameSync(temporary, this.path);
			settle(folder);
		} catch (error) {
			unlinkSync(temporary);
			throw error;
		}
	}
}
