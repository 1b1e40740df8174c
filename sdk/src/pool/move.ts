/** How a book changes: by trades, and by the refresh that recomputes it from its positions. */
import { type Book, type ExpiryExposure, type Leg, type PoolSurface, seriesKey } from "./book.ts";
import { atTheMoneyVol, coverOf, potentialWeight, priceOption } from "./exposure.ts";
import type { PoolParameters } from "./parameters.ts";
import { hedgingBand } from "./potential.ts";
import { MissingSliceError, type PoolQuote } from "./price.ts";

/** The book after a trade: exposures by the whole of it, the reserve by the impact. */
export function afterTrade(book: Book, legs: readonly Leg[], { change, parts }: PoolQuote): Book {
  const expiries = new Map(book.expiries);
  for (const [expiryAt, { vega, vegaSkew, gamma, weight }] of change.expiries) {
    const held = book.expiries.get(expiryAt) ?? { vega: 0, vegaSkew: 0, gamma: 0, weight };
    expiries.set(expiryAt, {
      vega: held.vega + vega,
      vegaSkew: held.vegaSkew + vegaSkew,
      gamma: held.gamma + gamma,
      weight: held.weight,
    });
  }
  const positions = new Map(book.positions);
  let { baseSum, quoteSum } = book;
  for (const leg of legs) {
    const before = positions.get(seriesKey(leg))?.amount ?? 0;
    const [was, is] = [coverOf(leg, before), coverOf(leg, before - leg.amount)];
    positions.set(seriesKey(leg), { ...leg, amount: before - leg.amount });
    baseSum += is.base - was.base;
    quoteSum += is.quote - was.quote;
  }
  return {
    ...book,
    vega: book.vega + change.vega,
    gamma: book.gamma + change.gamma,
    optionsDelta: book.optionsDelta + change.optionsDelta,
    reserve: book.reserve + parts.impact,
    expiries,
    positions,
    baseSum,
    quoteSum,
  };
}

/** What of a claim is used, in whole bps, rounded up, at most all of it. */
const useOf = (used: number, claim: number): number =>
  used >= claim ? 1 : Math.ceil((1e4 * used) / claim) / 1e4;

/** Every expiry of the book recomputed at once from its positions, and with them the band, the uses and the shortest vol. */
export function refreshed(
  book: Book,
  surface: PoolSurface,
  spot: number,
  now: number,
  { potential }: PoolParameters,
): Book {
  const expiries = new Map<number, ExpiryExposure>();
  let [vega, gamma, convexity, optionsDelta] = [0, 0, 0, 0];
  for (const position of book.positions.values()) {
    const { expiryAt, amount } = position;
    const slice = surface.slices.get(expiryAt);
    if (slice === undefined) throw new MissingSliceError(`the surface has no slice for ${expiryAt}`);
    const option = priceOption(position, slice, spot, now, potential.stickiness);
    const weight = potentialWeight(option.tau);
    const held = expiries.get(expiryAt) ?? { vega: 0, vegaSkew: 0, gamma: 0, weight };
    expiries.set(expiryAt, {
      vega: held.vega - weight * amount * option.vega,
      vegaSkew: held.vegaSkew - weight * amount * option.vegaSkew,
      gamma: held.gamma - amount * option.gamma,
      weight,
    });
    vega -= weight * amount * option.vega;
    gamma -= amount * option.gamma;
    convexity -= amount * option.convexity;
    optionsDelta += amount * option.delta;
  }
  const shortest = Math.min(...surface.slices.keys());
  return {
    ...book,
    vega,
    gamma,
    optionsDelta,
    expiries,
    baseUse: useOf(book.baseSum, book.claimBase),
    quoteUse: useOf(book.quoteSum, book.claimQuote),
    band: hedgingBand(gamma, convexity, book.equityLow, spot, potential),
    shortestVol: atTheMoneyVol(surface.slices.get(shortest)!, shortest),
  };
}
