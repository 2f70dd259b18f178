// boards/*/board.ts against the figures that test/boards/figures.json holds with their sources, and against the pins of the chip.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { Board } from "../../boards/board.js";
import { board as s3Standard } from "../../boards/lilygo-s3-standard/board.js";
import { board as s3Standard7000 } from "../../boards/lilygo-s3-standard/board-sim7000g.js";
import { board as a7608 } from "../../boards/lilygo-t-a7608/board.js";
import { board as a7670 } from "../../boards/lilygo-t-a7670/board.js";
import { board as sim7000g } from "../../boards/lilygo-t-sim7000g/board.js";
import { board as sim7080g } from "../../boards/lilygo-t-sim7080g-s3/board.js";
import { board as sim7600 } from "../../boards/lilygo-t-sim7600/board.js";
import { board as sim7670g } from "../../boards/lilygo-t-sim7670g-s3/board.js";
import { board as walter } from "../../boards/walter/board.js";
import {
	ACTIVE,
	CHUNK_BYTES,
	INACTIVE,
	longestMs,
	PAUSE,
	PIN_FLIGHT,
	PIN_OTHER,
	PIN_POWER,
	PIN_PWRKEY,
	PIN_RESET,
	PIN_ROLES,
	PIN_RTS,
	PIN_SLEEP,
	PROBE,
	SUPPLY,
} from "../../src/index.js";
import { Plant } from "../power/plant.js";

/** The record's header; it is 130 bytes in this version. */
const HEADER_MOST_BYTES = 256;

interface Figures {
	chips: Record<string, { outputs: number[]; inputsOnly: number[]; console: number[]; sources: string[] }>;
	modems: Record<string, FiguresOfModem>;
	boards: FiguresOfBoard[];
}
interface FiguresOfModem {
	pwrkeyPulseMinMs?: number;
	pwrkeyPulseTypMs?: number;
	pwrkeyPulseSafeMaxMs?: number;
	pwrkeyOffMinMs?: number;
	sources: string[];
}
interface FiguresOfBoard {
	id: string;
	soc: string;
	modem: string;
	uart: { port: number; espTx: number; espRx: number; rts: number | null; baud: number };
	pins: Record<string, number | null>;
	levels: Record<string, number>;
	power: {
		pulseMs?: number | null;
		pulseMsByModem?: Record<string, number>;
		resetMs?: number;
		bootTypicalMs?: number;
		bootTimeoutMs: number;
	};
	pmu?: { address: number; i2c: { sda: number; scl: number } };
	sources: string[];
}

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const figures: Figures = JSON.parse(readFileSync(path.join(root, "test", "boards", "figures.json"), "utf8"));

/** A board's folder, its data, and the family of modem that the figures of the pulse are looked up by. */
const BOARDS: [string, Board, string][] = [
	["lilygo-t-a7670", a7670, "a76xx"],
	["lilygo-t-a7608", a7608, "a76xx"],
	["lilygo-t-sim7000g", sim7000g, "sim7000"],
	["lilygo-t-sim7600", sim7600, "sim7600"],
	["lilygo-t-sim7670g-s3", sim7670g, "sim767x"],
	["lilygo-t-sim7080g-s3", sim7080g, "sim7080"],
	["lilygo-s3-standard", s3Standard, "a76xx"],
	["lilygo-s3-standard", s3Standard, "sim767x"],
	["lilygo-s3-standard", s3Standard7000, "sim7000"],
	["lilygo-s3-standard", s3Standard7000, "sim7080"],
	["walter", walter, "gm02sp"],
];

/** The steps one by one, each with its operands. */
function stepsOf(board: Board): number[][] {
	const steps = board.bringUp.steps;
	const found: number[][] = [];
	for (let at = 0; at < steps.length; ) {
		const size = steps[at] === SUPPLY ? 4 : steps[at] === PROBE ? 3 : 2;
		found.push(steps.slice(at, at + size));
		at += size;
	}
	return found;
}

