/** The architecture, drawn with the real weights and the answers of one row. */

import { h, s } from "./dom";
import { short } from "./numbers";
import { reference, rowWords, type State } from "./state";
import type { Cell } from "./types";

const WIDTH = 760;
const TITLE = 22;
const FEW = 190;
const MANY = 236;
/** So many neurons of a layer are drawn; of a larger one the first and the last. */
const MOST_NODES = 8;

interface Place {
  neuron: number;
  x: number;
  y: number;
}

export class Diagram {
  private height = FEW;
  private radius = 16;
  readonly element = h("figure", { class: "diagram" });

  constructor(private readonly state: State) {}

  show(): void {
    const { state } = this;
    const { description, training, update } = state;
    const signals = description.signals;
    const row = this.row();
    const count = (name: string): number => training.shape(name, update)[1];
    const most = Math.min(MOST_NODES, Math.max(...signals.map(count)));
    this.height = most > 6 ? MANY : FEW;
    this.radius = Math.min(16, (this.height - TITLE - 28) / Math.max(1, most - 1) / 2 - 0.5);
    const columns = signals.map((name, at) => this.places(count(name), at, signals.length));
    const edges: SVGElement[] = [];
    description.weights.forEach((name, at) => edges.push(...this.edges(name, columns[at], columns[at + 1])));
    const nodes = signals.flatMap((name, at) => columns[at].map((place) => this.node(name, place, row)));
    const rowText = rowWords(row, training.rows(update));
    const titles = signals.map((name, at) => {
      const words = at === 0 ? `row ${row + 1}` : at === signals.length - 1 ? "output" : signals.length > 3 ? `hidden ${at}` : "hidden layer";
      const size = count(name) > columns[at].length ? ` · ${count(name)}` : "";
      const edge = at === 0 ? "start" : at === signals.length - 1 ? "end" : "middle";
      const x = columns[at][0].x + { start: -20, end: 20, middle: 0 }[edge];
      return s("text", { x, y: this.height - 4, class: "title", style: `text-anchor: ${edge}` }, words + size);
    });
    const label = `Network ${description.title}. Lines are weights: the wider, the larger; blue is positive, red negative. In the circles, the values of ${rowText}.`;
    this.element.replaceChildren(
      s("svg", { viewBox: `0 0 ${WIDTH} ${this.height}`, role: "img", "aria-label": label }, ...edges, ...nodes, ...titles),
    );
  }

  /** The row of the batch to draw: that of the chosen number, where it has one. */
  private row(): number {
    const { cell, description, training, update } = this.state;
    const rows = training.rows(update).length;
    return cell && description.names[cell.name].shape[0] === "n" ? Math.min(cell.row, rows - 1) : 0;
  }

  private places(count: number, at: number, layers: number): Place[] {
    const drawn = count <= MOST_NODES ? [...Array(count).keys()] : [...Array(MOST_NODES - 1).keys(), count - 1];
    const x = 60 + (at * (WIDTH - 120)) / (layers - 1);
    const gap = Math.min(42, (this.height - TITLE - 28) / Math.max(1, drawn.length - 1));
    const top = (this.height - TITLE - gap * (drawn.length - 1)) / 2;
    return drawn.map((neuron, k) => ({ neuron, x, y: top + k * gap }));
  }

  private edges(name: string, from: Place[], to: Place[]): SVGElement[] {
    const { state } = this;
    const weights = state.training.values(state.update)[name];
    const columns = state.training.shape(name, state.update)[1];
    const largest = weights.reduce((most, w) => (Number.isFinite(w) ? Math.max(most, Math.abs(w)) : most), 1e-12);
    const chosen = this.lit();
    return from.flatMap((a) =>
      to.map((b) => {
        const cell: Cell = { name, row: a.neuron, column: b.neuron };
        const weight = weights[a.neuron * columns + b.neuron];
        const size = Number.isFinite(weight) ? Math.abs(weight) / largest : 1;
        const lit = chosen(cell);
        const line = s("line", {
          x1: a.x,
          y1: a.y,
          x2: b.x,
          y2: b.y,
          class: `edge ${weight < 0 ? "minus" : "plus"}${lit ? " lit" : ""}`,
          "stroke-width": (0.6 + 3.4 * size).toFixed(2),
          "stroke-opacity": lit ? 1 : (0.15 + 0.4 * size).toFixed(2),
          click: () => state.choose(cell),
        });
        line.append(s("title", {}, `${reference(state.description, cell)} = ${short(weight)}`));
        return line;
      }),
    );
  }

  /** Which weights belong to the chosen number: itself, or those into (or out of) its neuron. */
  private lit(): (edge: Cell) => boolean {
    const { cell, description } = this.state;
    if (!cell) {
      return () => false;
    }
    const parameter = cell.name.match(/([Wb])(\d+)(_next)?$/);
    if (parameter) {
      const name = `W${parameter[2]}`;
      return (e) => e.name === name && e.column === cell.column && (parameter[1] === "b" || e.row === cell.row);
    }
    const layer = this.layer(cell);
    if (layer < 0) {
      return () => false;
    }
    const into = description.weights[layer - 1];
    const out = description.weights[layer];
    return layer === 0 ? (e) => e.name === out && e.row === cell.column : (e) => e.name === into && e.column === cell.column;
  }

  /** The layer whose neurons the columns of a value stand for; -1 for none. */
  private layer(cell: Cell): number {
    const { description } = this.state;
    const found = description.sheet.columns.find((c) => [...c.forward, ...c.backward].includes(cell.name));
    if (!found || description.names[cell.name].shape[0] !== "n" || found.key === "loss") {
      return -1;
    }
    const last = description.signals.length - 1;
    const sums = found.key.match(/^net_input_(\d+)$/);
    return found.key === "y" ? last : sums ? Number(sums[1]) : description.signals.indexOf(found.key);
  }

  private node(name: string, place: Place, row: number): SVGElement {
    const { state } = this;
    const cell: Cell = { name, row, column: place.neuron };
    const value = state.training.value(cell, state.update);
    const known = state.known(name);
    const chosen = state.cell && this.layer(state.cell) === state.description.signals.indexOf(name) && state.cell.column === place.neuron;
    const group = s("g", { class: `node${chosen ? " chosen" : ""}${known ? "" : " later"}`, click: () => state.choose(cell) });
    group.append(
      s("title", {}, `${reference(state.description, cell)}${known ? ` = ${short(value)}` : ""}`),
      s("circle", { cx: place.x, cy: place.y, r: this.radius }),
    );
    if (known) {
      group.append(s("text", { x: place.x, y: place.y + 4 }, inNode(value)));
    }
    return group;
  }
}

function inNode(value: number): string {
  if (Number.isNaN(value)) {
    return "–";
  }
  const size = Math.abs(value);
  const text = Number.isInteger(value) && size < 1000 ? String(value) : size >= 1000 ? value.toExponential(0) : value.toFixed(size >= 10 ? 0 : size >= 1 ? 1 : 2);
  return text.replace("-", "−").replace(/^(−?)0\./, "$1.");
}
