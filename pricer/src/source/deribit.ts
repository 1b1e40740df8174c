/**
 * Deribit's public snapshot of all options of a currency: `public/get_book_summary_by_currency`, no key needed
 * (docs.deribit.com). One request; bids and asks are the top of each book, vols in percent, missing sides null.
 */
import { z } from "zod";
import { ChainError } from "../chain/chain.ts";
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

const Envelope = z.object({
  result: z.array(z.unknown()).optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
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
    async read(signal) {
      const { quotes, unread } = readBookSummary(await request(url, wanted, timeoutMs, signal), wanted);
      return deribitChain("live", wanted, quotes, unread);
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
      `Deribit cannot be reached at ${host} (${reason}): check the network, or use a recorded chain.`,
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
  return result ?? [];
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
