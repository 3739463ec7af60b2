/** Numbers as a reader expects them: few digits, a minus that is no hyphen. */

const MINUS = "\u2212";
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Write a power of ten. */
function powerOfTen(exponent) {
  const digits = [...String(Math.abs(exponent))].map((d) => SUPERSCRIPTS[d]);
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

/** Write a number that was measured: zeros at its end count too. */
export function formatMeasured(value) {
  return formatNumber(value, { zeros: true });
}

/** Write a number with a given number of decimals. */
export function formatFixed(value, decimals) {
  const text = value.toFixed(decimals);
  return withMinus(Number(text) === 0 ? text.replace("-", "") : text);
}

/** Write a whole number, with thin spaces where it is long. */
export function formatCount(value) {
  const text = String(value);
  return text.length < 5 ? text : text.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/**
 * Write a value with its standard error, both to the error's second digit.
 *
 * @param {number} value
 * @param {number} error
 * @returns {string}
 */
export function formatWithError(value, error) {
  if (!(error > 0)) return formatNumber(value);
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(error)));
  const format =
    decimals > 6 ? formatMeasured : (number) => formatFixed(number, decimals);
  return `${format(value)}\u00a0±\u00a0${format(error)}`;
}

/**
 * Write the value of a setting with its unit.
 *
 * @param {number|null} value in SI units; null for no bound
 * @param {{unit: string, factor: number}} scale
 * @param {string} kind kind of the setting
 * @returns {string}
 */
export function formatSetting(value, { unit, factor }, kind) {
  if (value === null) return "no bound";
  const number = kind === "count" ? formatCount(value) : formatNumber(value / factor);
  return `${number} ${unit}`;
}

/** Label an axis; the words for a unit are short, and may follow a power of ten. */
export function axisLabel(symbol, unit, exponent = 0) {
  const short = unit === "leak conductances" ? "leak cond." : unit;
  return `${symbol} (${exponent ? `${powerOfTen(exponent)} ` : ""}${short})`;
}

/** Return the power of ten that makes numbers of this size easy to read. */
export function readableExponent(size) {
  return size > 0 && (size < 1e-2 || size >= 1e4) ? Math.floor(Math.log10(size)) : 0;
}

function withMinus(text) {
  return text.replace("-", MINUS);
}
