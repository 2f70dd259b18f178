// What is used of ECMA-419's IO classes, as options take them: the SDK's own classes fit, and so does whatever a test brings.

export interface SerialInstance {
	/** Reads into the view as many bytes as there are and fit, and returns how many; undefined when there is nothing. */
	read(into: Uint8Array): number | undefined;
	/** Writes all of the view; throws when it does not fit what can be written without waiting. */
	write(view: Uint8Array): void;
	close(): void;
}

export interface SerialSettings {
	/** The number of the UART. 0 is the debugger's. */
	port: number;
	receive: number;
	transmit: number;
	baud: number;
}

export interface SerialIo {
	new (
		options: SerialSettings & {
			format: "buffer";
			onReadable: (count: number) => void;
			onWritable: (count: number) => void;
		},
	): SerialInstance;
}

export interface DigitalInstance {
	write(value: 0 | 1): void;
	close(): void;
}

export interface DigitalIo {
	new (options: { pin: number; mode: never; initialValue: 0 | 1 }): DigitalInstance;
	readonly Output: unknown;
}

/** One line of a board. */
export interface PinSettings {
	/** PIN_PWRKEY and its like. */
	role: number;
	pin: number;
	/** The level at which it does its work. */
	active: 0 | 1;
	/** It does so from the beginning: a supply, say. */
	held: boolean;
}

/** Registers of one byte on an I2C bus. */
export interface RegisterInstance {
	readUint8(register: number): number;
	writeUint8(register: number, value: number): void;
	close(): void;
}

export interface RegisterSettings {
	data: number;
	clock: number;
	address: number;
	hz: number;
}

export interface RegisterIo {
	new (options: RegisterSettings): RegisterInstance;
}
