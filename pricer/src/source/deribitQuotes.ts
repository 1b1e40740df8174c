/**
 * What Deribit says of an option, in its two forms: an entry of `public/get_book_summary_by_currency` and a notification of
 * `ticker.{instrument}.{interval}` (docs.deribit.com). Prices in the coin, vols in percent, a missing side null (book summary) or 0
 * (ticker), times in milliseconds.
 */
import { z } from "zod";
import { type Chain, ChainError, type Dropped, drop, type RawQuote } from "../chain/chain.ts";
import { ofOneMoment } from "../chain/expiries.ts";
import { parseInstrument } from "./instrument.ts";

const price = z.number().nullish();

const BookSummary = z.object({
  instrument_name: z.string(),
  bid_price: price,
  ask_price: price,
  mark_price: price,
  mark_iv: price,
  underlying_price: price,
  estimated_delivery_price: price,
  creation_timestamp: z.number(),
});

const Ticker = z.object({
  instrument_name: z.string(),
  best_bid_price: price,
  best_ask_price: price,
  mark_price: price,
  mark_iv: price,
  underlying_price: price,
  index_price: price,
  timestamp: z.number(),
});

/**
 * The quote of an entry of the book summary, or the reason why it is none. Its index is the delivery price, which from half an hour before a
 * delivery is an average of that time: who can ask for the index of now puts it in its place.
 */
function bookSummaryToQuote(entry: unknown, currency: string): RawQuote | string {
  const parsed = BookSummary.safeParse(entry);
  if (!parsed.success) return "entry of another shape";
  const { bid_price, ask_price, estimated_delivery_price, creation_timestamp, ...rest } = parsed.data;
  return toQuote(currency, {
    ...rest,
    best_bid_price: bid_price,
    best_ask_price: ask_price,
    index_price: estimated_delivery_price,
    timestamp: creation_timestamp,
  });
}

/** The quote of a ticker, or the reason why it is none. */
export function tickerToQuote(data: unknown, currency: string): RawQuote | string {
  const parsed = Ticker.safeParse(data);
  return parsed.success ? toQuote(currency, parsed.data) : "entry of another shape";
}

function toQuote(currency: string, ticker: z.infer<typeof Ticker>): RawQuote | string {
  const instrument = parseInstrument(ticker.instrument_name);
  if (instrument === null) return "no option";
  if (instrument.base !== currency || instrument.settle !== currency) return "not settled in the coin";
  return {
    instrument: ticker.instrument_name,
    expiryAt: instrument.expiryAt,
    strike: instrument.strike,
    type: instrument.type,
    bid: ticker.best_bid_price || null,
    ask: ticker.best_ask_price || null,
    mark: ticker.mark_price ?? null,
    markVol: ticker.mark_iv == null ? null : ticker.mark_iv / 100,
    forward: ticker.underlying_price ?? null,
    index: ticker.index_price ?? null,
    atMs: ticker.timestamp,
  };
}

/** The quotes of a book summary; throws `ChainError` when it holds none. */
export function readBookSummary(
  entries: readonly unknown[],
  currency: string,
): { quotes: RawQuote[]; unread: Dropped } {
  if (entries.length === 0) throw new ChainError(`Deribit lists no options on ${currency}.`);
  const unread: Dropped = {};
  const quotes: RawQuote[] = [];
  for (const entry of entries) {
    const quote = bookSummaryToQuote(entry, currency);
    if (typeof quote === "string") drop(unread, quote);
    else quotes.push(quote);
  }
  if (quotes.length > 0) return { quotes, unread };
  const why = Object.entries(unread).map(([reason, rows]) => `${reason}: ${rows}`);
  throw new ChainError(`Deribit's answer holds no readable option on ${currency} (${why.join(", ")}).`);
}

/**
 * How far the rows of a chain of now may be apart. Deribit stamps every ticker anew, of quotes that stand still too: in ten recorded sweeps
 * over all options, two of a weekend, none was more than 7 s behind the newest, quoted or not. A stream sends changes alone, and a far strike
 * of a quiet hour may have none for longer.
 */
const LIVE_SECONDS = { live: 15, stream: 180 } as const;

/**
 * The chain of now, of at least one quote, dated by the newest of those near the median, rounded up to a second. Rows that stand still are left
 * out; where most do, as when one shard of a venue goes on alone, it is what goes on that is left out, and the chain is dated by the others.
 */
export function deribitChain(
  how: keyof typeof LIVE_SECONDS,
  currency: string,
  read: readonly RawQuote[],
  refused: Dropped,
): Chain {
  const unread: Dropped = { ...refused };
  const seconds = LIVE_SECONDS[how];
  const { quotes: together, newestMs } = ofOneMoment(read, unread, seconds);
  const quotes = together.filter(({ atMs }) => atMs >= newestMs - seconds * 1000);
  if (quotes.length < together.length) drop(unread, "stale", together.length - quotes.length);
  return {
    source: `Deribit ${how}, ${currency} (${new Date(newestMs).toISOString()})`,
    currency,
    snapshotAt: Math.ceil(newestMs / 1000),
    quotes,
    unread,
  };
}
