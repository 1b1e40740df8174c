/**
 * The skew stickiness ratio R (Bergomi 2009): how far the vol at the money moves with spot, in units of the skew,
 *
 *     d sigma_atm = R skew d ln S + noise,     skew = d sigma / dk at k = 0
 *
 * so that the vol of a fixed strike moves by (R - 1) skew d ln S, and the delta that hedges spot and what vol does with it is
 * delta_BS + (R - 1) vega skew / S. R = 0: the smile moves with spot. R = 1: it stays at its strikes.
 *
 * Estimated at a constant maturity over pairs of surfaces that follow each other, by least squares through the origin:
 * R = sum x y / sum x^2 with x = skew before times d ln S, y = the move of sigma_atm. The error is White's, for residuals that grow with x.
 */
import { SECONDS_PER_DAY, SECONDS_PER_YEAR } from "@meniscus/sdk/clock";
import { totalVariance, totalVarianceSlope } from "@meniscus/sdk/svi";
import type { FittedSlice, Surface } from "../fit/surface.ts";

/** Longest time between two surfaces of a pair, seconds: over more, what else moves vol drowns spot. */
const MOST_APART = 3 * SECONDS_PER_DAY;
/** The least to estimate R from, below which there is no number. */
export const STICKINESS_LEAST = {
  /** The line goes through a single one, and nearly through two. */
  pairs: 5,
  /**
   * Of |d ln S|, root mean square. Where spot moves by less, R = 1 moves vol by 0.1 to 0.2 points, and between recorded pairs it moves
   * by 0.9 (Bitcoin) to 1.7 (Ether) anyway.
   */
  spotMove: 0.005,
} as const;

/** What two surfaces of one currency say of a maturity. */
export interface StickinessPair {
  readonly currency: string;
  readonly days: number;
  /** Of the earlier surface; seconds. */
  readonly from: number;
  readonly to: number;
  /** ln(S_to / S_from). */
  readonly spotMove: number;
  /** d sigma / dk at the money, before. */
  readonly skew: number;
  /** Move of sigma at the money, 1 = 100 %. */
  readonly volMove: number;
}

interface Stickiness {
  readonly pairs: number;
  /** Null of less than {@link STICKINESS_LEAST}. */
  readonly ratio: number | null;
  /** Standard error; null where the ratio is. */
  readonly error: number | null;
}

/** The pairs of `surfaces`, ascending in time within a currency, at a maturity of `days`; those that do not reach around it are left out. */
export function stickinessPairs(surfaces: readonly Surface[], days: number): StickinessPair[] {
  const last = new Map<string, Surface>();
  const pairs: StickinessPair[] = [];
  for (const surface of surfaces) {
    const before = last.get(surface.currency);
    last.set(surface.currency, surface);
    if (before === undefined) continue;
    const apart = surface.snapshotAt - before.snapshotAt;
    const [then, now] = [atTheMoney(before, days), atTheMoney(surface, days)];
    if (apart <= 0 || apart > MOST_APART || then === null || now === null) continue;
    pairs.push({
      currency: surface.currency,
      days,
      from: before.snapshotAt,
      to: surface.snapshotAt,
      spotMove: Math.log(surface.spot / before.spot),
      skew: then.skew,
      volMove: now.vol - then.vol,
    });
  }
  return pairs;
}

/** R over the given pairs. */
export function stickinessOf(pairs: readonly StickinessPair[]): Stickiness {
  const points = pairs.map(({ skew, spotMove, volMove }) => ({ x: skew * spotMove, y: volMove }));
  const squares = points.reduce((sum, { x }) => sum + x * x, 0);
  const moves = pairs.reduce((sum, { spotMove }) => sum + spotMove ** 2, 0);
  const isEnough =
    pairs.length >= STICKINESS_LEAST.pairs && moves >= pairs.length * STICKINESS_LEAST.spotMove ** 2;
  if (!isEnough || squares === 0) return { pairs: pairs.length, ratio: null, error: null };
  const ratio = points.reduce((sum, { x, y }) => sum + x * y, 0) / squares;
  const spread = points.reduce((sum, { x, y }) => sum + (x * (y - ratio * x)) ** 2, 0);
  return { pairs: pairs.length, ratio, error: Math.sqrt(spread) / squares };
}

/** Vol and skew at the money at a constant maturity: both as total variance, linear in tau between the expiries around it. */
function atTheMoney({ slices }: Surface, days: number): { vol: number; skew: number } | null {
  const tau = (days * SECONDS_PER_DAY) / SECONDS_PER_YEAR;
  const later = slices.findIndex((slice) => slice.tau >= tau);
  const [short, long] = [slices[later - 1], slices[later]];
  if (short === undefined || long === undefined) return null;
  const share = (tau - short.tau) / (long.tau - short.tau);
  const mix = (of: (slice: FittedSlice) => number) => (1 - share) * of(short) + share * of(long);
  const vol = Math.sqrt(mix(({ params }) => totalVariance(params, 0)) / tau);
  return { vol, skew: mix(({ params }) => totalVarianceSlope(params, 0)) / (2 * vol * tau) };
}
