import { engineArguments, outputsUnder } from "./arguments.js";
import { sameRun } from "./state.js";
import { weightScale } from "./weight.js";

/** @import {Engine, Manifest, OutputEntry, Run, State} from "./types" */

// WORKER_SOURCE is worker.js, put here by tools/bundle_lab.mjs: a page that was
// opened as a file may start a Worker from a Blob only.
/** @type {string|undefined} */
let workerAddress;

/** @type {WeakMap<Engine, Program>} */
const decoded = new WeakMap();

/**
 * @typedef {{wasm: Uint8Array, staticFiles: Record<string, Uint8Array>}} Program
 *
 * What the Worker answers: an error, or how long it took and the outputs.
 *
 * @typedef {object} Answer
 * @property {string} [error]
 * @property {boolean} [isPartial]
 * @property {number} seconds
 * @property {ArrayBuffer[]} outputs
 */

/**
 * Start an engine in a Worker. One run is in flight and at most one waits: a newer
 * request takes the place of the waiting one. A run that is drawn while it goes on is
 * given up for the one that waits, once there is a first picture of it.
 *
 * @param {Engine} engine
 * @param {object} listeners
 * @param {(run: Run) => void} listeners.onRun
 * @param {(message: string, isIdle: boolean) => void} listeners.onRunError one run
 *   failed; says whether another goes on
 * @param {(message: string) => void} listeners.onFailure nothing will run any more
 * @returns {{request: (state: State) => void, stop: () => void}}
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
  const address = workerAddress;
  let worker = startWorker();
  /** @type {{state: State, outputs: OutputEntry[], isSeen: boolean}|null} */
  let inFlight = null;
  /** @type {State|null} */
  let waiting = null;

  function startWorker() {
    const started = new Worker(address);
    started.postMessage(program);
    started.onmessage = ({ data }) => receive(data);
    started.onerror = (event) => {
      event.preventDefault();
      onFailure(event.message || "the Worker did not start");
    };
    return started;
  }

  /** @param {State} state */
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
    worker.onmessage = null;
    worker.terminate();
    worker = startWorker();
    sendWaiting();
  }

  /** @param {Answer} data */
  function receive(data) {
    if (!inFlight) return;
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

/**
 * Fill in the number of samples, where it depends on the settings.
 *
 * @param {[number|null, ...number[]]} shape
 * @param {number} length
 */
function withRows([rows, ...columns], length) {
  return [rows ?? length / columns.reduce((product, n) => product * n, 1), ...columns];
}

// An engine computes with plain numbers; a preset says whether weights are
// conductances or multiples of the leak conductance.
/**
 * @param {Manifest} manifest
 * @param {string} preset
 */
function weightUnit(manifest, preset) {
  return weightScale(manifest, { preset }).unit === "nS" ? "S" : "1";
}

/**
 * Decode an engine, once for all Labs of the page.
 *
 * @param {Engine} engine
 */
function decode(engine) {
  let program = decoded.get(engine);
  if (!program) {
    const { static_arrays: arrays } = engine.manifest;
    program = {
      wasm: bytesOf(engine.wasm),
      staticFiles: Object.fromEntries(
        Object.entries(arrays).map(([name, text]) => [
          `static_arrays/${name}`,
          bytesOf(text),
        ]),
      ),
    };
    decoded.set(engine, program);
  }
  return program;
}

/** @param {string} base64 */
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
