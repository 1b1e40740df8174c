/**
 * Spot and carry from the forwards of all expiries. ln F is a smooth function of time, ln F(T) = c0 + c1 T + c2 T^2, and its intercept
 * c0 is the spot that the option market trades on; a venue's index misses it by about 10 bp. One expiry's own forward stays what the
 * venue says: it agrees with put-call parity better than the curve does (1.3 against 1.8 bp at a week, 2.7 against 16 beyond 120 days).
 *
 * A wrong expiry must not bend the curve: the least absolute deviation, exact because it passes through as many points as it has
 * coefficients (all subsets are tried: at most 560 for 16 expiries), then least squares with Tukey's bisquare weights. One of 12
 * forwards off by 1 % (5 %) moves the spot by 0.2 bp in the median and at most 3 (9) bp; plain least squares by 13 (64) and 20 (100).
 */
import { lowerMedian, MAD_TO_SIGMA } from "../median.ts";

interface ForwardPoint {
  /** Calendar years to the expiry. */
  readonly years: number;
  /** Finite and positive. */
  readonly forward: number;
}

export interface CarryCurve {
  readonly spot: number;
  /** F(T) of the curve, for an expiry without a forward of its own. */
  forwardAt(years: number): number;
  /** ln(forward) - ln(curve) of each point, in the order given. */
  readonly residuals: readonly number[];
  /** Whether so many expiries agree that the curve can call one of them wrong. */
  readonly canOutvote: boolean;
}

/** Residuals below this are noise of the venue (median 1.6 bp), whatever the others say. */
const NOISE = 5e-4;
/** Tukey's constant: 95 % efficiency under normal errors. */
const TUKEY = 4.685;
/** The quadratic needs a point to spare; with less a line misses the spot less. */
const QUADRATIC_FROM = 4;
/** With one point to spare it is open which of the points is wrong. */
const OUTVOTES_FROM = 5;
/** Subsets are tried among at most this many expiries, evenly chosen: C(24, 3) = 2,024. */
const MOST_POINTS = 24;
/** Whatever is told by a carry of more than this a year, up or down, is told by a mistake (recorded chains: at most 0.17). */
const MOST_CARRY = 1;
/** No carry of listed tenors comes near it. */
const MOST_BASIS = 0.9;
/** The spot is no farther than this from the index (recorded chains, the crash inside: at most 0.41 %). */
const INDEX_TOLERANCE = 0.006;
/** A curve farther than this from the index is given up, where fewer than five forwards lie on it: what it is off may be the error of one. */
const FEW_TOLERANCE = 0.005;
/**
 * What several agree on is given up only where it is farther than this from what contradicts it: a curve on which five lie from the
 * index, the forward of venue and parity from the curve. So is a curve whose spot is the index anyway, for points that are all far.
 */
export const AGREED_TOLERANCE = 0.02;

/**
 * The curve through the forwards of a chain, given in order of time. With two or three points it is a line; with one its spot is the
 * index, else the forward itself; with none the index; null when there is nothing at all. Where the first expiry is farther away than the
 * points are apart, the spot is the index, too. A curve that is too far from the index or bends beyond any carry is given up for the same.
 */
export function fitCarryCurve(points: readonly ForwardPoint[], index: number | null): CarryCurve | null {
  const times = points.map((point) => point.years);
  const logs = points.map((point) => Math.log(point.forward));
  const coefficients = robustPolynomial(times, logs);
  if (coefficients === null || !isPlausible(coefficients, times, logs, index))
    return withoutCurve(times, logs, index);
  const fitted = curve(coefficients, times, logs);
  if (index === null) return fitted;
  return { ...fitted, spot: areFar(times) ? index : spotNear(index, fitted.spot) };
}

/**
 * The curve's spot as far as the index allows, and the index again where the curve is about to be given up: without a jump, for
 * signers see indexes that differ a little.
 */
function spotNear(index: number, spot: number): number {
  const off = Math.log(spot / index);
  const most = Math.min(INDEX_TOLERANCE, AGREED_TOLERANCE - Math.abs(off));
  return Math.abs(off) <= most ? spot : index * Math.exp(Math.sign(off) * most);
}

/** Far from all points the intercept is their noise many times over: 5 bp of one forward at 272 and 300 days are 53 of the spot. */
function areFar(times: readonly number[]): boolean {
  return times[0]! > times.at(-1)! - times[0]!;
}

/**
 * Whether ln(forward / spot) is what carry may come to within `years`, `atOnce` and so much `yearly`; always below the 1 that a slice's word
 * can hold.
 */
export function isPlausibleCarry(
  basis: number,
  years: number,
  { atOnce = INDEX_TOLERANCE, yearly = MOST_CARRY } = {},
): boolean {
  return Math.abs(basis) <= Math.min(atOnce + yearly * years, MOST_BASIS);
}

