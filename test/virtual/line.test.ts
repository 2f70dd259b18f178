// The line with its faults, and the driver that brings a device and a line together.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DrivenDevice, LineFault, LineOptions, ModemOptions } from "../../virtual/index.js";
import {
	bootstrapCard,
	drive,
	Line,
	Random,
	textBytes,
	VirtualCard,
	VirtualModem,
	VirtualPort,
	WAIT,
} from "../../virtual/index.js";

function lineWith(options: LineOptions, modem: ModemOptions = {}): Line {
	return new Line(new VirtualModem(new VirtualCard(bootstrapCard({})), { echo: false, ...modem }), options);
}

function fault(kind: LineFault["kind"], toHost: boolean, at: number, more: Partial<LineFault> = {}): LineOptions {
	return { faults: [{ kind: kind, toHost: toHost, at: at, ...more }] };
}

function hear(line: Line, now: number): string {
	const buffer = new Uint8Array(512);
	const count = line.read(buffer, 0, buffer.length, now);
	return Buffer.from(buffer.subarray(0, count)).toString("latin1");
}

function ask(line: Line, text: string, now = 0): string {
	line.receive(textBytes(`${text}\r`), 0, text.length + 1, now);
	return hear(line, now);
}

const OK = "\r\nOK\r\n";

describe("faults by number", () => {
	test("without faults nothing changes, and bytes are counted", () => {
		const line = lineWith({ record: true });
		assert.equal(ask(line, "AT"), OK);
		assert.equal(line.bytesToModem, 3);
		assert.equal(line.bytesToHost, 6);
		assert.deepEqual(line.sent, [65, 84, 13]);
		assert.equal(line.received.length, 6);
		assert.equal(line.hits, 0);
	});
	test("a byte is lost, doubled, flipped or put in on its way to the host", () => {
		assert.equal(ask(lineWith(fault("lose", true, 2)), "AT"), "\r\nK\r\n");
		assert.equal(ask(lineWith(fault("double", true, 2)), "AT"), "\r\nOOK\r\n");
		assert.equal(ask(lineWith(fault("flip", true, 2, { mask: 0x20 })), "AT"), "\r\noK\r\n");
		assert.equal(ask(lineWith(fault("insert", true, 2, { mask: 0x21 })), "AT"), "\r\n!OK\r\n");
	});
	test("or on its way to the modem", () => {
		const lost = lineWith(fault("lose", false, 0));
		assert.equal(ask(lost, "AT"), "");
		assert.equal(ask(lost, "AT"), OK);
		assert.equal(lost.hits, 1);
		assert.equal(ask(lineWith(fault("double", false, 0)), "AT"), OK);
		assert.equal(ask(lineWith(fault("flip", false, 1, { mask: 0x01 })), "AT"), "");
	});
	test("a delay holds the byte and all behind it", () => {
		const late = lineWith(fault("delay", true, 3, { ms: 5000 }));
		assert.equal(ask(late, "AT"), "\r\nO");
		assert.equal(late.nextAt(0), 5000);
		assert.equal(hear(late, 4999), "");
		assert.equal(hear(late, 5000), "K\r\n");
		assert.equal(late.nextAt(5000), -1);
		const there = lineWith(fault("delay", false, 2, { ms: 70 }));
		assert.equal(ask(there, "AT"), "");
		assert.equal(there.nextAt(0), 70);
		assert.equal(hear(there, 70), OK);
	});
	test("a line is lost or doubled", () => {
		assert.equal(ask(lineWith(fault("lose-line", true, 0)), "AT+CFUN?"), "\r\n\r\nOK\r\n");
		assert.equal(ask(lineWith(fault("double-line", true, 0)), "AT+CFUN?"), "\r\n+CFUN: 1\r\n+CFUN: 1\r\n\r\nOK\r\n");
		assert.equal(ask(lineWith(fault("double-line", true, 1)), "AT+CFUN?"), "\r\n+CFUN: 1\r\n\r\nOK\r\nOK\r\n");
	});
	test("a final result is lost, whatever its form", () => {
		const line = lineWith(fault("lose-result", true, 1));
		assert.equal(ask(line, "AT"), OK);
		assert.equal(ask(line, "AT+CFUN?"), "\r\n+CFUN: 1\r\n\r\n\r\n");
		assert.equal(ask(line, "AT"), OK);
		assert.equal(ask(lineWith(fault("lose-result", true, 0), { cmee: 1 }), "AT+X"), "\r\n\r\n");
		assert.equal(ask(lineWith(fault("lose-result", true, 0)), "AT+X"), "\r\n\r\n");
		assert.equal(ask(lineWith(fault("lose-result", true, 0), { verbose: false }), "AT"), "\r");
	});
});

