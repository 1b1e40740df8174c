/** The option chain of one expiry: what the market quotes beside what the contracts answer, and how well they agree. */
import type { CleanExpiry, CleanQuote } from "@meniscus/pricer/chain";
import { fitFilter } from "@meniscus/pricer/fitFilter";
import type { ExpirySummary, SliceQuality } from "@meniscus/sdk/summary";
import type { SviParams } from "@meniscus/sdk/svi";
import { formatExpiry } from "@meniscus/sdk/symbol";
import type { SmileView } from "../page/surfacePage.ts";
import type { SmileReading } from "./readBack.ts";

/** One line: a listed strike, on the side that is out of the money at the forward, which the market quotes best. */
export interface QuoteRow {
  strike: number;
  type: "C" | "P";
  /** The market's vols, 1 = 100 %; null where it shows no clean two-sided quote. */
  market: { bidVol: number; askVol: number; midVol: number } | null;
  /** Whether the quote counts in the statistics, that is, passes the fit filter. */
  counts: boolean;
  /** The contracts' answer: vol, price in quote units, delta of this side, vega per vol point in quote units. */
  vol: number;
  price: number;
  delta: number;
  vega: number;
}

export interface OptionChain {
  /** `ETH-13FEB26`. */
  symbol: string;
  summary: ExpirySummary;
  /** Years on the variance clock at the block that answered; null when it was left out. */
  tau: number | null;
  rows: QuoteRow[];
}

/** A smile as it stands on chain. */
export interface PostedSlice {
  quality: SliceQuality;
  /** Quotes that the fit left out as outliers. */
  outliers: number;
  /** After quantisation. */
  params: SviParams;
}

const VOL_POINTS = 100;

/** Whether our vol lies inside the market's bid and ask; null where there is no market. */
export function isInside({ market, vol }: QuoteRow): boolean | null {
  return market === null ? null : market.bidVol <= vol && vol <= market.askVol;
}

/** The chain of an expiry that stands on chain. */
export function optionChain(
  currency: string,
  expiry: CleanExpiry,
  slice: PostedSlice,
  reading: SmileReading,
): OptionChain {
  const counted = new Set(fitFilter(expiry));
  const byStrike = new Map(expiry.quotes.map((quote) => [quote.strike, quote]));
  const rows = reading.quotes.map((answer): QuoteRow => {
    const quote = byStrike.get(answer.strike) ?? null;
    const isPut = answer.strike < reading.forward;
    return {
      strike: answer.strike,
      type: isPut ? "P" : "C",
      market: quote && marketOf(quote),
      counts: quote !== null && counted.has(quote),
      vol: answer.vol,
      price: isPut ? answer.put : answer.call,
      delta: isPut ? answer.delta - 1 : answer.delta,
      vega: answer.vega / VOL_POINTS,
    };
  });
  const { rmse, inside } = statistics(rows);
  const dropped = slice.outliers === 0 ? expiry.dropped : { ...expiry.dropped, outlier: slice.outliers };
  return {
    symbol: `${currency}-${formatExpiry(expiry.expiryAt)}`,
    summary: {
      ...base(expiry),
      forward: reading.forward,
      dropped,
      rmse,
      inside,
      params: slice.params,
      quality: slice.quality,
    },
    tau: reading.tau,
    rows,
  };
}

/** The summary of an expiry that is not on the surface, and why. */
export function leftOut(currency: string, expiry: CleanExpiry, reason: string): OptionChain {
  const quality: SliceQuality = `left out: ${reason}`;
  const summary = { ...base(expiry), rmse: null, inside: null, params: null, quality };
  return { symbol: `${currency}-${formatExpiry(expiry.expiryAt)}`, summary, tau: null, rows: [] };
}

function base({ expiryAt, forward, quotes, dropped }: CleanExpiry) {
  return { expiry: new Date(expiryAt * 1000).toISOString(), forward, quotes: quotes.length, dropped };
}

function marketOf({ bidVol, askVol, midVol }: CleanQuote) {
  return { bidVol, askVol, midVol };
}

/** Over the rows that count: how many, root mean squared distance to mid in vol points, and share inside bid and ask, 0..100. */
export function statistics(rows: readonly QuoteRow[]) {
  const counted = rows.flatMap((row) =>
    row.counts && row.market !== null ? [{ ...row, market: row.market }] : [],
  );
  if (counted.length === 0) return { quotes: 0, rmse: null, inside: null };
  const squares = counted.reduce(
    (sum, { vol, market }) => sum + ((vol - market.midVol) * VOL_POINTS) ** 2,
    0,
  );
  const inside = counted.filter((row) => isInside(row)).length;
  return {
    quotes: counted.length,
    rmse: Math.sqrt(squares / counted.length),
    inside: (100 * inside) / counted.length,
  };
}

/** How the page draws an expiry: none where it was left out. */
export function smileView({ symbol, summary, tau, rows }: OptionChain, caption: string): SmileView[] {
  if (tau === null || summary.params === null) return [];
  const quotes = rows.flatMap(({ strike, type, market, counts, vol, price, delta }) => {
    const note = `price ${price.toFixed(2)} · delta ${delta.toFixed(3)}`;
    return market === null ? [] : [{ strike, type, ...market, counts, vol, note }];
  });
  return [{ symbol, caption, forward: summary.forward, tau, params: summary.params, quotes }];
}
