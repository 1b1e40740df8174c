/** Which quotes of an expiry are fitted to, what its smile is expected to look like, and its free fit. */

import { SECONDS_PER_YEAR } from "@meniscus/sdk/clock";
import { type SviParams, totalVariance } from "@meniscus/sdk/svi";
import { type CleanExpiry, type CleanQuote, isPriceable, VOL_OUT_OF_RANGE } from "../chain/chain.ts";
import { FIT_FILTER, fitFilter } from "../evaluation/fitFilter.ts";
import { fitFree } from "./free.ts";
import { type Expectation, withoutOutliers } from "./outliers.ts";
import { packQuotes, type QuoteSet, type VolQuote } from "./quotes.ts";
import { fromSvi, SIZE } from "./smile.ts";
import type { FittedSlice, GoodSmile, Quality } from "./surface.ts";

/** A crypto smile of no particular day, in sd units: only a shape to lean on where nothing better is known. */
export const TYPICAL = Float64Array.of(1, -0.08, -1.6, 0, 0.7);
/**
 * A last good smile no older than this share of the time left says where quotes should be, and where to start. Vols move by about
 * tau^-0.6 per root of time, so within it by some 5 % whatever the expiry. An older one is one possible explanation among others, and no start:
 * over recordings hours apart it led free fits astray and called sound quotes of short expiries outliers.
 */
const FRESH = 0.02;

/** Quotes of a slice that has fewer than six inside the fit filter: anything two-sided of bearable width near the money. */
function usable(expiry: CleanExpiry): CleanQuote[] {
  return expiry.quotes.filter(
    (quote) =>
      quote.ask > quote.bid &&
      quote.midVol > 0 &&
      quote.askVol - quote.bidVol <= 0.75 * quote.midVol &&
      Math.abs(quote.k) <= 4 * Math.max(expiry.atmSd, 0.5 * quote.midVol * Math.sqrt(expiry.tau)),
  );
}

/** An earlier smile of the same expiry, aged to now: its total variance shrinks with time. */
function agedParams({ params, tau: before }: GoodSmile, tau: number) {
  const age = tau / before;
  return { ...params, a: params.a * age, b: params.b * age };
}

/** At-the-money sd of an earlier smile, and its shape in units of it. */
function shapeOf(params: SviParams): { sd: number; shape: Float64Array } {
  const sd = Math.sqrt(totalVariance(params, 0));
  const shape = new Float64Array(SIZE);
  fromSvi(params, sd, shape, 0);
  return { sd, shape };
}

export interface Selected {
  readonly expiry: CleanExpiry;
  readonly quality: Exclude<Quality, "fallback">;
  readonly used: readonly VolQuote[];
  readonly outliers: number;
  readonly isSuspicious: boolean;
  /** Whether a wing waits until the last good smile is no longer fresh. */
  readonly isWaiting: boolean;
  readonly counted: readonly CleanQuote[];
  /** The quotes used. */
  readonly data: QuoteSet;
  /** Coordinates of the last good smile, if there is one; of a slice carried over those of the last surface's. */
  readonly last: Float64Array | undefined;
  /** Time since that smile was good, in times to expiry left. */
  readonly staleness: number;
  readonly lastGood: GoodSmile | null;
  /** Free fit of a good slice, and of one that has as many quotes, unless a fresh last good smile says more than they do. */
  readonly free: Float64Array | undefined;
}

/** One minute: the pricing domain begins there, and the settlement window has begun long before. */
const LEAST_TAU = 60 / SECONDS_PER_YEAR;

/**
 * How many quotes a good slice has on either side of the money, and how many standard deviations they reach. What a smile does where it has no
 * quotes is invention: without a side the vol at the money was up to 15 vp off, a deviation beyond it 25. On recorded chains this takes
 * three of 2,418 slices their place, all of the crash; by their Gauss-Newton matrix each is open by 5 to 12 vp within one deviation, half-spreads
 * of 3 to 7. To bound what that matrix leaves open instead finds no more of the inventions, and takes 11 slices their place (docs/decisions/0005).
 */
