/** A coalition that knows where spot and vol are now, and chooses which of the signed reports to trade by. */
import { count, type Legs, refusalOf, type Sequence } from "./coalition.ts";
import { as, carried, DEADLINE, NO_LIMIT, WAD } from "./fixture.ts";
import { randomLegs } from "./moves.ts";
import type { Truth } from "./truth.ts";

export interface Option {
  legs: Legs;
  report: string;
  wins: bigint;
}

/** What a trade with a carried report would win in the open block by the truth, in quote or in base; undefined where it would be refused. */
async function wins(
  sequence: Sequence,
  truth: Truth,
  legs: Legs,
  report: string,
): Promise<bigint | undefined> {
  const by = sequence.world.accounts[1]!;
  const overrides = { blockTag: "pending", gasLimit: 8_000_000n };
  const trade = as(by, sequence.world.pool).trade!;
  let traded: [cost: bigint, base: bigint];
  try {
    traded = await trade.staticCall(legs, NO_LIMIT, DEADLINE, by, report, overrides);
  } catch (error) {
    count(sequence.counts.refused, refusalOf(sequence.world, error));
    return undefined;
  }
  const [cost, base] = traded;
  const inBase = (base * truth.spotWad) / WAD / 10n ** 12n;
  return (await truth.valueOf(sequence.world, legs, sequence.now)) + inBase - cost;
}

/** The best that `tries` drawn trades, or the way home, can win with any of the reports. */
export async function bestWith(
  sequence: Sequence,
  truth: Truth,
  reports: string[],
  drawn: Legs[],
): Promise<Option | undefined> {
  let best: Option | undefined;
  for (const legs of drawn)
    for (const report of reports) {
      const won = await wins(sequence, truth, legs, report);
      if (won !== undefined && (best === undefined || won > best.wins)) best = { legs, report, wins: won };
    }
  return best;
}

/** One look: two honest reports, both at most 30 s old, truth moving on between them and until now. What the best trade won by the truth, rewards apart. */
export async function look(sequence: Sequence, truth: Truth, mostSds: number): Promise<bigint | undefined> {
  const draw = () => (sequence.chance(0.5) ? 1 : -1) * mostSds * (sequence.chance(0.5) ? 1 : sequence.next());
  const [first, second] = [Math.round(sequence.between(8, 21)), Math.round(sequence.between(1, 8))];
  const at = sequence.now + Math.round(sequence.between(2, 20));
  truth.move(at - sequence.now, draw);
  const older = await carried(sequence.world, truth.report(at));
  truth.move(first, draw);
  const newer = await carried(sequence.world, truth.report(at + first));
  truth.move(second, draw);
  await sequence.open(at + first + second - sequence.now);
  const home = [...sequence.held].map(([series, amount]) => ({ series, amount: -amount }));
  const some = home.filter(({ amount }) => amount !== 0n).slice(0, 4);
  const drawn = Array.from({ length: 4 }, () => randomLegs(sequence));
  const best = await bestWith(sequence, truth, [older, newer], some.length === 0 ? drawn : [...drawn, some]);
  if (best !== undefined)
    await sequence.trade(sequence.world.accounts[1]!, best.legs, "informed", best.report);
  const [receipt] = await sequence.close();
  if (best === undefined || receipt?.status !== 1) return undefined;
  return best.wins + sequence.lastImpact / 10n ** 12n;
}
