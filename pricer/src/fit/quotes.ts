/**
 * The least-squares data of one slice: strikes in sd units, target sds and weights, as flat arrays.
 *
 * A residual is a difference of annualised vols in vol points over max(half-spread, 0.25 vp). The mid vol is the mean of the bid and
 * the ask vol.
 */
import { upperMedian } from "../median.ts";
import { type Smile, smileVariance } from "./smile.ts";

export interface QuoteSet {
  readonly count: number;
  /** sd0: the scale of the coordinates, sqrt of an at-the-money total variance. */
  readonly scale: number;
  /** Vol points per unit of sd / scale: 100 scale / sqrt(tau). */
  readonly volPoints: number;
  /** k / scale, ascending. */
  readonly z: Float64Array;
  /** Mid sd / scale. */
  readonly target: Float64Array;
  /** 1 / max(half-spread, 0.25), in 1 / vol points. */
  readonly weight: Float64Array;
  /** A pull towards known coordinates: 1/2 sum stiffness (x - centre)^2 joins the cost. */
  readonly prior?: Prior;
}

export interface Prior {
  readonly centre: Float64Array;
  readonly stiffness: Float64Array;
}

export interface VolQuote {
  readonly k: number;
  readonly bidVol: number;
  readonly askVol: number;
  readonly midVol: number;
}

/** Half-spreads below this many vol points weigh no more. */
export const LEAST_HALF_SPREAD = 0.25;

/** Packs quotes sorted by k; `tau` > 0 in years; `scale` is the at-the-money sd unless given. */
export function packQuotes(quotes: readonly VolQuote[], tau: number, scale?: number): QuoteSet {
  const count = quotes.length;
  const root = Math.sqrt(tau);
  const unit = scale ?? atTheMoneyVol(quotes) * root;
  const z = new Float64Array(count);
  const target = new Float64Array(count);
  const weight = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const quote = quotes[i]!;
    z[i] = quote.k / unit;
    target[i] = (quote.midVol * root) / unit;
    weight[i] = 1 / Math.max(halfSpread(quote), LEAST_HALF_SPREAD);
  }
  return { count, scale: unit, volPoints: (100 * unit) / root, z, target, weight };
}

/** Half-spread of the median quote in vol points, at least the least that counts. */
export function typicalHalfSpread(quotes: readonly VolQuote[]): number {
  return Math.max(upperMedian(quotes.map(halfSpread)), LEAST_HALF_SPREAD);
}

/**
 * The same quotes held to a smile, or to a part `towardsMids` of the way from it to the mids: each also has `weight` on its distance from there, a
 * target of its own. Two targets with weights are one with their mean, but for a constant. Whoever minimises the cost of the quotes alone
 * minimises that of the part 0 too, so held to its own free fit a slice has the same best fit as before; only what constraints force upon it is
 * shared otherwise between the quotes. The rest of the way moves the best fit to where all quotes count more alike.
 */
export function heldTo(smile: Smile, data: QuoteSet, weight: number, towardsMids: number): QuoteSet {
  const square = weight * weight;
  const target = data.target.map((mid, i) => {
    const own = data.weight[i]! ** 2;
    const sd = Math.sqrt(Math.max(smileVariance(smile, data.z[i]!), 0));
    const held = sd + towardsMids * (mid - sd);
    return (own * mid + square * held) / (own + square);
  });
  return { ...data, target, weight: data.weight.map((own) => Math.sqrt(own * own + square)) };
}

/** Half the bid-ask spread in vol points. */
export function halfSpread(quote: VolQuote): number {
  return 50 * (quote.askVol - quote.bidVol);
}

/** Mid vol at k = 0, linear between the nearest quotes, flat outside them. */
function atTheMoneyVol(quotes: readonly VolQuote[]): number {
  let below: VolQuote | undefined;
  let above: VolQuote | undefined;
  for (const quote of quotes) {
    if (quote.k <= 0) below = quote;
    else if (above === undefined) above = quote;
  }
  if (below === undefined || above === undefined) return (below ?? above)!.midVol;
  const share = -below.k / (above.k - below.k);
  return below.midVol + share * (above.midVol - below.midVol);
}
