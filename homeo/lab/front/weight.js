/** What the plots of a weight share. */

import { axisLabel, formatNumber } from "./numbers.js";
import { isWithin } from "./ranges.js";
import { extent, lastOf, numbersOf } from "./run.js";
import { lineStyle } from "./styles.js";

/**
 * @import {Content, Edge, Line, Mark, Marker} from "./chart.js"
 * @import {Range, Ranges} from "./ranges.js"
 * @import {Manifest, Run, Scale} from "./types"
 *
 * What a chart of a weight draws, with the times in seconds, and the edges of the plot
 * behind which there is a bound.
 *
 * @typedef {{x: number[], yRange: Range, beyond: Edge[]}} Place
 *
 * @typedef {Omit<Content, "ranges"> & Place} Course
 */

/**
 * Return the unit that weights are shown in: it depends on the preset.
 *
 * @param {Manifest} manifest
 * @param {{preset: string}} run
 */
export function weightScale(manifest, { preset }) {
  return manifest.weight_scales[preset];
}

/**
 * The lines of a weight and its bounds, for a chart.
 *
 * @param {Record<string, string>} colors
 * @returns {Record<string, Line>}
 */
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

/**
 * The marker of a bound beyond the plot, for the legend.
 *
 * @param {Record<string, string>} colors
 * @returns {Marker}
 */
export function farBound({ target: color }) {
  return { label: "bound beyond", shape: "triangle up", color, isBare: true };
}

/**
 * Mark the edges of the plot behind which there is a bound.
 *
 * @param {Edge[]} edges
 * @param {number} x
 * @param {Record<string, string>} colors
 * @returns {Mark[]}
 */
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
 * @param {Run} run
 * @param {Scale} scale
 * @param {object} options
 * @param {Ranges} options.ranges
 * @param {number} options.margin of the range, as a share
 * @param {number} [options.end] the weight in theory, at the end
 * @returns {Course} for `draw`
 */
export function weightCourse(run, { unit, factor }, { ranges, margin, end }) {
  const { times, values } = stepsOf(numbersOf(run, "time"), numbersOf(run, "w"));
  const w = values.map((value) => value / factor);
  const expected = end === undefined ? [] : [end / factor];
  /** @type {(number|null)[]} */
  const bounds = [run.values.w_min, run.values.w_max].map((bound) =>
    bound === null ? null : bound / factor,
  );
  const course = extent(w, expected);
  const near = bounds.filter((bound) => bound !== null).filter(isNear(course));
  const yRange = ranges.fit("w", extent(course, near), margin);
  const [lowest, highest] = bounds.map((bound) =>
    bound !== null && isWithin(bound, yRange) ? bound : null,
  );
  /** @type {(value: number|null) => (number|null)[]} */
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
      bound === null || isWithin(bound, yRange)
        ? []
        : [bound < w[0] ? "bottom" : "top"],
    ),
    yLabel: axisLabel("w", unit),
    description:
      `The weight moves in steps, at the spikes, from ${formatNumber(w[0])} to ` +
      `${formatNumber(lastOf(w))} ${unit}.`,
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
  const isLow = w_min !== null && w.includes(w_min) && ends.some((end) => end < w_min);
  const isHigh = w_max !== null && w.includes(w_max) && ends.some((end) => end > w_max);
  const met = [...(isLow ? ["lower"] : []), ...(isHigh ? ["upper"] : [])];
  if (!met.length) return "";
  const bounds = `${met.join(" and the ")} bound`;
  return `The ${bounds} cut the weight off; theory knows no bounds.`;
}

/**
 * Return the first sample, each that differs from the one before, and the last.
 *
 * @param {Float64Array} times
 * @param {Float64Array} values
 */
function stepsOf(times, values) {
  const last = values.length - 1;
  /** @type {{times: number[], values: number[]}} */
  const steps = { times: [], values: [] };
  for (let k = 0; k <= last; k++) {
    if (k === 0 || k === last || values[k] !== values[k - 1]) {
      steps.times.push(times[k]);
      steps.values.push(values[k]);
    }
  }
  return steps;
}

/**
 * Pass over what would make a plot of values in a range more than twice as high.
 *
 * @param {Range} range
 * @returns {(bound: number) => boolean}
 */
function isNear([low, high]) {
  return (bound) => isWithin(bound, [low - (high - low), high + (high - low)]);
}
