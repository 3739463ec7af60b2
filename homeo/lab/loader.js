// The widget of `homeo.Lab`: finds the Lab's files, starts it, and keeps the model
// in Python and the Lab in step. Saved with every notebook, therefore small; the
// front end and the engines are loaded once per page.

const PATIENCE = 5_000; // milliseconds
const QUIET = 200; // milliseconds
/** @type {(keyof State)[]} */
const STATE = ["preset", "values", "seed", "controls"];

/** @import {Run, State, WidgetModel} from "./front/types" */

// Shared by all views of the page: the promise of each file.
const loaded = (globalThis.homeoLabFiles ??= new Map());

/** @param {string} name @param {string} address */
function load(name, address) {
  if (!loaded.has(name)) {
    const promise = new Promise((resolve, reject) => {
      const tag = name.endsWith(".css")
        ? Object.assign(document.createElement("link"), {
            rel: "stylesheet",
            href: address,
          })
        : Object.assign(document.createElement("script"), { src: address });
      tag.onload = resolve;
      tag.onerror = () => reject(new Error(`its file ${name} could not be loaded`));
      document.head.append(tag);
    });
    // What failed may be tried again.
    promise.catch(() => loaded.delete(name));
    loaded.set(name, promise);
  }
  return loaded.get(name);
}

/** @param {string} name @param {string} text */
async function loadText(name, text) {
  const type = name.endsWith(".css") ? "text/css" : "text/javascript";
  const address = URL.createObjectURL(new Blob([text], { type }));
  await load(name, address).finally(() => URL.revokeObjectURL(address));
}

// Python answers when it has nothing else to do, however long that takes.
/**
 * @param {WidgetModel} model
 * @returns {Promise<Record<string, string>>}
 */
function askPython(model) {
  return new Promise((resolve) => {
    /** @param {{type: string, files: Record<string, string>}} [message] */
    const listen = (message) => {
      if (message?.type !== "files") return;
      model.off("msg:custom", listen);
      resolve(message.files);
    };
    model.on("msg:custom", listen);
    model.send({ type: "files" });
  });
}

/** @param {WidgetModel} model @param {string[]} names */
async function loadAll(model, names) {
  const base = globalThis.homeoLabBase;
  if (base) {
    await Promise.all(names.map((name) => load(name, base + name)));
  } else if (names.every((name) => loaded.has(name))) {
    await Promise.all(names.map((name) => loaded.get(name)));
  } else {
    const files = await askPython(model);
    await Promise.all(names.map((name) => loadText(name, files[name])));
  }
}

/** @param {HTMLElement} el @param {string} state @param {string} text */
function showNotice(el, state, text) {
  const notice = document.createElement("p");
  notice.className = "homeo-lab-notice";
  notice.setAttribute("role", "status");
  notice.textContent = text;
  const root = document.createElement("div");
  root.className = "homeo-lab";
  root.dataset.state = state;
  root.append(notice);
  el.replaceChildren(root);
}

/** @param {{model: WidgetModel, el: HTMLElement}} view */
async function render({ model, el }) {
  const experiment = model.get("experiment");
  const state = () => Object.fromEntries(STATE.map((name) => [name, model.get(name)]));
  let removed = false;
  /** @type {ReturnType<typeof homeoLab.mount> | undefined} */
  let lab;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let quiet;

  // While a reader's move is written to the model, part of it would be heard.
  let writing = false;
  const listen = () => {
    if (!writing) lab?.set(state());
  };
  for (const name of STATE) model.on(`change:${name}`, listen);

  /** @param {Run} run */
  function sendLater({ preset, values, seed, outputs }) {
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      model.send(
        {
          type: "result",
          preset,
          values,
          seed,
          outputs: outputs.map(({ data, ...description }) => description),
        },
        undefined,
        outputs.map(({ data }) => data.buffer),
      );
    }, QUIET);
  }

  const impatient = setTimeout(() => {
    const advice = "If no kernel is running, start one and run the cell again.";
    showNotice(el, "waiting", `Waiting for Python. ${advice}`);
  }, PATIENCE);

  // Not awaited: a notebook shows what comes after this view at once.
  loadAll(model, ["lab.css", "lab.js", `${experiment}.js`])
    .finally(() => clearTimeout(impatient))
    .then(() => {
      if (removed) return;
      el.replaceChildren();
      lab = globalThis.homeoLab.mount({
        element: el,
        engine: globalThis.homeoEngines[experiment],
        state: state(),
        onChange(changed) {
          writing = true;
          for (const name of STATE) model.set(name, changed[name]);
          writing = false;
          model.save_changes();
        },
        onResult: sendLater,
      });
    })
    .catch((error) => {
      if (removed) return;
      const reason = error.message.replace(/\.$/, "");
      showNotice(el, "failed", `The live figure cannot run here: ${reason}.`);
    });

  return () => {
    removed = true;
    clearTimeout(impatient);
    clearTimeout(quiet);
    for (const name of STATE) model.off(`change:${name}`, listen);
    lab?.destroy();
  };
}

export default { render };
