// Channels that are not ours: what may be closed, and what never.

import assert from "node:assert/strict";
import test from "node:test";
import { fromHex, type Meddle, Meddler, type VirtualModem } from "../../virtual/index.js";
import { type Bench, bench } from "../support.js";
import { nameOf } from "../unit/tools.js";

const PKCS15 = fromHex("00A4040C0CA000000063504B43532D3135");
const USIM = fromHex("00A4040C07A0000000871002");
/** Somebody else's, with an AID that has much of that of PKCS #15. */
const OTHER_AID = fromHex("A000000163504B43532D3135");
const OTHER = fromHex("00A4040C0CA000000163504B43532D3135");

/** A card on which all three channels are open: with PKCS #15, with the USIM, and with nothing. */
function full(reclaimChannel: boolean, order: (Uint8Array | null)[]): Bench {
	const device = bench({ over: { links: [0], reclaimChannel } });
	const { card } = device;
	assert.ok(card !== null);
	card.profile.applications.push({ aid: OTHER_AID, efs: [], dfs: [] });
	for (const [i, select] of order.entries()) {
		card.transmit(fromHex("0070000001"));
		if (select === null) continue;
		const command = select.slice();
		command[0] = i + 1;
		card.transmit(command);
	}
	return device;
}

test("no channel is closed that nobody asked for", () => {
	const device = full(false, [PKCS15, USIM, null]);
	assert.equal(nameOf(device.read().code), "NO_CHANNEL");
	assert.equal(device.card?.channelsOpen, 3);
});

test("on request one is closed that STATUS names PKCS #15 on, and no other", () => {
	for (const order of [
		[PKCS15, USIM, USIM],
		[USIM, PKCS15, USIM],
		[USIM, null, PKCS15],
	]) {
		const device = full(true, order);
		assert.equal(nameOf(device.read().code), "OK");
		assert.equal(device.card?.channelsOpen, 2);
		const at = order.indexOf(PKCS15) + 1;
		assert.equal(device.card?.isOpen(at), false);
	}
	const device = full(true, [USIM, OTHER, null]);
	assert.equal(nameOf(device.read().code), "NO_CHANNEL");
	assert.equal(device.card?.channelsOpen, 3);
});

test("one that is known to be ours is closed first", () => {
	const device = full(false, [PKCS15, USIM, null]);
	device.device.reclaim = 1;
	assert.equal(nameOf(device.read().code), "OK");
	assert.equal(device.card?.channelsOpen, 2);
	assert.equal(device.device.reclaim, -1);
});

test("a channel that may have got lost on one way is not looked for on another, which has none", () => {
	for (const placement of ["adf", "both"] as const) {
		const device = bench({ over: {}, modem: { ccho: true, crsm: true }, card: { placement } });
		const { card } = device;
		assert.ok(card !== null);
		card.onCommand = (_index, apdu) =>
			apdu[1] === 0x70 && apdu[2] === 0 && device.modem.history.at(-1)?.startsWith("+CSIM") ? fromHex("9000") : null;
		assert.equal(nameOf(device.read().code), "OK");
		const lines = device.modem.history;
		assert.ok(lines.some((line) => /^\+CSIM=10,"8[123]F2/.test(line)));
		assert.ok(lines.some((line) => line.startsWith("+CGLA=")));
		assert.ok(!lines.some((line) => /^\+CGLA=.*"8.F2/.test(line)), lines.join("\n"));
	}
});

test("a modem that lets no STATUS through loses the channel whose number got lost, and is read all the same the next time", () => {
	let lost = 0;
	const meddle: Meddle = (_index, answer, line) => {
		if (!line.includes("0070000001") || answer === "" || lost++ > 0) return null;
		return { text: "" };
	};
	const between = (modem: VirtualModem) => new Meddler(modem, meddle, null);
	const device = bench({ modem: { refusedInstructions: [0xf2] }, between });
	assert.equal(nameOf(device.read().code), "CME_ERROR");
	assert.equal(nameOf(device.read().code), "OK");
	assert.equal(device.card?.channelsOpen, 1);
});

test("a command on its way that is lost with the modem's answer opens no second channel", () => {
	for (const at of [3, 4]) {
		const device = bench({
			over: { links: [0] },
			line: { faults: [{ kind: "lose-line", toHost: true, at }] },
		});
		assert.equal(nameOf(device.read().code), "OK");
		assert.equal(device.card?.channelsOpen, 0);
	}
});
