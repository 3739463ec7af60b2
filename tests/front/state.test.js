import assert from "node:assert/strict";
import { suite, test } from "node:test";

import * as state from "../../homeo/lab/front/state.js";
import { manifest } from "./manifest.js";

const initial = state.readState(manifest, {});
const read = (given) => state.readState(manifest, given, initial);

test("a Lab begins with its default preset", () => {
  const values = { tau: 0.02, n: 100, w_max: null, lag: 0, rule: "a", pre: true };
  assert.deepEqual(initial, { preset: "first", values, seed: 0, controls: null });
  assert.deepEqual(state.readState(manifest, undefined), initial);
  assert.deepEqual(state.presetValues(manifest, "first"), values);
});

suite("a value", () => {
  for (const [name, given, expected] of [
    ["tau", 0.05, 0.05],
    ["tau", 1, 0.1],
    ["tau", -1, 0.01],
    ["n", 33.4, 33],
    ["w_max", 2e-9, 2e-9],
    ["w_max", null, null],
    ["w_max", 1, 5e-9],
    ["lag", 0.01234, 0.0123],
    ["rule", "b", "b"],
    ["pre", false, false],
  ]) {
    test(`of ${name}: ${given} is read as ${expected}`, () => {
      const value = read({ values: { [name]: given } }).values[name];
      if (typeof expected === "number") {
        assert.ok(Math.abs(value - expected) <= 1e-12 * Math.abs(expected));
      } else {
        assert.equal(value, expected);
      }
    });
  }

  for (const bad of [NaN, Infinity, "0.05", undefined, {}, [0.05], true]) {
    test(`of no sense is passed over: ${JSON.stringify(bad) ?? bad}`, () => {
      for (const name of ["tau", "n", "w_max", "lag", "rule"]) {
        assert.deepEqual(read({ values: { [name]: bad } }), initial, name);
      }
    });
  }

  test("without a bound is for those that may be without", () => {
    assert.deepEqual(read({ values: { tau: null, n: null } }), initial);
  });

  test("on a time step stays to the last digit", () => {
    assert.equal(read({ values: { lag: 3 * 1e-4 } }).values.lag, 3 * 1e-4);
  });

  test("of an unknown or an inherited name is passed over", () => {
    const given = { values: { tauH: 1, toString: 2 }, preset: "toString" };
    assert.deepEqual(read(given), initial);
    assert.deepEqual(read({ values: { rule: "toString" } }), initial);
  });
});

test("another preset sets all values; those given count in its units", () => {
  const next = read({ preset: "other", values: { n: 50 } });
  assert.deepEqual(next.values, { ...state.presetValues(manifest, "other"), n: 50 });
  assert.ok(!state.isUnchanged(manifest, next));
  assert.ok(state.isUnchanged(manifest, read({ preset: "other" })));
});

test("a preset leaves alone what is none of its settings", () => {
  const narrow = { ...manifest, preset_settings: ["tau"] };
  const moved = { ...state.presetValues(manifest, "first"), n: 50, tau: 0.05 };
  const next = state.withPreset(narrow, "other", moved);
  assert.deepEqual(next, { ...moved, tau: 0.1 });
  assert.ok(state.isUnchanged(narrow, { preset: "other", values: next }));
  assert.ok(!state.isUnchanged(narrow, { preset: "other", values: moved }));
});

test("the previous state stays where nothing sound is given", () => {
  const previous = read({ values: { tau: 0.05 }, seed: 3, controls: ["tau"] });
  assert.deepEqual(state.readState(manifest, { seed: -1 }, previous), previous);
  assert.deepEqual(state.readState(manifest, null, previous), previous);
});

test("a seed is a whole number that 31 bits hold", () => {
  const { HIGHEST_SEED, readSeed } = state;
  for (const seed of [0, 7, HIGHEST_SEED]) assert.equal(readSeed(seed), seed);
  for (const seed of [-1, 1.5, HIGHEST_SEED + 1, NaN, "3", null]) {
    assert.equal(readSeed(seed), undefined, `${seed}`);
  }
});

test("controls are known names, or null for all", () => {
  assert.deepEqual(read({ controls: ["tau", "nonsense", 3] }).controls, ["tau"]);
  const few = read({ controls: ["tau"] });
  assert.equal(state.readState(manifest, { controls: null }, few).controls, null);
  assert.deepEqual(state.readState(manifest, { controls: "n" }, few), few);
});

test("two states give the same run if preset, seed and values are the same", () => {
  assert.ok(state.sameRun(initial, read({ controls: ["tau"] })));
  assert.ok(!state.sameRun(initial, read({ seed: 1 })));
  assert.ok(!state.sameRun(initial, read({ values: { tau: 0.05 } })));
  assert.ok(!state.sameRun(initial, { ...initial, preset: "other" }));
});
