/** Rounds of a Chainlink feed, and the walk of them that gives an expiry its price. */
import { isoDay, SETTLEMENT_WINDOW_SECONDS } from "@meniscus/sdk/clock";
import { Contract, isError, type Provider } from "ethers";
import type { JobName } from "./config.ts";
import { type Decision, skip } from "./deed.ts";
import { deedOf, type View } from "./view.ts";

const FEED = [
  "function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)",
  "function getRoundData(uint80) view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)",
];
const PHASE = 1n << 64n;
/** Rounds of each feed in one transaction. */
const ROUNDS = 40;

/** The walk of both feeds from the rounds in force when the window opened. */
export async function walk(view: View, job: JobName, expiryAt: number): Promise<Decision> {
  const { settlementOracle: oracle, market } = view.contracts;
  const feeds = await oracle.getFunction("feeds")(market);
  const starts = await Promise.all(
    [feeds.base.proxy, feeds.quote.proxy].map((proxy) =>
      startOfWalk(view.provider, proxy, expiryAt - SETTLEMENT_WINDOW_SECONDS),
    ),
  );
  if (starts.includes(null)) return skip(`${isoDay(expiryAt)}: a feed tells of no round before the window`);
  const call = { contract: oracle, method: "walk", values: [market, expiryAt, ...starts, ROUNDS] };
  return deedOf(view, job, `walk the rounds of ${isoDay(expiryAt)}`, call);
}

/**
 * Where to start the walk of a window that opens at `at`: at the round in force then, by the proxy's ids; 0 where it is the feed's latest;
 * null where the feed tells of none. Phases are searched from the newest, rounds by halving.
 */
async function startOfWalk(provider: Provider, proxy: string, at: number): Promise<bigint | null> {
  const feed = new Contract(proxy, FEED, provider);
  const updatedAt = async (round: bigint): Promise<number> => {
    try {
      return Number((await feed.getFunction("getRoundData")(round)).updatedAt);
    } catch (error) {
      // Of a round that is not there some aggregators revert, and others answer with zeros.
      if (!isError(error, "CALL_EXCEPTION")) throw error;
      return 0;
    }
  };
  const last = await feed.getFunction("latestRoundData")();
  if (last.updatedAt > 0n && last.updatedAt <= at) return 0n;
  const latest: bigint = last.roundId;
  for (let phase = latest / PHASE; phase > 0n; phase--) {
    const first = phase * PHASE + 1n;
    const firstAt = await updatedAt(first);
    if (firstAt === 0 || firstAt > at) continue;
    let low = first;
    let high = phase === latest / PHASE ? latest : await lastOf(first, updatedAt);
    while (low < high) {
      const middle = (low + high + 1n) / 2n;
      if ((await updatedAt(middle)) <= at) low = middle;
      else high = middle - 1n;
    }
    return low;
  }
  return null;
}

/** The last round of a phase that is over: doubling, then halving. */
async function lastOf(first: bigint, updatedAt: (round: bigint) => Promise<number>): Promise<bigint> {
  let step = 1n;
  while ((await updatedAt(first + step)) !== 0) step *= 2n;
  let [low, high] = [first + step / 2n, first + step - 1n];
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if ((await updatedAt(middle)) !== 0) low = middle;
    else high = middle - 1n;
  }
  return low;
}