function isPlausible(
  coefficients: readonly number[],
  times: readonly number[],
  logs: readonly number[],
  index: number | null,
): boolean {
  const intercept = coefficients[0]!;
  const carries = [times[0]!, times.at(-1)!].every((time) =>
    isPlausibleCarry(evaluate(coefficients, time) - intercept, time),
  );
  const near = logs.filter((log, i) => Math.abs(log - evaluate(coefficients, times[i]!)) < TUKEY * NOISE);
  const tolerance = areFar(times) || near.length >= OUTVOTES_FROM ? AGREED_TOLERANCE : FEW_TOLERANCE;
  return carries && (index === null || Math.abs(intercept - Math.log(index)) <= tolerance);
}

function curve(
  coefficients: readonly number[],
  times: readonly number[],
  logs: readonly number[],
): CarryCurve {
  return {
    spot: Math.exp(coefficients[0]!),
    forwardAt: (years) => Math.exp(extended(coefficients, years, times.at(-1) ?? 0)),
    residuals: logs.map((log, i) => log - evaluate(coefficients, times[i]!)),
    canOutvote: coefficients.length > 1 && times.length >= OUTVOTES_FROM,
  };
}

/** A parabola says nothing beyond its last point: from there on the average carry up to it goes on. */
function extended(coefficients: readonly number[], years: number, last: number): number {
  if (years <= last || last <= 0) return evaluate(coefficients, years);
  const intercept = coefficients[0]!;
  return intercept + ((evaluate(coefficients, last) - intercept) / last) * years;
}

/** Flat at the spot: no carry can be told. */
function withoutCurve(
  times: readonly number[],
  logs: readonly number[],
  index: number | null,
): CarryCurve | null {
  const level = index === null ? logs[0] : Math.log(index);
  return level === undefined ? null : curve([level], times, logs);
}

function robustPolynomial(times: readonly number[], logs: readonly number[]): number[] | null {
  if (times.length < 2) return null;
  const terms = times.length >= QUADRATIC_FROM ? 3 : 2;
  let fit = leastAbsoluteDeviation(times, logs, terms);
  for (let round = 0; fit !== null && round < 20; round++) {
    const residuals = logs.map((log, i) => Math.abs(log - evaluate(fit!, times[i]!)));
    const cut = TUKEY * Math.max(NOISE, MAD_TO_SIGMA * lowerMedian(residuals));
    const weights = residuals.map((residual) => (residual < cut ? (1 - (residual / cut) ** 2) ** 2 : 0));
    const next = leastSquares(times, logs, weights, terms);
    if (next === null) break;
    const moved = Math.abs(next[0]! - fit[0]!);
    fit = next;
    if (moved < 1e-12) break;
  }
  return fit;
}

/** The polynomial of `terms` coefficients with the least sum of absolute residuals; null when times coincide. */
function leastAbsoluteDeviation(
  times: readonly number[],
  logs: readonly number[],
  terms: number,
): number[] | null {
  const step = Math.max(1, times.length / MOST_POINTS);
  const candidates = Array.from({ length: Math.min(times.length, MOST_POINTS) }, (_, i) =>
    Math.floor(i * step),
  );
  let best: number[] | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const subset of subsets(candidates, terms)) {
    const weights = times.map((_, i) => (subset.includes(i) ? 1 : 0));
    const fit = leastSquares(times, logs, weights, terms);
    if (fit === null) continue;
    const sum = logs.reduce((total, log, i) => total + Math.abs(log - evaluate(fit, times[i]!)), 0);
    if (sum < least) [best, least] = [fit, sum];
  }
  return best;
}

function* subsets(items: readonly number[], size: number): Generator<number[]> {
  if (size === 0) yield [];
  else
    for (const [i, item] of items.entries())
      for (const rest of subsets(items.slice(i + 1), size - 1)) yield [item, ...rest];
}

/** Weighted least squares by Gram-Schmidt on 1, T, T^2 (no normal equations: their condition would be squared). */
function leastSquares(
  times: readonly number[],
  logs: readonly number[],
  weights: readonly number[],
  terms: number,
) {
  const dot = (u: readonly number[], v: readonly number[]) =>
    u.reduce((sum, x, i) => sum + weights[i]! * x * v[i]!, 0);
  const basis: { values: number[]; coefficients: number[]; norm: number }[] = [];
  const result = new Array<number>(terms).fill(0);
  for (let power = 0; power < terms; power++) {
    let values = times.map((time) => time ** power);
    let coefficients = new Array<number>(terms).fill(0).with(power, 1);
    const size = dot(values, values);
    for (const earlier of basis) {
      const share = dot(values, earlier.values) / earlier.norm;
      values = values.map((value, i) => value - share * earlier.values[i]!);
      coefficients = coefficients.map((value, i) => value - share * earlier.coefficients[i]!);
    }
    const norm = dot(values, values);
    if (!(norm > 1e-14 * size)) return null;
    basis.push({ values, coefficients, norm });
    const share = dot(logs, values) / norm;
    for (let i = 0; i < terms; i++) result[i]! += share * coefficients[i]!;
  }
  return result;
}

function evaluate(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}
