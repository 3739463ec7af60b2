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

function meanOf(samples) {
  return samples.reduce((sum, value) => sum + value, 0) / samples.length;
}
