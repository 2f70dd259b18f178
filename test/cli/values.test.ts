// Values by their types, as JSON has them.

import assert from "node:assert/strict";
import { it } from "node:test";
import { OBJECTS, resourceOf } from "../../cli/registry.js";
import { typedValue } from "../../cli/values.js";
import { fromHex } from "../../virtual/index.js";

/** The JSON of a value, and whether there is a warning. */
function value(object: number, resource: number, hex: string, showSecrets = false): [unknown, boolean] {
	const { json, fault } = typedValue(resourceOf(object, resource), fromHex(hex), showSecrets);
	return [json, fault !== null];
}

it("reads Integers of every length, and exactly", () => {
	assert.deepEqual(value(1, 1, "FF"), [-1, false]);
	assert.deepEqual(value(1, 1, "00C8"), [200, false]);
	assert.deepEqual(value(1, 1, "00015180"), [86400, false]);
	assert.deepEqual(value(1, 1, "001FFFFFFFFFFFFF"), [9007199254740991, false]);
	assert.deepEqual(value(1, 1, "0020000000000001"), ["9007199254740993", false]);
	assert.deepEqual(value(1, 1, "8000000000000000"), ["-9223372036854775808", false]);
	assert.deepEqual(value(0, 16, "C0A8"), [49320, false]);
	assert.deepEqual(value(0, 13, "FFFFFFFFFFFFFFFF"), ["18446744073709551615", false]);
	assert.deepEqual(value(1, 12, "5F5E1000"), [1600000000, false]);
});

it("takes a Short Server ID that was written unsigned as it was meant", () => {
	assert.deepEqual(value(0, 10, "C8"), [200, true]);
	assert.deepEqual(value(1, 0, "00C8"), [200, false]);
});

it("reads the other types", () => {
	assert.deepEqual(value(0, 1, "01"), [true, false]);
	assert.deepEqual(value(0, 0, "C3A9"), ["\u00e9", false]);
	assert.deepEqual(value(0, 0, ""), ["", false]);
	assert.deepEqual(value(0, 17, "00150000"), ["21:0", false]);
	assert.deepEqual(value(0, 3, "0102"), [{ hex: "0102" }, false]);
	assert.deepEqual(value(1, 8, ""), [null, false]);
});

it("gives bytes and a warning for what does not fit its type", () => {
	assert.deepEqual(value(1, 1, "010203"), [{ hex: "010203" }, true]);
	assert.deepEqual(value(1, 1, ""), [{ hex: "" }, true]);
	assert.deepEqual(value(0, 1, "02"), [{ hex: "02" }, true]);
	assert.deepEqual(value(0, 0, "FF"), [{ hex: "FF" }, true]);
	assert.deepEqual(value(0, 17, "0015"), [{ hex: "0015" }, true]);
	assert.deepEqual(value(1, 4, "01"), [{ hex: "01" }, true]);
});

it("masks secrets, and whatever is not known", () => {
	const secrets: readonly (readonly [number, number])[] = [
		[0, 5],
		[0, 8],
		[21, 0],
		[21, 5],
		[0, 99],
		[26241, 0],
	];
	for (const [object, resource] of secrets) {
		assert.deepEqual(value(object, resource, "0102"), [{ masked: 2 }, false]);
		assert.deepEqual(value(object, resource, "0102", true), [{ hex: "0102" }, false]);
	}
	const marked = OBJECTS.flatMap(({ id, resources }) =>
		resources.filter((each) => each.secret).map((each) => [id, each.id]),
	);
	assert.deepEqual(marked, [
		[0, 5],
		[0, 8],
		[21, 0],
		[21, 5],
	]);
});

it("numbers every resource of an object once", () => {
	for (const { resources } of OBJECTS) {
		assert.deepEqual(
			resources.map((each) => each.id),
			resources.map((_, i) => i),
		);
		assert.equal(new Set(resources.map((each) => each.key)).size, resources.length);
	}
});
