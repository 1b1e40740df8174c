/**
 * Interval arithmetic in float64 with outward rounding: the exact result of an operation on any members of the operands lies in the
 * result.
 *
 * IEEE 754 rounds +, -, x and / to nearest, so an exact result differs from the computed r by at most half a unit in the last place.
 * `below(r)` is at least one whole unit lower: for 2^e <= |r| < 2^(e+1) the unit is 2^(e-52) <= |r| 2^-52, an exact product, and
 * rounding r - |r| 2^-52 to nearest cannot end above the neighbour of r, which is itself a float. The added least subnormal covers
 * r near 0. NaN and infinities make every later comparison fail, which is the safe side.
 */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

const UNIT = 2 ** -52;

function below(r: number): number {
  return r - (Math.abs(r) * UNIT + Number.MIN_VALUE);
}

function above(r: number): number {
  return r + (Math.abs(r) * UNIT + Number.MIN_VALUE);
}

/** A float, exactly. */
export function point(x: number): Interval {
  return { lo: x, hi: x };
}

export function interval(lo: number, hi: number): Interval {
  return { lo, hi };
}

export function add(x: Interval, y: Interval): Interval {
  return { lo: below(x.lo + y.lo), hi: above(x.hi + y.hi) };
}

export function subtract(x: Interval, y: Interval): Interval {
  return { lo: below(x.lo - y.hi), hi: above(x.hi - y.lo) };
}

export function multiply(x: Interval, y: Interval): Interval {
  const a = x.lo * y.lo;
  const b = x.lo * y.hi;
  const c = x.hi * y.lo;
  const d = x.hi * y.hi;
  return { lo: below(Math.min(a, b, c, d)), hi: above(Math.max(a, b, c, d)) };
}

/** x times a power of two: exact but for subnormals, which the rounding covers. */
export function scale(x: Interval, factor: number): Interval {
  const a = x.lo * factor;
  const b = x.hi * factor;
  return factor < 0 ? { lo: below(b), hi: above(a) } : { lo: below(a), hi: above(b) };
}

export function square(x: Interval): Interval {
  const a = x.lo * x.lo;
  const b = x.hi * x.hi;
  const least = x.lo <= 0 && x.hi >= 0 ? 0 : Math.max(0, below(Math.min(a, b)));
  return { lo: least, hi: above(Math.max(a, b)) };
}

/** x / y for y that does not contain 0; otherwise the whole line. */
export function divide(x: Interval, y: Interval): Interval {
  if (!(y.lo > 0 || y.hi < 0)) return { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY };
  const a = x.lo / y.lo;
  const b = x.lo / y.hi;
  const c = x.hi / y.lo;
  const d = x.hi / y.hi;
  return { lo: below(Math.min(a, b, c, d)), hi: above(Math.max(a, b, c, d)) };
}

/**
 * Square root of a non-negative interval. ECMAScript does not promise Math.sqrt to be rounded correctly, so each end is confirmed by
 * squaring it (two units outward, which leaves room for the rounding of the square); an engine that fails the test gets [0, Infinity].
 */
export function squareRoot(x: Interval): Interval {
  const lo = Math.max(0, below(below(Math.sqrt(x.lo))));
  const hi = above(above(Math.sqrt(x.hi)));
  const isConfirmed = above(lo * lo) <= x.lo || lo === 0;
  return isConfirmed && below(hi * hi) >= x.hi ? { lo, hi } : { lo: 0, hi: Number.POSITIVE_INFINITY };
}
