/**
 * The four lemmas that a certificate is made of. Each answers true only when interval arithmetic proves its claim; false means "not
 * proved", not "refuted". Notation: w total variance of a slice, g Gatheral's butterfly function, x = k - m, r = sqrt(x^2 + sigma^2).
 *
 *   w = w0 + b (rho k + r - r(0)),  w' = b (rho + x / r),  w'' = b sigma^2 / r^3,  w''' = -3 b sigma^2 x / r^5
 *
 * w is convex because b >= 0; that is all the calendar lemmas need. Left wings are right wings of the mirrored slice (rho and m change
 * sign): k w', w'^2 and w'' are even under k -> -k, so g is.
 */
import {
  add,
  divide,
  type Interval,
  interval,
  multiply,
  point,
  scale,
  square,
  squareRoot,
  subtract,
} from "./interval.ts";

/** A slice as the on-chain word holds it: five floats, exact. */
export interface ExactSlice {
  readonly w0: number;
  readonly b: number;
  readonly rho: number;
  readonly m: number;
  readonly sigma: number;
}

const ONE = point(1);
const QUARTER = point(0.25);

export function mirrored(slice: ExactSlice): ExactSlice {
  return { ...slice, rho: -slice.rho, m: -slice.m };
}

/** sqrt(m^2 + sigma^2). */
function rootAtZero(slice: ExactSlice): Interval {
  return squareRoot(add(square(point(slice.m)), square(point(slice.sigma))));
}

interface Local {
  readonly x: Interval;
  readonly r: Interval;
  readonly w: Interval;
  readonly slope: Interval;
}

/** x, r, w and w' at one abscissa. */
function at(slice: ExactSlice, k: number): Local {
  const x = subtract(point(k), point(slice.m));
  const r = squareRoot(add(square(x), square(point(slice.sigma))));
  const b = point(slice.b);
  const lift = subtract(add(multiply(point(slice.rho), point(k)), r), rootAtZero(slice));
  return {
    x,
    r,
    w: add(point(slice.w0), multiply(b, lift)),
    slope: multiply(b, add(point(slice.rho), divide(x, r))),
  };
}

/** b (1 + rho): the limit of w' on the right. */
function rightSlope(slice: ExactSlice): Interval {
  return multiply(point(slice.b), add(ONE, point(slice.rho)));
}

/** 1/w + 1/4. */
function weightOf(w: Interval): Interval {
  return add(divide(ONE, w), QUARTER);
}

/**
 * g >= 0 on [left, right]: the mean value form g(k) >= g(c) + (k - c) g'(xi) about the middle c, with
 *
 *   h = 1 - k w' / (2w),  h' = -(w'/w (1 - k w'/w) + k w''/w) / 2
 *   g = h^2 - w'^2/4 (1/w + 1/4) + w''/2
 *   g' = 2 h h' - w' w''/2 (1/w + 1/4) + w'^3 / (4 w^2) + w'''/2
 *
 * w' rises with k, so its range is that of the ends; w lies above its tangent at c and below the larger end.
 */
