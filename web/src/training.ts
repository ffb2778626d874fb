/**
 * The numbers behind what is shown: the traced updates, those that follow, and what was changed by hand.
 *
 * Data, masks and hyper-parameters that are changed hold for the whole training; a weight, or a state of the
 * optimizer, is changed at the start of one update, and what follows goes on from there.
 */

import type { Cell, Description, Size, StepFunction, Values } from "./types";

interface Edit {
  name: string;
  /** For data the row of the table, so that the change holds wherever that row is used. */
  row: number;
  column: number;
  /** The update at which a weight or a state was changed; 0 for what holds throughout. */
  update: number;
  /** The traced step whose mask was changed; else -1. */
  batch: number;
  value: number;
}

/** So many start weights are kept; of more, every second one is let go. */
const MOST_KEPT = 256;

export class Training {
  private readonly start: Values;
  private readonly batches: Values[];
  private edits = new Map<string, Edit>();
  private kept = new Map<number, Values>();
  private stride = 1;
  private found = new Map<number, number>();
  private last: { update: number; values: Values } | null = null;

  constructor(
    readonly description: Description,
    private readonly step: StepFunction,
  ) {
    this.batches = description.steps.map((s) =>
      Object.fromEntries(Object.entries(s.values).map(([name, v]) => [name, Float64Array.from(v, Number)])),
    );
    this.start = Object.fromEntries(Object.keys(description.carry).map((name) => [name, this.batches[0][name]]));
    this.forget(0);
  }

  /** Whether there is an update after the traced ones: not for a trace that ends at the output. */
  get goesOn(): boolean {
    return Object.keys(this.description.carry).length > 0;
  }

  get traced(): number {
    return this.batches.length;
  }

  get changes(): number {
    return this.edits.size;
  }

  /** Which of the traced steps gives an update its rows and masks: after the last one the first again. */
  batch(update: number): number {
    return (update - 1) % this.traced;
  }

  /** The rows of the table that make an update, from 0. */
  rows(update: number): number[] {
    return this.description.steps[this.batch(update)].rows;
  }

  /** The epoch of an update, from 0. */
  epoch(update: number): number {
    const steps = this.description.steps;
    const epochs = steps[this.traced - 1].epoch - steps[0].epoch + 1;
    return steps[this.batch(update)].epoch + Math.floor((update - 1) / this.traced) * epochs;
  }

  /** The number of an update, as training counts. */
  number(update: number): number {
    return (this.batches[0].update_number?.[0] ?? 1) + update - 1;
  }

  /** Every value of an update, given and computed. */
  values(update: number): Values {
    if (this.last?.update !== update) {
      const given = this.given(update);
      this.last = { update, values: { ...given, ...this.step(given) } };
      this.note(update, this.last.values);
    }
    return this.last.values;
  }

  /** What an update makes smaller. */
  loss(update: number): number {
    if (!this.found.has(update)) {
      this.reach(update + 1);
    }
    return this.found.get(update) ?? NaN;
  }

  shape(name: string, update: number): [number, number] {
    const rows = this.rows(update).length;
    const size = (s: Size) => (s === "n" ? rows : s);
    const shape = this.description.names[name].shape;
    return shape.length ? [size(shape[0]), size(shape[1])] : [1, 1];
  }

  value(cell: Cell, update: number): number {
    return this.values(update)[cell.name][cell.row * this.shape(cell.name, update)[1] + cell.column];
  }

  editable(name: string): boolean {
    return !["computed", "clock"].includes(this.description.names[name].role);
  }

  /** Put a number in the place of one that is given. */
  change(cell: Cell, update: number, value: number): void {
    const edit = this.placed(cell, update, value);
    this.edits.set(key(edit), edit);
    this.forget(edit.update);
  }

  /** Take back one change, or all. */
  undo(cell?: Cell, update = 1): void {
    if (cell === undefined) {
      this.edits.clear();
      this.forget(0);
      return;
    }
    const edit = this.placed(cell, update, 0);
    this.edits.delete(key(edit));
    this.forget(edit.update);
  }

  isChanged(cell: Cell, update: number): boolean {
    return this.editable(cell.name) && this.edits.has(key(this.placed(cell, update, 0)));
  }

