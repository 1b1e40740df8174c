/**
 * Fits many chains in a row and keeps the score against the unconstrained converged SVI fit of the same slices: same quotes (the fit
 * filter), same weights 1 / max(half-spread, 0.25 vp). RMSE is unweighted, against the mid vol, in vol points.
 */

import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { totalVariance } from "@meniscus/sdk/svi";
import { checkCertificate, isCertificateOf } from "../certificate/check.ts";
import type { CleanChain, CleanQuote } from "../chain/chain.ts";
import { fitSurface } from "../fit/fitSurface.ts";
import { fitFree } from "../fit/free.ts";
import { packQuotes } from "../fit/quotes.ts";
import { toSvi } from "../fit/smile.ts";
import type { FittedSlice, Surface } from "../fit/surface.ts";
import { type FarQuote, reasonOf } from "./farSlice.ts";
import { fitFilter } from "./fitFilter.ts";
import { fitStatistics } from "./statistics.ts";

/** Errors of one slice; both fits over the same quotes of the fit filter. */
interface SliceScore {
  readonly expiryAt: number;
  readonly days: number;
  readonly quotes: number;
  readonly rmse: number;
  readonly inside: number;
  readonly free: { readonly rmse: number; readonly inside: number };
  /** Ascending by strike. */
  readonly judged: readonly FarQuote[];
  readonly slice: FittedSlice;
}

export interface ReplayedSurface {
  readonly surface: Surface;
  /** Slices that the fit filter counts. */
  readonly scores: readonly SliceScore[];
  /** Expiries that have no slice. */
  readonly refused: readonly RefusedSlice[];
  /** Whether there are slices, and the independent checker accepts the certificate of just these. */
  readonly certified: boolean;
  readonly pieces: number;
  readonly milliseconds: number;
}

/** An expiry that has no slice, the quotes of the fit filter that are lost with it, and why. */
interface RefusedSlice {
  readonly source: string;
  readonly expiryAt: number;
  readonly quotes: number;
  readonly reason: string;
}

/** A slice worse than two vol points, and why. */
interface Over2vp {
  readonly source: string;
  readonly expiryAt: number;
  /** How many; each stands in `listed`. */
  readonly quotes: number;
  readonly rmse: number;
  readonly freeRmse: number;
  readonly reason: string;
  readonly listed: readonly ListedQuote[];
}

/** A quote of such a slice; vols as 1 = 100 %, to a thousandth of a vol point. */
type ListedQuote = Pick<FarQuote, "strike" | "type" | "bidVol" | "askVol" | "vol" | "freeVol">;

/** Null where there is no slice to judge by. */
export interface FitTotals {
  readonly pooledRmseVolPoints: number | null;
  readonly medianSliceVolPoints: number | null;
  readonly p95SliceVolPoints: number | null;
  readonly insideBidAskPct: number | null;
}

export interface ReplayTotals extends FitTotals {
  readonly surfaces: number;
  readonly slices: number;
  readonly quotes: number;
  readonly uncertified: number;
  readonly free: FitTotals;
  readonly over2vp: readonly Over2vp[];
  readonly refused: readonly RefusedSlice[];
}

export interface ReplayOptions {
  /** Start each surface from the one before it of the same currency, unless that is of a later time. */
  readonly warm?: boolean;
}

/** One result per chain, as it comes. */
export async function* replay(
  chains: AsyncIterable<CleanChain> | Iterable<CleanChain>,
  { warm = false }: ReplayOptions = {},
): AsyncGenerator<ReplayedSurface> {
  const last = new Map<string, Surface>();
  for await (const chain of chains) {
    const before = warm ? last.get(chain.currency) : undefined;
    const startedAt = performance.now();
    const isBefore = before !== undefined && before.snapshotAt <= chain.snapshotAt;
    const surface = fitSurface(chain, isBefore ? { last: before } : {});
    const milliseconds = performance.now() - startedAt;
    last.set(chain.currency, surface);
    const verdict = checkCertificate(surface.certificate);
    yield {
      surface,
      scores: score(chain, surface),
      refused: refusedOf(chain, surface),
      certified:
        surface.slices.length > 0 && isCertificateOf(surface.certificate, surface.slices) && verdict.valid,
      pieces: verdict.valid ? verdict.pieces : 0,
      milliseconds,
    };
  }
}