/** How long each press of a line is. */
function presses(board: Board, role: number): number[] {
	const found: number[] = [];
	const steps = stepsOf(board);
	steps.forEach((step, at) => {
		if (step[0] !== ACTIVE || step[1] !== role) return;
		assert.equal(steps[at + 1][0], PAUSE);
		assert.deepEqual(steps[at + 2], [INACTIVE, role]);
		found.push(steps[at + 1][1]);
	});
	return found;
}

function pinOf(board: Board, role: number) {
	return board.pins.filter((pin) => pin.role === role);
}

it("every folder of boards/ has its data, its manifest and its README, and is in the table", () => {
	const folders = readdirSync(path.join(root, "boards"), { withFileTypes: true });
	for (const entry of folders) {
		if (!entry.isDirectory()) continue;
		assert.ok(
			BOARDS.some((board) => board[0] === entry.name),
			entry.name,
		);
		for (const file of ["board.ts", "manifest.json", "README.md"]) {
			assert.ok(existsSync(path.join(root, "boards", entry.name, file)), `${entry.name}/${file}`);
		}
	}
	assert.equal(figures.boards.length, 8);
});

it("every figure has a source", () => {
	for (const entry of figures.boards) assert.ok(entry.sources.length > 0, entry.id);
	for (const [name, entry] of Object.entries(figures.modems)) assert.ok(entry.sources.length > 0, name);
	for (const [name, entry] of Object.entries(figures.chips)) assert.ok(entry.sources.length > 0, name);
});

/** A row of a partition table of ESP-IDF. */
interface Partition {
	name: string;
	type: string;
	subType: string;
	offset: number;
	size: number;
}

function partitionsIn(text: string): Partition[] {
	return text
		.split("\n")
		.filter((line) => line.trim() !== "" && !line.startsWith("#"))
		.map((line) => {
			const [name, type, subType, offset, size] = line.split(",").map((field) => field.trim());
			return { name, type, subType, offset: Number(offset), size: Number(size) };
		});
}

