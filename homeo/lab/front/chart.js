import uPlot from "uplot";

import { element } from "./dom.js";
import { createLegend } from "./legend.js";
import { formatFixed, formatNumber } from "./numbers.js";
import { isWithin } from "./ranges.js";
import { DOT_SIZE, FONT, GRID, INK, MARKER_RADIUS, markerOutline } from "./styles.js";

/**
 * @import {Range} from "./ranges.js"
 * @import {Shape} from "./styles.js"
 */

const LABEL_HEIGHT = 18;
const TICK_HEIGHT = 26;
const MIN_TICK_WIDTH = 48;
const CHARACTER_WIDTH = 7;

/**
 * A line of a chart. `label` is its entry in the legend, where it is seen while the
 * line is drawn; lines without one are not listed.
 *
 * @typedef {object} Line
 * @property {string} [label]
 * @property {string} [stroke]
 * @property {number} [width]
 * @property {number[]} [dash]
 * @property {boolean} [steps] each value holds until the next sample
 * @property {boolean} [isDotted] small dots at the values in place of a line
 * @property {boolean} [isLast] the legend lists it after all others
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
 * What a marker looks like, and its entry in the legend.
 *
 * @typedef {object} Marker
 * @property {string} label
 * @property {Shape} shape
 * @property {string} color
 * @property {number[]} [dash] of the line through it
 * @property {boolean} [isBare] without a line
 *
 * A marker at a value, or at an edge of the plot with a thin line through it.
 *
 * @typedef {Marker & {x: number, y: number|Edge}} Mark
 *
 * @typedef {"top"|"bottom"} Edge
 *
 * Charts that stand above one another, and how wide their numbers are.
 *
 * @typedef {Set<{needed: number, given: number, layOut: () => void}>} Gutter
 *
 * @typedef {object} Content
 * @property {number[]|Float64Array} x
 * @property {Record<string, Numbers>} y by name of the line
 * @property {{x: Range, y: Range}} ranges
 * @property {string} yLabel
 * @property {string} description what can be seen, in words
 * @property {Mark[]} [marks]
 *
 * @typedef {(number|null)[]|Float64Array} Numbers
 */

/**
 * Make a chart on white ground, with its legend. It fills its place.
 *
 * @param {object} options
 * @param {number} options.height in CSS pixels; the style sheet may change it
 * @param {string} options.xLabel
 * @param {Record<string, Line>} options.lines by name; later ones lie above
 * @param {Band} [options.band]
 * @param {Marker[]} [options.markers] for the legend; what is drawn comes with the data
 * @param {number[]} [options.yTicks] where the heights are told; with them the axis is
 *   linear near zero and logarithmic far from it
 * @param {Gutter} [options.gutter] shared by charts that stand above one another, so
 *   that their axes do
 */
export function createChart({
  height,
  xLabel,
  lines,
  band,
  markers = [],
  yTicks,
  gutter = new Set(),
}) {
  const names = Object.keys(lines);
  const legend = createLegend(
    Object.values(lines),
    band && [band, lines[band.middle]],
    markers,
  );
  const frame = element("div", {
    class: "homeo-lab-frame",
    style: `--chart-height: ${height}px`,
  });
  const node = element("div", { class: "homeo-lab-chart" }, legend.node, frame);
  const place = {
    needed: MIN_TICK_WIDTH,
    given: MIN_TICK_WIDTH,
    layOut: () => plot.batch(() => plot.redraw(false, true)),
  };
  gutter.add(place);
  /** @type {Required<Pick<Content, "ranges"|"yLabel"|"marks">>} */
  let drawn = { ranges: { x: [0, 1], y: [0, 1] }, yLabel: "", marks: [] };

  /**
   * @param {uPlot} plot
   * @param {string[]} texts
   */
  function yAxisWidth(plot, texts) {
    const longest = Math.max(0, ...(texts ?? []).map((text) => text.length));
    place.needed = Math.max(MIN_TICK_WIDTH, longest * CHARACTER_WIDTH + 16);
    place.given = widestOf(gutter);
    return place.given;
  }

  /** @type {uPlot.Axis} */
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
        y: { range: () => drawn.ranges.y, ...(yTicks && { distr: 4, asinh: 1 }) },
      },
      axes: [
        { ...axis, label: xLabel, size: TICK_HEIGHT, space: 45 },
        {
          ...axis,
          label: () => drawn.yLabel,
          size: yAxisWidth,
          space: 22,
          ...(yTicks && {
            splits: () => yTicks.filter((tick) => isWithin(tick, drawn.ranges.y)),
            values: (plot, splits) => splits.map((tick) => formatNumber(tick)),
          }),
        },
      ],
      series: [{}, ...Object.values(lines).map(series)],
      bands: band ? [filling(names, band)] : [],
      hooks: {
        drawAxes: [(self) => drawMarkLines(self, drawn.marks)],
        draw: [(self) => drawMarks(self, drawn.marks)],
      },
    },
    [[0, 1], ...names.map(() => [null, null])],
    frame,
  );
  const { canvas } = plot.ctx;
  canvas.setAttribute("role", "img");

  const observer = new ResizeObserver(([{ contentRect }]) => {
    const [width, height] = [contentRect.width, contentRect.height].map(Math.floor);
    if (width <= 0 || (width === plot.width && height === plot.height)) return;
    plot.setSize({ width, height });
  });
  observer.observe(frame);

  return {
    node,
    /** @param {Content} content */
    draw({ x, y, ranges, yLabel, description, marks = [] }) {
      drawn = { ranges, yLabel, marks };
      canvas.setAttribute("aria-label", description);
      plot.batch(() => plot.setData([x, ...names.map((name) => y[name])]));
      alignAxes(gutter);
      legend.show(isDrawn(lines, band, y, marks));
    },
    destroy() {
      observer.disconnect();
      plot.destroy();
    },
  };
}