function refusedOf(chain: CleanChain, { source, refused }: Surface): RefusedSlice[] {
  return refused.map(({ expiryAt, reason }) => {
    const expiry = chain.expiries.find((each) => each.expiryAt === expiryAt)!;
    return { source, expiryAt, quotes: fitFilter(expiry).length, reason };
  });
}

function score(chain: CleanChain, surface: Surface): SliceScore[] {
  const fitted = new Map(surface.slices.map((slice) => [slice.expiryAt, slice]));
  return chain.expiries.flatMap((expiry) => {
    const quotes = fitFilter(expiry);
    const slice = fitted.get(expiry.expiryAt);
    if (quotes.length === 0 || slice === undefined) return [];
    const data = packQuotes(quotes, expiry.tau);
    const free = toSvi(fitFree(data).x, 0, data.scale);
    return [
      {
        expiryAt: expiry.expiryAt,
        days: (expiry.expiryAt - chain.snapshotAt) / SECONDS_PER_DAY,
        quotes: quotes.length,
        ...judge(quotes, (k) => totalVariance(slice.params, k), expiry.tau),
        free: judge(quotes, (k) => totalVariance(free, k), expiry.tau),
        judged: quotes.map((quote) => ({
          ...quote,
          vol: volOf(totalVariance(slice.params, quote.k), expiry.tau),
          freeVol: volOf(totalVariance(free, quote.k), expiry.tau),
        })),
        slice,
      },
    ];
  });
}

/** Unweighted RMSE against the mid vols in vol points, and how many quotes have the smile between bid and ask. */
export function judge(quotes: readonly CleanQuote[], variance: (k: number) => number, tau: number) {
  const { rmse, inside } = fitStatistics(
    quotes.map((quote) => ({ ...quote, vol: volOf(variance(quote.k), tau) })),
  );
  return { rmse: rmse ?? 0, inside };
}

function volOf(variance: number, tau: number): number {
  return Math.sqrt(Math.max(variance, 0) / tau);
}

/** The score over all surfaces. */
export function totalsOf(results: readonly ReplayedSurface[]): ReplayTotals {
  const scores = results.flatMap((result) => result.scores);
  return {
    surfaces: results.length,
    slices: scores.length,
    quotes: scores.reduce((sum, slice) => sum + slice.quotes, 0),
    ...summarise(scores),
    uncertified: results.filter((result) => !result.certified).length,
    free: summarise(scores.map(({ quotes, free }) => ({ quotes, ...free }))),
    over2vp: results.flatMap(({ surface, scores: own }) =>
      own
        .filter((slice) => slice.rmse > 2)
        .map(({ expiryAt, quotes, rmse, free, judged, slice: { outliers } }) => ({
          source: surface.source,
          expiryAt,
          quotes,
          rmse,
          freeRmse: free.rmse,
          reason: reasonOf({ quotes: judged, rmse, freeRmse: free.rmse, outliers }),
          listed: judged.map(listedQuote),
        })),
    ),
    refused: results.flatMap(({ refused }) => refused),
  };
}

function listedQuote({ strike, type, bidVol, askVol, vol, freeVol }: FarQuote): ListedQuote {
  const rounded = (value: number) => Number(value.toFixed(5));
  return {
    strike,
    type,
    bidVol: rounded(bidVol),
    askVol: rounded(askVol),
    vol: rounded(vol),
    freeVol: rounded(freeVol),
  };
}

type Counted = Pick<SliceScore, "quotes" | "rmse" | "inside">;

function summarise(slices: readonly Counted[]): FitTotals {
  const quotes = slices.reduce((sum, slice) => sum + slice.quotes, 0);
  const squares = slices.reduce((sum, slice) => sum + slice.rmse ** 2 * slice.quotes, 0);
  const inside = slices.reduce((sum, slice) => sum + slice.inside, 0);
  const sorted = slices.map((slice) => slice.rmse).sort((left, right) => left - right);
  const quantile = (share: number) => sorted[Math.floor(share * sorted.length)] ?? null;
  return {
    pooledRmseVolPoints: quotes === 0 ? null : Math.sqrt(squares / quotes),
    medianSliceVolPoints: quantile(0.5),
    p95SliceVolPoints: quantile(0.95),
    insideBidAskPct: quotes === 0 ? null : (100 * inside) / quotes,
  };
}
