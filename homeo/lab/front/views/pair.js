import { createChart } from "../chart.js";
import { formatMeasured, formatNumber } from "../numbers.js";
import { extent, numbersOf } from "../run.js";
import { lineStyle, markerStyle } from "../styles.js";
import { createTable } from "../table.js";
import { weight_change } from "../theory.js";
import { boundNote, weightCourse, weightLines, weightScale } from "../weight.js";

const MS = 1e-3;

/** Chapter 2: two spikes at one synapse, G held constant. */
export function pairView(manifest) {
  const { colors, duration, facts } = manifest;
  const pre = { ...markerStyle("I", colors), label: "presynaptic spike" };
  const post = { ...markerStyle("E", colors), label: "postsynaptic spike" };
  const gutter = new Map();
  const traceChart = createChart({
    gutter,
    height: 170,
    xLabel: "time (ms)",
    lines: {
      pre: { ...lineStyle("I", colors), label: "presynaptic trace" },
      post: { ...lineStyle("E", colors), label: "postsynaptic trace" },
    },
    markers: [pre, post],
  });
  const weightChart = createChart({
    gutter,
    height: 190,
    xLabel: "time (ms)",
    lines: {
      ...weightLines(colors),
      end: { ...lineStyle("theory", colors), label: "theory: w after the spikes" },
    },
  });
  const readout = createTable(["after the spikes", "simulation", "closed form"], 1);

  return {
    courses: [traceChart.node, weightChart.node],
    readout: readout.node,
    isRandom: false,
    draw(run) {
      const { values } = run;
      const scale = weightScale(manifest, run);
      const w = numbersOf(run, "w");
      const before = w[0];
      const spikes = {
        pre: values.pre_spike,
        post: values.post_spike,
        lag: values.lag,
      };
      const predicted = weight_change(spikes, values.G, values);
      const [measuredText, predictedText] = [w.at(-1) - before, predicted].map(
        (change) => formatMeasured(change / scale.factor),
      );
      const summary =
        `Weight change ${measuredText} ${scale.unit}, ` +
        `closed form ${predictedText} ${scale.unit}.`;

      drawWeight(run, before + predicted, scale, summary);
      drawTraces(run);
      readout.draw({
        caption: "Weight change",
        rows: [[`Δw (${scale.unit})`, measuredText, predictedText]],
        note: boundNote(values, [{ before, predicted }]),
      });
      return summary;
    },
    destroy() {
      for (const chart of [traceChart, weightChart]) chart.destroy();
    },
  };

  function drawTraces(run) {
    const traces = {
      pre: numbersOf(run, "pre_trace"),
      post: numbersOf(run, "post_trace"),
    };
    const [, highest] = extent(traces.pre, traces.post, [1]);
    traceChart.draw({
      x: numbersOf(run, "time").map((t) => t / MS),
      y: traces,
      ranges: { x: [0, duration / MS], y: [0, 1.2 * highest] },
      yLabel: "trace",
      description:
        "The presynaptic and the postsynaptic trace over " +
        `${formatNumber(duration / MS)} ms; each jumps by 1 at a spike of its own ` +
        `neuron. ${spikesInWords(run.values)}`,
      marks: spikeMarks(run.values),
    });
  }

  function drawWeight(run, end, scale, summary) {
    const { x, yRange, description, ...course } = weightCourse(run, scale, {
      end,
      margin: 0.08,
    });
    weightChart.draw({
      ...course,
      x: x.map((t) => t / MS),
      ranges: { x: [0, duration / MS], y: yRange },
      description: `${description} ${summary}`,
      marks: spikeMarks(run.values),
    });
  }

  function spikeMarks({ pre_spike, post_spike, lag }) {
    const marks = [];
    if (pre_spike) marks.push({ ...pre, x: facts.pre_spike / MS, y: "top" });
    if (post_spike) {
      marks.push({ ...post, x: (facts.pre_spike + lag) / MS, y: "bottom" });
    }
    return marks;
  }
}

function spikesInWords({ pre_spike, post_spike, lag }) {
  if (pre_spike && post_spike) {
    const distance = `${formatNumber(Math.abs(lag) / MS)} ms`;
    const order = lag < 0 ? "before" : "after";
    return `The postsynaptic spike comes ${distance} ${order} the presynaptic one.`;
  }
  if (pre_spike) return "There is a presynaptic spike only.";
  return post_spike ? "There is a postsynaptic spike only." : "There is no spike.";
}
