/** What the plots of a weight share. */

import { axisLabel, formatNumber } from "./numbers.js";
import { isWithin } from "./ranges.js";
import { extent, numbersOf } from "./run.js";
import { lineStyle } from "./styles.js";

/**
 * Return the unit that weights are shown in: it depends on the preset.
 *
 * @returns {{unit: string, factor: number}}
 */
export function weightScale(manifest, { preset }) {
  return manifest.weight_scales[preset];
}

/** The lines of a weight and its bounds, for a chart. */
export function weightLines(colors) {
  const bound = {
    stroke: colors.target,
    width: 4,
    dash: [3, 5],
    label: "bound",
    isLast: true,
  };
  return {
    w: { ...lineStyle("w", colors), steps: true, label: "weight w" },
    lowest: bound,
    highest: bound,
  };
}

/** The marker of a bound beyond the plot, for the legend. */
export function farBound({ target: color }) {
  return { label: "bound beyond", shape: "triangle up", color, isBare: true };
}

/** Mark the edges of the plot behind which there is a bound. */
export function farBoundMarks(edges, x, colors) {
  return edges.map((y) => ({
    ...farBound(colors),
    x,
    y,
    shape: y === "top" ? "triangle up" : "triangle down",
  }));
}

/**
 * Return what a chart needs to draw the weight of a run.
 *
 * @param {import("./engine.js").Run} run
 * @param {{unit: string, factor: number}} scale
 * @param {object} options
 * @param {object} options.ranges from `createRanges`
 * @param {number} options.margin of the range, as a share
 * @param {number} [options.end] the weight in theory, at the end
 * @returns {object} for `draw`, with the times in seconds; `beyond` names the edges
 *   of the plot behind which there is a bound
 */
export function weightCourse(run, { unit, factor }, { ranges, margin, end }) {
  const { times, values } = stepsOf(numbersOf(run, "time"), numbersOf(run, "w"));
  const w = values.map((value) => value / factor);
  const expected = end === undefined ? [] : [end / factor];
  const bounds = [run.values.w_min, run.values.w_max].map((bound) =>
    bound === null ? null : bound / factor,
  );
  const course = extent(w, expected);
  const yRange = ranges.fit("w", extent(course, bounds.filter(isNear(course))), margin);
  const [lowest, highest] = bounds.map((bound) =>
    bound !== null && isWithin(bound, yRange) ? bound : null,
  );
  const level = (value) => w.map(() => value);
  return {
    x: times,
    y: {
      lowest: level(lowest),
      highest: level(highest),
      w,
      end: level(expected[0] ?? null),
    },
    yRange,
    beyond: bounds.flatMap((bound) =>
      bound === null || isWithin(bound, yRange) ? [] : [bound < w[0] ? "bottom" : "top"],
    ),
    yLabel: axisLabel("w", unit),
    description:
      `The weight moves in steps, at the spikes, from ${formatNumber(w[0])} to ` +
      `${formatNumber(w.at(-1))} ${unit}.`,
  };
}

/**
 * Say whether a bound has cut a weight change off.
 *
 * @param {{w_min: number|null, w_max: number|null}} bounds
 * @param {{before: number, predicted: number}[]} changes the weight before each, and
 *   by how much it would change without bounds
 * @param {Float64Array} w the weight over time
 * @returns {string} a sentence, or nothing
 */
export function boundNote({ w_min, w_max }, changes, w) {
  const ends = changes.map(({ before, predicted }) => before + predicted);
  const met = [];
  const isReached = (bound) => bound !== null && w.includes(bound);
  if (isReached(w_min) && ends.some((end) => end < w_min)) met.push("lower");
  if (isReached(w_max) && ends.some((end) => end > w_max)) met.push("upper");
  if (!met.length) return "";
  const bounds = `${met.join(" and the ")} bound`;
  return `The ${bounds} cut the weight off; theory knows no bounds.`;
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

/** Pass over what would make a plot of values in a range more than twice as high. */
function isNear([low, high]) {
  const around = [low - (high - low), high + (high - low)];
  return (bound) => bound !== null && isWithin(bound, around);
}
