import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import {
  type AnyContract,
  call,
  DEADLINE,
  EXPIRY,
  expiryIn,
  leg,
  MARKET,
  NO_LIMIT,
  networkHelpers,
  post,
  put,
  speakingFor,
  TENORS,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import { renewFeeds } from "../../support/pool/situations.ts";
import { readBook } from "../../support/pool/words.ts";
import {
  ALL,
  absolute,
  accountOf,
  expectPlanIsTrue,
  fill,
  type HedgeMarket,
  planAt,
  readyToHedge,
  renew,
  tick,
  traded,
} from "../../support/vault/hedge.ts";

const UNIT = 10n ** 12n;

describe("DeltaHedger: the plan says why there is nothing to fill, and a fill is refused by the same", () => {
  let market: HedgeMarket;
  beforeEach(async () => {
    market = await readyToHedge();
  });

  it("H4: there is nothing to fill inside the band", async () => {
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("InsideBand");
    await traded(market, call(3000), 1);
    const { obstacle, delta, band, openedAt } = await expectPlanIsTrue(market);
    expect([obstacle, openedAt]).to.deep.equal(["InsideBand", 0]);
    expect(delta < 0n && -delta < band).to.equal(true);
  });

  it("H4: there is nothing to fill in the block of a trade, whatever it did", async () => {
    const { hedger, pool, own, quoteToken } = market;
    await traded(market, call(3000), 20);
    await own.act!(quoteToken, quoteToken.interface.encodeFunctionData("approve", [pool.target, 2n ** 255n]));
    await renew(market);
    const trades = [[leg(call(3000), 0.1)], NO_LIMIT, DEADLINE, own.target, "0x"];
    await expect(own.actAndFill!(pool, pool.interface.encodeFunctionData("trade", trades), ALL))
      .to.be.revertedWithCustomError(hedger, "Hedger_Refused")
      .withArgs(3);
  });

  it("H4: there is nothing to fill without a young report, with exposures too old for an opening, and where sources disagree", async () => {
    await traded(market, call(3000), 20);
    const posted = (await market.surface.surface!(MARKET)).reportAt as bigint;
    expect((await expectPlanIsTrue(market, Number(posted) + 30)).obstacle).to.equal("None");
    expect((await expectPlanIsTrue(market, Number(posted) + 31)).obstacle).to.equal("SpotOld");
    // Young again, the exposures now another 1 % of spot away.
    const at = (await networkHelpers.time.latest()) + 60;
    await post(market, { at, spot: 3031n * WAD });
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("ExposuresOld");
    await market.baseFeed.transmit(2940n * USD);
    await renew(market, 3031);
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("SpotsDisagree");
  });

  it("S7 H4: there is nothing to fill around a spot of signers that are revoked, by which no refresh goes either", async () => {
    const { control, surface, book, owner, expiries } = market;
    await control.grantRole!(ROLES.guardian, owner, 0);
    await traded(market, call(3000), 20);
    await renew(market, 3020);
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("None");
    await tick();
    await surface.revokeSigners!(MARKET);
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("SpotsDisagree");
    await book.refresh!([...expiries]);
    expect((await book.need!()).refreshedSpot).to.equal(3000n * WAD);
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("SpotsDisagree");
  });

  it("H8: wants a refresh of the last minute in the settlement window, and not beyond the expiry or where nothing is written", async () => {
    const { book, expiries } = market;
    const [near] = expiries as [number];
    /** The obstacle, so long after a refresh at a time of which feeds and report are. */
    async function obstacleAt(at: number, later: number, refreshed: number[]): Promise<string> {
      await renewFeeds(market, at - 10);
      const tenors = TENORS.filter((days) => expiryIn(days) > at + 1800);
      await post(market, { at: at - 6, tenors });
      await networkHelpers.time.setNextBlockTimestamp(at);
      await book.refresh!(refreshed);
      await post(market, { at: at + later - 10, tenors });
      return (await planAt(market, at + later)).obstacle;
    }
    const all = [...expiries];
    const snapshot = await networkHelpers.takeSnapshot();
    // Nothing is written there.
    expect(await obstacleAt(near - 1200, 61, all)).to.equal("InsideBand");
    await snapshot.restore();
    await traded(market, call(2600), 20);
    expect(await obstacleAt(near - 1200, 60, all)).to.not.equal("ExposuresOld");
    expect(await obstacleAt(near - 900, 61, all)).to.equal("ExposuresOld");
    // Seen before the expiry it falls on; seen after it, it does not.
    expect(await obstacleAt(near - 10, 61, all)).to.equal("ExposuresOld");
    expect(await obstacleAt(near + 60, 61, all)).to.not.equal("ExposuresOld");
    expect(await obstacleAt(near + 200, 601, all)).to.equal("ExposuresOld");
  });

  it("H4: there is nothing to fill where the feed is silent, and the signers would be alone", async () => {
    await traded(market, call(3000), 20);
    await networkHelpers.time.increase(66 * 60);
    await renew(market);
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("SpotSilent");
    const now = await networkHelpers.time.latest();
    await renewFeeds(market, now + 1);
    await renew(market);
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("None");
  });

  it("H4 H8: there is nothing to fill for want of quote that is neither locked nor reserve nor unreleased rent, and of base that is not locked", async () => {
    const { vault, clearinghouse, quoteToken, baseToken, owner, book } = market;
    const asVault = await speakingFor(vault, clearinghouse);
    const taken = (token: AnyContract, assets: bigint) => asVault.withdraw!(token, assets, book, owner);
    await traded(market, call(3000), 20);
    const { reserve } = await readBook(market);
    const rents = await Promise.all(market.expiries.map((expiryAt) => book.rent!(expiryAt)));
    const rent: bigint = rents.reduce((sum, [one, other]) => sum + one + other, 0n);
    expect(reserve > 0n && rent > 0n).to.equal(true);
    const [, , quote, locked] = await accountOf(market);
    // Just what is reserved stays: nothing to buy base with.
    const reserved = (reserve + rent + UNIT - 1n) / UNIT;
    await taken(quoteToken, quote! - locked! - reserved);
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("NoFreeQuote");
    // Twelve thousand more, and the plan spends them to the last unit.
    await vault.fund!(quoteToken, 12_000n * 10n ** 6n);
    const { obstacle, amount, price } = await expectPlanIsTrue(market);
    expect(obstacle).to.equal("None");
    expect((amount * price) / WAD).to.be.within(12_000n * WAD - 10n ** 13n, 12_000n * WAD);
    // Of base, what is free when all of it has been taken out: nothing.
    await vault.fund!(quoteToken, 400_000n * 10n ** 6n);
    await traded(market, put(3400), 80);
    const [base, lockedBase] = await accountOf(market);
    await vault.withdraw!(baseToken, base! - lockedBase!, owner);
    const at = (await networkHelpers.time.latest()) + 1;
    await vault.mark!(await post(market, { at }));
    await networkHelpers.mine();
    await renew(market);
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("NoFreeBase");
  });

  it("H4 H8: there is nothing to fill until a settled expiry is realized, and the hedge goes on afterwards as if nothing had happened", async () => {
    const { book, settlement, trader } = market;
    await trade(market, trader, [leg(call(2600), 40)]);
    await networkHelpers.mine();
    await renewFeeds(market, EXPIRY - 3600, 3000n * USD);
    await market.baseFeed.transmit(3000n * USD, EXPIRY - 1900);
    await market.quoteFeed.transmit(USD, EXPIRY - 1890);
    const walkableAt = EXPIRY + ROUND_LAG_SECONDS;
    await market.baseFeed.transmit(3000n * USD, walkableAt + 20);
    await market.quoteFeed.transmit(USD, walkableAt + 30);
    await market.spot.poke!(MARKET);
    await renew(market, 3000, 0.6, [53, 88, 144]);
    const before = await expectPlanIsTrue(market);
    expect(before.obstacle).to.equal("None");
    await fill(market, before.amount);
    const hedged = await planAt(market);
    expect(hedged.obstacle).to.equal("InsideBand");
    const rounds = async (feed: typeof market.baseFeed) => {
      const [last] = await feed.proxy.latestRoundData!();
      return last as bigint;
    };
    const first = [(await rounds(market.baseFeed)) - 1n, (await rounds(market.quoteFeed)) - 1n];
    await settlement.walk!(MARKET, EXPIRY, ...first, 10);
    await renew(market, 3000, 0.6, [53, 88, 144]);
    expect((await expectPlanIsTrue(market)).obstacle).to.equal("NotRealized");
    await book.realize!(EXPIRY);
    await renew(market, 3000, 0.6, [53, 88, 144]);
    const after = await expectPlanIsTrue(market);
    // What the expiry took it owed before: nothing is left to trade again.
    expect(absolute(after.delta - hedged.delta)).to.be.below(10n ** 10n);
    expect(after.obstacle).to.equal("InsideBand");
  });
});
