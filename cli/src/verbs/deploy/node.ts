/** The node that a deployment asks: of the file's chain, and told by its host alone where it fails, for its URL may hold a key. */
import { refusedCall } from "@meniscus/pricer/service/refusedCall";
import { hostOf, withHostsOnly } from "@meniscus/pricer/service/withHostsOnly";
import { type Contract, type EventLog, isError, JsonRpcProvider, type Provider } from "ethers";
import { CliError } from "../../cliError.ts";
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
    throw failure === null ? error : new CliError(`The node at ${hostOf(rpc)} ${withHostsOnly(failure)}.`);
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

type EventFilter = Parameters<Contract["queryFilter"]>[0];

/** Spans that are taken in a row before one that was refused is tried again; then twice as many. */
const PATIENCE = 64;

/**
 * Reads contracts' events over spans of blocks: all at once or, of a node that refuses so many, by what it takes, which the next question
 * begins with.
 */
export class EventReader {
  /** Blocks: the next to ask for, the most taken and the fewest refused, as far as is known. */
  #size = Number.POSITIVE_INFINITY;
  #taken = 0;
  #refused = Number.POSITIVE_INFINITY;
  #inARow = 0;
  #patience = PATIENCE;

  /** Span by span, so that who has found what he looks for asks no further. @throws what the node says of anything but a span */
  async *read(contract: Contract, event: EventFilter, first: number, last: number): AsyncGenerator<EventLog> {
    for (let from = first; from <= last; ) {
      const to = Math.min(from + this.#size - 1, last);
      const size = to - from + 1;
      let found: EventLog[];
      try {
        found = (await contract.queryFilter(event, from, to)) as EventLog[];
      } catch (error) {
        if (size === 1 || !isSpanRefusal(error)) throw error;
        this.#refuse(size);
        continue;
      }
      if (size === this.#size) this.#take(size);
      from = to + 1;
      yield* found;
    }
  }

  async all(...asked: Parameters<EventReader["read"]>): Promise<EventLog[]> {
    const events: EventLog[] = [];
    for await (const each of this.read(...asked)) events.push(each);
    return events;
  }

  #refuse(size: number): void {
    [this.#refused, this.#inARow] = [size, 0];
    // A node may count results, which are more in some spans than in others.
    if (this.#taken >= size) this.#taken = 0;
    this.#size = this.#taken === 0 ? Math.ceil(size / 2) : this.#between();
  }

  #take(size: number): void {
    this.#taken = size;
    if (++this.#inARow === this.#patience)
      [this.#refused, this.#inARow, this.#patience] = [Number.POSITIVE_INFINITY, 0, 2 * this.#patience];
    this.#size = Math.min(2 * size, this.#between());
  }

  /** The middle between taken and refused, above the first. */
  #between(): number {
    return Math.floor((this.#taken + this.#refused) / 2);
  }
}

/** How nodes say that there are too many blocks, or results in them, or that these take too long. */
const OF_SPAN =
  /\branges?\b|\bspan\b|distance|exceed|limit|maximum|at most|more than|too (many|large|big|wide)|time(d )?[- ]?out|duration/i;
/** And how, that there are too many questions. */
const OF_RATE =
  /\brate\b|\bquota|throughput|capacity|credits?\b|compute units|too many requests|requests? (count|limit)|per (second|minute|day)|\b429\b/i;
/** Of EIP-1474: limit exceeded, and invalid parameters, of which only the span can be invalid. */
const CODES_OF_SPAN: readonly unknown[] = [-32005, -32602];
/** Content too large; gateway timeout. */
const STATUS_OF_SPAN = /^(413|504)\b/;

/** Whether a node refuses a span, by a JSON-RPC error or an HTTP status, and would take a shorter one. */
function isSpanRefusal(error: unknown): boolean {
  if (isError(error, "UNKNOWN_ERROR")) {
    // Some say it in `data` only.
    const words = JSON.stringify(error.error ?? error.shortMessage);
    if (OF_RATE.test(words)) return false;
    return (
      OF_SPAN.test(words) || CODES_OF_SPAN.includes((error.error as { code?: unknown } | undefined)?.code)
    );
  }
  if (!isError(error, "SERVER_ERROR")) return false;
  const { responseStatus, responseBody } = (error.info ?? {}) as Record<string, string | null | undefined>;
  if (STATUS_OF_SPAN.test(responseStatus ?? "")) return true;
  return (
    /^400\b/.test(responseStatus ?? "") && OF_SPAN.test(responseBody ?? "") && !OF_RATE.test(responseBody!)
  );
}

/** How ethers tells that a contract reverted, or answered something else than was asked for. */
const NO_ANSWER = ["CALL_EXCEPTION", "BAD_DATA", "BUFFER_OVERRUN"] as const;

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
