/** What goes from Python to the page: `write_program` of homeo/lab/sources.py. */
export interface Manifest {
  experiment: string;
  title: string;
  /** In seconds; null if it is a setting. */
  duration: number | null;
  dt: number;
  record_dt: number;
  default_preset: string;
  settings: Record<string, Setting>;
  /** Whether the engine hands over its outputs while it runs. */
  streams: boolean;
  presets_title: string;
  /** Names of the settings that a preset changes. */
  preset_settings: string[];
  preset_labels: Record<string, { label: string; meaning: string }>;
  weight_scales: Record<string, Scale>;
  presets: Record<string, Record<string, Entry>>;
  arguments: Record<string, Affine | Affine[]>;
  seed_argument: string;
  outputs: OutputEntry[];
  /** Base64 of their bytes. */
  static_arrays: Record<string, string>;
  colors: Record<string, string>;
  /** Numbers that only the view of this experiment knows. */
  facts: Record<string, any>;
}

export interface Engine {
  manifest: Manifest;
  /** Base64 of the program. */
  wasm: string;
}

/** A unit to show numbers in, and its size in SI units. */
export interface Scale {
  unit: string;
  factor: number;
}

export interface Setting {
  symbol: string;
  meaning: string;
  kind: "number" | "count" | "choice" | "switch";
  options?: Record<string, string>;
  /** In seconds; its values are multiples of it. */
  grid?: number;
}

/** A number in SI units, null for no bound, a choice or a switch. */
export type Value = number | string | boolean | null;

export type Values = Record<string, Value>;

/** A setting under a preset; those with a slider have a scale and stops. */
export interface Entry extends Partial<Scale> {
  value: Value;
  positions?: (number | null)[];
}

/** offset + Σ terms · values, where `when` holds, else 0. */
export interface Affine {
  offset: number;
  terms: Record<string, number>;
  integer: boolean;
  /** What stands for no bound. */
  none: number | string;
  when: Record<string, Value[]>;
}

export interface OutputEntry {
  name: string;
  file: string;
  dims: string[];
  /** null for a number of rows that depends on the settings. */
  shape: [number | null, ...number[]];
  unit: string;
  meaning: string;
  when: Values;
}

/** Where a Lab is: its settings in SI units, and the preset they started from. */
export interface State {
  /** Gives the units and the stops of the sliders. */
  preset: string;
  values: Values;
  seed: number;
  /** null for all. */
  controls: string[] | null;
}

/** One run of the model. */
export interface Run {
  preset: string;
  values: any;
  seed: number;
  /** How long the engine took, until now if it still runs. */
  seconds: number;
  /** Whether it still runs. */
  isPartial: boolean;
  outputs: Output[];
}

export interface Output {
  name: string;
  dims: string[];
  shape: number[];
  meaning: string;
  /** In SI units. */
  unit: string;
  /** Row by row, one row for each sample. */
  data: Float64Array;
}

/** How the runs of an experiment are shown. */
export interface View {
  courses: HTMLElement[];
  relation?: HTMLElement;
  readout: HTMLElement;
  /** Whether the seed changes anything. */
  isRandom: boolean;
  forgetRanges: () => void;
  /** The answer says in a sentence what came out. */
  draw: (run: Run) => string;
  destroy: () => void;
}

/** The model of a widget, as anywidget hands it to a view. */
export interface WidgetModel {
  get: (name: string) => any;
  set: (name: string, value: unknown) => void;
  on: (event: string, listener: (message?: any) => void) => void;
  off: (event: string, listener: (message?: any) => void) => void;
  save_changes: () => void;
  send: (message: object, callbacks?: undefined, buffers?: ArrayBufferLike[]) => void;
}
