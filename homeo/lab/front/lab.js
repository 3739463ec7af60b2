import { createControls } from "./controls.js";
import { csvOf, saveText } from "./csv.js";
import { element, setText } from "./dom.js";
import { startEngine } from "./engine.js";
import { messageOf } from "./errors.js";
import { formatTime } from "./numbers.js";
import { readState, sameRun, withPreset } from "./state.js";
import { globalFactorView } from "./views/global_factor.js";
import { networkView } from "./views/network.js";
import { pairView } from "./views/pair.js";
import { pairingView } from "./views/pairing.js";
import { windowView } from "./views/window.js";

/** @import {Engine, Run, State, View, Manifest} from "./types" */

/** @type {Record<string, (manifest: Manifest) => View>} */
const VIEWS = {
  global_factor: globalFactorView,
  pair: pairView,
  pairing: pairingView,
  window: windowView,
  network: networkView,
};

/** How long nothing moves before the status line speaks, in milliseconds. */
const QUIET = 500;

/**
 * Put a Lab into an element: controls, plots, and an engine that answers.
 *
 * @param {object} options
 * @param {HTMLElement} options.element
 * @param {Engine} options.engine
 * @param {Partial<State>} [options.state]
 * @param {(state: State) => void} [options.onChange] after a reader has moved something
 * @param {(run: Run) => void} [options.onResult] after a run was drawn
 * @returns {{set: (partial: Partial<State>) => void, destroy: () => void}}
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
    "aria-busy": "true",
    "data-state": "loading",
  });

  const initial = readState(manifest, given);
  let state = initial;
  /** @type {Run|null} */
  let run = null;
  let runsDrawn = 0;
  /** @type {ReturnType<typeof startEngine>|null} */
  let runner = null;
  let isReleased = false;
  let isFitted = true;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let quiet;
  const isStill = matchMedia("(prefers-reduced-motion: reduce)");

  const view = VIEWS[manifest.experiment](manifest);
  const status = element("p", { class: "homeo-lab-status", role: "status" });
  const controls = createControls(manifest, view.isRandom, {
    onChange: (change) => move(readState(manifest, change, state)),
    onPreset(preset) {
      const values = withPreset(manifest, preset, state.values);
      restart(readState(manifest, { preset, values }, state));
    },
    onReset: () => restart({ ...initial, controls: state.controls }),
    onDownload: () => {
      if (run) saveText(csvOf(manifest, run), `homeo-${manifest.experiment}.csv`);
    },
  });
  /** @type {(name: string, ...nodes: Node[]) => HTMLElement} */
  const part = (name, ...nodes) =>
    element("div", { class: `homeo-lab-${name}` }, ...nodes);
  root.append(
    part(
      "layout",
      part("courses", ...view.courses),
      ...(view.relation ? [part("relation", view.relation)] : []),
      controls.node,
      view.readout,
      status,
    ),
  );
  controls.show(state);
  controls.offerFile(false);
  parent.append(root);

  try {
    runner = startEngine(engine, {
      onRun: draw,
      onRunError(message, isIdle) {
        if (!run) return fail(message);
        view.draw(run);
        root.ariaBusy = String(!isIdle);
        controls.offerFile(isIdle);
        say(`This run failed, the plots show the one before: ${message}`);
      },
      onFailure: fail,
    });
    runner.request(state);
  } catch (error) {
    fail(messageOf(error));
  }

  /**
   * Take over a state; the engine starts before anything is drawn.
   *
   * @param {State} next
   */
  function update(next) {
    const isNewRun = !sameRun(next, state);
    if (next.preset !== state.preset) isFitted = false;
    state = next;
    if ((isNewRun || !isFitted) && !isReleased) {
      root.ariaBusy = "true";
      if (manifest.streams) {
        // The numbers and the file of the run before are not those of this one.
        clearTimeout(quiet);
        setText(status, "The model runs.");
        controls.offerFile(false);
      }
      runner?.request(state);
    }
    controls.show(state);
  }

  /** @param {State} next */
  function move(next) {
    update(next);
    onChange(state);
  }

  /**
   * Move to where a Lab can begin; it looks as if it had begun there.
   *
   * @param {State} next
   */
  function restart(next) {
    isFitted = false;
    move(next);
  }

  /** @param {Run} received */
  function draw(received) {
    // Who wants nothing to move by itself gets a run when it is over.
    if (received.isPartial && isStill.matches) return;
    // Runs of earlier states may still come in.
    if (!isFitted && sameRun(received, state)) {
      view.forgetRanges();
      isFitted = true;
    }
    let summary;
    try {
      summary = view.draw(received);
    } catch (error) {
      return fail(messageOf(error));
    }
    root.dataset.state = "live";
    if (received.isPartial) return;
    run = received;
    const isWanted = sameRun(received, state);
    root.ariaBusy = String(!isWanted);
    controls.offerFile(isWanted || !manifest.streams);
    root.dataset.run = String(++runsDrawn);
    const { seconds, values, seed } = received;
    say(`${summary} The run took ${formatTime(seconds)}.`);
    root.dispatchEvent(
      new CustomEvent("homeo-lab-drawn", {
        bubbles: true,
        detail: { seconds, values, seed },
      }),
    );
    onResult(received);
  }

  /** @param {string} text */
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

  /** @param {string} reason */
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
    destroy() {
      release();
      root.remove();
    },
  };
}
