/**
 * Deribit's public snapshot of all options of a currency: `public/get_book_summary_by_currency`, no key needed
 * (docs.deribit.com). One request; bids and asks are the top of each book, vols in percent, missing sides null.
 */
import { z } from "zod";
import { type Chain, ChainError, type Dropped, drop, type RawQuote } from "../chain.ts";
import { parseInstrument } from "./instrument.ts";
import type { Source } from "./source.ts";

export const DERIBIT_API = "https://www.deribit.com/api/v2";
const TIMEOUT_MS = 15_000;

export interface DeribitOptions {
  readonly currency: string;
  /** Without a trailing slash. */
  readonly api?: string;
  readonly timeoutMs?: number;
}

const price = z.number().nullish();

const Envelope = z.object({
  result: z.array(z.unknown()).optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
});

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

/** The chain of now, over HTTP. */
export function deribitSource({
  currency,
  api = DERIBIT_API,
  timeoutMs = TIMEOUT_MS,
}: DeribitOptions): Source {
  const wanted = currency.toUpperCase();
  const url = `${api}/public/get_book_summary_by_currency?currency=${encodeURIComponent(wanted)}&kind=option`;
  return {
    describe: `Deribit live, ${wanted} (${new URL(api).host})`,
    async read(signal) {
      return toChain(await request(url, wanted, timeoutMs, signal), wanted);
    },
  };
}

async function request(
  url: string,
  currency: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<unknown[]> {
  const host = new URL(url).host;
  const timeout = AbortSignal.timeout(timeoutMs);
  let status: number;
  let body: string;
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    status = response.status;
    body = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    const reason = timeout.aborted ? `no answer in ${timeoutMs / 1000} s` : causeOf(error);
    throw new ChainError(
      `Deribit cannot be reached at ${host} (${reason}): check the network, or use a recorded chain with --chain FILE.`,
    );
  }
  const envelope = Envelope.safeParse(parseJson(body));
  if (!envelope.success) {
    throw new ChainError(
      `${host} answered HTTP ${status} with something else than Deribit's JSON-RPC: try again later.`,
    );
  }
  const { result, error } = envelope.data;
  if (error !== undefined) {
    throw new ChainError(`Deribit refused the chain of ${currency}: ${error.message} (${error.code}).`);
  }
  if (result === undefined || result.length === 0)
    throw new ChainError(`Deribit lists no options on ${currency}.`);
  return result;
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const { code, message } = cause as { code?: unknown; message?: unknown };
  return String(code ?? message ?? cause);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toChain(entries: readonly unknown[], currency: string): Chain {
  const unread: Dropped = {};
  const quotes: RawQuote[] = [];
  for (const entry of entries) {
    const quote = bookSummaryToQuote(entry, currency);
    if (typeof quote === "string") drop(unread, quote);
    else quotes.push(quote);
  }
  if (quotes.length === 0) {
    const why = Object.entries(unread).map(([reason, rows]) => `${reason}: ${rows}`);
    throw new ChainError(`Deribit's answer holds no readable option on ${currency} (${why.join(", ")}).`);
  }
  const newestMs = quotes.reduce((newest, quote) => Math.max(newest, quote.atMs), 0);
  return {
    source: `Deribit live, ${currency} (${new Date(newestMs).toISOString()})`,
    currency,
    snapshotAt: Math.ceil(newestMs / 1000),
    quotes,
    unread,
  };
}

/** The quote of one entry of a book summary, or the reason why it is none. */
export function bookSummaryToQuote(entry: unknown, currency: string): RawQuote | string {
  const parsed = BookSummary.safeParse(entry);
  if (!parsed.success) return "entry of another shape";
  const summary = parsed.data;
  const instrument = parseInstrument(summary.instrument_name);
  if (instrument === null) return "no option";
  if (instrument.base !== currency || instrument.settle !== currency) return "not settled in the coin";
  return {
    instrument: summary.instrument_name,
    expiryAt: instrument.expiryAt,
    strike: instrument.strike,
    type: instrument.type,
    bid: quoted(summary.bid_price),
    ask: quoted(summary.ask_price),
    mark: summary.mark_price ?? null,
    markVol: summary.mark_iv == null ? null : summary.mark_iv / 100,
    forward: summary.underlying_price ?? null,
    index: summary.estimated_delivery_price ?? null,
    atMs: summary.creation_timestamp,
  };
}

/** The venue says that a side is empty by null or by 0. */
export function quoted(value: number | null | undefined): number | null {
  return value === undefined || value === 0 ? null : value;
}
