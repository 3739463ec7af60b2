import uPlot from "uplot";

import { element } from "./dom.js";
import { createLegend } from "./legend.js";
import { formatFixed } from "./numbers.js";
import { FONT, GRID, INK, MARKER_RADIUS, markerOutline } from "./styles.js";

const LABEL_HEIGHT = 18;
const TICK_HEIGHT = 26;
const MIN_TICK_WIDTH = 48;
const CHARACTER_WIDTH = 7;

/**
 * A line of a chart. `label` is its entry in the legend; lines without one are
 * drawn but not listed.
 *
 * @typedef {object} Line
 * @property {string} [label]
 * @property {string} [stroke]
 * @property {number} [width]
 * @property {number[]} [dash]
 * @property {boolean} [steps] each value holds until the next sample
 *
 * A translucent band between two lines, by name; the legend shows it together with
 * the line in its middle.
 *
 * @typedef {object} Band
 * @property {string} label
 * @property {string} fill
 * @property {string} upper
 * @property {string} lower
 * @property {string} middle
 *
 * A marker at a value, or at an edge of the plot with a thin line through it.
 *
 * @typedef {object} Mark
 * @property {number} x
 * @property {number|"top"|"bottom"} y
 * @property {string} shape
 * @property {string} color
 */

/**
 * Make a chart on white ground, with its legend. It is as wide as it can be.
 *
 * @param {object} options
 * @param {number} options.height in CSS pixels
 * @param {string} options.xLabel
 * @param {Object<string, Line>} options.lines by name; later ones lie above
 * @param {Band} [options.band]
 * @param {{label: string, shape: string, color: string}[]} [options.markers] for the
 *   legend; what is drawn comes with the data
 * @param {Map} [options.gutter] shared by charts that stand above one another, so
 *   that their axes do; the chart with the longest numbers is to be drawn first
 * @returns {{node: HTMLElement, draw: Function, destroy: Function}}
 */
export function createChart({
  height,
  xLabel,
  lines,
  band,
  markers = [],
  gutter = new Map(),
}) {
  const names = Object.keys(lines);
  const frame = element("div", { class: "homeo-lab-frame" });
  const node = element(
    "div",
    { class: "homeo-lab-chart" },
    createLegend(Object.values(lines), band && [band, lines[band.middle]], markers),
    frame,
  );
  let drawn = { ranges: { x: [0, 1], y: [0, 1] }, yLabel: "", marks: [] };

  function yAxisWidth(plot, texts) {
    const longest = Math.max(0, ...(texts ?? []).map((text) => text.length));
    gutter.set(node, Math.max(MIN_TICK_WIDTH, longest * CHARACTER_WIDTH + 16));
    return Math.max(...gutter.values());
  }

  const axis = {
    stroke: INK,
    font: FONT,
    labelFont: FONT,
    labelSize: LABEL_HEIGHT,
    labelGap: 0,
    gap: 4,
    grid: { stroke: GRID, width: 1 },
    ticks: { stroke: GRID, width: 1, size: 4 },
    values: (plot, splits, index, space, increment) =>
      splits.map((value) => formatFixed(value, decimals(increment))),
  };
  const plot = new uPlot(
    {
      width: 300,
      height,
      padding: [8, 14, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => drawn.ranges.x },
        y: { range: () => drawn.ranges.y },
      },
      axes: [
        { ...axis, label: xLabel, size: TICK_HEIGHT, space: 45 },
        { ...axis, label: () => drawn.yLabel, size: yAxisWidth, space: 22 },
      ],
      series: [{}, ...Object.values(lines).map(series)],
      bands: band ? [filling(names, band)] : [],
      hooks: { draw: [({ ctx }) => drawMarks(plot, ctx, drawn.marks)] },
    },
    [[0, 1], ...names.map(() => [null, null])],
    frame,
  );
  const { canvas } = plot.ctx;
  canvas.setAttribute("role", "img");

  const observer = new ResizeObserver(([{ contentRect }]) => {
    const width = Math.floor(contentRect.width);
    if (width > 0 && width !== plot.width) plot.setSize({ width, height });
  });
  observer.observe(frame);

  return {
    node,
    /**
     * @param {object} content
     * @param {ArrayLike<number>} content.x
     * @param {Object<string, ArrayLike<number>>} content.y by name of the line
     * @param {{x: number[], y: number[]}} content.ranges
     * @param {string} content.yLabel
     * @param {string} content.description what can be seen, in words
     * @param {Mark[]} [content.marks]
     */
    draw({ x, y, ranges, yLabel, description, marks = [] }) {
      drawn = { ranges, yLabel, marks };
      canvas.setAttribute("aria-label", description);
      plot.batch(() => plot.setData([x, ...names.map((name) => y[name])]));
    },
    destroy() {
      observer.disconnect();
      plot.destroy();
    },
  };
}

/**
 * Return an axis range that holds values, with a margin.
 *
 * @param {number} low
 * @param {number} high
 * @param {{margin: number}} [options] as a share of the range
 * @returns {[number, number]}
 */
export function rangeAround(low, high, { margin = 0.08 } = {}) {
  const size = Math.max(Math.abs(low), Math.abs(high));
  // Rounding errors are no reason to look closer.
  const space = high - low > 1e-9 * size ? margin * (high - low) : 0.1 * size || 1;
  return [low - space, high + space];
}

function filling(names, { upper, lower, fill }) {
  // The first series of a plot is x.
  return { series: [names.indexOf(upper) + 1, names.indexOf(lower) + 1], fill };
}

function series({ stroke, width, dash, steps }) {
  return {
    stroke,
    width: stroke ? width : 0,
    // uPlot scales widths to the screen, dashes not.
    dash: dash?.map((length) => length * devicePixelRatio),
    points: { show: false },
    paths: steps ? uPlot.paths.stepped({ align: 1 }) : undefined,
    spanGaps: true,
  };
}

function decimals(increment) {
  const digits = Math.max(0, -Math.floor(Math.log10(increment) + 1e-9));
  const coarse = Number(increment.toFixed(digits));
  return Math.abs(coarse - increment) > 1e-6 * increment ? digits + 1 : digits;
}

function drawMarks(plot, context, marks) {
  const { left, top, width, height } = plot.bbox;
  const radius = MARKER_RADIUS * devicePixelRatio;
  context.save();
  context.lineWidth = devicePixelRatio;
  for (const { x, y, shape, color } of marks) {
    const centre = plot.valToPos(x, "x", true);
    if (centre < left || centre > left + width) continue;
    const atEdge = { top: top + radius, bottom: top + height - radius }[y];
    context.fillStyle = color;
    if (atEdge !== undefined) {
      context.globalAlpha = 0.35;
      context.fillRect(centre - context.lineWidth / 2, top, context.lineWidth, height);
      context.globalAlpha = 1;
    }
    const middle = atEdge ?? plot.valToPos(y, "y", true);
    context.beginPath();
    for (const corner of markerOutline(shape, centre, middle, radius)) {
      context.lineTo(...corner);
    }
    context.fill();
  }
  context.restore();
}
