/** @import {Entry, Manifest, Setting, State, Value, Values} from "./types" */

export const HIGHEST_SEED = 2 ** 31 - 1;

/** In time steps; a time such as 3 * 0.1 ms misses its step by rounding only. */
const GRID_TOLERANCE = 1e-6;

/**
 * Return the values that a preset gives, in SI units.
 *
 * @param {Manifest} manifest
 * @param {string} preset
 * @returns {Values}
 */
export function presetValues(manifest, preset) {
  return Object.fromEntries(
    Object.entries(manifest.presets[preset]).map(([name, { value }]) => [name, value]),
  );
}

/**
 * Return values with those that a preset changes in their place.
 *
 * @param {Manifest} manifest
 * @param {string} preset
 * @param {Values} values
 * @returns {Values}
 */
export function withPreset(manifest, preset, values) {
  const ofPreset = presetValues(manifest, preset);
  const changed = manifest.preset_settings.map((name) => [name, ofPreset[name]]);
  return { ...values, ...Object.fromEntries(changed) };
}

/**
 * Say whether what a preset changes is still as it was set.
 *
 * @param {Manifest} manifest
 * @param {Pick<State, "preset"|"values">} state
 */
export function isUnchanged(manifest, { preset, values }) {
  return sameValues(values, withPreset(manifest, preset, values));
}

/**
 * Return a sound state from whatever was given.
 *
 * @param {Manifest} manifest
 * @param {any} given part of a state; unknown names and senseless values are passed
 *   over
 * @param {State} [previous] stays where nothing sound is given
 * @returns {State}
 */
export function readState(manifest, given, previous = initialState(manifest)) {
  const { presets, settings } = manifest;
  const preset = isKey(given?.preset, presets) ? given.preset : previous.preset;
  // In another preset's units the values would mean something else.
  const kept =
    preset === previous.preset ? previous.values : presetValues(manifest, preset);
  const values = Object.fromEntries(
    Object.entries(kept).map(([name, value]) => [
      name,
      readValue(given?.values?.[name], settings[name], presets[preset][name], value),
    ]),
  );
  const controls = given?.controls;
  return {
    preset,
    values,
    seed: readSeed(given?.seed) ?? previous.seed,
    controls:
      controls === null
        ? null
        : Array.isArray(controls)
          ? controls.filter((name) => isKey(name, settings))
          : previous.controls,
  };
}

/**
 * Return a seed, or undefined if it is none.
 *
 * @param {any} seed
 * @returns {number|undefined}
 */
export function readSeed(seed) {
  return Number.isInteger(seed) && seed >= 0 && seed <= HIGHEST_SEED ? seed : undefined;
}

/**
 * Say whether two states give the same run, drawn in the same units.
 *
 * @param {Omit<State, "controls">} a
 * @param {Omit<State, "controls">} b
 */
export function sameRun(a, b) {
  return a.preset === b.preset && a.seed === b.seed && sameValues(a.values, b.values);
}

/**
 * @param {Manifest} manifest
 * @returns {State}
 */
function initialState(manifest) {
  const preset = manifest.default_preset;
  return { preset, values: presetValues(manifest, preset), seed: 0, controls: null };
}

/**
 * @param {any} given
 * @param {Setting} setting
 * @param {Entry} entry
 * @param {Value} kept
 * @returns {Value}
 */
function readValue(given, { kind, options, grid }, { positions = [] }, kept) {
  if (kind === "switch") return typeof given === "boolean" ? given : kept;
  if (kind === "choice") return isKey(given, options) ? given : kept;
  if (given === null && positions.includes(null)) return null;
  if (!Number.isFinite(given)) return kept;
  const stops = positions.filter((stop) => stop !== null);
  const clamped = Math.min(Math.max(given, stops[0]), stops[stops.length - 1]);
  return kind === "count" ? Math.round(clamped) : onGrid(clamped, grid);
}

/**
 * Move a time that lies between two time steps to one of them.
 *
 * @param {number} time
 * @param {number} [grid] the time step; without it, any time will do
 */
function onGrid(time, grid) {
  if (!grid) return time;
  const steps = Math.round(time / grid);
  return Math.abs(time / grid - steps) > GRID_TOLERANCE ? steps * grid : time;
}

/**
 * @param {Values} a
 * @param {Values} b
 */
function sameValues(a, b) {
  return Object.keys(a).every((name) => a[name] === b[name]);
}

/**
 * @param {any} name
 * @param {object} [table]
 */
function isKey(name, table = {}) {
  return typeof name === "string" && Object.hasOwn(table, name);
}
