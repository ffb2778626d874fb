/** How what training makes smaller falls, update by update; a click goes there. */

import { h, s } from "./dom";
import { short } from "./numbers";
import type { State } from "./state";

const WIDTH = 300;
const HEIGHT = 190;
const LEFT = 12;
const RIGHT = 12;
const TOP = 40;
const BOTTOM = 30;
/** So far ahead the curve looks, and so many numbers may be computed for it. */
const AHEAD = 1000;
const MOST_NUMBERS = 600_000;

export class Curve {
  readonly element = h("figure", { class: "curve" });
  private first: number[] = [];
  private waiting = 0;

  constructor(private readonly state: State) {}

  /** Draw the curve when there is time: what else is shown does not wait for its many updates. */
  show(): void {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.draw(), 0);
  }

  private draw(): void {
    const { state } = this;
    const { description, training } = state;
    if (description.objective === null || !training.goesOn) {
      this.element.replaceChildren();
      this.element.hidden = true;
      return;
    }
    const losses = this.losses();
    if (!training.changes && losses.length > this.first.length) {
      this.first = losses;
    }
    const drawn = training.changes ? [losses, this.first.slice(0, losses.length)] : [losses];
    const finite = drawn.flat().filter(Number.isFinite);
    const low = finite.reduce((a, b) => Math.min(a, b), 0);
    const high = finite.reduce((a, b) => Math.max(a, b), 0);
    const x = (update: number) => LEFT + ((update - 1) / Math.max(1, losses.length - 1)) * (WIDTH - LEFT - RIGHT);
    const y = (loss: number) => HEIGHT - BOTTOM - ((loss - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM);
    const line = (points: number[], kind: string) =>
      s("path", {
        class: kind,
        d: points
          .map((loss, at) => (Number.isFinite(loss) ? `${at ? "L" : "M"}${x(at + 1).toFixed(1)} ${y(loss).toFixed(1)}` : ""))
          .join("")
          .replace(/^L/, "M"),
      });
    const now = losses[state.update - 1];
    // With one update an epoch, and from the first one on, epochs are what is counted.
    const what = training.epoch(training.traced) + 1 === training.traced ? "epoch" : "update";
    const right = x(state.update) > WIDTH * 0.6;
    const label = `${description.objective} by ${what}: ${short(now)} now, ${short(losses[losses.length - 1])} after ${losses.length}.`;
    const svg = s(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        role: "img",
        "aria-label": label,
        click: (e: MouseEvent) => {
          const box = svg.getBoundingClientRect();
          const share = (((e.clientX - box.left) / box.width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
          state.toUpdate(1 + Math.max(0, Math.min(losses.length - 1, Math.round(share * (losses.length - 1)))));
        },
      },
      s("text", { x: LEFT, y: 14, class: "title" }, `${description.objective} by ${what}${training.changes ? ", before the changes in grey" : ""}`),
      s("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(0), y2: y(0), class: "axis" }),
      ...(training.changes ? [line(drawn[1], "before")] : []),
      line(losses, "loss"),
      s("text", { x: LEFT, y: HEIGHT - 12, class: "tick" }, String(training.number(1))),
      s("text", { x: WIDTH - RIGHT, y: HEIGHT - 12, class: "tick end" }, String(training.number(losses.length))),
      Number.isFinite(now)
        ? s(
            "g",
            { class: "now" },
            s("circle", { cx: x(state.update), cy: y(now), r: 4.5 }),
            s("text", { x: x(state.update) + (right ? -9 : 9), y: y(now) - 7, class: right ? "end" : "" }, short(now)),
          )
        : null,
    );
    this.element.hidden = false;
    this.element.replaceChildren(svg);
  }

  private losses(): number[] {
    const { training, update, furthest } = this.state;
    const numbers = Object.values(training.values(update)).reduce((sum, v) => sum + v.length, 0);
    const ahead = Math.min(AHEAD, Math.floor(MOST_NUMBERS / numbers));
    const count = Math.max(furthest, ahead);
    return [...Array(count).keys()].map((at) => training.loss(at + 1));
  }
}
