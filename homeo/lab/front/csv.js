import { columnsOf } from "./run.js";
import { weightScale } from "./weight.js";

/** @import {Entry, Manifest, Output, Run, Value} from "./types" */

/**
 * Write a run as CSV: what was set, and what is no course, as comments; then one row
 * for each sample.
 *
 * @param {Manifest} manifest
 * @param {Run} run
 * @returns {string}
 */
export function csvOf(manifest, run) {
  const weight = weightScale(manifest, run);
  const isCourse = (/** @type {Output} */ { dims }) => dims[0] === "time";
  const columns = run.outputs.filter(isCourse).flatMap(({ name, unit }) => {
    const scale = name.startsWith("w") ? weight : { unit, factor: 1 };
    return columnsOf(run, name, scale.factor).map((numbers, k, all) => ({
      header: `${all.length > 1 ? `${name} ${k + 1}` : name} (${scale.unit})`,
      numbers,
    }));
  });
  const settings = Object.entries(run.values).map(([name, value]) => {
    const { meaning } = manifest.settings[name];
    const scale = manifest.presets[run.preset][name];
    return `${name}: ${settingText(value, scale)} (${meaning.replaceAll('"', "")})`;
  });
  const comments = [
    `experiment: ${manifest.experiment} (${manifest.title})`,
    `preset at the start: ${run.preset}`,
    ...settings,
    `seed: ${run.seed}`,
    ...run.outputs
      .filter((output) => !isCourse(output))
      .map(
        ({ name, dims, unit, meaning, data }) =>
          `${name} (${unit}; ${meaning}), by ${dims}: ${Array.from(data).join(" ")}`,
      ),
  ];
  return [
    ...comments.map((line) => `# ${line}`),
    columns.map(({ header }) => header).join(","),
    ...Array.from(columns[0].numbers, (_, row) =>
      columns.map(({ numbers }) => numbers[row]).join(","),
    ),
    "",
  ].join("\n");
}

/**
 * Have the browser save a text; works without a server.
 *
 * @param {string} text
 * @param {string} fileName
 */
export function saveText(text, fileName) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = fileName;
  link.click();
  // The browser reads the address after this task.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * @param {Value} value
 * @param {Entry} entry
 */
function settingText(value, { unit, factor = 1 }) {
  if (value === null) return "no bound";
  if (typeof value !== "number") return String(value);
  // Twelve digits, so that 0.1 s over 0.001 is 100 ms.
  return `${Number((value / factor).toPrecision(12))} ${unit}`;
}
