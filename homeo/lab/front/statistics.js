/**
 * Return the mean and the standard deviation of independent samples.
 *
 * @param {number[]} samples at least two
 * @returns {{mean: number, sd: number}}
 */
export function describe(samples) {
  const mean = meanOf(samples);
  const squares = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (samples.length - 1)) };
}

/**
 * Return the standard errors of the mean and of the standard deviation of samples
 * from a normal distribution.
 *
 * @param {number} sd standard deviation of the distribution
 * @param {number} n how many samples
 * @returns {{mean: number, sd: number}}
 */
export function standardErrors(sd, n) {
  return { mean: sd / Math.sqrt(n), sd: sd / Math.sqrt(2 * (n - 1)) };
}

/**
 * Return the slope of the least-squares line through points.
 *
 * @param {number[]} x not all the same
 * @param {number[]} y
 * @returns {number}
 */
export function slopeOf(x, y) {
  const [centre, height] = [meanOf(x), meanOf(y)];
  let [both, squares] = [0, 0];
  for (const [k, value] of x.entries()) {
    both += (value - centre) * (y[k] - height);
    squares += (value - centre) ** 2;
  }
  return both / squares;
}

/**
 * Count samples in bins of equal width; those beyond the last count in the last.
 *
 * @param {number[]} samples not negative
 * @param {number} width of a bin
 * @param {number} n how many bins
 * @returns {number[]}
 */
export function histogram(samples, width, n) {
  const counts = Array(n).fill(0);
  // A sample at an edge may lie below it by rounding.
  for (const value of samples) {
    counts[Math.min(n - 1, Math.floor(value / width + 1e-9))]++;
  }
  return counts;
}

/**
 * Return when a course came to its target to stay: the end of the last window whose
 * mean is off.
 *
 * @param {number[]|Float64Array} course means over intervals
 * @param {number} target
 * @param {object} options
 * @param {number} options.tolerance as a share of the target
 * @param {number} options.window how many intervals
 * @returns {number} in intervals; NaN if the last window is off
 */
export function settlingTime(course, target, { tolerance, window }) {
  const n = course.length;
  for (let end = n; end >= window; end--) {
    const mean = meanOf(Array.from(course.slice(end - window, end)));
    if (Math.abs(mean - target) > tolerance * target) return end === n ? NaN : end;
  }
  return 0;
}

/**
 * Return the mean of a course about each of its points.
 *
 * @param {(number|null)[]} course
 * @param {number} window how many points, odd
 * @returns {(number|null)[]} null where the window reaches beyond what is there
 */
export function runningMean(course, window) {
  const half = (window - 1) / 2;
  return course.map((_, k) => {
    const about = course.slice(Math.max(0, k - half), k + half + 1);
    const there = about.filter((value) => value !== null);
    return there.length < window ? null : meanOf(there);
  });
}

/**
 * Return the mean of samples.
 *
 * @param {number[]} samples
 */
export function meanOf(samples) {
  return samples.reduce((sum, value) => sum + value, 0) / samples.length;
}
