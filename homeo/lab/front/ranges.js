/**
 * Ranges of axes that let a reader see a change. If an axis always fitted its data, a
 * steeper line would look like the one before.
 */

import { largestSize } from "./run.js";

/** Data that fill less of their axis than this are looked at closer. */
const LEAST_FILLED = 1 / 3;

/**
 * @typedef {[number, number]} Range the smallest and the largest
 *
 * @typedef {ReturnType<typeof createRanges>} Ranges
 */

/** Make a memory of ranges. */
export function createRanges() {
  /** @type {Map<string, Range>} */
  const kept = new Map();
  return {
    /**
     * Return the range of an axis. It grows with the data, and shrinks if they have
     * become small in it; data that do not vary are no reason to look closer.
     *
     * @param {string} name of the axis
     * @param {Range} data
     * @param {number} [margin] as a share of the data's range
     * @param {boolean} [mayShrink] not while data are still coming in
     * @returns {Range}
     */
    fit(name, data, margin, mayShrink = true) {
      const fitted = rangeAround(data, margin);
      const before = kept.get(name) ?? fitted;
      /** @type {Range} */
      const both = [Math.min(before[0], fitted[0]), Math.max(before[1], fitted[1])];
      const isLost =
        mayShrink && !isFlat(data) && length(fitted) < LEAST_FILLED * length(both);
      const range = isLost ? fitted : both;
      kept.set(name, range);
      return range;
    },
    /** Fit all ranges anew from now on. */
    forget: () => kept.clear(),
  };
}

/**
 * Say whether a value lies in a range.
 *
 * @param {number} value
 * @param {Range} range
 */
export function isWithin(value, [low, high]) {
  return value >= low && value <= high;
}

/**
 * Say whether two values are the same but for rounding errors.
 *
 * @param {Range} ends
 */
export function isFlat(ends) {
  return length(ends) <= 1e-9 * largestSize(ends);
}

/**
 * @param {Range} data
 * @param {number} [margin]
 * @returns {Range}
 */
function rangeAround(data, margin = 0.08) {
  const space = isFlat(data) ? 0.1 * largestSize(data) || 1 : margin * length(data);
  return [data[0] - space, data[1] + space];
}

/** @param {Range} range */
function length([low, high]) {
  return high - low;
}
