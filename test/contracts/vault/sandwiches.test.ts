import { expect } from "chai";
import { deploy } from "../../support/oracle/fixture.ts";
import { networkHelpers, trade, WAD } from "../../support/pool/fixture.ts";
import { ALL, fill, type HedgeMarket, planAt } from "../../support/vault/hedge.ts";
import { openVault, SIDES } from "../../support/vault/market.ts";
import { FIRST, LAST, Sandwich, type SandwichMarket, SERIES } from "../../support/vault/sandwich.ts";
import { uniform } from "../pricing/points.ts";

const isDeep = process.env.MENISCUS_DEEP === "1";
const SEQUENCES = Number(process.env.MENISCUS_SEQUENCES ?? (isDeep ? 300 : 10));
const SEED = BigInt(process.env.MENISCUS_SEED ?? 5);
/** Spots at which what was won is counted, the worst of them: the reports' noise about 3,000. */
const SPOTS = [29_976n, 30_000n, 30_024n].map((tenths) => (tenths * WAD) / 10n);

async function world(): Promise<SandwichMarket> {
  const market = await openVault();
  const own = await deploy("TestFiller", market.hedger);
  await market.baseToken.mint!(own, 10_000n * WAD);
  await market.quoteToken.mint!(own, 10n ** 14n);
  return { ...market, own };
}

/** Honest traders buy, and honest fillers hedge it. */
async function honest(sandwich: Sandwich): Promise<void> {
  const { market } = sandwich;
  for (let i = Math.floor(sandwich.next() * 4); i > 0; i--) {
    await networkHelpers.mine();
    const legs = [
      { series: sandwich.pick(SERIES), amount: BigInt(Math.round(5 + 40 * sandwich.next())) * WAD },
    ];
    if ((await market.pool.quote!(legs)).refusal === 0n) await trade(market, market.trader, legs);
  }
  await sandwich.look((await networkHelpers.time.latest()) + 61, false);
  const { obstacle, amount } = await planAt(market as unknown as HedgeMarket);
  if (obstacle === "None") await fill(market as unknown as HedgeMarket, amount > 0n ? ALL : -ALL);
}

describe("LiquidityVault: a search for sandwiches of epochs", function () {
  this.timeout(0);

  it("P3 V3 V9 V10: nobody wins by requests, trades, hedges, gifts and the choice of report around cut-offs", async () => {
    const market = await world();
    const snapshot = await networkHelpers.takeSnapshot();
    const totals: Record<string, number> = {};
    let [closest, finished] = [-(10n ** 40n), 0];
    for (let i = 0; i < SEQUENCES; i++) {
      if (i > 0) await snapshot.restore();
      const sandwich = new Sandwich(market, uniform(SEED * 1_000_000n + BigInt(i)));
      await honest(sandwich);
      const before = await sandwich.hand();
      await sandwich.day(FIRST, 3 + Math.floor(sandwich.next() * 6));
      await sandwich.day(FIRST + 1, Math.floor(sandwich.next() * 5));
      for (let day = FIRST + 2; day <= LAST && !(await sandwich.isOut()); day++)
        await sandwich.day(day, 0, true);
      for (const [name, count] of Object.entries(sandwich.counts)) totals[name] = (totals[name] ?? 0) + count;
      if (!(await sandwich.isOut())) continue;
      finished += 1;
      const after = await sandwich.hand();
      const gain = SIDES.map((side) => after[side] - before[side] - sandwich.rent[side]);
      const won = SPOTS.map((spot) => (gain[0]! * spot) / WAD + gain[1]!).reduce((most, one) =>
        one > most ? one : most,
      );
      if (won > closest) closest = won;
      expect(
        won <= 0n,
        `won ${Number(won) / 1e18} USD, seed ${SEED}, sequence ${i}\n${sandwich.log.join("\n")}`,
      ).to.equal(true);
    }
    const told = Object.entries(totals).map(([name, count]) => `${count} x ${name}`);
    console.log(
      `        ${finished} of ${SEQUENCES} sequences from seed ${SEED} came out whole: ${told.join(", ")}`,
    );
    console.log(`        closest to a win: ${(Number(closest / 10n ** 12n) / 1e6).toFixed(4)} USD`);
    expect(finished).to.be.at.least(Math.ceil(SEQUENCES * 0.8));
    for (const name of ["deposit", "withdrawal", "buy", "sale", "donation", "refresh"])
      expect(totals[name], name).to.be.greaterThan(0);
  });
});
