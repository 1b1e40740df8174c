import { FetchRequest, JsonRpcProvider } from "ethers";
import { ConfigError } from "./config.ts";

/** The node as a service talks to it: one chain, every request given up after these seconds. */
export function openNode(url: string, chainId: number, seconds: number): JsonRpcProvider {
  const request = new FetchRequest(url);
  request.timeout = seconds * 1000;
  // The next look is the retry.
  request.setThrottleParams({ maxAttempts: 2, slotInterval: 50 });
  return new JsonRpcProvider(request, chainId, { staticNetwork: true, batchStallTime: 0, cacheTimeout: -1 });
}

/** Asks a node of which chain it is, for `openNode` believes what it is told. @throws ConfigError where it is another one, and what fails */
export async function assertChain(provider: JsonRpcProvider, url: string, chainId: number): Promise<void> {
  const found = Number(await provider.send("eth_chainId", []));
  if (found === chainId) return;
  // The rest of its URL may hold a key.
  throw new ConfigError(
    `${new URL(url).host} is chain ${found}, the configuration says ${chainId}: correct one of them.`,
  );
}
