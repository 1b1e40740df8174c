/** A JSON-RPC proxy between a keeper and its node, which does to requests what networks and providers do to them. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Request {
  method: string;
  params: unknown[];
  id: number;
}

/** What becomes of a request: passed on by default. */
export interface Treatment {
  /** An HTTP status in place of an answer. */
  status?: number;
  /** Never answered. */
  hang?: boolean;
  /** Answered by this, the node not asked. */
  result?: unknown;
  /** Answered by this error, or one that says this, the node not asked. */
  error?: string | { code: number; message: string; data?: string };
  /** Asked of the node in place of what came. */
  params?: unknown[];
  /** Before the node is asked, or answered for; after it has answered, before the keeper hears of it. */
  before?: () => Promise<void>;
  after?: () => Promise<void>;
}

export type Treat = (request: Request, count: number) => Treatment | undefined;

export interface RpcProxy {
  url: string;
  treat: Treat;
  close(): void;
}

export async function startProxy(node: string): Promise<RpcProxy> {
  const proxy: RpcProxy = { url: "", treat: () => undefined, close: () => {} };
  let count = 0;
  const answer = async (request: Request): Promise<object> => {
    const { status, hang, result, error, params, before, after } = proxy.treat(request, count++) ?? {};
    if (status !== undefined) throw status;
    if (hang) await new Promise(() => {});
    await before?.();
    const head = { jsonrpc: "2.0", id: request.id };
    if (typeof error === "string") return { ...head, error: { code: -32000, message: error } };
    if (error !== undefined) return { ...head, error };
    if (result !== undefined) return { ...head, result };
    const body = JSON.stringify({ ...request, ...(params && { params }) });
    const headers = { "content-type": "application/json" };
    const answered = (await (await fetch(node, { method: "POST", headers, body })).json()) as object;
    await after?.();
    return answered;
  };
  const server = createServer(async (incoming, outgoing) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const asked: Request | Request[] = JSON.parse(Buffer.concat(chunks).toString());
      const told = Array.isArray(asked) ? await Promise.all(asked.map(answer)) : await answer(asked);
      outgoing.setHeader("content-type", "application/json");
      outgoing.end(JSON.stringify(told));
    } catch (error) {
      outgoing.writeHead(typeof error === "number" ? error : 502).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return proxy;
}
