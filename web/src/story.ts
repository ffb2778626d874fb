/** The story of one number: what it is, how it came about, what it leads to. */

import { h, math } from "./dom";
import { cellsOf, filled, readers, written, at, type Reader, type Token } from "./template";
import { long, read, short } from "./numbers";
import { position, reference, rowWords, type State } from "./state";
import type { Cell, Factor, PathPattern, Template } from "./types";

const MOST_LINKS = 24;
const MOST_PATHS = 3;
/** Beyond so many paths through the network the shares of the rows stand for them. */
const MOST_COUNTED = 20_000;

/** The cells that a number was computed from. */
export function sourcesOf(state: State, cell: Cell): Cell[] {
  const template = state.description.names[cell.name].template;
  return template ? cellsOf(tokensOf(state, template, cell, true)) : [];
}

/** Where a number is read: a name, a row and a column, null for all of them. */
export function readersOf(state: State, cell: Cell): ({ name: string } & Reader)[] {
  return Object.entries(state.description.names).flatMap(([name, named]) =>
    (named.template ? readers(named.template, cell) : []).map((reader) => ({ name, ...reader })),
  );
}

function tokensOf(state: State, template: Template, cell: Cell, whole = false): Token[] {
  return filled(template, { i: cell.row, j: cell.column }, state.training.rows(state.update).length, whole);
}

export class Story {
  readonly element = h("aside", { class: "story", "aria-label": "The story of the chosen number" });
  private shown = "";
  /** The row of the table whose paths are listed for a weight. */
  private row = 0;

  constructor(private readonly state: State) {}

  show(): void {
    const { state } = this;
    const cell = state.cell;
    if (!cell) {
      this.element.replaceChildren();
      return;
    }
    // A field that is being typed in stays as it is.
    const typing = this.element.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement;
    const key = JSON.stringify([cell, state.update]);
    if (typing && key === this.shown) {
      return;
    }
    this.shown = key;
    const named = state.description.names[cell.name];
    const where = position(state.description, cell, state.training.rows(state.update));
    const value = state.training.value(cell, state.update);
    const close = h(
      "button",
      { type: "button", class: "fold", "aria-label": "Fold the story up or down", click: () => this.element.classList.toggle("folded") },
      "▾",
    );
    this.element.replaceChildren(
      h("header", {}, close, h("h2", {}, cell.name, where ? h("small", {}, where) : null), h("output", {}, long(value))),
      ...[
        this.entry(cell, value),
        this.part("What it is", h("p", {}, named.meaning ? `${capital(named.meaning)}.` : "", " ", math(named.math))),
        ...(named.template ? this.formulas(cell, value) : [this.part("Where it is from", h("p", {}, this.given(cell)))]),
        this.links("Comes from", sourcesOf(state, cell), "source"),
        this.usedIn(cell),
        ...this.chain(cell),
      ].filter((e) => e !== null),
    );
  }

  private part(title: string | Node, ...content: (Node | null)[]): HTMLElement {
    return h("section", {}, h("h3", {}, title), ...content);
  }

  private given(cell: Cell): string {
    const role = this.state.description.names[cell.name].role;
    const first = this.state.update === 1;
    const words: Record<string, string> = {
      data: "Given: a number of the table.",
      mask: "Given: drawn for this update. It is shown as it was drawn.",
      parameter: first ? "A start weight." : "What the update before left.",
      state: first ? "What the optimizer starts from." : "What the update before left.",
      setting: "Chosen by hand, and the same throughout.",
      clock: "The time of this update.",
      fitted: "Found in the training rows.",
    };
    return words[role] ?? "";
  }

  /** A field to change the number with, where it is a given one. */
  private entry(cell: Cell, value: number): HTMLElement | null {
    const { state } = this;
    if (!state.training.editable(cell.name)) {
      return null;
    }
    const missing = state.description.names[cell.name].missing ?? false;
    const wrong = h("p", { class: "wrong", role: "alert" });
    const input = h("input", {
      value: Number.isNaN(value) ? "" : String(value),
      inputmode: "decimal",
      autocomplete: "off",
      spellcheck: "false",
      "aria-label": `New number for ${reference(state.description, cell)}`,
    });
    const take = () => {
      const found = read(input.value, missing);
      const bad = typeof found === "string";
      wrong.textContent = bad ? found : "";
      input.setAttribute("aria-invalid", String(bad));
      if (!bad && found !== value) {
        input.blur();
        state.change(cell, found);
      }
    };
    input.addEventListener("change", take);
    input.addEventListener("keydown", (e) => {
      e.stopPropagation();
      if (e.key === "Enter") {
        take();
      }
    });
    const back = state.training.isChanged(cell, state.update)
      ? h("button", { type: "button", click: () => state.undo(cell) }, "put back")
      : null;
    return h("section", { class: "entry" }, h("h3", {}, "Change it"), h("div", {}, input, back), wrong);
  }

