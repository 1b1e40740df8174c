/**
 * Deribit's options by websocket: the book summary once per connection, then every change of a ticker as it happens. A chain is
 * read from memory at once, and only while the connection lives: what was known before a loss is forgotten, and `read` waits for the
 * next connection to bring everything anew.
 */
import { z } from "zod";
import { type Chain, ChainError, type Dropped, describeDrops, drop, type RawQuote } from "../chain/chain.ts";
import { deribitChain, readBookSummary, tickerToQuote } from "./deribitQuotes.ts";
import { type JsonRpcCall, JsonRpcError, openJsonRpcSocket } from "./jsonRpcSocket.ts";
import type { Source } from "./source.ts";

export const DERIBIT_SOCKET = "wss://www.deribit.com/ws/api/v2";

export interface DeribitStreamOptions {
  readonly currency: string;
  readonly url?: string;
  /** How long `read` waits for a chain. */
  readonly timeoutMs?: number;
  /** Deribit takes 10 and more. */
  readonly heartbeatSeconds?: number;
  readonly answerSeconds?: number;
  /** Hundreds of tickers change with every move of spot: without one for so long, or where most rows are so far behind the newest that they are out of date, the stream is dead. */
  readonly standstillSeconds?: number;
  readonly retryMs?: { readonly first: number; readonly most: number };
}

/** A source that holds a connection from the first `read` until closed. */
export interface StreamSource extends Source {
  close(): void;
}

/** Deribit's limit of channels in one call. */
const MOST_CHANNELS = 500;
/** A ticker farther than this ahead of our clock is refused: none that follows would be newer. Of a late clock all are. */
const AHEAD_MS = 5000;
/** States of an instrument that has quotes, or will have. */
const LIVE_STATES = ["created", "started", "open"];

const InstrumentState = z.object({ instrument_name: z.string(), state: z.string() });

