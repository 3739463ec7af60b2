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
import { extent, largestSize, lastOf, numbersOf } from "../run.js";
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

/**
 * @import {Mark} from "../chart.js"
 * @import {Manifest, Run, Scale, View} from "../types"
 *
 * @typedef {{start: number, rate: number}} Epoch
 *
 * @typedef {object} Pairing
 * @property {number} time of the presynaptic spike
 * @property {number} rate of the population
 * @property {number} G
 * @property {number} before the weight
 * @property {number} measured weight change
 * @property {number} predicted weight change, at this G
 */

/** The weight is read this long before the first spike of a pairing and after the last. */
const WINDOW = 0.01;

/** A larger share of the largest weight change off theory is given a reason. */
const NOTABLE = 0.02;

/**
 * Chapter 3: one pairing in each of five epochs, with a rate of its own.
 *
 * @param {Manifest} manifest
 * @returns {View}
 */
export function pairingView(manifest) {
  const { colors, dt, facts } = manifest;
  const duration = Number(manifest.duration);
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
      /** @type {number[]} */
      const shares = facts.rate_shares;
      const epochs = shares.map((share, k) => ({
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

  /**
   * @param {Run} run
   * @param {Epoch[]} epochs
   */
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
        `${formatNumber(epochs[0].rate)} to ${formatNumber(epochs[epochs.length - 1].rate)} Hz in ` +
        `${epochs.length} epochs; G ends at ${formatNumber(lastOf(G))} Hz, ` +
        `theory ${formatNumber(lastOf(expected))} Hz.`,
    });
  }

  /**
   * @param {Run} run
   * @param {Pairing[]} pairings
   * @param {Scale} scale
   */
  function drawWeight(run, pairings, scale) {
    const { yRange, beyond, ...course } = weightCourse(run, scale, {
      ranges,
      margin: 0.18,
    });
    weightChart.draw({
      ...course,
      ranges: { x: [0, duration], y: yRange },
      marks: [
        ...pairings.flatMap(({ time }) => spikeMarks(time, run.values)),
        ...farBoundMarks(beyond, duration, colors),
      ],
    });
  }

  /**
   * @param {number} time
   * @param {any} values
   * @returns {Mark[]}
   */
  function spikeMarks(time, { lag }) {
    return [
      { ...post, x: time + lag, y: "bottom" },
      { ...pre, x: time, y: "top" },
    ];
  }

  /**
   * @param {Pairing[]} pairings
   * @param {any} values
   * @param {Scale} scale
   */
  function drawRelation(pairings, values, { unit, factor }) {
    const predict = (/** @type {number} */ G) =>
      pair_weight_change(values.lag, G, values) / factor;
    const data = extent(pairings.map(({ G }) => G));
    const ends = ranges.fit("G at a spike", data);
    const measured = pairings.map((pairing) => pairing.measured / factor);
    const range = ranges.fit("change", extent(data.map(predict), measured));
    const exponent = readableExponent(largestSize(range));
    const scaled = (/** @type {number} */ value) => value / 10 ** exponent;
    const extremes = extent(measured).map((w) => formatNumber(w, { zeros: true }));
    const error = formatNumber(largestError(pairings) / factor, { digits: 2 });
    const summary =
      `Weight changes of ${pairings.length} pairings lie between ` +
      `${extremes.join(" and ")} ${unit}, at most ${error} ${unit} from theory.`;
    relationChart.draw({
      x: ends,
      y: { theory: ends.map(predict).map(scaled) },
      ranges: { x: ends, y: [scaled(range[0]), scaled(range[1])] },
      yLabel: axisLabel("Δw", unit, exponent),
      description: `Weight change of each pairing against G. ${summary}`,
      marks: pairings.map(({ G }, k) => ({ ...change, x: G, y: scaled(measured[k]) })),
    });
    return summary;
  }

  /**
   * @param {Run} run
   * @param {Pairing[]} pairings
   * @param {Scale} scale
   */
  function drawReadout(run, pairings, { unit, factor }) {
    const { values } = run;
    const exponent = readableExponent(largestChange(pairings) / factor);
    const column = (/** @type {keyof Pairing} */ name, scale = 1) =>
      pairings.map((pairing) => pairing[name] / scale);
    const [rates, G] = [column("rate"), column("G")];
    const changes = [
      column("measured", factor * 10 ** exponent),
      column("predicted", factor * 10 ** exponent),
    ];
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

/**
 * @param {number[]} numbers
 * @param {number} decimals
 */
function fixedTexts(numbers, decimals) {
  return numbers.map((number) => formatFixed(number, decimals));
}

/** @param {Pairing[]} pairings */
function largestChange(pairings) {
  return largestSize(pairings.map(({ predicted }) => predicted));
}

/** @param {Pairing[]} pairings */
function largestError(pairings) {
  return largestSize(pairings.map(({ measured, predicted }) => measured - predicted));
}

/**
 * Hold the slope of the least-squares line through the pairings against theory.
 *
 * @param {Pairing[]} pairings
 * @param {any} values
 * @param {Scale} scale
 */
function slopeNote(pairings, values, { unit, factor }) {
  const G = pairings.map((pairing) => pairing.G);
  if (isFlat(extent(G))) return "";
  const changes = pairings.map(({ measured }) => measured / factor);
  const slopes = [
    slopeOf(G, changes),
    pair_weight_change(values.lag, 1, values) / factor,
  ];
  const exponent = readableExponent(slopes[1]);
  const scaled = slopes.map((slope) => slope / 10 ** exponent);
  const decimals = decimalsOf(scaled.slice(1), 4);
  const [measured, predicted] = fixedTexts(scaled, decimals).map((text) =>
    withUnit(text, `${unit}/Hz`, exponent),
  );
  return `Slope ${measured}, theory ${predicted}.`;
}

/** @param {Pairing[]} pairings */
function motionNote(pairings) {
  return largestError(pairings) > NOTABLE * largestChange(pairings)
    ? "G moved between the two spikes; theory holds it constant."
    : "";
}

/**
 * Read one pairing: G at its presynaptic spike, and the weight around its spikes.
 *
 * @param {Run} run
 * @param {Epoch} epoch
 * @param {Manifest} manifest
 * @returns {Pairing}
 */
function readPairing(run, { start, rate }, { facts, record_dt }) {
  /** @type {(name: string, time: number) => number} */
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
