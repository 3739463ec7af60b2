/** The program of the Worker, worker.js; put there by tools/bundle_lab.mjs. */
declare const WORKER_SOURCE: string;

/** Styles are bundled into a file of their own. */
declare module "*.css";

/** What main.js offers to the loader. */
declare var homeoLab: { mount: typeof import("./lab.js").mount };

/** The engines that were loaded, by experiment. */
declare var homeoEngines: Record<string, import("./types").Engine>;

/** Where the Lab's files are, in a built page. */
declare var homeoLabBase: string | undefined;

/** The files that a page has asked for. */
declare var homeoLabFiles: Map<string, Promise<unknown>> | undefined;
