/** The component: puts its parts into an element and keeps them showing one state. */

import { Curve } from "./curve";
import { Diagram } from "./diagram";
import { h, math } from "./dom";
import { Matrix } from "./matrix";
import { short } from "./numbers";
import type { Reader } from "./template";
import { position, State } from "./state";
import { inView, stageList } from "./stages";
import { readersOf, sourcesOf, Story } from "./story";
import { Training } from "./training";
import type { Cell, Description, StepFunction } from "./types";

/** The equations of a stage are written above the sheet where they are no more than this. */
const MOST_FORMULAS = 4;
/** A sheet of more columns than this, all matrices side by side, shows less of each. */
const WIDE = 44;

export interface Mounted {
  state: State;
  training: Training;
  /** The cells that a number was computed from, and where it is read: row and column, null for all. */
  sources: (cell: Cell) => Cell[];
  readers: (cell: Cell) => ({ name: string } & Reader)[];
}

/** Show a description in an element. `step` is its program, where that has been run already. */
export function mount(element: HTMLElement, description: Description, step?: StepFunction): Mounted {
  const run: StepFunction = step ?? new Function(`return ${description.program}`)();
  const training = new Training(description, run);
  const state = new State(description, training);
  const component = new Component(element, state);
  state.listen(() => component.show());
  component.show();
  return { state, training, sources: (cell) => sourcesOf(state, cell), readers: (cell) => readersOf(state, cell) };
}

class Component {
  private readonly matrices: Matrix[] = [];
  private readonly stages: ReturnType<typeof stageList>;
  private readonly story: Story;
  private readonly diagram: Diagram;
  private readonly curve: Curve;
  private readonly time = h("span", { class: "time" });
  private readonly live = h("div", { class: "live", role: "status", "aria-live": "polite" });
  private readonly wrong = h("div", { class: "wrong", role: "alert" });
  private readonly caption = h("div", { class: "caption" });
  private readonly note = h("p", { class: "quiet" });
  private readonly board: HTMLElement;
  private readonly sheet: HTMLElement;
  private readonly buttons: HTMLElement;
  private readonly undo: HTMLButtonElement;
  private readonly back: HTMLButtonElement;
  private readonly window: { rows: number; columns: number };
  private stage = -1;

  constructor(
    element: HTMLElement,
    private readonly state: State,
  ) {
    const { description } = state;
    this.stages = stageList(state);
    this.story = new Story(state);
    this.diagram = new Diagram(state);
    this.curve = new Curve(state);
    const button = (text: string, title: string, key: string, click: () => void, kind = "") =>
      h("button", { type: "button", class: kind, title: `${title} (key ${key})`, "aria-keyshortcuts": key, click }, text);
    this.back = button("◀ back", "One stage back", "b", () => state.back());
    const next = button("next ▶", "The next stage", "n", () => state.next(), "main");
    const same = button("⟲ same start", "Back to the first update, with the same start weights", "s", () => state.toUpdate(1, 0));
    const epoch = button("next epoch ▶▶", "The same stage, one epoch on", "e", () => state.epochs(1));
    const hundred = button("run 100", "A hundred epochs on", "r", () => state.epochs(100));
    const before = button("◀◀ epoch", "The same stage, one epoch back", "p", () => state.epochs(-1));
    this.undo = h("button", { type: "button", class: "undo", click: () => state.undo() });
    const forward = training(state) ? [before, epoch, hundred] : [];
    const move = { class: "buttons", role: "group", "aria-label": "Move through the training" };
    this.buttons = h("div", move, same, this.back, next, ...forward, this.undo);
    const title = h("p", {}, h("b", {}, description.title), " · ", description.about);
    const bar = h("header", { class: "bar" }, h("h1", {}, "Pellucid"), title, this.buttons, this.time);
    const across = description.sheet.columns.filter((c) => c.key in description.names);
    const width = across.reduce((sum, c) => sum + Math.min(8, state.training.shape(c.key, 1)[1]), 0);
    this.window = width > WIDE ? { rows: 6, columns: 5 } : { rows: 10, columns: 8 };
    this.sheet = this.buildSheet();
    const pictures = h("div", { class: "pictures" }, this.diagram.element, this.curve.element);
    const strip = h("div", { class: "strip" }, this.settings(), legend());
    [this.caption, pictures, strip, this.note].forEach((part) => part.classList.add("still"));
    this.board = h("main", { class: "board" }, h("div", { class: "inner" }, this.caption, pictures, strip, this.note, this.sheet));
    const keys: Record<string, () => void> = {
      n: () => state.next(),
      b: () => state.back(),
      s: () => state.toUpdate(1, 0),
      ...(training(state) ? { e: () => state.epochs(1), r: () => state.epochs(100), p: () => state.epochs(-1) } : {}),
    };
    element.classList.add("pellucid");
    element.ownerDocument.addEventListener("keydown", (event) => {
      const at = event.target as Element;
      const here = at === element.ownerDocument.body || element.contains(at);
      const typing = at instanceof HTMLInputElement || at instanceof HTMLSelectElement;
      if (here && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && event.key in keys) {
        event.preventDefault();
        keys[event.key]();
      }
    });
    element.replaceChildren(bar, this.stages.element, this.board, this.story.element, this.wrong, this.live);
  }

