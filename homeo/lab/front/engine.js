/* global WORKER_SOURCE */
import { engineArguments, outputsUnder } from "./arguments.js";
import { sameRun } from "./state.js";
import { weightScale } from "./weight.js";

/**
 * One run of the model.
 *
 * @typedef {object} Run
 * @property {string} preset
 * @property {object} values
 * @property {number} seed
 * @property {number} seconds how long the engine took, until now if it still runs
 * @property {boolean} isPartial whether it still runs
 * @property {Output[]} outputs
 *
 * @typedef {object} Output
 * @property {string} name
 * @property {string[]} dims names of its dimensions
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
 * request takes the place of the waiting one. A run that is drawn while it goes on is
 * given up for the one that waits, once there is a first picture of it.
 *
 * @param {{manifest: object, wasm: string}} engine
 * @param {object} listeners
 * @param {(run: Run) => void} listeners.onRun
 * @param {(message: string, isIdle: boolean) => void} listeners.onRunError one run
 *   failed; says whether another goes on
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
  let worker = null;
  let inFlight = null;
  let waiting = null;
  startWorker();

  function startWorker() {
    if (worker) {
      worker.onmessage = null;
      worker.terminate();
    }
    worker = new Worker(workerAddress);
    worker.postMessage(program);
    worker.onmessage = ({ data }) => receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      onFailure(event.message || "the Worker did not start");
    };
  }

  function send(state) {
    const outputs = outputsUnder(manifest, state.values);
    const { argv, files } = engineArguments(manifest, state);
    inFlight = { state, outputs, isSeen: false };
    worker.postMessage(
      { argv, files, outputs: outputs.map(({ file }) => file) },
      Object.values(files).map(({ buffer }) => buffer),
    );
  }

  function sendWaiting() {
    inFlight = null;
    const next = waiting;
    waiting = null;
    if (next) send(next);
  }

  function giveUp() {
    startWorker();
    sendWaiting();
  }

  function receive(data) {
    const { state, outputs } = inFlight;
    inFlight.isSeen = true;
    // The engine works on the next run while this one is drawn.
    if (!data.isPartial) sendWaiting();
    else if (waiting) giveUp();
    if (data.error) {
      onRunError(data.error, inFlight === null);
      return;
    }
    onRun({
      preset: state.preset,
      values: state.values,
      seed: state.seed,
      seconds: data.seconds,
      isPartial: Boolean(data.isPartial),
      outputs: outputs.map(({ name, dims, shape, meaning, unit }, k) => {
        const numbers = new Float64Array(data.outputs[k]);
        return {
          name,
          dims,
          shape: withRows(shape, numbers.length),
          meaning,
          unit: unit === "S" ? weightUnit(manifest, state.preset) : unit,
          data: numbers,
        };
      }),
    });
  }

  return {
    request(state) {
      if (!inFlight) {
        send(state);
        return;
      }
      // What is on its way need not be asked for again.
      waiting = sameRun(state, inFlight.state) ? null : state;
      if (waiting && manifest.streams && inFlight.isSeen) giveUp();
    },
    stop() {
      worker.terminate();
    },
  };
}

/** Fill in the number of samples, where it depends on the settings. */
function withRows([rows, ...columns], length) {
  return [rows ?? length / columns.reduce((product, n) => product * n, 1), ...columns];
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
