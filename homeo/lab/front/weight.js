/** What the plots of a weight share. */

import { rangeAround } from "./chart.js";
import { axisLabel, formatMeasured, formatNumber } from "./numbers.js";
import { extent, numbersOf } from "./run.js";
import { lineStyle } from "./styles.js";

/**
 * Return the unit that weights are shown in: it depends on the preset.
 *
 * @returns {{unit: string, factor: number}}
 */
export function weightScale(manifest, { preset }) {
  return manifest.presets[preset].w_max;
}

/** The lines of a weight and its bounds, for a chart. */
export function weightLines(colors) {
  const bound = { ...lineStyle("target", colors), width: 2 };
  return {
    w: { ...lineStyle("w", colors), steps: true, label: "weight w" },
    lowest: { ...bound, label: "bounds, if near" },
    highest: bound,
  };
}

/**
 * Return what a chart needs to draw the weight of a run.
 *
 * @param {import("./engine.js").Run} run
 * @param {{unit: string, factor: number}} scale
 * @param {object} options
 * @param {number} [options.end] the weight in theory, at the end
 * @param {number} options.margin of the range, as a share
 * @returns {object} for `draw`, with the times in seconds
 */
export function weightCourse(run, { unit, factor }, { end, margin }) {
  const { times, values } = stepsOf(numbersOf(run, "time"), numbersOf(run, "w"));
  const w = values.map((value) => value / factor);
  const expected = end === undefined ? [] : [end / factor];
  const [lowest, highest] = [run.values.w_min, run.values.w_max]
    .map((bound) => (bound === null ? null : bound / factor))
    .map(onlyNear(extent(w, expected)));
  const drawn = [...w, ...expected, lowest, highest].filter((value) => value !== null);
  const level = (value) => w.map(() => value);
  return {
    x: times,
    y: {
      lowest: level(lowest),
      highest: level(highest),
      w,
      end: level(expected[0] ?? null),
    },
    yRange: rangeAround(...extent(drawn), { margin }),
    yLabel: axisLabel("w", unit),
    description:
      `The weight moves in steps, at the spikes, from ${formatNumber(w[0])} to ` +
      `${formatMeasured(w.at(-1))} ${unit}.`,
  };
}

/**
 * Say whether a bound has cut a weight change off.
 *
 * @param {{w_min: number|null, w_max: number|null}} bounds
 * @param {{before: number, predicted: number}[]} changes the weight before each, and
 *   by how much it would change without bounds
 * @returns {string} a sentence, or nothing
 */
export function boundNote({ w_min, w_max }, changes) {
  const ends = changes.map(({ before, predicted }) => before + predicted);
  const met = [];
  if (w_min !== null && ends.some((end) => end < w_min)) met.push("lower");
  if (w_max !== null && ends.some((end) => end > w_max)) met.push("upper");
  if (!met.length) return "";
  const bounds = `${met.join(" and the ")} bound`;
  return `The ${bounds} cut the weight off; the closed form knows no bounds.`;
}

/** Return the first sample, each that differs from the one before, and the last. */
function stepsOf(times, values) {
  const last = values.length - 1;
  const steps = { times: [], values: [] };
  for (let k = 0; k <= last; k++) {
    if (k === 0 || k === last || values[k] !== values[k - 1]) {
      steps.times.push(times[k]);
      steps.values.push(values[k]);
    }
  }
  return steps;
}

/** Leave out what would make a plot of values in a range more than twice as high. */
function onlyNear([low, high]) {
  const span = high - low || Math.abs(high) || 1;
  return (value) =>
    value !== null && value >= low - span && value <= high + span ? value : null;
}
