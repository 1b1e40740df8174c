/** A loopback server that speaks Deribit's websocket API: calls, subscriptions, heartbeats, and whatever a test makes it say. */
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { bookSummary } from "./deribitStub.ts";

export interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: { readonly channels?: string[]; readonly interval?: number; readonly currency?: string };
}

export interface SocketStub {
  readonly url: string;
  /** Calls received, a list per connection. */
  readonly connections: Call[][];
  /** What the book summary answers, or makes its answer when it is asked; an Error is answered as an error of JSON-RPC. */
  summary: unknown[] | Error | (() => Promise<unknown[]>);
  /** Channels that a subscription leaves out. */
  withheld: string[];
  /** How many subscriptions to come are refused, for there were too many. */
  refusals: number;
  /** Whether new connections are answered at all. */
  mute: boolean;
  /** Sends to every connection. */
  say(message: object | string): void;
  notify(channel: string, data: unknown): void;
  /** Breaks every connection without a farewell. */
  cut(): void;
  close(): Promise<void>;
}

/** Deribit's limit of calls of a connection that does not log in: a burst of ten, then 3.3 a second; beyond it the connection is ended. */
const LIMIT = { burst: 10, perSecond: 3.3 };

export async function startSocketStub(instruments: string[], port = 0): Promise<SocketStub> {
  const server = new WebSocketServer({ port, host: "127.0.0.1" });
  await new Promise((resolve) => {
    server.once("listening", resolve);
  });
  const stub: SocketStub = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/api/v2`,
    connections: [],
    summary: instruments.map((instrument) => bookSummary(instrument)),
    withheld: [],
    refusals: 0,
    mute: false,
    say(message) {
      for (const socket of server.clients)
        socket.send(typeof message === "string" ? message : JSON.stringify(message));
    },
    notify(channel, data) {
      stub.say({ jsonrpc: "2.0", method: "subscription", params: { channel, data } });
    },
    cut() {
      for (const socket of server.clients) socket.terminate();
    },
    close() {
      stub.cut();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
  server.on("connection", (socket) => {
    const calls: Call[] = [];
    stub.connections.push(calls);
    let [credit, countedAt] = [LIMIT.burst, performance.now()];
    socket.on("message", (data) => {
      const now = performance.now();
      credit = Math.min(LIMIT.burst, credit + (LIMIT.perSecond * (now - countedAt)) / 1000) - 1;
      countedAt = now;
      if (credit < 0) return socket.terminate();
      const call = JSON.parse(String(data)) as Call;
      calls.push(call);
      if (!stub.mute) void answer(socket, call, stub);
    });
  });
  return stub;
}

async function answer(
  socket: WebSocket,
  { id, method, params }: Call,
  stub: Pick<SocketStub, "summary" | "withheld" | "refusals">,
): Promise<void> {
  const { summary, withheld } = stub;
  const send = (body: object) => socket.send(JSON.stringify({ jsonrpc: "2.0", id, ...body }));
  if (method === "public/get_book_summary_by_currency") {
    if (summary instanceof Error) send({ error: { code: 10028, message: summary.message } });
    else send({ result: typeof summary === "function" ? await summary() : summary });
  } else if (method === "public/subscribe" && stub.refusals > 0) {
    stub.refusals--;
    send({ error: { code: 10028, message: "too_many_requests" } });
  } else if (method === "public/subscribe") {
    send({ result: params.channels?.filter((channel) => !withheld.includes(channel)) });
  } else if (method === "public/test") send({ result: { version: "1.2.26" } });
  else send({ result: "ok" });
}

/** A notification of `ticker.{instrument}.agg2`, with the fields of an option. */
export function ticker(instrument: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    instrument_name: instrument,
    timestamp: 1770000005000,
    state: "open",
    best_bid_price: 0.06,
    best_bid_amount: 10,
    best_ask_price: 0.062,
    best_ask_amount: 12,
    bid_iv: 60,
    ask_iv: 62,
    mark_price: 0.061,
    mark_iv: 61,
    underlying_index: "SYN.ETH-27MAR26",
    underlying_price: 2910.5,
    index_price: 2890.25,
    interest_rate: 0,
    last_price: null,
    greeks: { delta: 0.4, gamma: 0.001, rho: 1, theta: -3, vega: 4 },
    ...changes,
  };
}
