/**
 * Deribit's options by websocket: the book summary once per connection, then every change of a ticker as it happens. A chain is
 * read from memory at once, and only while the connection lives: what was known before a loss is forgotten, and `read` waits for the
 * next connection to bring everything anew.
 */
import { z } from "zod";
import { type Chain, ChainError, type Dropped, describeDrops, drop, type RawQuote } from "../chain/chain.ts";
import { hostOf } from "../service/withHostsOnly.ts";
import { deribitChain, readBookSummary, tickerToQuote } from "./deribitQuotes.ts";
import {
  type JsonRpcCall,
  JsonRpcError,
  type JsonRpcSocketOptions,
  openJsonRpcSocket,
} from "./jsonRpcSocket.ts";
import { MOST_CHANNELS, NewTickers, subscribedIn, tickerChannel } from "./newTickers.ts";
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

/** A ticker farther than this ahead of our clock is refused: none that follows would be newer. Of a late clock all are. */
const AHEAD_MS = 5000;
/** States of an instrument that has quotes, or will have. */
const LIVE_STATES = ["created", "started", "open"];

const InstrumentState = z.object({ instrument_name: z.string(), state: z.string() });

/** The chain of now, over a websocket. */
export const deribitStream = (options: DeribitStreamOptions): StreamSource => new DeribitStream(options);

class DeribitStream implements StreamSource {
  readonly #currency: string;
  readonly #url: string;
  readonly #host: string;
  readonly #timeoutMs: number;
  readonly #timing: Pick<
    JsonRpcSocketOptions,
    "heartbeatSeconds" | "answerSeconds" | "standstillSeconds" | "retryMs"
  >;
  /** By instrument: its quote, or why its newest ticker is none. */
  readonly #rows = new Map<string, RawQuote | string>();
  readonly #newTickers: NewTickers;
  /** Of the book summary alone. */
  #unread: Dropped = {};
  /** How far ahead of our clock the newest ticker was, where it was refused for that; else 0. */
  #aheadMs = 0;
  #isReady = false;
  #failure: Error | null = null;
  #socket: { close(): void } | null = null;
  #change = Promise.withResolvers<void>();

