/** The list of the stages, to see where one is and to go elsewhere. */

import { classed, h } from "./dom";
import type { State } from "./state";
import type { Stage } from "./types";

const PARTS: [string, (number: number) => boolean][] = [
  ["Read", (n) => n <= 1],
  ["Forward", (n) => n >= 2 && n <= 4],
  ["Backward", (n) => n >= 5 && n <= 9],
  ["Update", (n) => n >= 10],
];

export function stageList(state: State): { element: HTMLElement; show: () => void } {
  const entry = (stage: Stage, at: number): HTMLElement =>
    h(
      "li",
      {},
      h(
        "button",
        { type: "button", click: () => state.toStage(at) },
        h("b", {}, `${stage.number} · ${stage.title}`),
        ...stage.texts.slice(0, 2).map((text) => h("code", {}, text)),
      ),
    );
  const buttons: HTMLElement[] = [];
  const parts = PARTS.map(([title, belongs]) => {
    const entries = state.description.stages.flatMap((stage, at) => {
      if (!belongs(stage.number)) {
        return [];
      }
      const made = entry(stage, at);
      buttons[at] = made.firstElementChild as HTMLElement;
      return [made];
    });
    return entries.length ? h("div", {}, h("h3", {}, title), h("ol", {}, ...entries)) : null;
  });
  const element = h("nav", { class: "stages", "aria-label": "Stages of the step" }, ...parts);
  const keys = "Keys: n next, b back, e next epoch, p epoch back, r run 100, s same start. In a matrix: arrows move, Enter or F2 changes a number.";
  element.append(h("p", { class: "quiet" }, keys));
  const show = () =>
    buttons.forEach((button, at) => {
      const now = at === state.stage;
      button.setAttribute("aria-current", now ? "step" : "false");
      classed(button, "later", at > state.stage);
      if (now) {
        inView(element, button);
      }
    });
  return { element, show };
}

/** Scroll a box, and nothing around it, until an element in it can be seen, below what covers its top. */
export function inView(box: HTMLElement, element: Element, covered = 0): void {
  const outer = box.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  const shift = (from: number, to: number, start: number, end: number): number =>
    from < start ? from - start - 12 : to > end ? Math.min(to - end + 12, from - start - 12) : 0;
  box.scrollTop += shift(inner.top, inner.bottom, outer.top + covered, outer.bottom);
  box.scrollLeft += shift(inner.left, inner.right, outer.left, outer.right);
}
