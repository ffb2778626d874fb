/** What is looked at, and how it changes; the parts of the component read it and are told. */

import type { Training } from "./training";
import { sameCell, type Cell, type Description } from "./types";

export class State {
  update = 1;
  stage = 0;
  cell: Cell | null = null;
  /** The furthest update that was looked at or run to. */
  furthest = 1;
  /** Whether the chosen cell takes the focus: it was chosen from a place that is gone with that. */
  focus = false;
  /** What a screen reader is told, and what is wrong with an entry. */
  message = "";
  private listeners: (() => void)[] = [];
  private readonly stageOf = new Map<string, number>();

  constructor(
    readonly description: Description,
    readonly training: Training,
  ) {
    description.stages.forEach((stage, at) => stage.computed.forEach((name) => this.stageOf.set(name, at)));
    this.furthest = description.steps.length;
    this.choose(this.first());
  }

  listen(listener: () => void): void {
    this.listeners.push(listener);
  }

  tell(): void {
    this.listeners.forEach((listener) => listener());
  }

  say(message: string): void {
    if (message !== this.message) {
      this.message = message;
      this.tell();
    }
  }

  /** Whether a name has its value at the stage that is looked at. */
  known(name: string): boolean {
    return (this.stageOf.get(name) ?? 0) <= this.stage;
  }

  choose(cell: Cell | null, focus = false): void {
    this.focus = focus;
    if (cell && !this.known(cell.name)) {
      this.stage = this.stageOf.get(cell.name)!;
    }
    this.cell = cell;
    this.tell();
  }

  toStage(stage: number): void {
    this.stage = stage;
    this.cell = this.first();
    this.tell();
  }

  toUpdate(update: number, stage = this.stage): void {
    this.update = update;
    this.stage = stage;
    this.furthest = Math.max(this.furthest, update);
    if (this.cell) {
      const [rows, columns] = this.training.shape(this.cell.name, update);
      const { name, row, column } = this.cell;
      this.cell = { name, row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
    }
    this.tell();
  }

  next(): void {
    if (this.stage < this.description.stages.length - 1) {
      this.toStage(this.stage + 1);
    } else if (this.training.goesOn) {
      this.update++;
      this.furthest = Math.max(this.furthest, this.update);
      this.toStage(0);
    }
  }

  back(): void {
    if (this.stage > 0) {
      this.toStage(this.stage - 1);
    } else if (this.update > 1) {
      this.update--;
      this.toStage(this.description.stages.length - 1);
    }
  }

  /** Go on (or back) until as many epochs have begun, at the same stage. */
  epochs(count: number): void {
    let update = this.update;
    for (let done = 0; done < Math.abs(count) && this.training.goesOn; done++) {
      const epoch = this.training.epoch(update);
      const by = Math.sign(count);
      do {
        update += by;
      } while (update > 1 && this.training.epoch(update) === epoch);
      if (update < 1) {
        update = 1;
        break;
      }
    }
    if (count < 0) {
      // to the first update of that epoch
      while (update > 1 && this.training.epoch(update - 1) === this.training.epoch(update)) {
        update--;
      }
    }
    this.toUpdate(update);
  }

  change(cell: Cell, value: number): void {
    this.training.change(cell, this.update, value);
    this.tell();
  }

  undo(cell?: Cell): void {
    this.training.undo(cell, this.update);
    this.tell();
  }

  isChosen(cell: Cell): boolean {
    return sameCell(this.cell, cell);
  }

  /** The number to look at when a stage begins: the first that is new, in the row that was looked at. */
  private first(): Cell {
    const { computed } = this.description.stages[this.stage];
    const given = this.stage < 2;
    const name = (given ? computed[0] : computed[computed.length - 1]) ?? this.description.signals[0];
    const [rows, columns] = this.training.shape(name, this.update);
    const { row = 0, column = 0 } = this.cell ?? {};
    return { name, row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
  }
}

/** Row and column of a cell in words, counted from 1: `row 1, neuron 3`. */
export function position(description: Description, cell: Cell, tableRows: number[]): string {
  const named = description.names[cell.name];
  if (!named.shape.length) {
    return "";
  }
  const [rowWord, columnWord] = named.axes.map((word) => (word === "classes" ? "class" : word.replace(/s$/, "")));
  const parts: string[] = [];
  if (rowWord) {
    parts.push(named.shape[0] === "n" ? rowWords(cell.row, tableRows) : `${rowWord} ${cell.row + 1}`);
  }
  if (columnWord) {
    const label = named.labels[cell.column];
    parts.push(label || `${columnWord} ${cell.column + 1}`);
  }
  return parts.join(", ");
}

/** A row of a batch in words, counted from 1; where it is another one of the table, that too. */
export function rowWords(row: number, tableRows: number[]): string {
  return tableRows[row] === row ? `row ${row + 1}` : `row ${row + 1} (${tableRows[row] + 1} of the table)`;
}

/** A cell as formulas name it, counted from 1; a single number has no place. */
export function reference(description: Description, cell: Cell): string {
  return description.names[cell.name].shape.length ? `${cell.name}[${cell.row + 1},${cell.column + 1}]` : cell.name;
}
