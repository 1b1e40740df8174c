/**
 * A JSON-RPC connection over a websocket that comes back: Deribit's protocol of calls, subscriptions and heartbeats.
 *
 * Every connection starts anew: `set_heartbeat`, then the owner's `onConnect`, which subscribes. A connection that is closed, refused,
 * silent for two heartbeats, late with an answer, or, once it has subscribed, without a notification for too long is lost: pending calls fail, the owner hears of it, and the next attempt follows after a
 * wait that doubles up to a limit and starts over once an `onConnect` has succeeded.
 */
import { z } from "zod";

export interface JsonRpcSocketOptions {
  readonly url: string;
  /** Runs on every new connection; when it fails, the connection is given up for the next. */
  readonly onConnect: (call: JsonRpcCall) => Promise<void>;
  readonly onNotification: (channel: string, data: unknown, call: JsonRpcCall) => void;
  /** The connection, or the attempt at one, is lost. */
  readonly onLost: (reason: Error) => void;
  readonly heartbeatSeconds: number;
  /** Seconds that the server has for an answer. */
  readonly answerSeconds: number;
  /** Seconds between two notifications: heartbeats go on while a subscription is dead. */
  readonly standstillSeconds: number;
  readonly retryMs: { readonly first: number; readonly most: number };
}

export type JsonRpcCall = (method: string, params: object) => Promise<unknown>;

/** The server answered a call with an error. */
export class JsonRpcError extends Error {
  override readonly name = "JsonRpcError";
}

const Message = z.object({
  /** Null in an error that answers no call in particular. */
  id: z.number().nullish(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
  method: z.string().optional(),
  params: z.object({ type: z.string(), channel: z.string(), data: z.unknown() }).partial().optional(),
});

/** Connects, and stays connected until closed. */
export function openJsonRpcSocket(options: JsonRpcSocketOptions): { close(): void } {
  let closed = false;
  let waitMs = options.retryMs.first;
  let retry: NodeJS.Timeout | undefined;
  let hangUp = connect();

  function connect(): () => void {
    return openConnection(options, {
      onReady: () => {
        waitMs = options.retryMs.first;
      },
      onLost: (reason) => {
        if (closed) return;
        retry = setTimeout(() => {
          hangUp = connect();
        }, waitMs);
        waitMs = Math.min(2 * waitMs, options.retryMs.most);
        options.onLost(reason);
      },
    });
  }

  return {
    close() {
      closed = true;
      clearTimeout(retry);
      hangUp();
    },
  };
}

/** A call without its answer yet. */
interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
  readonly patience: NodeJS.Timeout;
}

/** One connection; returns how to hang up. */
function openConnection(
  options: JsonRpcSocketOptions,
  events: { onReady: () => void; onLost: (reason: Error) => void },
): () => void {
  const socket = new WebSocket(options.url);
  const pending = new Map<number, Pending>();
  let calls = 0;
  let lost = false;
  const silence = loseAfter(2 * options.heartbeatSeconds, "silent for");
  let standstill: NodeJS.Timeout | undefined;

  function loseAfter(seconds: number, fault: string): NodeJS.Timeout {
    return setTimeout(() => lose(new Error(`${fault} ${seconds} s`)), seconds * 1000);
  }

  function lose(reason: Error): void {
    if (lost) return;
    lost = true;
    clearTimeout(silence);
    clearTimeout(standstill);
    for (const { reject, patience } of pending.values()) {
      clearTimeout(patience);
      reject(reason);
    }
    pending.clear();
    socket.close();
    events.onLost(reason);
  }

  const call: JsonRpcCall = (method, params) =>
    new Promise((resolve, reject) => {
      if (lost) return reject(new Error("the connection is lost"));
      calls += 1;
      const patience = loseAfter(options.answerSeconds, `no answer to ${method} in`);
      pending.set(calls, { resolve, reject, patience });
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: calls, method, params }));
    });

  function receive({ id, result, error, method, params }: z.infer<typeof Message>): void {
    if (id != null) {
      const waiting = pending.get(id);
      pending.delete(id);
      clearTimeout(waiting?.patience);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new JsonRpcError(`${error.message} (${error.code})`));
    } else if (method === "heartbeat" && params?.type === "test_request") {
      // Unanswered, the server hangs up. A failure of the call is the loss of the connection, which is heard of elsewhere.
      call("public/test", {}).catch(() => {});
    } else if (method === "subscription" && params?.channel !== undefined) {
      standstill?.refresh();
      options.onNotification(params.channel, params.data, call);
    }
  }

  socket.onopen = () => {
    call("public/set_heartbeat", { interval: options.heartbeatSeconds })
      .then(() => options.onConnect(call))
      .then(() => {
        if (lost) return;
        standstill = loseAfter(options.standstillSeconds, "no notification in");
        events.onReady();
      })
      .catch(lose);
  };
  socket.onmessage = ({ data }) => {
    if (lost) return;
    silence.refresh();
    const message = parse(data);
    if (message === null) lose(new Error("the server does not speak JSON-RPC"));
    else receive(message);
  };
  // Node's event names no cause, whatever it was.
  socket.onerror = () => lose(new Error("the connection failed"));
  socket.onclose = ({ code }) => lose(new Error(`closed by the server (${code})`));

  return () => lose(new Error("closed"));
}

function parse(data: unknown): z.infer<typeof Message> | null {
  try {
    return Message.parse(JSON.parse(String(data)));
  } catch {
    return null;
  }
}
