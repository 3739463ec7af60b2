import assert from "node:assert/strict";
import { test } from "node:test";

import {
  columnsOf,
  extent,
  largestSize,
  numbersOf,
} from "../../homeo/lab/front/run.js";

const run = {
  outputs: [
    { name: "time", shape: [3], data: Float64Array.of(0, 1, 2) },
    { name: "H", shape: [3, 2], data: Float64Array.of(2, 4, 6, 8, 10, 12) },
  ],
};

test("columns are read row by row, in a unit", () => {
  assert.deepEqual(columnsOf(run, "H", 2), [
    Float64Array.of(1, 3, 5),
    Float64Array.of(2, 4, 6),
  ]);
  assert.deepEqual(columnsOf(run, "time"), [Float64Array.of(0, 1, 2)]);
  assert.equal(numbersOf(run, "time"), run.outputs[0].data);
});

test("the extent of several lists, whatever is not a number left out", () => {
  assert.deepEqual(extent([3, 1], Float64Array.of(-2), []), [-2, 3]);
  assert.deepEqual(extent([NaN, 1]), [1, 1]);
  assert.deepEqual(extent(), [Infinity, -Infinity]);
});

test("the largest of some numbers, whatever their signs", () => {
  assert.equal(largestSize([1, -3, 2]), 3);
});
