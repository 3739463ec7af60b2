import { createChart } from "../chart.js";
import { formatFixed, formatNumber } from "../numbers.js";
import { createRanges } from "../ranges.js";
import { extent, lastOf, numbersOf } from "../run.js";
import {
  describe,
  histogram,
  meanOf,
  runningMean,
  settlingTime,
} from "../statistics.js";
import { lineStyle } from "../styles.js";
import { createTable } from "../table.js";

/**
 * @import {Marker, Numbers} from "../chart.js"
 * @import {Range} from "../ranges.js"
 * @import {Manifest, Run, View} from "../types"
 *
 * @typedef {object} Course
 * @property {Float64Array} time
 * @property {(number|null)[]} rate_E
 * @property {(number|null)[]} rate_I
 * @property {Float64Array} H
 * @property {Float64Array} w
 *
 * @typedef {object} Summary
 * @property {number[]} cells rates
 * @property {number} mean of the rates
 * @property {number} sd of the rates
 * @property {number} silent a share
 * @property {number} settled in seconds
 * @property {number} w
 */

const RATE_TICKS = [0, 1, 10, 100];

/** As in `homeo.network.settling_time`. */
const SETTLED = { tolerance: 0.1, window: 10 };

/** Intervals over which the rate is averaged where it is looked at closely. */
const SMOOTHED = 5;

/** Bins of the rates of single cells, in Hz. */
const BIN = { width: 1, n: 30 };
const HIGHEST = BIN.width * BIN.n;

/**
 * Chapters 5 to 7: a network that regulates its own rate, drawn as it runs.
 *
 * @param {Manifest} manifest
 * @returns {View}
 */
