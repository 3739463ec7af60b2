import { element, svgElement } from "./dom.js";
import { MARKER_RADIUS, markerOutline } from "./styles.js";

const HEIGHT = 12;
const WIDTH = 26;

/**
 * Make the legend of a chart: a list of samples with their names.
 *
 * @param {import("./chart.js").Line[]} lines those without a label are left out
 * @param {[import("./chart.js").Band, import("./chart.js").Line]} [band] and the line
 *   in its middle
 * @param {{label: string, shape: string, color: string}[]} markers
 * @returns {HTMLElement}
 */
export function createLegend(lines, band, markers) {
  const entries = lines
    .filter(({ label }) => label)
    .map((line) => entry(line.label, WIDTH, lineSample(line)));
  if (band) {
    const [{ label, fill }, middle] = band;
    const area = svgElement("rect", { x: 1, width: WIDTH - 2, height: HEIGHT, fill });
    entries.push(entry(label, WIDTH, area, lineSample(middle)));
  }
  for (const { label, shape, color } of markers) {
    const outline = markerOutline(shape, HEIGHT / 2, HEIGHT / 2, MARKER_RADIUS);
    const sample = svgElement("polygon", { points: outline.join(" "), fill: color });
    entries.push(entry(label, HEIGHT, sample));
  }
  return element("ul", { class: "homeo-lab-legend" }, ...entries);
}

function entry(label, width, ...shapes) {
  const size = { width, height: HEIGHT, "aria-hidden": true };
  return element("li", {}, svgElement("svg", size, ...shapes), label);
}

function lineSample({ stroke, width, dash = [] }) {
  return svgElement("path", {
    d: `M1 ${HEIGHT / 2}H${WIDTH - 1}`,
    stroke,
    "stroke-width": width,
    "stroke-dasharray": dash.join(" "),
  });
}
