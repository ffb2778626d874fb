/** One matrix of the sheet: a grid of numbers, of a large one a window that can be moved. */

import { classed, h, math } from "./dom";
import { decimals, inColumn, long, read } from "./numbers";
import { position, type State } from "./state";
import type { Cell } from "./types";

export class Matrix {
  readonly element: HTMLElement;
  private readonly body = h("tbody");
  private readonly head = h("thead");
  private readonly size = h("span", { class: "size" });
  private readonly mover = h("div", { class: "mover" });
  private top = 0;
  private left = 0;
  private built = "";
  private cells: HTMLTableCellElement[][] = [];

  constructor(
    readonly name: string,
    private readonly state: State,
    private readonly window: { rows: number; columns: number },
  ) {
    const named = state.description.names[name];
    const table = h(
      "table",
      { role: "grid", "aria-label": `${name}: ${named.meaning}`, keydown: (e: KeyboardEvent) => this.key(e) },
      this.head,
      this.body,
    );
    this.element = h(
      "section",
      { class: `matrix ${named.role}`, "data-name": name },
      h("h4", { title: named.meaning }, name, h("small", {}, math(named.math), " ", this.size)),
      table,
      this.mover,
    );
  }

  /** Show the numbers of the update that is looked at. */
  show(sources: Set<string>): void {
    const { state, name } = this;
    const [rows, columns] = state.training.shape(name, state.update);
    const known = state.known(name);
    const stage = state.description.stages[state.stage];
    const shown = state.cell?.name === name ? state.cell : null;
    this.move(rows, columns, shown ?? this.hidden(sources));
    this.build(rows, columns);
    classed(this.element, "later", !known);
    classed(this.element, "new", stage.computed.includes(name));
    classed(this.element, "read", stage.sources.includes(name));
    const values = state.training.values(state.update)[name];
    // A table's columns have units of their own, a matrix of the network has one for all its numbers.
    const byColumn = state.description.names[name].labels.length > 0;
    const seen = (r: number, c: number) => values[(this.top + r) * columns + this.left + c];
    const window = this.cells.map((line, r) => line.map((_, c) => seen(r, c)));
    const ofAll = decimals(window.flat());
    const places = this.cells[0].map((_, c) => (byColumn ? decimals(window.map((line) => line[c])) : ofAll));
    const tableRows = state.training.rows(state.update);
    this.cells.forEach((line, r) =>
      line.forEach((td, c) => {
        const cell: Cell = { name, row: this.top + r, column: this.left + c };
        const value = window[r][c];
        const text = known ? inColumn(value, places[c]) : "";
        if (td.firstChild?.nodeName === "INPUT") {
          return;
        }
        if (td.textContent !== text) {
          td.textContent = text;
        }
        const chosen = state.isChosen(cell);
        const where = position(state.description, cell, tableRows);
        td.setAttribute("aria-label", `${where || name}: ${known ? long(value) : "not computed yet"}`);
        td.setAttribute("aria-selected", String(chosen));
        td.tabIndex = chosen || (shown === null && r === 0 && c === 0) ? 0 : -1;
        td.title = known ? `${where ? `${where}: ` : ""}${long(value)}` : "";
        classed(td, "chosen", chosen);
        classed(td, "source", sources.has(`${cell.row} ${cell.column}`));
        classed(td, "negative", known && value < 0);
        classed(td, "changed", state.training.isChanged(cell, state.update));
      }),
    );
  }

  focus(): void {
    this.body.querySelector<HTMLElement>("td[tabindex='0']")?.focus({ preventScroll: true });
  }

  /** The first of the chosen number's sources, where none of them is in the window. */
  private hidden(sources: Set<string>): Cell | null {
    const cells = [...sources].map((place) => place.split(" ").map(Number));
    const inside = ([row, column]: number[]) =>
      row >= this.top && row < this.top + this.window.rows && column >= this.left && column < this.left + this.window.columns;
    return cells.length && !cells.some(inside) ? { name: this.name, row: cells[0][0], column: cells[0][1] } : null;
  }

  /** Move the window so that a cell is in it. */
  private move(rows: number, columns: number, cell: Cell | null): void {
    const into = (start: number, most: number, size: number, at: number | undefined): number => {
      if (at !== undefined && (at < start || at >= start + most)) {
        start = Math.floor(at / most) * most;
      }
      return Math.max(0, Math.min(start, size - 1));
    };
    this.top = into(this.top, this.window.rows, rows, cell?.row);
    this.left = into(this.left, this.window.columns, columns, cell?.column);
  }

