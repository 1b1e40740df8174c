/** HTTP, on loopback unless told otherwise: JSON in, JSON out, metrics and health beside it. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { systemReason } from "@meniscus/sdk/systemReason";
import type { Registry } from "prom-client";
import { ConfigError } from "./config.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Health {
  readonly isWell: boolean;
  readonly reasons: readonly string[];
}

export interface EndpointOptions {
  /** 127.0.0.1 without it. */
  readonly host?: string;
  readonly port: number;
  readonly registry: Registry;
  health(): Health;
  /** By method and path, `POST /sign`; a body is given as text. */
  readonly routes?: Readonly<Record<string, (body: string) => Promise<Answer>>>;
}

export interface Endpoint {
  readonly url: string;
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const BODY_LIMIT = 1 << 20;

/** Listens there and nowhere else. @throws ConfigError when the port cannot be listened on */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const server = createServer((request, response) => {
    // Whatever breaks one answer, the next is another one.
    respond(request, response, options).catch(() =>
      response.headersSent ? response.destroy() : end(response, 500, ""),
    );
  });
  server.requestTimeout = 10_000;
  const { host = LOOPBACK } = options;
  server.listen(options.port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new ConfigError(`Port ${options.port} cannot be listened on: ${systemReason(error)}.`);
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { host = LOOPBACK, registry, health, routes = {} }: EndpointOptions,
): Promise<void> {
  if (host === LOOPBACK && isByOtherName(request)) return end(response, 403, "");
  if (request.method !== "GET") {
    if (isOfPage(request)) return end(response, 403, "");
    if (!/^application\/json *(;|$)/i.test(request.headers["content-type"] ?? ""))
      return end(response, 415, '{"error":"send content-type: application/json"}');
  }
  const { pathname } = new URL(request.url ?? "/", `http://${LOOPBACK}`);
  const wanted = `${request.method} ${pathname}`;
  if (wanted === "GET /metrics") {
    const text = await registry.metrics();
    response.setHeader("content-type", registry.contentType);
    response.end(text);
    return;
  }
  if (wanted === "GET /health") {
    const found = health();
    return end(response, found.isWell ? 200 : 503, `${JSON.stringify(found)}\n`);
  }
  const route = routes[wanted];
  if (route === undefined) return end(response, 404, "");
  const body = await bodyOf(request);
  if (body === null) return end(response, 413, "");
  const { status, body: answer } = await route(body);
  end(response, status, answer);
}

/** A page in a browser of this machine can reach loopback by a name of its own, and would read the answer as its own. */
const isByOtherName = ({ headers }: IncomingMessage): boolean =>
  !/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? "");

/**
 * Whether a browser sends it for a page. No page can read what a GET answers, and no GET changes anything; a POST need not be read to spend a
 * signature. A browser that says neither cannot send JSON to another site, unless it asks first, and nothing here answers that.
 */
const isOfPage = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined || headers["sec-fetch-site"] !== undefined;

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body);
}

/** The body; null where it is longer than anybody needs. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > BODY_LIMIT) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
