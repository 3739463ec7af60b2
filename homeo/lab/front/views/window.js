import { createChart } from "../chart.js";
import {
  axisLabel,
  decimalsOf,
  formatFixed,
  formatNumber,
  readableExponent,
  scaledUnit,
  withUnit,
} from "../numbers.js";
import { createRanges } from "../ranges.js";
import { columnsOf, extent, largestSize } from "../run.js";
import { lineStyle } from "../styles.js";
import { createTable } from "../table.js";
import { weight_change } from "../theory.js";
import { weightScale } from "../weight.js";

/**
 * @import {Rule} from "../theory.js"
 * @import {Manifest, Run, Scale, View} from "../types"
 */

const MS = 1e-3;

/**
 * The rules that read G, and what distinguishes them.
 *
 * @type {{rule: Rule, name: string, carrier: string}[]}
 */
const RULES = [
  { rule: "zenke_2015", name: "paper's rule", carrier: "presynaptic" },
  { rule: "brian_example", name: "example's rule", carrier: "postsynaptic" },
];

/**
 * Chapter 4: one pair of spikes at every lag, under either rule.
 *
 * @param {Manifest} manifest
 * @returns {View}
 */
export function windowView(manifest) {
  const { colors, facts } = manifest;
  const ranges = createRanges();
  /** @type {number[]} */
  const lags = facts.lags;
  const x = lags.map((lag) => lag / MS);
  const peak = lags.indexOf(0);
  const far = x.length - 1;
  const gutter = new Set();
  const rules = RULES.map(({ rule, name, carrier }) => ({
    rule,
    name,
    chart: createChart({
      gutter,
      height: 180,
      xLabel: "lag, post minus pre (ms)",
      lines: {
        zero: { ...lineStyle("target", colors), label: "no change" },
        w: {
          stroke: colors.w,
          isDotted: true,
          label: `${name}: "+1" on the ${carrier} spike`,
        },
        // Above the dots: both are seen where they coincide.
        theory: { ...lineStyle("theory", colors), label: "theory" },
      },
    }),
  }));
  const header = rules.flatMap(({ name }) => [name, "theory"]);
  const readout = createTable(["Δw", ...header], 3);

  return {
    courses: rules.map(({ chart }) => chart.node),
    readout: readout.node,
    isRandom: false,
    forgetRanges: ranges.forget,
    draw(run) {
      const scale = weightScale(manifest, run);
      const windows = rules.map((rule) => ({ ...rule, ...windowOf(run, rule, scale) }));
      const all = windows.flatMap(({ measured, predicted }) => [measured, predicted]);
      const range = ranges.fit("change", extent([0], ...all));
      const exponent = readableExponent(largestSize(range));
      const power = 10 ** exponent;
      const scaled = (/** @type {number[]} */ changes) =>
        changes.map((change) => change / power);
      for (const { chart, name, measured, predicted } of windows) {
        const [top, end] = [measured[peak], measured[far]].map((change) =>
          formatNumber(change, { zeros: true }),
        );
        chart.draw({
          x,
          y: { zero: x.map(() => 0), w: scaled(measured), theory: scaled(predicted) },
          ranges: { x: [x[0], x[far]], y: [range[0] / power, range[1] / power] },
          yLabel: axisLabel("Δw", scale.unit, exponent),
          description:
            `Weight change against the lag under the ${name}: ${top} ${scale.unit} at ` +
            `a lag of 0, ${end} ${scale.unit} at ${formatNumber(x[far])} ms in either ` +
            "order.",
        });
      }
      return drawReadout(windows, scale, run.values);
    },
    destroy() {
      for (const { chart } of rules) chart.destroy();
    },
  };

  /**
   * Return the weight changes that one rule makes, at all lags.
   *
   * @param {Run} run
   * @param {{rule: Rule}} rule
   * @param {Scale} scale
   */
  function windowOf(run, { rule }, { factor }) {
    const [before, after] = [0, 1].map((row) =>
      columnsOf(run, `w_${rule}`, factor).map((course) => course[row]),
    );
    const { values } = run;
    return {
      measured: after.map((w, k) => w - before[k]),
      predicted: lags.map((lag) => {
        const spikes = { pre: values.pre_spike, post: true, lag };
        return weight_change(spikes, values.G, { ...values, rule }) / factor;
      }),
    };
  }

  /**
   * @param {{measured: number[], predicted: number[]}[]} windows
   * @param {Scale} scale
   * @param {any} values
   */
  function drawReadout(windows, { unit }, { pre_spike }) {
    const columns = windows.flatMap(({ measured, predicted }) => [measured, predicted]);
    const read = columns.flatMap((changes) => [changes[peak], changes[far]]);
    const exponent = readableExponent(largestSize(read));
    const decimals = decimalsOf(
      read.map((change) => change / 10 ** exponent),
      4,
    );
    const text = (/** @type {number} */ change) =>
      formatFixed(change / 10 ** exponent, decimals);
    const ratio = (/** @type {number[]} */ changes) =>
      changes[far] === 0 ? "–" : formatFixed(changes[peak] / changes[far], 3);
    readout.draw({
      caption: `Weight change in ${scaledUnit(unit, exponent)}`,
      rows: [
        ["lag 0", ...columns.map((changes) => text(changes[peak]))],
        [
          `lag ${formatNumber(x[far])} ms`,
          ...columns.map((changes) => text(changes[far])),
        ],
        ["ratio", ...columns.map(ratio)],
      ],
      note: pre_spike
        ? "Both rules have the same window: a pair holds one spike of either kind."
        : "Without presynaptic spikes there are no pairs.",
    });
    const [measured, predicted] = columns.map((changes) =>
      withUnit(text(changes[peak]), unit, exponent),
    );
    return `Weight change at lag zero: ${measured}, theory ${predicted}.`;
  }
}
