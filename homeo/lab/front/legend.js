import { element, svgElement } from "./dom.js";
import { DOT_SIZE, MARKER_RADIUS, markerOutline } from "./styles.js";

/** @import {Band, Line, Marker} from "./chart.js" */

const HEIGHT = 12;
const WIDTH = 26;
const MIN_LINE_WIDTH = 1.5;

/**
 * Make the legend of a chart: a list of samples with their names. What is not drawn
 * has no entry to be seen, but its place is kept, lest the page move.
 *
 * @param {Line[]} lines those without a label are left out
 * @param {[Band, Line]|undefined} band and the line in its middle
 * @param {Marker[]} markers
 * @returns {{node: HTMLElement, show: (isDrawn: (label: string) => boolean) => void}}
 */
export function createLegend(lines, band, markers) {
  const entries = new Map();
  for (const line of lines) {
    if (!line.label) continue;
    const sample = line.isDotted ? dotSample(line) : lineSample(line);
    const item = entry(line.label, WIDTH, sample);
    item.style.order = String(Number(line.isLast ?? false));
    entries.set(line.label, item);
  }
  if (band) {
    const [{ label, fill }, middle] = band;
    const area = svgElement("rect", { x: 1, width: WIDTH - 2, height: HEIGHT, fill });
    entries.set(label, entry(label, WIDTH, area, lineSample(middle)));
  }
  for (const { label, shape, color } of markers) {
    const outline = markerOutline(shape, HEIGHT / 2, HEIGHT / 2, MARKER_RADIUS);
    const sample = svgElement("polygon", { points: outline.join(" "), fill: color });
    entries.set(label, entry(label, HEIGHT, sample));
  }
  return {
    node: element("ul", { class: "homeo-lab-legend" }, ...entries.values()),
    show(isDrawn) {
      for (const [label, { style }] of entries) {
        style.visibility = isDrawn(label) ? "" : "hidden";
      }
    },
  };
}

/**
 * @param {string} label
 * @param {number} width
 * @param {...SVGElement} shapes
 */
function entry(label, width, ...shapes) {
  const size = { width, height: HEIGHT, "aria-hidden": true };
  return element("li", {}, svgElement("svg", size, ...shapes), label);
}

/** @param {Line} line */
function dotSample({ stroke = "none" }) {
  const r = DOT_SIZE / 2;
  const dots = [1, 3, 5].map((k) => {
    const x = (k * WIDTH) / 6;
    return `M${x - r} ${HEIGHT / 2}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
  });
  return svgElement("path", { d: dots.join(""), fill: stroke });
}

/** @param {Line} line */
function lineSample({ stroke = "none", width = 0, dash = [] }) {
  return svgElement("path", {
    d: `M1 ${HEIGHT / 2}H${WIDTH - 1}`,
    stroke,
    "stroke-width": Math.max(width, MIN_LINE_WIDTH),
    "stroke-dasharray": dash.join(" "),
  });
}
