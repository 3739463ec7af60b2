import { createControls } from "./controls.js";
import { csvOf, saveText } from "./csv.js";
import { element, setText } from "./dom.js";
import { startEngine } from "./engine.js";
import { formatNumber } from "./numbers.js";
import { readState, sameRun } from "./state.js";
import { globalFactorView } from "./views/global_factor.js";
import { pairView } from "./views/pair.js";
import { pairingView } from "./views/pairing.js";

const VIEWS = { global_factor: globalFactorView, pair: pairView, pairing: pairingView };

/** How long nothing moves before the status line speaks, in milliseconds. */
const QUIET = 500;

/**
 * Put a Lab into an element: controls, plots, and an engine that answers.
 *
 * @param {object} options
 * @param {HTMLElement} options.element
 * @param {{manifest: object, wasm: string}} options.engine
 * @param {Partial<import("./state.js").State>} [options.state]
 * @param {(state: import("./state.js").State) => void} [options.onChange] after a
 *   reader has moved something
 * @param {(run: import("./engine.js").Run) => void} [options.onResult] after a run
 *   was drawn
 * @returns {{set: Function, result: Function, destroy: Function}}
 */
export function mount({
  element: parent,
  engine,
  state: given,
  onChange = () => {},
  onResult = () => {},
}) {
  const { manifest } = engine;
  const root = element("div", {
    class: "homeo-lab",
    role: "group",
    "aria-label": manifest.title,
    "data-state": "loading",
  });

  const initial = readState(manifest, given);
  let state = initial;
  let run = null;
  let runsDrawn = 0;
  let runner = null;
  let isReleased = false;
  let quiet;

  const view = VIEWS[manifest.experiment](manifest);
  const status = element("p", { class: "homeo-lab-status", role: "status" });
  const controls = createControls(manifest, view.isRandom, {
    onChange: (change) => move(readState(manifest, change, state)),
    onReset: () => move({ ...initial, controls: state.controls }),
    onDownload: () => {
      if (run) saveText(csvOf(manifest, run), `homeo-${manifest.experiment}.csv`);
    },
  });
  const part = (name, ...nodes) =>
    element("div", { class: `homeo-lab-${name}` }, ...nodes);
  root.append(
    part(
      "layout",
      part("courses", ...view.courses),
      controls.node,
      ...(view.relation ? [part("relation", view.relation)] : []),
      view.readout,
      status,
    ),
  );
  controls.show(state);
  parent.append(root);

  try {
    runner = startEngine(engine, {
      onRun: draw,
      onRunError(message) {
        if (run) say(`This run failed, the plots show the one before: ${message}`);
        else fail(message);
      },
      onFailure: fail,
    });
    runner.request(state);
  } catch (error) {
    fail(error.message);
  }

  /** Take over a state; the engine starts before anything is drawn. */
  function update(next) {
    const isNewRun = !sameRun(next, state);
    state = next;
    if (isNewRun && !isReleased) runner.request(state);
    controls.show(state);
  }

  function move(next) {
    update(next);
    onChange(state);
  }

  function draw(finished) {
    run = finished;
    const summary = view.draw(run);
    root.dataset.state = "live";
    root.dataset.run = ++runsDrawn;
    say(`${summary} The engine took ${formatNumber(1000 * run.seconds)}\u00a0ms.`);
    const { seconds, values, seed } = run;
    root.dispatchEvent(
      new CustomEvent("homeo-lab-drawn", {
        bubbles: true,
        detail: { seconds, values, seed },
      }),
    );
    onResult(run);
  }

  function say(text) {
    clearTimeout(quiet);
    quiet = setTimeout(() => setText(status, text), QUIET);
  }

  function release() {
    if (isReleased) return;
    isReleased = true;
    clearTimeout(quiet);
    runner?.stop();
    view.destroy();
  }

  function fail(reason) {
    release();
    root.dataset.state = "failed";
    root.replaceChildren(
      element(
        "p",
        { class: "homeo-lab-notice", role: "status" },
        `The live figure cannot run here: ${reason.replace(/\.$/, "")}.`,
      ),
    );
  }

  return {
    /** Take over part of a state, as Python does. */
    set: (partial) => update(readState(manifest, partial, state)),
    /** The run that is drawn, or null. */
    result: () => run,
    destroy() {
      release();
      root.remove();
    },
  };
}
