"use strict";
var Pellucid = (() => {
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __export = (target, all) => {
    for (var name in all)
      __defProp(target, name, { get: all[name], enumerable: !0 });
  }, __copyProps = (to, from, except, desc) => {
    if (from && typeof from == "object" || typeof from == "function")
      for (let key2 of __getOwnPropNames(from))
        !__hasOwnProp.call(to, key2) && key2 !== except && __defProp(to, key2, { get: () => from[key2], enumerable: !(desc = __getOwnPropDesc(from, key2)) || desc.enumerable });
    return to;
  };
  var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: !0 }), mod);

  // src/index.ts
  var index_exports = {};
  __export(index_exports, {
    mount: () => mount
  });

  // src/dom.ts
  var SVG = "http://www.w3.org/2000/svg";
  function fill(element, attributes, children) {
    for (let [name, value] of Object.entries(attributes))
      typeof value == "function" ? element.addEventListener(name, value) : value != null && value !== !1 && element.setAttribute(name, value === !0 ? "" : String(value));
    return element.append(...children.filter((c) => c != null)), element;
  }
  function h(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }
  function s(tag, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, tag), attributes, children);
  }
  function math(inside) {
    let holder = h("span", { class: "math" });
    return holder.innerHTML = `<math displaystyle="true"><mrow>${inside}</mrow></math>`, holder;
  }
  function classed(element, name, on) {
    element.classList.toggle(name, on);
  }

  // src/numbers.ts
  var signed = (text) => text.replace(/-/g, "−");
  function short(value, decimals2 = 4) {
    if (!Number.isFinite(value))
      return Number.isNaN(value) ? "missing" : signed(value > 0 ? "∞" : "-∞");
    let size = Math.abs(value);
    return value === 0 ? "0" : size >= 1e7 || size < 10 ** (1 - decimals2) ? power(value, 3) : Number.isInteger(value) ? signed(String(value)) : signed(value.toFixed(size >= 100 ? Math.max(0, decimals2 - Math.floor(Math.log10(size))) : decimals2));
  }
  function long(value) {
    if (!Number.isFinite(value) || Number.isInteger(value))
      return short(value);
    let size = Math.abs(value);
    return size < 1e-4 || size >= 1e10 ? power(value, 10) : signed(String(Number(value.toPrecision(10))));
  }
  function power(value, figures) {
    let [mantissa, exponent] = value.toExponential(figures - 1).split("e"), digits = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
    return signed(`${digits}e${Number(exponent)}`);
  }
  function decimals(values) {
    let found = 0, largest = 0;
    for (let value of values)
      if (Number.isFinite(value))
        for (largest = Math.max(largest, Math.abs(value)); found < 4 && Math.abs(Number(value.toFixed(found)) - value) > 1e-12 * Math.abs(value); )
          found++;
    return largest >= 100 ? Math.min(found, Math.max(1, 4 - Math.floor(Math.log10(largest)))) : found;
  }
  function inColumn(value, places) {
    let size = Math.abs(value);
    return Number.isFinite(value) ? size >= 1e6 || size > 0 && size < 0.5 * 10 ** -places ? power(value, 2) : signed(value.toFixed(places).replace(/^-(0(\.0*)?)$/, "$1")) : Number.isNaN(value) ? "–" : short(value);
  }
  function read(text, mayBeMissing) {
    let plain = text.trim().replace("−", "-");
    return mayBeMissing && /^(nan|missing|–)?$/i.test(plain) ? NaN : plain === "" ? "Expected a number. Got nothing. Type one, such as 0.5." : !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) || !Number.isFinite(Number(plain)) ? `Expected a number. Got “${text.trim()}”. Type one, with a point for decimals, such as 0.5.` : Number(plain);
  }

  // src/curve.ts
  var WIDTH = 300, HEIGHT = 190, LEFT = 12, RIGHT = 12, TOP = 40, BOTTOM = 30, AHEAD = 1e3, MOST_NUMBERS = 6e5, Curve = class {
    constructor(state) {
      this.state = state;
    }
    state;
    element = h("figure", { class: "curve" });
    first = [];
    waiting = 0;
    /** Draw the curve when there is time: what else is shown does not wait for its many updates. */
    show() {
      clearTimeout(this.waiting), this.waiting = setTimeout(() => this.draw(), 0);
    }
    draw() {
      let { state } = this, { description, training: training2 } = state;
      if (description.objective === null || !training2.goesOn) {
        this.element.replaceChildren(), this.element.hidden = !0;
        return;
      }
      let losses = this.losses();
      !training2.changes && losses.length > this.first.length && (this.first = losses);
      let drawn = training2.changes ? [losses, this.first.slice(0, losses.length)] : [losses], finite = drawn.flat().filter(Number.isFinite), low = finite.reduce((a, b) => Math.min(a, b), 0), high = finite.reduce((a, b) => Math.max(a, b), 0), x = (update) => LEFT + (update - 1) / Math.max(1, losses.length - 1) * (WIDTH - LEFT - RIGHT), y = (loss) => HEIGHT - BOTTOM - (loss - low) / (high - low || 1) * (HEIGHT - TOP - BOTTOM), line = (points, kind) => s("path", {
        class: kind,
        d: points.map((loss, at2) => Number.isFinite(loss) ? `${at2 ? "L" : "M"}${x(at2 + 1).toFixed(1)} ${y(loss).toFixed(1)}` : "").join("").replace(/^L/, "M")
      }), now = losses[state.update - 1], what = training2.epoch(training2.traced) + 1 === training2.traced ? "epoch" : "update", right = x(state.update) > WIDTH * 0.6, label = `${description.objective} by ${what}: ${short(now)} now, ${short(losses[losses.length - 1])} after ${losses.length}.`, svg = s(
        "svg",
        {
          viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
          role: "img",
          "aria-label": label,
          click: (e) => {
            let box = svg.getBoundingClientRect(), share = ((e.clientX - box.left) / box.width * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
            state.toUpdate(1 + Math.max(0, Math.min(losses.length - 1, Math.round(share * (losses.length - 1)))));
          }
        },
        s("text", { x: LEFT, y: 14, class: "title" }, `${description.objective} by ${what}${training2.changes ? ", before the changes in grey" : ""}`),
        s("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(0), y2: y(0), class: "axis" }),
        ...training2.changes ? [line(drawn[1], "before")] : [],
        line(losses, "loss"),
        s("text", { x: LEFT, y: HEIGHT - 12, class: "tick" }, String(training2.number(1))),
        s("text", { x: WIDTH - RIGHT, y: HEIGHT - 12, class: "tick end" }, String(training2.number(losses.length))),
        Number.isFinite(now) ? s(
          "g",
          { class: "now" },
          s("circle", { cx: x(state.update), cy: y(now), r: 4.5 }),
          s("text", { x: x(state.update) + (right ? -9 : 9), y: y(now) - 7, class: right ? "end" : "" }, short(now))
        ) : null
      );
      this.element.hidden = !1, this.element.replaceChildren(svg);
    }
    losses() {
      let { training: training2, update, furthest } = this.state, numbers = Object.values(training2.values(update)).reduce((sum, v) => sum + v.length, 0), ahead = Math.min(AHEAD, Math.floor(MOST_NUMBERS / numbers)), count = Math.max(furthest, ahead);
      return [...Array(count).keys()].map((at2) => training2.loss(at2 + 1));
    }
  };

  // src/types.ts
  var sameCell = (a, b) => a !== null && b !== null && a.name === b.name && a.row === b.row && a.column === b.column;

  // src/state.ts
  var State = class {
    constructor(description, training2) {
      this.description = description;
      this.training = training2;
      description.stages.forEach((stage, at2) => stage.computed.forEach((name) => this.stageOf.set(name, at2))), this.furthest = description.steps.length, this.choose(this.first());
    }
    description;
    training;
    update = 1;
    stage = 0;
    cell = null;
    /** The furthest update that was looked at or run to. */
    furthest = 1;
    /** Whether the chosen cell takes the focus: it was chosen from a place that is gone with that. */
    focus = !1;
    /** What a screen reader is told, and what is wrong with an entry. */
    message = "";
    listeners = [];
    stageOf = /* @__PURE__ */ new Map();
    listen(listener) {
      this.listeners.push(listener);
    }
    tell() {
      this.listeners.forEach((listener) => listener());
    }
    say(message) {
      message !== this.message && (this.message = message, this.tell());
    }
    /** Whether a name has its value at the stage that is looked at. */
    known(name) {
      return (this.stageOf.get(name) ?? 0) <= this.stage;
    }
    choose(cell, focus = !1) {
      this.focus = focus, cell && !this.known(cell.name) && (this.stage = this.stageOf.get(cell.name)), this.cell = cell, this.tell();
    }
    toStage(stage) {
      this.stage = stage, this.cell = this.first(), this.tell();
    }
    toUpdate(update, stage = this.stage) {
      if (this.update = update, this.stage = stage, this.furthest = Math.max(this.furthest, update), this.cell) {
        let [rows, columns] = this.training.shape(this.cell.name, update), { name, row, column } = this.cell;
        this.cell = { name, row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
      }
      this.tell();
    }
    next() {
      this.stage < this.description.stages.length - 1 ? this.toStage(this.stage + 1) : this.training.goesOn && (this.update++, this.furthest = Math.max(this.furthest, this.update), this.toStage(0));
    }
    back() {
      this.stage > 0 ? this.toStage(this.stage - 1) : this.update > 1 && (this.update--, this.toStage(this.description.stages.length - 1));
    }
    /** Go on (or back) until as many epochs have begun, at the same stage. */
    epochs(count) {
      let update = this.update;
      for (let done = 0; done < Math.abs(count) && this.training.goesOn; done++) {
        let epoch = this.training.epoch(update), by = Math.sign(count);
        do
          update += by;
        while (update > 1 && this.training.epoch(update) === epoch);
        if (update < 1) {
          update = 1;
          break;
        }
      }
      if (count < 0)
        for (; update > 1 && this.training.epoch(update - 1) === this.training.epoch(update); )
          update--;
      this.toUpdate(update);
    }
    change(cell, value) {
      this.training.change(cell, this.update, value), this.tell();
    }
    undo(cell) {
      this.training.undo(cell, this.update), this.tell();
    }
    isChosen(cell) {
      return sameCell(this.cell, cell);
    }
    /** The number to look at when a stage begins: the first that is new, in the row that was looked at. */
    first() {
      let { computed } = this.description.stages[this.stage], name = (this.stage < 2 ? computed[0] : computed[computed.length - 1]) ?? this.description.signals[0], [rows, columns] = this.training.shape(name, this.update), { row = 0, column = 0 } = this.cell ?? {};
      return { name, row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
    }
  };
  function position(description, cell, tableRows) {
    let named = description.names[cell.name];
    if (!named.shape.length)
      return "";
    let [rowWord, columnWord] = named.axes.map((word) => word === "classes" ? "class" : word.replace(/s$/, "")), parts = [];
    if (rowWord && parts.push(named.shape[0] === "n" ? rowWords(cell.row, tableRows) : `${rowWord} ${cell.row + 1}`), columnWord) {
      let label = named.labels[cell.column];
      parts.push(label || `${columnWord} ${cell.column + 1}`);
    }
    return parts.join(", ");
  }
  function rowWords(row, tableRows) {
    return tableRows[row] === row ? `row ${row + 1}` : `row ${row + 1} (${tableRows[row] + 1} of the table)`;
  }
  function reference(description, cell) {
    return description.names[cell.name].shape.length ? `${cell.name}[${cell.row + 1},${cell.column + 1}]` : cell.name;
  }

  // src/diagram.ts
  var WIDTH2 = 760, TITLE = 22, FEW = 190, MANY = 236, MOST_NODES = 8, Diagram = class {
    constructor(state) {
      this.state = state;
    }
    state;
    height = FEW;
    radius = 16;
    element = h("figure", { class: "diagram" });
    show() {
      let { state } = this, { description, training: training2, update } = state, signals = description.signals, row = this.row(), count = (name) => training2.shape(name, update)[1], most = Math.min(MOST_NODES, Math.max(...signals.map(count)));
      this.height = most > 6 ? MANY : FEW, this.radius = Math.min(16, (this.height - TITLE - 28) / Math.max(1, most - 1) / 2 - 0.5);
      let columns = signals.map((name, at2) => this.places(count(name), at2, signals.length)), edges = [];
      description.weights.forEach((name, at2) => edges.push(...this.edges(name, columns[at2], columns[at2 + 1])));
      let nodes = signals.flatMap((name, at2) => columns[at2].map((place) => this.node(name, place, row))), rowText = rowWords(row, training2.rows(update)), titles = signals.map((name, at2) => {
        let words = at2 === 0 ? `row ${row + 1}` : at2 === signals.length - 1 ? "output" : signals.length > 3 ? `hidden ${at2}` : "hidden layer", size = count(name) > columns[at2].length ? ` · ${count(name)}` : "", edge = at2 === 0 ? "start" : at2 === signals.length - 1 ? "end" : "middle", x = columns[at2][0].x + { start: -20, end: 20, middle: 0 }[edge];
        return s("text", { x, y: this.height - 4, class: "title", style: `text-anchor: ${edge}` }, words + size);
      }), label = `Network ${description.title}. Lines are weights: the wider, the larger; blue is positive, red negative. In the circles, the values of ${rowText}.`;
      this.element.replaceChildren(
        s("svg", { viewBox: `0 0 ${WIDTH2} ${this.height}`, role: "img", "aria-label": label }, ...edges, ...nodes, ...titles)
      );
    }
    /** The row of the batch to draw: that of the chosen number, where it has one. */
    row() {
      let { cell, description, training: training2, update } = this.state, rows = training2.rows(update).length;
      return cell && description.names[cell.name].shape[0] === "n" ? Math.min(cell.row, rows - 1) : 0;
    }
    places(count, at2, layers) {
      let drawn = count <= MOST_NODES ? [...Array(count).keys()] : [...Array(MOST_NODES - 1).keys(), count - 1], x = 60 + at2 * (WIDTH2 - 120) / (layers - 1), gap = Math.min(42, (this.height - TITLE - 28) / Math.max(1, drawn.length - 1)), top = (this.height - TITLE - gap * (drawn.length - 1)) / 2;
      return drawn.map((neuron, k) => ({ neuron, x, y: top + k * gap }));
    }
    edges(name, from, to) {
      let { state } = this, weights = state.training.values(state.update)[name], columns = state.training.shape(name, state.update)[1], largest = weights.reduce((most, w) => Number.isFinite(w) ? Math.max(most, Math.abs(w)) : most, 1e-12), chosen = this.lit();
      return from.flatMap(
        (a) => to.map((b) => {
          let cell = { name, row: a.neuron, column: b.neuron }, weight = weights[a.neuron * columns + b.neuron], size = Number.isFinite(weight) ? Math.abs(weight) / largest : 1, lit = chosen(cell), line = s("line", {
            x1: a.x,
            y1: a.y,
            x2: b.x,
            y2: b.y,
            class: `edge ${weight < 0 ? "minus" : "plus"}${lit ? " lit" : ""}`,
            "stroke-width": (0.6 + 3.4 * size).toFixed(2),
            "stroke-opacity": lit ? 1 : (0.15 + 0.4 * size).toFixed(2),
            click: () => state.choose(cell)
          });
          return line.append(s("title", {}, `${reference(state.description, cell)} = ${short(weight)}`)), line;
        })
      );
    }
    /** Which weights belong to the chosen number: itself, or those into (or out of) its neuron. */
    lit() {
      let { cell, description } = this.state;
      if (!cell)
        return () => !1;
      let parameter = cell.name.match(/([Wb])(\d+)(_next)?$/);
      if (parameter) {
        let name = `W${parameter[2]}`;
        return (e) => e.name === name && e.column === cell.column && (parameter[1] === "b" || e.row === cell.row);
      }
      let layer = this.layer(cell);
      if (layer < 0)
        return () => !1;
      let into = description.weights[layer - 1], out = description.weights[layer];
      return layer === 0 ? (e) => e.name === out && e.row === cell.column : (e) => e.name === into && e.column === cell.column;
    }
    /** The layer whose neurons the columns of a value stand for; -1 for none. */
    layer(cell) {
      let { description } = this.state, found = description.sheet.columns.find((c) => [...c.forward, ...c.backward].includes(cell.name));
      if (!found || description.names[cell.name].shape[0] !== "n" || found.key === "loss")
        return -1;
      let last = description.signals.length - 1, sums = found.key.match(/^net_input_(\d+)$/);
      return found.key === "y" ? last : sums ? Number(sums[1]) : description.signals.indexOf(found.key);
    }
    node(name, place, row) {
      let { state } = this, cell = { name, row, column: place.neuron }, value = state.training.value(cell, state.update), known = state.known(name), chosen = state.cell && this.layer(state.cell) === state.description.signals.indexOf(name) && state.cell.column === place.neuron, group = s("g", { class: `node${chosen ? " chosen" : ""}${known ? "" : " later"}`, click: () => state.choose(cell) });
      return group.append(
        s("title", {}, `${reference(state.description, cell)}${known ? ` = ${short(value)}` : ""}`),
        s("circle", { cx: place.x, cy: place.y, r: this.radius })
      ), known && group.append(s("text", { x: place.x, y: place.y + 4 }, inNode(value))), group;
    }
  };
  function inNode(value) {
    if (Number.isNaN(value))
      return "–";
    let size = Math.abs(value);
    return (Number.isInteger(value) && size < 1e3 ? String(value) : size >= 1e3 ? value.toExponential(0) : value.toFixed(size >= 10 ? 0 : size >= 1 ? 1 : 2)).replace("-", "−").replace(/^(−?)0\./, "$1.");
  }

  // src/matrix.ts
  var Matrix = class {
    constructor(name, state, window2) {
      this.name = name;
      this.state = state;
      this.window = window2;
      let named = state.description.names[name], table = h(
        "table",
        { role: "grid", "aria-label": `${name}: ${named.meaning}`, keydown: (e) => this.key(e) },
        this.head,
        this.body
      );
      this.element = h(
        "section",
        { class: `matrix ${named.role}`, "data-name": name },
        h("h4", { title: named.meaning }, name, h("small", {}, math(named.math), " ", this.size)),
        table,
        this.mover
      );
    }
    name;
    state;
    window;
    element;
    body = h("tbody");
    head = h("thead");
    size = h("span", { class: "size" });
    mover = h("div", { class: "mover" });
    top = 0;
    left = 0;
    built = "";
    cells = [];
    /** Show the numbers of the update that is looked at. */
    show(sources) {
      let { state, name } = this, [rows, columns] = state.training.shape(name, state.update), known = state.known(name), stage = state.description.stages[state.stage], shown = state.cell?.name === name ? state.cell : null;
      this.move(rows, columns, shown ?? this.hidden(sources)), this.build(rows, columns), classed(this.element, "later", !known), classed(this.element, "new", stage.computed.includes(name)), classed(this.element, "read", stage.sources.includes(name));
      let values = state.training.values(state.update)[name], byColumn = state.description.names[name].labels.length > 0, seen = (r, c) => values[(this.top + r) * columns + this.left + c], window2 = this.cells.map((line, r) => line.map((_, c) => seen(r, c))), ofAll = decimals(window2.flat()), places = this.cells[0].map((_, c) => byColumn ? decimals(window2.map((line) => line[c])) : ofAll), tableRows = state.training.rows(state.update);
      this.cells.forEach(
        (line, r) => line.forEach((td, c) => {
          let cell = { name, row: this.top + r, column: this.left + c }, value = window2[r][c], text = known ? inColumn(value, places[c]) : "";
          if (td.firstChild?.nodeName === "INPUT")
            return;
          td.textContent !== text && (td.textContent = text);
          let chosen = state.isChosen(cell), where = position(state.description, cell, tableRows);
          td.setAttribute("aria-label", `${where || name}: ${known ? long(value) : "not computed yet"}`), td.setAttribute("aria-selected", String(chosen)), td.tabIndex = chosen || shown === null && r === 0 && c === 0 ? 0 : -1, td.title = known ? `${where ? `${where}: ` : ""}${long(value)}` : "", classed(td, "chosen", chosen), classed(td, "source", sources.has(`${cell.row} ${cell.column}`)), classed(td, "negative", known && value < 0), classed(td, "changed", state.training.isChanged(cell, state.update));
        })
      );
    }
    focus() {
      this.body.querySelector("td[tabindex='0']")?.focus({ preventScroll: !0 });
    }
    /** The first of the chosen number's sources, where none of them is in the window. */
    hidden(sources) {
      let cells = [...sources].map((place) => place.split(" ").map(Number)), inside = ([row, column]) => row >= this.top && row < this.top + this.window.rows && column >= this.left && column < this.left + this.window.columns;
      return cells.length && !cells.some(inside) ? { name: this.name, row: cells[0][0], column: cells[0][1] } : null;
    }
    /** Move the window so that a cell is in it. */
    move(rows, columns, cell) {
      let into = (start, most, size, at2) => (at2 !== void 0 && (at2 < start || at2 >= start + most) && (start = Math.floor(at2 / most) * most), Math.max(0, Math.min(start, size - 1)));
      this.top = into(this.top, this.window.rows, rows, cell?.row), this.left = into(this.left, this.window.columns, columns, cell?.column);
    }
    build(rows, columns) {
      let height = Math.min(this.window.rows, rows - this.top), width = Math.min(this.window.columns, columns - this.left), key2 = [rows, columns, this.top, this.left].join(" ");
      if (key2 === this.built)
        return;
      this.built = key2;
      let named = this.state.description.names[this.name];
      this.size.textContent = named.shape.length ? `${rows}×${columns}` : "";
      let range = (n) => [...Array(n).keys()];
      this.cells = range(height).map(
        (r) => range(width).map(
          (c) => h("td", {
            role: "gridcell",
            "data-cell": `${this.top + r} ${this.left + c}`,
            click: () => this.pick(r, c),
            dblclick: () => this.edit(r, c)
          })
        )
      );
      let header = named.labels.length > 0 && named.shape[0] !== void 0;
      this.head.replaceChildren(
        ...header ? [
          h(
            "tr",
            {},
            ...range(width).map((c) => {
              let label = named.labels[this.left + c] ?? "";
              return h("th", { scope: "col", title: label }, h("span", {}, label.split(" = ").pop()));
            })
          )
        ] : []
      ), this.body.replaceChildren(...this.cells.map((line) => h("tr", { role: "row" }, ...line))), this.buildMover(rows, columns, height, width);
    }
    buildMover(rows, columns, height, width) {
      let button = (text, label, on, by) => h("button", { type: "button", "aria-label": `${this.name}: ${label}`, title: label, disabled: !on, click: by }, text), axis = (word, start, shown, size, signs, by) => shown < size ? h(
        "span",
        {},
        button(signs[0], `earlier ${word}`, start > 0, () => by(-1)),
        `${word} ${start + 1}–${start + shown} of ${size}`,
        button(signs[1], `later ${word}`, start + shown < size, () => by(1))
      ) : null, shift = (rowsBy, columnsBy) => {
        this.top = Math.max(0, this.top + rowsBy * this.window.rows), this.left = Math.max(0, this.left + columnsBy * this.window.columns), this.state.cell?.name === this.name ? this.state.choose({ name: this.name, row: this.top, column: this.left }) : this.state.tell();
      };
      this.mover.replaceChildren(
        ...[
          axis("columns", this.left, width, columns, "◂▸", (d) => shift(0, d)),
          axis("rows", this.top, height, rows, "▴▾", (d) => shift(d, 0))
        ].filter((e) => e !== null)
      );
    }
    pick(r, c) {
      this.state.choose({ name: this.name, row: this.top + r, column: this.left + c });
    }
    key(event) {
      if (event.target instanceof HTMLInputElement)
        return;
      let td = event.target.closest("td");
      if (!td || event.ctrlKey || event.metaKey || event.altKey)
        return;
      let [row, column] = td.getAttribute("data-cell").split(" ").map(Number), [rows, columns] = this.state.training.shape(this.name, this.state.update), moves = {
        ArrowUp: [row - 1, column],
        ArrowDown: [row + 1, column],
        ArrowLeft: [row, column - 1],
        ArrowRight: [row, column + 1],
        Home: [row, 0],
        End: [row, columns - 1]
      };
      if (event.key in moves) {
        let [r, c] = moves[event.key];
        event.preventDefault(), r >= 0 && r < rows && c >= 0 && c < columns && (this.state.choose({ name: this.name, row: r, column: c }), this.focus());
      } else if (event.key === "Enter" || event.key === " " || event.key === "F2") {
        event.preventDefault();
        let chosen = this.state.isChosen({ name: this.name, row, column });
        this.state.choose({ name: this.name, row, column }), (chosen || event.key === "F2") && this.edit(row - this.top, column - this.left);
      } else /^[-+.\d]$/.test(event.key) && (event.preventDefault(), this.edit(row - this.top, column - this.left, event.key));
    }
    /** Let a given number be typed over; a text that is no number is marked and not taken. */
    edit(r, c, begun) {
      let { state, name } = this, cell = { name, row: this.top + r, column: this.left + c };
      if (!state.training.editable(name) || !state.known(name))
        return;
      let td = this.cells[r][c], named = state.description.names[name], value = state.training.value(cell, state.update), input = h("input", {
        value: begun ?? (Number.isNaN(value) ? "" : String(value)),
        "aria-label": `${name}, ${position(state.description, cell, state.training.rows(state.update))}`,
        inputmode: "decimal",
        autocomplete: "off",
        spellcheck: "false"
      }), open = !0, close = (focus) => {
        open = !1, td.replaceChildren(), state.tell(), focus && this.focus();
      }, take = (focus) => {
        let found = read(input.value, named.missing ?? !1);
        if (typeof found == "string") {
          input.setAttribute("aria-invalid", "true"), input.title = found, state.say(found);
          return;
        }
        state.say(""), open = !1, td.replaceChildren(), found !== value && !(Number.isNaN(found) && Number.isNaN(value)) && state.change(cell, found), close(focus);
      };
      input.addEventListener("keydown", (event) => {
        event.stopPropagation(), event.key === "Enter" ? take(!0) : event.key === "Escape" && (state.say(""), close(!0));
      }), input.addEventListener("blur", () => {
        open && (typeof read(input.value, named.missing ?? !1) == "string" ? close(!1) : take(!1));
      }), td.replaceChildren(input), state.choose(cell), input.focus(), begun === void 0 && input.select();
    }
  };

  // src/stages.ts
  var PARTS = [
    ["Read", (n) => n <= 1],
    ["Forward", (n) => n >= 2 && n <= 4],
    ["Backward", (n) => n >= 5 && n <= 9],
    ["Update", (n) => n >= 10]
  ];
  function stageList(state) {
    let entry = (stage, at2) => h(
      "li",
      {},
      h(
        "button",
        { type: "button", click: () => state.toStage(at2) },
        h("b", {}, `${stage.number} · ${stage.title}`),
        ...stage.texts.slice(0, 2).map((text) => h("code", {}, text))
      )
    ), buttons = [], parts = PARTS.map(([title, belongs]) => {
      let entries = state.description.stages.flatMap((stage, at2) => {
        if (!belongs(stage.number))
          return [];
        let made = entry(stage, at2);
        return buttons[at2] = made.firstElementChild, [made];
      });
      return entries.length ? h("div", {}, h("h3", {}, title), h("ol", {}, ...entries)) : null;
    }), element = h("nav", { class: "stages", "aria-label": "Stages of the step" }, ...parts);
    return element.append(h("p", { class: "quiet" }, "Keys: n next, b back, e next epoch, p epoch back, r run 100, s same start. In a matrix: arrows move, Enter or F2 changes a number.")), { element, show: () => buttons.forEach((button, at2) => {
      let now = at2 === state.stage;
      button.setAttribute("aria-current", now ? "step" : "false"), classed(button, "later", at2 > state.stage), now && inView(element, button);
    }) };
  }
  function inView(box, element, covered = 0) {
    let outer = box.getBoundingClientRect(), inner = element.getBoundingClientRect(), shift = (from, to, start, end) => from < start ? from - start - 12 : to > end ? Math.min(to - end + 12, from - start - 12) : 0;
    box.scrollTop += shift(inner.top, inner.bottom, outer.top + covered, outer.bottom), box.scrollLeft += shift(inner.left, inner.right, outer.left, outer.right);
  }

  // src/template.ts
  function at(index, indices) {
    return typeof index == "number" ? index : indices[index] ?? Number(index);
  }
  function filled(template, indices, rows, whole = !1) {
    let size = (s2) => s2 === "n" ? rows : s2, tokens = (pieces, known) => pieces.flatMap((piece) => one(piece, known)), one = (piece, known) => {
      if (typeof piece == "string")
        return [piece];
      switch (piece[0]) {
        case "cell":
          return [{ cell: { name: piece[1], row: at(piece[2], known), column: at(piece[3], known) }, fenced: piece[4] }];
        case "plus":
          return [{ plus: !0 }];
        case "each": {
          let count = size(piece[2]), found = [];
          for (let k = 0; k < count; k++)
            !whole && count > 8 && k === 6 && (found.push(piece[3] === "plus" ? ` + … (${count} terms) … ` : ", …"), k = count - 1), k > 0 && found.push(piece[3] === "plus" ? { plus: !0 } : ", "), found.push(...tokens(piece[4], { ...known, [piece[1]]: k }));
          return found;
        }
        case "part": {
          let place = at(piece[1], known), block = piece[3].find(([start, width]) => place >= start && place < start + width);
          return tokens(block[2], { ...known, [piece[2]]: place - block[0] });
        }
      }
    };
    return tokens(template, indices);
  }
  function written(tokens, cell) {
    let found = [], plus = !1;
    for (let token of tokens) {
      if (typeof token == "object" && "plus" in token) {
        plus = !0;
        continue;
      }
      let text = typeof token == "string" ? token : cell(token.cell);
      if (typeof token == "object" && token.fenced && text.startsWith("−") && (text = `(${text})`), plus) {
        let negative = text.startsWith("−");
        found.push(negative ? " − " : " + "), text = negative ? text.slice(1) : text, plus = !1;
      }
      found.push(typeof token == "string" ? text : { cell: token.cell, text });
    }
    return found;
  }
  function cellsOf(tokens) {
    let found = /* @__PURE__ */ new Map();
    for (let token of tokens)
      typeof token == "object" && "cell" in token && found.set(`${token.cell.name} ${token.cell.row} ${token.cell.column}`, token.cell);
    return [...found.values()];
  }
  function readers(template, cell) {
    let found = /* @__PURE__ */ new Map(), visit = (pieces, blocks) => {
      for (let piece of pieces)
        if (!(typeof piece == "string" || piece[0] === "plus")) {
          if (piece[0] === "each")
            visit(piece[4], blocks);
          else if (piece[0] === "part") {
            let [, index, letter, parts] = piece, outer = blocks[index] ?? { axis: index === "i" ? "row" : "column", start: 0, width: 0 };
            for (let [start, width, inner] of parts)
              visit(inner, { ...blocks, [letter]: { axis: outer.axis, start: outer.start + start, width } });
          } else if (piece[1] === cell.name)
            for (let reader of readingCells(piece[2], piece[3], cell, blocks))
              found.set(`${reader.row} ${reader.column}`, reader);
        }
    };
    return visit(template, {}), [...found.values()];
  }
  function readingCells(row, column, cell, blocks) {
    let reader = { row: null, column: null }, fits = (index, value) => {
      if (typeof index == "number")
        return index === value;
      let block = blocks[index] ?? (index === "i" || index === "j" ? { axis: index === "i" ? "row" : "column", start: 0 } : null);
      if (block === null)
        return !0;
      let axis2 = block.axis, known = reader[axis2];
      return reader[axis2] = value + block.start, known === null || known === reader[axis2];
    };
    if (!fits(row, cell.row) || !fits(column, cell.column))
      return [];
    let open = Object.values(blocks).filter((block) => reader[block.axis] === null);
    if (!open.length)
      return [reader];
    let { axis, start, width } = open[open.length - 1];
    return [...Array(width).keys()].map((k) => ({ ...reader, [axis]: start + k }));
  }

  // src/story.ts
  var MOST_LINKS = 24, MOST_PATHS = 3, MOST_COUNTED = 2e4;
  function sourcesOf(state, cell) {
    let template = state.description.names[cell.name].template;
    return template ? cellsOf(tokensOf(state, template, cell, !0)) : [];
  }
  function readersOf(state, cell) {
    return Object.entries(state.description.names).flatMap(
      ([name, named]) => (named.template ? readers(named.template, cell) : []).map((reader) => ({ name, ...reader }))
    );
  }
  function tokensOf(state, template, cell, whole = !1) {
    return filled(template, { i: cell.row, j: cell.column }, state.training.rows(state.update).length, whole);
  }
  var Story = class {
    constructor(state) {
      this.state = state;
    }
    state;
    element = h("aside", { class: "story", "aria-label": "The story of the chosen number" });
    shown = "";
    /** The row of the table whose paths are listed for a weight. */
    row = 0;
    show() {
      let { state } = this, cell = state.cell;
      if (!cell) {
        this.element.replaceChildren();
        return;
      }
      let typing = this.element.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement, key2 = JSON.stringify([cell, state.update]);
      if (typing && key2 === this.shown)
        return;
      this.shown = key2;
      let named = state.description.names[cell.name], where = position(state.description, cell, state.training.rows(state.update)), value = state.training.value(cell, state.update), close = h(
        "button",
        { type: "button", class: "fold", "aria-label": "Fold the story up or down", click: () => this.element.classList.toggle("folded") },
        "▾"
      );
      this.element.replaceChildren(
        h("header", {}, close, h("h2", {}, cell.name, where ? h("small", {}, where) : null), h("output", {}, long(value))),
        ...[
          this.entry(cell, value),
          this.part("What it is", h("p", {}, named.meaning ? `${capital(named.meaning)}.` : "", " ", math(named.math))),
          ...named.template ? this.formulas(cell, value) : [this.part("Where it is from", h("p", {}, this.given(cell)))],
          this.links("Comes from", sourcesOf(state, cell), "source"),
          this.usedIn(cell),
          ...this.chain(cell)
        ].filter((e) => e !== null)
      );
    }
    part(title, ...content) {
      return h("section", {}, h("h3", {}, title), ...content);
    }
    given(cell) {
      let role = this.state.description.names[cell.name].role, first = this.state.update === 1;
      return {
        data: "Given: a number of the table.",
        mask: "Given: drawn for this update. It is shown as it was drawn.",
        parameter: first ? "A start weight." : "What the update before left.",
        state: first ? "What the optimizer starts from." : "What the update before left.",
        setting: "Chosen by hand, and the same throughout.",
        clock: "The time of this update.",
        fitted: "Found in the training rows."
      }[role] ?? "";
    }
    /** A field to change the number with, where it is a given one. */
    entry(cell, value) {
      let { state } = this;
      if (!state.training.editable(cell.name))
        return null;
      let missing = state.description.names[cell.name].missing ?? !1, wrong = h("p", { class: "wrong", role: "alert" }), input = h("input", {
        value: Number.isNaN(value) ? "" : String(value),
        inputmode: "decimal",
        autocomplete: "off",
        spellcheck: "false",
        "aria-label": `New number for ${reference(state.description, cell)}`
      }), take = () => {
        let found = read(input.value, missing), bad = typeof found == "string";
        wrong.textContent = bad ? found : "", input.setAttribute("aria-invalid", String(bad)), !bad && found !== value && (input.blur(), state.change(cell, found));
      };
      input.addEventListener("change", take), input.addEventListener("keydown", (e) => {
        e.stopPropagation(), e.key === "Enter" && take();
      });
      let back = state.training.isChanged(cell, state.update) ? h("button", { type: "button", click: () => state.undo(cell) }, "put back") : null;
      return h("section", { class: "entry" }, h("h3", {}, "Change it"), h("div", {}, input, back), wrong);
    }
    formulas(cell, value) {
      let { state } = this, named = state.description.names[cell.name], functions = (named.functions ?? []).map((name) => state.description.functions[name]).filter(Boolean), opened = named.opened ? this.numbers(named.opened, cell) : null;
      return [
        this.part(
          "Formula",
          h("div", { class: "box" }, math(named.formula), ...functions.map((f) => math(f))),
          h("code", { class: "box" }, named.text)
        ),
        this.part(
          "For this number",
          h("code", { class: "box" }, `${reference(state.description, cell)} = `, ...this.numbers(named.template, cell, !0))
        ),
        this.part(
          "With its numbers",
          h(
            "code",
            { class: "box" },
            ...this.numbers(named.template, cell),
            ...opened ? [h("br"), "= ", ...opened] : [],
            h("br"),
            h("b", {}, `= ${short(value, 6)}`)
          )
        )
      ];
    }
    /** A template with the numbers of its cells, or with their names. */
    numbers(template, cell, named = !1) {
      let { state } = this, text = (c) => named ? reference(state.description, c) : short(state.training.value(c, state.update));
      return written(tokensOf(state, template, cell), text).map((p) => this.linked(p));
    }
    linked(piece) {
      if (typeof piece == "string")
        return piece;
      let { cell, text } = piece;
      return h("a", { href: "#", title: reference(this.state.description, cell), click: this.to(cell) }, text);
    }
    to(cell) {
      return (event) => {
        event.preventDefault(), this.state.choose(cell, !0);
      };
    }
    chip(cell, kind, text) {
      let label = text ?? reference(this.state.description, cell);
      return h("button", { type: "button", class: `chip ${kind}`, click: this.to(cell) }, label);
    }
    links(title, cells, kind) {
      if (!cells.length)
        return null;
      let more = cells.length > MOST_LINKS ? h("span", { class: "more" }, `and ${cells.length - MOST_LINKS} more`) : null;
      return this.part(title, h("p", {}, ...cells.slice(0, MOST_LINKS).map((c) => this.chip(c, kind)), more));
    }
    usedIn(cell) {
      let { state } = this, chips = readersOf(state, cell).map(({ name, row, column }) => {
        let [rows, columns] = state.training.shape(name, state.update), all = (index, size) => index === null ? size === 1 ? "1" : "·" : String(index + 1), place = state.description.names[name].shape.length ? `[${all(row, rows)},${all(column, columns)}]` : "";
        return this.chip({ name, row: row ?? 0, column: column ?? 0 }, "reader", `${name}${place}`);
      });
      return chips.length ? this.part("Used next in", h("p", {}, ...chips)) : null;
    }
    /** The chain rule of a weight or bias, and its gradient checked by moving it a little. */
    chain(cell) {
      let { state } = this, parameter = cell.name.replace(/^gradient_/, "").replace(/_next$/, ""), pattern = state.description.paths[parameter];
      if (!pattern || !state.known(`gradient_${parameter}`))
        return pattern ? [this.part("Chain rule", h("p", { class: "quiet" }, "Shown once its gradient is computed."))] : [];
      let weight = { ...cell, name: parameter }, gradient = state.training.value({ ...cell, name: `gradient_${parameter}` }, state.update);
      return [this.chainRule(weight, pattern, gradient), this.nudge(weight, gradient)];
    }
    chainRule(weight, pattern, gradient) {
      let { state } = this, { description, training: training2, update } = state, tableRows = training2.rows(update);
      this.row = Math.min(this.row, tableRows.length - 1);
      let of = (factors, loops) => {
        let cells = factors.map(([name, row, column]) => ({ name, row: at(row, loops), column: at(column, loops) }));
        return { cells, product: cells.reduce((p, c) => p * training2.value(c, update), 1) };
      }, indices = (r) => ({ i: weight.row, j: weight.column, r }), paths = this.paths(pattern, indices(this.row)).map((loops) => of(pattern.factors, loops)), shown = paths.sort((a, b) => Math.abs(b.product) - Math.abs(a.product)).slice(0, MOST_PATHS), left = paths.slice(MOST_PATHS).reduce((sum, p) => sum + p.product, 0), share = (r) => of(pattern.shares, indices(r)).product, line = (kind, label, value) => h("tr", { class: kind }, h("td", {}, label), h("td", {}, short(value, 6))), picker = h(
        "select",
        { class: "chain-row", "aria-label": "Row of the chain rule", change: (e) => this.pickRow(Number(e.target.value)) },
        ...tableRows.map((_, r) => h("option", { value: r, selected: r === this.row }, rowWords(r, tableRows)))
      ), total = tableRows.reduce((sum, _, r) => sum + share(r), 0), divisor = pattern.divisor ? training2.values(update)[pattern.divisor][0] : 1, penalty = gradient + total / divisor, rows = h(
        "table",
        { class: "chain" },
        ...shown.flatMap((path) => [
          ...path.cells.map(
            (c, k) => line("factor", h("span", {}, k ? "× " : "", this.linked({ cell: c, text: reference(description, c) })), training2.value(c, update))
          ),
          line("product", paths.length > 1 ? "= this path" : `= row ${this.row + 1}`, path.product)
        ]),
        ...paths.length > MOST_PATHS ? [line("product", `and ${paths.length - MOST_PATHS} smaller paths`, left)] : [],
        ...paths.length > 1 || !paths.length ? [line("product", `= row ${this.row + 1}`, share(this.row))] : [],
        ...tableRows.length > 1 ? [line("product", `sum over ${tableRows.length} rows`, total)] : [],
        ...pattern.divisor ? [line("factor", `÷ ${pattern.divisor}`, divisor)] : [],
        ...pattern.penalty ? [line("factor", h("span", {}, "+ ", ...this.numbers(pattern.penalty, weight, !0)), penalty)] : [],
        line("total", `${pattern.penalty ? "∂" : "−(…) = ∂"}${description.objective}/∂${reference(description, weight)}`, gradient)
      ), title = h("span", {}, "Chain rule for ", h("code", {}, reference(description, weight)));
      return this.part(title, picker, rows);
    }
    pickRow(row) {
      this.row = row, this.show(), this.element.querySelector(".chain-row")?.focus();
    }
    paths(pattern, start) {
      return Object.values(pattern.loops).reduce((p, n) => p * n, 1) > MOST_COUNTED ? [] : Object.entries(pattern.loops).reduce(
        (found, [letter, size]) => found.flatMap((known) => [...Array(size).keys()].map((k) => ({ ...known, [letter]: k }))),
        [start]
      );
    }
    nudge(weight, gradient) {
      let { state } = this, slope = state.training.nudged(weight, state.update), apart = Math.abs(slope - gradient), objective = state.description.objective;
      return this.part(
        "Checked by nudging",
        h(
          "p",
          {},
          `Move ${reference(state.description, weight)} up and down a little, and see how ${objective} moves: `,
          h("b", {}, short(slope, 6)),
          `, apart from the gradient by ${short(apart, 6)}.`
        )
      );
    }
  }, capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  // src/training.ts
  var Training = class {
    constructor(description, step) {
      this.description = description;
      this.step = step;
      this.batches = description.steps.map(
        (s2) => Object.fromEntries(Object.entries(s2.values).map(([name, v]) => [name, Float64Array.from(v, Number)]))
      ), this.start = Object.fromEntries(Object.keys(description.carry).map((name) => [name, this.batches[0][name]])), this.forget(0);
    }
    description;
    step;
    start;
    batches;
    edits = /* @__PURE__ */ new Map();
    kept = /* @__PURE__ */ new Map();
    stride = 1;
    found = /* @__PURE__ */ new Map();
    last = null;
    /** Whether there is an update after the traced ones: not for a trace that ends at the output. */
    get goesOn() {
      return Object.keys(this.description.carry).length > 0;
    }
    get traced() {
      return this.batches.length;
    }
    get changes() {
      return this.edits.size;
    }
    /** Which of the traced steps gives an update its rows and masks: after the last one the first again. */
    batch(update) {
      return (update - 1) % this.traced;
    }
    /** The rows of the table that make an update, from 0. */
    rows(update) {
      return this.description.steps[this.batch(update)].rows;
    }
    /** The epoch of an update, from 0. */
    epoch(update) {
      let steps = this.description.steps, epochs = steps[this.traced - 1].epoch - steps[0].epoch + 1;
      return steps[this.batch(update)].epoch + Math.floor((update - 1) / this.traced) * epochs;
    }
    /** The number of an update, as training counts. */
    number(update) {
      return (this.batches[0].update_number?.[0] ?? 1) + update - 1;
    }
    /** Every value of an update, given and computed. */
    values(update) {
      if (this.last?.update !== update) {
        let given = this.given(update);
        this.last = { update, values: { ...given, ...this.step(given) } }, this.note(update, this.last.values);
      }
      return this.last.values;
    }
    /** What an update makes smaller. */
    loss(update) {
      return this.found.has(update) || this.reach(update + 1), this.found.get(update) ?? NaN;
    }
    shape(name, update) {
      let rows = this.rows(update).length, size = (s2) => s2 === "n" ? rows : s2, shape = this.description.names[name].shape;
      return shape.length ? [size(shape[0]), size(shape[1])] : [1, 1];
    }
    value(cell, update) {
      return this.values(update)[cell.name][cell.row * this.shape(cell.name, update)[1] + cell.column];
    }
    editable(name) {
      return !["computed", "clock"].includes(this.description.names[name].role);
    }
    /** Put a number in the place of one that is given. */
    change(cell, update, value) {
      let edit = this.placed(cell, update, value);
      this.edits.set(key(edit), edit), this.forget(edit.update);
    }
    /** Take back one change, or all. */
    undo(cell, update = 1) {
      if (cell === void 0) {
        this.edits.clear(), this.forget(0);
        return;
      }
      let edit = this.placed(cell, update, 0);
      this.edits.delete(key(edit)), this.forget(edit.update);
    }
    isChanged(cell, update) {
      return this.editable(cell.name) && this.edits.has(key(this.placed(cell, update, 0)));
    }
    /** The slope of what training makes smaller, by a given number: up a little, down a little, the difference. */
    nudged(cell, update) {
      let given = this.given(update), at2 = cell.row * this.shape(cell.name, update)[1] + cell.column, objective = this.description.objective, little = 1e-5 * Math.max(1, Math.abs(given[cell.name][at2])), moved = (by) => {
        let array = given[cell.name].slice();
        return array[at2] += by, this.step({ ...given, [cell.name]: array })[objective][0];
      };
      return (moved(little) - moved(-little)) / (2 * little);
    }
    placed(cell, update, value) {
      let { name, column } = cell, role = this.description.names[name].role;
      return {
        name,
        row: role === "data" ? this.rows(update)[cell.row] : cell.row,
        column,
        update: name in this.description.carry ? update : 0,
        batch: role === "mask" ? this.batch(update) : -1,
        value
      };
    }
    /** Everything that an update is given. */
    given(update) {
      let batch = this.batch(update), given = { ...this.batches[batch], ...this.carried(update), ...this.clock(update) }, rows = this.rows(update);
      for (let { name, row, column, update: when, batch: which, value } of this.edits.values()) {
        let place = this.description.names[name].role === "data" ? rows.indexOf(row) : row;
        when && when !== update || which >= 0 && which !== batch || place < 0 || (given[name] = given[name].slice(), given[name][place * this.shape(name, update)[1] + column] = value);
      }
      return given;
    }
    /** The time of an update. Beyond the traced ones, updates and epochs count on and progress stays. */
    clock(update) {
      let steps = this.batches, later = update > this.traced, clock = {};
      if ("update_number" in steps[0] && (clock.update_number = Float64Array.of(this.number(update))), "epoch_number" in steps[0]) {
        let first = steps[0].epoch_number[0] - this.description.steps[0].epoch;
        clock.epoch_number = Float64Array.of(first + this.epoch(update));
      }
      return "progress" in steps[0] && later && (clock.progress = steps[this.traced - 1].progress), clock;
    }
    /** The weights and states that an update starts from. */
    carried(update) {
      return this.goesOn ? (this.reach(update), this.kept.get(update)) : {};
    }
    /** Run from the nearest start that is kept until the start of an update. */
    reach(update) {
      if (this.kept.has(update))
        return;
      let at2 = Math.max(...[...this.kept.keys()].filter((u) => u < update)), carried = this.kept.get(at2);
      for (; at2 < update; at2++)
        if (this.last?.update === at2)
          carried = this.handedOn(this.last.values);
        else {
          this.kept.set(at2, carried);
          let made = this.step(this.given(at2));
          this.note(at2, made), this.drop(at2), carried = this.handedOn(made);
        }
      this.kept.set(update, carried);
    }
    handedOn(values) {
      return Object.fromEntries(Object.entries(this.description.carry).map(([name, next]) => [name, values[next]]));
    }
    note(update, values) {
      let objective = this.description.objective;
      objective !== null && this.found.set(update, values[objective][0]);
    }
    /** Let go of a start that is not one of those to keep. */
    drop(update) {
      if ((update - 1) % this.stride !== 0 && this.kept.delete(update), this.kept.size > 256) {
        this.stride *= 2;
        for (let at2 of this.kept.keys())
          (at2 - 1) % this.stride !== 0 && this.kept.delete(at2);
      }
    }
    /** Forget what was computed from an update on; 0 for everything. */
    forget(update) {
      for (let at2 of this.kept.keys())
        at2 > update && this.kept.delete(at2);
      for (let at2 of this.found.keys())
        at2 >= update && this.found.delete(at2);
      this.kept.set(1, this.start), this.last = null;
    }
  }, key = (edit) => [edit.update, edit.batch, edit.name, edit.row, edit.column].join(" ");

  // src/component.ts
  var MOST_FORMULAS = 4, WIDE = 44;
  function mount(element, description, step) {
    let run = step ?? new Function(`return ${description.program}`)(), training2 = new Training(description, run), state = new State(description, training2), component = new Component(element, state);
    return state.listen(() => component.show()), component.show(), { state, training: training2, sources: (cell) => sourcesOf(state, cell), readers: (cell) => readersOf(state, cell) };
  }
  var Component = class {
    constructor(element, state) {
      this.state = state;
      let { description } = state;
      this.stages = stageList(state), this.story = new Story(state), this.diagram = new Diagram(state), this.curve = new Curve(state);
      let button = (text, title2, key2, click, kind = "") => h("button", { type: "button", class: kind, title: `${title2} (key ${key2})`, "aria-keyshortcuts": key2, click }, text);
      this.back = button("◀ back", "One stage back", "b", () => state.back());
      let next = button("next ▶", "The next stage", "n", () => state.next(), "main"), same = button("⟲ same start", "Back to the first update, with the same start weights", "s", () => state.toUpdate(1, 0)), epoch = button("next epoch ▶▶", "The same stage, one epoch on", "e", () => state.epochs(1)), hundred = button("run 100", "A hundred epochs on", "r", () => state.epochs(100)), before = button("◀◀ epoch", "The same stage, one epoch back", "p", () => state.epochs(-1));
      this.undo = h("button", { type: "button", class: "undo", click: () => state.undo() });
      let forward = training(state) ? [before, epoch, hundred] : [], move = { class: "buttons", role: "group", "aria-label": "Move through the training" };
      this.buttons = h("div", move, same, this.back, next, ...forward, this.undo);
      let title = h("p", {}, h("b", {}, description.title), " · ", description.about), bar = h("header", { class: "bar" }, h("h1", {}, "Pellucid"), title, this.buttons, this.time), width = description.sheet.columns.filter((c) => c.key in description.names).reduce((sum, c) => sum + Math.min(8, state.training.shape(c.key, 1)[1]), 0);
      this.window = width > WIDE ? { rows: 6, columns: 5 } : { rows: 10, columns: 8 }, this.sheet = this.buildSheet();
      let pictures = h("div", { class: "pictures" }, this.diagram.element, this.curve.element), strip = h("div", { class: "strip" }, this.settings(), legend());
      [this.caption, pictures, strip, this.note].forEach((part) => part.classList.add("still")), this.board = h("main", { class: "board" }, h("div", { class: "inner" }, this.caption, pictures, strip, this.note, this.sheet));
      let keys = {
        n: () => state.next(),
        b: () => state.back(),
        s: () => state.toUpdate(1, 0),
        ...training(state) ? { e: () => state.epochs(1), r: () => state.epochs(100), p: () => state.epochs(-1) } : {}
      };
      element.classList.add("pellucid"), element.ownerDocument.addEventListener("keydown", (event) => {
        let at2 = event.target, here = at2 === element.ownerDocument.body || element.contains(at2), typing = at2 instanceof HTMLInputElement || at2 instanceof HTMLSelectElement;
        here && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && event.key in keys && (event.preventDefault(), keys[event.key]());
      }), element.replaceChildren(bar, this.stages.element, this.board, this.story.element, this.wrong, this.live);
    }
    state;
    matrices = [];
    stages;
    story;
    diagram;
    curve;
    time = h("span", { class: "time" });
    live = h("div", { class: "live", role: "status", "aria-live": "polite" });
    wrong = h("div", { class: "wrong", role: "alert" });
    caption = h("div", { class: "caption" });
    note = h("p", { class: "quiet" });
    board;
    sheet;
    buttons;
    undo;
    back;
    window;
    stage = -1;
    show() {
      let { state } = this, { description, training: numbers } = state, sources = /* @__PURE__ */ new Map();
      if (state.cell && description.names[state.cell.name].template)
        for (let { name, row, column } of sourcesOf(state, state.cell))
          sources.set(name, (sources.get(name) ?? /* @__PURE__ */ new Set()).add(`${row} ${column}`));
      let none = /* @__PURE__ */ new Set();
      this.matrices.forEach((matrix) => matrix.show(sources.get(matrix.name) ?? none)), this.stages.show(), this.diagram.show(), this.curve.show(), this.story.show();
      let stage = description.stages[state.stage];
      this.caption.replaceChildren(
        h("div", {}, h("h2", {}, `${stage.number} · ${stage.title}`), ...stage.about.map((text) => h("p", {}, text))),
        this.formulas()
      );
      let epoch = numbers.epoch(state.update), rows = numbers.rows(state.update);
      this.time.textContent = `epoch ${epoch + 1} · update ${numbers.number(state.update)} · ${rowWords2(rows)}`, this.back.disabled = state.stage === 0 && state.update === 1, this.undo.hidden = !numbers.changes, this.undo.textContent = `undo ${numbers.changes} change${numbers.changes === 1 ? "" : "s"}`, this.note.textContent = beyond(state), this.wrong.textContent = state.message, this.announce();
      let shown = this.matrices.find((m) => m.name === state.cell?.name), chosen = shown?.element.querySelector("td.chosen");
      if (shown && chosen && this.stage >= 0) {
        let all = this.stage !== state.stage ? shown.element : chosen;
        inView(this.sheet, all), inView(this.board, all, this.caption.offsetHeight), this.scrollPage(all);
      }
      this.stage = state.stage, shown && state.focus && (state.focus = !1, shown.focus());
    }
    /** On a telephone the page itself moves, between the list of the stages and the story. */
    scrollPage(element) {
      if (getComputedStyle(this.board).overflowY !== "visible")
        return;
      let { top, bottom } = element.getBoundingClientRect(), above = this.buttons.offsetHeight + this.stages.element.offsetHeight + 8, below = this.story.element.getBoundingClientRect().top - 8;
      (top < above || bottom > below) && window.scrollBy(0, top - above - Math.max(0, (below - above - (bottom - top)) / 2));
    }
    /** The equations of the stage, as mathematics. */
    formulas() {
      let { names, stages } = this.state.description, found = stages[this.state.stage].computed.map((name) => names[name].formula).filter((f) => f !== void 0);
      return h("div", { class: "formulas" }, ...found.length > MOST_FORMULAS ? [] : found.map((f) => math(f)));
    }
    announce() {
      let { state } = this, { cell, description } = state;
      if (!cell)
        return;
      let stage = description.stages[state.stage], where = position(description, cell, state.training.rows(state.update)), value = short(state.training.value(cell, state.update)), told = this.sheet.contains(document.activeElement) ? "" : ` ${cell.name}${where ? `, ${where}` : ""}: ${value}.`, text = `Stage ${stage.number}, ${stage.title}, update ${state.training.number(state.update)}.${told}`;
      this.live.textContent !== text && (this.live.textContent = text);
    }
    matrix(name) {
      let made = new Matrix(name, this.state, this.window);
      return this.matrices.push(made), made.element;
    }
    settings() {
      let { settings, clock } = this.state.description.sheet, names = [...settings, ...clock];
      return names.length ? h("section", { class: "settings", "aria-label": "Hyper-parameters and time" }, ...names.map((name) => this.matrix(name))) : null;
    }
    buildSheet() {
      let { prepare, columns } = this.state.description.sheet, bands = [
        ["Forward", "left to right", "forward"],
        ["Backward", "right to left, beneath what it belongs to", "backward"],
        ["Update", "beneath the weights it changes", "update"]
      ], used = columns.filter((c) => c.forward.length + c.backward.length + c.update.length), grid = h("div", { class: "grid", style: `grid-template-columns: repeat(${2 * used.length - 1}, auto)` }), line = 1;
      for (let [title, words, band] of bands)
        used.some((column) => column[band].length) && (grid.append(
          h("h3", { class: `band ${band}`, style: `grid-row: ${line}` }, h("span", {}, h("b", {}, title), " ", words)),
          ...used.flatMap((column, at2) => {
            let cells = h(
              "div",
              { class: `stack ${band}`, style: `grid-row: ${line + 1}; grid-column: ${2 * at2 + 1}` },
              ...column[band].map((name) => this.matrix(name))
            ), sign = at2 + 1 < used.length ? flow(band, column, used[at2 + 1]) : "", arrow = sign ? h("span", { class: "flow", "aria-hidden": "true", style: `grid-row: ${line + 1}; grid-column: ${2 * at2 + 2}` }, sign) : null;
            return arrow ? [cells, arrow] : [cells];
          })
        ), line += 2);
      let before = prepare.length ? h(
        "div",
        { class: "prepare" },
        h("h3", { class: "band" }, h("span", {}, h("b", {}, "Prepare"), " from the table to X and y")),
        h("div", { class: "row" }, ...prepare.map((name) => this.matrix(name)))
      ) : null;
      return h("div", { class: "sheet", tabindex: -1 }, before, grid);
    }
  }, training = (state) => state.training.goesOn;
  function legend() {
    let entry = (kind, words) => h("li", {}, h("i", { class: kind }), words);
    return h(
      "ul",
      { class: "legend", "aria-label": "Colours" },
      entry("given", "given: can be changed"),
      entry("new", "computed here"),
      entry("read", "computed from"),
      entry("later", "not computed yet"),
      entry("line plus", "positive weight"),
      entry("line minus", "negative weight")
    );
  }
  function flow(band, left, right) {
    let isWeight = (key2) => /^W\d+$/.test(key2);
    return band === "forward" ? isWeight(right.key) ? "·" : right.key === "y" ? "" : "→" : band === "backward" && left.backward.length && right.backward.length ? "←" : "";
  }
  function rowWords2(rows) {
    let numbers = rows.map((row) => row + 1), run = numbers.every((row, at2) => row === numbers[0] + at2);
    return numbers.length === 1 ? `row ${numbers[0]}` : run ? `rows ${numbers[0]}–${numbers[numbers.length - 1]}` : `rows ${numbers.slice(0, 6).join(", ")}${numbers.length > 6 ? ", …" : ""}`;
  }
  function beyond(state) {
    let { description, training: numbers, update } = state;
    if (!numbers.goesOn || update <= numbers.traced)
      return "";
    let masks = Object.values(description.names).some((named) => named.role === "mask"), [first, last] = [numbers.number(1), numbers.number(numbers.traced)], again = numbers.traced === 1 ? `update ${first}` : `updates ${first} to ${last}`;
    return `Beyond update ${last} the page trains on by the same rule: it takes the rows${masks ? " and the dropout masks" : ""} of ${again} again, in the same order, and the share of the training that is done stays as it was last.`;
  }
  return __toCommonJS(index_exports);
})();
