/**
 * Whoever moves a kept chain's clock by the node's own methods has the world live through the time between: what must not be missed is done
 * at its time, before the request is answered.
 */
import { cutOffOf, epochDayOf, ROUND_LAG_SECONDS, SECONDS_PER_DAY } from "@meniscus/sdk/clock";

/** Of an expiry, seconds from it: a round in force as the window of the average opens, one inside it, and its settlement. */
const AROUND_EXPIRY = [-2400, -900, ROUND_LAG_SECONDS + 10];
/** A shorter way is gone without a stop: reports and rounds do not get too old on it. */
const SHORT = 60;
/** The last stop is so long before the end: every transaction there takes a second of the chain's clock at least. */
const BEFORE = 45;
/** Up to this far an auction of the vault's delta can be watched: a stop every few minutes. */
const CLOSE = 3600;
const STRIDE = 300;

/**
 * Where a way from `from` to `to`, unix seconds, stops, rising: at cut-offs, around `expiries`, and shortly before its end. After the last
 * of them nothing is reported any more, so nothing is stopped for.
 */
export function stopsBetween(from: number, to: number, expiries: readonly number[]): number[] {
  if (to - from < SHORT) return [];
  const last = to - BEFORE;
  const stops = new Set([last]);
  const until = Math.min(last, Math.max(...expiries, from) + 2 * SECONDS_PER_DAY);
  for (let day = epochDayOf(from) + 1; cutOffOf(day) <= until; day++) stops.add(cutOffOf(day));
  for (const expiryAt of expiries) for (const seconds of AROUND_EXPIRY) stops.add(expiryAt + seconds);
  if (to - from <= CLOSE) for (let at = from + STRIDE; at < last; at += STRIDE) stops.add(at);
  return [...stops].filter((at) => at > from && at <= last).sort((one, other) => one - other);
}

/** A request to move the clock. */
export interface Jump {
  /** Of the block that comes next, or of the last that is to be mined, unix seconds. */
  to: number;
  /** Blocks that are to be mined on the way, and seconds between them; null where the request names none. */
  blocks: { count: number; interval: number } | null;
}

/** Where each method moves the clock from the time of the next block; to NaN where it is not told. */
const MOVERS: Readonly<Record<string, (params: number[], nextAt: number) => Jump>> = {
  evm_increaseTime: ([seconds = Number.NaN], nextAt) => ({ to: nextAt + seconds, blocks: null }),
  evm_setNextBlockTimestamp: ([at = Number.NaN]) => ({ to: at, blocks: null }),
  evm_mine: ([at = Number.NaN]) => ({ to: at, blocks: null }),
  hardhat_mine: ([count = 1, interval = 1], nextAt) => ({
    to: nextAt + (count - 1) * interval,
    blocks: { count, interval },
  }),
};

/** Whether a method of the node moves its clock. */
export const isMover = (method: string): boolean => Object.hasOwn(MOVERS, method);

/** What a request moves the clock to; null where it does not say, or nothing that the node would take. */
export function jumpOf(method: string, params: unknown, nextAt: number): Jump | null {
  const numbers = (Array.isArray(params) ? params : []).map((each) => Number(each));
  const jump = MOVERS[method]?.(numbers, nextAt) ?? null;
  return jump !== null && Number.isSafeInteger(jump.to) ? jump : null;
}