  constructor(options: DeribitStreamOptions) {
    this.#currency = options.currency.toUpperCase();
    this.#url = options.url ?? DERIBIT_SOCKET;
    this.#host = hostOf(this.#url);
    this.#timeoutMs = options.timeoutMs ?? 15_000;
    this.#timing = {
      heartbeatSeconds: options.heartbeatSeconds ?? 30,
      answerSeconds: options.answerSeconds ?? 10,
      standstillSeconds: options.standstillSeconds ?? 20,
      retryMs: options.retryMs ?? { first: 1000, most: 30_000 },
    };
    this.#newTickers = new NewTickers(this.#timing.retryMs);
  }

  async read(signal?: AbortSignal): Promise<Chain> {
    signal?.throwIfAborted();
    this.#socket ??= this.#open();
    await this.#untilReady(signal);
    if (this.#aheadMs > 0)
      throw new ChainError(`The clock is ${Math.round(this.#aheadMs / 1000)} s behind Deribit's: set it.`);
    const chain = chainOf(this.#currency, [...this.#rows.values()], this.#unread);
    if (newestOf(this.#rows.values()) - chain.snapshotAt <= this.#timing.standstillSeconds) return chain;
    // The connection lives by what goes on, so it would not be lost by itself.
    this.#disconnect("most tickers stand still");
    throw new ChainError("Most of Deribit's tickers stand still: the stream is opened anew.");
  }

  close(): void {
    this.#disconnect("closed");
  }

  #open(): { close(): void } {
    return openJsonRpcSocket({
      ...{ url: this.#url, ...this.#timing },
      onConnect: (call) => this.#onConnect(call),
      onNotification: (channel, data, call) => this.#onNotification(channel, data, call),
      onLost: (reason) => this.#onLost(reason),
    });
  }

  #disconnect(why: string): void {
    this.#socket?.close();
    this.#socket = null;
    this.#onLost(new Error(why));
  }

  /** @throws ChainError where no chain is to be had, and the signal's reason */
  async #untilReady(signal: AbortSignal | undefined): Promise<void> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const stop = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    while (!this.#isReady) {
      await Promise.race([this.#change.promise, aborted(stop)]);
      signal?.throwIfAborted();
      const failure = this.#failureIn(timeout);
      if (failure !== null) throw failure;
    }
  }

  /** Why there will be no chain, or none in time; null while there may. */
  #failureIn(timeout: AbortSignal): ChainError | null {
    const [host, failure] = [this.#host, this.#failure];
    if (this.#socket === null)
      return new ChainError(`Deribit's stream at ${host} was closed before it gave a chain.`);
    // The network may come back while we wait; a refusal will not change its mind.
    if (failure instanceof ChainError) return failure;
    if (failure instanceof JsonRpcError)
      return new ChainError(`Deribit refused the chain of ${this.#currency}: ${failure.message}.`);
    if (!timeout.aborted || this.#isReady) return null;
    return new ChainError(
      `Deribit's stream at ${host} gave no chain in ${this.#timeoutMs / 1000} s (${failure?.message ?? "no answer"}): ` +
        "check the network, or use recorded chains.",
    );
  }

  #announce(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  async #onConnect(call: JsonRpcCall): Promise<void> {
    const currency = this.#currency;
    const entries = await call("public/get_book_summary_by_currency", { currency, kind: "option" });
    const summary = readBookSummary(Array.isArray(entries) ? entries : [], currency);
    // Before the subscription: the first tickers come before its answer.
    for (const quote of summary.quotes) this.#rows.set(quote.instrument, quote);
    this.#unread = summary.unread;
    const tickers = summary.quotes.map(({ instrument }) => tickerChannel(instrument));
    const subscribed = await subscribe(call, [`instrument.state.option.${currency}`, ...tickers]);
    this.#dropUnsubscribed(summary.quotes, subscribed);
    this.#isReady = true;
    this.#failure = null;
    this.#announce();
  }

  /** What no ticker renews would stand still among the others. */
  #dropUnsubscribed(quotes: readonly RawQuote[], subscribed: ReadonlySet<unknown>): void {
    for (const { instrument } of quotes) {
      if (subscribed.has(tickerChannel(instrument))) continue;
      this.#rows.delete(instrument);
      drop(this.#unread, "no ticker");
    }
  }

  #onNotification(channel: string, data: unknown, call: JsonRpcCall): void {
    if (channel.startsWith("ticker.")) this.#onTicker(channel.split(".")[1]!, data);
    else if (channel.startsWith("instrument.state.")) this.#onInstrumentState(data, call);
  }

  #onTicker(instrument: string, data: unknown): void {
    const quote = tickerToQuote(data, this.#currency);
    if (typeof quote === "string") {
      this.#rows.set(instrument, quote);
      return;
    }
    const ahead = quote.atMs - Date.now();
    this.#aheadMs = ahead > AHEAD_MS ? ahead : 0;
    if (this.#aheadMs > 0) return;
    const known = this.#rows.get(quote.instrument);
    if (typeof known !== "object" || quote.atMs >= known.atMs) this.#rows.set(quote.instrument, quote);
  }

  #onInstrumentState(data: unknown, call: JsonRpcCall): void {
    const parsed = InstrumentState.safeParse(data);
    if (!parsed.success) return;
    const { instrument_name: name, state } = parsed.data;
    if (LIVE_STATES.includes(state)) {
      if (!this.#rows.has(name)) this.#newTickers.want(name, call);
      return;
    }
    this.#rows.delete(name);
    this.#newTickers.forget(name);
  }

  #onLost(reason: Error): void {
    this.#rows.clear();
    this.#newTickers.forgetAll();
    this.#aheadMs = 0;
    this.#isReady = false;
    this.#failure = reason;
    this.#announce();
  }
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

/** The channels that the server says are subscribed. */
async function subscribe(call: JsonRpcCall, channels: readonly string[]): Promise<Set<unknown>> {
  const subscribed = new Set<unknown>();
  for (let start = 0; start < channels.length; start += MOST_CHANNELS) {
    const answer = await call("public/subscribe", { channels: channels.slice(start, start + MOST_CHANNELS) });
    for (const channel of subscribedIn(answer)) subscribed.add(channel);
  }
  return subscribed;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
