/**
 * The price of a trade as docs/decisions/0007-pool.md defines it, in float64: for pages, tools and benches. The contracts cut exposures
 * to 1e-6 of quote and the cost up to whole assets; here nothing is cut, so the two differ by less than `ALLOWANCE` an expiry.
 *
 *   cost = value + impact + spread + fee + rent;   a sale gets max over t in [0, 1] of -cost(t q), at least 0
 */
import type { Book, Leg, PoolSurface, Slices, Spots } from "./book.ts";
import { byExpiry, feeOf, type PricedLeg, rentOf, rentSlope, spreadOf, sumOf } from "./charges.ts";
import { potentialWeight, priceOption } from "./exposure.ts";
import type { PoolParameters } from "./parameters.ts";
import { type ExposureChange, impactOf } from "./potential.ts";

export interface PriceParts {
  readonly value: number;
  /** Negative: a reward out of the reserve. */
  readonly impact: number;
  readonly spread: number;
  readonly fee: number;
  readonly rentBase: number;
  readonly rentQuote: number;
}

/** Of the whole, for the taker; theta a year on the variance clock. */
export interface TradeGreeks {
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
}

export interface PoolQuote {
  /** The taker pays (positive) or gets (negative). */
  readonly cost: number;
  /** Of the part that is paid for. */
  readonly parts: PriceParts;
  /** t: the share of a sale that is paid for, the rest coming in for nothing; 1 for any other trade. */
  readonly paidShare: number;
  /** Whether the last part of a sale that is cut short raises the potential by more than it is worth: refused, unless it sells back. */
  readonly isBeyondValue: boolean;
  readonly greeks: TradeGreeks;
  /** What the whole trade does to the book. */
  readonly change: ExposureChange;
}

/** Added for each expiry of the trade: more than the contracts' cuts of its exposures are worth. */
export const ALLOWANCE = 1e-6;

/** A leg whose expiry the surface does not have. */
export class MissingSliceError extends Error {
  override readonly name = "MissingSliceError";
}

/**
 * Never refuses: limits are the caller's business. So is the age of exposures, by which the pool pays an exit no reward beyond the terms':
 * quote that with a reserve of 0. Throws for an expiry without a slice and outside the pricing domain.
 */
export function quote(
  legs: readonly Leg[],
  book: Book,
  surface: PoolSurface,
  spots: Spots,
  parameters: PoolParameters,
  now: number,
): PoolQuote {
  const { charges, potential } = parameters;
  const priced = priceLegs(legs, surface.slices, spots.low, now, potential.stickiness);
  const value = worstValue(legs, surface, spots, now);
  const spread = spreadOf(priced, book, surface, spots, now, charges);
  const fee = feeOf(priced, spots.low, charges);
  const change = changeOf(priced, book);
  const impact = impactOf(book, change, spots.low, parameters);
  const rent = (t: number) => rentOf(priced, t, book, spots.high, charges);
  const allowance = ALLOWANCE * change.expiries.size;

  const isSale = legs.every(({ amount }) => amount < 0);
  const straight = value + spread + fee;
  const slope = (t: number) => straight + impact(t).slope + rentSlope(priced, t, book, spots.high, charges);
  const t = isSale ? bestShare(slope) : 1;
  const isBeyondValue = t < 1 && -impact(1).impact < book.reserve && value + impact(1).slope > 0;
  const { base, quote: quoteRent } = rent(t);
  const parts = {
    value: t * value,
    impact: impact(t).impact,
    spread: t * spread,
    fee: t * fee,
    rentBase: base,
    rentQuote: quoteRent,
  };
  const cost = Object.values(parts).reduce((sum, part) => sum + part, allowance);
  return {
    cost: isSale ? Math.min(cost, 0) : cost,
    parts,
    paidShare: t,
    isBeyondValue,
    greeks: greeksOf(priced, spots.low),
    change,
  };
}

function priceLegs(
  legs: readonly Leg[],
  slices: Slices,
  spot: number,
  now: number,
  stickiness: number,
): PricedLeg[] {
  return legs.map((leg) => {
    const slice = slices.get(leg.expiryAt);
    if (slice === undefined) throw new MissingSliceError(`the surface has no slice for ${leg.expiryAt}`);
    return { leg, option: priceOption(leg, slice, spot, now, stickiness) };
  });
}

/** One spot and one surface for all legs: the dearest of those that count. */
function worstValue(legs: readonly Leg[], surface: PoolSurface, spots: Spots, now: number): number {
  const before = surface.previous && new Map([...surface.slices, ...surface.previous]);
  const surfaces = before === undefined ? [surface.slices] : [surface.slices, before];
  const values = surfaces.flatMap((slices) =>
    [spots.low, spots.high].map((spot) => sumOf(priceLegs(legs, slices, spot, now, 1), ({ value }) => value)),
  );
  return Math.max(...values);
}

function changeOf(legs: readonly PricedLeg[], book: Book): ExposureChange {
  const expiries = new Map(
    [...byExpiry(legs)].map(([expiryAt, own]) => {
      const weight = book.expiries.get(expiryAt)?.weight ?? potentialWeight(own[0]!.option.tau);
      const of = (key: "vega" | "vegaSkew" | "gamma") => sumOf(own, (option) => option[key]);
      return [
        expiryAt,
        { vega: weight * of("vega"), vegaSkew: weight * of("vegaSkew"), gamma: of("gamma"), weight },
      ];
    }),
  );
  return {
    vega: [...expiries.values()].reduce((sum, { vega }) => sum + vega, 0),
    gamma: [...expiries.values()].reduce((sum, { gamma }) => sum + gamma, 0),
    optionsDelta: -sumOf(legs, ({ delta }) => delta),
    expiries,
  };
}

/** Where the convex cost is least: 1 unless it rises there, else where its slope changes sign, to 2^-24. */
function bestShare(slope: (t: number) => number): number {
  if (slope(1) <= 0) return 1;
  let [low, high] = [0, 1];
  for (let step = 0; step < 24; step++) {
    const middle = (low + high) / 2;
    if (slope(middle) > 0) high = middle;
    else low = middle;
  }
  return low;
}

function greeksOf(legs: readonly PricedLeg[], spot: number): TradeGreeks {
  return {
    delta: sumOf(legs, ({ plainDelta }) => plainDelta),
    gamma: sumOf(legs, ({ convexity }) => convexity) / spot / spot,
    vega: sumOf(legs, ({ vega }) => vega),
    theta: sumOf(legs, ({ decay, tau }) => -decay / tau),
  };
}
