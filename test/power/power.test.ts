// src/power.ts: what is done to a board until its modem answers, in virtual time.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
	ABORTED,
	ACTIVE,
	type BringUp,
	INACTIVE,
	longestMs,
	MODEM_OFFLINE,
	MODEM_SILENT,
	OK,
	OUT_OF_TIME,
	PAUSE,
	PIN_POWER,
	PIN_PWRKEY,
	PIN_RESET,
	PROBE,
	SIM_ABSENT,
	SIM_PIN_REQUIRED,
	STEP_MODEM,
	STEP_POWER,
	STEP_SIM,
	SUPPLY,
	SUPPLY_FAILED,
	WAIT,
} from "../../src/index.js";
import { AT_CEREG_0, AT_CSIMSLEEP_0, AT_CSIMSLEEP_1 } from "../../src/words.js";
import { Plant } from "./plant.js";

const BOOT_MS = 12000;

// biome-ignore format: one thing a line
const KEY: number[] = [
	INACTIVE, PIN_RESET, INACTIVE, PIN_PWRKEY, ACTIVE, PIN_POWER,
	PROBE, 5, 300,
	ACTIVE, PIN_PWRKEY, PAUSE, 100, INACTIVE, PIN_PWRKEY, PROBE, BOOT_MS / 500, 500,
	ACTIVE, PIN_RESET, PAUSE, 2500, INACTIVE, PIN_RESET, PROBE, BOOT_MS / 500, 500,
];

const PLAIN: BringUp = { steps: KEY, hello: [AT_CEREG_0], goodbye: [], fullFunction: false };
const SLEEPER: BringUp = {
	steps: KEY,
	hello: [AT_CEREG_0, AT_CSIMSLEEP_0],
	goodbye: [AT_CSIMSLEEP_1],
	fullFunction: false,
};

function ready(bringUp: BringUp, options: ConstructorParameters<typeof Plant>[0] = {}) {
	const plant = new Plant(options);
	const device = plant.device(bringUp);
	device.readFile();
	return { plant, device };
}

/** Neither key is pressed. */
function isSafe(plant: Plant): boolean {
	return plant.levels.get(PIN_PWRKEY) === false && plant.levels.get(PIN_RESET) === false;
}

