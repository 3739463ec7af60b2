import assert from "node:assert/strict";
import { suite, test } from "node:test";

import * as numbers from "../../homeo/lab/front/numbers.js";

suite("formatNumber", () => {
  for (const [value, options, text] of [
    [0, {}, "0"],
    [3, {}, "3"],
    [1 / 3, {}, "0.333"],
    [-0.25, {}, "\u22120.25"],
    [1234.5, { digits: 2 }, "1200"],
    [2, { zeros: true }, "2.00"],
    [20, { zeros: true }, "20.0"],
    [2000, { zeros: true }, "2000"],
    [0.001, {}, "0.001"],
    [1e-4, {}, "10⁻⁴"],
    [-2.5e-12, {}, "\u22122.5×10⁻¹²"],
    [3e-5, { zeros: true }, "3.00×10⁻⁵"],
    [9_999_999, {}, "10⁷"],
    [NaN, {}, "–"],
    [-Infinity, {}, "–"],
  ]) {
    test(`${value} with ${JSON.stringify(options)} is ${text}`, () => {
      assert.equal(numbers.formatNumber(value, options), text);
    });
  }
});

test("decimals show the largest of some numbers to so many digits", () => {
  assert.equal(numbers.decimalsOf([0.5, -12.3], 3), 1);
  assert.equal(numbers.decimalsOf([0.00123], 2), 4);
  assert.equal(numbers.decimalsOf([12345], 3), 0);
  assert.equal(numbers.decimalsOf([1e-9], 3), 6);
  assert.equal(numbers.decimalsOf([0, 0], 3), 2);
  assert.equal(numbers.decimalsOf([NaN], 3), 2);
});

test("exact decimals show numbers as they are, to six at most", () => {
  assert.equal(numbers.exactDecimals([1, 20]), 0);
  assert.equal(numbers.exactDecimals([0.5, 0.25, 3]), 2);
  assert.equal(numbers.exactDecimals([1 / 3]), 6);
});

test("a fixed number has no negative zero", () => {
  assert.equal(numbers.formatFixed(-0.004, 2), "0.00");
  assert.equal(numbers.formatFixed(-0.006, 2), "\u22120.01");
});

test("long counts have thin spaces", () => {
  assert.equal(numbers.formatCount(1000), "1000");
  assert.equal(numbers.formatCount(1_000_000), "1\u202f000\u202f000");
});

test("a value and its theory end at the second digit of the error", () => {
  assert.deepEqual(numbers.formatPair(4.0372, 0.0251, 4), [
    "4.037\u00a0±\u00a00.025",
    "4.000",
  ]);
  assert.deepEqual(numbers.formatPair(-12.34, 1.7, 0), [
    "\u221212.3\u00a0±\u00a01.7",
    "0.0",
  ]);
});

test("a setting has its unit, or no bound", () => {
  assert.equal(
    numbers.formatSetting(0.25, { unit: "ms", factor: 1e-3 }, "number"),
    "250 ms",
  );
  assert.equal(
    numbers.formatSetting(10_000, { unit: "neurons", factor: 1 }, "count"),
    "10\u202f000 neurons",
  );
  assert.equal(
    numbers.formatSetting(null, { unit: "nS", factor: 1e-9 }, "number"),
    "no bound",
  );
});

test("times are in milliseconds below a second", () => {
  assert.equal(numbers.formatTime(0.0123), "12\u00a0ms");
  assert.equal(numbers.formatTime(3.14), "3.1\u00a0s");
});

test("labels and units follow a power of ten", () => {
  assert.equal(numbers.axisLabel("w", "nS"), "w (nS)");
  assert.equal(
    numbers.axisLabel("Δw", "leak conductances", -3),
    "Δw (10⁻³ leak cond.)",
  );
  assert.equal(numbers.scaledUnit("nS", 0), "nS");
  assert.equal(numbers.withUnit("1.5", "nS", 0), "1.5 nS");
  assert.equal(numbers.withUnit("1.5", "nS", -4), "1.5×10⁻⁴ nS");
});

test("an exponent is split off only where numbers are hard to read", () => {
  for (const [size, exponent] of [
    [0, 0],
    [0.01, 0],
    [0.0099, -3],
    [9999, 0],
    [10_000, 4],
    [NaN, 0],
  ]) {
    assert.equal(numbers.readableExponent(size), exponent, `${size}`);
  }
});