/** @param {Gutter} gutter */
function widestOf(gutter) {
  return Math.max(...[...gutter].map(({ needed }) => needed));
}

/**
 * Lay out again what stands beside wider or narrower numbers than before.
 *
 * @param {Gutter} gutter
 */
function alignAxes(gutter) {
  const width = widestOf(gutter);
  for (const { given, layOut } of gutter) if (given !== width) layOut();
}

/**
 * Return a function that says whether what has a label is drawn.
 *
 * @param {Record<string, Line>} lines
 * @param {Band|undefined} band
 * @param {Record<string, Numbers>} y
 * @param {Mark[]} marks
 * @returns {(label: string) => boolean}
 */
function isDrawn(lines, band, y, marks) {
  const labels = new Set(marks.map(({ label }) => label));
  if (band) labels.add(band.label);
  for (const [name, { label }] of Object.entries(lines)) {
    if (label && y[name].some((value) => value !== null)) labels.add(label);
  }
  return (label) => labels.has(label);
}

/**
 * @param {string[]} names
 * @param {Band} band
 * @returns {uPlot.Band}
 */
function filling(names, { upper, lower, fill }) {
  // The first series of a plot is x.
  return { series: [names.indexOf(upper) + 1, names.indexOf(lower) + 1], fill };
}

/**
 * @param {Line} line
 * @returns {uPlot.Series}
 */
function series({ stroke, width, dash, steps, isDotted }) {
  if (isDotted) {
    const points = { show: true, size: DOT_SIZE, stroke, fill: stroke };
    return { stroke, width: 0, points, paths: () => null };
  }
  return {
    stroke,
    width: stroke ? width : 0,
    // uPlot scales widths to the screen, dashes not.
    dash: dash?.map((length) => length * devicePixelRatio),
    points: { show: false },
    paths: steps ? uPlot.paths.stepped?.({ align: 1 }) : undefined,
    spanGaps: true,
  };
}

/** @param {number} increment */
function decimals(increment) {
  const digits = Math.max(0, -Math.floor(Math.log10(increment) + 1e-9));
  const coarse = Number(increment.toFixed(digits));
  return Math.abs(coarse - increment) > 1e-6 * increment ? digits + 1 : digits;
}

/**
 * Draw the lines through the marks at an edge; all else lies above them.
 *
 * @param {uPlot} plot
 * @param {Mark[]} marks
 */
function drawMarkLines(plot, marks) {
  const { ctx: context } = plot;
  const { top, height } = plot.bbox;
  context.save();
  context.lineWidth = devicePixelRatio;
  for (const { x, y, color, dash = [], isBare } of marks) {
    const centre = plot.valToPos(x, "x", true);
    if (isBare || !isAtEdge(y) || !isInside(plot, centre)) continue;
    context.strokeStyle = color;
    context.setLineDash(dash.map((length) => length * devicePixelRatio));
    context.beginPath();
    context.moveTo(centre, top);
    context.lineTo(centre, top + height);
    context.stroke();
  }
  context.restore();
}

/**
 * @param {uPlot} plot
 * @param {Mark[]} marks
 */
function drawMarks(plot, marks) {
  const { ctx: context } = plot;
  const { top, height } = plot.bbox;
  const radius = MARKER_RADIUS * devicePixelRatio;
  const edges = { top: top + radius, bottom: top + height - radius };
  context.save();
  for (const { x, y, shape, color } of marks) {
    const centre = plot.valToPos(x, "x", true);
    if (!isInside(plot, centre)) continue;
    const middle = isAtEdge(y) ? edges[y] : plot.valToPos(y, "y", true);
    context.fillStyle = color;
    context.beginPath();
    for (const corner of markerOutline(shape, centre, middle, radius)) {
      context.lineTo(...corner);
    }
    context.fill();
  }
  context.restore();
}

/**
 * @param {number|Edge} y
 * @returns {y is Edge}
 */
function isAtEdge(y) {
  return typeof y === "string";
}

/**
 * @param {uPlot} plot
 * @param {number} x
 */
function isInside({ bbox }, x) {
  return x >= bbox.left && x <= bbox.left + bbox.width;
}
