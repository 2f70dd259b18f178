// Where accounts come from, in the order of the bootstrap sequence (LwM2M TS 1.1, 6.1.4): the smartcard, then factory data, then what the
// application has itself. They are never mixed: factory data count only when the client is not configured by the card. Until one of the
// first two has been tried, attempts of a Bootstrap-Server must be ignored; afterwards the application registers with what `file` holds,
// or bootstraps from the server that it names.

import { BootstrapFile } from "./bootstrap-file.js";
import { OK } from "./codes.js";
import type { Life } from "./life.js";

/** Nothing has been tried yet. */
export const SOURCE_NONE = 0;
export const SOURCE_CARD = 1;
export const SOURCE_FACTORY = 2;
/** Neither has any: the application's own. */
export const SOURCE_APPLICATION = 3;

export class Sources {
	/** SOURCE_CARD and the like; `choose` sets it. */
	source: number;
	/** OK, or what is wrong with the factory data. */
	readonly factoryCode: number;
	private readonly life: Life;
	private readonly factory: BootstrapFile | null;

	/** @param factory the same format as the card's file, compiled in or read from somewhere; null for none. It is only read. */
	constructor(life: Life, factory: Uint8Array | null) {
		this.life = life;
		this.source = SOURCE_NONE;
		let code = OK;
		let file: BootstrapFile | null = null;
		if (factory !== null) {
			file = new BootstrapFile(factory);
			code = file.check(factory.length);
		}
		this.factory = code === OK ? file : null;
		this.factoryCode = code;
	}

	/** Chooses again, after each result of `run` or `verify`, and after `enable`. True when it is another source than before. */
	choose(): boolean {
		const before = this.source;
		if (this.life.valid) this.source = SOURCE_CARD;
		else this.source = this.factory === null ? SOURCE_APPLICATION : SOURCE_FACTORY;
		return this.source !== before;
	}

	/** The file that is in use; null for the application's own. */
	get file(): BootstrapFile | null {
		if (this.source === SOURCE_CARD) return this.life.bootstrap.file;
		return this.source === SOURCE_FACTORY ? this.factory : null;
	}
}
