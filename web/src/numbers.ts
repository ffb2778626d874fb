/** How numbers are written for people, and read from them. */

const MINUS = "−";
const signed = (text: string): string => text.replace(/-/g, MINUS);

/** A number with up to `decimals` decimals, as in a sentence; small and large ones with a power of ten. */
export function short(value: number, decimals = 4): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? "missing" : signed(value > 0 ? "∞" : "-∞");
  }
  const size = Math.abs(value);
  if (value === 0) {
    return "0";
  }
  if (size >= 1e7 || size < 10 ** (1 - decimals)) {
    return power(value, 3);
  }
  if (Number.isInteger(value)) {
    return signed(String(value));
  }
  return signed(value.toFixed(size >= 100 ? Math.max(0, decimals - Math.floor(Math.log10(size))) : decimals));
}

/** A number with ten figures. */
export function long(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) {
    return short(value);
  }
  const size = Math.abs(value);
  return size < 1e-4 || size >= 1e10 ? power(value, 10) : signed(String(Number(value.toPrecision(10))));
}

function power(value: number, figures: number): string {
  const [mantissa, exponent] = value.toExponential(figures - 1).split("e");
  const digits = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return signed(`${digits}e${Number(exponent)}`);
}

/** How many decimals a matrix is shown with: as few as show every number whole, and at most four. */
export function decimals(values: Iterable<number>): number {
  let found = 0;
  let largest = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) {
      continue;
    }
    largest = Math.max(largest, Math.abs(value));
    while (found < 4 && Math.abs(Number(value.toFixed(found)) - value) > 1e-12 * Math.abs(value)) {
      found++;
    }
  }
  return largest >= 100 ? Math.min(found, Math.max(1, 4 - Math.floor(Math.log10(largest)))) : found;
}

/** A number for a column that lines up. */
export function inColumn(value: number, places: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? "–" : short(value);
  }
  if (size >= 1e6 || (size > 0 && size < 0.5 * 10 ** -places)) {
    return power(value, 2);
  }
  return signed(value.toFixed(places).replace(/^-(0(\.0*)?)$/, "$1"));
}

/** The number that a text stands for, or what is wrong with it. */
export function read(text: string, mayBeMissing: boolean): number | string {
  const plain = text.trim().replace(MINUS, "-");
  if (mayBeMissing && /^(nan|missing|–)?$/i.test(plain)) {
    return NaN;
  }
  if (plain === "") {
    return "Expected a number. Got nothing. Type one, such as 0.5.";
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) || !Number.isFinite(Number(plain))) {
    return `Expected a number. Got “${text.trim()}”. Type one, with a point for decimals, such as 0.5.`;
  }
  return Number(plain);
}
