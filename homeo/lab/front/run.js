/**
 * Reading a run of the model.
 *
 * @import {Output, Run} from "./types"
 */

/**
 * Return the numbers of an output that has one column.
 *
 * @param {Run} run
 * @param {string} name
 */
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

/**
 * Return the last of some numbers.
 *
 * @param {number[]|Float64Array} numbers at least one
 */
export function lastOf(numbers) {
  return numbers[numbers.length - 1];
}

/**
 * Return the largest of some numbers, whatever their signs.
 *
 * @param {number[]} numbers
 */
export function largestSize(numbers) {
  return Math.max(...numbers.map(Math.abs));
}

/**
 * Return the smallest and the largest of several lists of numbers.
 *
 * @param {...Iterable<number>} lists
 * @returns {[number, number]}
 */
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

/**
 * @param {Run} run
 * @param {string} name
 */
function outputOf(run, name) {
  return /** @type {Output} */ (run.outputs.find((output) => output.name === name));
}
