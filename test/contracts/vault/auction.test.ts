import { expect } from "chai";
import { call, expiryIn, leg, networkHelpers, put, trade } from "../../support/pool/fixture.ts";
import { renewFeeds } from "../../support/pool/situations.ts";
import {
  ALL,
  absolute,
  expectPlanIsTrue,
  fill,
  gapTo,
  type HedgeMarket,
  planAt,
  readyToHedge,
  renew,
  traded,
  waitForBound,
} from "../../support/vault/hedge.ts";

describe("DeltaHedger: the auction", () => {
  let market: HedgeMarket;
  beforeEach(async () => {
    market = await readyToHedge();
  });

  it("H6: tiny, repeated and withheld fills leave the clock as it is, and new excess enters at its beginning", async () => {
    const { hedger } = market;
    await traded(market, call(3000), 60);
    await expect(hedger.open!()).to.emit(hedger, "AuctionOpened");
    const openedAt = await networkHelpers.time.latest();
    await expect(hedger.open!()).to.not.emit(hedger, "AuctionOpened");
    for (let i = 0; i < 5; i++) {
      await networkHelpers.time.increase(10);
      await renew(market);
      const { minimum } = await planAt(market);
      await fill(market, minimum);
      expect((await planAt(market)).openedAt).to.equal(openedAt);
    }
    await networkHelpers.time.increase(60);
    await renew(market);
    const before = await planAt(market);
    const grown = async () => {
      await trade(market, market.trader, [leg(call(3000), 20)]);
      await networkHelpers.mine();
      await renew(market);
      await hedger.open!();
      return planAt(market);
    };
    const after = await grown();
    const now = await networkHelpers.time.latest();
    // The mean age of what is to be hedged, the new part's being zero.
    const age = ((now - openedAt) * Number(before.amount)) / Number(after.amount);
    expect(now - after.openedAt).to.be.closeTo(Math.round(age), 2);
    await waitForBound(market);
    await fill(market, ALL);
    const { obstacle, openedAt: ended } = await planAt(market);
    expect([obstacle, ended]).to.deep.equal(["InsideBand", 0]);
  });

  it("H6: keeps the clock of what is left, were it the smallest unit, and stops it with nothing left", async () => {
    for (const [series, unit] of [
      [call(3000), 10n ** 9n],
      [put(3400), -(10n ** 9n)],
    ] as const) {
      await traded(market, series, 80);
      await market.hedger.open!();
      const openedAt = await networkHelpers.time.latest();
      await networkHelpers.time.increase(100);
      await renew(market);
      const { amount } = await planAt(market);
      await fill(market, amount - unit);
      const left = await planAt(market);
      expect([left.amount, left.openedAt]).to.deep.equal([unit, openedAt]);
      await fill(market, unit);
      expect((await planAt(market)).openedAt).to.equal(0);
    }
  });

  it("H6: an auction ends when delta is seen inside the band, by anyone, and nobody looks while nobody can say what it is", async () => {
    const { hedger, trader } = market;
    await traded(market, call(3000), 30);
    await hedger.open!();
    await networkHelpers.time.increase(100);
    await trade(market, trader, [leg(call(3000), -30)]);
    await networkHelpers.mine();
    await renew(market);
    await hedger.open!();
    await traded(market, call(3000), 30);
    const now = await networkHelpers.time.latest();
    expect((await planAt(market, now + 1)).openedAt).to.equal(now + 1);
    await networkHelpers.time.increase(31);
    await expect(hedger.open!()).to.be.revertedWithCustomError(hedger, "Hedger_Refused").withArgs(4);
  });

  it("H7: with nobody hedging for a month exits and settlement work, and then the first who comes fills", async () => {
    const { trader, pool } = market;
    const far = expiryIn(88);
    await trade(market, trader, [leg(call(3000, far), 40), leg(put(2600, far), 5)]);
    const month = (await networkHelpers.time.latest()) + 30 * 86_400;
    await renewFeeds(market, month);
    await trade(market, trader, [leg(call(3000, far), -5)]);
    expect(await pool.floorBid!(call(3000, far))).to.not.equal(undefined);
    await networkHelpers.mine();
    await renew(market, 3000, 0.6, [53, 88, 144]);
    const plan = await expectPlanIsTrue(market);
    expect(plan.obstacle).to.equal("None");
    // Nobody had opened the auction: it begins now.
    expect(plan.openedAt).to.equal((await networkHelpers.time.latest()) + 1);
    await fill(market, ALL);
  });

  it("hedges after a gap of 30 % between two blocks, either way", async () => {
    await traded(market, call(3000), 40);
    await fill(market, ALL);
    for (const spot of [3900, 2730]) {
      await gapTo(market, spot);
      const plan = await expectPlanIsTrue(market);
      expect(plan.obstacle).to.equal("None");
      const { deltaAfter } = await fill(market, plan.amount);
      expect(absolute(deltaAfter)).to.be.within(plan.band, plan.band + 10n ** 9n);
      expect((await expectPlanIsTrue(market)).obstacle).to.equal("InsideBand");
    }
  });
});
