import assert from "node:assert/strict";
import { test } from "node:test";

import * as statistics from "../../homeo/lab/front/statistics.js";

test("mean and standard deviation of a sample, with one degree of freedom less", () => {
  assert.deepEqual(statistics.describe([1, 3]), { mean: 2, sd: Math.SQRT2 });
  assert.deepEqual(statistics.describe([5, 5, 5]), { mean: 5, sd: 0 });
});

test("standard errors fall with the number of samples", () => {
  const { mean, sd } = statistics.standardErrors(3, 9);
  assert.equal(mean, 1);
  assert.equal(sd, 0.75);
});

test("the slope of points on a line is that of the line", () => {
  assert.equal(statistics.slopeOf([-1, 0, 4], [5, 3, -5]), -2);
  // What is off by the same on either side of the centre takes nothing from it.
  assert.equal(statistics.slopeOf([0, 1, 2], [1, -2, 1]), 0);
});

test("each sample is in one bin", () => {
  const samples = Array.from({ length: 1000 }, (_, k) => (k * 0.37) % 12);
  const counts = statistics.histogram(samples, 0.1, 50);
  assert.equal(counts.length, 50);
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    samples.length,
  );
  assert.deepEqual(statistics.histogram([0, 0.3, 0.6], 0.3, 3), [1, 1, 1]);
});

test("a course settles at the end of its last window that is off", () => {
  const options = { tolerance: 0.1, window: 2 };
  const { settlingTime } = statistics;
  assert.equal(settlingTime([9, 9, 4, 4, 4], 4, options), 3);
  assert.equal(settlingTime([4, 4, 4], 4, options), 0);
  assert.ok(Number.isNaN(settlingTime([4, 4, 9], 4, options)));
  // It has left again: what came before does not count.
  assert.equal(settlingTime([4, 4, 9, 4, 4, 4], 4, options), 4);
  assert.equal(settlingTime(Float64Array.from([9, 9, 4, 4]), 4, options), 3);
});

test("a running mean is given only where its window is full", () => {
  const means = statistics.runningMean([1, 2, 3, null, 5, 6, 7], 3);
  assert.deepEqual(means, [null, 2, null, null, null, 6, null]);
});

test("a mean", () => {
  assert.equal(statistics.meanOf([1, 2, 6]), 3);
  assert.ok(Number.isNaN(statistics.meanOf([])));
});
