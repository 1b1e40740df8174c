import { expect } from "chai";
import type { TransactionReceipt } from "ethers";
import { deployWorld, SERIES, type World } from "../../support/pool/coalition.ts";
import {
  as,
  DEADLINE,
  NO_LIMIT,
  networkHelpers,
  options,
  REFUSALS,
  refreshAll,
  WAD,
} from "../../support/pool/fixture.ts";
import { tradedOf } from "../../support/pool/situations.ts";
import {
  ALL,
  fill,
  HEDGER_PARAMETERS,
  type HedgeMarket,
  openHedgeMarket,
  planAt,
  renew,
  tick,
} from "../../support/vault/hedge.ts";
import { uniform } from "../pricing/points.ts";

const isDeep = process.env.MENISCUS_DEEP === "1";
const SEQUENCES = Number(process.env.MENISCUS_SEQUENCES ?? (isDeep ? 400 : 16));
const SEED = BigInt(process.env.MENISCUS_SEED ?? 3);
/** The shortest clock that the code allows: the trader loses the least by waiting. */
const DURATION = 60;

interface Trip {
  market: HedgeMarket & World;
  next: () => number;
  /** What the coalition has won, assets of quote, base at the report's spot. */
  won: bigint;
  log: string[];
}

type Legs = { series: bigint; amount: bigint }[];

async function traded(trip: Trip, by: number, legs: Legs): Promise<boolean> {
  const { market } = trip;
  await tick();
  const { refusal } = await market.pool.quote!(legs, { blockTag: "pending" });
  trip.log.push(
    `${legs.map(({ amount, series }) => `${Number(amount) / 1e18} x ${SERIES.indexOf(series)}`).join(", ")} ${REFUSALS[Number(refusal)]}`,
  );
  if (refusal !== 0n) return false;
  const account = market.accounts[by]!;
  const sent = await as(account, market.pool).trade!(legs, NO_LIMIT, DEADLINE, account, "0x");
  const { cost, baseProceeds } = tradedOf(market, (await sent.wait()) as TransactionReceipt);
  if (by !== 0) trip.won -= cost - (baseProceeds * 3000n) / 10n ** 12n;
  return true;
}

/** Waits until the clock is where the trip wants it, and fills all or a part, by the band of a new refresh or that of before. */
async function filled(trip: Trip): Promise<void> {
  const { market, next } = trip;
  await networkHelpers.mine();
  if (next() < 0.5) await refreshAll(market);
  await renew(market);
  if ((await planAt(market)).obstacle !== "None") return;
  await tick();
  await market.hedger.open!();
  await networkHelpers.time.increase(Math.ceil(next() < 0.5 ? DURATION : next() * DURATION));
  await renew(market);
  const { obstacle, amount, minimum } = await planAt(market);
  if (obstacle !== "None") return;
  const size = amount > 0n ? amount : -amount;
  const part = next() < 0.7 ? ALL : minimum + ((size - minimum) * BigInt(Math.round(next() * 1000))) / 1000n;
  const { base, cost } = await fill(market, amount > 0n ? part : -part);
  trip.won += cost / 10n ** 12n;
  trip.log.push(`filled ${Number(base) / 1e18}, cost ${Number(cost) / 1e18}`);
}

describe("P11: a trade, its hedge, the trade back and its hedge again", function () {
  this.timeout(0);
  let market: HedgeMarket & World;
  let restore: () => Promise<void>;
  before(async () => {
    const world = await deployWorld();
    market = { ...world, ...(await openHedgeMarket(20_000n * WAD, world)) };
    await market.hedger.setParameters!({
      ...HEDGER_PARAMETERS,
      startPpm: 0,
      duration: DURATION,
      lossCapPpm: 10_000,
    });
    const snapshot = await networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });

  it("P11 wins nothing, whatever the size, the clock and the book before it", async () => {
    let [closest, trips, hedges] = [-(10n ** 30n), 0, 0];
    for (let i = 0; i < SEQUENCES; i++) {
      await restore();
      const next = uniform(SEED * 1_000_000n + BigInt(i));
      const trip: Trip = { market, next, won: 0n, log: [] };
      const pick = (sizes: number): Legs => {
        const chosen = new Set<bigint>();
        const count = next() < 0.6 ? 1 : 2;
        while (chosen.size < count) chosen.add(SERIES[Math.floor(next() * SERIES.length)]!);
        return [...chosen].map((series) => ({
          series,
          amount: options((next() < 0.5 ? 1 : -1) * sizes * 2 ** (-3 * next())),
        }));
      };
      // What honest traders left, hedged by anyone or not.
      for (let honest = Math.floor(next() * 4); honest > 0; honest--) await traded(trip, 0, pick(60));
      await networkHelpers.mine();
      if (next() < 0.5) await filled(trip);
      [trip.won, trip.log] = [0n, []];
      await refreshAll(market);
      await renew(market);
      // The excess that was there before is anybody's: it is filled by others first.
      const before = await planAt(market);
      if (before.obstacle === "None") await fill(market, before.amount > 0n ? ALL : -ALL);
      const legs = pick(120);
      if (!(await traded(trip, 1, legs))) continue;
      await filled(trip);
      const back = legs.map(({ series, amount }) => ({ series, amount: -amount }));
      if (!(await traded(trip, 1, back))) continue;
      await filled(trip);
      trips += 1;
      hedges += trip.log.filter((line) => line.startsWith("filled")).length;
      if (trip.won > closest) closest = trip.won;
      expect(trip.won, `seed ${SEED} trip ${i}\n${trip.log.join("\n")}`).to.be.at.most(0n);
    }
    console.log(
      `        ${trips} trips with ${hedges} fills; closest to a win ${(Number(closest) / 1e6).toFixed(2)} USD`,
    );
    expect(trips, "trips").to.be.at.least(Math.floor(0.4 * SEQUENCES));
    expect(hedges, "fills").to.be.at.least(trips);
  });
});