  show(): void {
    const { state } = this;
    const { description, training: numbers } = state;
    const sources = new Map<string, Set<string>>();
    if (state.cell && description.names[state.cell.name].template) {
      for (const { name, row, column } of sourcesOf(state, state.cell)) {
        sources.set(name, (sources.get(name) ?? new Set()).add(`${row} ${column}`));
      }
    }
    const none = new Set<string>();
    this.matrices.forEach((matrix) => matrix.show(sources.get(matrix.name) ?? none));
    this.stages.show();
    this.diagram.show();
    this.curve.show();
    this.story.show();
    const stage = description.stages[state.stage];
    this.caption.replaceChildren(
      h("div", {}, h("h2", {}, `${stage.number} · ${stage.title}`), ...stage.about.map((text) => h("p", {}, text))),
      this.formulas(),
    );
    const epoch = numbers.epoch(state.update);
    const rows = numbers.rows(state.update);
    this.time.textContent = `epoch ${epoch + 1} · update ${numbers.number(state.update)} · ${rowWords(rows)}`;
    this.back.disabled = state.stage === 0 && state.update === 1;
    this.undo.hidden = !numbers.changes;
    this.undo.textContent = `undo ${numbers.changes} change${numbers.changes === 1 ? "" : "s"}`;
    this.note.textContent = beyond(state);
    this.wrong.textContent = state.message;
    this.announce();
    const shown = this.matrices.find((m) => m.name === state.cell?.name);
    const chosen = shown?.element.querySelector("td.chosen");
    if (shown && chosen && this.stage >= 0) {
      const all = this.stage !== state.stage ? shown.element : chosen;
      inView(this.sheet, all);
      inView(this.board, all, this.caption.offsetHeight);
      this.scrollPage(all);
    }
    this.stage = state.stage;
    if (shown && state.focus) {
      state.focus = false;
      shown.focus();
    }
  }

  /** On a telephone the page itself moves, between the list of the stages and the story. */
  private scrollPage(element: Element): void {
    if (getComputedStyle(this.board).overflowY !== "visible") {
      return;
    }
    const { top, bottom } = element.getBoundingClientRect();
    const above = this.buttons.offsetHeight + this.stages.element.offsetHeight + 8;
    const below = this.story.element.getBoundingClientRect().top - 8;
    if (top < above || bottom > below) {
      window.scrollBy(0, top - above - Math.max(0, (below - above - (bottom - top)) / 2));
    }
  }

  /** The equations of the stage, as mathematics. */
  private formulas(): HTMLElement {
    const { names, stages } = this.state.description;
    const found = stages[this.state.stage].computed.map((name) => names[name].formula).filter((f) => f !== undefined);
    return h("div", { class: "formulas" }, ...(found.length > MOST_FORMULAS ? [] : found.map((f) => math(f))));
  }

  private announce(): void {
    const { state } = this;
    const { cell, description } = state;
    if (!cell) {
      return;
    }
    const stage = description.stages[state.stage];
    const where = position(description, cell, state.training.rows(state.update));
    const value = short(state.training.value(cell, state.update));
    // A cell that has the focus is read out by itself.
    const told = this.sheet.contains(document.activeElement) ? "" : ` ${cell.name}${where ? `, ${where}` : ""}: ${value}.`;
    const text = `Stage ${stage.number}, ${stage.title}, update ${state.training.number(state.update)}.${told}`;
    if (this.live.textContent !== text) {
      this.live.textContent = text;
    }
  }

