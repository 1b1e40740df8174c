import { expect } from "chai";
import { call, networkHelpers, openMarket, put, WAD } from "../../support/pool/fixture.ts";
import { eventsOf } from "../../support/pool/words.ts";
import {
  ALL,
  absolute,
  accountOf,
  expectPlanIsTrue,
  fill,
  fillOnUniswap,
  HEDGER_PARAMETERS,
  type HedgeMarket,
  NO_LIMIT_BUYING,
  NO_LIMIT_SELLING,
  openHedgeMarket,
  PPM,
  planAt,
  readyToHedge,
  renew,
  traded,
  waitForBound,
} from "../../support/vault/hedge.ts";

const UNIT = 10n ** 12n;

describe("DeltaHedger: fills", () => {
  let market: HedgeMarket;
  beforeEach(async () => {
    market = await readyToHedge();
  });

  for (const [side, series] of [
    ["buys", call(3000)],
    ["sells", put(3000)],
  ] as const) {
    it(`H1: the vault ${side} from ${HEDGER_PARAMETERS.startPpm} ppm better than spot to ${HEDGER_PARAMETERS.boundPpm} ppm worse, in a straight line`, async () => {
      await traded(market, series, 20);
      const { startPpm, boundPpm, duration } = HEDGER_PARAMETERS;
      const sign = side === "buys" ? 1n : -1n;
      const unopened = await planAt(market);
      expect(unopened.price).to.equal((unopened.spot * (PPM - sign * BigInt(startPpm))) / PPM);
      await market.hedger.open!();
      const openedAt = await networkHelpers.time.latest();
      for (const seconds of [60, 150, 240, 300, 400, 3000]) {
        await networkHelpers.time.increaseTo(openedAt + seconds - 15);
        await renew(market);
        const plan = await expectPlanIsTrue(market, openedAt + seconds);
        expect([plan.obstacle, plan.openedAt]).to.deep.equal(["None", openedAt]);
        const part = BigInt(Math.min(seconds, duration));
        const given =
          (part * BigInt(startPpm + boundPpm) * WAD) / BigInt(duration) / PPM -
          (BigInt(startPpm) * WAD) / PPM;
        const price = plan.spot + (sign * plan.spot * given) / WAD;
        expect(absolute(plan.price - price)).to.be.below(10n ** 4n);
        expect(plan.bound).to.equal((plan.spot * (PPM + sign * BigInt(boundPpm))) / PPM);
      }
    });
  }

  it("H1: fills move whole units of a base of 8 decimals, of anybody's money and on Uniswap", async () => {
    market = await openHedgeMarket(20_000n * 10n ** 8n, await openMarket({ baseDecimals: 8 }));
    await traded(market, call(3000), 30);
    await waitForBound(market);
    const { amount } = await expectPlanIsTrue(market);
    const before = await accountOf(market);
    const fills = [await fill(market, amount / 3n), await fillOnUniswap(market, ALL)];
    const after = await accountOf(market);
    const [base, quote] = fills.reduce((sum, one) => [sum[0] + one.base, sum[1] + one.quote], [0n, 0n]);
    expect([base, quote]).to.deep.equal([
      (after[0]! - before[0]!) * market.scale.base,
      (after[2]! - before[2]!) * market.scale.quote,
    ]);
    expect(base).to.be.within(amount - 2n * market.scale.base, amount);
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("InsideBand");
  });

  it("H1: fills tell what they cost against spot, which the epoch's loss adds up", async () => {
    await traded(market, call(3000), 30);
    const { amount, price, spot, minimum } = await waitForBound(market);
    const first = await fill(market, minimum);
    expect([first.base, first.price, first.spot]).to.deep.equal([minimum, price, spot]);
    const rest = await fill(market, ALL);
    expect(first.base + rest.base).to.equal(amount);
    for (const { base, quote, cost } of [first, rest]) {
      expect(quote <= 0n).to.equal(true);
      const exact = -((base * spot) / WAD + quote);
      expect(cost).to.be.within(exact - 1n, exact + UNIT);
      expect(cost * PPM).to.be.closeTo(
        (base * spot * BigInt(HEDGER_PARAMETERS.boundPpm)) / WAD,
        2n * UNIT * PPM,
      );
    }
    expect(await market.hedger.epochLoss!()).to.equal(first.cost + rest.cost);
    // Until 09:00 UTC.
    const nineAt = Math.floor((await networkHelpers.time.latest()) / 86_400) * 86_400 + 33 * 3600;
    await networkHelpers.time.increaseTo(nineAt - 1);
    expect(await market.hedger.epochLoss!()).to.equal(first.cost + rest.cost);
    await networkHelpers.time.increaseTo(nineAt);
    expect(await market.hedger.epochLoss!()).to.equal(0n);
  });

  it("H1: past the epoch's loss cap only the wider band hedges, which goes on", async () => {
    const { hedger } = market;
    await hedger.setParameters!({ ...HEDGER_PARAMETERS, lossCapPpm: 100, boundPpm: 1300 });
    // 100 ppm of a million are 100 USD: 26 base bought at the bound.
    await traded(market, call(2600), 60);
    let plan = await waitForBound(market);
    const narrow = plan.band;
    expect(plan.amount).to.be.greaterThan(27n * WAD);
    await fill(market, 27n * WAD);
    expect(await hedger.epochLoss!()).to.be.greaterThan(100n * WAD);
    plan = await expectPlanIsTrue(market);
    expect([plan.isPastLossCap, plan.band]).to.deep.equal([true, 2n * narrow]);
    const { deltaAfter } = await fill(market, ALL);
    expect(-deltaAfter).to.be.within(2n * narrow, 2n * narrow + 10n ** 9n);
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("InsideBand");
  });

  it("H3: a fill ends at the band's edge on its own side, and asks for no more than the smallest", async () => {
    const { own, hedger } = market;
    for (const series of [call(3000), put(3400)]) {
      await traded(market, series, 50);
      const { amount, minimum, band } = await waitForBound(market);
      const sign = amount > 0n ? 1n : -1n;
      const limit = amount > 0n ? NO_LIMIT_BUYING : NO_LIMIT_SELLING;
      for (const wrong of [sign * (minimum - 1n), -amount, 0n])
        await expect(own.fill!(wrong, limit, own))
          .to.be.revertedWithCustomError(hedger, "Hedger_AmountInvalid")
          .withArgs(wrong, minimum, amount);
      const { deltaBefore, deltaAfter } = await fill(market, sign * ALL);
      expect(deltaAfter).to.equal(deltaBefore + amount);
      expect(absolute(deltaAfter)).to.be.within(band, band + 10n ** 9n);
      expect(deltaAfter > 0n).to.equal(deltaBefore > 0n);
    }
  });

  it("H2: moves assets between the account, the receiver and the filler, to the unit, and keeps nothing", async () => {
    const { own, hedger, other, baseToken, quoteToken } = market;
    await traded(market, call(3000), 30);
    const { amount, price } = await waitForBound(market);
    const holders = [own, other, hedger];
    const balances = async () =>
      Promise.all(
        holders.flatMap((holder) => [baseToken, quoteToken].map((token) => token.balanceOf!(holder))),
      );
    const [before, books] = [await balances(), await accountOf(market)];
    await own.fill!(amount, 0, other);
    const [after, now] = [await balances(), await accountOf(market)];
    const paid = (amount * price) / WAD / UNIT;
    expect(after.map((balance, i) => balance - before[i])).to.deep.equal([-amount, 0n, 0n, paid, 0n, 0n]);
    expect(now.map((balance, i) => balance - books[i]!)).to.deep.equal([amount, 0n, -paid, 0n]);
  });

  it("respects the filler's own limit on the price", async () => {
    const { own, hedger } = market;
    for (const series of [call(3000), put(3400)]) {
      await traded(market, series, 50);
      const { amount, price } = await waitForBound(market);
      const beyond = price + (amount > 0n ? 1n : -1n);
      await expect(own.fill!(amount, beyond, own))
        .to.be.revertedWithCustomError(hedger, "Hedger_PriceBeyondLimit")
        .withArgs(price, beyond);
      await own.fill!(amount, price, own);
    }
  });

  it("emits the opening with the fill that finds it", async () => {
    await traded(market, call(3000), 30);
    const sent = await market.own.fill!(ALL, 0, market.own);
    const names = eventsOf(market.hedger, await sent.wait()).map(({ name }) => name);
    expect(names).to.deep.equal(["AuctionOpened", "Hedged"]);
  });
});