describe("the partition table for larger files", () => {
	const text = readFileSync(path.join(root, "boards", "partitions.csv"), "utf8");
	const partitions = partitionsIn(text);
	const nvs = partitions.find(({ name }) => name === "nvs");
	assert.ok(nvs);

	it("is one that ESP-IDF takes, fits 4 MB, and leaves the app where the SDK has it", () => {
		// ESP-IDF, "Partition Tables": the table itself ends at 0x9000; apps lie at multiples of 0x10000, data at multiples of 0x1000.
		let end = 0x9000;
		for (const { name, type, offset, size } of partitions) {
			assert.ok(name.length <= 15);
			assert.ok(offset >= end, `${name} begins within what is before it`);
			assert.equal(offset % (type === "app" ? 0x10000 : 0x1000), 0, name);
			assert.equal(size % 0x1000, 0, name);
			end = offset + size;
		}
		assert.ok(end <= 4 << 20);
		const app = partitions.find(({ type }) => type === "app");
		assert.deepEqual([app?.subType, app?.offset], ["factory", 0x10000]);
		assert.deepEqual([nvs.type, nvs.subType], ["data", "nvs"]);
		assert.ok(partitions.some(({ subType }) => subType === "phy"));
	});

	it("has room for a file of 32 KB, and four pages besides", () => {
		// ESP-IDF, "NVS library", internals: pages of 4 KB with 126 entries of 32 bytes, one page kept free; a blob has an entry as its index, one for
		// each part, and its data; it is divided where a page ends.
		const pages = nvs.size / 4096;
		const entriesOf = (bytes: number) => 2 + Math.ceil(bytes / 32);
		const image = (32768 / CHUNK_BYTES) * entriesOf(CHUNK_BYTES);
		const headers = 2 * entriesOf(HEADER_MOST_BYTES);
		const divided = pages;
		const used = Math.ceil((image + headers + divided) / 126);
		assert.ok(pages - used >= 4, `${used} of ${pages} pages`);
	});

	it("is the one that README.md shows, and the manifest beside it names it", () => {
		const readme = readFileSync(path.join(root, "boards", "README.md"), "utf8");
		assert.deepEqual(partitionsIn(readme.match(/^```\n(# Name[^`]*)```$/m)?.[1] ?? ""), partitions);
		const manifest = JSON.parse(readFileSync(path.join(root, "boards", "manifest-larger-nvs.json"), "utf8"));
		// mcconfig finds what begins with ./ from the manifest's own folder.
		assert.equal(manifest.build.PARTITIONS_FILE, "./partitions.csv");
	});

	it("every board's README says how much flash it has, as its figures do, and where the table is", () => {
		for (const { id, soc } of figures.boards) {
			const readme = readFileSync(path.join(root, "boards", id, "README.md"), "utf8");
			const named = soc.match(/(\d+) MB flash/) ?? soc.match(/ N(\d+)R/);
			// ESP32-WROVER-E and -B data sheets: 4 MB at the least.
			const words = named === null ? "4 MB of flash or more" : `${named[1]} MB of flash`;
			assert.ok(readme.includes(`\n${words}`), `${id}: ${words}`);
			assert.ok(readme.includes("(../README.md#room-for-larger-files)"), id);
		}
	});
});

for (const [folder, board, family] of BOARDS) {
	const known = figures.boards.find((entry) => entry.id === folder);
	assert.ok(known);
	const modem = figures.modems[family];

	describe(`${folder} with ${family}`, () => {
		it("has the UART of its figures", () => {
			const { port, espTx, espRx, baud } = known.uart;
			assert.deepEqual(board.serial, { port, transmit: espTx, receive: espRx, baud });
			assert.notEqual(board.serial.port, 0, "the debugger's");
		});

		it("has the pins and levels of its figures", () => {
			/** What the figures call a pin, its role, and the level at which it is active. */
			const lines: [string, number, number | undefined][] = [
				["pwrkey", PIN_PWRKEY, known.levels.pwrkeyActive],
				["reset", PIN_RESET, known.levels.resetActive],
				["powerEnable", PIN_POWER, known.levels.powerEnableActive],
				["dtr", PIN_SLEEP, known.levels.dtrAwake === 0 ? 1 : undefined],
				["flight", PIN_FLIGHT, known.levels.flightActive],
			];
			for (const [name, role, active] of lines) {
				const pin: number | null | undefined = known.pins[name];
				const found = pinOf(board, role);
				if (typeof pin !== "number") assert.deepEqual(found, [], name);
				else {
					assert.equal(found.length, 1, name);
					assert.deepEqual([found[0].pin, found[0].active], [pin, active], name);
				}
			}
			const others = pinOf(board, PIN_OTHER).map((pin) => pin.pin);
			for (const pin of others) assert.ok(pin === known.pins.powerSave || pin === known.pins.led, `${pin}`);
			for (const pin of pinOf(board, PIN_RTS)) assert.equal(pin.pin, known.uart.rts);
			if (known.pmu !== undefined) {
				const { data, clock, address } = board.registers ?? { data: -1, clock: -1, address: -1 };
				assert.deepEqual([data, clock, address], [known.pmu.i2c.sda, known.pmu.i2c.scl, known.pmu.address]);
			} else assert.equal(board.registers, null);
		});

		it("has only pins that its chip has, each once", () => {
			assert.equal(known.soc.startsWith("ESP32-S3") ? "ESP32-S3" : "ESP32", board.chip);
			const chip = figures.chips[board.chip];
			const outputs = [board.serial.transmit, ...board.pins.map((pin) => pin.pin)];
			if (board.registers !== null) outputs.push(board.registers.data, board.registers.clock);
			for (const pin of outputs) assert.ok(chip.outputs.includes(pin), `${board.chip} cannot drive GPIO ${pin}`);
			assert.ok([...chip.outputs, ...chip.inputsOnly].includes(board.serial.receive));
			const all = [...outputs, board.serial.receive];
			assert.equal(new Set(all).size, all.length, "a pin stands twice");
			for (const pin of all) assert.ok(!chip.console.includes(pin), `GPIO ${pin} is the console's`);
			for (const pin of board.pins) assert.ok(pin.role >= 0 && pin.role < PIN_ROLES);
		});

		it("holds at start what has to be held, and nothing pressed", () => {
			for (const pin of board.pins) {
				const held = pin.role === PIN_POWER || pin.role === PIN_OTHER || pin.role === PIN_RTS;
				assert.equal(pin.held, held, `GPIO ${pin.pin}`);
			}
		});

		it("presses its key as long as its figures say, which does not switch a modem off", () => {
			const wanted = known.power.pulseMs ?? known.power.pulseMsByModem?.[family] ?? null;
			const found = presses(board, PIN_PWRKEY);
			if (wanted === null) assert.deepEqual(found, []);
			else {
				assert.ok(found.length > 0);
				for (const ms of found) assert.equal(ms, wanted);
				assert.ok(wanted >= (modem.pwrkeyPulseMinMs ?? modem.pwrkeyPulseTypMs ?? 0));
				assert.ok(wanted <= (modem.pwrkeyPulseSafeMaxMs ?? wanted));
				assert.ok(wanted < (modem.pwrkeyOffMinMs ?? Number.POSITIVE_INFINITY));
			}
		});

		it("presses RESET last, if at all, and as long as its figures say", () => {
			const found = presses(board, PIN_RESET);
			const steps = stepsOf(board);
			if (found.length === 0) return;
			assert.deepEqual(found, [known.power.resetMs ?? 2500]);
			const reset = steps.findIndex((step) => step[0] === ACTIVE && step[1] === PIN_RESET);
			assert.deepEqual(
				steps.slice(reset + 3).map((step) => step[0]),
				[PROBE],
			);
			assert.equal(steps[reset - 1][0], PROBE, "the time between the key and RESET");
		});

		it("begins with safe levels, then five AT 300 ms apart, and only then touches anything", () => {
			const steps = stepsOf(board);
			const first = steps.findIndex((step) => step[0] === PROBE);
			assert.deepEqual(steps[first], [PROBE, 5, 300]);
			for (const [step, role] of steps.slice(0, first)) {
				const pressed = step === ACTIVE && (role === PIN_PWRKEY || role === PIN_RESET);
				assert.ok(step === SUPPLY || ((step === ACTIVE || step === INACTIVE) && !pressed));
			}
			const set = steps.slice(0, first).filter((step) => step[0] !== SUPPLY);
			for (const pin of board.pins) {
				assert.ok(
					set.some(([step, role]) => role === pin.role && step === (pin.held ? ACTIVE : INACTIVE)),
					`role ${pin.role}`,
				);
			}
		});

		it("asks every 500 ms until the board's boot time is over", () => {
			const probes = stepsOf(board).filter((step) => step[0] === PROBE);
			const last = probes[probes.length - 1];
			assert.equal(last[2], 500);
			assert.equal(last[1] * last[2], known.power.bootTimeoutMs);
			assert.ok(known.power.bootTimeoutMs > (known.power.bootTypicalMs ?? 0));
		});

		it("brings up a modem that is off, and leaves one alone that is on", () => {
			const fed = family === "sim7080" && folder.endsWith("7080g-s3");
			const options = {
				onMs: modem.pwrkeyPulseMinMs ?? 50,
				offMs: modem.pwrkeyOffMinMs ?? 3000,
				bootMs: known.power.bootTypicalMs ?? 11100,
				resetMs: family === "gm02sp" ? 10 : 0,
				training: family === "sim7000" || family === "sim7080" ? 3 : 0,
				registers: fed ? {} : undefined,
				needs: fed ? [0x90, 0x10, 0x10, 0x80, 0x04, 0x04, 0x84, 0x7f, 102, 0x96, 0x1f, 28] : undefined,
				modem: { accepts: ["+CSIMSLEEP"], cfun: family === "gm02sp" ? 0 : 1, simNeedsFullFunction: true },
			};
			for (const on of [false, true]) {
				const plant = new Plant({ ...options, on: on && !fed });
				const device = plant.device(board.bringUp);
				device.readFile();
				assert.equal(plant.run(device).code, 0);
				assert.equal(plant.switchedOff, 0);
				if (on && !fed) assert.ok(!plant.log.some((entry) => entry.endsWith(`${PIN_PWRKEY} active`)));
			}
			assert.ok(longestMs(board.bringUp.steps) < 65000);
		});
	});
}

it("lines that are not the board's are not told of", () => {
	assert.deepEqual(pinOf(walter, PIN_PWRKEY), []);
	assert.deepEqual(pinOf(sim7600, PIN_RESET), []);
});