  private formulas(cell: Cell, value: number): (HTMLElement | null)[] {
    const { state } = this;
    const named = state.description.names[cell.name];
    const functions = (named.functions ?? []).map((name) => state.description.functions[name]).filter(Boolean);
    const opened = named.opened ? this.numbers(named.opened, cell) : null;
    return [
      this.part(
        "Formula",
        h("div", { class: "box" }, math(named.formula!), ...functions.map((f) => math(f))),
        h("code", { class: "box" }, named.text!),
      ),
      this.part(
        "For this number",
        h("code", { class: "box" }, `${reference(state.description, cell)} = `, ...this.numbers(named.template!, cell, true)),
      ),
      this.part(
        "With its numbers",
        h(
          "code",
          { class: "box" },
          ...this.numbers(named.template!, cell),
          ...(opened ? [h("br"), "= ", ...opened] : []),
          h("br"),
          h("b", {}, `= ${short(value, 6)}`),
        ),
      ),
    ];
  }

  /** A template with the numbers of its cells, or with their names. */
  private numbers(template: Template, cell: Cell, named = false): (Node | string)[] {
    const { state } = this;
    const text = (c: Cell) => (named ? reference(state.description, c) : short(state.training.value(c, state.update)));
    return written(tokensOf(state, template, cell), text).map((p) => this.linked(p));
  }

  private linked(piece: string | { cell: Cell; text: string }): Node | string {
    if (typeof piece === "string") {
      return piece;
    }
    const { cell, text } = piece;
    return h("a", { href: "#", title: reference(this.state.description, cell), click: this.to(cell) }, text);
  }

  private to(cell: Cell): (event: Event) => void {
    return (event) => {
      event.preventDefault();
      this.state.choose(cell, true);
    };
  }

  private chip(cell: Cell, kind: string, text?: string): HTMLElement {
    const label = text ?? reference(this.state.description, cell);
    return h("button", { type: "button", class: `chip ${kind}`, click: this.to(cell) }, label);
  }

  private links(title: string, cells: Cell[], kind: string): HTMLElement | null {
    if (!cells.length) {
      return null;
    }
    const more = cells.length > MOST_LINKS ? h("span", { class: "more" }, `and ${cells.length - MOST_LINKS} more`) : null;
    return this.part(title, h("p", {}, ...cells.slice(0, MOST_LINKS).map((c) => this.chip(c, kind)), more));
  }

  private usedIn(cell: Cell): HTMLElement | null {
    const { state } = this;
    const chips = readersOf(state, cell).map(({ name, row, column }) => {
      const [rows, columns] = state.training.shape(name, state.update);
      const all = (index: number | null, size: number) => (index === null ? (size === 1 ? "1" : "·") : String(index + 1));
      const place = state.description.names[name].shape.length ? `[${all(row, rows)},${all(column, columns)}]` : "";
      return this.chip({ name, row: row ?? 0, column: column ?? 0 }, "reader", `${name}${place}`);
    });
    return chips.length ? this.part("Used next in", h("p", {}, ...chips)) : null;
  }

  /** The chain rule of a weight or bias, and its gradient checked by moving it a little. */
  private chain(cell: Cell): (HTMLElement | null)[] {
    const { state } = this;
    const parameter = cell.name.replace(/^gradient_/, "").replace(/_next$/, "");
    const pattern = state.description.paths[parameter];
    if (!pattern || !state.known(`gradient_${parameter}`)) {
      return pattern ? [this.part("Chain rule", h("p", { class: "quiet" }, "Shown once its gradient is computed."))] : [];
    }
    const weight: Cell = { ...cell, name: parameter };
    const gradient = state.training.value({ ...cell, name: `gradient_${parameter}` }, state.update);
    return [this.chainRule(weight, pattern, gradient), this.nudge(weight, gradient)];
  }

