import assert from "node:assert/strict";
import { test } from "node:test";

import { engineArguments, outputsUnder } from "../../homeo/lab/front/arguments.js";
import { presetValues } from "../../homeo/lab/front/state.js";
import { manifest } from "./manifest.js";

const values = presetValues(manifest, "first");
const argumentsOf = (changed) =>
  engineArguments(manifest, { values: { ...values, ...changed }, seed: 5 });

test("numbers are functions of the settings", () => {
  const { argv } = argumentsOf({ tau: 0.05 });
  assert.deepEqual(argv.slice(0, 4), ["engine", "--results_dir", "", "seed=5"]);
  assert.ok(argv.includes("filter.tau=0.05"));
  assert.ok(argv.includes("cells.N=201"), "0.6 + 200 is rounded");
});

test("no bound has a word of its own", () => {
  assert.ok(argumentsOf({}).argv.includes("synapse.w_max=inf"));
  assert.ok(argumentsOf({ w_max: 5e-9 }).argv.includes("synapse.w_max=5e-9"));
});

test("what another choice needs is zero", () => {
  assert.ok(argumentsOf({ rule: "a" }).argv.includes("synapse.eta=0"));
  assert.ok(argumentsOf({ rule: "b" }).argv.includes("synapse.eta=1"));
});

test("arrays are files", () => {
  const { argv, files } = argumentsOf({ lag: -0.05 });
  assert.ok(argv.includes("spikes=arguments/spikes"));
  assert.deepEqual(Object.keys(files), ["arguments/spikes"]);
  assert.deepEqual(files["arguments/spikes"], Float64Array.of(0.15, 0.15 - 0.05));
  const without = argumentsOf({ pre: false }).files["arguments/spikes"];
  assert.deepEqual(without, Float64Array.of(0.15, 0));
});

test("outputs are those of the settings", () => {
  const files = (rule) => outputsUnder(manifest, { rule }).map(({ file }) => file);
  assert.deepEqual(files("a"), ["w_a", "time"]);
  assert.deepEqual(files("b"), ["w_b", "time"]);
});
