/** One look for each quantity, as in the figures of the book (homeo/plotting.py). */

/**
 * @typedef {"triangle up"|"triangle down"|"diamond"|"dot"} Shape
 *
 * @typedef {[number, number]} Point
 */

export const INK = "#222222";
export const GRID = "#e8e8e8";
export const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** @type {Record<string, number[]|undefined>} */
const DASHES = { I: [9, 4], theory: [5, 6], target: [1, 3] };
// Theory must not hide what it lies on.
/** @type {Record<string, number|undefined>} */
const WIDTHS = { theory: 1.5 };
/** @type {Record<string, Shape>} */
const MARKERS = { E: "triangle up", I: "triangle down", w: "diamond" };

/** Half the size of a marker, in CSS pixels. */
export const MARKER_RADIUS = 5;

/** Diameter of the dots of a dotted line, in CSS pixels. */
export const DOT_SIZE = 4.5;

/** Dashes of a target where another line is dotted. */
export const DASH_DOTTED = [9, 3, 2, 3];

/**
 * Colour and dashes of a quantity's line.
 *
 * @param {string} name
 * @param {Record<string, string>} colors
 */
export function lineStyle(name, colors) {
  return { stroke: colors[name], width: WIDTHS[name] ?? 1.8, dash: DASHES[name] };
}

/**
 * Colour and shape of a quantity's marker, and the dashes of a line through it.
 *
 * @param {string} name
 * @param {Record<string, string>} colors
 */
export function markerStyle(name, colors) {
  return { color: colors[name], shape: MARKERS[name], dash: DASHES[name] };
}

/** @type {Point[]} */
const DOT = Array.from({ length: 24 }, (_, k) => {
  const angle = (k * Math.PI) / 12;
  return [0.8 * Math.cos(angle), 0.8 * Math.sin(angle)];
});

/**
 * A colour, translucent.
 *
 * @param {string} color
 * @param {number} alpha
 */
export function translucent(color, alpha) {
  return (
    color +
    Math.round(255 * alpha)
      .toString(16)
      .padStart(2, "0")
  );
}

/**
 * Outline a marker, centred on a point.
 *
 * @param {Shape} shape
 * @param {number} x
 * @param {number} y
 * @param {number} r half its size
 * @returns {Point[]} corners
 */
export function markerOutline(shape, x, y, r) {
  /** @type {Record<Shape, Point[]>} */
  const outlines = {
    "triangle up": [
      [-1, 0.8],
      [1, 0.8],
      [0, -1],
    ],
    "triangle down": [
      [-1, -0.8],
      [1, -0.8],
      [0, 1],
    ],
    diamond: [
      [-1, 0],
      [0, -1],
      [1, 0],
      [0, 1],
    ],
    dot: DOT,
  };
  return outlines[shape].map(([dx, dy]) => [x + r * dx, y + r * dy]);
}
