import assert from "node:assert/strict";
import { test } from "node:test";

import { createRanges, isFlat, isWithin } from "../../homeo/lab/front/ranges.js";

test("a range has a margin about its data", () => {
  assert.deepEqual(createRanges().fit("w", [0, 10], 0.1), [-1, 11]);
});

test("a range stays where data lie within it, and grows where they do not", () => {
  const ranges = createRanges();
  ranges.fit("w", [0, 10], 0);
  assert.deepEqual(ranges.fit("w", [2, 9], 0), [0, 10]);
  assert.deepEqual(ranges.fit("w", [5, 20], 0), [0, 20]);
  assert.deepEqual(ranges.fit("another", [5, 6], 0), [5, 6]);
});

test("a range shrinks once data have become small in it", () => {
  const ranges = createRanges();
  ranges.fit("w", [0, 10], 0);
  assert.deepEqual(ranges.fit("w", [4, 5], 0, false), [0, 10], "while they come in");
  assert.deepEqual(ranges.fit("w", [4, 5], 0), [4, 5]);
});

test("data that do not vary are no reason to look closer", () => {
  const ranges = createRanges();
  ranges.fit("w", [0, 10], 0);
  assert.deepEqual(ranges.fit("w", [5, 5], 0), [0, 10]);
  assert.deepEqual(createRanges().fit("w", [5, 5], 0), [4.5, 5.5]);
  assert.deepEqual(createRanges().fit("w", [0, 0], 0), [-1, 1]);
});

test("ranges that are forgotten are fitted anew", () => {
  const ranges = createRanges();
  ranges.fit("w", [0, 10], 0);
  ranges.forget();
  assert.deepEqual(ranges.fit("w", [4, 9], 0), [4, 9]);
});

test("both ends lie within a range", () => {
  assert.ok(isWithin(0, [0, 1]));
  assert.ok(isWithin(1, [0, 1]));
  assert.ok(!isWithin(1.01, [0, 1]));
});

test("flat is what differs by rounding only", () => {
  assert.ok(isFlat([0.3, 0.1 + 0.2]));
  assert.ok(isFlat([0, 0]));
  assert.ok(!isFlat([0.3, 0.3001]));
});
