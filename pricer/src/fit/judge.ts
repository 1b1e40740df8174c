/** How near a slice of the surface is to its quotes, and what it may be called for it. */
import { unquantise } from "@meniscus/sdk/slice";
import { totalVariance } from "@meniscus/sdk/svi";
import { fitStatistics } from "../evaluation/statistics.ts";
import type { Prepared } from "./prepare.ts";
import { halfSpread, LEAST_HALF_SPREAD, type VolQuote } from "./quotes.ts";
import type { FittedSlice, Quality } from "./surface.ts";

/** A good slice misses its quotes by at most this many half-spreads, root mean square. Recorded chains: at most 1.26, p99 0.76. */
const MOST_MISFIT = 2;
/** A good slice passes between bid and ask of at least this share of its quotes. Recorded chains: at least 0.55. */
const LEAST_INSIDE = 0.4;
/**
 * A good slice leaves out at most this share of its quotes as outliers, or `few`: where more contradict it, they may be what is right. Recorded
 * chains: at most 0.05; with 8 % of the quotes moved 8 slices of 1,000 lose their place. Wrong forwards, or one side mispriced, left 0.26 to 0.38.
 */
const MOST_OUTLIERS = { share: 0.25, few: 2 } as const;

/** The slice that the word holds, measured against the quotes; `quality` is what its quotes deserve, if the smile meets them. */
export function judge(
  { expiry, lastGood, used, outliers, isWaiting, counted }: Prepared,
  word: bigint,
  quality: Quality,
): FittedSlice {
  const { params } = unquantise(word);
  const volAt = (k: number) => Math.sqrt(totalVariance(params, k) / expiry.tau);
  const statisticsOf = (quotes: readonly VolQuote[]) =>
    fitStatistics(quotes.map((quote) => ({ ...quote, vol: volAt(quote.k) })));
  const { rmse, inside } = statisticsOf(counted);
  const isMet =
    misfit(used, volAt) <= MOST_MISFIT &&
    statisticsOf(used).inside >= LEAST_INSIDE * used.length &&
    outliers <= Math.max(MOST_OUTLIERS.few, MOST_OUTLIERS.share * counted.length);
  // On a guessed forward quotes say which vols would have been theirs.
  const isSound = isMet && expiry.forwardFrom !== "curve";
  const deserved = quality === "good" && !isSound ? "thin" : quality;
  return {
    expiryAt: expiry.expiryAt,
    tau: expiry.tau,
    lastGood: deserved === "good" && !isWaiting ? { params, tau: expiry.tau } : lastGood,
    forward: expiry.forward,
    forwardFrom: expiry.forwardFrom,
    basis: expiry.basis,
    params,
    word,
    quality: deserved,
    quotes: used.length,
    outliers,
    rmse: rmse ?? 0,
    inside,
    counted: counted.length,
  };
}

/** Root mean square of the distances from the mids in half-spreads, each at least 0.25 vp: the residuals that the fit minimises. */
function misfit(quotes: readonly VolQuote[], volAt: (k: number) => number): number {
  return rootMeanSquare(
    quotes.map(
      (quote) => (100 * (volAt(quote.k) - quote.midVol)) / Math.max(halfSpread(quote), LEAST_HALF_SPREAD),
    ),
  );
}

/** 0 of nothing. */
function rootMeanSquare(values: readonly number[]): number {
  return values.length === 0
    ? 0
    : Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
