/** Combinations over the listed chain that could win with certainty, and the least that each must cost (P7). */
import { unquantise } from "@meniscus/sdk/slice";
import { type Legs, type Sequence, TENORS_TRADED } from "./coalition.ts";
import { call, expiryIn, leg, MARKET, put, WAD } from "./fixture.ts";

/** One option each. `least`: what it must cost at least, in quote; what it pays can be locked in for as much. */
export interface Combination {
  name: string;
  legs: Legs;
  least: number;
}

/** What is listed, and how spot and the carry of each expiry stand. */
export interface Levels {
  spotLow: number;
  spotHigh: number;
  /** S/F by tenor. */
  discounts: Record<number, number>;
  /** What is listed, by tenor: rising. */
  strikes: Record<number, readonly number[]>;
}

/** S/F of a slice at `now`, its basis shrunk with the time left. */
function discountOf(word: bigint, expiryAt: number, now: number): number {
  const { basis, reportAt } = unquantise(word);
  return Math.exp((-basis * (expiryAt - 1200 - now)) / (expiryAt - 1200 - reportAt));
}

/** Both ways of a combination that is worth at least `low` and at most `high` of today's money. */
function bothWays(name: string, legs: Legs, low: number, high: number): Combination[] {
  const opposite = legs.map(({ series, amount }) => ({ series, amount: -amount }));
  return [
    { name, legs, least: low },
    { name: `short ${name}`, legs: opposite, least: -high },
  ];
}

function* pairs<T>(all: readonly T[]): Generator<[T, T]> {
  for (const [i, low] of all.entries()) for (const high of all.slice(i + 1)) yield [low, high];
}

function* ofExpiry(tenor: number, levels: Levels): Generator<Combination> {
  const at = expiryIn(tenor);
  const [discount, strikes] = [levels.discounts[tenor]!, levels.strikes[tenor]!];
  const c = (strike: number, amount: number) => leg(call(strike, at), amount);
  const p = (strike: number, amount: number) => leg(put(strike, at), amount);
  for (const strike of strikes) {
    const legs = [c(strike, 1), p(strike, -1)];
    const [low, high] = [levels.spotLow - strike * discount, levels.spotHigh - strike * discount];
    yield* bothWays(`conversion ${tenor}d ${strike}`, legs, low, high);
  }
  for (const [low, high] of pairs(strikes)) {
    const width = (high - low) * discount;
    yield* bothWays(`call vertical ${tenor}d ${low} ${high}`, [c(low, 1), c(high, -1)], 0, width);
    yield* bothWays(`put vertical ${tenor}d ${low} ${high}`, [p(high, 1), p(low, -1)], 0, width);
    const box = [c(low, 1), c(high, -1), p(high, 1), p(low, -1)];
    yield* bothWays(`box ${tenor}d ${low} ${high}`, box, width, width);
    const middle = (low + high) / 2;
    if (!strikes.includes(middle)) continue;
    const half = width / 2;
    yield* bothWays(`call butterfly ${tenor}d ${middle}`, [c(low, 1), c(middle, -2), c(high, 1)], 0, half);
    yield* bothWays(`put butterfly ${tenor}d ${middle}`, [p(low, 1), p(middle, -2), p(high, 1)], 0, half);
  }
}

/** Every combination of the listed chain. The carry must not fall with the expiry, for the calendars. */
export function combinations(levels: Levels): Combination[] {
  const all = TENORS_TRADED.flatMap((tenor) => [...ofExpiry(tenor, levels)]);
  for (const [near, far] of pairs(TENORS_TRADED))
    for (const strike of levels.strikes[near]!) {
      if (!levels.strikes[far]!.includes(strike)) continue;
      const [nearAt, farAt] = [expiryIn(near), expiryIn(far)];
      const carry = strike * (levels.discounts[near]! - levels.discounts[far]!);
      const name = `${near}d ${far}d ${strike}`;
      // At the near expiry the far call is worth max(0, S - K D) at least, the far put max(0, K D - S), with D of the time between.
      const calls = [leg(call(strike, farAt), 1), leg(call(strike, nearAt), -1)];
      const puts = [leg(put(strike, farAt), 1), leg(put(strike, nearAt), -1)];
      all.push({ name: `call calendar ${name}`, legs: calls, least: 0 });
      all.push({ name: `put calendar ${name}`, legs: puts, least: -carry });
    }
  return all;
}

/** The levels of the open block, from the Clearinghouse's list, the surface and the pool's own quote. */
async function levelsOf(sequence: Sequence): Promise<Levels> {
  const { surface, pool, clearinghouse } = sequence.world;
  // No trade moves the list or a slice: only the quote is of the open block.
  const discounts: Record<number, number> = {};
  const strikes: Record<number, number[]> = {};
  for (const tenor of TENORS_TRADED) {
    const { current } = await surface.read!(MARKET, expiryIn(tenor));
    discounts[tenor] = discountOf(current, expiryIn(tenor), sequence.now);
    const places: bigint[] = await clearinghouse.strikes!(MARKET, expiryIn(tenor));
    const listed = places.filter((strike) => strike !== 0n).map((strike) => Number(strike / WAD));
    strikes[tenor] = listed.sort((one, other) => one - other);
  }
  const quoted = await pool.quote!([leg(call(3000, expiryIn(25)), 1)], { blockTag: "pending" });
  return {
    spotLow: Number(quoted.parts.spotLow) / 1e18,
    spotHigh: Number(quoted.parts.spotHigh) / 1e18,
    discounts,
    strikes,
  };
}

/**
 * The combination, of those drawn, that comes closest to winning with certainty in the open block: cost less what it is worth at least,
 * quote.
 */
export async function closestOf(
  sequence: Sequence,
  share: number,
): Promise<{ gap: number; name: string; tried: number }> {
  const drawn = combinations(await levelsOf(sequence)).filter(() => sequence.chance(share));
  let closest = { gap: Infinity, name: "none" };
  let tried = 0;
  for (const { name, legs, least } of drawn) {
    const { refusal, cost } = await sequence.quote(legs);
    if (refusal === "ClosingTime") continue;
    tried += 1;
    const gap = Number(cost) / 1e6 - least;
    if (gap < closest.gap) closest = { gap, name: `${name} (${refusal})` };
  }
  return { ...closest, tried };
}
