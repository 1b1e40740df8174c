import { type FetchGetUrlFunc, FetchRequest, JsonRpcProvider, makeError, toUtf8Bytes } from "ethers";
import { ConfigError } from "./config.ts";
import { textWithin } from "./textWithin.ts";
import { hostOf } from "./withHostsOnly.ts";

/** Bytes; the longest that is due is a block's logs. */
const ANSWER_LIMIT = 1 << 24;

/**
 * The node as a service talks to it: one chain, every request given up after these seconds, with its connection.
 * @throws ConfigError where name or password of the URL cannot be read
 */
export function openNode(url: string, chainId: number, seconds: number): JsonRpcProvider {
  try {
    loginOf(new URL(url));
  } catch {
    throw new ConfigError(
      "rpc: name or password has a % that is no escape: write %25 for the character itself.",
    );
  }
  const request = new FetchRequest(url);
  request.timeout = Math.ceil(seconds * 1000);
  request.getUrlFunc = exchange;
  // The next look is the retry.
  request.setThrottleParams({ maxAttempts: 2, slotInterval: 50 });
  return new JsonRpcProvider(request, chainId, { staticNetwork: true, batchStallTime: 0, cacheTimeout: -1 });
}

/** Name and password, ":" where there is neither. @throws URIError of a % that is no escape */
const loginOf = ({ username, password }: Pick<URL, "username" | "password">): string =>
  [username, password].map(decodeURIComponent).join(":");

/**
 * Ethers' own request is given up only once its socket is idle, and keeps that: of a node that answers a byte now and then it waits for ever,
 * and one that never answers has a socket more with each.
 */
const exchange: FetchGetUrlFunc = async (request) => {
  const endsAt = performance.now() + request.timeout;
  const ended = AbortSignal.timeout(request.timeout);
  // Fetch takes no URL with a name and a password.
  const url = new URL(request.url);
  const { username, password } = url;
  [url.username, url.password] = ["", ""];
  const { headers } = request;
  const login = loginOf({ username, password });
  if (login !== ":") headers.authorization = `Basic ${Buffer.from(login).toString("base64")}`;
  try {
    const response = await fetch(url, {
      ...{ method: request.method, headers, body: request.body, signal: ended },
      redirect: "manual",
    });
    const { status, statusText } = response;
    const location = response.headers.get("location");
    if (status >= 300 && status < 400 && location !== null) {
      await response.body?.cancel();
      // What follows it would be ethers' own request; and of where it leads its host alone is told, as of every URL.
      throw new Error(
        `the node sends on to ${hostOf(new URL(location, url).href)}: give its own URL in the configuration`,
      );
    }
    const body = toUtf8Bytes(await textWithin(response, ANSWER_LIMIT, "the node's"));
    const { "retry-after": _, ...told } = Object.fromEntries(response.headers);
    return { statusCode: status, statusMessage: statusText, headers: told, body };
  } catch (error) {
    throw ended.aborted
      ? makeError("timeout", "TIMEOUT", { operation: "request", reason: "timeout" })
      : error;
  } finally {
    // A second try has what is left, and begins at once, for how long a node asks to wait is left out above.
    request.timeout = Math.max(1, Math.floor(endsAt - performance.now()));
  }
};

/** Asks a node of which chain it is, for `openNode` believes what it is told. @throws ConfigError where it is another one, and what fails */
export async function assertChain(provider: JsonRpcProvider, url: string, chainId: number): Promise<void> {
  const found = Number(await provider.send("eth_chainId", []));
  if (found === chainId) return;
  // The rest of its URL may hold a key.
  throw new ConfigError(
    `${hostOf(url)} is chain ${found}, the configuration says ${chainId}: correct one of them.`,
  );
}