describe("power", () => {
	it("leaves a modem alone that is on already", () => {
		const { plant, device } = ready(PLAIN, { on: true });
		assert.equal(plant.run(device).code, OK);
		assert.deepEqual(plant.timesOf("AT"), [0]);
		assert.ok(!plant.log.some((entry) => entry.endsWith(`${PIN_PWRKEY} active`)));
		assert.equal(plant.switchedOff, 0);
		assert.equal(device.file.length, 126);
	});

	it("finds a modem on whose line a part of a command stands", () => {
		const { plant, device } = ready(PLAIN, { on: true });
		const torn = new Uint8Array([65, 84, 43, 67, 83, 73, 77, 61, 49, 48, 44, 34, 65, 48]);
		plant.receive(torn, 0, torn.length, 0);
		assert.equal(plant.run(device).code, OK);
		assert.equal(plant.switchedOff, 0);
	});

	it("sets safe levels first, asks five times, and then presses the key", () => {
		const { plant, device } = ready(PLAIN);
		assert.equal(plant.run(device).code, OK);
		assert.deepEqual(plant.log.slice(0, 3), [
			`0 ${PIN_PWRKEY} inactive`,
			`0 ${PIN_RESET} inactive`,
			`0 ${PIN_POWER} active`,
		]);
		const times = plant.timesOf("AT");
		assert.deepEqual(times.slice(0, 5), [0, 300, 600, 900, 1200]);
		assert.deepEqual(plant.log.slice(3), [`1500 ${PIN_PWRKEY} active`, `1600 ${PIN_PWRKEY} inactive`]);
		assert.equal(times[5], 1600);
		for (let i = 6; i < times.length; i++) assert.equal(times[i] - times[i - 1], 500);
		assert.equal(device.file.length, 126);
	});

	it("never waits for RDY, and is not thrown by a late one", () => {
		for (const bootLines of [[], ["RDY"], ["*ATREADY: 1"], ["RDY", "+CFUN: 1", "+CPIN: READY", "SMS Ready"]]) {
			const { plant, device } = ready(PLAIN, { modem: { bootLines } });
			assert.equal(plant.run(device).code, OK, bootLines.join());
		}
		const { plant, device } = ready(PLAIN, {
			modem: { unrelated: [{ text: "RDY", command: 3, place: "before" }] },
		});
		assert.equal(plant.run(device).code, OK);
	});

	it("trains a modem that has to find its rate", () => {
		const { plant, device } = ready(PLAIN, { training: 7 });
		assert.equal(plant.run(device).code, OK);
	});

	it("turns to RESET only at the last, long after the key", () => {
		const { plant, device } = ready(PLAIN, { onMs: 1e9, resetMs: 2000, bootMs: 11000 });
		assert.equal(plant.run(device).code, OK);
		const reset = plant.log.filter((entry) => entry.includes(` ${PIN_RESET} `));
		assert.deepEqual(reset.slice(1), [
			`${1600 + BOOT_MS} ${PIN_RESET} active`,
			`${1600 + BOOT_MS + 2500} ${PIN_RESET} inactive`,
		]);
		assert.ok(isSafe(plant));
	});

	it("a modem that never answers is MODEM_SILENT, with nothing pressed, when the steps are over", () => {
		const { plant, device } = ready(PLAIN, { dead: true });
		const result = plant.run(device);
		assert.equal(result.code, MODEM_SILENT);
		assert.equal(device.step, STEP_POWER);
		assert.equal(result.now, longestMs(KEY));
		assert.ok(isSafe(plant));
	});

	it("can be started again after that", () => {
		const { plant, device } = ready(PLAIN, { bootMs: 30000 });
		const first = plant.run(device);
		device.readFile();
		const second = plant.run(device);
		assert.deepEqual([first.code, second.code], [MODEM_SILENT, OK]);
		assert.equal(plant.switchedOff, 0);
	});

	it("tells the SIM to stay awake before the first +CSIM, and to sleep at the end", () => {
		const { plant, device } = ready(SLEEPER, { modem: { csimSleep: true, accepts: ["+CSIMSLEEP"] } });
		assert.equal(plant.run(device).code, OK);
		const history = plant.modem.history;
		assert.equal(history[history.length - 1], "+CSIMSLEEP=1");
		assert.ok(history.indexOf("+CSIMSLEEP=0") < history.findIndex((line) => line.startsWith("+CSIM=")));
		assert.ok(history.indexOf("+CSIMSLEEP=0") >= 0);
	});

	it("tells it to sleep after a failure too", () => {
		const { plant, device } = ready(SLEEPER, { card: null, modem: { csimSleep: true } });
		assert.equal(plant.run(device).code, SIM_ABSENT);
		assert.equal(device.step, STEP_SIM);
		assert.equal(plant.modem.history.at(-1), "+CSIMSLEEP=1");
	});

	it("a refused command of the hello does no harm", () => {
		const { plant, device } = ready(SLEEPER, { modem: { unknownIsPlainError: true } });
		assert.equal(plant.run(device).code, OK);
		assert.ok(plant.modem.history.includes("+CEREG=0"));
	});

	it("a modem whose radio and SIM are off is reported", () => {
		for (const cfun of [0, 4]) {
			const { plant, device } = ready(PLAIN, { modem: { cfun, simNeedsFullFunction: true } });
			assert.equal(plant.run(device).code, MODEM_OFFLINE, `+CFUN: ${cfun}`);
			assert.equal(device.step, STEP_SIM);
			assert.ok(!plant.modem.history.some((line) => line.startsWith("+CFUN=")));
		}
	});

	it("or switched on where the board says so", () => {
		const { plant, device } = ready(
			{ ...PLAIN, fullFunction: true },
			{ modem: { cfun: 0, simNeedsFullFunction: true } },
		);
		assert.equal(plant.run(device).code, OK);
		assert.ok(plant.modem.history.includes("+CFUN=1"));
	});

	it("a modem in flight mode that reaches its SIM is used as it is", () => {
		const { plant, device } = ready(PLAIN, { modem: { cfun: 4 } });
		assert.equal(plant.run(device).code, OK);
	});

	it("a supply has to be switched on before any AT", () => {
		const steps = [SUPPLY, 0x90, 0xef, 0x10, ...KEY];
		const { plant, device } = ready({ ...PLAIN, steps }, { registers: { 144: 1 }, needs: [0x90, 0x10, 0x10] });
		assert.equal(plant.run(device).code, OK);
		assert.equal(plant.registers[0x90], 0x11);
		assert.equal(plant.log[2], "0 register 144 = 17");
		assert.ok(plant.timesOf("AT")[0] >= 0);
	});

	it("a power chip that does not answer is SUPPLY_FAILED", () => {
		const { plant, device } = ready({ ...PLAIN, steps: [SUPPLY, 0x90, 0xef, 0x10, ...KEY] });
		assert.equal(plant.run(device).code, SUPPLY_FAILED);
		assert.equal(device.step, STEP_POWER);
		assert.deepEqual(plant.history, []);
	});

	it("a modem that resets in the middle of its greeting is greeted again", () => {
		const { plant, device } = ready(PLAIN, { on: true, modem: { restartAt: 2 } });
		assert.equal(plant.run(device).code, OK);
		assert.equal(plant.modem.restarts, 1);
		assert.equal(plant.switchedOff, 0);
	});

	it("abort and close in any place leave nothing pressed", () => {
		for (let at = 0; at < 16000; at += 70) {
			for (const closes of [false, true]) {
				const { plant, device } = ready(PLAIN, { resetMs: 2000, onMs: 1e9 });
				plant.run(device, { maxMs: at });
				if (closes) {
					device.close();
					device.close();
				} else {
					device.abort();
					let code = device.poll(plant.port.now);
					if (code === WAIT) code = plant.run(device, { maxMs: 6000 }).code;
					assert.equal(code, ABORTED);
				}
				assert.ok(isSafe(plant), `${closes ? "close" : "abort"} at ${at}`);
			}
		}
	});

	it("the SIM's own errors stay what they are", () => {
		const { plant, device } = ready(PLAIN, { on: true, modem: { simCme: 11, cfun: 4 } });
		assert.equal(plant.run(device).code, SIM_PIN_REQUIRED);
	});

	it("a modem that goes silent in its greeting ends in a named result", () => {
		for (let diesAt = 1; diesAt < 6; diesAt++) {
			const { plant, device } = ready(PLAIN, { on: true, modem: { diesAt } });
			const result = plant.run(device);
			assert.ok(!result.hung);
			assert.ok(result.code < 0 && result.code !== WAIT && result.code !== OUT_OF_TIME, `${diesAt}: ${result.code}`);
			assert.ok(device.step === STEP_MODEM || device.step === STEP_SIM);
		}
	});
});
