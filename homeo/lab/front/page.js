// Starts the Labs of a built page, where no Jupyter runs: each from the state that
// was saved with its notebook.

import loader from "../loader.js";

const STATES = 'script[type="application/vnd.jupyter.widget-state+json"]';
const VIEWS = 'script[type="application/vnd.jupyter.widget-view+json"]';

/** @import {WidgetModel} from "./types" */

/**
 * A widget as it was saved, with what anywidget's models offer.
 *
 * @implements {WidgetModel}
 */
class SavedModel {
  #state;
  /** @type {Map<string, Set<() => void>>} */
  #listeners = new Map();

  /** @param {Record<string, unknown>} state */
  constructor(state) {
    this.#state = state;
  }

  /** @param {string} name @returns {any} */
  get(name) {
    return this.#state[name];
  }

  /** @param {string} name @param {unknown} value */
  set(name, value) {
    if (Object.is(this.#state[name], value)) return;
    this.#state[name] = value;
    for (const listener of this.#listeners.get(`change:${name}`) ?? []) listener();
  }

  /** @param {string} event @param {() => void} listener */
  on(event, listener) {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  /** @param {string} event @param {() => void} listener */
  off(event, listener) {
    this.#listeners.get(event)?.delete(listener);
  }

  // There is no Python that would hear of it.
  save_changes() {}
  send() {}
}

/** @param {string} selector */
function savedIn(selector) {
  const scripts = [...document.querySelectorAll(selector)];
  return scripts.map((script) => ({ script, saved: JSON.parse(script.textContent ?? "") }));
}

function startLabs() {
  const states = Object.assign({}, ...savedIn(STATES).map(({ saved }) => saved.state));
  // Views of one Lab share its model, as they do in a notebook.
  const models = new Map();
  for (const { script, saved } of savedIn(VIEWS)) {
    const name = saved.model_id;
    if (!states[name]?.state.experiment) continue; // the build has warned of it
    if (!models.has(name)) models.set(name, new SavedModel(states[name].state));
    const el = document.createElement("div");
    script.after(el);
    loader.render({ model: models.get(name), el });
  }
}

if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", startLabs);
} else {
  startLabs();
}
