/** Metrics and health over HTTP. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigError } from "./config.ts";
import type { Health } from "./health.ts";
import type { Metrics } from "./metrics.ts";

export interface Endpoint {
  url: string;
  close(): void;
}

/** `/metrics` for Prometheus; `/health`: 200 when well, 503 when sick, with the reasons. */
export async function serve(
  { host, port }: { host: string; port: number },
  metrics: Metrics,
  health: () => Health,
): Promise<Endpoint> {
  const server: Server = createServer(async ({ url }, response) => {
    if (url === "/metrics") {
      response.setHeader("content-type", metrics.registry.contentType);
      response.end(await metrics.registry.metrics());
    } else if (url === "/health") {
      const found = health();
      response.writeHead(found.isWell ? 200 : 503, { "content-type": "application/json" });
      response.end(`${JSON.stringify(found)}\n`);
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new ConfigError(`Port ${port} cannot be listened on: ${(error as NodeJS.ErrnoException).code}.`);
  }
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${actual}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Asks an endpoint how its keeper is; one that does not answer is sick. */
export async function askHealth(url: string): Promise<Health> {
  try {
    const answer = await fetch(new URL("/health", url), { signal: AbortSignal.timeout(5000) });
    return (await answer.json()) as Health;
  } catch {
    return { isWell: false, reasons: [`${url} does not answer`] };
  }
}
