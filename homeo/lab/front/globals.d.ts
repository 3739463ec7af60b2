/** The program of the Worker, worker.js; put there by tools/bundle_lab.mjs. */
declare const WORKER_SOURCE: string;

/** Styles are bundled into a file of their own. */
declare module "*.css";

/** What main.js offers to the loader. */
declare var homeoLab: { mount: Function };
