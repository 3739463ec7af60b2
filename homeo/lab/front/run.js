/**
 * Reading a run of the model.
 *
 * @typedef {import("./engine.js").Run} Run
 */

/** Return the numbers of an output that has one column. */
export function numbersOf(run, name) {
  return outputOf(run, name).data;
}

/**
 * Return the columns of an output with one row for each sample, in a unit.
 *
 * @param {Run} run
 * @param {string} name
 * @param {number} [factor] the unit in SI units
 * @returns {Float64Array[]}
 */
export function columnsOf(run, name, factor = 1) {
  const { data, shape } = outputOf(run, name);
  const [rows, columns = 1] = shape;
  return Array.from({ length: columns }, (_, k) =>
    Float64Array.from({ length: rows }, (_, i) => data[i * columns + k] / factor),
  );
}

/** Return the largest of some numbers, whatever their signs. */
export function largestSize(numbers) {
  return Math.max(...numbers.map(Math.abs));
}

/** Return the smallest and the largest of several lists of numbers. */
export function extent(...lists) {
  let low = Infinity;
  let high = -Infinity;
  for (const list of lists) {
    for (const value of list) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

function outputOf(run, name) {
  return run.outputs.find((output) => output.name === name);
}