  /** The slope of what training makes smaller, by a given number: up a little, down a little, the difference. */
  nudged(cell: Cell, update: number): number {
    const given = this.given(update);
    const at = cell.row * this.shape(cell.name, update)[1] + cell.column;
    const objective = this.description.objective!;
    const little = 1e-5 * Math.max(1, Math.abs(given[cell.name][at]));
    const moved = (by: number): number => {
      const array = given[cell.name].slice();
      array[at] += by;
      return this.step({ ...given, [cell.name]: array })[objective][0];
    };
    return (moved(little) - moved(-little)) / (2 * little);
  }

  private placed(cell: Cell, update: number, value: number): Edit {
    const { name, column } = cell;
    const role = this.description.names[name].role;
    return {
      name,
      row: role === "data" ? this.rows(update)[cell.row] : cell.row,
      column,
      update: name in this.description.carry ? update : 0,
      batch: role === "mask" ? this.batch(update) : -1,
      value,
    };
  }

  /** Everything that an update is given. */
  private given(update: number): Values {
    const batch = this.batch(update);
    const given: Values = { ...this.batches[batch], ...this.carried(update), ...this.clock(update) };
    const rows = this.rows(update);
    for (const { name, row, column, update: when, batch: which, value } of this.edits.values()) {
      const place = this.description.names[name].role === "data" ? rows.indexOf(row) : row;
      if ((when && when !== update) || (which >= 0 && which !== batch) || place < 0) {
        continue;
      }
      given[name] = given[name].slice();
      given[name][place * this.shape(name, update)[1] + column] = value;
    }
    return given;
  }

  /** The time of an update. Beyond the traced ones, updates and epochs count on and progress stays. */
  private clock(update: number): Values {
    const steps = this.batches;
    const later = update > this.traced;
    const clock: Values = {};
    if ("update_number" in steps[0]) {
      clock.update_number = Float64Array.of(this.number(update));
    }
    if ("epoch_number" in steps[0]) {
      const first = steps[0].epoch_number[0] - this.description.steps[0].epoch;
      clock.epoch_number = Float64Array.of(first + this.epoch(update));
    }
    if ("progress" in steps[0] && later) {
      clock.progress = steps[this.traced - 1].progress;
    }
    return clock;
  }

  /** The weights and states that an update starts from. */
  private carried(update: number): Values {
    if (!this.goesOn) {
      return {};
    }
    this.reach(update);
    return this.kept.get(update)!;
  }

  /** Run from the nearest start that is kept until the start of an update. */
  private reach(update: number): void {
    if (this.kept.has(update)) {
      return;
    }
    let at = Math.max(...[...this.kept.keys()].filter((u) => u < update));
    let carried = this.kept.get(at)!;
    for (; at < update; at++) {
      if (this.last?.update === at) {
        carried = this.handedOn(this.last.values);
      } else {
        this.kept.set(at, carried);
        const made = this.step(this.given(at));
        this.note(at, made);
        this.drop(at);
        carried = this.handedOn(made);
      }
    }
    this.kept.set(update, carried);
  }

  private handedOn(values: Values): Values {
    return Object.fromEntries(Object.entries(this.description.carry).map(([name, next]) => [name, values[next]]));
  }

  private note(update: number, values: Values): void {
    const objective = this.description.objective;
    if (objective !== null) {
      this.found.set(update, values[objective][0]);
    }
  }

  /** Let go of a start that is not one of those to keep. */
  private drop(update: number): void {
    if ((update - 1) % this.stride !== 0) {
      this.kept.delete(update);
    }
    if (this.kept.size > MOST_KEPT) {
      this.stride *= 2;
      for (const at of this.kept.keys()) {
        if ((at - 1) % this.stride !== 0) {
          this.kept.delete(at);
        }
      }
    }
  }

  /** Forget what was computed from an update on; 0 for everything. */
  private forget(update: number): void {
    for (const at of this.kept.keys()) {
      if (at > update) {
        this.kept.delete(at);
      }
    }
    for (const at of this.found.keys()) {
      if (at >= update) {
        this.found.delete(at);
      }
    }
    this.kept.set(1, this.start);
    this.last = null;
  }
}

const key = (edit: Edit): string => [edit.update, edit.batch, edit.name, edit.row, edit.column].join(" ");
