// simstrap on Moddable XS.

export { BoardPins } from "./board-pins.js";
export type {
	DigitalInstance,
	DigitalIo,
	PinSettings,
	RegisterInstance,
	RegisterIo,
	RegisterSettings,
	SerialInstance,
	SerialIo,
	SerialSettings,
} from "./io.js";
export { type KeyValueIo, KeyValueStore } from "./key-value.js";
export { RECEIVER_BYTES, SerialPort } from "./serial-port.js";
export { Simstrap, type SimstrapOptions } from "./simstrap.js";
