/**
 * The fit filter, by which every statistic of a fit is counted: two-sided quotes out of the money within three standard deviations,
 * no wider in vol than half of their mid vol, more than a quarter of a day from expiry, at least six in a slice. The fitter itself
 * sees all quotes of the slice and weighs them.
 */

import { SECONDS_PER_DAY, SECONDS_PER_YEAR, VARIANCE_LAG_SECONDS } from "@meniscus/sdk/clock";
import type { CleanExpiry, CleanQuote } from "../chain/chain.ts";

export const FIT_FILTER = { sds: 3, spread: 0.5, days: 0.25, quotes: 6 } as const;

/** Whether a quote of this expiry counts, the size of its slice aside. */
export function inFitFilter(quote: CleanQuote, expiry: CleanExpiry): boolean {
  const days = (expiry.tau * SECONDS_PER_YEAR + VARIANCE_LAG_SECONDS) / SECONDS_PER_DAY;
  return (
    days > FIT_FILTER.days &&
    quote.ask > quote.bid &&
    Math.abs(quote.k) <= FIT_FILTER.sds * expiry.atmSd &&
    quote.askVol - quote.bidVol <= FIT_FILTER.spread * quote.midVol
  );
}

/** The quotes of a slice that count; none when fewer than six do. */
export function fitFilter(expiry: CleanExpiry): CleanQuote[] {
  const counted = expiry.quotes.filter((quote) => inFitFilter(quote, expiry));
  return counted.length >= FIT_FILTER.quotes ? counted : [];
}
