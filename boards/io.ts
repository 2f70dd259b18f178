// The SDK's classes that main.ts hands to simstrap.

import Digital from "embedded:io/digital";
import Serial from "embedded:io/serial";
import storage from "embedded:storage/key-value";
import type { DigitalIo, KeyValueIo, RegisterIo, SerialIo } from "simstrap";

export interface Io {
	readonly Serial: SerialIo;
	readonly Digital: DigitalIo;
	/** Where a record outlives a restart; null where there is no such place. */
	readonly storage: KeyValueIo | null;
	/** Registers on I2C, for boards with a power chip; else null. */
	readonly Registers: RegisterIo | null;
}

export const io: Io = { Serial: Serial, Digital: Digital, storage: storage, Registers: null };