  private matrix(name: string): HTMLElement {
    const made = new Matrix(name, this.state, this.window);
    this.matrices.push(made);
    return made.element;
  }

  private settings(): HTMLElement | null {
    const { settings, clock } = this.state.description.sheet;
    const names = [...settings, ...clock];
    return names.length
      ? h("section", { class: "settings", "aria-label": "Hyper-parameters and time" }, ...names.map((name) => this.matrix(name)))
      : null;
  }

  private buildSheet(): HTMLElement {
    const { prepare, columns } = this.state.description.sheet;
    const bands: [string, string, "forward" | "backward" | "update"][] = [
      ["Forward", "left to right", "forward"],
      ["Backward", "right to left, beneath what it belongs to", "backward"],
      ["Update", "beneath the weights it changes", "update"],
    ];
    const used = columns.filter((c) => c.forward.length + c.backward.length + c.update.length);
    const grid = h("div", { class: "grid", style: `grid-template-columns: repeat(${2 * used.length - 1}, auto)` });
    let line = 1;
    for (const [title, words, band] of bands) {
      if (!used.some((column) => column[band].length)) {
        continue;
      }
      grid.append(
        h("h3", { class: `band ${band}`, style: `grid-row: ${line}` }, h("span", {}, h("b", {}, title), " ", words)),
        ...used.flatMap((column, at) => {
          const cells = h(
            "div",
            { class: `stack ${band}`, style: `grid-row: ${line + 1}; grid-column: ${2 * at + 1}` },
            ...column[band].map((name) => this.matrix(name)),
          );
          const sign = at + 1 < used.length ? flow(band, column, used[at + 1]) : "";
          const arrow = sign
            ? h("span", { class: "flow", "aria-hidden": "true", style: `grid-row: ${line + 1}; grid-column: ${2 * at + 2}` }, sign)
            : null;
          return arrow ? [cells, arrow] : [cells];
        }),
      );
      line += 2;
    }
    const before = prepare.length
      ? h(
          "div",
          { class: "prepare" },
          h("h3", { class: "band" }, h("span", {}, h("b", {}, "Prepare"), " from the table to X and y")),
          h("div", { class: "row" }, ...prepare.map((name) => this.matrix(name))),
        )
      : null;
    return h("div", { class: "sheet", tabindex: -1 }, before, grid);
  }
}

const training = (state: State): boolean => state.training.goesOn;

/** What the colours say. */
function legend(): HTMLElement {
  const entry = (kind: string, words: string) => h("li", {}, h("i", { class: kind }), words);
  return h(
    "ul",
    { class: "legend", "aria-label": "Colours" },
    entry("given", "given: can be changed"),
    entry("new", "computed here"),
    entry("read", "computed from"),
    entry("later", "not computed yet"),
    entry("line plus", "positive weight"),
    entry("line minus", "negative weight"),
  );
}

/** The sign between two neighbouring columns of a band. */
function flow(band: string, left: { key: string; forward: string[]; backward: string[] }, right: { key: string; forward: string[]; backward: string[] }): string {
  const isWeight = (key: string) => /^W\d+$/.test(key);
  if (band === "forward") {
    return isWeight(right.key) ? "·" : right.key === "y" ? "" : "→";
  }
  if (band === "backward") {
    return left.backward.length && right.backward.length ? "←" : "";
  }
  return "";
}

function rowWords(rows: number[]): string {
  const numbers = rows.map((row) => row + 1);
  const run = numbers.every((row, at) => row === numbers[0] + at);
  if (numbers.length === 1) {
    return `row ${numbers[0]}`;
  }
  if (run) {
    return `rows ${numbers[0]}–${numbers[numbers.length - 1]}`;
  }
  return `rows ${numbers.slice(0, 6).join(", ")}${numbers.length > 6 ? ", …" : ""}`;
}

/** What holds for the updates after the traced ones. */
function beyond(state: State): string {
  const { description, training: numbers, update } = state;
  if (!numbers.goesOn || update <= numbers.traced) {
    return "";
  }
  const masks = Object.values(description.names).some((named) => named.role === "mask");
  const [first, last] = [numbers.number(1), numbers.number(numbers.traced)];
  const again = numbers.traced === 1 ? `update ${first}` : `updates ${first} to ${last}`;
  return `Beyond update ${last} the page trains on by the same rule: it takes the rows${masks ? " and the dropout masks" : ""} of ${again} again, in the same order, and the share of the training that is done stays as it was last.`;
}
