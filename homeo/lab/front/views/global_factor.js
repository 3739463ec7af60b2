import { createChart } from "../chart.js";
import { decimalsOf, formatFixed, formatNumber, formatPair } from "../numbers.js";
import { createRanges } from "../ranges.js";
import { columnsOf, extent, lastOf, numbersOf } from "../run.js";
import { describe, standardErrors } from "../statistics.js";
import { DASH_DOTTED, lineStyle, translucent } from "../styles.js";
import { createTable } from "../table.js";
import { H_course } from "../theory.js";

/**
 * @import {Line} from "../chart.js"
 * @import {Manifest, View} from "../types"
 *
 * @typedef {{mean: Float64Array, variance: Float64Array}} Course in theory
 */

/**
 * Chapter 1: the rate estimate H of several trials while the rate steps.
 *
 * @param {Manifest} manifest
 * @returns {View}
 */
export function globalFactorView({ colors, dt, facts, ...manifest }) {
  const duration = Number(manifest.duration);
  const theory = lineStyle("theory", colors);
  const ranges = createRanges();
  const target = { ...lineStyle("target", colors), dash: DASH_DOTTED };
  const rateChart = createChart({
    height: 220,
    xLabel: "time (s)",
    lines: {
      ...otherTrialLines(facts.trials, colors),
      upper: {},
      lower: {},
      trial1: { ...lineStyle("H", colors), width: 2.4, label: "H, first trial" },
      rate: {
        ...target,
        dash: [2, 4],
        width: 2.4,
        steps: true,
        label: "population rate",
      },
      gamma: { ...target, label: "target γ" },
      mean: theory,
    },
    band: {
      upper: "upper",
      lower: "lower",
      middle: "mean",
      fill: translucent(colors.theory, 0.25),
      label: "theory: mean ± 2 s.d.",
    },
  });
  const factorChart = createChart({
    height: 150,
    xLabel: "time (s)",
    lines: {
      G: { ...lineStyle("G", colors), label: "G = H − γ, first trial" },
      zero: { ...target, label: "G = 0: H is at its target" },
      mean: { ...theory, label: "theory: mean of G" },
    },
  });
  const readout = createTable(["at the end", "simulation", "theory"], 3);

  return {
    courses: [rateChart.node, factorChart.node],
    readout: readout.node,
    isRandom: true,
    forgetRanges: ranges.forget,
    draw(run) {
      const { values } = run;
      const times = numbersOf(run, "time");
      const trials = columnsOf(run, "H");
      const [G] = columnsOf(run, "G");
      const epochs = [
        { start: 0, rate: values.rate_before },
        { start: facts.step, rate: values.rate_after },
      ];
      const course = H_course(times, epochs, { ...values, dt });
      const end = describe(trials.map(lastOf));
      const expected = {
        mean: lastOf(course.mean),
        sd: Math.sqrt(lastOf(course.variance)),
      };
      const errors = standardErrors(expected.sd, trials.length);
      const mean = formatPair(end.mean, errors.mean, expected.mean);
      const summary = `Mean of H at the end: ${mean[0]} Hz, theory ${mean[1]} Hz.`;
      const ofG = [lastOf(G), expected.mean - values.gamma];

      drawRate(times, trials, values, course, summary);
      drawFactor(times, G, values, course);
      readout.draw({
        caption: `Rate estimate and global factor, ${facts.trials} trials`,
        rows: [
          ["mean of H (Hz)", ...mean],
          [
            "s.d. of H between trials (Hz)",
            ...formatPair(end.sd, errors.sd, expected.sd),
          ],
          [
            "G of the first trial (Hz)",
            ...ofG.map((value) => formatFixed(value, decimalsOf([expected.sd], 2))),
          ],
        ],
        note: `Theory allows for the time step of ${formatNumber(1000 * dt)} ms.`,
      });
      return summary;
    },
    destroy() {
      for (const chart of [rateChart, factorChart]) chart.destroy();
    },
  };

  /**
   * @param {Float64Array} times
   * @param {Float64Array[]} trials
   * @param {any} values
   * @param {Course} course
   * @param {string} summary
   */
  function drawRate(times, trials, values, { mean, variance }, summary) {
    const spread = variance.map((value) => 2 * Math.sqrt(value));
    const upper = mean.map((value, k) => value + spread[k]);
    const lower = mean.map((value, k) => value - spread[k]);
    const rate = times.map((t) =>
      t < facts.step ? values.rate_before : values.rate_after,
    );
    const [, highest] = extent(upper, ...trials, [values.gamma], rate);
    const [, top] = ranges.fit("H", [0, highest], 0.05);
    rateChart.draw({
      x: times,
      y: {
        ...Object.fromEntries(trials.map((trial, k) => [`trial${k + 1}`, trial])),
        upper,
        lower,
        rate,
        gamma: times.map(() => values.gamma),
        mean,
      },
      ranges: { x: [0, duration], y: [0, top] },
      yLabel: "H (Hz)",
      description:
        `Rate estimate H of ${trials.length} trials over ${duration} s; the population ` +
        `rate steps from ${formatNumber(values.rate_before)} to ` +
        `${formatNumber(values.rate_after)} Hz after ${facts.step} s, the target is ` +
        `${formatNumber(values.gamma)} Hz. ${summary}`,
    });
  }

  /**
   * @param {Float64Array} times
   * @param {Float64Array} G
   * @param {any} values
   * @param {Course} course
   */
  function drawFactor(times, G, { gamma }, course) {
    const mean = course.mean.map((value) => value - gamma);
    factorChart.draw({
      x: times,
      y: { G, zero: times.map(() => 0), mean },
      ranges: { x: [0, duration], y: ranges.fit("G", extent(G, mean, [0])) },
      yLabel: "G (Hz)",
      description:
        `Global factor G of the first trial over ${duration} s. ` +
        `It ends at ${formatNumber(lastOf(G))} Hz.`,
    });
  }
}

/**
 * All trials but the first: faint, with one entry in the legend.
 *
 * @param {number} trials
 * @param {Record<string, string>} colors
 * @returns {Record<string, Line>}
 */
function otherTrialLines(trials, colors) {
  const faint = { stroke: translucent(colors.H, 0.45), width: 1 };
  return Object.fromEntries(
    Array.from({ length: trials - 1 }, (_, k) => [
      `trial${k + 2}`,
      k === 0 ? { ...faint, label: `${trials - 1} other trials` } : faint,
    ]),
  );
}