export function butterflyHolds(slice: ExactSlice, left: number, right: number): boolean {
  const c = left + (right - left) / 2;
  const [l, mid, r] = [at(slice, left), at(slice, c), at(slice, right)];
  const k = interval(left, right);
  const toLeft = subtract(point(left), point(c));
  const toRight = subtract(point(right), point(c));
  const lowest = Math.min(
    add(mid.w, multiply(mid.slope, toLeft)).lo,
    add(mid.w, multiply(mid.slope, toRight)).lo,
  );
  const w = interval(lowest, Math.max(l.w.hi, r.w.hi));
  if (!(w.lo > 0)) return false;
  const slope = interval(l.slope.lo, r.slope.hi);
  const x = interval(l.x.lo, r.x.hi);
  const radius = squareRoot(add(square(x), square(point(slice.sigma))));
  const bend = multiply(point(slice.b), square(point(slice.sigma)));
  const curvature = divide(bend, multiply(radius, square(radius)));
  const third = multiply(scale(divide(multiply(curvature, x), square(radius)), -1), point(3));

  const steepness = divide(slope, w);
  const reach = multiply(k, steepness);
  const h = subtract(ONE, scale(reach, 0.5));
  const hSlope = scale(
    add(multiply(steepness, subtract(ONE, reach)), divide(multiply(k, curvature), w)),
    -0.5,
  );
  const gSlope = add(
    add(scale(multiply(h, hSlope), 2), scale(multiply(multiply(slope, curvature), weightOf(w)), -0.5)),
    add(scale(multiply(slope, square(steepness)), 0.25), scale(third, 0.5)),
  );
  const g = butterflyAt(slice, c, mid);
  const risingLoss = multiply(point(Math.min(0, gSlope.lo)), toRight);
  const fallingLoss = multiply(point(Math.max(0, gSlope.hi)), toLeft);
  return add(point(g.lo), risingLoss).lo >= 0 && add(point(g.lo), fallingLoss).lo >= 0;
}

/** g at one abscissa. */
function butterflyAt(slice: ExactSlice, k: number, { r, w, slope }: Local): Interval {
  const h = subtract(ONE, scale(divide(multiply(point(k), slope), w), 0.5));
  const curvature = divide(multiply(point(slice.b), square(point(slice.sigma))), multiply(r, square(r)));
  const loss = scale(multiply(square(slope), weightOf(w)), 0.25);
  return add(subtract(square(h), loss), scale(curvature, 0.5));
}

/**
 * g >= 0 on [start, infinity), start > 0, and calls vanish there.
 *
 * Let w'(start) >= 0, so that w >= w(start) and 0 <= w' <= s = b (1 + rho) < 2 from there on. w - k w' falls with k (its derivative is
 * -k w'') towards c = w0 - b (r(0) + m), hence k w'/w <= 1 - c/w and h >= (1 + c/w)/2 >= (1 - max(0, -c)/w(start))/2. Then
 * g >= h^2 - s^2/4 (1/w(start) + 1/4), as w'' >= 0. Calls vanish because s < 2.
 */
export function butterflyTailHolds(slice: ExactSlice, start: number): boolean {
  const s = rightSlope(slice);
  const { w, slope } = at(slice, start);
  if (!(start > 0 && slice.b >= 0 && w.lo > 0 && slope.lo >= 0 && s.hi < 2)) return false;
  const c = subtract(point(slice.w0), multiply(point(slice.b), add(rootAtZero(slice), point(slice.m))));
  const h = scale(subtract(ONE, divide(point(Math.max(0, -c.lo)), point(w.lo))), 0.5);
  if (!(h.lo > 0)) return false;
  const loss = scale(multiply(square(point(s.hi)), weightOf(point(w.lo))), 0.25);
  return subtract(square(point(h.lo)), loss).lo >= 0;
}

/**
 * longer >= shorter on [left, right]: the tangent of the longer slice at the middle lies below it, the chord of the shorter one above
 * it, and two straight lines are in order when they are at both ends.
 */
export function calendarHolds(shorter: ExactSlice, longer: ExactSlice, left: number, right: number): boolean {
  const c = left + (right - left) / 2;
  const { w, slope } = at(longer, c);
  const tangentLeft = add(w, multiply(slope, subtract(point(left), point(c))));
  const tangentRight = add(w, multiply(slope, subtract(point(right), point(c))));
  return tangentLeft.lo >= at(shorter, left).w.hi && tangentRight.lo >= at(shorter, right).w.hi;
}

/**
 * longer >= shorter on [start, infinity): in order at the start, from where the longer rises at least as fast as w'(start), because it
 * is convex, and the shorter at most as fast as its limit b (1 + rho).
 */
export function calendarTailHolds(shorter: ExactSlice, longer: ExactSlice, start: number): boolean {
  const long = at(longer, start);
  return long.w.lo >= at(shorter, start).w.hi && long.slope.lo >= rightSlope(shorter).hi;
}
