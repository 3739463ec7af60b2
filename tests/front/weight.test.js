import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { createRanges } from "../../homeo/lab/front/ranges.js";
import * as weight from "../../homeo/lab/front/weight.js";
import { manifest } from "./manifest.js";

const scale = { unit: "nS", factor: 1e-9 };

function courseOf(w, { w_min = null, w_max = null, end, margin = 0 } = {}) {
  const run = {
    values: { w_min, w_max },
    outputs: [
      { name: "time", shape: [w.length], data: Float64Array.from(w, (_, k) => k) },
      { name: "w", shape: [w.length], data: Float64Array.from(w, (nS) => nS * 1e-9) },
    ],
  };
  const ranges = createRanges();
  return weight.weightCourse(run, scale, { ranges, margin, end });
}

test("the preset says what weights are shown in", () => {
  assert.equal(weight.weightScale(manifest, { preset: "first" }).unit, "nS");
  assert.equal(weight.weightScale(manifest, { preset: "other" }).factor, 1);
});

suite("the course of a weight", () => {
  test("has its steps, its start and its end", () => {
    const { x, y } = courseOf([1, 1, 1, 2, 2, 2]);
    assert.deepEqual(x, [0, 3, 5]);
    assert.deepEqual(y.w, [1, 2, 2]);
    assert.deepEqual(y.end, [null, null, null]);
  });

  test("makes room for the weight in theory", () => {
    const { y, yRange } = courseOf([1, 2], { end: 4e-9 });
    assert.deepEqual(y.end, [4, 4]);
    assert.deepEqual(yRange, [1, 4]);
  });

  test("makes room for a bound that is near", () => {
    const { y, yRange, beyond } = courseOf([1, 2], { w_max: 2.5e-9 });
    assert.deepEqual(yRange, [1, 2.5]);
    assert.deepEqual(y.highest, [2.5, 2.5]);
    assert.deepEqual(beyond, []);
  });

  test("tells of a bound that is far", () => {
    const { y, yRange, beyond } = courseOf([1, 2], { w_min: -9e-9, w_max: 9e-9 });
    assert.deepEqual(yRange, [1, 2]);
    assert.deepEqual(
      [y.lowest, y.highest],
      [
        [null, null],
        [null, null],
      ],
    );
    assert.deepEqual(beyond, ["bottom", "top"]);
  });
});

test("a far bound is marked at its edge, with a triangle that points to it", () => {
  const marks = weight.farBoundMarks(["top", "bottom"], 3, { target: "#000" });
  assert.deepEqual(
    marks.map(({ x, y, shape }) => [x, y, shape]),
    [
      [3, "top", "triangle up"],
      [3, "bottom", "triangle down"],
    ],
  );
});

suite("a note on bounds", () => {
  const note = (w_min, w_max, predicted, w) =>
    weight.boundNote(
      { w_min, w_max },
      [{ before: 1, predicted }],
      Float64Array.from(w),
    );

  test("is made where one has cut a change off", () => {
    assert.match(note(0, null, -3, [1, 0]), /^The lower bound cut the weight off/);
    assert.match(note(null, 2, 3, [1, 2]), /^The upper bound cut the weight off/);
  });

  test("is not made where none is met, or just met", () => {
    assert.equal(note(0, 9, 1, [1, 2]), "");
    assert.equal(note(0, 2, 1, [1, 2]), "");
    assert.equal(note(null, null, 100, [1, 101]), "");
  });
});
