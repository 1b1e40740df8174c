/** The node that a deployment asks: of the file's chain, and told by its host alone where it fails, for its URL may hold a key. */
import { withHostsOnly } from "@meniscus/pricer/service/withHostsOnly";
import { type Contract, type EventLog, isError, JsonRpcProvider, type Provider } from "ethers";
import { CliError } from "../cliError.ts";
import type { NetworkFile } from "./networkFile.ts";

/** Runs `work` on the node at `rpc`. @throws CliError where the node is what fails */
export async function withNode<T>(rpc: string, work: (provider: JsonRpcProvider) => Promise<T>): Promise<T> {
  if (!URL.canParse(rpc) || !/^https?:$/.test(new URL(rpc).protocol))
    throw new CliError("--rpc is no URL of a node (http or https).");
  const provider = new JsonRpcProvider(rpc, undefined, { cacheTimeout: -1 });
  try {
    return await work(provider);
  } catch (error) {
    const failure = failureOfNode(error);
    throw failure === null
      ? error
      : new CliError(`The node at ${new URL(rpc).host} ${withHostsOnly(failure)}.`);
  } finally {
    provider.destroy();
  }
}

/** @throws CliError where the node is of another chain */
export async function assertChain(provider: Provider, { chainId, network }: NetworkFile): Promise<void> {
  const found = (await provider.getNetwork()).chainId;
  if (found !== BigInt(chainId))
    throw new CliError(`The chain's id is ${found}, that of ${network} is ${chainId}.`);
}

/** A contract's events of a span of blocks, asked for at once or, of a node that refuses so many blocks, by what it takes. */
export async function eventsSince(
  contract: Contract,
  event: Parameters<Contract["queryFilter"]>[0],
  first: number,
  last: number,
): Promise<EventLog[]> {
  const events: EventLog[] = [];
  let size = Math.max(1, last - first + 1);
  for (let from = first; from <= last; ) {
    try {
      const to = Math.min(from + size - 1, last);
      events.push(...((await contract.queryFilter(event, from, to)) as EventLog[]));
      from = to + 1;
    } catch (error) {
      if (size === 1 || !isRefusal(error)) throw error;
      size = Math.ceil(size / 2);
    }
  }
  return events;
}

/** Providers refuse a span by a JSON-RPC error or by an HTTP status. */
const isRefusal = (error: unknown): boolean =>
  isError(error, "UNKNOWN_ERROR") || isError(error, "SERVER_ERROR");

/** How ethers tells that a contract reverted, or answered something else than was asked for. */
const NO_ANSWER = ["CALL_EXCEPTION", "BAD_DATA", "BUFFER_OVERRUN"] as const;
/** Words of a node that ran the code, as none does that was too busy for it or does not have the state. */
const OF_EXECUTION = /revert|execution|opcode|instruction|\bevm\b|\bvm\b|out of gas|stack|jump/i;
const ENDED_EARLY = /time(d )?[- ]?out|abort/i;

/** Whether a contract was asked and has no answer, and not that the node did not ask it. */
export const isNoAnswer = (error: unknown): boolean =>
  NO_ANSWER.some((code) => isError(error, code)) && refusedCall(error) === null;

/** What a contract answers to a view; undefined where it does not answer as one that has it. @throws where the node does not ask it */
// biome-ignore lint/suspicious/noExplicitAny: what comes back is as the ABI says, which ethers does not type.
export async function answerOf(contract: Contract, method: string, ...values: unknown[]): Promise<any> {
  try {
    return await contract.getFunction(method)(...values);
  } catch (error) {
    if (isNoAnswer(error)) return undefined;
    throw error;
  }
}

/** A node's words for why it ran no call; null for every other error. Ethers makes a revert of any JSON-RPC error of a call. */
function refusedCall(error: unknown): string | null {
  if (!isError(error, "CALL_EXCEPTION") || error.data !== null) return null;
  const { message } = ((error.info ?? {}) as { error?: { message?: unknown } }).error ?? {};
  if (typeof message !== "string") return null;
  return OF_EXECUTION.test(message) && !ENDED_EARLY.test(message) ? null : message;
}

/** What the node did in place of an answer; null for every other error. */
function failureOfNode(error: unknown): string | null {
  const refused = refusedCall(error);
  if (refused !== null) return `refuses: ${refused}`;
  if (isError(error, "SERVER_ERROR") || isError(error, "TIMEOUT") || isError(error, "NETWORK_ERROR"))
    return `does not answer: ${error.shortMessage}`;
  // How ethers tells a JSON-RPC error that is no revert.
  if (isError(error, "UNKNOWN_ERROR")) {
    const { message } = (error.error ?? {}) as { message?: string };
    return `refuses: ${message ?? error.shortMessage}`;
  }
  const { code, errno, syscall } = error as NodeJS.ErrnoException;
  const isOfNetwork = typeof errno === "number" && /^(connect|getaddrinfo|read|write)$/.test(syscall ?? "");
  return isOfNetwork || error instanceof AggregateError ? `cannot be reached: ${code}` : null;
}