  private chainRule(weight: Cell, pattern: PathPattern, gradient: number): HTMLElement {
    const { state } = this;
    const { description, training, update } = state;
    const tableRows = training.rows(update);
    this.row = Math.min(this.row, tableRows.length - 1);
    const of = (factors: Factor[], loops: Record<string, number>): { cells: Cell[]; product: number } => {
      const cells = factors.map(([name, row, column]) => ({ name, row: at(row, loops), column: at(column, loops) }));
      return { cells, product: cells.reduce((p, c) => p * training.value(c, update), 1) };
    };
    const indices = (r: number) => ({ i: weight.row, j: weight.column, r });
    const paths = this.paths(pattern, indices(this.row)).map((loops) => of(pattern.factors, loops));
    const shown = paths.sort((a, b) => Math.abs(b.product) - Math.abs(a.product)).slice(0, MOST_PATHS);
    const left = paths.slice(MOST_PATHS).reduce((sum, p) => sum + p.product, 0);
    const share = (r: number): number => of(pattern.shares, indices(r)).product;
    const line = (kind: string, label: Node | string, value: number) =>
      h("tr", { class: kind }, h("td", {}, label), h("td", {}, short(value, 6)));
    const picker = h(
      "select",
      { class: "chain-row", "aria-label": "Row of the chain rule", change: (e: Event) => this.pickRow(Number((e.target as HTMLSelectElement).value)) },
      ...tableRows.map((_, r) => h("option", { value: r, selected: r === this.row }, rowWords(r, tableRows))),
    );
    const total = tableRows.reduce((sum, _, r) => sum + share(r), 0);
    const divisor = pattern.divisor ? training.values(update)[pattern.divisor][0] : 1;
    const penalty = gradient + total / divisor;
    const rows = h(
      "table",
      { class: "chain" },
      ...shown.flatMap((path) => [
        ...path.cells.map((c, k) =>
          line("factor", h("span", {}, k ? "× " : "", this.linked({ cell: c, text: reference(description, c) })), training.value(c, update)),
        ),
        line("product", paths.length > 1 ? "= this path" : `= row ${this.row + 1}`, path.product),
      ]),
      ...(paths.length > MOST_PATHS ? [line("product", `and ${paths.length - MOST_PATHS} smaller paths`, left)] : []),
      ...(paths.length > 1 || !paths.length ? [line("product", `= row ${this.row + 1}`, share(this.row))] : []),
      ...(tableRows.length > 1 ? [line("product", `sum over ${tableRows.length} rows`, total)] : []),
      ...(pattern.divisor ? [line("factor", `÷ ${pattern.divisor}`, divisor)] : []),
      ...(pattern.penalty ? [line("factor", h("span", {}, "+ ", ...this.numbers(pattern.penalty, weight, true)), penalty)] : []),
      line("total", `${pattern.penalty ? "∂" : "−(…) = ∂"}${description.objective}/∂${reference(description, weight)}`, gradient),
    );
    const title = h("span", {}, "Chain rule for ", h("code", {}, reference(description, weight)));
    return this.part(title, picker, rows);
  }

  private pickRow(row: number): void {
    this.row = row;
    this.show();
    this.element.querySelector<HTMLElement>(".chain-row")?.focus();
  }

  private paths(pattern: PathPattern, start: Record<string, number>): Record<string, number>[] {
    const sizes = Object.values(pattern.loops);
    if (sizes.reduce((p, n) => p * n, 1) > MOST_COUNTED) {
      return [];
    }
    return Object.entries(pattern.loops).reduce(
      (found, [letter, size]) => found.flatMap((known) => [...Array(size).keys()].map((k) => ({ ...known, [letter]: k }))),
      [start],
    );
  }

  private nudge(weight: Cell, gradient: number): HTMLElement {
    const { state } = this;
    const slope = state.training.nudged(weight, state.update);
    const apart = Math.abs(slope - gradient);
    const objective = state.description.objective;
    return this.part(
      "Checked by nudging",
      h(
        "p",
        {},
        `Move ${reference(state.description, weight)} up and down a little, and see how ${objective} moves: `,
        h("b", {}, short(slope, 6)),
        `, apart from the gradient by ${short(apart, 6)}.`,
      ),
    );
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
