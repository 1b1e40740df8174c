import { FetchRequest, JsonRpcProvider } from "ethers";

/** The node as a service talks to it: one chain, every request given up after `timeout` milliseconds. */
export function openNode(url: string, chainId: number, timeout: number): JsonRpcProvider {
  const request = new FetchRequest(url);
  request.timeout = timeout;
  // The next look is the retry.
  request.setThrottleParams({ maxAttempts: 2, slotInterval: 50 });
  return new JsonRpcProvider(request, chainId, { staticNetwork: true, batchStallTime: 0, cacheTimeout: -1 });
}
