import { ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { answers, HOUR, REASONS } from "../../support/oracle/fixture.ts";
import {
  as,
  call,
  DEADLINE,
  EXPIRY,
  leg,
  type Market,
  NO_LIMIT,
  networkHelpers,
  openMarket,
  options,
  post,
  put,
  READY,
  ready,
  refreshAll,
  TENORS,
  TERMS,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { boundsOf, floorOf } from "../../support/pool/floor.ts";

import { LISTED } from "../../support/pool/random.ts";

import {
  FAR,
  HELD,
  holding,
  quoteAt,
  renewFeeds,
  sellBack,
  tradedOf,
  withAverage,
} from "../../support/pool/situations.ts";
import { eventsOf, readBook } from "../../support/pool/words.ts";
import { DAY, QUARANTINE } from "../../support/surface.ts";

const seriesOf = (id: bigint) => LISTED.find(({ series }) => series === id)!;

describe("OptionPool: exits (promise 5)", () => {
  let market: Market;
  beforeEach(async () => {
    market = await holding();
  });

  /** Sells back all of every series; each is paid the floor at least, and exactly that where it decided. */
  async function expectAllSold(): Promise<boolean[]> {
    const { trader, pool, clearinghouse } = market;
    const byFloor: boolean[] = [];
    for (const id of HELD) {
      const at = (await networkHelpers.time.latest()) + 1;
      await networkHelpers.time.setNextBlockTimestamp(at);
      const [bid, reason] = await pool.floorBid!.staticCall(id, { blockTag: "pending" });
      expect(REASONS[Number(reason)]).to.equal("None");
      const amount: bigint = await clearinghouse.balanceOf!(trader, id);
      await networkHelpers.time.setNextBlockTimestamp(at);
      const [sold] = await sellBack(market, trader, [id]);
      const spot = (await answers(market.spot)).alive;
      // What is paid in base counts at S_hi of the bound.
      const worth = -sold!.cost * 10n ** 12n + (sold!.baseProceeds * boundsOf(spot).high) / WAD;
      const floor = (amount * bid) / WAD;
      expect(worth).to.be.at.least(floor - 10n ** 13n);
      if (sold!.isFloor) {
        expect(worth).to.be.closeTo(floor, 10n ** 13n);
        const { value, impact, spread, fee, rentBase, rentQuote } = sold!.parts;
        expect(-value, "all of it value").to.be.closeTo(worth, 10n ** 13n);
        expect([impact, spread, fee, rentBase, rentQuote]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
      }
      byFloor.push(sold!.isFloor);
    }
    for (const id of HELD) expect(await clearinghouse.position!(market.book, id)).to.equal(0n);
    const { baseSum, quoteSum } = await readBook(market);
    expect([baseSum, quoteSum]).to.deep.equal([0n, 0n]);
    return byFloor;
  }

  it("P3: rewards no exit by exposures that are of too long ago, or of another spot, and pays all else", async () => {
    const impactOf = async () => (await quoteAt(market, [leg(call(3000), -3)])).parts.impact;
    const { refreshedAt, refreshedSpot } = (await readBook(market)).expiries[0]!;
    const old = Number(refreshedAt) + TERMS.exposureMaxAge;
    await post(market, { at: old - 10 });
    const fresh = await quoteAt(market, [leg(call(3000), -3)], old);
    expect(fresh.parts.impact).to.be.lessThan(-(WAD / 100n));
    const stale = await quoteAt(market, [leg(call(3000), -3)], old + 1);
    expect(stale.parts.impact).to.equal(0n);
    expect(stale.isFloor).to.equal(false);
    const [paid, full] = [0n - stale.cost, 0n - fresh.cost];
    expect(paid)
      .to.be.lessThan(full)
      .and.greaterThan((full * 9n) / 10n);
    await refreshAll(market);
    expect(await impactOf()).to.be.lessThan(0n);
    // 1 % is the limit of the terms.
    const spot = ((refreshedSpot as bigint) * 1011n) / 1000n;
    await renewFeeds(market, old + 60, (spot * USD) / WAD);
    await post(market, { at: old + 70, spot });
    expect(await impactOf()).to.equal(0n);
    await networkHelpers.mine();
    await refreshAll(market);
    expect(await impactOf()).to.be.lessThan(0n);
  });

  it("S7: exits of an epoch are paid no more beyond the floor than its allowance, which purchases of the epoch enlarge", async () => {
    const { book, pool, trader } = market;
    await book.setTerms!({ ...TERMS, epochExitsBps: 200 });
    const series = call(3000, FAR);
    const { epochExits: before } = await readBook(market);
    const bought = tradedOf(market, await trade(market, trader, [leg(series, 80)]));
    // At the money there is little intrinsic value in the premium.
    const brought = before - (await readBook(market)).epochExits;
    expect(brought).to.be.within((bought.cost * 10n ** 12n * 9n) / 10n, bought.cost * 10n ** 12n);

    await networkHelpers.mine();
    await market.vault.mark!(await post(market, { at: READY + 90 }));
    const { equityLow, epochExits } = await readBook(market);
    expect(epochExits).to.equal(0n);
    const sell = async (amount: number) => {
      const at = (await networkHelpers.time.latest()) + 1;
      await networkHelpers.time.setNextBlockTimestamp(at);
      const [bid] = await pool.floorBid!.staticCall(series, { blockTag: "pending" });
      await networkHelpers.time.setNextBlockTimestamp(at);
      const sold = tradedOf(market, await trade(market, trader, [leg(series, -amount)]));
      return { ...sold, beyond: 0n - sold.parts.value - BigInt(amount) * bid, paid: -sold.cost * 10n ** 12n };
    };
    const first = await sell(10);
    expect(first.isFloor).to.equal(false);
    const counted = (await readBook(market)).epochExits;
    expect(counted).to.be.greaterThan(0n);
    const allowance = equityLow / 50n;
    // Then to the allowance, to the unit, and no further.
    const second = await sell(70);
    expect(second.isFloor).to.equal(true);
    expect(second.beyond).to.equal(allowance - counted);
    expect(second.paid).to.be.closeTo(-second.parts.value, 10n ** 12n);
    const [third] = await sellBack(market, trader, [put(3000, FAR)]);
    expect(third!.isFloor).to.equal(true);
    expect((await readBook(market)).epochExits).to.equal(allowance);

    await networkHelpers.mine();
    await market.vault.mark!(await post(market, { at: READY + 150 }));
    const [fourth] = await sellBack(market, trader, [call(3000)]);
    expect(fourth!.isFloor).to.equal(false);
  });

  it("P9: takes what is left of its reward out of the reserve where a price is cut to the allowance", async () => {
    const { book, pool, trader } = market;
    const series = call(3000, FAR);
    await trade(market, trader, [leg(series, 80)]);
    await networkHelpers.mine();
    await market.vault.mark!(await post(market, { at: READY + 90 }));
    const at = (await networkHelpers.time.latest()) + 2;
    const asked = await networkHelpers.takeSnapshot();
    const whole = await quoteAt(market, [leg(series, -70)], at);
    expect(whole.isFloor).to.equal(false);
    const [bid] = await pool.floorBid!.staticCall(series, { blockTag: "pending" });
    const beyond: bigint = (0n - whole.cost) * 10n ** 12n - 70n * bid;
    const { equityLow, reserve } = await readBook(market);
    // The largest allowance, in whole basis points, that does not suffice.
    const epochExitsBps = (beyond * 10_000n) / equityLow;
    await asked.restore();
    await networkHelpers.time.setNextBlockTimestamp(at - 1);
    await book.setTerms!({ ...TERMS, epochExitsBps });
    const cut = beyond - (equityLow * epochExitsBps) / 10_000n;
    const reward: bigint = 0n - whole.parts.impact;
    expect(reward).to.be.greaterThan(cut);
    await networkHelpers.time.setNextBlockTimestamp(at);
    const sold = tradedOf(market, await trade(market, trader, [leg(series, -70)]));
    expect(sold.isFloor).to.equal(true);
    const paid: bigint = reserve - (await readBook(market)).reserve;
    expect(paid).to.be.closeTo(reward - cut, 2n * 10n ** 12n);
    expect(sold.parts.impact).to.equal(-paid);
    expect(sold.parts.value + sold.parts.impact).to.be.closeTo(sold.cost * 10n ** 12n, 10n ** 12n);
  });

  it("S7: a sale that opens enlarges no allowance of exits", async () => {
    const { trader, clearinghouse, baseToken } = market;
    await as(trader, clearinghouse).deposit!(baseToken, options(5), trader);
    await as(trader, clearinghouse).mint!(call(3400), options(5), trader, trader);
    const { epochExits } = await readBook(market);
    const sold = tradedOf(market, await trade(market, trader, [leg(call(3400), -5)]));
    expect(sold.cost).to.be.lessThan(0n);
    expect((await readBook(market)).epochExits).to.equal(epochExits);
  });

  it("floorBid is its formula, to the unit, over the listed chain, spots and times", async () => {
    for (const [later, dollars] of [
      [60, 3000],
      [2 * HOUR, 2450],
      [3 * DAY, 3777],
      [20 * DAY, 4400],
    ] as const) {
      const from = READY + later;
      await renewFeeds(market, from, BigInt(dollars) * USD);
      const at = from + 2;
      const spot = (await answers(market.spot)).alive;
      expect(spot.reason).to.equal("None");
      let positive = 0;
      for (const series of LISTED) {
        const [bid, reason] = await market.pool.floorBid!(series.series);
        expect(REASONS[Number(reason)]).to.equal("None");
        expect(bid).to.equal(floorOf(series, spot, at));
        if (bid > 0n) positive += 1;
      }
      expect(positive).to.be.greaterThan(0);
    }
  });

  it("S7 P10: a spot that only signers know of sets no floor, however late the feed: one option is no claim on the vault", async () => {
    const { book, pool, trader, clearinghouse, quoteToken } = market;
    const lows = async (at: number) => {
      await post(market, { at, spot: 10n ** 27n });
      const { reducing, alive } = await answers(market.spot);
      return [reducing.low, alive.low];
    };
    // Nobody has poked for an hour, so the signers' spot is the only fresh one, and the late feed counts beside it.
    expect(await lows(READY + 2 * HOUR)).to.deep.equal([3000n * WAD, 3000n * WAD]);
    const at = READY + 8 * HOUR;
    expect(await lows(at)).to.deep.equal([10n ** 27n, 3000n * WAD]);
    const [bid] = await pool.floorBid!(call(3000));
    const { equityLow } = await readBook(market);
    const before = (await clearinghouse.collateral!(book, quoteToken))[0] as bigint;
    const sold = tradedOf(market, await trade(market, trader, [leg(call(3000), -1)]));
    expect(-sold.cost * 10n ** 12n).to.be.at.most(bid + (equityLow * BigInt(TERMS.epochExitsBps)) / 10_000n);
    expect(before - (await clearinghouse.collateral!(book, quoteToken))[0]).to.equal(-sold.cost);
    // And takes none away while the feed is fresh.
    await renewFeeds(market, at + 60, 3600n * USD);
    const honest: bigint = (await pool.floorBid!(call(3000)))[0];
    expect(honest).to.be.greaterThan(300n * WAD);
    await post(market, { at: at + 70, spot: 1n });
    // A fraction of a minute of carry.
    expect(honest - (await pool.floorBid!(call(3000)))[0]).to.be.within(-(10n ** 16n), 10n ** 16n);
  });

  it("P10: sells back by a spot that only signers know of where nothing else is alive, within the allowance", async () => {
    const at = READY + 5 * DAY;
    await post(market, { at, spot: 3000n * WAD, tenors: TENORS.filter((days) => days >= 25) });
    const { reducing, alive } = await answers(market.spot);
    expect([reducing.reason, alive.reason]).to.deep.equal(["None", "NoLiveSource"]);
    const { equityLow, epochExits } = await readBook(market);
    const sold = tradedOf(market, await trade(market, market.trader, [leg(call(3000), -3)]));
    expect(sold.baseProceeds).to.equal(0n);
    const allowance = (equityLow * BigInt(TERMS.epochExitsBps)) / 10_000n - epochExits;
    expect(-sold.cost * 10n ** 12n).to.be.within(WAD, allowance);
    // Without free quote nothing is paid, and nothing of the allowance spent on it.
    const { vault, quoteToken, clearinghouse, book, owner } = market;
    const [balance, locked] = await clearinghouse.collateral!(book, quoteToken);
    await vault.withdraw!(quoteToken, balance - locked, owner);
    const spent = (await readBook(market)).epochExits;
    await post(market, { at: at + 60, spot: 3000n * WAD, tenors: TENORS.filter((days) => days >= 25) });
    const unpaid = tradedOf(market, await trade(market, market.trader, [leg(call(2400), -3)]));
    expect([unpaid.cost, unpaid.baseProceeds, unpaid.parts.value]).to.deep.equal([0n, 0n, 0n]);
    expect((await readBook(market)).epochExits).to.equal(spent);
  });

  it("floorBid answers for series of its own market alone", async () => {
    const other = call(3000) + (1n << 161n);
    const [bid, reason] = await market.pool.floorBid!(other);
    expect([bid, REASONS[Number(reason)]]).to.deep.equal([0n, "MarketUnknown"]);
  });

  it("floorBid says why where no spot is alive", async () => {
    await networkHelpers.time.increaseTo(READY + 77 * HOUR);
    const [bid, reason] = await market.pool.floorBid!(call(2400));
    expect([bid, REASONS[Number(reason)]]).to.deep.equal([0n, "NoLiveSource"]);
  });

  it("P10: pays the price of the surface while it holds, above the floor", async () => {
    expect(await expectAllSold()).to.deep.equal(HELD.map(() => false));
  });

  for (const days of [1, 7, 20]) {
    it(`P10: pays the floor when the signers have been silent for ${days} days and a feed speaks`, async () => {
      await renewFeeds(market, READY + days * DAY);
      expect(await expectAllSold()).to.deep.equal(HELD.map(() => true));
    });
  }

  it("P10: pays by sources that are late, within three days of the last word", async () => {
    await networkHelpers.time.increaseTo(READY + 71 * HOUR);
    expect((await answers(market.spot)).reducing.reason).to.equal("NoLiveSource");
    expect(await expectAllSold()).to.deep.equal(HELD.map(() => true));
  });

  it("P10: pays with the signers revoked, the pool and the Clearinghouse paused, and the vault wound down", async () => {
    await market.control.grantRole!(ROLES.guardian, market.owner, 0);
    await market.surface.revokeSigners!(1);
    await market.pool.pause!();
    await market.clearinghouse.pause!();
    await market.vault.windDown!();
    expect(await expectAllSold()).to.deep.equal(HELD.map(() => true));
  });

  it("P10: pays with the pool and the Clearinghouse paused, by the surface", async () => {
    await market.pool.pause!();
    await market.clearinghouse.pause!();
    expect(await expectAllSold()).to.deep.equal(HELD.map(() => false));
  });

  for (const dollars of [1000, 1900, 4600, 20_000]) {
    it(`P10: pays with spot at ${dollars}, by a fresh report of it`, async () => {
      await renewFeeds(market, READY + HOUR, BigInt(dollars) * USD);
      await post(market, { at: READY + HOUR + 20, spot: BigInt(dollars) * WAD });
      await expectAllSold();
    });
  }

  it("P10: pays in the last minute before the settlement window", async () => {
    const near = HELD.filter((id) => seriesOf(id).expiryAt === EXPIRY);
    const at = EXPIRY - 31 * 60;
    await renewFeeds(market, at - 100, 3333n * USD);
    await post(market, { at: at - 50, spot: 3333n * WAD, tenors: TENORS.filter((days) => days > 25) });
    await networkHelpers.time.setNextBlockTimestamp(at);
    await networkHelpers.mine();
    const sold = await sellBack(market, market.trader, near);
    expect(sold.map(({ cost, baseProceeds }) => cost === 0n && baseProceeds === 0n)).to.deep.equal(
      near.map(
        (id) => floorOf(seriesOf(id), { low: 3333n * WAD, high: 3333n * WAD, deviation: 0n }, at) === 0n,
      ),
    );
  });

  it("takes back the whole written amount in one trade, and a wei more is an opening", async () => {
    await as(market.other, market.pool).trade!([leg(call(3000), 2)], NO_LIMIT, DEADLINE, market.trader, "0x");
    await networkHelpers.time.increaseTo(READY + 600);
    const all = [{ series: call(3000), amount: -options(5) }];
    expect((await quoteAt(market, all)).refusal).to.equal(0n);
    expect((await quoteAt(market, [{ series: call(3000), amount: -options(5) - 1n }])).refusal).to.equal(12n);
    await trade(market, market.trader, all);
    expect(await market.clearinghouse.position!(market.book, call(3000))).to.equal(0n);
  });

  it("P10: goes by the floor, not by a smile that signers have written and not proved", async () => {
    await post(market, { at: READY + 60, vol: 0.95 });
    expect(await expectAllSold()).to.deep.equal(HELD.map(() => true));
  });

  it("tells of an exit that is paid for a part the parts of that part, which make its cost", async () => {
    market = await ready();
    const { trader, clearinghouse, baseToken } = market;
    for (const later of [60, 120, QUARANTINE + 180]) await post(market, { at: READY + later, vol: 0.14 });
    await refreshAll(market);
    const far = call(3400);
    await trade(market, trader, [leg(far, 40)]);
    // As much vega at the money as brings the book so far down that the option's worth ends where half of it is sold.
    await as(trader, clearinghouse).deposit!(baseToken, options(50), trader);
    await as(trader, clearinghouse).mint!(call(3000), options(50), trader, trader);
    await refreshAll(market);
    await trade(market, trader, [leg(call(3000), -46)]);
    const { parts, cost, legs } = await quoteAt(market, [leg(far, -40)]);
    const whole = Number(legs[0].value) * 40;
    const part = -Number(parts.value) / whole;
    expect(part).to.be.within(0.2, 0.8);
    const sum = [parts.impact, parts.spread, parts.fee, parts.rentBase, parts.rentQuote].reduce(
      (all: bigint, one: bigint) => all + one,
      parts.value as bigint,
    );
    expect(sum).to.be.lessThan(0n);
    // The allowance for cuts, and a unit of the quote asset.
    expect((cost as bigint) * 10n ** 12n - sum).to.be.within(0n, 2n * 10n ** 12n);
  });

  describe("without free quote", () => {
    beforeEach(async () => {
      const { vault, quoteToken, clearinghouse, book, owner } = market;
      const [balance, locked] = await clearinghouse.collateral!(book, quoteToken);
      await vault.withdraw!(quoteToken, balance - locked, owner);
    });

    for (const isStale of [false, true]) {
      it(`P10: pays puts by what they free and calls in base, ${isStale ? "at the floor" : "by the surface"}`, async () => {
        if (isStale) await renewFeeds(market, READY + DAY, 3300n * USD);
        const { clearinghouse, book, quoteToken, trader } = market;
        const before = await market.baseToken.balanceOf!(trader);
        const deep = isStale ? call(2400) : call(3000);
        const [sold] = await sellBack(market, trader, [deep]);
        expect(sold!.cost).to.equal(0n);
        expect(sold!.baseProceeds).to.be.greaterThan(0n);
        expect(sold!.baseProceeds, "no more than the cover freed").to.be.lessThan(options(3));
        expect((await market.baseToken.balanceOf!(trader)) - before).to.equal(sold!.baseProceeds);
        const [put_] = await sellBack(market, trader, [put(3800)]);
        expect(0n - put_!.cost).to.be.greaterThan(isStale ? 0n : 1000n * 10n ** 6n);
        expect(put_!.baseProceeds).to.equal(0n);
        const [balance, locked] = await clearinghouse.collateral!(book, quoteToken);
        expect(balance).to.be.at.least(locked);
      });
    }

    for (const average of [null, 2936])
      it(`P8: counts base proceeds at the lowest live spot against the taker's limit${average === null ? "" : ", were it an average that lags"}`, async () => {
        if (average !== null) {
          await (await withAverage(market))(average);
          await post(market, { at: (await networkHelpers.time.latest()) + 1 });
        }
        const { pool, trader } = market;
        const legs = [leg(call(3000), -3)];
        const { baseProceeds, cost, parts } = await quoteAt(market, legs);
        expect(cost).to.equal(0n);
        const worth = ((baseProceeds as bigint) * (parts.spotLow as bigint)) / WAD / 10n ** 12n;
        const at = (await networkHelpers.time.latest()) + 1;
        await networkHelpers.time.setNextBlockTimestamp(at);
        await expect(
          as(trader, pool).trade!(legs, -worth - 1n, DEADLINE, trader, "0x"),
        ).to.be.revertedWithCustomError(pool, "Pool_CostAboveLimit");
        await networkHelpers.time.setNextBlockTimestamp(at);
        const receipt = await (await as(trader, pool).trade!(legs, -worth, DEADLINE, trader, "0x")).wait();
        expect(tradedOf(market, receipt!).baseProceeds).to.equal(baseProceeds);
      });

    it("P8: at the floor tells a spot below the one that base counts at, so that a limit by the quote passes", async () => {
      await renewFeeds(market, READY + DAY, 3300n * USD);
      const { pool, trader } = market;
      const legs = [leg(call(2400), -3)];
      const { baseProceeds, cost, parts, isFloor } = await quoteAt(market, legs);
      expect([cost, isFloor]).to.deep.equal([0n, true]);
      const worth = ((baseProceeds as bigint) * (parts.spotLow as bigint)) / WAD / 10n ** 12n;
      // A margin of 2 % and the feed's threshold.
      const trading = as(trader, pool).trade!;
      await expect(
        trading(legs, (-worth * 104n) / 100n, DEADLINE, trader, "0x"),
      ).to.be.revertedWithCustomError(pool, "Pool_CostAboveLimit");
      await trading.staticCall(legs, (-worth * 102n) / 100n, DEADLINE, trader, "0x");
      const receipt = await (await trading(legs, -worth, DEADLINE, trader, "0x")).wait();
      expect(tradedOf(market, receipt!).baseProceeds).to.equal(baseProceeds);
    });

    it("P10: pays in a base of 8 decimals as in one of 18, rounded down to its unit", async () => {
      const paid: { bought: bigint; cost: bigint; base: bigint }[] = [];
      for (const baseDecimals of [18, 8]) {
        market = await openMarket({ baseDecimals });
        const { vault, quoteToken, clearinghouse, book, owner, trader, scale } = market;
        await networkHelpers.time.setNextBlockTimestamp(READY + 60);
        const bought = tradedOf(
          market,
          await trade(market, trader, [leg(call(3000), 3), leg(put(3800), 3)]),
        ).cost;
        const [balance, locked] = await clearinghouse.collateral!(book, quoteToken);
        await vault.withdraw!(quoteToken, balance - locked, owner);
        await networkHelpers.time.setNextBlockTimestamp(READY + 90);
        const [{ cost, baseProceeds }] = (await sellBack(market, trader, [call(3000)])) as [
          ReturnType<typeof tradedOf>,
        ];
        expect(baseProceeds).to.be.greaterThan(0n);
        paid.push({ bought, cost, base: baseProceeds * scale.base });
      }
      const [usual, coarse] = paid as [(typeof paid)[0], (typeof paid)[0]];
      expect(coarse).to.deep.equal({ ...usual, base: usual.base - (usual.base % 10n ** 10n) });
    });

    it("P10: takes back every series, one after the other", async () => {
      await expectAllSold();
    });
  });

  it("moves only the sums where no smile can say more, and the next refresh does the rest", async () => {
    // The strike is below a 16th of it, where no option is priced.
    await renewFeeds(market, READY + HOUR, 60_000n * USD);
    const before = await readBook(market);
    const receipt = await trade(market, market.trader, [leg(put(2400), -3)]);
    expect(tradedOf(market, receipt).cost).to.equal(0n);
    const [, sold] = eventsOf(market.pool, receipt);
    expect([...sold!.args.leg], "no value, no greeks").to.deep.equal([0n, 0n, 0n, 0n]);
    const after = await readBook(market);
    expect(before.baseSum - after.baseSum).to.equal(options(3));
    expect(before.quoteSum - after.quoteSum).to.equal(options(3) * 2400n);
    expect(after.vega).to.equal(before.vega);
    await networkHelpers.mine();
    await refreshAll(market);
    expect((await readBook(market)).vega).to.not.equal(after.vega);
  });
});
