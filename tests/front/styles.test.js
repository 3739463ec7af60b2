import assert from "node:assert/strict";
import { test } from "node:test";

import * as styles from "../../homeo/lab/front/styles.js";

test("a translucent colour has its alpha as two hexadecimal digits", () => {
  assert.equal(styles.translucent("#123456", 1), "#123456ff");
  assert.equal(styles.translucent("#123456", 0.02), "#12345605");
});

test("a marker is drawn about its centre", () => {
  for (const shape of ["triangle up", "triangle down", "diamond", "dot"]) {
    const corners = styles.markerOutline(shape, 10, 20, 5);
    assert.ok(corners.length >= 3);
    for (const [x, y] of corners) {
      assert.ok(Math.abs(x - 10) <= 5 && Math.abs(y - 20) <= 5, shape);
    }
  }
  const peak = (shape) => styles.markerOutline(shape, 0, 0, 1)[2][1];
  assert.deepEqual([peak("triangle up"), peak("triangle down")], [-1, 1]);
});

test("a quantity has its colour and its dashes", () => {
  const colors = { I: "#00f", E: "#f00", theory: "#000" };
  assert.deepEqual(styles.lineStyle("I", colors).dash, [9, 4]);
  assert.equal(styles.lineStyle("E", colors).dash, undefined);
  assert.ok(
    styles.lineStyle("theory", colors).width < styles.lineStyle("E", colors).width,
  );
  assert.deepEqual(styles.markerStyle("E", colors), {
    color: "#f00",
    shape: "triangle up",
    dash: undefined,
  });
});
