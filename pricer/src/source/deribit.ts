/**
 * Deribit's public snapshot of all options of a currency: `public/get_book_summary_by_currency`, no key needed
 * (docs.deribit.com). Bids and asks are the top of each book, vols in percent, missing sides null. Beside it the index of now,
 * `public/get_index_price`: what the summary tells is the delivery price, in the half hour before a delivery an average.
 */
import { z } from "zod";
import { ChainError } from "../chain/chain.ts";
import { hostOf, withHostsOnly } from "../service/withHostsOnly.ts";
import { deribitChain, readBookSummary } from "./deribitQuotes.ts";
import type { Source } from "./source.ts";

export const DERIBIT_API = "https://www.deribit.com/api/v2";
const TIMEOUT_MS = 15_000;

export interface DeribitOptions {
  readonly currency: string;
  /** Without a trailing slash. */
  readonly api?: string;
  readonly timeoutMs?: number;
}

const Entries = z.array(z.unknown()).optional();
const Index = z.object({ index_price: z.number() });
const Envelope = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
});

/** The chain of now, over HTTP. */
export function deribitSource({
  currency,
  api = DERIBIT_API,
  timeoutMs = TIMEOUT_MS,
}: DeribitOptions): Source {
  const wanted = currency.toUpperCase();
  const ask = <T>(path: string, what: string, result: z.ZodType<T>, signal?: AbortSignal) =>
    request(`${api}/public/${path}`, `the ${what} of ${wanted}`, result, timeoutMs, signal);
  const summary = `get_book_summary_by_currency?currency=${encodeURIComponent(wanted)}&kind=option`;
  // Of options that are settled in the coin.
  const indexOf = `get_index_price?index_name=${encodeURIComponent(wanted.toLowerCase())}_usd`;
  return {
    async read(signal) {
      const [entries, { index_price: index }] = await Promise.all([
        ask(summary, "chain", Entries, signal),
        ask(indexOf, "index", Index, signal),
      ]);
      const { quotes, unread } = readBookSummary(entries ?? [], wanted);
      return deribitChain(
        "live",
        wanted,
        quotes.map((quote) => ({ ...quote, index })),
        unread,
      );
    },
  };
}

/** @param what is asked for, in words */
async function request<T>(
  url: string,
  what: string,
  resultSchema: z.ZodType<T>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<T> {
  const host = hostOf(url);
  const { status, body } = await fetchText(url, timeoutMs, signal);
  const other = () =>
    new ChainError(
      `${host} answered HTTP ${status} with something else than Deribit's JSON-RPC: try again later.`,
    );
  const envelope = Envelope.safeParse(parseJson(body));
  if (!envelope.success) throw other();
  const { error } = envelope.data;
  if (error !== undefined) throw new ChainError(`Deribit refused ${what}: ${error.message} (${error.code}).`);
  const result = resultSchema.safeParse(envelope.data.result);
  if (!result.success) throw other();
  return result.data;
}

async function fetchText(
  url: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<{ status: number; body: string }> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    signal?.throwIfAborted();
    const reason = timeout.aborted ? `no answer in ${timeoutMs / 1000} s` : causeOf(error);
    const host = hostOf(url);
    throw new ChainError(
      `Deribit cannot be reached at ${host} (${reason}): check the network, or use a recorded chain.`,
    );
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const { code, message } = cause as { code?: unknown; message?: unknown };
  return withHostsOnly(String(code ?? message ?? cause));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
