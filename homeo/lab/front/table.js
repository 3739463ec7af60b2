import { element, setText } from "./dom.js";

/**
 * Make a table of numbers whose cells can be written anew.
 *
 * @param {string[]} header
 * @param {number} rows
 */
export function createTable(header, rows) {
  const caption = element("caption");
  const cells = Array.from({ length: rows }, () =>
    header.map((_, k) => (k ? element("td") : element("th", { scope: "row" }))),
  );
  const note = element("p", { class: "homeo-lab-note" });
  const table = element(
    "table",
    {},
    caption,
    element(
      "thead",
      {},
      element("tr", {}, ...header.map((text) => element("th", { scope: "col" }, text))),
    ),
    element("tbody", {}, ...cells.map((row) => element("tr", {}, ...row))),
  );
  return {
    node: element("div", { class: "homeo-lab-readout" }, table, note),
    /**
     * @param {object} content
     * @param {string} content.caption
     * @param {string[][]} content.rows the first cell of each is its header
     * @param {string} [content.note] what to keep in mind
     */
    draw(content) {
      setText(caption, content.caption);
      content.rows.forEach((row, i) =>
        row.forEach((text, k) => setText(cells[i][k], text)),
      );
      setText(note, content.note ?? "");
    },
  };
}
