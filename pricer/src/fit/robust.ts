/**
 * Redescending (Geman-McClure) fits of one slice, from where they start to how they are compared: the tools with which `outliers.ts`
 * finds wild quotes.
 */
import { upperMedian } from "../median.ts";
import { leaveOneOut } from "./cost.ts";
import { fitFree } from "./free.ts";
import type { QuoteSet } from "./quotes.ts";
import { LOG_CURVATURE, SIZE, SKEW, smileOf, smileVariance, THETA } from "./smile.ts";

/** How firmly a robust fit leans on the expected shape: enough not to bend towards a wild quote, 1 / deviation^2. */
export const LEANING = Float64Array.of(0, 25, 4, 4, 1);
/** Where a least-squares fit has bent towards several wild quotes, this many are taken back one by one at most. */
const MOST_DELETIONS = 8;
/** Reweightings of a redescending fit. */
const ROUNDS = 12;
/** Least width of such a fit, in `unitOf`: narrower it would take the noise of sound quotes for outliers. */
const LEAST_WIDTH = 1;
/** Width by which fits are compared, vol points: the same for all, or the widest would win, and a smile bent towards a side that is mispriced. */
const COMPARED_WIDTH = 3;
/** What a squared deviation from the expected shape counts beside an unexplained quote. */
const ODDITY_WEIGHT = 0.05;

/** At-the-money vol, in vol points, up to which a vol point means what it says. */
const ORDINARY_VOL = 50;

/**
 * What distances are measured in where no spread and no scatter says how far a quote may be: a vol point, or as much more as the slice's vol is above an
 * ordinary one. At a vol of 150 sound wings lie 4 vp off any smile.
 */
export const unitOf = ({ volPoints }: QuoteSet): number => Math.max(1, volPoints / ORDINARY_VOL);

/** Distances of the smile from the mids, in vol points. */
export function residuals(data: QuoteSet, x: Float64Array): number[] {
  const p = smileOf(x);
  return Array.from(
    data.z,
    (z, i) => data.volPoints * (Math.sqrt(Math.max(smileVariance(p, z), 0)) - data.target[i]!),
  );
}

/**
 * The least-squares fits without one quote, two, three and so on: each time the quote goes whose going lowers the cost most. Wild quotes
 * can hide each other from one fit, and pull all starts that are fitted to all quotes to their side; seldom from this.
 */
export function deletionStarts(data: QuoteSet, plain: Float64Array, most: number): Float64Array[] {
  const starts: Float64Array[] = [];
  const weight = Float64Array.from(data.weight);
  let x = plain;
  for (let round = 0; round < Math.min(most, MOST_DELETIONS); round++) {
    const gains = leaveOneOut({ ...data, weight }, x);
    weight[gains.reduce((best, gain, i) => (gain > gains[best]! ? i : best), 0)] = 0;
    x = fitFree({ ...data, weight }, x).x;
    starts.push(x);
  }
  return starts;
}

/** The expected shape at the level where the median residual vanishes. */
export function levelled(data: QuoteSet, shape: Float64Array): Float64Array {
  const p = smileOf(shape);
  return raised(
    shape,
    upperMedian(Array.from(data.z, (z, i) => data.target[i]! ** 2 / Math.max(smileVariance(p, z), 1e-3))),
  );
}

/** v times a level. */
export function raised(shape: Float64Array, level: number): Float64Array {
  const x = Float64Array.from(shape);
  x[THETA]! *= level;
  x[SKEW]! *= level;
  x[LOG_CURVATURE]! += Math.log(level);
  return x;
}

/** Geman-McClure by reweighting, its width shrinking from the start's to three median residuals (at least `LEAST_WIDTH`). */
export function robustFit(data: QuoteSet, start: Float64Array): Float64Array {
  let x = start;
  let width = Number.POSITIVE_INFINITY;
  const least = LEAST_WIDTH * unitOf(data);
  for (let round = 0; round < ROUNDS; round++) {
    const away = residuals(data, x);
    width = Math.min(width, Math.max(3 * upperMedian(away.map(Math.abs)), least));
    const weight = Float64Array.from(data.weight, (w, i) => w / (1 + (away[i]! / width) ** 2));
    const next = fitFree({ ...data, weight }, x).x;
    let moved = 0;
    for (let a = 0; a < SIZE; a++) moved = Math.max(moved, Math.abs(next[a]! - x[a]!));
    x = next;
    if (moved < 1e-3) break;
  }
  return x;
}

/** Sum of r^2 / (r^2 + width^2), what a smile leaves unexplained whatever its size, and how odd the smile is. */
export function robustCost(data: QuoteSet, x: Float64Array): number {
  const unexplained = residuals(data, x).reduce((sum, r) => sum + (r * r) / (r * r + COMPARED_WIDTH ** 2), 0);
  return unexplained + ODDITY_WEIGHT * oddity(data, x);
}

/** How far a smile is from the expected shape, in deviations of `LEANING`, squared. */
export function oddity(data: QuoteSet, x: Float64Array): number {
  const { centre, stiffness } = data.prior!;
  return stiffness.reduce((sum, s, a) => sum + s * (x[a]! - centre[a]!) ** 2, 0);
}
