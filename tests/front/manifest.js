/** A small manifest, with a setting of every kind. */

const stops = {
  tau: { unit: "ms", factor: 1e-3, positions: [0.01, 0.02, 0.1] },
  n: { unit: "neurons", factor: 1, positions: [10, 100] },
  w_max: { unit: "nS", factor: 1e-9, positions: [1e-9, 5e-9, null] },
  lag: { unit: "ms", factor: 1e-3, positions: [-0.1, 0, 0.1] },
};

/** Return the start values of a preset, and the stops of its sliders. */
function preset(values) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { value, ...stops[name] }]),
  );
}

export const manifest = {
  experiment: "example",
  title: "An example",
  default_preset: "first",
  seed_argument: "seed",
  settings: {
    tau: { meaning: "time constant", kind: "number" },
    n: { meaning: "neurons", kind: "count" },
    w_max: { meaning: 'the "upper" bound', kind: "number" },
    lag: { meaning: "lag", kind: "number", grid: 1e-4 },
    rule: { meaning: "rule", kind: "choice", options: { a: "A", b: "B" } },
    pre: { meaning: "presynaptic spike", kind: "switch" },
  },
  preset_settings: ["tau", "n", "w_max", "lag", "rule", "pre"],
  presets: {
    first: preset({ tau: 0.02, n: 100, w_max: null, lag: 0, rule: "a", pre: true }),
    other: preset({ tau: 0.1, n: 10, w_max: 5e-9, lag: 0.1, rule: "b", pre: false }),
  },
  weight_scales: {
    first: { unit: "nS", factor: 1e-9 },
    other: { unit: "leak conductances", factor: 1 },
  },
  arguments: {
    "filter.tau": { offset: 0, terms: { tau: 1 }, integer: false, none: "", when: {} },
    "cells.N": { offset: 0.6, terms: { n: 2 }, integer: true, none: "", when: {} },
    "synapse.w_max": {
      offset: 0,
      terms: { w_max: 1 },
      integer: false,
      none: "inf",
      when: {},
    },
    "synapse.eta": {
      offset: 1,
      terms: {},
      integer: false,
      none: "",
      when: { rule: ["b"] },
    },
    spikes: [
      { offset: 0.15, terms: {}, integer: false, none: "", when: {} },
      {
        offset: 0.15,
        terms: { lag: 1 },
        integer: false,
        none: "",
        when: { pre: [true] },
      },
    ],
  },
  outputs: [
    { name: "w", file: "w_a", when: { rule: "a" } },
    { name: "w", file: "w_b", when: { rule: "b" } },
    { name: "time", file: "time" },
  ],
};
