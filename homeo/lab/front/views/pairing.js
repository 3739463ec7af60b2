import { createChart } from "../chart.js";
import {
  axisLabel,
  decimalsOf,
  exactDecimals,
  formatFixed,
  formatNumber,
  readableExponent,
  scaledUnit,
  withUnit,
} from "../numbers.js";
import { createRanges, isFlat } from "../ranges.js";
import { extent, largestSize, numbersOf } from "../run.js";
import { slopeOf } from "../statistics.js";
import { lineStyle, markerStyle, translucent } from "../styles.js";
import { createTable } from "../table.js";
import { H_course, pair_weight_change } from "../theory.js";
import {
  boundNote,
  farBound,
  farBoundMarks,
  weightCourse,
  weightLines,
  weightScale,
} from "../weight.js";

/** The weight is read this long before the first spike of a pairing and after the last. */
const WINDOW = 0.01;

/** A larger share of the largest weight change off theory is given a reason. */
const NOTABLE = 0.02;

/** Chapter 3: one pairing in each of five epochs, with a rate of its own. */
export function pairingView(manifest) {
  const { colors, dt, duration, facts } = manifest;
  const ranges = createRanges();
  const theory = lineStyle("theory", colors);
  const pre = { ...markerStyle("I", colors), label: "presynaptic spike" };
  const post = { ...markerStyle("E", colors), label: "postsynaptic spike" };
  const gutter = new Set();
  const factorChart = createChart({
    gutter,
    height: 180,
    xLabel: "time (s)",
    lines: {
      upper: {},
      lower: {},
      G: { ...lineStyle("G", colors), width: 1.5, label: "global factor G" },
      zero: { ...lineStyle("target", colors), label: "G = 0" },
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
  const weightChart = createChart({
    gutter,
    height: 150,
    xLabel: "time (s)",
    lines: weightLines(colors),
    markers: [post, pre, farBound(colors)],
  });
  const change = { ...markerStyle("w", colors), label: "pairings" };
  const relationChart = createChart({
    height: 180,
    xLabel: "G at the presynaptic spike (Hz)",
    lines: { theory: { ...theory, label: "theory" } },
    markers: [change],
  });
  const readout = createTable(
    [
      "population rate (Hz)",
      "G at the presynaptic spike (Hz)",
      "Δw, simulation",
      "Δw, theory at that G",
    ],
    facts.rate_shares.length,
  );

  return {
    courses: [factorChart.node, weightChart.node],
    relation: relationChart.node,
    readout: readout.node,
    isRandom: true,
    forgetRanges: ranges.forget,
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
      drawReadout(run, pairings, { unit, factor });
      return summary;
    },
    destroy() {
      for (const chart of [factorChart, weightChart, relationChart]) chart.destroy();
    },
  };

  function drawFactor(run, epochs) {
    const times = numbersOf(run, "time");
    const G = numbersOf(run, "G");
    const { mean, variance } = H_course(times, epochs, { ...run.values, dt });
    const expected = mean.map((value) => value - run.values.gamma);
    const spread = variance.map((value) => 2 * Math.sqrt(value));
    const upper = expected.map((value, k) => value + spread[k]);
    const lower = expected.map((value, k) => value - spread[k]);
    factorChart.draw({
      x: times,
      y: { upper, lower, G, zero: times.map(() => 0), mean: expected },
      ranges: { x: [0, duration], y: ranges.fit("G", extent(upper, lower, G, [0])) },
      yLabel: "G (Hz)",
      description:
        `Global factor G over ${duration} s. The population rate goes from ` +
        `${formatNumber(epochs[0].rate)} to ${formatNumber(epochs.at(-1).rate)} Hz in ` +
        `${epochs.length} epochs; G ends at ${formatNumber(G.at(-1))} Hz, ` +
        `theory ${formatNumber(expected.at(-1))} Hz.`,
    });
  }

  function drawWeight(run, pairings, scale) {
    const { yRange, beyond, ...course } = weightCourse(run, scale, {
      ranges,
      margin: 0.18,
    });
    weightChart.draw({
      ...course,
      ranges: { x: [0, duration], y: yRange },
      marks: [
        ...pairings.flatMap(({ time }) => [
          { ...post, x: time + run.values.lag, y: "bottom" },
          { ...pre, x: time, y: "top" },
        ]),
        ...farBoundMarks(beyond, duration, colors),
      ],
    });
  }

  function drawRelation(pairings, values, { unit, factor }) {
    const predict = (G) => pair_weight_change(values.lag, G, values) / factor;
    const data = extent(pairings.map(({ G }) => G));
    const ends = ranges.fit("G at a spike", data);
    const measured = pairings.map((pairing) => pairing.measured / factor);
    const range = ranges.fit("change", extent(data.map(predict), measured));
    const exponent = readableExponent(largestSize(range));
    const scaled = (value) => value / 10 ** exponent;
    const extremes = extent(measured).map((w) => formatNumber(w, { zeros: true }));
    const error = formatNumber(largestError(pairings) / factor, { digits: 2 });
    const summary =
      `Weight changes of ${pairings.length} pairings lie between ` +
      `${extremes.join(" and ")} ${unit}, at most ${error} ${unit} from theory.`;
    relationChart.draw({
      x: ends,
      y: { theory: ends.map(predict).map(scaled) },
      ranges: { x: ends, y: range.map(scaled) },
      yLabel: axisLabel("Δw", unit, exponent),
      description: `Weight change of each pairing against G. ${summary}`,
      marks: pairings.map(({ G }, k) => ({ ...change, x: G, y: scaled(measured[k]) })),
    });
    return summary;
  }

  function drawReadout(run, pairings, { unit, factor }) {
    const { values } = run;
    const exponent = readableExponent(largestChange(pairings) / factor);
    const column = (name, scale = 1) =>
      pairings.map((pairing) => pairing[name] / scale);
    const [rates, G] = [column("rate"), column("G")];
    const changes = ["measured", "predicted"].map((name) =>
      column(name, factor * 10 ** exponent),
    );
    const decimals = decimalsOf(changes.flat(), 4);
    const columns = [
      fixedTexts(rates, exactDecimals(rates)),
      fixedTexts(G, decimalsOf(G, 3)),
      ...changes.map((numbers) => fixedTexts(numbers, decimals)),
    ];
    readout.draw({
      caption: `Each pairing, Δw in ${scaledUnit(unit, exponent)}`,
      rows: pairings.map((_, k) => columns.map((texts) => texts[k])),
      note: [
        slopeNote(pairings, values, { unit, factor }),
        boundNote(values, pairings, numbersOf(run, "w")) || motionNote(pairings),
      ].join(" "),
    });
  }
}

function fixedTexts(numbers, decimals) {
  return numbers.map((number) => formatFixed(number, decimals));
}

function largestChange(pairings) {
  return largestSize(pairings.map(({ predicted }) => predicted));
}

function largestError(pairings) {
  return largestSize(pairings.map(({ measured, predicted }) => measured - predicted));
}

/** Hold the slope of the least-squares line through the pairings against theory. */
function slopeNote(pairings, { lag, ...values }, { unit, factor }) {
  const G = pairings.map((pairing) => pairing.G);
  if (isFlat(extent(G))) return "";
  const changes = pairings.map(({ measured }) => measured / factor);
  const slopes = [slopeOf(G, changes), pair_weight_change(lag, 1, values) / factor];
  const exponent = readableExponent(slopes[1]);
  const scaled = slopes.map((slope) => slope / 10 ** exponent);
  const decimals = decimalsOf(scaled.slice(1), 4);
  const [measured, predicted] = fixedTexts(scaled, decimals).map((text) =>
    withUnit(text, `${unit}/Hz`, exponent),
  );
  return `Slope ${measured}, theory ${predicted}.`;
}

function motionNote(pairings) {
  return largestError(pairings) > NOTABLE * largestChange(pairings)
    ? "G moved between the two spikes; theory holds it constant."
    : "";
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
