/** @import {Affine, Manifest, OutputEntry, Values} from "./types" */

/**
 * What an engine is called with: Brian2's variables as functions of the settings.
 *
 * @param {Manifest} manifest
 * @param {{values: Values, seed: number}} state
 * @returns {{argv: string[], files: Object<string, Float64Array>}} the command
 *   line, and the arrays that it names as files
 */
export function engineArguments(manifest, { values, seed }) {
  const argv = ["engine", "--results_dir", "", `${manifest.seed_argument}=${seed}`];
  /** @type {Record<string, Float64Array>} */
  const files = {};
  for (const [name, argument] of Object.entries(manifest.arguments)) {
    if (Array.isArray(argument)) {
      const file = `arguments/${name}`;
      files[file] = Float64Array.from(argument, (entry) =>
        Number(evaluate(entry, values)),
      );
      argv.push(`${name}=${file}`);
    } else {
      argv.push(`${name}=${evaluate(argument, values)}`);
    }
  }
  return { argv, files };
}

/**
 * Return the outputs that count under the settings.
 *
 * @param {Manifest} manifest
 * @param {Values} values
 * @returns {OutputEntry[]} no name twice
 */
export function outputsUnder(manifest, values) {
  return manifest.outputs.filter(({ when = {} }) =>
    Object.entries(when).every(([name, value]) => values[name] === value),
  );
}

/**
 * @param {Affine} argument
 * @param {Values} values
 * @returns {number|string}
 */
function evaluate({ offset, terms, integer, none, when }, values) {
  const holds = Object.entries(when).every(([name, choices]) =>
    choices.includes(values[name]),
  );
  if (!holds) return 0;
  const names = Object.keys(terms);
  if (none && names.some((name) => values[name] === null)) return none;
  const sum = names.reduce(
    (total, name) => total + terms[name] * Number(values[name]),
    offset,
  );
  return integer ? Math.round(sum) : sum;
}