/** The chain of now, over a websocket. */
export function deribitStream(options: DeribitStreamOptions): StreamSource {
  const { url = DERIBIT_SOCKET, timeoutMs = 15_000 } = options;
  const timing = {
    heartbeatSeconds: options.heartbeatSeconds ?? 30,
    answerSeconds: options.answerSeconds ?? 10,
    standstillSeconds: options.standstillSeconds ?? 20,
    retryMs: options.retryMs ?? { first: 1000, most: 30_000 },
  };
  const currency = options.currency.toUpperCase();
  const { host } = new URL(url);
  /** By instrument: its quote, or why its newest ticker is none. */
  const rows = new Map<string, RawQuote | string>();
  /** Of the book summary alone. */
  let unread: Dropped = {};
  /** How far ahead of our clock the newest ticker was, where it was refused for that; else 0. */
  let aheadMs = 0;
  let isReady = false;
  let failure: Error | null = null;
  let socket: { close(): void } | null = null;
  let change = Promise.withResolvers<void>();

  function announce(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  async function onConnect(call: JsonRpcCall): Promise<void> {
    const entries = await call("public/get_book_summary_by_currency", { currency, kind: "option" });
    const summary = readBookSummary(Array.isArray(entries) ? entries : [], currency);
    // Before the subscription: the first tickers come before its answer.
    for (const quote of summary.quotes) rows.set(quote.instrument, quote);
    unread = summary.unread;
    const tickers = summary.quotes.map(({ instrument }) => tickerChannel(instrument));
    const subscribed = await subscribe(call, [`instrument.state.option.${currency}`, ...tickers]);
    // What no ticker renews would stand still among the others.
    for (const { instrument } of summary.quotes) {
      if (subscribed.has(tickerChannel(instrument))) continue;
      rows.delete(instrument);
      drop(unread, "no ticker");
    }
    isReady = true;
    failure = null;
    announce();
  }

  function onNotification(channel: string, data: unknown, call: JsonRpcCall): void {
    if (channel.startsWith("ticker.")) onTicker(channel.split(".")[1]!, data);
    else if (channel.startsWith("instrument.state.")) onInstrumentState(data, call);
  }

  function onTicker(instrument: string, data: unknown): void {
    const quote = tickerToQuote(data, currency);
    if (typeof quote === "string") {
      rows.set(instrument, quote);
      return;
    }
    const ahead = quote.atMs - Date.now();
    aheadMs = ahead > AHEAD_MS ? ahead : 0;
    if (aheadMs > 0) return;
    const known = rows.get(quote.instrument);
    if (typeof known !== "object" || quote.atMs >= known.atMs) rows.set(quote.instrument, quote);
  }

  function onInstrumentState(data: unknown, call: JsonRpcCall): void {
    const parsed = InstrumentState.safeParse(data);
    if (!parsed.success) return;
    const { instrument_name: name, state } = parsed.data;
    if (!LIVE_STATES.includes(state)) rows.delete(name);
    // A refusal leaves out one new instrument; the next connection asks for it again.
    else if (!rows.has(name)) subscribe(call, [tickerChannel(name)]).catch(() => {});
  }

  function onLost(reason: Error): void {
    rows.clear();
    aheadMs = 0;
    isReady = false;
    failure = reason;
    announce();
  }

  async function read(signal?: AbortSignal): Promise<Chain> {
    signal?.throwIfAborted();
    socket ??= openJsonRpcSocket({ url, ...timing, onConnect, onNotification, onLost });
    const timeout = AbortSignal.timeout(timeoutMs);
    const stop = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    while (!isReady) {
      await Promise.race([change.promise, aborted(stop)]);
      signal?.throwIfAborted();
      if (socket === null)
        throw new ChainError(`Deribit's stream at ${host} was closed before it gave a chain.`);
      // The network may come back while we wait; a refusal will not change its mind.
      if (failure instanceof ChainError) throw failure;
      if (failure instanceof JsonRpcError) {
        throw new ChainError(`Deribit refused the chain of ${currency}: ${failure.message}.`);
      }
      if (timeout.aborted && !isReady) {
        throw new ChainError(
          `Deribit's stream at ${host} gave no chain in ${timeoutMs / 1000} s (${failure?.message ?? "no answer"}): ` +
            "check the network, or use recorded chains.",
        );
      }
    }
    if (aheadMs > 0)
      throw new ChainError(`The clock is ${Math.round(aheadMs / 1000)} s behind Deribit's: set it.`);
    const chain = chainOf(currency, [...rows.values()], unread);
    if (newestOf(rows.values()) - chain.snapshotAt <= timing.standstillSeconds) return chain;
    // The connection lives by what goes on, so it would not be lost by itself.
    disconnect("most tickers stand still");
    throw new ChainError("Most of Deribit's tickers stand still: the stream is opened anew.");
  }

  function disconnect(why: string): void {
    socket?.close();
    socket = null;
    onLost(new Error(why));
  }

  return {
    read,
    close: () => disconnect("closed"),
  };
}

/** The time of the newest quote, unix seconds. */
const newestOf = (rows: Iterable<RawQuote | string>): number =>
  Math.max(...[...rows].map((row) => (typeof row === "string" ? 0 : row.atMs))) / 1000;

function chainOf(currency: string, rows: readonly (RawQuote | string)[], summary: Dropped): Chain {
  const unread: Dropped = { ...summary };
  const quotes: RawQuote[] = [];
  for (const row of rows) {
    if (typeof row === "string") drop(unread, row);
    else quotes.push(row);
  }
  if (quotes.length > 0) return deribitChain("stream", currency, quotes, unread);
  const what = rows.length === 0 ? "any more" : `that can be read (${describeDrops([unread])})`;
  throw new ChainError(`Deribit lists no options on ${currency} ${what}.`);
}

function tickerChannel(instrument: string): string {
  return `ticker.${instrument}.agg2`;
}

/** The channels that the server says are subscribed. */
async function subscribe(call: JsonRpcCall, channels: readonly string[]): Promise<Set<unknown>> {
  const subscribed = new Set<unknown>();
  for (let start = 0; start < channels.length; start += MOST_CHANNELS) {
    const answer = await call("public/subscribe", { channels: channels.slice(start, start + MOST_CHANNELS) });
    if (Array.isArray(answer)) for (const channel of answer) subscribed.add(channel);
  }
  return subscribed;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
