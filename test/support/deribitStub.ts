/** A loopback server that answers like Deribit's HTTP API. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Stub {
  /** The base to give to a source in place of https://www.deribit.com/api/v2. */
  readonly api: string;
  readonly requests: string[];
  close(): Promise<void>;
}

export async function startStub(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Stub> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** Answers `public/get_index_price` by this index, and everything else as told. */
export const withIndex =
  (answer: (request: IncomingMessage, response: ServerResponse) => void, index = 2881.5): typeof answer =>
  (request, response) => {
    if (!request.url?.includes("/public/get_index_price?")) return answer(request, response);
    // What it would be delivered at is an average, from half an hour before that on.
    json(response, 200, envelope({ index_price: index, estimated_delivery_price: 0.9 * index }));
  };

/** One entry of `public/get_book_summary_by_currency`, every field that Deribit sends. */
export function bookSummary(
  instrument: string,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    instrument_name: instrument,
    base_currency: "ETH",
    quote_currency: "ETH",
    underlying_index: "SYN.ETH-27MAR26",
    underlying_price: 2900.5,
    estimated_delivery_price: 2880.25,
    interest_rate: 0,
    bid_price: 0.05,
    ask_price: 0.052,
    mid_price: 0.051,
    mark_price: 0.051123,
    mark_iv: 60.5,
    last: null,
    high: null,
    low: null,
    price_change: null,
    open_interest: 12,
    volume: 3,
    volume_usd: 450.1,
    creation_timestamp: 1770000000123,
    ...changes,
  };
}

export function envelope(result: unknown): Record<string, unknown> {
  return { jsonrpc: "2.0", result, usIn: 1, usOut: 2, usDiff: 1, testnet: false };
}
