import assert from "node:assert/strict";
import { afterEach, beforeEach, suite, test } from "node:test";

import { createLegend } from "../../homeo/lab/front/legend.js";

/** As much of an element as a legend needs. */
class Element {
  attributes = {};
  children = [];
  style = {};

  constructor(tag) {
    this.tag = tag;
  }

  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }

  append(...children) {
    this.children.push(...children);
  }
}

suite("a legend", () => {
  beforeEach(() => {
    globalThis.document = {
      createElement: (tag) => new Element(tag),
      createElementNS: (_, tag) => new Element(tag),
    };
  });
  afterEach(() => {
    delete globalThis.document;
  });

  const line = { stroke: "#123456", width: 1, label: "a line" };
  const labels = (legend) => legend.node.children.map(({ children }) => children[1]);
  const sample = (legend, k) => legend.node.children[k].children[0].children[0];

  test("lines without a label are not listed", () => {
    const legend = createLegend([line, { ...line, label: undefined }], undefined, []);
    assert.deepEqual(labels(legend), ["a line"]);
    assert.equal(sample(legend, 0).attributes.stroke, "#123456");
    assert.equal(sample(legend, 0).attributes["stroke-width"], "1.5", "thin ones too");
  });

  test("a dotted line has dots", () => {
    const legend = createLegend([{ ...line, isDotted: true }], undefined, []);
    assert.equal(sample(legend, 0).attributes.fill, "#123456");
  });

  test("a band is listed with the line in its middle, a marker with its shape", () => {
    const band = { label: "a band", fill: "#abcdef" };
    const marker = { label: "a marker", shape: "diamond", color: "#000" };
    const legend = createLegend([], [band, { ...line, label: undefined }], [marker]);
    assert.deepEqual(labels(legend).slice(1), ["a marker"]);
    assert.equal(legend.node.children[0].children.at(-1), "a band");
    assert.equal(sample(legend, 0).attributes.fill, "#abcdef");
    assert.equal(sample(legend, 1).attributes.points.split(" ").length, 4);
  });

  test("what is not drawn keeps its place, unseen", () => {
    const legend = createLegend([line, { ...line, label: "another" }], undefined, []);
    const seen = () => legend.node.children.map(({ style }) => style.visibility);
    legend.show((label) => label === "another");
    assert.deepEqual(seen(), ["hidden", ""]);
    legend.show(() => true);
    assert.deepEqual(seen(), ["", ""]);
  });

  test("some lines come last", () => {
    const legend = createLegend(
      [
        { ...line, isLast: true },
        { ...line, label: "b" },
      ],
      undefined,
      [],
    );
    assert.deepEqual(
      legend.node.children.map(({ style }) => style.order),
      ["1", "0"],
    );
  });
});
