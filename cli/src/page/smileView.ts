/** From an expiry and its smile to what the page draws. */

import type { CleanExpiry, CleanQuote } from "@meniscus/pricer/chain/chain";
import { isoTime } from "@meniscus/sdk/clock";
import type { QuoteView, SmileView } from "./surfacePage.ts";

export function pageTitle(currency: string, snapshotAt: number): string {
  const at = isoTime(snapshotAt).slice(0, 16).replace("T", " ");
  return `${currency} volatility surface, ${at} UTC`;
}

/**
 * `judged`: the quotes that the figures of the caption are taken over. `answerTo` gives our vol at a quote, and what else there is to say of
 * it; null where we have no answer.
 */
export function smileView(
  expiry: CleanExpiry,
  judged: readonly CleanQuote[],
  smile: Omit<SmileView, "quotes">,
  answerTo: (quote: CleanQuote) => Pick<QuoteView, "vol" | "note"> | null,
): SmileView {
  const counted = new Set(judged);
  const quotes = expiry.quotes.flatMap((quote) => {
    const answer = answerTo(quote);
    return answer === null ? [] : [{ ...quote, ...answer, counts: counted.has(quote) }];
  });
  return { ...smile, quotes };
}
