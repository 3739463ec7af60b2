/** Numbers as a reader expects them: few digits, a minus that is no hyphen. */

import { largestSize } from "./run.js";

/** @import {Scale} from "./types" */

const MINUS = "\u2212";
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const MOST_DECIMALS = 6;
const NOTHING = 1e-12;

/**
 * Write a power of ten.
 *
 * @param {number} exponent
 */
function powerOfTen(exponent) {
  const digits = [...String(Math.abs(exponent))].map((d) => SUPERSCRIPTS[Number(d)]);
  return `10${exponent < 0 ? "⁻" : ""}${digits.join("")}`;
}

/**
 * Write a number with a given number of significant digits.
 *
 * @param {number} value
 * @param {object} [options]
 * @param {number} [options.digits]
 * @param {boolean} [options.zeros] keep zeros at the end
 * @returns {string}
 */
export function formatNumber(value, { digits = 3, zeros = false } = {}) {
  if (!Number.isFinite(value)) return "–";
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [mantissa, exponent] = rounded
      .toExponential(zeros ? digits - 1 : undefined)
      .split("e");
    const factor = mantissa === "1" ? "" : `${withMinus(mantissa)}×`;
    return factor + powerOfTen(Number(exponent));
  }
  const isPadded = zeros && size !== 0 && size < 10 ** digits;
  return withMinus(isPadded ? rounded.toPrecision(digits) : String(rounded));
}

/**
 * Return the decimals that show the largest of some numbers to a number of digits.
 *
 * @param {number[]} values
 * @param {number} digits
 * @returns {number}
 */
export function decimalsOf(values, digits) {
  const size = largestSize(values);
  if (!(size > NOTHING)) return digits - 1;
  const decimals = digits - 1 - Math.floor(Math.log10(size));
  return Math.min(MOST_DECIMALS, Math.max(0, decimals));
}

/**
 * Return the fewest decimals that show numbers as they are.
 *
 * @param {number[]} values
 */
export function exactDecimals(values) {
  const isExact = (/** @type {number} */ decimals) =>
    values.every((value) => Math.abs(Number(value.toFixed(decimals)) - value) < 1e-9);
  let decimals = 0;
  while (decimals < MOST_DECIMALS && !isExact(decimals)) decimals++;
  return decimals;
}

/**
 * Write a number with a given number of decimals.
 *
 * @param {number} value
 * @param {number} decimals
 */
export function formatFixed(value, decimals) {
  const text = value.toFixed(decimals);
  return withMinus(Number(text) === 0 ? text.replace("-", "") : text);
}

/**
 * Write a whole number, with thin spaces where it is long.
 *
 * @param {number} value
 */
export function formatCount(value) {
  const text = String(value);
  return text.length < 5 ? text : text.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/**
 * Write a value with its standard error, and what theory gives, all to the error's
 * second digit.
 *
 * @param {number} value
 * @param {number} error
 * @param {number} expected
 * @returns {[string, string]}
 */
export function formatPair(value, error, expected) {
  const decimals = decimalsOf([error], 2);
  const [own, uncertain, theory] = [value, error, expected].map((number) =>
    formatFixed(number, decimals),
  );
  return [`${own}\u00a0±\u00a0${uncertain}`, theory];
}

/**
 * Write the value of a setting with its unit.
 *
 * @param {number|null} value in SI units; null for no bound
 * @param {Scale} scale
 * @param {string} kind kind of the setting
 * @returns {string}
 */
export function formatSetting(value, { unit, factor }, kind) {
  if (value === null) return "no bound";
  const number = kind === "count" ? formatCount(value) : formatNumber(value / factor);
  return `${number} ${unit}`;
}

/**
 * Write how long something took.
 *
 * @param {number} seconds
 */
export function formatTime(seconds) {
  const isShort = seconds < 1;
  const number = isShort ? 1000 * seconds : seconds;
  return `${formatNumber(number, { digits: 2 })}\u00a0${isShort ? "ms" : "s"}`;
}

/**
 * Label an axis; the words for a unit are short, and may follow a power of ten.
 *
 * @param {string} symbol
 * @param {string} unit
 * @param {number} [exponent]
 */
export function axisLabel(symbol, unit, exponent = 0) {
  const short = unit === "leak conductances" ? "leak cond." : unit;
  return `${symbol} (${scaledUnit(short, exponent)})`;
}

/**
 * Write a unit that follows a power of ten.
 *
 * @param {string} unit
 * @param {number} exponent
 */
export function scaledUnit(unit, exponent) {
  return exponent ? `${powerOfTen(exponent)} ${unit}` : unit;
}

/**
 * Write a number that counts in a unit and a power of ten.
 *
 * @param {string} text
 * @param {string} unit
 * @param {number} exponent
 */
export function withUnit(text, unit, exponent) {
  return `${text}${exponent ? "×" : " "}${scaledUnit(unit, exponent)}`;
}

/**
 * Return the power of ten that makes numbers of this size easy to read.
 *
 * @param {number} size
 */
export function readableExponent(size) {
  return size > 0 && (size < 1e-2 || size >= 1e4) ? Math.floor(Math.log10(size)) : 0;
}

/** @param {string} text */
function withMinus(text) {
  return text.replace("-", MINUS);
}
