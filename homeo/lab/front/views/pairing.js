import { createChart, rangeAround } from "../chart.js";
import {
  axisLabel,
  formatMeasured,
  formatNumber,
  readableExponent,
} from "../numbers.js";
import { extent, numbersOf } from "../run.js";
import { lineStyle, markerStyle, translucent } from "../styles.js";
import { createTable } from "../table.js";
import { H_course, pair_weight_change } from "../theory.js";
import { boundNote, weightCourse, weightLines, weightScale } from "../weight.js";

/** Half of the window in which a weight change is read, as in homeo/protocol.py. */
const WINDOW = 0.01;

/** Chapter 3: one pairing in each of five epochs, with a rate of its own. */
export function pairingView(manifest) {
  const { colors, duration, facts, record_dt } = manifest;
  const theory = lineStyle("theory", colors);
  const pre = { ...markerStyle("I", colors), label: "presynaptic spike" };
  const post = { ...markerStyle("E", colors), label: "postsynaptic spike" };
  const gutter = new Map();
  const factorChart = createChart({
    gutter,
    height: 180,
    xLabel: "time (s)",
    lines: {
      upper: {},
      lower: {},
      G: { ...lineStyle("G", colors), width: 1.5, label: "global factor G" },
      zero: { ...lineStyle("target", colors), label: "G = 0" },
      mean: { ...theory, width: 2.2 },
    },
    band: {
      upper: "upper",
      lower: "lower",
      middle: "mean",
      fill: translucent(colors.theory, 0.25),
      label: "theory: mean ± 2 s.d.",
    },
  });
  const weightChart = createChart({
    gutter,
    height: 150,
    xLabel: "time (s)",
    lines: weightLines(colors),
    markers: [pre, post],
  });
  const change = { ...markerStyle("w", colors), label: "pairings" };
  const relationChart = createChart({
    height: 320,
    xLabel: "G at the presynaptic spike (Hz)",
    lines: { theory: { ...theory, label: "theory" } },
    markers: [change],
  });
  const readout = createTable(
    ["population rate (Hz)", "G (Hz)", "Δw, simulation", "Δw, closed form"],
    facts.rate_shares.length,
  );

  return {
    courses: [factorChart.node, weightChart.node],
    relation: relationChart.node,
    readout: readout.node,
    isRandom: true,
    draw(run) {
      const { values } = run;
      const { unit, factor } = weightScale(manifest, run);
      const epochs = facts.rate_shares.map((share, k) => ({
        start: k * facts.epoch,
        rate: share * values.rate_max,
      }));
      const pairings = epochs.map((epoch) => readPairing(run, epoch, manifest));

      drawWeight(run, pairings, { unit, factor });
      drawFactor(run, epochs);
      const summary = drawRelation(pairings, values, { unit, factor });
      readout.draw({
        caption: `Each pairing, Δw in ${unit}`,
        rows: pairings.map(({ rate, G, measured, predicted }) => [
          formatNumber(rate),
          ...[G, measured / factor, predicted / factor].map(formatMeasured),
        ]),
        note: boundNote(values, pairings),
      });
      return summary;
    },
    destroy() {
      for (const chart of [factorChart, weightChart, relationChart]) chart.destroy();
    },
  };

  function drawFactor(run, epochs) {
    const times = numbersOf(run, "time");
    const G = numbersOf(run, "G");
    const { mean, variance } = H_course(times, epochs, run.values);
    const expected = mean.map((value) => value - run.values.gamma);
    const spread = variance.map((value) => 2 * Math.sqrt(value));
    const upper = expected.map((value, k) => value + spread[k]);
    const lower = expected.map((value, k) => value - spread[k]);
    factorChart.draw({
      x: times,
      y: { upper, lower, G, zero: times.map(() => 0), mean: expected },
      ranges: { x: [0, duration], y: rangeAround(...extent(upper, lower, G, [0])) },
      yLabel: "G (Hz)",
      description:
        `Global factor G over ${duration} s. The population rate rises from ` +
        `${formatNumber(epochs[0].rate)} to ${formatNumber(epochs.at(-1).rate)} Hz in ` +
        `${epochs.length} epochs; G ends at ${formatNumber(G.at(-1))} Hz, ` +
        `theory ${formatNumber(expected.at(-1))} Hz.`,
    });
  }

  function drawWeight(run, pairings, scale) {
    const { yRange, ...course } = weightCourse(run, scale, { margin: 0.18 });
    weightChart.draw({
      ...course,
      ranges: { x: [0, duration], y: yRange },
      marks: pairings.flatMap(({ time }) => [
        { ...pre, x: time, y: "top" },
        { ...post, x: time + run.values.lag, y: "bottom" },
      ]),
    });
  }

  function drawRelation(pairings, values, { unit, factor }) {
    const [lowest, highest] = extent(pairings.map(({ G }) => G));
    const ends = rangeAround(lowest, highest);
    const line = ends.map((G) => pair_weight_change(values.lag, G, values) / factor);
    const measured = pairings.map((pairing) => pairing.measured / factor);
    const range = rangeAround(...extent(line, measured));
    const exponent = readableExponent(Math.max(...range.map(Math.abs)));
    const scaled = (value) => value / 10 ** exponent;
    const error = Math.max(
      ...pairings.map((pairing) => Math.abs(pairing.measured - pairing.predicted)),
    );
    const summary =
      `Weight changes of ${pairings.length} pairings lie between ` +
      `${formatMeasured(Math.min(...measured))} and ` +
      `${formatMeasured(Math.max(...measured))} ${unit}, at most ` +
      `${formatNumber(error / factor, { digits: 2 })} ${unit} from the closed form.`;
    relationChart.draw({
      x: ends,
      y: { theory: line.map(scaled) },
      ranges: { x: ends, y: range.map(scaled) },
      yLabel: axisLabel("Δw", unit, exponent),
      description: `Weight change of each pairing against G. ${summary}`,
      marks: pairings.map(({ G }, k) => ({ ...change, x: G, y: scaled(measured[k]) })),
    });
    return summary;
  }
}

/** Read one pairing: G at its presynaptic spike, and the weight around its spikes. */
function readPairing(run, { start, rate }, { facts, record_dt }) {
  const at = (name, time) => numbersOf(run, name)[Math.round(time / record_dt)];
  const { values } = run;
  const time = start + facts.pairing_time;
  const [first, last] = [time, time + values.lag].sort((a, b) => a - b);
  const before = at("w", first - WINDOW);
  const G = at("G", time);
  return {
    time,
    rate,
    G,
    before,
    measured: at("w", last + WINDOW) - before,
    predicted: pair_weight_change(values.lag, G, values),
  };
}