  private build(rows: number, columns: number): void {
    const height = Math.min(this.window.rows, rows - this.top);
    const width = Math.min(this.window.columns, columns - this.left);
    const key = [rows, columns, this.top, this.left].join(" ");
    if (key === this.built) {
      return;
    }
    this.built = key;
    const named = this.state.description.names[this.name];
    this.size.textContent = named.shape.length ? `${rows}×${columns}` : "";
    const range = (n: number) => [...Array(n).keys()];
    this.cells = range(height).map((r) =>
      range(width).map((c) =>
        h("td", {
          role: "gridcell",
          "data-cell": `${this.top + r} ${this.left + c}`,
          click: () => this.pick(r, c),
          dblclick: () => this.edit(r, c),
        }),
      ),
    );
    const header = named.labels.length > 0 && named.shape[0] !== undefined;
    this.head.replaceChildren(
      ...(header
        ? [
            h(
              "tr",
              {},
              ...range(width).map((c) => {
                const label = named.labels[this.left + c] ?? "";
                return h("th", { scope: "col", title: label }, h("span", {}, label.split(" = ").pop()!));
              }),
            ),
          ]
        : []),
    );
    this.body.replaceChildren(...this.cells.map((line) => h("tr", { role: "row" }, ...line)));
    this.buildMover(rows, columns, height, width);
  }

  private buildMover(rows: number, columns: number, height: number, width: number): void {
    const button = (text: string, label: string, on: boolean, by: () => void) =>
      h("button", { type: "button", "aria-label": `${this.name}: ${label}`, title: label, disabled: !on, click: by }, text);
    const axis = (word: string, start: number, shown: number, size: number, signs: string, by: (d: number) => void) =>
      shown < size
        ? h(
            "span",
            {},
            button(signs[0], `earlier ${word}`, start > 0, () => by(-1)),
            `${word} ${start + 1}–${start + shown} of ${size}`,
            button(signs[1], `later ${word}`, start + shown < size, () => by(1)),
          )
        : null;
    const shift = (rowsBy: number, columnsBy: number) => {
      this.top = Math.max(0, this.top + rowsBy * this.window.rows);
      this.left = Math.max(0, this.left + columnsBy * this.window.columns);
      if (this.state.cell?.name === this.name) {
        this.state.choose({ name: this.name, row: this.top, column: this.left });
      } else {
        this.state.tell();
      }
    };
    this.mover.replaceChildren(
      ...[
        axis("columns", this.left, width, columns, "◂▸", (d) => shift(0, d)),
        axis("rows", this.top, height, rows, "▴▾", (d) => shift(d, 0)),
      ].filter((e) => e !== null),
    );
  }

  private pick(r: number, c: number): void {
    this.state.choose({ name: this.name, row: this.top + r, column: this.left + c });
  }

  private key(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement) {
      return;
    }
    const td = (event.target as Element).closest("td");
    if (!td || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const [row, column] = td.getAttribute("data-cell")!.split(" ").map(Number);
    const [rows, columns] = this.state.training.shape(this.name, this.state.update);
    const moves: Record<string, [number, number]> = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, columns - 1],
    };
    if (event.key in moves) {
      const [r, c] = moves[event.key];
      event.preventDefault();
      if (r >= 0 && r < rows && c >= 0 && c < columns) {
        this.state.choose({ name: this.name, row: r, column: c });
        this.focus();
      }
    } else if (event.key === "Enter" || event.key === " " || event.key === "F2") {
      event.preventDefault();
      const chosen = this.state.isChosen({ name: this.name, row, column });
      this.state.choose({ name: this.name, row, column });
      if (chosen || event.key === "F2") {
        this.edit(row - this.top, column - this.left);
      }
    } else if (/^[-+.\d]$/.test(event.key)) {
      event.preventDefault();
      this.edit(row - this.top, column - this.left, event.key);
    }
  }

  /** Let a given number be typed over; a text that is no number is marked and not taken. */
  private edit(r: number, c: number, begun?: string): void {
    const { state, name } = this;
    const cell: Cell = { name, row: this.top + r, column: this.left + c };
    if (!state.training.editable(name) || !state.known(name)) {
      return;
    }
    const td = this.cells[r][c];
    const named = state.description.names[name];
    const value = state.training.value(cell, state.update);
    const input = h("input", {
      value: begun ?? (Number.isNaN(value) ? "" : String(value)),
      "aria-label": `${name}, ${position(state.description, cell, state.training.rows(state.update))}`,
      inputmode: "decimal",
      autocomplete: "off",
      spellcheck: "false",
    });
    let open = true;
    const close = (focus: boolean) => {
      open = false;
      td.replaceChildren();
      state.tell();
      if (focus) {
        this.focus();
      }
    };
    const take = (focus: boolean): void => {
      const found = read(input.value, named.missing ?? false);
      if (typeof found === "string") {
        input.setAttribute("aria-invalid", "true");
        input.title = found;
        state.say(found);
        return;
      }
      state.say("");
      open = false;
      td.replaceChildren();
      if (found !== value && !(Number.isNaN(found) && Number.isNaN(value))) {
        state.change(cell, found);
      }
      close(focus);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") {
        take(true);
      } else if (event.key === "Escape") {
        state.say("");
        close(true);
      }
    });
    input.addEventListener("blur", () => {
      if (!open) {
        return;
      }
      if (typeof read(input.value, named.missing ?? false) === "string") {
        close(false);
      } else {
        take(false);
      }
    });
    td.replaceChildren(input);
    state.choose(cell);
    input.focus();
    if (begun === undefined) {
      input.select();
    }
  }
}