export function networkView(manifest) {
  const { colors, facts, record_dt: interval } = manifest;
  const ranges = createRanges();
  const gutter = new Set();
  const target = { ...lineStyle("target", colors), label: "target" };
  const rateChart = createChart({
    gutter,
    height: 160,
    xLabel: "time (s)",
    yTicks: RATE_TICKS,
    lines: {
      target,
      rate_I: { ...lineStyle("I", colors), width: 1.2, label: "inhibitory cells" },
      rate_E: { ...lineStyle("E", colors), width: 1.2, label: "excitatory cells" },
      H: { ...lineStyle("H", colors), label: "estimate H" },
    },
  });
  const deviationChart = createChart({
    gutter,
    height: 140,
    xLabel: "time (s)",
    lines: {
      zero: { ...target, label: "G = 0" },
      rate: { ...lineStyle("E", colors), width: 1.2, label: "rate − γ, over 0.5 s" },
      G: { ...lineStyle("G", colors), label: "global factor G" },
    },
  });
  const weightChart = createChart({
    gutter,
    height: 110,
    xLabel: "time (s)",
    lines: { w: { ...lineStyle("w", colors), label: "mean weight from I to E" } },
  });
  const cellChart = createChart({
    height: 180,
    xLabel: "rate of an excitatory cell (Hz)",
    lines: {
      cells: {
        ...lineStyle("E", colors),
        steps: true,
        label: `cells, last ${facts.end_window} s`,
      },
    },
    markers: [{ ...targetMark(colors), label: "target" }],
  });
  /** @type {Range} */
  let cellRange = [0, 10];
  const charts = [rateChart, deviationChart, weightChart, cellChart];
  const readout = createTable(
    ["rule", "rate at the end", "settled after", "s.d. of cells", "silent", "mean w"],
    1,
  );

  return {
    courses: [rateChart.node, deviationChart.node, weightChart.node],
    relation: cellChart.node,
    readout: readout.node,
    isRandom: true,
    forgetRanges: ranges.forget,
    draw(run) {
      const course = readCourse(run);
      drawRates(run, course);
      drawDeviation(run, course);
      drawWeight(run, course);
      const summary = summarise(run, course);
      drawCells(run, summary);
      return drawReadout(run, summary);
    },
    destroy() {
      for (const chart of charts) chart.destroy();
    },
  };

  /**
   * The first sample has no past to count spikes in.
   *
   * @param {Run} run
   * @returns {Course}
   */
  function readCourse(run) {
    const counted = (/** @type {string} */ name) =>
      Array.from(numbersOf(run, name), (rate, k) => (k ? rate : null));
    return {
      time: numbersOf(run, "time"),
      rate_E: counted("rate_E"),
      rate_I: counted("rate_I"),
      H: numbersOf(run, "H"),
      w: numbersOf(run, "w"),
    };
  }

  /**
   * @param {Run} run
   * @param {Course} course
   */
  function drawRates(run, { time, rate_E, rate_I, H }) {
    const { gamma, duration } = run.values;
    const now = lastOf(time);
    const rate = (/** @type {Numbers} */ rates) => formatNumber(rates.at(-1) ?? NaN);
    rateChart.draw({
      x: time,
      y: { target: Array.from(time, () => gamma), rate_I, rate_E, H },
      ranges: { x: [0, duration], y: [0, 300] },
      yLabel: "rate (Hz)",
      description:
        `Rates over ${duration} s, drawn until ${formatNumber(now)} s: excitatory ` +
        `cells ${rate(rate_E)} Hz, inhibitory cells ${rate(rate_I)} Hz, estimate H ` +
        `${rate(H)} Hz, target ${formatNumber(gamma)} Hz.`,
    });
  }

  /**
   * The same about the target: what the synapses read, and what they answer to.
   *
   * @param {Run} run
   * @param {Course} course
   */
  function drawDeviation(run, { time, rate_E, H }) {
    const { gamma, duration } = run.values;
    const G = Array.from(H, (estimate) => estimate - gamma);
    deviationChart.draw({
      x: time,
      y: {
        zero: G.map(() => 0),
        rate: runningMean(rate_E, SMOOTHED).map((rate) =>
          rate === null ? null : rate - gamma,
        ),
        G,
      },
      ranges: { x: [0, duration], y: [-gamma, gamma] },
      yLabel: "Hz",
      description:
        `Deviations from the target, those up to ${formatNumber(gamma)} Hz: global ` +
        `factor G ` +
        `${formatNumber(lastOf(G))} Hz at ${formatNumber(lastOf(time))} s.`,
    });
  }

  /**
   * @param {Run} run
   * @param {Course} course
   */
  function drawWeight(run, { time, w }) {
    const { w_0, duration } = run.values;
    const now = formatNumber(lastOf(w));
    weightChart.draw({
      x: time,
      y: { w },
      ranges: {
        x: [0, duration],
        y: ranges.fit("w", extent([0, w_0], w), undefined, !run.isPartial),
      },
      yLabel: "mean w",
      description: `Mean weight from I to E: ${formatNumber(w_0)} at first, now ${now}.`,
    });
  }

  /**
   * What is known at the end of a run only.
   *
   * @param {Run} run
   * @param {Course} course
   * @returns {Summary|null}
   */
  function summarise(run, { rate_E, w }) {
    if (run.isPartial) return null;
    const { end_window: stretch } = facts;
    const cells = Array.from(numbersOf(run, "late_spikes_E"), (n) => n / stretch);
    const counted = rate_E.filter((rate) => rate !== null);
    const settled = settlingTime(counted, run.values.gamma, SETTLED);
    return {
      cells,
      ...describe(cells),
      silent: meanOf(cells.map((rate) => Number(rate === 0))),
      settled: settled * interval,
      w: lastOf(w),
    };
  }

  /**
   * @param {Run} run
   * @param {Summary|null} summary
   */
  function drawCells({ values: { gamma } }, summary) {
    const edges = Array.from({ length: BIN.n + 1 }, (_, k) => k * BIN.width);
    const counts = summary ? histogram(summary.cells, BIN.width, BIN.n) : [];
    const heights = edges.map((_, k) => counts[Math.min(k, BIN.n - 1)] ?? null);
    const highest = Math.max(10, ...counts);
    if (summary) {
      const [low, high] = ranges.fit("cells", [0, highest]);
      cellRange = [Math.max(0, low), high];
    }
    cellChart.draw({
      x: edges,
      y: { cells: heights },
      ranges: {
        x: [0, HIGHEST],
        y: cellRange,
      },
      yLabel: "cells",
      description: summary
        ? `Rates of ${facts.n_E} excitatory cells in the last ${facts.end_window} s: ` +
          `mean ${formatNumber(summary.mean)} Hz, s.d. ${formatNumber(summary.sd)} Hz; ` +
          `${counts[0]} cells below ${BIN.width} Hz, ${beyond(summary)} above ` +
          `${HIGHEST} Hz.`
        : `Rates of ${facts.n_E} excitatory cells: known at the end of the run.`,
      marks: [{ ...targetMark(colors), x: gamma, y: "top", label: "target" }],
    });
  }

  /**
   * @param {any} values
   * @param {Summary|null} summary
   */
  function noteOn({ rule }, summary) {
    const sentences = [
      "Settled: the mean over 1 s has come within 10 % of the target, to stay.",
    ];
    if (rule === "vogels_2011") {
      sentences.push(
        `Here η counts ${facts.comparable} times per second: so this rule is as fast ` +
          "near 4 Hz as the paper's.",
      );
    }
    if (rule === "brian_example") {
      sentences.push("At the same η, this rule is about a quarter as fast near 4 Hz.");
    }
    if (summary && beyond(summary)) {
      sentences.push(
        `${beyond(summary)} of ${facts.n_E} cells fire at ${HIGHEST} Hz or more; they ` +
          "count in the last bin.",
      );
    }
    return sentences.join(" ");
  }

  /**
   * @param {Run} run
   * @param {Summary|null} summary
   */
  function drawReadout({ values, isPartial }, summary) {
    const texts = summary && {
      rate: `${formatFixed(summary.mean, 2)}\u00a0Hz`,
      settled: Number.isNaN(summary.settled)
        ? "not yet"
        : `${formatFixed(summary.settled, 1)}\u00a0s`,
      sd: `${formatFixed(summary.sd, 2)}\u00a0Hz`,
      silent: `${formatFixed(100 * summary.silent, 0)}\u00a0%`,
      w: formatFixed(summary.w, 3),
    };
    readout.draw({
      caption: isPartial ? "The network runs" : "At the end of the run",
      rows: [
        [
          manifest.settings.rule.options?.[values.rule] ?? values.rule,
          ...(texts ? Object.values(texts) : Array(5).fill("…")),
        ],
      ],
      note: noteOn(values, summary),
    });
    return texts
      ? `Rate of the excitatory cells at the end: ${texts.rate}, settled: ${texts.settled}.`
      : "";
  }
}

/** @param {Summary} summary */
function beyond({ cells }) {
  return cells.filter((rate) => rate >= HIGHEST).length;
}

/**
 * @param {Record<string, string>} colors
 * @returns {Omit<Marker, "label">}
 */
function targetMark({ target }) {
  return { shape: "triangle down", color: target, dash: [1, 3] };
}
