/**
 * Runs in a Worker: hosts an engine, a WASI command, and runs it on request.
 *
 * First message: `{wasm, staticFiles}`. Then `{argv, files, outputs}`, each answered
 * in turn by `{seconds, outputs}` with one buffer for each output file, or by
 * `{error}`. An engine that writes its outputs while it runs has them posted as they
 * are so far, in front of the answer: `{isPartial: true, seconds, outputs}`.
 */

import { messageOf } from "./errors.js";

const UNKNOWN_FILE = -1;

/** How often unfinished outputs are posted, in milliseconds. */
const POST_INTERVAL = 50;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** @typedef {Record<string, Uint8Array|Float64Array>} Files by name */

/** @type {Promise<WebAssembly.Module>} */
let compiled;
/** @type {Files} */
let staticFiles;

addEventListener("message", async ({ data }) => {
  if (data.wasm) {
    compiled = WebAssembly.compile(data.wasm);
    staticFiles = data.staticFiles;
    return;
  }
  const { argv, files, outputs } = data;
  try {
    const module = await compiled;
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    let posted = start;
    /** @type {(written: ArrayBuffer[]) => void} */
    const onOutputs = (written) => {
      if (performance.now() - posted < POST_INTERVAL) return;
      posted = performance.now();
      postMessage({ isPartial: true, seconds: seconds(), outputs: written });
    };
    const given = { ...staticFiles, ...files };
    const written = execute(module, argv, given, outputs, onOutputs);
    postMessage({ seconds: seconds(), outputs: written }, written);
  } catch (error) {
    postMessage({ error: messageOf(error) });
  }
});

/**
 * Run the engine once, in an instance of its own because its state is static.
 *
 * @param {WebAssembly.Module} module
 * @param {string[]} argv
 * @param {Files} files
 * @param {string[]} outputs names of the files that are wanted
 * @param {(written: ArrayBuffer[]) => void} onOutputs called with them as they are
 * @returns {ArrayBuffer[]}
 */
function execute(module, argv, files, outputs, onOutputs) {
  /** @type {Map<string, ArrayBuffer>} */
  const written = new Map();
  const writtenOutputs = () => outputs.flatMap((file) => written.get(file) ?? []);
  /** @type {string[]} */
  const complaints = [];
  /** @type {number[]} */
  const exits = [];
  /** @type {WebAssembly.Memory} */
  let memory;

  /** @type {(pointer: number, length: number) => Uint8Array<ArrayBuffer>} */
  const bytes = (pointer, length) => new Uint8Array(memory.buffer, pointer, length);
  /** @type {(pointer: number, length: number) => string} */
  const text = (pointer, length) => decoder.decode(bytes(pointer, length));
  const succeed = () => 0;
  const words = argv.map((word) => encoder.encode(`${word}\0`));

  /** @type {Record<string, (...numbers: number[]) => number|void>} */
  const env = {
    host_size: (name, length) => files[text(name, length)]?.byteLength ?? UNKNOWN_FILE,
    host_read(name, length, target, size) {
      const { buffer, byteOffset } = files[text(name, length)];
      bytes(target, size).set(new Uint8Array(buffer, byteOffset, size));
    },
    host_write(name, length, source, size) {
      const file = text(name, length);
      if (!outputs.includes(file)) return;
      written.set(file, bytes(source, size).slice().buffer);
      // They are written in this order.
      if (file === outputs.at(-1) && written.size === outputs.length) {
        onOutputs(writtenOutputs());
      }
    },
    host_complain: (pointer, length) => complaints.push(text(pointer, length)),
    emscripten_notify_memory_growth: succeed,
    __call_sighandler: succeed,
    getentropy: succeed,
  };
  /** @type {Record<string, (...numbers: number[]) => number|void>} */
  const wasi = {
    args_sizes_get(count, size) {
      const view = new DataView(memory.buffer);
      view.setUint32(count, words.length, true);
      view.setUint32(
        size,
        words.reduce((sum, word) => sum + word.length, 0),
        true,
      );
      return 0;
    },
    args_get(pointers, target) {
      const view = new DataView(memory.buffer);
      for (const [k, word] of words.entries()) {
        view.setUint32(pointers + 4 * k, target, true);
        bytes(target, word.length).set(word);
        target += word.length;
      }
      return 0;
    },
    proc_exit(code) {
      exits.push(code);
      throw new Error(`The engine ended with code ${code}.`);
    },
    clock_time_get: succeed,
    fd_close: succeed,
    // The C library's last words, such as the reason why it gives up.
    fd_write(_stream, parts, count, total) {
      const view = new DataView(memory.buffer);
      let size = 0;
      for (let k = 0; k < count; k++) {
        const length = view.getUint32(parts + 8 * k + 4, true);
        complaints.push(text(view.getUint32(parts + 8 * k, true), length));
        size += length;
      }
      view.setUint32(total, size, true);
      return 0;
    },
    fd_seek: succeed,
  };

  const { exports } = new WebAssembly.Instance(module, {
    env,
    wasi_snapshot_preview1: wasi,
  });
  memory = /** @type {WebAssembly.Memory} */ (exports.memory);
  try {
    /** @type {() => void} */ (exports._start)();
  } catch (error) {
    if (exits[0] !== 0) complaints.push(messageOf(error));
  }
  if (complaints.length) throw new Error(complaints.join(" "));
  for (const file of outputs) {
    if (!written.has(file)) throw new Error(`The engine did not write ${file}.`);
  }
  return writtenOutputs();
}
