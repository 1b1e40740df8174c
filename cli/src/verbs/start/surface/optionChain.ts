/** The option chain of one expiry: what the market quotes beside what the contracts answer, and how well they agree. */

import type { CleanExpiry, CleanQuote } from "@meniscus/pricer/chain/chain";
import { fitFilter } from "@meniscus/pricer/evaluation/fitFilter";
import { fitStatistics, type JudgedQuote, VOL_POINTS } from "@meniscus/pricer/evaluation/statistics";
import type { FittedSlice } from "@meniscus/pricer/fit/surface";
import { formatExpiry } from "@meniscus/sdk/symbol";
import type { ExpirySummary } from "../../../json/summary.ts";
import { fittedExpiry, leftOutExpiry } from "../../../market/expirySummary.ts";
import { smileView } from "../../../page/smileView.ts";
import type { SmileView } from "../../../page/surfacePage.ts";
import type { SmileReading } from "./readBack.ts";

/** One line: a listed strike, on the side that is out of the money at the forward, which the market quotes best. */
export interface QuoteRow {
  strike: number;
  type: "C" | "P";
  /** The market's clean two-sided quote; null where it shows none. */
  market: CleanQuote | null;
  /** The contracts' answer: vol, price in quote units, delta of this side, vega per vol point in quote units. */
  vol: number;
  price: number;
  delta: number;
  vega: number;
}

export interface OptionChain {
  /** `ETH-13FEB26`. */
  symbol: string;
  expiry: CleanExpiry;
  summary: ExpirySummary;
  /** Years on the variance clock at the block that answered; null when it was left out. */
  tau: number | null;
  /** The quotes that the fit's figures are taken over, beside our vol. */
  judged: readonly JudgedQuote[];
  rows: readonly QuoteRow[];
}

/** The chain of an expiry that stands on chain; `slice` as quantised. */
export function optionChain(
  currency: string,
  expiry: CleanExpiry,
  slice: Pick<FittedSlice, "params" | "quality" | "quotes" | "outliers">,
  reading: SmileReading,
): OptionChain {
  const byStrike = new Map(expiry.quotes.map((quote) => [quote.strike, quote]));
  const rows = reading.quotes.map((answer): QuoteRow => {
    const isPut = answer.strike < reading.forward;
    return {
      strike: answer.strike,
      type: isPut ? "P" : "C",
      market: byStrike.get(answer.strike) ?? null,
      vol: answer.vol,
      price: isPut ? answer.put : answer.call,
      delta: isPut ? answer.delta - 1 : answer.delta,
      vega: answer.vega / VOL_POINTS,
    };
  });
  const counted = new Set(fitFilter(expiry));
  const judged = rows.flatMap(({ market, vol }) =>
    market !== null && counted.has(market) ? [{ ...market, vol }] : [],
  );
  return {
    symbol: symbolOf(currency, expiry),
    expiry,
    summary: fittedExpiry(expiry, slice, reading.forward, fitStatistics(judged)),
    tau: reading.tau,
    judged,
    rows,
  };
}

/** An expiry that is not on the surface, and why. */
export function leftOut(currency: string, expiry: CleanExpiry, reason: string): OptionChain {
  const summary = leftOutExpiry(expiry, reason);
  return { symbol: symbolOf(currency, expiry), expiry, summary, tau: null, judged: [], rows: [] };
}

function symbolOf(currency: string, { expiryAt }: CleanExpiry): string {
  return `${currency}-${formatExpiry(expiryAt)}`;
}

/** How the page draws an expiry: not at all where it was left out. */
export function smileViews(
  { symbol, expiry, summary, tau, rows }: OptionChain,
  caption: string,
): SmileView[] {
  const { forward, params } = summary;
  if (tau === null || params === null) return [];
  const byQuote = new Map(rows.map((row) => [row.market, row]));
  const answerTo = (quote: CleanQuote) => {
    const row = byQuote.get(quote);
    if (row === undefined) return null;
    return { vol: row.vol, note: `price ${row.price.toFixed(2)} · delta ${row.delta.toFixed(3)}` };
  };
  return [smileView(expiry, fitFilter(expiry), { symbol, caption, forward, tau, params }, answerTo)];
}
