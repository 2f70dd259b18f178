// Runs on XS: a whole file written, checked and walked through, with the engine's meters around each part. One line of JSON.

import {
	Accounts,
	BootstrapFile,
	MULTIPLE_RESOURCE,
	OBJECT_INSTANCE,
	RESOURCE,
	RESOURCE_INSTANCE,
	TlvWriter,
} from "simstrap";

/** Reading the meter twice counts this many itself. */
const METER_BYTECODES = 7;
const ACCOUNTS = 20;

const buffer = new Uint8Array(8192);
const key = new Uint8Array(16).fill(0x5a);
/** "coap://a.b" */
const uri = new Uint8Array([99, 111, 97, 112, 58, 47, 47, 97, 46, 98]);
const binding = new Uint8Array([85]);
const writer = new TlvWriter(buffer);
const file = new BootstrapFile(buffer);
const accounts = new Accounts(file);

function security(id) {
	const start = writer.at;
	writer.bytes(RESOURCE, 0, uri, 0, 10);
	writer.boolean(RESOURCE, 1, false);
	writer.integer(RESOURCE, 2, 0);
	writer.bytes(RESOURCE, 3, key, 0, 16);
	writer.bytes(RESOURCE, 5, key, 0, 16);
	writer.integer(RESOURCE, 10, id + 1);
	const list = writer.at;
	writer.unsigned(RESOURCE_INSTANCE, 0, 49320);
	writer.wrap(list, MULTIPLE_RESOURCE, 16);
	writer.objectLink(RESOURCE, 17, 65535, 65535);
	writer.wrap(start, OBJECT_INSTANCE, id);
}

function server(id) {
	const start = writer.at;
	writer.integer(RESOURCE, 0, id + 1);
	writer.integer(RESOURCE, 1, 86400);
	writer.boolean(RESOURCE, 6, false);
	writer.bytes(RESOURCE, 7, binding, 0, 1);
	writer.integer(RESOURCE, 12, 4294967296);
	writer.wrap(start, OBJECT_INSTANCE, id);
}

function write() {
	writer.enter(0, buffer.length);
	for (let id = 0; id < ACCOUNTS; id++) security(id);
	writer.wrapObject(0, 0, 1, 1);
	const start = writer.at;
	for (let id = 0; id < ACCOUNTS; id++) server(id);
	writer.wrapObject(start, 1, 0, 0);
	writer.wrapFile(0, 2);
}

function check() {
	return file.check(writer.at);
}

function walk() {
	let usable = 0;
	accounts.begin();
	while (accounts.next()) if (accounts.fault === 0) usable += 1;
	return usable;
}

function measured(run) {
	run();
	collect();
	const slotsBefore = slots();
	const chunksBefore = chunkBytes();
	const before = bytecodes();
	const result = run();
	const after = bytecodes();
	const slotsAfter = slots();
	const chunksAfter = chunkBytes();
	return {
		result,
		slots: slotsAfter - slotsBefore,
		chunkBytes: chunksAfter - chunksBefore,
		bytecodes: after - before - METER_BYTECODES,
	};
}

const lines = { write: measured(write), check: measured(check), walk: measured(walk), bytes: writer.at };
print(JSON.stringify(lines));
