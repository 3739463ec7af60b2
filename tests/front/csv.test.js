import assert from "node:assert/strict";
import { test } from "node:test";

import { csvOf } from "../../homeo/lab/front/csv.js";
import { presetValues } from "../../homeo/lab/front/state.js";
import { manifest } from "./manifest.js";

const course = { dims: ["time"], unit: "Hz", meaning: "" };
const run = {
  preset: "first",
  values: presetValues(manifest, "first"),
  seed: 12,
  outputs: [
    { ...course, name: "time", unit: "s", shape: [2], data: Float64Array.of(0, 0.1) },
    {
      ...course,
      name: "w",
      unit: "S",
      shape: [2, 1],
      data: Float64Array.of(1e-9, 2e-9),
    },
    {
      ...course,
      name: "H",
      dims: ["time", "trial"],
      shape: [2, 2],
      data: Float64Array.of(1, 2, 3, 4),
    },
    {
      name: "end",
      dims: ["cell"],
      shape: [3],
      unit: "Hz",
      meaning: "at the end",
      data: Float64Array.of(7, 8, 9),
    },
  ],
};
const lines = csvOf(manifest, run).split("\n");

test("each sample has a row, each column its unit", () => {
  assert.deepEqual(
    lines.filter((line) => !line.startsWith("#")),
    ["time (s),w (nS),H 1 (Hz),H 2 (Hz)", "0,1,1,2", "0.1,2,3,4", ""],
  );
});

test("every setting is told as it was set", () => {
  assert.ok(lines.includes("# tau: 20 ms (time constant)"));
  assert.ok(lines.includes("# w_max: no bound (the upper bound)"));
  assert.ok(lines.includes("# rule: a (rule)"));
  assert.ok(lines.includes("# pre: true (presynaptic spike)"));
  assert.ok(lines.includes("# seed: 12"));
  assert.ok(lines.includes("# preset at the start: first"));
});

test("a time such as 0.1 s over 0.001 has no tail of rounding", () => {
  const values = { ...run.values, lag: 3 * 1e-4 };
  assert.ok(csvOf(manifest, { ...run, values }).includes("# lag: 0.3 ms (lag)"));
});

test("what is no course is a comment", () => {
  assert.ok(lines.includes("# end (Hz; at the end), by cell: 7 8 9"));
});
