/**
 * Return the mean and the standard deviation of independent samples, each with its
 * standard error; that of the deviation holds for a normal distribution.
 *
 * @param {number[]} samples at least two
 * @returns {{mean: number, meanError: number, sd: number, sdError: number}}
 */
export function describe(samples) {
  const n = samples.length;
  const mean = samples.reduce((sum, value) => sum + value, 0) / n;
  const squares = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const sd = Math.sqrt(squares / (n - 1));
  return {
    mean,
    meanError: sd / Math.sqrt(n),
    sd,
    sdError: sd / Math.sqrt(2 * (n - 1)),
  };
}
