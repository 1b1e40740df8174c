/** What a job looks at: the contracts, and the block of now. */
import { refusedCall } from "@meniscus/pricer/service/refusedCall";
import type { EncodedReport } from "@meniscus/sdk/report";
import { revertOf } from "@meniscus/sdk/revert";
import { type Contract, isError, type JsonRpcProvider, type Log, toBeHex, zeroPadValue } from "ethers";
import type { JobName } from "./config.ts";
import type { Contracts } from "./contracts.ts";
import type { Decision, Deed } from "./deed.ts";
import { atHeadOrNext } from "./nextBlock.ts";
import type { CarriedReport } from "./reports.ts";

export interface Head {
  number: number;
  hash: string;
  /** Unix seconds. */
  timestamp: number;
  baseFee: bigint;
}

export interface View {
  contracts: Contracts;
  provider: JsonRpcProvider;
  head: Head;
  /** The account that sends. */
  account: string;
  /** Of a hedge, quote assets, beyond what its gas costs. */
  minimumProfit: bigint;
  /** What is paid for gas now, wei: base fee and tip. */
  gasPrice: bigint;
  /** Time of the block in which the last deed of a job was done, unix seconds, as looks before this one saw it; null where none did. */
  doneAt(job: JobName): number | null;
  /** The signers' newest report, posted or not; null where none can be had. */
  newestReport(): Promise<CarriedReport | null>;
  /** Reports that the surface kept, by their digests, as looks before this one found them. */
  keptReports: Map<string, EncodedReport>;
}

export type Job = (view: View) => Promise<Decision>;

/** Blocks that are asked for at once. */
const CHUNK = 2000;

interface Call {
  contract: Contract;
  method: string;
  values: unknown[];
}

/** A call as a deed, once it is seen to go through, with what it answered; else the contract's own reason. */
export async function deedOf(
  { account }: View,
  job: JobName,
  what: string,
  { contract, method, values }: Call,
): Promise<{ act: Deed; result: unknown } | { skip: string }> {
  let result: unknown;
  try {
    result = await atHeadOrNext((blockTag) =>
      contract.getFunction(method).staticCall(...values, { from: account, blockTag }),
    );
  } catch (error) {
    return { skip: `${what}: not now, ${revertIn(error)}` };
  }
  const data = contract.interface.encodeFunctionData(method, values);
  return { act: { job, what, to: contract.target as string, data }, result };
}

/** What a call that failed reverted with. @throws the node's own words, or the error itself, where nothing reverted */
export function revertIn(error: unknown): string {
  const refused = refusedCall(error);
  if (refused !== null) throw new Error(refused, { cause: error });
  if (!isError(error, "CALL_EXCEPTION")) throw error;
  return revertOf(error.data);
}

/** A number as an indexed argument of a log. */
export const topic = (value: number): string => zeroPadValue(toBeHex(value), 32);

/** The last log of these topics since `sinceAt`, searched backwards; null where there is none. */
export async function lastLog(
  { provider, head }: View,
  contract: Contract,
  topics: (string | null)[],
  sinceAt: number,
): Promise<Log | null> {
  for (let to = head.number; to >= 0; to -= CHUNK) {
    const from = Math.max(0, to - CHUNK + 1);
    const logs = await logsIn({ provider }, contract, topics, from, to);
    const last = logs.at(-1);
    if (last !== undefined) return last;
    if ((await provider.getBlock(from))!.timestamp < sinceAt) return null;
  }
  return null;
}

/** A contract's logs of these topics in these blocks, the last one with them. */
export const logsIn = (
  { provider }: Pick<View, "provider">,
  contract: Contract,
  topics: (string | null)[],
  fromBlock: number,
  toBlock = fromBlock,
): Promise<Log[]> => provider.getLogs({ address: contract.target as string, topics, fromBlock, toBlock });
