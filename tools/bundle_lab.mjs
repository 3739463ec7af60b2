// Bundle the front end of the Lab into homeo/lab/static: lab.js, lab.css and page.js.
//
// Usage: node tools/bundle_lab.mjs [--check]
// With --check nothing is written; the exit code is 1 if a file is not up to date.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const lab = new URL("../homeo/lab/", import.meta.url);
const uplot = new URL("../node_modules/uplot/", import.meta.url);
const { version } = JSON.parse(await readFile(new URL("package.json", uplot)));
const licence = await readFile(new URL("LICENSE", uplot), "utf8");

const common = {
  absWorkingDir: root,
  bundle: true,
  charset: "utf8",
  format: "iife",
  legalComments: "none",
  minify: true,
  target: "es2022",
  write: false,
};

const worker = await build({ ...common, entryPoints: ["homeo/lab/front/worker.js"] });
const bundle = await build({
  ...common,
  banner: {
    js: `/*\nMade by tools/bundle_lab.mjs. Holds uPlot ${version}:\n\n${licence}*/`,
    css: "/* Made by tools/bundle_lab.mjs. */",
  },
  define: { WORKER_SOURCE: JSON.stringify(worker.outputFiles[0].text) },
  entryPoints: { lab: "homeo/lab/front/main.js" },
  outdir: "homeo/lab/static",
});

// The loader in a page that no Jupyter shows.
const page = await build({
  ...common,
  banner: { js: "/* Made by tools/bundle_lab.mjs. */" },
  entryPoints: ["homeo/lab/front/page.js"],
  outdir: "homeo/lab/static",
});

const isCheck = process.argv.includes("--check");
for (const { path, text } of [...bundle.outputFiles, ...page.outputFiles]) {
  if (!isCheck) {
    await mkdir(new URL("static/", lab), { recursive: true });
    await writeFile(path, text);
  } else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    console.error(`${path} is not up to date; run \`make lab\`.`);
    process.exitCode = 1;
  }
}
