import { createChart } from "../chart.js";
import { formatFixed, formatNumber } from "../numbers.js";
import { createRanges } from "../ranges.js";
import { extent, numbersOf } from "../run.js";
import { describe, histogram, meanOf, runningMean, settlingTime } from "../statistics.js";
import { lineStyle } from "../styles.js";
import { createTable } from "../table.js";

const RATE_TICKS = [0, 1, 10, 100];

/** As in `homeo.network.settling_time`. */
const SETTLED = { tolerance: 0.1, window: 10 };

/** Intervals over which the rate is averaged where it is looked at closely. */
const SMOOTHED = 5;

/** Bins of the rates of single cells, in Hz. */
const BIN = { width: 1, n: 30 };
const HIGHEST = BIN.width * BIN.n;

/** Chapters 5 to 7: a network that regulates its own rate, drawn as it runs. */
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

  /** The first sample has no past to count spikes in. */
  function readCourse(run) {
    const names = ["time", "rate_E", "rate_I", "H", "w"];
    const columns = names.map((name) => [name, numbersOf(run, name)]);
    const { time, rate_E, rate_I, ...rest } = Object.fromEntries(columns);
    const counted = (rates) => Array.from(rates, (rate, k) => (k ? rate : null));
    return { time, rate_E: counted(rate_E), rate_I: counted(rate_I), ...rest };
  }

  function drawRates(run, { time, rate_E, rate_I, H }) {
    const { gamma, duration } = run.values;
    const now = time.at(-1);
    const rate = (rates) => formatNumber(rates.at(-1) ?? NaN);
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

  /** The same about the target: what the synapses read, and what they answer to. */
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
        `${formatNumber(G.at(-1))} Hz at ${formatNumber(time.at(-1))} s.`,
    });
  }

  function drawWeight(run, { time, w }) {
    const { w_0, duration } = run.values;
    const now = formatNumber(w.at(-1));
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

  /** What is known at the end of a run only. */
  function summarise(run, { rate_E, w }) {
    if (run.isPartial) return null;
    const { end_window: stretch } = facts;
    const cells = Array.from(numbersOf(run, "late_spikes_E"), (n) => n / stretch);
    const settled = settlingTime(rate_E.slice(1), run.values.gamma, SETTLED);
    return {
      cells,
      ...describe(cells),
      silent: meanOf(cells.map((rate) => Number(rate === 0))),
      settled: settled * interval,
      w: w.at(-1),
    };
  }

  function drawCells({ values: { gamma } }, summary) {
    const edges = Array.from({ length: BIN.n + 1 }, (_, k) => k * BIN.width);
    const counts = summary ? histogram(summary.cells, BIN.width, BIN.n) : [];
    const heights = edges.map((_, k) => counts[Math.min(k, BIN.n - 1)] ?? null);
    const highest = Math.max(10, ...counts);
    if (summary) cellRange = ranges.fit("cells", [0, highest]).map(notNegative);
    cellChart.draw({
      x: edges,
      y: { cells: heights },
      ranges: {
        x: [0, edges.at(-1)],
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
          manifest.settings.rule.options[values.rule],
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

function notNegative(value) {
  return Math.max(0, value);
}

function beyond({ cells }) {
  return cells.filter((rate) => rate >= HIGHEST).length;
}

function targetMark({ target }) {
  return { shape: "triangle down", color: target, dash: [1, 3] };
}
