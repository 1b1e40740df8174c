/**
 * The tickers of instruments that are listed while a stream is open. A new expiry comes as dozens of instruments within a moment, each told
 * of at every change of its state, and Deribit ends a connection that makes more than ten calls at once and some three a second: so they are
 * asked for together, and none again that is subscribed.
 */
import type { JsonRpcCall } from "./jsonRpcSocket.ts";

/** Deribit's limit of channels in one call. */
export const MOST_CHANNELS = 500;
/** Milliseconds for which names are collected before a call. */
const COLLECT_MS = 250;

export const tickerChannel = (instrument: string): string => `ticker.${instrument}.agg2`;

/** The channels that the venue says are subscribed. */
export const subscribedIn = (answer: unknown): ReadonlySet<unknown> =>
  new Set(Array.isArray(answer) ? answer : []);

export class NewTickers {
  readonly #retryMs: { readonly first: number; readonly most: number };
  readonly #wanted = new Set<string>();
  readonly #asked = new Set<string>();
  #waitMs: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param retryMs how long after a refusal, or an answer that leaves some out, these are asked for again, doubled with each, milliseconds */
  constructor(retryMs: { readonly first: number; readonly most: number }) {
    this.#retryMs = retryMs;
    this.#waitMs = retryMs.first;
  }

  /** Subscribes to the ticker of an instrument, once on a connection, soon; again and again where the venue does not. */
  want(instrument: string, call: JsonRpcCall): void {
    if (this.#asked.has(instrument)) return;
    this.#wanted.add(instrument);
    this.#askIn(COLLECT_MS, call);
  }

  /** It is listed no longer; if it is again, it is a new one. */
  forget(instrument: string): void {
    this.#wanted.delete(instrument);
    this.#asked.delete(instrument);
  }

  /** The connection is lost, and all that was asked of it. */
  forgetAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wanted.clear();
    this.#asked.clear();
    this.#waitMs = this.#retryMs.first;
  }

  #askIn(milliseconds: number, call: JsonRpcCall): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#ask(call);
    }, milliseconds);
  }

  async #ask(call: JsonRpcCall): Promise<void> {
    const names = [...this.#wanted].slice(0, MOST_CHANNELS);
    if (names.length === 0) return;
    for (const name of names) {
      this.#wanted.delete(name);
      this.#asked.add(name);
    }
    if (this.#wanted.size > 0) this.#askIn(COLLECT_MS, call);
    try {
      const subscribed = subscribedIn(await call("public/subscribe", { channels: names.map(tickerChannel) }));
      const leftOut = names.filter((name) => !subscribed.has(tickerChannel(name)));
      // One that is not open yet may have no ticker; and all its states may have been told before this answer.
      if (leftOut.length > 0) this.#askAgain(leftOut, call);
      else this.#waitMs = this.#retryMs.first;
    } catch {
      this.#askAgain(names, call);
    }
  }

  /** What was refused or left out, but for what is forgotten by now: all of it where the connection is lost. */
  #askAgain(names: readonly string[], call: JsonRpcCall): void {
    for (const name of names) if (this.#asked.delete(name)) this.#wanted.add(name);
    if (this.#wanted.size === 0) return;
    // Those that came meanwhile wait with them.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#askIn(this.#waitMs, call);
    this.#waitMs = Math.min(2 * this.#waitMs, this.#retryMs.most);
  }
}
