/** The plain data that the component shows; written by `exporters/page_description.py`. */

export type Size = number | "n";
export type Index = number | string;

/** A piece of a template; see `printers/cell_template.py`. */
export type Piece =
  | string
  | ["cell", string, Index, Index, boolean]
  | ["plus"]
  | ["each", string, Size, "plus" | ",", Template]
  | ["part", Index, string, [number, number, Template][]];
export type Template = Piece[];

export type Role = "data" | "mask" | "parameter" | "state" | "setting" | "clock" | "fitted" | "computed";

export interface Named {
  shape: [] | [Size, Size];
  meaning: string;
  math: string;
  axes: [string, string];
  labels: string[];
  role: Role;
  missing?: boolean;
  text?: string;
  formula?: string;
  template?: Template;
  opened?: Template;
  functions?: string[];
}

export interface Stage {
  number: number;
  label: string;
  title: string;
  about: string[];
  computed: string[];
  sources: string[];
  texts: string[];
}

export interface Column {
  key: string;
  forward: string[];
  backward: string[];
  update: string[];
}

export type Factor = [string, Index, Index];

export interface PathPattern {
  factors: Factor[];
  loops: Record<string, number>;
  shares: Factor[];
  divisor: string | null;
  penalty: Template | null;
}

export interface TracedStep {
  rows: number[];
  epoch: number;
  values: Record<string, (number | string)[]>;
}

export interface Description {
  format: number;
  title: string;
  about: string;
  names: Record<string, Named>;
  functions: Record<string, string>;
  stages: Stage[];
  sheet: { prepare: string[]; columns: Column[]; settings: string[]; clock: string[] };
  signals: string[];
  weights: string[];
  carry: Record<string, string>;
  objective: string | null;
  paths: Record<string, PathPattern>;
  steps: TracedStep[];
  program: string;
}

/** The value of every name, row after row. */
export type Values = Record<string, Float64Array>;
export type StepFunction = (given: Values) => Values;

/** One number: a name, and a row and a column from 0. */
export interface Cell {
  name: string;
  row: number;
  column: number;
}

export const sameCell = (a: Cell | null, b: Cell | null): boolean =>
  a !== null && b !== null && a.name === b.name && a.row === b.row && a.column === b.column;