const BOTH_SIDES = { quotes: 2, reach: 0.5 } as const;
/**
 * How near to the money, in standard deviations, a good slice has a quote: by six quotes of which none was nearer than 1.1, vols at the money of 56 to
 * 69 % were all free of arbitrage and inside every bid and ask. On recorded chains this takes no slice its place.
 */
const NEAREST = 1;

/** Whether the quotes, sorted by k, determine a smile about the money; `sd` is their own at it, which no mark of the venue spoils. */
function determine(quotes: readonly VolQuote[], sd: number): boolean {
  const puts = quotes.filter(({ k }) => k < 0).length;
  return (
    quotes.length >= FIT_FILTER.quotes &&
    Math.min(puts, quotes.length - puts) >= BOTH_SIDES.quotes &&
    quotes[0]!.k <= -BOTH_SIDES.reach * sd &&
    quotes.at(-1)!.k >= BOTH_SIDES.reach * sd &&
    quotes.some(({ k }) => Math.abs(k) <= NEAREST * sd)
  );
}

/** Where most of the vols are none, the few that are left would be believed for being the only ones. */
function isOutOfRange({ quotes, dropped }: CleanExpiry): boolean {
  return (dropped[VOL_OUT_OF_RANGE] ?? 0) > quotes.length;
}

/**
 * The quotes that a slice is fitted to and judged by: those of the fit filter, or where it takes none all that are usable. Chains that were
 * not cleaned may hold quotes that are not priceable.
 */
export function countedOf(expiry: CleanExpiry): { counted: CleanQuote[]; isFiltered: boolean } {
  if (isOutOfRange(expiry)) return { counted: [], isFiltered: false };
  const filtered = fitFilter(expiry).filter(isPriceable);
  if (filtered.length > 0) return { counted: filtered, isFiltered: true };
  return { counted: usable(expiry).filter(isPriceable), isFiltered: false };
}

export function select(
  expiry: CleanExpiry,
  lastSlice: FittedSlice | undefined,
  besides?: Expectation,
): Selected | string {
  if (!(expiry.tau >= LEAST_TAU)) return "inside the settlement window";
  const { counted, isFiltered } = countedOf(expiry);
  if (counted.length === 0 && lastSlice === undefined)
    return isOutOfRange(expiry)
      ? "vols outside 1 % to 1000 %"
      : "no two-sided quote out of the money, and no earlier surface";
  const lastGood = lastSlice?.lastGood ?? null;
  const known = lastGood === null ? undefined : agedParams(lastGood, expiry.tau);
  const staleness = lastGood === null ? Number.POSITIVE_INFINITY : lastGood.tau / expiry.tau - 1;
  const isFresh = staleness <= FRESH;
  const typical: Expectation = { shape: TYPICAL };
  const expected: [Expectation, ...Expectation[]] = [typical];
  if (known !== undefined) {
    const { sd, shape } = shapeOf(known);
    if (isFresh) expected[0] = { shape, vol: sd / Math.sqrt(expiry.tau) };
    else expected.push({ shape });
  }
  if (besides !== undefined) expected.push(besides);
  const { kept: used, isSuspicious, isWaiting } = withoutOutliers(counted, expiry.tau, expected);
  const outliers = counted.length - used.length;
  const base = { expiry, used, outliers, isSuspicious, isWaiting, counted, staleness, lastGood };
  if (used.length === 0) {
    const { sd, shape } = shapeOf(agedParams(lastSlice!, expiry.tau));
    const data = packQuotes([], expiry.tau, sd);
    return { ...base, quality: "carried over", data, last: shape, free: undefined };
  }
  const data = packQuotes(used, expiry.tau);
  const last = known === undefined ? undefined : new Float64Array(SIZE);
  if (last !== undefined) fromSvi(known!, data.scale, last, 0);
  const isGood = isFiltered && determine(used, data.scale);
  const free =
    isGood || (used.length >= FIT_FILTER.quotes && !isFresh)
      ? fitFree(data, isFresh ? last : undefined).x
      : undefined;
  return { ...base, quality: isGood ? "good" : "thin", data, last, free };
}
