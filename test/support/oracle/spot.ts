/** The three answers about spot by another way than the contracts': lists of what is known, filtered by age. */
import type { SPOT_LIMITS } from "@meniscus/sdk/oracles";

export interface Seen {
  price: bigint;
  observedAt: number;
  /** The last second at which it is fresh. */
  freshUntil: number;
}

/** What is known at a time; null where a source says nothing. */
export interface Situation {
  now: number;
  feed: Seen | null;
  signed: Seen | null;
  average: Seen | null;
  hasAverage: boolean;
  /** Quote/USD is older than the cache's age, which makes the feed late. */
  isQuoteLate: boolean;
  limits: typeof SPOT_LIMITS;
  deviationBps: number;
}

export interface Expected {
  low: bigint;
  high: bigint;
  observedAt: number;
  deviationBps: number;
  reason: string;
}

const least = (values: bigint[]) => values.reduce((one, other) => (one < other ? one : other));
const most = (values: bigint[]) => values.reduce((one, other) => (one > other ? one : other));

function worstOf(known: Seen[], isSigned: boolean, { deviationBps }: Situation): Expected {
  if (known.length === 0)
    return { low: 0n, high: 0n, observedAt: 0, deviationBps: 0, reason: "NoLiveSource" };
  const prices = known.map(({ price }) => price);
  const observedAt = Math.min(...known.map((each) => each.observedAt));
  return {
    low: least(prices),
    high: most(prices),
    observedAt,
    deviationBps: isSigned ? 0 : deviationBps,
    reason: "None",
  };
}

/** Those of some sources that are late by no more than a grace. */
const within = (sources: (Seen | null)[], now: number, grace: number): Seen[] =>
  sources.filter((seen): seen is Seen => seen !== null && now - seen.freshUntil <= grace);

/** Any two prices further apart than the band. */
const disagree = (prices: bigint[], bandBps: number): boolean =>
  prices.some((one) => prices.some((other) => one * 10_000n > other * BigInt(10_000 + bandBps)));

export function answersIn(situation: Situation): Record<"opening" | "reducing" | "alive", Expected> {
  const { now, feed, signed, average, hasAverage, isQuoteLate, limits } = situation;
  const all = [feed, signed, average];
  const lateBy = (grace: number) =>
    worstOf(within(all, now, grace), within([signed], now, grace).length > 0, situation);
  const fresh = within(all, now, 0);
  const hasUnsigned = within([feed, average], now, 0).length > 0;
  const reducing = hasUnsigned ? lateBy(0) : lateBy(limits.reducingGrace);
  const isFeedFresh = within([feed], now, 0).length > 0;
  const grace = [0, limits.reducingGrace, limits.aliveGrace].find(
    (seconds) => within([feed, average], now, seconds).length > 0,
  );
  const alive = isFeedFresh
    ? worstOf(within([feed, average], now, 0), false, situation)
    : grace === undefined
      ? worstOf([], false, situation)
      : worstOf(within(all, now, grace), false, situation);

  const opening = worstOf(within([feed, signed], now, 0), within([signed], now, 0).length > 0, situation);
  if (!isFeedFresh) opening.reason = isQuoteLate ? "QuoteFeedStale" : "FeedStale";
  else if (hasAverage && within([average], now, 0).length === 0) opening.reason = "AverageStale";
  else if (
    disagree(
      fresh.map(({ price }) => price),
      limits.agreementBps,
    )
  )
    opening.reason = "SourcesDisagree";
  else opening.reason = "None";
  return { opening, reducing, alive };
}