describe("faults by dice", () => {
	const run = (seed: number): { text: string; hits: number } => {
		const line = lineWith({
			dice: { seed: seed, lose: 20000, double: 20000, flip: 20000, insert: 20000, delay: 5000 },
		});
		let text = "";
		for (let i = 0; i < 50; i++) text += ask(line, "AT+CFUN?", i * 100);
		return { text: text + hear(line, 100000), hits: line.hits };
	};
	test("the same seed gives the same run, another one another", () => {
		const once = run(1);
		assert.deepEqual(run(1), once);
		assert.notEqual(run(2).text, once.text);
		assert.ok(once.hits > 20);
	});
	test("a direction may be left alone", () => {
		const line = lineWith({ dice: { seed: 3, lose: 1000000, direction: "to-host" }, record: true });
		assert.equal(ask(line, "AT"), "");
		assert.equal(line.sent.length, 3);
	});
	test("the generator keeps to its limits and never stands still", () => {
		const random = new Random(0);
		const seen = [0, 0, 0, 0, 0, 0, 0, 0];
		for (let i = 0; i < 8000; i++) seen[random.below(8)]++;
		for (const count of seen) assert.ok(count > 800 && count < 1200, `${seen}`);
	});
});

/**
 * A device that sends command lines one after the other and collects what comes; 0 when all have been answered, 2 after
 * a time-out.
 */
class Asker implements DrivenDevice {
	wakeAt = 0;
	text = "";
	now = 0;
	deliveries: number[] = [];
	private port: VirtualPort;
	private lines: string[];
	private next = 0;
	private rest = "";
	private deadline = 0;

	constructor(port: VirtualPort, lines: string[]) {
		this.port = port;
		this.lines = lines;
	}

	receive(bytes: Uint8Array, count: number): boolean {
		this.deliveries.push(count);
		this.text += Buffer.from(bytes.subarray(0, count)).toString("latin1");
		return this.text.endsWith(OK);
	}

	poll(now: number): number {
		if (this.rest.length === 0) {
			if (this.next > 0 && !this.text.endsWith(OK)) return ((now - this.deadline) | 0) >= 0 ? 2 : WAIT;
			if (this.next === this.lines.length) return 0;
			this.rest = `${this.lines[this.next++]}\r`;
			this.text += "|";
		}
		const bytes = textBytes(this.rest);
		this.rest = this.rest.substring(this.port.write(bytes, 0, bytes.length));
		this.deadline = (now + 10000) | 0;
		this.wakeAt = this.rest.length > 0 ? now + 1 : this.deadline;
		return WAIT;
	}
}

describe("the driver", () => {
	test("brings a device to its result in virtual time", () => {
		const port = new VirtualPort(lineWith({}, { latencyMs: 20, baud: 115200 }), {});
		const device = new Asker(port, ["AT", 'AT+CSIM=10,"0070000001"']);
		const result = drive(device, port, {});
		assert.equal(result.code, 0);
		assert.equal(result.hung, false);
		assert.equal(device.text, `|${OK}|\r\n+CSIM: 6,"019000"\r\n${OK}`);
		assert.ok(result.now >= 20 && result.now < 40, `${result.now}`);
		assert.equal(port.bytes, 27);
	});
	test("a port may take a few bytes at a time, or none at first", () => {
		const port = new VirtualPort(lineWith({}), { bytesPerWrite: 2, refusedWrites: 3 });
		const result = drive(new Asker(port, ["AT+CFUN?"]), port, {});
		assert.equal(result.code, 0);
		assert.equal(port.writes, 3 + 5);
		assert.equal(result.now, 7);
	});
	test("deliveries have at most that many bytes, of random size with a seed", () => {
		const port = new VirtualPort(lineWith({}), {});
		const device = new Asker(port, ["AT+CFUN?", "AT+CFUN?"]);
		assert.equal(drive(device, port, { chunkBytes: 5, chunkSeed: 7 }).code, 0);
		assert.ok(Math.max(...device.deliveries) <= 5);
		assert.ok(new Set(device.deliveries).size > 1);
	});
	test("a silent modem leads to the device's own time-out", () => {
		const port = new VirtualPort(lineWith({}, { diesAt: 0 }), {});
		const result = drive(new Asker(port, ["AT"]), port, {});
		assert.equal(result.code, 2);
		assert.equal(result.now, 10000);
	});
	test("a device that hangs is an outcome: by time, and by steps", () => {
		const port = new VirtualPort(lineWith({}), {});
		const idle: DrivenDevice = { receive: () => false, poll: () => WAIT, wakeAt: 999999 };
		const byTime = drive(idle, port, { maxMs: 5000 });
		assert.equal(byTime.hung, true);
		assert.equal(byTime.code, WAIT);
		const spinning: DrivenDevice = { receive: () => false, poll: () => WAIT, wakeAt: 0 };
		const bySteps = drive(spinning, port, { maxIterations: 100 });
		assert.equal(bySteps.hung, true);
		assert.equal(bySteps.polls, 100);
	});
	test("starts at any time, also across the end of the numbers", () => {
		const start = 0x7ffffffa;
		const port = new VirtualPort(lineWith({}, { startMs: start, latencyMs: 20 }), {});
		const device = new Asker(port, ['AT+CSIM=10,"0070000001"']);
		device.wakeAt = start;
		const result = drive(device, port, { startMs: start });
		assert.equal(result.code, 0);
		assert.equal((result.now - start) | 0, 20);
	});
});
