import assert from "node:assert/strict";
import { test } from "node:test";

import * as theory from "../../homeo/lab/front/theory.js";

const near = (value, expected) =>
  assert.ok(Math.abs(value - expected) <= 1e-12 * Math.abs(expected), `${value}`);

test("the mean goes from where it was to the rate", () => {
  const parameters = { tau_H: 2 };
  assert.equal(theory.H_mean(0, 8, parameters, 3), 3);
  near(theory.H_mean(2, 8, parameters, 3), 8 - 5 / Math.E);
  assert.equal(theory.H_mean(Infinity, 8, parameters, 3), 8);
});

test("the variance ends at r/(2Nτ), and forgets where it was twice as fast", () => {
  const parameters = { tau_H: 2, N: 100 };
  assert.equal(theory.H_variance(0, 8, parameters, 7), 7);
  assert.equal(theory.H_variance(Infinity, 8, parameters, 7), 8 / 400);
  near(theory.H_variance(1, 0, parameters, 7), 7 / Math.E);
});

test("a clock reads too high by half a step over the time constant, at first", () => {
  assert.equal(theory.clock_driven_gain(0, 1), 1);
  near(theory.clock_driven_gain(1, 1), 1 / (1 - 1 / Math.E));
  const x = 1e-5;
  assert.ok(Math.abs(theory.clock_driven_gain(x, 1) - 1 - x / 2) < x ** 2);
});

test("a step of the rate to what it was changes nothing", () => {
  const times = Float64Array.of(0, 0.5, 1, 1.5);
  const parameters = { tau_H: 0.4, N: 10, H_0: 1, dt: 0.01 };
  const one = theory.H_course(times, [{ start: 0, rate: 6 }], parameters);
  const epochs = [0, 0.7].map((start) => ({ start, rate: 6 }));
  const two = theory.H_course(times, epochs, parameters);
  for (const k of times.keys()) {
    near(two.mean[k], one.mean[k]);
    if (k) near(two.variance[k], one.variance[k]);
  }
  assert.equal(two.variance[0], 0);
});

test("the '+1' comes with the presynaptic spike, or with the postsynaptic one", () => {
  const parameters = { eta: 2, tau_stdp: 0.02 };
  const change = (rule, pre, post) =>
    theory.weight_change({ pre, post, lag: 0.01 }, 3, { rule, ...parameters });
  assert.equal(change("zenke_2015", true, false), 6);
  assert.equal(change("zenke_2015", false, true), 0);
  assert.equal(change("brian_example", true, false), 0);
  assert.equal(change("brian_example", false, true), 6);
});

test("a pair is worth the same under either rule, in either order", () => {
  const parameters = { eta: 2, tau_stdp: 0.02 };
  for (const lag of [-0.03, 0, 0.03]) {
    const pair = theory.pair_weight_change(lag, -3, parameters);
    near(pair, -6 * (1 + Math.exp(-Math.abs(lag) / 0.02)));
    for (const rule of ["zenke_2015", "brian_example"]) {
      const spikes = { pre: true, post: true, lag };
      assert.equal(theory.weight_change(spikes, -3, { rule, ...parameters }), pair);
    }
  }
});
