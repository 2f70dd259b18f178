// The same as io.ts, with the registers of chips on I2C.

import Digital from "embedded:io/digital";
import Serial from "embedded:io/serial";
import SMBus from "embedded:io/smbus";
import storage from "embedded:storage/key-value";
import type { RegisterIo } from "simstrap";
import type { Io } from "./io.js";

export const io: Io = { Serial: Serial, Digital: Digital, storage: storage, Registers: SMBus as unknown as RegisterIo };
