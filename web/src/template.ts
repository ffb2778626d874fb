/** Templates filled in: the formula of one cell as words and cells, and what reads a cell. */

import type { Cell, Index, Piece, Size, Template } from "./types";

/** A text, or a number of the step; `fenced` puts it in parentheses where it is negative. */
export type Token = string | { cell: Cell; fenced: boolean } | { plus: true };
export type Indices = Record<string, number>;

/** Of a long sum the first terms and the last are written out. */
const MOST_TERMS = 8;

export function at(index: Index, indices: Indices): number {
  return typeof index === "number" ? index : (indices[index] ?? Number(index));
}

/** The words and cells of a template; with `whole`, long sums are not cut short. */
export function filled(template: Template, indices: Indices, rows: number, whole = false): Token[] {
  const size = (s: Size): number => (s === "n" ? rows : s);
  const tokens = (pieces: Template, known: Indices): Token[] => pieces.flatMap((piece) => one(piece, known));
  const one = (piece: Piece, known: Indices): Token[] => {
    if (typeof piece === "string") {
      return [piece];
    }
    switch (piece[0]) {
      case "cell":
        return [{ cell: { name: piece[1], row: at(piece[2], known), column: at(piece[3], known) }, fenced: piece[4] }];
      case "plus":
        return [{ plus: true }];
      case "each": {
        const count = size(piece[2]);
        const found: Token[] = [];
        for (let k = 0; k < count; k++) {
          if (!whole && count > MOST_TERMS && k === MOST_TERMS - 2) {
            found.push(piece[3] === "plus" ? ` + … (${count} terms) … ` : ", …");
            k = count - 1;
          }
          if (k > 0) {
            found.push(piece[3] === "plus" ? { plus: true } : ", ");
          }
          found.push(...tokens(piece[4], { ...known, [piece[1]]: k }));
        }
        return found;
      }
      case "part": {
        const place = at(piece[1], known);
        const block = piece[3].find(([start, width]) => place >= start && place < start + width)!;
        return tokens(block[2], { ...known, [piece[2]]: place - block[0] });
      }
    }
  };
  return tokens(template, indices);
}

/** Tokens with the plus signs and parentheses that their numbers, or names, ask for. */
export function written(tokens: Token[], cell: (cell: Cell) => string): (string | { cell: Cell; text: string })[] {
  const found: (string | { cell: Cell; text: string })[] = [];
  let plus = false;
  for (const token of tokens) {
    if (typeof token === "object" && "plus" in token) {
      plus = true;
      continue;
    }
    let text = typeof token === "string" ? token : cell(token.cell);
    if (typeof token === "object" && token.fenced && text.startsWith("−")) {
      text = `(${text})`;
    }
    if (plus) {
      const negative = text.startsWith("−");
      found.push(negative ? " − " : " + ");
      text = negative ? text.slice(1) : text;
      plus = false;
    }
    found.push(typeof token === "string" ? text : { cell: token.cell, text });
  }
  return found;
}

/** The cells of tokens, each once, in order. */
export function cellsOf(tokens: Token[]): Cell[] {
  const found = new Map<string, Cell>();
  for (const token of tokens) {
    if (typeof token === "object" && "cell" in token) {
      found.set(`${token.cell.name} ${token.cell.row} ${token.cell.column}`, token.cell);
    }
  }
  return [...found.values()];
}

/** Where a cell is read: row and column of the reader, null where all of them read it. */
export interface Reader {
  row: number | null;
  column: number | null;
}

type Axis = "row" | "column";
/** A block of columns (or rows) of the reader: the index of its part counts from `start` of `axis`. */
interface Block {
  axis: Axis;
  start: number;
  width: number;
}

/** The cells of a template's matrix that read a given cell. */
export function readers(template: Template, cell: Cell): Reader[] {
  const found = new Map<string, Reader>();
  const visit = (pieces: Template, blocks: Record<string, Block>): void => {
    for (const piece of pieces) {
      if (typeof piece === "string" || piece[0] === "plus") {
        continue;
      }
      if (piece[0] === "each") {
        visit(piece[4], blocks);
      } else if (piece[0] === "part") {
        const [, index, letter, parts] = piece;
        const outer = blocks[index] ?? { axis: index === "i" ? "row" : "column", start: 0, width: 0 };
        for (const [start, width, inner] of parts) {
          visit(inner, { ...blocks, [letter]: { axis: outer.axis, start: outer.start + start, width } });
        }
      } else if (piece[1] === cell.name) {
        for (const reader of readingCells(piece[2], piece[3], cell, blocks)) {
          found.set(`${reader.row} ${reader.column}`, reader);
        }
      }
    }
  };
  visit(template, {});
  return [...found.values()];
}

/** Where a reference to row and column of a matrix means a given cell: none, one, or one for each of a block. */
function readingCells(row: Index, column: Index, cell: Cell, blocks: Record<string, Block>): Reader[] {
  const reader: Reader = { row: null, column: null };
  const fits = (index: Index, value: number): boolean => {
    if (typeof index === "number") {
      return index === value;
    }
    const block = blocks[index] ?? (index === "i" || index === "j" ? { axis: index === "i" ? "row" : "column", start: 0 } : null);
    if (block === null) {
      return true; // the index of a sum takes every value
    }
    const axis = block.axis as Axis;
    const known = reader[axis];
    reader[axis] = value + block.start;
    return known === null || known === reader[axis];
  };
  if (!fits(row, cell.row) || !fits(column, cell.column)) {
    return [];
  }
  const open = Object.values(blocks).filter((block) => reader[block.axis] === null);
  if (!open.length) {
    return [reader];
  }
  // A block all of which reads the cell: the innermost one is the narrowest.
  const { axis, start, width } = open[open.length - 1];
  return [...Array(width).keys()].map((k) => ({ ...reader, [axis]: start + k }));
}
