/* global WORKER_SOURCE */
import { engineArguments, outputsUnder } from "./arguments.js";
import { weightScale } from "./weight.js";

/**
 * One run of the model.
 *
 * @typedef {object} Run
 * @property {string} preset
 * @property {object} values
 * @property {number} seed
 * @property {number} seconds how long the engine took
 * @property {Output[]} outputs
 *
 * @typedef {object} Output
 * @property {string} name
 * @property {number[]} shape
 * @property {string} meaning
 * @property {string} unit in SI units
 * @property {Float64Array} data row by row, one row for each sample
 */

// WORKER_SOURCE is worker.js, put here by tools/bundle_lab.mjs: a page that was
// opened as a file may start a Worker from a Blob only.
let workerAddress;

const decoded = new WeakMap();

/**
 * Start an engine in a Worker. One run is in flight and at most one waits: a newer
 * request takes the place of the waiting one.
 *
 * @param {{manifest: object, wasm: string}} engine
 * @param {object} listeners
 * @param {(run: Run) => void} listeners.onRun
 * @param {(message: string) => void} listeners.onRunError one run failed
 * @param {(message: string) => void} listeners.onFailure nothing will run any more
 * @returns {{request: (state: object) => void, stop: () => void}}
 */
export function startEngine(engine, { onRun, onRunError, onFailure }) {
  if (typeof WebAssembly !== "object") {
    throw new Error("this browser has no WebAssembly");
  }
  workerAddress ??= URL.createObjectURL(
    new Blob([WORKER_SOURCE], { type: "text/javascript" }),
  );
  const { manifest } = engine;
  const program = decode(engine);
  const worker = new Worker(workerAddress);
  worker.postMessage(program);

  let inFlight = null;
  let waiting = null;

  function send(state) {
    const outputs = outputsUnder(manifest, state.values);
    const { argv, files } = engineArguments(manifest, state);
    inFlight = { state, outputs };
    worker.postMessage(
      { argv, files, outputs: outputs.map(({ file }) => file) },
      Object.values(files).map(({ buffer }) => buffer),
    );
  }

  worker.onmessage = ({ data }) => {
    const { state, outputs } = inFlight;
    inFlight = null;
    // The engine works on the next run while this one is drawn.
    if (waiting) send(waiting);
    waiting = null;
    if (data.error) {
      onRunError(data.error);
      return;
    }
    onRun({
      preset: state.preset,
      values: state.values,
      seed: state.seed,
      seconds: data.seconds,
      outputs: outputs.map(({ name, shape, meaning, unit }, k) => ({
        name,
        shape,
        meaning,
        unit: unit === "S" ? weightUnit(manifest, state.preset) : unit,
        data: new Float64Array(data.outputs[k]),
      })),
    });
  };
  worker.onerror = (event) => {
    event.preventDefault();
    onFailure(event.message || "the Worker did not start");
  };

  return {
    request(state) {
      if (inFlight) waiting = state;
      else send(state);
    },
    stop() {
      worker.terminate();
    },
  };
}

// An engine computes with plain numbers; a preset says whether weights are
// conductances or multiples of the leak conductance.
function weightUnit(manifest, preset) {
  return weightScale(manifest, { preset }).unit === "nS" ? "S" : "1";
}

/** Decode an engine, once for all Labs of the page. */
function decode(engine) {
  if (!decoded.has(engine)) {
    const { static_arrays: arrays } = engine.manifest;
    decoded.set(engine, {
      wasm: bytesOf(engine.wasm),
      staticFiles: Object.fromEntries(
        Object.entries(arrays).map(([name, text]) => [
          `static_arrays/${name}`,
          bytesOf(text),
        ]),
      ),
    });
  }
  return decoded.get(engine);
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
