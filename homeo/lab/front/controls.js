import { element, setText, symbolElement } from "./dom.js";
import { formatSetting } from "./numbers.js";
import { HIGHEST_SEED, isUnchanged, readSeed } from "./state.js";

/**
 * @import {Entry, Manifest, Setting, State, Value} from "./types"
 *
 * A control, and how it shows a value and the stops under a preset.
 *
 * @typedef {{node: HTMLElement, show: (value: any, entry: any) => void}} Control
 *
 * @typedef {(id: string, setting: Setting, onValue: (value: Value) => void) => Control}
 *   Maker
 */

/** Settings that stand together; those of no group come last. */
const GROUPS = {
  Population: ["rate_before", "rate_after", "rate_max", "N"],
  "Global factor": ["G", "gamma", "tau_H", "H_0"],
  Spikes: ["lag", "pre_spike", "post_spike"],
  Synapse: ["rule", "tau_stdp", "eta", "w_0", "w_min", "w_max"],
  Run: ["duration"],
};

// Several Labs on one page must not share the ids of their controls.
let labs = 0;

/**
 * Make the controls of a Lab.
 *
 * @param {Manifest} manifest
 * @param {boolean} hasSeed whether the seed changes anything
 * @param {object} listeners
 * @param {(change: object) => void} listeners.onChange gets part of a state
 * @param {(preset: string) => void} listeners.onPreset
 * @param {() => void} listeners.onReset
 * @param {() => void} listeners.onDownload
 * @returns {{node: HTMLElement, show: (state: State) => void, offerFile: (isThere:
 *   boolean) => void}}
 */
export function createControls(
  manifest,
  hasSeed,
  { onChange, onPreset, onReset, onDownload },
) {
  const prefix = `homeo-lab-${++labs}`;
  const makers = { number: slider, count: slider, choice, switch: checkbox };
  /** @type {Map<string, Control>} */
  const controls = new Map();
  for (const [name, setting] of Object.entries(manifest.settings)) {
    const make = makers[setting.kind];
    const id = `${prefix}-${name}`;
    /** @type {(value: Value) => void} */
    const onValue = (value) => onChange({ values: { [name]: value } });
    controls.set(name, make(id, setting, onValue));
  }

  const presets = presetButtons(`${prefix}-presets`, manifest, onPreset);
  const file = button("CSV", onDownload, "Save the data of this run");
  const seed = seedField(`${prefix}-seed`, (value) => onChange({ seed: value }));
  const groups = grouped([...controls.keys()]).map(([legend, names]) => {
    const nodes = names.flatMap((name) => controls.get(name)?.node ?? []);
    const node = element("fieldset", {}, element("legend", {}, legend), ...nodes);
    return { node, names };
  });
  const node = element(
    "div",
    { class: "homeo-lab-controls" },
    element(
      "div",
      { class: "homeo-lab-bar" },
      presets.node,
      button("Reset", onReset, "Back to how this Lab began"),
      ...(hasSeed ? [seed.node] : []),
      file,
    ),
    element("div", { class: "homeo-lab-groups" }, ...groups.map((group) => group.node)),
  );

  return {
    node,
    /** Say whether there is a run whose data can be saved. */
    offerFile(isThere) {
      file.disabled = !isThere;
    },
    show(state) {
      const isShown = (/** @type {string} */ name) =>
        state.controls?.includes(name) ?? true;
      for (const [name, control] of controls) {
        control.node.hidden = !isShown(name);
        control.show(state.values[name], manifest.presets[state.preset][name]);
      }
      for (const group of groups) group.node.hidden = !group.names.some(isShown);
      // A preset would change settings that are hidden.
      presets.node.hidden = state.controls !== null;
      presets.show(state);
      seed.show(state.seed);
    },
  };
}

/**
 * @param {string[]} names
 * @returns {[legend: string, members: string[]][]} groups that have members
 */
function grouped(names) {
  const known = Object.values(GROUPS).flat();
  const others = names.filter((name) => !known.includes(name));
  const groups = Object.entries({ ...GROUPS, More: others });
  return groups.flatMap(([legend, group]) => {
    const members = group.filter((name) => names.includes(name));
    return members.length ? [[legend, members]] : [];
  });
}

