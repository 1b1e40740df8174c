/** One run of a fault: sound before it, looked at while it lasts, and sound again once it is over, with nobody's help. */
import type { Result } from "@meniscus/pricer/publisher/publisher";
import { scopeOf } from "@meniscus/pricer/service/config";
import { Store } from "@meniscus/pricer/store/store";
import { parseUnits } from "ethers";
import { type MarketProcess, POSTER_KEY, startMarket } from "../support/pricer/localChain.ts";
import { nextSecond, openStage, type Stage, stepUntil } from "../support/pricer/stage.ts";
import { faultOf, postedSince } from "../support/pricer/truth.ts";
import type { Fault, Outcome } from "./fault.ts";

export interface Injection {
  /** Whether the fault is over already. */
  readonly isOver?: boolean;
  end(): Promise<void>;
}

/** Looks while the fault lasts. */
const STEPS_UNDER_FAULT = 2;
/** Steps after which a pricer that does not publish again needs somebody. */
const PATIENCE = 12;

let market: Promise<MarketProcess> | null = null;

/** One chain serves all runs; each is taken back at its end. */
const theMarket = (): Promise<MarketProcess> => {
  market ??= startMarket();
  return market;
};

export async function closeVenueMarket(): Promise<void> {
  const running = market;
  market = null;
  await (await running)?.close();
}

/**
 * @param expected what is right while the fault lasts: to publish all the same, or to refuse. Where it is not what happens the run
 * throws: such a fault has not been injected, or is not withstood.
 */
export function faultRun(
  name: string,
  inject: (stage: Stage, seed: number) => Injection | Promise<Injection>,
  expected: "publishes" | "refuses",
): Fault {
  return { name, run: (seed) => run(seed, name, inject, expected) };
}

async function run(
  seed: number,
  name: string,
  inject: Parameters<typeof faultRun>[1],
  expected: Parameters<typeof faultRun>[2],
): Promise<Outcome> {
  const stage = await openStage(await theMarket(), seed);
  const { provider } = stage.chain;
  const snapshot = await provider.send("evm_snapshot", []);
  try {
    await catchUp(stage);
    const block = (await provider.getBlockNumber()) + 1;
    const before = await provider.getBalance(POSTER_KEY.address);
    const sound = await stepUntil(stage, "published");
    if (sound.at(-1)!.kind !== "published") throw new Error(`${name}: not sound before: ${told(sound)}`);
    await nextSecond();
    const startedAt = performance.now();
    const injection = await inject(stage, seed);
    const safeUnderFault = injection.isOver ? 0 : await lookUnder(stage, startedAt, name, expected);
    await injection.end();
    const endedAt = performance.now();
    let manualRestarts = 0;
    let after = await stepUntil(stage, "published", PATIENCE);
    if (after.at(-1)!.kind !== "published") {
      manualRestarts = 1;
      await stage.restart();
      after = await stepUntil(stage, "published", PATIENCE);
      if (after.at(-1)!.kind !== "published") throw new Error(`${name}: not sound again: ${told(after)}`);
    }
    const safeAgain = performance.now() - (injection.isOver ? startedAt : endedAt);
    const msToSafeState = Math.round(Math.max(safeUnderFault, safeAgain));
    return { ...(await lookAtChain(stage, seed, block, before)), manualRestarts, msToSafeState };
  } finally {
    await stage.close();
    await revert(stage, snapshot);
  }
}

/** A chain that is taken back goes on from its time then; the services live in ours. */
async function catchUp({ chain: { provider } }: Stage): Promise<void> {
  const { timestamp } = (await provider.getBlock("latest"))!;
  const now = Math.floor(Date.now() / 1000);
  if (timestamp < now) await provider.send("evm_mine", [now]);
}

/** Milliseconds until the first answer to the fault. */
async function lookUnder(
  stage: Stage,
  startedAt: number,
  name: string,
  expected: "publishes" | "refuses",
): Promise<number> {
  let safeAfter: number | null = null;
  const results: Result[] = [];
  for (let step = 0; step < STEPS_UNDER_FAULT; step++) {
    results.push(await stage.publisher.step());
    safeAfter ??= performance.now() - startedAt;
    await nextSecond();
  }
  const published = results.filter(({ kind }) => kind === "published").length;
  if (expected === "publishes" ? published === 0 : published > 0)
    throw new Error(`${name}: expected that it ${expected}, and ${told(results)}`);
  return safeAfter!;
}

/** What the chain took, and what it cost. */
async function lookAtChain(
  stage: Stage,
  seed: number,
  block: number,
  before: bigint,
): Promise<Pick<Outcome, "fundsLost" | "doubleHedges" | "outOfBoundsAccepted">> {
  const { provider } = stage.chain;
  const posted = await postedSince(stage.chain, block);
  const reports = posted.map(({ report }) => report);
  const store = await Store.open(stage.database, scopeOf(stage.config.market, POSTER_KEY.address));
  const intended = new Set((await store.intents()).map(({ hash }) => hash));
  let due = 0n;
  for (const { hash } of posted) if (intended.has(hash)) due += await dueOf(stage, hash);
  return {
    // What left the account beyond one transaction for each report that is stored, at what that may cost.
    fundsLost: before - (await provider.getBalance(POSTER_KEY.address)) - due,
    doubleHedges: reports.length - new Set(reports.map(({ reportAt }) => reportAt)).size,
    outOfBoundsAccepted: reports.filter((report) => faultOf(report, seed) !== null).length,
  };
}

/** The most gas that a stored report may take: the first one of twelve slices writes each lane anew. */
const REPORT_GAS = 500_000n;

/** What the transaction of a stored report may have cost: its gas, at the block's base fee and a tip within the configuration. */
async function dueOf({ chain, config }: Stage, hash: string): Promise<bigint> {
  const { gasUsed, fee, blockNumber } = (await chain.provider.getTransactionReceipt(hash))!;
  const { baseFeePerGas } = (await chain.provider.getBlock(blockNumber))!;
  const dearest = baseFeePerGas! + parseUnits(config.priorityFeeGwei.toFixed(9), "gwei");
  const most = (gasUsed < REPORT_GAS ? gasUsed : REPORT_GAS) * dearest;
  return fee < most ? fee : most;
}

async function revert({ config }: Stage, snapshot: string): Promise<void> {
  await fetch(config.rpc, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "evm_revert", params: [snapshot] }),
  });
}

const told = (results: readonly Result[]): string => JSON.stringify(results.slice(-2)).slice(0, 600);
