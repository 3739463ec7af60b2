import { createChart } from "../chart.js";
import {
  decimalsOf,
  formatFixed,
  formatNumber,
  readableExponent,
  scaledUnit,
  withUnit,
} from "../numbers.js";
import { createRanges } from "../ranges.js";
import { largestSize, lastOf, numbersOf } from "../run.js";
import { INK, lineStyle, markerStyle } from "../styles.js";
import { createTable } from "../table.js";
import { weight_change } from "../theory.js";
import {
  boundNote,
  farBound,
  farBoundMarks,
  weightCourse,
  weightLines,
  weightScale,
} from "../weight.js";

/**
 * @import {Mark, Marker} from "../chart.js"
 * @import {Range} from "../ranges.js"
 * @import {Manifest, Run, Scale, View} from "../types"
 */

const MS = 1e-3;

/** How much of the time before and after the presynaptic spike is drawn. */
const AROUND = 0.11;

/**
 * Chapter 2: two spikes at one synapse, G held constant.
 *
 * @param {Manifest} manifest
 * @returns {View}
 */
export function pairView(manifest) {
  const { colors, facts, record_dt } = manifest;
  const ranges = createRanges();
  /** @type {Range} */
  const shown = [(facts.pre_spike - AROUND) / MS, (facts.pre_spike + AROUND) / MS];
  const pre = { ...markerStyle("I", colors), label: "presynaptic spike" };
  const post = { ...markerStyle("E", colors), label: "postsynaptic spike" };
  /** @type {Marker} */
  const read = { label: "trace value that is read", shape: "dot", color: INK };
  const gutter = new Set();
  const traceChart = createChart({
    gutter,
    height: 170,
    xLabel: "time (ms)",
    lines: {
      // The dashes above the line: both are seen where they coincide.
      post: { ...lineStyle("E", colors), label: "postsynaptic trace" },
      pre: { ...lineStyle("I", colors), label: "presynaptic trace" },
    },
    markers: [post, pre, read],
  });
  const weightChart = createChart({
    gutter,
    height: 190,
    xLabel: "time (ms)",
    lines: {
      ...weightLines(colors),
      end: { ...lineStyle("theory", colors), label: "theory: w after the spikes" },
    },
    markers: [farBound(colors)],
  });
  const readout = createTable(["after the spikes", "simulation", "theory"], 1);

  return {
    courses: [traceChart.node, weightChart.node],
    readout: readout.node,
    isRandom: false,
    forgetRanges: ranges.forget,
    draw(run) {
      const { values } = run;
      const scale = weightScale(manifest, run);
      const { unit, factor } = scale;
      const w = numbersOf(run, "w");
      const before = w[0];
      const spikes = {
        pre: values.pre_spike,
        post: values.post_spike,
        lag: values.lag,
      };
      const predicted = weight_change(spikes, values.G, values);
      const changes = [lastOf(w) - before, predicted].map((change) => change / factor);
      const exponent = readableExponent(largestSize(changes));
      const scaled = changes.map((change) => change / 10 ** exponent);
      const texts = scaled.map((change) => formatFixed(change, decimalsOf(scaled, 3)));
      const [measuredText, predictedText] = texts.map((text) =>
        withUnit(text, unit, exponent),
      );
      const summary = `Weight change ${measuredText}, theory ${predictedText}.`;

      drawWeight(run, before + predicted, scale, summary);
      drawTraces(run);
      readout.draw({
        caption: "Weight change",
        rows: [[`Δw (${scaledUnit(unit, exponent)})`, ...texts]],
        note: boundNote(values, [{ before, predicted }], numbersOf(run, "w")),
      });
      return summary;
    },
    destroy() {
      for (const chart of [traceChart, weightChart]) chart.destroy();
    },
  };

  /** @param {Run} run */
  function drawTraces(run) {
    const traces = {
      pre: numbersOf(run, "pre_trace"),
      post: numbersOf(run, "post_trace"),
    };
    traceChart.draw({
      x: numbersOf(run, "time").map((t) => t / MS),
      y: traces,
      ranges: { x: shown, y: [0, 1.2] },
      yLabel: "trace",
      description:
        "The presynaptic and the postsynaptic trace from " +
        `${shown.map((time) => formatNumber(time)).join(" to ")} ms; each jumps by 1 ` +
        `at a spike of its own neuron. ${spikesInWords(run.values)}`,
      marks: [...spikeMarks(run.values), ...readMarks(run)],
    });
  }

  /**
   * @param {Run} run
   * @param {number} end
   * @param {Scale} scale
   * @param {string} summary
   */
  function drawWeight(run, end, scale, summary) {
    const { x, yRange, beyond, description, ...course } = weightCourse(run, scale, {
      ranges,
      margin: 0.12,
      end,
    });
    weightChart.draw({
      ...course,
      x: x.map((t) => t / MS),
      ranges: { x: shown, y: yRange },
      description: `${description} ${summary}`,
      marks: [...spikeMarks(run.values), ...farBoundMarks(beyond, shown[1], colors)],
    });
  }

  /** @param {any} values */
  function spikeMarks({ pre_spike, post_spike, lag }) {
    /** @type {Mark[]} */
    const marks = [];
    if (post_spike) {
      marks.push({ ...post, x: (facts.pre_spike + lag) / MS, y: "bottom" });
    }
    if (pre_spike) marks.push({ ...pre, x: facts.pre_spike / MS, y: "top" });
    return marks;
  }

  /**
   * The later spike reads the trace of the earlier one, in one step that of pre.
   *
   * @param {Run} run
   * @returns {Mark[]}
   */
  function readMarks(run) {
    const { pre_spike, post_spike, lag } = run.values;
    if (!(pre_spike && post_spike)) return [];
    const isPostFirst = Math.round(lag / record_dt) < 0;
    const time = facts.pre_spike + (isPostFirst ? 0 : lag);
    const trace = numbersOf(run, isPostFirst ? "post_trace" : "pre_trace");
    // Samples are taken before a step, spikes act after the decay in it.
    return [{ ...read, x: time / MS, y: trace[Math.round(time / record_dt) + 1] }];
  }
}

/** @param {any} values */
function spikesInWords({ pre_spike, post_spike, lag }) {
  if (pre_spike && post_spike) {
    const distance = `${formatNumber(Math.abs(lag) / MS)} ms`;
    const order = lag < 0 ? "before" : "after";
    return `The postsynaptic spike comes ${distance} ${order} the presynaptic one.`;
  }
  if (pre_spike) return "There is a presynaptic spike only.";
  return post_spike ? "There is a postsynaptic spike only." : "There is no spike.";
}