/** @type {Maker} */
function slider(id, { symbol, meaning, kind }, onValue) {
  /** @type {Required<Entry>} */
  let scale;
  const input = element("input", { type: "range", id, min: 0, step: 1 });
  // The slider says its value itself; as a live region this would say it twice.
  const output = element("output", { for: id, "aria-live": "off" });
  input.addEventListener("input", () => onValue(scale.positions[input.valueAsNumber]));
  return {
    node: element(
      "div",
      { class: "homeo-lab-slider" },
      element("label", { for: id }, symbolElement(symbol), ` ${meaning}`),
      output,
      input,
    ),
    show(value, shown) {
      scale = shown;
      const text = formatSetting(value, scale, kind);
      const stop = nearestStop(value, scale.positions);
      input.max = String(scale.positions.length - 1);
      if (input.valueAsNumber !== stop) input.value = String(stop);
      input.setAttribute("aria-valuetext", text);
      setText(output, text);
    },
  };
}

/**
 * @param {number|null} value
 * @param {(number|null)[]} positions
 */
function nearestStop(value, positions) {
  if (value === null) return positions.indexOf(null);
  const distances = positions.map((stop) =>
    stop === null ? Infinity : Math.abs(stop - value),
  );
  return distances.indexOf(Math.min(...distances));
}

/** @type {Maker} */
function choice(id, { meaning, options = {} }, onValue) {
  const select = element(
    "select",
    { id, change: () => onValue(select.value) },
    ...Object.entries(options).map(([value, text]) =>
      element("option", { value }, text),
    ),
  );
  return {
    node: element(
      "div",
      { class: "homeo-lab-choice" },
      element("label", { for: id }, meaning),
      select,
    ),
    show(value) {
      select.value = value;
    },
  };
}

/** @type {Maker} */
function checkbox(id, { meaning }, onValue) {
  const input = element("input", {
    type: "checkbox",
    id,
    change: () => onValue(input.checked),
  });
  return {
    node: element(
      "div",
      { class: "homeo-lab-switch" },
      input,
      element("label", { for: id }, meaning),
    ),
    show(value) {
      input.checked = value;
    },
  };
}

/**
 * @param {string} id
 * @param {Manifest} manifest
 * @param {(preset: string) => void} onPreset
 */
function presetButtons(id, manifest, onPreset) {
  const labels = Object.entries(manifest.preset_labels);
  const buttons = labels.map(([name, { label, meaning }]) =>
    button(label, () => onPreset(name), meaning),
  );
  return {
    node: element(
      "div",
      { class: "homeo-lab-bar", role: "group", "aria-labelledby": id },
      element("span", { id }, manifest.presets_title),
      ...buttons,
    ),
    show(/** @type {State} */ state) {
      for (const [k, [name]] of labels.entries()) {
        const isActive = name === state.preset && isUnchanged(manifest, state);
        buttons[k].setAttribute("aria-pressed", String(isActive));
      }
    },
  };
}

/**
 * @param {string} id
 * @param {(seed: number) => void} onSeed
 */
function seedField(id, onSeed) {
  let shown = 0;
  const input = element("input", {
    type: "number",
    id,
    min: 0,
    max: HIGHEST_SEED,
    step: 1,
    inputmode: "numeric",
    input() {
      const seed = readSeed(input.valueAsNumber);
      if (seed !== undefined) onSeed(seed);
    },
    // What is no seed does not stay there.
    change() {
      input.value = String(shown);
    },
  });
  return {
    node: element(
      "div",
      { class: "homeo-lab-bar" },
      element("label", { for: id }, "seed"),
      input,
      button("New seed", () => {
        const [number] = crypto.getRandomValues(new Uint32Array(1));
        onSeed(number & HIGHEST_SEED);
      }),
    ),
    show(/** @type {number} */ seed) {
      shown = seed;
      if (input.valueAsNumber !== seed) input.value = String(seed);
    },
  };
}

/**
 * @param {string} text
 * @param {() => void} onClick
 * @param {string} [title]
 */
function button(text, onClick, title = "") {
  return element(
    "button",
    { type: "button", click: onClick, ...(title && { title }) },
    text,
  );
}
